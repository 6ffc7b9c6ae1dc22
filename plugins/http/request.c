/*
 * request.c - a call from the manifest's elements: connector, stream and the
 * element itself, and what stands further in wins.
 */
#include "http.h"

#include <stdlib.h>
#include <strings.h>

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
	       c == '-' || c == '.';
}

/* Is the word at @at in a hole the name? Moves behind the word. */
static bool is_name(const char **at, const char *name)
{
	const char *from = *at;
	size_t len = strlen(name);

	while (is_word_byte(**at))
		++*at;
	return (size_t)(*at - from) == len && memcmp(from, name, len) == 0;
}

bool mentions(const char *text, const char *name)
{
	bool in_hole = false;

	while (text && *text) {
		if (!in_hole && (text[0] == '{' || text[0] == '}') && text[1] == text[0]) {
			text += 2;
		} else if (in_hole && (*text == '\'' || *text == '"')) {
			const char *close = strchr(text + 1, *text);

			text = close ? close + 1 : text + strlen(text);
		} else if (in_hole && is_word_byte(*text)) {
			if (is_name(&text, name))
				return true;
		} else {
			if (*text == '{' || *text == '}')
				in_hole = *text == '{';
			text++;
		}
	}
	return false;
}

int64_t duration_of(const struct cb_element *element, const char *name, int64_t otherwise)
{
	const char *text = cb_attribute(element, name);
	char *unit;
	int64_t number;

	if (!text)
		return otherwise;
	number = strtoll(text, &unit, 10);
	if (strcmp(unit, "ms") == 0)
		return number;
	switch (*unit) {
	case 's':
		return number * 1000;
	case 'm':
		return number * 60 * 1000;
	case 'h':
		return number * 60 * 60 * 1000;
	case 'd':
		return number * 24 * 60 * 60 * 1000;
	default:
		return otherwise;
	}
}

static bool is_same_part(const struct cb_part *part, enum cb_part_place place, const char *name)
{
	if (part->place != place)
		return false;
	return place == CB_PART_HEADER ? strcasecmp(part->name, name) == 0
				       : strcmp(part->name, name) == 0;
}

static struct cb_part *new_part(struct call *call)
{
	struct cb_part *more;

	if (call->part_count == call->part_room) {
		call->part_room = call->part_room ? 2 * call->part_room : 16;
		more = cb_task_alloc(call->http->task, call->part_room * sizeof(*more));
		if (call->part_count)
			memcpy(more, call->parts, call->part_count * sizeof(*more));
		call->parts = more;
	}
	return &call->parts[call->part_count++];
}

void call_part(struct call *call, enum cb_part_place place, const char *name, const char *value)
{
	for (size_t i = 0; i < call->part_count; i++) {
		if (is_same_part(&call->parts[i], place, name)) {
			call->parts[i].value = value;
			return;
		}
	}
	*new_part(call) = (struct cb_part){ .place = place, .name = name, .value = value };
}

/* Parts of a multipart body stand side by side, also under one name. */
static void add_multi(struct call *call, const struct cb_element *part)
{
	const char *value = cb_attribute(part, "value");

	*new_part(call) = (struct cb_part){ .place = CB_PART_MULTI,
					    .name = cb_attribute(part, "name"),
					    .value = value ? value : "",
					    .file = cb_attribute(part, "file"),
					    .type = cb_attribute(part, "type") };
}

/* Does the template need a value that the step itself, or a later one, takes? */
static bool is_too_early(const struct http *http, size_t step, const char *value)
{
	for (size_t i = step; i < http->step_count; i++)
		for (size_t k = 0; k < http->steps[i].take_count; k++)
			if (mentions(value, http->steps[i].takes[k].as))
				return true;
	return false;
}

static void add_parts(struct call *call, const struct cb_element *from, size_t step)
{
	static const struct {
		const char *name;
		enum cb_part_place place;
	} kinds[] = { { "header", CB_PART_HEADER },
		      { "param", CB_PART_PARAM },
		      { "form", CB_PART_FORM } };

	for (const struct cb_element *at = from ? from->first : NULL; at; at = at->next)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (strcmp(at->name, kinds[i].name) == 0 &&
			    !is_too_early(call->http, step, cb_attribute(at, "value")))
				call_part(call, kinds[i].place, cb_attribute(at, "name"),
					  cb_attribute(at, "value"));
	for (const struct cb_element *at = NULL; (at = cb_child(from, "part", at));)
		add_multi(call, at);
}

static struct cb_text trim(struct cb_text text)
{
	while (text.len && strchr(" \t\r\n", text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len && strchr(" \t\r\n", text.at[text.len - 1]))
		text.len--;
	return text;
}

static void add_body(struct call *call, const struct cb_element *body)
{
	struct cb_text text = trim(body->first ? body->inner : body->text);

	call->body = cb_task_printf(call->http->task, "%.*s", CB_TEXT_ARG(text));
	call->body_type = cb_attribute(body, "type");
}

int call_open(struct call *call, struct http *http, const struct cb_element *element,
	      const struct cb_element *stream, size_t step, struct cb_error *err)
{
	const struct cb_element *body = cb_child(element, "body", NULL);

	*call = (struct call){ .http = http, .element = element };
	add_parts(call, http->manifest, step);
	add_parts(call, stream, step);
	add_parts(call, element, http->step_count);
	if (body)
		add_body(call, body);
	call->timeout_ms = duration_of(element, "timeout", 0);
	call->answer_charset = cb_attribute(element, "charset");
	if (call->answer_charset)
		call->charset =
			cb_task_printf(http->task, "%.*s", (int)strcspn(call->answer_charset, "|"),
				       call->answer_charset);
	call->view = cb_view_new(http->task);
	cb_view_variable(call->view, "status");
	cb_view_variable(call->view, "media");
	return CB_OK;
}
