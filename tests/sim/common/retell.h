/*
 * retell.h - a dispute as another desk has it: another wording, the roles in each other's
 * place, an id with stars, a name misheard or half hidden.
 */
#ifndef SIM_RETELL_H
#define SIM_RETELL_H

#include "sim/common/dispute.h"

/* The same one. What was done to it, for the truth: words joined by commas. */
const char *retell_same(struct dispute *d, struct random *r);
/* Another one of the same people, three weeks and more later; not after @end, in local seconds. */
const char *retell_again(struct dispute *d, struct random *r, int64_t end);

#endif
