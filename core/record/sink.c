/*
 * sink.c - the reader's place in the tree of names is a stack of levels.
 *
 * Documents of one kind name their nodes in the same order again and again, so
 * each level first tries the sibling after the one found last; only a miss
 * hashes the name.
 */
#include "record/sink.h"

#include <stdlib.h>

struct sink_level {
	const struct shape_node
		*node; /* where names are looked up: a list's items have their root */
	struct row *row;
	uint32_t next; /* the child that probably comes now */
	uint32_t slot; /* for the node's own text */
	bool is_said;  /* its own text is stored */
};

static void tell(struct cb_sink *s, enum cb_event_kind kind, struct cb_text name,
		 struct cb_text text)
{
	struct cb_event event = { .kind = kind, .name = name, .text = text };

	if (s->watch)
		s->watch(s->with, &event);
}

static struct sink_level *push(struct cb_sink *s, const struct shape_node *node, struct row *row)
{
	struct sink_level *level;

	memory_grow(&s->levels, s->depth, &s->room, sizeof(*s->levels));
	level = &s->levels[s->depth++];
	*level = (struct sink_level){ .node = node, .row = row, .slot = node->slot };
	return level;
}

void cb_record_begin(struct cb_sink *s, struct cb_place place)
{
	s->place = place;
	s->depth = s->skip = 0;
	s->has_text = false;
	buffer_clear(&s->text);
	s->row = row_new(s->arena, s->shape);
	push(s, s->shape->root, s->row);
	tell(s, CB_RECORD_BEGIN, (struct cb_text){ 0 }, (struct cb_text){ 0 });
}

static const struct shape_node *child_of(struct sink_level *level, struct cb_text name)
{
	const struct shape_node *node = level->node;
	uint32_t at = level->next;

	if (at < node->child_count && cb_text_equal(node->child_at[at]->name, name)) {
		level->next = at + 1;
		return node->child_at[at];
	}
	/* The same name again: the next item of a list. */
	if (at && at <= node->child_count && cb_text_equal(node->child_at[at - 1]->name, name))
		return node->child_at[at - 1];
	at = names_find(&node->children, name);
	if (at == NAME_UNKNOWN)
		return NULL;
	level->next = at + 1;
	return node->child_at[at];
}

static void store(struct cb_sink *s, struct row *row, uint32_t slot, struct cb_text text)
{
	if (row->shape->slots[slot].is_set)
		return;
	if (row->values[slot].at) {
		if (!row->again)
			row->again = arena_zero(s->arena, row->shape->slot_count);
		row->again[slot] = 1;
		return;
	}
	row->values[slot] = text.at ? arena_copy(s->arena, text) : CB_TEXT("");
}

/* Text that stood before the first child belongs to the node that is left for a moment. */
static void flush(struct cb_sink *s)
{
	struct sink_level *level = &s->levels[s->depth - 1];

	if (!s->has_text)
		return;
	if (level->slot != NO_SLOT)
		store(s, level->row, level->slot, buffer_view(&s->text));
	level->is_said = true;
	s->has_text = false;
	buffer_clear(&s->text);
}

void cb_enter(struct cb_sink *s, struct cb_text name)
{
	struct sink_level *level = &s->levels[s->depth - 1];
	const struct shape_node *node;

	tell(s, CB_ENTER, name, (struct cb_text){ 0 });
	if (s->skip) {
		s->skip++;
		return;
	}
	node = child_of(level, name);
	if (!node) {
		if (s->unknown)
			s->unknown(s->with, level->node, name);
		s->skip = 1;
		return;
	}
	flush(s);
	if (node->list)
		push(s, node->list->root, row_add(s->arena, level->row, node->list->up_index));
	else
		push(s, node, level->row);
}

void cb_text_part(struct cb_sink *s, struct cb_text text)
{
	if (s->watch)
		tell(s, CB_VALUE, CB_TEXT("."), text);
	if (s->skip || s->levels[s->depth - 1].slot == NO_SLOT)
		return;
	s->has_text = true;
	buffer_text(&s->text, text);
}

void cb_leave(struct cb_sink *s)
{
	struct sink_level *level = &s->levels[s->depth - 1];

	tell(s, CB_LEAVE, (struct cb_text){ 0 }, (struct cb_text){ 0 });
	if (s->skip) {
		s->skip--;
		return;
	}
	if (s->depth <= 1)
		return;
	flush(s);
	if (!level->is_said && level->slot != NO_SLOT)
		store(s, level->row, level->slot, CB_TEXT(""));
	s->depth--;
}

void cb_value(struct cb_sink *s, struct cb_text name, struct cb_text text)
{
	struct sink_level *level = &s->levels[s->depth - 1];
	const struct shape_node *node;

	if (s->watch)
		tell(s, CB_VALUE, name, text);
	if (s->skip)
		return;
	node = child_of(level, name);
	if (!node) {
		if (s->unknown)
			s->unknown(s->with, level->node, name);
		return;
	}
	if (node->list) {
		struct row *row = row_add(s->arena, level->row, node->list->up_index);

		if (node->list->root->slot != NO_SLOT)
			store(s, row, node->list->root->slot, text);
	} else if (node->slot != NO_SLOT) {
		store(s, level->row, node->slot, text);
	}
}

int cb_record_end(struct cb_sink *s, struct cb_error *err)
{
	struct row *row = s->row;

	flush(s);
	tell(s, CB_RECORD_END, (struct cb_text){ 0 }, (struct cb_text){ 0 });
	s->row = NULL;
	s->depth = 0;
	return s->record(s->with, row, s->place, err);
}

int cb_record_broken(struct cb_sink *s, struct cb_place place, const struct cb_error *why,
		     struct cb_error *err)
{
	s->depth = s->skip = 0;
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
	s->room = 0;
}
