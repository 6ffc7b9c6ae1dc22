/*
 * dup_search.c - find duplicates, and look at what was found.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cli/dup.h"
#include "cli/entity.h"
#include "cli/table.h"
#include "record/sink.h"

/* dup run */

static const char *depth_word(enum search_depth depth)
{
	return depth == SEARCH_NEW   ? cb_say("新来或改过的", "new or changed")
	       : depth == SEARCH_ALL ? cb_say("全部", "all")
				     : cb_say("全部（重新学过）", "all (learned anew)");
}

static const char *depth_name(enum search_depth depth)
{
	return depth == SEARCH_NEW ? "new" : depth == SEARCH_ALL ? "all" : "learn";
}

void dup_say_report(struct call *call, const struct table *entity, const struct search_report *r)
{
	bool is_dry = call_has(call, OPTION_DRY_RUN);

	call_say(call,
		 "%s%s：%s %" PRId64 " 条，比较 %" PRId64 " 对 = 相连 %" PRId64
		 " + 两处都已报 %" PRId64 " + 有关 %" PRId64 " + 存疑 %" PRId64 " + 不同 %" PRId64
		 "\n",
		 "%s%s: %s %" PRId64 " records, %" PRId64 " pairs = linked %" PRId64
		 " + both uploaded %" PRId64 " + related %" PRId64 " + doubtful %" PRId64
		 " + apart %" PRId64 "\n",
		 is_dry ? cb_say("试运行 ", "dry run ") : "",
		 entity->label ? entity->label : entity->name, depth_word(r->depth), r->records,
		 r->pairs, r->linked, r->both_there, r->related, r->doubtful, r->apart);
	call_say(call, "  %" PRId64 " 簇，共 %" PRId64 " 条；这次有 %" PRId64 " 条换了簇\n",
		 "  %" PRId64 " clusters of %" PRId64 " records; %" PRId64 " changed theirs now\n",
		 r->clusters, r->clustered, r->moved);
	if (r->doubtful + r->both_there > r->decided)
		call_say(call, "  这次有 %" PRId64 " 对要人看：casebridge dup review\n",
			 "  %" PRId64 " of these pairs are for a person: casebridge dup review\n",
			 r->doubtful + r->both_there - r->decided);
	if (r->event && !is_dry)
		call_say(call, "  第 %" PRId64 " 步；撤销：casebridge dup undo %" PRId64 "\n",
			 "  step %" PRId64 "; to undo it: casebridge dup undo %" PRId64 "\n",
			 r->event, r->event);
}

static void put_report(struct json *j, const struct search_report *r)
{
	json_string(j, "searched", depth_name(r->depth));
	json_integer(j, "records", r->records);
	json_integer(j, "pairs", r->pairs);
	json_integer(j, "linked", r->linked);
	json_integer(j, "both-there", r->both_there);
	json_integer(j, "related", r->related);
	json_integer(j, "doubtful", r->doubtful);
	json_integer(j, "apart", r->apart);
	json_integer(j, "decided", r->decided);
	json_integer(j, "clusters", r->clusters);
	json_integer(j, "clustered", r->clustered);
	json_integer(j, "moved", r->moved);
	json_integer(j, "step", r->event);
}

void dup_report_json(struct json *j, const char *name, const struct search_report *r)
{
	json_open(j, name, '{');
	put_report(j, r);
	json_close(j, '}');
}

static void report_json(struct dup *d, const struct search_report *r)
{
	struct json j = call_json(d->call);

	json_open(&j, NULL, '{');
	json_string(&j, "entity", d->entity->name);
	json_flag(&j, "dry", call_has(d->call, OPTION_DRY_RUN));
	put_report(&j, r);
	json_close(&j, '}');
	buffer_char(&d->call->out, '\n');
}

static enum search_depth depth_of(const struct call *call)
{
	return call_has(call, OPTION_TRAIN) ? SEARCH_LEARN
	       : call_has(call, OPTION_ALL) ? SEARCH_ALL
					    : SEARCH_NEW;
}

int command_dup_run(struct call *call)
{
	struct search_report report = { 0 };
	struct cb_error err = { 0 };
	struct dup d;
	int code = dup_open(&d, call, STORE_WRITE, call->arguments[0]), rc;

	if (!code && !d.rules)
		code = call_usage(call, "没有查重规格 mappings/rules/%s.xml",
				  "there are no rules mappings/rules/%s.xml", d.entity->name);
	if (!code) {
		store_dry(d.store, call_has(call, OPTION_DRY_RUN));
		rc = store_begin(d.store, call_now(), &err);
		if (rc == CB_OK)
			rc = search_run(d.store, d.rules, depth_of(call), call_who(call),
					call->values[OPTION_REASON], &report, &err);
		if (rc == CB_OK)
			rc = store_commit(d.store, &err);
		else
			store_rollback(d.store);
		code = rc == CB_OK ? 0 : call_fail(call, &err);
	}
	if (!code && call_has(call, OPTION_JSON))
		report_json(&d, &report);
	else if (!code)
		dup_say_report(call, d.entity, &report);
	dup_close(&d);
	return code;
}

/* dup list */

int dup_pairs(struct dup *d, const char *state, int64_t record, struct store_pair **pairs,
	      size_t *count, struct cb_error *err)
{
	struct arena *arena = &d->call->arena;
	struct store_pair *more;
	size_t more_count = 0;
	int rc;

	if (!state || strcmp(state, DUP_OPEN) != 0)
		return store_pairs(d->store, state, record, arena, pairs, count, err);
	rc = store_pairs(d->store, PAIR_BOTH, record, arena, pairs, count, err);
	if (rc == CB_OK)
		rc = store_pairs(d->store, PAIR_DOUBTFUL, record, arena, &more, &more_count, err);
	if (rc == CB_OK && more_count) {
		struct store_pair *all = arena_take(arena, (*count + more_count) * sizeof(*all));

		if (*count)
			memcpy(all, *pairs, *count * sizeof(*all));
		memcpy(all + *count, more, more_count * sizeof(*all));
		*pairs = all;
		*count += more_count;
	}
	return rc;
}

/* What spoke most for it, and what most against. */
static const char *main_reasons(struct dup *d, const struct store_pair *pair)
{
	struct search_reason reason, best = { .name = "", .level = "" };
	struct search_reason worst = { .name = "", .level = "" };
	const char *at = pair->levels;
	struct arena *arena = &d->call->arena;

	while (search_reason(d->rules, arena, &at, &reason)) {
		if (!reason.level)
			continue;
		if (reason.weight > best.weight)
			best = reason;
		if (reason.weight < worst.weight)
			worst = reason;
	}
	return arena_printf(arena, "%s %s%s%s%s%s", best.name, best.level,
			    *worst.name ? cb_say("；", "; ") : "", worst.name,
			    *worst.name ? " " : "", worst.level);
}

static void pair_json(struct dup *d, struct json *j, const struct store_pair *pair)
{
	struct search_reason reason;
	const char *at = pair->levels;

	json_open(j, NULL, '{');
	json_string(j, "left", dup_key(d, pair->record[0]));
	json_string(j, "right", dup_key(d, pair->record[1]));
	json_string(j, "state", pair->state);
	json_string(j, "kind", pair->kind);
	json_number(j, "weight", cb_text_of(arena_printf(&d->call->arena, "%.2f", pair->weight)));
	json_number(j, "probability",
		    cb_text_of(arena_printf(&d->call->arena, "%.4f", pair->probability)));
	json_open(j, "reasons", '[');
	while (search_reason(d->rules, &d->call->arena, &at, &reason)) {
		json_open(j, NULL, '{');
		json_text(j, "id", reason.id);
		json_text(j, "level", reason.word);
		json_string(j, "comparison", reason.name);
		json_string(j, "result", reason.level);
		json_number(j, "weight",
			    cb_text_of(arena_printf(&d->call->arena, "%.2f", reason.weight)));
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static int by_state(const void *a, const void *b)
{
	const struct store_pair *x = a, *y = b;
	int order = strcmp(x->state, y->state);
	double far_x = x->probability - 0.5, far_y = y->probability - 0.5;

	if (!order)
		order = strcmp(x->kind ? x->kind : "", y->kind ? y->kind : "");
	far_x = far_x < 0 ? -far_x : far_x;
	far_y = far_y < 0 ? -far_y : far_y;
	return order ? order : (far_x > far_y) - (far_x < far_y);
}

/* A heading for each state and kind, the least certain of it first. */
static void print_groups(struct dup *d, struct store_pair *pairs, size_t count)
{
	struct call *call = d->call;
	size_t end;

	qsort(pairs, count, sizeof(*pairs), by_state);
	for (size_t i = 0; i < count; i = end) {
		struct sheet sheet = sheet_begin(&call->arena, 4, 0x4);
		const char *kind = search_kind_label(d->rules, pairs[i].kind);

		for (end = i; end < count && strcmp(pairs[end].state, pairs[i].state) == 0 &&
			      strcmp(pairs[end].kind ? pairs[end].kind : "",
				     pairs[i].kind ? pairs[i].kind : "") == 0;
		     end++)
			;
		buffer_printf(&call->out, "%s%s%s%s%s (%zu)%s\n", i ? "\n" : "",
			      ink_begin(call->has_colours, INK_STRONG),
			      dup_state_label(pairs[i].state), kind ? " · " : "", kind ? kind : "",
			      end - i, ink_end(call->has_colours));
		sheet_string(&sheet, cb_say("一条", "one"));
		sheet_string(&sheet, cb_say("另一条", "the other"));
		sheet_string(&sheet, cb_say("概率", "chance"));
		sheet_string(&sheet,
			     cb_say("最有力的依据；反面的", "what speaks for it most; against"));
		for (size_t k = i; k < end; k++) {
			sheet_string(&sheet, dup_key(d, pairs[k].record[0]));
			sheet_string(&sheet, dup_key(d, pairs[k].record[1]));
			sheet_string(&sheet, arena_printf(&call->arena, "%.1f%%",
							  pairs[k].probability * 100));
			sheet_string(&sheet, main_reasons(d, &pairs[k]));
		}
		sheet_end(&sheet, call->has_colours, 2, &call->out);
	}
}

int command_dup_list(struct call *call)
{
	const char *state = call->values[OPTION_STATE];
	struct store_pair *pairs;
	struct cb_error err;
	struct json j = call_json(call);
	size_t count = 0;
	struct dup d;
	int code;

	if (state && strcmp(state, PAIR_LINKED) != 0 && strcmp(state, PAIR_DOUBTFUL) != 0 &&
	    strcmp(state, PAIR_BOTH) != 0 && strcmp(state, PAIR_RELATED) != 0)
		return call_usage(call, "状态是 linked、doubtful、both-there 或 related",
				  "the state is linked, doubtful, both-there or related");
	code = dup_open(&d, call, STORE_READ, call->arguments[0]);
	if (!state && !call_has(call, OPTION_ALL))
		state = DUP_OPEN;
	if (!code && dup_pairs(&d, state, 0, &pairs, &count, &err) != CB_OK)
		code = call_fail(call, &err);
	if (!code && call_has(call, OPTION_JSON)) {
		json_open(&j, NULL, '[');
		for (size_t i = 0; i < count; i++)
			pair_json(&d, &j, &pairs[i]);
		json_close(&j, ']');
		buffer_char(&call->out, '\n');
	} else if (!code && count) {
		print_groups(&d, pairs, count);
	} else if (!code) {
		call_say(
			call, "没有要看的。找重复：casebridge dup run；全部：--all\n",
			"nothing to look at. To search: casebridge dup run; all there is: --all\n");
	}
	dup_close(&d);
	return code;
}

/* dup show */

/* Whose each value of the cluster is. */
static void print_survivors(struct dup *d, const struct survivor *s, const struct row *shown,
			    const int64_t *members, size_t count)
{
	struct call *call = d->call;
	struct sheet sheet = sheet_begin(&call->arena, 3, 0);

	call_say(call, "\n一簇 %zu 条，对外这样报：\n", "\nA cluster of %zu, which says:\n", count);
	sheet_string(&sheet, cb_say("字段", "field"));
	sheet_string(&sheet, cb_say("值", "value"));
	sheet_string(&sheet, cb_say("取自", "from"));
	for (size_t i = 0; i < d->entity->stored; i++) {
		const struct field *f = &d->entity->fields[i];

		if (!s->row->values[i].len)
			continue;
		sheet_string(&sheet, f->label ? f->label : f->path);
		sheet_cell(&sheet, labels_say(d->labels, f, shown->values[i]), INK_PLAIN);
		sheet_string(&sheet, dup_key(d, s->of_slot[i]));
	}
	for (size_t i = 0; i < d->entity->shape->list_count; i++) {
		if (!s->row->lists[i].count)
			continue;
		sheet_string(&sheet, d->entity->lists[i].label);
		sheet_string(&sheet, arena_printf(&call->arena, "%zu %s", s->row->lists[i].count,
						  cb_say("项", "items")));
		sheet_string(&sheet, dup_key(d, s->of_list[i]));
	}
	sheet_end(&sheet, call->has_colours, 2, &call->out);
}

static int show_cluster(struct dup *d, int64_t record, struct cb_error *err)
{
	struct arena *arena = &d->call->arena;
	struct survivor survivor;
	int64_t *members;
	struct row *shown;
	size_t count;
	int rc = store_cluster_members(d->store, record, arena, &members, &count, err);

	if (rc != CB_OK)
		return rc;
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct store_pair *pairs;
		size_t pair_count;
		const int64_t two[2] = { record, members[i] };

		if (members[i] == record)
			continue;
		rc = store_pairs(d->store, NULL, record, arena, &pairs, &pair_count, err);
		for (size_t k = 0; rc == CB_OK && k <= pair_count; k++)
			if (k == pair_count || pairs[k].record[0] == members[i] ||
			    pairs[k].record[1] == members[i]) {
				rc = dup_print_pair(d, two, k < pair_count ? &pairs[k] : NULL, err);
				break;
			}
	}
	if (rc == CB_OK && count == 1)
		call_say(d->call, "%s 不与别的记录相连\n", "%s is linked to no other record\n",
			 dup_key(d, record));
	if (rc != CB_OK || count == 1 || !d->rules)
		return rc;
	rc = search_survivor(d->store, d->rules, record, arena, &survivor, err);
	if (rc != CB_OK)
		return rc;
	shown = call_has(d->call, OPTION_UNMASK) ? survivor.row
						 : entity_masked(arena, d->entity, survivor.row);
	print_survivors(d, &survivor, shown, members, count);
	return CB_OK;
}

static int pair_of(struct dup *d, const int64_t records[2], struct store_pair **pair,
		   struct cb_error *err)
{
	struct store_pair *pairs;
	size_t count;
	int rc = store_pairs(d->store, NULL, records[0], &d->call->arena, &pairs, &count, err);

	*pair = NULL;
	for (size_t i = 0; rc == CB_OK && i < count; i++)
		if (pairs[i].record[0] == records[1] || pairs[i].record[1] == records[1])
			*pair = &pairs[i];
	return rc;
}

static void row_member(struct json *j, struct dup *d, const char *name, const struct row *row)
{
	struct buffer out = { 0 };

	row_json(call_has(d->call, OPTION_UNMASK) ? row
						  : entity_masked(&d->call->arena, d->entity, row),
		 &out);
	json_value(j, name, buffer_view(&out));
	buffer_done(&out);
}

/* The records of the cluster, and what it says; or the two that were named. */
static int show_json(struct dup *d, const int64_t *records, size_t count, struct cb_error *err)
{
	struct arena *arena = &d->call->arena;
	struct json j = call_json(d->call);
	struct store_pair *pairs = NULL;
	struct survivor survivor;
	int64_t *members = NULL, cluster = 0;
	size_t member_count = 0, pair_count = 0;
	int rc = store_cluster_of(d->store, records[0], &cluster, err);

	if (rc == CB_OK)
		rc = store_cluster_members(d->store, records[0], arena, &members, &member_count,
					   err);
	if (rc == CB_OK)
		rc = store_pairs(d->store, NULL, records[0], arena, &pairs, &pair_count, err);
	if (rc != CB_OK)
		return rc;
	json_open(&j, NULL, '{');
	json_integer(&j, "cluster", cluster);
	json_open(&j, "records", '[');
	for (size_t i = 0; rc == CB_OK && i < (count == 2 ? 2 : member_count); i++) {
		struct row *row;

		rc = store_get(d->store, d->entity, count == 2 ? records[i] : members[i], arena,
			       &row, err);
		if (rc == CB_OK)
			row_member(&j, d, NULL, row);
	}
	json_close(&j, ']');
	json_open(&j, "pairs", '[');
	for (size_t i = 0; i < pair_count; i++)
		if (count == 1 || pairs[i].record[0] == records[1] ||
		    pairs[i].record[1] == records[1])
			pair_json(d, &j, &pairs[i]);
	json_close(&j, ']');
	if (rc == CB_OK && d->rules && count == 1) {
		rc = search_survivor(d->store, d->rules, records[0], arena, &survivor, err);
		if (rc == CB_OK)
			row_member(&j, d, "says", survivor.row);
	}
	json_close(&j, '}');
	buffer_char(&d->call->out, '\n');
	return rc;
}

static int show_found(struct dup *d, const int64_t *records, size_t count, struct cb_error *err)
{
	struct store_pair *pair;
	int rc;

	if (call_has(d->call, OPTION_JSON))
		return show_json(d, records, count, err);
	if (count == 1)
		return show_cluster(d, records[0], err);
	rc = pair_of(d, records, &pair, err);
	if (rc == CB_OK)
		rc = dup_print_pair(d, records, pair, err);
	if (rc == CB_OK && !pair)
		call_say(d->call, "\n上次查找没有找到这一对\n",
			 "\nthe last search did not find these two\n");
	return rc;
}

int command_dup_show(struct call *call)
{
	bool is_open = call_has(call, OPTION_UNMASK);
	int64_t records[2] = { 0 };
	size_t count = call->count - 1;
	struct cb_error err;
	struct dup d;
	int code = dup_open(&d, call, is_open ? STORE_WRITE : STORE_READ, call->arguments[0]);
	int rc = CB_OK;

	for (size_t i = 0; !code && i < count && rc == CB_OK; i++)
		rc = dup_find(&d, call->arguments[i + 1], &records[i], &err);
	for (size_t i = 0; !code && is_open && i < count && rc == CB_OK; i++)
		rc = dup_audit_unmask(
			&d, arena_printf(&call->arena, "%s#%" PRId64, d.entity->name, records[i]),
			&err);
	if (!code && rc == CB_OK)
		rc = show_found(&d, records, count, &err);
	if (!code && rc != CB_OK)
		code = call_fail(call, &err);
	dup_close(&d);
	return code;
}
