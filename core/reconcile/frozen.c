/*
 * frozen.c - taken from a search, kept as text, and put in the place of what the
 * records themselves would say.
 */
#include "reconcile/frozen.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/hash.h"

void frozen_from(struct frozen *frozen, const struct linker *linker)
{
	*frozen = (struct frozen){ .pairing = linker->rows.pairing,
				   .possible = linker->possible,
				   .divisions = linker->blocks.divisions,
				   .params = linker->params,
				   .cut = linker->cut.weight };
	for (unsigned c = 0; c < linker->joints.count; c++)
		frozen->usual[c] = (double)linker->frequency.usual[c];
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

int64_t frozen_rarity(const struct frequency *f, unsigned c, uint32_t id)
{
	float share = f->shares[c][id], surname = f->surnames[c] ? f->surnames[c][id] : 0;
	int32_t low = (int32_t)lrintf(share / FREQUENCY_STEP);
	int32_t high = (int32_t)lrintf(surname / FREQUENCY_STEP);

	if (low == (int32_t)lrintf(f->usual[c] / FREQUENCY_STEP) && !high)
		return 0;
	return (int64_t)((uint64_t)(uint32_t)high << 32 | (uint32_t)low);
}

static int freeze(struct frequency *f, unsigned c, const struct frozen *frozen,
		  struct cb_error *err)
{
	const struct joint *joint = &f->joints->of[c];
	bool *is_done = memory_take((joint->count + 1) * sizeof(*is_done));
	int rc = CB_OK;

	f->usual[c] = (float)frozen->usual[c];
	f->surnames[c] = memory_take((joint->count + 1) * sizeof(*f->surnames[c]));
	for (size_t i = 0; rc == CB_OK && i < f->rows->count; i++) {
		uint32_t id = joint->ids[i * joint->stride];
		int64_t rarity = 0;

		if (!id || is_done[id])
			continue;
		is_done[id] = true;
		rc = frozen->rarity(frozen->with, c, frozen_value(f->rows, i, c), &rarity, err);
		f->shares[c][id] =
			rarity ? (float)(int32_t)(uint32_t)rarity * FREQUENCY_STEP : f->usual[c];
		f->surnames[c][id] = (float)(int32_t)((uint64_t)rarity >> 32) * FREQUENCY_STEP;
	}
	free(is_done);
	return rc;
}

int frozen_frequency(const struct frozen *frozen, struct frequency *f, struct cb_error *err)
{
	int rc = CB_OK;

	for (unsigned c = 0; rc == CB_OK && c < f->joints->count; c++)
		if (f->shares[c])
			rc = freeze(f, c, frozen, err);
	return rc;
}

/* As text: numbers with a blank between; how many are in a list stands before it. */

void frozen_write(const struct frozen *frozen, struct buffer *out)
{
	buffer_printf(out, "%d %.17g %.17g %d", (int)frozen->pairing, frozen->possible, frozen->cut,
		      SPEC_COMPARISONS);
	for (unsigned c = 0; c < SPEC_COMPARISONS; c++)
		buffer_printf(out, " %.17g", frozen->usual[c]);
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
	frozen->cut = real(&at);
	comparisons = whole(&at);
	for (unsigned c = 0; c < SPEC_COMPARISONS && comparisons == SPEC_COMPARISONS; c++)
		frozen->usual[c] = real(&at);
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
