/*
 * site_reading.h - the parts of reading a site. For the files of this folder.
 */
#ifndef FLOW_SITE_READING_H
#define FLOW_SITE_READING_H

#include "flow/site.h"

struct reading {
	struct arena *arena;
	struct problems *problems;
	struct site *site;
	const char *installed; /* the installation's mappings/ */
};

/* What of the site is known without its site.xml. */
struct reading reading_begin(struct arena *arena, const char *folder, struct problems *problems);
/* site.xml, checked against the grammar; NULL where there is none. */
const struct cb_element *reading_root(const struct reading *r, const char *folder);
/* A file below mappings/: the site's own, else the installation's; NULL where neither has it. */
char *reading_find(const struct reading *r, const char *name);
/* Names are different: @again is the first of the two, or NULL. */
void reading_check_again(const struct reading *r, const struct cb_element *element,
			 const struct cb_element *again);
/* Add one connection to the site. */
void reading_connection(const struct reading *r, const struct cb_element *e);

/* Add one notice to the site. */
void reading_notice(const struct reading *r, const struct cb_element *e);
/* The name of a notice's setting, as people read it. */
const char *notice_setting_label(const char *name);

/* site_connection.c: a secret's file, absolute; checked as far as it can be without reading it:
 * what is not usable yet is a problem, and one more of the site's `unset`. NULL with the problem
 * added where it can be no secret's file at all. @account: for whom `account set` asks for it. */
const char *reading_secret(const struct reading *r, const struct cb_element *e,
			   const char *account);

/* Words of which one may have been meant. */
#define WORDS_MAX 64
struct words {
	const char *at[WORDS_MAX + 1]; /* ends with NULL */
	size_t count;
};
void words_add(struct words *words, const char *word);
/* The names of the .xml files in a folder below mappings/, here and in the installation. */
void words_add_files(const struct reading *r, const char *folder, struct words *words);
/* The end of a sentence: "; did you mean 'a'?", else all there are. In @arena. */
const char *words_hint(struct arena *arena, const char *word, const struct words *words);

/* Elements. */
static inline const char *attribute_or(const struct cb_element *e, const char *name,
				       const char *standard)
{
	const char *value = cb_attribute(e, name);

	return value ? value : standard;
}

static inline bool is_named(const struct cb_element *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

static inline size_t count_children(const struct cb_element *e, const char *name)
{
	size_t count = 0;

	for (const struct cb_element *at = cb_child(e, name, NULL); at; at = cb_child(e, name, at))
		count++;
	return count;
}

#endif
