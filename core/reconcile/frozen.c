/*
 * frozen.c - taken from a search, kept as text, and put in the place of what the
 * records themselves would say.
 */
#include "reconcile/frozen.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/hash.h"

void frozen_from(struct frozen *frozen, const struct linker *linker)
{
	*frozen = (struct frozen){ .pairing = linker->rows.pairing,
				   .possible = linker->possible,
				   .company = linker->params.company,
				   .divisions = linker->blocks.divisions,
				   .params = linker->params,
				   .cut = linker->cut.weight };
	for (unsigned c = 0; c < linker->joints.count; c++)
		frozen->present[c] = (double)linker->joints.of[c].present;
}

uint64_t frozen_value(const struct rows *rows, size_t record, unsigned comparison)
{
	const struct spec_comparison *c = &rows->spec->comparisons[comparison];
	uint64_t hashes[2] = { row_value(rows, record, c->column[0])->hash, 0 };

	if (c->how.columns == 1)
		return hashes[0];
	hashes[1] = row_value(rows, record, c->column[1])->hash;
	return hashes[0] && hashes[1] ? hash_bytes(hashes, sizeof(hashes), 0) : 0;
}

uint64_t index_key(unsigned rule, uint64_t key)
{
	uint64_t both[2] = { rule, key };

	return hash_bytes(both, sizeof(both), 0);
}

static int freeze(struct joint *joint, const struct rows *rows, unsigned comparison,
		  const struct frozen *frozen, struct cb_error *err)
{
	uint32_t *counts = memory_take((joint->count + 1) * sizeof(*counts));
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && i < rows->count; i++) {
		uint32_t id = joint->ids[i * joint->stride];
		int64_t count = 0;

		if (!id || counts[id])
			continue;
		rc = frozen->count(frozen->with, comparison, frozen_value(rows, i, comparison),
				   &count, err);
		counts[id] = count < 1 ? 1 : count > INT32_MAX ? INT32_MAX : (uint32_t)count;
	}
	free(joint->own_counts);
	joint->own_counts = joint->counts = counts;
	joint->present = (uint64_t)frozen->present[comparison];
	return rc;
}

int joints_freeze(struct joints *joints, const struct rows *rows, const struct frozen *frozen,
		  struct cb_error *err)
{
	int rc = CB_OK;

	for (unsigned c = 0; rc == CB_OK && c < joints->count; c++)
		if (rows->spec->comparisons[c].has_frequency)
			rc = freeze(&joints->of[c], rows, c, frozen, err);
	return rc;
}

/* As text: numbers with a blank between; how many are in a list stands before it. */

void frozen_write(const struct frozen *frozen, struct buffer *out)
{
	buffer_printf(out, "%d %.17g %.17g %.17g %d", (int)frozen->pairing, frozen->possible,
		      frozen->company, frozen->cut, SPEC_COMPARISONS);
	for (unsigned c = 0; c < SPEC_COMPARISONS; c++)
		buffer_printf(out, " %.17g", frozen->present[c]);
	buffer_printf(out, " %zu", frozen->divisions.count);
	for (size_t i = 0; i < frozen->divisions.count; i++) {
		const struct block_division *d = &frozen->divisions.at[i];

		buffer_printf(out, " %" PRIu64 " %" PRIu32 " %" PRIu32, d->key, d->rule, d->column);
	}
}

static uint64_t whole(const char **at)
{
	char *end;
	uint64_t number = strtoull(*at, &end, 10);

	*at = end;
	return number;
}

static double real(const char **at)
{
	char *end;
	double number = strtod(*at, &end);

	*at = end;
	return number;
}

int frozen_read(struct frozen *frozen, struct cb_text text, struct cb_error *err)
{
	struct divisions *divisions = &frozen->divisions;
	struct arena arena = { 0 };
	const char *at = arena_string(&arena, text);
	uint64_t comparisons, count;

	frozen->pairing = (enum pairing)whole(&at);
	frozen->possible = real(&at);
	frozen->company = real(&at);
	frozen->cut = real(&at);
	comparisons = whole(&at);
	for (unsigned c = 0; c < SPEC_COMPARISONS && comparisons == SPEC_COMPARISONS; c++)
		frozen->present[c] = real(&at);
	count = whole(&at);
	while (divisions->count < count && *at) {
		struct block_division d = { .key = whole(&at) };

		d.rule = (uint32_t)whole(&at);
		d.column = (uint32_t)whole(&at);
		memory_grow(&divisions->at, divisions->count, &divisions->room, sizeof(d));
		divisions->at[divisions->count++] = d;
	}
	arena_done(&arena);
	if (comparisons == SPEC_COMPARISONS && divisions->count == count && frozen->possible > 0)
		return CB_OK;
	return cb_fail(err, CB_BROKEN, "学到的参数不完整", "what was learned is not whole");
}
