/*
 * request.h - an HTTP request with named holes.
 *
 * A connector runs without network and without secrets. It describes the
 * request; the engine fills what is between braces, signs and sends.
 *
 * Templates: {name} stands for a name of `names`, for a setting of the
 * connection or the account (secret ones too), or for one of: body method path
 * query nonce once account time time(FORMAT). Functions, nested at will:
 * md5 sha1 sha256 sm3 hmac-sha256(key, text) hmac-sm3(key, text) base64 hex
 * upper lower url sorted-query; operands are joined by +, literals stand in
 * quotes. {{ and }} are braces. What is inserted is escaped for its place: a
 * header, a URL, a form, JSON or XML. All times in one request are the same
 * instant.
 */
#ifndef CASEBRIDGE_REQUEST_H
#define CASEBRIDGE_REQUEST_H

#include <casebridge/error.h>

struct cb_task;

struct cb_name {
	const char *name;
	struct cb_text value;
	bool is_raw; /* already in the body's own language: inserted as it is */
};

enum cb_part_place {
	CB_PART_HEADER,
	CB_PART_PARAM,
	CB_PART_FORM,
	CB_PART_MULTI, /* of a multipart body, which these make together */
};

struct cb_part {
	enum cb_part_place place;
	const char *name;
	const char *value; /* a template */
	const char *file;  /* of a multipart body: the file name, a template; NULL: a plain value */
	const char *type;  /* the same: its media type; NULL: unsaid */
};

struct cb_request {
	const char *method;
	const char *url; /* a template; its origin must be one of the connection's settings */
	const struct cb_part *parts;
	size_t part_count;
	const char *body;      /* a template, or NULL */
	const char *body_type; /* "json" "xml" "soap" "text"; NULL: a form, or none */
	const char *charset;   /* of body and parameters; NULL: UTF-8 */
	const struct cb_name *names;
	size_t name_count;
	bool changes;     /* it changes something there: never repeated behind our back */
	const char *once; /* the batch's key; NULL for reads */
	int64_t timeout_ms, body_max;
};

enum cb_sent {
	CB_NOT_SENT,  /* surely not a byte of it arrived */
	CB_NO_ANSWER, /* it may have arrived */
	CB_ANSWERED,
};

struct cb_answer { /* texts are borrowed until the next request */
	enum cb_sent sent;
	int status;
	struct cb_text headers; /* "Name: value\n" lines, names as sent */
	const char *media, *charset;
	struct cb_text body;
};

/*
 * Send it. CB_OK with an answer of any status. Otherwise: CB_AGAIN (not sent,
 * or a read without an answer), CB_DOUBT (@changes and no answer), CB_LOGIN,
 * CB_LIMIT (the account's own limits), CB_SETUP (a template, a setting, a
 * locked account).
 */
CB_API CB_CHECKED int cb_http(struct cb_task *task, const struct cb_request *request,
			      struct cb_answer *answer, struct cb_error *err);

/* The header's value in an answer, or nothing. Names compare without case. */
CB_API struct cb_text cb_answer_header(const struct cb_answer *answer, const char *name);

/*
 * What the status of an answer proves by itself about a request that changes
 * something: CB_ANSWERED (taken or refused; what the answer holds says which),
 * CB_NOT_SENT (surely not taken in), and else, as a rule, CB_NO_ANSWER.
 */
CB_API enum cb_sent cb_status_sent(int status);

/*
 * What the other side said, for a sentence of ours: on one line, bounded, and
 * without runs of digits (an id, a phone). Gives back @out.
 */
#define CB_SAID_MAX 300
CB_API const char *cb_said(struct cb_text text, char out[CB_SAID_MAX]);

/*
 * A value that outlives the run, for every worker of this account: a session
 * token. Kept in the engine's memory, never stored. @expires_ms: an instant,
 * 0 unknown. A NULL value forgets it.
 */
CB_API void cb_keep(struct cb_task *task, const char *name, struct cb_text value,
		    int64_t expires_ms);
CB_API struct cb_text cb_kept(struct cb_task *task, const char *name);

#endif
