/*
 * lines.c - plain text, one record per line: the smallest whole format.
 *
 * A record has two fields, `line` and `text`. A text may be announced in
 * pieces, so a line that runs over the border of two pieces needs no buffer.
 * A CR before the LF belongs to the line's end.
 */
#include <casebridge/plugin.h>

#include <stdio.h>

struct lines {
	int64_t limit; /* an option: set before the first call */

	struct cb_place at; /* of the line that is being read */
	int64_t len;        /* of it, so far */
	bool is_open, has_cr;
};

static const struct cb_option options[] = {
	CB_OPTION(struct lines, limit, "1M", "一行最长多少字节", "the longest line that is taken"),
	{ 0 },
};

static void begin_line(struct lines *l, struct cb_sink *out)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", l->at.line);
	cb_record_begin(out, l->at);
	cb_value(out, CB_TEXT("line"), cb_text_of(number));
	cb_enter(out, CB_TEXT("text"));
	l->is_open = true;
	l->len = 0;
}

static void take_text(struct lines *l, struct cb_sink *out, struct cb_text text)
{
	if (!l->is_open)
		begin_line(l, out);
	if (!text.len)
		return;
	if (l->has_cr && l->len++ < l->limit)
		cb_text_part(out, CB_TEXT("\r")); /* it did not end the line after all */
	l->has_cr = text.at[text.len - 1] == '\r';
	text.len -= l->has_cr;
	l->len += (int64_t)text.len;
	if (l->len <= l->limit) /* else the line is broken when it ends */
		cb_text_part(out, text);
}

static int end_line(struct lines *l, struct cb_sink *out, struct cb_error *err)
{
	struct cb_error why;

	l->is_open = l->has_cr = false;
	if (l->len <= l->limit) {
		cb_leave(out);
		return cb_record_end(out, err); /* blocks while the writer is behind */
	}
	cb_error_set(&why, CB_BROKEN, "这一行超过 %lld 字节（limit）",
		     "the line is longer than %lld bytes (limit)", (long long)l->limit);
	return cb_record_broken(out, l->at, &why, err); /* counted, held; the next line is read */
}

static int lines_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err)
{
	struct lines *l = self;
	struct cb_text piece;
	uint64_t offset = 0; /* of the piece */
	int rc;

	l->at = (struct cb_place){ .line = 1, .column = 1 };
	while ((rc = cb_input_next(in, &piece, err)) == CB_OK && piece.len) {
		const char *at = piece.at, *end = piece.at + piece.len, *newline;

		while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
			take_text(l, out, (struct cb_text){ at, (size_t)(newline - at) });
			rc = end_line(l, out, err);
			if (rc != CB_OK)
				return rc;
			at = newline + 1;
			l->at.line++;
			l->at.offset = offset + (uint64_t)(at - piece.at);
		}
		if (at < end)
			take_text(l, out, (struct cb_text){ at, (size_t)(end - at) });
		offset += piece.len;
	}
	return rc == CB_OK && l->is_open ? end_line(l, out, err) : rc;
}

/* Only `text` is written: a line's number is its place. */
static int lines_write(void *self, const struct cb_event *event, struct cb_output *out,
		       struct cb_error *err)
{
	(void)self;
	if (event->kind == CB_RECORD_END)
		cb_output_put(out, CB_TEXT("\n"));
	if (event->kind != CB_VALUE || !event->text.at || !cb_text_is(event->name, "text"))
		return CB_OK;
	if (memchr(event->text.at, '\n', event->text.len))
		return cb_fail(err, CB_REFUSED, "text 里有换行，一行写不下",
			       "the text has a line end in it and is no line");
	cb_output_put(out, event->text);
	return CB_OK;
}

static const struct cb_format format = {
	.size = sizeof(format),
	.state_size = sizeof(struct lines),
	.options = options,
	.media = "text/plain",
	.extensions = "txt log",
	.read = lines_read,
	.write = lines_write,
	.separator = "",
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = "lines",
	.zh = "纯文本：一行一条记录",
	.en = "plain text: a record a line",
	.format = &format,
};
