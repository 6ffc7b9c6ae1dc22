/*
 * check.c - what a value must be, and the sentences where it is not.
 *
 * A sentence names the field by its label, says the rule and what to do, and
 * never the value.
 */
#include "mapping/plan.h"

#include "base/utf8.h"

/* ---------------------------------------------------------- findings */

bool may_pass(const struct op *op)
{
	return op->bad == BAD_WARN;
}

void say_many(struct run *run, const struct op *op, bool is_in)
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

void say_need(struct run *run, const struct op *op, bool is_in)
{
	enum bad bad = op->bad == BAD_SKIP ? BAD_HOLD : (enum bad)op->bad;

	if (is_in)
		found(run, op, "need", bad, "%s没有值，而这一项必须有；请对方补上后重发",
		      "%s has no value, and it must have one: ask them to send it",
		      names_of(run, op));
	else
		found(run, op, "need", bad, "“%s”没有值，而对方（%s）必须有；请在记录里补上",
		      "'%s' has no value, and they (%s) must have one: fill it in", LABEL(op),
		      THEIRS(op));
}

enum bad bad_strict(const struct op *op)
{
	return op->bad == BAD_WARN ? BAD_SKIP : (enum bad)op->bad;
}

void say_no_number(struct run *run, const struct op *op)
{
	found(run, op, "number", bad_strict(op),
	      "%s不是数，或除不尽；应像 1200 或 1,200.50，请改正后重发",
	      "%s is no number, or does not come out even: like 1200 or 1,200.50",
	      names_of(run, op));
}

void say_no_region(struct run *run, const struct op *op)
{
	found(run, op, "region", bad_strict(op),
	      "%s不是行政区划代码，或上下级不一致；应是 6、9 或 12 位数字",
	      "%s is no area code, or its levels do not agree: 6, 9 or 12 digits",
	      names_of(run, op));
}

void say_transform(struct run *run, const struct op *op, const char *code)
{
	if (strcmp(code, "region") == 0)
		say_no_region(run, op);
	else
		say_no_number(run, op);
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

/* In the charset that goes over the wire, where that is known. */
static int64_t bytes_of(struct mapping *m, struct cb_text text)
{
	struct buffer out = { 0 };
	int64_t len;

	if (m->charset == CHARSET_UNKNOWN || m->charset == CHARSET_UTF8)
		return (int64_t)text.len;
	if (!m->converter)
		m->converter = charset_converter_new(m->charset);
	if (!m->converter || charset_encode(m->converter, text, &out, NULL) != CB_OK) {
		/* After an error it is of no more use; what cannot be said is said when writing. */
		charset_converter_free(m->converter);
		m->converter = NULL;
		out.len = text.len;
	}
	len = (int64_t)out.len;
	buffer_done(&out);
	return len;
}

static bool size_fits(struct run *run, const struct op *op, struct cb_text text, bool *is_small)
{
	int64_t len;

	if (op->max_bytes > 0 && bytes_of(run->m, text) > op->max_bytes)
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
		found(run, op, "small", op->bad, "%s小于下限 %.*s，请核对",
		      "%s is below %.*s: please check", names_of(run, op), CB_TEXT_ARG(op->min));
	else
		found(run, op, "small", op->bad, "%s少于 %lld 个字，请补全",
		      "%s has fewer than %lld characters: complete it", names_of(run, op),
		      (long long)op->min_chars);
}

static void too_long(struct run *run, const struct op *op, struct cb_text text)
{
	if (op->max.at)
		found(run, op, "long", op->bad, "%s大于上限 %.*s，请核对",
		      "%s is above %.*s: please check", names_of(run, op), CB_TEXT_ARG(op->max));
	else if (op->max_bytes > 0 && bytes_of(run->m, text) > op->max_bytes)
		found(run, op, "long", op->bad, "%s有 %lld 字节，最多 %lld 字节，请缩短",
		      "%s has %lld bytes, at most %lld: shorten it", names_of(run, op),
		      (long long)bytes_of(run->m, text), (long long)op->max_bytes);
	else
		found(run, op, "long", op->bad, "%s有 %zu 个字，最多 %lld 个，请缩短",
		      "%s has %zu characters, at most %lld: shorten it", names_of(run, op),
		      utf8_length(text), (long long)op->max_chars);
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
bool fits_limits(struct run *run, const struct op *op, struct cb_text text)
{
	bool is_small = false, fits;

	if (!(op->flags & OP_LIMITS))
		return true;
	fits = op->min.at || op->max.at ? number_fits(op, text, &is_small)
					: size_fits(run, op, text, &is_small);
	if (!fits) {
		if (is_small)
			too_small(run, op);
		else
			too_long(run, op, text);
		return may_pass(op);
	}
	if (op->like && !is_like(run, op, text)) {
		found(run, op, "like", op->bad, "%s的写法不对，应符合 %s",
		      "%s is not written as it should be: %s", names_of(run, op), op->like_text);
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
		      "%s的末几位已被 Excel 变成零或科学记数，找不回来：请按原件重新录入，"
		      "并把该列设为文本",
		      "Excel has already rounded the last digits of %s, and they cannot be "
		      "recovered: type it again from the document, in a text column",
		      names_of(run, op));
		break;
	case IDENTITY_MASKED:
		found(run, op, code, op->bad, "%s被打了码，不能当号码用：请对方给完整的号码",
		      "%s is masked and cannot be used as a number: ask for the full one",
		      names_of(run, op));
		break;
	case IDENTITY_DATE:
		found(run, op, code, op->bad, "%s里的出生日期不存在：请对照证件核对",
		      "the birth date inside %s does not exist: compare the document",
		      names_of(run, op));
		break;
	case IDENTITY_CHECK:
		found(run, op, code, op->bad, "%s的校验位不对，多半是录错了一位：请对照证件核对",
		      "the check digit of %s does not fit, so a digit is probably wrong: "
		      "compare the document",
		      names_of(run, op));
		break;
	default:
		found(run, op, code, op->bad, "%s的位数或字符不对：请核对",
		      "%s has a wrong length or wrong characters: please check", names_of(run, op));
	}
}

/* The normal form; false: it cannot go on. */
bool fits_identity(struct run *run, const struct op *op, struct cb_text *text)
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

bool fits_model(struct run *run, const struct op *op, struct cb_text text)
{
	if (!op->field->max || (int64_t)text.len <= op->field->max ||
	    (int64_t)utf8_length(text) <= op->field->max)
		return true;
	found(run, op, "long", bad_strict(op), "%s有 %zu 个字，我们最多存 %lld 个，请缩短",
	      "%s has %zu characters, and we keep at most %lld: shorten it", names_of(run, op),
	      utf8_length(text), (long long)op->field->max);
	return false;
}
