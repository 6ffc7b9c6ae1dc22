/*
 * field_read.c - one <field> becomes one operation.
 */
#include "mapping/plan.h"

#include <libxml/xmlerror.h>
#include <stdlib.h>

#include "base/utf8.h"

#define CHINA (8 * 60) /* where neither the field nor `there` names a zone */

static bool is_word(const struct cb_element *e, const char *name, const char *word)
{
	const char *value = cb_attribute(e, name);

	return value && strcmp(value, word) == 0;
}

static bool is_number(int type)
{
	return type == FIELD_INTEGER || type == FIELD_DECIMAL || type == FIELD_MONEY;
}

static bool is_word_type(int type)
{
	return type == FIELD_TEXT || type == FIELD_CODE || type == FIELD_REF;
}

static bool is_time(int type)
{
	return type == FIELD_DATE || type == FIELD_TIME || type == FIELD_DATETIME;
}

static const struct table *table_of(const struct frame *f, const struct path *path)
{
	const struct table *table = f->table;

	for (size_t i = 0; i < path->up && table; i++)
		table = table->up;
	for (size_t i = 0; i < path->step_count && table; i++)
		table = &table->lists[path->steps[i].index];
	return table;
}

static struct shape *shape_of(const struct frame *f, enum side side, const struct path *path)
{
	struct shape *shape = f->shape[side];

	for (size_t i = 0; i < path->up; i++)
		shape = shape->up;
	for (size_t i = 0; i < path->step_count; i++)
		shape = shape->lists[path->steps[i].index];
	return shape;
}

const struct field *line_field(const struct frame *f, const struct path *path)
{
	return &table_of(f, path)->fields[path->slot];
}

bool line_fits(const struct field *field, struct cb_text text)
{
	switch (field->type) {
	case FIELD_INTEGER:
		return number_is_canonical(text) && number_is_integer(text);
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return number_is_canonical(text);
	case FIELD_FLAG:
		return cb_text_is(text, "yes") || cb_text_is(text, "no");
	case FIELD_DATE:
		return calendar_is_canonical(CALENDAR_DATE, text);
	case FIELD_TIME:
		return calendar_is_canonical(CALENDAR_TIME, text);
	case FIELD_DATETIME:
		return calendar_is_canonical(CALENDAR_DATETIME, text);
	default:
		return !field->max || (int64_t)utf8_length(text) <= field->max;
	}
}

static bool read_paths(struct frame *f, const struct cb_element *e, struct op *op,
		       struct line *line)
{
	bool has_here = paths_read(f, e, "here", HERE, PATH_VALUE, &op->here, &op->here_count);
	bool has_there = paths_read(f, e, "there", THERE, PATH_VALUE, &op->there, &op->there_count);
	const struct path *here, *there;
	struct spelled *spelled;
	size_t count;

	if (op->here_count > OP_MOST || op->there_count > OP_MOST) {
		problem_at(f->reader->problems, e, op->here_count > OP_MOST ? "here" : "there", 0,
			   "一行最多 %d 个字段", "a line has at most %d paths each side", OP_MOST);
		return false;
	}
	if (!has_here || !has_there || !paths_spell(f, e, "there", THERE, &spelled, &count))
		return false;
	line->there = paths_name(f, THERE, spelled[0].text);
	for (size_t i = 1; i < count; i++)
		line->there = arena_printf(f->reader->arena, "%s %s", line->there,
					   paths_name(f, THERE, spelled[i].text));
	for (size_t i = 0; i < count; i++)
		if (op->way & WAY_OUT)
			line_writes(f, e, THERE, op->there[i], spelled[i].text);
	if (!paths_spell(f, e, "here", HERE, &spelled, &count))
		return false;
	line->here = paths_name(f, HERE, spelled[0].text);
	for (size_t i = 0; i < count; i++)
		if (op->way & WAY_IN)
			line_writes(f, e, HERE, op->here[i], spelled[i].text);
	here = op->here[0];
	there = op->there[0];
	op->here_slot = here->step_count || here->up ? NO_SLOT : here->slot;
	op->there_slot = there->step_count || there->up ? NO_SLOT : there->slot;
	op->field = line_field(f, here);
	if (!line->label)
		line->label = op->field->label ? op->field->label : line->here;
	line->is_secret = is_word(e, "secret", "yes") || op->field->privacy != PRIVACY_NONE;
	return true;
}

/* The type as it is over there must lead to the model's. */
static bool read_type(struct frame *f, const struct cb_element *e, struct op *op)
{
	static const char *const words[] = { "text", "integer", "decimal",  "money", "flag",
					     "date", "time",    "datetime", "code",  NULL };
	const char *word = cb_attribute(e, "type");
	int model = op->field->type, type = model;

	for (int i = 0; word && words[i]; i++)
		if (strcmp(word, words[i]) == 0)
			type = i;
	op->type = (uint8_t)type;
	if (type == model || (is_number(type) && is_number(model)) ||
	    (!is_number(model) && !is_time(model) && model != FIELD_FLAG && !is_time(type) &&
	     type != FIELD_FLAG))
		return true;
	problem_at(f->reader->problems, e, "type", 0, "模型里“%s”的类型是 %s，不能写成 %s",
		   "the model's '%s' is of type %s, not %s", op->line->here, field_type_word(model),
		   word);
	return false;
}

static void read_codes(struct frame *f, const struct cb_element *e, struct op *op)
{
	const char *name = cb_attribute(e, "codes"), *near;
	struct codes *codes;

	if (!name)
		return;
	codes = codes_find(f->reader, name);
	if (!codes) {
		near = codes_nearest(f->reader, name);
		problem_at(f->reader->problems, e, "codes", 0, "没有代码表“%s”%s%s",
			   "there is no table '%s'%s%s", name,
			   near ? cb_say("；最接近的是 ", "; the nearest is ") : "",
			   near ? near : "");
		return;
	}
	if (is_time(op->type) || is_number(op->type)) {
		problem_at(f->reader->problems, e, "codes", 0, "%s 类型的字段不能用代码表",
			   "a field of type %s has no codes", field_type_word(op->type));
		return;
	}
	op->table = codes_table(f, codes, e, op->join.at ? 1 : op->there_count, op->here_count);
}

static void check_several(struct frame *f, const struct cb_element *e, const struct op *op)
{
	bool has_codes = cb_attribute(e, "codes");

	if (op->there_count > 1 && !op->join.at && !has_codes && !(op->flags & OP_REGIONS) &&
	    !cb_attribute(e, "via"))
		problem_at(f->reader->problems, e, "there", 0,
			   "几个字段对一个：要写 join、codes 或 via=\"regions\"",
			   "several fields for one need join, codes or via=\"regions\"");
	if (op->here_count > 1 && !has_codes)
		problem_at(f->reader->problems, e, "here", 0, "我们一侧写几个字段时要有 codes",
			   "several fields of ours need codes");
	if ((op->flags & OP_REGIONS) && has_codes)
		problem_at(f->reader->problems, e, "codes", 0, "regions 不能和 codes 同用",
			   "regions and codes exclude each other");
	if (op->join.at && !op->join.len)
		problem_at(f->reader->problems, e, "join", 0,
			   "join 是空的，写出时就分不开了：写一个连接的文字",
			   "join is empty, so the values could not be parted again");
}

static void read_pattern(struct frame *f, const struct cb_element *e, struct op *op)
{
	static const char *const standard[] = {
		[FIELD_DATE] = "yyyy-MM-dd", [FIELD_TIME] = "HH:mm:ss", [FIELD_DATETIME] = "iso"
	};
	const char *format = cb_attribute(e, "format"), *zone = cb_attribute(e, "zone");
	struct mapping *m = f->reader->m;
	struct calendar_pattern *pattern;
	struct cb_error err;

	op->zone = m->has_zone ? m->zone : CHINA;
	if (zone && !calendar_zone(zone, &op->zone))
		problem_at(f->reader->problems, e, "zone", 0, "时区写作 +08:00 或 Z",
			   "a zone is written +08:00 or Z");
	if (!is_time(op->type)) {
		if (zone)
			problem_at(f->reader->problems, e, "zone", 0,
				   "zone 只用于 date、time、datetime",
				   "zone goes with date, time, datetime");
		if (format && op->type != FIELD_FLAG)
			problem_at(f->reader->problems, e, "format", 0,
				   "format 只用于 date、time、datetime 和 flag",
				   "format goes with date, time, datetime and flag");
		return;
	}
	pattern = calendar_pattern_new(format ? format : standard[op->type], &err);
	if (!pattern) {
		problem_at(f->reader->problems, e, "format", err.column ? err.column - 1 : 0, "%s",
			   "%s", err.text);
		return;
	}
	plan_grow(m->arena, &m->calendars, m->calendar_count, &m->calendar_room,
		  sizeof(struct calendar_pattern *));
	m->calendars[m->calendar_count++] = pattern;
	op->pattern = pattern;
}

/* format="是|否": their words for yes and no. */
static void read_flag(struct frame *f, const struct cb_element *e, struct op *op)
{
	const char *format = cb_attribute(e, "format"), *bar = format ? strchr(format, '|') : NULL;

	if (op->type != FIELD_FLAG)
		return;
	op->words[0] = CB_TEXT("yes");
	op->words[1] = CB_TEXT("no");
	if (cb_attribute(e, "type") && !format) {
		op->flags |= OP_FLAG_WORDS;
		op->words[0] = CB_TEXT("true");
		op->words[1] = CB_TEXT("false");
	}
	if (!format)
		return;
	if (!bar || bar == format || !bar[1] || strchr(bar + 1, '|')) {
		problem_at(f->reader->problems, e, "format", 0,
			   "flag 的 format 写两个词，先是后否，如 是|否",
			   "a flag's format is two words, yes then no, such as Y|N");
		return;
	}
	op->words[0] = (struct cb_text){ format, (size_t)(bar - format) };
	op->words[1] = cb_text_of(bar + 1);
}

static int64_t whole(const char *text)
{
	return text ? strtoll(text, NULL, 10) : -1;
}

static void read_limits(struct frame *f, const struct cb_element *e, struct op *op)
{
	const char *min = cb_attribute(e, "min"), *max = cb_attribute(e, "max");
	struct problems *p = f->reader->problems;

	op->min_chars = op->max_chars = -1;
	op->max_bytes = whole(cb_attribute(e, "max-bytes"));
	if (is_number(op->type) && !op->table) {
		op->min = cb_text_of(min);
		op->max = cb_text_of(max);
		if (min && max && number_is_canonical(op->min) && number_is_canonical(op->max) &&
		    number_compare(op->min, op->max) > 0)
			problem_at(p, e, "max", 0, "max 比 min 小", "max is below min");
	} else {
		op->min_chars = whole(min);
		op->max_chars = whole(max);
		if (min && max && op->min_chars > op->max_chars)
			problem_at(p, e, "max", 0, "max 比 min 小", "max is below min");
		if (max && (strchr(max, '.') || op->max_chars < 1))
			problem_at(p, e, "max", 0, "max 是字符数，应是 1 以上的整数",
				   "max counts characters: a whole number from 1");
		if (min && (strchr(min, '.') || op->min_chars < 0))
			problem_at(p, e, "min", 0, "min 是字符数，应是整数",
				   "min counts characters: a whole number");
	}
	if (cb_attribute(e, "max-bytes") && op->max_bytes < 1)
		problem_at(p, e, "max-bytes", 0, "max-bytes 应是 1 以上的整数",
			   "max-bytes is a whole number from 1");
	if (min || max || op->max_bytes > 0)
		op->flags |= OP_LIMITS;
}

static void quiet(void *with, const xmlError *error)
{
	(void)with;
	(void)error;
}

static void read_like(struct frame *f, const struct cb_element *e, struct op *op)
{
	const char *like = cb_attribute(e, "like");
	struct mapping *m = f->reader->m;

	if (!like)
		return;
	xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)(void *)quiet);
	op->like = xmlRegexpCompile((const xmlChar *)like);
	xmlSetStructuredErrorFunc(NULL, NULL);
	op->like_text = like;
	op->flags |= OP_LIMITS;
	if (!op->like) {
		problem_at(f->reader->problems, e, "like", 0,
			   "like 不是正确的样式（XML Schema 正则），如 [A-Z]{2}[0-9]+",
			   "like is no right pattern (XML Schema), such as [A-Z]{2}[0-9]+");
		return;
	}
	plan_grow(m->arena, &m->patterns, m->pattern_count, &m->pattern_room, sizeof(xmlRegexp *));
	m->patterns[m->pattern_count++] = op->like;
}

static void read_is(struct frame *f, const struct cb_element *e, struct op *op)
{
	static const char *const words[] = { "idcard", "uscc", "orgcode", "phone", "region" };
	const char *is = cb_attribute(e, "is");

	op->is = -1;
	for (int i = 0; is && i < 5; i++)
		if (strcmp(is, words[i]) == 0)
			op->is = i;
	if (op->is >= 0 && op->type != FIELD_TEXT && op->type != FIELD_CODE)
		problem_at(f->reader->problems, e, "is", 0, "is 只用于文字，这里的类型是 %s",
			   "is goes with text; this is %s", field_type_word(op->type));
}

static void read_need(const struct cb_element *e, struct op *op)
{
	const char *need = cb_attribute(e, "need");

	if (!need || strcmp(need, "no") == 0)
		return;
	if (strcmp(need, "out") != 0)
		op->flags |= OP_NEED_IN;
	if (strcmp(need, "in") != 0)
		op->flags |= OP_NEED_OUT;
}

static void read_words(struct frame *f, const struct cb_element *e, struct op *op)
{
	const char *blank = cb_attribute(e, "blank"), *standard = cb_attribute(e, "default");

	op->blank = blank ? words_split(f->reader->arena, blank) : f->reader->m->blank;
	op->join = cb_text_of(cb_attribute(e, "join"));
	if (!standard)
		return;
	op->standard = cb_text_of(standard);
	if (!line_fits(op->field, op->standard) || op->here_count > 1)
		problem_at(f->reader->problems, e, "default", 0,
			   "default 要用我们的写法，“%s”的类型是 %s",
			   "a default is written our way: '%s' is of type %s", op->line->here,
			   field_type_word(op->field->type));
}

static void read_key(struct frame *f, const struct cb_element *e, struct op *op)
{
	if (!is_word(e, "key", "yes"))
		return;
	op->flags |= OP_KEY;
	if (f->in_each)
		problem_at(f->reader->problems, e, "key", 0, "列表里的字段不能作记录的标识",
			   "a field inside a list cannot be the record's identity");
}

static void no_ref(struct frame *f, const struct cb_element *e, const struct op *op,
		   const char *entity)
{
	const struct model *model = f->reader->m->model;
	const char *words[64], *near;
	size_t count = 0;

	for (size_t i = 0; i < model->entity_count && count < 63; i++)
		words[count++] = model->entities[i].name;
	words[count] = NULL;
	near = problem_nearest(entity, words);
	if (!model_entity(model, entity))
		problem_at(f->reader->problems, e, "ref", 0, "模型里没有实体“%s”%s%s",
			   "the model has no entity '%s'%s%s", entity,
			   near ? cb_say("；最接近的是 ", "; the nearest is ") : "",
			   near ? near : "");
	else
		problem_at(f->reader->problems, e, "ref", 0,
			   "模型里“%s”不是对 %s 的引用：在模型里写 <ref … entity=\"%s\"/>，"
			   "或去掉这里的 ref",
			   "the model's '%s' is no reference to %s: write <ref … entity=\"%s\"/> "
			   "there, or drop ref here",
			   op->line->here, entity, entity);
}

static void read_ref(struct frame *f, const struct cb_element *e, const struct op *op)
{
	const char *entity = cb_attribute(e, "ref"), *by = cb_attribute(e, "by");
	struct mapping *m = f->reader->m;
	struct mapping_ref ref = { .by = by, .here = op->line->here, .line = e->line };

	if (by && !entity)
		problem_at(f->reader->problems, e, "by", 0, "by 要和 ref 一起写",
			   "by goes with ref");
	if (!entity)
		return;
	if (op->field->type != FIELD_REF || strcmp(op->field->entity, entity) != 0) {
		no_ref(f, e, op, entity);
		return;
	}
	ref.table = table_of(f, op->here[0]);
	ref.slot = op->here[0]->slot;
	ref.entity = model_entity(m->model, entity);
	ref.is_in = op->way & WAY_IN;
	ref.is_out = op->way & WAY_OUT;
	for (size_t i = 0; i < m->ref_count; i++) {
		const struct mapping_ref *other = &m->refs[i];

		if (other->table != ref.table || other->slot != ref.slot ||
		    !((other->is_in && ref.is_in) || (other->is_out && ref.is_out)))
			continue;
		if (!by != !other->by || (by && strcmp(by, other->by) != 0))
			problem_at(f->reader->problems, e, "by", 0,
				   "第 %u 行用另一种叫法引用同一个字段：两行写同一个 by",
				   "line %u refers by other names in the same field: say the same "
				   "by in both",
				   other->line);
		return;
	}
	plan_grow(m->arena, &m->refs, m->ref_count, &m->ref_room, sizeof(*m->refs));
	m->refs[m->ref_count++] = ref;
}

/* JSON has to know what is a number. */
static void mark_slot(struct frame *f, const struct cb_element *e, const struct op *op)
{
	struct shape *shape = shape_of(f, THERE, op->there[0]);
	bool is_plain = true;

	for (size_t i = 0; i < op->via_count; i++)
		is_plain = is_plain && strcmp(op->via[i].kind->name, "times") == 0;
	if (op->there_count > 1 || cb_attribute(e, "codes") || !is_plain)
		return;
	if (is_number(op->type))
		shape->slots[op->there[0]->slot].type = CB_VALUE_NUMBER;
	else if (op->flags & OP_FLAG_WORDS)
		shape->slots[op->there[0]->slot].type = CB_VALUE_FLAG;
}

bool field_read(struct frame *f, const struct cb_element *e, struct op *op)
{
	struct line *line = arena_zero(f->reader->arena, sizeof(*line));

	*line = *op->line;
	op->line = line;
	if (!read_paths(f, e, op, line) || !read_type(f, e, op))
		return false;
	read_words(f, e, op);
	if (!via_read(f, e, op))
		return false;
	check_several(f, e, op);
	read_codes(f, e, op);
	read_pattern(f, e, op);
	read_flag(f, e, op);
	read_limits(f, e, op);
	read_like(f, e, op);
	read_is(f, e, op);
	read_need(e, op);
	read_key(f, e, op);
	read_ref(f, e, op);
	mark_slot(f, e, op);
	if (op->here_slot != NO_SLOT && op->there_slot != NO_SLOT && op->there_count == 1 &&
	    op->here_count == 1 && !op->table && !op->via_count && op->is < 0 &&
	    !cb_attribute(e, "codes") && !op->standard.at && is_word_type(op->type) &&
	    is_word_type(op->field->type))
		op->flags |= OP_PLAIN;
	return true;
}
