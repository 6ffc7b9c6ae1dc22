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

static inline uint64_t load(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline uint64_t load_half(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

/* The last @n bytes, 1 to 8, of a text of @len: without a loop, a call or a byte of others. */
static inline uint64_t load_last(const unsigned char *p, size_t n, size_t len)
{
	if (len >= 8)
		return load(p + n - 8) >> 8 * (8 - n);
	if (n >= 4)
		return load_half(p) | load_half(p + n - 4) << 8 * (n - 4);
	return p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) | (uint64_t)p[n - 1] << 8 * (n - 1);
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
		uint64_t a = load(p) ^ k1, b = load(p + 8) ^ k2;

		for (int i = 0; i < lanes; i++)
			h[i] = fold(a ^ h[i], b);
		p += 16;
		left -= 16;
	}
	for (int i = 0; i < lanes; i++) {
		if (left > 8)
			h[i] = fold(load(p) ^ k3 ^ h[i], load_last(p + 8, left - 8, len) ^ k1);
		else if (left)
			h[i] = fold(load_last(p, left, len) ^ k3 ^ h[i], k1 ^ left);
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
