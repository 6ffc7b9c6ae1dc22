/*
 * pack.c - libzip over the bytes in memory, libxml2 over its parts.
 */
#include "pack.h"

#include <string.h>

#define PIECE (64u << 10)
#define RATIO 300 /* real sheets reach 100; what deflate can do is 1032 */
#define RATIO_FROM (32ll << 20)

static int not_whole(struct cb_error *err)
{
	return cb_fail(err, CB_BROKEN, "工作簿不完整或已损坏（可能没有传完）；请重新取一份",
		       "the workbook is cut or damaged (perhaps its transfer was); fetch it again");
}

int pack_open(struct pack *p, const struct source *source)
{
	zip_source_t *bytes;

	*p = (struct pack){ .packed = source->bytes.len,
			    .unpacked_max = source->xlsx->unpacked_max,
			    .err = source->err };
	bytes = zip_source_buffer_create(source->bytes.at, source->bytes.len, 0, NULL);
	if (!bytes)
		abort(); /* out of memory ends the process */
	p->zip = zip_open_from_source(bytes, ZIP_RDONLY, NULL);
	if (p->zip)
		return CB_OK;
	zip_source_free(bytes);
	return not_whole(source->err);
}

void pack_done(struct pack *p)
{
	if (p->zip)
		zip_discard(p->zip);
}

bool pack_has(const struct pack *p, const char *name)
{
	return zip_name_locate(p->zip, name, ZIP_FL_NOCASE) >= 0;
}

static int check_size(struct pack *p, const char *name)
{
	if (p->unpacked > p->unpacked_max ||
	    (p->unpacked > RATIO_FROM && p->unpacked / RATIO > (int64_t)p->packed))
		return cb_fail(p->err, CB_BROKEN,
			       "工作簿的 %s 解压后大得不像真的（压缩炸弹？）；确实这样大时请调大 "
			       "unpacked_max 或拆成几个文件",
			       "part %s of the workbook unpacks to more than is believable (a zip "
			       "bomb?); if it is real, raise unpacked_max or split the file",
			       name);
	return CB_OK;
}

static int open_part(struct pack *p, const char *name, zip_file_t **part)
{
	zip_int64_t index = zip_name_locate(p->zip, name, ZIP_FL_NOCASE);

	if (index < 0)
		return CB_END;
	*part = zip_fopen_index(p->zip, (zip_uint64_t)index, 0);
	if (*part)
		return CB_OK;
	if (zip_error_code_zip(zip_get_error(p->zip)) == ZIP_ER_NOPASSWD)
		return cb_fail(p->err, CB_SETUP, "文件有密码；请去掉密码后另存一份",
			       "the file has a password; save a copy without it");
	return not_whole(p->err);
}

int pack_each(struct pack *p, const char *name, int (*take)(void *, struct cb_text), void *with)
{
	zip_file_t *part;
	char block[PIECE];
	zip_int64_t n;
	int rc = open_part(p, name, &part);

	if (rc != CB_OK)
		return rc;
	while (rc == CB_OK && (n = zip_fread(part, block, sizeof(block))) != 0) {
		if (n < 0) {
			rc = not_whole(p->err);
			break;
		}
		p->unpacked += n;
		rc = check_size(p, name);
		if (rc == CB_OK)
			rc = take(with, (struct cb_text){ block, (size_t)n });
	}
	zip_fclose(part);
	return rc;
}

static void refuse_doctype(void *with, const xmlChar *name, const xmlChar *id, const xmlChar *uri)
{
	struct parse *parse = with;

	if (parse->rc == CB_OK)
		parse->rc = cb_fail(
			parse->err, CB_BROKEN,
			"工作簿的 %s 里有 DOCTYPE，可能是有人做了手脚；请从 Excel 或 WPS 重新另存",
			"part %s of the workbook has a DOCTYPE and may be tampered with; save it "
			"again from Excel or WPS",
			parse->part);
}

static void take_fault(void *with, xmlErrorPtr fault)
{
	struct parse *parse = with;

	if (fault->level == XML_ERR_FATAL && parse->rc == CB_OK)
		parse->rc = cb_fail(parse->err, CB_BROKEN,
				    "工作簿的 %s 第 %d 行 XML 有误；请从 Excel 或 WPS 重新另存",
				    "part %s of the workbook is broken XML at line %d; save it "
				    "again from Excel or WPS",
				    parse->part, fault->line);
}

static int feed(void *with, struct cb_text piece)
{
	struct parse *parse = with;

	(void)xmlParseChunk(parse->parser, piece.at, (int)piece.len, 0);
	return parse->rc;
}

int pack_parse(struct pack *p, const char *name, xmlSAXHandler *sax, struct parse *parse)
{
	/* A part is UTF-8; a name of another charset would have a table loaded, which is sealed. */
	int flags = XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC;
	int rc;

	sax->initialized = XML_SAX2_MAGIC;
	sax->internalSubset = refuse_doctype;
	sax->serror = take_fault;
	parse->rc = CB_OK;
	parse->err = p->err;
	parse->part = name;
	parse->parser = xmlCreatePushParserCtxt(sax, parse, NULL, 0, NULL);
	if (!parse->parser)
		abort(); /* out of memory ends the process */
	if (xmlCtxtUseOptions(parse->parser, flags) != 0 ||
	    xmlSwitchEncoding(parse->parser, XML_CHAR_ENCODING_UTF8) != 0)
		rc = cb_fail(p->err, CB_SETUP, "libxml2 不支持所需的选项，请检查其版本",
			     "libxml2 does not know an option we need; check its version");
	else
		rc = pack_each(p, name, feed, parse);
	if (rc == CB_OK) {
		(void)xmlParseChunk(parse->parser, "", 0, 1);
		rc = parse->rc;
	}
	xmlFreeDoc(parse->parser->myDoc); /* a DOCTYPE's entities make one, though refused */
	xmlFreeParserCtxt(parse->parser);
	parse->parser = NULL;
	return rc;
}

struct cb_text attribute(const xmlChar **attributes, int count, const char *name)
{
	for (int i = 0; i < count; i++) {
		const char *const *at = (const char *const *)attributes + (ptrdiff_t)i * 5;

		if (strcmp(at[0], name) == 0)
			return (struct cb_text){ at[3], (size_t)(at[4] - at[3]) };
	}
	return (struct cb_text){ 0 };
}
