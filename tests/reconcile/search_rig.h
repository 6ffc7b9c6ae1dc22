/*
 * search_rig.h - a store of cases of the real model, with the real rules.
 */
#ifndef TESTS_RECONCILE_SEARCH_RIG_H
#define TESTS_RECONCILE_SEARCH_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "reconcile/search.h"

struct rig {
	char folder[64], path[96];
	struct arena arena;
	struct model *model;
	const struct table *cases;
	const struct search_rules *rules;
	struct store *store;
	struct search_report report;
	struct cb_error err;
	int64_t now;
};

#define ok(rig, call)                                                                              \
	do {                                                                                       \
		int rc_ = (call);                                                                  \
		if (rc_ != CB_OK)                                                                  \
			fail_msg("%s: %d %s", #call, rc_, (rig)->err.text);                        \
	} while (0)

static inline void rig_rules(struct rig *rig)
{
	const char *top = getenv("CASEBRIDGE_MAPPINGS");
	const char *folders[] = { top ? top : "mappings", NULL };
	struct problems problems = { 0 };
	struct buffer out = { 0 };

	rig->model = model_read(&rig->arena,
				arena_printf(&rig->arena, "%s/model/mediation.xml", folders[0]),
				&problems);
	if (rig->model)
		rig->rules = search_rules_read(&rig->arena, rig->model, "case", folders, &problems);
	if (!rig->rules) {
		problems_print(&problems, &out);
		fail_msg("%s", buffer_cstr(&out));
	}
	rig->cases = model_entity(rig->model, "case");
	problems_done(&problems);
	buffer_done(&out);
}

static inline int rig_up(void **state)
{
	struct rig *rig = memory_take(sizeof(*rig));

	snprintf(rig->folder, sizeof(rig->folder), "/tmp/casebridge-search-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	snprintf(rig->path, sizeof(rig->path), "%s/casebridge.db", rig->folder);
	rig->now = 1000;
	rig_rules(rig);
	ok(rig, store_open(rig->path, STORE_CREATE, rig->model, &rig->store, &rig->err));
	*state = rig;
	return 0;
}

static inline int rig_down(void **state)
{
	struct rig *rig = *state;
	static const char *const files[] = { "casebridge.lock", "casebridge.db",
					     "casebridge.db-wal", "casebridge.db-shm" };

	store_close(rig->store);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(arena_printf(&rig->arena, "%s/%s", rig->folder, files[i]));
	rmdir(rig->folder);
	arena_done(&rig->arena);
	free(rig);
	return 0;
}

static inline uint32_t rig_slot(const struct table *table, struct cb_text path)
{
	for (uint32_t i = 0; i < table->stored; i++)
		if (cb_text_is(path, table->fields[i].path))
			return i;
	fail_msg("no field %.*s", CB_TEXT_ARG(path));
	return NO_SLOT;
}

/* "place/region=330282102;about=漏水;party:name=甲;party:phone=139…;+party:name=乙": + begins an
 * item. */
static inline struct row *rig_row(struct rig *rig, const char *text)
{
	struct row *row = row_new(&rig->arena, rig->cases->shape), *item = NULL;
	const struct table *list = NULL;

	for (uint32_t i = 0; i < rig->cases->shape->list_count; i++)
		if (cb_text_is(rig->cases->shape->lists[i]->path, "party"))
			list = &rig->cases->lists[i];
	while (*text) {
		size_t len = strcspn(text, ";"), name = strcspn(text, "=");
		struct cb_text path = { text, name }, value = { text + name + 1, len - name - 1 };
		bool begins = *text == '+';

		if (begins || strncmp(text, "party:", 6) == 0) {
			path.at += begins + 6;
			path.len -= begins + 6u;
			if (begins || !item)
				item = row_add(&rig->arena, row,
					       (uint32_t)(list - rig->cases->lists));
			item->values[rig_slot(list, path)] = arena_copy(&rig->arena, value);
		} else {
			row->values[rig_slot(rig->cases, path)] = arena_copy(&rig->arena, value);
		}
		text += len + (text[len] == ';');
	}
	return row;
}

static inline int64_t rig_put(struct rig *rig, const char *text)
{
	struct row *row = rig_row(rig, text);
	struct store_origin origin = { .stream = "grid/events",
				       .system = "grid",
				       .key = row->values[0],
				       .document = 7,
				       .number = 1,
				       .mapping = "aa11" };
	enum store_put put;
	int64_t id;

	ok(rig, store_begin(rig->store, rig->now++, &rig->err));
	ok(rig, store_put(rig->store, rig->cases, row, &origin, &put, &id, &rig->err));
	ok(rig, store_commit(rig->store, &rig->err));
	return id;
}

/* For who looks at a test that fails: SEARCH_SHOW=1. */
static inline void rig_show(struct rig *rig)
{
	struct store_pair *pairs;
	size_t count;

	ok(rig, store_pairs(rig->store, NULL, 0, &rig->arena, &pairs, &count, &rig->err));
	for (size_t i = 0; i < count; i++) {
		struct row *row[2];

		for (int k = 0; k < 2; k++)
			ok(rig, store_get(rig->store, rig->cases, pairs[i].record[k], &rig->arena,
					  &row[k], &rig->err));
		printf("%.*s %.*s %s %s %.2f %.3f\n%s", CB_TEXT_ARG(row[0]->values[0]),
		       CB_TEXT_ARG(row[1]->values[0]), pairs[i].state,
		       pairs[i].kind ? pairs[i].kind : "-", pairs[i].weight, pairs[i].probability,
		       pairs[i].levels);
	}
}

static inline void rig_search_in(struct rig *rig, enum search_depth depth)
{
	ok(rig, store_begin(rig->store, rig->now++, &rig->err));
	ok(rig, search_run(rig->store, rig->rules, depth, "t", NULL, &rig->report, &rig->err));
	ok(rig, store_commit(rig->store, &rig->err));
	assert_int_equal(rig->report.pairs, rig->report.linked + rig->report.both_there +
						    rig->report.related + rig->report.doubtful +
						    rig->report.apart);
	if (getenv("SEARCH_SHOW"))
		rig_show(rig);
}

static inline void rig_search(struct rig *rig)
{
	rig_search_in(rig, SEARCH_NEW);
}

static inline int64_t rig_cluster(struct rig *rig, int64_t record)
{
	int64_t cluster;

	ok(rig, store_cluster_of(rig->store, record, &cluster, &rig->err));
	return cluster;
}

static inline bool rig_is_one(struct rig *rig, int64_t a, int64_t b)
{
	return rig_cluster(rig, a) && rig_cluster(rig, a) == rig_cluster(rig, b);
}

/* What the last search found of the two; NULL: nothing. */
static inline const struct store_pair *rig_pair(struct rig *rig, int64_t a, int64_t b)
{
	struct store_pair *pairs;
	size_t count;

	ok(rig, store_pairs(rig->store, NULL, a, &rig->arena, &pairs, &count, &rig->err));
	for (size_t i = 0; i < count; i++)
		if (pairs[i].record[0] == b || pairs[i].record[1] == b)
			return &pairs[i];
	return NULL;
}

#define test(name) cmocka_unit_test_setup_teardown(name, rig_up, rig_down)

#endif
