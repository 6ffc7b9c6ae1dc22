/*
 * log.h - lines for the operator. Logged once, by whoever decides what to do;
 * everyone below only returns the error. Never a personal value or a secret.
 */
#ifndef CASEBRIDGE_LOG_H
#define CASEBRIDGE_LOG_H

#include <casebridge/error.h>

enum cb_level { CB_ERROR, CB_WARN, CB_INFO, CB_DEBUG };

CB_API void cb_log(enum cb_level level, const char *zh, const char *en, ...) CB_SAYS(2, 3, 4);

#endif
