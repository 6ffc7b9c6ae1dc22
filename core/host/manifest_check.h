/*
 * manifest_check.h - what the grammar cannot see: names, paths, conditions,
 * and whether a success is one. For manifest.c.
 */
#ifndef HOST_MANIFEST_CHECK_H
#define HOST_MANIFEST_CHECK_H

#include "host/manifest.h"

/* Add a problem for everything that would fail, or lie, when it is carried out. */
void manifest_check(const struct manifest *manifest, struct arena *arena,
		    struct problems *problems);

/* "5/s" "200/m" "1000/h" "9000/d" as requests a second; false if it is none. */
bool manifest_rate(const char *text, double *rate);
/* "20:00-06:00" as minutes of the day, the latter perhaps of the next. */
bool manifest_hours(const char *text, int *from, int *until);

#endif
