/*
 * main.c - libFuzzer's two doors; $FUZZ names the target.
 */
#include "fuzz/target/target.h"

#include <string.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct target *target;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	const char *name = getenv("FUZZ");

	(void)count, (void)arguments;
	for (target = targets; target->name; target++)
		if (name && strcmp(target->name, name) == 0)
			return 0;
	fprintf(stderr, "FUZZ is none of:");
	for (target = targets; target->name; target++)
		fprintf(stderr, " %s", target->name);
	fprintf(stderr, "\n");
	exit(64);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	target->run((struct cb_text){ (const char *)bytes, len });
	return 0;
}
