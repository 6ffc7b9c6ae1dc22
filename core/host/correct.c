/*
 * correct.c - between a table's format and the mapping of a tree: cells become
 * the events that the stream's own format would have told.
 *
 * The column that said why is for us: it names the entry that was held.
 */
#include "host/correct.h"

#include <stdlib.h>

#include "host/host.h"

/* "#12 …" → 12 */
static int64_t entry_of(struct cb_text text)
{
	int64_t number = 0;

	if (text.len < 2 || text.at[0] != '#')
		return 0;
	for (size_t i = 1; i < text.len && i < 18 && text.at[i] >= '0' && text.at[i] <= '9'; i++)
		number = number * 10 + text.at[i] - '0';
	return number;
}

/* What was written with an apostrophe in front, so that no spreadsheet runs it. */
static struct cb_text fused(struct cb_text text)
{
	if (text.len > 1 && text.at[0] == '\'' && text.at[1] && strchr("=+-@\t\r", text.at[1]))
		return (struct cb_text){ text.at + 1, text.len - 1 };
	return text;
}

static void on_event(void *with, const struct cb_event *event)
{
	struct corrected *c = with;

	if (event->kind == CB_RECORD_BEGIN) {
		c->entry = 0;
		c->is_broken = false;
		cb_record_begin(c->behind, c->front.place);
	} else if (event->kind == CB_VALUE && cb_text_is(event->name, WORKER_CORRECTED_WHY)) {
		c->entry = entry_of(event->text);
	} else if (event->kind == CB_VALUE && c->is_table) {
		cb_value(c->behind, event->name, fused(event->text));
	} else if (event->kind == CB_VALUE && !c->is_broken) {
		c->is_broken =
			unflat_cell(&c->unflat, event->name, fused(event->text), &c->why) != CB_OK;
	}
}

static int on_record(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	struct corrected *c = with;

	(void)row;
	arena_clear(&c->of_record);
	unflat_end(&c->unflat);
	return c->is_broken ? cb_record_broken(c->behind, place, &c->why, err)
			    : cb_record_end(c->behind, err);
}

static int on_broken(void *with, struct cb_place place, const struct cb_error *why,
		     struct cb_error *err)
{
	struct corrected *c = with;

	arena_clear(&c->of_record);
	unflat_end(&c->unflat);
	return cb_record_broken(c->behind, place, why, err);
}

struct cb_sink *corrected_open(struct corrected *c, struct cb_sink *behind, bool is_table)
{
	corrected_done(c);
	c->behind = behind;
	c->is_table = is_table;
	c->unflat.sink = behind;
	c->front = (struct cb_sink){ .shape = shape_new(&c->arena),
				     .arena = &c->of_record,
				     .record = on_record,
				     .broken = on_broken,
				     .watch = on_event,
				     .with = c };
	return &c->front;
}

void corrected_done(struct corrected *c)
{
	sink_done(&c->front);
	arena_done(&c->arena);
	arena_done(&c->of_record);
	*c = (struct corrected){ 0 };
}
