/*
 * files.c - a connector that takes files: each is a document, and goes to
 * done/ once it is committed.
 *
 * The engine lists (complete files only), opens and moves; here is only the
 * order of things.
 */
#include <casebridge/plugin.h>

struct files {
	struct cb_task *task;
	const char *patterns, *charset, *records, *done;
	const struct cb_file *list;
	size_t count, next;
	bool is_listed;
};

static int files_open(void *self, struct cb_task *task, struct cb_error *err)
{
	struct files *f = self;
	const struct cb_element *read = cb_child(cb_task_stream(task), "read", NULL);

	f->task = task;
	f->patterns = cb_attribute(read, "files");
	f->charset = cb_attribute(read, "charset");
	f->records = cb_attribute(read, "records");
	f->done = cb_attribute(read, "done");
	if (!f->done)
		f->done = "done";
	return CB_OK;
}

static int files_read(void *self, struct cb_document *doc, struct cb_error *err)
{
	struct files *f = self;
	const struct cb_file *file;
	int rc;

	if (!f->patterns)
		return cb_fail(err, CB_SETUP, "连接器的 <read> 应写明 files=\"{目录}/*.csv\"",
			       "the connector's <read> should say files=\"{folder}/*.csv\"");
	if (!f->is_listed) {
		rc = cb_files_list(f->task, f->patterns, &f->list, &f->count, err);
		if (rc != CB_OK)
			return rc;
		f->is_listed = true;
	}
	if (f->next == f->count)
		return CB_END;
	file = &f->list[f->next++];
	*doc = (struct cb_document){
		.key = file->name, .charset = f->charset, .records = f->records, .fd = -1
	};
	return cb_files_open(f->task, file->name, &doc->fd, err);
}

static int files_settle(void *self, const char *key, struct cb_error *err)
{
	struct files *f = self;

	return cb_files_move(f->task, key, f->done, err);
}

/* The folders are there and can be looked into. */
static int files_check(void *self, struct cb_error *err)
{
	struct files *f = self;

	if (!f->patterns)
		return CB_OK;
	return cb_files_list(f->task, f->patterns, &f->list, &f->count, err);
}

static const struct cb_connector connector = {
	.size = sizeof(connector),
	.state_size = sizeof(struct files),
	.open = files_open,
	.read = files_read,
	.settle = files_settle,
	.check = files_check,
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = "files",
	.zh = "文件：从目录取文件，入库后移到 done/",
	.en = "files: taken from a folder, moved to done/ once stored",
	.connector = &connector,
};
