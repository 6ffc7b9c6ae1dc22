/*
 * sketch.c - map new: a first mapping from a sample. The sample is read by a
 * worker, like any document of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/map.h"

static int read_sample(struct call *call, const char *file, struct buffer *events,
		       struct cb_error *err)
{
	struct translation none = { 0 };
	struct worker_job job = map_job(call, &none, WORK_OUTLINE);
	struct worker *worker = NULL;
	struct worker_message m;
	int rc;

	job.key = file;
	job.fd = open(file, O_RDONLY | O_CLOEXEC);
	if (job.fd < 0)
		return cb_fail(err, CB_SETUP, "%s：不能读取：%s", "%s: cannot read: %s", file,
			       file_reason(errno));
	rc = worker_start(&job, NULL, &worker, err);
	while (rc == CB_OK && (rc = worker_next(worker, &m, err)) == CB_OK) {
		if (m.kind == WORKER_BYTES)
			buffer_text(events, m.text);
		if (m.kind == WORKER_DONE && m.error.verdict != CB_OK) {
			*err = m.error;
			cb_error_prefix(err, "%s：", "%s: ", file);
			rc = (int)err->verdict;
		}
	}
	worker_free(worker);
	close(job.fd);
	return rc == CB_END ? CB_OK : rc;
}

/* "xml", "json", or a table: what a mapping calls it. */
static const char *format_of(const char *file)
{
	const char *dot = strrchr(file, '.');

	if (dot && strcasecmp(dot, ".xml") == 0)
		return "xml";
	return dot && strcasecmp(dot, ".json") == 0 ? "json" : "table";
}

static const char *label_of(struct call *call, const char *file)
{
	const char *slash = strrchr(file, '/'), *at = slash ? slash + 1 : file;

	return arena_string(&call->arena, (struct cb_text){ at, strcspn(at, ".") });
}

static const char *name_of(struct call *call, const char *file)
{
	char *name = arena_string(&call->arena, cb_text_of(label_of(call, file)));

	for (char *c = name; *c; c++)
		if ((unsigned char)*c < 0x80 &&
		    !strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *c))
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : '-';
	/* A name begins with a letter. */
	return *name >= 'a' && *name <= 'z' ? name : "new";
}

static struct table *find_entity(struct call *call, const struct model *model)
{
	const char *name = call->values[OPTION_ENTITY], *names[65] = { NULL };
	struct table *entity;

	if (!name)
		return &model->entities[0];
	entity = model_entity(model, name);
	for (size_t i = 0; i < model->entity_count && i < 64; i++)
		names[i] = model->entities[i].name;
	if (!entity)
		call_usage(call, "模型里没有实体“%s”%s", "the model has no entity '%s'%s", name,
			   call_hint(call, name, names));
	return entity;
}

static int write_sketch(struct call *call, struct cb_text text)
{
	const char *file = call->values[OPTION_OUT];
	struct cb_error err;

	if (!file) {
		buffer_text(&call->out, text);
		return 0;
	}
	if (file_exists(file))
		return call_usage(call, "%s 已经有了：另写一个名字，或先移走它",
				  "%s is there already: name another, or move it away", file);
	if (!call_has(call, OPTION_DRY_RUN) && file_write(file, text, 0644, &err) != CB_OK)
		return call_fail(call, &err);
	call_say(call, "%s：写好了第一稿，TODO 处要人定\n", "%s: a first guess; decide each TODO\n",
		 file);
	return 0;
}

int command_map_new(struct call *call)
{
	const char *sample = call->values[OPTION_FROM], *model_file;
	struct buffer events = { 0 }, text = { 0 };
	struct problems problems = { 0 };
	struct table *entity = NULL;
	struct model *model;
	struct cb_error err;
	int code = EX_CONFIG;

	if (!sample)
		return call_usage(call, "用 --from 指出样本文件", "name the sample with --from");
	model = map_model(call, call_has(call, OPTION_OUT) ? call->values[OPTION_OUT] : "new.xml",
			  &model_file, &problems);
	call_problems(call, &problems, false);
	problems_done(&problems);
	if (model) {
		entity = find_entity(call, model);
		code = EX_USAGE;
	}
	if (entity && read_sample(call, sample, &events, &err) != CB_OK)
		code = call_fail(call, &err);
	else if (entity && !mapping_sketch(&call->arena, model, entity, name_of(call, sample),
					   label_of(call, sample), format_of(sample),
					   buffer_view(&events), &text))
		code = call_usage(call, "%s：样本里没有记录", "%s: the sample has no record",
				  sample);
	else if (entity)
		code = write_sketch(call, buffer_view(&text));
	buffer_done(&events);
	buffer_done(&text);
	return code;
}
