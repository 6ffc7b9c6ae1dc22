/*
 * word.c - names that stand in very many rows are kept once and numbered.
 *
 * Numbers are remembered; after a roll-back everything is forgotten and looked
 * up again, because a word may have been new in what was undone.
 */
#include "store/inside.h"

#include <assert.h>

static int number_of(struct store *store, struct names *known, struct cb_text name,
		     const char *find, const char *add, enum counter counter, int64_t *number,
		     struct cb_error *err)
{
	uint32_t found = names_find(known, name);
	struct statement *st;
	int rc;

	*number = found;
	if (found != NAME_UNKNOWN)
		return CB_OK;
	st = database_statement(store->db, find);
	statement_text(st, 1, name);
	rc = statement_one(st, number, err);
	if (rc == CB_END && !store->is_open) {
		*number = 0;
		return CB_OK;
	}
	if (rc == CB_END) {
		*number = next_number(store, counter);
		st = database_statement(store->db, add);
		statement_int(st, 1, *number);
		statement_text(st, 2, name);
		rc = statement_run(st, err);
	}
	if (rc == CB_OK) {
		assert(*number < NAME_UNKNOWN);
		names_set(known, arena_copy(&store->word_arena, name), (uint32_t)*number);
	}
	return rc;
}

int word_number(struct store *store, struct cb_text word, int64_t *number, struct cb_error *err)
{
	return number_of(store, &store->words, word, "SELECT id FROM word WHERE word = $1",
			 "INSERT INTO word (id, word) VALUES ($1, $2)", COUNT_WORD, number, err);
}

int source_number(struct store *store, struct cb_text digest, int64_t *number, struct cb_error *err)
{
	if (!digest.len) {
		*number = 0;
		return CB_OK;
	}
	return number_of(store, &store->sources, digest, "SELECT id FROM source WHERE digest = $1",
			 "INSERT INTO source (id, digest) VALUES ($1, $2)", COUNT_SOURCE, number,
			 err);
}

void words_forget(struct store *store)
{
	names_done(&store->words);
	names_done(&store->sources);
	arena_clear(&store->word_arena);
}
