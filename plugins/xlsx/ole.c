/*
 * ole.c - sectors in chains. A chain that is longer than the file has a ring
 * in it, and one that leaves the file is cut; both are one sentence.
 */
#include "ole.h"

#define END 0xfffffffeu
#define HEADER 512
#define ENTRY 128
#define FIRST_LIST 109 /* sectors of the chain table that the header itself names */

static int not_whole(struct ole *o)
{
	return cb_fail(o->err, CB_BROKEN, "旧版工作簿不完整或已损坏（可能没有传完）；请重新取一份",
		       "the old workbook is cut or damaged (perhaps its transfer was); fetch it "
		       "again");
}

static bool sector(const struct ole *o, uint32_t number, struct cb_text *out)
{
	uint64_t begin = ((uint64_t)number + 1) << o->shift;
	size_t size = (size_t)1 << o->shift;

	if (begin >= o->bytes.len)
		return false;
	if (size > o->bytes.len - begin) /* the last one may be cut by careless writers */
		size = o->bytes.len - (size_t)begin;
	*out = (struct cb_text){ o->bytes.at + begin, size };
	return true;
}

static uint32_t next_in(const struct grow *chain, uint32_t number)
{
	return (uint64_t)number * 4 + 4 <= chain->len ? little32(chain->at + (size_t)number * 4)
						      : END - 1;
}

static int follow(struct ole *o, uint32_t number, struct grow *out)
{
	size_t most = o->bytes.len >> o->shift;
	struct cb_text piece;

	for (size_t i = 0; number != END; i++) {
		if (i > most || !sector(o, number, &piece))
			return not_whole(o);
		grow_put(out, piece);
		number = next_in(&o->chain, number);
	}
	return CB_OK;
}

/* The table of chains: its sectors are listed in the header, then in sectors of lists. */
static int read_chain(struct ole *o)
{
	uint32_t list = little32(o->bytes.at + 68), size = 1u << o->shift;
	size_t most = o->bytes.len >> o->shift;
	struct cb_text piece;

	for (size_t i = 0; i < FIRST_LIST; i++) {
		uint32_t number = little32(o->bytes.at + 76 + 4 * i);

		if (number < END - 3 && sector(o, number, &piece))
			grow_put(&o->chain, piece);
	}
	for (size_t n = 0; list < END - 3; n++) {
		struct cb_text lists;

		if (n > most || !sector(o, list, &lists) || lists.len < size)
			return not_whole(o);
		for (uint32_t i = 0; i + 4 < size; i += 4) {
			uint32_t number = little32(lists.at + i);

			if (number < END - 3 && o->chain.len <= o->bytes.len &&
			    sector(o, number, &piece))
				grow_put(&o->chain, piece);
		}
		list = little32(lists.at + size - 4);
	}
	return CB_OK;
}

static bool is_named(const char *entry, const char *name)
{
	size_t len = strlen(name);

	if (little16(entry + 64) != (uint32_t)(2 * (len + 1)))
		return false;
	for (size_t i = 0; i < len; i++)
		if (little16(entry + 2 * i) != (unsigned char)name[i])
			return false;
	return true;
}

static const char *find(const struct ole *o, const char *name)
{
	for (size_t at = 0; at + ENTRY <= o->directory.len; at += ENTRY)
		if (o->directory.at[at + 66] == 2 && is_named(o->directory.at + at, name))
			return o->directory.at + at;
	return NULL;
}

bool ole_has(const struct ole *o, const char *name)
{
	return find(o, name) != NULL;
}

int ole_open(struct ole *o, struct cb_text bytes, struct cb_error *err)
{
	uint32_t small;
	int rc;

	*o = (struct ole){ .bytes = bytes, .err = err };
	if (bytes.len < 3 * (size_t)HEADER)
		return not_whole(o);
	o->shift = little16(bytes.at + 30);
	o->small_shift = little16(bytes.at + 32);
	o->cutoff = little32(bytes.at + 56);
	small = little32(bytes.at + 60);
	if ((o->shift != 9 && o->shift != 12) || o->small_shift != 6)
		return not_whole(o);
	rc = read_chain(o);
	if (rc == CB_OK)
		rc = follow(o, little32(bytes.at + 48), &o->directory);
	if (rc == CB_OK && small < END - 3)
		rc = follow(o, small, &o->small_chain);
	if (rc == CB_OK && o->directory.len < ENTRY)
		rc = not_whole(o);
	if (rc == CB_OK && o->small_chain.len)
		rc = follow(o, little32(o->directory.at + 116), &o->container);
	return rc;
}

void ole_done(struct ole *o)
{
	grow_done(&o->chain);
	grow_done(&o->small_chain);
	grow_done(&o->directory);
	grow_done(&o->container);
}

static int follow_small(struct ole *o, uint32_t number, struct grow *out)
{
	size_t size = (size_t)1 << o->small_shift, most = o->container.len >> o->small_shift;

	for (size_t i = 0; number != END; i++) {
		if (i > most || ((uint64_t)number + 1) * size > o->container.len)
			return not_whole(o);
		grow_put(out, (struct cb_text){ o->container.at + number * size, size });
		number = next_in(&o->small_chain, number);
	}
	return CB_OK;
}

int ole_stream(struct ole *o, const char *name, struct grow *out)
{
	const char *entry = find(o, name);
	uint32_t start, size;
	int rc;

	if (!entry)
		return CB_END;
	start = little32(entry + 116);
	size = little32(entry + 120);
	rc = size < o->cutoff ? follow_small(o, start, out) : follow(o, start, out);
	if (rc == CB_OK && out->len < size)
		rc = not_whole(o);
	if (rc == CB_OK)
		out->len = size;
	return rc;
}
