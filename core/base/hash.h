/*
 * hash.h - a fast hash for tables and for "has this changed?", and a name table.
 *
 * Not for secrets; those are signed in net/.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <casebridge/text.h>

struct arena;

/* The same for the same bytes and seed on every machine and in every version. */
uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed);
struct hash128 {
	uint64_t low, high;
};
struct hash128 hash_wide(const void *bytes, size_t len, uint64_t seed);

/* Names to numbers. All-zero is empty; the names are borrowed. */
struct names {
	struct name_entry *entries;
	size_t count, room; /* room: a power of two */
};
struct name_entry {
	struct cb_text name;
	uint32_t value, hash;
};

#define NAME_UNKNOWN UINT32_MAX
uint32_t names_find(const struct names *names, struct cb_text name);
void names_set(struct names *names, struct cb_text name, uint32_t value);
void names_done(struct names *names);

#endif
