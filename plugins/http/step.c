/*
 * step.c - requests before the work: their values are kept by the engine for
 * every worker of the account, and made anew when they are missing or over.
 */
#include "http.h"

#include <stdlib.h>
#include <strings.h>

static int open_take(struct step *step, const struct cb_element *element, struct cb_error *err)
{
	const char *from = cb_attribute(element, "from");
	struct take *take = &step->takes[step->take_count++];

	if (strncmp(from, "header ", 7) == 0)
		take->header = from + 7;
	else if (strncmp(from, "cookie ", 7) == 0)
		take->cookie = from + 7;
	else
		return ask_path(&step->call, element, "from", NULL, &take->path, err);
	return CB_OK;
}

static int open_step(struct http *http, size_t index, const struct cb_element *element,
		     struct cb_error *err)
{
	struct step *step = &http->steps[index];
	const struct cb_element *expires = cb_child(element, "expires", NULL);
	int rc = call_open(&step->call, http, cb_child(element, "request", NULL), NULL, index, err);

	step->call.is_step = true;
	step->take_count = 0;
	for (const struct cb_element *at = NULL;
	     rc == CB_OK && (at = cb_child(element, "take", at));)
		rc = open_take(step, at, err);
	if (rc == CB_OK)
		rc = ask_path(&step->call, expires, "in", NULL, &step->in, err);
	if (rc == CB_OK)
		rc = ask_path(&step->call, expires, "at", NULL, &step->at, err);
	step->after_ms = duration_of(expires, "after", 0);
	step->early_ms = duration_of(expires, "early", 0);
	/* Its own answers stand in the step, not in its request. */
	return rc == CB_OK ? call_answers(&step->call, element, err) : rc;
}

/* The names first: a connector's header that needs a later value is left out of a step. */
static int name_values(struct http *http, struct cb_error *err)
{
	for (const struct cb_element *at = NULL; (at = cb_child(http->manifest, "step", at));) {
		struct step *step;

		if (http->step_count == STEPS_MOST)
			return cb_fail(err, CB_SETUP, "步骤最多 %d 个", "at most %d steps",
				       STEPS_MOST);
		step = &http->steps[http->step_count++];
		step->name = cb_attribute(at, "name");
		for (const struct cb_element *take = NULL; (take = cb_child(at, "take", take));) {
			struct take *t = &step->takes[step->take_count];

			if (step->take_count == VALUES_MOST)
				return cb_fail(err, CB_SETUP, "一步最多取 %d 个值",
					       "a step takes at most %d values", VALUES_MOST);
			t->as = cb_attribute(take, "as");
			t->kept = cb_task_printf(http->task, "%s.%s", step->name, t->as);
			step->take_count++;
		}
	}
	return CB_OK;
}

int steps_open(struct http *http, struct cb_error *err)
{
	const struct cb_element *element = NULL;
	int rc = name_values(http, err);

	for (size_t i = 0; rc == CB_OK && i < http->step_count; i++) {
		size_t takes = http->steps[i].take_count;

		element = cb_child(http->manifest, "step", element);
		rc = open_step(http, i, element, err);
		http->steps[i].take_count = takes;
	}
	return rc;
}

size_t steps_names(struct http *http, struct cb_name *names)
{
	size_t count = 0;

	for (size_t i = 0; i < http->step_count; i++) {
		for (size_t k = 0; k < http->steps[i].take_count; k++) {
			const struct take *take = &http->steps[i].takes[k];
			struct cb_text value = cb_kept(http->task, take->kept);

			if (value.at)
				names[count++] =
					(struct cb_name){ .name = take->as, .value = value };
		}
	}
	return count;
}

void step_forget(struct http *http, size_t step)
{
	for (size_t i = 0; i < http->steps[step].take_count; i++)
		cb_keep(http->task, http->steps[step].takes[i].kept, (struct cb_text){ 0 }, 0);
}

/* NAME=value; of any Set-Cookie line. */
static struct cb_text cookie(const struct cb_answer *answer, const char *name)
{
	const char *at = answer->headers.at, *end = at + answer->headers.len;
	size_t len = strlen(name);

	while (answer->headers.len && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *value = at + strlen("Set-Cookie:"), *close;

		if (!stop)
			stop = end;
		if (stop > value && strncasecmp(at, "Set-Cookie:", strlen("Set-Cookie:")) == 0) {
			while (value < stop && *value == ' ')
				value++;
			close = memchr(value, ';', (size_t)(stop - value));
			if (!close)
				close = stop;
			if ((size_t)(close - value) > len && memcmp(value, name, len) == 0 &&
			    value[len] == '=')
				return (struct cb_text){ value + len + 1,
							 (size_t)(close - value) - len - 1 };
		}
		at = stop + 1;
	}
	return (struct cb_text){ 0 };
}

static struct cb_text taken(const struct step *step, const struct take *take,
			    const struct cb_answer *answer)
{
	if (take->header)
		return cb_answer_header(answer, take->header);
	if (take->cookie)
		return cookie(answer, take->cookie);
	return cb_view_text(step->call.view, take->path, 0);
}

static int64_t number(struct cb_text text)
{
	char copy[32];

	if (!text.len || text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return strtoll(copy, NULL, 10);
}

/* 0: unknown. Never so early that the value would be over before it is used. */
static int64_t expires(const struct step *step, int64_t now)
{
	int64_t left = step->after_ms, at;

	if (step->in)
		left = number(cb_view_text(step->call.view, step->in, 0)) * 1000;
	if (step->at) {
		at = number(cb_view_text(step->call.view, step->at, 0));
		/* Seconds will not reach 10^11 before the year 5138. */
		left = at > 0 ? (at > 100000000000 ? at : at * 1000) - now : 0;
	}
	if (left <= 0)
		return 0;
	return now + (left > 2 * step->early_ms ? left - step->early_ms : left / 2 + 1);
}

static int keep(struct http *http, const struct step *step, const struct cb_answer *answer,
		struct cb_error *err)
{
	int64_t until = expires(step, cb_task_now(http->task));

	for (size_t i = 0; i < step->take_count; i++)
		if (!taken(step, &step->takes[i], answer).len)
			return cb_fail(err, CB_SETUP, "应答里没有 %s", "the answer has no %s",
				       step->takes[i].as);
	for (size_t i = 0; i < step->take_count; i++)
		cb_keep(http->task, step->takes[i].kept, taken(step, &step->takes[i], answer),
			until);
	return CB_OK;
}

/* Refused here means that the account's own settings are refused: trying again would lock it. */
static int run(struct http *http, size_t index, struct cb_error *err)
{
	struct step *step = &http->steps[index];
	struct outcome outcome;
	int rc = call_send(&step->call, NULL, 0, NULL, &outcome, err);

	if (rc == CB_OK)
		rc = keep(http, step, &outcome.answer, err);
	if (rc == CB_OK)
		return CB_OK;
	if (rc == CB_LOGIN || rc == CB_REFUSED)
		rc = CB_SETUP;
	cb_error_prefix(err, "步骤 %s：", "step %s: ", step->name);
	if (err)
		err->verdict = (enum cb_verdict)rc;
	return rc;
}

static bool is_kept(struct http *http, const struct step *step)
{
	for (size_t i = 0; i < step->take_count; i++)
		if (!cb_kept(http->task, step->takes[i].kept).at)
			return false;
	return true;
}

int steps_run(struct http *http, bool force, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && i < http->step_count; i++)
		if (force || !is_kept(http, &http->steps[i]))
			rc = run(http, i, err);
	return rc;
}
