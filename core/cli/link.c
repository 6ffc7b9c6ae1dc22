/*
 * link.c - casebridge link: duplicates in CSV files, without a site.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>

#include <casebridge/log.h>

#include "base/file.h"
#include "base/number.h"
#include "cli/link.h"
#include "cli/table.h"

struct linking {
	struct call *call;
	struct linker *linker;
	struct link_phases *phases; /* NULL: not asked for */
	struct link_result result;
	struct sheet sheet;
};

/* Reading the command line. */

int link_count(struct call *call, enum option_id option, int64_t most, int64_t *out)
{
	const char *text = call->values[option];

	*out = 0;
	if (text && (!number_size(text, out) || *out < 1 || *out > most))
		return call_usage(call, "--%s 是 1 到 %" PRId64 " 之间的数",
				  "--%s is a number from 1 to %" PRId64, option_table[option].name,
				  most);
	return 0;
}

static int read_threshold(struct call *call, double *out)
{
	const char *text = call->values[OPTION_THRESHOLD];

	*out = 0;
	if (!text)
		return 0;
	if (number_is_canonical(cb_text_of(text)))
		*out = strtod(text, NULL);
	if (*out > 0 && *out < 1)
		return 0;
	return call_usage(call, "--threshold 是 0 和 1 之间的概率",
			  "--threshold is a probability between 0 and 1");
}

static int read_options(struct call *call, struct link_options *options)
{
	int64_t threads, memory = 0;
	int code = link_count(call, OPTION_THREADS, 64, &threads);

	if (!code)
		code = read_threshold(call, &options->threshold);
	if (!code)
		code = link_count(call, OPTION_MEMORY, INT64_MAX, &memory);
	if (code)
		return code;
	options->threads = (unsigned)threads;
	options->memory = (size_t)memory;
	options->labels = call->values[OPTION_LABELS];
	options->rulings = call->values[OPTION_RULINGS];
	options->previous = call->values[OPTION_PREVIOUS];
	options->learns_from_labels = call_has(call, OPTION_TRAIN) && options->labels;
	if (!call_has(call, OPTION_TRAIN))
		options->params = call->values[OPTION_PARAMS];
	if (call_has(call, OPTION_TRAIN) && !call_has(call, OPTION_PARAMS))
		return call_usage(call, "--train 要有 --params，参数写到哪里",
				  "--train needs --params: where to write them");
	if (call_has(call, OPTION_REPORT) && !options->labels)
		return call_usage(call, "--report 要有 --labels，与什么比较",
				  "--report needs --labels: what to compare with");
	return 0;
}

/* "data/a.csv" → "a" */
static const char *source_name(struct call *call, const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	const char *dot = strrchr(name, '.');

	return arena_string(
		&call->arena,
		(struct cb_text){ name, dot && dot > name ? (size_t)(dot - name) : strlen(name) });
}

static struct link_spec *read_spec(struct call *call)
{
	struct problems problems = { 0 };
	struct link_spec *spec = link_spec_read(&call->arena, call->values[OPTION_SPEC], &problems);

	call_problems(call, &problems, false);
	problems_done(&problems);
	return spec;
}

static int load_all(struct call *call, struct linker *linker, struct cb_error *err)
{
	const char *file;
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && (file = call_nth(call, OPTION_INPUT, i)); i++)
		rc = linker_load(linker, file, source_name(call, file), err);
	return rc;
}

/* Files. */

static int write_out(struct linking *l, enum option_id option,
		     void (*make)(const struct linker *linker, struct buffer *out),
		     struct cb_error *err)
{
	const char *file = l->call->values[option];
	struct buffer bytes = { 0 };
	int rc = CB_OK;

	if (!file)
		return CB_OK;
	make(l->linker, &bytes);
	if (strcmp(file, "-") == 0)
		buffer_text(&l->call->out, buffer_view(&bytes));
	else if (!call_has(l->call, OPTION_DRY_RUN))
		rc = file_write(file, buffer_view(&bytes), 0644, err);
	buffer_done(&bytes);
	return rc;
}

/* Sheets. */

static void cell(struct linking *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void cell(struct linking *l, const char *format, ...)
{
	va_list args;
	char small[256];
	int len;

	va_start(args, format);
	len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	sheet_cell(&l->sheet,
		   (struct cb_text){ small, (size_t)len < sizeof(small) ? (size_t)len
									: sizeof(small) - 1 },
		   INK_PLAIN);
}

static void end_sheet(struct linking *l)
{
	sheet_end(&l->sheet, l->call->has_colours, 2, &l->call->out);
}

/* The summary. */

static void say_quality(struct linking *l, const char *name, const struct link_quality *q)
{
	sheet_string(&l->sheet, name);
	cell(l, "%.4f", q->precision);
	cell(l, "%.4f", q->recall);
	cell(l, "%.4f", q->f1);
	cell(l, "%" PRIu64, q->right);
	cell(l, "%" PRIu64, q->found);
	cell(l, "%" PRIu64, q->all);
}

static void say_qualities(struct linking *l)
{
	const struct link_result *r = &l->result;

	l->sheet = sheet_begin(&l->call->arena, 7, 0x7e);
	sheet_string(&l->sheet, cb_say("与已知的比较", "against what is known"));
	sheet_string(&l->sheet, cb_say("查准率", "precision"));
	sheet_string(&l->sheet, cb_say("查全率", "recall"));
	sheet_string(&l->sheet, "F1");
	sheet_string(&l->sheet, cb_say("对的", "right"));
	sheet_string(&l->sheet, cb_say("相连", "linked"));
	sheet_string(&l->sheet, cb_say("应连", "true"));
	say_quality(l, cb_say("对（本次界线）", "pairs at this cut"), &r->at_cut);
	say_quality(l,
		    arena_printf(&l->call->arena, "%s %.3f%s",
				 cb_say("对（最好的界线", "pairs at the best cut,"),
				 r->best_probability, cb_say("）", "")),
		    &r->best);
	say_quality(l, cb_say("簇内的对", "pairs in clusters"), &r->in_clusters);
	call_say(l->call, "\n", "\n");
	end_sheet(l);
}

static void say_summary(struct linking *l)
{
	const struct link_result *r = &l->result;

	call_say(l->call, "%zu 条记录，%zu 个来源，比较了 %zu 对；%zu 对相连，%zu 对存疑\n",
		 "%zu records of %zu sources, %zu pairs compared; %zu linked, %zu doubtful\n",
		 r->records, r->sources, r->pairs, r->links, r->doubtful);
	call_say(l->call, "%zu 簇，%zu 条记录并入别的；%zu 处连成一片的拆开了\n",
		 "%zu clusters, %zu records belong to another; %zu components were split\n",
		 r->clusters, r->linked, r->split);
	call_say(l->call, "界线 %.4f（分量 %.2f，%s）；估计查准率 %.4f，查全率 %.4f，F1 %.4f\n",
		 "cut at %.4f (weight %.2f, %s); expected precision %.4f, recall %.4f, F1 %.4f\n",
		 r->cut_probability, r->cut_weight,
		 r->is_cut_given ? cb_say("指定", "given") : cb_say("标定", "calibrated"),
		 r->precision, r->recall, r->f1);
	if (r->has_truth)
		say_qualities(l);
}

static void say_rules(struct linking *l)
{
	const struct link_result *r = &l->result;

	l->sheet = sheet_begin(&l->call->arena, 5, 0x1e);
	sheet_string(&l->sheet, cb_say("分块规则", "blocking rule"));
	sheet_string(&l->sheet, cb_say("对", "pairs"));
	sheet_string(&l->sheet, cb_say("其中新的", "new ones"));
	sheet_string(&l->sheet, cb_say("真的", "true"));
	sheet_string(&l->sheet, cb_say("没有它会漏", "lost without it"));
	for (size_t i = 0; i < r->rule_count; i++) {
		const struct link_rule_result *rule = &r->rules[i];

		sheet_string(&l->sheet, rule->name);
		sheet_number(&l->sheet, (int64_t)rule->found);
		sheet_number(&l->sheet, (int64_t)rule->first);
		sheet_number(&l->sheet, (int64_t)rule->right);
		sheet_number(&l->sheet, (int64_t)rule->lost);
	}
	call_say(l->call, "\n", "\n");
	end_sheet(l);
	call_say(l->call, "分块找到 %" PRIu64 " 对真的，共 %" PRIu64 "（%.4f）\n",
		 "the rules find %" PRIu64 " true pairs of %" PRIu64 " (%.4f)\n", r->blocked,
		 r->at_cut.all, r->at_cut.all ? (double)r->blocked / (double)r->at_cut.all : 1.0);
}

static const char *phase_words(const char *name)
{
	static const struct {
		const char *name, *zh;
	} words[] = {
		{ "load", "读入" },    { "order", "排序" }, { "forms", "规范化" },
		{ "blocks", "分块" },  { "pairs", "比较" }, { "strangers", "抽样" },
		{ "learn", "学参数" }, { "weigh", "计分" }, { "cluster", "聚簇" },
		{ "write", "写出" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].name, name) == 0)
			return cb_say(words[i].zh, name);
	return name;
}

static void say_phases(struct linking *l)
{
	l->sheet = sheet_begin(&l->call->arena, 4, 0x0e);
	sheet_string(&l->sheet, cb_say("步骤", "step"));
	sheet_string(&l->sheet, cb_say("用时（秒）", "seconds"));
	sheet_string(&l->sheet, cb_say("处理器（秒）", "of CPU"));
	sheet_string(&l->sheet, cb_say("内存峰值（MB）", "peak MB"));
	for (size_t i = 0; i < l->phases->count; i++) {
		const struct link_phase *phase = &l->phases->at[i];

		sheet_string(&l->sheet, phase_words(phase->name));
		cell(l, "%.3f", phase->wall);
		cell(l, "%.3f", phase->cpu);
		cell(l, "%ld", phase->peak / 1024);
	}
	call_say(l->call, "\n", "\n");
	end_sheet(l);
}

/* The same for programs. */

static void put_real(struct json *j, const char *key, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.6f", value);
	json_value(j, key, cb_text_of(text));
}

static void put_phases(struct json *j, const struct link_phases *phases)
{
	json_open(j, "steps", '[');
	for (size_t i = 0; i < phases->count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "name", phases->at[i].name);
		put_real(j, "seconds", phases->at[i].wall);
		put_real(j, "cpu", phases->at[i].cpu);
		json_integer(j, "peak_kb", phases->at[i].peak);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_quality(struct json *j, const char *key, const struct link_quality *q)
{
	json_open(j, key, '{');
	put_real(j, "precision", q->precision);
	put_real(j, "recall", q->recall);
	put_real(j, "f1", q->f1);
	json_integer(j, "right", (int64_t)q->right);
	json_integer(j, "linked", (int64_t)q->found);
	json_integer(j, "true", (int64_t)q->all);
	json_close(j, '}');
}

static void put_truth(struct json *j, const struct link_result *r)
{
	put_quality(j, "pairs", &r->at_cut);
	put_quality(j, "best", &r->best);
	put_real(j, "best_probability", r->best_probability);
	put_quality(j, "clusters_pairs", &r->in_clusters);
	json_integer(j, "blocked", (int64_t)r->blocked);
	json_open(j, "rules", '[');
	for (size_t i = 0; i < r->rule_count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "name", r->rules[i].name);
		json_integer(j, "pairs", (int64_t)r->rules[i].found);
		json_integer(j, "new", (int64_t)r->rules[i].first);
		json_integer(j, "true", (int64_t)r->rules[i].right);
		json_integer(j, "lost", (int64_t)r->rules[i].lost);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_summary(struct linking *l)
{
	const struct link_result *r = &l->result;
	struct json j = call_json(l->call);

	json_open(&j, NULL, '{');
	json_integer(&j, "records", (int64_t)r->records);
	json_integer(&j, "sources", (int64_t)r->sources);
	json_integer(&j, "compared", (int64_t)r->pairs);
	json_integer(&j, "linked", (int64_t)r->links);
	json_integer(&j, "doubtful", (int64_t)r->doubtful);
	json_integer(&j, "clusters", (int64_t)r->clusters);
	put_real(&j, "cut", r->cut_probability);
	put_real(&j, "expected_precision", r->precision);
	put_real(&j, "expected_recall", r->recall);
	put_real(&j, "expected_f1", r->f1);
	if (r->has_truth)
		put_truth(&j, r);
	if (l->phases)
		put_phases(&j, l->phases);
	json_close(&j, '}');
	buffer_char(&l->call->out, '\n');
}

static void say_point(void *with, const struct link_point *point)
{
	struct linking *l = with;

	cell(l, "%g", point->probability);
	cell(l, "%.2f", point->weight);
	cell(l, "%.4f", point->measured.precision);
	cell(l, "%.4f", point->measured.recall);
	cell(l, "%.4f", point->measured.f1);
	cell(l, "%.4f", point->precision);
	cell(l, "%.4f", point->recall);
}

static void say_curve(struct linking *l)
{
	l->sheet = sheet_begin(&l->call->arena, 7, 0x7f);
	sheet_string(&l->sheet, cb_say("界线", "cut"));
	sheet_string(&l->sheet, cb_say("分量", "weight"));
	sheet_string(&l->sheet, cb_say("查准率", "precision"));
	sheet_string(&l->sheet, cb_say("查全率", "recall"));
	sheet_string(&l->sheet, "F1");
	sheet_string(&l->sheet, cb_say("估计查准", "expected p."));
	sheet_string(&l->sheet, cb_say("估计查全", "expected r."));
	linker_curve(l->linker, say_point, l);
	call_say(l->call, "\n", "\n");
	end_sheet(l);
}

/* One pair. */

static void say_part(void *with, const struct link_part *part)
{
	struct linking *l = with;

	sheet_string(&l->sheet, part->name);
	sheet_string(&l->sheet, part->level);
	cell(l, "%+.2f", part->weight);
	if (part->frequency < 0 || part->frequency > 0)
		cell(l, "%+.2f", part->frequency);
	else
		sheet_string(&l->sheet, "");
	sheet_string(&l->sheet, part->left ? part->left : part->level ? "—" : "");
	sheet_string(&l->sheet, part->right ? part->right : part->level ? "—" : "");
}

static const char *verdict_words(const struct link_verdict *v)
{
	if (v->is_never)
		return cb_say("规格不许相连", "the specification forbids the link");
	if (v->is_linked)
		return cb_say("相连", "linked");
	return v->is_same_cluster
		       ? cb_say("不直接相连，但在同一簇", "not linked, but in one cluster")
		       : cb_say("不连", "not linked");
}

static int explain(struct linking *l, struct cb_error *err)
{
	struct link_verdict verdict;
	int rc;

	l->sheet = sheet_begin(&l->call->arena, 6, 0x0c);
	sheet_string(&l->sheet, cb_say("比较", "comparison"));
	sheet_string(&l->sheet, cb_say("级别", "level"));
	sheet_string(&l->sheet, cb_say("分量", "weight"));
	sheet_string(&l->sheet, cb_say("少见", "rarity"));
	sheet_string(&l->sheet, call_nth(l->call, OPTION_EXPLAIN, 0));
	sheet_string(&l->sheet, call_nth(l->call, OPTION_EXPLAIN, 1));
	rc = linker_explain(l->linker, &l->call->arena, call_nth(l->call, OPTION_EXPLAIN, 0),
			    call_nth(l->call, OPTION_EXPLAIN, 1), say_part, l, &verdict, err);
	if (rc != CB_OK) {
		sheet_drop(&l->sheet);
		return rc;
	}
	end_sheet(l);
	call_say(l->call, "合计 %.2f，概率 %.6f，界线 %.2f：%s\n",
		 "total %.2f, probability %.6f, cut %.2f: %s\n", verdict.weight,
		 verdict.probability, l->result.cut_weight, verdict_words(&verdict));
	call_say(l->call, "找到这一对的分块规则：%s\n", "blocking rules that find the pair: %s\n",
		 *verdict.rules ? verdict.rules : cb_say("没有", "none"));
	return CB_OK;
}

static void say_warning(void *with, const char *text)
{
	(void)with;
	cb_log(CB_WARN, "%s", "%s", text);
}

/* What the records themselves take cannot be less. */
static void warn_of_memory(struct linking *l)
{
	const char *limit = l->call->values[OPTION_MEMORY];
	struct rusage used;
	int64_t most;

	getrusage(RUSAGE_SELF, &used);
	if (limit && number_size(limit, &most) && used.ru_maxrss > most / 1024)
		cb_log(CB_WARN, "用了 %ld MB，超过 --memory：记录本身就要这么多",
		       "it took %ld MB, more than --memory: the records alone need that",
		       used.ru_maxrss / 1024);
}

static int draw(struct linking *l, struct cb_error *err)
{
	struct call *call = l->call;
	struct buffer bytes = { 0 };
	int rc = CB_OK;

	if (!call_has(call, OPTION_DRAW))
		return CB_OK;
	if (call_has(call, OPTION_EXPLAIN))
		rc = linker_draw_pair(l->linker, call_nth(call, OPTION_EXPLAIN, 0),
				      call_nth(call, OPTION_EXPLAIN, 1), &bytes, err);
	else
		linker_draw(l->linker, &bytes);
	if (rc == CB_OK && !call_has(call, OPTION_DRY_RUN))
		rc = file_write(call->values[OPTION_DRAW], buffer_view(&bytes), 0644, err);
	buffer_done(&bytes);
	return rc;
}

static int answer(struct linking *l, struct cb_error *err)
{
	int rc = write_out(l, OPTION_PAIRS, linker_pairs_csv, err);

	if (rc == CB_OK)
		rc = write_out(l, OPTION_CLUSTERS, linker_clusters_csv, err);
	if (rc == CB_OK && call_has(l->call, OPTION_LINKS) && !call_has(l->call, OPTION_DRY_RUN))
		rc = linker_store(l->linker, l->call->values[OPTION_LINKS], err);
	if (rc == CB_OK && call_has(l->call, OPTION_TRAIN))
		rc = write_out(l, OPTION_PARAMS, linker_params_json, err);
	if (rc == CB_OK)
		rc = draw(l, err);
	if (rc != CB_OK)
		return rc;
	link_phase(l->phases, "write");
	linker_result(l->linker, &l->result);
	linker_warnings(l->linker, say_warning, l);
	warn_of_memory(l);
	if (call_has(l->call, OPTION_EXPLAIN))
		return explain(l, err);
	if (call_has(l->call, OPTION_JSON)) {
		put_summary(l);
		return CB_OK;
	}
	say_summary(l);
	if (l->phases)
		say_phases(l);
	if (call_has(l->call, OPTION_REPORT)) {
		say_rules(l);
		say_curve(l);
	}
	return CB_OK;
}

int link_run(struct call *call, struct link_phases *phases, struct linker **linker)
{
	struct link_options options = { .phases = phases };
	struct link_spec *spec;
	struct cb_error err;
	int code = read_options(call, &options), rc;

	if (code)
		return code;
	if (!call_has(call, OPTION_SPEC) || !call_has(call, OPTION_INPUT))
		return call_usage(call, "用 --spec 指出匹配规格，用 --input 指出 CSV 文件",
				  "name the specification with --spec, and CSV files with --input");
	spec = read_spec(call);
	if (!spec)
		return EX_CONFIG;
	*linker = linker_new(spec, &options);
	rc = load_all(call, *linker, &err);
	if (rc == CB_OK)
		rc = linker_run(*linker, &err);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}

int command_link(struct call *call)
{
	struct link_phases phases = { 0 };
	struct linking l = { .call = call,
			     .phases = call_has(call, OPTION_VERBOSE) ? &phases : NULL };
	struct cb_error err;
	int code = link_run(call, l.phases, &l.linker);

	if (!code && answer(&l, &err) != CB_OK)
		code = call_fail(call, &err);
	linker_free(l.linker);
	return code;
}
