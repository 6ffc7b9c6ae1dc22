/*
 * book.c - the parts of a workbook in the order they are needed: the sheets'
 * names, which part each is, styles, shared strings, and then the sheet.
 *
 * Links to other files are never followed: only parts of this zip are opened.
 */
#include "book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define SHEETS_MAX 1000
#define LOOKS_MAX 100000
#define FORMATS_MAX (4u << 20)

static char *copy(struct cb_text text)
{
	char *made = grow_block(NULL, text.len + 1);

	if (text.len)
		memcpy(made, text.at, text.len);
	made[text.len] = '\0';
	return made;
}

static bool is(const xmlChar *name, const char *word)
{
	return strcmp((const char *)name, word) == 0;
}

static uint32_t number_of(struct cb_text text)
{
	uint32_t number = 0;

	for (size_t i = 0; i < text.len && i < 9; i++)
		if (text.at[i] >= '0' && text.at[i] <= '9')
			number = number * 10 + (uint32_t)(text.at[i] - '0');
	return number;
}

size_t unescape(char *text, size_t len)
{
	char *at, *end = text + len, hex[5];
	size_t put;
	unsigned c;

	for (at = text; (at = memmem(at, (size_t)(end - at), "_x", 2)); at += put) {
		put = 1;
		if (end - at < 7 || at[6] != '_')
			continue;
		memcpy(hex, at + 2, 4);
		hex[4] = '\0';
		if (strspn(hex, "0123456789abcdefABCDEF") != 4)
			continue;
		c = (unsigned)strtoul(hex, NULL, 16);
		put = 0;
		if (c >= 0x800 && (c & 0xf800) != 0xd800) {
			at[put++] = (char)(0xe0 | c >> 12);
			at[put++] = (char)(0x80 | (c >> 6 & 0x3f));
			at[put++] = (char)(0x80 | (c & 0x3f));
		} else if (c >= 0x80 && c < 0x800) {
			at[put++] = (char)(0xc0 | c >> 6);
			at[put++] = (char)(0x80 | (c & 0x3f));
		} else if (c >= 0x20 || c == '\t' || c == '\n' || c == '\r') {
			at[put++] = (char)c;
		}
		memmove(at + put, at + 7, (size_t)(end - at) - 7);
		end -= 7 - put;
	}
	return (size_t)(end - text);
}

/* The workbook: its sheets, in the order of their tabs. */

struct reading {
	struct parse parse;
	struct book *book;
	bool is_found;       /* of relations: the main part */
	struct grow formats; /* codes, each with its end */
	struct format {
		uint32_t id;
		size_t at;
	} * codes;
	size_t code_count, code_room;
	bool in_cells;
	bool in_text, in_phonetic;
};

static void open_workbook(void *with, const xmlChar *name, const xmlChar *prefix,
			  const xmlChar *uri, int spaces, const xmlChar **space, int count,
			  int defaulted, const xmlChar **attributes)
{
	struct reading *r = with;
	struct book *b = r->book;
	struct cb_text value;

	if (is(name, "workbookPr")) {
		value = attribute(attributes, count, "date1904");
		b->is_1904 = cb_text_is(value, "1") || cb_text_is(value, "true");
	}
	if (!is(name, "sheet") || b->sheet_count == SHEETS_MAX)
		return;
	if (b->sheet_count == b->sheet_room) {
		b->sheet_room = b->sheet_room ? 2 * b->sheet_room : 16;
		b->sheets = grow_block(b->sheets, b->sheet_room * sizeof(*b->sheets));
	}
	value = attribute(attributes, count, "state");
	b->sheets[b->sheet_count++] = (struct book_sheet){
		.name = copy(attribute(attributes, count, "name")),
		.id = copy(attribute(attributes, count, "id")),
		.is_hidden = cb_text_is(value, "hidden") || cb_text_is(value, "veryHidden"),
	};
}

/* A part's name from a relation's target: absolute, or beside the workbook. */
static char *part_name(const struct book *b, struct cb_text target)
{
	char name[600];
	const char *at;

	if (target.len && target.at[0] == '/')
		return copy((struct cb_text){ target.at + 1, target.len - 1 });
	snprintf(name, sizeof(name), "%s%.*s", b->folder, target.len < 300 ? (int)target.len : 0,
		 target.at ? target.at : "");
	at = strstr(name, "/../"); /* xl/../x: as far as anybody writes it */
	if (at && strchr(name, '/') == at)
		return copy(cb_text_of(at + 4));
	return copy(cb_text_of(name));
}

static void open_relation(void *with, const xmlChar *name, const xmlChar *prefix,
			  const xmlChar *uri, int spaces, const xmlChar **space, int count,
			  int defaulted, const xmlChar **attributes)
{
	struct reading *r = with;
	struct book *b = r->book;
	struct cb_text id = attribute(attributes, count, "Id");
	struct cb_text target = attribute(attributes, count, "Target");

	if (!is(name, "Relationship") ||
	    cb_text_is(attribute(attributes, count, "TargetMode"), "External"))
		return;
	for (size_t i = 0; i < b->sheet_count; i++)
		if (!b->sheets[i].part && cb_text_is(id, b->sheets[i].id))
			b->sheets[i].part = part_name(b, target);
}

/* Where the workbook part stands, of a package that puts it in another place than all others. */
static void open_root(void *with, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		      int spaces, const xmlChar **space, int count, int defaulted,
		      const xmlChar **attributes)
{
	static const char tail[] = "/officeDocument";
	struct reading *r = with;
	struct cb_text type = attribute(attributes, count, "Type");
	struct cb_text target = attribute(attributes, count, "Target");

	if (!is(name, "Relationship") || type.len < strlen(tail) || r->is_found ||
	    target.len >= sizeof(r->book->folder) ||
	    memcmp(type.at + type.len - strlen(tail), tail, strlen(tail)) != 0)
		return;
	r->is_found = true;
	while (target.len && target.at[0] == '/') {
		target.at++;
		target.len--;
	}
	snprintf(r->book->folder, sizeof(r->book->folder), "%.*s", CB_TEXT_ARG(target));
}

static int no_workbook(struct book *b)
{
	struct cb_error *err = b->source->err;

	if (pack_has(&b->pack, "xl/workbook.bin"))
		return cb_fail(err, CB_SETUP, "这是二进制工作簿（.xlsb）；请另存为 .xlsx",
			       "this is a binary workbook (.xlsb); save it as .xlsx");
	if (pack_has(&b->pack, "content.xml"))
		return cb_fail(err, CB_SETUP,
			       "这是 OpenDocument 表格（.ods）；请另存为 .xlsx 或 .csv",
			       "this is an OpenDocument sheet (.ods); save it as .xlsx or .csv");
	if (pack_has(&b->pack, "word/document.xml"))
		return cb_fail(err, CB_SETUP, "这是 Word 文档，不是工作簿；请把表格放进 .xlsx",
			       "this is a Word document and no workbook; put its table into .xlsx");
	return cb_fail(err, CB_BROKEN, "这个压缩包里没有工作簿（缺 xl/workbook.xml）；请重新另存",
		       "this zip holds no workbook (xl/workbook.xml is missing); save it again");
}

/* Leaves the workbook part's name in @part, its folder in the book. */
static int find_workbook(struct book *b, char *part, size_t room)
{
	struct reading r = { .book = b };
	xmlSAXHandler sax = { .startElementNs = open_root };
	char *slash;
	int rc;

	snprintf(b->folder, sizeof(b->folder), "xl/workbook.xml");
	if (!pack_has(&b->pack, b->folder)) {
		rc = pack_parse(&b->pack, "_rels/.rels", &sax, &r.parse);
		if (rc != CB_OK && rc != CB_END)
			return rc;
		if (!r.is_found || !pack_has(&b->pack, b->folder) || strstr(b->folder, ".bin") ||
		    strstr(b->folder, "word/"))
			return no_workbook(b);
	}
	snprintf(part, room, "%s", b->folder);
	slash = strrchr(b->folder, '/');
	if (slash)
		slash[1] = '\0';
	else
		b->folder[0] = '\0';
	return CB_OK;
}

static int read_sheets(struct book *b)
{
	struct reading r = { .book = b };
	xmlSAXHandler workbook = { .startElementNs = open_workbook };
	xmlSAXHandler relations = { .startElementNs = open_relation };
	char part[256], name[600];
	int rc = find_workbook(b, part, sizeof(part));

	if (rc == CB_OK)
		rc = pack_parse(&b->pack, part, &workbook, &r.parse);
	if (rc != CB_OK)
		return rc;
	snprintf(name, sizeof(name), "%s_rels/%s.rels", b->folder, part + strlen(b->folder));
	rc = pack_parse(&b->pack, name, &relations, &r.parse);
	return rc == CB_END ? no_workbook(b) : rc;
}

/* Styles */

static void open_style(void *with, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		       int spaces, const xmlChar **space, int count, int defaulted,
		       const xmlChar **attributes)
{
	struct reading *r = with;
	struct book *b = r->book;
	uint32_t id = number_of(attribute(attributes, count, "numFmtId"));
	const char *code = NULL;

	if (is(name, "cellXfs"))
		r->in_cells = true;
	if (is(name, "numFmt") && r->code_count < LOOKS_MAX && r->formats.len < FORMATS_MAX) {
		if (r->code_count == r->code_room) {
			r->code_room = r->code_room ? 2 * r->code_room : 64;
			r->codes = grow_block(r->codes, r->code_room * sizeof(*r->codes));
		}
		r->codes[r->code_count++] = (struct format){ id, r->formats.len };
		grow_put(&r->formats, attribute(attributes, count, "formatCode"));
		grow_put(&r->formats, (struct cb_text){ "", 1 });
	}
	if (!is(name, "xf") || !r->in_cells || b->look_count == LOOKS_MAX)
		return;
	for (size_t i = 0; i < r->code_count; i++)
		if (r->codes[i].id == id)
			code = r->formats.at + r->codes[i].at;
	if (b->look_count == b->look_room) {
		b->look_room = b->look_room ? 2 * b->look_room : 64;
		b->looks = grow_block(b->looks, b->look_room * sizeof(*b->looks));
	}
	b->looks[b->look_count++] = look_of(id, code);
}

static void close_style(void *with, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct reading *r = with;

	if (is(name, "cellXfs"))
		r->in_cells = false;
}

static int read_styles(struct book *b)
{
	struct reading r = { .book = b };
	xmlSAXHandler sax = { .startElementNs = open_style, .endElementNs = close_style };
	char name[300];
	int rc;

	snprintf(name, sizeof(name), "%sstyles.xml", b->folder);
	rc = pack_parse(&b->pack, name, &sax, &r.parse);
	grow_done(&r.formats);
	free(r.codes);
	return rc == CB_END ? CB_OK : rc; /* without styles a number is a number */
}

/* Shared strings; the readings of characters (rPh) are no part of the text. */

static void open_string(void *with, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
			int spaces, const xmlChar **space, int count, int defaulted,
			const xmlChar **attributes)
{
	struct reading *r = with;

	if (is(name, "t"))
		r->in_text = !r->in_phonetic;
	else if (is(name, "rPh"))
		r->in_phonetic = true;
}

static void take_string(void *with, const xmlChar *text, int len)
{
	struct reading *r = with;
	struct book *b = r->book;

	if (!r->in_text || r->parse.rc != CB_OK)
		return;
	if ((int64_t)(b->strings.len + b->string_count * sizeof(*b->ends) + (size_t)len) >
	    b->source->xlsx->strings_max) {
		r->parse.rc = cb_fail(r->parse.err, CB_BROKEN,
				      "工作簿的文字超过 %lld 字节（strings_max）；请拆成几个文件",
				      "the workbook's texts are longer than %lld bytes "
				      "(strings_max); split the file",
				      (long long)b->source->xlsx->strings_max);
		return;
	}
	grow_put(&b->strings, (struct cb_text){ (const char *)text, (size_t)len });
}

static void close_string(void *with, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct reading *r = with;
	struct book *b = r->book;
	size_t begin = b->string_count ? b->ends[b->string_count - 1] : 0;

	if (is(name, "t"))
		r->in_text = false;
	else if (is(name, "rPh"))
		r->in_phonetic = false;
	if (!is(name, "si") || (int64_t)b->string_count > b->source->xlsx->strings_max / 16)
		return;
	if (b->string_count == b->string_room) {
		b->string_room = b->string_room ? 2 * b->string_room : 1024;
		b->ends = grow_block(b->ends, b->string_room * sizeof(*b->ends));
	}
	if (b->strings.len > begin)
		b->strings.len = begin + unescape(b->strings.at + begin, b->strings.len - begin);
	b->ends[b->string_count++] = b->strings.len;
}

static int read_strings(struct book *b)
{
	struct reading r = { .book = b };
	xmlSAXHandler sax = { .startElementNs = open_string,
			      .endElementNs = close_string,
			      .characters = take_string,
			      .ignorableWhitespace = take_string,
			      .cdataBlock = take_string };
	char name[300];
	int rc;

	snprintf(name, sizeof(name), "%ssharedStrings.xml", b->folder);
	rc = pack_parse(&b->pack, name, &sax, &r.parse);
	return rc == CB_END ? CB_OK : rc; /* a writer may put every text into its cell */
}

/* Which sheet */

static int read_sheet(struct book *b, const struct book_sheet *sheet)
{
	int rc = CB_END;

	if (sheet->part)
		rc = sheet_read(b, sheet);
	if (rc != CB_END)
		return rc;
	return cb_fail(b->source->err, CB_BROKEN, "工作簿里没有工作表“%s”的内容；请重新另存",
		       "the workbook lacks the part of sheet '%s'; save it again", sheet->name);
}

/* By its name; else by its number among the tabs that are seen. */
static const struct book_sheet *sheet_named(const struct book *b, const char *wanted)
{
	size_t number = 0;

	for (size_t i = 0; i < b->sheet_count; i++)
		if (strcmp(b->sheets[i].name, wanted) == 0)
			return &b->sheets[i];
	if (strspn(wanted, "0123456789") != strlen(wanted))
		return NULL;
	for (size_t i = 0; i < b->sheet_count; i++)
		if (!b->sheets[i].is_hidden && ++number == strtoul(wanted, NULL, 10))
			return &b->sheets[i];
	return NULL;
}

static int no_sheet(const struct book *b, const char *wanted)
{
	struct grow names = { 0 };
	int rc;

	for (size_t i = 0; i < b->sheet_count && names.len < 400; i++) {
		if (b->sheets[i].is_hidden)
			continue;
		if (names.len)
			grow_string(&names, cb_say("、", ", "));
		grow_string(&names, b->sheets[i].name);
	}
	rc = cb_fail(b->source->err, CB_SETUP, "没有工作表“%s”；有：%.*s",
		     "there is no sheet '%s'; there are: %.*s", wanted,
		     CB_TEXT_ARG(grow_view(&names)));
	grow_done(&names);
	return rc;
}

static int read_chosen(struct book *b)
{
	const char *wanted = b->source->xlsx->sheet;
	const struct book_sheet *sheet = NULL;
	int rc = CB_OK;

	if (wanted && *wanted) {
		sheet = sheet_named(b, wanted);
		return sheet ? read_sheet(b, sheet) : no_sheet(b, wanted);
	}
	for (size_t i = 0; i < b->sheet_count && rc == CB_OK; i++) {
		if (b->sheets[i].is_hidden)
			continue;
		rc = read_sheet(b, &b->sheets[i]);
		if (b->source->table->has_data)
			break;
	}
	return rc;
}

static void book_done(struct book *b)
{
	for (size_t i = 0; i < b->sheet_count; i++) {
		free(b->sheets[i].name);
		free(b->sheets[i].id);
		free(b->sheets[i].part);
	}
	free(b->sheets);
	free(b->looks);
	free(b->ends);
	grow_done(&b->strings);
	pack_done(&b->pack);
}

int book_read(struct source *source)
{
	struct book b = { .source = source };
	int rc = pack_open(&b.pack, source);

	if (rc == CB_OK)
		rc = read_sheets(&b);
	if (rc == CB_OK)
		rc = read_styles(&b);
	if (rc == CB_OK)
		rc = read_strings(&b);
	if (rc == CB_OK)
		rc = read_chosen(&b);
	book_done(&b);
	return rc;
}
