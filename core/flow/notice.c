/*
 * notice.c - what is worth telling people.
 *
 * Where a cause has one place in the code, it is told there, in its own
 * transaction. What is a state rather than an event (so many are held, a person
 * is asked) is looked at as each run ends, so that none is forgotten, whatever
 * happened in between.
 */
#include "flow/notice.h"

#include <inttypes.h>

#include "base/file.h"
#include "flow/inside.h"

#define FAILED_IN_A_ROW 3 /* one bad night's fault passes by itself; three are worth a look */

int notice_raise(struct store *store, const struct site *site, enum notice_kind kind,
		 const char *object, int64_t count, const char *say, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < site->notice_count && rc == CB_OK; i++) {
		const struct store_notice row = { .way = site->notices[i].name,
						  .kind = notice_word(kind),
						  .object = object,
						  .say = say,
						  .count = count };

		if (site->notices[i].kinds & 1u << kind)
			rc = store_notice(store, &row, err);
	}
	return rc;
}

static int tell(const struct run *run, enum notice_kind kind, int64_t count,
		const struct cb_error *say, struct cb_error *err)
{
	return notice_raise(run->engine->store, run->engine->site, kind, run->flow->name, count,
			    say->text, err);
}

/* What it says of itself stays inside: only its kind goes out. */
static const char *verdict_in_words(enum cb_verdict verdict)
{
	switch (verdict) {
	case CB_AGAIN:
		return cb_say("对方没有应答", "the other system does not answer");
	case CB_LIMIT:
		return cb_say("对方要求放慢", "the other system asks to slow down");
	case CB_LOGIN:
		return cb_say("登录被拒", "the login was refused");
	case CB_DOUBT:
		return cb_say("报出的没有回音", "what was sent had no answer");
	case CB_SETUP:
		return cb_say("有设置要人改", "a setting has to be changed");
	default:
		return cb_say("来的数据读不懂", "what came cannot be read");
	}
}

static int tell_failed(const struct run *run, struct cb_error *err)
{
	enum cb_verdict verdict = run->report->verdict;
	bool is_passing = verdict == CB_AGAIN || verdict == CB_LIMIT || verdict == CB_DOUBT;
	int64_t failures = 0;
	struct cb_error say;
	int rc = store_run_failures(run->engine->store, run->flow->name, &failures, err);

	if (rc != CB_OK || (is_passing && failures < FAILED_IN_A_ROW))
		return rc;
	if (failures > 1)
		cb_error_set(&say, CB_OK, "%s，接连 %lld 次；原因见 casebridge status",
			     "%s, %lld times in a row; casebridge status has the reason",
			     verdict_in_words(verdict), (long long)failures);
	else
		cb_error_set(&say, CB_OK, "%s；原因见 casebridge status",
			     "%s; casebridge status has the reason", verdict_in_words(verdict));
	return tell(run, NOTICE_FAILED, 1, &say, err);
}

static int tell_mapping(const struct run *run, struct cb_error *err)
{
	const char *slash = strrchr(run->flow->mapping_file, '/');
	const struct flow_trial *trial = &run->report->trial;
	struct cb_error say;

	if (!trial->failed)
		return CB_OK;
	cb_error_set(&say, CB_OK, "自带的样例有 %lld 个不通过，%s；见 casebridge map test",
		     "%lld of its own samples fail, %s; see casebridge map test",
		     (long long)trial->failed,
		     trial->in_force ? cb_say("仍用上次通过的版本",
					      "the last version that passed stays in force")
				     : cb_say("流程没有运行", "the flow did not run"));
	return notice_raise(run->engine->store, run->engine->site, NOTICE_MAPPING,
			    slash ? slash + 1 : run->flow->mapping_file, 1, say.text, err);
}

/* Every way has its own number. */
static int tell_held(const struct run *run, struct cb_error *err)
{
	const struct site *site = run->engine->site;
	int64_t states[DELIVERY_STATES], held = 0;
	int rc = store_held_count(run->engine->store, run->flow->name, &held, err);

	if (rc == CB_OK && run->flow->is_export) {
		rc = store_delivery_counts(run->engine->store, run->flow->name, states, err);
		held += states[DELIVERY_HELD];
	}
	for (size_t i = 0; i < site->notice_count && rc == CB_OK; i++) {
		const struct site_notice *n = &site->notices[i];
		struct store_notice row = { .way = n->name,
					    .kind = notice_word(NOTICE_HELD),
					    .object = run->flow->name,
					    .count = 1 };
		struct cb_error say;

		if (held <= n->held || !(n->kinds & 1u << NOTICE_HELD))
			continue;
		cb_error_set(&say, CB_OK, "挂起 %lld 条，超过 %lld 条；见 casebridge held",
			     "%lld are held, more than %lld; see casebridge held", (long long)held,
			     (long long)n->held);
		row.say = say.text;
		rc = store_notice(run->engine->store, &row, err);
	}
	return rc;
}

static int tell_asked(const struct run *run, struct cb_error *err)
{
	struct store_asked asked;
	struct cb_error say;
	int rc = store_asked(run->engine->store, run->flow->name, &asked, err);

	if (rc == CB_OK && asked.questions) {
		cb_error_set(&say, CB_OK,
			     "%lld 件与平台说法不一，要人来定；见 casebridge deliveries %s",
			     "a person has to decide on %lld; see casebridge deliveries %s",
			     (long long)asked.questions, run->flow->name);
		rc = tell(run, NOTICE_QUESTION, 1, &say, err);
	}
	if (rc == CB_OK && asked.approvals) {
		cb_error_set(&say, CB_OK, "%lld 件等领导放行；见 casebridge approve list",
			     "%lld wait for approval; see casebridge approve list",
			     (long long)asked.approvals);
		rc = tell(run, NOTICE_APPROVAL, 1, &say, err);
	}
	return rc;
}

int notices_of_run(const struct run *run, struct cb_error *err)
{
	int rc = CB_OK;

	if (!run->engine->site->notice_count)
		return CB_OK;
	if (run->report->verdict)
		rc = tell_failed(run, err);
	if (rc == CB_OK)
		rc = tell_mapping(run, err);
	if (rc == CB_OK)
		rc = tell_held(run, err);
	if (rc == CB_OK && run->flow->is_export)
		rc = tell_asked(run, err);
	return rc;
}

int notice_locked(const struct run *run, const char *path, struct cb_error *err)
{
	struct cb_error say;

	cb_error_set(
		&say, CB_OK,
		"已停用，等人处理；原因见 casebridge status，改好后执行 casebridge account unlock "
		"%s",
		"it is locked and waits for a person; casebridge status has the reason; when it "
		"is mended, run casebridge account unlock %s",
		path);
	return notice_raise(run->engine->store, run->engine->site, NOTICE_LOCKED, path, 1, say.text,
			    err);
}

int notice_rests(const struct run *run, const char *path, int64_t failures, int64_t until,
		 struct cb_error *err)
{
	char clock[CALENDAR_TEXT];
	struct cb_error say;

	calendar_iso(until, run->engine->site->zone, clock);
	cb_error_set(&say, CB_OK, "接连失败 %lld 次，歇到 %.5s %.5s 再试",
		     "%lld failures in a row; it rests until %.5s %.5s", (long long)failures,
		     clock + 5, clock + 11);
	return notice_raise(run->engine->store, run->engine->site, NOTICE_REST, path, 1, say.text,
			    err);
}
