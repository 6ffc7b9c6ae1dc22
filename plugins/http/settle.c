/*
 * settle.c - after our commit: mark there as taken what is now here.
 *
 * Where <settle> names the key in a row, each record of the document is settled
 * by its own key; otherwise the document is, once, by the key it was read with.
 * It may be repeated: a run that ended between commit and settling begins with it.
 */
#include "http.h"

#include <stdlib.h>

int settler_open(struct http *http, struct cb_error *err)
{
	const struct cb_element *settle = cb_child(http->stream, "settle", NULL);
	struct settler *s;
	int rc;

	if (!settle || !http->reader || strcmp(cb_task_reads(http->task), "read") != 0)
		return CB_OK;
	s = cb_task_alloc(http->task, sizeof(*s));
	rc = ask_path(&http->reader->call, settle, "key", http->reader->rows, &s->row_key, err);
	if (rc == CB_OK)
		rc = call_open(&s->call, http, settle, http->stream, http->step_count, err);
	s->call.changes = true;
	if (rc == CB_OK)
		rc = call_answers(&s->call, http->stream, err);
	http->settler = s;
	return rc;
}

static char *copy(struct cb_text text)
{
	char *out = malloc(text.len + 1);

	if (!out)
		abort();
	memcpy(out, text.len ? text.at : "", text.len);
	out[text.len] = '\0';
	return out;
}

void settler_note(struct http *http, size_t first, size_t rows)
{
	struct settler *s = http->settler;

	if (!s || !s->row_key)
		return;
	for (size_t i = 0; i < s->key_count; i++)
		free(s->keys[i]);
	s->key_count = 0;
	if (rows > s->key_room) {
		free(s->keys);
		s->keys = calloc(rows, sizeof(*s->keys));
		if (!s->keys)
			abort();
		s->key_room = rows;
	}
	for (size_t i = 0; i < rows; i++)
		s->keys[s->key_count++] =
			copy(cb_view_text(http->reader->call.view, s->row_key, first + i));
}

static int settle_one(struct http *http, const char *key, struct cb_error *err)
{
	const struct cb_name name = { .name = "key", .value = cb_text_of(key) };
	struct outcome out;

	if (!*key)
		return cb_fail(err, CB_SETUP,
			       "<settle key=…> 所指的编号在记录里没有：无法告诉对方已取走",
			       "<settle key=…> names nothing in a record: they cannot be told that "
			       "it was taken");
	return call_send(&http->settler->call, &name, 1, NULL, &out, err);
}

int http_settle(void *self, const char *key, struct cb_error *err)
{
	struct http *http = self;
	struct settler *s = http->settler;
	int rc = CB_OK;

	if (!s)
		return CB_OK;
	rc = steps_run(http, false, err);
	if (rc == CB_OK && !s->row_key)
		rc = settle_one(http, key, err);
	for (size_t i = 0; i < s->key_count && rc == CB_OK; i++)
		rc = settle_one(http, s->keys[i], err);
	/* No answer to a settling is no loss: it is done again with the next run. */
	return rc == CB_DOUBT ? CB_AGAIN : rc;
}
