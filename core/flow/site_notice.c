/*
 * site_notice.c - <notice>: where people are told, and of what.
 *
 * The address of a robot carries its key, so it is a secret like any other: a
 * file in secrets/, never a word in site.xml.
 */
#include "flow/site_reading.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/number.h"
#include "base/utf8.h"

#define TIMEOUT_MS 10000
#define BODY_MAX 65536

static const struct {
	const char *word, *zh, *en;
} kinds[NOTICE_KINDS] = {
	[NOTICE_DEADLINE] = { "deadline", "时限临近", "deadline near" },
	[NOTICE_LATE] = { "late", "已过时限", "late" },
	[NOTICE_LOCKED] = { "locked", "账号停用", "account locked" },
	[NOTICE_REST] = { "rest", "账号歇息", "account rests" },
	[NOTICE_FAILED] = { "failed", "运行失败", "run failed" },
	[NOTICE_HELD] = { "held", "挂起过多", "many held" },
	[NOTICE_QUESTION] = { "question", "等人来定", "a person decides" },
	[NOTICE_APPROVAL] = { "approval", "等待放行", "approval" },
	[NOTICE_MAPPING] = { "mapping", "映射没有启用", "mapping not in force" },
	[NOTICE_MISSED] = { "missed", "错过运行", "run missed" },
	[NOTICE_ENGINE] = { "engine", "引擎受阻", "engine in trouble" },
};

const char *notice_word(enum notice_kind kind)
{
	return kinds[kind].word;
}

const char *notice_label(enum notice_kind kind)
{
	return cb_say(kinds[kind].zh, kinds[kind].en);
}

const char *notice_setting_label(const char *name)
{
	return strcmp(name, "sign") == 0 ? cb_say("加签密钥", "the secret that signs")
					 : cb_say("机器人地址", "the robot's address");
}

static void read_kinds(const struct reading *r, struct site_notice *n)
{
	const char *list = cb_attribute(n->element, "on"), *begin = list;
	struct words words = { 0 };
	struct cb_text word;

	n->kinds = list ? 0 : (1u << NOTICE_KINDS) - 1;
	for (int i = 0; i < NOTICE_KINDS; i++)
		words_add(&words, kinds[i].word);
	while (list && grammar_word(&list, &word)) {
		const char *said = arena_string(r->arena, word);
		int kind = 0;

		while (kind < NOTICE_KINDS && strcmp(kinds[kind].word, said) != 0)
			kind++;
		if (kind < NOTICE_KINDS)
			n->kinds |= 1u << kind;
		else
			problem_at(r->problems, n->element, "on", (size_t)(word.at - begin),
				   "没有“%s”这种通知%s", "there are no notices of '%s'%s", said,
				   words_hint(r->arena, said, &words));
	}
	if (!n->kinds)
		problem_at(r->problems, n->element, "on", 0,
			   "要写明说哪些事，如 late locked failed",
			   "say of what: late locked failed");
}

static void read_folder(const struct reading *r, struct site_notice *n)
{
	const char *folder = cb_attribute(n->element, "folder");

	if (n->form == NOTICE_FILE && !folder)
		problem_at(r->problems, n->element, NULL, 0,
			   "to=\"file\" 要写 folder：放到哪个目录",
			   "to=\"file\" needs a folder: where the files go");
	else if (n->form != NOTICE_FILE && folder)
		problem_at(r->problems, n->element, "folder", 0, "只有 to=\"file\" 才写 folder",
			   "only to=\"file\" has a folder");
	else if (folder)
		n->folder = file_join(r->arena, r->site->folder, folder);
}

/* "webhook" always; "sign" of DingTalk, where its robot asks for one. */
static void read_secrets(const struct reading *r, struct site_notice *n)
{
	const struct cb_element *e = n->element;
	struct net_setting *settings =
		arena_zero(r->arena, (count_children(e, "secret") + 1) * sizeof(*settings));
	size_t count = 0;
	bool has_address = false;

	for (const struct cb_element *s = cb_child(e, "secret", NULL); s;
	     s = cb_child(e, "secret", s)) {
		const char *name = attribute_or(s, "name", "");
		bool is_address = strcmp(name, "webhook") == 0;
		bool is_sign = strcmp(name, "sign") == 0 && n->form == NOTICE_DINGTALK;
		const char *path;

		if (cb_attribute(s, "value") || utf8_trim(s->text).len)
			problem_hide(r->problems, s, "value");
		if (n->form == NOTICE_FILE || (!is_address && !is_sign)) {
			problem_at(r->problems, s, "name", 0,
				   "这里没有“%s”：机器人地址是 webhook，钉钉加签是 sign，file "
				   "没有密钥",
				   "there is no '%s' here: webhook is the address, sign is "
				   "DingTalk's, and file has no secret",
				   name);
			continue;
		}
		path = reading_secret(r, s, n->name);
		settings[count++] = (struct net_setting){
			.name = name, .value = path, .is_secret = true, .is_origin = is_address
		};
		has_address |= is_address;
		n->is_signed |= is_sign;
	}
	if (n->form != NOTICE_FILE && !has_address)
		problem_at(r->problems, e, NULL, 0,
			   "缺少机器人地址：请加 <secret name=\"webhook\" file=\"secrets/%s\"/>",
			   "the robot's address is missing: add <secret name=\"webhook\" "
			   "file=\"secrets/%s\"/>",
			   n->name);
	n->net.settings = settings;
	n->net.setting_count = count;
}

static void check_name(const struct reading *r, const struct site_notice *n)
{
	const struct site *site = r->site;

	for (size_t i = 0; i < site->notice_count; i++)
		if (strcmp(site->notices[i].name, n->name) == 0)
			reading_check_again(r, n->element, site->notices[i].element);
	/* `account set NAME` asks for the secrets of both. */
	for (size_t i = 0; i < site->connection_count; i++)
		if (strcmp(site->connections[i].name, n->name) == 0)
			reading_check_again(r, n->element, site->connections[i].element);
}

void reading_notice(const struct reading *r, const struct cb_element *e)
{
	static const char *const forms[] = { "wecom", "dingtalk", "json", "file" };
	struct site *site = r->site;
	struct site_notice *n = &site->notices[site->notice_count];
	const char *name = attribute_or(e, "name", ""), *ca = cb_attribute(e, "ca-file");
	const char *to = attribute_or(e, "to", "");

	*n = (struct site_notice){
		.name = name,
		.label = attribute_or(e, "label", name),
		.again_ms = INT64_C(24) * 3600 * 1000,
		.held = strtoll(attribute_or(e, "held", "100"), NULL, 10),
		.element = e,
		.net = { .connection = name,
			 .name = "",
			 .timeout_ms = TIMEOUT_MS,
			 .body_max = BODY_MAX,
			 .zone = site->zone,
			 .ca_file = ca ? file_join(r->arena, site->folder, ca) : NULL,
			 .proxy = cb_attribute(e, "proxy") },
	};
	while (n->form < NOTICE_FILE && strcmp(forms[n->form], to) != 0)
		n->form++;
	(void)number_duration(attribute_or(e, "again", "1d"), &n->again_ms);
	check_name(r, n);
	read_kinds(r, n);
	read_folder(r, n);
	read_secrets(r, n);
	site->notice_count++;
}
