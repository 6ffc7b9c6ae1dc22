/*
 * cluster.c - link, split and undo in any order: numbers of clusters stay, all
 * can be undone, no record changes, and a killed writer leaves no half of it.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store/cluster.h"
#include "store/rig.h"
#include "support/dice.h"

enum { RECORDS = 12, ROUNDS = 600, KILLS = 10 };

struct clusters {
	int64_t of[RECORDS];
};
struct play {
	struct rig *rig;
	int64_t ids[RECORDS];
	struct clusters now;
	struct clusters before[2 * ROUNDS + 2]; /* each event: as it was */
	int64_t largest, newest;
};

static void add_records(struct rig *rig, int64_t *ids)
{
	for (int i = 0; i < RECORDS; i++) {
		const char *key = arena_printf(&rig->call, "N%d", i);

		ids[i] = rig_put(rig, key, rig_row(rig, key, "title"));
	}
}

static struct clusters look(struct play *p)
{
	struct clusters c;

	for (int i = 0; i < RECORDS; i++)
		ok(p->rig, store_cluster_of(p->rig->store, p->ids[i], &c.of[i], &p->rig->err));
	return c;
}

static int size_of(const struct clusters *c, int64_t cluster)
{
	int size = 0;

	for (int i = 0; i < RECORDS; i++)
		size += c->of[i] == cluster;
	return size;
}

static bool is_same(const struct clusters *a, const struct clusters *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Nobody is alone in a cluster, and a number is old or was never there. */
static void check_numbers(struct play *p, const struct clusters *before, bool is_undo)
{
	int64_t largest = p->largest;

	for (int i = 0; i < RECORDS; i++) {
		int64_t cluster = p->now.of[i];

		if (!cluster)
			continue;
		assert_in_range(size_of(&p->now, cluster), 2, RECORDS);
		if (!is_undo && !size_of(before, cluster))
			assert_true(cluster > largest);
		if (cluster > p->largest)
			p->largest = cluster;
	}
}

static void check_link(struct play *p, const struct clusters *before, int a, int b)
{
	int64_t x = before->of[a], y = before->of[b], now = p->now.of[a];

	assert_int_not_equal(now, 0);
	assert_int_equal(p->now.of[b], now);
	if (x || y)
		assert_int_equal(now, !x ? y : !y ? x : x < y ? x : y); /* the oldest */
}

static void link_two(struct play *p, int a, int b)
{
	struct store_ruling said = { .record = { p->ids[a], p->ids[b] },
				     .is_same = true,
				     .who = "test" };
	struct clusters before = p->now;
	int64_t event = 0;
	int rc = store_link(p->rig->store, p->rig->cases, &said, &event, &p->rig->err);

	if (a == b) {
		assert_int_equal(rc, CB_REFUSED);
		return;
	}
	ok(p->rig, rc);
	p->now = look(p);
	check_link(p, &before, a, b);
	check_numbers(p, &before, false);
	p->before[event] = before;
	p->newest = event;
}

/* The larger part keeps the number. */
static void check_split(struct play *p, const struct clusters *before, int a)
{
	int64_t cluster = before->of[a];
	int stays = size_of(before, cluster) - 1;

	assert_int_equal(p->now.of[a], 0);
	assert_int_equal(size_of(&p->now, cluster), stays > 1 ? stays : 0);
}

static void split_one(struct play *p, int a)
{
	uint64_t data[RECORDS] = { 0 };
	struct clusters before = p->now;
	int64_t event = 0;
	int rc = store_split(p->rig->store, p->rig->cases, &p->ids[a], 1, data, "test", "why",
			     &event, &p->rig->err);

	if (!before.of[a]) {
		assert_int_equal(rc, CB_REFUSED);
		return;
	}
	ok(p->rig, rc);
	p->now = look(p);
	check_split(p, &before, a);
	check_numbers(p, &before, false);
	p->before[event] = before;
	p->newest = event;
}

static bool undo(struct play *p, int64_t which)
{
	struct clusters before = p->now;
	int64_t event = 0;
	int rc = store_undo(p->rig->store, which, "test", NULL, &event, &p->rig->err);

	if (rc == CB_REFUSED) {
		p->now = look(p);
		assert_true(is_same(&p->now, &before));
		return false;
	}
	ok(p->rig, rc);
	p->now = look(p);
	/* Whom it moved is back, and nobody else moved. */
	for (int i = 0; i < RECORDS; i++)
		if (p->now.of[i] != before.of[i])
			assert_int_equal(p->now.of[i], p->before[which].of[i]);
	check_numbers(p, &before, true);
	p->before[event] = before;
	p->newest = event;
	return true;
}

static void regroup(struct play *p)
{
	const struct store_act act = { "run", "test", NULL };
	struct store_group groups[RECORDS];
	struct clusters before = p->now;
	int64_t event = 0;

	for (int i = 0; i < RECORDS; i++)
		groups[i] = (struct store_group){ p->ids[i], dice_roll(RECORDS) };
	ok(p->rig, store_regroup(p->rig->store, p->rig->cases, groups, RECORDS, &act, &event,
				 &p->rig->err));
	p->now = look(p);
	for (int i = 0; i < RECORDS; i++)
		for (int k = 0; k < i; k++)
			assert_int_equal(groups[i].group == groups[k].group,
					 p->now.of[i] && p->now.of[i] == p->now.of[k]);
	check_numbers(p, &before, false);
	if (!event)
		return;
	p->before[event] = before;
	p->newest = event;
}

static struct play *play_up(void **state)
{
	struct play *p = memory_take(sizeof(*p));

	p->rig = *state;
	add_records(p->rig, p->ids);
	p->now = look(p);
	return p;
}

static void one_step(struct play *p)
{
	struct clusters before = p->now;
	int64_t largest = p->largest, newest = p->newest;

	rig_begin(p->rig, 1000);
	switch (dice_roll(8)) {
	case 0:
	case 1:
	case 2:
		link_two(p, (int)dice_roll(RECORDS), (int)dice_roll(RECORDS));
		break;
	case 3:
	case 4:
		split_one(p, (int)dice_roll(RECORDS));
		break;
	case 5:
		if (dice_roll(4) == 0)
			regroup(p);
		break;
	default:
		if (p->newest)
			undo(p, 1 + dice_roll((uint32_t)p->newest));
	}
	if (dice_roll(8)) {
		rig_commit(p->rig);
		return;
	}
	store_rollback(p->rig->store);
	p->largest = largest; /* numbers are given back with it */
	p->newest = newest;
	p->now = look(p);
	assert_true(is_same(&p->now, &before));
}

static void any_order_can_be_undone(void **state)
{
	struct play *p = play_up(state);
	struct store_ruling *rulings;
	size_t count;

	dice_seed();
	for (int i = 0; i < ROUNDS; i++)
		one_step(p);
	rig_begin(p->rig, 2000);
	for (int64_t event = p->newest; event > 0; event--)
		undo(p, event);
	rig_commit(p->rig);
	p->now = look(p);
	for (int i = 0; i < RECORDS; i++) {
		assert_int_equal(p->now.of[i], 0);
		says(rig_get(p->rig, p->ids[i])->values[TITLE], "title");
	}
	ok(p->rig, store_rulings(p->rig->store, &p->rig->call, &rulings, &count, &p->rig->err));
	assert_int_equal(count, 0);
	free(p);
}

static int64_t linked(struct play *p, int a, int b)
{
	rig_begin(p->rig, 1000);
	link_two(p, a, b);
	rig_commit(p->rig);
	return p->newest;
}

static void an_undo_waits_for_what_came_after(void **state)
{
	struct play *p = play_up(state);
	int64_t first = linked(p, 0, 1), second = linked(p, 1, 2), other = linked(p, 5, 6);

	rig_begin(p->rig, 1000);
	assert_false(undo(p, first));
	assert_non_null(strstr(p->rig->err.text, arena_printf(&p->rig->call, "%d", (int)second)));
	assert_true(undo(p, other)); /* another cluster: in any order */
	assert_false(undo(p, other));
	assert_true(undo(p, second));
	assert_true(undo(p, first));
	assert_false(undo(p, first));
	rig_commit(p->rig);
	assert_int_equal(p->now.of[0], 0);
	free(p);
}

static void a_link_ends_a_no_and_undo_brings_it_back(void **state)
{
	struct play *p = play_up(state);
	struct store_ruling no = { .record = { p->ids[1], p->ids[0] }, .data = { 11, 10 } };
	struct store_ruling *rulings;
	int64_t event = 0, link;
	size_t count;

	rig_begin(p->rig, 1000);
	ok(p->rig, store_keep_apart(p->rig->store, &no, &event, &p->rig->err));
	rig_commit(p->rig);
	link = linked(p, 0, 1);
	ok(p->rig, store_rulings(p->rig->store, &p->rig->call, &rulings, &count, &p->rig->err));
	assert_int_equal(count, 1);
	assert_true(rulings[0].is_same);
	rig_begin(p->rig, 1000);
	assert_true(undo(p, link));
	rig_commit(p->rig);
	ok(p->rig, store_rulings(p->rig->store, &p->rig->call, &rulings, &count, &p->rig->err));
	assert_int_equal(count, 1);
	assert_false(rulings[0].is_same);
	assert_int_equal(rulings[0].data[0], 10); /* with the record it belongs to */
	assert_int_equal(rulings[0].record[0], p->ids[0]);
	free(p);
}

static void a_move_is_a_change_for_exports(void **state)
{
	struct play *p = play_up(state);
	int64_t before = rig_revision(p->rig, p->ids[3]), alone = rig_revision(p->rig, p->ids[4]);

	linked(p, 2, 3);
	assert_true(rig_revision(p->rig, p->ids[3]) > before);
	assert_int_equal(rig_revision(p->rig, p->ids[4]), alone);
	free(p);
}

static void a_word_takes_a_pair_from_the_list_until_the_data_change(void **state)
{
	struct play *p = play_up(state);
	struct store_pair pair = { .record = { p->ids[0], p->ids[1] },
				   .data = { 1, 2 },
				   .probability = 0.5,
				   .state = PAIR_DOUBTFUL },
			  *pairs;
	struct store_ruling no = { .record = { p->ids[0], p->ids[1] }, .data = { 1, 2 } };
	int64_t event = 0;
	size_t count;

	rig_begin(p->rig, 1000);
	ok(p->rig, store_pair_add(p->rig->store, "r", &pair, &p->rig->err));
	ok(p->rig, store_pairs(p->rig->store, PAIR_DOUBTFUL, 0, &p->rig->call, &pairs, &count,
			       &p->rig->err));
	assert_int_equal(count, 1);
	ok(p->rig, store_keep_apart(p->rig->store, &no, &event, &p->rig->err));
	ok(p->rig, store_pairs(p->rig->store, PAIR_DOUBTFUL, 0, &p->rig->call, &pairs, &count,
			       &p->rig->err));
	assert_int_equal(count, 0);
	pair.data[1] = 3; /* what it was judged by is not what it was */
	ok(p->rig, store_pairs_clear(p->rig->store, "r", &p->rig->err));
	ok(p->rig, store_pair_add(p->rig->store, "r", &pair, &p->rig->err));
	ok(p->rig, store_pairs(p->rig->store, PAIR_DOUBTFUL, 0, &p->rig->call, &pairs, &count,
			       &p->rig->err));
	assert_int_equal(count, 1);
	rig_commit(p->rig);
	free(p);
}

/* Killed at any moment. */

static void link_for_ever(struct play *p, int tell)
{
	ok(p->rig, rig_try(p->rig, STORE_WRITE));
	p->now = look(p);
	p->largest = INT64_MAX / 2; /* numbers are looked at elsewhere */
	for (char byte = 0;; byte++) {
		const struct store_act act = { "run", "test", NULL };
		struct store_group groups[RECORDS];
		int64_t event = 0;

		for (int i = 0; i < RECORDS; i++)
			groups[i] = (struct store_group){ p->ids[i], dice_roll(RECORDS / 2) };
		rig_begin(p->rig, 1000);
		ok(p->rig, store_regroup(p->rig->store, p->rig->cases, groups, RECORDS, &act,
					 &event, &p->rig->err));
		rig_commit(p->rig);
		assert_int_equal(write(tell, &byte, 1), 1);
	}
}

static void sql_says_nothing(struct rig *rig, const char *sql)
{
	FILE *out = popen(arena_printf(&rig->call, "sqlite3 %s \"%s\"", rig->path, sql), "r");
	char line[64];

	assert_non_null(out);
	if (fgets(line, sizeof(line), out))
		fail_msg("%s: %s", sql, line);
	assert_int_equal(pclose(out), 0);
}

static void a_killed_writer_leaves_no_half_of_a_cluster(void **state)
{
	struct play *p = play_up(state);

	dice_seed();
	for (int i = 0; i < KILLS; i++) {
		struct timespec wait = { 0, (long)dice_roll(20000) * 1000 };
		int ends[2];
		pid_t child;
		char byte;

		store_close(p->rig->store);
		p->rig->store = NULL;
		assert_int_equal(pipe(ends), 0);
		child = fork();
		if (!child)
			link_for_ever(p, ends[1]);
		close(ends[1]);
		assert_int_equal(read(ends[0], &byte, 1), 1);
		nanosleep(&wait, NULL); /* chance: any moment is a right one */
		kill(child, SIGKILL);
		close(ends[0]);
		waitpid(child, NULL, 0);
		ok(p->rig, rig_try(p->rig, STORE_WRITE));
		/* Each stands where the newest event put it, and in company. */
		sql_says_nothing(p->rig,
				 "SELECT m.record FROM move m LEFT JOIN cluster c ON "
				 "c.record = m.record WHERE m.event = (SELECT MAX(event) FROM move "
				 "n WHERE n.record = m.record) AND m.after <> COALESCE(c.cluster, "
				 "0);");
		sql_says_nothing(p->rig, "SELECT cluster FROM cluster GROUP BY cluster HAVING "
					 "COUNT(*) < 2;");
	}
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(any_order_can_be_undone),
		test(an_undo_waits_for_what_came_after),
		test(a_link_ends_a_no_and_undo_brings_it_back),
		test(a_move_is_a_change_for_exports),
		test(a_word_takes_a_pair_from_the_list_until_the_data_change),
		test(a_killed_writer_leaves_no_half_of_a_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
