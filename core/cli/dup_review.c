/*
 * dup_review.c - the doubtful ones, one after another: yes, no, skip, undo.
 *
 * Each answer is a transaction of its own, so that one may stop anywhere. On a
 * terminal a key is enough; from a pipe, each character of the input is one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "cli/dup.h"
#include "cli/table.h"

struct review {
	struct dup d;
	struct store_pair *pairs;
	size_t count, at;
	struct answer { /* y, n or s to a pair; event 0: nothing was written */
		size_t pair;
		int64_t event;
		char key;
	} * answers;
	size_t answer_count, answer_room;
	struct termios before;
	bool is_raw;
};

static void keys_on(struct review *r)
{
	struct termios now;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &r->before) != 0)
		return;
	now = r->before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	r->is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &now) == 0;
}

static void keys_off(struct review *r)
{
	if (r->is_raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &r->before);
}

/* 'q' at the end of the input. */
static char next_key(void)
{
	char c = 'q';
	ssize_t got;

	do
		got = read(STDIN_FILENO, &c, 1);
	while (got == 1 && (c == '\n' || c == '\r' || c == ' '));
	return got == 1 ? c : 'q';
}

static int decide(struct review *r, const struct store_pair *pair, bool is_same, int64_t *event,
		  struct cb_error *err)
{
	struct call *call = r->d.call;
	struct store_ruling said = {
		.record = { pair->record[0], pair->record[1] },
		.is_same = is_same,
		.who = call_who(call),
		.why = call->values[OPTION_REASON],
	};
	int rc = store_begin(r->d.store, call_now(), err);

	if (rc != CB_OK)
		return rc;
	/* What is decided on is what is there now, not what the search saw. */
	for (int i = 0; i < 2 && rc == CB_OK; i++)
		rc = dup_data(&r->d, pair->record[i], &said.data[i], err);
	if (rc == CB_OK)
		rc = is_same ? store_link(r->d.store, r->d.entity, &said, event, err)
			     : store_keep_apart(r->d.store, &said, event, err);
	if (rc == CB_OK)
		return store_commit(r->d.store, err);
	store_rollback(r->d.store);
	return rc;
}

static void answered(struct review *r, char key, int64_t event)
{
	memory_grow(&r->answers, r->answer_count, &r->answer_room, sizeof(*r->answers));
	r->answers[r->answer_count++] = (struct answer){ r->at++, event, key };
}

static int64_t how_many(const struct review *r, char key)
{
	int64_t count = 0;

	for (size_t i = 0; i < r->answer_count; i++)
		count += r->answers[i].key == key;
	return count;
}

/* Two that are both there: their receipts, and a second yes. */
static int confirm(struct review *r, const struct store_pair *pair, bool *is_sure,
		   struct cb_error *err)
{
	struct dup_receipts receipts;
	int rc = dup_receipts(&r->d, pair->record, &receipts, err);

	*is_sure = true;
	if (rc != CB_OK || !receipts.flow)
		return rc;
	dup_say_receipts(&r->d, &receipts);
	call_say(r->d.call, "确认相连再按一次 y：", "To link them, press y once more: ");
	call_flush(r->d.call, true);
	*is_sure = next_key() == 'y';
	call_say(r->d.call, "%s\n", "%s\n", *is_sure ? "y" : cb_say("没有相连", "not linked"));
	return CB_OK;
}

static int say_yes(struct review *r, struct cb_error *err)
{
	const struct store_pair *pair = &r->pairs[r->at];
	bool is_sure;
	int64_t event = 0;
	int rc = confirm(r, pair, &is_sure, err);

	if (rc != CB_OK || !is_sure)
		return rc;
	rc = decide(r, pair, true, &event, err);
	if (rc == CB_OK)
		answered(r, 'y', event);
	return rc;
}

static int say_no(struct review *r, struct cb_error *err)
{
	int64_t event = 0;
	int rc = decide(r, &r->pairs[r->at], false, &event, err);

	if (rc == CB_OK)
		answered(r, 'n', event);
	return rc;
}

static int take_back(struct review *r, struct cb_error *err)
{
	struct call *call = r->d.call;
	const struct answer *last;
	int64_t event;
	int rc;

	if (!r->answer_count) {
		call_say(call, "没有可以撤销的\n", "there is nothing to undo\n");
		return CB_OK;
	}
	last = &r->answers[r->answer_count - 1];
	if (last->event) {
		rc = store_begin(r->d.store, call_now(), err);
		if (rc == CB_OK)
			rc = store_undo(r->d.store, last->event, call_who(call), NULL, &event, err);
		if (rc == CB_OK)
			rc = store_commit(r->d.store, err);
		else
			store_rollback(r->d.store);
		if (rc != CB_OK)
			return rc;
	}
	r->at = last->pair;
	r->answer_count--;
	call_say(call, "已撤销\n", "undone\n");
	return CB_OK;
}

/* By an answer before, the two may be in one cluster by now. */
static int is_settled(struct review *r, bool *settled, struct cb_error *err)
{
	const struct store_pair *pair = &r->pairs[r->at];
	int64_t a = 0, b = 0;
	int rc = store_cluster_of(r->d.store, pair->record[0], &a, err);

	if (rc == CB_OK)
		rc = store_cluster_of(r->d.store, pair->record[1], &b, err);
	*settled = rc == CB_OK && a && a == b;
	return rc;
}

static int ask(struct review *r, bool *goes_on, struct cb_error *err)
{
	struct call *call = r->d.call;
	const struct store_pair *pair = &r->pairs[r->at];
	int rc = dup_print_pair(&r->d, pair->record, pair, err);
	char key;

	if (rc != CB_OK)
		return rc;
	for (;;) {
		call_say(call,
			 "\n[%zu/%zu] 是同一件吗？ y 是  n 不是  s 跳过  u 撤销上一步  q 结束：",
			 "\n[%zu/%zu] Are they one? y yes  n no  s skip  u undo  q quit: ",
			 r->at + 1, r->count);
		call_flush(call, true);
		key = next_key();
		buffer_printf(&call->out, "%c\n", key >= ' ' && key <= '~' ? key : '?');
		switch (key) {
		case 'y':
			return say_yes(r, err);
		case 'n':
			return say_no(r, err);
		case 's':
			answered(r, 's', 0);
			return CB_OK;
		case 'u':
			return take_back(r, err);
		case 'q':
			*goes_on = false;
			return CB_OK;
		}
	}
}

static int review(struct review *r, struct cb_error *err)
{
	bool goes_on = true, settled;
	int rc = dup_pairs(&r->d, DUP_OPEN, 0, &r->pairs, &r->count, err);

	if (rc == CB_OK && call_has(r->d.call, OPTION_UNMASK))
		rc = dup_audit_unmask(&r->d, r->d.entity->name, err);
	while (rc == CB_OK && goes_on && r->at < r->count) {
		rc = is_settled(r, &settled, err);
		if (rc == CB_OK && settled)
			r->at++;
		else if (rc == CB_OK)
			rc = ask(r, &goes_on, err);
	}
	return rc;
}

int command_dup_review(struct call *call)
{
	struct review r = { 0 };
	struct cb_error err;
	int code = dup_open(&r.d, call, STORE_WRITE, call->arguments[0]);

	if (!code) {
		keys_on(&r);
		if (review(&r, &err) != CB_OK)
			code = call_fail(call, &err);
		keys_off(&r);
	}
	if (!code && !r.count)
		call_say(call, "没有要看的\n", "nothing to look at\n");
	else if (!code)
		call_say(call, "相连 %" PRId64 "，不同 %" PRId64 "，跳过 %" PRId64 "\n",
			 "linked %" PRId64 ", apart %" PRId64 ", skipped %" PRId64 "\n",
			 how_many(&r, 'y'), how_many(&r, 'n'), how_many(&r, 's'));
	free(r.answers);
	dup_close(&r.d);
	return code;
}
