/*
 * http.c - the connector that carries out a manifest: everything is compiled
 * when it opens, so that a manifest which cannot work says so before a byte is
 * sent.
 */
#include "http.h"

static int http_open(void *self, struct cb_task *task, struct cb_error *err)
{
	struct http *http = self;
	int rc;

	http->task = task;
	http->manifest = cb_task_manifest(task);
	http->stream = cb_task_stream(task);
	rc = steps_open(http, err);
	if (rc == CB_OK)
		rc = reader_open(http, err);
	if (rc == CB_OK && cb_child(http->stream, "write", NULL))
		rc = writer_open(http, "write", &http->writer, err);
	if (rc == CB_OK && cb_child(http->stream, "withdraw", NULL))
		rc = writer_open(http, "withdraw", &http->withdrawer, err);
	return rc == CB_OK ? ask_open(http, err) : rc;
}

/* Reach the system and log in. What is kept is made anew: an old token proves nothing. */
static int http_check(void *self, struct cb_error *err)
{
	return steps_run(self, true, err);
}

static const struct cb_connector connector = {
	.size = sizeof(connector),
	.state_size = sizeof(struct http),
	.open = http_open,
	.read = http_read,
	.write = http_write,
	.find = http_find,
	.count = http_count,
	.settle = http_settle,
	.check = http_check,
	.withdraw = http_withdraw,
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = "http",
	.zh = "HTTP 接口：照连接器清单登录、取数、上传、查询",
	.en = "HTTP: logs in, reads, writes and asks as the manifest says",
	.connector = &connector,
};
