/*
 * search_pair.c - what was found of two records is kept, with the reasons: what agrees,
 * and what it weighs, in the words of the rules.
 */
#include <stdlib.h>

#include "reconcile/search_inside.h"

/* "name\tlevel\tweight\n" a part, for search_reason. The names are those of the specification:
 * people of any language read it later. */
static void keep_part(void *with, const struct link_part *part)
{
	struct buffer *out = with;

	buffer_printf(out, "%s\t%s\t%.2f\n", part->id, part->word ? part->word : "",
		      part->weight + part->frequency);
}

int pair_explain(struct search *s, const struct link_pair *pair, struct cb_error *err)
{
	struct link_verdict verdict;

	s->reasons.len = 0;
	return linker_explain(pair->linker, &s->arena, link_record_name(&s->arena, pair->record[0]),
			      link_record_name(&s->arena, pair->record[1]), keep_part, &s->reasons,
			      &verdict, err);
}

static const char *state_of(bool is_apart, bool is_sure, const struct subject *a,
			    const struct subject *b, bool both)
{
	if (is_apart) /* never made one, so nobody has to be sure */
		return PAIR_RELATED;
	if (a->cluster && a->cluster == b->cluster)
		return PAIR_LINKED;
	return is_sure && both ? PAIR_BOTH : PAIR_DOUBTFUL;
}

static void count_pair(struct search *s, const struct link_pair *pair, const char *state)
{
	struct search_report *r = s->report;
	bool is_open = true;

	if (strcmp(state, PAIR_BOTH) == 0) {
		r->both_there++;
	} else if (strcmp(state, PAIR_DOUBTFUL) == 0) {
		r->doubtful++;
	} else {
		r->linked += strcmp(state, PAIR_LINKED) == 0;
		r->related += strcmp(state, PAIR_RELATED) == 0;
		is_open = false;
	}
	r->decided += is_open && word_on(s, pair->record[0], pair->record[1]);
}

/* Its data, also where the search is not about it. */
static int look_up(struct search *s, int64_t record, struct subject *out, struct cb_error *err)
{
	const struct subject *known = subject_of(s, record);
	struct row *row;
	int rc;

	*out = known ? *known : (struct subject){ .record = record };
	if (known)
		return CB_OK;
	rc = store_get(s->store, s->rules->entity, record, &s->arena, &row, err);
	if (rc != CB_OK)
		return rc;
	out->data = search_data(s->rules, row);
	return subject_look(s, out, err);
}

int pair_keep(struct search *s, const struct link_pair *pair, const char *reasons,
	      struct cb_error *err)
{
	struct store_pair kept = { .weight = pair->weight,
				   .probability = pair->probability,
				   .kind = pair->kind,
				   .is_sure = pair->is_sure,
				   .levels = reasons };
	struct subject side[2];
	bool both = false;
	int rc = look_up(s, pair->record[0], &side[0], err);

	if (rc == CB_OK)
		rc = look_up(s, pair->record[1], &side[1], err);
	if (rc == CB_OK)
		rc = clusters_would_merge(s, &side[0], &side[1], &s->arena, &both, err);
	if (rc != CB_OK)
		return rc;
	for (int i = 0; i < 2; i++) {
		kept.record[i] = pair->record[i];
		kept.data[i] = side[i].data;
	}
	kept.state = state_of(pair->is_apart, pair->is_sure, &side[0], &side[1], both);
	count_pair(s, pair, kept.state);
	return store_pair_add(s->store, s->rules->spec->name, &kept, err);
}

int pairs_restate(struct search *s, const struct subject *subject, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct store_pair *pairs;
	size_t count;
	int rc = store_pairs_of(s->store, s->rules->spec->name, subject->record, &arena, &pairs,
				&count, err);

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct store_pair *p = &pairs[i];
		const char *state;
		struct subject other;
		bool both = false;

		rc = look_up(s, p->record[p->record[0] == subject->record], &other, err);
		if (rc == CB_OK)
			rc = clusters_would_merge(s, subject, &other, &arena, &both, err);
		if (rc != CB_OK)
			break;
		state = state_of(strcmp(p->state, PAIR_RELATED) == 0, p->is_sure, subject, &other,
				 both);
		if (strcmp(state, p->state) == 0)
			continue;
		p->state = state;
		rc = store_pair_restate(s->store, p, err);
	}
	arena_done(&arena);
	return rc;
}

/* Reading them. */

static struct cb_text until(const char **at, const char *end, char c)
{
	const char *begin = *at, *stop = memchr(begin, c, (size_t)(end - begin));

	*at = stop ? stop + 1 : end;
	return (struct cb_text){ begin, (size_t)((stop ? stop : end) - begin) };
}

/* What the rules call it now; what they do not know any more, as it was said. */
static void name_reason(const struct link_spec *spec, struct arena *arena, struct search_reason *r)
{
	r->name = link_part_name(arena_string(arena, r->id));
	r->level = r->word.len ? arena_string(arena, r->word) : NULL;
	for (unsigned c = 0; spec && c < spec->comparison_count && !r->name; c++) {
		const struct spec_comparison *comparison = &spec->comparisons[c];

		if (!cb_text_is(r->id, comparison->name))
			continue;
		r->name = comparison->label;
		for (unsigned code = 0; code < comparison->codes; code++)
			if (cb_text_is(r->word, spec_level_word(arena, comparison, code)))
				r->level = spec_level_name(arena, comparison, code);
	}
	if (!r->name)
		r->name = arena_string(arena, r->id);
}

bool search_reason(const struct search_rules *rules, struct arena *arena, const char **at,
		   struct search_reason *reason)
{
	const char *end = *at ? *at + strcspn(*at, "\n") : NULL;

	if (!end || end == *at)
		return false;
	reason->id = until(at, end, '\t');
	reason->word = until(at, end, '\t');
	reason->weight = strtod(*at, NULL);
	*at = end + (*end == '\n');
	name_reason(rules ? rules->spec : NULL, arena, reason);
	return true;
}
