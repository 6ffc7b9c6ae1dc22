/*
 * plugin.h - the one constant that a plugin exports.
 *
 *     const struct cb_plugin cb_plugin = {
 *             CB_PLUGIN_HEAD, .name = "lines", .zh = "…", .en = "…", .format = &format,
 *     };
 *
 * Structs only grow at the end, each with its size first: a host reads no
 * further than the plugin's size, so an older plugin runs on a newer host. The
 * ABI number changes when that is not enough; then the host refuses the plugin
 * with a sentence.
 */
#ifndef CASEBRIDGE_PLUGIN_H
#define CASEBRIDGE_PLUGIN_H

#include <casebridge/connector.h>
#include <casebridge/digest.h>
#include <casebridge/format.h>
#include <casebridge/log.h>

#define CB_ABI 2 /* 2: struct cb_part, which stands in arrays, grew */

struct cb_plugin {
	uint32_t magic, abi;
	size_t size;
	const char *name;               /* lower case, as manifests and mappings say it */
	const char *zh, *en;            /* one line */
	const struct cb_format *format; /* one of the two */
	const struct cb_connector *connector;
};

#define CB_PLUGIN_MAGIC 0x63627031u /* "cbp1" */
#define CB_PLUGIN_HEAD .magic = CB_PLUGIN_MAGIC, .abi = CB_ABI, .size = sizeof(struct cb_plugin)

extern CB_API const struct cb_plugin cb_plugin;

#endif
