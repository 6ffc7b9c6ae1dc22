/*
 * index.c - records that arrive one at a time, in any order, changed and removed
 * between, give the pairs and clusters that a search through all of them gives.
 */
#include "reconcile/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/problem.h"
#include "store/rig.h"
#include "support/dice.h"

enum { WHO = 60, RECORDS = 240, LEARNED = 150, ROUNDS = 260, COLUMNS = 5, PAIRS = 40000 };

/* Small blocks, so that some are split; a column of several values, and two that are compared as
 * one. */
static const char spec_text[] =
	"<link name='test' pairs='both' largest-block='9'>"
	"<column name='given' form='latin-name'/><column name='surname' form='latin-name'/>"
	"<column name='birth' form='date'/><column name='phone' form='phone'/>"
	"<column name='town' form='fold'/>"
	"<compare name='whole' columns='given surname' term-frequency='yes'><level is='exact'/>"
	"<level is='exact' side='crossed'/></compare>"
	"<compare columns='given' term-frequency='yes'><level is='exact'/>"
	"<level is='jaro-winkler' bound='0.85'/></compare>"
	"<compare columns='surname' term-frequency='yes'><level is='exact'/>"
	"<level is='damerau' bound='1'/></compare>"
	"<compare columns='birth'><level is='exact'/><level is='date-slip'/><level is='year'/>"
	"</compare>"
	"<compare columns='phone' term-frequency='yes'><level is='exact'/><level is='shared' "
	"bound='1'/>"
	"</compare>"
	"<compare columns='town'><level is='exact'/></compare>"
	"<block><key column='town'/></block>"
	"<block><key column='surname'/></block><block><key column='birth'/></block>"
	"<block><key column='phone' by='phone-tail' n='4'/></block>";

struct person {
	bool is_there;
	const char *source;
	struct cb_text texts[COLUMNS];
	char room[COLUMNS][40];
};

struct told {
	int64_t record[2];
	double weight;
	char levels[120];
};

struct play {
	struct rig *rig;
	struct arena arena;
	struct link_spec *spec;
	struct person people[RECORDS + 1];
	struct told pairs[PAIRS];
	size_t count;
	int64_t group[RECORDS + 1];
};

/* People, with mistakes. */

static const char *const given[] = { "anna", "hanna", "bert", "berta",  "carla", "karla",
				     "dora", "dorit", "emil", "emilia", "fritz", "franz" };
static const char *const surnames[] = { "meyer", "meier",  "schmidt", "schmid",
					"huber", "hubert", "wolf",    "wolff" };

static void say(struct person *p, unsigned column, const char *text)
{
	snprintf(p->room[column], sizeof(p->room[column]), "%s", text);
	p->texts[column] = cb_text_of(p->room[column]);
}

static void draw(struct person *p, uint32_t who)
{
	static const char *const sources[] = { "grid", "calls", "studio" };
	char text[40];

	p->is_there = true;
	p->source = sources[dice_roll(3)];
	say(p, 0, given[who * 7 % 12]);
	say(p, 1, surnames[who * 5 % 8]);
	snprintf(text, sizeof(text), "19%02u-%02u-%02u", who * 13 % 60 + 30, who % 12 + 1,
		 who % 28 + 1);
	say(p, 2, text);
	snprintf(text, sizeof(text), "1390000%04u", who * 37);
	say(p, 3, text);
	snprintf(text, sizeof(text), "town %u", who % 5);
	say(p, 4, text);
	for (unsigned c = 0; c < COLUMNS; c++)
		if (dice_roll(6) == 0)
			p->texts[c] = cb_text_of("");
	if (dice_roll(4) == 0)
		say(p, 0, given[dice_roll(12)]);
	if (dice_roll(6) == 0)
		say(p, 1, surnames[dice_roll(8)]);
	if (dice_roll(8) == 0)
		say(p, 4, dice_roll(2) ? "town 0" : "elsewhere");
	if (dice_roll(8) == 0)
		say(p, 3, "13900000037 13900000074");
}

static struct link_record record_of(const struct play *p, int64_t number)
{
	const struct person *person = &p->people[number];

	return (struct link_record){ number, person->source, person->texts };
}

/* What is told. */

static int tell_pair(void *with, const struct link_pair *pair, struct cb_error *err)
{
	struct play *p = with;
	struct told *told = &p->pairs[p->count++];

	(void)err;
	assert_true(p->count < PAIRS);
	memset(told, 0, sizeof(*told));
	memcpy(told->record, pair->record, sizeof(told->record));
	told->weight = pair->weight;
	snprintf(told->levels, sizeof(told->levels), "%d %s", pair->is_sure, pair->levels);
	return CB_OK;
}

static int tell_group(void *with, int64_t record, int64_t group, struct cb_error *err)
{
	struct play *p = with;

	(void)err;
	p->group[record] = group;
	return CB_OK;
}

static struct link_found found(struct play *p)
{
	return (struct link_found){ .pair = tell_pair, .group = tell_group, .with = p };
}

static void forget_pairs(struct play *p, int64_t record)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++)
		if (p->pairs[i].record[0] != record && p->pairs[i].record[1] != record)
			p->pairs[kept++] = p->pairs[i];
	p->count = kept;
}

static int by_records(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(((struct told *)0)->record));
}

static void must_be_same(struct play *one, struct play *other)
{
	qsort(one->pairs, one->count, sizeof(*one->pairs), by_records);
	qsort(other->pairs, other->count, sizeof(*other->pairs), by_records);
	for (size_t i = 0; i < one->count && i < other->count; i++) {
		const struct told *x = &one->pairs[i], *y = &other->pairs[i];

		if (memcmp(x, y, sizeof(*x)) != 0)
			fail_msg("%lld-%lld %.17g %s, but %lld-%lld %.17g %s",
				 (long long)x->record[0], (long long)x->record[1], x->weight,
				 x->levels, (long long)y->record[0], (long long)y->record[1],
				 y->weight, y->levels);
	}
	assert_int_equal(one->count, other->count);
	for (int64_t i = 1; i <= RECORDS; i++)
		if (one->group[i] != other->group[i])
			fail_msg("record %lld: group %lld, but %lld", (long long)i,
				 (long long)one->group[i], (long long)other->group[i]);
}

/* The two ways. */

static struct link_spec *read_spec(struct play *p, const char *end)
{
	char *path = rig_file(p->rig, "spec.xml");
	struct problems problems = { 0 };
	struct link_spec *spec;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "%s%s", spec_text, end);
	fclose(file);
	spec = link_spec_read(&p->arena, path, &problems);
	unlink(path);
	assert_non_null(spec);
	problems_done(&problems);
	return spec;
}

static struct play *play_up(void **state)
{
	struct play *p = memory_take(sizeof(*p));

	dice_seed();
	p->rig = *state;
	p->spec = read_spec(p, "</link>");
	for (int64_t i = 1; i <= RECORDS; i++)
		draw(&p->people[i], dice_roll(WHO));
	return p;
}

static void play_down(struct play *p)
{
	arena_done(&p->arena);
	free(p);
}

static void add_all(struct play *p, struct linker *linker)
{
	for (int64_t i = RECORDS; i > 0; i--) { /* no order */
		struct link_record record = record_of(p, i);

		if (p->people[i].is_there)
			ok(p->rig, linker_add(linker, &record, &p->rig->err));
	}
}

/* Those from 1 to LEARNED. */
static void learn(struct play *p)
{
	struct link_options options = { .threads = 2 };
	struct linker *linker = linker_new(p->spec, &options);
	struct link_found all = found(p);

	for (int64_t i = 1; i <= RECORDS; i++)
		p->people[i].is_there = i <= LEARNED;
	add_all(p, linker);
	ok(p->rig, linker_run(linker, &p->rig->err));
	ok(p->rig, linker_found(linker, &all, &p->rig->err));
	rig_begin(p->rig, 1);
	ok(p->rig, link_index_fill(p->rig->store, linker, &p->rig->err));
	rig_commit(p->rig);
	linker_free(linker);
}

static void compare_with_search(struct play *p, const struct link_index *index)
{
	struct link_options options = { .threads = 2 };
	struct play *whole = memory_take(sizeof(*whole));
	struct link_found all = found(whole);
	struct linker *linker = link_index_search(index, &options);

	add_all(p, linker);
	ok(p->rig, linker_run(linker, &p->rig->err));
	ok(p->rig, linker_found(linker, &all, &p->rig->err));
	must_be_same(p, whole);
	linker_free(linker);
	free(whole);
}

static void one_arrives(struct play *p, struct link_index *index)
{
	int64_t number = 1 + dice_roll(RECORDS);
	struct person *person = &p->people[number];
	struct link_found all = found(p);
	struct link_record record;

	forget_pairs(p, number);
	if (person->is_there && dice_roll(3) == 0) {
		person->is_there = false;
		p->group[number] = 0;
		ok(p->rig, link_index_drop(index, number, &all, &p->rig->err));
		return;
	}
	if (person->is_there || dice_roll(2))
		draw(person, dice_roll(WHO)); /* it says something else */
	person->is_there = true;
	record = record_of(p, number);
	ok(p->rig, link_index_put(index, &record, &all, &p->rig->err));
}

static void one_at_a_time_is_the_same_as_all_at_once(void **state)
{
	struct play *p = play_up(state);
	struct link_index *index;
	size_t sure = 0;

	learn(p);
	for (size_t i = 0; i < p->count; i++)
		sure += p->pairs[i].levels[0] == '1';
	assert_true(sure > 20);
	ok(p->rig, link_index_open(p->rig->store, p->spec, &index, &p->rig->err));
	compare_with_search(p, index); /* what was learned finds what the learner found */
	for (int round = 0; round < ROUNDS; round++) {
		rig_begin(p->rig, 2 + round);
		one_arrives(p, index);
		rig_commit(p->rig);
		if (round % 20 == 19)
			compare_with_search(p, index);
	}
	link_index_close(index);
	play_down(p);
}

static void rulings_hold_for_those_that_arrive(void **state)
{
	struct play *p = play_up(state);
	struct link_ruling rulings[12];
	struct link_index *index;

	learn(p);
	for (unsigned i = 0; i < 12; i++)
		rulings[i] = (struct link_ruling){ { 1 + 2 * i + dice_roll(2), 30 + dice_roll(90) },
						   dice_roll(2) };
	ok(p->rig, link_index_open(p->rig->store, p->spec, &index, &p->rig->err));
	link_index_rule(index, rulings, 12);
	/* All come again, so that all are told under the rulings. */
	rig_begin(p->rig, 2);
	for (int64_t i = 1; i <= LEARNED; i++) {
		struct link_record record = record_of(p, i);
		struct link_found all = found(p);

		forget_pairs(p, i);
		ok(p->rig, link_index_put(index, &record, &all, &p->rig->err));
	}
	rig_commit(p->rig);
	compare_with_search(p, index);
	for (int round = 0; round < 60; round++) {
		rig_begin(p->rig, 3 + round);
		one_arrives(p, index);
		rig_commit(p->rig);
	}
	compare_with_search(p, index);
	link_index_close(index);
	play_down(p);
}

static void what_was_never_learned_or_under_another_text_is_said(void **state)
{
	struct play *p = play_up(state);
	struct link_index *index;

	assert_int_equal(link_index_open(p->rig->store, p->spec, &index, &p->rig->err), CB_END);
	learn(p);
	rig_reopen(p->rig);
	ok(p->rig, link_index_open(p->rig->store, p->spec, &index, &p->rig->err));
	link_index_close(index);
	p->spec = read_spec(p, "<cut doubt='0.2'/></link>");
	assert_int_equal(link_index_open(p->rig->store, p->spec, &index, &p->rig->err), CB_SETUP);
	assert_null(index);
	play_down(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_at_a_time_is_the_same_as_all_at_once, rig_up,
						rig_down),
		cmocka_unit_test_setup_teardown(rulings_hold_for_those_that_arrive, rig_up,
						rig_down),
		cmocka_unit_test_setup_teardown(
			what_was_never_learned_or_under_another_text_is_said, rig_up, rig_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
