/*
 * model.c - a model file becomes tables of fields over fixed shapes.
 *
 * Groups are flattened: a field's path says where it stands in the record
 * ("place/region"), its column is the same with underscores. Names have lower
 * case letters, digits and hyphens only, so a column that begins with an
 * underscore, or a table of one word, can never be a field's or an entity's:
 * those are the store's own.
 */
#include "model/model.h"

#include <string.h>

#include "base/grammar.h"
#include "base/hash.h"
#include "base/xml.h"

#define NESTING_MAX 8 /* lists in lists */

static const struct grammar_attribute model_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "模型的名字", "the model's name" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "what people call it" },
	{ 0 },
};

static const struct grammar_attribute entity_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "实体的名字，也是存储表名的开头",
	  "the entity's name, and the start of its tables' names" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "what people call it" },
	{ 0 },
};

static const struct grammar_attribute field_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "字段名：小写字母、数字和连字符",
	  "lower-case letters, digits and hyphens" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "what people call it" },
	{ "type", VALUE_WORD, true,
	  "text integer decimal money flag date time datetime code document", "值的类型",
	  "the type of its values" },
	{ "max", VALUE_INTEGER, false, NULL, "最多多少个字符", "at most so many characters" },
	{ "unique", VALUE_FLAG, false, NULL, "实体的自然键：每条记录各不相同",
	  "the natural key: different in every record" },
	{ "privacy", VALUE_WORD, false, "none personal sensitive", "决定各处怎样遮盖",
	  "decides how it is masked everywhere" },
	{ "owner", VALUE_NAME, false, NULL, "只有这个系统的映射可以改它",
	  "only that system's mapping may change it" },
	{ "codes", VALUE_NAME, false, NULL, "代码表的名字", "the name of its code table" },
	{ 0 },
};

static const struct grammar_attribute ref_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "字段名：小写字母、数字和连字符",
	  "lower-case letters, digits and hyphens" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "what people call it" },
	{ "entity", VALUE_NAME, true, NULL, "指向哪个实体", "the entity it points to" },
	{ "must-exist", VALUE_FLAG, false, NULL, "指向的记录还没有时挂起",
	  "hold what points to a record that is not there yet" },
	{ "privacy", VALUE_WORD, false, "none personal sensitive", "决定各处怎样遮盖",
	  "decides how it is masked everywhere" },
	{ "owner", VALUE_NAME, false, NULL, "只有这个系统的映射可以改它",
	  "only that system's mapping may change it" },
	{ 0 },
};

static const struct grammar_attribute part_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "小写字母、数字和连字符",
	  "lower-case letters, digits and hyphens" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "what people call it" },
	{ 0 },
};

static const struct grammar_element elements[] = {
	{ "model", "entity", model_attributes, false, "数据模型：有哪些实体，各有哪些字段",
	  "the entities and their fields" },
	{ "entity", "field ref group list", entity_attributes, false, "一类记录",
	  "one kind of record" },
	{ "field", "", field_attributes, false, "一个值", "one value" },
	{ "ref", "", ref_attributes, false, "另一实体的一条记录，按其自然键",
	  "a record of another entity, by its natural key" },
	{ "group", "field ref group list", part_attributes, false, "在一起的几个字段",
	  "fields that belong together" },
	{ "list", "field ref group list", part_attributes, false, "可以重复的一组字段",
	  "fields that repeat" },
	{ 0 },
};

const struct grammar model_grammar = { "model", "model", elements };

static const char *const type_words[] = { "text", "integer", "decimal",  "money",
					  "flag", "date",    "time",     "datetime",
					  "code", "ref",     "document", NULL };

const char *field_type_word(enum field_type type)
{
	return type_words[type];
}

struct reader {
	struct arena *arena;
	struct problems *problems;
	struct names tables; /* of the store: two of one name would share a table */
};

static bool is_element(const struct cb_element *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

static const char *label_of(struct reader *r, const struct cb_element *e)
{
	const char *label = cb_attribute(e, "label");

	if (label && *label)
		return label;
	problem_warn(r->problems, e, NULL, "<%s> 没有 label，界面和报错只能显示名字",
		     "<%s> has no label: pages and messages can only show its name", e->name);
	return cb_attribute(e, "name");
}

/* The name, or NULL where it cannot be used. */
static const char *name_of(struct reader *r, const struct cb_element *e)
{
	const char *name = cb_attribute(e, "name");

	if (!name)
		return NULL; /* the grammar has said so */
	for (const char *at = name; *at; at++) {
		bool is_letter = *at >= 'a' && *at <= 'z';
		bool is_other = (*at >= '0' && *at <= '9') || *at == '-';

		if (is_letter || (is_other && at > name))
			continue;
		problem_at(r->problems, e, "name", (size_t)(at - name),
			   "名字“%s”只能用小写字母、数字和连字符，并以字母开头",
			   "the name '%s' may only have lower-case letters, digits and hyphens, "
			   "and begins with a letter",
			   name);
		return NULL;
	}
	return name;
}

static enum field_type type_of(const struct cb_element *e)
{
	const char *word = cb_attribute(e, "type");

	if (is_element(e, "ref"))
		return FIELD_REF;
	for (int i = 0; word && type_words[i]; i++)
		if (strcmp(word, type_words[i]) == 0)
			return (enum field_type)i;
	return FIELD_TEXT; /* the grammar has said so */
}

static enum privacy privacy_of(const struct cb_element *e)
{
	const char *word = cb_attribute(e, "privacy");

	if (!word || strcmp(word, "none") == 0)
		return PRIVACY_NONE;
	return strcmp(word, "personal") == 0 ? PRIVACY_PERSONAL : PRIVACY_SENSITIVE;
}

static int64_t max_of(struct reader *r, const struct cb_element *e)
{
	const char *text = cb_attribute(e, "max");
	int64_t max = 0;

	if (!text)
		return 0;
	for (const char *at = text; *at >= '0' && *at <= '9' && max < INT32_MAX; at++)
		max = max * 10 + (*at - '0');
	if (max < 1 || max >= INT32_MAX)
		problem_at(r->problems, e, "max", 0, "max 应是 1 以上的字符数",
			   "max is a number of characters, at least 1");
	return max;
}

static bool is_yes(const struct cb_element *e, const char *name)
{
	const char *word = cb_attribute(e, name);

	return word && strcmp(word, "yes") == 0;
}

/* "place/region" → "place_region" */
static const char *column_of(struct reader *r, const char *path)
{
	char *column = arena_string(r->arena, cb_text_of(path));

	for (char *at = column; *at; at++)
		if (*at == '/' || *at == '-')
			*at = '_';
	return column;
}

static void check_unique(struct reader *r, const struct table *table, const struct cb_element *e)
{
	if (table->up)
		problem_at(r->problems, e, "unique", 0,
			   "unique 只能用于实体自己的字段，不能用于列表里的字段",
			   "unique is for fields of the entity itself, not for those in a list");
	else if (table_key(table) != NO_SLOT)
		problem_at(r->problems, e, "unique", 0, "实体“%s”已有自然键“%s”，只能有一个",
			   "entity '%s' has the natural key '%s' already: there is only one",
			   table->name, table->fields[table_key(table)].path);
}

static void check_field(struct reader *r, const struct table *table, const struct cb_element *e,
			const struct field *field)
{
	if (field->is_unique)
		check_unique(r, table, e);
	if (field->codes && field->type != FIELD_CODE)
		problem_at(r->problems, e, "codes", 0, "codes 只能用于 type=\"code\" 的字段",
			   "codes is for fields of type=\"code\"");
	/* Items of a list come and go with the list: there is no telling whose value to keep. */
	if (field->owner && table->up)
		problem_at(r->problems, e, "owner", 0, "owner 不能用于列表里的字段",
			   "owner is not for fields in a list");
	for (uint32_t i = 0; i + 1 < table->shape->slot_count; i++)
		if (table->fields[i].column && strcmp(table->fields[i].column, field->column) == 0)
			problem_at(r->problems, e, "name", 0, "“%s”和“%s”在存储中会是同一列 %s",
				   "'%s' and '%s' would be one column %s in the store", field->path,
				   table->fields[i].path, field->column);
}

static void read_field(struct reader *r, struct table *table, const struct cb_element *e,
		       struct shape_node *node, const char *path)
{
	uint32_t slot = shape_slot(table->shape, node);
	struct field field = {
		.path = path,
		.column = column_of(r, path),
		.label = label_of(r, e),
		.type = type_of(e),
		.max = max_of(r, e),
		.is_unique = is_yes(e, "unique"),
		.privacy = privacy_of(e),
		.owner = cb_attribute(e, "owner"),
		.codes = cb_attribute(e, "codes"),
		.entity = cb_attribute(e, "entity"),
		.must_exist = is_yes(e, "must-exist"),
		.through = NO_SLOT,
		.from = NO_SLOT,
	};

	check_field(r, table, e, &field);
	table->fields[slot] = field;
	table->shape->slots[slot].type = field.type == FIELD_INTEGER ||
							 field.type == FIELD_DECIMAL ||
							 field.type == FIELD_MONEY
						 ? CB_VALUE_NUMBER
					 : field.type == FIELD_FLAG ? CB_VALUE_FLAG
								    : CB_VALUE_TEXT;
}

static void claim_table(struct reader *r, const struct cb_element *e, const char *store)
{
	struct cb_text name = { store, strlen(store) };

	if (names_find(&r->tables, name) != NAME_UNKNOWN || strncmp(store, "sqlite", 6) == 0)
		problem_at(r->problems, e, "name", 0, "存储中的表名 %s 已被占用，请换个名字",
			   "the store's table name %s is taken: choose another name", store);
	names_set(&r->tables, name, 0);
}

static void count(const struct cb_element *e, size_t *fields, size_t *lists)
{
	for (e = e->first; e; e = e->next) {
		*fields += is_element(e, "field") || is_element(e, "ref");
		*lists += is_element(e, "list");
		if (is_element(e, "group"))
			count(e, fields, lists);
	}
}

static void read_children(struct reader *r, struct table *table, const struct cb_element *e,
			  struct shape_node *node, const char *path, int nesting);

static void read_table(struct reader *r, struct table *table, const struct cb_element *e,
		       struct shape *shape, int nesting)
{
	size_t fields = 0, lists = 0;

	count(e, &fields, &lists);
	table->label = label_of(r, e);
	table->shape = shape;
	table->fields = arena_zero(r->arena, (fields + 1) * sizeof(*table->fields));
	table->lists = arena_zero(r->arena, (lists + 1) * sizeof(*table->lists));
	claim_table(r, e, table->store);
	if (nesting > NESTING_MAX)
		problem_at(r->problems, e, NULL, 0, "列表套得太深，最多 %d 层",
			   "lists nest too deep: at most %d", NESTING_MAX);
	else
		read_children(r, table, e, shape->root, "", nesting);
	if (!shape->slot_count)
		problem_at(r->problems, e, NULL, 0, "<%s> 没有字段", "<%s> has no field", e->name);
	table->stored = shape->slot_count;
	shape->is_fixed = true;
}

static void read_list(struct reader *r, struct table *up, const struct cb_element *e,
		      struct shape_node *node, const char *path, int nesting)
{
	struct shape *shape = shape_list(up->shape, node);
	struct table *table = &up->lists[shape->up_index];
	const char *before =
		up->up ? up->store : column_of(r, up->name); /* the entity's, without "_record" */

	table->name = path;
	table->store = arena_printf(r->arena, "%s_%s", before, column_of(r, path));
	table->up = up;
	read_table(r, table, e, shape, nesting + 1);
}

static void read_children(struct reader *r, struct table *table, const struct cb_element *e,
			  struct shape_node *node, const char *path, int nesting)
{
	for (e = e->first; e; e = e->next) {
		const char *name = name_of(r, e), *full;
		struct shape_node *child;

		if (!name)
			continue;
		if (shape_find(node, cb_text_of(name))) {
			problem_at(r->problems, e, "name", 0, "名字“%s”在这里出现了两次",
				   "the name '%s' stands here twice", name);
			continue;
		}
		child = shape_child(table->shape, node, cb_text_of(name));
		full = *path ? arena_printf(r->arena, "%s/%s", path, name) : name;
		if (is_element(e, "field") || is_element(e, "ref"))
			read_field(r, table, e, child, full);
		else if (is_element(e, "list"))
			read_list(r, table, e, child, full, nesting);
		else if (is_element(e, "group"))
			read_children(r, table, e, child, full, nesting);
	}
}

static void read_entity(struct reader *r, struct model *model, const struct cb_element *e)
{
	const char *name = name_of(r, e);
	struct table *table = &model->entities[model->entity_count];

	if (!name)
		return;
	if (model_entity(model, name)) {
		problem_at(r->problems, e, "name", 0, "实体“%s”写了两次",
			   "the entity '%s' stands here twice", name);
		return;
	}
	model->entity_count++;
	table->name = name;
	table->store = arena_printf(r->arena, "%s_record", column_of(r, name));
	read_table(r, table, e, shape_new(r->arena), 0);
}

static void check_ref(struct reader *r, const struct model *model, const struct cb_element *e)
{
	const char *name = cb_attribute(e, "entity"), *nearest;
	const struct table *to = name ? model_entity(model, name) : NULL;
	const char **words;

	if (!name)
		return;
	if (to) {
		if (table_key(to) == NO_SLOT)
			problem_at(r->problems, e, "entity", 0,
				   "实体“%s”没有 unique=\"yes\" 的字段，无法被引用",
				   "entity '%s' has no field with unique=\"yes\" to refer to it by",
				   name);
		return;
	}
	words = arena_zero(r->arena, (model->entity_count + 1) * sizeof(*words));
	for (size_t i = 0; i < model->entity_count; i++)
		words[i] = model->entities[i].name;
	nearest = problem_nearest(name, words);
	if (nearest)
		problem_at(r->problems, e, "entity", 0, "没有实体“%s”，是不是“%s”？",
			   "there is no entity '%s'; did you mean '%s'?", name, nearest);
	else
		problem_at(r->problems, e, "entity", 0, "没有实体“%s”", "there is no entity '%s'",
			   name);
}

static void check_refs(struct reader *r, const struct model *model, const struct cb_element *e)
{
	for (e = e->first; e; e = e->next) {
		if (is_element(e, "ref"))
			check_ref(r, model, e);
		check_refs(r, model, e);
	}
}

/* "place/region" below the node of the reference. */
static struct shape_node *node_below(struct shape *shape, struct shape_node *node, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		node = shape_child(shape, node, (struct cb_text){ path, len });
		path += len + (path[len] == '/');
	}
	return node;
}

/* The fields of the entity that a reference points to, below it. */
static void join_ref(struct reader *r, struct table *table, uint32_t slot, const struct table *to)
{
	const struct field *ref = &table->fields[slot];

	for (uint32_t i = 0; i < to->stored; i++) {
		struct field joined = to->fields[i];
		struct shape_node *node = node_below(table->shape, table->shape->slots[slot].node,
						     to->fields[i].path);
		uint32_t at = shape_slot(table->shape, node);

		joined.path = arena_printf(r->arena, "%s/%s", ref->path, to->fields[i].path);
		joined.label = arena_printf(r->arena, "%s %s", ref->label, to->fields[i].label);
		joined.is_unique = joined.must_exist = false;
		joined.owner = NULL;
		joined.through = slot;
		joined.from = i;
		table->fields[at] = joined;
		table->shape->slots[at].type = to->shape->slots[i].type;
	}
}

/* After all entities are read, for a reference may point to a later one. */
static void join_table(struct reader *r, const struct model *model, struct table *table)
{
	size_t room = table->stored;
	struct field *fields;

	for (size_t i = 0; i < table->stored; i++) {
		const char *entity = table->fields[i].entity;
		const struct table *to = entity ? model_entity(model, entity) : NULL;

		room += to ? to->stored : 0;
	}
	fields = arena_zero(r->arena, (room + 1) * sizeof(*fields));
	memcpy(fields, table->fields, table->stored * sizeof(*fields));
	table->fields = fields;
	for (uint32_t i = 0; i < table->stored; i++) {
		const char *entity = table->fields[i].entity;
		const struct table *to = entity ? model_entity(model, entity) : NULL;

		if (to)
			join_ref(r, table, i, to);
	}
	for (size_t i = 0; i < table->shape->list_count; i++)
		join_table(r, model, &table->lists[i]);
}

static uint64_t digest_of(const struct model *model, struct cb_text text)
{
	return hash_bytes(text.at, text.len, hash_bytes(model->name, strlen(model->name), 0));
}

struct model *model_read(struct arena *arena, const char *path, struct problems *problems)
{
	struct reader r = { .arena = arena, .problems = problems };
	struct cb_element *root;
	struct model *model;
	size_t before = problems->errors, entities = 0;

	root = xml_read_file(arena, path, problems);
	if (!root)
		return NULL;
	grammar_check(&model_grammar, root, problems);
	if (!is_element(root, "model"))
		return NULL;
	for (const struct cb_element *e = root->first; e; e = e->next)
		entities++;
	model = arena_zero(arena, sizeof(*model));
	model->name = cb_attribute(root, "name") ? cb_attribute(root, "name") : "";
	model->label = cb_attribute(root, "label") ? cb_attribute(root, "label") : model->name;
	model->entities = arena_zero(arena, (entities + 1) * sizeof(*model->entities));
	for (const struct cb_element *e = cb_child(root, "entity", NULL); e;
	     e = cb_child(root, "entity", e))
		read_entity(&r, model, e);
	check_refs(&r, model, root);
	for (size_t i = 0; i < model->entity_count && problems->errors == before; i++)
		join_table(&r, model, &model->entities[i]);
	if (!model->entity_count && problems->errors == before)
		problem_at(problems, root, NULL, 0, "模型里没有实体", "the model has no entity");
	model->digest = digest_of(model, root->inner);
	names_done(&r.tables);
	return problems->errors == before ? model : NULL;
}

struct table *model_entity(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->entity_count; i++)
		if (strcmp(model->entities[i].name, name) == 0)
			return &model->entities[i];
	return NULL;
}

const struct field *table_field(const struct table *table, const char *path)
{
	for (size_t i = 0; i < table->shape->slot_count; i++)
		if (table->fields[i].path && strcmp(table->fields[i].path, path) == 0)
			return &table->fields[i];
	return NULL;
}

uint32_t table_key(const struct table *table)
{
	for (uint32_t i = 0; i < table->shape->slot_count; i++)
		if (table->fields[i].is_unique)
			return i;
	return NO_SLOT;
}
