/*
 * why.c - why does a record say what it says? Its sources, replayed.
 *
 * Everything that is shown goes through `shown`, so that text and JSON mask
 * alike.
 */
#include <inttypes.h>
#include <sysexits.h>

#include "cli/entity.h"
#include "cli/table.h"
#include "flow/replay.h"

struct asking {
	struct call *call;
	struct site *site;
	struct store *store;
	const struct table *entity;
	int64_t id;
	struct row *row; /* as it is now */
	struct why why;
	struct place place; /* path NULL: all fields */
	bool is_open;       /* --unmask */
};

/* A text of theirs or ours as it may be shown beside @field; a secret line's is sensitive. */
static struct cb_text shown(struct asking *a, const struct field *field, bool is_secret,
			    struct cb_text text)
{
	struct field strict = { .privacy = PRIVACY_SENSITIVE };

	if (a->is_open || !text.at)
		return text;
	if (field && field->privacy != PRIVACY_NONE)
		return field_masked(&a->call->arena, field, text);
	return is_secret ? field_masked(&a->call->arena, &strict, text) : text;
}

static const char *file_name(const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	return slash ? slash + 1 : file ? file : "";
}

/* May this source change the field? Its owner's alone may. */
static bool may_set(const struct why_source *s, const struct field *field)
{
	return !field || !field->owner || !s->flow ||
	       strcmp(field->owner, s->flow->connection->name) == 0;
}

/* The source that had the last word on a field, or NULL. */
static const struct why_source *last_word(const struct asking *a, const char *path,
					  const struct field *field)
{
	for (size_t i = 0; i < a->why.count; i++) {
		const struct why_source *s = &a->why.at[i];

		if (why_names(s, a->entity, path) && may_set(s, field))
			return s;
	}
	return NULL;
}

static bool is_of(const struct worker_trace *t, const char *path, int64_t item)
{
	size_t len = strlen(path);

	return strncmp(t->here, path, len) == 0 && (t->here[len] == '/' || !t->here[len]) &&
	       (!item || t->item == item);
}

/* A later line of the same field and item that says something has the last word in its source. */
static bool is_overwritten(const struct why_source *s, size_t at)
{
	const struct worker_trace *t = &s->traces[at];

	for (size_t i = at + 1; i < s->trace_count; i++)
		if (strcmp(s->traces[i].here, t->here) == 0 && s->traces[i].item == t->item &&
		    s->traces[i].value.at)
			return true;
	return false;
}

static const struct field *field_of(struct asking *a, const char *path)
{
	struct place place;

	return entity_place(&a->call->arena, a->entity, path, &place) ? place.field : NULL;
}

/* As text. */

static const char *kind_label(const char *kind)
{
	return strcmp(kind, "set") == 0    ? cb_say("固定值", "a constant")
	       : strcmp(kind, "when") == 0 ? cb_say("条件成立时的值", "what a condition says")
	       : strcmp(kind, "group") == 0 ? cb_say("分组决定的值", "what the group says")
					    : "";
}

static const char *step_label(const char *what)
{
	return strcmp(what, "join") == 0      ? cb_say("合并", "joined")
	       : strcmp(what, "regions") == 0 ? cb_say("区划合成", "regions joined")
	       : strcmp(what, "via") == 0     ? cb_say("变换", "transform")
	       : strcmp(what, "code") == 0    ? cb_say("代码表", "code table")
	       : strcmp(what, "form") == 0    ? cb_say("统一写法", "form")
					      : cb_say("默认值", "default");
}

static void say_text(struct buffer *out, struct cb_text text)
{
	if (text.at)
		plain_text(out, text);
	else
		buffer_string(out, cb_say("（空）", "(nothing)"));
}

static void print_line(struct asking *a, const struct why_source *s, size_t at)
{
	const struct worker_trace *t = &s->traces[at];
	const struct field *field = field_of(a, t->here);
	struct buffer *out = &a->call->out;

	buffer_printf(out, "   %s%s", t->here, "");
	if (t->item)
		buffer_printf(out, " [%" PRId64 "]", t->item);
	buffer_string(out, " = ");
	say_text(out, shown(a, field, t->is_secret, t->value));
	buffer_printf(out, "    %s:%" PRId64 "%s%s\n", file_name(t->file), t->line,
		      is_overwritten(s, at) ? "  " : "",
		      is_overwritten(s, at)
			      ? cb_say("（被后面的行盖过）", "(a later line wrote over it)")
			      : "");
	if (strcmp(t->kind, "field") != 0)
		buffer_printf(out, "      %s\n", kind_label(t->kind));
	for (size_t i = 0; i < t->from_count; i++) {
		buffer_printf(out, "      %s ", cb_say("对方写的", "they wrote"));
		plain_text(out, cb_text_of(t->from[i].name));
		buffer_string(out, cb_say("：", ": "));
		say_text(out, shown(a, field, t->is_secret, t->from[i].text));
		buffer_char(out, '\n');
	}
	for (size_t i = 0; i < t->step_count; i++) {
		buffer_printf(out, "      %s %s → ", step_label(t->steps[i].what),
			      t->steps[i].detail ? t->steps[i].detail : "");
		say_text(out, shown(a, field, t->is_secret, t->steps[i].text));
		buffer_char(out, '\n');
	}
}

static void print_origin(struct asking *a, const struct why_source *s)
{
	struct call *call = a->call;

	if (s->document.key) {
		buffer_printf(&call->out, "   %s ", cb_say("原文", "document"));
		plain_text(&call->out, cb_text_of(s->document.key));
	}
	call_say(call, "（#%" PRId64 "）第 %" PRId64 " 条", " (#%" PRId64 "), record %" PRId64,
		 s->link.document, s->link.number);
	if (s->line)
		call_say(call, "，第 %" PRId64 " 行", ", line %" PRId64, s->line);
	if (s->run.id)
		call_say(call, "；%s 由 %s 第 %" PRId64 " 次运行取来",
			 "; came %s by %s, run %" PRId64,
			 call_time(call, a->site, s->document.at_ms), s->run.flow, s->run.id);
	call_say(call, "；%s 入库\n", "; stored %s\n", call_time(call, a->site, s->link.last_ms));
	call_say(call, "   映射 %s 版本 %.8s%s\n", "   mapping %s, version %.8s%s\n",
		 s->mapping ? mapping_name(s->mapping) : "-",
		 s->link.mapping ? s->link.mapping : "-",
		 s->is_todays ? ""
		 : s->is_exact || s->verdict != CB_OK
			 ? cb_say("（当时的；今天的已不同）", " (of then; today's differs)")
			 : cb_say("（当时的没有存全，包含的文件用了今天的）",
				  " (of then, not kept whole: its includes are today's)"));
}

static void print_findings(struct asking *a, const struct why_source *s, const char *path)
{
	for (size_t i = 0; i < s->finding_count; i++) {
		const struct worker_finding *f = &s->findings[i];

		if (!f->field || !path || strncmp(f->field, path, strlen(path)) != 0)
			continue;
		buffer_string(&a->call->out, "   ! ");
		plain_text(&a->call->out, cb_text_of(f->say));
		buffer_char(&a->call->out, '\n');
	}
}

static void print_source(struct asking *a, const struct why_source *s, bool is_last)
{
	struct call *call = a->call;
	const char *path = a->place.path;
	bool does_name = why_names(s, a->entity, path), says_any = false;

	buffer_printf(&call->out, "\n%s%s%s", ink_begin(call->has_colours, INK_STRONG),
		      s->link.stream, ink_end(call->has_colours));
	if (s->link.key) {
		buffer_char(&call->out, ' ');
		plain_text(&call->out, cb_text_of(s->link.key));
	}
	buffer_printf(&call->out, "  %s\n",
		      is_last ? cb_say("← 最后说话的是它", "<- it had the last word")
		      : does_name && !may_set(s, a->place.field)
			      ? cb_say("（这个字段归别的系统，它改不了）",
				       "(another system owns the field)")
		      : does_name ? cb_say("（后来被上面的盖过）", "(written over since)")
				  : "");
	print_origin(a, s);
	if (s->verdict != CB_OK) {
		buffer_printf(&call->out, "   %s\n", s->error.text);
		return;
	}
	for (size_t i = 0; i < s->trace_count; i++)
		if (is_of(&s->traces[i], path, a->place.item)) {
			print_line(a, s, i);
			says_any = true;
		}
	if (!does_name)
		call_say(call, "   它的映射不提这个字段\n",
			 "   its mapping does not name the field\n");
	else if (!says_any)
		call_say(call, "   映射提到这个字段，但这条记录没有走到那一行\n",
			 "   its mapping names the field; this record did not come to that line\n");
	print_findings(a, s, path);
}

/* The field's value now; of a list, what its items say. */
static void print_now(struct asking *a)
{
	const struct place *p = &a->place;
	struct call *call = a->call;

	buffer_printf(&call->out, "%s #%" PRId64 "  %s%s%s (%s)",
		      a->entity->label ? a->entity->label : a->entity->name, a->id,
		      ink_begin(call->has_colours, INK_STRONG),
		      p->field ? p->field->label : p->table->label, ink_end(call->has_colours),
		      p->path);
	if (p->field && p->table == a->entity) {
		buffer_string(&call->out, " = ");
		say_text(&call->out,
			 shown(a, p->field, false, a->row->values[p->field - p->table->fields]));
	}
	buffer_char(&call->out, '\n');
}

static void print_field(struct asking *a)
{
	const struct why_source *last = last_word(a, a->place.path, a->place.field);

	print_now(a);
	if (!last)
		call_say(a->call, "没有哪个来源的映射提到这个字段，所以谁也没有写过它\n",
			 "no source's mapping names this field, so nobody ever wrote it\n");
	for (size_t i = 0; i < a->why.count; i++)
		print_source(a, &a->why.at[i], &a->why.at[i] == last);
}

/* All fields: a line each, by the source that had the last word. */
static void print_all(struct asking *a)
{
	struct call *call = a->call;
	struct sheet sheet = sheet_begin(&call->arena, 6, 0);

	sheet_string(&sheet, cb_say("字段", "field"));
	sheet_string(&sheet, cb_say("项", "item"));
	sheet_string(&sheet, cb_say("值", "value"));
	sheet_string(&sheet, cb_say("来源", "source"));
	sheet_string(&sheet, cb_say("对方", "theirs"));
	sheet_string(&sheet, cb_say("映射", "mapping"));
	for (size_t i = 0; i < a->why.count; i++) {
		const struct why_source *s = &a->why.at[i];

		for (size_t k = 0; k < s->trace_count; k++) {
			const struct worker_trace *t = &s->traces[k];
			const struct field *field = field_of(a, t->here);

			if (!t->value.at || is_overwritten(s, k) ||
			    last_word(a, t->here, field) != s)
				continue;
			sheet_string(&sheet, t->here);
			sheet_string(&sheet,
				     t->item ? arena_printf(&call->arena, "%" PRId64, t->item)
					     : "");
			sheet_cell(&sheet, shown(a, field, t->is_secret, t->value), INK_PLAIN);
			sheet_string(&sheet, s->link.stream);
			sheet_string(&sheet, t->from_count ? t->from[0].name : kind_label(t->kind));
			sheet_string(&sheet,
				     arena_printf(&call->arena, "%s:%" PRId64 " %.8s",
						  file_name(t->file), t->line, s->link.mapping));
		}
	}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
	for (size_t i = 0; i < a->why.count; i++)
		if (a->why.at[i].verdict != CB_OK)
			buffer_printf(&call->out, "%s%s%s\n", a->why.at[i].link.stream,
				      cb_say("：", ": "), a->why.at[i].error.text);
}

/* As JSON. */

static void line_json(struct asking *a, struct json *j, const struct why_source *s, size_t at)
{
	const struct worker_trace *t = &s->traces[at];
	const struct field *field = field_of(a, t->here);

	json_open(j, NULL, '{');
	json_string(j, "field", t->here);
	if (t->item)
		json_integer(j, "item", t->item);
	json_string(j, "kind", t->kind);
	json_text(j, "value", shown(a, field, t->is_secret, t->value));
	json_string(j, "file", t->file);
	json_integer(j, "line", t->line);
	json_flag(j, "overwritten", is_overwritten(s, at));
	json_open(j, "from", '[');
	for (size_t i = 0; i < t->from_count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "path", t->from[i].name);
		json_text(j, "text", shown(a, field, t->is_secret, t->from[i].text));
		json_close(j, '}');
	}
	json_close(j, ']');
	json_open(j, "steps", '[');
	for (size_t i = 0; i < t->step_count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "what", t->steps[i].what);
		json_string(j, "detail", t->steps[i].detail);
		json_text(j, "text", shown(a, field, t->is_secret, t->steps[i].text));
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void source_json(struct asking *a, struct json *j, const struct why_source *s)
{
	json_open(j, NULL, '{');
	json_string(j, "stream", s->link.stream);
	json_string(j, "key", s->link.key);
	json_integer(j, "document", s->link.document);
	json_string(j, "document-key", s->document.key);
	json_integer(j, "number", s->link.number);
	json_integer(j, "line", s->line);
	json_integer(j, "came", s->document.at_ms);
	json_integer(j, "stored", s->link.last_ms);
	json_integer(j, "run", s->run.id);
	json_string(j, "flow", s->run.flow);
	json_string(j, "mapping", s->link.mapping);
	json_flag(j, "mapping-is-todays", s->is_todays);
	json_flag(j, "mapping-is-exact", s->is_exact);
	json_string(j, "say", s->verdict ? s->error.text : NULL);
	if (a->place.path) {
		json_flag(j, "names-field", why_names(s, a->entity, a->place.path));
		json_flag(j, "had-last-word", s == last_word(a, a->place.path, a->place.field));
	}
	json_open(j, "lines", '[');
	for (size_t i = 0; i < s->trace_count; i++)
		if (!a->place.path || is_of(&s->traces[i], a->place.path, a->place.item))
			line_json(a, j, s, i);
	json_close(j, ']');
	json_close(j, '}');
}

static void print_json(struct asking *a)
{
	struct json j = call_json(a->call);

	json_open(&j, NULL, '{');
	json_string(&j, "entity", a->entity->name);
	json_integer(&j, "id", a->id);
	json_string(&j, "field", a->place.path);
	json_open(&j, "sources", '[');
	for (size_t i = 0; i < a->why.count; i++)
		source_json(a, &j, &a->why.at[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&a->call->out, '\n');
}

/* What there is. */

/* Before anything is shown, as with show. */
static int audit(struct asking *a, struct cb_error *err)
{
	struct call *call = a->call;
	int rc = store_begin(a->store, call_now(), err);

	if (rc == CB_OK)
		rc = store_audit(a->store, call_who(call), "unmask",
				 arena_printf(&call->arena, "%s#%" PRId64, a->entity->name, a->id),
				 "why", err);
	if (rc == CB_OK)
		return store_commit(a->store, err);
	store_rollback(a->store);
	return rc;
}

static int load(struct asking *a, const char *key, struct cb_error *err)
{
	struct arena *arena = &a->call->arena;
	int rc = call_store(a->site, a->is_open ? STORE_WRITE : STORE_READ, &a->store, err);

	if (rc == CB_OK)
		rc = store_find(a->store, a->entity, cb_text_of(key), &a->id, err);
	if (rc == CB_OK)
		rc = store_get(a->store, a->entity, a->id, arena, &a->row, err);
	if (rc == CB_END)
		return cb_fail(err, CB_REFUSED, "%s：没有编号为 %s 的记录",
			       "%s: there is no record with key %s",
			       a->entity->label ? a->entity->label : a->entity->name, key);
	if (rc == CB_OK && a->is_open)
		rc = audit(a, err);
	return rc == CB_OK ? why_read(a->site, a->store, a->entity, a->id, arena, &a->why, err)
			   : rc;
}

struct field_names {
	const char **at;
	size_t count, room;
};

static void add_name(void *with, const char *path, const struct table *table,
		     const struct field *field)
{
	struct field_names *names = with;

	if (names->count + 1 < names->room)
		names->at[names->count++] = path;
}

/* false with the sentence said. */
static bool find_place(struct asking *a, const char *text)
{
	struct call *call = a->call;
	struct field_names names = { .room = 1000 };

	if (!text || entity_place(&call->arena, a->entity, text, &a->place))
		return true;
	names.at = arena_zero(&call->arena, names.room * sizeof(*names.at));
	entity_each_field(&call->arena, a->entity, add_name, &names);
	call_usage(call, "模型的 %s 没有字段“%s”%s", "the model's %s has no field '%s'%s",
		   a->entity->name, text, call_hint(call, text, names.at));
	return false;
}

int command_why(struct call *call)
{
	struct asking a = { .call = call,
			    .site = call_site(call),
			    .is_open = call_has(call, OPTION_UNMASK) };
	struct cb_error err;
	int code = 0;

	if (!a.site)
		return EX_CONFIG;
	a.entity = call_entity(call, a.site, call->arguments[0]);
	if (!a.entity || !find_place(&a, call->count > 2 ? call->arguments[2] : NULL))
		code = EX_USAGE;
	else if (load(&a, call->arguments[1], &err) != CB_OK)
		code = call_fail(call, &err);
	else if (call_has(call, OPTION_JSON))
		print_json(&a);
	else if (a.place.path)
		print_field(&a);
	else
		print_all(&a);
	why_done(&a.why);
	store_close(a.store);
	site_done(a.site);
	return code;
}
