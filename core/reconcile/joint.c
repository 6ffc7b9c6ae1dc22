/*
 * joint.c - values of two columns that are compared together, numbered as one.
 */
#include <stdlib.h>

#include "reconcile/params.h"
#include "reconcile/radix.h"

static void make_two(struct joint *joint, const struct rows *rows, const struct spec_comparison *c)
{
	struct radix_item *items = memory_take((rows->count + 1) * sizeof(*items));
	size_t count = 0;

	joint->own_ids = memory_take((rows->count + 1) * sizeof(*joint->own_ids));
	for (size_t i = 0; i < rows->count; i++) {
		const uint32_t *ids = row_ids(rows, i);
		uint32_t first = ids[c->column[0]], second = ids[c->column[1]];

		if (first && second && !row_value(rows, i, c->column[0])->is_partial &&
		    !row_value(rows, i, c->column[1])->is_partial)
			items[count++] =
				(struct radix_item){ (uint64_t)first << 32 | second, (uint32_t)i };
	}
	radix_sort(items, count);
	joint->count = 1;
	for (size_t i = 0; i < count; i++) {
		joint->count += i > 0 && items[i].key != items[i - 1].key;
		joint->own_ids[items[i].item] = joint->count;
	}
	joint->count += count > 0;
	joint->counts = memory_take((joint->count + 1) * sizeof(*joint->counts));
	for (size_t i = 0; i < count; i++)
		joint->counts[joint->own_ids[items[i].item]]++;
	joint->ids = joint->own_ids;
	joint->stride = 1;
	joint->present = count;
	free(items);
}

void joints_make(struct joints *joints, const struct rows *rows)
{
	const struct link_spec *spec = rows->spec;

	*joints = (struct joints){ .count = spec->comparison_count };
	for (unsigned i = 0; i < joints->count; i++) {
		const struct spec_comparison *c = &spec->comparisons[i];
		const struct column *column = &rows->column[c->column[0]];

		if (c->how.columns == 2)
			make_two(&joints->of[i], rows, c);
		else
			joints->of[i] = (struct joint){ .values = column->values,
							.ids = rows->ids + c->column[0],
							.stride = rows->columns,
							.counts = column->counts,
							.count = column->count,
							.present = column->present };
	}
}

void joints_done(struct joints *joints)
{
	for (unsigned i = 0; i < joints->count; i++) {
		if (!joints->of[i].own_ids)
			continue;
		free(joints->of[i].own_ids);
		free(joints->of[i].counts);
	}
	*joints = (struct joints){ 0 };
}
