/*
 * sketch.c - a first mapping, guessed from a sample.
 *
 * What the sample shows is a tree of names with their values. Its types are
 * known by reading every value; our side is guessed by how alike the names are
 * to the labels and names of the model, the likest pair first. Nothing else is
 * known of the field. What a person must decide is a comment, so that the file
 * loads as it is.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "mapping/plan.h"
#include "record/wire.h"

#define KEPT 64       /* different values of one name */
#define CODES_MOST 30 /* rows of a guessed table */
#define ALIKE 0.5     /* names that are less alike are no pair */

struct seen_value {
	struct cb_text text;
	size_t count;
};

struct seen { /* a name of theirs, below its parent */
	struct cb_text name;
	struct seen *up, *first, *last, *next;
	size_t times, now,
		most; /* occurrences: all, in the parent at work, in one parent at most */
	struct seen_value values[KEPT];
	size_t distinct, said; /* distinct: KEPT and more are KEPT */
	size_t children;
	/* What was decided. */
	const struct field *ours;
	const struct table *list; /* of ours, that its items are */
	double score;
	const char *dates; /* patterns that read every value, or NULL */
	bool is_datetime, is_number, is_integer, is_code;
	const char *is; /* idcard phone uscc */
	size_t number;
};

struct sketch {
	struct arena *arena;
	const struct model *model;
	const struct table *entity;
	struct seen top;
	struct buffer *out;
	const struct field *taken[512];
	size_t taken_count, tables;
};

/* ------------------------------------------------------------- what is there */

static struct seen *child(struct sketch *s, struct seen *up, struct cb_text name)
{
	struct seen *at = up->first;

	while (at && !cb_text_equal(at->name, name))
		at = at->next;
	if (!at) {
		at = arena_zero(s->arena, sizeof(*at));
		at->name = arena_copy(s->arena, name);
		at->up = up;
		if (up->last)
			up->last->next = at;
		else
			up->first = at;
		up->last = at;
		up->children++;
	}
	at->times++;
	at->now++;
	at->most = at->now > at->most ? at->now : at->most;
	for (struct seen *below = at->first; below; below = below->next)
		below->now = 0;
	return at;
}

static bool says_nothing(struct cb_text text)
{
	return !text.len || cb_text_is(text, "/") || cb_text_is(text, "-") ||
	       cb_text_is(text, "--") || cb_text_is(text, "—") || cb_text_is(text, "无");
}

static void value(struct sketch *s, struct seen *at, struct cb_text text)
{
	text = utf8_trim(text);
	if (says_nothing(text))
		return;
	at->said++;
	for (size_t i = 0; i < at->distinct; i++)
		if (cb_text_equal(at->values[i].text, text)) {
			at->values[i].count++;
			return;
		}
	if (at->distinct < KEPT)
		at->values[at->distinct++] = (struct seen_value){ arena_copy(s->arena, text), 1 };
}

static bool read_events(struct sketch *s, struct cb_text events)
{
	struct wire wire = { events.at, events.at + events.len, false };
	struct seen *at = &s->top;

	while (wire.at < wire.end && !wire.is_bad) {
		enum cb_event_kind kind = (enum cb_event_kind)wire_get_number(&wire);
		struct cb_text name = wire_get_text(&wire), text = wire_get_text(&wire);

		if (kind == CB_RECORD_BEGIN) {
			at = &s->top;
			at->times++;
			for (struct seen *below = at->first; below; below = below->next)
				below->now = 0;
		} else if (kind == CB_ENTER) {
			at = child(s, at, name);
		} else if (kind == CB_LEAVE) {
			at = at->up ? at->up : at;
		} else if (kind == CB_VALUE) {
			value(s, cb_text_is(name, ".") ? at : child(s, at, name), text);
		}
	}
	return !wire.is_bad && s->top.times;
}

/* An envelope: one record that says little but holds a list; its items are the records. */
static struct seen *find_records(struct seen *top)
{
	struct seen *at = top, *best = NULL;
	size_t beside = 0;

	if (top->times > 1)
		return NULL;
	while (at) {
		struct seen *next = NULL;

		for (struct seen *c = at->first; c; c = c->next) {
			if (c->most > 1 && c->children > 2)
				best = c;
			else if (c->first && !next)
				next = c;
			else
				beside++;
		}
		if (best || beside > 6)
			break;
		at = next;
	}
	return beside <= 6 ? best : NULL;
}

/* ------------------------------------------------------------- types */

static bool reads_all(const struct seen *n, const char *pattern, enum calendar_kind kind,
		      bool *some)
{
	struct cb_error err;
	struct calendar_pattern *p = calendar_pattern_new(pattern, &err);
	bool all = n->distinct > 0;
	char out[CALENDAR_TEXT];

	*some = false;
	for (size_t i = 0; p && i < n->distinct; i++) {
		bool good = calendar_read(p, kind, 8 * 60, n->values[i].text, out) == CALENDAR_OK &&
			    (strncmp(pattern, "epoch", 5) != 0 || n->values[i].text.len >= 10) &&
			    strcmp(out, "1900") > 0 && strcmp(out, "2100") < 0;

		all = all && good;
		*some = *some || good;
	}
	calendar_pattern_free(p);
	return all && p;
}

static void guess_dates(struct sketch *s, struct seen *n)
{
	static const char *const dates[] = { "yyyy-MM-dd",   "yyyy/M/d", "yyyy.M.d",
					     "yyyy年M月d日", "yyyyMMdd", NULL };
	static const char *const times[] = { "yyyy-MM-dd HH:mm:ss",
					     "yyyy-MM-dd HH:mm",
					     "yyyy/M/d H:mm:ss",
					     "yyyy/M/d H:mm",
					     "yyyyMMddHHmmss",
					     "iso",
					     "epoch-ms",
					     "epoch-s",
					     NULL };

	for (int kind = 0; kind < 2 && !n->dates; kind++) {
		const char *const *patterns = kind ? times : dates, *all = NULL;
		enum calendar_kind k = kind ? CALENDAR_DATETIME : CALENDAR_DATE;
		bool some;

		/* A date is cut out of a longer text too, so times are known by their length. */
		if (!kind && n->distinct && n->values[0].text.len > strlen("yyyy年MM月dd日") + 4)
			continue;
		for (; *patterns; patterns++) {
			bool is_whole = reads_all(n, *patterns, k, &some);

			if (is_whole && !all) {
				all = *patterns;
				break;
			}
			if (some && strncmp(*patterns, "epoch", 5) != 0)
				all = all ? arena_printf(s->arena, "%s|%s", all, *patterns)
					  : *patterns;
		}
		if (all && reads_all(n, all, k, &some)) {
			n->dates = all;
			n->is_datetime = kind;
		}
	}
}

static void guess_number(struct seen *n)
{
	n->is_number = n->is_integer = n->distinct > 0;
	for (size_t i = 0; i < n->distinct; i++) {
		char out[NUMBER_TEXT];

		n->is_number = n->is_number && number_read(n->values[i].text, out) == NUMBER_OK;
		n->is_integer = n->is_integer && n->is_number && number_is_integer(cb_text_of(out));
	}
}

static void guess_identity(struct seen *n)
{
	static const struct {
		const char *word;
		enum identity_kind kind;
	} kinds[] = { { "idcard", IDENTITY_IDCARD },
		      { "uscc", IDENTITY_USCC },
		      { "phone", IDENTITY_PHONE } };
	char out[IDENTITY_TEXT];

	for (size_t k = 0; k < 3 && !n->is; k++) {
		size_t good = 0;

		for (size_t i = 0; i < n->distinct; i++)
			good += identity_read(kinds[k].kind, n->values[i].text, 0, out) ==
				IDENTITY_OK;
		if (good && good * 5 >= n->distinct * 4)
			n->is = kinds[k].word;
	}
}

static void guess_types(struct sketch *s, struct seen *n)
{
	size_t longest = 0;

	for (size_t i = 0; i < n->distinct; i++)
		if (utf8_length(n->values[i].text) > longest)
			longest = utf8_length(n->values[i].text);
	guess_identity(n);
	guess_number(n);
	guess_dates(s, n);
	n->is_code = n->distinct && n->distinct <= CODES_MOST && longest <= 20 && !n->is &&
		     !n->dates && (n->said > n->distinct || n->distinct <= 3);
	for (struct seen *c = n->first; c; c = c->next)
		guess_types(s, c);
}

/* ------------------------------------------------------------- which of ours */

/* Letters and digits alone, narrow and small; what stands in brackets says a unit. */
static size_t letters(struct cb_text text, uint32_t out[64])
{
	const char *at = text.at, *end = at + text.len;
	size_t count = 0;
	int depth = 0;

	while (at < end && count < 64) {
		uint32_t c = utf8_narrow(utf8_next(&at, end));

		depth += c == '(' ? 1 : c == ')' ? -1 : 0;
		c = c >= 'A' && c <= 'Z' ? c + 32 : c;
		if (depth <= 0 && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c > 0x2e7f))
			out[count++] = c;
	}
	return count;
}

/* Twice the longest common subsequence over both lengths: 1 the same, 0 nothing in common. */
static double alike(struct cb_text a, const char *b)
{
	uint32_t x[64], y[64];
	size_t n = letters(a, x), m = b ? letters(cb_text_of(b), y) : 0, row[65] = { 0 };

	if (!n || !m)
		return 0;
	for (size_t i = 0; i < n; i++) {
		size_t corner = 0;

		for (size_t k = 0; k < m; k++) {
			size_t above = row[k + 1];

			row[k + 1] = x[i] == y[k] ? corner + 1 : above > row[k] ? above : row[k];
			corner = above;
		}
	}
	return 2.0 * (double)row[m] / (double)(n + m);
}

static bool may_be(const struct seen *n, const struct field *f)
{
	switch (f->type) {
	case FIELD_INTEGER:
		return n->is_integer || !n->distinct;
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return n->is_number || !n->distinct;
	case FIELD_DATE:
	case FIELD_DATETIME:
		return n->dates || !n->distinct;
	case FIELD_CODE:
		return n->is_code;
	case FIELD_FLAG:
		return n->distinct == 2;
	case FIELD_TEXT:
		return !n->dates;
	default:
		return false;
	}
}

static double likeness(const struct seen *n, const struct field *f)
{
	const char *slash = strrchr(f->path, '/');
	double by_label = alike(n->name, f->label);
	double by_name = alike(n->name, slash ? slash + 1 : f->path);
	double by_path = alike(n->name, f->path);

	by_name = by_path > by_name ? by_path : by_name;
	return may_be(n, f) ? (by_label > by_name ? by_label : by_name) : 0;
}

static bool is_taken(const struct sketch *s, const struct field *f)
{
	for (size_t i = 0; i < s->taken_count; i++)
		if (s->taken[i] == f)
			return true;
	return false;
}

struct best {
	struct seen *theirs;
	const struct field *ours;
	double score;
};

static void find_best(const struct sketch *s, struct seen *at, const struct table *t,
		      struct best *best)
{
	for (struct seen *c = at->first; c; c = c->next) {
		if (c->most > 1)
			continue;
		if (c->first)
			find_best(s, c, t, best);
		for (size_t i = 0; !c->first && !c->ours && i < t->shape->slot_count; i++) {
			double score = likeness(c, &t->fields[i]);

			if (score > best->score && !is_taken(s, &t->fields[i]))
				*best = (struct best){ c, &t->fields[i], score };
		}
	}
}

/* The likest pair first, each side once; how alike they are in all. */
static double pair_up(struct sketch *s, struct seen *at, const struct table *t)
{
	double sum = 0;

	for (;;) {
		struct best best = { .score = ALIKE - 0.001 };

		find_best(s, at, t, &best);
		if (!best.ours || s->taken_count == 512)
			return sum;
		best.theirs->ours = best.ours;
		best.theirs->score = best.score;
		s->taken[s->taken_count++] = best.ours;
		sum += best.score;
	}
}

static void forget(struct seen *at)
{
	for (struct seen *c = at->first; c; c = c->next) {
		c->ours = NULL;
		forget(c);
	}
}

/* A list of theirs is the list of ours whose fields are most like its own. */
static void pair_lists(struct sketch *s, struct seen *at)
{
	for (struct seen *c = at->first; c; c = c->next) {
		const struct table *best = NULL;
		double most = 0;

		if (c->most < 2) {
			pair_lists(s, c);
			continue;
		}
		for (size_t i = 0; i < s->entity->shape->list_count; i++) {
			const struct table *t = &s->entity->lists[i];
			size_t before = s->taken_count;
			double sum = pair_up(s, c, t) + alike(c->name, t->label);

			if (s->taken_count > before && sum > most) {
				most = sum;
				best = t;
			}
			s->taken_count = before;
			forget(c);
		}
		c->list = best;
		if (best)
			pair_up(s, c, best);
	}
}

/* ------------------------------------------------------------- the text */

static bool is_plain_name(struct cb_text name)
{
	const char *at = name.at, *end = at + name.len;
	bool is_first = true;

	for (; at < end; is_first = false) {
		uint32_t c = utf8_next(&at, end);
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
				 (c >= 0x4e00 && c <= 0x9fff);

		if (!is_letter &&
		    (is_first ? c != '@' && c != '#' : !((c >= '0' && c <= '9') || c == '-')))
			return false;
	}
	return name.len > 0;
}

/* @top: the row around; NULL where the name cannot be written as a path. */
static const char *path_of(struct sketch *s, const struct seen *n, const struct seen *top)
{
	const char *name, *above;

	if (memchr(n->name.at, '\'', n->name.len))
		return NULL;
	name = is_plain_name(n->name) ? arena_printf(s->arena, "%.*s", CB_TEXT_ARG(n->name))
				      : arena_printf(s->arena, "'%.*s'", CB_TEXT_ARG(n->name));
	if (n->up == top)
		return name;
	above = path_of(s, n->up, top);
	return above ? arena_printf(s->arena, "%s/%s", above, name) : NULL;
}

static void attribute(struct buffer *out, const char *name, const char *text)
{
	buffer_printf(out, " %s=\"", name);
	buffer_xml(out, cb_text_of(text));
	buffer_char(out, '"');
}

/* A comment must not hold two hyphens. */
static void comment(struct buffer *out, struct cb_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '-' && (i + 1 == text.len || text.at[i + 1] == '-'))
			buffer_string(out, "- ");
		else
			buffer_char(out, (unsigned char)c < 0x20 ? ' ' : c);
	}
}

static void put_table(struct sketch *s, struct seen *n)
{
	n->number = ++s->tables;
	buffer_printf(s->out, "  <codes name=\"%s-%zu\"", n->ours->codes ? n->ours->codes : "codes",
		      n->number);
	attribute(s->out, "label", arena_printf(s->arena, "%.*s", CB_TEXT_ARG(n->name)));
	buffer_string(s->out, ">\n");
	for (size_t i = 0; i < n->distinct; i++) {
		const char *there = arena_string(s->arena, n->values[i].text);

		if (strpbrk(there, "|* ") && !strchr(there, '\''))
			there = arena_printf(s->arena, "'%s'", there);
		buffer_string(s->out, "    <code");
		attribute(s->out, "there", there);
		attribute(s->out, "hold", cb_say("待定", "to be decided"));
		buffer_string(s->out,
			      cb_say("/> <!-- TODO 把 hold 换成 here=\"我们的代码\"；见过 ",
				     "/> <!-- TODO here=\"our code\" instead of hold; seen "));
		buffer_printf(s->out, "%zu -->\n", n->values[i].count);
	}
	buffer_string(s->out, "  </codes>\n");
}

static void put_tables(struct sketch *s, struct seen *at)
{
	for (struct seen *n = at->first; n; n = n->next) {
		if (n->ours && n->ours->type == FIELD_CODE)
			put_table(s, n);
		put_tables(s, n);
	}
}

static bool is_key(const struct sketch *s, const struct seen *n, const struct seen *records)
{
	return n->ours->is_unique && table_field(s->entity, n->ours->path) == n->ours &&
	       n->said == records->times;
}

static void put_field(struct sketch *s, const struct seen *n, const struct seen *top,
		      const char *there, const char *indent)
{
	const struct field *f = n->ours;

	buffer_printf(s->out, "%s<field", indent);
	attribute(s->out, "here", f->path);
	attribute(s->out, "there", there);
	if (is_key(s, n, top))
		buffer_string(s->out, " key=\"yes\" need=\"yes\"");
	if ((f->type == FIELD_DATE || f->type == FIELD_DATETIME) && n->dates)
		buffer_printf(s->out, " type=\"%s\" format=\"%s\"",
			      f->type == FIELD_DATE ? "date" : "datetime", n->dates);
	else if (f->type == FIELD_DECIMAL || f->type == FIELD_MONEY || f->type == FIELD_INTEGER)
		buffer_printf(s->out, " type=\"%s\"",
			      f->type == FIELD_INTEGER ? "integer" : "decimal");
	else if (f->type == FIELD_CODE)
		buffer_printf(s->out, " codes=\"%s-%zu\"", f->codes ? f->codes : "codes",
			      n->number);
	else if (f->type == FIELD_FLAG)
		attribute(s->out, "format",
			  arena_printf(s->arena, "%.*s|%.*s", CB_TEXT_ARG(n->values[0].text),
				       CB_TEXT_ARG(n->values[1].text)));
	if (f->type == FIELD_TEXT && n->is)
		buffer_printf(s->out, " is=\"%s\" bad=\"warn\"", n->is);
	attribute(s->out, "label", f->label ? f->label : f->path);
	buffer_string(s->out, "/>");
	if (n->score < 0.75)
		buffer_string(s->out, cb_say(" <!-- TODO 名字只是像，请核对 -->",
					     " <!-- TODO the names are only alike: look -->"));
	else if (f->type == FIELD_FLAG)
		buffer_string(s->out, cb_say(" <!-- TODO 先写“是”后写“否”，请核对 -->",
					     " <!-- TODO yes first, then no: look -->"));
	buffer_char(s->out, '\n');
}

/* What nobody has a guess for; the values are not shown, for they may be personal. */
static void put_open(struct sketch *s, const struct seen *n, const char *there, const char *indent)
{
	const char *type = n->is          ? n->is
			   : n->dates     ? n->dates
			   : n->is_code   ? cb_say("像代码", "like codes")
			   : n->is_number ? cb_say("数字", "numbers")
			   : n->distinct  ? cb_say("文字", "text")
					 : cb_say("样本里都是空的", "always empty in the sample");
	struct buffer text = { 0 };

	buffer_printf(&text, "<field here=\"\" there=\"%s\"/>  %s", there, type);
	buffer_printf(s->out, "%s<!-- TODO ", indent);
	comment(s->out, buffer_view(&text));
	buffer_string(s->out, " -->\n");
	buffer_done(&text);
}

static void put_lines(struct sketch *s, const struct seen *at, const struct seen *top,
		      const char *indent)
{
	for (const struct seen *n = at->first; n; n = n->next) {
		const char *there = path_of(s, n, top);

		if (!there)
			continue;
		if (n->list) {
			buffer_printf(s->out, "%s<each", indent);
			attribute(s->out, "here", n->list->name);
			attribute(s->out, "there", there);
			attribute(s->out, "label", n->list->label ? n->list->label : n->list->name);
			buffer_string(s->out, ">\n");
			put_lines(s, n, n, arena_printf(s->arena, "%s  ", indent));
			buffer_printf(s->out, "%s</each>\n", indent);
		} else if (n->most > 1) {
			put_open(s, n, arena_printf(s->arena, "%s", there), indent);
		} else if (n->ours) {
			put_field(s, n, top, there, indent);
		} else if (n->first) {
			put_lines(s, n, top, indent);
		} else {
			put_open(s, n, there, indent);
		}
	}
}

static bool has_key(const struct sketch *s, const struct seen *at, const struct seen *records)
{
	for (const struct seen *n = at->first; n; n = n->next)
		if ((n->ours && is_key(s, n, records)) || (n->most < 2 && has_key(s, n, records)))
			return true;
	return false;
}

static void put_there(struct sketch *s, const char *format, const struct seen *records)
{
	buffer_printf(s->out, "  <there format=\"%s\"", format);
	if (strcmp(format, "table") == 0)
		buffer_string(s->out, " blank=\"/\"");
	else if (records != &s->top && strcmp(format, "xml") == 0)
		attribute(s->out, "root",
			  arena_printf(s->arena, "%.*s", CB_TEXT_ARG(records->name)));
	else if (records != &s->top)
		attribute(s->out, "records", path_of(s, records, &s->top));
	buffer_string(s->out, "/>\n  <here");
	attribute(s->out, "type", s->entity->name);
	buffer_string(s->out, "/>\n\n");
}

bool mapping_sketch(struct arena *arena, const struct model *model, const struct table *entity,
		    const char *name, const char *label, const char *format, struct cb_text events,
		    struct buffer *out)
{
	struct sketch s = { .arena = arena, .model = model, .entity = entity, .out = out };
	struct seen *records;

	if (!read_events(&s, events))
		return false;
	records = find_records(&s.top);
	if (!records || !path_of(&s, records, &s.top))
		records = &s.top;
	guess_types(&s, records);
	pair_up(&s, records, entity);
	pair_lists(&s, records);
	buffer_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buffer_string(
		out,
		cb_say("<!-- 按样本猜的第一稿：TODO 处要人定；定好后 casebridge map check 再查。 "
		       "-->\n",
		       "<!-- A first guess from a sample: decide each TODO, then casebridge map "
		       "check. -->\n"));
	buffer_string(out, "<mapping");
	attribute(out, "name", name);
	attribute(out, "label", label);
	buffer_string(out, ">\n");
	put_there(&s, format, records);
	put_tables(&s, records);
	if (!has_key(&s, records, records))
		buffer_string(out,
			      cb_say("  <!-- TODO 哪个字段是记录的标识？给它加 key=\"yes\" "
				     "need=\"yes\" -->\n",
				     "  <!-- TODO which field is the identity? Give it key=\"yes\" "
				     "need=\"yes\" -->\n"));
	put_lines(&s, records, records, "  ");
	buffer_string(out, "</mapping>\n");
	return true;
}
