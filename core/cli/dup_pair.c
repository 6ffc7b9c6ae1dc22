/*
 * dup_pair.c - two records side by side, what differs in them, and why they were
 * found.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "cli/dup.h"
#include "cli/entity.h"
#include "cli/table.h"

#define CELL_MOST 48 /* characters of a long text, at its beginning or around what differs */

struct side {
	struct row *full, *shown; /* as it is, and as others may see it */
};

struct pairing {
	struct dup *d;
	struct side side[2];
	struct sheet sheet;
};

/* Around the first bracket, if the text is long. */
static struct cb_text cut(struct arena *arena, struct cb_text text)
{
	const char *bracket = text.len ? memchr(text.at, '[', text.len) : NULL;
	size_t before =
		bracket ? utf8_length((struct cb_text){ text.at, (size_t)(bracket - text.at) }) : 0;
	size_t from = before > CELL_MOST / 2 ? before - CELL_MOST / 4 : 0, length, begin;

	if (!text.len || (length = utf8_length(text)) <= CELL_MOST)
		return text;
	begin = utf8_offset(text, from);
	text = (struct cb_text){ text.at + begin, text.len - begin };
	length -= from;
	if (length > CELL_MOST)
		text.len = utf8_offset(text, CELL_MOST);
	return cb_text_of(arena_printf(arena, "%s%.*s%s", from ? "…" : "", CB_TEXT_ARG(text),
				       length > CELL_MOST ? "…" : ""));
}

/* One line: what it is called, both sides, and whether they are the same. */
static void add_line(struct pairing *p, const char *label, bool is_code,
		     const struct cb_text full[2], const struct cb_text shown[2])
{
	struct arena *arena = &p->d->call->arena;
	struct cb_text out[2] = { shown[0], shown[1] };
	bool is_same = cb_text_equal(full[0], full[1]);

	if (!full[0].len && !full[1].len)
		return;
	if (!is_same && !is_code && full[0].len && full[1].len)
		dup_diff(arena, shown[0], shown[1], out);
	sheet_string(&p->sheet, label);
	sheet_string(&p->sheet, is_same ? "=" : !full[0].len || !full[1].len ? "" : "*");
	for (int i = 0; i < 2; i++)
		sheet_cell(&p->sheet, cut(arena, out[i]), is_same ? INK_FAINT : INK_PLAIN);
}

static void add_fields(struct pairing *p, const struct table *table, const char *before,
		       const struct row *full[2], const struct row *shown[2])
{
	struct arena *arena = &p->d->call->arena;

	for (size_t i = 0; i < table->stored; i++) {
		const struct field *f = &table->fields[i];
		struct cb_text has[2], said[2];

		for (int k = 0; k < 2; k++) {
			has[k] = full[k] ? full[k]->values[i] : (struct cb_text){ 0 };
			said[k] = shown[k] && shown[k]->values[i].len
					  ? labels_say(p->d->labels, f, shown[k]->values[i])
					  : (struct cb_text){ 0 };
		}
		add_line(p, arena_printf(arena, "%s%s", before, f->label ? f->label : f->path),
			 f->codes != NULL, has, said);
	}
}

static size_t alike(const struct row *a, const struct row *b)
{
	size_t same = 0;

	for (size_t i = 0; i < a->shape->slot_count; i++)
		same += a->values[i].len && cb_text_equal(a->values[i], b->values[i]);
	return same;
}

/* The other side's item that has most in common with it, of those that are not taken. */
static size_t partner(const struct row *item, const struct rows *others, const bool *is_taken)
{
	size_t best = others->count, most = 0;

	for (size_t i = 0; i < others->count; i++) {
		size_t same = is_taken[i] ? 0 : alike(item, others->at[i]);

		if (same > most) {
			most = same;
			best = i;
		}
	}
	return best;
}

static void add_list(struct pairing *p, const struct table *list, uint32_t number)
{
	const struct rows *full[2], *shown[2];
	struct arena *arena = &p->d->call->arena;
	const char *label = list->label ? list->label : list->name;
	size_t count = 0;
	bool *is_taken;

	for (int k = 0; k < 2; k++) {
		full[k] = &p->side[k].full->lists[number];
		shown[k] = &p->side[k].shown->lists[number];
	}
	is_taken = arena_zero(arena, full[1]->count + 1);
	for (size_t i = 0; i < full[0]->count; i++) {
		size_t other = partner(full[0]->at[i], full[1], is_taken);
		bool has_one = other < full[1]->count;

		if (has_one)
			is_taken[other] = true;
		add_fields(p, list, arena_printf(arena, "%s %zu ", label, ++count),
			   (const struct row *[]){ full[0]->at[i],
						   has_one ? full[1]->at[other] : NULL },
			   (const struct row *[]){ shown[0]->at[i],
						   has_one ? shown[1]->at[other] : NULL });
	}
	for (size_t i = 0; i < full[1]->count; i++)
		if (!is_taken[i])
			add_fields(p, list, arena_printf(arena, "%s %zu ", label, ++count),
				   (const struct row *[]){ NULL, full[1]->at[i] },
				   (const struct row *[]){ NULL, shown[1]->at[i] });
}

static void say_reasons(struct dup *d, const struct store_pair *pair)
{
	struct call *call = d->call;
	struct sheet sheet = sheet_begin(&call->arena, 3, 0x4);
	const char *at = pair->levels, *kind = search_kind_label(d->rules, pair->kind);
	struct search_reason reason;

	call_say(call, "\n%s%s%s，概率 %.1f%%。为什么：\n", "\n%s%s%s, probability %.1f%%. Why:\n",
		 dup_state_label(pair->state), kind ? cb_say("：", ": ") : "", kind ? kind : "",
		 pair->probability * 100);
	sheet_string(&sheet, cb_say("比较", "comparison"));
	sheet_string(&sheet, cb_say("结果", "result"));
	sheet_string(&sheet, cb_say("分量", "weight"));
	while (search_reason(d->rules, &call->arena, &at, &reason)) {
		sheet_string(&sheet, reason.name);
		sheet_string(&sheet, reason.level ? reason.level : "");
		sheet_string(&sheet, arena_printf(&call->arena, "%+.1f", reason.weight));
	}
	sheet_string(&sheet, cb_say("合计", "sum"));
	sheet_string(&sheet, "");
	sheet_string(&sheet, arena_printf(&call->arena, "%+.1f", pair->weight));
	sheet_end(&sheet, call->has_colours, 2, &call->out);
}

static int look(struct pairing *p, int64_t record, struct side *side, struct cb_error *err)
{
	struct arena *arena = &p->d->call->arena;
	int rc = store_get(p->d->store, p->d->entity, record, arena, &side->full, err);

	if (rc == CB_OK)
		side->shown = call_has(p->d->call, OPTION_UNMASK)
				      ? side->full
				      : entity_masked(arena, p->d->entity, side->full);
	return rc;
}

int dup_print_pair(struct dup *d, const int64_t records[2], const struct store_pair *pair,
		   struct cb_error *err)
{
	struct pairing p = { .d = d };
	int rc = look(&p, records[0], &p.side[0], err);

	if (rc == CB_OK)
		rc = look(&p, records[1], &p.side[1], err);
	if (rc != CB_OK)
		return rc;
	p.sheet = sheet_begin(&d->call->arena, 4, 0);
	sheet_string(&p.sheet, "");
	sheet_string(&p.sheet, "");
	sheet_string(&p.sheet, dup_key(d, records[0]));
	sheet_string(&p.sheet, dup_key(d, records[1]));
	add_fields(&p, d->entity, "", (const struct row *[]){ p.side[0].full, p.side[1].full },
		   (const struct row *[]){ p.side[0].shown, p.side[1].shown });
	for (uint32_t i = 0; i < d->entity->shape->list_count; i++)
		add_list(&p, &d->entity->lists[i], i);
	sheet_end(&p.sheet, d->call->has_colours, 2, &d->call->out);
	if (pair)
		say_reasons(d, pair);
	return CB_OK;
}
