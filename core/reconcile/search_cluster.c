/*
 * search_cluster.c - groups become clusters, but for what stands at a target twice:
 * who would be merged there has a receipt for each, and a person looks at both.
 */
#include <stdlib.h>

#include "reconcile/search_inside.h"

static int subject_order(const void *a, const void *b)
{
	const struct subject *x = a, *y = b;

	return (x->record > y->record) - (x->record < y->record);
}

/* Who is in the groups: by group, then record. */
static int by_members(const void *a, const void *b)
{
	const struct subject *x = *(const struct subject *const *)a;
	const struct subject *y = *(const struct subject *const *)b;

	return x->group != y->group ? (x->group > y->group) - (x->group < y->group)
				    : subject_order(x, y);
}

static struct subject **by_groups(const struct search *s)
{
	struct subject **all = memory_take((s->count + 1) * sizeof(struct subject *));

	for (size_t i = 0; i < s->count; i++)
		all[i] = &s->subjects[i];
	qsort(all, s->count, sizeof(struct subject *), by_members);
	return all;
}

int clusters_would_merge(const struct search *s, const struct subject *a, const struct subject *b,
			 struct arena *arena, bool *would, struct cb_error *err)
{
	const struct link_ruling *word;
	const char *flow = NULL;
	int rc;

	*would = false;
	if (!a->is_there || !b->is_there || (a->cluster && a->cluster == b->cluster))
		return CB_OK;
	word = word_on(s, a->record, b->record);
	if (word && word->is_same)
		return CB_OK;
	rc = store_both_there(s->store, a->record, b->record, arena, &flow, err);
	*would = flow != NULL;
	return rc;
}

/* Of a group, the first that is there keeps it; another one that is there too stays where it was,
 * with those that are with it already. */
static int part_group(const struct search *s, struct subject **members, size_t count,
		      struct cb_error *err)
{
	struct arena arena = { 0 };
	int rc = CB_OK;

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct subject *leaving = members[i];
		bool would = false;

		for (size_t k = 0; k < i && rc == CB_OK && !would; k++)
			if (members[k]->group == leaving->group)
				rc = clusters_would_merge(s, members[k], leaving, &arena, &would,
							  err);
		if (!would)
			continue;
		leaving->group = leaving->record;
		for (size_t k = 0; k < count && leaving->cluster; k++)
			if (members[k]->cluster == leaving->cluster)
				members[k]->group = leaving->record;
	}
	arena_done(&arena);
	return rc;
}

int clusters_part(const struct search *s, struct cb_error *err)
{
	struct subject **all = by_groups(s);
	size_t end;
	int rc = CB_OK;

	for (size_t i = 0; i < s->count && rc == CB_OK; i = end) {
		for (end = i + 1; end < s->count && all[end]->group == all[i]->group; end++)
			;
		rc = part_group(s, all + i, end - i, err);
	}
	free(all);
	return rc;
}

/* Records hang together that share a group or a cluster: each such part is written apart. */
static uint32_t root_of(uint32_t *up, uint32_t at)
{
	while (up[at] != at)
		at = up[at] = up[up[at]];
	return at;
}

static int by_cluster(const void *a, const void *b)
{
	const struct subject *x = *(const struct subject *const *)a;
	const struct subject *y = *(const struct subject *const *)b;

	return x->cluster != y->cluster ? (x->cluster > y->cluster) - (x->cluster < y->cluster)
					: subject_order(x, y);
}

static void join(const struct search *s, uint32_t *up, const struct subject *a,
		 const struct subject *b)
{
	uint32_t x = root_of(up, (uint32_t)(a - s->subjects));
	uint32_t y = root_of(up, (uint32_t)(b - s->subjects));

	up[x > y ? x : y] = x > y ? y : x;
}

static void join_parts(const struct search *s, uint32_t *up)
{
	struct subject **all = by_groups(s);

	for (size_t i = 0; i < s->count; i++)
		up[i] = (uint32_t)i;
	for (size_t i = 1; i < s->count; i++)
		if (all[i]->group == all[i - 1]->group)
			join(s, up, all[i - 1], all[i]);
	qsort(all, s->count, sizeof(struct subject *), by_cluster);
	for (size_t i = 1; i < s->count; i++)
		if (all[i]->cluster && all[i]->cluster == all[i - 1]->cluster)
			join(s, up, all[i - 1], all[i]);
	free(all);
}

struct member {
	uint32_t part, subject;
};

static int by_part(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return (x->subject > y->subject) - (x->subject < y->subject);
}

static int write_part(const struct search *s, const struct member *members, size_t count,
		      struct cb_error *err)
{
	struct store_group *groups = memory_take((count + 1) * sizeof(*groups));
	int rc;

	for (size_t i = 0; i < count; i++)
		groups[i] = (struct store_group){ s->subjects[members[i].subject].record,
						  s->subjects[members[i].subject].group };
	rc = store_regroup(s->store, s->rules->entity, groups, count, &s->act, &s->report->event,
			   err);
	free(groups);
	return rc;
}

static int write_parts(const struct search *s, struct cb_error *err)
{
	uint32_t *up = memory_take((s->count + 1) * sizeof(*up));
	struct member *members = memory_take((s->count + 1) * sizeof(*members));
	size_t end;
	int rc = CB_OK;

	join_parts(s, up);
	for (size_t i = 0; i < s->count; i++)
		members[i] = (struct member){ root_of(up, (uint32_t)i), (uint32_t)i };
	qsort(members, s->count, sizeof(*members), by_part);
	for (size_t i = 0; i < s->count && rc == CB_OK; i = end) {
		for (end = i + 1; end < s->count && members[end].part == members[i].part; end++)
			;
		/* One alone may leave some behind that the search is not about. */
		if (end - i > 1 || s->subjects[members[i].subject].cluster)
			rc = write_part(s, members + i, end - i, err);
	}
	free(members);
	free(up);
	return rc;
}

int clusters_write(struct search *s, struct cb_error *err)
{
	int rc = write_parts(s, err);

	for (size_t i = 0; i < s->count && rc == CB_OK; i++) {
		struct subject *subject = &s->subjects[i];

		subject->before = subject->cluster;
		rc = store_cluster_of(s->store, subject->record, &subject->cluster, err);
		s->report->moved += subject->cluster != subject->before;
	}
	return rc;
}
