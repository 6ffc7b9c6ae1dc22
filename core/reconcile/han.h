/*
 * han.h - Chinese characters: how they are read, written and mistaken.
 *
 * Readings and simplified forms come from ICU, once for each character, when it
 * is first met; opening ICU's tables takes a sixth of a second, and nobody who
 * compares Latin names pays for it. Any number of threads may ask.
 */
#ifndef RECONCILE_HAN_H
#define RECONCILE_HAN_H

#include <casebridge/text.h>

struct han;
struct han *han_new(void);
void han_free(struct han *han);

bool han_is(uint32_t c); /* a Chinese character */
uint32_t han_simplified(struct han *han, uint32_t c);

/* The toneless syllable, packed; 0 if it has none. As a surname some are read otherwise: 曾 仇 单.
 */
uint32_t han_sound(struct han *han, uint32_t c);
uint32_t han_surname_sound(struct han *han, uint32_t c);
size_t han_syllable(uint32_t sound, char out[8]); /* zhang; its length */

/* The syllable as many a dialect hears it: zh = z, ch = c, sh = s, ng = n, l = n, h = f. */
uint32_t han_heard(uint32_t sound);

/* Are they written so alike that one is taken for the other (己 已 巳)? Only where their looks have
 * a bit in common. */
uint64_t han_looks(const struct han *han, uint32_t c);
bool han_are_alike(uint32_t a, uint32_t b);

/* Characters of the surname at the start of a name of @length characters; 0: not a person's name.
 */
uint32_t han_surname(const uint32_t *name, uint32_t length);

#endif
