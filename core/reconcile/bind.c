/*
 * bind.c - columns become places in the rows of the model, survivors slots.
 */
#include "reconcile/bind.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"

struct binder {
	struct arena *arena;
	const struct model *model;
	const char *const *folders;
	struct problems *problems;
	struct search_rules *rules;
};

static uint32_t list_find(const struct table *table, struct cb_text path)
{
	for (uint32_t i = 0; i < table->shape->list_count; i++)
		if (cb_text_equal(table->shape->lists[i]->path, path))
			return i;
	return NO_SLOT;
}

static uint32_t slot_find(const struct table *table, struct cb_text path)
{
	for (uint32_t i = 0; i < table->stored; i++)
		if (cb_text_is(path, table->fields[i].path))
			return i;
	return NO_SLOT;
}

static void no_such_path(const struct binder *b, const struct cb_element *e, const char *attribute,
			 const struct table *table, struct cb_text path, size_t offset)
{
	size_t count = table->stored + table->shape->list_count;
	const char **words = arena_zero(b->arena, (count + 1) * sizeof(*words)), *nearest;

	for (size_t i = 0; i < table->stored; i++)
		words[i] = table->fields[i].path;
	for (size_t i = 0; i < table->shape->list_count; i++)
		words[table->stored + i] = arena_string(b->arena, table->shape->lists[i]->path);
	nearest = problem_nearest(arena_string(b->arena, path), words);
	problem_at(b->problems, e, attribute, offset, "%s里没有“%.*s”%s%s", "%s has no '%.*s'%s%s",
		   table->label ? table->label : table->name, CB_TEXT_ARG(path),
		   nearest ? cb_say("；最接近的是 ", "; the nearest is ") : "",
		   nearest ? nearest : "");
}

/* "about", or "person/phone": of every item. */
static bool place_find(const struct table *table, struct cb_text path, struct place *place)
{
	*place = (struct place){ .slot = slot_find(table, path) };
	if (place->slot != NO_SLOT)
		return true;
	for (size_t cut = path.len; cut > 0; cut--) {
		struct cb_text list = { path.at, cut - 1 };

		if (path.at[cut - 1] != '/')
			continue;
		place->list = list_find(table, list);
		if (place->list == NO_SLOT)
			continue;
		place->is_in_list = true;
		place->slot = slot_find(&table->lists[place->list],
					(struct cb_text){ path.at + cut, path.len - cut });
		return place->slot != NO_SLOT;
	}
	return false;
}

static struct search_rules *read_rules(const struct binder *b, const char *name, unsigned depth);

static void bind_through(const struct binder *b, const struct spec_column *column,
			 struct binding *binding, unsigned depth)
{
	struct search_rules *through;

	binding->list = list_find(b->rules->table, cb_text_of(column->from));
	if (binding->list == NO_SLOT) {
		no_such_path(b, column->element, "from", b->rules->table, cb_text_of(column->from),
			     0);
		return;
	}
	if (depth) {
		problem_at(b->problems, column->element, "through", 0,
			   "through 只能用在实体自己的规格里",
			   "through is for an entity's own rules");
		return;
	}
	if (b->rules->through && strcmp(b->rules->through->spec->name, column->through) == 0) {
		binding->through = b->rules->through;
		return;
	}
	through = read_rules(b, column->through, depth + 1);
	if (!through && !b->problems->errors)
		problem_at(b->problems, column->element, "through", 0, "没有规格 rules/%s.xml",
			   "there are no rules/%s.xml", column->through);
	else if (through && (through->entity != b->rules->entity || through->list != binding->list))
		problem_at(b->problems, column->element, "through", 0,
			   "rules/%s.xml 写的不是 %s 的 %s", "rules/%s.xml is not of %s's %s",
			   column->through, b->rules->entity->name, column->from);
	else if (b->rules->through)
		problem_at(b->problems, column->element, "through", 0, "只能有一种 through",
			   "there can be only one kind of through");
	binding->through = b->rules->through = through;
}

static void bind_column(const struct binder *b, unsigned at, unsigned depth)
{
	const struct spec_column *column = &b->rules->spec->columns[at];
	struct binding *binding = &b->rules->columns[at];

	if (column->through) {
		bind_through(b, column, binding, depth);
		return;
	}
	for (const char *word = column->from; *word;) {
		size_t len = strcspn(word, "|");
		struct cb_text path = { word, len };

		if (binding->count == PLACES_MOST)
			break;
		if (!place_find(b->rules->table, path, &binding->places[binding->count++]))
			no_such_path(b, column->element,
				     cb_attribute(column->element, "from") ? "from" : "name",
				     b->rules->table, path, (size_t)(word - column->from));
		word += len + (word[len] == '|');
	}
}

static void bind_keep(const struct binder *b, unsigned at)
{
	const struct spec_survivor *s = &b->rules->spec->survivors[at];
	struct keep *keep = &b->rules->keeps[at];
	size_t most = strlen(s->fields) + 1;

	keep->slots = arena_take(b->arena, most * sizeof(*keep->slots));
	keep->lists = arena_take(b->arena, most * sizeof(*keep->lists));
	for (const char *word = s->fields; *word;) {
		size_t len = strcspn(word, " \n\t");
		struct cb_text path = { word, len };
		uint32_t slot = slot_find(b->rules->table, path);
		uint32_t list = list_find(b->rules->table, path);

		if (len && slot != NO_SLOT && slot == table_key(b->rules->table))
			problem_at(b->problems, s->element, "fields", (size_t)(word - s->fields),
				   "编号是各条自己的，不能取别条的",
				   "the key is each record's own");
		else if (len && slot != NO_SLOT)
			keep->slots[keep->slot_count++] = slot;
		else if (len && list != NO_SLOT)
			keep->lists[keep->list_count++] = list;
		else if (len)
			no_such_path(b, s->element, "fields", b->rules->table, path,
				     (size_t)(word - s->fields));
		word += len + (word[len] != '\0');
	}
}

static const struct cb_element *survivors_of(const struct link_spec *spec)
{
	const struct cb_element *e = spec->root->first;

	while (e && strcmp(e->name, "survivors") != 0)
		e = e->next;
	return e;
}

static void bind_survivors(const struct binder *b)
{
	struct search_rules *rules = b->rules;
	const struct link_spec *spec = rules->spec;

	for (unsigned i = 0; i < spec->survivor_count; i++)
		bind_keep(b, i);
	for (const char *word = spec->recent; word && *word;) {
		size_t len = strcspn(word, "|");
		uint32_t slot = slot_find(rules->table, (struct cb_text){ word, len });

		if (slot == NO_SLOT)
			no_such_path(b, survivors_of(spec), "recent", rules->table,
				     (struct cb_text){ word, len }, (size_t)(word - spec->recent));
		else if (rules->recent_count < PLACES_MOST)
			rules->recent[rules->recent_count++] = slot;
		word += len + (word[len] == '|');
	}
	rules->source = spec->source_field ? slot_find(rules->table, cb_text_of(spec->source_field))
					   : NO_SLOT;
	if (spec->source_field && rules->source == NO_SLOT)
		no_such_path(b, survivors_of(spec), "source", rules->table,
			     cb_text_of(spec->source_field), 0);
}

static void bind(const struct binder *b, unsigned depth)
{
	struct search_rules *rules = b->rules;
	const struct link_spec *spec = rules->spec;

	rules->list = NO_SLOT;
	rules->entity = spec->entity ? model_entity(b->model, spec->entity) : NULL;
	if (!rules->entity) {
		problem_at(b->problems, spec->root, spec->entity ? "entity" : NULL, 0,
			   "写明 entity：模型里的一个实体", "say entity: one of the model's");
		return;
	}
	rules->table = rules->entity;
	if (spec->list) {
		rules->list = list_find(rules->entity, cb_text_of(spec->list));
		if (rules->list == NO_SLOT) {
			no_such_path(b, spec->root, "list", rules->entity, cb_text_of(spec->list),
				     0);
			return;
		}
		rules->table = &rules->entity->lists[rules->list];
	}
	for (unsigned i = 0; i < spec->column_count; i++)
		bind_column(b, i, depth);
	bind_survivors(b);
}

static struct search_rules *read_rules(const struct binder *from, const char *name, unsigned depth)
{
	struct binder b = *from;
	const char *path = NULL;

	for (const char *const *folder = b.folders; *folder && !path; folder++) {
		path = arena_printf(b.arena, "%s/rules/%s.xml", *folder, name);
		if (!file_exists(path))
			path = NULL;
	}
	if (!path)
		return NULL;
	b.rules = arena_zero(b.arena, sizeof(*b.rules));
	b.rules->spec = link_spec_read(b.arena, path, b.problems);
	if (!b.rules->spec)
		return NULL;
	if (b.rules->spec->model && strcmp(b.rules->spec->model, b.model->name) != 0)
		return NULL;
	bind(&b, depth);
	return b.problems->errors || !b.rules->entity ? NULL : b.rules;
}

struct search_rules *search_rules_read(struct arena *arena, const struct model *model,
				       const char *entity, const char *const *folders,
				       struct problems *problems)
{
	const struct binder b = { arena, model, folders, problems, NULL };
	struct search_rules *rules = read_rules(&b, entity, 0);

	if (!rules || (strcmp(rules->entity->name, entity) == 0 && !rules->spec->list))
		return rules;
	problem_at(problems, rules->spec->root, NULL, 0,
		   "rules/%s.xml 应是实体 %s 的规格（entity=\"%s\"，没有 list）",
		   "rules/%s.xml is for the entity %s (entity=\"%s\", no list)", entity, entity,
		   entity);
	return NULL;
}

const char *search_rules_name(const struct search_rules *rules)
{
	return rules->spec->name;
}

const char *search_rules_file(const struct search_rules *rules)
{
	return rules->spec->file;
}

const char *search_kind_label(const struct search_rules *rules, const char *kind)
{
	for (unsigned i = 0; rules && kind && i < rules->spec->kind_count; i++)
		if (strcmp(rules->spec->kinds[i].name, kind) == 0)
			return rules->spec->kinds[i].label;
	return NULL;
}

/* Texts. */

/* The values of all items, a blank between words, 、 between what may have blanks. */
static struct cb_text joined(const struct rows *items, uint32_t slot, enum form form,
			     struct arena *arena)
{
	const char *between = form == FORM_NONE || form == FORM_NARRATIVE ? " " : "、";
	struct cb_text all = { 0 };

	for (size_t i = 0; i < items->count; i++) {
		struct cb_text one = items->at[i]->values[slot];

		if (one.len && !all.len)
			all = one;
		else if (one.len)
			all = cb_text_of(arena_printf(arena, "%.*s%s%.*s", CB_TEXT_ARG(all),
						      between, CB_TEXT_ARG(one)));
	}
	return all;
}

bool bind_texts(const struct search_rules *rules, const struct row *row, struct arena *arena,
		struct cb_text *texts)
{
	bool says_something = false;

	for (unsigned c = 0; c < rules->spec->column_count; c++) {
		const struct binding *b = &rules->columns[c];

		texts[c] = (struct cb_text){ 0 };
		for (unsigned i = 0; i < b->count && !texts[c].len; i++) {
			const struct place *p = &b->places[i];

			texts[c] = p->is_in_list ? joined(&row->lists[p->list], p->slot,
							  rules->spec->columns[c].form, arena)
						 : row->values[p->slot];
		}
		says_something |= texts[c].len > 0;
	}
	return says_something;
}

static uint64_t hash_texts(const struct cb_text *texts, unsigned count)
{
	uint64_t hash = 1;

	for (unsigned i = 0; i < count; i++)
		hash = hash_bytes(texts[i].at ? texts[i].at : "", texts[i].len,
				  hash * 31 + texts[i].len);
	return hash;
}

uint64_t search_data(const struct search_rules *rules, const struct row *row)
{
	struct cb_text texts[SPEC_COLUMNS];
	const struct search_rules *through = rules->through;
	struct arena arena = { 0 };
	uint64_t data;

	(void)bind_texts(rules, row, &arena, texts);
	data = hash_texts(texts, rules->spec->column_count);
	/* The order of the items is no matter. */
	for (size_t i = 0; through && i < row->lists[through->list].count; i++) {
		(void)bind_texts(through, row->lists[through->list].at[i], &arena, texts);
		data += hash_texts(texts, through->spec->column_count);
	}
	arena_done(&arena);
	return data;
}
