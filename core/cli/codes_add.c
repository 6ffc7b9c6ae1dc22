/*
 * codes_add.c - one more row in a code table: found, checked, written, and what waited for it
 * released.
 */
#include <inttypes.h>
#include <sysexits.h>

#include "cli/edit.h"
#include "cli/run.h"

struct adding {
	struct call *call;
	struct site *site;
	const char *table, *there, *here;
	const struct site_flow *flow; /* whose mapping the text is made with */
	struct mapping_code_place place;
	const char *file; /* to write: the site's own, where the installation's was used */
	uint32_t line;
};

static bool ends_with(const char *path, const char *name)
{
	size_t len = strlen(path), tail = strlen(name);

	return tail <= len && strcmp(path + len - tail, name) == 0 &&
	       (tail == len || path[len - tail - 1] == '/');
}

struct table_names {
	const char *at[64];
	size_t count;
};

static void add_name(void *with, const struct mapping_code *code)
{
	struct table_names *names = with;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->at[i], code->table) == 0)
			return;
	if (names->count < 63)
		names->at[names->count++] = code->table;
}

static int no_table(struct adding *a)
{
	struct table_names names = { 0 };

	for (size_t i = 0; i < a->site->flow_count; i++)
		mapping_each_code(a->site->flows[i].mapping, add_name, &names);
	return call_usage(a->call, "这个站点的映射里没有代码表“%s”%s",
			  "no mapping of this site has a table '%s'%s", a->table,
			  call_hint(a->call, a->table, names.at));
}

/* The one file that has the table; two tables of one name need --mapping. */
static int find_table(struct adding *a)
{
	const char *mapping = a->call->values[OPTION_MAPPING], *files = "";
	size_t count = 0;

	for (size_t i = 0; i < a->site->flow_count; i++) {
		const struct site_flow *f = &a->site->flows[i];
		struct mapping_code_place place;

		if (mapping && !ends_with(f->mapping_file, mapping) &&
		    strcmp(mapping_name(f->mapping), mapping) != 0)
			continue;
		if (!mapping_code_find(f->mapping, a->table, a->here, &place))
			continue;
		if (a->flow && strcmp(place.file, a->place.file) == 0)
			continue;
		if (!a->flow) {
			a->flow = f;
			a->place = place;
		}
		files = arena_printf(&a->call->arena, "%s\n  --mapping %s", files,
				     mapping_name(f->mapping));
		count++;
	}
	if (!count)
		return no_table(a);
	if (count > 1)
		return call_usage(a->call, "有 %zu 个映射各有一张“%s”，请说明是哪一张：%s",
				  "%zu mappings have a table '%s' each; say which:%s", count,
				  a->table, files);
	return 0;
}

static int count_held(void *with, const struct store_held *held, struct cb_error *err)
{
	(void)held;
	(void)err;
	++*(int64_t *)with;
	return CB_OK;
}

static int held_now(struct adding *a, const char *flow, int64_t *count, struct cb_error *err)
{
	struct store *store = NULL;
	int rc = call_store(a->site, STORE_READ, &store, err);

	*count = 0;
	if (rc == CB_OK)
		rc = store_held_list(store, flow, NULL, NULL, count_held, count, err);
	store_close(store);
	return rc;
}

struct uses {
	const char *table;
	bool has;
};

static void match_use(void *with, const struct mapping_code *code)
{
	struct uses *u = with;

	u->has = u->has || strcmp(code->table, u->table) == 0;
}

/* With the mappings as they are now. */
static int release(struct adding *a)
{
	int64_t before, after, released = 0;
	struct cb_error err;
	struct site *site = call_site(a->call);
	int code = 0, one;

	if (!site)
		return EX_CONFIG;
	a->call->values[OPTION_CODE] = "code";
	for (size_t i = 0; i < site->flow_count; i++) {
		const struct site_flow *f = &site->flows[i];
		struct uses uses = { .table = a->table };

		mapping_each_code(f->mapping, match_use, &uses);
		if (f->is_export || !uses.has)
			continue;
		if (held_now(a, f->name, &before, &err) != CB_OK) {
			code = call_fail(a->call, &err);
			break;
		}
		if (!before)
			continue;
		one = run_retry(a->call, site, f->name);
		code = one > code ? one : code;
		if (held_now(a, f->name, &after, &err) == CB_OK)
			released += before - after;
	}
	a->call->values[OPTION_CODE] = NULL;
	site_done(site);
	if (!call_has(a->call, OPTION_JSON))
		call_say(a->call, "放行 %" PRId64 " 条\n", "%" PRId64 " released\n", released);
	return code;
}

static int add_row(struct adding *a)
{
	struct buffer text = { 0 };
	struct cb_error err;
	int code = find_table(a), rc = CB_OK;

	if (code || !a->flow)
		return code;
	rc = mapping_code_add(a->flow->mapping, a->table, a->there, a->here, &text, &a->line, &err);
	if (rc == CB_OK && !edit_is_right(a->call, a->site, a->place.file, buffer_view(&text))) {
		buffer_done(&text);
		return EX_CONFIG;
	}
	if (rc == CB_OK)
		rc = edit_write(a->call, a->site, a->flow->mapping, a->place.file,
				buffer_view(&text), &a->file, &err);
	buffer_done(&text);
	if (rc == CB_OK && !call_has(a->call, OPTION_DRY_RUN))
		rc = edit_audit(
			a->call, a->site, "codes-add",
			arena_printf(&a->call->arena, "%s:%u", a->file, a->line),
			arena_printf(&a->call->arena, "%s %s -> %s", a->table, a->there, a->here),
			&err);
	if (rc != CB_OK)
		return call_fail(a->call, &err);
	if (!call_has(a->call, OPTION_JSON))
		call_say(a->call, "%s%s:%u：%s 对 %s%s\n", "%s%s:%u: %s is %s%s\n",
			 call_has(a->call, OPTION_DRY_RUN) ? cb_say("试运行 ", "dry run ") : "",
			 a->file, a->line, a->there, a->here,
			 a->place.has_here ? cb_say("（只用于读入：写出已有别的行）",
						    " (read only: another row writes it)")
					   : "");
	return call_has(a->call, OPTION_DRY_RUN) ? 0 : release(a);
}

int command_codes_add(struct call *call)
{
	struct adding a = { .call = call,
			    .table = call->arguments[0],
			    .there = call->arguments[1],
			    .here = call->arguments[2] };
	int code;

	if (!*a.there || !*a.here)
		return call_usage(call, "代码不能是空的", "a code is not empty");
	a.site = call_site(call);
	if (!a.site)
		return call_exit_code(CB_SETUP);
	code = add_row(&a);
	site_done(a.site);
	return code;
}
