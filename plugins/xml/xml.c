/*
 * xml.c - XML as a format: the options and the plugin; see read.c and write.c.
 */
#include "xml.h"

#include <casebridge/plugin.h>

static const struct cb_option options[] = {
	CB_OPTION(struct xml, records, NULL, "记录的路径，从根元素写起，如 result/events/event",
		  "path to the records from the document's root, such as result/events/event"),
	CB_OPTION(struct xml, root, NULL, "记录的元素名，在任何一层；写了 records 时不看它",
		  "name of the records' element, at any depth; not used beside `records`"),
	CB_OPTION(struct xml, depth, "64", "元素最多嵌套几层", "how deep elements may be nested"),
	CB_OPTION(struct xml, text_max, "16M", "一个元素的文字最长多少字节",
		  "the longest text of one element, in bytes"),
	CB_OPTION(struct xml, attributes_max, "1000", "一个元素最多有几个属性",
		  "how many attributes one element may have"),
	CB_OPTION(struct xml, huge, "no", "放宽 libxml2 自身的限制（单个标记 10 MB）",
		  "lift libxml2's own limits (10 MB for one tag)"),
	CB_OPTION(struct xml, envelope, "no", "记录元素本身也算一层，路径从它写起",
		  "the record's element is a node too: paths begin with it"),
	{ 0 },
};

static const struct cb_format format = {
	.size = sizeof(format),
	.state_size = sizeof(struct xml),
	.options = options,
	.media = "application/xml text/xml",
	.extensions = "xml",
	.read = xml_read,
	.write = xml_write,
	.separator = "",
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = "xml",
	.zh = "XML：一个元素一条记录",
	.en = "XML: a record an element",
	.format = &format,
};
