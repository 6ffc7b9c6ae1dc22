/*
 * refs.c - references between the worker's pure translation and the store.
 *
 * In: what the mapping left in a reference is a name; here, in the page's
 * transaction, it becomes the natural key of the record that is called that.
 * Nobody, or more than one: the record is held until an alias or the record
 * itself is there. Out: the other way, after what stands behind the references
 * was joined.
 */
#include "flow/inside.h"

struct refs {
	struct store *store;
	const struct mapping_ref *refs;
	size_t count;
	struct arena *arena;
	struct worker_finding *missing;
	bool changed;
};

static struct refs begin(struct run *run, struct arena *arena)
{
	struct refs r = { .store = run->engine->store, .arena = arena };

	r.refs = mapping_refs(run->flow->mapping, &r.count);
	return r;
}

static const struct mapping_ref *declared(const struct refs *r, const struct table *table,
					  uint32_t slot, bool is_in)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->refs[i].table == table && r->refs[i].slot == slot &&
		    (is_in ? r->refs[i].is_in : r->refs[i].is_out))
			return &r->refs[i];
	return NULL;
}

static const struct table *target_of(const struct run *run, const struct field *field)
{
	return model_entity(run->engine->site->model, field->entity);
}

static void is_missing(struct refs *r, const struct field *field, const struct table *to,
		       const struct mapping_ref *ref, struct cb_text name)
{
	const char *by = ref && ref->by ? ref->by : "";
	bool is_shown = field->privacy == PRIVACY_NONE;
	const char *value = is_shown ? arena_string(r->arena, name) : "…";
	struct cb_error say;

	*r->missing = (struct worker_finding){
		.outcome = OUTCOME_HELD,
		.code = "ref",
		.field = ref ? ref->here : field->path,
		.label = field->label,
		.value = is_shown ? value : "",
		.line = ref ? ref->line : 0,
	};
	if (*by)
		cb_error_set(
			&say, CB_REFUSED,
			"“%s”：没有叫“%s”的%s，或不止一个；请先导入它，或登记这个叫法："
			"casebridge alias add %s %s %s 编号",
			"'%s': nobody is called '%s' (%s), or more than one; import it, or enter "
			"the name: casebridge alias add %s %s %s KEY",
			field->label, value, to->label, to->name, by, value);
	else
		cb_error_set(&say, CB_REFUSED, "“%s”：没有编号为“%s”的%s；请先导入或录入它",
			     "'%s': there is no '%s' (%s); import or enter it", field->label, value,
			     to->label);
	r->missing->say = arena_string(r->arena, cb_text_of(say.text));
}

static int resolve_one(struct run *run, struct refs *r, const struct table *table, struct row *row,
		       uint32_t slot, struct cb_error *err)
{
	const struct field *field = &table->fields[slot];
	const struct mapping_ref *ref = declared(r, table, slot, true);
	const struct table *to = target_of(run, field);
	struct cb_text name = row->values[slot], key;
	int rc;

	if (!name.len || !to || (!ref && !field->must_exist))
		return CB_OK;
	rc = store_resolve(r->store, to, ref ? ref->by : NULL, name, r->arena, &key, err);
	if (rc == CB_END) {
		is_missing(r, field, to, ref, name);
		return CB_END;
	}
	if (rc == CB_OK && !cb_text_equal(key, name)) {
		row->values[slot] = key;
		r->changed = true;
	}
	return rc;
}

static int resolve(struct run *run, struct refs *r, const struct table *table, struct row *row,
		   struct cb_error *err)
{
	int rc = CB_OK;

	for (uint32_t i = 0; i < table->stored && rc == CB_OK; i++)
		if (table->fields[i].type == FIELD_REF)
			rc = resolve_one(run, r, table, row, i, err);
	for (size_t l = 0; l < table->shape->list_count; l++)
		for (size_t i = 0; i < row->lists[l].count && rc == CB_OK; i++)
			rc = resolve(run, r, &table->lists[l], row->lists[l].at[i], err);
	return rc;
}

int refs_resolve(struct run *run, struct row *row, struct arena *arena, bool *changed,
		 struct worker_finding *missing, struct cb_error *err)
{
	struct refs r = begin(run, arena);
	int rc;

	r.missing = missing;
	rc = resolve(run, &r, run->flow->entity, row, err);
	*changed = r.changed;
	return rc;
}

static int name_all(struct run *run, struct refs *r, const struct table *table, struct row *row,
		    struct cb_error *err)
{
	int rc = CB_OK;

	for (uint32_t i = 0; i < table->stored && rc == CB_OK; i++) {
		const struct mapping_ref *ref = declared(r, table, i, false);

		if (ref && ref->by && row->values[i].len)
			rc = store_name_of(r->store, target_of(run, &table->fields[i]), ref->by,
					   row->values[i], r->arena, &row->values[i], err);
	}
	for (size_t l = 0; l < table->shape->list_count; l++)
		for (size_t i = 0; i < row->lists[l].count && rc == CB_OK; i++)
			rc = name_all(run, r, &table->lists[l], row->lists[l].at[i], err);
	return rc;
}

int refs_name(struct run *run, struct row *row, struct arena *arena, struct cb_error *err)
{
	struct refs r = begin(run, arena);

	return r.count ? name_all(run, &r, run->flow->entity, row, err) : CB_OK;
}

bool refs_may_go_on(struct run *run, const struct store_held *held)
{
	struct arena arena = { 0 };
	struct refs r = begin(run, &arena);
	bool is_known = false;

	if (!held->code || strcmp(held->code, "ref") != 0 || !held->field)
		return false;
	/* Without the value (it is personal) nobody can tell before trying. */
	if (!held->value || !*held->value)
		is_known = true;
	for (size_t i = 0; i < r.count && !is_known; i++) {
		struct cb_error err;
		struct cb_text key;

		if (r.refs[i].is_in && strcmp(r.refs[i].here, held->field) == 0)
			is_known =
				store_resolve(r.store, r.refs[i].entity, r.refs[i].by,
					      cb_text_of(held->value), &arena, &key, &err) == CB_OK;
	}
	if (!is_known) {
		const struct field *f = table_field(run->flow->entity, held->field);
		const struct table *to = f && f->must_exist ? target_of(run, f) : NULL;
		struct cb_error err;
		struct cb_text key;

		is_known = to && store_resolve(r.store, to, NULL, cb_text_of(held->value), &arena,
					       &key, &err) == CB_OK;
	}
	arena_done(&arena);
	return is_known;
}
