/*
 * compare.h - how alike are two values? A comparison answers with a level.
 *
 * A comparison is a list of levels from the strictest to the weakest; each is a
 * measure with a bound ("Jaro-Winkler of at least 0.92"). The level of a pair
 * is the first that holds: steps, …, 1. LEVEL_ELSE (0) says that none holds,
 * LEVEL_MISSING that one side says nothing, which is not the same.
 *
 * A level looks at one column, or at two that may have been swapped.
 */
#ifndef RECONCILE_COMPARE_H
#define RECONCILE_COMPARE_H

#include "reconcile/similar.h"

enum measure {
	MEASURE_EXACT,        /* the same normal form */
	MEASURE_JARO_WINKLER, /* at least, 0 … 1 */
	MEASURE_JARO,         /* at least, 0 … 1 */
	MEASURE_LEVENSHTEIN,  /* at most so many edits, up to 64 */
	MEASURE_DAMERAU,      /* the same; two neighbours that changed places are one edit (OSA) */
	MEASURE_PREFIX,       /* the first so many characters */
	MEASURE_BIGRAMS,      /* Jaccard of pieces of two characters: at least, 0 … 1 */
	MEASURE_TOKENS,       /* Jaccard of words, phones or pieces: at least, 0 … 1 */
	MEASURE_CONTAINED, /* the share of the smaller set that is in the other: at least, 0 … 1 */
	MEASURE_SHARED,    /* words, phones or pieces that both have: at least */
	MEASURE_NUMBER,    /* apart by at most so much */
	MEASURE_RATIO,     /* apart by at most that part of the larger, 0 … 1 */
	MEASURE_DAYS,      /* apart by at most so many days */
	MEASURE_DATE_SLIP,  /* day and month swapped, or one digit, or two neighbours */
	MEASURE_YEAR,       /* the same year */
	MEASURE_YEAR_ONLY,  /* the same year, and one says no more: 1985, or 1985-01-01 */
	MEASURE_YEAR_MONTH, /* the same month of the same year */
	MEASURE_PINYIN,     /* names that are read alike, without tones */
	MEASURE_SOUND,      /* also zh/z, n/ng, l/n …: as a dialect hears it */
	MEASURE_ALIKE,      /* names of characters that look alike, or variants */
	MEASURE_NAME_SLIP,  /* names of which one character is another, missing or moved */
	MEASURE_NAME_CORE,  /* names of companies without place and 有限公司 */
	MEASURE_NAME_MASK,  /* what is shown of a masked name fits the other */
	MEASURE_NAME_ORDER, /* the same words in another order */
	MEASURE_SURNAME,    /* the same surname */
	MEASURE_ID_MASK,    /* at least so many shown digits, and none differs */
	MEASURE_ID_SLIP,  /* one digit, or two neighbours, where a check digit does not forbid it */
	MEASURE_ID_BIRTH, /* the same birth date and area */
	MEASURE_PHONE_MASK,   /* the same of a number */
	MEASURE_PHONE_SLIP,   /* one digit, or two neighbours */
	MEASURE_ADDRESS_FITS, /* agrees down to a level of an address, and disagrees nowhere */
	MEASURE_ADDRESS,      /* agrees down to a level, and disagrees nowhere above */
	MEASURE_COMPANIONS,   /* so many who stand with them are the same, see companion.h */
	MEASURE_COUNT
};

/* What stands behind the name of a measure in a specification. */
enum bound { BOUND_NONE, BOUND_SHARE, BOUND_COUNT, BOUND_AMOUNT, BOUND_LEVEL };
struct measure_kind {
	const char *name;    /* as a specification says it: jaro-winkler */
	const char *zh, *en; /* what people read: "同音", "sounds the same" */
	enum bound bound;
	bool is_distance; /* at most the bound, else at least */
	uint32_t forms;   /* bit per form that it can compare */
};
const struct measure_kind *measure_kind(enum measure measure);
enum measure measure_named(struct cb_text name); /* MEASURE_COUNT if unknown */

enum side {
	SIDE_FIRST, /* the first column (or the only one) */
	SIDE_SECOND,
	SIDE_BOTH,    /* the first with the first, and the second with the second */
	SIDE_CROSSED, /* the first with the second, and the second with the first */
	SIDE_EITHER,  /* one of SIDE_FIRST and SIDE_SECOND */
};

struct compare_level {
	enum measure measure;
	enum side side;
	double bound; /* as the measure says; BOUND_LEVEL: an enum address_level */
};

#define COMPARE_LEVELS 12
#define LEVEL_ELSE 0
#define LEVEL_MISSING (-1)

struct comparison {
	unsigned columns; /* 1 or 2 */
	unsigned count;   /* of levels, strictest first; the strictest is level `count` */
	struct compare_level levels[COMPARE_LEVELS];
};

/*
 * The level of two records in one comparison: @a and @b hold `columns` values
 * each. With two columns, LEVEL_MISSING only where no level can be asked.
 * Symmetric, pure, and safe in any number of threads.
 */
int compare_values(const struct comparison *c, const struct value *const a[],
		   const struct value *const b[]);

/*
 * The same for many pairs, made ready once. Levels in a row that ask for the same are one run; the
 * weakest bound of it refuses most pairs without a look at their texts.
 */
struct compare_run {
	const struct compare_level *weakest;
	unsigned begin, end;        /* levels */
	struct similar_bound bound; /* of Jaro and Winkler */
};
struct compare_plan {
	const struct comparison *of;
	unsigned count;
	struct compare_run runs[COMPARE_LEVELS];
};
void compare_plan(struct compare_plan *plan, const struct comparison *c);
int compare_by(const struct compare_plan *plan, const struct value *const a[],
	       const struct value *const b[]);

/* One measure of two values that are there and whose form it can compare: a similarity, a distance,
 * or 1 for yes and 0 for no. */
double measure_values(enum measure measure, const struct value *a, const struct value *b);

#endif
