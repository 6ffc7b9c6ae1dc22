/*
 * write.c - records to a workbook: one sheet, a bold heading that stays in
 * sight, texts as texts.
 *
 * The sheet's XML is deflated as it is made and handed on, so the memory does
 * not grow with the rows, and no temporary file is needed. (libxlsxwriter
 * keeps its parts in temporary files, which a sealed process cannot make.) The
 * columns' widths stand in front of the rows, so the first rows wait for them.
 *
 * Only what is a number, and has no more digits than a sheet keeps, becomes
 * one; ids, codes, phones and dates are text cells with the format "@", so that
 * nobody's click can round them.
 */
#include <stdio.h>

#include "xlsx.h"
#include "zipout.h"

#define WAITING (64u << 10) /* bytes of rows before the widths are fixed */
#define ROWS_MAX 1048576
#define COLUMNS_MAX 16384
#define BYTES_MAX ((UINT64_C(4) << 30) - (64u << 20)) /* of XML: what the zip can say */
#define CELL_MAX 32767                                /* characters */
#define WIDEST 60

enum style { STYLE_PLAIN, STYLE_TEXT, STYLE_HEADING }; /* their places in cellXfs */

struct writer {
	struct zip_out zip;
	struct grow head, row, waiting; /* the heading's cells; this row's; the rows that wait */
	unsigned *widths;
	size_t columns, cells;
	uint32_t rows;
	char number[12];               /* of this row */
	uint64_t names, heading_names; /* digests of the column names: this record's, the first's */
	bool is_begun;                 /* the widths are written, rows go straight out */
};

/* The parts that are always the same. */

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define SHEETML "application/vnd.openxmlformats-officedocument.spreadsheetml."

static const char content_types[] =
	XML "<Types xmlns=\"" PACKAGE "content-types\">"
	    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package."
	    "relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
	    "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" SHEETML "sheet.main+xml\"/>"
	    "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" SHEETML
	    "worksheet+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"" SHEETML
	    "styles+xml\"/></Types>";

static const char root_relations[] = XML
	"<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
	"/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";

static const char book_relations[] = XML
	"<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
	"/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" "
	"Type=\"" OFFICE "/styles\" Target=\"styles.xml\"/></Relationships>";

static const char styles[] =
	XML "<styleSheet xmlns=\"" MAIN "\"><fonts count=\"2\"><font><sz val=\"11\"/><name "
	    "val=\"等线\"/></font><font><b/><sz val=\"11\"/><name val=\"等线\"/></font></fonts>"
	    "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill>"
	    "<patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border>"
	    "<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs "
	    "count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"
	    "</cellStyleXfs><cellXfs count=\"3\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" "
	    "borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" "
	    "borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/><xf numFmtId=\"49\" "
	    "fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" "
	    "applyFont=\"1\"/></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" "
	    "xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>";

static void put_escaped(struct grow *out, struct cb_text text, bool is_attribute)
{
	const char *end = text.at + text.len, *from = text.at;

	for (const char *at = text.at; at < end; at++) {
		unsigned char c = (unsigned char)*at;
		char escaped[16];

		if (c == '&' || c == '<' || c == '>' || (c == '"' && is_attribute))
			snprintf(escaped, sizeof(escaped), "&#%u;", c);
		else if (c == '_' && end - at > 6 && at[1] == 'x' && at[6] == '_')
			snprintf(escaped, sizeof(escaped), "_x005F_");
		else if (c < 0x20 && c != '\t' && c != '\n')
			snprintf(escaped, sizeof(escaped), "_x%04X_", c);
		else
			continue;
		grow_put(out, (struct cb_text){ from, (size_t)(at - from) });
		grow_string(out, escaped);
		from = at + 1;
	}
	grow_put(out, (struct cb_text){ from, (size_t)(end - from) });
}

static void put_book(struct writer *w, const char *sheet, struct cb_output *out)
{
	struct grow part = { 0 };

	zip_whole(&w->zip, "[Content_Types].xml", cb_text_of(content_types), out);
	zip_whole(&w->zip, "_rels/.rels", cb_text_of(root_relations), out);
	grow_string(&part, XML "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE
			       "\"><sheets><sheet name=\"");
	put_escaped(&part, cb_text_of(sheet && *sheet ? sheet : "Sheet1"), true);
	grow_string(&part, "\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>");
	zip_whole(&w->zip, "xl/workbook.xml", grow_view(&part), out);
	zip_whole(&w->zip, "xl/_rels/workbook.xml.rels", cb_text_of(book_relations), out);
	zip_whole(&w->zip, "xl/styles.xml", cb_text_of(styles), out);
	grow_done(&part);
}

/* The sheet up to its rows: the heading stays in sight, columns are as wide as what is in them. */
static void begin_sheet(struct writer *w, struct cb_output *out)
{
	struct grow part = { 0 };
	char text[100];

	grow_string(&part, XML "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView "
			       "workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" "
			       "activePane=\"bottomLeft\" state=\"frozen\"/></sheetView>"
			       "</sheetViews>");
	if (w->columns)
		grow_string(&part, "<cols>");
	for (size_t i = 0; i < w->columns; i++) {
		snprintf(text, sizeof(text),
			 "<col min=\"%zu\" max=\"%zu\" width=\"%u\" customWidth=\"1\"/>", i + 1,
			 i + 1, (w->widths[i] > WIDEST ? WIDEST : w->widths[i]) + 2);
		grow_string(&part, text);
	}
	if (w->columns)
		grow_string(&part, "</cols>");
	grow_string(&part, "<sheetData>");
	zip_begin(&w->zip, "xl/worksheets/sheet1.xml", out);
	zip_put(&w->zip, grow_view(&part), out);
	zip_put(&w->zip, grow_view(&w->waiting), out);
	grow_done(&part);
	grow_done(&w->waiting);
	w->is_begun = true;
}

/* A Chinese character is as wide as two letters. */
static unsigned width_of(struct cb_text text)
{
	unsigned width = 0;

	for (size_t i = 0; i < text.len && width < WIDEST; i++) {
		unsigned char c = (unsigned char)text.at[i];

		width += c < 0x80 ? 1 : c >= 0xe0 ? 2 : (c & 0xc0) == 0xc0;
	}
	return width;
}

static size_t characters(struct cb_text text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return count;
}

/* Digits with at most one point, no more than a sheet keeps, and no zero in front. */
static bool is_number(struct cb_text text)
{
	size_t at = text.len && text.at[0] == '-', digits = 0, points = 0;

	if (text.len - at > 1 && text.at[at] == '0' && text.at[at + 1] != '.')
		return false;
	for (; at < text.len; at++) {
		if (text.at[at] >= '0' && text.at[at] <= '9')
			digits++;
		else if (text.at[at] == '.' && digits && at + 1 < text.len)
			points++;
		else
			return false;
	}
	return digits && digits <= 15 && points <= 1;
}

/* Where a cell stands: optional, but not every reader knows that. */
struct spot {
	size_t column; /* from 1 */
	const char *row;
};

static void put_open(struct grow *to, struct spot spot, enum style style, const char *rest)
{
	static const char *const looks[] = { "\"", "\" s=\"1\"", "\" s=\"2\"" };
	char letters[8] = { 0 }, *at = letters + 7;

	for (size_t n = spot.column; n; n = (n - 1) / 26)
		*--at = (char)('A' + (n - 1) % 26);
	grow_put(to, CB_TEXT("<c r=\""));
	grow_string(to, at);
	grow_string(to, spot.row);
	grow_string(to, looks[style]);
	grow_string(to, rest);
}

static void put_text(struct grow *to, struct spot spot, struct cb_text text, enum style style)
{
	put_open(to, spot, style, " t=\"inlineStr\"><is><t xml:space=\"preserve\">");
	put_escaped(to, text, false);
	grow_put(to, CB_TEXT("</t></is></c>"));
}

static void put_cell(struct grow *to, struct spot spot, const struct cb_event *event)
{
	if (!event->text.len) {
		put_open(to, spot, STYLE_TEXT, "/>");
	} else if (event->type == CB_VALUE_NUMBER && is_number(event->text)) {
		put_open(to, spot, STYLE_PLAIN, "><v>");
		grow_put(to, event->text);
		grow_put(to, CB_TEXT("</v></c>"));
	} else {
		put_text(to, spot, event->text, STYLE_TEXT);
	}
}

/* FNV-1a, with a byte between names that no UTF-8 has. */
static uint64_t digest(uint64_t hash, struct cb_text name)
{
	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * 0x100000001b3;
	return (hash ^ 0xff) * 0x100000001b3;
}

static void widen(struct writer *w, size_t column, struct cb_text text)
{
	unsigned width = width_of(text);

	if (!w->is_begun && width > w->widths[column])
		w->widths[column] = width;
}

static void add_column(struct writer *w, struct cb_text name)
{
	w->widths = grow_block(w->widths, (w->columns + 1) * sizeof(*w->widths));
	w->widths[w->columns] = 0;
	widen(w, w->columns++, name);
	put_text(&w->head, (struct spot){ w->columns, "1" }, name, STYLE_HEADING);
}

static int write_cell(struct writer *w, const struct cb_event *event, struct cb_error *err)
{
	if (w->cells == COLUMNS_MAX)
		return cb_fail(err, CB_SETUP, "工作表最多 %d 列", "a sheet has %d columns at most",
			       COLUMNS_MAX);
	if (event->text.len > CELL_MAX && characters(event->text) > CELL_MAX)
		return cb_fail(err, CB_REFUSED, "“%.*s”超过一格能放的 %d 个字",
			       "'%.*s' is longer than the %d characters that a cell holds",
			       CB_TEXT_ARG(event->name), CELL_MAX);
	w->names = digest(w->names, event->name);
	if (!w->heading_names)
		add_column(w, event->name);
	if (w->cells < w->columns)
		widen(w, w->cells, event->text);
	w->cells++;
	put_cell(&w->row, (struct spot){ w->cells, w->number }, event);
	return CB_OK;
}

static void put_row(struct writer *w, const struct grow *cells, struct cb_output *out)
{
	char open[40];
	struct cb_text parts[] = { { 0 }, grow_view(cells), CB_TEXT("</row>") };

	snprintf(open, sizeof(open), "<row r=\"%u\">", w->rows + 1);
	parts[0] = cb_text_of(open);
	for (size_t i = 0; i < 3; i++) {
		if (w->is_begun)
			zip_put(&w->zip, parts[i], out);
		else
			grow_put(&w->waiting, parts[i]);
	}
	w->rows++;
	if (!w->is_begun && w->waiting.len > WAITING)
		begin_sheet(w, out);
}

static int end_record(struct writer *w, struct cb_output *out, struct cb_error *err)
{
	if (!w->heading_names) {
		w->heading_names = w->names;
		put_row(w, &w->head, out);
	}
	if (w->heading_names != w->names)
		return cb_fail(err, CB_SETUP, "这条记录的列与第一条不同，一个表格写不下",
			       "this record's columns differ from the first's; one table cannot "
			       "hold both");
	if (w->rows == ROWS_MAX || w->zip.unpacked > BYTES_MAX)
		return cb_fail(
			err, CB_SETUP, "一个工作表放不下（最多 %d 行）；请分成几个文件，或写成 CSV",
			"one sheet cannot hold it (%d rows at most); write several files, or CSV",
			ROWS_MAX);
	put_row(w, &w->row, out);
	return CB_OK;
}

static void begin_record(struct writer *w)
{
	w->names = 0xcbf29ce484222325;
	w->row.len = w->cells = 0;
	/* The heading goes out with the first record. */
	snprintf(w->number, sizeof(w->number), "%u", w->rows + 1 + !w->rows);
	if (!w->heading_names) /* the first one, or the one before was refused */
		w->head.len = w->columns = 0;
}

static void writer_free(struct writer *w)
{
	grow_done(&w->head);
	grow_done(&w->row);
	grow_done(&w->waiting);
	free(w->widths);
	zip_done(&w->zip);
	free(w);
}

static void begin_document(struct xlsx *xlsx, struct cb_output *out)
{
	if (xlsx->writer)
		writer_free(xlsx->writer);
	xlsx->writer = grow_block(NULL, sizeof(*xlsx->writer));
	*xlsx->writer = (struct writer){ 0 };
	put_book(xlsx->writer, xlsx->sheet, out);
}

static void end_document(struct xlsx *xlsx, struct cb_output *out)
{
	struct writer *w = xlsx->writer;

	if (!w->is_begun)
		begin_sheet(w, out);
	zip_put(&w->zip, CB_TEXT("</sheetData></worksheet>"), out);
	zip_end(&w->zip, out);
	zip_finish(&w->zip, out);
	writer_free(w);
	xlsx->writer = NULL;
}

int xlsx_write(void *self, const struct cb_event *event, struct cb_output *out,
	       struct cb_error *err)
{
	struct xlsx *xlsx = self;

	if (event->kind == CB_DOCUMENT_BEGIN) {
		begin_document(xlsx, out);
		return CB_OK;
	}
	if (!xlsx->writer)
		return cb_fail(err, CB_SETUP, "工作簿只能整份写出，不能一条一条地报送",
			       "a workbook is written whole and cannot be sent record by record");
	switch (event->kind) {
	case CB_RECORD_BEGIN:
		begin_record(xlsx->writer);
		return CB_OK;
	case CB_VALUE:
		return write_cell(xlsx->writer, event, err);
	case CB_RECORD_END:
		return end_record(xlsx->writer, out, err);
	case CB_DOCUMENT_END:
		end_document(xlsx, out);
		return CB_OK;
	default:
		return cb_fail(err, CB_SETUP,
			       "表格里放不下“%.*s”：它有下级或是列表，请在映射里改为一列一个值",
			       "a table has no place for '%.*s', a group or a list; map it to one "
			       "value a column",
			       CB_TEXT_ARG(event->name));
	}
}
