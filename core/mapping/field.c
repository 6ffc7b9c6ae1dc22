/*
 * field.c - one value across.
 *
 * In: their texts, without the words for nothing, joined; transforms from left
 * to right; limits; codes; type and form; ours. Out: the same backwards. What
 * goes wrong becomes a finding, and the field stays empty unless it may pass.
 *
 * Texts that do not change are not copied: a result borrows from the row it
 * was made of.
 */
#include "mapping/plan.h"

#include "base/utf8.h"

#define MOST OP_MOST

static const struct cb_text nothing;

bool is_blank(const struct op *op, struct cb_text text)
{
	unsigned char first;

	if (!text.len)
		return true;
	first = (unsigned char)text.at[0];
	if ((first <= ' ' || first == 0xc2 || first == 0xe2 || first == 0xe3 || first == 0xef) &&
	    !utf8_trim(text).len)
		return true;
	for (size_t i = 0; i < op->blank.count; i++)
		if (cb_text_equal(op->blank.at[i], text))
			return true;
	return false;
}

/* ---------------------------------------------------------- findings */

#define LABEL(op) (op)->line->label
#define THEIRS(op) (op)->line->there

static bool may_pass(const struct op *op)
{
	return op->bad == BAD_WARN;
}

static void many(struct run *run, const struct op *op, bool is_in)
{
	if (is_in)
		found(run, op, "many", op->bad,
		      "“%s”（%"
		      "s）出现了不止一次，不知道用哪一个；请对方只留一个，或把映射改成列表（each）",
		      "'%s' (%s) came more than once, and nobody says which one counts: let them "
		      "send "
		      "one, or map it as a list (each)",
		      LABEL(op), THEIRS(op));
	else
		found(run, op, "many", op->bad,
		      "“%s”有不止一个，对方只放得下一个（%s）；请在记录里只留一个，或改映射",
		      "there is more than one '%s', and they have room for one (%s): keep one, or "
		      "change the mapping",
		      LABEL(op), THEIRS(op));
}

static void need(struct run *run, const struct op *op, bool is_in)
{
	enum bad bad = op->bad == BAD_SKIP ? BAD_HOLD : (enum bad)op->bad;

	if (is_in)
		found(run, op, "need", bad, "“%s”（%s）没有值，而这一项必须有；请对方补上后重发",
		      "'%s' (%s) has no value, and it must have one: ask them to send it",
		      LABEL(op), THEIRS(op));
	else
		found(run, op, "need", bad, "“%s”没有值，而对方（%s）必须有；请在记录里补上",
		      "'%s' has no value, and they (%s) must have one: fill it in", LABEL(op),
		      THEIRS(op));
}

/* A text that is none of ours cannot pass, whatever the line says: it would break what we keep. */
static enum bad strict(const struct op *op)
{
	return op->bad == BAD_WARN ? BAD_SKIP : (enum bad)op->bad;
}

static void no_number(struct run *run, const struct op *op)
{
	found(run, op, "number", strict(op),
	      "“%s”（%s）不是数，或除不尽；应像 1200 或 1,200.50，请改正后重发",
	      "'%s' (%s) is no number, or does not come out even: like 1200 or 1,200.50", LABEL(op),
	      THEIRS(op));
}

static void no_region(struct run *run, const struct op *op)
{
	found(run, op, "region", strict(op),
	      "“%s”（%s）不是行政区划代码，或上下级不一致；应是 6、9 或 12 位数字",
	      "'%s' (%s) is no area code, or its levels do not agree: 6, 9 or 12 digits", LABEL(op),
	      THEIRS(op));
}

static void transform_failed(struct run *run, const struct op *op, const char *code)
{
	if (strcmp(code, "region") == 0)
		no_region(run, op);
	else
		no_number(run, op);
}

/* The code of theirs or ours that has no row. Codes are no personal data, so it is shown. */
static struct cb_text shown(struct run *run, const struct op *op, const struct cb_text *texts,
			    size_t count)
{
	struct buffer out = { 0 };
	struct cb_text copy;

	if (op->line->is_secret)
		return nothing;
	for (size_t i = 0; i < count; i++) {
		if (i)
			buffer_char(&out, ' ');
		buffer_put(&out, texts[i].at ? texts[i].at : "", texts[i].len);
	}
	copy = arena_copy(run->arena, buffer_view(&out));
	copy.len = utf8_offset(copy, 64);
	buffer_done(&out);
	return copy;
}

static void no_code(struct run *run, const struct op *op, const struct cb_text *texts, size_t count,
		    bool is_in)
{
	struct finding *f =
		is_in ? found(run, op, "code", strict(op),
			      "“%s”（%s）的代码在代码表 %s "
			      "里没有；请在表里加一行，挂起的记录会自动继续",
			      "the code of '%s' (%s) is not in the table %s: add a row, and what "
			      "is "
			      "held goes on by itself",
			      LABEL(op), THEIRS(op), op->table->codes->name)
		      : found(run, op, "code", strict(op),
			      "“%s”的代码在代码表 %s "
			      "里没有对应的对方代码；请在表里加一行，挂起的记录会自动继续",
			      "the table %2$s has no code of theirs for ours in '%1$s': add a row, "
			      "and "
			      "what is held goes on by itself",
			      LABEL(op), op->table->codes->name);

	f->value = shown(run, op, texts, count);
}

static void row_outcome(struct run *run, const struct op *op, const struct code_entry *e,
			const struct cb_text *texts, size_t count)
{
	struct finding *f;

	f = found(run, op, e->outcome == OUTCOME_PASSED_BY ? "pass-by" : "hold", BAD_HOLD,
		  "“%s”：%s", "'%s': %s", LABEL(op), e->say && *e->say ? e->say : "-");
	f->bad = e->outcome;
	f->value = shown(run, op, texts, count);
	if (e->outcome > run->result->outcome)
		run->result->outcome = e->outcome;
}

/* ---------------------------------------------------------- limits */

static bool number_fits(const struct op *op, struct cb_text text, bool *is_small)
{
	char number[NUMBER_TEXT];

	if (number_read(text, number) != NUMBER_OK)
		return true; /* said elsewhere */
	*is_small = op->min.at && number_compare(cb_text_of(number), op->min) < 0;
	return !*is_small && !(op->max.at && number_compare(cb_text_of(number), op->max) > 0);
}

static bool size_fits(const struct op *op, struct cb_text text, bool *is_small)
{
	int64_t len;

	if (op->max_bytes > 0 && (int64_t)text.len > op->max_bytes)
		return false;
	if (op->min_chars <= 0 && (op->max_chars < 0 || (int64_t)text.len <= op->max_chars))
		return true;
	len = (int64_t)utf8_length(text);
	*is_small = len < op->min_chars;
	return !*is_small && (op->max_chars < 0 || len <= op->max_chars);
}

static void too_small(struct run *run, const struct op *op)
{
	if (op->min.at)
		found(run, op, "small", op->bad, "“%s”（%s）小于下限 %.*s，请核对",
		      "'%s' (%s) is below %.*s: please check", LABEL(op), THEIRS(op),
		      CB_TEXT_ARG(op->min));
	else
		found(run, op, "small", op->bad, "“%s”（%s）少于 %lld 个字，请补全",
		      "'%s' (%s) has fewer than %lld characters: complete it", LABEL(op),
		      THEIRS(op), (long long)op->min_chars);
}

static void too_long(struct run *run, const struct op *op, struct cb_text text)
{
	if (op->max.at)
		found(run, op, "long", op->bad, "“%s”（%s）大于上限 %.*s，请核对",
		      "'%s' (%s) is above %.*s: please check", LABEL(op), THEIRS(op),
		      CB_TEXT_ARG(op->max));
	else if (op->max_bytes > 0 && (int64_t)text.len > op->max_bytes)
		found(run, op, "long", op->bad, "“%s”（%s）有 %zu 字节，最多 %lld 字节，请缩短",
		      "'%s' (%s) has %zu bytes, at most %lld: shorten it", LABEL(op), THEIRS(op),
		      text.len, (long long)op->max_bytes);
	else
		found(run, op, "long", op->bad, "“%s”（%s）有 %zu 个字，最多 %lld 个，请缩短",
		      "'%s' (%s) has %zu characters, at most %lld: shorten it", LABEL(op),
		      THEIRS(op), utf8_length(text), (long long)op->max_chars);
}

static bool is_like(struct run *run, const struct op *op, struct cb_text text)
{
	char room[256];
	const char *string = room;

	if (text.len < sizeof(room)) {
		memcpy(room, text.at, text.len);
		room[text.len] = '\0';
	} else {
		string = arena_string(run->arena, text);
	}
	return xmlRegexpExec(op->like, (const xmlChar *)string) == 1;
}

/* Their text against the line's limits; true: it may go on. */
static bool check_limits(struct run *run, const struct op *op, struct cb_text text)
{
	bool is_small = false, fits;

	if (!(op->flags & OP_LIMITS))
		return true;
	fits = op->min.at || op->max.at ? number_fits(op, text, &is_small)
					: size_fits(op, text, &is_small);
	if (!fits) {
		if (is_small)
			too_small(run, op);
		else
			too_long(run, op, text);
		return may_pass(op);
	}
	if (op->like && !is_like(run, op, text)) {
		found(run, op, "like", op->bad, "“%s”（%s）的写法不对，应符合 %s",
		      "'%s' (%s) is not written as it should be: %s", LABEL(op), THEIRS(op),
		      op->like_text);
		return may_pass(op);
	}
	return true;
}

/* ---------------------------------------------------------- identity numbers */

static const char *const identity_code[] = { "idcard", "uscc", "orgcode", "phone", "region" };

static void identity_wrong(struct run *run, const struct op *op, enum identity_finding why)
{
	const char *code = identity_code[op->is];

	switch (why) {
	case IDENTITY_ROUNDED:
		found(run, op, code, op->bad == BAD_REJECT ? BAD_REJECT : BAD_HOLD,
		      "“%s”（%s）的末几位已被 Excel 变成零或科学记数，找不回来：请按原件重新录入，"
		      "并把该列设为文本",
		      "Excel has already rounded the last digits of '%s' (%s), and they cannot be "
		      "recovered: type it again from the document, in a text column",
		      LABEL(op), THEIRS(op));
		break;
	case IDENTITY_MASKED:
		found(run, op, code, op->bad,
		      "“%s”（%s）被打了码，不能当号码用：请对方给完整的号码",
		      "'%s' (%s) is masked and cannot be used as a number: ask for the full one",
		      LABEL(op), THEIRS(op));
		break;
	case IDENTITY_DATE:
		found(run, op, code, op->bad, "“%s”（%s）里的出生日期不存在：请对照证件核对",
		      "the birth date inside '%s' (%s) does not exist: compare the document",
		      LABEL(op), THEIRS(op));
		break;
	case IDENTITY_CHECK:
		found(run, op, code, op->bad,
		      "“%s”（%s）的校验位不对，多半是录错了一位：请对照证件核对",
		      "the check digit of '%s' (%s) does not fit, so a digit is probably wrong: "
		      "compare the document",
		      LABEL(op), THEIRS(op));
		break;
	default:
		found(run, op, code, op->bad, "“%s”（%s）的位数或字符不对：请核对",
		      "'%s' (%s) has a wrong length or wrong characters: please check", LABEL(op),
		      THEIRS(op));
	}
}

/* The normal form; false: it cannot go on. */
static bool check_identity(struct run *run, const struct op *op, struct cb_text *text)
{
	char out[IDENTITY_TEXT];
	enum identity_finding why;

	if (op->is < 0)
		return true;
	out[0] = '\0';
	why = identity_read((enum identity_kind)op->is, *text, 0, out);
	if (why != IDENTITY_OK) {
		identity_wrong(run, op, why);
		return may_pass(op) && why != IDENTITY_ROUNDED;
	}
	if (!cb_text_is(*text, out))
		*text = arena_copy(run->arena, cb_text_of(out));
	return true;
}

/* ---------------------------------------------------------- forms */

static bool date_in(struct run *run, const struct op *op, struct cb_text *text)
{
	enum calendar_kind kind = (enum calendar_kind)(op->type - FIELD_DATE);
	char out[CALENDAR_TEXT];
	int rc = calendar_read(op->pattern, kind, op->zone, utf8_trim(*text), out);

	if (rc == CALENDAR_OK) {
		*text = arena_copy(run->arena, cb_text_of(out));
		return true;
	}
	if (rc == CALENDAR_VALUE)
		found(run, op, "date", strict(op), "“%s”（%s）不是存在的日期或时间：请对方核对",
		      "'%s' (%s) is a date or time that does not exist: ask them to check",
		      LABEL(op), THEIRS(op));
	else
		found(run, op, "date", strict(op),
		      "“%s”（%s）的日期写法认不出：在映射第 %u 行的 format "
		      "里加上这种写法，或请对方改正",
		      "'%s' (%s) is written in no known way: add the pattern to format in line %u "
		      "of the mapping, or ask them to change it",
		      LABEL(op), THEIRS(op), op->line->number);
	return false;
}

static bool date_out(struct run *run, const struct op *op, struct cb_text *text)
{
	enum calendar_kind kind = (enum calendar_kind)(op->type - FIELD_DATE);
	char out[64];

	if (calendar_write(op->pattern, kind, op->zone, *text, out) == CALENDAR_OK) {
		*text = arena_copy(run->arena, cb_text_of(out));
		return true;
	}
	found(run, op, "date", strict(op), "“%s”的日期无法按对方的写法写出：请核对",
	      "'%s' cannot be written as they want it: please check", LABEL(op));
	return false;
}

static bool number_in(struct run *run, const struct op *op, struct cb_text *text)
{
	char out[NUMBER_TEXT];

	if (number_read(*text, out) != NUMBER_OK) {
		no_number(run, op);
		return false;
	}
	if (op->field->type == FIELD_INTEGER && !number_is_integer(cb_text_of(out))) {
		found(run, op, "number", strict(op), "“%s”（%s）应是整数",
		      "'%s' (%s) must be a whole number", LABEL(op), THEIRS(op));
		return false;
	}
	if (!cb_text_is(*text, out))
		*text = arena_copy(run->arena, cb_text_of(out));
	return true;
}

static bool flag_in(struct run *run, const struct op *op, struct cb_text *text)
{
	static const char *const words[][2] = {
		{ "yes", "no" }, { "true", "false" }, { "1", "0" }, { "是", "否" }, { "Y", "N" }
	};
	struct cb_text value = utf8_trim(*text);
	int is = cb_text_equal(value, op->words[0])   ? 0
		 : cb_text_equal(value, op->words[1]) ? 1
						      : -1;

	for (size_t i = 0; is < 0 && i < sizeof(words) / sizeof(*words); i++)
		is = cb_text_is(value, words[i][0]) ? 0 : cb_text_is(value, words[i][1]) ? 1 : -1;
	if (is >= 0) {
		*text = is == 0 ? CB_TEXT("yes") : CB_TEXT("no");
		return true;
	}
	found(run, op, "type", strict(op), "“%s”（%s）应是“%.*s”或“%.*s”，来的是别的",
	      "'%s' (%s) should be '%.*s' or '%.*s', and is neither", LABEL(op), THEIRS(op),
	      CB_TEXT_ARG(op->words[0]), CB_TEXT_ARG(op->words[1]));
	return false;
}

/* What the model's field holds: nothing else comes in. */
static bool form_in(struct run *run, const struct op *op, struct cb_text *text)
{
	switch (op->type) {
	case FIELD_INTEGER:
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return number_in(run, op, text);
	case FIELD_DATE:
	case FIELD_TIME:
	case FIELD_DATETIME:
		return date_in(run, op, text);
	case FIELD_FLAG:
		return op->table || flag_in(run, op, text);
	default:
		return true;
	}
}

static bool form_out(struct run *run, const struct op *op, struct cb_text *text)
{
	if (op->pattern)
		return date_out(run, op, text);
	if (op->type == FIELD_FLAG && !op->table)
		*text = op->words[cb_text_is(*text, "yes") ? 0 : 1];
	return true;
}

static bool model_fits(struct run *run, const struct op *op, const struct field *field,
		       struct cb_text text)
{
	if (!field->max || (int64_t)text.len <= field->max ||
	    (int64_t)utf8_length(text) <= field->max)
		return true;
	found(run, op, "long", strict(op), "“%s”（%s）有 %zu 个字，我们最多存 %lld 个，请缩短",
	      "'%s' (%s) has %zu characters, and we keep at most %lld: shorten it", LABEL(op),
	      THEIRS(op), utf8_length(text), (long long)field->max);
	return false;
}

/* ---------------------------------------------------------- codes */

/* Canonical values of ours in @to by the table; false: a finding was added. */
static bool codes_across(struct run *run, const struct op *op, const struct code_side *side,
			 struct cb_text *from, const struct row *here, struct cb_text *to,
			 bool is_in)
{
	const struct code_entry *e = code_find(side, from, here);
	bool is_trimmed = false;

	for (size_t i = 0; is_in && (!e || e == side->otherwise) && i < side->from_count; i++) {
		struct cb_text trimmed = from[i].at ? utf8_trim(from[i]) : from[i];

		is_trimmed = is_trimmed || trimmed.len != from[i].len;
		from[i] = trimmed;
	}
	if (is_trimmed)
		e = code_find(side, from, here);
	if (!e) {
		no_code(run, op, from, side->from_count, is_in);
		return false;
	}
	if (e->outcome != OUTCOME_MAPPED) {
		row_outcome(run, op, e, from, side->from_count);
		return false;
	}
	for (size_t i = 0; i < side->to_count; i++)
		to[i] = e->to[i];
	return true;
}

/* ---------------------------------------------------------- in */

static struct cb_text read_at(const struct path *path, const struct row *row, bool *again)
{
	if (path->step_count || path->up) {
		row = path_row(path, row);
		if (!row)
			return nothing;
	}
	if (row->again && row->again[path->slot])
		*again = true;
	return row->values[path->slot];
}

/* More than one item has what the path's brackets ask for. */
static bool is_chosen_twice(const struct path *path, const struct row *row)
{
	for (size_t up = path->up; up && row; up--)
		row = row->up;
	for (size_t i = 0; i < path->step_count && row; i++) {
		const struct path_step *step = &path->steps[i];
		const struct rows *rows = &row->lists[step->index];
		size_t count = 0;

		row = NULL;
		for (size_t k = 0; k < rows->count; k++)
			if (step->equal_slot == NO_SLOT ||
			    cb_text_equal(rows->at[k]->values[step->equal_slot],
					  step->equal_text)) {
				row = row ? row : rows->at[k];
				count++;
			}
		if (count > 1)
			return true;
	}
	return false;
}

/* All values of one side; how many say something, or -1 with a finding. */
static int gather(struct run *run, const struct op *op, struct path *const *paths, size_t count,
		  const struct row *row, struct cb_text *out, bool is_in)
{
	bool again = false;
	int said = 0;

	for (size_t i = 0; i < count; i++) {
		out[i] = read_at(paths[i], row, &again);
		if (is_in ? is_blank(op, out[i]) : !out[i].len)
			out[i] = nothing;
		said += out[i].at != NULL;
		if (again || (paths[i]->step_count && is_chosen_twice(paths[i], row))) {
			many(run, op, is_in);
			if (!may_pass(op))
				return -1;
			again = false;
		}
	}
	return said;
}

static struct cb_text joined(struct run *run, const struct op *op, const struct cb_text *texts)
{
	size_t len = 0, count = 0;
	char *out, *at;

	for (size_t i = 0; i < op->there_count; i++)
		len += texts[i].len + op->join.len;
	out = at = arena_take(run->arena, len + 1);
	for (size_t i = 0; i < op->there_count; i++) {
		if (!texts[i].at)
			continue;
		if (count++) {
			memcpy(at, op->join.at, op->join.len);
			at += op->join.len;
		}
		memcpy(at, texts[i].at, texts[i].len);
		at += texts[i].len;
	}
	return (struct cb_text){ out, (size_t)(at - out) };
}

/* One text of theirs in all: joined, or by levels of areas. */
static bool bring_together(struct run *run, const struct op *op, struct cb_text *texts)
{
	if (op->flags & OP_REGIONS) {
		struct cb_text levels[MOST];
		size_t count = op->there_count;

		memcpy(levels, texts, sizeof(levels));
		if (op->join.at && count == 1) {
			struct cb_text rest = texts[0];

			for (count = 0; rest.at && count < MOST; count++) {
				const char *bar =
					memmem(rest.at, rest.len, op->join.at, op->join.len);

				levels[count] = rest;
				if (!bar) {
					rest = nothing;
					continue;
				}
				levels[count].len = (size_t)(bar - rest.at);
				rest.len -= levels[count].len + op->join.len;
				rest.at = bar + op->join.len;
			}
		}
		if (regions_in(op->via, run->arena, levels, count, &texts[0])) {
			no_region(run, op);
			return false;
		}
	} else if (op->join.at && op->there_count > 1) {
		texts[0] = joined(run, op, texts);
	}
	return true;
}

/* false: a finding was added and the field stays empty. */
static bool value_in(struct run *run, const struct op *op, struct cb_text *texts, struct row *here,
		     struct cb_text *out)
{
	bool is_tuple = op->table && op->table->in.from_count > 1,
	     is_number = op->min.at || op->max.at;

	if (!is_tuple) {
		if (!bring_together(run, op, texts))
			return false;
		if (is_number && !check_limits(run, op, texts[0])) /* in their unit */
			return false;
	}
	for (size_t k = 0; k < (is_tuple ? op->there_count : 1); k++)
		for (size_t i = 0; i < op->via_count; i++) {
			const struct transform *t = &op->via[i];
			const char *code = t->kind->in && texts[k].at
						   ? t->kind->in(t, run->arena, &texts[k])
						   : NULL;

			if (code) {
				transform_failed(run, op, code);
				return false;
			}
			if (!texts[k].len)
				texts[k] = nothing;
		}
	if (!is_tuple && !texts[0].at)
		return true; /* a transform found nothing in it */
	if (!is_tuple && !is_number && !check_limits(run, op, texts[0]))
		return false;
	if (op->table)
		return codes_across(run, op, &op->table->in, texts, here, out, true);
	if (!check_identity(run, op, &texts[0]) || !form_in(run, op, &texts[0]))
		return false;
	out[0] = texts[0];
	return true;
}

static void add_key(struct run *run, struct cb_text part)
{
	struct result *result = run->result;

	if (!run->has_key)
		result->key = part;
	else
		result->key = cb_text_of(arena_printf(run->arena, "%.*s\x1f%.*s",
						      CB_TEXT_ARG(result->key), CB_TEXT_ARG(part)));
	run->has_key = true;
}

static bool value_out(struct run *run, const struct op *op, const struct cb_text *ours,
		      const struct row *here, struct cb_text *texts);

/* The identity is what we would write, so that both directions know the record by one name. */
static void key_in(struct run *run, const struct op *op, const struct cb_text *ours,
		   const struct row *here)
{
	struct result before = *run->result;
	struct cb_text texts[MOST] = { { 0 } };

	if ((op->flags & OP_PLAIN) || !ours[0].at) {
		add_key(run, ours[0]);
		return;
	}
	if (!value_out(run, op, ours, here, texts)) {
		*run->result = before; /* said already, or only of the way out */
		memset(texts, 0, sizeof(texts));
	}
	for (size_t i = 0; i < op->there_count; i++)
		add_key(run, texts[i]);
}

static void write_here(struct run *run, const struct op *op, const struct cb_text *values,
		       struct row *here)
{
	for (size_t i = 0; i < op->here_count; i++) {
		if (!values[i].at)
			continue;
		if (op->here_slot != NO_SLOT && i == 0)
			here->values[op->here_slot] = values[0];
		else
			path_set(run->arena, op->here[i], here, values[i]);
	}
}

/* Nothing but a text from slot to slot: most lines, so it has no detours. */
static bool plain_in(struct run *run, const struct op *op, const struct row *there,
		     struct row *here)
{
	struct cb_text text = there->values[op->there_slot];

	if (there->again && there->again[op->there_slot])
		return false;
	if (is_blank(op, text)) {
		if (op->flags & OP_NEED_IN)
			need(run, op, true);
		if (op->flags & OP_KEY)
			add_key(run, nothing);
		return true;
	}
	if (!check_limits(run, op, text) || !model_fits(run, op, op->field, text))
		return true;
	here->values[op->here_slot] = text;
	if (op->flags & OP_KEY)
		add_key(run, text);
	return true;
}

void field_in(struct run *run, const struct op *op, const struct row *there, struct row *here)
{
	struct cb_text texts[MOST], ours[MOST] = { { 0 } };
	size_t findings = run->result->count;
	int said;

	if ((op->flags & OP_PLAIN) && plain_in(run, op, there, here))
		return;
	said = gather(run, op, op->there, op->there_count, there, texts, true);
	if (said > 0 && value_in(run, op, texts, here, ours))
		if (ours[0].at && !model_fits(run, op, op->field, ours[0]))
			ours[0] = nothing;
	if (!ours[0].at && op->standard.at && said <= 0)
		ours[0] = op->standard;
	write_here(run, op, ours, here);
	if (!ours[0].at && (op->flags & OP_NEED_IN) && run->result->count == findings)
		need(run, op, true);
	if (op->flags & OP_KEY)
		key_in(run, op, ours, here);
}

/* ---------------------------------------------------------- out */

/* One joined text back into its fields. */
static bool part_again(struct run *run, const struct op *op, struct cb_text text,
		       struct cb_text *texts)
{
	size_t count = 0;

	for (size_t i = 0; i < op->there_count; i++)
		texts[i] = nothing;
	for (;;) {
		const char *bar = count + 1 <= op->there_count
					  ? memmem(text.at, text.len, op->join.at, op->join.len)
					  : NULL;

		if (count == op->there_count) {
			found(run, op, "many", strict(op),
			      "“%s”分成的段数超过对方的 %zu 个字段（%s）：请核对",
			      "'%s' has more parts than their %zu fields (%s): please check",
			      LABEL(op), op->there_count, THEIRS(op));
			return false;
		}
		texts[count] = text;
		if (!bar)
			return true;
		texts[count++].len = (size_t)(bar - text.at);
		text.len -= (size_t)(bar - text.at) + op->join.len;
		text.at = bar + op->join.len;
	}
}

static bool spread_out(struct run *run, const struct op *op, struct cb_text *texts)
{
	struct cb_text value = texts[0];

	if (op->flags & OP_REGIONS) {
		size_t count = op->there_count;
		struct cb_text levels[MOST] = { { 0 } };

		if (op->join.at && count == 1)
			count = op->via->number ? (size_t)op->via->number : 3;
		if (regions_out(op->via, run->arena, value, levels, count)) {
			no_region(run, op);
			return false;
		}
		memcpy(texts, levels, op->there_count * sizeof(*texts));
		if (op->join.at && op->there_count == 1)
			for (size_t i = 1; i < count && levels[i].at; i++)
				texts[0] = cb_text_of(arena_printf(
					run->arena, "%.*s%.*s%.*s", CB_TEXT_ARG(texts[0]),
					CB_TEXT_ARG(op->join), CB_TEXT_ARG(levels[i])));
		return true;
	}
	if (op->join.at && op->there_count > 1)
		return part_again(run, op, value, texts);
	return true;
}

/* false: a finding was added and nothing is written. */
static bool value_out(struct run *run, const struct op *op, const struct cb_text *ours,
		      const struct row *here, struct cb_text *texts)
{
	bool is_tuple = op->table && op->table->in.from_count > 1;
	struct cb_text from[MOST];

	memcpy(from, ours, op->here_count * sizeof(*from));
	texts[0] = ours[0];
	if (op->table) {
		if (!codes_across(run, op, &op->table->out, from, here, texts, false))
			return false;
	} else if (!check_identity(run, op, &texts[0]) || !form_out(run, op, &texts[0])) {
		return false;
	}
	for (size_t k = 0; k < (is_tuple ? op->there_count : 1); k++)
		for (size_t i = op->via_count; i-- > 0;) {
			const struct transform *t = &op->via[i];
			const char *code = t->kind->out && texts[k].at
						   ? t->kind->out(t, run->arena, &texts[k])
						   : NULL;

			if (code) {
				transform_failed(run, op, code);
				return false;
			}
		}
	if (is_tuple)
		return true;
	if (!(op->flags & OP_REGIONS) && texts[0].at && !check_limits(run, op, texts[0]))
		return false;
	return spread_out(run, op, texts);
}

static void write_there(struct run *run, const struct op *op, const struct cb_text *texts,
			struct row *there)
{
	for (size_t i = 0; i < op->there_count; i++) {
		struct cb_text text = texts[i];

		if (!text.len && op->blank.count)
			text = op->blank.at[0];
		if (!text.at)
			continue;
		if (op->there_slot != NO_SLOT && i == 0)
			there->values[op->there_slot] = text;
		else
			path_set(run->arena, op->there[i], there, text);
	}
}

static bool plain_out(struct run *run, const struct op *op, const struct row *here,
		      struct row *there)
{
	struct cb_text text = here->values[op->here_slot];

	if (!text.len) {
		if (op->flags & OP_NEED_OUT)
			need(run, op, false);
		if (op->flags & OP_KEY)
			add_key(run, nothing);
		if (op->blank.count)
			there->values[op->there_slot] = op->blank.at[0];
		return true;
	}
	if (!check_limits(run, op, text))
		return true;
	there->values[op->there_slot] = text;
	if (op->flags & OP_KEY)
		add_key(run, text);
	return true;
}

void field_out(struct run *run, const struct op *op, const struct row *here, struct row *there)
{
	struct cb_text ours[MOST], texts[MOST] = { { 0 } };
	size_t findings = run->result->count;
	int said;

	if ((op->flags & OP_PLAIN) && plain_out(run, op, here, there))
		return;
	said = gather(run, op, op->here, op->here_count, here, ours, false);
	if (said == 0 && op->standard.at) {
		ours[0] = op->standard;
		said = 1;
	}
	if (said > 0 && !value_out(run, op, ours, here, texts))
		memset(texts, 0, sizeof(texts));
	write_there(run, op, texts, there);
	if (!texts[0].at && (op->flags & OP_NEED_OUT) && run->result->count == findings)
		need(run, op, false);
	for (size_t i = 0; (op->flags & OP_KEY) && i < op->there_count; i++)
		add_key(run, texts[i]);
}
