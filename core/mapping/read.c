/*
 * read.c - a mapping file becomes a plan.
 *
 * First its includes, tables and parts, wherever they stand; then the lines in
 * order; then the samples. Nothing stops at the first fault: a file is wrong in
 * all its places at once.
 *
 * A mapping that extends another is read as one: the tables and parts of all of
 * them, the nearest winning, and lines that extend.c has put together. The law
 * comes after the lines.
 */
#include "mapping/plan.h"

#include <casebridge/digest.h>

#include "base/file.h"
#include "base/grammar.h"
#include "base/xml.h"

static bool is_element(const struct cb_element *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

static struct cb_element *read_xml(struct reader *r, const char *file, const struct cb_element *at)
{
	const struct source *source = source_read(r, file, at);
	struct cb_element *root;

	if (!source)
		return NULL;
	root = xml_read_text(r->arena, source->file, source->text, r->problems);
	if (root)
		grammar_check(&mapping_grammar, root, r->problems);
	return root;
}

/* ------------------------------------------------- includes, tables, parts */

static void read_tables(struct reader *r, const struct cb_element *root, unsigned rank);

static void read_part(struct reader *r, const struct cb_element *e, unsigned rank)
{
	const char *name = cb_attribute(e, "name");
	struct part *part = arena_zero(r->arena, sizeof(*part));

	if (!name)
		return;
	for (struct part *p = r->parts; p; p = p->next)
		if (strcmp(p->name, name) == 0 && p->rank == rank)
			problem_at(r->problems, e, "name", 0, "片段“%s”已经写过（%s:%u）",
				   "the part '%s' is there already (%s:%u)", name, p->element->file,
				   p->element->line);
	*part = (struct part){ .name = name, .element = e, .rank = rank, .next = r->parts };
	r->parts = part;
}

static bool was_read(const struct reader *r, const char *file)
{
	for (size_t i = 0; i < r->read_count; i++)
		if (strcmp(r->read[i], file) == 0)
			return true;
	return false;
}

/* A library's tables give way to those of the file that includes it. */
static void read_include(struct reader *r, const struct cb_element *e, unsigned rank)
{
	const char *href = cb_attribute(e, "href"), *file;
	struct cb_element *root;

	if (!href)
		return;
	file = file_beside(r->arena, e->file, href);
	for (size_t i = 0; i < r->open_count; i++)
		if (strcmp(r->open[i], file) == 0) {
			problem_at(r->problems, e, "href", 0, "包含绕成了圈：%s 正在读",
				   "includes go round in a circle: %s is being read", href);
			return;
		}
	if (was_read(r, file))
		return;
	if (r->open_count == sizeof(r->open) / sizeof(*r->open)) {
		problem_at(r->problems, e, "href", 0, "包含套得太深",
			   "too many includes inside another");
		return;
	}
	root = read_xml(r, file, e);
	if (!root)
		return;
	if (!is_element(root, "library")) {
		problem_at(r->problems, e, "href", 0, "%s 不是 library 文件，只能包含 library",
			   "%s is no library file; only those can be included", href);
		return;
	}
	r->open[r->open_count++] = file;
	read_tables(r, root, rank & ~1u);
	r->open_count--;
	plan_grow(r->arena, &r->read, r->read_count, &r->read_room, sizeof(*r->read));
	r->read[r->read_count++] = file;
}

static void read_tables(struct reader *r, const struct cb_element *root, unsigned rank)
{
	for (const struct cb_element *e = root->first; e; e = e->next) {
		if (is_element(e, "include"))
			read_include(r, e, rank);
		else if (is_element(e, "codes"))
			codes_read(r, e, rank);
		else if (is_element(e, "part"))
			read_part(r, e, rank);
	}
}

/* ----------------------------------------------------------- extends */

struct chain { /* the mapping, the one it extends, the one that extends … */
	const struct cb_element *at[8];
	size_t count;
};

static const struct cb_element *read_base(struct reader *r, const struct cb_element *own,
					  const char *file)
{
	const struct cb_element *base;

	for (size_t i = 0; i < r->open_count; i++)
		if (strcmp(r->open[i], file) == 0) {
			problem_at(r->problems, own, "extends", 0, "继承绕成了圈：%s 正在读",
				   "extends goes round in a circle: %s is being read", file);
			return NULL;
		}
	base = read_xml(r, file, own);
	if (base && !is_element(base, "mapping")) {
		problem_at(r->problems, own, "extends", 0, "%s 不是映射，只能继承映射",
			   "%s is no mapping; only those can be extended", file);
		return NULL;
	}
	return base;
}

/* False where one of them cannot be read: nothing true could be said of the rest. */
static bool read_chain(struct reader *r, const struct cb_element *root, struct chain *chain)
{
	const char *extends;

	*chain = (struct chain){ .at = { root }, .count = 1 };
	r->open[r->open_count++] = root->file;
	while ((extends = cb_attribute(root, "extends"))) {
		const char *file = file_beside(r->arena, root->file, extends);

		if (chain->count == sizeof(chain->at) / sizeof(*chain->at)) {
			problem_at(r->problems, root, "extends", 0, "继承套得太深",
				   "too many mappings extend one another");
			return false;
		}
		root = read_base(r, root, file);
		if (!root)
			return false;
		chain->at[chain->count++] = root;
		r->open[r->open_count++] = file;
	}
	for (const struct cb_element *e = root->first; e; e = e->next)
		if (is_element(e, "drop"))
			problem_at(r->problems, e, NULL, 0, "drop 只用于写了 extends 的映射",
				   "only a mapping that extends another drops lines");
	return true;
}

/* ----------------------------------------------------------- the two sides */

/* The side of the nearest mapping that says it: ours, else of those it extends. */
static const struct cb_element *side_of(struct reader *r, const struct chain *chain,
					const char *name)
{
	const struct cb_element *first = NULL, *second = NULL;

	for (size_t i = 0; i < chain->count && !first; i++) {
		first = cb_child(chain->at[i], name, NULL);
		second = first ? cb_child(chain->at[i], name, first) : NULL;
	}
	if (!first)
		problem_at(r->problems, chain->at[0], NULL, 0, "缺少 <%s>", "<%s> is missing",
			   name);
	else if (second)
		problem_at(r->problems, second, NULL, 0, "<%s> 只能写一次", "<%s> stands once",
			   name);
	if (first && first->first)
		problem_at(r->problems, first->first, NULL, 0,
			   "<%s> 里面不写东西；样例写在 test 里",
			   "nothing stands inside <%s>; samples belong in a test", name);
	return first;
}

static void read_there(struct reader *r, const struct chain *chain)
{
	const struct cb_element *e = side_of(r, chain, "there");
	const char *zone = cb_attribute(e, "zone"), *blank = cb_attribute(e, "blank");
	const char *charset = cb_attribute(e, "charset");
	struct mapping *m = r->m;

	m->there_element = e;
	m->format = cb_attribute(e, "format");
	m->root = cb_attribute(e, "root");
	if (e && !m->format)
		problem_at(r->problems, e, NULL, 0, "there 要写 format：xml、json 或 table",
			   "there names its format: xml, json or table");
	m->has_zone = zone && calendar_zone(zone, &m->zone);
	if (zone && !m->has_zone)
		problem_at(r->problems, e, "zone", 0, "时区写作 +08:00 或 Z",
			   "a zone is written +08:00 or Z");
	if (charset)
		m->charset = charset_named(charset);
	if (charset && m->charset == CHARSET_UNKNOWN)
		problem_at(
			r->problems, e, "charset", 0,
			"不认识字符集“%s”；可以写 utf-8、gb18030、gbk、utf-16le、utf-16be",
			"unknown charset '%s'; there are utf-8, gb18030, gbk, utf-16le, utf-16be",
			charset);
	if (blank)
		m->blank = words_split(r->arena, blank);
	m->there = shape_new(r->arena);
}

static void read_here(struct reader *r, const struct chain *chain)
{
	const struct cb_element *e = side_of(r, chain, "here");
	const char *type = cb_attribute(e, "type"), *near;
	const char *words[64];
	size_t count = 0;

	if (!e)
		return;
	if (!type) {
		problem_at(r->problems, e, NULL, 0, "here 要写 type：模型里的一个实体",
			   "here names its type: an entity of the model");
		return;
	}
	r->m->here = model_entity(r->m->model, type);
	if (r->m->here)
		return;
	for (size_t i = 0; i < r->m->model->entity_count && count < 63; i++)
		words[count++] = r->m->model->entities[i].name;
	words[count] = NULL;
	near = problem_nearest(type, words);
	problem_at(r->problems, e, "type", 0, "模型里没有实体“%s”%s%s",
		   "the model has no entity '%s'%s%s", type,
		   near ? cb_say("；最接近的是 ", "; the nearest is ") : "", near ? near : "");
}

/* ----------------------------------------------------------- lines */

static void read_lines(struct reader *r, const struct cb_element *root)
{
	struct mapping *m = r->m;
	struct frame f = {
		.reader = r,
		.body = &m->body,
		.shape = { m->here->shape, m->there },
		.prefix = { "", "" },
		.name = { "", "" },
		.where = { "", "" },
		.table = m->here,
		.way = WAY_BOTH,
		.top_list = NO_SLOT,
	};

	m->names_slot = arena_zero(r->arena, m->here->shape->slot_count + 1);
	m->names_list = arena_zero(r->arena, m->here->shape->list_count + 1);
	m->body.here = m->here->shape;
	m->body.there = m->there;
	lines_read(&f, root);
	if (!m->body.count && r->problems->errors == r->errors)
		problem_at(r->problems, root, NULL, 0, "映射里一行字段也没有",
			   "the mapping has no line");
}

/* ----------------------------------------------------------- samples */

/* Names in a sample of ours must be the model's: a misspelt one would prove nothing. */
static void check_names(struct reader *r, const struct cb_element *sample,
			const struct shape_node *node)
{
	for (const struct cb_element *e = sample->first; e; e = e->next) {
		const struct shape_node *child = shape_find(node, cb_text_of(e->name));

		if (child)
			check_names(r, e, child);
		else
			problem_at(r->problems, e, NULL, 0, "模型里没有“%s”",
				   "the model has no '%s' here", e->name);
	}
}

static void check_sample(struct reader *r, const struct cb_element *here)
{
	const struct cb_element *root = here->first;

	if (!root || root->next || strcmp(root->name, r->m->here->name) != 0)
		problem_at(r->problems, root ? root : here, NULL, 0, "我们一侧的样例应是一个 <%s>",
			   "a sample of ours is one <%s>", r->m->here->name);
	else
		check_names(r, root, r->m->here->shape->root);
}

static void read_expectations(struct reader *r, const struct cb_element *test, struct sample *s)
{
	size_t room = 0;

	for (const struct cb_element *e = test->first; e; e = e->next) {
		struct expectation *x;

		if (!is_element(e, "expect"))
			continue;
		plan_grow(r->arena, &s->expect, s->expect_count, &room, sizeof(*s->expect));
		x = &s->expect[s->expect_count++];
		x->bad = cb_attribute(e, "bad");
		x->here = cb_attribute(e, "here");
		x->there = cb_attribute(e, "there");
		x->why = cb_attribute(e, "why");
		x->line = e->line;
	}
}

static void read_test(struct reader *r, const struct cb_element *e)
{
	const char *way = cb_attribute(e, "way"), *trip = cb_attribute(e, "trip");
	struct mapping *m = r->m;
	struct sample s = {
		.name = cb_attribute(e, "name"),
		.file = e->file,
		.line = e->line,
		.there = cb_child(e, "there", NULL),
		.here = cb_child(e, "here", NULL),
		.way = WAY_BOTH,
		.trip = TRIP_NORMAL,
	};

	if (way)
		s.way = strcmp(way, "in") == 0    ? WAY_IN
			: strcmp(way, "out") == 0 ? WAY_OUT
						  : WAY_BOTH;
	if (trip)
		s.trip = strcmp(trip, "exact") == 0  ? TRIP_EXACT
			 : strcmp(trip, "none") == 0 ? TRIP_NONE
						     : TRIP_NORMAL;
	if (!s.there && !s.here)
		problem_at(r->problems, e, NULL, 0, "test 要有 there 或 here 样例",
			   "a test has a sample: there or here");
	else if (s.way == WAY_IN && !s.there)
		problem_at(r->problems, e, "way", 0, "way=\"in\" 的 test 要有 there 样例",
			   "a test of way in has a sample there");
	else if (s.way == WAY_OUT && !s.here)
		problem_at(r->problems, e, "way", 0, "way=\"out\" 的 test 要有 here 样例",
			   "a test of way out has a sample here");
	if (s.here && m->here)
		check_sample(r, s.here);
	read_expectations(r, e, &s);
	plan_grow(r->arena, &m->samples, m->sample_count, &m->sample_room, sizeof(*m->samples));
	m->samples[m->sample_count++] = s;
}

/* ----------------------------------------------------------- the whole */

static void make_digest(struct mapping *m)
{
	struct buffer all = { 0 };

	for (size_t i = 0; i < m->source_count; i++) {
		char hex[CB_SHA256_HEX];

		if (!m->sources[i].digest)
			cb_sha256_hex(m->sources[i].text, hex);
		buffer_string(&all, m->sources[i].digest ? m->sources[i].digest : hex);
		buffer_char(&all, '\n');
	}
	cb_sha256_hex(buffer_view(&all), m->digest);
	buffer_done(&all);
}

static void read_root(struct reader *r, const struct cb_element *root)
{
	struct mapping *m = r->m;
	const struct cb_element *lines;
	struct chain chain;

	if (!is_element(root, "mapping")) {
		problem_at(r->problems, root, NULL, 0, "这是 %s 文件，不是映射：根元素应是 mapping",
			   "this is a %s file, no mapping: its root is mapping", root->name);
		return;
	}
	m->name = cb_attribute(root, "name");
	m->label = cb_attribute(root, "label");
	if (!m->label)
		m->label = m->name;
	if (!read_chain(r, root, &chain))
		return;
	for (size_t i = chain.count; i-- > 0;)
		read_tables(r, chain.at[i], (unsigned)(2 * (chain.count - 1 - i) + 1));
	read_there(r, &chain);
	read_here(r, &chain);
	lines = chain.at[chain.count - 1];
	for (size_t i = chain.count - 1; i-- > 0;)
		lines = extend_lines(r, lines, chain.at[i]);
	if (m->here)
		read_lines(r, lines);
	if (m->here && r->problems->errors == r->errors)
		law_check(r);
	for (const struct cb_element *e = root->first; e; e = e->next)
		if (is_element(e, "test"))
			read_test(r, e);
	make_digest(m);
}

struct mapping *mapping_read_shared(struct arena *arena, const char *path,
				    const struct mapping_text *kept, size_t count,
				    struct cb_text image, const struct model *model,
				    struct problems *problems)
{
	struct mapping *m = arena_zero(arena, sizeof(*m));
	struct reader r = {
		.m = m,
		.arena = arena,
		.problems = problems,
		.errors = problems->errors,
		.kept = kept,
		.kept_count = count,
		.image = image,
	};
	struct cb_element *root;

	m->arena = arena;
	m->model = model;
	root = read_xml(&r, path, NULL);
	if (root)
		read_root(&r, root);
	if (root && problems->errors == r.errors)
		return m;
	mapping_done(m);
	return NULL;
}

struct mapping *mapping_read_kept(struct arena *arena, const char *path,
				  const struct mapping_text *kept, size_t count,
				  const struct model *model, struct problems *problems)
{
	return mapping_read_shared(arena, path, kept, count, (struct cb_text){ 0 }, model,
				   problems);
}

struct mapping *mapping_read_library(struct arena *arena, const char *path,
				     struct problems *problems)
{
	struct mapping *m = arena_zero(arena, sizeof(*m));
	struct reader r = {
		.m = m, .arena = arena, .problems = problems, .errors = problems->errors
	};
	struct cb_element *root;

	m->arena = arena;
	root = read_xml(&r, path, NULL);
	if (root && is_element(root, "library")) {
		r.open[r.open_count++] = root->file;
		read_tables(&r, root, 0);
		return m;
	}
	mapping_done(m);
	return NULL;
}

struct mapping *mapping_read(struct arena *arena, const char *path, const struct model *model,
			     struct problems *problems)
{
	return mapping_read_kept(arena, path, NULL, 0, model, problems);
}
