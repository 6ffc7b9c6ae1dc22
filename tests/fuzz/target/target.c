/*
 * target.c - the table of targets, and what several of them need.
 */
#include "fuzz/target/target.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"

const struct target targets[] = {
	{ "charset", fuzz_charset },
	{ "compare", fuzz_compare },
	{ "condition", fuzz_condition },
	{ "csv", fuzz_csv },
	{ "frame", fuzz_frame },
	{ "json", fuzz_json },
	{ "manifest", fuzz_manifest },
	{ "mapping", fuzz_mapping },
	{ "model", fuzz_model },
	{ "site", fuzz_site },
	{ "template", fuzz_template },
	{ "value", fuzz_value },
	{ "wire", fuzz_wire },
	{ "xml", fuzz_xml },
	{ NULL, NULL },
};

struct cb_text fuzz_line(struct cb_text *bytes)
{
	const char *end = bytes->len ? memchr(bytes->at, '\n', bytes->len) : NULL;
	struct cb_text line = { bytes->at, end ? (size_t)(end - bytes->at) : bytes->len };

	bytes->at += line.len + (end != NULL);
	bytes->len -= line.len + (end != NULL);
	return line;
}

/* In memory where there is such a place: a disk writes at once what was truncated and filled. */
static char folder[64];
static pid_t owner;

static void remove_folder(void)
{
	static const char *const files[] = { "m.xml", "site.xml", "codes" };
	char path[96];

	if (getpid() != owner)
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

const char *fuzz_folder(void)
{
	char path[96], codes[4096], *whole;

	if (!owner) {
		snprintf(folder, sizeof(folder), "%s/casebridge-fuzz.XXXXXX",
			 access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
		PROMISE(mkdtemp(folder));
		snprintf(path, sizeof(path), "%s/codes", folder);
		snprintf(codes, sizeof(codes), "%s/codes", fuzz_mappings());
		whole = realpath(codes, NULL);
		PROMISE(whole && symlink(whole, path) == 0); /* what a mapping includes */
		free(whole);
		owner = getpid();
		atexit(remove_folder);
	}
	return folder;
}

const char *fuzz_file(const char *name, struct cb_text bytes)
{
	static char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
	f = fopen(path, "we");
	PROMISE(f);
	PROMISE(fwrite(bytes.at, 1, bytes.len, f) == bytes.len);
	fclose(f);
	return path;
}

const char *fuzz_mappings(void)
{
	const char *set = getenv("CASEBRIDGE_MAPPINGS");

	return set ? set : "mappings";
}

const char *fuzz_plugins(void)
{
	const char *set = getenv("CASEBRIDGE_PLUGINS");

	return set ? set : "build/release/plugins";
}

static struct shape_node *child(struct shape *shape, struct shape_node *node, const char *name)
{
	return shape_child(shape, node, cb_text_of(name));
}

struct shape *fuzz_shape(struct arena *arena)
{
	struct shape *shape = shape_new(arena), *list, *inner;
	struct shape_node *group;

	shape_slot(shape, child(shape, shape->root, "a"));
	shape_slot(shape, child(shape, shape->root, "@id"));
	group = child(shape, shape->root, "g");
	shape_slot(shape, child(shape, group, "b"));
	shape_slot(shape, child(shape, group, "名称"));
	list = shape_list(shape, child(shape, shape->root, "l"));
	shape_slot(list, child(list, list->root, "role"));
	shape_slot(list, child(list, list->root, "name"));
	inner = shape_list(list, child(list, list->root, "m"));
	shape_slot(inner, child(inner, inner->root, "c"));
	list = shape_list(shape, child(shape, shape->root, "v"));
	shape_slot(list, list->root);
	return shape;
}

struct row *fuzz_row(struct arena *arena, const struct shape *shape)
{
	static const char *const words[] = { "1", "2024-03-18", "张三", "", "yes", "330282" };
	struct row *row = row_new(arena, shape);

	for (size_t i = 0; i < shape->slot_count; i++)
		row->values[i] = cb_text_of(words[i % (sizeof(words) / sizeof(*words))]);
	for (uint32_t i = 0; i < shape->list_count; i++) {
		struct row *item = row_add(arena, row, i);
		struct row *filled = fuzz_row(arena, item->shape);

		memcpy(item->values, filled->values,
		       item->shape->slot_count * sizeof(*item->values));
		row_add(arena, row, i);
	}
	return row;
}
