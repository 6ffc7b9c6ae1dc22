/*
 * cells.c - a row of a CSV at a time; quotes hold commas and line ends.
 */
#include "base/cells.h"

#include "base/buffer.h"
#include "base/charset.h"
#include "base/memory.h"

static const char *read_cell(struct cells *in, struct buffer *cell)
{
	buffer_clear(cell);
	if (in->at < in->end && *in->at == '"') {
		for (in->at++; in->at < in->end; in->at++) {
			if (*in->at == '"' && (in->at + 1 == in->end || in->at[1] != '"'))
				break;
			in->at += *in->at == '"';
			in->line += *in->at == '\n';
			buffer_char(cell, *in->at);
		}
		in->at += in->at < in->end;
	}
	while (in->at < in->end && *in->at != ',' && *in->at != '\n') {
		if (*in->at != '\r')
			buffer_char(cell, *in->at);
		in->at++;
	}
	return buffer_cstr(cell);
}

size_t cells_next(struct cells *in, struct arena *arena, const char **out, size_t most)
{
	struct buffer cell = { 0 };
	size_t count = 0;

	in->line++;
	while (in->at < in->end) {
		const char *text = read_cell(in, &cell);

		if (count < most)
			out[count++] = arena_string(arena, cb_text_of(text));
		if (in->at == in->end || *in->at++ == '\n')
			break;
	}
	buffer_done(&cell);
	return count;
}

int cells_open(struct cells *cells, struct arena *arena, struct cb_text bytes, struct cb_error *err)
{
	struct charset_converter *converter;
	struct charset_watch watch = { 0 };
	struct buffer text = { 0 };
	enum charset charset;
	struct cb_text all;
	int rc;

	charset_watch(&watch, bytes);
	rc = charset_decide(&watch, NULL, &charset, err);
	if (rc == CB_OK) {
		converter = charset_converter_new(charset);
		rc = charset_decode(converter, bytes, true, &text, err);
		charset_converter_free(converter);
	}
	all = arena_copy(arena, buffer_view(&text));
	*cells = (struct cells){ all.at, all.at + all.len, 0 };
	buffer_done(&text);
	return rc;
}
