/*
 * merged.c - cells that were merged down over several records.
 *
 * Merges come sorted by their top, as the rows do; those that reach the
 * present row are kept with the text that stands in their first.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* Keep those that are not over yet. */
static void forget(struct table *t, uint32_t row)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->merged_count; i++) {
		struct merged m = t->merged[i];

		if (m.merge.bottom < row) /* its room is used again */
			continue;
		t->merged[i] = t->merged[kept];
		t->merged[kept++] = m;
	}
	t->merged_count = kept;
}

static void remember(struct table *t, const struct merge *merge, const struct row *row)
{
	const struct cell *cell = &row->cells[merge->left - 1];
	struct merged *m;

	if (merge->left > row->columns || cell->kind == CELL_NONE)
		return;
	if (t->merged_count == t->merged_room) {
		size_t room = 2 * t->merged_room + 8;

		t->merged = grow_block(t->merged, room * sizeof(*t->merged));
		memset(t->merged + t->merged_room, 0, (room - t->merged_room) * sizeof(*t->merged));
		t->merged_room = room;
	}
	m = &t->merged[t->merged_count++];
	m->merge = *merge;
	m->kind = cell->kind;
	m->text.len = 0;
	grow_put(&m->text, (struct cb_text){ row->text.at + cell->at, cell->len });
}

static bool is_under(const struct merged *m, const struct row *row)
{
	return m->merge.left > row->columns || row->cells[m->merge.left - 1].kind == CELL_NONE;
}

bool merged_holds(struct table *t, struct row *row, struct cb_error *why)
{
	char name[8];

	forget(t, row->number);
	for (; t->merge_next < t->merge_count; t->merge_next++) {
		const struct merge *merge = &t->merges[t->merge_next];

		if (merge->top > row->number)
			break;
		if (merge->top == row->number && merge->bottom > merge->top)
			remember(t, merge, row);
	}
	for (size_t i = 0; i < t->merged_count; i++) {
		const struct merged *m = &t->merged[i];

		if (!is_under(m, row))
			continue;
		if (t->xlsx->fill) {
			row_put(t, row, m->merge.left, m->kind, grow_view(&m->text));
			continue;
		}
		cb_error_set(
			why, CB_BROKEN,
			"%s%u "
			"格与上面的格合并了，不知道它的值是不是也算这一行的；请取消合并并逐行填写，"
			"或设 fill=yes 让每一行都取它的值",
			"cell %s%u is merged with the one above, and whether that value counts "
			"for this row too is not known; unmerge and fill in each row, or set "
			"fill=yes",
			column_name(m->merge.left - 1, name), row->number);
		return true;
	}
	return false;
}

void merged_done(struct table *t)
{
	for (size_t i = 0; i < t->merged_room; i++)
		grow_done(&t->merged[i].text);
	free(t->merged);
}
