/*
 * found.c - what a record's translation finds, and what follows from it.
 *
 * Several findings of one record: passed by (it is not for this system, so
 * nothing else about it matters), then rejected, then held.
 */
#include "mapping/plan.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/say.h"

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

/* A path that quotes a name is that name. */
static bool is_same_name(const char *label, const char *theirs)
{
	size_t len = strlen(theirs);

	if (len > 1 && *theirs == '\'' && theirs[len - 1] == '\'') {
		theirs++;
		len -= 2;
	}
	return strlen(label) == len && memcmp(label, theirs, len) == 0;
}

const char *names_of(struct run *run, const struct op *op)
{
	const char *label = LABEL(op), *theirs = THEIRS(op), *both;
	struct buffer out = { 0 };

	if (!theirs || is_same_name(label, theirs))
		buffer_say(&out, "“%s”", "'%s'", label);
	else
		buffer_say(&out, "“%s”（%s）", "'%s' (%s)", label, theirs);
	both = arena_string(run->arena, buffer_view(&out));
	buffer_done(&out);
	return both;
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
