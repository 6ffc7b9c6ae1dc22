/*
 * json.c - yajl's events become nodes.
 */
#include "sim/common/json.h"

#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

struct building {
	struct json *root, *open; /* open: the array or object that is being read */
	char *name;               /* of the member that comes next */
};

static char *copy(const unsigned char *bytes, size_t len)
{
	char *text = strndup((const char *)bytes, len);

	if (!text)
		abort();
	return text;
}

static struct json *add(struct building *b, enum json_kind kind)
{
	struct json *value = calloc(1, sizeof(*value));

	if (!value)
		abort();
	value->kind = kind;
	value->name = b->name;
	value->up = b->open;
	b->name = NULL;
	if (!b->open)
		b->root = value;
	else if (b->open->last)
		b->open->last->next = value;
	else
		b->open->first = value;
	if (b->open) {
		b->open->last = value;
		b->open->count++;
	}
	return value;
}

static int on_null(void *with)
{
	add(with, JSON_NULL);
	return 1;
}

static int on_truth(void *with, int truth)
{
	add(with, truth ? JSON_TRUE : JSON_FALSE);
	return 1;
}

static int on_number(void *with, const char *digits, size_t len)
{
	add(with, JSON_NUMBER)->text = copy((const unsigned char *)digits, len);
	return 1;
}

static int on_string(void *with, const unsigned char *bytes, size_t len)
{
	add(with, JSON_STRING)->text = copy(bytes, len);
	return 1;
}

static int on_name(void *with, const unsigned char *bytes, size_t len)
{
	struct building *b = with;

	b->name = copy(bytes, len);
	return 1;
}

static int on_object(void *with)
{
	struct building *b = with;

	b->open = add(b, JSON_OBJECT);
	return 1;
}

static int on_array(void *with)
{
	struct building *b = with;

	b->open = add(b, JSON_ARRAY);
	return 1;
}

static int on_end(void *with)
{
	struct building *b = with;

	b->open = b->open->up;
	return 1;
}

struct json *json_parse(const char *bytes, size_t len)
{
	static const yajl_callbacks events = { .yajl_null = on_null,
					       .yajl_boolean = on_truth,
					       .yajl_number = on_number,
					       .yajl_string = on_string,
					       .yajl_map_key = on_name,
					       .yajl_start_map = on_object,
					       .yajl_end_map = on_end,
					       .yajl_start_array = on_array,
					       .yajl_end_array = on_end };
	struct building b = { 0 };
	yajl_handle parser = yajl_alloc(&events, NULL, &b);
	yajl_status status = yajl_parse(parser, (const unsigned char *)bytes, len);

	if (status == yajl_status_ok)
		status = yajl_complete_parse(parser);
	yajl_free(parser);
	free(b.name);
	if (status == yajl_status_ok)
		return b.root;
	json_free(b.root);
	return NULL;
}

/* Up and along instead of down into itself: what is nested deep takes no stack. */
void json_free(struct json *value)
{
	while (value) {
		struct json *gone = value;

		if (value->first) {
			value = value->first;
			gone->first = NULL;
			continue;
		}
		value = gone->next ? gone->next : gone->up;
		free(gone->name);
		free(gone->text);
		free(gone);
	}
}

const struct json *json_get(const struct json *object, const char *name)
{
	const struct json *member = object && object->kind == JSON_OBJECT ? object->first : NULL;

	while (member && strcmp(member->name, name) != 0)
		member = member->next;
	return member;
}

const char *json_text(const struct json *object, const char *name)
{
	const struct json *value = json_get(object, name);

	return value && value->kind == JSON_STRING ? value->text : NULL;
}

/* The first member whose name comes after @last in the order of bytes, or NULL. Objects
 * here have tens of members: no need to sort them. */
static const struct json *next_member(const struct json *object, const char *last)
{
	const struct json *best = NULL;

	for (const struct json *m = object->first; m; m = m->next)
		if ((!last || strcmp(m->name, last) > 0) &&
		    (!best || strcmp(m->name, best->name) < 0))
			best = m;
	return best;
}

static void write_object(struct text *out, const struct json *object)
{
	const struct json *member = NULL;

	text_char(out, '{');
	while ((member = next_member(object, member ? member->name : NULL))) {
		if (out->data[out->size - 1] != '{')
			text_char(out, ',');
		text_json(out, member->name);
		text_char(out, ':');
		json_write(out, member);
	}
	text_char(out, '}');
}

void json_write(struct text *out, const struct json *value)
{
	switch (value->kind) {
	case JSON_OBJECT:
		write_object(out, value);
		break;
	case JSON_ARRAY:
		text_char(out, '[');
		for (const struct json *item = value->first; item; item = item->next) {
			if (item != value->first)
				text_char(out, ',');
			json_write(out, item);
		}
		text_char(out, ']');
		break;
	case JSON_STRING:
		text_json(out, value->text);
		break;
	case JSON_NUMBER:
		text_put(out, value->text);
		break;
	default:
		text_put(out, value->kind == JSON_TRUE    ? "true"
			      : value->kind == JSON_FALSE ? "false"
							  : "null");
	}
}
