/*
 * search.c - one search through all records of an entity, in one transaction.
 *
 * The items of a list are linked first, each under the number of its record and its
 * place; who they are then is a word in a column of the records. What is sure
 * becomes a cluster, what is doubtful waits for a person. So does what is sure while both
 * stand at a target already: who would be merged there has a receipt for each.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "reconcile/bind.h"

#define ITEMS_MOST 1024 /* of one record's list */

struct subject { /* a record of the entity */
	int64_t record;
	uint64_t data;
	int64_t group;   /* the smallest record that it is one with */
	int64_t cluster; /* where it is now; 0: alone */
	bool is_there;   /* something of it stands at a target */
};

struct person { /* an item of a list, and who it is */
	int64_t item, group;
};

struct search {
	struct store *store;
	const struct search_rules *rules;
	struct search_report *report;
	struct linker *linker;  /* of the records */
	struct linker *through; /* of the items */
	struct person *people;
	size_t person_count;
	size_t person_room;
	struct subject *subjects; /* in the order of records */
	size_t count, room;
	struct link_ruling *rulings; /* those that hold */
	size_t ruling_count, ruling_room;
	struct buffer reasons; /* of one pair */
	struct arena arena;    /* of one record, or pair */
};

static int by_record(const void *a, const void *b)
{
	const struct subject *x = a, *y = b;

	return (x->record > y->record) - (x->record < y->record);
}

static struct subject *subject_of(const struct search *s, int64_t record)
{
	const struct subject wanted = { .record = record };

	return s->count ? bsearch(&wanted, s->subjects, s->count, sizeof(wanted), by_record) : NULL;
}

/* First the items. */

static int add_items(void *with, int64_t id, int64_t revision, const struct row *row,
		     struct cb_error *err)
{
	struct search *s = with;
	const struct search_rules *through = s->rules->through;
	const struct rows *items = &row->lists[through->list];
	struct cb_text texts[SPEC_COLUMNS];
	int rc = CB_OK;

	arena_clear(&s->arena);
	for (size_t i = 0; i < items->count && i < ITEMS_MOST && rc == CB_OK; i++) {
		const struct link_record item = { id * ITEMS_MOST + (int64_t)i, "", texts };

		if (bind_texts(through, items->at[i], &s->arena, texts)) {
			rc = linker_add(s->through, &item, err);
			s->report->items++;
		}
	}
	return rc;
}

static int read_all(struct search *s,
		    int (*each)(void *with, int64_t id, int64_t revision, const struct row *row,
				struct cb_error *err),
		    struct cb_error *err)
{
	int64_t reached;

	return store_changed(s->store, s->rules->entity, 0, INT64_MAX, &reached, each, s, err);
}

static int take_person(void *with, int64_t item, int64_t group, struct cb_error *err)
{
	struct search *s = with;

	memory_grow(&s->people, s->person_count, &s->person_room, sizeof(*s->people));
	s->people[s->person_count++] = (struct person){ item, group };
	return CB_OK;
}

static int pass_pair(void *with, const struct link_pair *pair, struct cb_error *err)
{
	return CB_OK;
}

static int by_item(const void *a, const void *b)
{
	const struct person *x = a, *y = b;

	return (x->item > y->item) - (x->item < y->item);
}

static int link_items(struct search *s, struct cb_error *err)
{
	const struct link_options options = { 0 };
	const struct link_found found = { pass_pair, take_person, s };
	int rc;

	if (!s->rules->through)
		return CB_OK;
	s->through = linker_new(s->rules->through->spec, &options);
	rc = read_all(s, add_items, err);
	if (rc == CB_OK && s->report->items) {
		rc = linker_run(s->through, err);
		if (rc == CB_OK)
			rc = linker_found(s->through, &found, err);
	}
	if (s->person_count)
		qsort(s->people, s->person_count, sizeof(*s->people), by_item);
	return rc;
}

static int by_group(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* "p12 p77": who they are, each once, in an order of their own; nothing where nobody is known. */
static struct cb_text people_of(struct search *s, int64_t record, const struct rows *items)
{
	int64_t groups[ITEMS_MOST] = { 0 };
	const char *words = NULL;
	size_t count = 0;

	for (size_t i = 0; i < items->count && i < ITEMS_MOST; i++) {
		const struct person wanted = { record * ITEMS_MOST + (int64_t)i, 0 }, *found;

		found = bsearch(&wanted, s->people, s->person_count, sizeof(wanted), by_item);
		if (found)
			groups[count++] = found->group;
	}
	qsort(groups, count, sizeof(*groups), by_group);
	for (size_t i = 0; i < count; i++)
		if (!i || groups[i] != groups[i - 1])
			words = arena_printf(&s->arena, "%s%sp%lld", words ? words : "",
					     words ? " " : "", (long long)groups[i]);
	return cb_text_of(words);
}

/* Then the records. */

static int add_record(void *with, int64_t id, int64_t revision, const struct row *row,
		      struct cb_error *err)
{
	struct search *s = with;
	struct cb_text texts[SPEC_COLUMNS];
	const struct link_record record = { id, "", texts };
	struct subject subject = { .record = id, .data = search_data(s->rules, row), .group = id };
	struct store_delivery *deliveries;
	size_t count;
	int rc;

	arena_clear(&s->arena);
	(void)bind_texts(s->rules, row, &s->arena, texts);
	for (unsigned c = 0; c < s->rules->spec->column_count; c++)
		if (s->rules->columns[c].through)
			texts[c] = people_of(s, id, &row->lists[s->rules->columns[c].list]);
	rc = linker_add(s->linker, &record, err);
	if (rc == CB_OK)
		rc = store_cluster_of(s->store, id, &subject.cluster, err);
	if (rc == CB_OK)
		rc = store_deliveries(s->store, id, &s->arena, &deliveries, &count, err);
	for (size_t i = 0; rc == CB_OK && i < count; i++)
		subject.is_there |= deliveries[i].is_there;
	memory_grow(&s->subjects, s->count, &s->room, sizeof(*s->subjects));
	s->subjects[s->count++] = subject;
	return rc;
}

/* A person's words, as far as they were given on what the records still say. */
static int take_rulings(struct search *s, struct cb_error *err)
{
	struct store_ruling *said;
	struct arena arena = { 0 };
	size_t count;
	int rc = store_rulings(s->store, &arena, &said, &count, err);

	for (size_t i = 0; rc == CB_OK && i < count; i++) {
		const struct subject *a = subject_of(s, said[i].record[0]);
		const struct subject *b = subject_of(s, said[i].record[1]);

		if (!a || !b || a->data != said[i].data[0] || b->data != said[i].data[1])
			continue;
		memory_grow(&s->rulings, s->ruling_count, &s->ruling_room, sizeof(*s->rulings));
		s->rulings[s->ruling_count++] =
			(struct link_ruling){ { a->record, b->record }, said[i].is_same };
	}
	arena_done(&arena);
	return rc;
}

static int take_group(void *with, int64_t record, int64_t group, struct cb_error *err)
{
	subject_of(with, record)->group = group;
	return CB_OK;
}

static int link_records(struct search *s, struct cb_error *err)
{
	const struct link_options options = { 0 };
	const struct link_found found = { pass_pair, take_group, s };
	int rc;

	s->linker = linker_new(s->rules->spec, &options);
	rc = read_all(s, add_record, err);
	if (rc != CB_OK || !s->count)
		return rc;
	qsort(s->subjects, s->count, sizeof(*s->subjects), by_record);
	rc = take_rulings(s, err);
	if (rc != CB_OK)
		return rc;
	linker_rule(s->linker, s->rulings, s->ruling_count);
	rc = linker_run(s->linker, err);
	return rc == CB_OK ? linker_found(s->linker, &found, err) : rc;
}

/* What stands at a target. */

/* Who is in the groups: by group, then record. */
static int by_members(const void *a, const void *b)
{
	const struct subject *x = *(const struct subject *const *)a;
	const struct subject *y = *(const struct subject *const *)b;

	return x->group != y->group ? (x->group > y->group) - (x->group < y->group)
				    : by_record(x, y);
}

static struct subject **by_groups(const struct search *s)
{
	struct subject **all = memory_take((s->count + 1) * sizeof(struct subject *));

	for (size_t i = 0; i < s->count; i++)
		all[i] = &s->subjects[i];
	qsort(all, s->count, sizeof(struct subject *), by_members);
	return all;
}

/* A person's word on the two; NULL: none. */
static const struct link_ruling *word_on(const struct search *s, int64_t a, int64_t b)
{
	for (size_t i = 0; i < s->ruling_count; i++) {
		const struct link_ruling *r = &s->rulings[i];

		if ((r->record[0] == a && r->record[1] == b) ||
		    (r->record[0] == b && r->record[1] == a))
			return r;
	}
	return NULL;
}

/* Would it merge the two where both are accepted, and nobody has said that it may? */
static int would_merge(const struct search *s, const struct subject *a, const struct subject *b,
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
				rc = would_merge(s, members[k], leaving, &arena, &would, err);
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

static int part_groups(const struct search *s, struct cb_error *err)
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

/* Clusters. */

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
					: by_record(x, y);
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
		      const struct store_act *act, struct cb_error *err)
{
	struct store_group *groups = memory_take((count + 1) * sizeof(*groups));
	int rc;

	for (size_t i = 0; i < count; i++)
		groups[i] = (struct store_group){ s->subjects[members[i].subject].record,
						  s->subjects[members[i].subject].group };
	rc = store_regroup(s->store, s->rules->entity, groups, count, act, &s->report->event, err);
	free(groups);
	return rc;
}

static int write_clusters(const struct search *s, const struct store_act *act, struct cb_error *err)
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
		if (end - i > 1)
			rc = write_part(s, members + i, end - i, act, err);
	}
	free(members);
	free(up);
	return rc;
}

static int count_clusters(struct search *s, struct cb_error *err)
{
	int64_t *seen = memory_take((s->count + 1) * sizeof(*seen));
	size_t count = 0;
	int rc = CB_OK;

	for (size_t i = 0; i < s->count && rc == CB_OK; i++) {
		int64_t before = s->subjects[i].cluster;

		rc = store_cluster_of(s->store, s->subjects[i].record, &s->subjects[i].cluster,
				      err);
		s->report->moved += s->subjects[i].cluster != before;
		if (s->subjects[i].cluster)
			seen[count++] = s->subjects[i].cluster;
	}
	qsort(seen, count, sizeof(*seen), by_group);
	s->report->clustered = (int64_t)count;
	for (size_t i = 0; i < count; i++)
		s->report->clusters += !i || seen[i] != seen[i - 1];
	free(seen);
	return rc;
}

/* Pairs. */

/* "name\tlevel\tweight\n" a part, for search_reason. The names are of the specification: people
 * of any language read it later. */
static void keep_part(void *with, const struct link_part *part)
{
	struct buffer *out = with;

	buffer_printf(out, "%s\t%s\t%.2f\n", part->name, part->level ? part->level : "",
		      part->weight + part->frequency);
}

static int keep_reasons(struct search *s, const struct link_pair *pair, struct cb_error *err)
{
	struct link_verdict verdict;

	s->reasons.len = 0;
	return linker_explain(s->linker, &s->arena,
			      arena_printf(&s->arena, "%019" PRId64, pair->record[0]),
			      arena_printf(&s->arena, "%019" PRId64, pair->record[1]), keep_part,
			      &s->reasons, &verdict, err);
}

static const char *state_of(const struct link_pair *pair, const struct subject *a,
			    const struct subject *b, bool both)
{
	if (pair->is_apart) /* never made one, so nobody has to be sure */
		return PAIR_RELATED;
	if (a->cluster && a->cluster == b->cluster)
		return PAIR_LINKED;
	return pair->is_sure && both ? PAIR_BOTH : PAIR_DOUBTFUL;
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

static int keep_pair(void *with, const struct link_pair *pair, struct cb_error *err)
{
	struct search *s = with;
	const struct subject *a = subject_of(s, pair->record[0]);
	const struct subject *b = subject_of(s, pair->record[1]);
	struct store_pair kept = {
		.record = { a->record, b->record },
		.data = { a->data, b->data },
		.weight = pair->weight,
		.probability = pair->probability,
		.kind = pair->kind,
	};
	bool both;
	int rc = would_merge(s, a, b, &s->arena, &both, err);

	if (rc != CB_OK)
		return rc;
	kept.state = state_of(pair, a, b, both);
	count_pair(s, pair, kept.state);
	rc = keep_reasons(s, pair, err);
	kept.levels = buffer_cstr(&s->reasons);
	if (rc == CB_OK)
		rc = store_pair_add(s->store, s->rules->spec->name, &kept, err);
	arena_clear(&s->arena);
	return rc;
}

static int pass_group(void *with, int64_t record, int64_t group, struct cb_error *err)
{
	return CB_OK;
}

static int keep_pairs(struct search *s, struct cb_error *err)
{
	const struct link_found found = { keep_pair, pass_group, s };
	struct search_report *r = s->report;
	struct link_result result;
	int rc = store_pairs_clear(s->store, s->rules->spec->name, err);

	if (rc != CB_OK || !s->count)
		return rc;
	rc = linker_found(s->linker, &found, err);
	linker_result(s->linker, &result);
	r->pairs = (int64_t)result.pairs;
	r->apart = r->pairs - r->linked - r->both_there - r->related - r->doubtful;
	return rc;
}

bool search_reason(const char **at, struct search_reason *reason)
{
	const char *begin = *at, *tab, *second;
	size_t len = begin ? strcspn(begin, "\n") : 0;

	if (!len)
		return false;
	tab = memchr(begin, '\t', len);
	second = tab ? memchr(tab + 1, '\t', len - (size_t)(tab + 1 - begin)) : NULL;
	if (!second)
		return false;
	reason->name = (struct cb_text){ begin, (size_t)(tab - begin) };
	reason->level = (struct cb_text){ tab + 1, (size_t)(second - tab - 1) };
	reason->weight = strtod(second + 1, NULL);
	*at = begin + len + (begin[len] == '\n');
	return true;
}

int search_run(struct store *store, const struct search_rules *rules, const char *who,
	       const char *why, struct search_report *report, struct cb_error *err)
{
	struct search s = { .store = store, .rules = rules, .report = report };
	const struct store_act act = { "run", who, why };
	int rc;

	*report = (struct search_report){ 0 };
	rc = link_items(&s, err);
	if (rc == CB_OK)
		rc = link_records(&s, err);
	report->records = (int64_t)s.count;
	if (rc == CB_OK)
		rc = part_groups(&s, err);
	if (rc == CB_OK)
		rc = write_clusters(&s, &act, err);
	if (rc == CB_OK)
		rc = count_clusters(&s, err);
	if (rc == CB_OK)
		rc = keep_pairs(&s, err);
	linker_free(s.linker);
	linker_free(s.through);
	free(s.people);
	free(s.subjects);
	free(s.rulings);
	buffer_done(&s.reasons);
	arena_done(&s.arena);
	return rc;
}
