/*
 * make.h - between form.c and the files that make one family of forms each.
 *
 * A maker gets the text trimmed, cut and valid, and puts its normal form, if it
 * finds one; a value that nobody puts is missing.
 */
#ifndef RECONCILE_MAKE_H
#define RECONCILE_MAKE_H

#include "base/buffer.h"
#include "base/memory.h"
#include "reconcile/form.h"
#include "reconcile/han.h"

struct maker {
	struct han *han;
	struct arena *arena;
	struct value *value;
	struct buffer room, out; /* folded; and what is being made of that */
};

/* Copy the normal form into the value; nothing where it is empty. */
void make_put(struct maker *m, struct cb_text text);

/* NFKC without case, one blank between words. ASCII is quick. */
struct cb_text make_fold(struct maker *m, struct cb_text text);
bool make_is_nothing(struct cb_text folded); /* 无, 不详, N/A … */

void make_latin(struct maker *m, struct cb_text text);
void make_name(struct maker *m, struct cb_text text);
void make_pinyin(struct maker *m, struct cb_text text);
void make_idcard(struct maker *m, struct cb_text text);
void make_phone(struct maker *m, struct cb_text text);
void make_digits(struct maker *m, struct cb_text text);
void make_date(struct maker *m, struct cb_text text);
void make_number(struct maker *m, struct cb_text text);
void make_address(struct maker *m, struct cb_text text);
void make_narrative(struct maker *m, struct cb_text text);

/* Sort @items and drop what is there twice; how many are left. */
uint32_t make_set(uint64_t *items, uint32_t count);

#endif
