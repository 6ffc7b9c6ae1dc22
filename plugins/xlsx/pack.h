/*
 * pack.h - the zip that a workbook is: parts of XML, by name.
 *
 * What is unpacked has bounds: in bytes, all parts together, and in its ratio
 * to the packed document. Names compare without case, as Excel does.
 */
#ifndef PLUGIN_XLSX_PACK_H
#define PLUGIN_XLSX_PACK_H

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <zip.h>

#include "xlsx.h"

struct pack {
	zip_t *zip;
	size_t packed;
	int64_t unpacked, unpacked_max;
	struct cb_error *err;
};

CB_CHECKED int pack_open(struct pack *pack, const struct source *source);
void pack_done(struct pack *pack);
bool pack_has(const struct pack *pack, const char *name);

/* Every piece of a part, in order, until `take` says anything but CB_OK. CB_END: no such part. */
CB_CHECKED int pack_each(struct pack *pack, const char *name,
			 int (*take)(void *with, struct cb_text piece), void *with);

/*
 * Parse a part. The handlers get a struct that begins with this one; what they
 * put into rc ends the parsing. CB_END: no such part.
 */
struct parse {
	int rc;
	struct cb_error *err;
	const char *part;
	xmlParserCtxtPtr parser;
};
CB_CHECKED int pack_parse(struct pack *pack, const char *name, xmlSAXHandler *sax,
			  struct parse *parse);

/* An attribute's value in the array that libxml2 hands over; nothing where it is not there. */
struct cb_text attribute(const xmlChar **attributes, int count, const char *name);

#endif
