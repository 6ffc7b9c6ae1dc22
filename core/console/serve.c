/*
 * serve.c - the engine, day and night: one flow at a time on the one
 * connection that writes.
 *
 * One thread, no locks around the store. A run can end after any page and go on
 * later, so everything else is done between pages: another flow that is due
 * when this one has had its slice, a command that wants the site, a new
 * site.xml, the end. What cannot be done now (a full disk, a wrong clock) is
 * said once and tried again.
 */
#include "console/console.h"
#include "console/inside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "console/turn.h"
#include "flow/notice.h"

#define SLICE (INT64_C(10) * 1000)
#define TICK 1000                            /* while nothing happens */
#define CLOCK_BACK (INT64_C(10) * 60 * 1000) /* so much is a correction, more is a wrong clock */

struct serving {
	const struct console_options *options;
	struct arena arena; /* the site's */
	struct site *site;
	struct engine *engine;
	struct turns turns;
	struct turn *at_work;
	struct journal journal;
	struct notify notify;
	struct health *health;
	int signals, loans;
	volatile int stop; /* the run at work shall end after its page */
	int64_t slice_ms;  /* until then it need not give way */
	bool is_ending, wants_reload, wants_loan;
	bool is_clock_wrong, is_in_trouble, is_broken;
	char trouble[16]; /* its kind, while it is in trouble and after */
};

/* Showing life. */

static void show(struct serving *s, const char *trouble)
{
	int64_t now = engine_now(s->engine);
	struct health_state *state;

	notify_alive(&s->notify, now);
	if (!s->health)
		return;
	state = health_lock(s->health);
	state->alive_ms = now;
	state->at_work = s->at_work ? s->at_work->flow->name : NULL;
	state->queue = turns_queue(&s->turns, s->at_work, now);
	if (trouble)
		snprintf(state->trouble, sizeof(state->trouble), "%s", trouble);
	health_unlock(s->health);
}

static void say_status(struct serving *s, const char *what)
{
	char text[CB_ERROR_MAX + 8];

	snprintf(text, sizeof(text), "STATUS=%s", what);
	notify_say(&s->notify, text);
}

/* Where it is the store that fails, this cannot be kept either: then it is said when it is over. */
static void tell_trouble(struct serving *s, const char *what, const char *say)
{
	struct store *store = s->engine->store;
	struct cb_error err;

	if (store_begin(store, engine_now(s->engine), &err) != CB_OK)
		return;
	if (notice_raise(store, s->site, NOTICE_ENGINE, what, 1, say, &err) != CB_OK ||
	    store_commit(store, &err) != CB_OK)
		store_rollback(store);
}

/* Said once, not every time that it is still so. */
static void trouble(struct serving *s, const char *what, const char *say)
{
	if (!s->is_in_trouble) {
		snprintf(s->trouble, sizeof(s->trouble), "%s", what);
		tell_trouble(s, what,
			     cb_say("引擎停着，等人处理；原因见日志与 casebridge status",
				    "the engine stands still and waits for a person; the log and "
				    "casebridge status have the reason"));
		journal_begin(&s->journal, CB_ERROR, what, NULL);
		journal_end(&s->journal, say);
		say_status(s, say);
	}
	s->is_in_trouble = true;
	show(s, say);
}

static void no_trouble(struct serving *s)
{
	if (s->is_in_trouble) {
		journal_begin(&s->journal, CB_INFO, "recovered", NULL);
		journal_end(&s->journal, cb_say("恢复正常", "all is well again"));
		say_status(s, cb_say("运行中", "running"));
		tell_trouble(s, s->trouble,
			     cb_say("引擎停了一阵，现在恢复正常",
				    "the engine stood still for a while; all is well again"));
	}
	s->is_in_trouble = false;
	show(s, "");
}

/* What comes from outside. */

static void take_signals(struct serving *s)
{
	struct signalfd_siginfo signal;

	while (read(s->signals, &signal, sizeof(signal)) == sizeof(signal)) {
		if (signal.ssi_signo == SIGHUP)
			s->wants_reload = true;
		else
			s->is_ending = true;
	}
}

static bool is_wanted(const struct serving *s)
{
	return s->is_ending || s->wants_reload || s->wants_loan;
}

/* Wait for a signal or a caller, at most so long. */
static void watch(struct serving *s, int64_t ms)
{
	struct pollfd on[] = { { .fd = s->signals, .events = POLLIN },
			       { .fd = s->loans, .events = POLLIN } };

	if (poll(on, 2, (int)(ms < TICK ? ms : TICK)) > 0) {
		if (on[0].revents)
			take_signals(s);
		s->wants_loan |= on[1].revents & POLLIN;
	}
	show(s, NULL);
}

static void rest(void *with, int64_t ms)
{
	struct serving *s = with;
	int64_t end = engine_now(s->engine) + ms;

	do
		watch(s, end - engine_now(s->engine) > 0 ? end - engine_now(s->engine) : 0);
	while (!is_wanted(s) && engine_now(s->engine) < end);
	s->stop |= is_wanted(s);
}

/* A few times a second while a flow is at work. */
static void tick(void *with, const struct flow_progress *progress)
{
	struct serving *s = with;
	int64_t now = engine_now(s->engine);

	watch(s, 0);
	s->stop |= is_wanted(s) ||
		   (now >= s->slice_ms && (turns_queue(&s->turns, s->at_work, now) > 0 ||
					   notices_are_due(s->engine, now)));
}

/* A flow. */

static void write_report(struct serving *s, const struct site_flow *flow,
			 const struct flow_report *report, int64_t ms)
{
	const struct store_counts *c = &report->counts;
	const struct figure {
		const char *name, *zh, *en;
		int64_t number;
	} in[] = { { "read", "读取", "read", c->read },
		   { "new", "新增", "new", c->new },
		   { "changed", "变更", "changed", c->changed },
		   { "unchanged", "未变", "unchanged", c->unchanged },
		   { "held", "挂起", "held", c->held },
		   { "rejected", "退回", "rejected", c->rejected } },
	  out[] = { { "due", "应报", "due", c->due },
		    { "accepted", "已收", "accepted", c->accepted },
		    { "rejected", "退回", "rejected", c->refused },
		    { "held", "挂起", "held", c->held },
		    { "in-doubt", "存疑", "in doubt", c->in_doubt },
		    { "waiting", "待办", "waiting", c->waiting } };
	struct journal *j = &s->journal;
	struct buffer say = { 0 };

	journal_begin(j, report->verdict ? CB_WARN : CB_INFO, "run", flow->name);
	journal_number(j, "run", report->run);
	journal_word(j, "verdict",
		     report->was_stopped && !report->verdict ? "stopped"
							     : cb_verdict_word(report->verdict));
	journal_number(j, "ms", ms);
	buffer_printf(&say, "%s", flow->name);
	for (size_t i = 0; i < 6; i++) {
		const struct figure *f = flow->is_export ? &out[i] : &in[i];

		journal_number(j, f->name, f->number);
		buffer_printf(&say, "  %s %lld", cb_say(f->zh, f->en), (long long)f->number);
	}
	if (report->verdict)
		buffer_printf(&say, "  %s", report->error.text);
	journal_end(j, buffer_cstr(&say));
	buffer_done(&say);
}

/* Also where the store will not have it now: the schedule writes it when it can. */
static void end_turn(struct serving *s, struct turn *turn, const struct flow_report *report)
{
	struct cb_error err;

	if (turn_end(&s->turns, turn, report, engine_now(s->engine), &err) != CB_OK)
		trouble(s, "store", err.text);
	else if (report->store_failed)
		trouble(s, "store", report->error.text);
	else
		no_trouble(s);
}

static void carry_out(struct serving *s, struct turn *turn)
{
	struct flow_options options = { .progress = tick, .with = s, .stop = &s->stop };
	struct flow_report report = { 0 };
	int64_t begun = engine_now(s->engine);
	struct cb_error err = { 0 };

	if (turn_begin(&s->turns, turn, begun, &err) != CB_OK) {
		trouble(s, "store", err.text);
		rest(s, TICK);
		return;
	}
	s->at_work = turn;
	s->stop = 0;
	s->slice_ms = begun + SLICE;
	show(s, NULL);
	if (flow_run(s->engine, turn->flow->name, &options, &report, &err) != CB_OK) {
		/* The store itself: nothing of this run is there. */
		report = (struct flow_report){ .verdict = CB_AGAIN, .store_failed = true };
		report.error = err;
	}
	s->at_work = NULL;
	end_turn(s, turn, &report);
	write_report(s, turn->flow, &report, engine_now(s->engine) - begun);
}

/* A command that wants to write. */

static void set_lent(struct serving *s, long pid)
{
	if (!s->health)
		return;
	health_lock(s->health)->lent_to = pid;
	health_unlock(s->health);
}

/* Until it hangs up, or we are to end: the lock is the other's then, as long as it lives. */
static void wait_for_return(struct serving *s, int fd)
{
	struct pollfd on[] = { { .fd = fd, .events = POLLIN | POLLRDHUP },
			       { .fd = s->signals, .events = POLLIN } };

	while (!s->is_ending) {
		int n = poll(on, 2, TICK);

		show(s, NULL);
		if (n > 0 && on[1].revents)
			take_signals(s);
		if (n > 0 && on[0].revents)
			return;
	}
}

static int reload(struct serving *s);

/* Also where the disk is full just now, or the command has changed the model. */
static void take_back(struct serving *s)
{
	struct cb_error err;
	int rc;

	while (!s->is_ending && (rc = store_take_back(s->engine->store, &err)) != CB_OK) {
		trouble(s, "store", err.text);
		if (rc == CB_SETUP && reload(s) == CB_OK)
			return;
		for (int i = 0; i < 10 && !s->is_ending; i++)
			watch(s, TICK);
	}
}

/* Somebody changed something: what waited for its time is looked at now. */
static void look_again(struct serving *s)
{
	turns_again(&s->turns, engine_now(s->engine));
	s->engine->telling.look_ms = 0;
}

static void lend(struct serving *s)
{
	long pid = 0;
	int fd, lock;
	enum asker asker = loan_accept(s->loans, &fd, &pid);

	s->wants_loan = false;
	if (asker == ASKER_GONE)
		look_again(s);
	if (asker != ASKER_COMMAND)
		return;
	lock = store_lend(s->engine->store);
	set_lent(s, pid);
	journal_begin(&s->journal, CB_INFO, "lent", NULL);
	journal_number(&s->journal, "to", pid);
	journal_end(&s->journal, cb_say("站点交给一个命令", "a command has the site"));
	if (loan_give(fd, lock) == 0)
		wait_for_return(s, fd);
	close(lock);
	close(fd);
	if (s->is_ending)
		return;
	take_back(s);
	set_lent(s, 0);
	journal_begin(&s->journal, CB_INFO, "returned", NULL);
	journal_end(&s->journal, cb_say("站点已交回", "the site is back"));
	look_again(s);
}

/* A new site.xml. */

static int read_site(const struct serving *s, struct arena *arena, struct site **site,
		     struct cb_error *err)
{
	struct problems problems = { 0 };

	*site = site_read(arena, s->options->folder, &problems);
	if (!*site)
		problems_first(&problems, err);
	problems_done(&problems);
	return *site ? CB_OK : CB_SETUP;
}

/* Whose secret is missing waits for a person, and does not do so in silence. */
static void say_unset(struct serving *s)
{
	if (!s->site->unset)
		return;
	journal_begin(&s->journal, CB_WARN, "unset", NULL);
	journal_number(&s->journal, "secrets", (int64_t)s->site->unset);
	journal_end(&s->journal,
		    cb_say("有密钥还没有录入，缺密钥的账号停着，别的照常（casebridge check）",
			   "secrets are not set: their accounts wait, all else goes on "
			   "(casebridge check)"));
}

static int open_engine(struct serving *s, struct site *site, int lock, struct cb_error *err)
{
	struct engine_seams seams = { .rest = rest, .rest_with = s };
	int rc = engine_open_under(site, &seams, s->options->who, lock, -1, &s->engine, err);

	if (rc == CB_OK)
		rc = turns_open(&s->turns, site, s->engine->store, engine_now(s->engine), err);
	return rc;
}

static void close_engine(struct serving *s)
{
	turns_close(&s->turns);
	engine_close(s->engine);
	s->engine = NULL;
}

/* With the new site, else with the old one: one of the two fits the store. */
static int reopen(struct serving *s, struct site *site, struct cb_error *err)
{
	struct health_state *state = s->health ? health_lock(s->health) : NULL;
	int lock = store_lock_again(s->engine->store);
	struct cb_error again;
	int rc;

	close_engine(s);
	rc = open_engine(s, site, dup(lock), err);
	if (rc == CB_OK) {
		site_done(s->site);
		s->site = site;
	} else if (open_engine(s, s->site, dup(lock), &again) != CB_OK) {
		s->is_ending = s->is_broken = true;
	}
	close(lock);
	if (state)
		state->site = s->site;
	if (s->health)
		health_unlock(s->health);
	return rc;
}

static int reload(struct serving *s)
{
	struct arena arena = { 0 };
	struct site *site;
	struct cb_error err = { 0 };
	int rc = read_site(s, &arena, &site, &err);

	s->wants_reload = false;
	journal_reopen(&s->journal);
	if (rc == CB_OK)
		rc = reopen(s, site, &err);
	if (rc == CB_OK) {
		arena_done(&s->arena);
		s->arena = arena;
	} else {
		site_done(site);
		arena_done(&arena);
	}
	journal_begin(&s->journal, rc == CB_OK ? CB_INFO : CB_ERROR, "reload", NULL);
	if (rc != CB_OK)
		cb_error_prefix(&err, "新的 site.xml 没有采用，仍按原来的运行：",
				"the new site.xml is not in use, the old one stays: ");
	journal_end(&s->journal, rc == CB_OK
					 ? cb_say("site.xml 已重新读入", "site.xml was read again")
					 : err.text);
	say_unset(s);
	return rc;
}

/* The round. */

static int take_newest(void *with, const struct store_run *run, struct cb_error *err)
{
	int64_t *newest = with;

	*newest = run->ended_ms > run->begun_ms ? run->ended_ms : run->begun_ms;
	return CB_OK;
}

/*
 * The newest run lies in the future: then it is this clock that is wrong, now or when that run was
 * written. Nothing is scheduled by it. A run by hand says that it is right after all.
 */
static bool is_clock_right(struct serving *s)
{
	int64_t newest = 0, now = engine_now(s->engine);
	struct cb_error err;

	if (store_runs(s->engine->store, 1, take_newest, &newest, &err) != CB_OK)
		return true; /* the flow will say what is wrong with the store */
	if (now >= newest - CLOCK_BACK) {
		s->is_clock_wrong = false;
		return true;
	}
	if (!s->is_clock_wrong)
		trouble(s, "clock",
			cb_say("时钟不对：比存储里最近一次运行还早。计划中的流程等时钟校准后自动继"
			       "续；若时钟是对的，手动执行一次 casebridge run 即可",
			       "the clock is wrong: it is before the newest run in the store. "
			       "Scheduled flows go on when it is right; if it is right now, run "
			       "any "
			       "flow by hand"));
	s->is_clock_wrong = true;
	return false;
}

/* What waits to be said, between two runs. */
static void tell(struct serving *s)
{
	struct cb_error err;

	if (notices_turn(s->engine, &err) != CB_OK)
		trouble(s, "store", err.text);
}

static void go_round(struct serving *s)
{
	int64_t now, look_ms;
	struct turn *turn;
	struct cb_error err;
	int rc;

	tell(s);
	now = engine_now(s->engine);
	look_ms = now + TICK;
	rc = is_clock_right(s) ? turns_next(&s->turns, now, &turn, &look_ms, &err) : CB_END;
	if (rc == CB_OK) {
		carry_out(s, turn);
		return;
	}
	if (rc != CB_END)
		trouble(s, "store", err.text);
	rest(s, rc == CB_END ? look_ms - now : TICK);
}

static int block_signals(struct cb_error *err)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		cb_error_set(err, CB_AGAIN, "系统资源不足", "the system has no room");
	return fd;
}

static int open_health(struct serving *s, struct cb_error *err)
{
	int port = s->options->port ? s->options->port : s->site->watch_port, opened = 0, rc;

	if (!port)
		return CB_OK;
	rc = health_open(port < 0 ? 0 : port, s->site, &s->health, &opened, err);
	if (rc != CB_OK)
		return rc;
	journal_begin(&s->journal, CB_INFO, "watch", NULL);
	journal_number(&s->journal, "port", opened);
	journal_end(&s->journal, cb_say("监控页面在本机：/healthz 与 /metrics",
					"a page for watchers on loopback: /healthz and /metrics"));
	return CB_OK;
}

static int open_all(struct serving *s, struct cb_error *err)
{
	int rc = read_site(s, &s->arena, &s->site, err);

	if (rc == CB_OK)
		rc = journal_open(&s->journal, s->options->log, s->site->zone, err);
	if (rc == CB_OK && (s->signals = block_signals(err)) < 0)
		rc = CB_AGAIN;
	if (rc == CB_OK)
		rc = open_engine(s, s->site, -1, err);
	if (rc == CB_OK)
		rc = loans_open(s->site->folder, &s->loans, err);
	if (rc == CB_OK)
		rc = open_health(s, err);
	return rc;
}

static void close_all(struct serving *s)
{
	health_close(s->health);
	if (s->site)
		loans_close(s->site->folder, s->loans);
	close_engine(s);
	if (s->signals >= 0)
		close(s->signals);
	if (s->journal.line.at)
		journal_close(&s->journal);
	site_done(s->site);
	arena_done(&s->arena);
	notify_close(&s->notify);
}

/* For `status`; a store that cannot be written now has other troubles. */
static void say_serving(struct serving *s, long pid)
{
	struct store *store = s->engine->store;
	struct cb_error err;

	if (store_begin(store, engine_now(s->engine), &err) != CB_OK)
		return;
	if (store_serving_set(store, pid, &err) != CB_OK || store_commit(store, &err) != CB_OK)
		store_rollback(store);
}

int console_serve(const struct console_options *options, struct cb_error *err)
{
	struct serving s = { .options = options, .signals = -1, .loans = -1, .notify.fd = -1 };
	int rc = open_all(&s, err);

	if (rc == CB_OK) {
		notify_open(&s.notify);
		say_serving(&s, getpid());
		notify_say(&s.notify, "READY=1");
		say_status(&s, cb_say("运行中", "running"));
		journal_begin(&s.journal, CB_INFO, "start", NULL);
		journal_number(&s.journal, "process", getpid());
		journal_number(&s.journal, "flows", (int64_t)s.site->flow_count);
		journal_end(&s.journal, cb_say("引擎开始运行", "the engine is running"));
		say_unset(&s);
	}
	while (rc == CB_OK && !s.is_ending) {
		if (s.wants_reload)
			(void)!reload(&s);
		else if (s.wants_loan)
			lend(&s);
		else
			go_round(&s);
	}
	if (rc == CB_OK) {
		notify_say(&s.notify, "STOPPING=1");
		if (s.engine)
			say_serving(&s, 0);
		journal_begin(&s.journal, CB_INFO, "stop", NULL);
		journal_end(&s.journal, cb_say("引擎停下", "the engine stops"));
		if (s.is_broken)
			rc = cb_fail(err, CB_AGAIN, "存储打不开了，引擎停下",
				     "the store cannot be opened any more; the engine stops");
	}
	close_all(&s);
	return rc;
}
