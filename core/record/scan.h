/*
 * scan.h - the letters of paths and conditions. For path.c and condition.c.
 */
#ifndef RECORD_SCAN_H
#define RECORD_SCAN_H

#include "record/path.h"

struct scan {
	const char *begin, *at, *end;
};

static inline struct scan scan_of(struct cb_text text)
{
	return (struct scan){ text.at, text.at, text.at + text.len };
}

static inline bool scan_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void scan_blanks(struct scan *s);
bool scan_take(struct scan *s,
	       const char *word); /* blanks, then exactly that; else nothing moves */
bool scan_word(struct scan *s, const char *word); /* the same, and no name goes on behind it */
/* A name: XML's, also Chinese, #3, @id, or quoted. */
bool scan_name(struct scan *s, struct cb_text *name);
bool scan_literal(struct scan *s, struct cb_text *text); /* '…' or "…" */
bool scan_number(struct scan *s, struct cb_text *text);
bool scan_more(const struct scan *s); /* does the path go on with a "/"? */

int path_scan(struct scan *scan, struct arena *arena, struct shape *from, enum path_use use,
	      struct path **out, struct cb_error *err);

#endif
