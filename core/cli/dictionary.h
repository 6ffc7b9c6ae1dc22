/*
 * dictionary.h - the code lists of the other systems beside ours. For codes.c.
 */
#ifndef CLI_DICTIONARY_H
#define CLI_DICTIONARY_H

#include "cli/call.h"

/*
 * Ask every system whose connector says a <dictionary> (of @flow alone, where that is
 * not NULL), and say how its list differs from our table; @json NULL: as text. The
 * exit code: 1 where one could not be had.
 */
int dictionaries_say(struct call *call, struct site *site, const char *flow, struct json *json);

#endif
