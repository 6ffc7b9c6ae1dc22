/*
 * grammar.c - walk the tree beside the table.
 *
 * What is unknown is not entered: its contents would only repeat the mistake.
 * What is known and misplaced is entered, because it will be moved as it is.
 */
#include "base/grammar.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/source.h"
#include "base/utf8.h"

struct checker {
	const struct grammar *grammar;
	struct problems *problems;
	struct arena words; /* lists for sentences; cleared after each */
};

bool grammar_word(const char **list, struct cb_text *word)
{
	*list += strspn(*list, " ");
	*word = (struct cb_text){ *list, strcspn(*list, " ") };
	*list += word->len;
	return word->len > 0;
}

static bool has_word(const char *words, struct cb_text wanted)
{
	struct cb_text word;

	while (grammar_word(&words, &word))
		if (cb_text_equal(word, wanted))
			return true;
	return false;
}

/* The words as a list that ends with NULL. */
static const char **split(struct checker *c, const char *words)
{
	/* A word and its blank are two bytes at least. */
	const char **list = arena_take(&c->words, (strlen(words) / 2 + 2) * sizeof(*list));
	struct cb_text word;
	size_t count = 0;

	while (grammar_word(&words, &word))
		list[count++] = arena_string(&c->words, word);
	list[count] = NULL;
	return list;
}

/* "；是不是 X？", or nothing. */
static const char *guess(struct checker *c, const char *word, const char *const *allowed)
{
	const char *nearest = problem_nearest(word, allowed);

	if (!nearest)
		return "";
	return arena_printf(&c->words, "%s%s%s", cb_say("；是不是 ", "; is it "), nearest,
			    cb_say("？", "?"));
}

const char *grammar_tag(const struct grammar_element *row)
{
	const char *slash = strchr(row->name, '/');

	return slash ? slash + 1 : row->name;
}

static bool is_inside(const struct grammar_element *known, const char *parent)
{
	size_t len = parent ? strlen(parent) : 0;

	return parent && strncmp(known->name, parent, len) == 0 && known->name[len] == '/';
}

const struct grammar_element *grammar_find(const struct grammar *grammar, const char *parent,
					   const char *name)
{
	const struct grammar_element *found = NULL;

	/* What the table says of just this place goes first. */
	for (const struct grammar_element *e = grammar->elements; e->name; e++) {
		if (strcmp(grammar_tag(e), name) != 0)
			continue;
		if (is_inside(e, parent))
			return e;
		if (!strchr(e->name, '/'))
			found = e;
	}
	return found;
}

/* Is the word anywhere in the table? */
static const struct grammar_element *find_anywhere(const struct grammar *g, const char *name)
{
	for (const struct grammar_element *e = g->elements; e->name; e++)
		if (strcmp(grammar_tag(e), name) == 0)
			return e;
	return NULL;
}

static const struct grammar_attribute *find_attribute(const struct grammar_element *known,
						      const char *name)
{
	for (const struct grammar_attribute *a = known->attributes; a && a->name; a++)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

/*
 * Values
 */

static bool is_name(const char *value)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char more[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.-";

	return *value && strchr(first, *value) && value[strspn(value, more)] == '\0';
}

static bool is_integer(const char *value)
{
	const char *digits = value + (*value == '-');

	return *digits && digits[strspn(digits, "0123456789")] == '\0';
}

/* Does the value fit its kind? What the language's own checker looks into, always does. */
static bool fits(const struct grammar_attribute *known, const char *value)
{
	int64_t ignored;

	switch (known->kind) {
	case VALUE_NAME:
		return is_name(value);
	case VALUE_WORD:
		return has_word(known->words, cb_text_of(value));
	case VALUE_INTEGER:
		return is_integer(value);
	case VALUE_NUMBER:
		return number_is_canonical(cb_text_of(value));
	case VALUE_DURATION:
		return number_duration(value, &ignored);
	case VALUE_SIZE:
		return number_size(value, &ignored);
	case VALUE_FLAG:
		return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
	default:
		return true;
	}
}

/* What is right instead, as the end of a sentence. */
static const char *rule(struct checker *c, const struct grammar_attribute *known, const char *value)
{
	switch (known->kind) {
	case VALUE_NAME:
		return cb_say(
			"名称以字母或 _ 开头，只含字母、数字和 _ . -",
			"a name begins with a letter or _ and holds letters, digits and _ . -");
	case VALUE_WORD:
		return arena_printf(&c->words, "%s%s%s", cb_say("可以写：", "allowed are: "),
				    known->words, guess(c, value, split(c, known->words)));
	case VALUE_INTEGER:
		return cb_say("要写整数，如 12", "write an integer like 12");
	case VALUE_NUMBER:
		return cb_say("要写数字，如 12 或 0.5", "write a number like 12 or 0.5");
	case VALUE_DURATION:
		return cb_say("要写时长，如 30s、10m、1h、2d",
			      "write a duration like 30s, 10m, 1h, 2d");
	case VALUE_SIZE:
		return cb_say("要写大小，如 64k、2M、1G", "write a size like 64k, 2M, 1G");
	default:
		return cb_say("只能写 yes 或 no", "write yes or no");
	}
}

/*
 * Attributes and text
 */

/* Of a value that is no word at all, the beginning. */
static const char *short_value(struct checker *c, const char *value)
{
	struct cb_text most = { value, 60 };

	if (strlen(value) <= most.len)
		return value;
	return arena_printf(&c->words, "%.*s…", (int)utf8_valid(most, NULL), value);
}

static bool is_foreign(const char *name)
{
	return strchr(name, ':') || strcmp(name, "xmlns") == 0;
}

static const char *attribute_names(struct checker *c, const struct grammar_element *known)
{
	const char *names = "";

	for (const struct grammar_attribute *a = known->attributes; a && a->name; a++)
		names = arena_printf(&c->words, "%s%s%s", names, *names ? " " : "", a->name);
	return names;
}

static void say_unknown_attribute(struct checker *c, const struct cb_element *element,
				  const struct grammar_element *known, const char *name)
{
	struct source_place at = source_name_place(element, name);
	const char *names = attribute_names(c, known);

	if (is_foreign(name))
		problem_add(c->problems, element->file, at.line, at.column,
			    "这里不用命名空间和前缀：请删掉 %s",
			    "no namespaces and prefixes here: delete %s", name);
	else if (!*names)
		problem_add(c->problems, element->file, at.line, at.column,
			    "<%s> 没有属性，不认识 %s", "<%s> has no attributes, and no %s",
			    element->name, name);
	else
		problem_add(c->problems, element->file, at.line, at.column,
			    "<%s> 没有属性 %s；可以写：%s%s",
			    "<%s> has no attribute %s; it has: %s%s", element->name, name, names,
			    guess(c, name, split(c, names)));
}

static void check_attributes(struct checker *c, const struct cb_element *element,
			     const struct grammar_element *known)
{
	for (size_t i = 0; i < element->attribute_count; i++) {
		const struct cb_attribute *given = &element->attributes[i];
		const struct grammar_attribute *a = find_attribute(known, given->name);

		if (!a)
			say_unknown_attribute(c, element, known, given->name);
		else if (!fits(a, given->value))
			problem_at(c->problems, element, given->name, 0, "%s=\"%s\" 不对：%s",
				   "%s=\"%s\" is wrong: %s", given->name,
				   short_value(c, given->value), rule(c, a, given->value));
	}
	for (const struct grammar_attribute *a = known->attributes; a && a->name; a++)
		if (a->is_required && !cb_attribute(element, a->name))
			problem_at(c->problems, element, NULL, 0, "<%s> 缺属性 %s：%s",
				   "<%s> needs the attribute %s: %s", element->name, a->name,
				   cb_say(a->zh, a->en));
}

static bool is_blank(struct cb_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!strchr(" \t\r\n", text.at[i]) || !text.at[i])
			return false;
	return true;
}

static void check_text(struct checker *c, const struct cb_element *element,
		       const struct grammar_element *known)
{
	struct source_place at;

	if (known->has_text || is_blank(element->text))
		return;
	at = source_text_place(element);
	problem_add(c->problems, element->file, at.line, at.column, "<%s> 里不能直接写文字",
		    "<%s> holds no text of its own", element->name);
}

/*
 * Elements
 */

/* "<a> <b>" of "a b", or what says that there are none. */
static const char *as_tags(struct checker *c, const char *words)
{
	struct cb_text word;
	const char *tags = "";

	while (grammar_word(&words, &word))
		tags = arena_printf(&c->words, "%s%s<%.*s>", tags, *tags ? " " : "",
				    CB_TEXT_ARG(word));
	return *tags ? tags : cb_say("（没有）", "(none)");
}

/* The elements that may hold @name: "<codes> <each>". */
static const char *homes_of(struct checker *c, const char *name)
{
	const char *homes = "";

	for (const struct grammar_element *e = c->grammar->elements; e->name; e++)
		if (has_word(e->children, cb_text_of(name)) &&
		    !has_word(homes, cb_text_of(grammar_tag(e))))
			homes = arena_printf(&c->words, "%s%s%s", homes, *homes ? " " : "",
					     grammar_tag(e));
	return homes;
}

static const char *guess_element(struct checker *c, const char *name, const char *children)
{
	const char *near = guess(c, name, split(c, children));
	const char *all = "";

	if (*near)
		return near;
	for (const struct grammar_element *e = c->grammar->elements; e->name; e++)
		all = arena_printf(&c->words, "%s %s", all, grammar_tag(e));
	return guess(c, name, split(c, all));
}

static void say_misplaced(struct checker *c, const struct cb_element *element, const char *parent)
{
	const char *homes = homes_of(c, element->name);

	if (*homes)
		problem_at(c->problems, element, NULL, 0, "<%s> 不能写在 <%s> 里：它属于 %s",
			   "<%s> cannot stand in <%s>: it belongs into %s", element->name, parent,
			   as_tags(c, homes));
	else
		problem_at(c->problems, element, NULL, 0,
			   "<%s> 不能写在 <%s> 里：它只能是文件的最外层",
			   "<%s> cannot stand in <%s>: it is the outermost of a file",
			   element->name, parent);
}

static void say_unknown(struct checker *c, const struct cb_element *element,
			const struct grammar_element *parent)
{
	if (is_foreign(element->name))
		problem_at(c->problems, element, NULL, 0, "这里不用命名空间和前缀：不认识 <%s>",
			   "no namespaces and prefixes here: <%s> is not known", element->name);
	else
		problem_at(c->problems, element, NULL, 0, "不认识 <%s>；<%s> 里可以写：%s%s",
			   "<%s> is not known; <%s> may hold: %s%s", element->name,
			   grammar_tag(parent), as_tags(c, parent->children),
			   guess_element(c, element->name, parent->children));
}

static void check(struct checker *c, const struct cb_element *element,
		  const struct grammar_element *known)
{
	check_attributes(c, element, known);
	arena_clear(&c->words);
	if (strcmp(known->children, "*") == 0)
		return;
	check_text(c, element, known);
	for (const struct cb_element *child = element->first; child; child = child->next) {
		const char *name = child->name;
		const struct grammar_element *as = grammar_find(c->grammar, element->name, name);
		bool is_allowed = has_word(known->children, cb_text_of(name));

		if (!as)
			as = find_anywhere(c->grammar, name);
		if (!as)
			say_unknown(c, child, known);
		else if (!is_allowed)
			say_misplaced(c, child, element->name);
		arena_clear(&c->words);
		if (as)
			check(c, child, as);
	}
}

void grammar_check(const struct grammar *grammar, const struct cb_element *root,
		   struct problems *problems)
{
	struct checker c = { .grammar = grammar, .problems = problems };
	const struct grammar_element *known = grammar_find(grammar, NULL, root->name);

	if (!has_word(grammar->roots, cb_text_of(root->name)))
		problem_at(problems, root, NULL, 0, "文件的最外层要写 %s，这里是 <%s>%s",
			   "the outermost element is %s, and this is <%s>%s",
			   as_tags(&c, grammar->roots), root->name,
			   guess(&c, root->name, split(&c, grammar->roots)));
	arena_clear(&c.words);
	if (known)
		check(&c, root, known);
	arena_done(&c.words);
}
