/*
 * xlsx.c - workbooks as a format: the options, what a document is by its first
 * bytes, and the plugin. See table.h for what becomes a record.
 */
#include "xlsx.h"

#include <libxml/parser.h>
#include <strings.h>

#include <casebridge/plugin.h>

#include "table.h"

static const struct cb_option options[] = {
	CB_OPTION(struct xlsx, sheet, NULL, "工作表的名称，或看得见的第几个；不写则第一个有内容的",
		  "a sheet's name, or its number among those that are shown; else the first with "
		  "content"),
	CB_OPTION(struct xlsx, heading, "yes",
		  "yes 自动找表头；或表头的行号（3），或两行表头（3-4）；no 则各列名为 #1 #2 …",
		  "yes: find the heading; or its row (3), or its two rows (3-4); no: columns are "
		  "#1 #2 …"),
	CB_OPTION(struct xlsx, skip, "0", "表头之上有几行标题要跳过；0 自动找",
		  "rows of titles above the heading; 0: find it"),
	CB_OPTION(struct xlsx, errors, "no", "照原样读公式错误（#REF! 等）；no 则挂起那一行",
		  "read formula errors (#REF! …) as they are; no: the row is held"),
	CB_OPTION(struct xlsx, fill, "no", "上下合并的格，每一行都取它的值；no 则挂起下面的行",
		  "a cell merged down counts for each of its rows; no: the rows below it are held"),
	CB_OPTION(struct xlsx, size_max, "64M", "文件最大多少字节", "the largest file, in bytes"),
	CB_OPTION(struct xlsx, unpacked_max, "1G", "解压后最大多少字节",
		  "the most it may unpack to, in bytes"),
	CB_OPTION(struct xlsx, strings_max, "128M", "共享的文字最多多少字节",
		  "the shared texts' most bytes"),
	CB_OPTION(struct xlsx, columns_max, "4096", "最多多少列", "how many columns at most"),
	{ 0 },
};

static int collect(const struct xlsx *xlsx, struct cb_input *in, struct grow *bytes,
		   struct cb_error *err)
{
	struct cb_text piece;
	int rc;

	while ((rc = cb_input_next(in, &piece, err)) == CB_OK && piece.len) {
		if ((int64_t)(bytes->len + piece.len) > xlsx->size_max)
			return cb_fail(
				err, CB_BROKEN,
				"工作簿超过 %lld 字节（size_max）；请拆成几个文件，或调大它",
				"the workbook is longer than %lld bytes (size_max); split it, "
				"or raise the limit",
				(long long)xlsx->size_max);
		grow_put(bytes, piece);
	}
	return rc;
}

static bool begins(struct cb_text bytes, const char *magic, size_t len)
{
	return bytes.len >= len && memcmp(bytes.at, magic, len) == 0;
}

/* Is it a page? Its first tag is known, or a table stands near its beginning. */
static bool is_html(struct cb_text text)
{
	static const char *const tags[] = { "<html", "<!doctype html", "<table", "<meta",
					    "<head", "<style",         "<body" };
	size_t at = 0, most = text.len < 4096 ? text.len : 4096;

	while (at < text.len && text.at[at] && strchr(" \t\r\n", text.at[at]))
		at++;
	if (at == text.len || text.at[at] != '<')
		return false;
	for (; at < most; at++)
		for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
			if (text.len - at >= strlen(tags[i]) &&
			    strncasecmp(text.at + at, tags[i], strlen(tags[i])) == 0)
				return true;
	return false;
}

/* A document that is text; systems like to call their CSV and HTML ".xls". */
static int read_text(struct source *source, struct cb_input *in)
{
	struct cb_text text;

	if (cb_input_text(in, source->bytes, &text, NULL) != CB_OK)
		return cb_fail(source->err, CB_BROKEN,
			       "这不是 Excel 工作簿；请用 Excel 或 WPS 打开后另存为 .xlsx",
			       "this is no Excel workbook; open it in Excel or WPS and save it as "
			       ".xlsx");
	if (is_html(text))
		return html_read(source, text);
	if (text.len && text.at[0] == '<')
		return cb_fail(
			source->err, CB_SETUP,
			"这是 XML 文本，不是 Excel 工作簿；请用 Excel 或 WPS 打开后另存为 .xlsx",
			"this is XML text and no Excel workbook; open it in Excel or WPS and "
			"save it as .xlsx");
	return cb_fail(
		source->err, CB_SETUP,
		"这是纯文本表格（CSV），不是 Excel 工作簿；请把文件的扩展名改成 .csv",
		"this is a table of plain text (CSV) and no Excel workbook; change the file's "
		"extension to .csv");
}

static int read_bytes(struct source *source, struct cb_input *in)
{
	if (!source->bytes.len)
		return cb_fail(source->err, CB_BROKEN, "文件是空的，应是工作簿",
			       "the document is empty, expected a workbook");
	if (begins(source->bytes, "PK", 2))
		return book_read(source);
	if (begins(source->bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
		return biff_read(source);
	return read_text(source, in);
}

static int xlsx_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err)
{
	struct grow bytes = { 0 };
	struct table table;
	struct source source = { .xlsx = self, .table = &table, .err = err };
	int rc = table_init(&table, self, out, err);

	if (rc == CB_OK)
		rc = collect(self, in, &bytes, err);
	source.bytes = grow_view(&bytes);
	if (rc == CB_OK)
		rc = read_bytes(&source, in);
	if (rc == CB_OK)
		rc = table_end(&table);
	table_done(&table);
	grow_done(&bytes);
	return rc;
}

static const struct cb_format format = {
	.size = sizeof(format),
	.state_size = sizeof(struct xlsx),
	.options = options,
	.media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet "
		 "application/vnd.ms-excel application/vnd.ms-excel.sheet.macroenabled.12 "
		 "application/wps-office.et application/wps-office.xlsx",
	.extensions = "xlsx xlsm xls et",
	.read = xlsx_read,
	.write = xlsx_write,
	.separator = "",
	.is_binary = true,
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = "xlsx",
	.zh = "Excel 与 WPS 工作簿：一行一条记录",
	.en = "workbooks of Excel and WPS: a record a row",
	.format = &format,
};
