/*
 * arrive.c - how long one new record takes against all that are there, durably.
 *
 *     arrive SPEC MODEL INPUT.csv FOLDER [RECORDS]
 *
 * All rows of the file but the last 1000 are learned from and fill an index in a store in
 * FOLDER; the last ones arrive one at a time, each in a transaction of its own, which is
 * on the disk when it ends. The columns of the file are those of the specification, behind an id.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cells.h"
#include "base/file.h"
#include "base/problem.h"
#include "reconcile/index.h"
#include "store/store.h"

#define ARRIVING 1000
#define ASKING 100
#define COLUMNS_MOST 32
#define FILE_MOST (1u << 30)

struct bench {
	struct arena arena;
	struct link_spec *spec;
	struct cells cells;
	struct store *store;
	struct cb_error err;
	unsigned columns;
	int64_t number;
	size_t pairs;
};

static void must(struct bench *b, int rc, const char *what)
{
	if (rc == CB_OK)
		return;
	fprintf(stderr, "arrive: %s: %s\n", what, b->err.text);
	exit(1);
}

static double clock_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool next(struct bench *b, struct arena *arena, struct cb_text texts[COLUMNS_MOST],
		 struct link_record *out)
{
	const char *cells[COLUMNS_MOST + 1];
	size_t count;

	if (!cells_more(&b->cells))
		return false;
	count = cells_next(&b->cells, arena, cells, COLUMNS_MOST + 1);
	for (unsigned c = 0; c < b->columns; c++)
		texts[c] = cb_text_of(c + 1 < count && cells[c + 1] ? cells[c + 1] : "");
	*out = (struct link_record){ ++b->number, "here", texts };
	return true;
}

static int take_pair(void *with, const struct link_pair *pair, struct cb_error *err)
{
	struct bench *b = with;

	(void)err;
	b->pairs += pair->is_sure;
	return CB_OK;
}

static int take_group(void *with, int64_t record, int64_t group, struct cb_error *err)
{
	(void)with, (void)record, (void)group, (void)err;
	return CB_OK;
}

static void fill(struct bench *b, int64_t records)
{
	struct link_options options = { 0 };
	struct linker *linker = linker_new(b->spec, &options);
	struct cb_text texts[COLUMNS_MOST];
	struct link_record record;
	struct arena arena = { 0 };
	double begin;

	while (b->number < records && next(b, &arena, texts, &record)) {
		must(b, linker_add(linker, &record, &b->err), "add");
		arena_clear(&arena);
	}
	begin = clock_of(CLOCK_MONOTONIC);
	must(b, linker_run(linker, &b->err), "search");
	printf("%lld records searched in %.2f s\n", (long long)b->number,
	       clock_of(CLOCK_MONOTONIC) - begin);
	begin = clock_of(CLOCK_MONOTONIC);
	must(b, store_begin(b->store, 1, &b->err), "begin");
	must(b, link_index_fill(b->store, linker, &b->err), "fill");
	must(b, store_commit(b->store, &b->err), "commit");
	printf("index filled in %.2f s\n", clock_of(CLOCK_MONOTONIC) - begin);
	linker_free(linker);
	arena_done(&arena);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What no program can go below: a page that is written and is on the disk. */
static void ask_disk(const char *folder, struct arena *arena)
{
	static char page[16384];
	double wall[ASKING];
	const char *path = arena_printf(arena, "%s/page", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	for (unsigned i = 0; i < ASKING; i++) {
		double begin = clock_of(CLOCK_MONOTONIC);

		if (pwrite(fd, page, sizeof(page), (off_t)(i * sizeof(page))) < 0 ||
		    fdatasync(fd) != 0) {
			perror(path);
			exit(1);
		}
		wall[i] = clock_of(CLOCK_MONOTONIC) - begin;
	}
	close(fd);
	qsort(wall, ASKING, sizeof(*wall), by_size);
	printf("the disk alone: %.3f ms at 10 %%, %.3f ms in the middle, %.3f ms at 90 %%\n",
	       wall[ASKING / 10] * 1e3, wall[ASKING / 2] * 1e3, wall[ASKING * 9 / 10] * 1e3);
}

static void arrive(struct bench *b)
{
	struct link_found found = { .pair = take_pair, .group = take_group, .with = b };
	double wall[ARRIVING], cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
	struct cb_text texts[COLUMNS_MOST];
	struct link_record record;
	struct link_index *index;
	struct arena arena = { 0 };
	unsigned count = 0;

	must(b, link_index_open(b->store, b->spec, &index, &b->err), "open");
	while (count < ARRIVING && next(b, &arena, texts, &record)) {
		double begin = clock_of(CLOCK_MONOTONIC);

		must(b, store_begin(b->store, 2, &b->err), "begin");
		must(b, link_index_put(index, &record, &found, &b->err), "put");
		must(b, store_commit(b->store, &b->err), "commit");
		wall[count++] = clock_of(CLOCK_MONOTONIC) - begin;
		arena_clear(&arena);
	}
	cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	qsort(wall, count, sizeof(*wall), by_size);
	if (count)
		printf("one arrives: %.3f ms at 10 %%, %.3f ms in the middle, %.3f ms at 90 %%, "
		       "%.3f ms "
		       "of processor time; %zu pairs that are sure among %u\n",
		       wall[count / 10] * 1e3, wall[count / 2] * 1e3, wall[count * 9 / 10] * 1e3,
		       cpu / count * 1e3, b->pairs, count);
	link_index_close(index);
	arena_done(&arena);
}

int main(int argc, char **argv)
{
	struct bench *b = memory_take(sizeof(*b));
	struct problems problems = { 0 };
	struct buffer bytes = { 0 };
	struct cb_text texts[COLUMNS_MOST];
	struct link_record headings;
	struct model *model;
	char *path;

	if (argc < 5) {
		fprintf(stderr, "arrive SPEC MODEL INPUT.csv FOLDER [RECORDS]\n");
		return 64;
	}
	b->spec = link_spec_read(&b->arena, argv[1], &problems);
	model = model_read(&b->arena, argv[2], &problems);
	if (!b->spec || !model) {
		fprintf(stderr, "arrive: %s or %s is not right\n", argv[1], argv[2]);
		return 65;
	}
	while (link_spec_column(b->spec, b->columns))
		b->columns++;
	must(b, file_read(argv[3], FILE_MOST, &bytes, &b->err), "read");
	must(b, cells_open(&b->cells, &b->arena, buffer_view(&bytes), &b->err), "read");
	path = arena_printf(&b->arena, "%s/casebridge.db", argv[4]);
	must(b, store_open(path, STORE_CREATE, model, &b->store, &b->err), "store");
	next(b, &b->arena, texts, &headings);
	b->number = 0;
	fill(b, argc > 5 ? atoll(argv[5]) : 1000000 - ARRIVING);
	arrive(b);
	ask_disk(argv[4], &b->arena);
	store_close(b->store);
	problems_done(&problems);
	buffer_done(&bytes);
	arena_done(&b->arena);
	free(b);
	return 0;
}
