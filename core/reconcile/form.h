/*
 * form.h - a text becomes a value that is ready to be compared, once for each distinct text.
 *
 * Everything that depends on one text alone is done here: width, case and
 * blanks, traditional characters, pinyin, check digits, dates, the levels of an
 * address. What is left for compare.h are values of the same form.
 *
 * The text may be anything: invalid UTF-8 (each bad byte is U+FFFD), empty, huge
 * (the first VALUE_BYTES count). What means "nothing" (blank, 无, 不详, N/A, a date
 * that is none) is a missing value, never an equal one.
 */
#ifndef RECONCILE_FORM_H
#define RECONCILE_FORM_H

#include <casebridge/text.h>

struct arena;

#define VALUE_BYTES 65535 /* of a text, cut at a character */

enum form {
	FORM_NONE,      /* as it is, without blanks at the ends */
	FORM_FOLD,      /* NFKC, case, accents kept; one blank between words */
	FORM_NAME,      /* a person's or a company's name, Chinese or not */
	FORM_LATIN,     /* a name in Latin letters: no accents, points, hyphens */
	FORM_PINYIN,    /* Chinese as toneless syllables, with blanks */
	FORM_IDCARD,    /* GB 11643, also masked, damaged or of 15 digits */
	FORM_PHONE,     /* one or several numbers */
	FORM_DIGITS,    /* digits alone */
	FORM_DATE,      /* 1949-12-31; a time behind it is dropped */
	FORM_NUMBER,    /* exact decimal */
	FORM_ADDRESS,   /* a Chinese address by levels */
	FORM_NARRATIVE, /* what happened: pieces of two characters, or words */
	FORM_COUNT
};

/* The name that a specification uses, and what people read. form_named: FORM_COUNT if unknown. */
const char *form_name(enum form form);
enum form form_named(struct cb_text name);

enum address_level {
	LEVEL_PROVINCE,
	LEVEL_CITY,
	LEVEL_COUNTY,
	LEVEL_TOWN,
	LEVEL_VILLAGE, /* also a community */
	LEVEL_ROAD,    /* also a lane */
	LEVEL_ESTATE,
	LEVEL_NUMBER,
	LEVEL_BUILDING,
	LEVEL_UNIT,
	LEVEL_ROOM,
	LEVEL_COUNT
};
const char *level_name(enum address_level level);
enum address_level level_named(struct cb_text name); /* LEVEL_COUNT if unknown */

#define NAME_CORE 4 /* characters that tell a company: 达昌化纤 */

/* What a form knows beside the text. Arrays lie behind the struct. */
struct value_name {
	uint32_t surname; /* characters; 0: unknown */
	uint32_t core;    /* characters without 公司, 厂 at the end; all of a person's */
	bool is_han;
	const uint32_t *sounds; /* of each character, see han.h; NULL where nothing is Chinese */
	const uint64_t *looks;
};
struct value_idcard {
	char digits[19];
	bool is_valid;
	uint32_t birth; /* 19491231; 0: hidden or unknown */
};
struct value_set { /* FORM_PHONE: value_phone_digits; FORM_NARRATIVE: hashes; sorted, each once */
	uint32_t count;
	uint64_t items[];
};
#define ADDRESS_NAMED (LEVEL_ESTATE + 1) /* levels that have names; below are numbers */
struct value_address {
	uint32_t levels[LEVEL_COUNT];        /* hashes; 0: not said */
	struct cb_text names[ADDRESS_NAMED]; /* without what closes them: 镇, 花园 */
	uint8_t kinds[ADDRESS_NAMED];        /* what closed it; 0: nothing did */
};

#define NO_NUMBER INT64_MIN /* 1985 alone, the 31st of February: a text, but no day */

struct value {
	const char *text; /* the normal form, ends with NUL; NULL: missing */
	uint64_t hash;    /* of the text, never 0; 0: missing */
	uint16_t len;     /* bytes, at most VALUE_BYTES */
	uint16_t length;  /* characters; equal to len: all ASCII */
	uint8_t form;     /* an enum form */
	bool is_partial;  /* something in it is hidden, so that it is not even equal to itself */
	/* What refuses most pairs without a look at the text: the low bytes of the first two
	 * characters, and a bit for each that occurs, by its low six bits; and that occurs again.
	 */
	uint8_t first[2];
	uint64_t letters, again;
	union {
		int64_t number; /* FORM_DATE: days since 1970 or NO_NUMBER; FORM_NUMBER: thousandths
				 */
		const struct value_name *name;
		const struct value_idcard *idcard;
		const struct value_set *set;
		const struct value_address *address;
	};
};

/* A phone number is packed four bits a digit; what is hidden is a '*'. */
uint64_t value_phone(const char *digits, size_t len);
size_t value_phone_digits(uint64_t phone, char out[17]); /* how many */
bool value_phone_is_partial(uint64_t phone);

static inline bool value_is_missing(const struct value *v)
{
	return !v->hash;
}

/* The characters of a value that is not ASCII; they lie behind its text. */
static inline const uint32_t *value_characters(const struct value *v)
{
	return (const uint32_t *)(const void *)(((uintptr_t)v->text + v->len + 1 + 3) &
						~(uintptr_t)3);
}

/*
 * What making forms needs: tables that are costly to open and grow as they are
 * used. One for the process; any number of threads may share it.
 */
struct forms;
struct forms *forms_new(void);
void forms_free(struct forms *forms);

/* Make @value of @text; what it points to lives in @arena, which belongs to the caller's thread.
 * Equal normal forms give equal texts and hashes, so it is worth interning them again; what is
 * hidden in a name, id or phone is a '*' in the text. */
void form_make(struct forms *forms, enum form form, struct cb_text text, struct arena *arena,
	       struct value *value);

#endif
