/*
 * generate.c - the made-up world that the simulators and the benches live in.
 *
 * The same command and seed give the same bytes, on any machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/common/dispute.h"
#include "sim/common/fill.h"
#include "sim/common/place.h"

struct options {
	int events, cases;
	uint64_t seed;
	const char *until, *grid, *format, *planted, *retold, *out;
};

static int studios(const struct options *o)
{
	FILE *file = fopen(o->out, "w");
	struct random r;
	int i;

	if (!file)
		die("%s: %m", o->out);
	random_init(&r, o->seed, 30);
	fputs("code\tname\ttown\tfield\tapp\tsecret\n", file);
	for (i = 0; i < place_studio_count(); i++) {
		const struct studio *s = place_studio(i);

		fprintf(file, "S%02d\t%s\t%s\t%s\tcx-s%02d\tmade-up-%016llx\n", i + 1, s->name,
			place_town(s->town)->name, s->field, i + 1,
			(unsigned long long)random_next(&r));
	}
	if (fclose(file) != 0)
		die("%s: %m", o->out);
	return 0;
}

static int grid(const struct options *o)
{
	fill_grid(o->out, o->events, o->seed, o->until);
	return 0;
}

static int ledger(const struct options *o)
{
	if (!o->grid)
		die("generate ledger: --grid LEDGER.db is missing");
	fill_ledger(o->grid, o->out, o->planted, o->retold, o->seed, o->until);
	return 0;
}

static int bench(const struct options *o)
{
	void (*write)(struct text *, const struct dispute *) = dispute_xml;
	bool is_xml = strcmp(o->format, "xml") == 0, is_csv = strcmp(o->format, "csv") == 0;
	int64_t to = fill_end_of(o->until);
	struct dispute d = { .id = "" };
	struct text text = { 0 };
	FILE *file = fopen(o->out, "w");
	struct random r;
	int i;

	if (!file)
		die("%s: %m", o->out);
	if (!is_xml)
		write = is_csv ? dispute_csv : dispute_json;
	if (is_xml)
		text_put(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<events>\n");
	if (is_csv)
		dispute_csv_header(&text);
	random_init(&r, o->seed, 40);
	for (i = 0; i < o->cases; i++) {
		dispute_invent(&d, &r, to - 365 * (int64_t)86400, to);
		snprintf(d.id, sizeof(d.id), "B%010d", i + 1);
		snprintf(d.number, sizeof(d.number), "CXB%.4s-%08d", o->until, i + 1);
		write(&text, &d);
		if (is_xml)
			text_char(&text, '\n');
		fwrite(text.data, 1, text.size, file);
		text_clear(&text);
	}
	if (is_xml)
		fputs("</events>\n", file);
	text_done(&text);
	text_done(&d.about);
	if (fclose(file) != 0)
		die("%s: %m", o->out);
	return 0;
}

static int number(const char *name, const char *value)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (*end || end == value || n < 1 || n > 100000000)
		die("%s %s: not a number that makes sense", name, value);
	return (int)n;
}

static void one_option(struct options *o, const char *name, const char *value)
{
	if (strcmp(name, "--events") == 0)
		o->events = number(name, value);
	else if (strcmp(name, "--cases") == 0)
		o->cases = number(name, value);
	else if (strcmp(name, "--studios") == 0)
		place_studios(number(name, value));
	else if (strcmp(name, "--seed") == 0)
		o->seed = (uint64_t)number(name, value);
	else if (strcmp(name, "--until") == 0)
		o->until = value;
	else if (strcmp(name, "--grid") == 0)
		o->grid = value;
	else if (strcmp(name, "--planted") == 0)
		o->planted = value;
	else if (strcmp(name, "--retold") == 0)
		o->retold = value;
	else if (strcmp(name, "--format") == 0)
		o->format = value;
	else
		die("%s: no such option", name);
}

static const struct {
	const char *name;
	int (*run)(const struct options *o);
	const char *use;
} commands[] = {
	{ "studios", studios, "[--studios 22] OUT.tsv" },
	{ "grid", grid, "[--events 3000] [--studios 22] [--until 2024-03-31] LEDGER.db" },
	{ "ledger", ledger,
	  "--grid LEDGER.db [--studios 22] [--planted OUT.tsv] [--retold OUT.tsv] OUT.csv" },
	{ "bench", bench, "--cases N --format xml|json|csv OUT" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(void)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		fprintf(stderr, "generate %s [--seed N] %s\n", commands[i].name, commands[i].use);
	exit(2);
}

int main(int argc, char **argv)
{
	struct options o = {
		.events = 3000,
		.cases = 1000,
		.seed = 1,
		.until = "2024-03-31",
		.format = "xml",
	};
	size_t c;
	int i;

	for (i = 2; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0)
			o.out = argv[i];
		else if (i + 1 < argc)
			one_option(&o, argv[i], argv[i + 1]), i++;
		else
			usage();
	}
	if (strcmp(o.format, "xml") != 0 && strcmp(o.format, "json") != 0 &&
	    strcmp(o.format, "csv") != 0)
		usage();
	for (c = 0; argc > 1 && o.out && c < COMMANDS; c++)
		if (strcmp(argv[1], commands[c].name) == 0)
			return commands[c].run(&o);
	usage();
}
