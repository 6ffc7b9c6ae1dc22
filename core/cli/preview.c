/*
 * preview.c - what a changed mapping would change, told before it does.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/file.h"
#include "cli/entity.h"
#include "cli/table.h"
#include "flow/replay.h"

static const char *outcome_label(int outcome)
{
	return outcome == OUTCOME_MAPPED      ? cb_say("入库", "stored")
	       : outcome == OUTCOME_HELD      ? cb_say("挂起", "held")
	       : outcome == OUTCOME_REJECTED  ? cb_say("退回", "rejected")
	       : outcome == OUTCOME_PASSED_BY ? cb_say("略过", "passed by")
					      : cb_say("没有", "none");
}

static const char *outcome_name(int outcome)
{
	static const char *const words[] = { "mapped", "held", "rejected", "passed-by", "absent" };

	return words[outcome];
}

/* As others may see it; nothing is said so. */
static const char *masked(struct call *call, const struct field *field, struct cb_text text)
{
	struct buffer plain = { 0 };
	const char *out;

	if (!text.at)
		return cb_say("（空）", "(nothing)");
	plain_text(&plain, field ? field_masked(&call->arena, field, text) : text);
	out = arena_string(&call->arena, buffer_view(&plain));
	buffer_done(&plain);
	return out;
}

static const struct field *field_of(struct call *call, const struct table *entity, const char *path)
{
	struct place place;

	return entity_place(&call->arena, entity, path, &place) ? place.field : NULL;
}

static int by_count(const void *a, const void *b)
{
	const struct preview_field *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static int by_cause(const void *a, const void *b)
{
	const struct preview_cause *x = a, *y = b;

	if (x->is_released != y->is_released)
		return x->is_released - y->is_released;
	return (x->count < y->count) - (x->count > y->count);
}

static void print_moves(struct call *call, const struct preview *p)
{
	for (int from = 0; from < PREVIEW_OUTCOMES; from++)
		for (int to = 0; to < PREVIEW_OUTCOMES; to++)
			if (from != to && p->moved[from][to])
				buffer_printf(&call->out, "  %s → %s  %" PRId64 "\n",
					      outcome_label(from), outcome_label(to),
					      p->moved[from][to]);
}

static void print_fields(struct call *call, const struct table *entity, const struct preview *p)
{
	if (p->field_count)
		call_say(call, "\n变化的字段（多少条；例：从前 → 以后）\n",
			 "\nfields that change (in how many records; before -> after)\n");
	for (size_t i = 0; i < p->field_count; i++) {
		const struct preview_field *f = &p->fields[i];
		const struct field *field = field_of(call, entity, f->path);

		buffer_printf(&call->out, "  %6" PRId64 "  %s %s\n", f->count, f->path,
			      field && field->label ? field->label : "");
		for (size_t k = 0; k < f->sample_count; k++)
			buffer_printf(&call->out, "          %s  %s → %s\n",
				      masked(call, NULL, cb_text_of(f->samples[k].key)),
				      masked(call, field, f->samples[k].before),
				      masked(call, field, f->samples[k].after));
	}
}

static void print_causes(struct call *call, const struct preview *p)
{
	struct sheet sheet = sheet_begin(&call->arena, 6, 1u << 1);

	if (!p->cause_count) {
		sheet_drop(&sheet);
		return;
	}
	buffer_char(&call->out, '\n');
	sheet_string(&sheet, "");
	sheet_string(&sheet, cb_say("条数", "count"));
	sheet_string(&sheet, cb_say("字段", "field"));
	sheet_string(&sheet, cb_say("值", "value"));
	sheet_string(&sheet, cb_say("例", "example"));
	sheet_string(&sheet, cb_say("说明", "about"));
	for (size_t i = 0; i < p->cause_count; i++) {
		const struct preview_cause *c = &p->causes[i];

		sheet_cell(&sheet,
			   cb_text_of(c->is_released ? cb_say("放行", "released")
						     : cb_say("新停下", "newly stopped")),
			   c->is_released ? INK_PLAIN : INK_BAD);
		sheet_number(&sheet, c->count);
		sheet_string(&sheet, c->field);
		sheet_string(&sheet, c->value);
		sheet_string(&sheet, c->key);
		sheet_string(&sheet, c->say);
	}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

static void print_plain(struct call *call, const struct table *entity, const struct preview *p)
{
	int64_t unlike = 0, alike = 0;

	for (int from = 0; from < PREVIEW_OUTCOMES; from++)
		for (int to = 0; to < PREVIEW_OUTCOMES; to++)
			*(from == to ? &alike : &unlike) +=
				from == OUTCOME_MAPPED && to == OUTCOME_MAPPED ? 0
									       : p->moved[from][to];
	call_say(call,
		 "版本 %.8s → %.8s：%" PRId64 " 份原文，读取 %" PRId64 " = 内容不变 %" PRId64
		 " + 内容变化 %" PRId64 " + 结果变化 %" PRId64 " + 仍不入库 %" PRId64 "\n",
		 "version %.8s -> %.8s: %" PRId64 " documents, read %" PRId64 " = same %" PRId64
		 " + changed %" PRId64 " + other outcome %" PRId64
		 " + not stored as before %" PRId64 "\n",
		 p->before, p->after, p->documents, p->read, p->same, p->changed, unlike, alike);
	if (strcmp(p->before, p->after) == 0)
		call_say(call, "  两边是同一个版本，也没有更早的版本可以比较\n",
			 "  both are the same version, and no earlier one is kept\n");
	if (p->lost)
		call_say(call, "  其中 %" PRId64 " 份原文读到一半坏了\n",
			 "  %" PRId64 " of the documents are broken half way\n", p->lost);
	print_moves(call, p);
	print_fields(call, entity, p);
	print_causes(call, p);
	call_say(call, "\n这是预演，什么都没有写。\n", "\nA preview: nothing was written.\n");
}

static void print_json(struct call *call, const struct table *entity, const struct preview *p)
{
	struct json j = call_json(call);

	json_open(&j, NULL, '{');
	json_string(&j, "before", p->before);
	json_string(&j, "after", p->after);
	json_integer(&j, "documents", p->documents);
	json_integer(&j, "lost", p->lost);
	json_integer(&j, "read", p->read);
	json_integer(&j, "same", p->same);
	json_integer(&j, "changed", p->changed);
	json_flag(&j, "adds-up", preview_adds_up(p));
	json_open(&j, "outcomes", '[');
	for (int from = 0; from < PREVIEW_OUTCOMES; from++)
		for (int to = 0; to < PREVIEW_OUTCOMES; to++) {
			if (!p->moved[from][to])
				continue;
			json_open(&j, NULL, '{');
			json_string(&j, "before", outcome_name(from));
			json_string(&j, "after", outcome_name(to));
			json_integer(&j, "count", p->moved[from][to]);
			json_close(&j, '}');
		}
	json_close(&j, ']');
	json_open(&j, "fields", '[');
	for (size_t i = 0; i < p->field_count; i++) {
		const struct preview_field *f = &p->fields[i];
		const struct field *field = field_of(call, entity, f->path);

		json_open(&j, NULL, '{');
		json_string(&j, "field", f->path);
		json_integer(&j, "count", f->count);
		json_open(&j, "samples", '[');
		for (size_t k = 0; k < f->sample_count; k++) {
			const struct preview_sample *s = &f->samples[k];

			json_open(&j, NULL, '{');
			json_string(&j, "key", s->key);
			json_string(&j, "before",
				    s->before.at ? masked(call, field, s->before) : NULL);
			json_string(&j, "after",
				    s->after.at ? masked(call, field, s->after) : NULL);
			json_close(&j, '}');
		}
		json_close(&j, ']');
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "causes", '[');
	for (size_t i = 0; i < p->cause_count; i++) {
		const struct preview_cause *c = &p->causes[i];

		json_open(&j, NULL, '{');
		json_string(&j, "change", c->is_released ? "released" : "stopped");
		json_integer(&j, "count", c->count);
		json_string(&j, "code", c->code);
		json_string(&j, "field", c->field);
		json_string(&j, "value", c->value);
		json_string(&j, "say", c->say);
		json_string(&j, "example", c->key);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&call->out, '\n');
}

/* --against: a flow's name, last-N-days, or a file. False with the sentence said. */
static bool read_against(struct call *call, const struct site *site, struct preview_wish *wish)
{
	const char *text = call->values[OPTION_AGAINST];
	char *end;
	long days;

	if (!text)
		return true;
	wish->flow = site_flow(site, text);
	if (wish->flow && !wish->flow->is_export)
		return true;
	if (strncmp(text, "last-", 5) == 0) {
		days = strtol(text + 5, &end, 10);
		if (days > 0 && days < 100000 && strcmp(end, "-days") == 0) {
			wish->since = call_now() - (int64_t)days * 86400000;
			return true;
		}
	}
	if (!wish->flow && file_exists(text)) {
		wish->document = text;
		return true;
	}
	call_usage(
		call,
		"--against 要写一个导入流程的名字、last-90-days 这样的天数，或一个文件：“%s”都不是",
		"--against is an import's name, days as in last-90-days, or a file; '%s' is none",
		text);
	return false;
}

/* 1 where something that is stored today would wait for a person. */
static int exit_code(const struct preview *p)
{
	const int64_t *from = p->moved[OUTCOME_MAPPED];

	return from[OUTCOME_HELD] || from[OUTCOME_REJECTED] || from[PREVIEW_ABSENT];
}

static int preview(struct call *call, struct site *site, const struct preview_wish *wish)
{
	struct store *store = NULL;
	struct preview p = { 0 };
	struct cb_error err;
	int rc = call_store(site, STORE_READ, &store, &err), code = 0;

	if (rc == CB_OK)
		rc = preview_run(site, store, wish, &call->arena, &p, &err);
	store_close(store);
	if (p.field_count)
		qsort(p.fields, p.field_count, sizeof(*p.fields), by_count);
	if (p.cause_count)
		qsort(p.causes, p.cause_count, sizeof(*p.causes), by_cause);
	if (rc != CB_OK)
		code = call_fail(call, &err);
	else if (call_has(call, OPTION_JSON))
		print_json(call, p.entity, &p);
	else
		print_plain(call, p.entity, &p);
	if (rc == CB_OK)
		code = exit_code(&p);
	preview_done(&p);
	return code;
}

int command_map_preview(struct call *call)
{
	struct preview_wish wish = { .file = call->arguments[0] };
	struct site *site = call_site(call);
	int code;

	if (!site)
		return EX_CONFIG;
	code = read_against(call, site, &wish) ? preview(call, site, &wish) : EX_USAGE;
	site_done(site);
	return code;
}
