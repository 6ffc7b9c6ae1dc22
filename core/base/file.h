/*
 * file.h - whole files, folders, and paths beside other paths.
 *
 * What fails is CB_SETUP, and its sentence begins with the path: "a/b.xml: cannot
 * read: does not exist".
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <casebridge/error.h>

struct buffer;
struct arena;

/* Append the whole of it to @out. It must be a regular file of at most @most bytes; else @out stays
 * as it was. */
CB_CHECKED int file_read(const char *path, size_t most, struct buffer *out, struct cb_error *err);

/* A new file in one step, or in place of an old one: written beside, synced, renamed, folder
 * synced. @mode as for open. */
CB_CHECKED int file_write(const char *path, struct cb_text bytes, unsigned mode,
			  struct cb_error *err);

/* Also over a file that is there; on the disk when it returns. */
CB_CHECKED int file_rename(const char *from, const char *to, struct cb_error *err);

/* With the folders above it. One that is there is fine. */
CB_CHECKED int file_make_folder(const char *path, unsigned mode, struct cb_error *err);
bool file_exists(const char *path);

/* "a/b/c.xml", "codes/d.xml" → "a/b/codes/d.xml"; an absolute @name stays. In @arena. */
char *file_beside(struct arena *arena, const char *path, const char *name);
char *file_join(struct arena *arena, const char *folder, const char *name);

/* What errno means, as words for a user in their language. */
const char *file_reason(int error_number);

#endif
