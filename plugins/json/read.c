/*
 * read.c - JSON to records, straight from yajl's events.
 *
 * Keys are nodes, an array is its key once for each item, arrays in arrays are
 * flat; null and an empty array are nothing, an empty object is an empty node.
 * Numbers, true and false are their text as written. What is kept: for each
 * open object or array the key that its next value has.
 *
 * Records are the objects at the path `records`, at the key `root` (outermost),
 * or, when neither is said, at the top or in an array there. Arrays on the way
 * make no difference. Anything else but null where a record should be is a
 * broken record. Another top-level value may follow without more ado.
 *
 * Lines: when the first value is an object on one line and something follows on
 * another line, the document is NDJSON, and a line that is wrong is a broken
 * record; yajl starts anew with the next. The option `lines` decides before.
 * Otherwise what is wrong ends the document.
 *
 * Places are counted over the bytes that yajl has consumed: a record begins at
 * its "{"; a fault is at the last byte of what yajl could not use (one behind it
 * where a number ends with its piece). Columns are characters.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#define PATH_MAX_STEPS 32
#define OFF_PATH SIZE_MAX

enum mode {
	STREAM,
	DECIDING, /* behind the first object: is this NDJSON? */
	LINES,
};

struct frame {
	bool is_array;
	bool at_records;       /* its next value is a record */
	size_t matched;        /* steps of the path on the way to its next value */
	size_t key, key_len;   /* of its next value, in `keys`; an array has the key it stands at */
	size_t object_matched; /* steps on the way to the object itself */
};

struct reader {
	const struct json *json;
	struct cb_sink *out;
	struct cb_error *err;
	yajl_handle yajl;
	enum mode mode;
	int verdict;         /* of the sink; anything but CB_OK: stop */
	struct cb_error why; /* what is wrong with the value that is being read */

	struct cb_text path[PATH_MAX_STEPS];
	size_t steps;
	struct cb_text root;

	struct frame *frames; /* [0] stands for the document */
	size_t depth;
	size_t record; /* depth of the record's object; 0: outside */
	char *keys;
	size_t key_room;

	const char *chunk;   /* what yajl works on */
	const char *counted; /* in it: `here` is the place of this byte */
	struct cb_place here;
	uint64_t token; /* offset behind the last event: what is held for a token */

	bool is_decided;       /* the first object is behind us */
	bool is_undecided_end; /* it just ended */
	uint32_t first_line;   /* where it began */
	bool has_newline;      /* behind it */
	bool has_content;      /* anything but blanks, in the document or, by lines, in the line */
	bool is_line_broken;
	struct cb_place line; /* where the line begins */
};

/* Move `here` up to a byte of the chunk. */
static void count_to(struct reader *r, const char *to)
{
	const char *at = r->counted, *newline;
	uint32_t columns = 0;

	r->here.offset += (uint64_t)(to - at);
	while ((newline = memchr(at, '\n', (size_t)(to - at)))) {
		r->here.line++;
		r->here.column = 1;
		at = newline + 1;
	}
	for (; at < to; at++)
		columns += ((unsigned char)*at & 0xc0) != 0x80;
	r->here.column += columns;
	r->counted = to;
}

/* Where yajl is, `back` bytes before the next byte that it will read. */
static struct cb_place place_now(struct reader *r, size_t back)
{
	const char *to;

	if (!r->chunk)
		return r->here; /* all bytes are behind us */
	to = r->chunk + yajl_get_bytes_consumed(r->yajl);
	to = (size_t)(to - r->chunk) < back ? r->chunk : to - back;
	if (to > r->counted)
		count_to(r, to);
	return r->here;
}

/* What a callback returns when the value is wrong. */
#define fault(r, ...) (cb_error_set(&(r)->why, CB_BROKEN, __VA_ARGS__), 0)

static struct frame *top(struct reader *r)
{
	return &r->frames[r->depth];
}

static struct cb_text name(struct reader *r)
{
	const struct frame *f = top(r);

	return (struct cb_text){ r->keys + f->key, f->key_len };
}

static void took_token(struct reader *r)
{
	r->token = r->here.offset;
	if (r->chunk)
		r->token += (uint64_t)(r->chunk - r->counted) + yajl_get_bytes_consumed(r->yajl);
}

static int push(struct reader *r, bool is_array)
{
	const struct frame *f = top(r);

	if (r->depth == (size_t)r->json->depth)
		return fault(r, "嵌套超过 %lld 层（depth）；若确有这么深，请调大 depth",
			     "values are nested deeper than %lld (depth); raise depth if the "
			     "document is right",
			     (long long)r->json->depth);
	r->frames[r->depth + 1] = (struct frame){
		.is_array = is_array,
		.at_records = is_array && f->at_records,
		.matched = is_array ? f->matched : OFF_PATH,
		.object_matched = f->matched,
		.key = is_array ? f->key : f->key + f->key_len,
		.key_len = is_array ? f->key_len : 0,
	};
	r->depth++;
	return 1;
}

static int is_too_long(struct reader *r)
{
	return fault(r, "一段文字超过 %lld 字节（text_max）",
		     "a text is longer than %lld bytes (text_max)", (long long)r->json->text_max);
}

static int take_scalar(struct reader *r, struct cb_text text)
{
	struct cb_error why;

	took_token(r);
	if (text.len > (size_t)r->json->text_max)
		return is_too_long(r);
	if (r->record) {
		cb_value(r->out, name(r), text);
		return 1;
	}
	if (!top(r)->at_records && r->depth)
		return 1;
	if (r->depth && !text.len) /* "rows":"" is one of the ways to say that there are none */
		return 1;
	cb_error_set(&why, CB_BROKEN, "这里应是一个对象（一条记录），却是单个的值",
		     "an object (a record) should be here, and it is a single value");
	r->verdict = cb_record_broken(r->out, place_now(r, 0), &why, r->err);
	return r->verdict == CB_OK;
}

static int take_string(void *with, const unsigned char *at, size_t len)
{
	return take_scalar(with, (struct cb_text){ (const char *)at, len });
}

static int take_number(void *with, const char *at, size_t len)
{
	return take_scalar(with, (struct cb_text){ at, len });
}

static int take_flag(void *with, int is_true)
{
	return take_scalar(with, is_true ? CB_TEXT("true") : CB_TEXT("false"));
}

static int take_null(void *with)
{
	took_token(with);
	return 1;
}

static int take_key(void *with, const unsigned char *at, size_t len)
{
	struct reader *r = with;
	struct frame *f = top(r);

	took_token(r);
	if (len > (size_t)r->json->text_max)
		return is_too_long(r);
	if (f->key + len > r->key_room) {
		r->key_room = 2 * (f->key + len);
		r->keys = realloc(r->keys, r->key_room);
		if (!r->keys)
			abort(); /* out of memory ends the process */
	}
	if (len)
		memcpy(r->keys + f->key, at, len);
	f->key_len = len;
	if (r->record)
		return 1;
	if (r->root.at) {
		f->at_records = cb_text_equal(name(r), r->root);
	} else if (f->object_matched < r->steps &&
		   cb_text_equal(name(r), r->path[f->object_matched])) {
		f->matched = f->object_matched + 1;
		f->at_records = f->matched == r->steps;
	} else {
		f->matched = OFF_PATH;
		f->at_records = false;
	}
	return 1;
}

static int open_object(void *with)
{
	struct reader *r = with;
	bool is_record = !r->record && top(r)->at_records;

	took_token(r);
	if (!r->depth && !r->is_decided)
		r->first_line = place_now(r, 1).line;
	if (r->record)
		cb_enter(r->out, name(r));
	if (!push(r, false))
		return 0;
	if (is_record) {
		r->record = r->depth;
		cb_record_begin(r->out, place_now(r, 1));
	}
	return 1;
}

static int close_object(void *with)
{
	struct reader *r = with;

	took_token(r);
	if (r->record == r->depth) {
		r->record = 0;
		r->verdict = cb_record_end(r->out, r->err);
	} else if (r->record) {
		cb_leave(r->out);
	}
	if (--r->depth == 0 && !r->is_decided) {
		r->is_decided = true;
		r->is_undecided_end = place_now(r, 0).line == r->first_line;
	}
	return r->verdict == CB_OK && !r->is_undecided_end;
}

static int open_array(void *with)
{
	struct reader *r = with;

	took_token(r);
	if (!r->depth)
		r->is_decided = true; /* not NDJSON */
	return push(r, true);
}

static int close_array(void *with)
{
	struct reader *r = with;

	took_token(r);
	r->depth--;
	return 1;
}

static void start_yajl(struct reader *r)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = take_null,
		.yajl_boolean = take_flag,
		.yajl_number = take_number,
		.yajl_string = take_string,
		.yajl_start_map = open_object,
		.yajl_map_key = take_key,
		.yajl_end_map = close_object,
		.yajl_start_array = open_array,
		.yajl_end_array = close_array,
	};

	if (r->yajl)
		yajl_free(r->yajl);
	r->yajl = yajl_alloc(&callbacks, NULL, r);
	if (!r->yajl)
		abort(); /* out of memory ends the process */
	yajl_config(r->yajl, yajl_allow_multiple_values, 1);
	r->depth = r->record = 0;
	r->frames[0] = (struct frame){ .at_records = !r->steps && !r->root.at };
	r->why.verdict = CB_OK;
}

/*
 * What yajl found, in our words; its own sentence never quotes the document,
 * but is English. Returns how far behind the fault yajl stopped.
 */
static size_t explain(struct reader *r)
{
	static const struct {
		const char *yajl;
		size_t back;
		const char *zh, *en;
	} reasons[] = {
		{ "UTF8", 1, "文字里有不合法的 UTF-8 字节", "a text has bytes that are no UTF-8" },
		{ "hex", 0, "\\u 之后应是四位十六进制数", "\\u needs four hexadecimal digits" },
		{ "inside a string", 0, "反斜杠之后的字符不对",
		  "a backslash before a wrong character" },
		{ "inside string", 0, "文字里有未转义的控制字符",
		  "a text has a control character that is not escaped" },
		{ "object key", 1, "键应是带双引号的文字",
		  "a key must be a text in double quotes" },
		{ "a colon", 1, "键之后缺少冒号", "a ':' is missing behind a key" },
		{ "inside map", 0, "缺少逗号或右花括号", "a ',' or '}' is missing" },
		{ "array element", 1, "缺少逗号或右方括号", "a ',' or ']' is missing" },
		{ "malformed number", 0, "数字写得不完整", "a number lacks digits" },
		{ "invalid string", 0, "不符合 JSON 语法", "it is not JSON" },
		{ "", 1, "不符合 JSON 语法", "it is not JSON" },
	};
	unsigned char *said;
	size_t i = 0;

	if (r->why.verdict != CB_OK)
		return 1; /* a limit */
	if (!r->chunk) {
		cb_error_set(&r->why, CB_BROKEN, "JSON 不完整，后面被截断",
			     "broken JSON: it is cut off before its end");
		return 0;
	}
	said = yajl_get_error(r->yajl, 0, NULL, 0);
	while (said && !strstr((const char *)said, reasons[i].yajl))
		i++;
	yajl_free_error(r->yajl, said);
	cb_error_set(&r->why, CB_BROKEN, "JSON 有误：%s", "broken JSON: %s",
		     cb_say(reasons[i].zh, reasons[i].en));
	return reasons[i].back;
}

/* The value that is being read is wrong, and so is its line, or the document. */
static int broken(struct reader *r)
{
	struct cb_place at = place_now(r, explain(r));
	int rc;

	r->why.line = at.line;
	r->why.column = at.column;
	if (r->mode != LINES) {
		if (r->err)
			*r->err = r->why;
		return CB_BROKEN;
	}
	rc = cb_record_broken(r->out, r->line, &r->why, r->err);
	r->is_line_broken = true;
	start_yajl(r);
	return rc;
}

/* Feed yajl up to @end; it may stop before, behind the first object. */
static int feed(struct reader *r, const char **at, const char *end)
{
	uint64_t held_most = 2 * (uint64_t)r->json->text_max + 65536; /* \u4e2d is twice 中 */
	yajl_status status;

	r->chunk = *at;
	status = yajl_parse(r->yajl, (const unsigned char *)*at, (size_t)(end - *at));
	if (r->verdict != CB_OK)
		return r->verdict;
	if (r->is_undecided_end) {
		r->is_undecided_end = false;
		*at += yajl_get_bytes_consumed(r->yajl);
		r->mode = DECIDING;
		start_yajl(r);
		count_to(r, *at);
		return CB_OK;
	}
	*at = end;
	if (status != yajl_status_ok)
		return broken(r);
	count_to(r, end);
	if (r->here.offset - r->token > held_most) {
		(void)is_too_long(r);
		return broken(r);
	}
	return CB_OK;
}

/* The document, or the line, is over: so must be the value. */
static int finish(struct reader *r)
{
	yajl_status status;

	r->chunk = NULL;
	/* A line end first: yajl forgets a text that has only begun behind a whole value. */
	status = yajl_parse(r->yajl, (const unsigned char *)"\n", 1);
	if (status == yajl_status_ok)
		status = yajl_complete_parse(r->yajl);
	if (r->verdict != CB_OK)
		return r->verdict;
	return status == yajl_status_ok ? CB_OK : broken(r);
}

static void begin_line(struct reader *r)
{
	r->line = r->here;
	r->token = r->here.offset;
	r->has_content = r->is_line_broken = false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool has_content(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at < end;
}

/* Behind the first object: what comes next, and is there a line end before it? */
static void decide(struct reader *r, const char **at, const char *end)
{
	for (; *at < end && is_blank(**at); (*at)++)
		r->has_newline = r->has_newline || **at == '\n';
	count_to(r, *at);
	if (*at == end)
		return;
	r->mode = r->has_newline ? LINES : STREAM;
	begin_line(r);
	r->has_content = true;
}

/* Up to the end of the line, or of the piece. */
static int take_line(struct reader *r, const char **at, const char *end)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));
	const char *stop = newline ? newline : end;
	int rc = CB_OK;

	r->has_content = r->has_content || has_content(*at, stop);
	if (r->has_content && !r->is_line_broken)
		rc = feed(r, at, stop);
	if (rc == CB_OK && newline && r->has_content && !r->is_line_broken)
		rc = finish(r);
	*at = newline ? newline + 1 : end;
	count_to(r, *at);
	if (newline)
		begin_line(r);
	return rc;
}

static int take_piece(struct reader *r, struct cb_text piece)
{
	const char *at = piece.at, *end = piece.at + piece.len;
	int rc = CB_OK;

	r->counted = at;
	while (rc == CB_OK && at < end) {
		switch (r->mode) {
		case STREAM:
			r->has_content = r->has_content || has_content(at, end);
			rc = feed(r, &at, end);
			break;
		case DECIDING:
			decide(r, &at, end);
			break;
		case LINES:
			rc = take_line(r, &at, end);
			break;
		}
	}
	return rc;
}

static int read_all(struct reader *r, struct cb_input *in)
{
	struct cb_text piece;
	int rc;

	do {
		rc = cb_input_next(in, &piece, r->err);
		if (rc != CB_OK)
			return rc;
		rc = take_piece(r, piece);
		if (rc != CB_OK)
			return rc;
	} while (piece.len);
	if (r->mode == DECIDING)
		return CB_OK;
	if (r->mode == LINES)
		return r->has_content && !r->is_line_broken ? finish(r) : CB_OK;
	if (!r->has_content)
		return cb_fail(r->err, CB_BROKEN, "文件是空的，应是 JSON",
			       "the document is empty, expected JSON");
	return finish(r);
}

/* Names between slashes; 'a/b' in quotes is one name. */
static int split_path(struct reader *r, const char *path, struct cb_error *err)
{
	while (*path == '/')
		path++;
	for (;;) {
		bool is_quoted = *path == '\'';
		size_t len = strcspn(path + is_quoted, is_quoted ? "'" : "/");
		const char *end = path + is_quoted + len + (is_quoted && path[1 + len]);

		if (len == 0 || r->steps == PATH_MAX_STEPS || (*end && *end != '/'))
			return cb_fail(
				err, CB_SETUP,
				"records 的路径在第 %zu 级不对：名字是空的、引号不配对，或多于 "
				"%d 级",
				"the path in records is wrong at step %zu: no name, a quote "
				"that is not closed, or more than %d steps",
				r->steps + 1, PATH_MAX_STEPS);
		r->path[r->steps++] = (struct cb_text){ path + is_quoted, len };
		if (!*end)
			return CB_OK;
		path = end + 1;
	}
}

static int prepare(struct reader *r)
{
	const struct json *json = r->json;

	if (json->depth < 1 || json->depth > 1000000 || json->text_max < 1)
		return cb_fail(r->err, CB_SETUP, "depth 应在 1 到 1000000 之间，text_max 应大于 0",
			       "depth must be between 1 and 1000000, text_max above 0");
	if (json->lines && strcmp(json->lines, "yes") != 0 && strcmp(json->lines, "no") != 0)
		return cb_fail(r->err, CB_SETUP, "lines 应是 yes 或 no", "lines must be yes or no");
	r->is_decided = json->lines;
	if (json->lines && strcmp(json->lines, "yes") == 0)
		r->mode = LINES;
	if (json->records)
		return split_path(r, json->records, r->err);
	if (json->root)
		r->root = cb_text_of(json->root);
	return CB_OK;
}

int json_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err)
{
	const struct json *json = self;
	struct reader r = { .json = json, .out = out, .err = err, .here = { 0, 1, 1 } };
	int rc = prepare(&r);

	if (rc != CB_OK)
		return rc;
	begin_line(&r);
	r.frames = calloc((size_t)json->depth + 1, sizeof(*r.frames));
	if (!r.frames)
		abort(); /* out of memory ends the process */
	start_yajl(&r);
	rc = read_all(&r, in);
	yajl_free(r.yajl);
	free(r.frames);
	free(r.keys);
	return rc;
}
