/*
 * csv.c - CSV as a format: the options and the plugin; see read.c and write.c.
 */
#include "csv.h"

#include <casebridge/plugin.h>

static const struct cb_option options[] = {
	CB_OPTION(struct csv, separator, NULL,
		  "分隔符：一个字符或 tab；不写则看表头（, ; tab |），写出时用逗号",
		  "one character or tab; unset: by the heading line (, ; tab |), a comma when "
		  "writing"),
	CB_OPTION(struct csv, heading, "yes", "第一行是表头；no 则各列名为 #1 #2 …",
		  "the first row names the columns; no: they are #1 #2 …"),
	CB_OPTION(struct csv, skip, "0", "表头之上有几行标题要跳过",
		  "rows of titles above the heading"),
	{ .name = "short",
	  .type = CB_OPTION_FLAG,
	  .offset = offsetof(struct csv, is_short),
	  .standard = "no",
	  .zh = "允许一行比表头少列，缺的列视为没有",
	  .en = "a row may have fewer cells than the heading; the rest are not there" },
	CB_OPTION(struct csv, cell_max, "16M", "一格最长多少字节", "the longest cell, in bytes"),
	CB_OPTION(struct csv, row_max, "64M", "一行最长多少字节", "the longest row, in bytes"),
	CB_OPTION(struct csv, columns_max, "4096", "最多多少列", "how many columns at most"),
	CB_OPTION(struct csv, newline, "crlf", "写出时的换行：crlf（Excel）或 lf",
		  "line ends when writing: crlf (Excel) or lf"),
	CB_OPTION(struct csv, bom, "no", "写出时以 UTF-8 BOM 开头，旧版 Excel 需要",
		  "begin with a UTF-8 byte order mark, which older Excel needs"),
	CB_OPTION(struct csv, defuse, "no",
		  "写出时给 = + - @ 开头的格加撇号，防止 Excel 当公式；会改变数据",
		  "write an apostrophe before cells with = + - @ in front, so that Excel runs no "
		  "formula; this changes the data"),
	{ 0 },
};

int csv_separator(const char *option)
{
	if (!option || !*option)
		return 0;
	if (strcmp(option, "tab") == 0 || strcmp(option, "\\t") == 0)
		return '\t';
	if (option[1] || (unsigned char)*option >= 0x80 || strchr("\"\r\n", *option))
		return -1;
	return *option;
}

int csv_bad_separator(struct cb_error *err)
{
	return cb_fail(err, CB_SETUP, "separator 应是一个 ASCII 字符或 tab，不能是引号或换行",
		       "separator must be one ASCII character or tab, and no quote or line end");
}

static const struct cb_format format = {
	.size = sizeof(format),
	.state_size = sizeof(struct csv),
	.options = options,
	.media = "text/csv text/tab-separated-values",
	.extensions = "csv tsv",
	.read = csv_read,
	.write = csv_write,
	.separator = "",
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = "csv",
	.zh = "CSV 表格：一行一条记录",
	.en = "CSV tables: a record a row",
	.format = &format,
};
