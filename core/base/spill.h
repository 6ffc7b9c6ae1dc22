/*
 * spill.h - an array that may be larger than memory.
 *
 * It lies in memory, or in a file without a name that is mapped; the file goes with the array or
 * the process. Who walks through it gives back what is behind him, and the kernel keeps it
 * where it has room. Where the file cannot grow, the array moves into memory, with a warning.
 */
#ifndef BASE_SPILL_H
#define BASE_SPILL_H

#include <stdbool.h>
#include <stddef.h>

struct spill { /* all-zero is empty, in memory */
	void *at;
	size_t size;
	int file; /* descriptor + 1; 0: in memory */
};

/* Begin one of no size. */
void spill_begin(struct spill *spill, bool is_in_file);
/* What is new in it is not zeroed; it may move. */
void spill_resize(struct spill *spill, size_t size);
/* The bytes from @begin to @end are not needed for a while. */
void spill_pass(const struct spill *spill, size_t begin, size_t end);
void spill_done(struct spill *spill);

/* Bytes of memory that the process has now; 0: not known. */
size_t spill_resident(void);

#endif
