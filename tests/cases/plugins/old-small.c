/* old-small.c - a plugin of an older header: its structs end earlier. */
#include <casebridge/plugin.h>

static int read_nothing(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err)
{
	return CB_OK;
}

/* What this header had when it was young: nothing behind `read`. */
static const struct cb_format format = {
	.size = offsetof(struct cb_format, write),
	.state_size = 1,
	.extensions = "old-small",
	.read = read_nothing,
	/* Behind its end stands what is not its own, and is not looked at. */
	.separator = "never seen",
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,          .name = "old-small", .zh = "旧头文件的插件",
	.en = "an older header", .format = &format,
};
