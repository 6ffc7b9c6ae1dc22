/* new-large.c - a plugin of a newer header: its struct goes on behind ours. */
#include <casebridge/plugin.h>

static int read_nothing(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err)
{
	return CB_OK;
}

static const struct {
	struct cb_format format;
	int (*newer)(void *self);
} format = {
	.format = { .size = sizeof(format),
		    .state_size = 1,
		    .extensions = "new-large",
		    .read = read_nothing },
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,         .name = "new-large",      .zh = "新头文件的插件",
	.en = "a newer header", .format = &format.format,
};
