/*
 * target.h - what is fuzzed: every place where bytes of others come in.
 *
 * A target takes any bytes and must come back, having kept its promises; a
 * promise that is broken aborts. libFuzzer drives it (make fuzz), and replay.c
 * gives it the committed corpus again with every make test.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "record/shape.h"

struct target {
	const char *name;
	void (*run)(struct cb_text bytes);
};
extern const struct target targets[]; /* ends with a name of NULL */

void fuzz_charset(struct cb_text bytes);
void fuzz_compare(struct cb_text bytes);
void fuzz_condition(struct cb_text bytes);
void fuzz_csv(struct cb_text bytes);
void fuzz_frame(struct cb_text bytes);
void fuzz_json(struct cb_text bytes);
void fuzz_manifest(struct cb_text bytes);
void fuzz_mapping(struct cb_text bytes);
void fuzz_model(struct cb_text bytes);
void fuzz_site(struct cb_text bytes);
void fuzz_template(struct cb_text bytes);
void fuzz_value(struct cb_text bytes);
void fuzz_wire(struct cb_text bytes);
void fuzz_xml(struct cb_text bytes);

#define PROMISE(claim)                                                                             \
	do {                                                                                       \
		if (!(claim)) {                                                                    \
			fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__,         \
				#claim);                                                           \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The first line of @bytes, without its end, which is cut off. */
struct cb_text fuzz_line(struct cb_text *bytes);

/* A file with these bytes, in a folder of this process that goes when it ends. */
const char *fuzz_file(const char *name, struct cb_text bytes);
const char *fuzz_folder(void);
const char *fuzz_mappings(void); /* where mappings/ stands */
const char *fuzz_plugins(void);

/* A shape with groups, an attribute and lists in lists; and a row of it with something everywhere.
 */
struct shape *fuzz_shape(struct arena *arena);
struct row *fuzz_row(struct arena *arena, const struct shape *shape);

#endif
