/*
 * entity.c - entities and their fields as people name them.
 */
#include "cli/entity.h"

#include <stdlib.h>

const struct table *call_entity(struct call *call, const struct site *site, const char *name)
{
	const char **names =
		arena_zero(&call->arena, (site->model->entity_count + 1) * sizeof(*names));
	const struct table *entity = model_entity(site->model, name);

	for (size_t i = 0; i < site->model->entity_count && !entity; i++) {
		names[i] = site->model->entities[i].name;
		if (site->model->entities[i].label &&
		    strcmp(site->model->entities[i].label, name) == 0)
			entity = &site->model->entities[i];
	}
	if (!entity)
		call_usage(call, "模型里没有实体“%s”%s", "the model has no entity '%s'%s", name,
			   call_hint(call, name, names));
	return entity;
}

static void each_field(struct arena *arena, const struct table *table, const char *before,
		       void (*each)(void *with, const char *path, const struct table *table,
				    const struct field *field),
		       void *with)
{
	for (uint32_t i = 0; i < table->shape->slot_count; i++)
		each(with, arena_printf(arena, "%s%s", before, table->fields[i].path), table,
		     &table->fields[i]);
	for (uint32_t i = 0; i < table->shape->list_count; i++)
		each_field(arena, &table->lists[i],
			   arena_printf(arena, "%s%s/", before, table->lists[i].name), each, with);
}

void entity_each_field(struct arena *arena, const struct table *entity,
		       void (*each)(void *with, const char *path, const struct table *table,
				    const struct field *field),
		       void *with)
{
	each_field(arena, entity, "", each, with);
}

struct finding_place {
	const char *text;
	struct place *out;
	bool is_found;
};

static void match(void *with, const char *path, const struct table *table,
		  const struct field *field)
{
	struct finding_place *f = with;
	bool is_path = strcmp(path, f->text) == 0;

	if (!is_path && (f->is_found || !field->label || strcmp(field->label, f->text) != 0))
		return;
	f->is_found = true;
	f->out->path = path;
	f->out->field = field;
	f->out->table = table;
}

/* "party[2]/name" without its brackets, and what stood in them. */
static const char *without_item(struct arena *arena, const char *text, int64_t *item)
{
	const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

	*item = 0;
	if (!close)
		return text;
	*item = strtoll(open + 1, NULL, 10);
	return arena_printf(arena, "%.*s%s", (int)(open - text), text, close + 1);
}

bool entity_place(struct arena *arena, const struct table *entity, const char *text,
		  struct place *out)
{
	struct finding_place f = { .out = out };

	*out = (struct place){ 0 };
	f.text = without_item(arena, text, &out->item);
	entity_each_field(arena, entity, match, &f);
	for (uint32_t i = 0; i < entity->shape->list_count && !f.is_found; i++) {
		const struct table *list = &entity->lists[i];

		f.is_found = strcmp(list->name, f.text) == 0 ||
			     (list->label && strcmp(list->label, f.text) == 0);
		out->path = list->name;
		out->table = list;
	}
	return f.is_found;
}

static struct row *mask(struct arena *arena, const struct table *table, const struct row *row,
			struct row *copy)
{
	for (size_t i = 0; i < row->shape->slot_count; i++)
		copy->values[i] = row->values[i].at
					  ? field_masked(arena, &table->fields[i], row->values[i])
					  : row->values[i];
	for (uint32_t l = 0; l < row->shape->list_count; l++)
		for (size_t i = 0; i < row->lists[l].count; i++)
			mask(arena, &table->lists[l], row->lists[l].at[i], row_add(arena, copy, l));
	return copy;
}

struct row *entity_masked(struct arena *arena, const struct table *entity, const struct row *row)
{
	return mask(arena, entity, row, row_new(arena, row->shape));
}
