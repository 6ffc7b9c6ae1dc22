/*
 * rig.h - a store in a folder of its own, for tests.
 */
#ifndef TESTS_STORE_RIG_H
#define TESTS_STORE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "store/store.h"

#define RIG_MODEL                                                                                      \
	"<model name='m' label='模型'><entity name='case' label='案件'>"                           \
	"<field name='number' label='编号' type='text' unique='yes'/>"                               \
	"<field name='title' label='标题' type='text'/>"                                             \
	"<field name='people' label='人数' type='integer'/>"                                         \
	"<field name='result' label='结果' type='text' owner='province'/>"                           \
	"<group name='place' label='地点'><field name='region' label='区划' type='text'/></group>" \
	"<list name='party' label='当事人'><field name='name' label='姓名' type='text'/>"         \
	"<list name='agent' label='代理人'><field name='name' label='姓名' type='text'/></list>"  \
	"</list>"                                                                                      \
	"<list name='step' label='步骤'><field name='say' label='内容' type='text'/></list>"       \
	"</entity><entity name='studio' label='工作室'>"                                            \
	"<field name='code' label='代码' type='text' unique='yes'/></entity></model>"

enum { NUMBER, TITLE, PEOPLE, RESULT, REGION, SLOTS };
enum { PARTY, STEP, LISTS };

struct rig {
	char folder[64], path[96];
	struct arena arena, call; /* call: of one test's values */
	struct model *model;
	const struct table *cases;
	struct store *store;
	struct cb_error err;
	enum store_put result;
	int64_t id;
};

static inline char *rig_file(struct rig *rig, const char *name)
{
	return arena_printf(&rig->call, "%s/%s", rig->folder, name);
}

static inline void rig_model(struct rig *rig, const char *text)
{
	struct problems problems = { 0 };
	struct buffer out = { 0 };
	FILE *file = fopen(rig_file(rig, "model.xml"), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	rig->model = model_read(&rig->arena, rig_file(rig, "model.xml"), &problems);
	if (!rig->model) {
		problems_print(&problems, &out);
		fail_msg("%s", buffer_cstr(&out));
	}
	rig->cases = model_entity(rig->model, "case");
	problems_done(&problems);
	buffer_done(&out);
}

static inline int rig_try(struct rig *rig, enum store_mode mode)
{
	return store_open(rig->path, mode, rig->model, &rig->store, &rig->err);
}

#define ok(rig, call)                                                                              \
	do {                                                                                       \
		int rc_ = (call);                                                                  \
		if (rc_ != CB_OK)                                                                  \
			fail_msg("%s: %d %s", #call, rc_, (rig)->err.text);                        \
	} while (0)

static inline void rig_reopen(struct rig *rig)
{
	store_close(rig->store);
	rig->store = NULL;
	ok(rig, rig_try(rig, STORE_WRITE));
}

static inline int rig_up_in(void **state, const char *folder)
{
	struct rig *rig = memory_take(sizeof(*rig));

	snprintf(rig->folder, sizeof(rig->folder), "%s/casebridge-store-XXXXXX", folder);
	assert_non_null(mkdtemp(rig->folder));
	snprintf(rig->path, sizeof(rig->path), "%s/casebridge.db", rig->folder);
	rig_model(rig, RIG_MODEL);
	ok(rig, rig_try(rig, STORE_CREATE));
	*state = rig;
	return 0;
}

static inline int rig_up(void **state)
{
	return rig_up_in(state, "/tmp");
}

static inline int rig_down(void **state)
{
	struct rig *rig = *state;
	static const char *const files[] = { "model.xml", "casebridge.lock", "casebridge.db",
					     "casebridge.db-wal", "casebridge.db-shm" };

	store_close(rig->store);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(rig_file(rig, files[i]));
	rmdir(rig->folder);
	arena_done(&rig->arena);
	arena_done(&rig->call);
	free(rig);
	return 0;
}

static inline void rig_begin(struct rig *rig, int64_t now)
{
	ok(rig, store_begin(rig->store, now, &rig->err));
}

static inline void rig_commit(struct rig *rig)
{
	ok(rig, store_commit(rig->store, &rig->err));
}

/* A case with these texts; NULL is nothing. */
static inline struct row *rig_row(struct rig *rig, const char *number, const char *title)
{
	struct row *row = row_new(&rig->call, rig->cases->shape);

	row->values[NUMBER] = cb_text_of(number);
	row->values[TITLE] = cb_text_of(title);
	return row;
}

static inline struct row *rig_item(struct rig *rig, struct row *row, uint32_t list,
				   const char *text)
{
	struct row *item = row_add(&rig->call, row, list);

	item->values[0] = cb_text_of(text);
	return item;
}

static inline int rig_put_as(struct rig *rig, const struct store_origin *origin,
			     const struct row *row)
{
	return store_put(rig->store, rig->cases, row, origin, &rig->result, &rig->id, &rig->err);
}

/* From grid/events, everything named, in a transaction of its own. */
static inline int64_t rig_put(struct rig *rig, const char *key, const struct row *row)
{
	struct store_origin origin = { .stream = "grid/events",
				       .system = "grid",
				       .key = cb_text_of(key),
				       .document = 7,
				       .number = 1,
				       .mapping = "aa11" };

	rig_begin(rig, 1000);
	ok(rig, rig_put_as(rig, &origin, row));
	rig_commit(rig);
	return rig->id;
}

static inline struct row *rig_get(struct rig *rig, int64_t id)
{
	struct row *row;

	ok(rig, store_get(rig->store, rig->cases, id, &rig->call, &row, &rig->err));
	return row;
}

static inline int64_t rig_revision(struct rig *rig, int64_t id)
{
	int64_t revision = 0;

	ok(rig, store_revision(rig->store, rig->cases, id, &revision, &rig->err));
	return revision;
}

#define says(value, text) assert_true(cb_text_is((value), (text)))
#define test(name) cmocka_unit_test_setup_teardown(name, rig_up, rig_down)

#endif
