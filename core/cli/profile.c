/*
 * profile.c - casebridge link profile: which blocking rules to write.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "cli/link.h"
#include "cli/table.h"

#define BUDGET 5 /* pairs a record */

static const char *real(struct call *call, int digits, double value)
{
	char small[40];

	snprintf(small, sizeof(small), "%.*f", digits, value);
	return arena_string(&call->arena, cb_text_of(small));
}

static void say_rules(struct call *call, const struct link_profile *p)
{
	struct sheet sheet = sheet_begin(&call->arena, 7, 0x3e);

	sheet_string(&sheet, cb_say("分块规则", "blocking rule"));
	sheet_string(&sheet, cb_say("对", "pairs"));
	sheet_string(&sheet, cb_say("其中新的", "new ones"));
	sheet_string(&sheet, cb_say("新的真对", "new true"));
	sheet_string(&sheet, cb_say("单独查全", "recall alone"));
	sheet_string(&sheet, cb_say("合计查全", "recall so far"));
	sheet_string(&sheet, "");
	for (size_t i = 0; i < p->count; i++) {
		const struct link_profile_rule *rule = &p->rules[i];

		sheet_string(&sheet, rule->name);
		sheet_number(&sheet, (int64_t)rule->pairs);
		sheet_number(&sheet, (int64_t)rule->fresh);
		sheet_string(&sheet, real(call, 0, rule->gain));
		sheet_string(&sheet, real(call, 4, rule->alone));
		sheet_string(&sheet, real(call, 4, rule->recall));
		sheet_string(&sheet,
			     rule->is_in_spec ? cb_say("规格里已有", "in the specification") : "");
	}
	sheet_end(&sheet, call->has_colours, 2, &call->out);
}

static void say_profile(struct call *call, const struct link_profile *p)
{
	call_say(call, "%zu 种候选，%zu 种在预算之内（%" PRIu64 " 对）；估计有 %.0f 对真的\n\n",
		 "%zu candidates, %zu within the budget of %" PRIu64
		 " pairs; an estimated %.0f true pairs\n\n",
		 p->candidates, p->affordable, p->budget, p->matches);
	say_rules(call, p);
	call_say(call,
		 "\n选出的 %zu 条一起比较 %" PRIu64
		 " 对，估计查全 %.4f；规格现有的规则比较 %" PRIu64 " 对，估计查全 %.4f\n",
		 "\nthese %zu compare %" PRIu64
		 " pairs, expected recall %.4f; the rules of the specification %" PRIu64
		 " pairs, %.4f\n",
		 p->count, p->pairs, p->recall, p->spec_pairs, p->spec_recall);
	if (p->has_truth)
		call_say(call, "对照已知的：找到 %" PRIu64 " 对真的，共 %" PRIu64 "（%.4f）\n",
			 "against what is known: %" PRIu64 " true pairs found of %" PRIu64
			 " (%.4f)\n",
			 p->right, p->all, p->all ? (double)p->right / (double)p->all : 1.0);
}

static void put_real(struct json *j, const char *key, double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.6f", value);
	json_value(j, key, cb_text_of(text));
}

static void put_profile(struct call *call, const struct link_profile *p)
{
	struct json j = call_json(call);

	json_open(&j, NULL, '{');
	json_integer(&j, "candidates", (int64_t)p->candidates);
	json_integer(&j, "affordable", (int64_t)p->affordable);
	json_integer(&j, "budget", (int64_t)p->budget);
	json_integer(&j, "compared", (int64_t)p->pairs);
	put_real(&j, "expected_matches", p->matches);
	put_real(&j, "expected_recall", p->recall);
	json_integer(&j, "specification_compared", (int64_t)p->spec_pairs);
	put_real(&j, "specification_expected_recall", p->spec_recall);
	if (p->has_truth) {
		json_integer(&j, "right", (int64_t)p->right);
		json_integer(&j, "true", (int64_t)p->all);
	}
	json_open(&j, "rules", '[');
	for (size_t i = 0; i < p->count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "name", p->rules[i].name);
		json_string(&j, "block", p->rules[i].xml);
		json_integer(&j, "pairs", (int64_t)p->rules[i].pairs);
		json_integer(&j, "new", (int64_t)p->rules[i].fresh);
		put_real(&j, "expected_new_true", p->rules[i].gain);
		put_real(&j, "expected_recall_alone", p->rules[i].alone);
		put_real(&j, "expected_recall", p->rules[i].recall);
		json_flag(&j, "in_specification", p->rules[i].is_in_spec);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&call->out, '\n');
}

/* What can be pasted into the specification. */
static int put_blocks(struct call *call, const struct link_profile *p, struct cb_error *err)
{
	const char *file = call->values[OPTION_OUT];
	struct buffer lines = { 0 };
	int rc = CB_OK;

	for (size_t i = 0; i < p->count; i++)
		buffer_printf(&lines, "  %s\n", p->rules[i].xml);
	if (file && !call_has(call, OPTION_DRY_RUN)) {
		rc = file_write(file, buffer_view(&lines), 0644, err);
	} else if (!file && !call_has(call, OPTION_JSON)) {
		call_say(call, "\n写进规格，替换原来的：\n",
			 "\nfor the specification, instead of its own:\n");
		buffer_text(&call->out, buffer_view(&lines));
	}
	buffer_done(&lines);
	return rc;
}

int command_link_profile(struct call *call)
{
	struct linker *linker = NULL;
	struct link_profile profile;
	struct cb_error err;
	int64_t budget;
	int code = link_count(call, OPTION_BUDGET, 1000, &budget);

	if (!code)
		code = link_run(call, NULL, &linker);
	if (!code) {
		linker_profile(linker, budget ? (unsigned)budget : BUDGET, &call->arena, &profile);
		if (call_has(call, OPTION_JSON))
			put_profile(call, &profile);
		else
			say_profile(call, &profile);
		if (put_blocks(call, &profile, &err) != CB_OK)
			code = call_fail(call, &err);
	}
	linker_free(linker);
	return code;
}
