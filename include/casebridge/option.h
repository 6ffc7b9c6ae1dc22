/*
 * option.h - a plugin's settings as a table.
 *
 * The one source for parsing, `casebridge help PLUGIN`, the console's forms and
 * the contract test. The host fills the plugin's state from it before the first
 * call; a value that does not fit is refused by name, never replaced.
 */
#ifndef CASEBRIDGE_OPTION_H
#define CASEBRIDGE_OPTION_H

#include <casebridge/text.h>

enum cb_option_type {
	CB_OPTION_TEXT,    /* const char *: lives as long as the state; NULL if unset */
	CB_OPTION_INTEGER, /* int64_t: 4096, 64k, 1M, 2G */
	CB_OPTION_FLAG,    /* bool: yes or no */
};

struct cb_option {
	const char *name; /* as users write it; NULL ends the table */
	enum cb_option_type type;
	size_t offset;
	const char *standard; /* the default as text; NULL: unset */
	const char *zh, *en;  /* one line of help */
};

#define CB_OPTION(state, field, standard_, zh_, en_)                                                 \
	{                                                                                            \
		.name = #field,                                                                    \
		.type = _Generic(((state *)0)->field, bool                                         \
		                 : CB_OPTION_FLAG, int64_t                                         \
		                 : CB_OPTION_INTEGER, const char *                                 \
		                 : CB_OPTION_TEXT),                                                \
		.offset = offsetof(state, field), .standard = (standard_), .zh = (zh_),            \
		.en = (en_) \
	}

#endif
