/*
 * health.c - /healthz and /metrics on loopback, in a thread of its own: it
 * answers also while the engine is at work, and reads the store through a
 * connection that cannot write. Counts and times, no personal data.
 */
#include "console/inside.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SILENT_MS (INT64_C(5) * 60 * 1000)

struct health {
	struct MHD_Daemon *daemon;
	pthread_mutex_t mutex;
	struct health_state state;
};

struct health_state *health_lock(struct health *health)
{
	pthread_mutex_lock(&health->mutex);
	return &health->state;
}

void health_unlock(struct health *health)
{
	pthread_mutex_unlock(&health->mutex);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int count_blocked(void *with, const struct flow_account *account, struct cb_error *err)
{
	int64_t *count = with;

	++*count;
	return CB_OK;
}

/* What people have to look at; nothing of it where the store cannot be read. */
static void put_waiting(const struct site *site, struct json *j)
{
	struct store_figures figures;
	struct store *store = NULL;
	int64_t blocked = 0;
	int rc = store_open(site->store_file, STORE_READ, site->model, &store, NULL);

	if (rc == CB_OK)
		rc = flow_accounts(site, store, now_ms(), count_blocked, &blocked, NULL);
	if (rc == CB_OK)
		rc = store_figures(store, &figures, NULL);
	store_close(store);
	if (rc != CB_OK)
		return;
	json_integer(j, "blocked-accounts", blocked);
	json_integer(j, "notices-waiting", figures.notices);
}

/* Is the engine alive? A run's page may take long, five minutes would be a fault. */
static unsigned health_page(const struct health_state *s, struct buffer *out)
{
	int64_t silent = now_ms() - s->alive_ms;
	bool is_well = !*s->trouble && (silent < SILENT_MS || s->lent_to);
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_flag(&j, "ok", is_well);
	json_integer(&j, "process", getpid());
	json_integer(&j, "since", s->since_ms);
	json_integer(&j, "alive", s->alive_ms);
	json_string(&j, "at-work", s->at_work);
	json_integer(&j, "queue", s->queue);
	json_integer(&j, "lent-to", s->lent_to);
	put_waiting(s->site, &j);
	json_string(&j, "trouble", *s->trouble ? s->trouble : NULL);
	json_close(&j, '}');
	buffer_char(out, '\n');
	return is_well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static void metric(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_printf(out, "# HELP casebridge_%s %s\n# TYPE casebridge_%s %s\n", name, help, name,
		      type);
}

static int put_runs(void *with, const char *flow, const char *result, int64_t count,
		    struct cb_error *err)
{
	buffer_printf(with, "casebridge_runs_total{flow=\"%s\",result=\"%s\"} %" PRId64 "\n", flow,
		      result ? result : "unfinished", count);
	return CB_OK;
}

static int put_last(void *with, const struct store_run *run, struct cb_error *err)
{
	buffer_printf(with,
		      "casebridge_last_run_timestamp_seconds{flow=\"%s\",result=\"%s\"} %" PRId64
		      "\n",
		      run->flow, run->result ? run->result : "unfinished",
		      (run->ended_ms ? run->ended_ms : run->begun_ms) / 1000);
	return CB_OK;
}

static int put_deliveries(struct store *store, const struct site *site, struct buffer *out,
			  struct cb_error *err)
{
	int rc = CB_OK;

	metric(out, "deliveries", "gauge", "Deliveries of an export by state.");
	for (size_t i = 0; i < site->flow_count && rc == CB_OK; i++) {
		int64_t counts[DELIVERY_STATES];

		if (!site->flows[i].is_export)
			continue;
		rc = store_delivery_counts(store, site->flows[i].name, counts, err);
		for (int s = 0; s < DELIVERY_STATES && rc == CB_OK; s++)
			buffer_printf(out,
				      "casebridge_deliveries{flow=\"%s\",state=\"%s\"} %" PRId64
				      "\n",
				      site->flows[i].name,
				      delivery_state_word((enum delivery_state)s), counts[s]);
	}
	return rc;
}

static int put_blocked(void *with, const struct flow_account *account, struct cb_error *err)
{
	buffer_printf(with, "casebridge_account_blocked{account=\"%s\",reason=\"%s\"} 1\n",
		      account->path, account->code);
	return CB_OK;
}

/* By when what has not arrived must, of each export with a deadline. */
static int put_deadlines(struct store *store, const struct site *site, struct buffer *out,
			 struct cb_error *err)
{
	static const char *const words[] = { "none", "near", "late" };
	struct buffer earliest = { 0 };
	int rc = CB_OK;

	metric(out, "deadline_deliveries", "gauge", "What has not arrived, by its deadline.");
	for (size_t i = 0; i < site->flow_count && rc == CB_OK; i++) {
		const char *flow = site->flows[i].name;
		struct flow_slack slack;

		if (!site->flows[i].deadline)
			continue;
		rc = flow_slack(store, &site->flows[i], now_ms(), &slack, err);
		for (int u = 0; u < URGENCIES && rc == CB_OK; u++)
			buffer_printf(out,
				      "casebridge_deadline_deliveries{flow=\"%s\",urgency=\"%s\"} "
				      "%" PRId64 "\n",
				      flow, words[u], slack.by[u]);
		if (rc == CB_OK && slack.open)
			buffer_printf(&earliest,
				      "casebridge_deadline_earliest_timestamp_seconds{flow=\"%s\"} "
				      "%" PRId64 "\n",
				      flow, slack.first_ms / 1000);
	}
	metric(out, "deadline_earliest_timestamp_seconds", "gauge",
	       "The earliest deadline of what has not arrived.");
	buffer_text(out, buffer_view(&earliest));
	buffer_done(&earliest);
	return rc;
}

static void put_gauge(struct buffer *out, const char *name, const char *help, int64_t value)
{
	metric(out, name, "gauge", help);
	buffer_printf(out, "casebridge_%s %" PRId64 "\n", name, value);
}

static int put_store(const struct site *site, struct buffer *out, struct cb_error *err)
{
	struct store_figures figures = { 0 };
	struct store *store = NULL;
	int rc = store_open(site->store_file, STORE_READ, site->model, &store, err);

	if (rc == CB_OK) {
		metric(out, "runs_total", "counter", "Runs of a flow by result.");
		rc = store_run_counts(store, put_runs, out, err);
	}
	if (rc == CB_OK) {
		metric(out, "last_run_timestamp_seconds", "gauge", "The newest run of a flow.");
		rc = store_runs(store, INT64_MAX, put_last, out, err);
	}
	if (rc == CB_OK)
		rc = put_deliveries(store, site, out, err);
	if (rc == CB_OK)
		rc = put_deadlines(store, site, out, err);
	if (rc == CB_OK) {
		metric(out, "account_blocked", "gauge",
		       "Accounts that may not be used now: login (until unlocked), rest (its "
		       "breaker is open), quota, hours (of a connection).");
		rc = flow_accounts(site, store, now_ms(), put_blocked, out, err);
	}
	if (rc == CB_OK)
		rc = store_figures(store, &figures, err);
	store_close(store);
	if (rc != CB_OK)
		return rc;
	put_gauge(out, "held_records", "Imported records that wait for a person.", figures.held);
	put_gauge(out, "locked_accounts", "Accounts whose login was refused.",
		  figures.locked_accounts);
	put_gauge(out, "notices_waiting", "Notices that were not said yet.", figures.notices);
	return CB_OK;
}

static int64_t file_size(const char *path, const char *more)
{
	struct arena arena = { 0 };
	struct stat st;
	int64_t size = stat(arena_printf(&arena, "%s%s", path, more), &st) == 0 ? st.st_size : 0;

	arena_done(&arena);
	return size;
}

static unsigned metrics_page(const struct health_state *s, struct buffer *out)
{
	struct cb_error err = { 0 };
	int rc = put_store(s->site, out, &err);

	put_gauge(out, "up", "1 while the engine can work.", !*s->trouble && rc == CB_OK);
	put_gauge(out, "start_timestamp_seconds", "When the engine started.", s->since_ms / 1000);
	put_gauge(out, "alive_timestamp_seconds", "When the engine last showed life.",
		  s->alive_ms / 1000);
	put_gauge(out, "queue_length", "Flows that wait for their turn.", s->queue);
	put_gauge(out, "lent", "1 while a command has the site.", s->lent_to != 0);
	put_gauge(out, "store_bytes", "Size of the store.", file_size(s->site->store_file, ""));
	put_gauge(out, "wal_bytes", "Size of the store's log.",
		  file_size(s->site->store_file, "-wal"));
	return MHD_HTTP_OK;
}

static enum MHD_Result answer(void *with, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_len, void **mine)
{
	struct health *health = with;
	const char *type = "text/plain; charset=utf-8";
	struct buffer page = { 0 };
	struct MHD_Response *response;
	unsigned status = MHD_HTTP_NOT_FOUND;
	enum MHD_Result rc;

	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		status = MHD_HTTP_METHOD_NOT_ALLOWED;
	} else if (strcmp(url, "/healthz") == 0) {
		status = health_page(health_lock(health), &page);
		health_unlock(health);
		type = "application/json";
	} else if (strcmp(url, "/metrics") == 0) {
		status = metrics_page(health_lock(health), &page);
		health_unlock(health);
		type = "text/plain; version=0.0.4; charset=utf-8";
	} else {
		buffer_string(&page, "/healthz\n/metrics\n");
	}
	response = MHD_create_response_from_buffer(page.len, page.at, MHD_RESPMEM_MUST_COPY);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	buffer_done(&page);
	return rc;
}

int health_open(int port, const struct site *site, struct health **out, int *opened,
		struct cb_error *err)
{
	struct health *health = memory_take(sizeof(*health));
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const union MHD_DaemonInfo *info;

	pthread_mutex_init(&health->mutex, NULL);
	health->state =
		(struct health_state){ .site = site, .since_ms = now_ms(), .alive_ms = now_ms() };
	health->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL,
					  NULL, answer, health, MHD_OPTION_SOCK_ADDR,
					  (struct sockaddr *)&at, MHD_OPTION_CONNECTION_LIMIT, 16u,
					  MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_END);
	if (!health->daemon) {
		pthread_mutex_destroy(&health->mutex);
		free(health);
		*out = NULL;
		return cb_fail(err, CB_SETUP, "本机端口 %d 打不开（已被占用？）",
			       "port %d of this machine cannot be opened (is it in use?)", port);
	}
	info = MHD_get_daemon_info(health->daemon, MHD_DAEMON_INFO_BIND_PORT);
	*opened = info ? info->port : port;
	*out = health;
	return CB_OK;
}

void health_close(struct health *health)
{
	if (!health)
		return;
	MHD_stop_daemon(health->daemon);
	pthread_mutex_destroy(&health->mutex);
	free(health);
}
