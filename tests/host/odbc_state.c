/*
 * What an SQLSTATE means, in each phase of a call: nothing that may stand there is ever
 * called unsent, and nothing is called sent that cannot be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "../../plugins/odbc/state.c"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void what_is_known_means_what_it_says(void **state)
{
	static const struct {
		const char *state;
		enum cb_verdict connecting, reading, changing, committing;
	} cases[] = {
		{ "08001", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
		{ "08S01", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
		{ "08007", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
		{ "HYT00", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
		{ "28000", CB_LOGIN, CB_LOGIN, CB_LOGIN, CB_DOUBT },
		{ "28P01", CB_LOGIN, CB_LOGIN, CB_LOGIN, CB_DOUBT },
		{ "IM002", CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT },
		{ "IM003", CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT },
		{ "42S02", CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT },
		{ "42501", CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT },
		{ "22001", CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED },
		{ "22007", CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED },
		{ "23000", CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED },
		{ "23505", CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED },
		{ "25006", CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT },
		{ "40001", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_AGAIN },
		{ "40P01", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_AGAIN },
		{ "40003", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
		{ "44000", CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED },
		{ "53300", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
		{ "55P03", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
		{ "57P01", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
		{ "P0001", CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED },
		{ "HY000", CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *s = cases[i].state;

		if (state_verdict(s, CONNECTING) != cases[i].connecting ||
		    state_verdict(s, READING) != cases[i].reading ||
		    state_verdict(s, CHANGING) != cases[i].changing ||
		    state_verdict(s, COMMITTING) != cases[i].committing)
			fail_msg("%s means something else", s);
	}
}

/* All that can be written with five of these: by default in doubt, once it may be committed. */
static void what_nobody_knows_is_a_doubt_once_it_may_be_committed(void **state)
{
	static const char digits[] = "0123456789ABCHIMPSXY";
	size_t refused = 0, again = 0, all = 0;

	(void)state;
	for (size_t a = 0; digits[a]; a++)
		for (size_t b = 0; digits[b]; b++)
			for (size_t c = 0; digits[c]; c++) {
				const char text[6] = {
					digits[a], digits[b], digits[c], '0', '1', 0
				};
				enum cb_verdict v = state_verdict(text, COMMITTING);

				all++;
				refused += v == CB_REFUSED;
				again += v == CB_AGAIN;
				assert_true(v == CB_DOUBT || v == CB_REFUSED || v == CB_AGAIN ||
					    (v == CB_OK && text[0] == '0' &&
					     (text[1] == '1' || text[1] == '2')));
				/* Rolled back by the database itself, and nothing else. */
				if (v == CB_AGAIN)
					assert_true(text[0] == '4' && text[1] == '0');
				v = state_verdict(text, CHANGING);
				assert_true(v != CB_DOUBT);
			}
	assert_int_equal(all, 20 * 20 * 20);
	assert_int_equal(again, 20);
	assert_int_equal(refused, 4 * 20);
}

static void a_driver_s_own_numbers_and_words_are_understood(void **state)
{
	(void)state;
	assert_string_equal(state_of_native("SQLite", 19), "23000");
	assert_string_equal(state_of_native("SQLite", 5), "40001");
	assert_null(state_of_native("SQLite", 999));
	assert_null(state_of_native("Oracle", 19));
	assert_string_equal(state_of_login("FATAL:  password authentication failed for user \"x\""),
			    "28000");
	assert_string_equal(state_of_login("[MySQL] Access denied for user"), "28000");
	assert_string_equal(state_of_login("database \"x\" does not exist"), "3D000");
	assert_null(state_of_login("Connection refused"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_means_what_it_says),
		cmocka_unit_test(what_nobody_knows_is_a_doubt_once_it_may_be_committed),
		cmocka_unit_test(a_driver_s_own_numbers_and_words_are_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
