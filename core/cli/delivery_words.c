/*
 * delivery_words.c - a delivery's state in words: what it is, why, and when what
 * happens next.
 */
#include "cli/delivery.h"

#include <string.h>

#include "base/calendar.h"

const char *delivery_label(enum delivery_state state)
{
	static const struct say labels[DELIVERY_STATES] = {
		[DELIVERY_WAITING] = { "等待", "waiting" },
		[DELIVERY_READY] = { "待报", "ready" },
		[DELIVERY_SENDING] = { "在途", "sending" },
		[DELIVERY_ACCEPTED] = { "已收", "accepted" },
		[DELIVERY_REJECTED] = { "被退回", "rejected" },
		[DELIVERY_IN_DOUBT] = { "存疑", "in doubt" },
		[DELIVERY_CONFLICT] = { "冲突", "conflict" },
		[DELIVERY_HELD] = { "挂起", "held" },
		[DELIVERY_WITHDRAWN] = { "已撤回", "withdrawn" },
		[DELIVERY_SUPERSEDED] = { "已被取代", "superseded" },
	};

	return say(labels[state]);
}

bool delivery_is_question(const struct store_delivery *d)
{
	return d->state == DELIVERY_CONFLICT || (d->state == DELIVERY_HELD && d->attempt &&
						 d->code && strcmp(d->code, CODE_DOUBT) == 0);
}

const char *delivery_clock(struct call *call, const struct site *site, int64_t ms)
{
	char then[CALENDAR_TEXT], now[CALENDAR_TEXT];

	calendar_iso(ms, site->zone, then);
	calendar_iso(call_now(), site->zone, now);
	if (memcmp(then, now, 10) == 0)
		return arena_printf(&call->arena, "%.5s", then + 11);
	return arena_printf(&call->arena, "%.5s %.5s", then + 5, then + 11);
}

const char *delivery_due(struct call *call, const struct site *site, int64_t due_ms)
{
	char clock[CALENDAR_TEXT];

	deadline_clock(due_ms, site->zone, clock);
	return arena_string(&call->arena, cb_text_of(clock));
}

const char *delivery_urgency(enum urgency urgency)
{
	return urgency == URGENCY_LATE   ? cb_say("已过期", "late")
	       : urgency == URGENCY_NEAR ? cb_say("临近", "near")
					 : "";
}

static const char *waiting(struct call *call, const struct site *site,
			   const struct store_delivery *d)
{
	const char *code = d->code ? d->code : "";
	const char *clock = delivery_clock(call, site, d->not_before);
	struct cb_error say;

	if (strcmp(code, CODE_APPROVAL) == 0)
		return cb_say("等领导放行（casebridge approve）",
			      "waits for approval (casebridge approve)");
	if (strcmp(code, CODE_LOGIN) == 0)
		cb_error_set(&say, CB_SETUP, "账号 %s 已停用，等 casebridge account unlock",
			     "account %s is locked: casebridge account unlock",
			     d->account ? d->account : "");
	else if (strcmp(code, CODE_HOURS) == 0)
		cb_error_set(&say, CB_LIMIT, "%s 平台开放后报", "%s, when the platform opens",
			     clock);
	else if (strcmp(code, CODE_QUOTA) == 0)
		cb_error_set(&say, CB_LIMIT, "今天的次数用完，%s 再报",
			     "today's quota is used up, %s again", clock);
	else if (strcmp(code, CODE_COPY) == 0)
		cb_error_set(&say, CB_LIMIT, "前一次发的可能还在路上，%s 再报新的，免得被旧的盖掉",
			     "what was sent before may still arrive; the newer goes at %s, so that "
			     "the older does not overwrite it",
			     clock);
	else
		cb_error_set(&say, CB_LIMIT, "账号接连失败，歇到 %s 再试",
			     "the account failed too often and rests, %s again", clock);
	return arena_string(&call->arena, cb_text_of(say.text));
}

static const char *in_doubt(struct call *call, const struct site *site,
			    const struct site_flow *flow, const struct store_delivery *d)
{
	const char *clock = d->not_before > call_now() ? delivery_clock(call, site, d->not_before)
						       : cb_say("下次运行时", "with the next run");
	enum repeat repeat = !flow              ? REPEAT_UNSAFE
			     : d->is_withdrawal ? flow->stream->withdraw_repeat
						: flow->stream->repeat;
	struct cb_error say;

	if (repeat != REPEAT_UNSAFE)
		cb_error_set(&say, CB_DOUBT, "%s 同一份再发一次", "%s the same once more", clock);
	else if (flow && !flow->stream->can_find)
		cb_error_set(&say, CB_DOUBT, "%s 交给人定（平台不能查）",
			     "%s it becomes a person's (the target cannot be asked)", clock);
	else if (d->denials)
		cb_error_set(&say, CB_DOUBT, "%s 再问平台（已答过一次没有）",
			     "%s the target is asked again (it said once that it is not there)",
			     clock);
	else
		cb_error_set(&say, CB_DOUBT, "%s 再问平台", "%s the target is asked", clock);
	return arena_string(&call->arena, cb_text_of(say.text));
}

static const char *joined(struct call *call, const char *first, const char *second)
{
	if (!second || !*second)
		return first;
	return arena_printf(&call->arena, "%s%s%s", first, cb_say("；", "; "), second);
}

const char *delivery_about(struct call *call, const struct site *site,
			   const struct store_delivery *d)
{
	const struct site_flow *flow = site_flow(site, d->flow);

	switch (d->state) {
	case DELIVERY_WAITING:
		/* Of a locked account it says the whole story. */
		if (d->say && d->code && strcmp(d->code, CODE_LOGIN) == 0)
			return d->say;
		return joined(call, waiting(call, site, d), d->say);
	case DELIVERY_READY:
		return joined(call,
			      d->is_withdrawal
				      ? cb_say("下次运行时撤回", "withdrawn by the next run")
				      : cb_say("下次运行时报", "sent by the next run"),
			      d->say);
	case DELIVERY_SENDING:
		return cb_say("正在发送；若运行已中断，下次运行先查明",
			      "being sent; if the run was cut off, the next finds out first");
	case DELIVERY_IN_DOUBT:
		return joined(call, in_doubt(call, site, flow, d), d->say);
	case DELIVERY_CONFLICT:
		return joined(
			call,
			cb_say("平台上同编号的内容不同，等人定（casebridge deliveries settle）",
			       "the target holds other content under this key, a person "
			       "decides (casebridge deliveries settle)"),
			d->field);
	case DELIVERY_WITHDRAWN:
		return d->code && strcmp(d->code, CODE_UNFIT) == 0
			       ? cb_say("没有报出过，不再需要",
					"never sent, and not wanted any more")
			       : cb_say("不再符合上报条件，已从平台撤回",
					"it no longer fits, and was taken back");
	case DELIVERY_HELD:
		if (d->code && strcmp(d->code, CODE_GIVE_UP) == 0)
			return joined(call,
				      cb_say("反复没有送到，同账号别的都到了",
					     "it did not arrive again and again, and others of its "
					     "account did"),
				      d->say);
		return d->say;
	default:
		return d->say;
	}
}
