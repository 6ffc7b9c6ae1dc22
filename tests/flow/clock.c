/*
 * clock.c - years of fifty schedules on a clock that is not to be trusted:
 * the engine dies and comes back, the clock jumps both ways, runs fail, take
 * long and are retried. Afterwards every slot has its record and none ran twice.
 *
 * One year in the tests, CLOCK_YEARS=10 by make clock. SEED repeats a run.
 */
#include "flow/schedule_rig.h"

#include <time.h>

#include "base/hash.h"
#include "support/dice.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct world {
	struct schedule_rig rig;
	int64_t now, begin, furthest; /* by the clock on the wall */
	int64_t runs, crashes, jumps, failures;
	struct names succeeded; /* "flow slot" */
	struct arena arena;
};

static const char *const timetables[] = {
	"cron 30 20 * * *",
	"cron 0 9 * * MON-FRI",
	"cron 0 0 L * *",
	"cron 0 0 29 2 *",
	"cron 15 */6 * * *",
	"cron 0 12 1,15 * FRI",
	"cron 0 0 31 * *",
	"cron 0 0 9 ? * 2",
	"cron 59 23 31 12 *",
	"cron 0 2 * * 0",
	"every 1h",
	"every 8h",
	"every 1d",
	"every 36h",
	"every 7d",
	"at 09:00",
	"at 08:30,17:30",
	"at MON,WED-FRI 10:00",
	"at day 2 09:00",
	"at day 29,30,31 23:59",
	"at last day 18:00",
	"at workday 09:00",
	"at workday 3 10:00",
	"at workday 1,10 00:00",
	"at last workday 17:00",
	"cron 0 1 1 1 *",
	"cron 0 0 * * SUN",
	"cron 10 4 */2 * *",
	"at SAT,SUN 06:00",
	"at day 1 00:00",
};
static const char *const rules[] = { "once", "each", "skip", NULL };
enum { FLOWS = 50 };

static void make_site(struct world *w)
{
	rig_calendar(&w->rig);
	for (size_t i = 0; i < FLOWS; i++)
		rig_flow(&w->rig, timetables[i % (sizeof(timetables) / sizeof(*timetables))],
			 rules[(i + i / 30) % 4]);
}

static void pass(struct world *w, int64_t ms)
{
	w->now += ms;
	if (w->now > w->furthest)
		w->furthest = w->now;
}

/* Clocks are set by minutes and days, and once in a while to another season and back. */
static void jump(struct world *w)
{
	static const int64_t spans[] = { MINUTE, HOUR, DAY, 3 * DAY, 40 * DAY };
	int64_t ms = dice_roll((uint32_t)(spans[dice_roll(5)] / 1000)) * INT64_C(1000);

	w->jumps++;
	pass(w, dice_roll(2) ? ms : -ms);
	if (w->now < w->begin)
		w->now = w->begin;
}

static void restart(struct world *w)
{
	struct rig *store = w->rig.store_rig;

	w->crashes++;
	schedule_close(w->rig.schedule);
	w->rig.schedule = NULL;
	rig_reopen(store);
	pass(w,
	     dice_roll(3) ? dice_roll(600) * INT64_C(1000) : dice_roll(3 * 86400) * INT64_C(1000));
	rig_start(&w->rig, w->now);
}

static void note_success(struct world *w, const struct schedule_slot *slot)
{
	struct cb_text key = cb_text_of(
		arena_printf(&w->arena, "%s %lld", slot->flow->name, (long long)slot->slot_ms));

	if (names_find(&w->succeeded, key) != NAME_UNKNOWN)
		fail_msg("%.*s ran twice", CB_TEXT_ARG(key));
	names_set(&w->succeeded, key, 1);
}

static void run(struct world *w, const struct schedule_slot *slot)
{
	static const enum cb_verdict bad[] = { CB_AGAIN, CB_DOUBT, CB_SETUP, CB_LIMIT };
	struct schedule_rig *rig = &w->rig;
	enum cb_verdict verdict = dice_roll(20) ? CB_OK : bad[dice_roll(4)];

	w->runs++;
	fine(rig, schedule_begin(rig->schedule, slot, w->now, &rig->err));
	pass(w, dice_roll(50) ? dice_roll(120000) : dice_roll(5 * 3600) * INT64_C(1000));
	if (dice_roll(200) == 0)
		jump(w);
	if (dice_roll(10) == 0) {
		struct schedule_slot other;

		fine(rig, schedule_plan(rig->schedule, w->now, &rig->err));
		if (schedule_next(rig->schedule, w->now, &other, &rig->err) == CB_OK)
			assert_ptr_not_equal(other.flow, slot->flow);
	}
	if (dice_roll(300) == 0) {
		restart(w);
		return;
	}
	fine(rig, schedule_end(rig->schedule, slot, verdict, "…", 1, w->now, &rig->err));
	w->failures += verdict != CB_OK;
	if (verdict == CB_OK)
		note_success(w, slot);
}

/* Until the next slot of any flow; who waits to be tried again may wait a little longer. */
static void sleep_on(struct world *w)
{
	int64_t next = w->now + DAY;

	for (size_t i = 0; i < FLOWS; i++) {
		int64_t slot = timetable_next(w->rig.site.flows[i].timetable, w->now);

		if (slot < next)
			next = slot;
	}
	pass(w, next - w->now + (dice_roll(4) ? 0 : dice_roll(90000)));
	if (dice_roll(500) == 0)
		jump(w);
	if (dice_roll(500) == 0)
		restart(w);
}

static void live(struct world *w, int64_t end)
{
	struct schedule_rig *rig = &w->rig;
	struct schedule_slot slot;

	rig_start(rig, w->now);
	while (w->now < end) {
		fine(rig, schedule_plan(rig->schedule, w->now, &rig->err));
		if (schedule_next(rig->schedule, w->now, &slot, &rig->err) == CB_OK)
			run(w, &slot);
		else
			sleep_on(w);
	}
	fine(rig, schedule_plan(rig->schedule, w->now, &rig->err));
}

/* One flow's rows against its timetable: none is missing, none says twice that it succeeded. */
static int64_t check_flow(struct world *w, const struct site_flow *flow)
{
	struct store_slot *rows;
	struct arena arena = { 0 };
	size_t count, i = 0;
	int64_t slots = 0;
	bool is_dense = strcmp(timetable_text(flow->timetable), "every 1h") == 0;
	bool is_each = flow->catch_up && strcmp(flow->catch_up, "each") == 0;

	fine(&w->rig, store_slots_ahead(w->rig.store_rig->store, flow->name, INT64_MIN, &arena,
					&rows, &count, &w->rig.err));
	for (int64_t slot = timetable_next(flow->timetable, w->begin); slot <= w->now;
	     slot = timetable_next(flow->timetable, slot), slots++) {
		int succeeded = 0, open = 0, interrupted = 0, final = 0;

		while (i < count && rows[i].slot_ms < slot)
			i++;
		if (i < count && rows[i].since_ms < rows[i].slot_ms && rows[i].since_ms <= slot)
			continue; /* one of many in one row */
		if (i == count || rows[i].slot_ms != slot)
			fail_msg("%s (%s) has no record of %lld", flow->name,
				 timetable_text(flow->timetable), (long long)slot);
		for (; i < count && rows[i].slot_ms == slot; i++) {
			const char *result = rows[i].result ? rows[i].result : "";

			open += !rows[i].ended_ms;
			succeeded += strcmp(result, "ok") == 0;
			interrupted += strcmp(result, "interrupted") == 0;
			/* Of a flow with more than a thousand slots behind, the oldest. */
			final += !strcmp(result, "missed") && is_dense;
			final += !strcmp(result, "setup") || !strcmp(result, "again") ||
				 !strcmp(result, "limit") || !strcmp(result, "doubt");
		}
		if (succeeded > 1 || open > 1)
			fail_msg("%s: %lld is there twice", flow->name, (long long)slot);
		/* "each" leaves nothing out: it ran, or waits, or was tried and failed. */
		if (is_each && !succeeded && !open && !final && interrupted < 3)
			fail_msg("%s: %lld never ran", flow->name, (long long)slot);
	}
	/* Nothing is called missed before its time. */
	for (; i < count; i++)
		if (rows[i].slot_ms > w->now && rows[i].ended_ms && !rows[i].started_ms &&
		    rows[i].number <= 0)
			fail_msg("%s: %lld is missed and has not come", flow->name,
				 (long long)rows[i].slot_ms);
	arena_done(&arena);
	return slots;
}

static void every_slot_has_its_record_and_none_ran_twice(void **state)
{
	const char *given = getenv("CLOCK_YEARS");
	int64_t years = given ? strtoll(given, NULL, 10) : 1, slots = 0;
	struct world w = { .now = at("2024-01-30T22:13:00+08:00") };
	clock_t started = clock();

	dice_seed();
	w.rig.store_rig = *state;
	w.begin = w.furthest = w.now;
	make_site(&w);
	live(&w, w.now + years * 365 * DAY + years / 4 * DAY);
	for (size_t i = 0; i < FLOWS; i++)
		slots += check_flow(&w, &w.rig.site.flows[i]);
	print_message(
		"%lld years, %d schedules, %lld slots, %lld runs, %lld restarts, %lld jumps, "
		"%lld failed runs: 0 missed without a record, 0 doubled; %.1f s of processor\n",
		(long long)years, FLOWS, (long long)slots, (long long)w.runs, (long long)w.crashes,
		(long long)w.jumps, (long long)w.failures,
		(double)(clock() - started) / CLOCKS_PER_SEC);
	schedule_close(w.rig.schedule);
	names_done(&w.succeeded);
	arena_done(&w.arena);
	arena_done(&w.rig.arena);
}

/* A million commits wait for no disk here. */
static int up_in_memory(void **state)
{
	return rig_up_in(state, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_slot_has_its_record_and_none_ran_twice,
						up_in_memory, rig_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
