/*
 * template_function.h - what stands in a hole, and the functions of it. For template.c.
 */
#ifndef NET_TEMPLATE_FUNCTION_H
#define NET_TEMPLATE_FUNCTION_H

#include "net/template.h"

/* What an operand gives. */
struct template_piece {
	struct buffer bytes;
	bool is_digest; /* bytes of a digest: written as hex */
	bool is_base;
	bool is_name_raw;            /* a name's value that is in the body's language */
	enum template_place escaped; /* by json() or xml() for that place; else RAW */
};

struct template_function {
	const char *name;
	unsigned arguments; /* at most two */
	int (*apply)(const char *name, struct template_piece *args, struct template_piece *out,
		     struct cb_error *err);
};
const struct template_function *template_function(struct cb_text name); /* NULL: there is none */
void template_functions_list(struct buffer *out);

/* A digest becomes hex before anything but base64 and hex looks at it. */
struct cb_text template_text(struct template_piece *p);
/* buffer_xml, and the other quote too: a template may write its attributes with either. */
void template_xml(struct cb_text text, struct buffer *out);

#endif
