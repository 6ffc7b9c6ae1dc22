/*
 * server.c - libmicrohttpd with a thread for each connection.
 *
 * A thread each, so that a slow answer holds up nobody else; a lock around the
 * work, so that the ledger has one writer and the order of its rows means
 * something.
 */
#include "sim/common/server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#include "sim/common/fault.h"
#include "sim/common/ledger.h"

struct server {
	struct service *service;
	pthread_mutex_t lock;
	sqlite3 *db;
	sqlite3_stmt *log;
	struct faults faults;
	int port;
	const char *port_file, *ledger;
	uint64_t seed;
	int slow;                /* ms */
	int64_t stands, skipped; /* ms; a clock that stands at 0 is the real one */
};

static const char log_schema[] =
	"CREATE TABLE IF NOT EXISTS request (n INTEGER PRIMARY KEY, at INTEGER, account TEXT,"
	" method TEXT, path TEXT, status INTEGER, bytes_in INTEGER, bytes_out INTEGER,"
	" fault TEXT, note TEXT);";

static const char login_page[] =
	"<!DOCTYPE html><html><head><title>统一身份认证</title></head><body>"
	"<form action=\"/login\"><h1>请先登录</h1><input name=\"user\"></form></body></html>";

const char *request_param(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *request_header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool request_is(const struct request *request, const char *method, const char *path)
{
	return strcmp(request->method, method) == 0 && strcmp(request->path, path) == 0;
}

bool request_form(const struct request *request, const char *name, char *out, size_t room)
{
	const char *at = request->body.data ? request->body.data : "";
	size_t length = strlen(name), size;

	while (*at) {
		size = strcspn(at, "&");
		if (size > length && strncmp(at, name, length) == 0 && at[length] == '=') {
			size -= length + 1;
			if (size >= room)
				return false;
			memcpy(out, at + length + 1, size);
			out[size] = '\0';
			for (at = out; (at = strchr(at, '+'));)
				out[at - out] = ' ';
			MHD_http_unescape(out);
			return true;
		}
		at += size + (at[size] == '&');
	}
	return false;
}

void moment_write(char out[15], int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000 + 8 * 3600);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, 15, "%Y%m%d%H%M%S", &tm);
}

bool moment_read(char out[15], const char *text)
{
	size_t digits = 0;
	const char *c;

	if (strlen(text) == 13 && strspn(text, "0123456789") == 13) {
		moment_write(out, strtoll(text, NULL, 10));
		return true;
	}
	for (c = text; *c && digits < 14; c++)
		if (*c >= '0' && *c <= '9')
			out[digits++] = *c;
	if (digits < 8)
		return false;
	memset(out + digits, '0', 14 - digits);
	out[14] = '\0';
	return true;
}

static int64_t now(const struct server *server)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (server->stands ? server->stands : time.tv_sec * 1000 + time.tv_nsec / 1000000) +
	       server->skipped;
}

static bool set(struct server *server, const char *name, const char *value)
{
	if (strcmp(name, "slow-ms") == 0)
		server->slow = atoi(value);
	else if (strcmp(name, "now") == 0)
		server->stands = strtoll(value, NULL, 10);
	else if (strcmp(name, "skip-s") == 0)
		server->skipped += strtoll(value, NULL, 10) * 1000;
	else
		return server->service->option(server->service->self, name, value);
	return true;
}

struct settings {
	struct server *server;
	bool is_fault, bad;
};

static enum MHD_Result one_setting(void *closure, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct settings *settings = closure;
	bool known;

	(void)kind;
	value = value ? value : "";
	known = settings->is_fault ? faults_set(&settings->server->faults, name, value)
				   : set(settings->server, name, value);
	settings->bad |= !known;
	return MHD_YES;
}

/* The paths under /-/ are ours, for the test that drives us. */
static void control(struct server *server, struct request *request, struct reply *reply)
{
	struct settings settings = { .server = server };
	bool is_post = strcmp(request->method, "POST") == 0;

	settings.is_fault = strcmp(request->path, "/-/fault") == 0;
	if (is_post && (settings.is_fault || strcmp(request->path, "/-/set") == 0))
		MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, one_setting,
					  &settings);
	else if (!request_is(request, "GET", "/-/stop")) /* that one acts in on_end */
		settings.bad = true;
	reply->status = settings.bad ? 400 : 200;
	text_put(&reply->body, settings.bad ? "no such path, name or value\n" : "ok\n");
}

/* What never reaches the system behind: true if the reply is made. */
static bool fails_before(struct server *server, const struct request *request, struct reply *reply)
{
	if (strcmp(request->fault, "503") == 0 || strcmp(request->fault, "429") == 0) {
		reply->status = atoi(request->fault);
		text_put(&reply->body, "busy\n");
	} else if (strcmp(request->fault, "html") == 0) {
		reply->status = 200;
		text_put(&reply->body, login_page);
	} else if (strcmp(request->fault, "wrong-code") == 0) {
		reply->status = 200;
		text_put(&reply->body, server->service->strange);
	} else {
		return false;
	}
	return true;
}

/* What goes wrong when the work is done. */
static void fails_after(const struct request *request, struct reply *reply)
{
	if (strcmp(request->fault, "drop") == 0 || strcmp(request->fault, "reset") == 0) {
		reply->status = 0;
	} else if (strstr(request->fault, "-after")) {
		reply->status = atoi(request->fault);
		text_clear(&reply->body);
		text_put(&reply->body, "internal error\n");
	}
}

static void write_log(struct server *server, const struct request *request,
		      const struct reply *reply)
{
	ledger_do(server->log, "itttiiitt", request->now, reply->account, request->method,
		  request->path, (int64_t)reply->status, (int64_t)request->body.size,
		  (int64_t)reply->body.size, request->fault, reply->note);
}

static void encode(const struct server *server, const struct request *request, struct reply *reply)
{
	/* "gbk" is: not the charset that the answer says. */
	bool wrong = strcmp(request->fault, "gbk") == 0;
	struct text other = { 0 };

	if (server->service->is_gb18030 == wrong)
		return;
	text_to_gb18030(&other, reply->body.data ? reply->body.data : "", reply->body.size);
	text_done(&reply->body);
	reply->body = other;
}

static void work(struct server *server, struct request *request, struct reply *reply)
{
	if (strcmp(request->fault, "slow") == 0)
		usleep((useconds_t)server->slow * 1000);
	pthread_mutex_lock(&server->lock);
	if (strncmp(request->path, "/-/", 3) == 0) {
		control(server, request, reply);
		pthread_mutex_unlock(&server->lock);
		return;
	}
	ledger_exec(server->db, "BEGIN IMMEDIATE");
	if (!fails_before(server, request, reply)) {
		server->service->answer(server->service->self, request, reply);
		fails_after(request, reply);
	}
	write_log(server, request, reply);
	ledger_exec(server->db, "COMMIT");
	pthread_mutex_unlock(&server->lock);
	encode(server, request, reply);
}

/* Closed with a reset: what was sent and not read yet is gone as well. */
static void reset(const struct request *request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const struct linger none = { .l_onoff = 1 };

	setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

static ssize_t half(void *closure, uint64_t at, char *out, size_t room)
{
	const struct text *body = closure;
	size_t end = body->size / 2;

	if (at >= end)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (room > end - at)
		room = end - at;
	memcpy(out, body->data + at, room);
	return (ssize_t)room;
}

static void free_body(void *closure)
{
	struct text *body = closure;

	text_done(body);
	free(body);
}

static struct MHD_Response *response(const struct request *request, struct reply *reply)
{
	struct text *kept;

	if (strcmp(request->fault, "truncate") != 0)
		return MHD_create_response_from_buffer(reply->body.size, reply->body.data,
						       MHD_RESPMEM_MUST_COPY);
	kept = calloc(1, sizeof(*kept));
	if (!kept)
		die("out of memory");
	*kept = reply->body;
	memset(&reply->body, 0, sizeof(reply->body));
	return MHD_create_response_from_callback(kept->size, 4096, half, kept, free_body);
}

static enum MHD_Result send_reply(const struct server *server, const struct request *request,
				  struct reply *reply)
{
	struct MHD_Response *r;
	enum MHD_Result result;
	const char *type = server->service->type;

	if (strcmp(request->fault, "reset") == 0)
		reset(request);
	if (reply->status == 0)
		return MHD_NO;
	if (strcmp(request->fault, "html") == 0)
		type = "text/html; charset=utf-8";
	r = response(request, reply);
	MHD_add_response_header(r, "Content-Type", type);
	if (reply->status == 429)
		MHD_add_response_header(r, "Retry-After", "2");
	result = MHD_queue_response(request->connection, (unsigned int)reply->status, r);
	MHD_destroy_response(r);
	return result;
}

static void pick_fault(struct server *server, struct request *request)
{
	pthread_mutex_lock(&server->lock);
	request->now = now(server);
	if (strncmp(request->path, "/-/", 3) != 0)
		request->fault = faults_pick(&server->faults, request->path);
	pthread_mutex_unlock(&server->lock);
}

static bool begin(struct server *server, struct request *request)
{
	const struct reply nothing = { .note = "closed before it was read" };

	pick_fault(server, request);
	if (strcmp(request->fault, "refuse") != 0)
		return true;
	pthread_mutex_lock(&server->lock);
	write_log(server, request, &nothing);
	pthread_mutex_unlock(&server->lock);
	return false;
}

static enum MHD_Result on_request(void *closure, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *size, void **state)
{
	struct server *server = closure;
	struct request *request = *state;
	struct reply reply = { 0 };
	enum MHD_Result result;

	(void)version;
	if (!request) {
		*state = request = calloc(1, sizeof(*request));
		if (!request)
			die("out of memory");
		request->connection = connection;
		request->method = strdup(method);
		request->path = strdup(url);
		request->fault = "";
		return begin(server, request) ? MHD_YES : MHD_NO;
	}
	if (*size) {
		text_add(&request->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	work(server, request, &reply);
	result = send_reply(server, request, &reply);
	text_done(&reply.body);
	return result;
}

static void on_end(void *closure, struct MHD_Connection *connection, void **state,
		   enum MHD_RequestTerminationCode why)
{
	struct request *request = *state;

	(void)closure;
	(void)connection;
	(void)why;
	if (!request)
		return;
	if (request_is(request, "GET", "/-/stop"))
		kill(getpid(), SIGTERM);
	free(request->method);
	free(request->path);
	text_done(&request->body);
	free(request);
	*state = NULL;
}

static struct MHD_Daemon *listen_on_loopback(struct server *server)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)server->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct MHD_Daemon *daemon;

	daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
					  MHD_USE_POLL | MHD_USE_ITC,
				  0, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR, &address,
				  MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
				  MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
	if (!daemon)
		die("cannot listen on port %d: %m", server->port);
	server->port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	return daemon;
}

/* Renamed into place, so that who waits for the file never reads half of it. */
static void tell_port(const struct server *server)
{
	char path[4096];
	FILE *file;

	printf("%s listens on http://127.0.0.1:%d\n", server->service->name, server->port);
	fflush(stdout);
	if (!server->port_file)
		return;
	snprintf(path, sizeof(path), "%s.new", server->port_file);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d\n", server->port) < 0 || fclose(file) != 0 ||
	    rename(path, server->port_file) != 0)
		die("%s: %m", server->port_file);
}

static void one_fault(struct server *server, const char *setting)
{
	const char *equals = strchr(setting, '=');
	char name[32];

	snprintf(name, sizeof(name), "%.*s", equals ? (int)(equals - setting) : 0, setting);
	if (!equals || !faults_set(&server->faults, name, equals + 1))
		die("--fault %s: not a fault that we know, or not a rate", setting);
}

static void one_option(struct server *server, const char *name, const char *value)
{
	if (strcmp(name, "port") == 0)
		server->port = atoi(value);
	else if (strcmp(name, "port-file") == 0)
		server->port_file = value;
	else if (strcmp(name, "ledger") == 0)
		server->ledger = value;
	else if (strcmp(name, "accounts") == 0)
		accounts_read(&server->service->accounts, value);
	else if (strcmp(name, "seed") == 0)
		server->seed = strtoull(value, NULL, 10);
	else if (strcmp(name, "fault") == 0)
		one_fault(server, value);
	else if (!set(server, name, value))
		die("--%s %s: no such option or value", name, value);
}

static void read_options(struct server *server, int argc, char **argv)
{
	int i;

	for (i = 1; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		one_option(server, argv[i] + 2, argv[i + 1]);
	if (i != argc || !server->ledger)
		die("use: %s --ledger FILE [--port N] [--port-file F] [--accounts FILE] [--seed "
		    "N]\n"
		    "     [--fault NAME=RATE|xN[@PATH]]... [--slow-ms N] [--now MS] [...]\n"
		    "tests/sim/README.md says more",
		    server->service->name);
}

int server_main(struct service *service, int argc, char **argv)
{
	struct server server = { .service = service, .seed = 1, .slow = 500 };
	struct MHD_Daemon *daemon;
	sigset_t ends;
	int which;

	read_options(&server, argc, argv);
	random_init(&server.faults.random, server.seed, 1);
	pthread_mutex_init(&server.lock, NULL);
	server.db = ledger_open(server.ledger, service->schema);
	ledger_exec(server.db, log_schema);
	server.log = ledger_prepare(server.db, "INSERT INTO request (at, account, method, path,"
					       " status, bytes_in, bytes_out, fault, note)"
					       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
	service->start(service->self, server.db, server.seed);

	/* Blocked before the first thread is made, so that only we take them. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	daemon = listen_on_loopback(&server);
	tell_port(&server);
	sigwait(&ends, &which);

	MHD_stop_daemon(daemon);
	ledger_close(server.db);
	pthread_mutex_destroy(&server.lock);
	return 0;
}
