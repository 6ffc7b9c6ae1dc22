/*
 * grammar.h - which elements and attributes a file of ours may have.
 *
 * One table a language feeds the checker, the RELAX NG schema for editors and
 * the reference page, so that they cannot drift apart. Names have no prefix and
 * no namespace, so that samples stand inline; inside a sample ("*") all may.
 */
#ifndef BASE_GRAMMAR_H
#define BASE_GRAMMAR_H

#include "base/problem.h"

enum value_kind {
	VALUE_ANY,      /* any text, also empty */
	VALUE_NAME,     /* [A-Za-z_][A-Za-z0-9_.-]* */
	VALUE_WORD,     /* one of `words` */
	VALUE_INTEGER,  /* digits, may begin with - */
	VALUE_NUMBER,   /* canonical decimal */
	VALUE_DURATION, /* 10m */
	VALUE_SIZE,     /* 2MB, 64k */
	VALUE_FLAG,     /* yes | no */
	VALUE_PATH,     /* the language's own checker looks into these */
	VALUE_CONDITION,
	VALUE_TEMPLATE,
	VALUE_FILE,
};

struct grammar_attribute {
	const char *name; /* NULL ends */
	enum value_kind kind;
	bool is_required;
	const char *words; /* "both in out", for VALUE_WORD */
	const char *zh, *en;
};

struct grammar_element {
	const char *name;     /* "field", or "test/there": the one inside test; NULL ends */
	const char *children; /* "field set group", "" for none, "*" for anything (samples) */
	const struct grammar_attribute *attributes;
	bool has_text; /* own text means something; else only blanks are allowed */
	const char *zh, *en;
};

struct grammar {
	const char *name;  /* "mapping" */
	const char *roots; /* "mapping library" */
	const struct grammar_element *elements;
};

/*
 * Add a problem for every element, attribute, value and text that the grammar
 * does not know, with what is allowed there and the nearest right word. @root
 * comes from xml_read_*.
 */
void grammar_check(const struct grammar *grammar, const struct cb_element *root,
		   struct problems *problems);

/* The table's row for @name inside @parent (NULL: outermost), or NULL. */
const struct grammar_element *grammar_find(const struct grammar *grammar, const char *parent,
					   const char *name);
const char *grammar_tag(const struct grammar_element *row); /* "test/there" is written <there> */
/* The next word of a list like `children`; false where no more come. */
bool grammar_word(const char **list, struct cb_text *word);

/* RELAX NG (XML syntax) of the grammar, with its words for users in their language. */
struct buffer;
void grammar_relaxng(const struct grammar *grammar, struct buffer *out);

#endif
