/*
 * send.c - one call: the steps before it, the request, and what its answer
 * means for the sessions.
 */
#include "http.h"

#include <strings.h>

/* A charset by its label only where we can speak it; a server's own default is no evidence. */
static const char *label(const char *charset)
{
	static const char *const known[] = { "utf", "gb", "cp936" };

	for (size_t i = 0; charset && i < sizeof(known) / sizeof(*known); i++)
		if (strncasecmp(charset, known[i], strlen(known[i])) == 0)
			return charset;
	return NULL;
}

/* The session is over, or the manifest says that what a step took is worth nothing now. */
static void forget(struct call *call, int verdict)
{
	for (size_t i = 0; i < call->http->step_count; i++)
		if (verdict == CB_LOGIN ||
		    (call->drops[i] && cb_view_holds(call->view, call->drops[i], 0)))
			step_forget(call->http, i);
}

int call_send(struct call *call, const struct cb_name *names, size_t name_count, const char *once,
	      struct outcome *out, struct cb_error *err)
{
	struct cb_name all[VALUES_MOST * STEPS_MOST + 8];
	size_t count = steps_names(call->http, all);
	struct cb_request request = {
		.method = cb_attribute(call->element, "method"),
		.url = cb_attribute(call->element, "url"),
		.parts = call->parts,
		.part_count = call->part_count,
		.body = call->body,
		.body_type = call->body_type,
		.charset = call->charset,
		.names = all,
		.changes = call->changes,
		.once = once,
		.timeout_ms = call->timeout_ms,
	};
	int rc;

	for (size_t i = 0; i < name_count; i++)
		all[count++] = names[i];
	request.name_count = count;
	*out = (struct outcome){ 0 };
	if (!request.method)
		request.method = "GET";
	rc = cb_http(call->http->task, &request, &out->answer, err);
	if (rc != CB_OK)
		return rc;
	out->charset = call->answer_charset ? call->answer_charset : label(out->answer.charset);
	rc = call_judge(call, out, err);
	forget(call, rc);
	return rc;
}
