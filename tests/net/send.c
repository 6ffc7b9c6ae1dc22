/*
 * Sending, against a server of our own on loopback: what goes out, what is
 * bounded, what is said to have arrived.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/charset.h"
#include "base/say.h"
#include "net/net.h"

/* What the server saw of the last request. */
struct server {
	struct MHD_Daemon *daemon;
	char base[64];
	_Atomic int requests, connections; /* counted in its own thread */
	struct buffer seen;                /* "POST /path?query\nName: value\n…\nbody" */
	struct buffer body;
};

static struct server server;

static enum MHD_Result put_header(void *with, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	(void)kind;
	buffer_printf(with, "%s: %s\n", name, value);
	return MHD_YES;
}

static void *on_uri(void *with, const char *uri, struct MHD_Connection *connection)
{
	struct server *s = with;

	(void)connection;
	buffer_clear(&s->seen);
	buffer_clear(&s->body);
	buffer_printf(&s->seen, "%s\n", uri);
	return NULL;
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type,
			     const char *location, struct cb_text body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		body.len, (void *)(uintptr_t)body.at, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	MHD_add_response_header(response, "Content-Type", type);
	if (location)
		MHD_add_response_header(response, "Location", location);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static ssize_t endless(void *with, uint64_t at, char *out, size_t room)
{
	(void)with;
	(void)at;
	memset(out, 'x', room);
	return (ssize_t)room;
}

static enum MHD_Result flood(struct MHD_Connection *connection)
{
	struct MHD_Response *response =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, endless, NULL, NULL);
	enum MHD_Result result = MHD_queue_response(connection, 200, response);

	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer(void *with, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **state)
{
	struct server *s = with;

	(void)version;
	if (!*state) {
		*state = s;
		s->requests++;
		return MHD_YES;
	}
	if (*size) {
		buffer_put(&s->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	buffer_printf(&s->seen, "%s\n", method);
	MHD_get_connection_values(connection, MHD_HEADER_KIND, put_header, &s->seen);
	if (strcmp(path, "/flood") == 0)
		return flood(connection);
	if (strcmp(path, "/close") == 0)
		return MHD_NO;
	if (strcmp(path, "/here") == 0)
		return reply(connection, 302, "text/html", "/there?x=1", CB_TEXT(""));
	if (strcmp(path, "/round") == 0)
		return reply(connection, 302, "text/html", "/round", CB_TEXT("again"));
	if (strcmp(path, "/away") == 0)
		return reply(connection, 302, "text/html", "http://localhost:1/", CB_TEXT(""));
	/* A proxy is asked for a tunnel there. */
	if (strncmp(path, "refused.", 8) == 0)
		return reply(connection, 403, "text/plain", NULL, CB_TEXT("no"));
	if (strncmp(path, "login.", 6) == 0)
		return reply(connection, 407, "text/plain", NULL, CB_TEXT("who?"));
	if (strncmp(path, "closed.", 7) == 0)
		return MHD_NO;
	if (strcmp(path, "/503") == 0)
		return reply(connection, 503, "text/plain", NULL, CB_TEXT("busy"));
	return reply(connection, 200, "Text/XML; charset=\"GB18030\"", NULL, CB_TEXT("<ok/>"));
}

static void on_connection(void *with, struct MHD_Connection *connection, void **state,
			  enum MHD_ConnectionNotificationCode code)
{
	(void)connection;
	(void)state;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		((struct server *)with)->connections++;
}

static int open_server(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	(void)state;
	say_language(LANGUAGE_EN);
	server.daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer,
					 &server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
					 MHD_OPTION_URI_LOG_CALLBACK, on_uri, &server,
					 MHD_OPTION_NOTIFY_CONNECTION, on_connection, &server,
					 MHD_OPTION_END);
	snprintf(server.base, sizeof(server.base), "http://127.0.0.1:%u",
		 MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	return server.daemon ? 0 : -1;
}

static int close_server(void **state)
{
	(void)state;
	MHD_stop_daemon(server.daemon);
	buffer_done(&server.seen);
	buffer_done(&server.body);
	return 0;
}

/* A clock that moves only when somebody waits. */
struct clock {
	int64_t now, waited;
};

static int64_t clock_now(void *with)
{
	return ((struct clock *)with)->now;
}

static void clock_wait(void *with, int64_t ms)
{
	struct clock *c = with;

	c->now += ms;
	c->waited += ms;
}

static void no_chance(void *with, void *bytes, size_t len)
{
	(void)with;
	memset(bytes, 0xab, len);
}

struct rig {
	struct clock clock;
	struct net_seams seams;
	struct net *net;
	struct net_setting settings[4];
	struct net_account account;
	struct cb_answer answer;
	struct cb_error err;
	char secret[64];
};

static void write_secret(struct rig *rig, const char *text, mode_t mode)
{
	FILE *file;

	snprintf(rig->secret, sizeof(rig->secret), "/tmp/net-secret-%d", (int)getpid());
	file = fopen(rig->secret, "w");
	fputs(text, file);
	fclose(file);
	chmod(rig->secret, mode);
}

static struct rig *rig_open(void)
{
	struct rig *rig = memory_take(sizeof(*rig));

	rig->clock.now = 1600000000000;
	rig->seams = (struct net_seams){ clock_now, no_chance, clock_wait, &rig->clock };
	rig->net = net_new(&rig->seams);
	write_secret(rig, "s3cret\n", 0600);
	rig->settings[0] = (struct net_setting){ "base", server.base, false, true };
	rig->settings[1] = (struct net_setting){ "user", "cx 01", false, false };
	rig->settings[2] = (struct net_setting){ "password", rig->secret, true, false };
	rig->account = (struct net_account){ .connection = "grid",
					     .name = "cixi",
					     .settings = rig->settings,
					     .setting_count = 3,
					     .timeout_ms = 2000,
					     .zone = 480 };
	server.requests = server.connections = 0;
	return rig;
}

static void rig_close(struct rig *rig)
{
	unlink(rig->secret);
	net_account_done(&rig->account);
	net_free(rig->net);
	free(rig);
}

static int rig_send(struct rig *rig, const struct cb_request *request)
{
	return net_send(rig->net, &rig->account, request, &rig->answer, &rig->err);
}

static void saw(const char *text)
{
	if (!strstr(buffer_cstr(&server.seen), text))
		fail_msg("the server did not see '%s' in:\n%s", text, buffer_cstr(&server.seen));
}

static void never_saw(const char *text)
{
	if (strstr(buffer_cstr(&server.seen), text))
		fail_msg("the server saw '%s' in:\n%s", text, buffer_cstr(&server.seen));
}

static void a_get_is_signed_with_one_instant(void **state)
{
	static const struct cb_part parts[] = {
		{ CB_PART_PARAM, "sign", "{md5(query + password)}", NULL, NULL },
		{ CB_PART_PARAM, "user", "{user}", NULL, NULL },
		{ CB_PART_PARAM, "time", "{time(epoch-ms)}", NULL, NULL },
		{ CB_PART_HEADER, "X-Path", "{method} {path}?{query}", NULL, NULL },
		{ CB_PART_HEADER, "X-Nonce", "{nonce}", NULL, NULL },
		{ CB_PART_HEADER, "X-Once", "{once}", NULL, NULL },
	};
	struct cb_request request = { .url = "{base}/list?a=1", .parts = parts, .part_count = 6 };
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->answer.sent, CB_ANSWERED);
	assert_int_equal(rig->answer.status, 200);
	assert_string_equal(rig->answer.media, "text/xml");
	assert_string_equal(rig->answer.charset, "GB18030");
	assert_true(cb_text_is(rig->answer.body, "<ok/>"));
	assert_non_null(strstr(rig->answer.headers.at, "Content-Type: Text/XML"));
	/* md5("a=1&user=cx%2001&time=1600000000000" + "s3cret") */
	saw("/list?a=1&user=cx%2001&time=1600000000000&sign=67ac7def38ac6c906ef5185a10c8e525\n");
	saw("X-Path: GET /list?a=1&user=cx%2001&time=1600000000000&sign=");
	saw("X-Nonce: abababababababababababababababab\n");
	never_saw("X-Once");
	rig_close(rig);
}

static void a_body_is_signed_as_it_goes_out(void **state)
{
	static const struct cb_part parts[] = {
		{ CB_PART_HEADER, "X-Sign", "{hmac-sm3(password, user + time + body)}", NULL,
		  NULL },
		{ CB_PART_HEADER, "X-Once", "{once}", NULL, NULL },
	};
	const struct cb_name names[] = {
		{ "records", CB_TEXT("{\"a\":1},{\"a\":2}"), true },
	};
	struct cb_request request = {
		.method = "POST",
		.url = "{base}/batch",
		.parts = parts,
		.part_count = 2,
		.body = "{{\"batchNo\":\"{once}\",\"list\":[{records}]}}",
		.body_type = "json",
		.names = names,
		.name_count = 1,
		.changes = true,
		.once = "o1",
	};
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_string_equal(buffer_cstr(&server.body),
			    "{\"batchNo\":\"o1\",\"list\":[{\"a\":1},{\"a\":2}]}");
	saw("POST\n");
	saw("X-Once: o1\n");
	saw("Content-Type: application/json\n");
	saw("X-Sign: 5ee02c610ea61810d7f2da367af7f1da9067f2dda445fe568e645d9d7eb6d288\n");
	never_saw("Expect");
	rig_close(rig);
}

static void a_form_and_its_charset(void **state)
{
	static const struct cb_part parts[] = {
		{ CB_PART_FORM, "名", "慈", NULL, NULL },
		{ CB_PART_FORM, "sign", "{upper(md5(sorted-pairs(body) + '&key=k'))}", NULL, NULL },
		{ CB_PART_FORM, "a", "1&2", NULL, NULL },
	};
	struct cb_request request = { .method = "POST",
				      .url = "{base}/form",
				      .parts = parts,
				      .part_count = 3,
				      .charset = "gb18030" };
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_non_null(strstr(buffer_cstr(&server.body), "%C3%FB=%B4%C8&a=1%262&sign="));
	saw("Content-Type: application/x-www-form-urlencoded; charset=gb18030\n");
	rig_close(rig);
}

static void an_xml_body_says_its_charset(void **state)
{
	struct cb_request request = { .method = "POST",
				      .url = "{base}/x",
				      .body = "<a>溪</a>",
				      .body_type = "xml",
				      .charset = "gb18030" };
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_string_equal(buffer_cstr(&server.body),
			    "<?xml version=\"1.0\" encoding=\"gb18030\"?><a>\xcf\xaa</a>");
	saw("Content-Type: application/xml; charset=gb18030\n");
	rig_close(rig);
}

static void a_change_never_shares_a_connection(void **state)
{
	struct cb_request read = { .url = "{base}/list" };
	struct cb_request change = { .method = "POST", .url = "{base}/x", .changes = true };
	struct rig *rig = rig_open();

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(rig_send(rig, &read), CB_OK);
	assert_int_equal(server.connections, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rig_send(rig, &change), CB_OK);
	assert_int_equal(server.connections, 4);
	assert_int_equal(server.requests, 6);
	rig_close(rig);
}

static void only_a_reading_follows_a_redirect_and_only_home(void **state)
{
	struct cb_request request = { .url = "{base}/here" };
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->answer.status, 200);
	saw("/there?x=1\n");
	request.url = "{base}/away";
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->answer.status, 302);
	server.requests = 0;
	request.url = "{base}/round";
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->answer.status, 302);
	assert_int_equal(server.requests, 4);
	server.requests = 0;
	request.method = "POST";
	request.url = "{base}/here";
	request.changes = true;
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->answer.status, 302);
	assert_int_equal(server.requests, 1);
	rig_close(rig);
}

static void requests_go_to_the_settings_servers_only(void **state)
{
	static const char *const urls[] = {
		"http://localhost:1/",
		"{base}.evil.example/",
		"{base}@evil.example/",
		"http://127.0.0.1:9/x",
		"ftp://127.0.0.1/",
		"file:///etc/passwd",
		"https://127.0.0.1/",
		"/relative",
		"{user}",
	};
	struct rig *rig = rig_open();

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		struct cb_request request = { .url = urls[i] };

		assert_int_equal(rig_send(rig, &request), CB_SETUP);
		assert_int_equal(rig->answer.sent, CB_NOT_SENT);
	}
	assert_int_equal(server.requests, 0);
	rig_close(rig);
}

/* The address of a robot carries its key: it opens the way there, and no other. */
static void an_address_may_be_a_secret(void **state)
{
	struct cb_request request = {
		.url = "{hook}", .method = "POST", .body = "x", .changes = true
	};
	struct rig *rig = rig_open();
	char address[128];

	(void)state;
	snprintf(address, sizeof(address), "%s/echo?key=k3y\n", server.base);
	write_secret(rig, address, 0600);
	rig->settings[0] = (struct net_setting){ "hook", rig->secret, true, true };
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->answer.status, 200);
	saw("/echo?key=k3y");

	/* Elsewhere it does not go, whoever asks; and nobody reads the key in the sentence. */
	request.url = "http://127.0.0.1:1/take?it={hook}";
	assert_int_equal(rig_send(rig, &request), CB_SETUP);
	assert_non_null(strstr(rig->err.text, "not among the settings"));
	assert_null(strstr(rig->err.text, "k3y"));

	write_secret(rig, "k3y, and no address", 0600);
	request.url = "{hook}";
	assert_int_equal(rig_send(rig, &request), CB_SETUP);
	assert_non_null(strstr(rig->err.text, "does not begin with http"));
	assert_null(strstr(rig->err.text, "k3y"));
	rig_close(rig);
}

static void an_answer_has_an_end(void **state)
{
	struct cb_request request = { .url = "{base}/flood", .body_max = 100000 };
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_BROKEN);
	assert_non_null(strstr(rig->err.text, "more than 100000 bytes"));
	request.changes = true;
	request.method = "POST";
	assert_int_equal(rig_send(rig, &request), CB_DOUBT);
	rig_close(rig);
}

static void is_doubt_for_a_change_alone(struct rig *rig, const char *url)
{
	struct cb_request request = { .url = url, .timeout_ms = 200 };

	assert_int_equal(rig_send(rig, &request), CB_AGAIN);
	assert_int_equal(rig->answer.sent, CB_NO_ANSWER);
	request.method = "POST"; /* a login */
	assert_int_equal(rig_send(rig, &request), CB_AGAIN);
	request.changes = true;
	assert_int_equal(rig_send(rig, &request), CB_DOUBT);
	assert_int_equal(rig->answer.sent, CB_NO_ANSWER);
}

static void no_answer_is_doubt_for_a_change_and_again_for_a_reading(void **state)
{
	struct rig *rig = rig_open();

	(void)state;
	is_doubt_for_a_change_alone(rig, "{base}/close");
	assert_int_equal(server.requests, 3);
	rig_close(rig);
}

/* The kernel accepts for a server that never looks. */
static void too_slow_is_no_answer(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	struct rig *rig = rig_open();
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char base[64];

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 8), 0);
	getsockname(fd, (struct sockaddr *)&address, &size);
	snprintf(base, sizeof(base), "http://127.0.0.1:%u", ntohs(address.sin_port));
	rig->settings[0].value = base;
	is_doubt_for_a_change_alone(rig, "{base}/");
	close(fd);
	rig_close(rig);
}

static void nobody_there_is_surely_not_sent(void **state)
{
	struct cb_request request = { .method = "POST", .url = "{base}/x", .changes = true };
	struct rig *rig = rig_open();

	(void)state;
	rig->settings[0].value = "http://127.0.0.1:1";
	assert_int_equal(rig_send(rig, &request), CB_AGAIN);
	assert_int_equal(rig->answer.sent, CB_NOT_SENT);
	assert_non_null(strstr(rig->err.text, "grid (http://127.0.0.1:1): no connection"));
	rig_close(rig);
}

static void any_status_is_an_answer(void **state)
{
	struct cb_request request = { .method = "POST", .url = "{base}/503", .changes = true };
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->answer.status, 503);
	rig_close(rig);
}

static void the_environment_sets_no_proxy(void **state)
{
	struct cb_request request = { .url = "{base}/list" };
	struct rig *rig;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	rig = rig_open();
	assert_int_equal(rig_send(rig, &request), CB_OK);
	unsetenv("http_proxy");
	rig_close(rig);
}

static void without_a_tunnel_not_a_byte_was_sent(void **state)
{
	static const struct {
		const char *base, *says;
		enum cb_verdict verdict;
	} tunnels[] = {
		{ "https://refused.invalid", "does not let it through (HTTP 403)", CB_AGAIN },
		{ "https://login.invalid", "wants a login (HTTP 407)", CB_SETUP },
		{ "https://closed.invalid", "", CB_AGAIN },
		/* A tunnel, and no TLS at its end. */
		{ "https://made.invalid", "", CB_AGAIN },
	};
	struct cb_request request = {
		.method = "POST", .url = "{base}/save", .body = "record", .changes = true
	};
	struct rig *rig = rig_open();
	char proxy[160];

	(void)state;
	snprintf(proxy, sizeof(proxy), "http://who:pass-of-proxy@%s", server.base + 7);
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(*tunnels); i++) {
		rig->settings[0].value = tunnels[i].base;
		rig->account.proxy = proxy;
		assert_int_equal(rig_send(rig, &request), tunnels[i].verdict);
		assert_int_equal(rig->answer.sent, CB_NOT_SENT);
		assert_non_null(strstr(rig->err.text, tunnels[i].says));
		assert_null(strstr(rig->err.text, "pass-of-proxy"));
		assert_null(memmem(server.seen.at, server.seen.len, "/save", 5));
	}
	rig_close(rig);
}

static void a_rate_is_kept_on_the_clock(void **state)
{
	struct cb_request request = { .url = "{base}/list" };
	struct rig *rig = rig_open();

	(void)state;
	rig->account.rate = 5;
	for (int i = 0; i < 4; i++)
		assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->clock.waited, 600);
	rig->clock.now -= 3600000; /* the clock is set back */
	assert_int_equal(rig_send(rig, &request), CB_OK);
	assert_int_equal(rig->clock.waited, 800);
	rig_close(rig);
}

static void a_secret_file_is_ours_alone(void **state)
{
	static const struct cb_part part = { CB_PART_HEADER, "X-Password", "{password}", NULL,
					     NULL };
	struct cb_request request = { .url = "{base}/list", .parts = &part, .part_count = 1 };
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_OK);
	saw("X-Password: s3cret\n");
	chmod(rig->secret, 0640);
	assert_int_equal(rig_send(rig, &request), CB_SETUP);
	assert_non_null(strstr(rig->err.text, "chmod 600"));
	assert_null(strstr(rig->err.text, "s3cret"));
	write_secret(rig, "\n", 0600);
	assert_int_equal(rig_send(rig, &request), CB_SETUP);
	assert_non_null(strstr(rig->err.text, "account set"));
	write_secret(rig, "two\nlines", 0600);
	assert_int_equal(rig_send(rig, &request), CB_SETUP);
	assert_null(strstr(rig->err.text, "lines\""));
	unlink(rig->secret);
	assert_int_equal(rig_send(rig, &request), CB_SETUP);
	rig_close(rig);
}

static void what_a_template_lacks_is_said(void **state)
{
	static const struct cb_part parts[] = {
		{ CB_PART_HEADER, "X-A", "{nothing}", NULL, NULL },
		{ CB_PART_HEADER, "Host", "x", NULL, NULL },
		{ CB_PART_HEADER, "Bad Name", "x", NULL, NULL },
	};
	struct cb_request request = { .url = "{base}/list", .parts = parts, .part_count = 1 };
	struct rig *rig = rig_open();

	(void)state;
	assert_int_equal(rig_send(rig, &request), CB_SETUP);
	assert_string_equal(rig->err.text,
			    "X-A, character 2: {nothing} stands for nothing: connection grid has "
			    "no such setting, and this request no such name");
	for (size_t i = 1; i < 3; i++) {
		request.parts = &parts[i];
		assert_int_equal(rig_send(rig, &request), CB_SETUP);
	}
	request = (struct cb_request){ .url = "{base}/list", .charset = "klingon" };
	assert_int_equal(rig_send(rig, &request), CB_SETUP);
	assert_int_equal(server.requests, 0);
	rig_close(rig);
}

static void what_is_kept_expires(void **state)
{
	struct net_account account = { .connection = "c" };

	(void)state;
	assert_null(net_kept(&account, "login.token", 0).at);
	net_keep(&account, "login.token", CB_TEXT("t1"), 1000);
	net_keep(&account, "login.other", CB_TEXT("o"), 0);
	assert_true(cb_text_is(net_kept(&account, "login.token", 999), "t1"));
	assert_null(net_kept(&account, "login.token", 1000).at);
	net_keep(&account, "login.token", CB_TEXT("t2"), 3000);
	assert_true(cb_text_is(net_kept(&account, "login.token", 1000), "t2"));
	assert_true(cb_text_is(net_kept(&account, "login.other", 1000), "o"));
	net_keep(&account, "login.token", (struct cb_text){ 0 }, 0);
	assert_null(net_kept(&account, "login.token", 0).at);
	net_account_done(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_get_is_signed_with_one_instant),
		cmocka_unit_test(a_body_is_signed_as_it_goes_out),
		cmocka_unit_test(a_form_and_its_charset),
		cmocka_unit_test(an_xml_body_says_its_charset),
		cmocka_unit_test(a_change_never_shares_a_connection),
		cmocka_unit_test(only_a_reading_follows_a_redirect_and_only_home),
		cmocka_unit_test(requests_go_to_the_settings_servers_only),
		cmocka_unit_test(an_address_may_be_a_secret),
		cmocka_unit_test(an_answer_has_an_end),
		cmocka_unit_test(no_answer_is_doubt_for_a_change_and_again_for_a_reading),
		cmocka_unit_test(too_slow_is_no_answer),
		cmocka_unit_test(nobody_there_is_surely_not_sent),
		cmocka_unit_test(any_status_is_an_answer),
		cmocka_unit_test(the_environment_sets_no_proxy),
		cmocka_unit_test(without_a_tunnel_not_a_byte_was_sent),
		cmocka_unit_test(a_rate_is_kept_on_the_clock),
		cmocka_unit_test(a_secret_file_is_ours_alone),
		cmocka_unit_test(what_a_template_lacks_is_said),
		cmocka_unit_test(what_is_kept_expires),
	};

	return cmocka_run_group_tests(tests, open_server, close_server);
}
