/*
 * alias.c - what other systems call our records: by hand, or a whole list.
 */
#include <sysexits.h>

#include "base/cells.h"
#include "base/file.h"
#include "cli/call.h"
#include "cli/table.h"

#define LARGEST ((size_t)8 << 20)

static const struct table *entity_of(struct call *call, const struct site *site, const char *name,
				     struct cb_error *err)
{
	const char *words[64];
	const struct table *entity = model_entity(site->model, name);
	size_t count = 0;

	for (size_t i = 0; i < site->model->entity_count && count < 63; i++)
		words[count++] = site->model->entities[i].name;
	words[count] = NULL;
	if (!entity)
		cb_error_set(err, CB_SETUP, "模型里没有实体“%s”%s",
			     "the model has no entity '%s'%s", name, call_hint(call, name, words));
	else if (table_key(entity) == NO_SLOT)
		cb_error_set(err, CB_SETUP, "%s 没有自然键，不能有别名",
			     "%s has no natural key, so it has no aliases", entity->label);
	else
		return entity;
	return NULL;
}

/* The site's store for one change, and its end: all of it or nothing. */
static int change(struct call *call, int (*what)(struct call *call, struct site *site,
						 struct store *store, struct cb_error *err))
{
	struct site *site = call_site(call);
	struct store *store = NULL;
	struct cb_error err;
	int rc;

	if (!site)
		return call_exit_code(CB_SETUP);
	rc = call_store(site, STORE_WRITE, &store, &err);
	if (rc == CB_OK) {
		store_dry(store, call_has(call, OPTION_DRY_RUN));
		rc = store_begin(store, call_now(), &err);
	}
	if (rc == CB_OK)
		rc = what(call, site, store, &err);
	if (rc == CB_OK)
		rc = store_commit(store, &err);
	else if (store)
		store_rollback(store);
	store_close(store);
	site_done(site);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}

static int add_one(struct call *call, const struct site *site, struct store *store,
		   const char *const *cells, struct cb_error *err)
{
	const struct table *entity = entity_of(call, site, cells[0], err);
	int rc;

	if (!entity)
		return CB_SETUP;
	if (!*cells[1] || !*cells[2] || !*cells[3])
		return cb_fail(err, CB_SETUP, "实体、体系、叫法、编号都要写",
			       "entity, scheme, alias and key are all needed");
	rc = store_alias_add(store, entity, cells[1], cells[2], cells[3], err);
	if (rc != CB_OK)
		return rc;
	return store_audit(store, call_who(call), "alias add",
			   arena_printf(&call->arena, "%s %s", cells[0], cells[3]), cells[1], err);
}

static int add(struct call *call, struct site *site, struct store *store, struct cb_error *err)
{
	int rc = add_one(call, site, store, call->arguments, err);

	if (rc == CB_OK)
		call_say(call, "已登记；等它的记录会在下次运行时继续（或 casebridge held retry）\n",
			 "entered; what waits for it goes on with the next run (or casebridge held "
			 "retry)\n");
	return rc;
}

int command_alias_add(struct call *call)
{
	return change(call, add);
}

static int drop(struct call *call, struct site *site, struct store *store, struct cb_error *err)
{
	const char *const *a = call->arguments;
	bool was_there = false;
	int rc = store_alias_drop(store, a[0], a[1], a[2], &was_there, err);

	(void)site;
	if (rc == CB_OK && !was_there)
		return cb_fail(err, CB_REFUSED, "没有这个别名（casebridge alias list 列出全部）",
			       "there is no such alias (casebridge alias list shows them)");
	if (rc == CB_OK)
		rc = store_audit(store, call_who(call), "alias drop", a[0], a[1], err);
	if (rc == CB_OK)
		call_say(call, "已删去\n", "dropped\n");
	return rc;
}

int command_alias_drop(struct call *call)
{
	return change(call, drop);
}

/* A CSV with the columns entity scheme alias key, in any order; all of it or nothing. */
static int import(struct call *call, struct site *site, struct store *store, struct cb_error *err)
{
	static const char *const names[] = { "entity", "scheme", "alias", "key" };
	const char *file = call->arguments[0], *cells[16];
	size_t at[4] = { 16, 16, 16, 16 }, count, rows = 0;
	struct buffer bytes = { 0 };
	struct cells in = { 0 };
	int rc = file_read(file, LARGEST, &bytes, err);

	if (rc == CB_OK)
		rc = cells_open(&in, &call->arena, buffer_view(&bytes), err);
	buffer_done(&bytes);
	count = rc == CB_OK ? cells_next(&in, &call->arena, cells, 16) : 0;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < 4; k++)
			if (strcmp(cells[i], names[k]) == 0)
				at[k] = i;
	for (size_t k = 0; k < 4 && rc == CB_OK; k++)
		if (at[k] == 16)
			rc = cb_fail(err, CB_SETUP,
				     "%s:1: 缺少 %s 这一列（要有 entity scheme alias key）",
				     "%s:1: the column %s is missing (entity scheme alias key)",
				     file, names[k]);
	while (rc == CB_OK && cells_more(&in)) {
		const char *row[4] = { "", "", "", "" };

		count = cells_next(&in, &call->arena, cells, 16);
		for (size_t k = 0; k < 4; k++)
			row[k] = at[k] < count ? cells[at[k]] : "";
		if (count == 1 && !*cells[0])
			continue;
		rc = add_one(call, site, store, row, err);
		if (rc != CB_OK)
			cb_error_prefix(err, "%s:%u：", "%s:%u: ", file, in.line);
		rows++;
	}
	if (rc == CB_OK)
		call_say(call, "已登记 %zu 个\n", "%zu entered\n", rows);
	return rc;
}

int command_alias_import(struct call *call)
{
	return change(call, import);
}

struct listing {
	struct sheet sheet;
	struct json json;
	bool is_json;
	size_t count;
};

static int list_one(void *with, const struct store_alias *a, struct cb_error *err)
{
	struct listing *l = with;
	const char *cells[] = { a->entity, a->scheme, a->alias, a->key };
	static const char *const names[] = { "entity", "scheme", "alias", "key" };

	(void)err;
	l->count++;
	if (l->is_json)
		json_open(&l->json, NULL, '{');
	for (size_t i = 0; i < 4; i++) {
		if (l->is_json)
			json_string(&l->json, names[i], cells[i]);
		else /* the row is gone after this call */
			sheet_string(&l->sheet, arena_string(l->sheet.arena, cb_text_of(cells[i])));
	}
	if (l->is_json)
		json_close(&l->json, '}');
	return CB_OK;
}

int command_alias_list(struct call *call)
{
	struct site *site = call_site(call);
	struct listing l = { .is_json = call_has(call, OPTION_JSON) };
	struct store *store = NULL;
	struct cb_error err;
	int rc;

	if (!site)
		return EX_CONFIG;
	l.sheet = sheet_begin(&call->arena, 4, 0);
	l.json = call_json(call);
	if (l.is_json)
		json_open(&l.json, NULL, '[');
	sheet_string(&l.sheet, cb_say("实体", "entity"));
	sheet_string(&l.sheet, cb_say("体系", "scheme"));
	sheet_string(&l.sheet, cb_say("叫法", "alias"));
	sheet_string(&l.sheet, cb_say("编号", "key"));
	rc = call_store(site, STORE_READ, &store, &err);
	if (rc == CB_OK)
		rc = store_alias_list(store, call->arguments[0], list_one, &l, &err);
	store_close(store);
	site_done(site);
	if (rc != CB_OK)
		return call_fail(call, &err);
	if (l.is_json) {
		json_close(&l.json, ']');
		buffer_char(&call->out, '\n');
	} else if (l.count) {
		sheet_end(&l.sheet, call->has_colours, 0, &call->out);
	} else {
		call_say(call, "没有别名\n", "no aliases\n");
	}
	return 0;
}
