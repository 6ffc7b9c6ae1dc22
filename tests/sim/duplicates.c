/*
 * duplicates.c - sets of records with duplicates, and who is who.
 *
 * The same command and seed give the same bytes, on any machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/common/crowd.h"

static const struct {
	const char *name;
	void (*make)(const struct crowd *c);
	int rows;
	size_t files;
	const char *use;
} kinds[] = {
	{ "people", crowd_people, 10000, 2, "OUT.csv TRUTH.csv" },
	{ "historical", crowd_historical, 50000, 2, "OUT.csv TRUTH.csv" },
	{ "disputes", crowd_disputes, 100000, 3, "[--hard] PARTIES.csv TRUTH.csv CASES.csv" },
	{ "many", crowd_many, 1000000, 2, "OUT.csv TRUTH.csv" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void usage(void)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		fprintf(stderr, "duplicates %s [--seed 1] [--rows %d] %s\n", kinds[i].name,
			kinds[i].rows, kinds[i].use);
	exit(2);
}

static long number(const char *name, const char *value)
{
	char *end;
	long n = strtol(value ? value : "", &end, 10);

	if (*end || !value || end == value || n < 1 || n > 100000000)
		die("%s: not a number that makes sense", name);
	return n;
}

static FILE *create(const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		die("%s: %m", path);
	return f;
}

static void finish(FILE *f)
{
	if (f && fclose(f) != 0)
		die("cannot write: %m");
}

int main(int argc, char **argv)
{
	struct crowd c = { .seed = 1 };
	FILE **files[] = { &c.out, &c.truth, &c.cases };
	size_t kind = 0, file = 0;
	int i;

	while (argc > 1 && kind < KINDS && strcmp(argv[1], kinds[kind].name) != 0)
		kind++;
	if (argc < 2 || kind == KINDS)
		usage();
	c.rows = kinds[kind].rows;
	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--seed") == 0)
			c.seed = (uint64_t)number("--seed", argv[++i]);
		else if (strcmp(argv[i], "--rows") == 0)
			c.rows = (int)number("--rows", argv[++i]);
		else if (strcmp(argv[i], "--hard") == 0)
			c.is_hard = true;
		else if (argv[i][0] == '-' || file == kinds[kind].files)
			usage();
		else
			*files[file++] = create(argv[i]);
	}
	if (file != kinds[kind].files)
		usage();
	fputs("source,id,entity\n", c.truth);
	kinds[kind].make(&c);
	finish(c.out);
	finish(c.truth);
	finish(c.cases);
	return 0;
}
