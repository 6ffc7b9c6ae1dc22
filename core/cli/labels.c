/*
 * labels.c - words for people in the place of codes.
 */
#include "cli/labels.h"

#include <glob.h>
#include <stdlib.h>

#include "base/file.h"

struct labels {
	struct call *call;
	const struct site *site;
	struct mapping **libraries;
	size_t count;
	bool is_read;
};

struct labels *labels_new(struct call *call, const struct site *site)
{
	struct labels *labels = memory_take(sizeof(*labels));

	labels->call = call;
	labels->site = site;
	return labels;
}

/* A library that cannot be read has no words; what is wrong with it, check says. */
static void read_libraries(struct labels *labels)
{
	struct arena *arena = &labels->call->arena;
	glob_t found;

	labels->is_read = true;
	if (!labels->site->model_file ||
	    glob(file_beside(arena, labels->site->model_file, "../codes/*.xml"), 0, NULL, &found))
		return;
	labels->libraries = arena_zero(arena, (found.gl_pathc + 1) * sizeof(*labels->libraries));
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct problems problems = { 0 };
		struct mapping *m = mapping_read_library(
			arena, arena_string(arena, cb_text_of(found.gl_pathv[i])), &problems);

		if (m)
			labels->libraries[labels->count++] = m;
		problems_done(&problems);
	}
	globfree(&found);
}

static const char *find(struct labels *labels, const char *table, struct cb_text code)
{
	struct arena *arena = &labels->call->arena;
	const char *label = NULL;

	if (!labels->is_read)
		read_libraries(labels);
	for (size_t i = 0; i < labels->count && !label; i++)
		label = mapping_code_label(labels->libraries[i], arena, table, code);
	for (size_t i = 0; i < labels->site->flow_count && !label; i++)
		if (labels->site->flows[i].mapping)
			label = mapping_code_label(labels->site->flows[i].mapping, arena, table,
						   code);
	return label;
}

struct cb_text labels_say(struct labels *labels, const struct field *field, struct cb_text value)
{
	const char *label = NULL;

	if (value.len && field && field->codes && field->privacy == PRIVACY_NONE)
		label = find(labels, field->codes, value);
	if (!label || cb_text_is(value, label))
		return value;
	return cb_text_of(
		arena_printf(&labels->call->arena, "%s (%.*s)", label, CB_TEXT_ARG(value)));
}

void labels_free(struct labels *labels)
{
	for (size_t i = 0; labels && i < labels->count; i++)
		mapping_done(labels->libraries[i]);
	free(labels);
}

const char *cause_label(const char *code)
{
	static const struct {
		const char *code;
		struct say say;
	} all[] = {
		{ "need", { "缺必填项", "missing" } },
		{ "code", { "代码不在表里", "code not in the table" } },
		{ "number", { "不是数", "no number" } },
		{ "date", { "日期不对", "bad date" } },
		{ "long", { "太长", "too long" } },
		{ "small", { "超出范围", "out of range" } },
		{ "like", { "写法不对", "wrong form" } },
		{ "idcard", { "身份证号不对", "bad id number" } },
		{ "phone", { "电话不对", "bad phone number" } },
		{ "uscc", { "信用代码不对", "bad credit code" } },
		{ "orgcode", { "机构代码不对", "bad organisation code" } },
		{ "region", { "区划不对", "bad region" } },
		{ "many", { "太多", "too many" } },
		{ "few", { "太少", "too few" } },
		{ "check", { "规则不符", "a rule is broken" } },
		{ "verify", { "固定值不符", "not the constant" } },
		{ "type", { "类型不对", "wrong type" } },
		{ "charset", { "字符写不出", "cannot be written" } },
		{ "ref", { "查无所指", "unknown reference" } },
		{ "guard", { "读回来不一样", "reads back differently" } },
		{ "hold", { "要人工判定", "needs a person" } },
		{ "unmatched", { "回执对不上", "a receipt of nothing" } },
		{ "identity", { "认不准是哪一条", "which record is it?" } },
		{ "format", { "这一条读不出", "cannot be read" } },
		{ "poison", { "插件在此出错", "a plugin broke here" } },
		{ "unread", { "从此起没有读", "unread from here on" } },
		{ "account", { "没有合适的账号", "no account fits" } },
		{ CODE_APPROVAL, { "领导未放行", "consent refused" } },
		{ CODE_DOUBT, { "不知是否已到", "did it arrive?" } },
		{ "conflict", { "平台上内容不同", "other content there" } },
		{ CODE_WITHDRAW, { "要人去撤回", "to be withdrawn by hand" } },
		{ CODE_KEY, { "编号不对", "the key is wrong" } },
		{ CODE_GIVE_UP, { "反复送不到", "does not arrive" } },
	};

	for (size_t i = 0; code && i < sizeof(all) / sizeof(*all); i++)
		if (strcmp(all[i].code, code) == 0)
			return say(all[i].say);
	return code;
}

const char *result_label(const char *result)
{
	static const struct {
		const char *result;
		struct say say;
	} all[] = {
		{ "ok", { "完成", "done" } },
		{ "again", { "没连上", "unreachable" } },
		{ "limit", { "要求放慢", "slow down" } },
		{ "doubt", { "存疑", "in doubt" } },
		{ "login", { "登录被拒", "login refused" } },
		{ "setup", { "有设置要改", "a setting is wrong" } },
		{ "refused", { "被退回", "refused" } },
		{ "broken", { "数据有误", "broken" } },
		{ "interrupted", { "中断", "interrupted" } },
		{ "missed", { "错过", "missed" } },
		{ "covered", { "由后一次补上", "made up by the next" } },
		{ "dropped", { "流程已取消", "no such flow" } },
	};

	for (size_t i = 0; result && i < sizeof(all) / sizeof(*all); i++)
		if (strcmp(result, all[i].result) == 0)
			return say(all[i].say);
	return result ? result : "";
}
