/*
 * codes.c - a code table, made ready for one number of columns each side.
 *
 * Each direction is a hash from the words of all columns, joined, to the first
 * row that has them; rows with the same words follow in a chain (they have
 * conditions), and rows with a star stand apart, in order. What fits and stands
 * first in the file wins.
 */
#include "mapping/plan.h"

#include <stdlib.h>

#define BETWEEN '\x1f'
#define NONE UINT32_MAX

struct cells { /* the alternatives of one column */
	struct cb_text at[64];
	size_t count;
};

static bool is_any(struct cb_text text)
{
	return !text.at;
}

/* One column of a tuple: alternatives with |, quotes keep | and blanks, * is anything. */
static const char *read_column(struct arena *arena, const char *at, bool is_last,
			       struct cells *cells)
{
	struct buffer word = { 0 };
	bool is_quoted = false;

	cells->count = 0;
	for (;; at++) {
		if (*at == '\'' && strchr(at + 1, '\'')) {
			const char *end = strchr(at + 1, '\'');

			is_quoted = true;
			buffer_put(&word, at + 1, (size_t)(end - at - 1));
			at = end;
			continue;
		}
		if (*at && *at != '|' && (is_last || *at != ' ')) {
			buffer_char(&word, *at);
			continue;
		}
		if (cells->count < 64) {
			struct cb_text text = { 0 };

			if (is_quoted || !cb_text_is(buffer_view(&word), "*"))
				text = arena_copy(arena, buffer_view(&word));
			cells->at[cells->count++] = text;
		}
		buffer_clear(&word);
		is_quoted = false;
		if (*at != '|')
			break;
	}
	buffer_done(&word);
	while (*at == ' ')
		at++;
	return at;
}

/* @text as @count columns; how many there were. */
static size_t read_tuple(struct arena *arena, const char *text, size_t count, struct cells *cells)
{
	size_t have = 0;

	while (*text == ' ')
		text++;
	for (;;) {
		if (have == count)
			return count + 1;
		text = read_column(arena, text, count == 1, &cells[have++]);
		if (!*text)
			return have;
	}
}

struct cb_text code_join(const struct cb_text *texts, size_t count, char room[CODE_LONGEST])
{
	size_t len = 0;

	if (count == 1)
		return texts[0].at ? texts[0] : CB_TEXT("");
	for (size_t i = 0; i < count; i++) {
		if (len + texts[i].len + 1 > CODE_LONGEST)
			return (struct cb_text){ 0 };
		if (i)
			room[len++] = BETWEEN;
		if (texts[i].len)
			memcpy(room + len, texts[i].at, texts[i].len);
		len += texts[i].len;
	}
	return (struct cb_text){ room, len };
}

static bool fits(const struct code_entry *e, const struct cb_text *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_any(e->from[i]) && !cb_text_equal(e->from[i], from[i]))
			return false;
	return true;
}

/* A record that does not say the date has no row that holds on some days only: never guess. */
static bool term_holds(const struct code_term *term, const struct row *here)
{
	struct cb_text day;

	if (!term)
		return true;
	if (term->when && !condition_holds(term->when, here))
		return false;
	if (!term->at)
		return true;
	day = path_text(term->at, here);
	day.len = day.len > 10 ? 10 : day.len; /* of a datetime, the day */
	return day.len == 10 && (!term->from.at || memcmp(day.at, term->from.at, 10) >= 0) &&
	       (!term->until.at || memcmp(day.at, term->until.at, 10) <= 0);
}

const struct code_entry *code_find(const struct code_side *side, const struct cb_text *from,
				   const struct row *here, struct code_found *found)
{
	char room[CODE_LONGEST];
	struct cb_text key = code_join(from, side->from_count, room);
	const struct code_entry *best = NULL;
	uint32_t at;

	if (side->image.side) {
		best = key.at ? image_find(side, key, found) : NULL;
		return best ? best : side->otherwise;
	}
	at = key.at ? names_find(&side->names, key) : NAME_UNKNOWN;
	for (; at != NONE; at = best ? NONE : side->entries[at].next)
		if (term_holds(side->entries[at].term, here))
			best = &side->entries[at];
	for (size_t i = 0; i < side->any_count; i++) {
		const struct code_entry *e = &side->entries[side->any[i]];

		if (best && best->order < e->order)
			break;
		if (fits(e, from, side->from_count) && term_holds(e->term, here))
			return e;
	}
	return best ? best : side->otherwise;
}

struct maker {
	const struct frame *frame;
	struct code_table *table;
	const struct code_row *row;
	uint32_t order;
	struct cells *here, *there; /* of the row at hand */
	const struct path *at;      /* whose date decides */
};

#define row_problem(k, name, ...) code_problem((k)->frame->reader, (k)->row, name, __VA_ARGS__)

static const char *place_of(const struct maker *k, uint32_t order)
{
	const struct code_row *row = &k->table->codes->rows[order];

	const char *slash = strrchr(row->file, '/');

	return arena_printf(k->frame->reader->arena, "%s:%u", slash ? slash + 1 : row->file,
			    row->line);
}

/* Two rows that hold on some days each, and share one. */
static bool share_a_day(const struct code_term *a, const struct code_term *b)
{
	return a && b && a->at && b->at && !a->when && !b->when &&
	       (!a->until.at || !b->from.at || memcmp(b->from.at, a->until.at, 10) <= 0) &&
	       (!b->until.at || !a->from.at || memcmp(a->from.at, b->until.at, 10) <= 0);
}

/* The same words lead to another row already, so this one is never reached. */
static void check_reach(struct maker *k, const struct code_side *side, uint32_t first,
			const struct code_entry *e)
{
	const char *name = side == &k->table->in ? "there" : "here";

	for (uint32_t at = first; at != NONE; at = side->entries[at].next) {
		const struct code_entry *other = &side->entries[at];

		if (other->order == e->order)
			continue;
		if (share_a_day(other->term, e->term)) {
			row_problem(k, "from",
				    "与 %s 的那一行有重叠的日期，同一天有两行：让前一行的 until "
				    "早于这一行的 from",
				    "the row at %s holds on some of the same days: end it (until) "
				    "before this one begins (from)",
				    place_of(k, other->order));
			return;
		}
		if (other->term)
			continue;
		if (side == &k->table->in)
			row_problem(
				k, name,
				"对方的这个代码在前面的行里已有（%s），这一行永远用不到：改代码，"
				"或给前面的行加 when",
				"an earlier row (%s) has this code of theirs, so this row is "
				"never reached: change it, or give the earlier row a when",
				place_of(k, other->order));
		else
			row_problem(
				k, name,
				"我们的这个代码已有一行写出（%s）；只用于读入的行请加 way=\"in\"",
				"another row (%s) writes this code of ours; a row that is only "
				"read says way=\"in\"",
				place_of(k, other->order));
		return;
	}
}

static void add_entry(struct maker *k, struct code_side *side, const struct code_entry *e)
{
	struct arena *arena = k->frame->reader->arena;
	uint32_t index = (uint32_t)side->count, first;
	char room[CODE_LONGEST];
	struct cb_text key;
	bool has_any = false;

	plan_grow(arena, &side->entries, side->count, &side->room, sizeof(*side->entries));
	side->entries[side->count++] = *e;
	for (size_t i = 0; i < side->from_count; i++)
		has_any = has_any || is_any(e->from[i]);
	if (has_any) {
		plan_grow(arena, &side->any, side->any_count, &side->any_room, sizeof(*side->any));
		side->any[side->any_count++] = index;
		return;
	}
	key = code_join(e->from, side->from_count, room);
	if (!key.at) {
		row_problem(k, NULL, "代码太长，最多 %d 字节",
			    "the code is too long, at most %d bytes", CODE_LONGEST);
		return;
	}
	first = names_find(&side->names, key);
	if (first == NAME_UNKNOWN) {
		names_set(&side->names, arena_copy(arena, key), index);
		return;
	}
	check_reach(k, side, first, e);
	while (side->entries[first].next != NONE)
		first = side->entries[first].next;
	side->entries[first].next = index;
}

/* Every combination of the alternatives. */
static void add_all(struct maker *k, struct code_side *side, const struct cells *from,
		    struct cb_text *to, const struct code_term *term)
{
	struct arena *arena = k->frame->reader->arena;
	size_t at[CODE_COLUMNS] = { 0 }, i;

	do {
		struct code_entry e = { .to = to,
					.term = term,
					.next = NONE,
					.order = k->order,
					.line = k->row->line,
					.outcome = k->row->outcome,
					.say = k->row->say };

		e.from = arena_take(arena, side->from_count * sizeof(*e.from));
		for (i = 0; i < side->from_count; i++)
			e.from[i] = from[i].at[at[i]];
		add_entry(k, side, &e);
		for (i = 0; i < side->from_count && ++at[i] == from[i].count; i++)
			at[i] = 0;
	} while (i < side->from_count);
}

/* What is written: the first alternative of each column. NULL where one is a star. */
static struct cb_text *first_of(struct arena *arena, const struct cells *cells, size_t count)
{
	struct cb_text *to = arena_take(arena, count * sizeof(*to) + 1);

	for (size_t i = 0; i < count; i++) {
		to[i] = cells[i].at[0];
		if (is_any(to[i]))
			return NULL;
		if (!to[i].len)
			to[i] = (struct cb_text){ 0 };
	}
	return to;
}

static bool read_side(struct maker *k, const char *name, const char *text, size_t count,
		      struct cells *cells)
{
	size_t have;

	if (!text)
		return false;
	have = read_tuple(k->frame->reader->arena, text, count, cells);
	if (have == count)
		return true;
	row_problem(k, name, "这张表按 %zu 列使用，这里却不是 %zu 列（空格分列）",
		    "the table is used with %zu columns; this is not %zu (blanks part columns)",
		    count, count);
	return false;
}

static const struct condition *row_condition(struct maker *k)
{
	struct frame plain = *k->frame;
	struct condition *condition;
	struct cb_error err;

	plain.prefix[HERE] = ""; /* a row asks the record or the item, wherever the table is used */
	plain.number = 0;
	if (k->row->element)
		return paths_condition(&plain, k->row->element, "when", HERE, k->row->when);
	if (condition_compile(plain.reader->arena, plain.shape[HERE], cb_text_of(k->row->when),
			      &condition, &err) == CB_OK)
		return condition;
	row_problem(k, NULL, "%s", "%s", err.text);
	return NULL;
}

/* from and until: days, and in this order. */
static bool read_days(struct maker *k, struct code_term *term)
{
	const char *texts[] = { k->row->from, k->row->until };
	struct cb_text *days[] = { &term->from, &term->until };

	for (size_t i = 0; i < 2; i++) {
		*days[i] = cb_text_of(texts[i]);
		if (!texts[i] || calendar_is_canonical(CALENDAR_DATE, *days[i]))
			continue;
		row_problem(k, i ? "until" : "from", "日期写作 2024-03-18",
			    "a day is written 2024-03-18");
		return false;
	}
	if (texts[0] && texts[1] && memcmp(texts[0], texts[1], 10) > 0) {
		row_problem(k, "until", "until 早于 from，这一行永远用不到：改正日期",
			    "until is before from, so this row is never reached: correct the days");
		return false;
	}
	return true;
}

/* What else the row asks of the record; NULL: nothing. */
static const struct code_term *row_term(struct maker *k)
{
	struct code_term *term;

	if (!k->row->when && !k->row->from && !k->row->until)
		return NULL;
	term = arena_zero(k->frame->reader->arena, sizeof(*term));
	k->table->has_conditions = true;
	if (k->row->when)
		term->when = row_condition(k);
	if (!k->row->from && !k->row->until)
		return term;
	term->at = k->at;
	if (!k->table->codes->at)
		row_problem(k, k->row->from ? "from" : "until",
			    "有生效日期的行要知道看哪个日期：给代码表“%s”加 at，如 at=\"accepted\"",
			    "a row with days needs to know whose date counts: give the table '%s' "
			    "an at, such as at=\"accepted\"",
			    k->table->codes->name);
	else if (!read_days(k, term))
		term->at = NULL;
	return term;
}

/* The date that decides is the record's, also where the table is used in a list. */
static const struct path *read_at(const struct frame *f, const struct codes *codes)
{
	const char *text = codes->at;
	const struct table *top = f->table;
	struct path *path = NULL;
	struct cb_error err;

	if (!text)
		return NULL;
	for (; top->up; top = top->up)
		text = arena_printf(f->reader->arena, "../%s", text);
	if (path_compile(f->reader->arena, f->shape[HERE], cb_text_of(text), PATH_VALUE, &path,
			 &err) != CB_OK) {
		problem_at(f->reader->problems, codes->element, "at", 0, "%s", "%s", err.text);
		return NULL;
	}
	if (path->step_count || (top->fields[path->slot].type != FIELD_DATE &&
				 top->fields[path->slot].type != FIELD_DATETIME)) {
		problem_at(f->reader->problems, codes->element, "at", 0,
			   "at 应是记录自己的日期字段，如 accepted",
			   "at names a date of the record itself, such as accepted");
		return NULL;
	}
	return path;
}

static void no_value(struct maker *k, const char *name)
{
	row_problem(k, name, "* 不是能写出的值：写一个代码，或给这一行加 way=\"%s\"",
		    "* is no value that can be written: name one, or say way=\"%s\"",
		    strcmp(name, "there") == 0 ? "in" : "out");
}

static void add_row(struct maker *k)
{
	struct code_table *t = k->table;
	struct arena *arena = k->frame->reader->arena;
	struct cells *here = k->here, *there = k->there;
	bool has_here = read_side(k, "here", k->row->here, t->out.from_count, here);
	bool has_there = read_side(k, "there", k->row->there, t->in.from_count, there);
	const struct code_term *term = row_term(k);
	struct cb_text *to;

	if (k->row->outcome) {
		if (has_there && (k->row->way & WAY_IN))
			add_all(k, &t->in, there, NULL, term);
		if (has_here && (k->row->way & WAY_OUT))
			add_all(k, &t->out, here, NULL, term);
		return;
	}
	if (!has_here || !has_there)
		return;
	to = first_of(arena, here, t->out.from_count);
	if (!to && (k->row->way & WAY_IN))
		no_value(k, "here");
	else if (k->row->way & WAY_IN)
		add_all(k, &t->in, there, to, term);
	to = first_of(arena, there, t->in.from_count);
	if (!to && (k->row->way & WAY_OUT))
		no_value(k, "there");
	else if (k->row->way & WAY_OUT)
		add_all(k, &t->out, here, to, term);
}

static void add_else(struct maker *k, struct code_side *side, const char *name, const char *text,
		     size_t count)
{
	struct arena *arena = k->frame->reader->arena;
	struct cells *cells = k->here;
	struct code_entry *e = arena_zero(arena, sizeof(*e));

	e->outcome = k->row->outcome;
	e->say = k->row->say;
	if (!e->outcome) {
		if (!text || !read_side(k, name, text, count, cells))
			return;
		e->to = first_of(arena, cells, count);
		if (!e->to) {
			no_value(k, name);
			return;
		}
	}
	side->otherwise = e;
}

struct code_table *codes_table(const struct frame *f, struct codes *codes,
			       const struct cb_element *user, size_t there_count, size_t here_count)
{
	struct code_table *t = codes->tables;
	struct maker k = { .frame = f };
	bool is_ready;

	for (; t; t = t->next)
		if ((t->shape == f->shape[HERE] || !t->has_conditions) &&
		    t->in.from_count == there_count && t->out.from_count == here_count)
			return t;
	if (there_count > CODE_COLUMNS || here_count > CODE_COLUMNS) {
		problem_at(f->reader->problems, user, "codes", 0, "代码表最多 %d 列",
			   "a code table has at most %d columns", CODE_COLUMNS);
		return NULL;
	}
	t = arena_zero(f->reader->arena, sizeof(*t));
	t->codes = codes;
	t->shape = f->shape[HERE];
	t->in.from_count = t->out.to_count = there_count;
	t->out.from_count = t->in.to_count = here_count;
	t->next = codes->tables;
	codes->tables = k.table = t;
	is_ready = codes->ready && image_table(f->reader->image, codes->ready, t);
	if (!is_ready)
		codes_rows(f->reader, codes);
	k.here = memory_take(CODE_COLUMNS * sizeof(*k.here));
	k.there = memory_take(CODE_COLUMNS * sizeof(*k.there));
	k.at = read_at(f, codes);
	for (size_t i = 0; !is_ready && i < codes->count; i++) {
		k.row = &codes->rows[i];
		k.order = (uint32_t)i;
		add_row(&k);
	}
	if (codes->otherwise) {
		k.row = codes->otherwise;
		add_else(&k, &t->in, "here", k.row->here, here_count);
		add_else(&k, &t->out, "there", k.row->there, there_count);
	}
	if (!is_ready)
		law_reach(f->reader, t);
	free(k.here);
	free(k.there);
	return t;
}

void codes_done(struct codes *codes)
{
	for (; codes; codes = codes->next)
		for (struct code_table *t = codes->tables; t; t = t->next) {
			names_done(&t->in.names);
			names_done(&t->out.names);
		}
}
