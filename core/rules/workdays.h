/*
 * workdays.h - which days are worked: weekends, holidays, and the weekend days
 * that are worked to make up for them.
 *
 * Read from mappings/calendar/NAME.xml. A year that the file does not know has
 * its weekends and nothing else; the log says so once.
 */
#ifndef RULES_WORKDAYS_H
#define RULES_WORKDAYS_H

#include "base/grammar.h"
#include "base/memory.h"

struct workdays;

/* In @arena; NULL with problems added. */
struct workdays *workdays_read(struct arena *arena, const char *path, struct problems *problems);

/* Days count from 1970-01-01, see calendar_days. */
bool workdays_is(struct workdays *workdays, int64_t day);
/* The @count-th workday after @day, which itself does not count; below zero: before it. */
int64_t workdays_add(struct workdays *workdays, int64_t day, int64_t count);
bool workdays_knows(const struct workdays *workdays, int year);
const char *workdays_label(const struct workdays *workdays);

extern const struct grammar workdays_grammar;

#endif
