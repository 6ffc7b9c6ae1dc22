/*
 * found.c - what a record's translation finds, and what follows from it.
 *
 * Several findings of one record: passed by (it is not for this system, so
 * nothing else about it matters), then rejected, then held.
 */
#include "mapping/plan.h"

#include <stdarg.h>
#include <stdio.h>

static void say(struct run *run, struct finding *finding, const char *format, va_list args)
{
	char text[CB_ERROR_MAX];
	int len = vsnprintf(text, sizeof(text), format, args);
	size_t have = len < 0 ? 0 : (size_t)len;

	/* A sentence that is cut must not end inside a character. */
	if (have >= sizeof(text)) {
		have = sizeof(text) - 1;
		while (have && ((unsigned char)text[have] & 0xc0) == 0x80)
			have--;
	}
	finding->say = arena_copy(run->arena, (struct cb_text){ text, have });
}

struct finding *found(struct run *run, const struct op *op, const char *code, enum bad bad,
		      const char *zh, const char *en, ...)
{
	static const enum outcome outcomes[] = { OUTCOME_HELD, OUTCOME_REJECTED, OUTCOME_MAPPED,
						 OUTCOME_MAPPED };
	struct result *result = run->result;
	struct finding *finding;
	va_list args;

	plan_grow(run->arena, &result->findings, result->count, &result->room, sizeof(*finding));
	finding = &result->findings[result->count++];
	*finding = (struct finding){
		.code = code,
		.bad = outcomes[bad],
		.is_skipped = bad == BAD_SKIP,
		.here = op->line->here,
		.there = op->line->there,
		.label = op->line->label,
		.item = run->item,
		.line = op->line->number,
	};
	va_start(args, en);
	say(run, finding, cb_say(zh, en), args);
	va_end(args);
	if (finding->bad > result->outcome)
		result->outcome = finding->bad;
	return finding;
}
