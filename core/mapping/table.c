/*
 * table.c - a mapping as the field list that two agencies sign.
 *
 * The compiled lines say which lines there are (parts and groups are resolved
 * there), their elements say what was asked for, in the writer's own words.
 */
#include "mapping/plan.h"

#include <stdarg.h>
#include <stdio.h>

#define ROWS_SHOWN 12 /* of a code table; a longer one is named */

struct table_walk {
	const struct mapping *m;
	struct arena *arena;
	void (*each)(void *with, const struct mapping_row *row);
	void *with;
	/* What stands around a line. */
	const char *label, *path[2], *when; /* path: of the rows, with equalities; "" the record */
	const char *name[2];                /* the same as lines have it, without equalities */
};

struct word {
	const char *name, *zh, *en;
};

static const char *worded(const struct word *words, const char *name)
{
	for (; words->name; words++)
		if (strcmp(words->name, name) == 0)
			return cb_say(words->zh, words->en);
	return name;
}

static const char *type_words(int type)
{
	static const struct word words[] = {
		{ "text", "文字", "text" },         { "integer", "整数", "whole number" },
		{ "decimal", "小数", "decimal" },   { "money", "金额", "money" },
		{ "flag", "是否", "yes or no" },    { "date", "日期", "date" },
		{ "time", "时间", "time" },         { "datetime", "日期时间", "date and time" },
		{ "code", "代码", "code" },         { "ref", "引用", "reference" },
		{ "document", "附件", "document" }, { NULL, NULL, NULL },
	};

	return worded(words, field_type_word((enum field_type)type));
}

/* The words of the user's language. */
static void CB_SAYS(2, 3, 4) put(struct buffer *rule, const char *zh, const char *en, ...)
{
	va_list args, again;
	int len;

	va_start(args, en);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, cb_say(zh, en), args);
	va_end(args);
	buffer_room(rule, (size_t)len + 1);
	vsnprintf(rule->at + rule->len, (size_t)len + 1, cb_say(zh, en), again);
	va_end(again);
	rule->len += (size_t)len;
}

static void rule_next(struct buffer *rule)
{
	if (rule->len)
		buffer_string(rule, cb_say("；", "; "));
}

/* ------------------------------------------------------------- codes */

static void put_code(struct buffer *rule, const struct code_row *row)
{
	buffer_string(rule, row->there ? row->there : cb_say("其余", "all others"));
	buffer_char(rule, '=');
	if (row->outcome == OUTCOME_HELD)
		put(rule, "挂起（%s）", "held (%s)", row->say);
	else if (row->outcome == OUTCOME_PASSED_BY)
		put(rule, "略过（%s）", "passed by (%s)", row->say);
	else
		buffer_string(rule, row->here ? row->here : "");
	if (row->label && !row->outcome)
		put(rule, "（%s）", " (%s)", row->label);
	if (row->when)
		put(rule, "，当 %s", " when %s", row->when);
	if (row->way == WAY_IN)
		buffer_string(rule, cb_say("，只读入", ", in only"));
	else if (row->way == WAY_OUT)
		buffer_string(rule, cb_say("，只写出", ", out only"));
}

static void rule_codes(struct buffer *rule, const struct codes *codes)
{
	const char *href = cb_attribute(codes->element, "href");

	rule_next(rule);
	put(rule, "代码表 %s", "codes %s", codes->name);
	if (codes->count > ROWS_SHOWN) {
		put(rule, "（%zu 行", " (%zu rows", codes->count);
		if (href)
			put(rule, "，见 %s", ", in %s", href);
		buffer_string(rule, cb_say("）", ")"));
		return;
	}
	buffer_string(rule, cb_say("：", ": "));
	for (size_t i = 0; i < codes->count; i++) {
		if (i)
			buffer_string(rule, cb_say("、", ", "));
		put_code(rule, &codes->rows[i]);
	}
	if (codes->otherwise) {
		buffer_string(rule, codes->count ? cb_say("、", ", ") : "");
		put_code(rule, codes->otherwise);
	}
}

/* ------------------------------------------------------------- the rest of a rule */

static void rule_via(struct buffer *rule, const struct cb_element *e)
{
	static const struct word words[] = {
		{ "times", "乘以", "times" },
		{ "pad", "补位", "padded" },
		{ "cut", "只取前", "cut" },
		{ "upper", "变大写", "upper case" },
		{ "lower", "变小写", "lower case" },
		{ "squeeze", "去多余空白、全角变半角", "blanks squeezed, full-width narrowed" },
		{ "digits", "只留数字", "digits only" },
		{ "region", "区划代码位数", "region code of digits" },
		{ "regions", "各级区划合为一个代码", "one region code of several levels" },
		{ "before", "取它之前", "what is before" },
		{ "after", "取它之后", "what is after" },
		{ "strip-suffix", "去名称后缀", "suffix dropped" },
		{ "idcard-sex", "由身份证得性别", "sex of the id" },
		{ "idcard-birth", "由身份证得出生日期", "birth date of the id" },
		{ "mask", "遮盖", "masked" },
		{ "hash", "散列", "hashed" },
		{ NULL, NULL, NULL },
	};
	const char *at = cb_attribute(e, "via");

	if (!at)
		return;
	rule_next(rule);
	buffer_string(rule, cb_say("转换：", "via "));
	while (*at) {
		size_t len = strcspn(at, " (");
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		buffer_string(rule, worded(words, name));
		at += len;
		len = *at == '(' ? strcspn(at, ")") + (strchr(at, ')') != NULL) : 0;
		buffer_put(rule, at, len);
		at += len;
		at += strspn(at, " ");
		if (*at)
			buffer_string(rule, cb_say("、", ", "));
	}
}

static void rule_alternatives(struct buffer *rule, const char *text)
{
	size_t len = strcspn(text, "|");

	rule_next(rule);
	put(rule, "格式 %.*s", "format %.*s", (int)len, text);
	if (!text[len])
		return;
	buffer_string(rule, cb_say("（也读 ", " (also read: "));
	for (text += len + 1; *text; text += len + (text[len] == '|')) {
		len = strcspn(text, "|");
		buffer_put(rule, text, len);
		if (text[len])
			buffer_string(rule, cb_say("、", ", "));
	}
	buffer_string(rule, cb_say("）", ")"));
}

static void rule_format(struct buffer *rule, const struct op *op)
{
	const char *format = cb_attribute(op->line->element, "format");
	const char *zone = cb_attribute(op->line->element, "zone");

	if (op->type == FIELD_FLAG && (op->flags & OP_FLAG_WORDS || format)) {
		rule_next(rule);
		put(rule, "是写 %.*s，否写 %.*s", "yes is %.*s, no is %.*s",
		    CB_TEXT_ARG(op->words[0]), CB_TEXT_ARG(op->words[1]));
	} else if (format) {
		rule_alternatives(rule, format);
	}
	if (zone) {
		rule_next(rule);
		put(rule, "时区 %s", "zone %s", zone);
	}
}

static void rule_blank(struct buffer *rule, const struct op *op)
{
	if (!op->blank.count)
		return;
	rule_next(rule);
	for (size_t i = 0; i < op->blank.count; i++)
		buffer_printf(rule, "%s“%.*s”", i ? cb_say("、", ", ") : "",
			      CB_TEXT_ARG(op->blank.at[i]));
	buffer_string(rule, cb_say("表示没有", " means nothing"));
}

static void rule_limits(struct buffer *rule, const struct op *op)
{
	static const struct {
		const char *name, *zh, *en, *zh_number, *en_number;
	} limits[] = {
		{ "min", "至少 %s 字", "at least %s characters", "不小于 %s", "at least %s" },
		{ "max", "至多 %s 字", "at most %s characters", "不大于 %s", "at most %s" },
		{ "max-bytes", "至多 %s 字节", "at most %s bytes", NULL, NULL },
		{ "like", "样式 %s", "pattern %s", NULL, NULL },
	};
	bool is_number =
		op->type == FIELD_INTEGER || op->type == FIELD_DECIMAL || op->type == FIELD_MONEY;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		const char *value = cb_attribute(op->line->element, limits[i].name), *form;

		if (!value)
			continue;
		form = is_number && !op->table && limits[i].zh_number
			       ? cb_say(limits[i].zh_number, limits[i].en_number)
			       : cb_say(limits[i].zh, limits[i].en);
		rule_next(rule);
		buffer_put(rule, form, strcspn(form, "%"));
		buffer_string(rule, value);
		buffer_string(rule, strstr(form, "%s") + 2);
	}
}

static void rule_is(struct buffer *rule, const struct cb_element *e)
{
	static const struct word words[] = {
		{ "idcard", "身份证号，验校验码", "an id card number, its check digit verified" },
		{ "phone", "电话号码", "a phone number" },
		{ "uscc", "统一社会信用代码，验校验码", "a credit code, its check verified" },
		{ "orgcode", "组织机构代码，验校验码", "an organisation code, its check verified" },
		{ "region", "行政区划代码", "a region code" },
		{ NULL, NULL, NULL },
	};
	const char *is = cb_attribute(e, "is");

	if (!is)
		return;
	rule_next(rule);
	buffer_string(rule, worded(words, is));
}

static void rule_bad(struct buffer *rule, const struct cb_element *e)
{
	static const struct word words[] = {
		{ "hold", "不合规时挂起", "a fault holds the record" },
		{ "reject", "不合规时退回", "a fault rejects the record" },
		{ "skip", "不合规时此项留空", "a fault leaves it empty" },
		{ "warn", "不合规时放行并说明", "a fault is said and passes" },
		{ NULL, NULL, NULL },
	};
	const char *bad = cb_attribute(e, "bad");

	if (!bad)
		return;
	rule_next(rule);
	buffer_string(rule, worded(words, bad));
}

/* "zh text %s" with one value, where the element has that attribute. */
static void rule_said(struct buffer *rule, const struct cb_element *e, const char *name,
		      const char *zh, const char *en)
{
	const char *value = cb_attribute(e, name);

	if (!value)
		return;
	rule_next(rule);
	buffer_string(rule, cb_say(zh, en));
	buffer_string(rule, value);
}

static void rule_field(struct buffer *rule, const struct op *op)
{
	const struct cb_element *e = op->line->element;

	if (op->flags & OP_KEY) {
		rule_next(rule);
		buffer_string(rule, cb_say("记录的标识", "the record's identity"));
	}
	rule_said(rule, e, "join", "几项相连，中间是 ", "joined by ");
	rule_via(rule, e);
	rule_format(rule, op);
	if (op->table)
		rule_codes(rule, op->table->codes);
	rule_is(rule, e);
	rule_limits(rule, op);
	rule_blank(rule, op);
	rule_said(rule, e, "default", "没有时当作 ", "nothing means ");
	if (op->line->is_secret) {
		rule_next(rule);
		buffer_string(rule, cb_say("个人信息，显示时遮盖", "personal, masked where shown"));
	}
	rule_bad(rule, e);
}

/* ------------------------------------------------------------- rows */

/* A line's path with that of the rows around it, equalities and all. */
static const char *full_path(const struct table_walk *w, enum side side, const char *name)
{
	size_t len = strlen(w->name[side]);

	if (!name)
		return "";
	if (!len || strncmp(name, w->name[side], len) != 0)
		return name;
	return arena_printf(w->arena, "%s%s", w->path[side], name + len);
}

static const char *in_label(const struct table_walk *w, const char *label)
{
	if (!*w->label || strcmp(w->label, label) == 0)
		return label;
	return arena_printf(w->arena, "%s·%s", w->label, label);
}

static const char *way_word(unsigned way)
{
	return way == WAY_IN ? "in" : way == WAY_OUT ? "out" : "both";
}

static const char *need_words(const struct op *op)
{
	if (op->way == WAY_IN)
		return op->flags & OP_NEED_IN ? cb_say("必填", "yes") : "";
	if (op->way == WAY_OUT)
		return op->flags & OP_NEED_OUT ? cb_say("必填", "yes") : "";
	switch (op->flags & (OP_NEED_IN | OP_NEED_OUT)) {
	case OP_NEED_IN:
		return cb_say("读入必填", "in");
	case OP_NEED_OUT:
		return cb_say("写出必填", "out");
	case OP_NEED_IN | OP_NEED_OUT:
		return cb_say("必填", "yes");
	default:
		return "";
	}
}

static const char *trip_words(const struct op *op)
{
	if (op->kind != OP_FIELD)
		return "";
	switch (op->class) {
	case CLASS_EXACT:
		return cb_say("原样", "exact");
	case CLASS_NORMAL:
		return cb_say("归一", "normal");
	default:
		return cb_say("单向", "one-way");
	}
}

static void give(struct table_walk *w, const struct op *op, struct buffer *rule, const char *here,
		 const char *there)
{
	const char *note = cb_attribute(op->line->element, "note");
	struct mapping_row row = {
		.label = in_label(w, op->line->label ? op->line->label : ""),
		.here = here,
		.type = op->field ? type_words(op->field->type) : "",
		.there = there,
		.need = need_words(op),
		.trip = trip_words(op),
		.way = way_word(op->way),
		.note = note ? note : "",
		.file = op->line->element->file,
		.line = op->line->number,
	};

	if (*w->when)
		row.rule = rule->len ? arena_printf(w->arena, "%s%s%s", w->when, cb_say("：", ": "),
						    buffer_cstr(rule))
				     : w->when;
	else
		row.rule = arena_string(w->arena, buffer_view(rule));
	w->each(w->with, &row);
}

/* Several fields of ours stand in the element alone. */
static const char *field_here(const struct table_walk *w, const struct op *op)
{
	const struct line *line = op->line;
	const char *all = cb_attribute(line->element, "here");

	if (op->here_count < 2)
		return full_path(w, HERE, line->here);
	return arena_printf(w->arena, "%s%s", w->path[HERE], all);
}

static void walk_body(struct table_walk *w, const struct body *body);

static void give_field(struct table_walk *w, const struct op *op)
{
	struct buffer rule = { 0 };

	rule_field(&rule, op);
	give(w, op, &rule, field_here(w, op), full_path(w, THERE, op->line->there));
	buffer_done(&rule);
}

static void give_set(struct table_walk *w, const struct op *op)
{
	struct buffer rule = { 0 };

	put(&rule, "固定写 %.*s", "always %.*s", CB_TEXT_ARG(op->value));
	if (op->flags & OP_VERIFY)
		buffer_string(&rule, cb_say("；读时核对", "; verified where it is read"));
	give(w, op, &rule, full_path(w, HERE, op->line->here),
	     full_path(w, THERE, op->line->there));
	buffer_done(&rule);
}

static void give_check(struct table_walk *w, const struct op *op)
{
	struct buffer rule = { 0 };
	const char *here = cb_attribute(op->line->element, "here");

	if (!here)
		here = cb_attribute(op->line->element, "order");
	put(&rule, "必须：%s", "must hold: %s", here ? here : "");
	if (op->say && strcmp(op->say, op->line->label) != 0)
		buffer_printf(&rule, "（%s）", op->say);
	rule_bad(&rule, op->line->element);
	give(w, op, &rule, "", "");
	buffer_done(&rule);
}

static void give_each(struct table_walk *w, const struct op *op)
{
	const struct cb_element *e = op->line->element;
	struct buffer rule = { 0 };

	buffer_string(&rule, op->is_numbered ? cb_say("列表，对方是编号的列",
						      "a list; numbered columns there")
					     : cb_say("列表对列表", "list to list"));
	if (op->split.len)
		put(&rule, "，对方用 %.*s 隔开", ", parted by %.*s", CB_TEXT_ARG(op->split));
	rule_said(&rule, e, "min", "最少项数 ", "items at least ");
	rule_said(&rule, e, "max", "最多项数 ", "items at most ");
	rule_bad(&rule, e);
	give(w, op, &rule, full_path(w, HERE, op->line->here),
	     full_path(w, THERE, op->line->there));
	buffer_done(&rule);
}

/* The rows below an operation: "party[role='applicant']/". */
static void enter(struct table_walk *in, const struct op *op, enum side side)
{
	const char *name = side == HERE ? op->line->here : op->line->there;
	const struct list_at *list = &op->list[side];

	if (!name || !list->shape)
		return;
	if (list->equal_slot == NO_SLOT)
		in->path[side] = arena_printf(in->arena, "%s/", full_path(in, side, name));
	else
		in->path[side] =
			arena_printf(in->arena, "%s[%.*s='%.*s']/", full_path(in, side, name),
				     CB_TEXT_ARG(list->shape->slots[list->equal_slot].path),
				     CB_TEXT_ARG(list->equal_text));
	in->name[side] = arena_printf(in->arena, "%s/", name);
}

static void give_inside(struct table_walk *w, const struct op *op)
{
	const struct cb_element *e = op->line->element;
	struct table_walk in = *w;

	if (op->kind == OP_WHEN) {
		const char *there = cb_attribute(e, "there"), *here = cb_attribute(e, "here");
		const char *one = there ? there : here;

		in.when = arena_printf(w->arena, "%s%s%s %s", w->when, *w->when ? "，" : "",
				       cb_say("当", "when"), one);
		if (there && here)
			in.when = arena_printf(w->arena, "%s ⇄ %s", in.when, here);
	} else if (cb_attribute(e, "label") || op->kind == OP_EACH) {
		in.label = in_label(w, op->line->label ? op->line->label : "");
	}
	if (op->kind == OP_EACH)
		give_each(w, op);
	enter(&in, op, HERE);
	enter(&in, op, THERE);
	for (size_t i = 0; i < op->body_count; i++)
		if (!op->is_numbered || i == 0) /* the other numbers say the same */
			walk_body(&in, &op->bodies[i]);
}

static void give_op(struct table_walk *w, const struct op *op)
{
	switch (op->kind) {
	case OP_FIELD:
		give_field(w, op);
		break;
	case OP_SET:
		give_set(w, op);
		break;
	case OP_CHECK:
		give_check(w, op);
		break;
	default:
		give_inside(w, op);
	}
}

/* Lines with conditional codes run last; the list has them where they were written. */
static bool stands_before(const struct op *a, const struct op *b)
{
	const struct cb_element *x = a->line->element, *y = b->line->element;

	return x->up == y->up && (x->line != y->line ? x->line < y->line : x->column < y->column);
}

static void walk_body(struct table_walk *w, const struct body *body)
{
	const struct op **order = arena_take(w->arena, body->count * sizeof(struct op *) + 1);

	for (size_t i = 0; i < body->count; i++) {
		size_t at = i;

		for (size_t k = i; k > 0; k--)
			if (stands_before(&body->ops[i], order[k - 1]))
				at = k - 1;
		memmove(&order[at + 1], &order[at], (i - at) * sizeof(struct op *));
		order[at] = &body->ops[i];
	}
	for (size_t i = 0; i < body->count; i++)
		give_op(w, order[i]);
}

/* What they have and nobody uses. */
static void walk_ignored(struct table_walk *w, const struct cb_element *e)
{
	for (const struct cb_element *line = e->first; line; line = line->next) {
		struct mapping_row row = { .label = "",
					   .here = "",
					   .type = "",
					   .rule = "",
					   .need = "",
					   .trip = "",
					   .way = "none",
					   .note = "" };

		if (strcmp(line->name, "ignore") != 0 || !cb_attribute(line, "there"))
			continue;
		row.there = cb_attribute(line, "there");
		if (cb_attribute(line, "note"))
			row.note = cb_attribute(line, "note");
		row.file = line->file;
		row.line = line->line;
		w->each(w->with, &row);
	}
}

void mapping_table(const struct mapping *m, struct arena *arena,
		   void (*each)(void *with, const struct mapping_row *row), void *with)
{
	struct table_walk w = { .m = m,
				.arena = arena,
				.each = each,
				.with = with,
				.label = "",
				.path = { "", "" },
				.name = { "", "" },
				.when = "" };

	walk_body(&w, &m->body);
	if (m->there_element)
		walk_ignored(&w, m->there_element->up);
}
