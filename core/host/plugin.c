/*
 * plugin.c - load what is in the folder, fill what they ask for. The only dlopen.
 *
 * A loaded plugin stays until the process ends: closing a shared object while a
 * constant of it is still pointed at is a bug that no test finds.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/number.h"
#include "host/inside.h"

static void copy_sized(void *to, size_t room, const void *from)
{
	size_t size;

	if (!from)
		return;
	memcpy(&size, from, sizeof(size));
	memcpy(to, from, size < room ? size : room);
}

static int load(struct plugins *plugins, struct arena *arena, const char *file,
		struct cb_error *err)
{
	const struct cb_plugin *found;
	struct loaded *l;
	void *object = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!object)
		return cb_fail(err, CB_SETUP, "插件 %s 无法装载：%s",
			       "plugin %s cannot be loaded: %s", file, dlerror());
	found = dlsym(object, "cb_plugin");
	if (!found || found->magic != CB_PLUGIN_MAGIC)
		return cb_fail(err, CB_SETUP, "%s 不是 casebridge 的插件（没有 cb_plugin）",
			       "%s is no plugin of casebridge (it has no cb_plugin)", file);
	if (found->abi != CB_ABI)
		return cb_fail(
			err, CB_SETUP,
			"插件 %s 是按接口 %u 编译的，本程序的接口是 "
			"%u：请用同一版本的头文件重新编译",
			"plugin %s was built for interface %u, this program has %u: build it again "
			"with this version's headers",
			file, found->abi, CB_ABI);
	memory_grow(&plugins->at, plugins->count, &plugins->room, sizeof(*plugins->at));
	l = &plugins->at[plugins->count];
	*l = (struct loaded){ .file = arena_string(arena, cb_text_of(file)) };
	memcpy(&l->plugin, found,
	       found->size < sizeof(l->plugin) ? found->size : sizeof(l->plugin));
	copy_sized(&l->format, sizeof(l->format), l->plugin.format);
	copy_sized(&l->connector, sizeof(l->connector), l->plugin.connector);
	if (!l->plugin.name || (!l->plugin.format && !l->plugin.connector))
		return cb_fail(err, CB_SETUP, "插件 %s 没有名称，或既不是格式也不是连接器",
			       "plugin %s has no name, or is neither a format nor a connector",
			       file);
	for (size_t i = 0; i < plugins->count; i++)
		if (strcmp(plugins->at[i].plugin.name, l->plugin.name) == 0)
			return cb_fail(err, CB_SETUP, "有两个插件都叫 %s：%s 与 %s",
				       "two plugins are called %s: %s and %s", l->plugin.name,
				       plugins->at[i].file, file);
	plugins->count++;
	return CB_OK;
}

static int is_object(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 3 && strcmp(entry->d_name + len - 3, ".so") == 0;
}

int plugins_load(struct plugins *plugins, struct arena *arena, const char *folder,
		 struct cb_error *err)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_object, alphasort);

	if (count < 0)
		return cb_fail(err, CB_SETUP, "找不到插件目录 %s", "there is no plugin folder %s",
			       folder);
	for (int i = 0; i < count; i++) {
		struct cb_error why;
		char *file = arena_printf(arena, "%s/%s", folder, entries[i]->d_name);

		if (load(plugins, arena, file, &why) != CB_OK)
			cb_log(CB_WARN, "%s", "%s", why.text);
		free(entries[i]);
	}
	free(entries);
	return CB_OK;
}

const struct loaded *plugins_connector(const struct plugins *plugins, const char *name)
{
	for (size_t i = 0; i < plugins->count; i++)
		if (plugins->at[i].plugin.connector &&
		    strcmp(plugins->at[i].plugin.name, name) == 0)
			return &plugins->at[i];
	return NULL;
}

static bool has_word(const char *words, const char *word, size_t len)
{
	for (const char *at = words; at && *at;) {
		size_t n = strcspn(at, " ");

		if (n == len && strncasecmp(at, word, n) == 0)
			return true;
		at += n + strspn(at + n, " ");
	}
	return false;
}

const struct loaded *plugins_format(const struct plugins *plugins, const char *name,
				    const char *media, const char *key)
{
	const char *dot = key ? strrchr(key, '.') : NULL;
	bool is_table = strcmp(name, "table") == 0;

	for (size_t i = 0; i < plugins->count; i++) {
		const struct loaded *l = &plugins->at[i];

		if (!l->plugin.format)
			continue;
		if (!is_table && strcmp(l->plugin.name, name) == 0)
			return l;
		if (is_table && media && has_word(l->format.media, media, strlen(media)))
			return l;
		if (is_table && dot && has_word(l->format.extensions, dot + 1, strlen(dot + 1)))
			return l;
	}
	return is_table ? plugins_format(plugins, "csv", NULL, NULL) : NULL;
}

static int fill(struct arena *arena, const char *plugin, const struct cb_option *o, char *state,
		const char *text, struct cb_error *err)
{
	int64_t number;
	bool flag;

	if (!text)
		return CB_OK;
	switch (o->type) {
	case CB_OPTION_TEXT:
		text = arena_string(arena, cb_text_of(text));
		memcpy(state + o->offset, &text, sizeof(text));
		return CB_OK;
	case CB_OPTION_INTEGER:
		if (!number_size(text, &number))
			return cb_fail(err, CB_SETUP,
				       "%s 的设置 %s 应为整数（可写 64k、1M），不是“%s”",
				       "setting of %s: %s is a whole number (64k, 1M), not '%s'",
				       plugin, o->name, text);
		memcpy(state + o->offset, &number, sizeof(number));
		return CB_OK;
	case CB_OPTION_FLAG:
		flag = strcmp(text, "yes") == 0;
		if (!flag && strcmp(text, "no") != 0)
			return cb_fail(err, CB_SETUP, "%s 的设置 %s 只能是 yes 或 no，不是“%s”",
				       "setting of %s: %s is yes or no, not '%s'", plugin, o->name,
				       text);
		memcpy(state + o->offset, &flag, sizeof(flag));
		return CB_OK;
	}
	return CB_OK;
}

int plugin_state(struct arena *arena, const char *plugin, const struct cb_option *options,
		 size_t state_size, const char *(*value)(void *, const char *), void *with,
		 void **state, struct cb_error *err)
{
	*state = arena_zero(arena, state_size);
	for (const struct cb_option *o = options; o && o->name; o++) {
		const char *text = value ? value(with, o->name) : NULL;
		int rc = fill(arena, plugin, o, *state, text ? text : o->standard, err);

		if (rc != CB_OK)
			return rc;
	}
	return CB_OK;
}

static void put_string(struct buffer *out, const char *string)
{
	wire_text(out, cb_text_of(string));
}

void plugins_describe(const struct plugins *plugins, struct buffer *out)
{
	static const char *const types[] = { "text", "integer", "flag" };

	wire_number(out, plugins->count);
	for (size_t i = 0; i < plugins->count; i++) {
		const struct loaded *l = &plugins->at[i];
		const struct cb_option *options =
			l->plugin.format ? l->format.options : l->connector.options;
		size_t count = 0;

		while (options && options[count].name)
			count++;
		put_string(out, l->plugin.name);
		put_string(out, l->plugin.zh);
		put_string(out, l->plugin.en);
		wire_number(out, l->plugin.format != NULL);
		put_string(out, l->plugin.format ? l->format.extensions : NULL);
		wire_number(out, l->connector.has_own_connection);
		wire_number(out, count);
		for (const struct cb_option *o = options; o < options + count; o++) {
			put_string(out, o->name);
			put_string(out, types[o->type]);
			put_string(out, o->standard);
			put_string(out, o->zh);
			put_string(out, o->en);
		}
	}
}

static const char *get_string(struct arena *arena, struct wire *wire)
{
	struct cb_text text = wire_get_text(wire);

	return text.at ? arena_string(arena, text) : NULL;
}

static void get_info(struct arena *arena, struct wire *wire, struct plugin_info *info)
{
	info->name = get_string(arena, wire);
	info->zh = get_string(arena, wire);
	info->en = get_string(arena, wire);
	info->is_format = wire_get_number(wire);
	info->extensions = get_string(arena, wire);
	info->has_own_connection = wire_get_number(wire);
	info->option_count = wire_get_number(wire);
	if (info->option_count > (size_t)(wire->end - wire->at)) {
		info->option_count = 0;
		wire->is_bad = true;
	}
	info->options = arena_zero(arena, info->option_count * sizeof(*info->options) + 1);
	for (size_t i = 0; i < info->option_count; i++) {
		struct plugin_option *o = &info->options[i];

		o->name = get_string(arena, wire);
		o->type = get_string(arena, wire);
		o->standard = get_string(arena, wire);
		o->zh = get_string(arena, wire);
		o->en = get_string(arena, wire);
	}
}

int plugin_infos(struct arena *arena, struct cb_text report, struct plugin_info **out,
		 size_t *count, struct cb_error *err)
{
	struct wire wire = { report.at, report.at + report.len, false };

	*count = wire_get_number(&wire);
	if (*count > report.len)
		*count = 0;
	*out = arena_zero(arena, *count * sizeof(**out) + 1);
	for (size_t i = 0; i < *count; i++)
		get_info(arena, &wire, &(*out)[i]);
	if (!wire.is_bad)
		return CB_OK;
	return cb_fail(err, CB_BROKEN, "插件的说明无法读取",
		       "the description of the plugins cannot be read");
}
