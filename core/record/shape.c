/*
 * shape.c - names become slots and lists; rows are arrays made from them.
 */
#include "record/shape.h"

/* Doubling inside an arena: the old array is left behind, shapes are small and live long. */
static void grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
{
	void *old, *new;

	if (count < *room)
		return;
	memcpy(&old, items, sizeof(old));
	*room = *room ? *room * 2 : 8;
	new = arena_zero(arena, *room * size);
	if (count)
		memcpy(new, old, count * size);
	memcpy(items, &new, sizeof(new));
}

static struct shape_node *node_new(struct arena *arena, struct shape_node *up, struct cb_text name)
{
	struct shape_node *node = arena_zero(arena, sizeof(*node));

	node->name = arena_copy(arena, name);
	node->up = up;
	node->slot = NO_SLOT;
	return node;
}

struct shape *shape_new(struct arena *arena)
{
	struct shape *shape = arena_zero(arena, sizeof(*shape));

	shape->arena = arena;
	shape->root = node_new(arena, NULL, CB_TEXT(""));
	return shape;
}

struct shape_node *shape_find(const struct shape_node *node, struct cb_text name)
{
	if (node->list)
		node = node->list->root;
	for (struct shape_node *child = node->first; child; child = child->next)
		if (cb_text_equal(child->name, name))
			return child;
	return NULL;
}

struct shape_node *shape_child(struct shape *shape, struct shape_node *node, struct cb_text name)
{
	struct shape_node *child = shape_find(node, name);

	if (child)
		return child;
	if (node->list)
		node = node->list->root;
	child = node_new(shape->arena, node, name);
	if (node->last)
		node->last->next = child;
	else
		node->first = child;
	node->last = child;
	grow(shape->arena, &node->child_at, node->child_count, &node->child_room,
	     sizeof(*node->child_at));
	names_set(&node->children, child->name, (uint32_t)node->child_count);
	node->child_at[node->child_count++] = child;
	return child;
}

static struct cb_text path_of(struct shape *shape, const struct shape_node *node)
{
	struct cb_text above;

	if (!node->up)
		return CB_TEXT(".");
	if (!node->up->up)
		return node->name;
	above = path_of(shape, node->up);
	return cb_text_of(arena_printf(shape->arena, "%.*s/%.*s", CB_TEXT_ARG(above),
				       CB_TEXT_ARG(node->name)));
}

uint32_t shape_slot(struct shape *shape, struct shape_node *node)
{
	struct slot *slot;

	if (node->list) /* the item's own text */
		return NO_SLOT;
	if (node->slot != NO_SLOT)
		return node->slot;
	grow(shape->arena, &shape->slots, shape->slot_count, &shape->slot_room,
	     sizeof(*shape->slots));
	slot = &shape->slots[shape->slot_count];
	slot->node = node;
	slot->path = path_of(shape, node);
	slot->is_attribute = node->name.len && node->name.at[0] == '@';
	node->slot = (uint32_t)shape->slot_count++;
	return node->slot;
}

struct shape *shape_list(struct shape *shape, struct shape_node *node)
{
	struct shape *list;

	if (node->list)
		return node->list;
	if (node->slot != NO_SLOT || node->first)
		return NULL;
	list = shape_new(shape->arena);
	list->root->name = node->name;
	list->up = shape;
	list->up_index = (uint32_t)shape->list_count;
	list->path = path_of(shape, node);
	grow(shape->arena, &shape->lists, shape->list_count, &shape->list_room,
	     sizeof(*shape->lists));
	shape->lists[shape->list_count++] = list;
	node->list = list;
	return list;
}

struct row *row_new(struct arena *arena, const struct shape *shape)
{
	size_t values = shape->slot_count * sizeof(struct cb_text);
	size_t lists = shape->list_count * sizeof(struct rows);
	struct row *row = arena_zero(arena, sizeof(*row) + values + lists);

	row->shape = shape;
	row->values = (struct cb_text *)(row + 1);
	row->lists = (struct rows *)(row->values + shape->slot_count);
	return row;
}

struct row *row_add(struct arena *arena, struct row *row, uint32_t list)
{
	struct rows *rows = &row->lists[list];

	grow(arena, &rows->at, rows->count, &rows->room, sizeof(*rows->at));
	rows->at[rows->count] = row_new(arena, row->shape->lists[list]);
	rows->at[rows->count]->up = row;
	return rows->at[rows->count++];
}

bool row_is_empty(const struct row *row)
{
	for (size_t i = 0; i < row->shape->slot_count; i++)
		if (row->values[i].at)
			return false;
	for (size_t i = 0; i < row->shape->list_count; i++)
		for (size_t k = 0; k < row->lists[i].count; k++)
			if (!row_is_empty(row->lists[i].at[k]))
				return false;
	return true;
}

static bool rows_equal(const struct rows *a, const struct rows *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!row_equal(a->at[i], b->at[i]))
			return false;
	return true;
}

bool row_equal(const struct row *a, const struct row *b)
{
	for (size_t i = 0; i < a->shape->slot_count; i++)
		if (!a->values[i].at != !b->values[i].at ||
		    !cb_text_equal(a->values[i], b->values[i]))
			return false;
	for (size_t i = 0; i < a->shape->list_count; i++)
		if (!rows_equal(&a->lists[i], &b->lists[i]))
			return false;
	return true;
}
