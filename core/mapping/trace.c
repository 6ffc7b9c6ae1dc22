/*
 * trace.c - what each line did with a record, for telling why.
 *
 * Nothing of this runs unless a trace is wanted. Places in lists are counted
 * when the record is finished: an item that said nothing was taken out again,
 * and what was written to it is no part of the record.
 */
#include "mapping/plan.h"

static void put_place(struct buffer *out, const struct row *row)
{
	const struct shape *shape = row->shape;
	const struct rows *rows;

	if (!row->up || !shape->up || row->up->shape != shape->up)
		return;
	put_place(out, row->up);
	rows = &row->up->lists[shape->up_index];
	buffer_text(out, shape->path);
	for (size_t i = 0; i < rows->count; i++)
		if (rows->at[i] == row)
			buffer_printf(out, "[%zu]", i + 1);
	buffer_char(out, '/');
}

/* "GXRS/GXR[2]/GXRXM"; where its row is not there, the line's own words. */
static const char *place_there(struct run *run, const struct op *op, const struct path *path,
			       const struct row *row)
{
	struct buffer out = { 0 };
	char *name;

	row = path_row(path, row);
	if (!row)
		return op->line->there;
	put_place(&out, row);
	buffer_text(&out, row->shape->slots[path->slot].path);
	name = arena_string(run->arena, buffer_view(&out));
	buffer_done(&out);
	return name;
}

static void put_lists(struct buffer *out, const struct shape *shape)
{
	if (!shape->up)
		return;
	put_lists(out, shape->up);
	buffer_text(out, shape->path);
	buffer_char(out, '/');
}

/* "party/name", as the model says it. */
static const char *place_here(struct run *run, const struct row *row, uint32_t slot)
{
	struct buffer out = { 0 };
	char *name;

	put_lists(&out, row->shape);
	buffer_text(&out, row->shape->slots[slot].path);
	name = arena_string(run->arena, buffer_view(&out));
	buffer_done(&out);
	return name;
}

static struct trace_line *line_open(struct run *run, const struct op *op, const char *kind)
{
	struct trace *trace = run->result->trace;
	struct trace_line *line;

	plan_grow(run->arena, &trace->at, trace->count, &trace->room, sizeof(*trace->at));
	line = &trace->at[trace->count++];
	*line = (struct trace_line){
		.kind = kind,
		.file = op->line->element ? op->line->element->file : NULL,
		.line = op->line->number,
		.is_secret = op->line->is_secret,
	};
	return line;
}

static void line_close(struct run *run, struct trace_line *line, const struct path *path,
		       const struct row *here)
{
	line->row = path_row(path, here);
	if (line->row)
		line->here = place_here(run, line->row, path->slot);
	else if (!path->step_count && !path->up)
		line->here = place_here(run, here, path->slot);
}

static struct trace_text *texts_of(struct run *run, const struct op *op, const struct row *there)
{
	struct trace_text *from = arena_zero(run->arena, (op->there_count + 1) * sizeof(*from));

	for (size_t i = 0; i < op->there_count; i++) {
		from[i].path = place_there(run, op, op->there[i], there);
		from[i].text = path_text(op->there[i], there);
	}
	return from;
}

void trace_field(struct run *run, const struct op *op, const struct row *there, struct row *here)
{
	struct trace *trace = run->result->trace;
	struct trace_line line, *at = line_open(run, op, "field");

	at->from = texts_of(run, op, there);
	at->from_count = op->there_count;
	trace->open = at;
	field_in(run, op, there, here);
	trace->open = NULL;
	line = *at;
	for (size_t i = 0; i < op->here_count; i++) {
		if (i)
			at = line_open(run, op, "field");
		*at = line;
		at->value = path_text(op->here[i], here);
		line_close(run, at, op->here[i], here);
	}
}

void trace_write(struct run *run, const struct op *op, const char *kind, const struct path *path,
		 const struct row *here, struct cb_text text)
{
	struct trace_line *line = line_open(run, op, kind);

	line->value = text;
	line_close(run, line, path, here);
}

void trace_equal(struct run *run, const struct op *op, const struct row *item)
{
	const struct list_at *list = &op->list[HERE];
	struct trace_line *line;

	if (list->equal_slot == NO_SLOT)
		return;
	line = line_open(run, op, "group");
	line->value = list->equal_text;
	line->row = item;
	line->here = place_here(run, item, list->equal_slot);
}

void trace_step(struct run *run, const char *what, const char *detail, struct cb_text text)
{
	struct trace_line *line = run->result->trace->open;

	if (!line)
		return;
	plan_grow(run->arena, &line->steps, line->step_count, &line->step_room,
		  sizeof(*line->steps));
	line->steps[line->step_count++] = (struct trace_step){ what, detail, text };
}

void trace_code(struct run *run, const struct op *op, const struct code_entry *entry,
		struct cb_text text)
{
	const struct codes *codes = op->table->codes;
	const struct code_image *image = &op->table->in.image;
	bool is_else = entry == op->table->in.otherwise;
	const struct code_row *row = is_else       ? codes->otherwise
				     : image->side ? NULL
						   : &codes->rows[entry->order];
	const char *file = row ? row->file : image->file;
	const char *slash = strrchr(file, '/');

	trace_step(run, "code",
		   arena_printf(run->arena, "%s %s:%u", codes->name, slash ? slash + 1 : file,
				row ? row->line : entry->line),
		   text);
}

/* Where a row stands in the record; -1: it does not, any more. */
static int64_t place_in(const struct row *row)
{
	const struct rows *rows;

	if (!row || !row->up)
		return 0;
	rows = &row->up->lists[row->shape->up_index];
	for (size_t i = 0; i < rows->count; i++)
		if (rows->at[i] == row)
			return place_in(row->up) < 0 ? -1 : (int64_t)i + 1;
	return -1;
}

void trace_end(struct run *run)
{
	struct trace *trace = run->result->trace;

	for (size_t i = 0; i < trace->count; i++) {
		int64_t place = place_in(trace->at[i].row);

		trace->at[i].item = place > 0 ? (uint32_t)place : 0;
		if (place < 0)
			trace->at[i].here = NULL;
	}
}
