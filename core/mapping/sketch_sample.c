/*
 * sketch_sample.c - what a sample shows: a tree of names with their values, and of which type
 * each is, known by reading every value.
 */
#include "mapping/sketch.h"

#include "base/utf8.h"
#include "record/wire.h"

static struct seen *child(struct sketch *s, struct seen *up, struct cb_text name)
{
	struct seen *at = up->first;

	while (at && !cb_text_equal(at->name, name))
		at = at->next;
	if (!at) {
		at = arena_zero(s->arena, sizeof(*at));
		at->name = arena_copy(s->arena, name);
		at->up = up;
		if (up->last)
			up->last->next = at;
		else
			up->first = at;
		up->last = at;
		up->children++;
	}
	at->times++;
	at->now++;
	at->most = at->now > at->most ? at->now : at->most;
	for (struct seen *below = at->first; below; below = below->next)
		below->now = 0;
	return at;
}

static bool says_nothing(struct cb_text text)
{
	return !text.len || cb_text_is(text, "/") || cb_text_is(text, "-") ||
	       cb_text_is(text, "--") || cb_text_is(text, "—") || cb_text_is(text, "无");
}

static void value(struct sketch *s, struct seen *at, struct cb_text text)
{
	text = utf8_trim(text);
	if (says_nothing(text))
		return;
	at->said++;
	for (size_t i = 0; i < at->distinct; i++)
		if (cb_text_equal(at->values[i].text, text)) {
			at->values[i].count++;
			return;
		}
	if (at->distinct < KEPT)
		at->values[at->distinct++] = (struct seen_value){ arena_copy(s->arena, text), 1 };
}

bool sketch_read(struct sketch *s, struct cb_text events)
{
	struct wire wire = { events.at, events.at + events.len, false };
	struct seen *at = &s->top;

	while (wire.at < wire.end && !wire.is_bad) {
		enum cb_event_kind kind = (enum cb_event_kind)wire_get_number(&wire);
		struct cb_text name = wire_get_text(&wire), text = wire_get_text(&wire);

		if (kind == CB_RECORD_BEGIN) {
			at = &s->top;
			at->times++;
			for (struct seen *below = at->first; below; below = below->next)
				below->now = 0;
		} else if (kind == CB_ENTER) {
			at = child(s, at, name);
		} else if (kind == CB_LEAVE) {
			at = at->up ? at->up : at;
		} else if (kind == CB_VALUE) {
			value(s, cb_text_is(name, ".") ? at : child(s, at, name), text);
		}
	}
	return !wire.is_bad && s->top.times;
}

/* An envelope: one record that says little but holds a list; its items are the records. */
struct seen *sketch_records(struct seen *top)
{
	struct seen *at = top, *best = NULL;
	size_t beside = 0;

	if (top->times > 1)
		return NULL;
	while (at) {
		struct seen *next = NULL;

		for (struct seen *c = at->first; c; c = c->next) {
			if (c->most > 1 && c->children > 2)
				best = c;
			else if (c->first && !next)
				next = c;
			else
				beside++;
		}
		if (best || beside > 6)
			break;
		at = next;
	}
	return beside <= 6 ? best : NULL;
}

/* How many of the values it reads. */
static size_t reads(const struct seen *n, const char *pattern, enum calendar_kind kind)
{
	struct cb_error err;
	struct calendar_pattern *p = calendar_pattern_new(pattern, &err);
	char out[CALENDAR_TEXT];
	size_t good = 0;

	for (size_t i = 0; p && i < n->distinct; i++)
		good += calendar_read(p, kind, 8 * 60, n->values[i].text, out) == CALENDAR_OK &&
			(strncmp(pattern, "epoch", 5) != 0 || n->values[i].text.len >= 10) &&
			strcmp(out, "1900") > 0 && strcmp(out, "2100") < 0;
	calendar_pattern_free(p);
	return good;
}

/* Where a book has a date that does not exist, it is a column of dates all the same. */
static bool is_most(const struct seen *n, size_t good)
{
	return good && good * 5 >= n->distinct * 4;
}

static void guess_dates(struct sketch *s, struct seen *n)
{
	static const char *const dates[] = { "yyyy-MM-dd",   "yyyy/M/d", "yyyy.M.d",
					     "yyyy年M月d日", "yyyyMMdd", NULL };
	static const char *const times[] = { "yyyy-MM-dd HH:mm:ss",
					     "yyyy-MM-dd HH:mm",
					     "yyyy/M/d H:mm:ss",
					     "yyyy/M/d H:mm",
					     "yyyyMMddHHmmss",
					     "iso",
					     "epoch-ms",
					     "epoch-s",
					     NULL };

	for (int kind = 0; kind < 2 && !n->dates; kind++) {
		const char *const *patterns = kind ? times : dates, *all = NULL;
		enum calendar_kind k = kind ? CALENDAR_DATETIME : CALENDAR_DATE;

		/* A date is cut out of a longer text too, so times are known by their length. */
		if (!kind && n->distinct && n->values[0].text.len > strlen("yyyy年MM月dd日") + 4)
			continue;
		for (; *patterns; patterns++) {
			size_t good = reads(n, *patterns, k);

			if (good && good == n->distinct && !all) {
				all = *patterns;
				break;
			}
			if (good && strncmp(*patterns, "epoch", 5) != 0)
				all = all ? arena_printf(s->arena, "%s|%s", all, *patterns)
					  : *patterns;
		}
		if (all && is_most(n, reads(n, all, k))) {
			n->dates = all;
			n->is_datetime = kind;
		}
	}
}

static void guess_number(struct seen *n)
{
	n->is_number = n->is_integer = n->distinct > 0;
	for (size_t i = 0; i < n->distinct; i++) {
		char out[NUMBER_TEXT];

		n->is_number = n->is_number && number_read(n->values[i].text, out) == NUMBER_OK;
		n->is_integer = n->is_integer && n->is_number && number_is_integer(cb_text_of(out));
	}
}

static void guess_identity(struct seen *n)
{
	static const struct {
		const char *word;
		enum identity_kind kind;
	} kinds[] = { { "idcard", IDENTITY_IDCARD },
		      { "uscc", IDENTITY_USCC },
		      { "phone", IDENTITY_PHONE } };
	char out[IDENTITY_TEXT];

	for (size_t k = 0; k < 3 && !n->is; k++) {
		size_t good = 0;

		for (size_t i = 0; i < n->distinct; i++)
			good += identity_read(kinds[k].kind, n->values[i].text, 0, out) ==
				IDENTITY_OK;
		if (is_most(n, good))
			n->is = kinds[k].word;
	}
}

void sketch_types(struct sketch *s, struct seen *n)
{
	size_t longest = 0;

	for (size_t i = 0; i < n->distinct; i++)
		if (utf8_length(n->values[i].text) > longest)
			longest = utf8_length(n->values[i].text);
	guess_identity(n);
	guess_number(n);
	guess_dates(s, n);
	n->is_code = n->distinct && n->distinct <= CODES_MOST && longest <= 20 && !n->is &&
		     !n->dates && (n->said > n->distinct || n->distinct <= 3);
	for (struct seen *c = n->first; c; c = c->next)
		sketch_types(s, c);
}
