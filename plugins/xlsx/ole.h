/*
 * ole.h - the compound file that an old workbook is kept in: streams by name.
 */
#ifndef PLUGIN_XLSX_OLE_H
#define PLUGIN_XLSX_OLE_H

#include <casebridge/error.h>

#include "grow.h"

struct ole {
	struct cb_text bytes;
	struct cb_error *err;
	unsigned shift, small_shift;
	uint32_t cutoff; /* streams below it are in the small ones' container */
	struct grow chain, small_chain, directory, container; /* chain: for each sector its next */
};

CB_CHECKED int ole_open(struct ole *ole, struct cb_text bytes, struct cb_error *err);
void ole_done(struct ole *ole);
bool ole_has(const struct ole *ole, const char *name);
/* The whole stream, appended. CB_END: there is none. */
CB_CHECKED int ole_stream(struct ole *ole, const char *name, struct grow *out);

static inline uint32_t little16(const char *at)
{
	return (uint32_t)(unsigned char)at[0] | (uint32_t)(unsigned char)at[1] << 8;
}

static inline uint32_t little32(const char *at)
{
	return little16(at) | little16(at + 2) << 16;
}

#endif
