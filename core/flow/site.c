/*
 * site.c - read site.xml with the connectors and mappings it names.
 *
 * One pass, and no stop at the first fault: whoever corrects the file wants to
 * see all of it. What could not be read is left out of the later checks, so that
 * one mistake is one problem.
 */
#include "flow/site_reading.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/file.h"
#include "base/utf8.h"
#include "flow/site_schedule.h"
#include "reconcile/search.h"
#include "record/path.h"

static struct site_connection *find_connection(const struct site *site, struct cb_text name)
{
	for (size_t i = 0; i < site->connection_count; i++)
		if (cb_text_is(name, site->connections[i].name))
			return &site->connections[i];
	return NULL;
}

static void unknown_connection(const struct reading *r, const struct cb_element *e,
			       const char *side, const char *name)
{
	struct words words = { 0 };

	for (size_t i = 0; i < r->site->connection_count; i++)
		words_add(&words, r->site->connections[i].name);
	problem_at(r->problems, e, side, 0, "没有连接“%s”%s", "there is no connection '%s'%s", name,
		   words_hint(r->arena, name, &words));
}

static void check_stream(const struct reading *r, const struct site_flow *f, const char *side,
			 size_t offset, const char *name)
{
	const struct manifest *m = f->connection->manifest;
	struct words words = { 0 };

	if (f->stream) {
		if (f->is_export ? !f->stream->can_write : !f->stream->can_read)
			problem_at(r->problems, f->element, side, offset,
				   "数据流 %s 不能%s：连接器 %s 里没有写 <%s>",
				   "stream %s cannot be %s: connector %s has no <%s> for it", name,
				   f->is_export ? cb_say("写出", "written")
						: cb_say("读取", "read"),
				   m->name, f->is_export ? "write" : "read");
		return;
	}
	for (size_t i = 0; i < m->stream_count; i++)
		words_add(&words, m->streams[i].name);
	problem_at(r->problems, f->element, side, offset, "连接器 %s 没有数据流“%s”%s",
		   "connector %s has no stream '%s'%s", m->name, name,
		   words_hint(r->arena, name, &words));
}

/* from="grid/events" or to="…". */
static void read_stream(const struct reading *r, struct site_flow *f)
{
	const char *side = f->is_export ? "to" : "from", *slash, *name;
	struct cb_text connection;

	f->stream_name = cb_attribute(f->element, side);
	if (!f->stream_name)
		return;
	slash = strchr(f->stream_name, '/');
	if (!slash || !slash[1]) {
		problem_at(r->problems, f->element, side, 0, "应写作“连接/数据流”，如 grid/events",
			   "written as connection/stream: grid/events");
		return;
	}
	connection = (struct cb_text){ f->stream_name, (size_t)(slash - f->stream_name) };
	name = slash + 1;
	f->connection = find_connection(r->site, connection);
	if (!f->connection) {
		unknown_connection(r, f->element, side, arena_string(r->arena, connection));
		return;
	}
	if (!f->connection->manifest)
		return;
	f->stream = manifest_stream(f->connection->manifest, name);
	check_stream(r, f, side, utf8_length(connection) + 1, name);
}

struct taking {
	const struct reading *r;
	const struct site_flow *flow;
};

static void check_taken(void *with, const struct cb_element *sql, const char *name)
{
	const struct taking *t = with;

	if (!mapping_knows(t->flow->mapping, name))
		problem_at(t->r->problems, sql, NULL, 0, "映射 %s 不写出“%s”：这个参数会一直是空的",
			   "mapping %s writes no '%s': this parameter would always be empty",
			   t->flow->stream->mapping, name);
}

/* What statements take of a record, the mapping puts there. */
static void check_takings(const struct reading *r, const struct site_flow *f)
{
	struct taking taking = { r, f };

	if (f->is_export && f->mapping)
		manifest_takes(f->stream, r->arena, check_taken, &taking);
}

static void read_mapping(const struct reading *r, struct site_flow *f)
{
	const struct site *site = r->site;

	if (!f->stream)
		return;
	if (!f->stream->mapping) {
		problem_at(r->problems, f->stream->element, "name", 0,
			   "数据流 %s 没有写用哪个映射：请加 mapping=\"…\"",
			   "stream %s names no mapping: add mapping=\"…\"", f->stream->name);
		return;
	}
	f->mapping_file = reading_find(r, f->stream->mapping);
	if (!f->mapping_file) {
		problem_at(r->problems, f->stream->element, "mapping", 0,
			   "没有映射文件 %s（找过 %s/mappings 与 %s）",
			   "there is no mapping file %s (looked in %s/mappings and %s)",
			   f->stream->mapping, site->folder, r->installed);
		return;
	}
	for (size_t i = 0; i < site->flow_count; i++) {
		const char *file = site->flows[i].mapping_file;

		if (file && strcmp(file, f->mapping_file) == 0) {
			f->mapping = site->flows[i].mapping;
			f->tables = site->flows[i].tables;
			f->entity = site->flows[i].entity;
			check_takings(r, f);
			return;
		}
	}
	if (site->model)
		f->mapping = mapping_read(r->arena, f->mapping_file, site->model, r->problems);
	if (!f->mapping)
		return;
	f->entity = mapping_here(f->mapping);
	f->tables = worker_tables(f->mapping);
	check_takings(r, f);
}

/* A condition in an attribute, over the records of @entity. */
static struct condition *read_condition(const struct reading *r, const struct cb_element *e,
					const char *attribute, const struct table *entity)
{
	const char *text = cb_attribute(e, attribute);
	struct condition *condition = NULL;
	struct cb_error err;

	if (text && entity &&
	    condition_compile(r->arena, entity->shape, cb_text_of(text), &condition, &err) != CB_OK)
		problem_at(r->problems, e, attribute, err.column ? err.column - 1 : 0, "%s", "%s",
			   err.text);
	return condition;
}

/* Every account's `for` must make sense for what goes out on its connection. */
static void check_accounts(const struct reading *r, const struct site_flow *f)
{
	const struct site *site = r->site;

	if (!f->is_export || !f->connection || !f->entity)
		return;
	for (size_t i = 0; i < site->flow_count; i++)
		if (site->flows[i].is_export && site->flows[i].connection == f->connection &&
		    site->flows[i].entity == f->entity)
			return;
	for (size_t i = 0; i < f->connection->account_count; i++)
		if (f->connection->accounts[i].condition)
			(void)read_condition(r, f->connection->accounts[i].element, "for",
					     f->entity);
}

static void read_flow(const struct reading *r, const struct cb_element *e)
{
	struct site *site = r->site;
	struct site_flow *f = &site->flows[site->flow_count];
	const char *name = attribute_or(e, "name", "");

	for (size_t i = 0; i < site->flow_count; i++)
		if (strcmp(site->flows[i].name, name) == 0)
			reading_check_again(r, e, site->flows[i].element);
	*f = (struct site_flow){
		.name = name,
		.label = attribute_or(e, "label", name),
		.is_export = is_named(e, "export"),
		.finds_duplicates = strcmp(attribute_or(e, "duplicates", "no"), "yes") == 0,
		.needs_approval = strcmp(attribute_or(e, "approve", "no"), "yes") == 0,
		.element = e,
	};
	read_stream(r, f);
	read_mapping(r, f);
	f->when = read_condition(r, e, "when", f->entity);
	site_read_schedule(r, f);
	check_accounts(r, f);
	site->flow_count++;
}

/* What the engine has to know of a receipt; the rest is the site's own. */
static void check_receipt(const struct reading *r, const struct site_flow *f)
{
	static const char *const fields[] = { "key", "receipt", "result" };

	for (size_t i = 0; f->entity && i < sizeof(fields) / sizeof(*fields); i++)
		if (!table_field(f->entity, fields[i]))
			problem_at(r->problems, f->element, "receipts", 0,
				   "回执的实体“%s”没有字段 %s：要有 "
				   "key（编号）、receipt（回执号）、result（accepted "
				   "或 rejected），say（说明）可有可无",
				   "the entity '%s' of the receipts has no field %s: it needs key, "
				   "receipt and result (accepted or rejected); say is optional",
				   f->entity->name, fields[i]);
}

/* Once all flows are known. */
static void read_receipts(const struct reading *r, struct site_flow *f)
{
	const char *name = cb_attribute(f->element, "receipts");
	struct words words = { 0 };

	if (!name)
		return;
	for (size_t i = 0; i < r->site->flow_count; i++) {
		const struct site_flow *other = &r->site->flows[i];

		if (!other->is_export)
			continue;
		words_add(&words, other->name);
		if (strcmp(other->name, name) == 0)
			f->receipts_of = other;
	}
	if (f->receipts_of)
		check_receipt(r, f);
	else
		problem_at(r->problems, f->element, "receipts", 0, "没有上报流程“%s”%s",
			   "there is no export '%s'%s", name, words_hint(r->arena, name, &words));
}

/* The site. */

static void read_model(const struct reading *r, const struct cb_element *root)
{
	const char *name = cb_attribute(root, "model");
	struct words words = { 0 };

	if (!name)
		return;
	r->site->model_file = reading_find(r, arena_printf(r->arena, "model/%s.xml", name));
	if (r->site->model_file) {
		r->site->model = model_read(r->arena, r->site->model_file, r->problems);
		return;
	}
	words_add_files(r, "model", &words);
	problem_at(r->problems, root, "model", 0, "没有模型“%s”（mappings/model/%s.xml）%s",
		   "there is no model '%s' (mappings/model/%s.xml)%s", name, name,
		   words_hint(r->arena, name, &words));
}

/* What tells duplicates of each entity. */
static void read_rules(const struct reading *r)
{
	struct site *site = r->site;
	const char *folders[] = { file_join(r->arena, site->folder, "mappings"), r->installed,
				  NULL };

	if (!site->model)
		return;
	site->rules = arena_zero(r->arena,
				 (site->model->entity_count + 1) * sizeof(struct search_rules *));
	for (size_t i = 0; i < site->model->entity_count; i++)
		site->rules[i] = search_rules_read(
			r->arena, site->model, site->model->entities[i].name, folders, r->problems);
}

static void check_duplicates(const struct reading *r, const struct site_flow *f)
{
	if (f->finds_duplicates && f->entity && r->problems->errors == r->site->unset &&
	    !site_rules(r->site, f->entity))
		problem_at(r->problems, f->element, "duplicates", 0,
			   "没有查重的规格 mappings/rules/%s.xml",
			   "there are no rules for it: mappings/rules/%s.xml", f->entity->name);
}

static void read_notices(const struct reading *r, const struct cb_element *root)
{
	struct site *site = r->site;

	site->notices =
		arena_zero(r->arena, (count_children(root, "notice") + 1) * sizeof(*site->notices));
	for (const struct cb_element *e = root->first; e; e = e->next)
		if (is_named(e, "notice"))
			reading_notice(r, e);
}

static void read_root(const struct reading *r, const struct cb_element *root)
{
	struct site *site = r->site;
	const char *zone = attribute_or(root, "zone", "+08:00");
	size_t flows = count_children(root, "import") + count_children(root, "export");

	site->name = attribute_or(root, "name", "");
	if (!calendar_zone(zone, &site->zone))
		problem_at(r->problems, root, "zone", 0, "时区写作 +08:00",
			   "a time zone is written +08:00");
	if (cb_attribute(root, "watch-port")) {
		site->watch_port = atoi(cb_attribute(root, "watch-port"));
		if (site->watch_port < 1 || site->watch_port > 65535)
			problem_at(r->problems, root, "watch-port", 0,
				   "端口是 1 到 65535 的数，如 9180", "a port is 1 to 65535: 9180");
	}
	read_model(r, root);
	site_read_calendar(r, root);
	site->connections = arena_zero(r->arena, (count_children(root, "connection") + 1) *
							 sizeof(*site->connections));
	for (const struct cb_element *e = root->first; e; e = e->next)
		if (is_named(e, "connection"))
			reading_connection(r, e);
	read_notices(r, root);
	site->flows = arena_zero(r->arena, (flows + 1) * sizeof(*site->flows));
	for (const struct cb_element *e = root->first; e; e = e->next)
		if (is_named(e, "import") || is_named(e, "export"))
			read_flow(r, e);
	read_rules(r);
	for (size_t i = 0; i < site->flow_count; i++) {
		check_duplicates(r, &site->flows[i]);
		read_receipts(r, &site->flows[i]);
	}
}

struct site *site_read(struct arena *arena, const char *folder, struct problems *problems)
{
	struct reading r = reading_begin(arena, folder, problems);
	size_t errors = problems->errors;
	const struct cb_element *root = reading_root(&r, folder);

	if (root)
		read_root(&r, root);
	if (root && problems->errors == errors + r.site->unset)
		return r.site;
	site_done(r.site);
	return NULL;
}

void site_done(struct site *site)
{
	if (!site)
		return;
	for (size_t i = 0; i < site->flow_count; i++) {
		struct mapping *m = site->flows[i].mapping;

		for (size_t k = i + 1; k < site->flow_count && m; k++)
			if (site->flows[k].mapping == m)
				m = NULL; /* the last of those that share it */
		if (m && site->flows[i].tables)
			close(site->flows[i].tables);
		mapping_done(m);
	}
	site->flow_count = 0;
	/* Sessions are secrets: not even a core file of the last moment has one. */
	for (size_t i = 0; i < site->connection_count; i++)
		for (size_t k = 0; k < site->connections[i].account_count; k++)
			net_account_done(&site->connections[i].accounts[k].net);
	for (size_t i = 0; i < site->notice_count; i++)
		net_account_done(&site->notices[i].net);
}

struct site_flow *site_flow(const struct site *site, const char *name)
{
	for (size_t i = 0; i < site->flow_count; i++)
		if (strcmp(site->flows[i].name, name) == 0)
			return &site->flows[i];
	return NULL;
}

const struct search_rules *site_rules(const struct site *site, const struct table *entity)
{
	return site->rules ? site->rules[entity - site->model->entities] : NULL;
}
