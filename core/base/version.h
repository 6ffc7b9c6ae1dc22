/*
 * version.h - which casebridge this is.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define CASEBRIDGE_VERSION "0.1.0"

#endif
