/*
 * manifest_check_sql.c - a connector that speaks with a database: statements whose every
 * {name} is bound as a parameter, and what only one of the two kinds of connector knows.
 */
#include "host/manifest_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/source.h"
#include "net/net.h"

enum sql_place {
	SQL_READ = 1,
	SQL_LIST = 2,
	SQL_RECEIPTS = 4,
	SQL_DICTIONARY = 8,
	SQL_FIND = 16,
	SQL_COUNT = 32,
	SQL_WRITE = 64,
	SQL_WITHDRAW = 128,
	SQL_SETTLE = 256,
	SQL_OPENING = 512,
	SQL_EVERYWHERE = 1023,
	SQL_PAGES = SQL_READ | SQL_LIST | SQL_RECEIPTS | SQL_DICTIONARY,
	SQL_CHANGES = SQL_WRITE | SQL_WITHDRAW,
};

static const struct {
	const char *name;
	unsigned places;
} names[] = {
	{ "account", SQL_EVERYWHERE },
	{ "now", SQL_EVERYWHERE & ~SQL_OPENING },
	{ "once", SQL_CHANGES },
	{ "receipt", SQL_CHANGES },
	{ "position", SQL_WRITE },
	{ "key", SQL_CHANGES | SQL_FIND },
	{ "from", SQL_LIST | SQL_COUNT },
	{ "to", SQL_LIST | SQL_COUNT },
	{ "size", SQL_PAGES },
};
#define NAMES (sizeof(names) / sizeof(*names))

/* One statement on its way through the check. */
struct statement {
	struct check *c;
	const struct cb_element *element, *owner; /* <sql>, and what it belongs to */
	unsigned place;
	bool has_row, has_item; /* are there {row/…} and {item/…} here? */
	bool uses_row, uses_record, uses[NAMES];
	const char *text;
};

/* In the file, of a byte of the statement; exact where it stands there as it is. */
static struct source_place place_of(const struct statement *s, const char *at)
{
	const struct cb_element *e = s->element;

	if (e->inner.at && cb_text_equal(e->inner, e->text))
		return source_inner_place(e, (size_t)(at - s->text));
	return source_text_place(e);
}

#define problem_in(s, at, ...)                                                                     \
	problem_add((s)->c->problems, (s)->element->file, place_of(s, at).line,                    \
		    place_of(s, at).column, __VA_ARGS__)

/* A column of <since>: {it} is where the last page ended. */
static bool is_mark(const struct statement *s, const char *name)
{
	for (const struct cb_element *at = NULL; (at = cb_child(s->owner, "since", at));) {
		const char *column = cb_attribute(at, "column");

		if (column && strcmp(column, name) == 0)
			return true;
	}
	return false;
}

static const char *nearest(const struct statement *s, const char *name)
{
	const struct manifest *m = s->c->m;
	const char **words =
		arena_take(s->c->arena, (m->setting_count + NAMES + 34) * sizeof(*words));
	size_t count = 0;

	for (size_t i = 0; i < m->setting_count; i++)
		words[count++] = m->settings[i].name;
	for (size_t i = 0; i < NAMES; i++)
		if (names[i].places & s->place)
			words[count++] = names[i].name;
	for (const struct cb_element *at = NULL;
	     count < m->setting_count + NAMES + 32 && (at = cb_child(s->owner, "since", at));)
		if (cb_attribute(at, "column"))
			words[count++] = cb_attribute(at, "column");
	words[count] = NULL;
	return problem_nearest(name, words);
}

/* {record/…}, {item/…} and {row/…}: true where it is one of them. */
static bool check_place_name(struct statement *s, const char *at, const char *name)
{
	bool is_record = strncmp(name, "record/", 7) == 0, is_item = strncmp(name, "item/", 5) == 0;
	bool is_row = strncmp(name, "row/", 4) == 0;
	const char *path = strchr(name, '/');
	struct cb_error err = { 0 };
	struct path *made;

	if (!is_record && !is_item && !is_row)
		return false;
	s->uses_record |= is_record || is_item;
	s->uses_row |= is_row;
	if (is_record && !(s->place & SQL_CHANGES))
		problem_in(s, at, "{%s} 在这里没有值：record/ 是写出的记录",
			   "{%s} has no value here: record/ is the record that is written", name);
	else if (is_item && !s->has_item)
		problem_in(s, at, "{%s} 在这里没有值：先写 <sql each=\"列表\">",
			   "{%s} has no value here: write <sql each=\"a list\"> first", name);
	else if (is_row && !s->has_row)
		problem_in(s, at, "{%s} 在这里没有值：row/ 用在 <detail> 和 <settle> 里",
			   "{%s} has no value here: row/ belongs to <detail> and <settle>", name);
	else if (!is_row && path_compile(s->c->arena, shape_new(s->c->arena), cb_text_of(path + 1),
					 PATH_VALUE, &made, &err) != CB_OK)
		problem_in(s, at, "{%s}：%s", "{%s}: %s", name, err.text);
	return true;
}

static void check_name(struct statement *s, const char *at, const char *name)
{
	const struct manifest_setting *setting = manifest_setting(s->c->m, name);
	const char *near;

	if (check_place_name(s, at, name) || is_mark(s, name))
		return;
	if (setting && setting->is_secret) {
		problem_in(s, at, "{%s} 是密钥：只能用在 <database connect=…> 里",
			   "{%s} is a secret: it belongs into <database connect=…> alone", name);
		return;
	}
	if (setting)
		return;
	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(names[i].name, name) != 0)
			continue;
		s->uses[i] = true;
		if (!(names[i].places & s->place) ||
		    (strcmp(name, "position") == 0 && !s->has_item))
			problem_in(s, at, "{%s} 在这里没有值", "{%s} has no value here", name);
		return;
	}
	near = nearest(s, name);
	if (near)
		problem_in(s, at, "没有叫“%s”的设置或取值；最接近的是“%s”",
			   "there is no setting or value called '%s'; the nearest is '%s'", name,
			   near);
	else
		problem_in(s, at,
			   "没有叫“%s”的设置或取值；记录里的写 {record/路径}，行里的写 {row/列}",
			   "there is no setting or value called '%s'; of a record write "
			   "{record/path}, of a row {row/column}",
			   name);
}

const char *past_quoted(const char *at)
{
	const char *end = NULL;

	if (*at == '\'' || *at == '"' || *at == '`') {
		end = strchr(at + 1, *at);
		return end ? end + 1 : at + strlen(at);
	}
	if (strncmp(at, "--", 2) == 0)
		return at + strcspn(at, "\n");
	if (strncmp(at, "/*", 2) == 0) {
		end = strstr(at + 2, "*/");
		return end ? end + 2 : at + strlen(at);
	}
	return at;
}

static void check_quoted(const struct statement *s, const char *at, const char *end)
{
	for (; at < end; at++) {
		if (*at != '{' && *at != '}')
			continue;
		if (at + 1 < end && at[1] == *at) {
			at++;
			continue;
		}
		if (*at == '{')
			problem_in(s, at,
				   "花括号在引号或注释里：{…} "
				   "是绑定的参数，两边不要引号；要花括号本身写 {{",
				   "a brace inside quotes or a comment: {…} is bound as a "
				   "parameter and takes no quotes; a brace itself is {{");
		return;
	}
}

static void scan(struct statement *s)
{
	const char *at = s->text;

	while (*at) {
		const char *end = past_quoted(at);

		if (end > at) {
			check_quoted(s, at, end);
			at = end;
		} else if ((*at == '{' || *at == '}') && at[1] == *at) {
			at += 2;
		} else if (*at == '{') {
			end = strchr(at, '}');
			if (!end) {
				problem_in(s, at, "花括号没有闭合", "the closing brace is missing");
				return;
			}
			check_name(
				s, at,
				arena_string(s->c->arena,
					     (struct cb_text){ at + 1, (size_t)(end - at) - 1 }));
			at = end + 1;
		} else {
			if (*at == '}')
				problem_in(s, at, "多了一个右花括号；要花括号本身写 }}",
					   "a closing brace alone; a brace itself is }}");
			if (*at == '?')
				problem_in(
					s, at, "参数写作 {名称}，不写问号",
					"a parameter is written {name}, not with a question mark");
			at++;
		}
	}
}

static struct statement check_sql(struct check *c, const struct cb_element *sql,
				  const struct cb_element *owner, unsigned place, bool has_row)
{
	struct statement s = { .c = c,
			       .element = sql,
			       .owner = owner,
			       .place = place,
			       .has_row = has_row,
			       .has_item = cb_attribute(sql, "each") != NULL,
			       .text = arena_string(c->arena,
						    sql->text.at ? sql->text : CB_TEXT("")) };

	if (!s.text[strspn(s.text, " \t\r\n")]) {
		problem_at(c->problems, sql, NULL, 0, "语句是空的", "the statement is empty");
		return (struct statement){ 0 };
	}
	scan(&s);
	return s;
}

/* The one statement of an element that asks; all of it NULL where there is none. */
static struct statement check_query(struct check *c, const struct cb_element *owner, unsigned place,
				    bool has_row)
{
	const struct cb_element *sql = cb_child(owner, "sql", NULL);

	check_once(c, owner, "sql");
	if (sql)
		return check_sql(c, sql, owner, place, has_row);
	problem_at(c->problems, owner, NULL, 0, "<%s> 缺少 <sql>", "<%s> has no <sql>",
		   owner->name);
	return (struct statement){ 0 };
}

static void check_details(struct check *c, const struct cb_element *owner, unsigned place)
{
	for (const struct cb_element *at = NULL; (at = cb_child(owner, "detail", at));) {
		const char *name = cb_attribute(at, "name"), *other;
		struct statement s = check_query(c, at, place, true);

		if (!name)
			problem_at(c->problems, at, NULL, 0, "缺少 name：这些行放进哪个列表",
				   "name is missing: which list do these rows make?");
		if (s.text && !s.uses_row)
			problem_at(c->problems, s.element, NULL, 0,
				   "没有用上 {row/列}：不知道是哪一行的明细",
				   "{row/column} is not used: whose details are these?");
		for (const struct cb_element *before = NULL;
		     name && (before = cb_child(owner, "detail", before)) && before != at;) {
			other = cb_attribute(before, "name");
			if (other && strcmp(other, name) == 0)
				problem_at(c->problems, at, "name", 0, "“%s”在第 %u 行已经有了",
					   "'%s' is at line %u already", name, before->line);
		}
		check_details(c, at, place);
	}
}

static bool used(const struct statement *s, const char *name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strcmp(names[i].name, name) == 0)
			return s->uses[i];
	return false;
}

static void check_batch(struct check *c, const struct cb_element *element)
{
	const char *batch = cb_attribute(element, "batch");

	if (batch && strtoll(batch, NULL, 10) < 1)
		problem_at(c->problems, element, "batch", 0, "一次至少 1 条", "at least 1 at once");
}

/* <write> and <withdraw>: statements in their order, one transaction. */
static void check_changes(struct check *c, const struct cb_element *change, unsigned place)
{
	const struct cb_element *sql = NULL;
	bool is_about = false, is_first = true;

	if (!change)
		return;
	while ((sql = cb_child(change, "sql", sql))) {
		struct statement s = check_sql(c, sql, change, place, false);

		check_path(c, sql, "each", PATH_LIST);
		check_condition(c, sql, "when", shape_new(c->arena));
		is_about |= s.uses_record || used(&s, "key") || used(&s, "receipt");
		if (is_first && cb_attribute(sql, "when"))
			problem_at(
				c->problems, sql, "when", 0,
				"第一条语句前面没有结果可看：when 写在后面的语句上",
				"nothing came before the first statement: when belongs to a later "
				"one");
		is_first = false;
	}
	if (is_first)
		problem_at(c->problems, change, NULL, 0, "<%s> 缺少 <sql>", "<%s> has no <sql>",
			   change->name);
	else if (!is_about)
		problem_at(c->problems, change, NULL, 0,
			   "{key}、{record/…} 都没有用上：不知道是哪一条",
			   "neither {key} nor {record/…} is used: which record is it?");
	check_batch(c, change);
	check_path(c, change, "receipt", PATH_VALUE);
}

static void check_settle(struct check *c, const struct cb_element *settle)
{
	bool uses_row = false;

	if (!settle)
		return;
	if (!cb_child(settle, "sql", NULL))
		problem_at(c->problems, settle, NULL, 0, "<%s> 缺少 <sql>", "<%s> has no <sql>",
			   settle->name);
	for (const struct cb_element *sql = NULL; (sql = cb_child(settle, "sql", sql));)
		uses_row |= check_sql(c, sql, settle, SQL_SETTLE, true).uses_row;
	if (cb_child(settle, "sql", NULL) && !uses_row)
		problem_at(
			c->problems, settle, NULL, 0, "没有用上 {row/列}：会把还没取的也标成取走",
			"{row/column} is not used: rows that were not taken would be marked too");
}

static void check_asking(struct check *c, const struct cb_element *stream)
{
	static const struct {
		const char *element, *path, *name;
		unsigned place;
	} asks[] = {
		{ "read", NULL, NULL, SQL_READ },
		{ "list", "key", "from", SQL_LIST },
		{ "receipts", "match", NULL, SQL_RECEIPTS },
		{ "dictionary", "code", NULL, SQL_DICTIONARY },
		{ "find", "held", "key", SQL_FIND },
		{ "count", "number", "from", SQL_COUNT },
	};

	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++)
		for (const struct cb_element *at = NULL;
		     (at = cb_child(stream, asks[i].element, at));) {
			struct statement s = check_query(c, at, asks[i].place, false);

			if (asks[i].path)
				check_path(c, at, asks[i].path, PATH_VALUE);
			check_path(c, at, "receipt", PATH_VALUE);
			check_marks(c, at, s.text, used(&s, "size"));
			check_batch(c, at);
			check_details(c, at, asks[i].place);
			if (s.text && asks[i].name && !used(&s, asks[i].name))
				problem_at(c->problems, s.element, NULL, 0,
					   "{%s} 没有用上：问的不是这一条、这一段",
					   "{%s} is not used: it would not ask for this",
					   asks[i].name);
		}
}

/* A statement that asks fails by its SQLSTATE: only what is written has answers to judge. */
static void check_judging(struct check *c, const struct cb_element *call)
{
	const struct cb_element *answers = cb_child(call, "answers", NULL);

	if (strcmp(call->name, "write") == 0 || strcmp(call->name, "withdraw") == 0)
		check_answers(c, call);
	else if (answers)
		problem_at(
			c->problems, answers, NULL, 0,
			"<%s> 里的 answers 不起作用：查询出错按 SQLSTATE 定；只有 write、withdraw "
			"用得上",
			"answers say nothing in <%s>: what fails there is told by its SQLSTATE; "
			"only write and withdraw have answers",
			call->name);
}

void check_sql_stream(struct check *c, const struct cb_element *stream)
{
	check_answers(c, stream);
	for (const struct cb_element *at = stream->first; at; at = at->next)
		check_judging(c, at);
	check_asking(c, stream);
	check_changes(c, cb_child(stream, "write", NULL), SQL_WRITE);
	check_changes(c, cb_child(stream, "withdraw", NULL), SQL_WITHDRAW);
	check_settle(c, cb_child(stream, "settle", NULL));
}

/* A hole's name as the mapping has it; NULL: it is none of the record's. */
static const char *taken_name(struct arena *arena, const struct cb_element *sql,
			      struct cb_text hole)
{
	const char *name = arena_string(arena, hole), *list = cb_attribute(sql, "each");

	if (strpbrk(name, "[('\"@."))
		return NULL;
	if (strncmp(name, "record/", 7) == 0)
		return name + 7;
	if (strncmp(name, "item/", 5) == 0 && list && !strpbrk(list, "[('\"@."))
		return arena_printf(arena, "%s/%s", list, name + 5);
	return NULL;
}

void manifest_takes(const struct manifest_stream *stream, struct arena *arena,
		    void (*each)(void *with, const struct cb_element *sql, const char *name),
		    void *with)
{
	const struct cb_element *write = cb_child(stream->element, "write", NULL);

	for (const struct cb_element *sql = NULL; (sql = cb_child(write, "sql", sql));) {
		const char *at = arena_string(arena, sql->text.at ? sql->text : CB_TEXT(""));

		while ((at = strchr(at, '{'))) {
			size_t len = strcspn(++at, "{}");
			const char *name = taken_name(arena, sql, (struct cb_text){ at, len });

			if (name && at[len] == '}')
				each(with, sql, name);
			at += len;
		}
	}
}

int check_setting(void *with, struct cb_text name, struct cb_error *err)
{
	struct check *c = with;
	const char *word = arena_string(c->arena, name), *near;
	const char **words = arena_take(c->arena, (c->m->setting_count + 1) * sizeof(*words));

	if (manifest_setting(c->m, word) || strcmp(word, "account") == 0)
		return CB_OK;
	for (size_t i = 0; i < c->m->setting_count; i++)
		words[i] = c->m->settings[i].name;
	words[c->m->setting_count] = NULL;
	near = problem_nearest(word, words);
	return near ? cb_fail(err, CB_SETUP, "没有叫“%s”的设置；最接近的是“%s”",
			      "there is no setting called '%s'; the nearest is '%s'", word, near)
		    : cb_fail(err, CB_SETUP, "没有叫“%s”的设置", "there is no setting called '%s'",
			      word);
}

void check_database(struct check *c)
{
	const struct cb_element *root = c->m->root, *database = cb_child(root, "database", NULL);
	const char *connect = cb_attribute(database, "connect");
	struct cb_error err = { 0 };

	if (!c->m->has_own_connection)
		problem_at(
			c->problems, root, "by", 0,
			"插件 odbc 自己连数据库：写明 "
			"connection=\"own\"，它就能用网络和本账号的口令"
			"（看不到站点目录）",
			"plugin odbc connects by itself: say connection=\"own\"; it then may use "
			"the network and this account's secrets (never the site's folder)");
	if (!database)
		problem_at(c->problems, root, NULL, 0,
			   "缺少 <database connect=\"Driver=…;…\"/>：不知道连哪个数据库",
			   "<database connect=\"Driver=…;…\"/> is missing: which database is it?");
	check_once(c, root, "database");
	for (const struct cb_element *sql = NULL; (sql = cb_child(database, "sql", sql));)
		check_sql(c, sql, database, SQL_OPENING, false);
	if (connect && net_template_check(connect, check_setting, c, &err) != CB_OK)
		problem_at(c->problems, database, "connect", err.column ? err.column - 1 : 0, "%s",
			   "%s", err.text);
}

/* What means something to one kind of connector alone would be passed over by the other. */
static const struct {
	const char *element, *attribute; /* NULL: the element itself, or any element */
	bool is_sql;
} apart[] = {
	{ "step", NULL, false },       { "header", NULL, false },
	{ "param", NULL, false },      { "form", NULL, false },
	{ "body", NULL, false },       { "part", NULL, false },
	{ "page", NULL, false },       { "each", NULL, false },
	{ NULL, "method", false },     { NULL, "url", false },
	{ NULL, "charset", false },    { NULL, "records", false },
	{ NULL, "as", false },         { NULL, "files", false },
	{ NULL, "rows", false },       { "since", "into", false },
	{ "since", "to-into", false }, { "since", "step", false },
	{ "since", "format", false },  { "since", "field", false },
	{ "settle", "key", false },    { "settle", "move", false },
	{ "detail", "key", false },    { NULL, "record", false },
	{ NULL, "file", false },       { "database", NULL, true },
	{ "sql", NULL, true },         { "since", "column", true },
	{ "since", "again", true },    { "detail", "name", true },
	{ "read", "batch", true },     { "list", "batch", true },
	{ "receipts", "batch", true }, { "dictionary", "batch", true },
};

void check_apart(struct check *c, const struct cb_element *element)
{
	for (size_t i = 0; i < sizeof(apart) / sizeof(*apart); i++) {
		const char *attribute = apart[i].attribute;

		if (apart[i].is_sql == c->is_sql ||
		    (apart[i].element && strcmp(apart[i].element, element->name) != 0) ||
		    (attribute && !cb_attribute(element, attribute)))
			continue;
		problem_at(c->problems, element, attribute, 0,
			   c->is_sql ? "%s 不用于 by=\"odbc\"" : "%s 只用于 by=\"odbc\"",
			   c->is_sql ? "%s does not belong to by=\"odbc\""
				     : "%s belongs to by=\"odbc\" alone",
			   attribute ? attribute : element->name);
	}
	for (const struct cb_element *at = element->first; at; at = at->next)
		if (strcmp(at->name, "part") != 0 && strcmp(element->name, "body") != 0)
			check_apart(c, at);
}
