/*
 * sink.c - the reader's place in the tree of names is a stack of levels.
 *
 * Documents of one kind name their nodes in the same order again and again, so
 * each node remembers which of its siblings came after it, and that one is tried
 * first; only a miss hashes the name.
 */
#include "record/sink.h"

#include <stdlib.h>

#define TEXT_KEPT (1u << 20)

struct sink_level {
	struct shape_node *node; /* where names are looked up: a list's items have their root */
	struct row *row;
	uint32_t last;    /* the child that was found last, from 1; 0: none yet */
	uint32_t slot;    /* for the node's own text */
	bool is_said;     /* its own text is stored */
	bool is_again;    /* it, or a group around it in this row, was here before */
	uint64_t entered; /* which of its groups came: a bit for each of the first 64 children */
	uint64_t *more;   /* and for all, where there are more */
};

static void tell(const struct cb_sink *s, enum cb_event_kind kind, struct cb_text name,
		 struct cb_text text)
{
	struct cb_event event;

	if (!s->watch)
		return;
	event = (struct cb_event){ .kind = kind, .name = name, .text = text };
	s->watch(s->with, &event);
}

static void push(struct cb_sink *s, struct shape_node *node, struct row *row, bool is_again)
{
	if (s->depth == s->room)
		memory_grow(&s->levels, s->depth, &s->room, sizeof(*s->levels));
	s->levels[s->depth++] = (struct sink_level){
		.node = node, .row = row, .slot = node->slot, .is_again = is_again
	};
}

void cb_record_begin(struct cb_sink *s, struct cb_place place)
{
	s->place = place;
	s->depth = s->skip = 0;
	s->has_text = false;
	buffer_clear(&s->text);
	/* A text of unusual size must not stay in memory for the rest of the run. */
	if (s->text.room > TEXT_KEPT)
		buffer_done(&s->text);
	s->row = row_new(s->arena, s->shape);
	push(s, s->shape->root, s->row, false);
	tell(s, CB_RECORD_BEGIN, (struct cb_text){ 0 }, (struct cb_text){ 0 });
}

static struct shape_node *child_of(struct sink_level *level, struct cb_text name)
{
	struct shape_node *node = level->node;
	uint32_t *next = level->last ? &node->child_at[level->last - 1]->after : &node->begins;
	uint32_t at = *next;

	if (at >= node->child_count || !cb_text_equal(node->child_at[at]->name, name)) {
		at = shape_index(node, name);
		if (at == NO_CHILD)
			return NULL;
		*next = at;
	}
	level->last = at + 1;
	return node->child_at[at];
}

/* Did the group that child_of found come before, at this level? */
static bool comes_again(struct cb_sink *s, struct sink_level *level)
{
	uint32_t at = level->last - 1;
	uint64_t *bits = &level->entered, bit = UINT64_C(1) << (at & 63);
	bool was;

	if (at > 63) {
		if (!level->more)
			level->more = arena_zero(s->arena, (level->node->child_count / 64 + 1) *
								   sizeof(*level->more));
		bits = &level->more[at / 64];
	}
	was = *bits & bit;
	*bits |= bit;
	return was;
}

/* May a value be stored there? The first one may. */
static bool claim(struct cb_sink *s, struct row *row, uint32_t slot, bool is_again)
{
	if (slot == NO_SLOT || row->shape->slots[slot].is_set)
		return false;
	if (row->values[slot].at || is_again) {
		if (!row->again)
			row->again = arena_zero(s->arena, row->shape->slot_count);
		row->again[slot] = 1;
	}
	return !row->values[slot].at;
}

static struct cb_text copy(struct cb_sink *s, struct cb_text text)
{
	return text.len ? arena_copy(s->arena, text) : CB_TEXT("");
}

/* Text that stood before a child belongs to the node that is left for a moment. */
static void flush(struct cb_sink *s, struct sink_level *level)
{
	if (!s->has_text)
		return;
	if (claim(s, level->row, level->slot, level->is_again))
		level->row->values[level->slot] =
			s->text.len ? copy(s, buffer_view(&s->text)) : s->piece;
	level->is_said = true;
	s->has_text = false;
	buffer_clear(&s->text);
}

static struct shape_node *find(struct cb_sink *s, struct sink_level *level, struct cb_text name)
{
	struct shape_node *node = child_of(level, name);

	if (node)
		flush(s, level);
	else if (s->unknown)
		s->unknown(s->with, level->node, name);
	return node;
}

void cb_enter(struct cb_sink *s, struct cb_text name)
{
	struct sink_level *level;
	struct shape_node *node;

	tell(s, CB_ENTER, name, (struct cb_text){ 0 });
	if (s->skip || !s->depth) {
		s->skip++;
		return;
	}
	level = &s->levels[s->depth - 1];
	node = find(s, level, name);
	/* Known and not wanted, with all that is below: what a mapping ignores. */
	if (!node || (!node->list && !node->first && node->slot == NO_SLOT))
		s->skip = 1;
	else if (node->list)
		push(s, node->list->root, row_add(s->arena, level->row, node->list->up_index),
		     false);
	else
		push(s, node, level->row,
		     (node->first && comes_again(s, level)) || level->is_again);
}

void cb_text_part(struct cb_sink *s, struct cb_text text)
{
	tell(s, CB_VALUE, CB_TEXT("."), text);
	if (s->skip || !s->depth || s->levels[s->depth - 1].slot == NO_SLOT)
		return;
	if (!s->has_text) {
		s->has_text = true;
		s->piece = copy(s, text);
		return;
	}
	if (!s->text.len)
		buffer_text(&s->text, s->piece);
	buffer_text(&s->text, text);
}

void cb_leave(struct cb_sink *s)
{
	struct sink_level *level;

	tell(s, CB_LEAVE, (struct cb_text){ 0 }, (struct cb_text){ 0 });
	if (s->skip) {
		s->skip--;
		return;
	}
	if (s->depth <= 1)
		return;
	level = &s->levels[s->depth - 1];
	flush(s, level);
	if (!level->is_said && claim(s, level->row, level->slot, level->is_again))
		level->row->values[level->slot] = CB_TEXT("");
	s->depth--;
}

void cb_value(struct cb_sink *s, struct cb_text name, struct cb_text text)
{
	struct sink_level *level;
	const struct shape_node *node;
	struct row *row;
	uint32_t slot;
	bool is_again;

	tell(s, CB_VALUE, name, text);
	if (s->skip || !s->depth)
		return;
	level = &s->levels[s->depth - 1];
	node = find(s, level, name);
	if (!node)
		return;
	row = level->row;
	slot = node->slot;
	is_again = level->is_again;
	if (node->list) {
		row = row_add(s->arena, row, node->list->up_index);
		slot = node->list->root->slot;
		is_again = false;
	} else if (node->first && comes_again(s, level)) {
		is_again = true;
	}
	if (claim(s, row, slot, is_again))
		row->values[slot] = copy(s, text);
}

int cb_record_end(struct cb_sink *s, struct cb_error *err)
{
	struct row *row = s->row;

	if (!row)
		return cb_fail(err, CB_BROKEN, "格式插件结束了一条没有开始的记录",
			       "the format ended a record that it had not begun");
	flush(s, &s->levels[s->depth - 1]);
	tell(s, CB_RECORD_END, (struct cb_text){ 0 }, (struct cb_text){ 0 });
	s->row = NULL;
	s->depth = 0;
	return s->record(s->with, row, s->place, err);
}

int cb_record_broken(struct cb_sink *s, struct cb_place place, const struct cb_error *why,
		     struct cb_error *err)
{
	s->row = NULL;
	s->depth = s->skip = 0;
	s->has_text = false;
	if (s->broken)
		return s->broken(s->with, place, why, err);
	if (err)
		*err = *why;
	return CB_BROKEN;
}

void sink_done(struct cb_sink *s)
{
	free(s->levels);
	buffer_done(&s->text);
	s->levels = NULL;
	s->row = NULL;
	s->depth = s->room = 0;
}
