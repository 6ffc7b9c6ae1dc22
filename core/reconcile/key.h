/*
 * key.h - what a blocking rule groups by: 64-bit keys derived from a value.
 *
 * Two values that share a key are worth comparing. A missing value, and one
 * that has nothing of what the key asks for, has no key and meets nobody.
 */
#ifndef RECONCILE_KEY_H
#define RECONCILE_KEY_H

#include "reconcile/form.h"

enum key {
	KEY_WHOLE,      /* the normal form */
	KEY_PREFIX,     /* its first n characters */
	KEY_SUFFIX,     /* its last n characters */
	KEY_WORD,       /* its longest word */
	KEY_SORTED,     /* its words in any order */
	KEY_SOUNDEX,    /* Latin: the first letter and three consonants */
	KEY_CONSONANTS, /* Latin: its consonants alone, doubled ones once */
	KEY_PINYIN,     /* Chinese: toneless */
	KEY_SOUND,      /* Chinese: toneless, as a dialect hears it */
	KEY_INITIALS,   /* Chinese: the first letter of each syllable */
	KEY_SURNAME,    /* the surname */
	KEY_CORE,       /* a company: its name without 有限公司, and without a place in front */
	KEY_GIVEN,      /* what is left without it */
	KEY_PHONE,      /* each number: first 3 and last 4 */
	KEY_TAIL,       /* each number: last n digits */
	KEY_ID_SHOWN,   /* id: first 6 and last 4 */
	KEY_ID_BIRTH,   /* id: the birth date, the same key as that of a date */
	KEY_YEAR,       /* date */
	KEY_YEAR_MONTH, /* date */
	KEY_MONTH_DAY,  /* date */
	KEY_DAYS,       /* date: its span of n days and the next, so that neighbours meet */
	KEY_ADDRESS,    /* address: down to level n, from the road on */
	KEY_PIECES,     /* each word, phone or piece; of a narrative the n rarest */
	KEY_COUNT
};

struct key_kind {
	const char *name; /* as a specification says it: phone-tail */
	const char *zh, *en;
	bool has_n, has_several; /* takes a number; may give more than one key */
	uint32_t forms;
};
const struct key_kind *key_kind(enum key key);
enum key key_named(struct cb_text name); /* KEY_COUNT if unknown */

/* What a specification says of @n: a level of an address by its name, else the number. */
const char *key_number(enum key key, unsigned n, char out[16]);

#define KEYS_MAX 8 /* from one value */

/* How many keys @value has; they are in @out, each once, never 0. */
unsigned key_make(enum key key, unsigned n, const struct value *value, uint64_t out[KEYS_MAX]);

#endif
