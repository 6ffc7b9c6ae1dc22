/*
 * spec.h - a link specification, read and checked: the columns, how records are
 * compared, which pairs are worth comparing, and what must never be linked.
 */
#ifndef RECONCILE_SPEC_H
#define RECONCILE_SPEC_H

#include "base/memory.h"
#include "base/problem.h"
#include "reconcile/compare.h"
#include "reconcile/key.h"

#define SPEC_COLUMNS 32
#define SPEC_COMPARISONS 16 /* four bits each make a pattern */
#define SPEC_RULES 32       /* a bit each says which rules find a pair */
#define SPEC_KEYS 4         /* in one rule */
#define SPEC_KINDS 16
#define SPEC_GIVEN 8 /* in one kind */
#define SPEC_SURVIVORS 64
#define LEVELS_MOST 16 /* codes of a level: 0 missing, 1 else, 2 … */

/* How people of one household agree in a comparison, who are no match. */
enum kin {
	KIN_UNRELATED, /* like any two people: an id, a birth date */
	KIN_LEARN,     /* in their own way: an address, a phone */
	KIN_WEAK,      /* in its weak levels alone: a surname, not the name */
};

struct spec_column {
	const char *name;
	const char *from; /* headings, the first that is there: "name|姓名"; of an entity: paths */
	enum form form;
	unsigned otherwise;  /* where it is missing: this column and one says it; 0: none does */
	const char *through; /* the rules that tell who the items of the list @from are, or NULL */
	const struct cb_element *element;
};

/* Probabilities by code of the level, given that neither side is missing. */
struct odds {
	double m[LEVELS_MOST], u[LEVELS_MOST], kin[LEVELS_MOST];
};

struct spec_comparison {
	const char *name, *label;
	unsigned column[2];
	struct comparison how;
	enum form form; /* of both columns */
	bool has_frequency;
	unsigned unless; /* this column and one: not asked where both have it in full; 0: always */
	enum kin kin;
	struct odds fixed; /* where written in the file; else negative */
	unsigned codes;    /* levels and the two that are no level */
};

struct spec_key {
	unsigned column;
	enum key key;
	unsigned n;
};

struct spec_rule {
	const char *name;
	struct spec_key keys[SPEC_KEYS];
	unsigned count;
	bool is_for_training;
};

enum pairing { PAIRING_AUTO, PAIRING_DEDUPE, PAIRING_LINK, PAIRING_BOTH };

/* What must hold of two records: a comparison has one of those levels, or one side alone says one
 * of those words. */
struct spec_given {
	bool is_column;
	unsigned of;      /* which comparison, or column */
	uint32_t levels;  /* bits of codes */
	const char *word; /* "one|another" */
};

/* How two that belong together do so. The first whose conditions all hold. */
struct spec_kind {
	const char *name, *label;
	bool is_one; /* they are one; else they are never linked */
	struct spec_given given[SPEC_GIVEN];
	unsigned count;
};

/* Which record of a cluster speaks for these fields. */
enum survival { SURVIVAL_RECENT, SURVIVAL_COMPLETE, SURVIVAL_TRUSTED, SURVIVAL_LONGEST };
struct spec_survivor {
	const char *fields; /* paths, blanks between */
	enum survival by;
	bool is_together; /* all of them from one record */
	const struct cb_element *element;
};

struct link_spec {
	const char *name, *label, *file;
	const char *model, *entity, *list; /* NULL: of a file; list NULL: the entity's records */
	struct spec_kind kinds[SPEC_KINDS];
	struct spec_survivor survivors[SPEC_SURVIVORS];
	unsigned kind_count, survivor_count;
	const char *recent, *source_field; /* paths: what says how new a record is, and whose */
	const char *trust;                 /* sources, the most trusted first, blanks between */
	const struct cb_element *root;
	const char *id, *source; /* headings; NULL: the row's number, the file's name */
	struct spec_column columns[SPEC_COLUMNS];
	struct spec_comparison comparisons[SPEC_COMPARISONS];
	struct spec_rule rules[SPEC_RULES];
	unsigned column_count, comparison_count, rule_count;
	enum pairing pairing;
	bool one_per_source;   /* a cluster has at most one record of a source */
	uint32_t never_differ; /* bits of columns: two full values that differ are two things */
	uint32_t never_same;   /* bits of columns: two records with one value are two things */
	unsigned companions;   /* the comparison of who stands with them, and one; 0: none */
	bool has_kin;
	double cut;        /* probability; 0: where F1 is expected to be largest */
	double precision;  /* wanted instead; 0: none */
	double doubt;      /* from here on it is doubtful, below it is apart */
	size_t block_most; /* records in a block, before it is split */
	uint64_t digest;   /* of all it says, and of the program that read it */
};

/* What a household shares. */
static inline bool is_home(const struct spec_comparison *c)
{
	return c->kin == KIN_LEARN && c->how.levels[0].measure != MEASURE_COMPANIONS;
}

/* spec_kind.c: <kind> and <survivors>, when columns and comparisons are known. */
struct problems;
void spec_read_kinds(struct link_spec *spec, struct arena *arena, struct problems *problems);

/* What a level is called for people, and as the file says it: "jaro-winkler 0.92". In @arena. */
const char *spec_level_name(struct arena *arena, const struct spec_comparison *c, unsigned code);

/* The same as a specification says it, whatever the language. */
const char *spec_level_word(struct arena *arena, const struct spec_comparison *c, unsigned code);

#endif
