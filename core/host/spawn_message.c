/*
 * spawn_message.c - what a worker sends, field by field, as the engine believes it.
 */
#include "host/spawn.h"

static void get_findings(struct worker *w, struct wire *body, struct worker_message *m)
{
	size_t count = wire_get_number(body);

	if (count > (size_t)(body->end - body->at)) {
		body->is_bad = true;
		return;
	}
	m->findings = arena_zero(&w->arena, count * sizeof(*m->findings) + 1);
	m->finding_count = count;
	for (size_t i = 0; i < count; i++) {
		struct worker_finding *f = &m->findings[i];

		f->outcome = (int)wire_get_number(body);
		f->code = get_string(w, body);
		f->field = get_string(w, body);
		f->label = get_string(w, body);
		f->value = get_string(w, body);
		f->say = get_string(w, body);
		f->item = (int64_t)wire_get_number(body);
		f->line = (int64_t)wire_get_number(body);
	}
}

static void get_error(struct wire *body, bool has_place, struct cb_error *out)
{
	enum cb_verdict verdict = (enum cb_verdict)wire_get_number(body);
	uint32_t line = has_place ? (uint32_t)wire_get_number(body) : 0;
	uint32_t column = has_place ? (uint32_t)wire_get_number(body) : 0;
	uint64_t wait = wire_get_number(body);
	struct cb_text text = wire_get_text(body);

	cb_error_set(out, verdict, "%.*s", "%.*s", CB_TEXT_ARG(text));
	out->line = line;
	out->column = column;
	out->wait_ms = (int64_t)wait;
}

/* The other side's own words, as they may be kept and shown. */
static struct cb_text get_said(struct worker *w, struct wire *body)
{
	struct cb_text text = wire_get_text(body);
	char said[CB_SAID_MAX];

	return text.len ? arena_copy(&w->arena, cb_text_of(cb_said(text, said))) : text;
}

static void get_items(struct worker *w, struct wire *body, struct worker_message *m)
{
	size_t count = wire_get_number(body);

	if (count > (size_t)(body->end - body->at)) {
		body->is_bad = true;
		return;
	}
	m->items = arena_zero(&w->arena, count * sizeof(*m->items) + 1);
	m->item_count = count;
	for (size_t i = 0; i < count; i++) {
		m->items[i].verdict = (enum cb_verdict)wire_get_number(body);
		m->items[i].key = wire_get_text(body);
		m->items[i].receipt = wire_get_text(body);
		m->items[i].say = get_said(w, body);
		m->items[i].field = get_said(w, body);
	}
}

static struct worker_text *get_texts(struct worker *w, struct wire *body, size_t *count)
{
	struct worker_text *texts;

	*count = wire_get_number(body);
	if (*count > (size_t)(body->end - body->at)) {
		body->is_bad = true;
		*count = 0;
	}
	texts = arena_zero(&w->arena, (*count + 1) * sizeof(*texts));
	for (size_t i = 0; i < *count; i++) {
		texts[i].name = get_string(w, body);
		texts[i].text = wire_get_text(body);
	}
	return texts;
}

static void get_trace(struct worker *w, struct wire *body, struct worker_trace *t)
{
	t->kind = get_string(w, body);
	t->here = get_string(w, body);
	t->file = get_string(w, body);
	t->line = (int64_t)wire_get_number(body);
	t->item = (int64_t)wire_get_number(body);
	t->is_secret = wire_get_number(body);
	t->value = wire_get_text(body);
	t->from = get_texts(w, body, &t->from_count);
	t->step_count = wire_get_number(body);
	if (t->step_count > (size_t)(body->end - body->at)) {
		body->is_bad = true;
		t->step_count = 0;
	}
	t->steps = arena_zero(&w->arena, (t->step_count + 1) * sizeof(*t->steps));
	for (size_t i = 0; i < t->step_count; i++) {
		t->steps[i].what = get_string(w, body);
		t->steps[i].detail = get_string(w, body);
		t->steps[i].text = wire_get_text(body);
	}
}

static void get_document(struct worker *w, struct wire *body, struct worker_message *m)
{
	m->key = get_string(w, body);
	m->media = get_string(w, body);
	m->charset = get_string(w, body);
	m->records = get_string(w, body);
}

static void get_record(struct worker *w, struct wire *body, struct worker_message *m)
{
	m->number = (int64_t)wire_get_number(body);
	m->line = (int64_t)wire_get_number(body);
	m->key = get_string(w, body);
	m->outcome = (int)wire_get_number(body);
	get_findings(w, body, m);
	m->text = (struct cb_text){ body->at, (size_t)(body->end - body->at) };
}

static void get_mapped(struct worker *w, struct wire *body, struct worker_message *m)
{
	m->number = (int64_t)wire_get_number(body);
	m->key = get_string(w, body);
	m->outcome = (int)wire_get_number(body);
	get_findings(w, body, m);
	m->text = wire_get_text(body);
	m->cited = wire_get_text(body);
}

static void get_page(struct worker *w, struct wire *body, struct worker_message *m)
{
	m->number = (int64_t)wire_get_number(body);
	m->at = get_string(w, body);
	m->cursor = get_string(w, body);
	m->is_last = wire_get_number(body);
	w->asks |= m->is_last;
}

static void get_found(struct worker *w, struct wire *body, struct worker_message *m)
{
	get_error(body, false, &m->error);
	m->found.is_held = wire_get_number(body);
	m->found.receipt = wire_get_text(body);
	m->is_same = wire_get_number(body);
	m->is_before = wire_get_number(body);
	get_findings(w, body, m);
}

void get_message(struct worker *w, struct wire *body, struct worker_message *m)
{
	switch (m->kind) {
	case WORKER_READY:
		m->text = wire_get_text(body);
		break;
	case WORKER_DOCUMENT_BEGINS:
		get_document(w, body, m);
		break;
	case WORKER_PIECE:
		m->number = (int64_t)wire_get_number(body);
		m->text = wire_get_text(body);
		break;
	case WORKER_TRACE:
		m->number = (int64_t)wire_get_number(body);
		get_trace(w, body, &m->trace);
		break;
	case WORKER_CELLS:
		m->number = (int64_t)wire_get_number(body);
		m->cells = get_texts(w, body, &m->cell_count);
		break;
	case WORKER_CORRECTS:
		m->number = (int64_t)wire_get_number(body);
		break;
	case WORKER_RECORD:
	case WORKER_HELD:
		get_record(w, body, m);
		break;
	case WORKER_PAGE:
		get_page(w, body, m);
		break;
	case WORKER_LOST:
		get_error(body, true, &m->error);
		break;
	case WORKER_UNKNOWN:
		m->number = (int64_t)wire_get_number(body);
		m->text = wire_get_text(body);
		break;
	case WORKER_MAPPED:
		get_mapped(w, body, m);
		break;
	case WORKER_OUTCOMES:
		get_error(body, false, &m->error);
		get_items(w, body, m);
		break;
	case WORKER_FOUND:
		get_found(w, body, m);
		break;
	case WORKER_COUNTED:
		get_error(body, false, &m->error);
		m->number = (int64_t)wire_get_number(body);
		break;
	case WORKER_BYTES:
		m->text = wire_get_text(body);
		break;
	case WORKER_REPORT:
		m->number = (int64_t)wire_get_number(body);
		m->count = (int64_t)wire_get_number(body);
		m->text = wire_get_text(body);
		break;
	case WORKER_DONE:
		get_error(body, true, &m->error);
		w->has_ended = true;
		break;
	}
}
