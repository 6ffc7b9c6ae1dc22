/*
 * write.c - a row walked in the order of its shape: as events, as JSON.
 */
#include "record/sink.h"

#include "base/number.h"

static bool node_has(const struct shape_node *node, const struct row *row)
{
	if (node->list)
		return row->lists[node->list->up_index].count > 0;
	if (node->slot != NO_SLOT && row->values[node->slot].at)
		return true;
	for (const struct shape_node *child = node->first; child; child = child->next)
		if (node_has(child, row))
			return true;
	return false;
}

static int say(const struct row_writer *w, enum cb_event_kind kind, struct cb_text name,
	       struct cb_error *err)
{
	return w->event(w->with, &(struct cb_event){ .kind = kind, .name = name }, err);
}

/* What is declared a number and is none (a word for nothing) is a text all the same. */
static enum cb_value_type value_type(const struct slot *slot, struct cb_text value)
{
	bool fits = true;

	if (slot->type == CB_VALUE_NUMBER)
		fits = number_is_canonical(value);
	else if (slot->type == CB_VALUE_FLAG)
		fits = cb_text_is(value, "true") || cb_text_is(value, "false");
	return fits ? slot->type : CB_VALUE_TEXT;
}

static int say_value(const struct row_writer *w, const struct row *row, uint32_t slot,
		     struct cb_text name, struct cb_error *err)
{
	struct cb_event event = { .kind = CB_VALUE,
				  .type = value_type(&row->shape->slots[slot], row->values[slot]),
				  .name = name,
				  .text = row->values[slot] };

	if (!event.text.at && !w->all)
		return CB_OK;
	return w->event(w->with, &event, err);
}

static int write_children(const struct row_writer *w, const struct shape_node *node,
			  const struct row *row, struct cb_error *err);

static int write_list(const struct row_writer *w, const struct shape_node *node,
		      const struct row *row, struct cb_error *err)
{
	const struct rows *rows = &row->lists[node->list->up_index];
	int rc = say(w, CB_LIST_BEGIN, node->name, err);

	for (size_t i = 0; i < rows->count && rc == CB_OK; i++) {
		rc = say(w, CB_ENTER, node->name, err);
		if (rc == CB_OK)
			rc = write_children(w, node->list->root, rows->at[i], err);
		if (rc == CB_OK)
			rc = say(w, CB_LEAVE, node->name, err);
	}
	return rc == CB_OK ? say(w, CB_LIST_END, node->name, err) : rc;
}

static int write_node(const struct row_writer *w, const struct shape_node *node,
		      const struct row *row, struct cb_error *err)
{
	int rc;

	if (node->list)
		return node_has(node, row) || w->all ? write_list(w, node, row, err) : CB_OK;
	if (!node->first)
		return node->slot == NO_SLOT ? CB_OK
					     : say_value(w, row, node->slot, node->name, err);
	if (!w->all && !node_has(node, row))
		return CB_OK;
	rc = say(w, CB_ENTER, node->name, err);
	if (rc == CB_OK)
		rc = write_children(w, node, row, err);
	return rc == CB_OK ? say(w, CB_LEAVE, node->name, err) : rc;
}

static int write_children(const struct row_writer *w, const struct shape_node *node,
			  const struct row *row, struct cb_error *err)
{
	int rc = CB_OK;

	/* Attributes stand in the start tag, whatever the mapping named first. */
	for (int pass = 0; pass < 2 && rc == CB_OK; pass++) {
		if (pass == 1 && node->slot != NO_SLOT)
			rc = say_value(w, row, node->slot, CB_TEXT("."), err);
		for (const struct shape_node *c = node->first; c && rc == CB_OK; c = c->next) {
			bool is_attribute = c->name.len && c->name.at[0] == '@';

			if (is_attribute == (pass == 0))
				rc = write_node(w, c, row, err);
		}
	}
	return rc;
}

int row_write(const struct row_writer *w, const struct row *row, struct cb_error *err)
{
	int rc = say(w, CB_RECORD_BEGIN, w->name, err);

	if (rc == CB_OK)
		rc = write_children(w, row->shape->root, row, err);
	return rc == CB_OK ? say(w, CB_RECORD_END, w->name, err) : rc;
}

static void json_value(const struct slot *slot, struct cb_text value, struct buffer *out)
{
	if (value_type(slot, value) == CB_VALUE_TEXT)
		buffer_json(out, value);
	else
		buffer_text(out, value);
}

static void json_children(const struct shape_node *node, const struct row *row, struct buffer *out);

/* A reference whose record was not joined is its key and nothing else. */
static bool has_children(const struct shape_node *node, const struct row *row)
{
	if (node->slot == NO_SLOT)
		return true;
	for (const struct shape_node *child = node->first; child; child = child->next)
		if (node_has(child, row))
			return true;
	return false;
}

static void json_node(const struct shape_node *node, const struct row *row, struct buffer *out)
{
	buffer_json(out, node->name);
	buffer_char(out, ':');
	if (node->list) {
		const struct rows *rows = &row->lists[node->list->up_index];

		buffer_char(out, '[');
		for (size_t i = 0; i < rows->count; i++) {
			if (i)
				buffer_char(out, ',');
			json_children(node->list->root, rows->at[i], out);
		}
		buffer_char(out, ']');
	} else if (has_children(node, row)) {
		json_children(node, row, out);
	} else {
		json_value(&row->shape->slots[node->slot], row->values[node->slot], out);
	}
}

static void json_children(const struct shape_node *node, const struct row *row, struct buffer *out)
{
	char before = '{';

	if (node->slot != NO_SLOT && row->values[node->slot].at) {
		buffer_string(out, "{\".\":");
		json_value(&row->shape->slots[node->slot], row->values[node->slot], out);
		before = ',';
	}
	for (const struct shape_node *child = node->first; child; child = child->next) {
		if (!node_has(child, row))
			continue;
		buffer_char(out, before);
		before = ',';
		json_node(child, row, out);
	}
	buffer_string(out, before == '{' ? "{}" : "}");
}

void row_json(const struct row *row, struct buffer *out)
{
	json_children(row->shape->root, row, out);
}
