/*
 * xlsx.c - tests plugins/xlsx. Workbooks are made here, part by part.
 */
#include "rig.h"

#include <zip.h>

#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define SHEET(rows) "<worksheet xmlns=\"" MAIN "\"><sheetData>" rows "</sheetData></worksheet>"
#define ROW(cells) "<row>" cells "</row>"
#define T(text) "<c t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define N(number) "<c><v>" number "</v></c>"
#define STYLED(style, number) "<c s=\"" style "\"><v>" number "</v></c>"
#define NONE "<c/>"

struct part {
	const char *name, *text;
};

/* A zip of these parts, in memory; the last has no name. */
static struct cb_text pack(const struct part *parts)
{
	zip_source_t *bytes = zip_source_buffer_create(NULL, 0, 0, NULL);
	struct cb_text made;
	zip_stat_t stat;
	zip_t *zip;
	char *to;

	zip_source_keep(bytes);
	zip = zip_open_from_source(bytes, ZIP_TRUNCATE, NULL);
	assert_non_null(zip);
	for (; parts->name; parts++)
		assert_true(
			zip_file_add(zip, parts->name,
				     zip_source_buffer(zip, parts->text, strlen(parts->text), 0),
				     ZIP_FL_OVERWRITE) >= 0);
	assert_int_equal(zip_close(zip), 0);
	assert_int_equal(zip_source_open(bytes), 0);
	assert_int_equal(zip_source_stat(bytes, &stat), 0);
	to = memory_take(stat.size);
	made = (struct cb_text){ to, stat.size };
	assert_int_equal(zip_source_read(bytes, to, stat.size), (int)stat.size);
	zip_source_close(bytes);
	zip_source_free(bytes);
	return made;
}

#define BOOK                                                                                       \
	{                                                                                          \
		"xl/workbook.xml", "<workbook xmlns:r=\"" OFFICE                                   \
				   "\"><sheets><sheet name=\"台账\" sheetId=\"1\" "              \
				   "r:id=\"r1\"/></sheets></workbook>"                             \
	}
#define RELATIONS                                                                                  \
	{                                                                                          \
		"xl/_rels/workbook.xml.rels",                                                      \
			"<Relationships><Relationship Id=\"r1\" "                                  \
			"Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" "               \
			"Target=\"/xl/worksheets/sheet2.xml\"/></Relationships>"                   \
	}

static const char *read_sheet(const char *options, const char *sheet, const char *styles)
{
	const struct part parts[] = { BOOK,
				      RELATIONS,
				      { "xl/worksheets/sheet1.xml", sheet },
				      { styles ? "xl/styles.xml" : NULL, styles },
				      { NULL, NULL } };

	return rig_read_bytes("xlsx", options, pack(parts));
}

static const char *read_parts(const char *options, const struct part *parts)
{
	return rig_read_bytes("xlsx", options, pack(parts));
}

static void texts_are_shared_rich_or_in_their_cell(void **state)
{
	const struct part parts[] = {
		BOOK,
		RELATIONS,
		{ "xl/sharedStrings.xml",
		  "<sst><si><t>案号</t></si><si><r><t>张</t></r><r><rPr/><t "
		  "xml:space=\"preserve\"> "
		  "三</t></r><rPh><t>zhang</t></rPh></si><si><t>a_x000A_b</t></si></sst>" },
		{ "xl/worksheets/sheet1.xml",
		  SHEET(ROW("<c t=\"s\"><v>0</v></c>" T("姓名") T("备注"))
				ROW("<c t=\"str\"><f>X()</f><v>W-1</v></c><c t=\"s\"><v>1</v></c>"
				    "<c t=\"s\"><v>2</v></c>")) },
		{ NULL, NULL },
	};

	(void)state;
	assert_string_equal(read_parts("", parts), "@2:1 案号{W-1}姓名{张 三}备注{a\nb}\nok");
}

static void numbers_are_what_a_person_sees(void **state)
{
	static const struct {
		const char *written, *said;
	} cases[] = {
		{ "42", "42" },
		{ "1200.50", "1200.50" },
		{ "-0.5", "-0.5" },
		{ "1E+3", "1000" },
		{ "5200.3999999999996", "5200.4" },
		{ "0.30000000000000004", "0.3" },
		{ "1.5E-7", "0.00000015" },
		{ "900719925474099", "900719925474099" },
		{ "3.3028219900101101E+17", "3.30282E+17" },
		{ "330282199001011234", "3.30282E+17" },
		{ "1000000000000000", "1E+15" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char sheet[600], said[200];

		snprintf(sheet, sizeof(sheet), SHEET(ROW(T("a") T("b")) ROW(N("%s") T("x"))),
			 cases[i].written);
		snprintf(said, sizeof(said), "@2:1 a{%s}b{x}\nok", cases[i].said);
		assert_string_equal(read_sheet("", sheet, NULL), said);
	}
}

static const char looks[] =
	"<styleSheet><numFmts><numFmt numFmtId=\"176\" "
	"formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;"
	"d&quot;日&quot;;@\"/><numFmt numFmtId=\"177\" formatCode=\"[$-804]yyyy/m/d h:mm AM/PM\"/>"
	"<numFmt numFmtId=\"178\" formatCode=\"000000\"/><numFmt numFmtId=\"179\" "
	"formatCode=\"[Red]#,##0.00&quot;day&quot;_);General\"/><numFmt numFmtId=\"180\" "
	"formatCode=\"[h]:mm\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
	"<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"176\"/>"
	"<xf numFmtId=\"177\"/><xf numFmtId=\"178\"/><xf numFmtId=\"179\"/><xf numFmtId=\"9\"/>"
	"<xf numFmtId=\"180\"/><xf numFmtId=\"21\"/><xf numFmtId=\"31\"/></cellXfs></styleSheet>";

static void dates_are_known_by_their_format(void **state)
{
	static const struct {
		const char *style, *written, *said;
	} cases[] = {
		{ "0", "45359", "45359" },
		{ "1", "45359", "2024-03-08" },
		{ "1", "45359.99", "2024-03-08" },
		{ "2", "45359", "2024-03-08" },
		{ "3", "45359.354166666664", "2024-03-08 08:30:00" },
		{ "3", "45359", "2024-03-08 00:00:00" },
		{ "8", "0.5", "12:00:00" },
		{ "7", "1.5", "36:00:00" },
		{ "9", "45359", "2024-03-08" },
		{ "1", "1", "1900-01-01" },
		{ "1", "59", "1900-02-28" },
		{ "1", "61", "1900-03-01" },
		{ "1", "2958465", "9999-12-31" },
		{ "1", "2958466", "2958466" },
		{ "1", "-1", "-1" },
		{ "4", "123", "000123" },
		{ "5", "1234.5", "1234.5" },
		{ "6", "0.25", "0.25" },
		{ "99", "7", "7" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char sheet[600], said[200];

		snprintf(sheet, sizeof(sheet),
			 SHEET(ROW(T("a") T("b")) ROW(STYLED("%s", "%s") T("x"))), cases[i].style,
			 cases[i].written);
		snprintf(said, sizeof(said), "@2:1 a{%s}b{x}\nok", cases[i].said);
		assert_string_equal(read_sheet("", sheet, looks), said);
	}
}

static void a_book_may_count_its_days_from_1904(void **state)
{
	const struct part parts[] = {
		{ "xl/workbook.xml", "<workbook><workbookPr date1904=\"1\"/><sheets><sheet "
				     "name=\"a\" id=\"r1\"/></sheets></workbook>" },
		RELATIONS,
		{ "xl/styles.xml", looks },
		{ "xl/worksheets/sheet1.xml",
		  SHEET(ROW(T("a") T("b")) ROW(STYLED("1", "43897") T("x"))) },
		{ NULL, NULL },
	};

	(void)state;
	assert_string_equal(read_parts("", parts), "@2:1 a{2024-03-08}b{x}\nok");
}

static void flags_are_true_or_false(void **state)
{
	(void)state;
	assert_string_equal(read_sheet("",
				       SHEET(ROW(T("a") T("b")) ROW(
					       "<c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c>")),
				       NULL),
			    "@2:1 a{true}b{false}\nok");
}

static void cells_and_rows_say_where_they_are(void **state)
{
	(void)state;
	assert_string_equal(
		read_sheet("",
			   "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>"
			   "<row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>a</t></is></c>"
			   "<c r=\"D3\" t=\"inlineStr\"><is><t>b</t></is></c></row><row r=\"9\"/>"
			   "<row r=\"1048576\"><c r=\"D1048576\"><v>1</v></c>"
			   "<c r=\"F1048576\"><v>2</v></c></row></sheetData></worksheet>",
			   NULL),
		"@1048576:1 #1{}a{}#3{}b{1}#6{2}\nok");
}

static void the_heading_is_found_under_titles(void **state)
{
	(void)state;
	assert_string_equal(
		read_sheet("",
			   SHEET(ROW(T("矛盾纠纷台账")) ROW(T("单位：东街") NONE NONE T("3月"))
					 ROW(NONE) ROW(T(" 案号 ") T("姓名") T("金额") T("备注"))
						 ROW(T("1") T("张三") N("5") NONE)
							 ROW(T("2") T("李四") N("6") T("x"))),
			   NULL),
		"@5:1 案号{1}姓名{张三}金额{5}备注{}\n@6:1 案号{2}姓名{李四}金额{6}备注{x}\nok");
}

static void a_column_without_a_name_of_its_own_is_named_by_its_place(void **state)
{
	(void)state;
	assert_string_equal(
		read_sheet("",
			   SHEET(ROW(T("案号") T("姓名") T("电话") T("甲") T("乙") T("电话")
					     NONE T("丙")) ROW(N("1") T("x") T("y") NONE NONE T("z")
								       T("w") T("v") T("u"))),
			   NULL),
		"@2:1 案号{1}姓名{x}#3{y}甲{}乙{}#6{z}#7{w}丙{v}#9{u}\nok");
}

#define MERGED(rows, merges)                                                                       \
	"<worksheet><sheetData>" rows "</sheetData><mergeCells>" merges "</mergeCells></"          \
	"worksheet>"
#define TWO_ROWS                                                                                   \
	ROW(T("台账"))                                                                             \
	ROW(T("案号") T("申请人") NONE T("被申请人") NONE)                                         \
	ROW(NONE T("姓名") T("电话") T("姓名") T("电话"))                                          \
	ROW(N("1") T("张三") T("138") T("李四") T("139"))

static void two_rows_with_merged_cells_are_one_heading(void **state)
{
	const char *said = "@4:1 案号{1}申请人/姓名{张三}申请人/电话{138}被申请人/姓名{李四}"
			   "被申请人/电话{139}\nok";

	(void)state;
	assert_string_equal(
		read_sheet("",
			   MERGED(TWO_ROWS, "<mergeCell ref=\"A1:E1\"/><mergeCell "
					    "ref=\"A2:A3\"/><mergeCell "
					    "ref=\"B2:C2\"/><mergeCell ref=\"D2:E2\"/>"),
			   NULL),
		said);
	assert_string_equal(
		read_sheet("heading=2-3",
			   MERGED(TWO_ROWS, "<mergeCell ref=\"B2:C2\"/><mergeCell ref=\"D2:E2\"/>"),
			   NULL),
		said);
}

static void a_row_under_a_merged_cell_is_held_or_filled(void **state)
{
	const char *sheet = MERGED(ROW(T("a") T("b")) ROW(T("x") N("1")) ROW(NONE N("2"))
					   ROW(NONE N("3")) ROW(T("y") N("4")) ROW(NONE N("5")),
				   "<mergeCell ref=\"A5:B5\"/><mergeCell ref=\"A2:A3\"/><mergeCell "
				   "ref=\"B6:B9\"/>");

	(void)state;
	assert_string_equal(
		read_sheet("", sheet, NULL),
		"@2:1 a{x}b{1}\n?3:1 cell A3 is merged with the one above, and whether that value "
		"counts for this row too is not known; unmerge and fill in each row, or set "
		"fill=yes\n@4:1 a{}b{3}\n@5:1 a{y}b{4}\n@6:1 a{}b{5}\nok");
	assert_non_null(strstr(read_sheet("fill=yes", sheet, NULL),
			       "@2:1 a{x}b{1}\n@3:1 a{x}b{2}\n@4:1 a{}b{3}"));
}

static void the_heading_can_be_said(void **state)
{
	const char *sheet = SHEET(ROW(T("a") T("b")) ROW(N("1") T("c")) ROW(T("d") N("2")));

	(void)state;
	assert_string_equal(read_sheet("", sheet, NULL), "@2:1 a{1}b{c}\n@3:1 a{d}b{2}\nok");
	assert_string_equal(read_sheet("heading=2", sheet, NULL), "@3:1 1{d}c{2}\nok");
	assert_string_equal(read_sheet("skip=1", sheet, NULL), "@3:1 1{d}c{2}\nok");
	assert_string_equal(read_sheet("heading=no", sheet, NULL),
			    "@1:1 #1{a}#2{b}\n@2:1 #1{1}#2{c}\n@3:1 #1{d}#2{2}\nok");
	assert_non_null(strstr(read_sheet("heading=7", sheet, NULL), "broken there is no heading"));
	assert_non_null(strstr(read_sheet("heading=x", sheet, NULL), "setup heading must be"));
}

static void a_sheet_without_a_heading_is_asked_about(void **state)
{
	(void)state;
	assert_non_null(strstr(read_sheet("", SHEET(ROW(N("1") N("2")) ROW(N("3") N("4"))), NULL),
			       "setup no heading"));
	assert_non_null(strstr(read_sheet("", SHEET(""), NULL), "broken there is no heading"));
	assert_string_equal(read_sheet("", SHEET(ROW(T("a") T("b"))), NULL), "ok");
}

static const struct part three_sheets[] = {
	{ "xl/workbook.xml",
	  "<workbook><sheets><sheet name=\"藏\" state=\"hidden\" id=\"r1\"/><sheet name=\"空\" "
	  "id=\"r2\"/><sheet name=\"表\" id=\"r3\"/></sheets></workbook>" },
	{ "xl/_rels/workbook.xml.rels",
	  "<Relationships><Relationship Id=\"r1\" Target=\"s1.xml\"/><Relationship Id=\"r2\" "
	  "Target=\"s2.xml\"/><Relationship Id=\"r3\" Target=\"s3.xml\"/></Relationships>" },
	{ "xl/s1.xml", SHEET(ROW(T("a") T("b")) ROW(N("1") N("1"))) },
	{ "xl/s2.xml", SHEET(ROW(NONE)) },
	{ "xl/s3.xml", SHEET(ROW(T("a") T("b")) ROW(N("3") N("3"))) },
	{ NULL, NULL },
};

static void the_first_sheet_that_is_shown_and_holds_something_is_read(void **state)
{
	(void)state;
	assert_string_equal(read_parts("", three_sheets), "@2:1 a{3}b{3}\nok");
}

static void a_sheet_can_be_said_by_name_or_number(void **state)
{
	(void)state;
	assert_string_equal(read_parts("sheet=藏", three_sheets), "@2:1 a{1}b{1}\nok");
	assert_string_equal(read_parts("sheet=2", three_sheets), "@2:1 a{3}b{3}\nok");
	assert_string_equal(read_parts("sheet=x", three_sheets),
			    "setup there is no sheet 'x'; there are: 空, 表");
}

static void a_formulas_error_holds_its_row(void **state)
{
	const char *sheet =
		SHEET(ROW(T("a") T("b")) ROW(N("1") "<c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c>")
			      ROW(N("2") N("x")) ROW(N("3") N("3")));

	(void)state;
	assert_string_equal(
		read_sheet("", sheet, NULL),
		"?2:1 cell B2 holds the error #DIV/0!; mend its formula, or set errors=yes to read "
		"it as it is\n?3:1 cell B3 holds the error #NUM!; mend its formula, or set "
		"errors=yes to read it as it is\n@4:1 a{3}b{3}\nok");
	assert_non_null(strstr(read_sheet("errors=yes", sheet, NULL), "@2:1 a{1}b{#DIV/0!}"));
}

static void a_cell_far_out_holds_its_row(void **state)
{
	(void)state;
	assert_string_equal(
		read_sheet("columns_max=3",
			   SHEET(ROW(T("a") T("b")) ROW("<c r=\"XFD2\"><v>1</v></c>")
					 ROW(N("1") N("2"))),
			   NULL),
		"?2:1 row 2 has a cell beyond column 3 (columns_max), or too much text\n"
		"@3:1 a{1}b{2}\nok");
}

static void a_doctype_is_refused(void **state)
{
	(void)state;
	assert_non_null(
		strstr(read_sheet("",
				  "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" SHEET(
					  ROW(T("&a;") T("b")) ROW(N("1") N("2"))),
				  NULL),
		       "broken part xl/worksheets/sheet1.xml of the workbook has a DOCTYPE"));
}

static void what_is_missing_is_said(void **state)
{
	static const struct {
		struct part parts[4];
		const char *said;
	} cases[] = {
		{ { { "x", "y" } }, "broken this zip holds no workbook" },
		{ { { "xl/workbook.bin", "y" } }, "setup this is a binary workbook (.xlsb)" },
		{ { { "content.xml", "y" } }, "setup this is an OpenDocument sheet" },
		{ { { "word/document.xml", "y" } }, "setup this is a Word document" },
		{ { BOOK }, "broken this zip holds no workbook" },
		{ { BOOK, RELATIONS }, "broken the workbook lacks the part of sheet '台账'" },
		{ { BOOK, RELATIONS, { "xl/worksheets/sheet1.xml", "<worksheet><row>" } },
		  "broken part xl/worksheets/sheet1.xml of the workbook is broken XML" },
		{ { BOOK,
		    RELATIONS,
		    { "xl/worksheets/sheet1.xml", SHEET(ROW("<c t=\"s\"><v>7</v></c>" T("b"))) } },
		  "broken a text of row 1 is not in the workbook" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct part parts[5] = { { NULL, NULL } };

		memcpy(parts, cases[i].parts, sizeof(cases[i].parts));
		assert_non_null(strstr(read_parts("", parts), cases[i].said));
	}
}

static void what_is_no_workbook_is_named(void **state)
{
	static const struct {
		const char *document, *said;
	} cases[] = {
		{ "", "broken the document is empty" },
		{ "案号,姓名\n1,2\n", "setup this is a table of plain text (CSV)" },
		{ "<?xml version=\"1.0\"?><Workbook/>", "setup this is XML text" },
		{ "\xff\x01\x02", "broken this is no Excel workbook" },
		{ "PK\x03\x04, and then nothing", "broken the workbook is cut or damaged" },
		{ "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "broken the old workbook is cut" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_non_null(strstr(rig_read("xlsx", "", cases[i].document), cases[i].said));
}

static void a_page_that_is_called_xls_is_read(void **state)
{
	const char *said = "@3:1 案号{1}申请人/姓名{张 三}申请人/电话{138}\n"
			   "@4:1 案号{2}申请人/姓名{}申请人/电话{139}\nok";
	const char *page = "<html><head><meta charset=\"gbk\"></head><body><table><tr><th "
			   "rowspan=2>案号<th colspan=2>申请人</tr><tr><td>姓名<td>电话</tr>"
			   "<tr><td>1<td>张\n  <b>三</b></td><td>138</td></tr><tr><td>2</td>"
			   "<td>&nbsp;</td><td>139</td></tr></table><table><tr><td>x</table>";
	char gbk[] = "<table><tr><td>\xb0\xb8\xba\xc5</td><td>\xd0\xd5\xc3\xfb</td></tr>"
		     "<tr><td>1</td><td>\xd5\xc5\xc8\xfd</td></tr></table>";

	(void)state;
	assert_string_equal(rig_read("xlsx", "", page), said);
	assert_string_equal(rig_read("xlsx", "", gbk), "@2:1 案号{1}姓名{张三}\nok");
}

static void a_bomb_is_not_unpacked(void **state)
{
	size_t len = 40u << 20;
	char *text = memory_take(len + 1);
	struct part parts[] = {
		BOOK, RELATIONS, { "xl/worksheets/sheet1.xml", text }, { NULL, NULL }
	};

	(void)state;
	memset(text, ' ', len);
	memcpy(text, "<worksheet>", 11);
	assert_non_null(strstr(read_parts("", parts), "broken part xl/worksheets/sheet1.xml of the "
						      "workbook unpacks to more than"));
	assert_non_null(strstr(read_parts("unpacked_max=1M", parts), "unpacks to more than"));
	assert_non_null(strstr(read_parts("size_max=100", parts), "longer than 100 bytes"));
	free(text);
}

static void shared_texts_have_a_bound(void **state)
{
	const struct part parts[] = {
		BOOK,
		RELATIONS,
		{ "xl/sharedStrings.xml", "<sst><si><t>12345678</t></si></sst>" },
		{ NULL, NULL },
	};

	(void)state;
	assert_non_null(
		strstr(read_parts("strings_max=7", parts), "(strings_max); split the file"));
}

/* An old workbook: a compound file with one stream of records. */

static void put16(struct buffer *b, unsigned n)
{
	buffer_char(b, (char)(n & 0xff));
	buffer_char(b, (char)(n >> 8 & 0xff));
}

static void put32(struct buffer *b, uint32_t n)
{
	put16(b, n & 0xffff);
	put16(b, n >> 16);
}

static void put_record(struct buffer *b, unsigned id, const void *data, size_t len)
{
	put16(b, id);
	put16(b, (unsigned)len);
	buffer_put(b, data, len);
}

static void put_double(struct buffer *b, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	put32(b, (uint32_t)bits);
	put32(b, (uint32_t)(bits >> 32));
}

/* Row, column, style; then what the cell holds. */
static void put_cell(struct buffer *b, unsigned id, unsigned row, unsigned column, unsigned style,
		     const struct buffer *value)
{
	struct buffer data = { 0 };

	put16(&data, row);
	put16(&data, column);
	put16(&data, style);
	buffer_put(&data, value->at, value->len);
	put_record(b, id, data.at, data.len);
	buffer_done(&data);
}

static void put_shared(struct buffer *b, unsigned row, unsigned column, uint32_t index)
{
	struct buffer value = { 0 };

	put32(&value, index);
	put_cell(b, 0xfd, row, column, 0, &value);
	buffer_done(&value);
}

static void put_number(struct buffer *b, unsigned row, unsigned column, unsigned style,
		       double number)
{
	struct buffer value = { 0 };

	put_double(&value, number);
	put_cell(b, 0x203, row, column, style, &value);
	buffer_done(&value);
}

#define OLD_SHEET_AT 400

/* 案号 | ab…, the latter cut by a record's end; then a row of numbers. */
static void put_workbook(struct buffer *b)
{
	static const char begin_book[] = "\x00\x06\x05\x00", begin_sheet[] = "\x00\x06\x10\x00";
	struct buffer data = { 0 };

	put_record(b, 0x809, begin_book, 4);
	put_record(b, 0xe0, "\0\0\0\0", 4);   /* style 0: General */
	put_record(b, 0xe0, "\0\0\x0e\0", 4); /* style 1: a date */
	put32(&data, OLD_SHEET_AT);
	buffer_put(&data, "\0\0\x02\0ab", 6);
	put_record(b, 0x85, data.at, data.len);
	buffer_clear(&data);
	put32(&data, 2);
	put32(&data, 2);
	buffer_put(&data, "\x02\0\x01\x48\x68\xf7\x53", 7); /* 案号, wide */
	buffer_put(&data, "\x04\0\0ab", 5);                 /* four letters, two of them here */
	put_record(b, 0xfc, data.at, data.len);
	put_record(b, 0x3c, "\x01\xd3\x59\x0d\x54", 5); /* and two, wide now: 姓名 */
	put_record(b, 0x0a, "", 0);
	while (b->len < OLD_SHEET_AT)
		buffer_char(b, '\0');
	put_record(b, 0x809, begin_sheet, 4);
	put_shared(b, 0, 0, 0);
	put_shared(b, 0, 1, 1);
	put_number(b, 1, 0, 0, 330282199001011234.0);
	put_number(b, 1, 1, 1, 45359);
	put_record(b, 0x0a, "", 0);
	buffer_done(&data);
}

static void put_entry(struct buffer *b, const char *name, char type, uint32_t start, uint32_t size)
{
	size_t begin = b->len;

	for (const char *at = name; *at; at++)
		put16(b, (unsigned char)*at);
	while (b->len < begin + 64)
		buffer_char(b, '\0');
	put16(b, (unsigned)(2 * strlen(name) + 2));
	buffer_char(b, type);
	while (b->len < begin + 116)
		buffer_char(b, '\0');
	put32(b, start);
	put32(b, size);
	put32(b, 0);
}

/* The header; sector 0: the chains; 1: the directory; from 2: the stream. */
static struct cb_text old_book(const char *name)
{
	struct buffer b = { 0 }, stream = { 0 };
	unsigned sectors = 8; /* 4096 bytes, so that it is none of the small ones */

	put_workbook(&stream);
	while (stream.len < sectors * 512)
		buffer_char(&stream, '\0');
	buffer_put(&b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
	while (b.len < 24)
		buffer_char(&b, '\0');
	put32(&b, 0x0003003e);
	put16(&b, 0xfffe);
	put16(&b, 9);
	put16(&b, 6);
	while (b.len < 44)
		buffer_char(&b, '\0');
	put32(&b, 1); /* one sector of chains */
	put32(&b, 1); /* the directory's */
	put32(&b, 0);
	put32(&b, 4096);
	put32(&b, 0xfffffffe);
	put32(&b, 0);
	put32(&b, 0xfffffffe);
	put32(&b, 0);
	put32(&b, 0);
	while (b.len < 512)
		buffer_char(&b, '\xff');
	put32(&b, 0xfffffffd);
	put32(&b, 0xfffffffe);
	for (unsigned i = 0; i < sectors; i++)
		put32(&b, i + 1 < sectors ? i + 3 : 0xfffffffe);
	while (b.len < 1024)
		buffer_char(&b, '\xff');
	put_entry(&b, "Root Entry", 5, 0xfffffffe, 0);
	put_entry(&b, name, 2, 2, (uint32_t)stream.len);
	while (b.len < 1536)
		buffer_char(&b, '\0');
	buffer_put(&b, stream.at, stream.len);
	buffer_done(&stream);
	return buffer_view(&b);
}

static void an_old_workbook_is_read_by_the_same_rules(void **state)
{
	(void)state;
	assert_string_equal(rig_read_bytes("xlsx", "", old_book("Workbook")),
			    "@2:1 案号{3.30282E+17}ab姓名{2024-03-08}\nok");
}

static void a_password_is_named(void **state)
{
	(void)state;
	assert_string_equal(rig_read_bytes("xlsx", "", old_book("EncryptedPackage")),
			    "setup the file has a password; save a copy without it");
	assert_non_null(strstr(rig_read_bytes("xlsx", "", old_book("Book")), "Excel 95 or older"));
	assert_non_null(strstr(rig_read_bytes("xlsx", "", old_book("WordDocument")),
			       "setup this is an old Office file and no workbook"));
}

/* Whatever is read: a verdict with a sentence, or records. */
static void read_once(const char *bytes, size_t len)
{
	rig_read_pieces(rig_plugin("xlsx"), "", (struct cb_text){ bytes, len }, SIZE_MAX, 0);
}

static void cut_and_damage(struct cb_text whole)
{
	char *copy = memory_take(whole.len);
	uint64_t random = 1;

	for (size_t len = 0; len < whole.len; len += 1 + whole.len / 300)
		read_once(whole.at, len);
	for (size_t i = 0; i < 2000; i++) {
		memcpy(copy, whole.at, whole.len);
		for (size_t n = 0; n < 3; n++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			copy[(random >> 33) % whole.len] = (char)(random >> 20);
		}
		read_once(copy, whole.len);
	}
	free(copy);
}

static void a_damaged_workbook_is_never_a_crash(void **state)
{
	struct part parts[] = { BOOK,
				RELATIONS,
				{ "xl/styles.xml", looks },
				{ "xl/worksheets/sheet1.xml", MERGED(TWO_ROWS, "<mergeCell "
									       "ref=\"A2:A3\"/>") },
				{ NULL, NULL } };

	(void)state;
	cut_and_damage(pack(parts));
	cut_and_damage(old_book("Workbook"));
}

/* What was written, read again. */
static const char *again(const struct cb_event *events, size_t count)
{
	const struct cb_plugin *plugin = rig_plugin("xlsx");
	void *writer = rig_state(plugin->format, "");
	struct cb_output out = { 0 };
	struct cb_error err;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(plugin->format->write(writer, &events[i], &out, &err), CB_OK);
	free(writer);
	return rig_read_bytes("xlsx", "", buffer_view(&out.bytes));
}

#define AGAIN(...)                                                                                 \
	again((const struct cb_event[]){ __VA_ARGS__ },                                            \
	      sizeof((const struct cb_event[]){ __VA_ARGS__ }) / sizeof(struct cb_event))

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	assert_string_equal(
		AGAIN(E_BEGIN(""), E_RECORD(""), E_VALUE("身份证", "330282199001011234"),
		      E_NUMBER("金额", "1200.50"), E_VALUE("备注", "<a> & \"b\"\n_x000A_ \x01\r"),
		      E_NOTHING("空"), E_RECORD_END, E_RECORD(""), E_VALUE("身份证", "03"),
		      E_NUMBER("金额", "12345678901234567"), E_VALUE("备注", " "), E_NOTHING("空"),
		      E_RECORD_END, E_END),
		"@2:1 身份证{330282199001011234}金额{1200.50}备注{<a> & \"b\"\n_x000A_ \r}空{}\n"
		"@3:1 身份证{03}金额{12345678901234567}备注{ }空{}\nok");
}

static void a_row_that_is_refused_leaves_nothing_behind(void **state)
{
	static const struct cb_event events[] = { E_BEGIN(""),       E_RECORD(""),
						  E_VALUE("a", "1"), E_VALUE("b", "x"),
						  E_RECORD_END,      E_END };
	const struct cb_plugin *plugin = rig_plugin("xlsx");
	struct cb_event event = E_VALUE("a", "");
	void *writer = rig_state(plugin->format, "");
	struct cb_output out = { 0 };
	struct cb_error err;
	char *text = memory_take(40000);

	(void)state;
	memset(text, 'x', 40000);
	event.text = (struct cb_text){ text, 40000 };
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(plugin->format->write(writer, &events[i], &out, &err), CB_OK);
	assert_int_equal(plugin->format->write(writer, &event, &out, &err), CB_REFUSED);
	for (size_t i = 1; i < 6; i++)
		assert_int_equal(plugin->format->write(writer, &events[i], &out, &err), CB_OK);
	assert_string_equal(rig_read_bytes("xlsx", "", buffer_view(&out.bytes)),
			    "@2:1 a{1}b{x}\nok");
	free(writer);
	free(text);
	buffer_done(&out.bytes);
}

static void a_workbook_has_no_fragments(void **state)
{
	(void)state;
	assert_non_null(
		strstr(rig_write_events("xlsx", "", E_RECORD(""), E_VALUE("a", "1"), E_RECORD_END),
		       "setup a workbook is written whole"));
}

static void a_sheet_written_from_many_rows_is_whole(void **state)
{
	const size_t rows = 3000;
	struct cb_event *events = memory_take((4 * rows + 2) * sizeof(*events));
	const char *said;
	size_t n = 0;

	(void)state;
	events[n++] = (struct cb_event)E_BEGIN("");
	for (size_t i = 0; i < rows; i++) {
		events[n++] = (struct cb_event)E_RECORD("");
		events[n++] = (struct cb_event)E_VALUE("a", "一段不太短的文字");
		events[n++] = (struct cb_event)E_NUMBER("b", "17");
		events[n++] = (struct cb_event)E_RECORD_END;
	}
	events[n++] = (struct cb_event)E_END;
	said = again(events, n);
	assert_non_null(strstr(said, "@3001:1 a{一段不太短的文字}b{17}\nok"));
	free(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_shared_rich_or_in_their_cell),
		cmocka_unit_test(numbers_are_what_a_person_sees),
		cmocka_unit_test(dates_are_known_by_their_format),
		cmocka_unit_test(a_book_may_count_its_days_from_1904),
		cmocka_unit_test(flags_are_true_or_false),
		cmocka_unit_test(cells_and_rows_say_where_they_are),
		cmocka_unit_test(the_heading_is_found_under_titles),
		cmocka_unit_test(a_column_without_a_name_of_its_own_is_named_by_its_place),
		cmocka_unit_test(two_rows_with_merged_cells_are_one_heading),
		cmocka_unit_test(a_row_under_a_merged_cell_is_held_or_filled),
		cmocka_unit_test(the_heading_can_be_said),
		cmocka_unit_test(a_sheet_without_a_heading_is_asked_about),
		cmocka_unit_test(the_first_sheet_that_is_shown_and_holds_something_is_read),
		cmocka_unit_test(a_sheet_can_be_said_by_name_or_number),
		cmocka_unit_test(a_formulas_error_holds_its_row),
		cmocka_unit_test(a_cell_far_out_holds_its_row),
		cmocka_unit_test(a_doctype_is_refused),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(what_is_no_workbook_is_named),
		cmocka_unit_test(a_page_that_is_called_xls_is_read),
		cmocka_unit_test(a_bomb_is_not_unpacked),
		cmocka_unit_test(shared_texts_have_a_bound),
		cmocka_unit_test(an_old_workbook_is_read_by_the_same_rules),
		cmocka_unit_test(a_password_is_named),
		cmocka_unit_test(a_damaged_workbook_is_never_a_crash),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_row_that_is_refused_leaves_nothing_behind),
		cmocka_unit_test(a_workbook_has_no_fragments),
		cmocka_unit_test(a_sheet_written_from_many_rows_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
