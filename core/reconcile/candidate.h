/*
 * candidate.h - blocking rules that could be: what a profile chooses from.
 *
 * Every column, and what can be derived from it; then two of different columns together,
 * where each alone finds too many pairs. The rules of the specification are among them.
 */
#ifndef RECONCILE_CANDIDATE_H
#define RECONCILE_CANDIDATE_H

#include "base/buffer.h"
#include "reconcile/spec.h"

#define CANDIDATES_MOST 1500

struct candidates {
	struct spec_rule *at; /* in the arena */
	size_t count;
};

/* Those of the specification first, then of one key each. */
void candidates_begin(struct candidates *c, struct arena *arena, const struct link_spec *spec);
/* Two keys of different columns: of those in @wide, which are numbers of candidates. */
void candidates_combine(struct candidates *c, struct arena *arena, const struct link_spec *spec,
			const size_t *wide, size_t count);

/* <block><key column="birth" by="year"/></block> */
void candidate_xml(const struct spec_rule *rule, const struct link_spec *spec, struct buffer *out);

#endif
