/*
 * teach.c - m from what is known: how true pairs agree, counted.
 *
 * All true pairs count, also those that no rule finds; of a very large cluster, those
 * of its first records. What strangers and households do, is still learned without
 * labels.
 */
#include <stdlib.h>

#include "reconcile/linker.h"

#define CLUSTER_MOST 200 /* records whose pairs count */
#define PRIOR_HITS 0.5

struct lesson {
	uint64_t hits[SPEC_COMPARISONS][LEVELS_MOST];
	uint64_t pairs;
};

static void take_cluster(const struct linker *linker, struct lesson *lesson,
			 const struct radix_item *items, size_t count)
{
	struct pairing_rule pairing = pairing_of(&linker->rows);

	for (size_t i = 0; i < count && i < CLUSTER_MOST; i++) {
		for (size_t k = i + 1; k < count && k < CLUSTER_MOST; k++) {
			uint32_t a = items[i].item, b = items[k].item;
			uint64_t levels;

			if (!may_pair(pairing, &linker->rows.names[a], &linker->rows.names[b]))
				continue;
			levels = matcher_pattern(&linker->matcher, row_ids(&linker->rows, a),
						 row_ids(&linker->rows, b));
			for (unsigned c = 0; c < linker->spec->comparison_count; c++)
				lesson->hits[c][pattern_code(levels, c)]++;
			lesson->pairs++;
		}
	}
}

static void take_lesson(const struct linker *linker, struct lesson *lesson)
{
	size_t records = linker->rows.count, count = 0, end;
	struct radix_item *items = memory_take((records + 1) * sizeof(*items));

	for (size_t i = 0; i < records; i++)
		if (linker->truth.of[i])
			items[count++] = (struct radix_item){ linker->truth.of[i], (uint32_t)i };
	radix_sort(items, count);
	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && items[end].key == items[i].key; end++)
			continue;
		take_cluster(linker, lesson, items + i, end - i);
	}
	free(items);
}

int params_teach(struct linker *linker, double possible, struct cb_error *err)
{
	struct lesson *lesson = memory_take(sizeof(*lesson));
	struct params *p = &linker->params;
	int rc = CB_OK;

	take_lesson(linker, lesson);
	if (!lesson->pairs)
		rc = cb_fail(err, CB_BROKEN, "%s：里面没有一对是同一个，学不到参数",
			     "%s: no pair in it is a match: there is nothing to learn from",
			     linker->options.labels);
	for (unsigned c = 0; rc == CB_OK && c < linker->spec->comparison_count; c++) {
		const struct spec_comparison *about = &linker->spec->comparisons[c];
		double all = 0;

		for (unsigned code = 1; code < about->codes; code++)
			all += (double)lesson->hits[c][code] + PRIOR_HITS;
		for (unsigned code = 1; code < about->codes; code++)
			if (about->fixed.m[code] < 0)
				p->odds[c].m[code] =
					((double)lesson->hits[c][code] + PRIOR_HITS) / all;
	}
	p->moved = 0; /* they are among those that were counted */
	if (rc == CB_OK)
		p->match = fmin((double)linker->truth.pairs / possible, 0.5);
	free(lesson);
	return rc;
}
