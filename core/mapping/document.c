/*
 * document.c - a document inside a text: JSON in a column, XML in a SOAP
 * string, base64 around either.
 *
 * What stands in the text becomes a row of a shape of its own, with the record
 * around it above it; its formats are lent by whoever runs the mapping.
 */
#include "mapping/plan.h"

#include "base/utf8.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct cb_text base64_of(struct arena *arena, struct cb_text text)
{
	char *out = arena_take(arena, (text.len + 2) / 3 * 4 + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i += 3) {
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < text.len ? (unsigned char)text.at[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			out[len++] = i + k > text.len ? '=' : alphabet[bits >> (18 - 6 * k) & 63];
	}
	return (struct cb_text){ out, len };
}

/* Also in lines, and without the = at its end; false where it is no base64 of a text. */
static bool base64_text(struct arena *arena, struct cb_text code, struct cb_text *text)
{
	char *out = arena_take(arena, code.len / 4 * 3 + 4);
	size_t len = 0, count = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < code.len; i++) {
		const char *at = code.at[i] ? strchr(alphabet, code.at[i]) : NULL;

		if (code.at[i] == '=' || utf8_is_space((unsigned char)code.at[i]))
			continue;
		if (!at)
			return false;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		if (++count % 4 == 0)
			for (size_t k = 3; k-- > 0;)
				out[len++] = (char)(bits >> (8 * k));
	}
	if (count % 4 == 1)
		return false;
	if (count % 4 > 1)
		out[len++] = (char)(bits >> (count % 4 == 2 ? 4 : 10));
	if (count % 4 == 3)
		out[len++] = (char)(bits >> 2);
	*text = (struct cb_text){ out, len };
	return utf8_valid(*text, NULL) == len;
}

static void say_type(struct run *run, const struct op *op, const char *why)
{
	found(run, op, "type", bad_strict(op), "%s里应是 %s，读不出来（%s）：请对方核对",
	      "%s should hold %s and cannot be read (%s): ask them to check", names_of(run, op),
	      op->as, why);
}

const struct row *document_in(struct run *run, const struct op *op, const struct row *there)
{
	const struct mapping_formats *formats = &run->m->formats;
	struct cb_text text = path_text(op->there[0], there);
	struct row *inner = row_new(run->arena, op->pieces), *read = NULL;
	struct cb_error err = { .text = "" };

	if (path_again(op->there[0], there))
		say_many(run, op, true);
	/* Only read from here: rows say `up` without const, for those who write. */
	memcpy(&inner->up, &there, sizeof(struct row *));
	if (is_blank(op, text))
		return inner;
	if (strcmp(op->as, "base64") == 0) {
		if (!base64_text(run->arena, text, &inner->values[0])) {
			inner->values[0] = (struct cb_text){ 0 };
			say_type(run, op, cb_say("字符不对", "wrong characters"));
		}
		return inner;
	}
	if (!formats->read)
		cb_error_set(&err, CB_SETUP, "没有格式插件", "there is no format plugin");
	else if (formats->read(formats->with, op->as, op->root, utf8_trim(text), op->pieces,
			       run->arena, &read, &err) == CB_OK &&
		 read) {
		read->up = inner->up;
		return read;
	}
	say_type(run, op, err.text);
	return inner;
}

struct row *document_begin(struct run *run, const struct op *op, struct row *there)
{
	struct row *inner = row_new(run->arena, op->pieces);

	inner->up = there;
	return inner;
}

void document_out(struct run *run, const struct op *op, const struct row *inner, struct row *there)
{
	const struct mapping_formats *formats = &run->m->formats;
	struct cb_error err = { .text = "" };
	struct buffer out = { 0 };
	int rc = CB_SETUP;

	if (row_is_empty(inner)) {
		if (op->blank.count)
			path_set(run->arena, op->there[0], there, op->blank.at[0]);
		return;
	}
	if (strcmp(op->as, "base64") == 0) {
		path_set(run->arena, op->there[0], there, base64_of(run->arena, inner->values[0]));
		return;
	}
	if (formats->write)
		rc = formats->write(formats->with, op->as, op->root, inner, &out, &err);
	else
		cb_error_set(&err, CB_SETUP, "没有格式插件", "there is no format plugin");
	if (rc == CB_OK)
		path_set(run->arena, op->there[0], there,
			 arena_copy(run->arena, utf8_trim(buffer_view(&out))));
	else
		found(run, op, "type", bad_strict(op), "%s写不成 %s：%s",
		      "%s cannot be written as %s: %s", names_of(run, op), op->as, err.text);
	buffer_done(&out);
}

bool document_enter(struct frame *f, struct frame *in, const struct cb_element *e, struct op *op)
{
	struct spelled *spelled;
	struct shape *pieces;
	size_t count;

	op->as = cb_attribute(e, "as");
	op->root = cb_attribute(e, "root");
	if (strcmp(op->as, "xml") == 0 && !op->root) {
		problem_at(f->reader->problems, e, "as", 0,
			   "里面的 XML 要写根元素的名字：加 root=\"…\"",
			   "XML inside has a root element: say root=\"…\"");
		return false;
	}
	if (!cb_attribute(e, "there")) {
		problem_at(f->reader->problems, e, "as", 0, "as 要写 there：哪个文字里有文档",
			   "as needs there: the text that holds the document");
		return false;
	}
	if (!paths_spell(f, e, "there", THERE, &spelled, &count) ||
	    !paths_read(f, e, "there", THERE, PATH_VALUE, &op->there, &count))
		return false;
	if (count > 1) {
		problem_at(f->reader->problems, e, "there", 0, "这里只能写一个路径",
			   "one path belongs here");
		return false;
	}
	op->there_count = 1;
	if (op->way & WAY_OUT)
		line_writes(f, e, THERE, op->there[0], spelled->text);
	pieces = shape_new(f->reader->arena);
	pieces->up = f->shape[THERE];
	if (strcmp(op->as, "base64") == 0)
		shape_slot(pieces, pieces->root);
	op->pieces = pieces;
	op->blank = f->reader->m->blank;
	in->name[THERE] =
		arena_printf(f->reader->arena, "%s/", paths_name(f, THERE, spelled->text));
	in->where[THERE] = arena_printf(f->reader->arena, "%s%s#/", f->where[THERE], spelled->text);
	in->shape[THERE] = pieces;
	in->prefix[THERE] = "";
	in->in_document = true;
	return true;
}
