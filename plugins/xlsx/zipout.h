/*
 * zipout.h - a zip that is written from front to back, nothing of it kept.
 */
#ifndef PLUGIN_XLSX_ZIPOUT_H
#define PLUGIN_XLSX_ZIPOUT_H

#define ZLIB_CONST /* or its input is not const */
#include <zlib.h>

#include <casebridge/stream.h>

#include "grow.h"

struct zip_out {
	z_stream stream;
	bool has_stream;
	uint64_t offset; /* bytes put so far */
	struct grow directory;
	unsigned count;
	/* The part that is open. */
	const char *name;
	uint64_t begin, packed, unpacked;
	uint32_t crc;
};

/* Names are literals of the caller's; all of it stays below 4 GB. */
void zip_begin(struct zip_out *zip, const char *name, struct cb_output *out);
void zip_put(struct zip_out *zip, struct cb_text bytes, struct cb_output *out);
void zip_end(struct zip_out *zip, struct cb_output *out);
void zip_whole(struct zip_out *zip, const char *name, struct cb_text bytes, struct cb_output *out);
void zip_finish(struct zip_out *zip, struct cb_output *out); /* the directory, and the end */
void zip_done(struct zip_out *zip);

#endif
