/*
 * send.c - one request at a time through libcurl's easy interface.
 *
 * What changes something there goes out on a connection of its own: libcurl
 * repeats a request on a kept connection that turns out dead, and a repeated
 * POST is a doubled case. Redirects are followed by hand, for reading only and
 * only within the same origin, because a header may be a signature.
 */
#include "net/net.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "net/account.h"
#include "net/fill.h"
#include "net/secret.h"
#include "net/template.h"

#define BODY_MAX (64 << 20)
#define HEADERS_MAX (256 << 10)
#define TIMEOUT_MS 60000
#define CONNECT_MS 10000
#define REDIRECTS_MOST 3

struct net {
	struct net_seams seams;
	CURL *curl;
	/* The last answer. */
	struct buffer headers, body;
	char media[128], charset[64];
	int64_t body_max;
	bool is_too_large;
};

static int64_t real_now(void *with)
{
	struct timespec t;

	(void)with;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void real_random(void *with, void *bytes, size_t len)
{
	(void)with;
	/* A nonce that could be guessed is a hole: better to end. */
	if (RAND_bytes(bytes, (int)len) != 1)
		abort();
}

static void real_wait(void *with, int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)with;
	while (nanosleep(&t, &t) != 0)
		continue;
}

struct net *net_new(const struct net_seams *seams)
{
	static const struct net_seams real = { .now = real_now,
					       .random = real_random,
					       .wait = real_wait };
	struct net *net = memory_take(sizeof(*net));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	net->seams = seams ? *seams : real;
	net->curl = curl_easy_init();
	return net;
}

void net_free(struct net *net)
{
	if (!net)
		return;
	curl_easy_cleanup(net->curl);
	template_wipe(&net->headers);
	template_wipe(&net->body);
	free(net);
}

static void lower_case(char *at)
{
	for (; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at | 32);
}

/* "https://host:443", or empty where it is no such address. The caller frees. */
static char *origin_of(const char *address)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
	struct buffer origin = { 0 };

	if (curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
	    (strcasecmp(scheme, "http") == 0 || strcasecmp(scheme, "https") == 0)) {
		buffer_printf(&origin, "%s://%s:%s", scheme, host, port);
	}
	buffer_cstr(&origin);
	lower_case(origin.at);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(url);
	return origin.at;
}

static bool is_same_origin(const char *a, const char *b)
{
	char *x = origin_of(a), *y = origin_of(b);
	bool is_same = *x && strcmp(x, y) == 0;

	free(x);
	free(y);
	return is_same;
}

/* Where a secret says it (the address of a webhook carries a key), it is read for the comparison
 * alone. */
static int is_origin_of(const struct net_setting *setting, const char *url, bool *is_same,
			struct cb_error *err)
{
	struct secret secret;
	int rc;

	if (!setting->is_secret) {
		*is_same = is_same_origin(setting->value, url);
		return CB_OK;
	}
	rc = secret_read(setting->value, &secret, err);
	if (rc != CB_OK)
		return rc;
	*is_same = false;
	if (secret.len < SECRET_MAX) {
		secret.at[secret.len] = '\0'; /* where the end of its line stood */
		*is_same = is_same_origin(secret.at, url);
	}
	secret_done(&secret);
	return CB_OK;
}

static int check_origin(const struct net_account *account, const char *url, struct cb_error *err)
{
	const char *name = account->connection ? account->connection : "?";
	bool is_same = false;
	char *origin;
	int rc = CB_OK;

	for (size_t i = 0; i < account->setting_count && rc == CB_OK && !is_same; i++)
		if (account->settings[i].is_origin && account->settings[i].value)
			rc = is_origin_of(&account->settings[i], url, &is_same, err);
	if (rc != CB_OK || is_same)
		return rc;
	origin = origin_of(url);
	if (!*origin)
		rc = cb_fail(err, CB_SETUP, "连接 %s 的地址不是 http:// 或 https:// 开头的网址",
			     "the address of connection %s does not begin with http:// or https://",
			     name);
	else
		rc = cb_fail(err, CB_SETUP,
			     "请求的地址“%.200s”不在连接 %s 的设置里；只能访问 type=\"url\" "
			     "的设置所指的服务器",
			     "the address '%.200s' is not among the settings of connection %s; "
			     "requests go only to servers that a setting of type=\"url\" names",
			     origin, name);
	free(origin);
	return rc;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *with)
{
	struct net *net = with;
	size_t len = size * count;

	if ((int64_t)(net->body.len + len) > net->body_max) {
		net->is_too_large = true;
		return 0;
	}
	buffer_put(&net->body, bytes, len);
	return len;
}

/* The headers of the last answer: one of a redirect or a "100 Continue" is forgotten. */
static size_t take_header(char *bytes, size_t size, size_t count, void *with)
{
	struct net *net = with;
	size_t len = size * count, used = len;

	while (used && (bytes[used - 1] == '\n' || bytes[used - 1] == '\r'))
		used--;
	if (used >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		buffer_clear(&net->headers);
		buffer_clear(&net->body);
		return len;
	}
	if (net->headers.len + used > HEADERS_MAX) {
		net->is_too_large = true;
		return 0;
	}
	if (used) {
		buffer_put(&net->headers, bytes, used);
		buffer_char(&net->headers, '\n');
	}
	return len;
}

static struct curl_slist *header_list(const struct filled *filled)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0; i < filled->header_count; i++)
		list = curl_slist_append(list, buffer_cstr(&filled->headers[i]));
	if (!filled->has_body)
		list = curl_slist_append(list, "Content-Type:");
	return list;
}

static void set_method(CURL *curl, struct filled *filled)
{
	bool has_body = filled->has_body || strcmp(filled->method, "POST") == 0 ||
			strcmp(filled->method, "PUT") == 0 || strcmp(filled->method, "PATCH") == 0;

	if (has_body) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)filled->body.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, buffer_cstr(&filled->body));
	} else if (strcmp(filled->method, "HEAD") == 0) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	} else {
		curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, filled->method);
}

static int64_t timeout_of(const struct net_account *account, const struct cb_request *request)
{
	return request->timeout_ms > 0   ? request->timeout_ms
	       : account->timeout_ms > 0 ? account->timeout_ms
					 : TIMEOUT_MS;
}

/* The total time bounds a slow drip too; a limit on speed would end a server that thinks long. */
static void set_up(struct net *net, const struct net_account *account, int64_t timeout_ms,
		   bool is_alone, struct filled *filled, struct curl_slist *headers)
{
	CURL *curl = net->curl;

	curl_easy_reset(curl); /* connections stay */
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, account->proxy ? account->proxy : "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS));
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, is_alone ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, is_alone ? 1L : 0L);
	if (account->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, account->ca_file);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, net);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, net);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	set_method(curl, filled);
	curl_easy_setopt(curl, CURLOPT_URL, buffer_cstr(&filled->url));
}

/* Bytes of the request that may be on their way. */
static int64_t bytes_sent(CURL *curl)
{
	curl_off_t began = 0;
	long size = 0;

	curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &size);
	/* The connection stood and sending could begin: a byte may be in a buffer that is not
	 * counted yet. */
	curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &began);
	return size > 0 ? size : began > 0 ? 1 : 0;
}

/* text/xml; charset="GB18030" */
static void read_type(struct net *net)
{
	const char *type = NULL, *at;

	net->media[0] = net->charset[0] = '\0';
	curl_easy_getinfo(net->curl, CURLINFO_CONTENT_TYPE, &type);
	if (!type)
		return;
	snprintf(net->media, sizeof(net->media), "%.*s", (int)strcspn(type, "; \t"), type);
	lower_case(net->media);
	at = strcasestr(type, "charset=");
	if (!at)
		return;
	at += strlen("charset=");
	at += *at == '"';
	snprintf(net->charset, sizeof(net->charset), "%.*s", (int)strcspn(at, "\"; \t"), at);
}

/* The reason in words; the library's own are English. */
static const char *reason(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return cb_say("找不到这个主机名", "the host name is not known");
	case CURLE_COULDNT_CONNECT:
		return cb_say("连不上", "no connection");
	case CURLE_OPERATION_TIMEDOUT:
		return cb_say("超时", "too slow, given up");
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return cb_say("对方的证书不可信；检查主机名、系统时间和 CA 证书",
			      "the certificate is not to be trusted; look at the host name, the "
			      "clock and the CA file");
	case CURLE_SSL_CACERT_BADFILE:
		return cb_say("CA 证书文件读不出", "the CA file cannot be read");
	case CURLE_GOT_NOTHING:
		return cb_say("对方没有回答就断开了", "closed without an answer");
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return cb_say("连接中断", "the connection broke");
	case CURLE_PARTIAL_FILE:
		return cb_say("回答没有收完", "the answer is cut");
	default:
		return curl_easy_strerror(code);
	}
}

/* A person has to change something before it can succeed. */
static bool needs_a_person(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
	       code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CERTPROBLEM ||
	       code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
}

/* By HTTPS through a proxy, the request begins behind the tunnel and the handshake of TLS in it;
 * the library counts the head that asks for the tunnel as sent. @refusal: the proxy's status; 0:
 * none. */
static bool tunnel_failed(CURL *curl, const struct net_account *account, const char *url,
			  long *refusal)
{
	curl_off_t began = 0;

	*refusal = 0;
	if (!account->proxy || strncasecmp(url, "https:", 6) != 0)
		return false;
	curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, refusal);
	if (*refusal / 100 == 2)
		*refusal = 0;
	curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &began);
	return began == 0;
}

/* Without its user and password, which it may have. */
static void say_reason(const struct net_account *account, CURLcode code, long refusal,
		       char out[CB_ERROR_MAX])
{
	const char *at = account->proxy ? strrchr(account->proxy, '@') : NULL;
	const char *proxy = at ? at + 1 : account->proxy;
	struct cb_error say;

	if (refusal == 407)
		cb_error_set(&say, CB_SETUP, "代理 %s 要登录（HTTP 407）",
			     "the proxy %s wants a login (HTTP 407)", proxy);
	else if (refusal)
		cb_error_set(&say, CB_AGAIN, "代理 %s 不放行（HTTP %ld）",
			     "the proxy %s does not let it through (HTTP %ld)", proxy, refusal);
	else
		cb_error_set(&say, CB_AGAIN, "%s", "%s", reason(code));
	snprintf(out, CB_ERROR_MAX, "%s", say.text);
}

static int report(struct net *net, const struct net_account *account, bool changes, CURLcode code,
		  const struct filled *filled, struct cb_answer *answer, struct cb_error *err)
{
	char *origin = origin_of(filled->url.at), why[CB_ERROR_MAX];
	enum cb_verdict verdict;
	long refusal;

	answer->sent = tunnel_failed(net->curl, account, filled->url.at, &refusal)
			       ? CB_NOT_SENT
			       : net_sent((int)code, bytes_sent(net->curl));
	say_reason(account, code, refusal, why);
	if (answer->sent == CB_NOT_SENT)
		verdict = needs_a_person(code) || refusal == 407 ? CB_SETUP : CB_AGAIN;
	else if (changes)
		verdict = CB_DOUBT;
	else
		verdict = net->is_too_large ? CB_BROKEN : CB_AGAIN;
	if (net->is_too_large)
		cb_error_set(err, verdict, "连接 %s（%s）：回答超过 %lld 字节，没有接收",
			     "connection %s (%s): the answer has more than %lld bytes and was not "
			     "taken",
			     account->connection, origin, (long long)net->body_max);
	else
		cb_error_set(err, verdict, "连接 %s（%s）：%s%s", "connection %s (%s): %s%s",
			     account->connection, origin, why,
			     verdict == CB_DOUBT ? cb_say("；请求可能已经送到",
							  "; the request may have arrived")
						 : "");
	free(origin);
	return (int)verdict;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Follow one redirect: the new address, or false where it leads elsewhere. */
static bool redirect(struct net *net, struct filled *filled)
{
	const char *to = NULL;
	struct buffer next = { 0 };

	curl_easy_getinfo(net->curl, CURLINFO_REDIRECT_URL, &to);
	if (!to || !is_same_origin(buffer_cstr(&filled->url), to))
		return false;
	buffer_string(&next, to);
	template_wipe(&filled->url);
	filled->url = next;
	return true;
}

static CURLcode perform(struct net *net, const struct net_account *account, int64_t timeout_ms,
			bool is_alone, struct filled *filled, struct cb_answer *answer)
{
	struct curl_slist *headers = header_list(filled);
	CURLcode code;
	long status = 0;

	for (int redirects = 0;; redirects++) {
		set_up(net, account, timeout_ms, is_alone, filled, headers);
		code = curl_easy_perform(net->curl);
		curl_easy_getinfo(net->curl, CURLINFO_RESPONSE_CODE, &status);
		if (code != CURLE_OK || is_alone || !is_redirect((int)status) ||
		    redirects == REDIRECTS_MOST || !redirect(net, filled))
			break;
	}
	answer->status = (int)status;
	/* The list holds tokens and signatures. */
	for (struct curl_slist *at = headers; at; at = at->next)
		OPENSSL_cleanse(at->data, strlen(at->data));
	curl_slist_free_all(headers);
	return code;
}

static void make_nonce(struct net *net, char out[33])
{
	unsigned char bytes[16];

	net->seams.random(net->seams.with, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static int send_filled(struct net *net, struct net_account *account,
		       const struct cb_request *request, struct filled *filled,
		       struct cb_answer *answer, struct cb_error *err)
{
	bool is_read = strcmp(filled->method, "GET") == 0 || strcmp(filled->method, "HEAD") == 0;
	CURLcode code;
	int rc = check_origin(account, buffer_cstr(&filled->url), err);

	if (rc != CB_OK)
		return rc;
	net->body_max = request->body_max > 0   ? request->body_max
			: account->body_max > 0 ? account->body_max
						: BODY_MAX;
	net->is_too_large = false;
	code = perform(net, account, timeout_of(account, request), request->changes || !is_read,
		       filled, answer);
	if (code != CURLE_OK)
		return report(net, account, request->changes, code, filled, answer, err);
	answer->sent = CB_ANSWERED;
	answer->headers = buffer_view(&net->headers);
	answer->body = buffer_view(&net->body);
	read_type(net);
	answer->media = net->media[0] ? net->media : NULL;
	answer->charset = net->charset[0] ? net->charset : NULL;
	return CB_OK;
}

int net_send(struct net *net, struct net_account *account, const struct cb_request *request,
	     struct cb_answer *answer, struct cb_error *err)
{
	struct filled filled;
	char nonce[33];
	int64_t now;
	int rc;

	*answer = (struct cb_answer){ .sent = CB_NOT_SENT };
	template_wipe(&net->headers);
	template_wipe(&net->body);
	now = account_turn(account, &net->seams);
	make_nonce(net, nonce);
	rc = fill_request(account, request, now, nonce, &filled, err);
	if (rc == CB_OK)
		rc = send_filled(net, account, request, &filled, answer, err);
	filled_done(&filled);
	return rc;
}
