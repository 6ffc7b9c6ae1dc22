/*
 * search_new.c - what is new is matched against what is there: in whatever order cases
 * come, change, are linked by a person and parted again, it finds what a search through
 * everything finds.
 */
#include "reconcile/search_rig.h"

#include "support/dice.h"

enum { DISPUTES = 40, BEGUN = 90, ROUNDS = 70, PAIRS = 3000 };

/* One of the disputes, as some desk might write it. */
static const char *draw(struct rig *rig, int key, uint32_t dispute)
{
	static const char *const names[] = { "沈丽娟", "郑海波", "孙国平", "朱春兰",   "裘志明",
					     "翁雪芬", "岑建军", "许桂花", "欧阳文斌", "毛晓东",
					     "戚永康", "宓雪梅", "应美玲", "虞立新",   "褚秀英" };
	static const char *const types[] = { "neighbour", "contract", "wage", "land" };
	static const char *const what[] = { "楼上漏水，天花板损坏", "借款到期没有归还",
					    "工资拖欠三个月", "田埂被挖，界线不清" };
	uint32_t a = dispute * 7 % 15, b = (dispute * 4 + 1) % 15, d = dispute % 4;
	bool is_swapped = dice_roll(4) == 0;
	const char *one, *other;

	if (b == a)
		b = (b + 1) % 15;
	one = arena_printf(
		&rig->arena, "party:name=%s%s", names[a],
		dice_roll(3) ? arena_printf(&rig->arena, ";party:phone=1380574%04u", a * 37) : "");
	other = arena_printf(
		&rig->arena, "party:name=%s%s", names[b],
		dice_roll(3) ? arena_printf(&rig->arena, ";party:phone=1390574%04u", b * 41) : "");
	return arena_printf(
		&rig->arena,
		"number=N%d;occurred=2026-%02u-%02uT10:00:00;place/region=3302821%02u;%s"
		"type=%s;source/system=%s;about=%s，%s;%s%s%s",
		key, 1 + dispute % 9, 1 + (dispute * 5 + dice_roll(4)) % 27, dispute % 10,
		dice_roll(3)
			? arena_printf(&rig->arena, "place/address=东风村%u号;", dispute * 13 % 200)
			: "",
		types[dice_roll(8) ? d : dice_roll(4)], dice_roll(2) ? "grid" : "12345",
		what[dice_roll(6) ? d : dice_roll(4)], dice_roll(2) ? "要求调解" : "双方争吵",
		is_swapped ? other : one, dice_roll(5) ? ";+" : ";", is_swapped ? one : other);
}

/* Everything that a search says of the records. */
struct picture {
	int64_t cluster[BEGUN + ROUNDS + 1];
	struct store_pair pairs[PAIRS];
	size_t count;
};

static int by_records(const void *a, const void *b)
{
	const struct store_pair *x = a, *y = b;

	for (int i = 0; i < 2; i++)
		if (x->record[i] != y->record[i])
			return x->record[i] < y->record[i] ? -1 : 1;
	return 0;
}

static struct picture *look(struct rig *rig)
{
	struct picture *p = arena_zero(&rig->arena, sizeof(*p));

	for (int64_t id = 1; id <= BEGUN + ROUNDS; id++) {
		struct store_pair *pairs;
		size_t count;

		p->cluster[id] = rig_cluster(rig, id);
		ok(rig,
		   store_pairs_of(rig->store, "case", id, &rig->arena, &pairs, &count, &rig->err));
		for (size_t i = 0; i < count; i++)
			if (pairs[i].record[0] == id && p->count < PAIRS)
				p->pairs[p->count++] = pairs[i];
	}
	assert_true(p->count < PAIRS);
	qsort(p->pairs, p->count, sizeof(*p->pairs), by_records);
	return p;
}

static void must_be_same(const struct picture *new, const struct picture *all)
{
	for (int64_t id = 1; id <= BEGUN + ROUNDS; id++)
		if (new->cluster[id] != all->cluster[id])
			fail_msg("record %lld is in cluster %lld, but %lld", (long long)id,
				 (long long)new->cluster[id], (long long)all->cluster[id]);
	for (size_t i = 0; i < new->count &&i < all->count; i++) {
		const struct store_pair *x = &new->pairs[i], *y = &all->pairs[i];

		if (by_records(x, y) != 0 || strcmp(x->state, y->state) != 0 ||
		    strcmp(x->levels, y->levels) != 0 || x->weight != y->weight ||
		    strcmp(x->kind ? x->kind : "", y->kind ? y->kind : "") != 0 ||
		    x->is_sure != y->is_sure || memcmp(x->data, y->data, sizeof(x->data)) != 0)
			fail_msg("%lld-%lld %s %g\n%sbut %lld-%lld %s %g\n%s",
				 (long long)x->record[0], (long long)x->record[1], x->state,
				 x->weight, x->levels, (long long)y->record[0],
				 (long long)y->record[1], y->state, y->weight, y->levels);
	}
	assert_int_equal(new->count, all->count);
}

static void compare_with_all(struct rig *rig)
{
	struct picture *new = look(rig);

	rig_search_in(rig, SEARCH_ALL);
	assert_int_equal(rig->report.depth, SEARCH_ALL);
	assert_int_equal(rig->report.moved, 0);
	must_be_same(new, look(rig));
}

/* A person links two, parts one from its cluster, says no, or takes the last step back. */
static void say_something(struct rig *rig, int64_t last)
{
	struct store_ruling said = { .record = { 1 + dice_roll((uint32_t)last),
						 1 + dice_roll((uint32_t)last) },
				     .who = "p" };
	uint64_t *data = arena_zero(&rig->arena, (size_t)(last + 1) * sizeof(*data));
	int64_t event = 0, *members;
	uint32_t dice = dice_roll(4);
	size_t count;
	int rc;

	if (said.record[0] == said.record[1])
		return;
	for (int i = 0; i < 2; i++) {
		struct row *row;

		ok(rig,
		   store_get(rig->store, rig->cases, said.record[i], &rig->arena, &row, &rig->err));
		said.data[i] = search_data(rig->rules, row);
	}
	ok(rig, store_begin(rig->store, rig->now++, &rig->err));
	ok(rig, store_cluster_members(rig->store, said.record[0], &rig->arena, &members, &count,
				      &rig->err));
	for (size_t i = 0; i < count; i++) {
		struct row *row;

		ok(rig,
		   store_get(rig->store, rig->cases, members[i], &rig->arena, &row, &rig->err));
		data[i] = search_data(rig->rules, row);
	}
	said.is_same = dice == 0;
	rc = dice == 0   ? store_link(rig->store, rig->cases, &said, &event, &rig->err)
	     : dice == 1 ? store_split(rig->store, rig->cases, said.record, 1, data, "p", NULL,
				       &event, &rig->err)
	     : dice == 2 ? store_keep_apart(rig->store, &said, &event, &rig->err)
			 : store_undo(rig->store, 0, "p", NULL, &event, &rig->err);
	if (rc == CB_OK) {
		ok(rig, store_commit(rig->store, &rig->err));
		return;
	}
	assert_int_equal(rc, CB_REFUSED);
	store_rollback(rig->store);
}

static void begin(struct rig *rig)
{
	dice_seed();
	for (int i = 1; i <= BEGUN; i++)
		rig_put(rig, draw(rig, i, dice_roll(DISPUTES)));
	rig_search_in(rig, SEARCH_LEARN);
	assert_int_equal(rig->report.depth, SEARCH_LEARN);
	assert_true(rig->report.linked > 10);
	compare_with_all(rig);
}

static void what_is_new_is_matched_as_all_would_be(void **state)
{
	struct rig *rig = *state;
	int last = BEGUN, linked = 0;

	begin(rig);
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t dice = dice_roll(10);

		if (dice < 3)
			say_something(rig, last);
		else if (dice < 6)
			rig_put(rig,
				draw(rig, 1 + (int)dice_roll((uint32_t)last), dice_roll(DISPUTES)));
		else
			rig_put(rig, draw(rig, ++last, dice_roll(DISPUTES)));
		if (dice == 9)
			continue; /* two at a time */
		rig_search(rig);
		linked += (int)rig->report.linked;
		if (round % 7 == 6)
			compare_with_all(rig);
	}
	rig_search(rig);
	compare_with_all(rig);
	assert_true(linked > 5);
}

static void nothing_new_costs_nothing(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	rig_search(rig);
	assert_int_equal(rig->report.depth, SEARCH_NEW);
	assert_int_equal(rig->report.records, 0);
	assert_int_equal(rig->report.pairs, 0);
	rig_put(rig, draw(rig, BEGUN + 1, 3));
	rig_search(rig);
	assert_int_equal(rig->report.depth, SEARCH_NEW);
	assert_in_range(rig->report.records, 1, 30); /* and those who stand in it */
}

static void too_much_that_is_new_is_learned_from(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	for (int i = 1; i <= BEGUN + 1; i++)
		rig_put(rig, draw(rig, BEGUN + i, dice_roll(DISPUTES)));
	rig_search(rig);
	assert_int_equal(rig->report.depth, SEARCH_LEARN);
	assert_int_equal(rig->report.records, BEGUN + BEGUN + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_new_is_matched_as_all_would_be),
		test(nothing_new_costs_nothing),
		test(too_much_that_is_new_is_learned_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
