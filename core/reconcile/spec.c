/*
 * spec.c - a link specification becomes tables of columns, comparisons and rules.
 */
#include "reconcile/spec.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/grammar.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/version.h"
#include "base/xml.h"
#include "reconcile/reconcile.h"

#define BLOCK_MOST 2000
#define DOUBT 0.1

struct reader {
	struct arena *arena;
	struct problems *problems;
	struct link_spec *spec;
};

static bool is_yes(const struct cb_element *e, const char *name, bool otherwise)
{
	const char *word = cb_attribute(e, name);

	return word ? strcmp(word, "yes") == 0 : otherwise;
}

/* Too many for @most: said once, at the first that is too many. */
static bool has_room(struct reader *r, const struct cb_element *e, unsigned count, unsigned most)
{
	if (count == most)
		problem_at(r->problems, e, NULL, 0, "<%s> 最多 %u 个", "at most %2$u of <%1$s>",
			   e->name, most);
	return count < most;
}

/* The share, or @otherwise; between 0 and 1. */
static double share_of(struct reader *r, const struct cb_element *e, const char *name,
		       double otherwise)
{
	const char *text = cb_attribute(e, name);
	double share;

	if (!text || !number_is_canonical(cb_text_of(text)))
		return otherwise; /* the grammar has said so */
	share = strtod(text, NULL);
	if (share >= 0 && share <= 1)
		return share;
	problem_at(r->problems, e, name, 0, "%s 应在 0 和 1 之间", "%s lies between 0 and 1", name);
	return otherwise;
}

static const char *hint(struct reader *r, const char *word, const char *const *words)
{
	const char *nearest = problem_nearest(word, words);

	return nearest ? arena_printf(r->arena, "%s%s%s",
				      cb_say("；最接近的是“", "; the nearest is '"), nearest,
				      cb_say("”", "'"))
		       : "";
}

static const char *list(struct reader *r, const char *const *words)
{
	const char *all = "";

	for (; *words; words++)
		all = arena_printf(r->arena, "%s%s%s", all, *all ? " " : "", *words);
	return all;
}

/* Columns. */

static enum form form_of(struct reader *r, const struct cb_element *e)
{
	const char *word = cb_attribute(e, "form"), *words[FORM_COUNT + 1] = { NULL };
	enum form form = word ? form_named(cb_text_of(word)) : FORM_NONE;

	if (form != FORM_COUNT)
		return form;
	for (int i = 0; i < FORM_COUNT; i++)
		words[i] = form_name((enum form)i);
	problem_at(r->problems, e, "form", 0, "没有叫“%s”的写法%s；有：%s",
		   "there is no form '%s'%s; there are: %s", word, hint(r, word, words),
		   list(r, words));
	return FORM_NONE;
}

static unsigned column_find(const struct link_spec *spec, struct cb_text name)
{
	unsigned i = 0;

	while (i < spec->column_count && !cb_text_is(name, spec->columns[i].name))
		i++;
	return i;
}

static void read_column(struct reader *r, const struct cb_element *e)
{
	struct link_spec *spec = r->spec;
	const char *name = cb_attribute(e, "name"), *from = cb_attribute(e, "from");

	if (!name || !has_room(r, e, spec->column_count, SPEC_COLUMNS))
		return;
	if (column_find(spec, cb_text_of(name)) < spec->column_count)
		problem_at(r->problems, e, "name", 0, "列“%s”在这里出现了两次",
			   "the column '%s' stands here twice", name);
	spec->columns[spec->column_count++] =
		(struct spec_column){ .name = name,
				      .from = from ? from : name,
				      .form = form_of(r, e),
				      .through = cb_attribute(e, "through"),
				      .element = e };
}

/* The column called so, or one past the last, with a problem added. */
static unsigned column_of(struct reader *r, const struct cb_element *e, const char *attribute,
			  struct cb_text name, size_t offset)
{
	const char *words[SPEC_COLUMNS + 1] = { NULL };
	unsigned at = column_find(r->spec, name);

	if (at < r->spec->column_count)
		return at;
	for (unsigned i = 0; i < r->spec->column_count; i++)
		words[i] = r->spec->columns[i].name;
	problem_at(r->problems, e, attribute, offset, "没有名为“%.*s”的列%s",
		   "there is no column '%.*s'%s", CB_TEXT_ARG(name),
		   hint(r, arena_string(r->arena, name), words));
	return at;
}

/* The column that @attribute names, and one; 0: it is not there, or there is none. */
static unsigned other_column(struct reader *r, const struct cb_element *e, const char *attribute)
{
	const char *name = cb_attribute(e, attribute);
	unsigned column =
		name ? column_of(r, e, attribute, cb_text_of(name), 0) : r->spec->column_count;

	return column < r->spec->column_count ? column + 1 : 0;
}

/* All columns are known. */
static void read_otherwise(struct reader *r, struct spec_column *column)
{
	unsigned other = other_column(r, column->element, "or");

	if (!other)
		return;
	if (column->form != FORM_DATE || r->spec->columns[other - 1].form != FORM_IDCARD)
		problem_at(
			r->problems, column->element, "or", 0,
			"or 只能从身份证号（idcard）里取日期（date）",
			"or takes a date from an id alone: this column of form date, that of form "
			"idcard");
	else
		column->otherwise = other;
}

/* Comparisons. */

static enum measure measure_of(struct reader *r, const struct cb_element *e)
{
	const char *word = cb_attribute(e, "is"), *words[MEASURE_COUNT + 1] = { NULL };
	enum measure measure = measure_named(cb_text_of(word));

	if (measure != MEASURE_COUNT)
		return measure;
	for (int i = 0; i < MEASURE_COUNT; i++)
		words[i] = measure_kind((enum measure)i)->name;
	problem_at(r->problems, e, "is", 0, "没有叫“%s”的比法%s；有：%s",
		   "there is no measure '%s'%s; there are: %s", word, hint(r, word, words),
		   list(r, words));
	return measure;
}

static int address_level(struct reader *r, const struct cb_element *e, const char *attribute,
			 const char *word)
{
	const char *words[LEVEL_COUNT + 1] = { NULL };

	for (int i = 0; i < LEVEL_COUNT; i++) {
		words[i] = level_name(i);
		if (strcmp(word, words[i]) == 0)
			return i;
	}
	problem_at(r->problems, e, attribute, 0, "没有叫“%s”的地址级别%s；有：%s",
		   "an address has no level '%s'%s; there are: %s", word, hint(r, word, words),
		   list(r, words));
	return 0;
}

static double bound_of(struct reader *r, const struct cb_element *e,
		       const struct measure_kind *kind)
{
	const char *text = cb_attribute(e, "bound");
	double bound;

	if (kind->bound == BOUND_NONE) {
		if (text)
			problem_at(r->problems, e, "bound", 0, "%s 不用界限", "%s has no bound",
				   kind->name);
		return 0;
	}
	if (!text) {
		problem_at(r->problems, e, NULL, 0, "%s 要有 bound", "%s needs a bound",
			   kind->name);
		return 0;
	}
	if (kind->bound == BOUND_LEVEL)
		return address_level(r, e, "bound", text);
	bound = strtod(text, NULL);
	if (!number_is_canonical(cb_text_of(text)) || bound < 0 ||
	    (kind->bound == BOUND_SHARE && bound > 1))
		problem_at(r->problems, e, "bound", 0,
			   kind->bound == BOUND_SHARE ? "界限是 0 到 1 之间的数%s"
						      : "界限是不小于 0 的数%s",
			   kind->bound == BOUND_SHARE ? "the bound is a number from 0 to 1%s"
						      : "the bound is a number, not below 0%s",
			   "");
	return bound;
}

static enum side side_of(struct reader *r, const struct cb_element *e, unsigned columns)
{
	static const char *const words[] = { "first", "second", "both", "crossed", "either" };
	const char *word = cb_attribute(e, "side");

	if (columns == 1) {
		if (word)
			problem_at(r->problems, e, "side", 0, "只有一列，没有 side 可言",
				   "side is for two columns");
		return SIDE_FIRST;
	}
	for (unsigned i = 0; word && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(word, words[i]) == 0)
			return (enum side)i;
	return SIDE_BOTH;
}

static void read_level(struct reader *r, struct spec_comparison *c, const struct cb_element *e)
{
	enum measure measure = cb_attribute(e, "is") ? measure_of(r, e) : MEASURE_COUNT;
	const struct measure_kind *kind;

	if (measure == MEASURE_COUNT || !has_room(r, e, c->how.count, COMPARE_LEVELS))
		return;
	kind = measure_kind(measure);
	if (!(kind->forms >> c->form & 1))
		problem_at(r->problems, e, "is", 0, "%s 不能比较写法为 %s 的列",
			   "%s does not compare columns of form %s", kind->name,
			   form_name(c->form));
	c->how.levels[c->how.count++] =
		(struct compare_level){ measure, side_of(r, e, c->how.columns),
					bound_of(r, e, kind) };
}

/* Where all levels are fixed, none of them has what is left. */
static void fix_rest(double *fixed, unsigned codes)
{
	double all = 0;

	for (unsigned code = 2; code < codes; code++) {
		if (fixed[code] < 0)
			return;
		all += fixed[code];
	}
	fixed[1] = all < 1 ? 1 - all : 1e-6;
}

/* The codes go up with the strictness, the levels in the file go down. */
static void read_fixed(struct reader *r, struct spec_comparison *c, const struct cb_element *e)
{
	unsigned code = c->how.count + 1;

	c->codes = c->how.count + 2;
	for (unsigned i = 0; i < LEVELS_MOST; i++)
		c->fixed.m[i] = c->fixed.u[i] = c->fixed.kin[i] = -1;
	for (e = e->first; e && code > 1; e = e->next, code--) {
		c->fixed.m[code] = share_of(r, e, "m", -1);
		c->fixed.u[code] = share_of(r, e, "u", -1);
		c->fixed.kin[code] = share_of(r, e, "kin", -1);
	}
	fix_rest(c->fixed.m, c->codes);
	fix_rest(c->fixed.u, c->codes);
	fix_rest(c->fixed.kin, c->codes);
}

static void read_columns_of(struct reader *r, struct spec_comparison *c, const struct cb_element *e)
{
	const char *text = cb_attribute(e, "columns"), *at = text ? text : "";

	while (*at) {
		size_t len = strcspn(at, " ");
		struct cb_text name = { at, len };

		if (len && c->how.columns == 2)
			problem_at(r->problems, e, "columns", (size_t)(at - text), "最多两列",
				   "at most two columns");
		else if (len)
			c->column[c->how.columns++] =
				column_of(r, e, "columns", name, (size_t)(at - text));
		at += len + (at[len] == ' ');
	}
}

static enum kin kin_of(const struct cb_element *e)
{
	const char *word = cb_attribute(e, "kin");

	if (!word || strcmp(word, "unrelated") == 0)
		return KIN_UNRELATED;
	return strcmp(word, "learn") == 0 ? KIN_LEARN : KIN_WEAK;
}

/* Who stands with the two is one question, and no other measure answers it. */
static void note_companions(struct reader *r, const struct spec_comparison *c,
			    const struct cb_element *e)
{
	unsigned levels = 0;

	for (unsigned i = 0; i < c->how.count; i++)
		levels += c->how.levels[i].measure == MEASURE_COMPANIONS;
	if (!levels)
		return;
	if (levels < c->how.count || c->how.columns == 2 || c->has_frequency)
		problem_at(
			r->problems, e, NULL, 0,
			"companions 单独比一列，没有别的级别，也没有 term-frequency",
			"companions stands alone: one column, no other level, no term-frequency");
	if (r->spec->companions)
		problem_at(r->problems, e, NULL, 0, "companions 只能有一项比较",
			   "only one comparison may be of companions");
	if (r->spec->entity)
		problem_at(
			r->problems, e, NULL, 0,
			"companions 只用于文件：单独到来的记录还不知道同伴是谁",
			"companions is for files: of a record that arrives alone nobody knows yet "
			"who its companions are");
	r->spec->companions = r->spec->comparison_count + 1;
}

static void read_comparison(struct reader *r, const struct cb_element *e)
{
	struct link_spec *spec = r->spec;
	struct spec_comparison *c = &spec->comparisons[spec->comparison_count];
	const char *name = cb_attribute(e, "name"), *label = cb_attribute(e, "label");

	if (!has_room(r, e, spec->comparison_count, SPEC_COMPARISONS))
		return;
	read_columns_of(r, c, e);
	if (!c->how.columns || c->column[0] >= spec->column_count ||
	    (c->how.columns == 2 && c->column[1] >= spec->column_count))
		return;
	c->form = spec->columns[c->column[0]].form;
	if (c->how.columns == 2 && spec->columns[c->column[1]].form != c->form)
		problem_at(r->problems, e, "columns", 0, "两列的写法（form）要一样",
			   "the two columns need the same form");
	c->name = name ? name : spec->columns[c->column[0]].name;
	c->label = label ? label : c->name;
	c->has_frequency = is_yes(e, "term-frequency", false);
	c->unless = other_column(r, e, "unless");
	c->kin = kin_of(e);
	spec->has_kin |= cb_attribute(e, "kin") != NULL;
	for (const struct cb_element *level = e->first; level; level = level->next)
		read_level(r, c, level);
	if (!c->how.count)
		problem_at(r->problems, e, NULL, 0, "比较“%s”没有一级",
			   "comparison '%s' has no level", c->name);
	read_fixed(r, c, e);
	note_companions(r, c, e);
	spec->comparison_count++;
}

/* Rules. */

static void read_key(struct reader *r, struct spec_rule *rule, const struct cb_element *e)
{
	const char *name = cb_attribute(e, "column"), *by = cb_attribute(e, "by");
	const char *n = cb_attribute(e, "n"), *words[KEY_COUNT + 1] = { NULL };
	struct spec_key key = { .key = by ? key_named(cb_text_of(by)) : KEY_WHOLE };
	const struct key_kind *kind;

	if (!name || !has_room(r, e, rule->count, SPEC_KEYS))
		return;
	key.column = column_of(r, e, "column", cb_text_of(name), 0);
	for (int i = 0; i < KEY_COUNT; i++)
		words[i] = key_kind((enum key)i)->name;
	if (key.key == KEY_COUNT) {
		problem_at(r->problems, e, "by", 0, "没有叫“%s”的键%s；有：%s",
			   "there is no key '%s'%s; there are: %s", by, hint(r, by, words),
			   list(r, words));
		return;
	}
	if (key.column == r->spec->column_count)
		return;
	kind = key_kind(key.key);
	key.n = !n                       ? 0
		: key.key == KEY_ADDRESS ? (unsigned)address_level(r, e, "n", n)
					 : (unsigned)strtoul(n, NULL, 10);
	if (kind->has_n && !key.n)
		problem_at(r->problems, e, n ? "n" : NULL, 0, "%s 要写明 n（1 以上的整数）",
			   "%s needs n, a whole number from 1 on", kind->name);
	if (!(kind->forms >> r->spec->columns[key.column].form & 1))
		problem_at(r->problems, e, by ? "by" : NULL, 0, "%s 不能取自写法为 %s 的列",
			   "%s is not made of columns of form %s", kind->name,
			   form_name(r->spec->columns[key.column].form));
	rule->keys[rule->count++] = key;
}

/* surname+birth/year-month */
static const char *rule_name(struct reader *r, const struct spec_rule *rule)
{
	const char *name = "";
	char number[16];

	for (unsigned i = 0; i < rule->count; i++) {
		const struct spec_key *k = &rule->keys[i];

		name = arena_printf(r->arena, "%s%s%s", name, i ? "+" : "",
				    r->spec->columns[k->column].name);
		if (k->key != KEY_WHOLE)
			name = arena_printf(r->arena, "%s/%s", name, key_kind(k->key)->name);
		if (k->n)
			name = arena_printf(r->arena, "%s%s", name,
					    key_number(k->key, k->n, number));
	}
	return name;
}

static void read_rule(struct reader *r, const struct cb_element *e)
{
	struct link_spec *spec = r->spec;
	struct spec_rule *rule = &spec->rules[spec->rule_count];
	const char *name = cb_attribute(e, "name");

	if (!has_room(r, e, spec->rule_count, SPEC_RULES))
		return;
	for (const struct cb_element *key = e->first; key; key = key->next)
		read_key(r, rule, key);
	if (!rule->count) {
		if (!e->first)
			problem_at(r->problems, e, NULL, 0, "分块规则没有键",
				   "a blocking rule needs a key");
		return;
	}
	rule->name = name ? name : rule_name(r, rule);
	rule->is_for_training = is_yes(e, "train", true);
	spec->rule_count++;
}

/* The rest. */

static uint32_t column_bit(struct reader *r, const struct cb_element *e, const char *attribute)
{
	unsigned other = other_column(r, e, attribute);

	return other ? UINT32_C(1) << (other - 1) : 0;
}

static void read_never(struct reader *r, const struct cb_element *e)
{
	r->spec->one_per_source |= cb_attribute(e, "two-of") != NULL;
	r->spec->never_differ |= column_bit(r, e, "differ");
	r->spec->never_same |= column_bit(r, e, "same");
	if (!cb_attribute(e, "differ") && !cb_attribute(e, "same") && !cb_attribute(e, "two-of"))
		problem_at(r->problems, e, NULL, 0, "写明 differ、same 或 two-of",
			   "say differ, same or two-of");
}

static void read_head(struct reader *r, const struct cb_element *e)
{
	const char *pairs = cb_attribute(e, "pairs"), *most = cb_attribute(e, "largest-block");
	struct link_spec *spec = r->spec;

	spec->name = cb_attribute(e, "name");
	spec->label = cb_attribute(e, "label") ? cb_attribute(e, "label") : spec->name;
	spec->file = e->file;
	spec->root = e;
	spec->entity = cb_attribute(e, "entity");
	spec->list = cb_attribute(e, "list");
	spec->model = cb_attribute(e, "model");
	if (spec->list && !spec->entity)
		problem_at(r->problems, e, "list", 0, "写了 list，还要写是哪个实体的（entity）",
			   "list needs the entity that it is of");
	spec->id = cb_attribute(e, "id");
	spec->source = cb_attribute(e, "source");
	spec->pairing = !pairs                         ? PAIRING_AUTO
			: strcmp(pairs, "dedupe") == 0 ? PAIRING_DEDUPE
			: strcmp(pairs, "link") == 0   ? PAIRING_LINK
						       : PAIRING_BOTH;
	spec->doubt = DOUBT;
	spec->block_most = most ? strtoul(most, NULL, 10) : BLOCK_MOST;
	if (spec->block_most < 2 || spec->block_most > 1000000)
		problem_at(r->problems, e, "largest-block", 0, "应在 2 和 1000000 之间",
			   "lies between 2 and 1000000");
}

static void read_children(struct reader *r, const struct cb_element *root)
{
	const struct cb_element *e;

	for (e = root->first; e; e = e->next)
		if (strcmp(e->name, "column") == 0)
			read_column(r, e);
	for (unsigned i = 0; i < r->spec->column_count; i++)
		read_otherwise(r, &r->spec->columns[i]);
	for (e = root->first; e; e = e->next) {
		if (strcmp(e->name, "compare") == 0)
			read_comparison(r, e);
		else if (strcmp(e->name, "block") == 0)
			read_rule(r, e);
		else if (strcmp(e->name, "never") == 0)
			read_never(r, e);
		else if (strcmp(e->name, "cut") == 0) {
			r->spec->cut = share_of(r, e, "link", 0);
			r->spec->precision = share_of(r, e, "precision", 0);
			r->spec->doubt = share_of(r, e, "doubt", DOUBT);
		}
	}
	spec_read_kinds(r->spec, r->arena, r->problems);
}

static uint64_t digest_of(const struct cb_element *e, uint64_t seed)
{
	seed = hash_bytes(e->name, strlen(e->name) + 1, seed);
	for (size_t i = 0; i < e->attribute_count; i++) {
		const struct cb_attribute *a = &e->attributes[i];

		seed = hash_bytes(a->name, strlen(a->name) + 1, seed);
		seed = hash_bytes(a->value, strlen(a->value) + 1, seed);
	}
	for (const struct cb_element *child = e->first; child; child = child->next)
		seed = digest_of(child, seed);
	return hash_bytes("/", 1, seed);
}

struct link_spec *link_spec_read(struct arena *arena, const char *path, struct problems *problems)
{
	struct cb_element *root = xml_read_file(arena, path, problems);
	struct reader r = { arena, problems, arena_zero(arena, sizeof(struct link_spec)) };

	if (!root)
		return NULL;
	grammar_check(&link_grammar, root, problems);
	if (strcmp(root->name, "link") != 0)
		return NULL; /* the grammar has said so */
	read_head(&r, root);
	read_children(&r, root);
	/* Forms and keys may differ from one program to the next. */
	r.spec->digest =
		digest_of(root, hash_bytes(CASEBRIDGE_VERSION, sizeof(CASEBRIDGE_VERSION), 0));
	if (!problems->errors && !r.spec->comparison_count)
		problem_at(problems, root, NULL, 0, "没有一项比较（<compare>）",
			   "there is no <compare>");
	return problems->errors ? NULL : r.spec;
}

const char *spec_level_name(struct arena *arena, const struct spec_comparison *c, unsigned code)
{
	const struct compare_level *level;
	const struct measure_kind *kind;
	const char *side = "";

	if (code == 0)
		return cb_say("缺", "missing");
	if (code == 1)
		return cb_say("不同", "different");
	level = &c->how.levels[c->how.count + 1 - code];
	kind = measure_kind(level->measure);
	if (c->how.columns == 2 && level->side == SIDE_CROSSED)
		side = cb_say("（填反）", " (swapped)");
	else if (c->how.columns == 2 && level->side == SIDE_FIRST)
		side = cb_say("（前一列）", " (first)");
	else if (c->how.columns == 2 && level->side == SIDE_SECOND)
		side = cb_say("（后一列）", " (second)");
	else if (c->how.columns == 2 && level->side == SIDE_EITHER)
		side = cb_say("（其中一列）", " (one of them)");
	if (kind->bound == BOUND_NONE)
		return arena_printf(arena, "%s%s", cb_say(kind->zh, kind->en), side);
	if (kind->bound == BOUND_LEVEL)
		return arena_printf(arena, "%s %s%s", cb_say(kind->zh, kind->en),
				    level_name((int)level->bound), side);
	return arena_printf(arena, "%s %g%s", cb_say(kind->zh, kind->en), level->bound, side);
}

const char *spec_level_word(struct arena *arena, const struct spec_comparison *c, unsigned code)
{
	static const char *const sides[] = { " first", " second", "", " crossed", " either" };
	const struct compare_level *level;
	const struct measure_kind *kind;
	const char *side;

	if (code < 2)
		return code ? "else" : "missing";
	level = &c->how.levels[c->how.count + 1 - code];
	kind = measure_kind(level->measure);
	side = c->how.columns == 2 ? sides[level->side] : "";
	if (kind->bound == BOUND_NONE)
		return arena_printf(arena, "%s%s", kind->name, side);
	if (kind->bound == BOUND_LEVEL)
		return arena_printf(arena, "%s %s%s", kind->name,
				    level_name((enum address_level)level->bound), side);
	return arena_printf(arena, "%s %g%s", kind->name, level->bound, side);
}
