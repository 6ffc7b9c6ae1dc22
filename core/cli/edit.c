/*
 * edit.c - change a file of the mappings in place.
 */
#include "cli/edit.h"

#include "base/file.h"

bool edit_is_right(struct call *call, const struct site *site, const char *file,
		   struct cb_text text)
{
	struct mapping_text edited = { file, text };
	struct problems problems = { 0 };
	bool is_good;

	for (size_t i = 0; i < site->flow_count && !problems.errors; i++)
		mapping_done(mapping_read_kept(&call->arena, site->flows[i].mapping_file, &edited,
					       1, site->model, &problems));
	is_good = problems.errors == 0;
	/* In one sentence: the file on disk does not have the line yet. */
	for (size_t i = 0; i < problems.count && !is_good; i++) {
		const struct problem *p = &problems.at[i];
		struct cb_error err;

		if (p->is_warning)
			continue;
		cb_error_set(&err, CB_SETUP, "没有写；加上之后 %s:%u：%s",
			     "not written; with it %s:%u: %s", p->file, p->line, p->text);
		call_fail(call, &err);
		break;
	}
	problems_done(&problems);
	return is_good;
}

struct taking {
	struct arena *arena;
	const char *from, *to;
	int rc;
	struct cb_error err;
};

static const char *moved(struct arena *arena, const char *file, const char *from, const char *to)
{
	size_t len = strlen(from);

	if (strncmp(file, from, len) != 0 || file[len] != '/')
		return file;
	return arena_printf(arena, "%s%s", to, file + len);
}

static void take_source(void *with, const char *file, struct cb_text text)
{
	struct taking *t = with;
	const char *target = moved(t->arena, file, t->from, t->to), *slash = strrchr(target, '/');

	if (t->rc != CB_OK || target == file || file_exists(target))
		return;
	t->rc = file_make_folder(
		arena_string(t->arena, (struct cb_text){ target, (size_t)(slash - target) }), 0755,
		&t->err);
	if (t->rc == CB_OK)
		t->rc = file_write(target, text, 0644, &t->err);
}

int edit_write(struct call *call, const struct site *site, const struct mapping *mapping,
	       const char *file, struct cb_text text, const char **written, struct cb_error *err)
{
	struct taking t = { .arena = &call->arena,
			    .from = site_mappings_folder(&call->arena),
			    .to = file_join(&call->arena, site->folder, "mappings") };

	*written = moved(&call->arena, file, t.from, t.to);
	if (call_has(call, OPTION_DRY_RUN))
		return CB_OK;
	if (*written != file)
		mapping_each_source(mapping, take_source, &t);
	if (t.rc == CB_OK)
		return file_write(*written, text, 0644, err);
	*err = t.err;
	return t.rc;
}

int edit_audit(struct call *call, struct site *site, const char *what, const char *object,
	       const char *detail, struct cb_error *err)
{
	struct store *store = NULL;
	int rc = call_store(site, STORE_WRITE, &store, err);

	if (rc == CB_OK)
		rc = store_begin(store, call_now(), err);
	if (rc == CB_OK)
		rc = store_audit(store, call_who(call), what, object, detail, err);
	if (rc == CB_OK)
		rc = store_commit(store, err);
	else if (store)
		store_rollback(store);
	store_close(store);
	return rc;
}
