/*
 * identity.h - numbers that carry their own check, by national standard.
 *
 *   idcard   GB 11643: 18 digits (mod 11-2), 15-digit ones of the first generation
 *   uscc     GB 32100: 18 characters (mod 31)
 *   orgcode  GB 11714: 8 + 1 characters (mod 11), with and without hyphen
 *   phone    mobile 1[3-9] + 9 digits, or area code + 7 or 8 digits; one number
 *   region   GB/T 2260: 6, 9 or 12 digits, by shape alone
 *
 * Area codes inside an id are historical and are never checked against a list.
 */
#ifndef BASE_IDENTITY_H
#define BASE_IDENTITY_H

#include <casebridge/text.h>

#define IDENTITY_TEXT 64

enum identity_kind {
	IDENTITY_IDCARD,
	IDENTITY_USCC,
	IDENTITY_ORGCODE,
	IDENTITY_PHONE,
	IDENTITY_REGION,
};

enum identity_finding {
	IDENTITY_OK,
	IDENTITY_SHAPE,   /* wrong length or characters */
	IDENTITY_CHECK,   /* the check digit does not fit */
	IDENTITY_DATE,    /* no such birth date, one before 1900, or one after @today */
	IDENTITY_MASKED,  /* some characters are hidden: *, ·, or X x in a row */
	IDENTITY_ROUNDED, /* a spreadsheet has lost its last digits: 3.3E+17, or 000 at the end */
};

/*
 * Put @theirs into its normal form (@out: narrow, no blanks, upper case, 15
 * digits made 18, +86 and hyphens gone from a mobile number, one hyphen behind
 * the area code of another, none in an orgcode, every hidden character a *) and
 * say what is wrong with it. @today: days since 1970, 0 skips the test of the
 * future. With anything but IDENTITY_OK, @out holds what could be normalised.
 */
enum identity_finding identity_read(enum identity_kind kind, struct cb_text theirs, int64_t today,
				    char out[IDENTITY_TEXT]);

/* From a valid 18-digit id: 'm' or 'f'; the birth date as 1949-12-31. */
char identity_sex(struct cb_text idcard);
void identity_birth(struct cb_text idcard, char out[11]);

#endif
