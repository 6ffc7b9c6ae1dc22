/*
 * hash.c - a multiply-fold hash (in the manner of wyhash, our own constants and
 * reading order), and an open-addressed name table.
 *
 * Foreign input reaches the tables, but a table's names come from files that
 * the user wrote; a lookup of a foreign name costs one probe chain that the
 * foreigner did not build.
 */
#include "base/hash.h"

#include <endian.h>
#include <stdlib.h>

#include "base/memory.h"

static uint64_t load(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return le64toh(v);
}

static uint64_t fold(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * One pass for several seeds: a fold waits for the one before it, and a second chain of them fits
 * into the waiting.
 */
static inline __attribute__((always_inline)) void hash_lanes(const void *bytes, size_t len,
							     uint64_t *h, int lanes)
{
	const uint64_t k1 = 0x9e3779b97f4a7c15u, k2 = 0xd1b54a32d192ed03u, k3 = 0x8cb92ba72f3d8dd7u;
	const unsigned char *p = bytes;
	size_t left = len;

	for (int i = 0; i < lanes; i++)
		h[i] ^= fold(len + k1, k2);
	while (left >= 16) {
		uint64_t a = load(p, 8) ^ k1, b = load(p + 8, 8) ^ k2;

		for (int i = 0; i < lanes; i++)
			h[i] = fold(a ^ h[i], b);
		p += 16;
		left -= 16;
	}
	for (int i = 0; i < lanes; i++) {
		if (left > 8)
			h[i] = fold(load(p, 8) ^ k3 ^ h[i], load(p + 8, left - 8) ^ k1);
		else if (left)
			h[i] = fold(load(p, left) ^ k3 ^ h[i], k1 ^ left);
		h[i] = fold(h[i] ^ k2, k3);
	}
}

uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
	hash_lanes(bytes, len, &seed, 1);
	return seed;
}

struct hash128 hash_wide(const void *bytes, size_t len, uint64_t seed)
{
	uint64_t h[2] = { seed, seed ^ 0x5bf0363599d2ab71u };

	hash_lanes(bytes, len, h, 2);
	return (struct hash128){ h[0], h[1] };
}

static struct name_entry *slot_of(const struct names *names, struct cb_text name, uint32_t hash)
{
	size_t mask = names->room - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct name_entry *e = &names->entries[i];

		if (!e->name.at || (e->hash == hash && cb_text_equal(e->name, name)))
			return e;
	}
}

static uint32_t hash_name(struct cb_text name)
{
	return (uint32_t)hash_bytes(name.at, name.len, 7);
}

uint32_t names_find(const struct names *names, struct cb_text name)
{
	const struct name_entry *e;

	if (!names->count)
		return NAME_UNKNOWN;
	e = slot_of(names, name, hash_name(name));
	return e->name.at ? e->value : NAME_UNKNOWN;
}

static void grow(struct names *names)
{
	struct names old = *names;

	names->room = old.room ? old.room * 2 : 16;
	names->entries = memory_take(names->room * sizeof(*names->entries));
	for (size_t i = 0; i < old.room; i++)
		if (old.entries[i].name.at)
			*slot_of(names, old.entries[i].name, old.entries[i].hash) = old.entries[i];
	free(old.entries);
}

void names_set(struct names *names, struct cb_text name, uint32_t value)
{
	uint32_t hash = hash_name(name);
	struct name_entry *e;

	if (!name.at)
		name.at = "";
	if (2 * (names->count + 1) > names->room)
		grow(names);
	e = slot_of(names, name, hash);
	names->count += !e->name.at;
	*e = (struct name_entry){ name, value, hash };
}

void names_done(struct names *names)
{
	free(names->entries);
	*names = (struct names){ 0 };
}
