/*
 * codes_list.c - which line uses which row of which code table.
 */
#include "mapping/plan.h"

struct code_walk {
	void (*each)(void *with, const struct mapping_code *code);
	void *with;
};

static void give_row(const struct code_walk *w, const struct op *op, const struct code_row *row,
		     bool is_else)
{
	const struct codes *codes = op->table->codes;
	struct mapping_code code = {
		.table = codes->name,
		.table_label = codes->label ? codes->label : codes->name,
		.field = op->line->here,
		.label = op->line->label,
		.is_one_field = op->here_count == 1,
		.is_read = (op->way & WAY_IN) != 0,
		.here = row->here,
		.there = row->there,
		.row_label = row->label,
		.file = row->file,
		.line = row->line,
		.is_else = is_else,
		.gives_value = row->outcome == OUTCOME_MAPPED && row->here &&
			       (is_else || row->way & WAY_IN),
	};

	w->each(w->with, &code);
}

static void walk(const struct code_walk *w, const struct body *body)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct op *op = &body->ops[i];

		for (size_t k = 0; op->kind == OP_FIELD && op->table && k < op->table->codes->count;
		     k++)
			give_row(w, op, &op->table->codes->rows[k], false);
		if (op->kind == OP_FIELD && op->table && op->table->codes->otherwise)
			give_row(w, op, op->table->codes->otherwise, true);
		for (size_t k = 0; k < op->body_count; k++)
			if (!op->is_numbered || k == 0)
				walk(w, &op->bodies[k]);
	}
}

void mapping_each_code(const struct mapping *m,
		       void (*each)(void *with, const struct mapping_code *code), void *with)
{
	walk(&(struct code_walk){ each, with }, &m->body);
}
