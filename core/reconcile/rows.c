/*
 * rows.c - records in their order, and columns of normal forms.
 *
 * The order is that of source and id: the source and seven bytes of the ids, past what
 * they all begin with, are sorted as a number, and only equal ones are looked at again.
 */
#include "reconcile/rows.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "reconcile/parallel.h"
#include "reconcile/radix.h"

#define FORMS_PIECE 2048 /* distinct texts that a thread makes forms of at a time */
#define ROWS_PIECE 16384
#define AHEAD 12 /* records whose cells are asked for ahead of time */
#define ROOM_LEAST 64
#define NUMBER_DIGITS 19

void rows_init(struct rows *rows, const struct link_spec *spec, unsigned threads,
	       struct forms *forms)
{
	*rows = (struct rows){ .spec = spec,
			       .threads = threads,
			       .columns = spec->column_count,
			       .pairing = spec->pairing,
			       .forms = forms ? forms : forms_new(),
			       .has_own_forms = !forms };
	for (unsigned i = 0; i < rows->columns; i++)
		terms_init(&rows->column[i].terms, 0);
}

static void column_done(struct column *column)
{
	terms_done(&column->terms);
	free(column->values);
	free(column->counts);
	for (unsigned i = 0; i < column->arena_count; i++)
		arena_done(&column->arenas[i]);
	free(column->arenas);
}

void rows_done(struct rows *rows)
{
	for (unsigned i = 0; i < rows->columns; i++)
		column_done(&rows->column[i]);
	free(rows->ids);
	free(rows->names);
	if (rows->has_own_forms)
		forms_free(rows->forms);
	texts_done(&rows->texts);
	arena_done(&rows->arena);
}

void rows_room(struct rows *rows, size_t more)
{
	size_t room = rows->room ? rows->room : ROOM_LEAST;

	while (room < rows->count + more)
		room *= 2;
	if (room == rows->room)
		return;
	rows->room = room;
	rows->ids = memory_resize(rows->ids, (room * rows->columns + 1) * sizeof(*rows->ids));
	rows->names = memory_resize(rows->names, room * sizeof(*rows->names));
}

unsigned rows_source(struct rows *rows, struct cb_text name)
{
	unsigned i = 0;

	while (i < rows->source_count && !cb_text_is(name, rows->sources[i]))
		i++;
	if (i == SOURCES_MOST)
		return i;
	if (i == rows->source_count)
		rows->sources[rows->source_count++] = arena_string(&rows->arena, name);
	return i;
}

/* From memory. */

/* Of one width, so that their order as texts is that of the numbers. */
static struct cb_text name_of(int64_t number, char out[NUMBER_DIGITS + 1])
{
	snprintf(out, NUMBER_DIGITS + 1, "%0*" PRId64, NUMBER_DIGITS, number);
	return (struct cb_text){ out, NUMBER_DIGITS };
}

static uint32_t length_of(struct cb_text text)
{
	return text.len > VALUE_BYTES ? VALUE_BYTES : (uint32_t)text.len;
}

int rows_add(struct rows *rows, const struct link_record *record, struct cb_error *err)
{
	unsigned source = rows_source(rows, cb_text_of(record->source));
	char number[NUMBER_DIGITS + 1];
	uint32_t *ids, len, size = NUMBER_DIGITS + 1;
	char *at;

	if (source == SOURCES_MOST)
		return cb_fail(err, CB_SETUP, "最多 %d 个来源", "at most %d sources", SOURCES_MOST);
	rows_room(rows, 1);
	for (unsigned c = 0; c < rows->columns; c++)
		size += (uint32_t)sizeof(len) + length_of(record->texts[c]);
	at = arena_take(&rows->arena, size);
	memcpy(at, name_of(record->number, number).at, NUMBER_DIGITS + 1);
	rows->names[rows->count] = (struct row_name){ at, NUMBER_DIGITS, source };
	ids = rows->ids + rows->count++ * rows->columns;
	at += NUMBER_DIGITS + 1;
	for (unsigned c = 0; c < rows->columns; c++) {
		len = length_of(record->texts[c]);
		memcpy(at, &len, sizeof(len));
		at += sizeof(len);
		if (len)
			memcpy(at, record->texts[c].at, len);
		ids[c] = terms_add(&rows->column[c].terms, at, len, hash_bytes(at, len, 0), 1);
		at += len;
	}
	return CB_OK;
}

struct cb_text row_said(const struct rows *rows, size_t record)
{
	const char *begin = rows->names[record].at + NUMBER_DIGITS + 1, *at = begin;
	uint32_t len;

	for (unsigned c = 0; c < rows->columns; c++) {
		memcpy(&len, at, sizeof(len));
		at += sizeof(len) + len;
	}
	return (struct cb_text){ begin, (size_t)(at - begin) };
}

int64_t row_number(const struct rows *rows, size_t record)
{
	return strtoll(rows->names[record].at, NULL, 10);
}

size_t rows_find_number(const struct rows *rows, int64_t number)
{
	char name[NUMBER_DIGITS + 1];

	return rows_find(rows, NULL, name_of(number, name));
}

/* The order. */

static int compare_names(const struct row_name *a, const struct row_name *b)
{
	size_t least = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->at, b->at, least);

	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Bytes that all ids begin with. */
static uint32_t common_start(const struct rows *rows)
{
	const struct row_name *first = rows->names;
	uint32_t common = rows->count ? first->len : 0;

	for (size_t i = 1; i < rows->count && common; i++) {
		const struct row_name *name = &rows->names[i];
		uint32_t at = 0;

		if (common > name->len)
			common = name->len;
		while (at < common && name->at[at] == first->at[at])
			at++;
		common = at;
	}
	return common;
}

/* The source, and seven bytes. */
static uint64_t start_of(const struct row_name *name, uint32_t skip)
{
	uint64_t start = name->source;

	for (uint32_t i = skip; i < skip + 7; i++)
		start = start << 8 | (i < name->len ? (unsigned char)name->at[i] : 0);
	return start;
}

static int compare_items(const void *a, const void *b, void *rows)
{
	const struct row_name *names = ((const struct rows *)rows)->names;
	const struct radix_item *x = a, *y = b;

	return compare_names(&names[x->item], &names[y->item]);
}

/* Few have the same start; those are put in order by all they have. */
static void sort_ties(struct rows *rows, struct radix_item *order)
{
	size_t end;

	for (size_t i = 0; i < rows->count; i = end) {
		for (end = i + 1; end < rows->count && order[end].key == order[i].key; end++)
			;
		if (end - i > 1)
			qsort_r(order + i, end - i, sizeof(*order), compare_items, rows);
	}
}

static int check_twins(const struct rows *rows, struct cb_error *err)
{
	for (size_t i = 1; i < rows->count; i++)
		if (compare_names(&rows->names[i - 1], &rows->names[i]) == 0)
			return cb_fail(err, CB_BROKEN,
				       "来源 %s 里有两条记录的编号（%s）相同；编号要各不相同",
				       "two records of source %s have the same id (%s); each needs "
				       "its own",
				       rows->sources[rows->names[i].source],
				       rows->spec->id ? rows->spec->id : "id");
	return CB_OK;
}

/* Sources are numbered by name, so that the order of the files does not matter. */
static void order_sources(struct rows *rows)
{
	uint32_t place[SOURCES_MOST] = { 0 };
	const char *sorted[SOURCES_MOST] = { NULL };

	for (unsigned i = 0; i < rows->source_count; i++) {
		for (unsigned k = 0; k < rows->source_count; k++)
			place[i] += strcmp(rows->sources[k], rows->sources[i]) < 0;
		sorted[place[i]] = rows->sources[i];
	}
	memcpy(rows->sources, sorted, rows->source_count * sizeof(*sorted));
	for (size_t i = 0; rows->source_count > 1 && i < rows->count; i++)
		rows->names[i].source = place[rows->names[i].source];
}

struct ordering {
	struct rows *rows;
	struct radix_item *order;
	uint32_t skip;
	uint32_t *ids; /* of the records in their order */
	struct row_name *names;
	atomic_bool is_mixed;
};

static void look_at_order(void *with, size_t unit, unsigned thread)
{
	struct ordering *o = with;
	const struct row_name *names = o->rows->names;
	size_t begin = unit * ROWS_PIECE, end = begin + ROWS_PIECE;

	for (size_t i = begin ? begin : 1; i < end && i < o->rows->count && !o->is_mixed; i++)
		if (compare_names(&names[i - 1], &names[i]) >= 0)
			o->is_mixed = true;
}

static void note_starts(void *with, size_t unit, unsigned thread)
{
	struct ordering *o = with;
	size_t end = (unit + 1) * ROWS_PIECE;

	for (size_t i = unit * ROWS_PIECE; i < end && i < o->rows->count; i++)
		o->order[i] =
			(struct radix_item){ start_of(&o->rows->names[i], o->skip), (uint32_t)i };
}

static void move_rows(void *with, size_t unit, unsigned thread)
{
	struct ordering *o = with;
	const struct rows *rows = o->rows;
	size_t end = (unit + 1) * ROWS_PIECE;

	for (size_t i = unit * ROWS_PIECE; i < end && i < rows->count; i++) {
		uint32_t from = o->order[i].item;

		if (i + AHEAD < rows->count) {
			__builtin_prefetch(&rows->names[o->order[i + AHEAD].item]);
			__builtin_prefetch(row_ids(rows, o->order[i + AHEAD].item));
		}
		o->names[i] = rows->names[from];
		memcpy(o->ids + i * rows->columns, row_ids(rows, from),
		       rows->columns * sizeof(*rows->ids));
	}
}

static void put_in_order(struct ordering *o, size_t pieces)
{
	struct rows *rows = o->rows;

	o->ids = memory_take((rows->count * rows->columns + 1) * sizeof(*o->ids));
	o->names = memory_take((rows->count + 1) * sizeof(*o->names));
	o->order = memory_take((rows->count + 1) * sizeof(*o->order));
	o->skip = common_start(rows);
	parallel(rows->threads, pieces, note_starts, o);
	radix_sort(o->order, rows->count);
	sort_ties(rows, o->order);
	parallel(rows->threads, pieces, move_rows, o);
	free(rows->ids);
	free(rows->names);
	free(o->order);
	rows->ids = o->ids;
	rows->names = o->names;
	rows->room = rows->count;
}

int rows_order(struct rows *rows, struct cb_error *err)
{
	struct ordering o = { .rows = rows };
	size_t pieces = (rows->count + ROWS_PIECE - 1) / ROWS_PIECE;

	order_sources(rows);
	if (rows->pairing == PAIRING_AUTO)
		rows->pairing = rows->source_count > 1 ? PAIRING_LINK : PAIRING_DEDUPE;
	/* Most files have their records in the order of their ids. */
	parallel(rows->threads, pieces, look_at_order, &o);
	if (!o.is_mixed)
		return CB_OK;
	put_in_order(&o, pieces);
	return check_twins(rows, err);
}

/* Normal forms. */

struct forming {
	struct rows *rows;
	unsigned column; /* that is being made */
	struct made {    /* by the number of the text as written */
		struct value *values;
		bool *is_own;     /* the text is its own normal form */
		uint32_t *new_id; /* NULL: all stay as they are */
	} of[SPEC_COLUMNS];
};

static bool is_own_form(const struct term *text, const struct value *v)
{
	return v->len && v->len == text->len && v->hash == text->hash &&
	       memcmp(v->text, text->at, v->len) == 0;
}

static void form_piece(void *with, size_t unit, unsigned thread)
{
	struct forming *f = with;
	struct column *column = &f->rows->column[f->column];
	const struct terms *terms = &column->terms;
	struct made *made = &f->of[f->column];
	size_t end = (unit + 1) * FORMS_PIECE;

	for (size_t i = unit * FORMS_PIECE; i < end && i < terms->count; i++) {
		form_make(f->rows->forms, f->rows->spec->columns[f->column].form,
			  (struct cb_text){ terms->at[i].at, terms->at[i].len },
			  &column->arenas[thread], &made->values[i]);
		made->is_own[i] = is_own_form(&terms->at[i], &made->values[i]);
	}
}

/* Texts that are not their own normal form, and have one. */
struct other {
	uint32_t text;
	struct value value;
};

/* Those that are their own form differ from each other, so they move up and keep their order. */
static size_t number_own(struct column *column, struct made *made, struct other **others)
{
	size_t count = 0, room = 0;

	column->count = 1;
	for (uint32_t i = 1; i < column->terms.count; i++) {
		const struct value *v = &made->values[i];

		if (made->is_own[i]) {
			made->new_id[i] = column->count;
			made->values[column->count++] = *v;
		} else if (!value_is_missing(v)) {
			memory_grow(others, count, &room, sizeof(**others));
			(*others)[count++] = (struct other){ i, *v };
		}
	}
	return count;
}

/* The others are the same as one of them, or as each other. */
static void number_others(struct column *column, struct made *made, const struct other *others,
			  size_t count)
{
	struct terms fresh;
	uint32_t *number = memory_take((count + 1) * sizeof(*number));

	terms_init(&fresh, count);
	for (size_t i = 0; i < count; i++) {
		const struct value *v = &others[i].value;
		uint32_t *id = &made->new_id[others[i].text];
		uint32_t own = terms_find(&column->terms, v->text, v->len, v->hash);

		if (own && made->is_own[own]) {
			*id = made->new_id[own];
			continue;
		}
		own = terms_add(&fresh, v->text, v->len, v->hash, 1);
		if (!number[own]) {
			number[own] = column->count;
			made->values[column->count++] = *v;
		}
		*id = number[own];
	}
	terms_done(&fresh);
	free(number);
}

/* Texts that say the same become one value. */
static void unite(void *with, size_t number, unsigned thread)
{
	struct forming *f = with;
	struct column *column = &f->rows->column[number];
	struct made *made = &f->of[number];
	struct other *others = NULL;
	uint32_t texts = column->terms.count;
	size_t count;

	made->new_id = memory_take(texts * sizeof(*made->new_id));
	made->values[0] = (struct value){ 0 };
	count = number_own(column, made, &others);
	number_others(column, made, others, count);
	column->counts = memory_take(column->count * sizeof(*column->counts));
	for (uint32_t i = 1; i < texts; i++)
		column->counts[made->new_id[i]] += column->terms.at[i].count;
	column->counts[0] = 0;
	for (uint32_t i = 1; i < column->count; i++)
		column->present += column->counts[i];
	column->values = memory_resize(made->values, column->count * sizeof(*column->values));
	if (!count && column->count == texts) {
		free(made->new_id); /* all were their own */
		made->new_id = NULL;
	}
	free(others);
	free(made->is_own);
	terms_done(&column->terms);
}

static void renumber_piece(void *with, size_t unit, unsigned thread)
{
	const struct forming *f = with;
	size_t end = (unit + 1) * ROWS_PIECE;

	for (size_t i = unit * ROWS_PIECE; i < end && i < f->rows->count; i++) {
		uint32_t *ids = f->rows->ids + i * f->rows->columns;

		for (unsigned c = 0; c < f->rows->columns; c++)
			if (f->of[c].new_id)
				ids[c] = f->of[c].new_id[ids[c]];
	}
}

void rows_form(struct rows *rows)
{
	struct forming f = { .rows = rows };

	for (; f.column < rows->columns; f.column++) {
		struct column *column = &rows->column[f.column];

		f.of[f.column].values = memory_take(column->terms.count * sizeof(struct value));
		f.of[f.column].is_own = memory_take(column->terms.count);
		column->arena_count = rows->threads;
		column->arenas = memory_take(rows->threads * sizeof(*column->arenas));
		parallel(rows->threads, (column->terms.count + FORMS_PIECE - 1) / FORMS_PIECE,
			 form_piece, &f);
	}
	parallel(rows->threads, rows->columns, unite, &f);
	parallel(rows->threads, (rows->count + ROWS_PIECE - 1) / ROWS_PIECE, renumber_piece, &f);
	for (unsigned c = 0; c < rows->columns; c++)
		free(f.of[c].new_id);
	rows_fill(rows);
}

size_t rows_find(const struct rows *rows, const char *source, struct cb_text id)
{
	for (unsigned s = 0; s < rows->source_count; s++) {
		struct row_name wanted = { id.at, (uint32_t)id.len, s };
		size_t low = 0, high = rows->count;

		if (source && strcmp(source, rows->sources[s]) != 0)
			continue;
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (compare_names(&rows->names[middle], &wanted) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		if (low < rows->count && compare_names(&rows->names[low], &wanted) == 0)
			return low;
	}
	return SIZE_MAX;
}
