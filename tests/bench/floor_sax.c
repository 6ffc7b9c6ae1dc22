/*
 * floor_sax.c - what libxml2 alone takes to read a document: its SAX2 push
 * parser over the same 256 kB pieces, counting elements and characters.
 *
 *     floor_sax FILE   → "elements characters"
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libxml/parser.h>

#define BLOCK (256 << 10)

struct counts {
	unsigned long elements, characters;
};

static void begin(void *with, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		  int namespaces, const xmlChar **namespace, int attributes, int defaulted,
		  const xmlChar **attribute)
{
	struct counts *c = with;

	(void)name, (void)prefix, (void)uri, (void)namespaces, (void)namespace;
	(void)attributes, (void)defaulted, (void)attribute;
	c->elements++;
}

static void end(void *with, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	(void)with, (void)name, (void)prefix, (void)uri;
}

static void characters(void *with, const xmlChar *text, int len)
{
	struct counts *c = with;

	(void)text;
	c->characters += (unsigned long)len;
}

int main(int argc, char **argv)
{
	static char block[BLOCK];
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
			      .startElementNs = begin,
			      .endElementNs = end,
			      .characters = characters,
			      .ignorableWhitespace = characters };
	struct counts counts = { 0, 0 };
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, &counts, NULL, 0, NULL);
	ssize_t len;
	int rc = 0;

	if (fd < 0 || !parser) {
		fprintf(stderr, "floor_sax FILE\n");
		return 2;
	}
	xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_HUGE);
	while (rc == 0 && (len = read(fd, block, BLOCK)) > 0)
		rc = xmlParseChunk(parser, block, (int)len, 0);
	if (rc == 0)
		rc = xmlParseChunk(parser, block, 0, 1);
	printf("%lu %lu\n", counts.elements, counts.characters);
	xmlFreeParserCtxt(parser);
	close(fd);
	return rc != 0;
}
