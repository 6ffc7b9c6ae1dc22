/*
 * edit.h - change a file of the mappings in place. For the files of this folder.
 */
#ifndef CLI_EDIT_H
#define CLI_EDIT_H

#include "cli/call.h"

/* Is every mapping of the site still right with @text in @file? Else says what is not. */
bool edit_is_right(struct call *call, const struct site *site, const char *file,
		   struct cb_text text);
/*
 * Write it, unless this is a dry run. A file of the installation is everybody's: the
 * site gets its own copy, with the other files that @mapping is made from. @written:
 * the path.
 */
CB_CHECKED int edit_write(struct call *call, const struct site *site, const struct mapping *mapping,
			  const char *file, struct cb_text text, const char **written,
			  struct cb_error *err);
/* Who changed which place, and how. */
CB_CHECKED int edit_audit(struct call *call, struct site *site, const char *what,
			  const char *object, const char *detail, struct cb_error *err);

#endif
