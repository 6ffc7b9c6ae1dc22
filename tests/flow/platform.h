/*
 * platform.h - a platform that does what it is told, on the test's own clock.
 *
 * It takes JSON records by key, answers each, can be asked for one, and takes
 * one back. What it does with the next request stands in a script. It runs in a
 * thread of this process, so that its clock is the test's.
 */
#ifndef TESTS_FLOW_PLATFORM_H
#define TESTS_FLOW_PLATFORM_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum act {
	ACT_OK,
	ACT_STORE_AND_DROP, /* it is there, and nobody hears of it */
	ACT_DROP,           /* it is not, and nobody hears of that */
	ACT_LATE,           /* dropped, and there a while later (late_ms) */
	ACT_503,            /* busy: surely not taken */
	ACT_500_AFTER,      /* it is there, and the answer is an error */
	ACT_503_AFTER,      /* it is there, and a gateway says that it is not */
	ACT_429,            /* Retry-After: 30 */
	ACT_401,
	ACT_REFUSE,    /* every record, by its answer */
	ACT_LEAVE_OUT, /* the last record is stored and has no answer */
	ACT_HTML,
};

struct held { /* one record there; a key may stand twice, that is what tests look for */
	char key[32], body[512], receipt[32];
	int64_t at_ms;
};

struct seen { /* one request */
	char method[8], path[32], account[16], body[4096];
	int64_t at_ms;
};

struct platform {
	struct MHD_Daemon *daemon;
	pthread_mutex_t mutex;
	int port;
	int64_t now; /* the clock */
	int64_t late_ms, lag_ms;
	bool is_unique;              /* a key that is there is overwritten, not doubled */
	enum act script[64], always; /* of the next writes; then `always` */
	enum act find_always;
	size_t script_at, script_count;
	struct held held[512];
	size_t held_count;
	struct held late[64];
	size_t late_count;
	struct {
		char once[64], answer[4096];
	} onces[256];
	size_t once_count;
	struct seen seen[2048];
	size_t seen_count;
	int serial;
};

static inline void platform_do(struct platform *p, enum act act)
{
	p->script[p->script_count++] = act;
}

/* How often a key stands there. */
static inline int platform_copies(struct platform *p, const char *key)
{
	int copies = 0;

	for (size_t i = 0; i < p->held_count; i++)
		copies += strcmp(p->held[i].key, key) == 0;
	return copies;
}

static inline struct held *platform_find(struct platform *p, const char *key)
{
	for (size_t i = 0; i < p->held_count; i++)
		if (strcmp(p->held[i].key, key) == 0)
			return &p->held[i];
	return NULL;
}

static inline size_t platform_count(const struct platform *p, const char *path)
{
	size_t count = 0;

	for (size_t i = 0; i < p->seen_count; i++)
		count += strcmp(p->seen[i].path, path) == 0;
	return count;
}

static inline const struct seen *platform_last(const struct platform *p, const char *path)
{
	for (size_t i = p->seen_count; i-- > 0;)
		if (strcmp(p->seen[i].path, path) == 0)
			return &p->seen[i];
	return NULL;
}

/* "name":"value" in a text; "" where it is not. */
static inline void platform_value(const char *text, const char *name, char *out, size_t room)
{
	char word[40];
	const char *at;

	snprintf(word, sizeof(word), "\"%s\":\"", name);
	at = strstr(text, word);
	out[0] = '\0';
	if (!at)
		return;
	at += strlen(word);
	snprintf(out, room, "%.*s", (int)strcspn(at, "\""), at);
}

static inline struct held *platform_store(struct platform *p, const char *body, int64_t at_ms)
{
	struct held *h = NULL;
	char key[32];

	platform_value(body, "k", key, sizeof(key));
	if (p->is_unique)
		h = platform_find(p, key);
	if (!h) {
		h = &p->held[p->held_count++];
		*h = (struct held){ .at_ms = at_ms };
		snprintf(h->key, sizeof(h->key), "%s", key);
		snprintf(h->receipt, sizeof(h->receipt), "R%d", ++p->serial);
	}
	snprintf(h->body, sizeof(h->body), "%s", body);
	h->at_ms = at_ms;
	return h;
}

static inline void platform_let_in(struct platform *p)
{
	for (size_t i = 0; i < p->late_count; i++) {
		if (p->late[i].at_ms > p->now)
			continue;
		platform_store(p, p->late[i].body, p->late[i].at_ms);
		p->late[i--] = p->late[--p->late_count];
	}
}

/* The next record of "list":[…]: braces, none of them in a text. */
static inline const char *platform_record(const char *at, char *out, size_t room)
{
	int depth = 0;
	const char *begin;

	while (*at && *at != '{' && *at != ']')
		at++;
	if (*at != '{')
		return NULL;
	begin = at;
	do
		depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
	while (*at++ && depth);
	snprintf(out, room, "%.*s", (int)(at - begin), begin);
	return at;
}

/* True: an answer is to be sent. */
static inline bool platform_write(struct platform *p, const char *body, enum act act, char *answer,
				  size_t room, int *status)
{
	const char *at = strstr(body, "\"list\":[");
	char record[512], once[64], key[32];
	size_t used = 0;
	int status_of = act == ACT_503 ? 503 : act == ACT_429 ? 429 : act == ACT_401 ? 401 : 200;

	*status = status_of;
	answer[0] = '\0';
	if (status_of != 200)
		return true;
	if (act == ACT_HTML) {
		snprintf(answer, room, "<html><body>login</body></html>");
		return true;
	}
	if (act == ACT_DROP)
		return false;
	platform_value(body, "once", once, sizeof(once));
	for (size_t i = 0; i < p->once_count; i++)
		if (strcmp(p->onces[i].once, once) == 0) {
			snprintf(answer, room, "%s", p->onces[i].answer);
			return act != ACT_STORE_AND_DROP;
		}
	used += (size_t)snprintf(answer, room, "{\"code\":\"0\",\"rows\":[");
	at = at ? at + strlen("\"list\":[") : "";
	while ((at = platform_record(at, record, sizeof(record)))) {
		bool is_last = *at == ']';

		platform_value(record, "k", key, sizeof(key));
		if (act == ACT_LATE) {
			struct held *late = &p->late[p->late_count++];

			*late = (struct held){ .at_ms = p->now + p->late_ms };
			snprintf(late->body, sizeof(late->body), "%s", record);
			continue;
		}
		if (act == ACT_REFUSE) {
			used += (size_t)snprintf(
				answer + used, room - used,
				"{\"k\":\"%s\",\"code\":\"9\",\"msg\":\"no, says Zhang San\"},",
				key);
			continue;
		}
		struct held *h = platform_store(p, record, p->now);

		if (act == ACT_LEAVE_OUT && is_last)
			continue;
		used += (size_t)snprintf(answer + used, room - used,
					 "{\"k\":\"%s\",\"code\":\"0\",\"no\":\"%s\"},", key,
					 h->receipt);
	}
	if (answer[used - 1] == ',')
		used--;
	snprintf(answer + used, room - used, "]}");
	if (act != ACT_LATE && act != ACT_REFUSE && p->once_count < 256) {
		snprintf(p->onces[p->once_count].once, 64, "%s", once);
		snprintf(p->onces[p->once_count++].answer, 4096, "%s", answer);
	}
	*status = act == ACT_500_AFTER ? 500 : act == ACT_503_AFTER ? 503 : 200;
	return act != ACT_STORE_AND_DROP && act != ACT_LATE;
}

static inline void platform_ask(struct platform *p, const char *key, char *answer, size_t room)
{
	const struct held *h = key ? platform_find(p, key) : NULL;

	if (!h || h->at_ms + p->lag_ms > p->now)
		snprintf(answer, room, "{\"code\":\"0\",\"data\":null}");
	else
		snprintf(answer, room, "{\"code\":\"0\",\"no\":\"%s\",\"data\":%s}", h->receipt,
			 h->body);
}

static inline void platform_take_back(struct platform *p, const char *body, char *answer,
				      size_t room)
{
	char key[32];

	platform_value(body, "k", key, sizeof(key));
	for (size_t i = 0; i < p->held_count; i++)
		if (strcmp(p->held[i].key, key) == 0)
			p->held[i--] = p->held[--p->held_count];
	snprintf(answer, room, "{\"code\":\"0\",\"no\":\"W%d\"}", ++p->serial);
}

static inline enum MHD_Result platform_reply(struct MHD_Connection *c, int status,
					     const char *answer)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(answer), (void *)(uintptr_t)answer, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc;

	MHD_add_response_header(r, "Content-Type",
				*answer == '<' ? "text/html" : "application/json");
	if (status == 429)
		MHD_add_response_header(r, "Retry-After", "30");
	rc = MHD_queue_response(c, (unsigned)status, r);
	MHD_destroy_response(r);
	return rc;
}

static inline bool platform_serve(struct platform *p, struct MHD_Connection *c, struct seen *s,
				  char *answer, size_t room, int *status)
{
	bool is_write = strcmp(s->path, "/find") != 0;
	enum act act = !is_write                        ? p->find_always
		       : p->script_at < p->script_count ? p->script[p->script_at++]
							: p->always;
	const char *user = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-User");

	snprintf(s->account, sizeof(s->account), "%s", user ? user : "");
	s->at_ms = p->now;
	platform_let_in(p);
	*status = 200;
	if (!is_write && act == ACT_503) {
		*status = 503;
		answer[0] = '\0';
	} else if (!is_write) {
		platform_ask(p, MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "k"), answer,
			     room);
	} else if (strcmp(s->path, "/gone") == 0 && (act == ACT_OK || act == ACT_STORE_AND_DROP)) {
		platform_take_back(p, s->body, answer, room);
		return act == ACT_OK;
	} else {
		return platform_write(p, s->body, act, answer, room, status);
	}
	return true;
}

static inline enum MHD_Result platform_handle(void *with, struct MHD_Connection *c, const char *url,
					      const char *method, const char *version,
					      const char *data, size_t *size, void **state)
{
	struct platform *p = with;
	struct seen *s = *state;
	char answer[4096];
	int status;
	bool has_answer;

	(void)version;
	pthread_mutex_lock(&p->mutex);
	if (!s) {
		s = *state = &p->seen[p->seen_count++];
		snprintf(s->method, sizeof(s->method), "%s", method);
		snprintf(s->path, sizeof(s->path), "%s", url);
		pthread_mutex_unlock(&p->mutex);
		return MHD_YES;
	}
	if (*size) {
		strncat(s->body, data, *size < sizeof(s->body) - strlen(s->body) - 1 ? *size : 0);
		*size = 0;
		pthread_mutex_unlock(&p->mutex);
		return MHD_YES;
	}
	has_answer = platform_serve(p, c, s, answer, sizeof(answer), &status);
	pthread_mutex_unlock(&p->mutex);
	return has_answer ? platform_reply(c, status, answer) : MHD_NO;
}

static inline void platform_start(struct platform *p)
{
	const union MHD_DaemonInfo *info;

	pthread_mutex_init(&p->mutex, NULL);
	p->daemon =
		MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, platform_handle, p,
				 MHD_OPTION_SOCK_ADDR,
				 &(struct sockaddr_in){ .sin_family = AF_INET,
							.sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
				 MHD_OPTION_END);
	info = p->daemon ? MHD_get_daemon_info(p->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	p->port = info ? info->port : 0;
}

static inline void platform_stop(struct platform *p)
{
	MHD_stop_daemon(p->daemon);
	pthread_mutex_destroy(&p->mutex);
}

#endif
