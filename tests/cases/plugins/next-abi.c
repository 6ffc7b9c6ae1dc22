/* next-abi.c - a plugin of another interface: refused with a sentence. */
#include <casebridge/plugin.h>

const struct cb_plugin cb_plugin = {
	.magic = CB_PLUGIN_MAGIC,
	.abi = CB_ABI + 1,
	.size = sizeof(struct cb_plugin),
	.name = "next-abi",
};
