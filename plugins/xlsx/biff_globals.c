/*
 * biff_globals.c - the first part of an old workbook: its sheets, its texts and its formats;
 * and how a text is read anywhere in it.
 */
#include "biff.h"

#include <stdlib.h>
#include <string.h>

static void put_character(struct grow *to, uint32_t c)
{
	char out[4];
	size_t n = 0;

	if (c < 0x80) {
		out[n++] = (char)c;
	} else if (c < 0x800) {
		out[n++] = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		out[n++] = (char)(0xe0 | c >> 12);
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		out[n++] = (char)(0xf0 | c >> 18);
		out[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		out[n++] = (char)(0x80 | (c & 0x3f));
	grow_put(to, (struct cb_text){ out, n });
}

/*
 * A text may go on in the next record, even with characters of the other
 * width: each part begins with its own flag.
 */
struct letters {
	uint32_t high; /* the first half of a pair */
};

static void put_letter(struct letters *l, struct grow *to, uint32_t c)
{
	if (l->high && c >= 0xdc00 && c <= 0xdfff) {
		put_character(to, 0x10000 + ((l->high - 0xd800) << 10) + (c - 0xdc00));
		l->high = 0;
		return;
	}
	l->high = c >= 0xd800 && c <= 0xdbff ? c : 0;
	if (c < 0xd800 || c > 0xdfff)
		put_character(to, c);
}

/* Behind what is left of this record: go into the one that continues it. */
static int go_on(struct biff *b)
{
	int rc = biff_next_record(b);

	return rc == CB_OK && b->id == ID_CONTINUE ? CB_OK : biff_not_whole(b);
}

int biff_skip(struct biff *b, size_t len)
{
	int rc = CB_OK;

	while (len > b->data.len && rc == CB_OK) {
		len -= b->data.len;
		rc = go_on(b);
	}
	if (rc == CB_OK) {
		b->data.at += len;
		b->data.len -= len;
	}
	return rc;
}

static int take_letters(struct biff *b, size_t count, bool is_wide, struct grow *to)
{
	struct letters letters = { 0 };
	int rc;

	while (count) {
		size_t width = is_wide ? 2 : 1, n = b->data.len / width;

		if (n > count)
			n = count;
		for (size_t i = 0; i < n; i++)
			put_letter(&letters, to,
				   is_wide ? little16(b->data.at + 2 * i)
					   : (unsigned char)b->data.at[i]);
		b->data.at += n * width;
		b->data.len -= n * width;
		count -= n;
		if (!count)
			break;
		rc = go_on(b);
		if (rc != CB_OK)
			return rc;
		if (!b->data.len)
			return biff_not_whole(b);
		is_wide = b->data.at[0] & 1;
		b->data.at++;
		b->data.len--;
	}
	return CB_OK;
}

/* A text with its length of 1 or 2 bytes in front, appended. */
int biff_text(struct biff *b, size_t length_bytes, struct grow *to)
{
	size_t count, runs = 0, extra = 0;
	unsigned flags;
	int rc = b->data.len ? CB_OK : go_on(b);

	if (rc != CB_OK)
		return rc;
	if (b->data.len < length_bytes + 1)
		return biff_not_whole(b);
	count = length_bytes == 2 ? little16(b->data.at) : (unsigned char)b->data.at[0];
	flags = (unsigned char)b->data.at[length_bytes];
	b->data.at += length_bytes + 1;
	b->data.len -= length_bytes + 1;
	if (b->data.len < (flags & 8 ? 2u : 0) + (flags & 4 ? 4u : 0))
		return biff_not_whole(b);
	if (flags & 8) {
		runs = little16(b->data.at);
		rc = biff_skip(b, 2);
	}
	if (rc == CB_OK && (flags & 4)) {
		extra = little32(b->data.at);
		rc = biff_skip(b, 4);
	}
	if (rc == CB_OK)
		rc = take_letters(b, count, flags & 1, to);
	return rc == CB_OK ? biff_skip(b, 4 * runs + extra) : rc;
}

static int take_strings(struct biff *b)
{
	uint32_t count;
	int rc = CB_OK;

	if (b->data.len < 8)
		return biff_not_whole(b);
	count = little32(b->data.at + 4);
	rc = biff_skip(b, 8);
	for (uint32_t i = 0; i < count && rc == CB_OK; i++) {
		rc = biff_text(b, 2, &b->strings);
		if ((int64_t)(b->strings.len + i * sizeof(*b->ends)) > b->source->xlsx->strings_max)
			return cb_fail(b->source->err, CB_BROKEN,
				       "工作簿的文字超过 %lld 字节（strings_max）；请拆成几个文件",
				       "the workbook's texts are longer than %lld bytes "
				       "(strings_max); split the file",
				       (long long)b->source->xlsx->strings_max);
		if (b->string_count == b->string_room) {
			b->string_room = b->string_room ? 2 * b->string_room : 1024;
			b->ends = grow_block(b->ends, b->string_room * sizeof(*b->ends));
		}
		b->ends[b->string_count++] = b->strings.len;
	}
	return rc;
}

static int take_tab(struct biff *b)
{
	struct grow name = { 0 };
	uint32_t at;
	bool is_hidden;
	int rc;

	if (b->data.len < 8)
		return biff_not_whole(b);
	at = little32(b->data.at);
	is_hidden = b->data.at[4] & 3;
	if (b->data.at[5] != 0 || b->tab_count == SHEETS_MAX) /* a chart, a macro */
		return CB_OK;
	rc = biff_skip(b, 6);
	if (rc == CB_OK)
		rc = biff_text(b, 1, &name);
	if (rc != CB_OK) {
		grow_done(&name);
		return rc;
	}
	grow_put(&name, (struct cb_text){ "", 1 });
	b->tabs = grow_block(b->tabs, (b->tab_count + 1) * sizeof(*b->tabs));
	b->tabs[b->tab_count++] = (struct tab){ at, is_hidden, name.at };
	return CB_OK;
}

static int take_format(struct biff *b)
{
	struct code code = { .at = b->codes.len };
	int rc;

	if (b->data.len < 5)
		return biff_not_whole(b);
	code.id = little16(b->data.at);
	rc = biff_skip(b, 2);
	if (rc == CB_OK)
		rc = biff_text(b, 2, &b->codes);
	grow_put(&b->codes, (struct cb_text){ "", 1 });
	if (b->code_count == b->code_room) {
		b->code_room = b->code_room ? 2 * b->code_room : 64;
		b->code = grow_block(b->code, b->code_room * sizeof(*b->code));
	}
	b->code[b->code_count++] = code;
	return rc;
}

static int take_look(struct biff *b)
{
	const char *code = NULL;
	uint32_t id;

	if (b->data.len < 4)
		return biff_not_whole(b);
	id = little16(b->data.at + 2);
	for (size_t i = 0; i < b->code_count; i++)
		if (b->code[i].id == id)
			code = b->codes.at + b->code[i].at;
	if (b->look_count == b->look_room) {
		b->look_room = b->look_room ? 2 * b->look_room : 64;
		b->looks = grow_block(b->looks, b->look_room * sizeof(*b->looks));
	}
	b->looks[b->look_count++] = look_of(id, code);
	return CB_OK;
}

static int take_global(struct biff *b)
{
	switch (b->id) {
	case ID_PASSWORD:
		return cb_fail(b->source->err, CB_SETUP, "文件有密码；请去掉密码后另存一份",
			       "the file has a password; save a copy without it");
	case ID_DATE_MODE:
		b->is_1904 = b->data.len >= 2 && little16(b->data.at);
		return CB_OK;
	case ID_SHEET:
		return take_tab(b);
	case ID_FORMAT:
		return take_format(b);
	case ID_LOOK:
		return b->look_count < 100000 ? take_look(b) : CB_OK;
	case ID_STRINGS:
		return take_strings(b);
	default:
		return CB_OK;
	}
}

int biff_globals(struct biff *b)
{
	int rc = biff_next_record(b);

	if (rc != CB_OK || b->id != ID_BEGIN || b->data.len < 4)
		return biff_not_whole(b);
	if (little16(b->data.at) != BIFF8)
		return cb_fail(b->source->err, CB_SETUP,
			       "这是 Excel 95 或更早的工作簿；请用 Excel 或 WPS 另存为 .xlsx",
			       "this workbook is of Excel 95 or older; save it as .xlsx");
	while ((rc = biff_next_record(b)) == CB_OK && b->id != ID_EOF) {
		rc = take_global(b);
		if (rc != CB_OK)
			return rc;
	}
	return rc == CB_OK ? CB_OK : biff_not_whole(b);
}
