/*
 * engine.c - the engine around a run: store, network, seams, and what it lends
 * to a worker.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "flow/inside.h"

int64_t engine_now(const struct engine *engine)
{
	struct timespec t;

	if (engine->seams.net.now)
		return engine->seams.net.now(engine->seams.net.with);
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void engine_wait(const struct engine *engine, int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (engine->seams.rest)
		engine->seams.rest(engine->seams.rest_with, ms);
	else if (engine->seams.net.wait)

		engine->seams.net.wait(engine->seams.net.with, ms);
	else if (ms > 0)
		nanosleep(&t, NULL);
}

void engine_random(const struct engine *engine, void *bytes, size_t len)
{
	if (engine->seams.net.random)
		engine->seams.net.random(engine->seams.net.with, bytes, len);
	else if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort(); /* a once-key that is not random must not go out */
}

int engine_open(struct site *site, const struct engine_seams *seams, const char *who,
		struct engine **out, struct cb_error *err)
{
	return engine_open_under(site, seams, who, -1, -1, out, err);
}

int engine_open_under(struct site *site, const struct engine_seams *seams, const char *who,
		      int lock, int lender, struct engine **out, struct cb_error *err)
{

	struct engine *engine = memory_take(sizeof(*engine));
	int rc;

	engine->site = site;
	engine->who = who ? who : "";
	if (seams)
		engine->seams = *seams;
	if (lock < 0)
		rc = store_open(site->store_file, STORE_WRITE, site->model, &engine->store, err);
	else
		rc = store_open_under(site->store_file, lock, lender, site->model, &engine->store,
				      err);
	if (rc != CB_OK) {

		free(engine);
		return rc;
	}
	engine->net = net_new(seams && seams->net.now ? &engine->seams.net : NULL);
	*out = engine;
	return CB_OK;
}

void engine_close(struct engine *engine)
{
	if (!engine)
		return;
	mappings_give_back(engine);
	net_free(engine->net);
	store_close(engine->store);
	free(engine);
}

static int lent_http(void *with, const struct cb_request *request, struct cb_answer *answer,
		     struct cb_error *err)
{
	struct lent *lent = with;
	int rc = lent->pace ? pace_take(lent->pace, engine_now(lent->engine), err) : CB_OK;

	if (rc != CB_OK)
		return rc;
	rc = net_send(lent->engine->net, &lent->account->net, request, answer, err);

	lent->was_answered |= rc == CB_OK;
	return rc;
}

static int64_t lent_now(void *with)
{
	return engine_now(((struct lent *)with)->engine);
}

static void lent_keep(void *with, const char *name, struct cb_text value, int64_t expires_ms)
{
	struct lent *lent = with;

	net_keep(&lent->account->net, name, value, expires_ms);
}

static struct cb_text lent_kept(void *with, const char *name)
{
	struct lent *lent = with;

	return net_kept(&lent->account->net, name, engine_now(lent->engine));
}

/* What a manifest with a connection of its own is trusted with: this account's, and no other. */
static int lent_credential(void *with, const char *name, struct buffer *value, struct cb_error *err)
{
	struct lent *lent = with;

	if (!lent->connection->manifest->has_own_connection)
		return cb_fail(err, CB_SETUP, "这个连接器不许使用密钥",
			       "this connector may not use secrets");
	return net_credential(&lent->account->net, name, value, err);
}

void lent_init(struct lent *lent, struct engine *engine, const struct site_connection *connection,
	       struct site_account *account)
{
	*lent = (struct lent){ .engine = engine, .connection = connection, .account = account };
}

void lent_done(struct lent *lent)
{
	names_done(&lent->listed);
	arena_done(&lent->arena);
}

struct worker_services lent_services(struct lent *lent)
{
	return (struct worker_services){ .http = lent_http,
					 .now = lent_now,
					 .keep = lent_keep,
					 .kept = lent_kept,
					 .files_list = lent_files_list,
					 .files_open = lent_files_open,
					 .files_move = lent_files_move,
					 .files_write = lent_files_write,
					 .credential = lent_credential,
					 .with = lent };
}

static void account_path(const struct run *run, const struct site_account *account, char *out,
			 size_t room)
{
	snprintf(out, room, "%s/%s", run->flow->connection->name, account->name);
}

void account_say_locked(const char *path, const char *why, struct cb_error *out)
{
	cb_error_set(out, CB_SETUP,
		     "账号 %s 已停用，等人处理（%s）：改好后执行 casebridge account unlock %s",
		     "account %s is locked and waits for a person (%s): when it is mended, run "
		     "casebridge account unlock %s",
		     path, why, path);
}

int account_has_secrets(const char *path, const struct site_account *account, struct cb_error *err)
{
	int rc = net_account_ready(&account->net, err);

	if (rc != CB_OK)
		cb_error_prefix(err, "账号 %s 还不能用：", "account %s cannot be used yet: ", path);
	return rc;
}

int account_ready(struct run *run, const struct site_account *account, struct cb_error *err)
{
	struct arena arena = { 0 };
	const char *say = NULL;
	char path[256];
	int64_t since;
	int rc;

	account_path(run, account, path, sizeof(path));
	rc = store_locked(run->engine->store, path, &arena, &say, &since, err);
	if (rc == CB_OK) {
		account_say_locked(path, say ? say : "", err);
		rc = CB_SETUP;
	} else if (rc == CB_END) {
		rc = account_has_secrets(path, account, err);
	}
	arena_done(&arena);
	return rc;
}

void account_refused(struct run *run, const struct site_account *account,
		     const struct cb_error *why)
{
	struct cb_error err = { 0 };
	char path[256];

	if (run->options->is_dry)
		return;
	account_path(run, account, path, sizeof(path));
	run_rollback(run);
	if (run_open(run, &err) != CB_OK ||
	    store_lock(run->engine->store, path, why->text, &err) != CB_OK ||
	    notice_locked(run, path, &err) != CB_OK ||
	    store_audit(run->engine->store, "casebridge", "account lock", path, "", &err) !=
		    CB_OK ||
	    run_commit(run, &err) != CB_OK)
		cb_log(CB_ERROR, "账号 %s 未能锁住：%s", "account %s could not be locked: %s", path,
		       err.text);
}

int64_t jitter(const struct engine *engine, const struct manifest *manifest, int64_t failures,
	       int64_t asked_ms)
{
	int64_t first = manifest->retry_first_ms ? manifest->retry_first_ms : 1000;
	int64_t most = manifest->retry_most_ms ? manifest->retry_most_ms : 300000;
	int64_t span = first << (failures < 20 ? failures : 20);
	uint32_t dice;

	if (span > most || span <= 0)
		span = most;
	engine_random(engine, &dice, sizeof(dice));
	span = (int64_t)((double)span * ((double)dice / 4294967296.0));
	return span > asked_ms ? span : asked_ms;
}

int64_t patience_wait(struct patience *p, const struct engine *engine,
		      const struct manifest *manifest, int64_t asked_ms)
{
	if (++p->tries > 8 || asked_ms > manifest->retry_most_ms)
		return -1;
	return jitter(engine, manifest, p->tries - 1, asked_ms);
}

void name_add(struct buffer *list, struct cb_text name)
{
	const struct cb_text comma = cb_text_of(cb_say("、", ", "));
	const char *at = list->at, *end = at + list->len, *stop;

	for (; list->len && name.len && at <= end; at = stop + comma.len) {
		stop = memmem(at, (size_t)(end - at), comma.at, comma.len);
		stop = stop ? stop : end;
		if (cb_text_equal((struct cb_text){ at, (size_t)(stop - at) }, name))
			return;
	}
	if (name.len && list->len)
		buffer_text(list, comma);
	buffer_text(list, name);
}

/* A worker with a connection of its own waits by itself, as long as the manifest lets it. */
static int64_t silence_of(const struct manifest *manifest)
{
	return manifest->has_own_connection && manifest->timeout_ms
		       ? manifest->timeout_ms + WAIT_SHORT_MS
		       : 0;
}

void job_of_flow(struct worker_job *job, const struct engine *engine, const struct site_flow *flow,
		 const struct flow_options *options)
{
	const struct site *site = engine->site;

	*job = (struct worker_job){
		.plugins = site->plugins,
		.model = site->model_file,
		.mapping = flow->mapping_file,
		.digest = mapping_digest(flow->mapping),
		.kept = flow->kept,
		.kept_count = flow->kept_count,
		.tables = flow->tables,
		.manifest = flow->connection->manifest->file,
		.stream = flow->stream->name,
		.settings = flow->connection->settings,
		.setting_count = flow->connection->setting_count,
		.hidden = site->folder,
		.mappings = site->installed,
		.silence_ms = silence_of(flow->connection->manifest),
		.now = engine_now(engine),
		.zone = site->zone,
		.keeps_raw = true,
		.is_dry = options->is_dry,
		.fd = -1,
	};
}

int run_open(struct run *run, struct cb_error *err)
{
	int rc;

	if (run->in_transaction)
		return CB_OK;
	rc = store_begin(run->engine->store, engine_now(run->engine), err);
	run->in_transaction = rc == CB_OK;
	return rc;
}

int run_commit(struct run *run, struct cb_error *err)
{
	if (!run->in_transaction)
		return CB_OK;
	run->in_transaction = false;
	return store_commit(run->engine->store, err);
}

void run_rollback(struct run *run)
{
	if (run->in_transaction)
		store_rollback(run->engine->store);
	run->in_transaction = false;
}

void run_tell(struct run *run, const char *what)
{
	int64_t now;

	if (!run->options->progress)
		return;
	now = engine_now(run->engine);
	if (now - run->told_ms < 200)
		return;
	run->told_ms = now;
	run->options->progress(run->options->with,
			       &(struct flow_progress){ .flow = run->flow->name,
							.what = what ? what : "",
							.counts = run->report->counts });
}

bool run_stops(const struct run *run)
{
	return run->options->stop && *run->options->stop;
}

int run_begin(struct run *run, const char *kind, struct cb_error *err)
{
	int rc;

	store_dry(run->engine->store, run->options->is_dry);
	rc = run_open(run, err);
	if (rc == CB_OK)
		rc = store_run_begin(run->engine->store, run->flow->name, kind, &run->report->run,
				     err);
	if (rc == CB_OK)
		rc = run_commit(run, err);
	return rc;
}

int run_end(struct run *run, struct cb_error *err)
{
	struct flow_report *report = run->report;
	int rc;

	run_rollback(run);
	if (report->verdict == CB_OK && !counts_add_up(&report->counts, run->flow->is_export))
		report->verdict = (enum cb_verdict)cb_fail(
			&report->error, CB_BROKEN, "数目不平：这是程序的错误，请保留日志并报告",
			"the counts do not add up: this is a fault of the program; please keep the "
			"log "
			"and report it");
	report->was_stopped = run_stops(run);
	rc = run_open(run, err);
	if (rc == CB_OK)
		rc = store_run_end(
			run->engine->store, report->run,
			report->was_stopped && !report->verdict ? "stopped"
								: cb_verdict_word(report->verdict),
			report->verdict ? report->error.text : NULL, &report->counts, err);
	if (rc == CB_OK)
		rc = notices_of_run(run, err);
	if (rc == CB_OK)
		rc = run_commit(run, err);
	store_dry(run->engine->store, false);
	return rc;
}

bool counts_add_up(const struct store_counts *c, bool is_export)
{
	if (is_export)
		return c->due == c->accepted + c->refused + c->held + c->in_doubt + c->waiting;
	return c->read == c->new + c->changed + c->unchanged + c->held + c->rejected + c->passed_by;
}

int flow_exit_code(const struct flow_report *report)
{
	const struct store_counts *c = &report->counts;

	switch (report->verdict) {
	case CB_OK:
	case CB_END:
		return c->held || c->rejected || c->refused || c->in_doubt || c->waiting ||
		       report->trial.failed;
	case CB_AGAIN:
		return 69;
	case CB_LIMIT:
	case CB_DOUBT:
		return 75;
	case CB_LOGIN:
	case CB_SETUP:
		return 78;
	default:
		return 65;
	}
}

static int retry_receipts(struct run *run, struct cb_error *err)
{
	struct store_counts *c = &run->report->counts;
	int rc = receipts_again(run, &c->due, &c->accepted, err);

	c->held = c->due - c->accepted;
	return rc;
}

static int run_flow(struct run *run, const char *code, const char *field, bool is_retry,
		    struct cb_error *err)
{
	struct flow_report *report = run->report;
	int rc = run_begin(run,
			   is_retry               ? "retry"
			   : run->flow->is_export ? "export"
						  : "import",
			   err);

	if (rc != CB_OK)
		return rc;
	rc = run_take_mapping(run, &report->error);
	if (rc == CB_OK && is_retry && run->flow->is_export)
		rc = retry_receipts(run, &report->error);
	else if (rc == CB_OK)
		rc = is_retry               ? retry_run(run, code, field, NULL, &report->error)
		     : run->flow->is_export ? export_run(run, &report->error)
					    : import_run(run, &report->error);
	if (rc == CB_OK && !run->flow->is_export)
		rc = run_find_duplicates(run, &report->error);
	report->verdict = rc == CB_END ? CB_OK : (enum cb_verdict)rc;
	return run_end(run, err);
}

static int find_flow(struct engine *engine, const char *name, struct site_flow **flow,
		     struct cb_error *err)
{
	*flow = site_flow(engine->site, name);
	if (*flow)
		return CB_OK;
	return cb_fail(err, CB_SETUP, "site.xml 里没有名为 %s 的流程（casebridge status 列出全部）",
		       "site.xml has no flow called %s (casebridge status lists them)", name);
}

int flow_run(struct engine *engine, const char *name, const struct flow_options *options,
	     struct flow_report *report, struct cb_error *err)
{
	struct run run = { .engine = engine, .options = options, .report = report };
	int rc = find_flow(engine, name, &run.flow, err);

	*report = (struct flow_report){ 0 };
	return rc == CB_OK ? run_flow(&run, NULL, NULL, false, err) : rc;
}

int flow_retry(struct engine *engine, const char *name, const char *code, const char *field,
	       const struct flow_options *options, struct flow_report *report, struct cb_error *err)
{
	struct run run = { .engine = engine, .options = options, .report = report };
	int rc = find_flow(engine, name, &run.flow, err);

	*report = (struct flow_report){ 0 };
	if (rc == CB_OK && run.flow->is_export && !run.flow->stream->can_receipts)
		rc = cb_fail(err, CB_SETUP, "%s 是导出流程；重新送出用 casebridge held release",
			     "%s is an export; to send again use casebridge held release", name);
	return rc == CB_OK ? run_flow(&run, code, field, true, err) : rc;
}

int flow_adopt(struct engine *engine, const char *name, int64_t from, int64_t to,
	       const struct flow_options *options,
	       void (*each)(void *, enum adoption, const char *, struct cb_text), void *with,
	       struct flow_adopted *counts, struct cb_error *err)
{
	struct flow_report report = { 0 };
	struct run run = { .engine = engine, .options = options, .report = &report };
	int rc = find_flow(engine, name, &run.flow, err);

	*counts = (struct flow_adopted){ 0 };
	if (rc == CB_OK && !run.flow->is_export)
		rc = cb_fail(err, CB_SETUP, "%s 是导入流程：认领的是上报到对方的",
			     "%s is an import: what is adopted is what was sent there", name);
	if (rc != CB_OK)
		return rc;
	store_dry(engine->store, options->is_dry);
	rc = adopt_run(&run, from, to, counts, each, with, err);
	store_dry(engine->store, false);
	return rc;
}

int flow_reconcile(struct engine *engine, const char *name, int64_t from, int64_t to,
		   const struct reconcile_options *what, const struct flow_options *options,
		   struct flow_reconciled *counts, struct cb_error *err)
{
	struct flow_report report = { 0 };
	struct run run = { .engine = engine, .options = options, .report = &report };
	int rc = find_flow(engine, name, &run.flow, err);

	*counts = (struct flow_reconciled){ 0 };
	if (rc == CB_OK && !run.flow->is_export)
		rc = cb_fail(err, CB_SETUP, "%s 是导入流程：对账的是上报到对方的",
			     "%s is an import: what is reconciled is what was sent there", name);
	if (rc != CB_OK)
		return rc;
	store_dry(engine->store, options->is_dry);
	rc = reconcile_run(&run, from, to, what, counts, err);
	store_dry(engine->store, false);
	return rc;
}

/* The last part of a path: what a document is called. */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int flow_correct(struct engine *engine, const char *name, const char *path,
		 const struct flow_options *options, struct flow_report *report,
		 struct cb_error *err)
{
	struct run run = { .engine = engine, .options = options, .report = report };
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = find_flow(engine, name, &run.flow, err);

	*report = (struct flow_report){ 0 };
	if (rc == CB_OK && fd < 0)
		rc = cb_fail(err, CB_SETUP, "打不开文件 %s：看看名字和权限",
			     "the file %s cannot be opened: look at its name and mode", path);
	if (rc == CB_OK)
		rc = run_begin(&run, "correct", err);
	if (rc == CB_OK) {
		rc = correct_run(&run, base_name(path), fd, &report->error);
		report->verdict = rc == CB_END ? CB_OK : (enum cb_verdict)rc;
		rc = run_end(&run, err);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

int flow_check(struct engine *engine, const struct site_connection *connection,
	       void (*each)(void *, const char *, enum cb_verdict, const char *), void *with,
	       struct cb_error *err)
{
	for (size_t i = 0; i < connection->account_count; i++) {
		struct site_account *account = &connection->accounts[i];
		struct worker_job job = { .task = WORK_CHECK,
					  .plugins = engine->site->plugins,
					  .manifest = connection->manifest->file,
					  .settings = connection->settings,
					  .setting_count = connection->setting_count,
					  .hidden = engine->site->folder,
					  .mappings = engine->site->installed,
					  .silence_ms = silence_of(connection->manifest),
					  .now = engine_now(engine),
					  .zone = engine->site->zone,
					  .fd = -1 };
		struct worker_services services;
		struct worker_message m = { 0 };
		struct worker *worker;
		struct cb_error why = { 0 };
		struct lent lent;
		int rc;

		lent_init(&lent, engine, connection, account);
		services = lent_services(&lent);
		rc = worker_start(&job, &services, &worker, &why);
		while (rc == CB_OK && (rc = worker_next(worker, &m, &why)) == CB_OK &&
		       m.kind != WORKER_DONE)
			;
		if (rc == CB_OK && m.error.verdict)
			why = m.error;
		each(with, account->name, rc ? (enum cb_verdict)rc : m.error.verdict, why.text);
		worker_free(worker);
		lent_done(&lent);
	}
	(void)err;
	return CB_OK;
}
