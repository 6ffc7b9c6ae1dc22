/*
 * say.h - the language of the process and where its log goes: the only mutable
 * state at file scope in the tree.
 */
#ifndef BASE_SAY_H
#define BASE_SAY_H

#include <casebridge/log.h>

#include "base/buffer.h"

enum language { LANGUAGE_ZH, LANGUAGE_EN };
void say_language(enum language language);
enum language say_language_now(void);

/* Append the one of the two that the user reads. */
void buffer_say(struct buffer *b, const char *zh, const char *en, ...) CB_SAYS(2, 3, 4);

/* Lines above @level are dropped. @sink gets each finished line; NULL: standard error. */
void say_log(enum cb_level level, void (*sink)(enum cb_level level, const char *line, void *with),
	     void *with);

#endif
