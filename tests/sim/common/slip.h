/*
 * slip.h - how a text goes wrong on its way into a register.
 *
 * Each function changes @text in place, in a room of SLIP_ROOM bytes; what is
 * too short or too long to go wrong that way stays as it is.
 */
#ifndef SIM_SLIP_H
#define SIM_SLIP_H

#include "sim/common/random.h"

#define SLIP_ROOM 256

void slip_letter(struct random *r,
		 char *text); /* a typist's: next key, left out, doubled, swapped */
void slip_digit(struct random *r, char *text); /* a digit misread, or two swapped */
void slip_scan(struct random *r, char *text);  /* as a scanner reads: rn for m, 0 for o */
void slip_sound(struct random *r, char *text); /* as it is heard: ph for f, ie for y */
void slip_date(struct random *r, char *iso);   /* 1985-03-12: a digit, or day and month */
void slip_any(struct random *r, char *text);   /* one of the first four, as they are common */

/* Chinese: another character that sounds the same, or looks like it; traditional for simplified.
 * False where the text has none that is known. */
bool slip_homophone(struct random *r, char *text);
bool slip_shape(struct random *r, char *text);
bool slip_traditional(struct random *r, char *text);

#endif
