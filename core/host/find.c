/*
 * find.c - ask the target for one record, and compare what it holds with what
 * was sent, field by field, as both come back in through the mapping; or ask
 * only how many it holds.
 */
#include "host/inside.h"

#include "record/wire.h"

static struct finding *one_finding(struct arena *arena, const char *code, const char *say)
{
	struct finding *f = arena_zero(arena, sizeof(*f));

	*f = (struct finding){ .code = code,
			       .bad = OUTCOME_HELD,
			       .say = arena_copy(arena, cb_text_of(say)) };
	return f;
}

/* What cannot be read is not the same: a person looks. */
static void compare(struct cb_task *task, const struct cb_found *found, struct cb_text payload,
		    struct result *result)
{
	const struct loaded *format = plugins_format(&task->plugins, mapping_format(task->mapping),
						     task->job.media, task->job.key);
	const char *root = mapping_root(task->mapping);
	const struct shape *shape = mapping_there(task->mapping);
	struct one_place ours = { .root = root };
	struct one_place theirs = { .root = root,
				    .records = found->records,
				    .charset = found->charset };
	struct row *sent = NULL, *held = NULL;
	struct cb_error why = { 0 };

	if (format &&
	    read_one_of(task, format, &ours, payload, shape, result->arena, &sent, &why) == CB_OK &&
	    read_one_of(task, format, &theirs, found->record, shape, result->arena, &held, &why) ==
		    CB_OK) {
		mapping_differs(task->mapping, sent, held, result);
		return;
	}
	result->findings = one_finding(result->arena, "format", why.text);
	result->count = 1;
}

int find_one(struct cb_task *task, struct wire *body, struct cb_error *err)
{
	const struct cb_connector *c = &task->connector->connector;
	struct arena arena = { 0 };
	struct result result = { .arena = &arena }, old = { .arena = &arena };
	struct cb_text key, payload, before;
	struct cb_found found = { 0 };
	struct cb_error why = { 0 };
	struct buffer *out;
	int rc;

	task->job.now = (int64_t)wire_get_number(body);
	key = arena_copy(&arena, wire_get_text(body));
	payload = arena_copy(&arena, wire_get_text(body));
	before = arena_copy(&arena, wire_get_text(body));
	if (!c->find)
		rc = cb_fail(&why, CB_SETUP, "连接器 %s 不能查询", "connector %s cannot find",
			     task->manifest->by);
	else
		rc = c->find(task->connector_state, key, &found, &why);
	if (rc == CB_OK && found.is_held)
		compare(task, &found, payload, &result);
	if (rc == CB_OK && found.is_held && before.len)
		compare(task, &found, before, &old);
	out = task_message(task, WORKER_FOUND);
	wire_number(out, (uint64_t)rc);
	wire_number(out, rc ? (uint64_t)why.wait_ms : 0);
	wire_text(out, cb_text_of(rc ? why.text : ""));
	wire_number(out, found.is_held);
	wire_text(out, found.receipt);
	wire_number(out, !result.count);
	wire_number(out, before.len && !old.count);
	put_findings(out, &result);
	arena_done(&arena);
	return task_send(task, err);
}

int count_window(struct cb_task *task, struct wire *body, struct cb_error *err)
{
	const struct cb_connector *c = &task->connector->connector;
	struct cb_error why = { 0 };
	int64_t from, to, number = 0;
	struct buffer *out;
	int rc;

	task->job.now = (int64_t)wire_get_number(body);
	from = (int64_t)wire_get_number(body);
	to = (int64_t)wire_get_number(body);
	rc = c->count ? c->count(task->connector_state, from, to, &number, &why)
		      : cb_fail(&why, CB_SETUP, "连接器 %s 不能计数", "connector %s cannot count",
				task->manifest->by);
	out = task_message(task, WORKER_COUNTED);
	wire_number(out, (uint64_t)rc);
	wire_number(out, rc ? (uint64_t)why.wait_ms : 0);
	wire_text(out, cb_text_of(rc ? why.text : ""));
	wire_number(out, (uint64_t)number);
	return task_send(task, err);
}
