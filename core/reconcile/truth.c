/*
 * truth.c - files of what is known: clusters or pairs to measure and learn by, and a
 * person's rulings.
 *
 *     id,cluster            or   source,id,cluster
 *     id_1,id_2             or   source_1,id_1,source_2,id_2
 *
 * and with pairs a column "match" (1 or 0) where some are known to be none.
 */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/cells.h"
#include "base/file.h"
#include "base/hash.h"
#include "reconcile/linker.h"

#define CELLS_MOST 64
#define FILE_MOST (2u << 30)

struct sheet {
	struct linker *linker;
	const char *path;
	struct arena arena, row;
	struct cells cells;
	struct buffer bytes;
	int source[2], id[2], cluster, match; /* columns, or -1 */
	size_t taken;                         /* records that were found */
};

static int find_heading(const char *const *headings, size_t count, const char *const *names)
{
	for (; *names; names++)
		for (size_t i = 0; i < count; i++)
			if (strcasecmp(headings[i], *names) == 0)
				return (int)i;
	return -1;
}

static void read_headings(struct sheet *s)
{
	const char *cells[CELLS_MOST], *own = s->linker->spec->id ? s->linker->spec->id : "id";
	const char *left[] = { "id_1", "id_l", "left", "id1", NULL };
	const char *right[] = { "id_2", "id_r", "right", "id2", NULL };
	const char *left_source[] = { "source_1", "source_l", "source1", NULL };
	const char *right_source[] = { "source_2", "source_r", "source2", NULL };
	const char *id[] = { "id", own, "unique_id", NULL };
	const char *source[] = { "source", s->linker->spec->source, NULL };
	const char *cluster[] = { "cluster", "entity", "person", "truth", NULL };
	const char *match[] = { "match", "label", "same", NULL };
	size_t count = cells_next(&s->cells, &s->arena, cells, CELLS_MOST);

	s->id[0] = find_heading(cells, count, left);
	s->id[1] = find_heading(cells, count, right);
	s->source[0] = find_heading(cells, count, left_source);
	s->source[1] = find_heading(cells, count, right_source);
	s->match = find_heading(cells, count, match);
	s->cluster = find_heading(cells, count, cluster);
	if (s->cluster >= 0) {
		s->id[0] = find_heading(cells, count, id);
		s->source[0] = find_heading(cells, count, source);
		s->id[1] = -1;
	}
}

static int open_sheet(struct sheet *s, struct linker *linker, const char *path,
		      struct cb_error *err)
{
	int rc;

	*s = (struct sheet){ .linker = linker, .path = path };
	rc = file_read(path, FILE_MOST, &s->bytes, err);
	if (rc != CB_OK)
		return rc;
	rc = cells_open(&s->cells, &s->arena, buffer_view(&s->bytes), err);
	if (rc != CB_OK) {
		cb_error_prefix(err, "%s：", "%s: ", path);
		return rc;
	}
	read_headings(s);
	if (s->id[0] < 0 || (s->cluster < 0 && s->id[1] < 0))
		return cb_fail(err, CB_SETUP,
			       "%s：表头应是 id,cluster（可有 source），或 id_1,id_2（可有 match）",
			       "%s: the headings are id,cluster (and source), or id_1,id_2 (and "
			       "match)",
			       path);
	return CB_OK;
}

static void close_sheet(struct sheet *s)
{
	buffer_done(&s->bytes);
	arena_done(&s->arena);
	arena_done(&s->row);
}

static const char *cell(const char *const *cells, size_t count, int at)
{
	return at >= 0 && (size_t)at < count ? cells[at] : NULL;
}

static int find_record(const struct sheet *s, const char *const *cells, size_t count, unsigned side,
		       uint32_t *record, struct cb_error *err)
{
	const char *id = cell(cells, count, s->id[side]);
	const char *source = cell(cells, count, s->source[side]);
	size_t at = id ? rows_find(&s->linker->rows, source, cb_text_of(id)) : SIZE_MAX;

	if (at == SIZE_MAX)
		return cb_fail(err, CB_BROKEN, "%s:%u: 没有这个编号的记录",
			       "%s:%u: there is no record of this id", s->path, s->cells.line);
	*record = (uint32_t)at;
	return CB_OK;
}

static bool says_no(const char *word)
{
	return word && (strcmp(word, "0") == 0 || strcasecmp(word, "no") == 0 ||
			strcasecmp(word, "false") == 0 || strcmp(word, "否") == 0);
}

/* The next pair; CB_END where no more come. */
static int next_pair(struct sheet *s, struct ruling *out, struct cb_error *err)
{
	const char *cells[CELLS_MOST];
	size_t count;
	int rc;

	if (!cells_more(&s->cells))
		return CB_END;
	arena_clear(&s->row);
	count = cells_next(&s->cells, &s->row, cells, CELLS_MOST);
	rc = find_record(s, cells, count, 0, &out->a, err);
	if (rc == CB_OK)
		rc = find_record(s, cells, count, 1, &out->b, err);
	out->is_same = !says_no(cell(cells, count, s->match));
	return rc;
}

/* A file may tell of more sources than are linked here. */
static bool is_of_another(const struct sheet *s, const char *source)
{
	for (unsigned i = 0; i < s->linker->rows.source_count; i++)
		if (!source || strcmp(s->linker->rows.sources[i], source) == 0)
			return false;
	return true;
}

/* Truth. */

static int read_clusters(struct sheet *s, struct truth *truth, struct cb_error *err)
{
	struct names numbers = { 0 };
	const char *cells[CELLS_MOST];
	uint32_t count = 0, record;
	int rc = CB_OK;

	while (rc == CB_OK && cells_more(&s->cells)) {
		size_t cells_count = cells_next(&s->cells, &s->arena, cells, CELLS_MOST);
		const char *name = cell(cells, cells_count, s->cluster);
		uint32_t number;

		if (is_of_another(s, cell(cells, cells_count, s->source[0])))
			continue;
		s->taken++;
		rc = find_record(s, cells, cells_count, 0, &record, err);
		if (rc != CB_OK || !name || !*name)
			continue;
		number = names_find(&numbers, cb_text_of(name));
		if (number == NAME_UNKNOWN) {
			number = ++count;
			names_set(&numbers, cb_text_of(name), number);
		}
		truth->of[record] = number;
	}
	names_done(&numbers);
	return rc;
}

static uint32_t root_of(uint32_t *up, uint32_t record)
{
	while (up[record] != record)
		record = up[record] = up[up[record]];
	return record;
}

/* Pairs that match hang together; where some are said to be none, only who is named is known. */
static int read_pairs(struct sheet *s, struct truth *truth, struct cb_error *err)
{
	size_t records = s->linker->rows.count;
	uint32_t *up = memory_take((records + 1) * sizeof(*up));
	bool *is_named = memory_take((records + 1) * sizeof(*is_named)), has_no = false;
	struct ruling pair;
	int rc;

	for (size_t i = 0; i < records; i++)
		up[i] = (uint32_t)i;
	while ((rc = next_pair(s, &pair, err)) == CB_OK) {
		is_named[pair.a] = is_named[pair.b] = true;
		has_no = has_no || !pair.is_same;
		if (pair.is_same)
			up[root_of(up, pair.a)] = root_of(up, pair.b);
	}
	for (size_t i = 0; i < records; i++)
		truth->of[i] = !has_no || is_named[i] ? root_of(up, (uint32_t)i) + 1 : 0;
	free(up);
	free(is_named);
	return rc == CB_END ? CB_OK : rc;
}

static int by_truth(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t pairs_within(const struct linker *linker, const uint32_t *of)
{
	const struct rows *rows = &linker->rows;
	struct pairing_rule pairing = pairing_of(rows);
	uint64_t *items = memory_take((rows->count + 1) * sizeof(*items)), pairs = 0;
	size_t count = 0, end;

	/* Cluster, then source: records of one source stand together in their cluster. */
	for (size_t i = 0; i < rows->count; i++)
		if (of[i])
			items[count++] = (uint64_t)of[i] << 32 | rows->names[i].source;
	qsort(items, count, sizeof(*items), by_truth);
	for (size_t i = 0; i < count; i = end) {
		uint64_t all, within = 0;
		size_t part;

		for (end = i; end < count && items[end] >> 32 == items[i] >> 32; end = part) {
			for (part = end; part < count && items[part] == items[end]; part++)
				;
			within += (uint64_t)(part - end) * (part - end - 1) / 2;
		}
		all = (uint64_t)(end - i) * (end - i - 1) / 2;
		pairs += (pairing.within ? within : 0) + (pairing.between ? all - within : 0);
	}
	free(items);
	return pairs;
}

int truth_read(struct linker *linker, const char *path, struct cb_error *err)
{
	struct truth *truth = &linker->truth;
	struct sheet s;
	int rc = open_sheet(&s, linker, path, err);

	truth->of = memory_take((linker->rows.count + 1) * sizeof(*truth->of));
	if (rc == CB_OK)
		rc = s.cluster >= 0 ? read_clusters(&s, truth, err) : read_pairs(&s, truth, err);
	if (rc == CB_OK && s.cluster >= 0 && !s.taken)
		rc = cb_fail(err, CB_BROKEN, "%s：没有一行说到这些来源（来源名是文件名去掉扩展名）",
			     "%s: no row is of these sources (a source is called like its file, "
			     "without the extension)",
			     path);
	close_sheet(&s);
	if (rc == CB_OK)
		truth->pairs = pairs_within(linker, truth->of);
	return rc;
}

int rulings_read(struct linker *linker, const char *path, struct cb_error *err)
{
	struct ruling pair;
	size_t room = 0;
	struct sheet s;
	int rc = open_sheet(&s, linker, path, err);

	if (rc == CB_OK && s.id[1] < 0)
		rc = cb_fail(err, CB_SETUP, "%s：裁定是成对的：表头 id_1,id_2,match",
			     "%s: rulings are on pairs: the headings are id_1,id_2,match", path);
	while (rc == CB_OK && (rc = next_pair(&s, &pair, err)) == CB_OK) {
		memory_grow(&linker->rulings, linker->ruling_count, &room,
			    sizeof(*linker->rulings));
		linker->rulings[linker->ruling_count++] = pair;
	}
	close_sheet(&s);
	return rc == CB_END ? CB_OK : rc;
}
