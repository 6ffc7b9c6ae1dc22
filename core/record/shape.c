/*
 * shape.c - names become slots and lists; rows are arrays made from them.
 */
#include "record/shape.h"

#include "base/hash.h"

struct shape_name {
	uint32_t hash, at; /* at: in child_at, from 1; 0: free */
};

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

	node->name = name.at ? arena_copy(arena, name) : CB_TEXT("");
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

static uint32_t hash_name(struct cb_text name)
{
	return (uint32_t)hash_bytes(name.at, name.len, 7);
}

uint32_t shape_index(const struct shape_node *node, struct cb_text name)
{
	uint32_t hash, mask = (uint32_t)(2 * node->child_room - 1);

	if (!node->child_count)
		return NO_CHILD;
	hash = hash_name(name);
	for (uint32_t i = hash & mask; node->by_name[i].at; i = (i + 1) & mask)
		if (node->by_name[i].hash == hash &&
		    cb_text_equal(node->child_at[node->by_name[i].at - 1]->name, name))
			return node->by_name[i].at - 1;
	return NO_CHILD;
}

static void enter_name(struct shape_node *node, uint32_t hash, uint32_t at)
{
	uint32_t mask = (uint32_t)(2 * node->child_room - 1), i = hash & mask;

	while (node->by_name[i].at)
		i = (i + 1) & mask;
	node->by_name[i] = (struct shape_name){ hash, at + 1 };
}

/* The table lives in the arena as the names do: nobody has to give a shape back. */
static void name_children(struct arena *arena, struct shape_node *node)
{
	node->by_name = arena_zero(arena, 2 * node->child_room * sizeof(*node->by_name));
	for (size_t i = 0; i < node->child_count; i++)
		enter_name(node, hash_name(node->child_at[i]->name), (uint32_t)i);
}

struct shape_node *shape_find(const struct shape_node *node, struct cb_text name)
{
	uint32_t at;

	if (node->list)
		node = node->list->root;
	at = shape_index(node, name);
	return at == NO_CHILD ? NULL : node->child_at[at];
}

struct shape_node *shape_child(struct shape *shape, struct shape_node *node, struct cb_text name)
{
	struct shape_node *child = shape_find(node, name);
	size_t room;

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
	room = node->child_room;
	grow(shape->arena, &node->child_at, node->child_count, &node->child_room,
	     sizeof(struct shape_node *));
	if (node->child_room != room)
		name_children(shape->arena, node);
	enter_name(node, hash_name(name), (uint32_t)node->child_count);
	node->child_at[node->child_count++] = child;
	return child;
}

static struct cb_text path_of(struct shape *shape, const struct shape_node *node)
{
	size_t len = 0;
	char *path, *at;

	if (!node->up)
		return CB_TEXT(".");
	for (const struct shape_node *n = node; n->up; n = n->up)
		len += n->name.len + 1;
	path = arena_zero(shape->arena, len);
	at = path + len;
	for (const struct shape_node *n = node; n->up; n = n->up) {
		*--at = n == node ? '\0' : '/';
		at -= n->name.len;
		memcpy(at, n->name.at, n->name.len);
	}
	return (struct cb_text){ path, len - 1 };
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
	     sizeof(struct shape *));
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

	grow(arena, &rows->at, rows->count, &rows->room, sizeof(struct row *));
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

/* Nothing is not the empty text. */
static bool same(struct cb_text a, struct cb_text b)
{
	return a.at && b.at ? cb_text_equal(a, b) : a.at == b.at;
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
		if (!same(a->values[i], b->values[i]))
			return false;
	for (size_t i = 0; i < a->shape->list_count; i++)
		if (!rows_equal(&a->lists[i], &b->lists[i]))
			return false;
	return true;
}
