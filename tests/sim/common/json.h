/*
 * json.h - the little we ask of a parsed JSON tree.
 */
#ifndef SIM_JSON_H
#define SIM_JSON_H

#include <yajl/yajl_tree.h>

#include "sim/common/text.h"

/* The member called @name, or NULL. */
yajl_val json_get(yajl_val object, const char *name);
/* The member called @name if it is a string, or NULL. */
const char *json_text(yajl_val object, const char *name);

/* Members sorted by name and no spaces: the same content gives the same text. */
void json_write(struct text *out, yajl_val value);

#endif
