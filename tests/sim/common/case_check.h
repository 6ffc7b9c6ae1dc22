/*
 * case_check.h - what the platform asks of a case file before it takes it.
 */
#ifndef SIM_CASE_CHECK_H
#define SIM_CASE_CHECK_H

#include <stdbool.h>

#include "sim/common/json.h"

struct case_code {
	const char *code, *name;
};

struct case_fault {
	const char *code; /* E2001: needed and not there; E2002: not a value we know */
	char field[64];
	char message[128];
};

/* The codes of a dictionary, ended by a NULL code; NULL if there is none. */
const struct case_code *case_codes(const char *type);

/* May @record be stored? If not, @fault, zeroed before, says why. */
bool case_check(const struct json *record, struct case_fault *fault);

#endif
