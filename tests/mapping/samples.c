/*
 * samples.c - the mappings that come with the program hold their own samples.
 */
#include "rig.h"

static void its_own_samples_hold(const char *name, size_t least)
{
	struct mapping_formats formats = { rig_read, NULL, NULL };
	struct buffer out = { 0 };
	struct test_report report = { .out = &out };
	struct rig rig = { 0 };
	char path[256];

	say_language(LANGUAGE_EN);
	rig.model = model_read(&rig.arena, "mappings/model/mediation.xml", &rig.problems);
	snprintf(path, sizeof(path), "mappings/%s.xml", name);
	if (rig.model)
		rig.mapping = mapping_read(&rig.arena, path, rig.model, &rig.problems);
	if (rig.problems.count) {
		problems_print(&rig.problems, &out);
		fail_msg("%s", buffer_cstr(&out));
	}
	mapping_test(rig.mapping, &formats, &report);
	if (report.failed)
		fail_msg("%s", buffer_cstr(&out));
	assert_true(report.passed >= least);
	buffer_done(&out);
	rig_close(&rig);
}

static void the_grid_s_events(void **state)
{
	(void)state;
	its_own_samples_hold("grid-event", 8);
}

static void the_results_that_go_back_to_the_grid(void **state)
{
	(void)state;
	its_own_samples_hold("grid-result", 2);
}

static void the_province_s_cases(void **state)
{
	(void)state;
	its_own_samples_hold("province-case", 4);
}

static void the_towns_ledger(void **state)
{
	(void)state;
	its_own_samples_hold("ledger", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_grid_s_events),
		cmocka_unit_test(the_results_that_go_back_to_the_grid),
		cmocka_unit_test(the_province_s_cases),
		cmocka_unit_test(the_towns_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
