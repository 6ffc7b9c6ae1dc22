/*
 * floor_sax.c - what libxml2 alone takes to read a file: SAX2 events from the
 * parser that the xml plugin uses, which asks for its bytes, over the same
 * blocks of 256 kB, counting elements and characters.
 *
 *     floor_sax FILE   → "elements characters"
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

struct block {
	char bytes[BLOCK];
	size_t at, len;
	int fd;
};

/* As many as are asked for: libxml2 takes fewer for the end. */
static int give_bytes(void *with, char *out, int room)
{
	struct block *b = with;
	int given = 0;

	while (given < room) {
		size_t left = (size_t)(room - given);
		size_t len = b->len - b->at < left ? b->len - b->at : left;

		memcpy(out + given, b->bytes + b->at, len);
		b->at += len;
		given += (int)len;
		if (b->at == b->len) {
			ssize_t n = read(b->fd, b->bytes, BLOCK);

			if (n <= 0)
				break;
			b->len = (size_t)n;
			b->at = 0;
		}
	}
	return given;
}

int main(int argc, char **argv)
{
	static struct block block;
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
			      .startElementNs = begin,
			      .endElementNs = end,
			      .characters = characters,
			      .ignorableWhitespace = characters };
	struct counts counts = { 0, 0 };
	xmlParserCtxtPtr parser;
	int rc;

	block.fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	parser = xmlCreateIOParserCtxt(&sax, &counts, give_bytes, NULL, &block,
				       XML_CHAR_ENCODING_UTF8);
	if (block.fd < 0 || !parser) {
		fprintf(stderr, "floor_sax FILE\n");
		return 2;
	}
	xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_HUGE);
	rc = xmlParseDocument(parser);
	printf("%lu %lu\n", counts.elements, counts.characters);
	xmlFreeParserCtxt(parser);
	close(block.fd);
	return rc != 0;
}
