/*
 * write.c - records to JSON, an event at a time, without spaces.
 *
 * A document is a record a line, or with `array` one array, or, where
 * CB_DOCUMENT_BEGIN gives a path, objects of these names around an array.
 *
 * What was entered is an object, unless the first thing in it is the value
 * ".": then it is that value. What is nothing has no key.
 */
#include "json.h"

static void put(struct cb_output *out, const char *string)
{
	cb_output_put(out, cb_text_of(string));
}

static void put_text(struct cb_output *out, struct cb_text text)
{
	put(out, "\"");
	cb_output_put_json(out, text);
	put(out, "\"");
}

static size_t digits(struct cb_text text, size_t at)
{
	size_t from = at;

	while (at < text.len && text.at[at] >= '0' && text.at[at] <= '9')
		at++;
	return at - from;
}

/* The host sends canonical numbers; one that is not would spoil the whole document. */
static bool is_number(struct cb_text text)
{
	size_t at = text.len && text.at[0] == '-', some = digits(text, at);

	if (!some || (some > 1 && text.at[at] == '0'))
		return false;
	at += some;
	if (at < text.len && text.at[at] == '.') {
		some = digits(text, ++at);
		if (!some)
			return false;
		at += some;
	}
	if (at < text.len && (text.at[at] == 'e' || text.at[at] == 'E')) {
		at++;
		at += at < text.len && (text.at[at] == '+' || text.at[at] == '-');
		some = digits(text, at);
		if (!some)
			return false;
		at += some;
	}
	return at == text.len;
}

static int put_value(const struct cb_event *event, struct cb_output *out, struct cb_error *err)
{
	struct cb_text text = event->text;
	bool is_flag = cb_text_is(text, "true") || cb_text_is(text, "false");

	if (!text.at)
		put(out, "null");
	else if (event->type == CB_VALUE_TEXT)
		put_text(out, text);
	else if (event->type == CB_VALUE_NUMBER ? is_number(text) : is_flag)
		cb_output_put(out, text);
	else
		return cb_fail(
			err, CB_SETUP, "“%.*s”的值不是 JSON 的数字或真假，请检查映射里的 type",
			"the value of '%.*s' is no number or flag of JSON; check its type in "
			"the mapping",
			CB_TEXT_ARG(event->name));
	return CB_OK;
}

/* Whatever stands around the next item: a comma and a key where they belong. */
static int begin_item(struct json *json, struct cb_text name, struct cb_output *out,
		      struct cb_error *err)
{
	size_t at = json->depth_written - 1;

	if (json->open[at].kind == OPEN_TEXT)
		return cb_fail(err, CB_SETUP, "“%.*s”的上级已写成单个的值，不能再有下级",
			       "what '%.*s' stands in was written as a single value and cannot "
			       "have members",
			       CB_TEXT_ARG(name));
	if (json->open[at].kind == OPEN_UNDECIDED) {
		put(out, "{");
		json->open[at].kind = OPEN_OBJECT;
	}
	if (json->open[at].has_items)
		put(out, ",");
	json->open[at].has_items = true;
	if (json->open[at].kind == OPEN_OBJECT) {
		put_text(out, name);
		put(out, ":");
	}
	return CB_OK;
}

static int push(struct json *json, enum json_open kind, struct cb_error *err)
{
	if (json->depth_written == JSON_DEPTH_WRITTEN)
		return cb_fail(err, CB_SETUP, "嵌套超过 %d 层", "nested deeper than %d",
			       JSON_DEPTH_WRITTEN);
	json->open[json->depth_written].kind = kind;
	json->open[json->depth_written].has_items = false;
	json->depth_written++;
	return CB_OK;
}

static int open_item(struct json *json, enum json_open kind, struct cb_text name,
		     struct cb_output *out, struct cb_error *err)
{
	int rc = begin_item(json, name, out, err);

	if (rc != CB_OK)
		return rc;
	if (kind == OPEN_LIST)
		put(out, "[");
	return push(json, kind, err);
}

static int write_value(struct json *json, const struct cb_event *event, struct cb_output *out,
		       struct cb_error *err)
{
	size_t at = json->depth_written - 1;
	int rc;

	if (json->open[at].kind == OPEN_UNDECIDED && cb_text_is(event->name, ".")) {
		json->open[at].kind = OPEN_TEXT;
		return put_value(event, out, err);
	}
	if (!event->text.at)
		return CB_OK;
	rc = begin_item(json, event->name, out, err);
	return rc == CB_OK ? put_value(event, out, err) : rc;
}

static void close_item(struct json *json, struct cb_output *out)
{
	switch (json->open[--json->depth_written].kind) {
	case OPEN_OBJECT:
		put(out, "}");
		break;
	case OPEN_LIST:
		put(out, "]");
		break;
	case OPEN_UNDECIDED:
		put(out, "{}");
		break;
	case OPEN_TEXT:
		break;
	}
}

static void begin_document(struct json *json, struct cb_text path, struct cb_output *out)
{
	json->in_document = true;
	json->in_array = json->array || path.len;
	json->wrapper = json->records_written = 0;
	while (path.len) {
		const char *slash = memchr(path.at, '/', path.len);
		size_t len = slash ? (size_t)(slash - path.at) : path.len;

		put(out, "{");
		put_text(out, (struct cb_text){ path.at, len });
		put(out, ":");
		json->wrapper++;
		path.at += slash ? len + 1 : len;
		path.len -= slash ? len + 1 : len;
	}
	if (json->in_array)
		put(out, "[");
}

static void end_document(struct json *json, struct cb_output *out)
{
	if (json->in_array)
		put(out, "]");
	while (json->wrapper) {
		put(out, "}");
		json->wrapper--;
	}
	if (json->in_array)
		put(out, "\n");
	json->in_document = json->in_array = false;
}

int json_write(void *self, const struct cb_event *event, struct cb_output *out,
	       struct cb_error *err)
{
	struct json *json = self;

	switch (event->kind) {
	case CB_DOCUMENT_BEGIN:
		begin_document(json, event->name, out);
		break;
	case CB_RECORD_BEGIN:
		if (json->in_array && json->records_written)
			put(out, ",");
		put(out, "{");
		json->depth_written = 0;
		return push(json, OPEN_OBJECT, err);
	case CB_LIST_BEGIN:
		return open_item(json, OPEN_LIST, event->name, out, err);
	case CB_ENTER:
		return open_item(json, OPEN_UNDECIDED, event->name, out, err);
	case CB_VALUE:
		return write_value(json, event, out, err);
	case CB_LEAVE:
	case CB_LIST_END:
		close_item(json, out);
		break;
	case CB_RECORD_END:
		close_item(json, out);
		json->records_written++;
		if (json->in_document && !json->in_array)
			put(out, "\n");
		break;
	case CB_DOCUMENT_END:
		end_document(json, out);
		break;
	}
	return CB_OK;
}
