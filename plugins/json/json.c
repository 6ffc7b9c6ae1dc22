/*
 * json.c - JSON as a format: the options and the plugin; see read.c and write.c.
 */
#include "json.h"

#include <casebridge/plugin.h>

static const struct cb_option options[] = {
	CB_OPTION(struct json, records, NULL, "记录的路径，如 data/rows；名字里有 / 时用单引号括起",
		  "path to the records, such as data/rows; a name with a / goes in single quotes"),
	CB_OPTION(struct json, root, NULL, "记录的键名，在任何一层；写了 records 时不看它",
		  "key of the records, at any depth; not used beside `records`"),
	CB_OPTION(
		struct json, lines, NULL,
		"yes：一行一条（NDJSON），坏行不影响别的行；no：不是；不写则看内容",
		"yes: a record a line (NDJSON), a broken line spoils no other; no: not so; unset: "
		"by evidence"),
	CB_OPTION(struct json, depth, "64", "最多嵌套几层", "how deep values may be nested"),
	CB_OPTION(struct json, text_max, "16M", "一段文字最长多少字节",
		  "the longest text, in bytes"),
	CB_OPTION(struct json, array, "no", "写出时用一个数组，而不是一行一条",
		  "write one array, not a record a line"),
	{ 0 },
};

static const struct cb_format format = {
	.size = sizeof(format),
	.state_size = sizeof(struct json),
	.options = options,
	.media = "application/json text/json application/x-ndjson application/jsonl",
	.extensions = "json ndjson jsonl",
	.read = json_read,
	.write = json_write,
	.separator = ",",
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = "json",
	.zh = "JSON：数组、NDJSON 或信封里的记录",
	.en = "JSON: records in an array, in lines or in an envelope",
	.format = &format,
};
