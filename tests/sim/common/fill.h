/*
 * fill.h - the two sets of data that belong together: the events in the grid's
 * ledger, and the studios' own book about the same cases.
 *
 * Both plant faults and print how many of each.
 */
#ifndef SIM_FILL_H
#define SIM_FILL_H

#include <stdint.h>

/* @events of the 30 days that end with @until (yyyy-MM-dd), into @ledger. What
 * was in it before is gone. */
void fill_grid(const char *ledger, int events, uint64_t seed, const char *until);

/* The book as CSV into @out, from the events in @ledger; where each fault lies
 * goes to @planted, a TSV, unless it is NULL. */
void fill_ledger(const char *ledger, const char *out, const char *planted, const char *retold,
		 uint64_t seed, const char *until);

/* The end of the day @until as seconds of local time since 1970. */
int64_t fill_end_of(const char *until);

#endif
