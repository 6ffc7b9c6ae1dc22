/*
 * second_opinion.c - linkage test data by another hand than duplicates.c.
 *
 * Whoever wrote this had not read how records are compared, nor the other
 * generator: a linker that is good only at the faults it was made for shows it
 * here. The columns are the same, so one specification serves both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/second_opinion/opinion.h"

static const struct kind {
	const char *name;
	int rows, most;
	void (*make)(struct opinion *o);
} kinds[] = {
	{ "people", 10000, 1000000, opinion_people },
	{ "parties", 100000, 140000, opinion_parties }, /* no more phones than that */
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void usage(void)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		fprintf(stderr,
			"second_opinion %s [--seed 1] [--rows %d] OUT   writes OUT.csv, "
			"OUT.truth.csv\n",
			kinds[i].name, kinds[i].rows);
	exit(2);
}

static FILE *create(const char *base, const char *ending)
{
	char path[4096];
	FILE *file;

	if (snprintf(path, sizeof(path), "%s%s", base, ending) >= (int)sizeof(path))
		die("%s: too long", base);
	file = fopen(path, "w");
	if (!file)
		die("%s: %m", path);
	return file;
}

static void shuffle(struct opinion *o, int order[])
{
	int i;

	for (i = 0; i < o->count; i++)
		order[i] = i;
	for (i = o->count - 1; i > 0; i--) {
		int j = random_below(&o->random, i + 1), swapped = order[i];

		order[i] = order[j];
		order[j] = swapped;
	}
}

/* The source is called as the file: that is how the linker calls it. */
static void write_out(struct opinion *o, const char *base)
{
	const char *source = strrchr(base, '/') ? strrchr(base, '/') + 1 : base;
	FILE *out = create(base, ".csv"), *truth = create(base, ".truth.csv");
	int *order = calloc((size_t)o->count, sizeof(*order));
	int i;

	if (!order)
		die("out of memory");
	shuffle(o, order);
	fprintf(out, "id,%s\n", o->header);
	fputs("source,id,entity\n", truth);
	for (i = 0; i < o->count; i++) {
		fprintf(out, "r%07d,%s\n", i + 1, o->lines.data + o->starts[order[i]]);
		fprintf(truth, "%s,r%07d,%d\n", source, i + 1, o->entities[order[i]]);
	}
	free(order);
	if (fclose(out) != 0 || fclose(truth) != 0)
		die("%s: %m", base);
}

static int number(const char *option, const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < 1 || value > 1000000000)
		die("%s: '%s' is not a number from 1 to 1000000000", option, text);
	return (int)value;
}

static void run(const struct kind *kind, int rows, int seed, const char *base)
{
	struct opinion o = { .rows = rows ? rows : kind->rows };

	if (o.rows > kind->most)
		die("--rows: at most %d", kind->most);
	o.starts = calloc((size_t)o.rows, sizeof(*o.starts));
	o.entities = calloc((size_t)o.rows, sizeof(*o.entities));
	if (!o.starts || !o.entities)
		die("out of memory");
	random_init(&o.random, (uint64_t)seed, 2024);
	kind->make(&o);
	write_out(&o, base);
	text_done(&o.lines);
	free(o.starts);
	free(o.entities);
}

int main(int argc, char **argv)
{
	const char *base = NULL;
	int i, rows = 0, seed = 1;
	size_t k;

	for (i = 2; i < argc; i++) {
		if (i + 1 < argc && strcmp(argv[i], "--rows") == 0)
			rows = number("--rows", argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			seed = number("--seed", argv[++i]);
		else if (argv[i][0] == '-' || base)
			usage();
		else
			base = argv[i];
	}
	for (k = 0; base && k < KINDS; k++) {
		if (strcmp(argv[1], kinds[k].name) != 0)
			continue;
		run(&kinds[k], rows, seed, base);
		return 0;
	}
	usage();
}
