/*
 * learn.c - a stored record becomes a sample in its mapping's own file.
 */
#include <inttypes.h>
#include <sysexits.h>

#include "cli/edit.h"
#include "cli/entity.h"
#include "cli/table.h"
#include "flow/flow.h"
#include "flow/replay.h"

struct learning {
	struct call *call;
	struct site *site;
	const struct table *entity;
	const struct site_flow *flow; /* whose mapping reads it */
	const char *key, *name, *trip;
	struct cb_text sample;
	struct buffer text; /* the mapping's, with the sample */
};

static int read_record(struct learning *l, struct cb_error *err)
{
	struct store *store = NULL;
	int64_t id;
	int rc = call_store(l->site, STORE_READ, &store, err);

	if (rc == CB_OK)
		rc = store_find(store, l->entity, cb_text_of(l->key), &id, err);
	if (rc == CB_END)
		rc = cb_fail(err, CB_REFUSED, "%s：没有编号为 %s 的记录",
			     "%s: there is no record with key %s",
			     l->entity->label ? l->entity->label : l->entity->name, l->key);
	if (rc == CB_OK)
		rc = learn_read(l->site, store, l->entity, id, &l->call->arena, &l->flow,
				&l->sample, err);
	store_close(store);
	return rc;
}

/* The mapping's samples with the new one among them, claiming @trip. */
static int try_trip(struct learning *l, const char *trip, struct flow_trial *trial,
		    struct cb_error *err)
{
	struct arena *arena = &l->call->arena;
	struct problems problems = { 0 };
	struct mapping_text edited = { .file = l->flow->mapping_file };
	struct worker_text kept = { .name = l->flow->mapping_file };
	struct site_flow flow = *l->flow;
	int rc;

	buffer_clear(&l->text);
	l->trip = trip;
	rc = mapping_add_sample(l->flow->mapping, l->name, trip, l->sample, &l->text, err);
	if (rc != CB_OK)
		return rc;
	kept.text = edited.text = buffer_view(&l->text);
	flow.mapping =
		mapping_read_kept(arena, flow.mapping_file, &edited, 1, l->site->model, &problems);
	flow.kept = &kept;
	flow.kept_count = 1;
	flow.tables = 0;
	if (flow.mapping)
		rc = flow_try(l->site, NULL, &flow, arena, trial, err);
	else
		rc = cb_fail(err, CB_SETUP, "学来的样例写不进映射：%s",
			     "the sample does not fit into the mapping: %s",
			     problems.count ? problems.at[0].text : "");
	mapping_done(flow.mapping);
	problems_done(&problems);
	return rc;
}

/* As strong a claim as holds. */
static int choose_trip(struct learning *l, struct cb_error *err)
{
	static const char *const trips[] = { "exact", "normal", "none" };
	struct flow_trial trial = { 0 };
	int rc = flow_try(l->site, NULL, l->flow, &l->call->arena, &trial, err);

	if (rc == CB_OK && trial.failed)
		return cb_fail(err, CB_SETUP, "映射自带的样例先要都通过（%zu 个不通过）：%s",
			       "first the mapping's own samples must pass (%zu fail): %s",
			       trial.failed, trial.say);
	for (size_t i = 0; rc == CB_OK && i < 3; i++) {
		rc = try_trip(l, trips[i], &trial, err);
		if (rc == CB_OK && !trial.failed)
			return CB_OK;
	}
	return rc ? rc
		  : cb_fail(err, CB_SETUP, "没有写；学来的样例不通过：%s",
			    "not written; the sample does not pass: %s", trial.say);
}

/* Line by line: a line may hold what a terminal would obey. */
static void print_sample(struct call *call, struct cb_text sample)
{
	const char *at = sample.at, *end = at + sample.len;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		stop = stop ? stop : end;
		plain_text(&call->out, (struct cb_text){ at, (size_t)(stop - at) });
		buffer_char(&call->out, '\n');
		at = stop + 1;
	}
}

static int write_sample(struct learning *l, struct cb_error *err)
{
	struct call *call = l->call;
	const char *file;
	int rc = edit_write(call, l->site, l->flow->mapping, l->flow->mapping_file,
			    buffer_view(&l->text), &file, err);

	if (rc == CB_OK && !call_has(call, OPTION_DRY_RUN))
		rc = edit_audit(call, l->site, "map-learn", file, l->name, err);
	if (rc != CB_OK)
		return rc;
	call_say(
		call, "%s%s：样例“%s”（trip=\"%s\"），个人信息已换成虚构的；请看一遍：\n",
		"%s%s: sample '%s' (trip=\"%s\"), personal values replaced by made-up ones; please "
		"read it:\n",
		call_has(call, OPTION_DRY_RUN) ? cb_say("试运行 ", "dry run ") : "", file, l->name,
		l->trip);
	print_sample(call, l->sample);
	return CB_OK;
}

int command_map_learn(struct call *call)
{
	struct learning l = { .call = call,
			      .key = call->arguments[1],
			      .name = call->values[OPTION_NAME],
			      .site = call_site(call) };
	struct cb_error err;
	int code = 0, rc;

	if (!l.site)
		return EX_CONFIG;
	if (!l.name)
		l.name = arena_printf(&call->arena, "%s %s", cb_say("学自", "learned from"), l.key);
	l.entity = call_entity(call, l.site, call->arguments[0]);
	if (!l.entity) {
		site_done(l.site);
		return EX_USAGE;
	}
	rc = read_record(&l, &err);
	if (rc == CB_OK)
		rc = choose_trip(&l, &err);
	if (rc == CB_OK && !edit_is_right(call, l.site, l.flow->mapping_file, buffer_view(&l.text)))
		code = EX_CONFIG;
	else if (rc == CB_OK)
		rc = write_sample(&l, &err);
	if (rc != CB_OK)
		code = call_fail(call, &err);
	buffer_done(&l.text);
	site_done(l.site);
	return code;
}
