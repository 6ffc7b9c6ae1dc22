/*
 * seal.h - what the two profiles of a worker share. For the files seal*.c.
 */
#ifndef HOST_SEAL_H
#define HOST_SEAL_H

#include <errno.h>
#include <limits.h>

#include "host/inside.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SEAL_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SEAL_IS_SANITIZED 1
#endif
#endif
#ifndef SEAL_IS_SANITIZED
#define SEAL_IS_SANITIZED 0
#endif

/* No core, so much memory, and no way to get rights back. */
CB_CHECKED int seal_limits(int64_t memory_max, struct cb_error *err);
int seal_failed(struct cb_error *err);
/* seal_folders.c: take from this process all files but those. */
CB_CHECKED int seal_files(const struct seal_folders *folders, struct cb_error *err);

#endif
