/*
 * spawn.c - the engine's side of a worker: start it, read it, and know why it
 * is gone. What the two say to each other stands in the files beside it.
 *
 * The worker is exec'd anew, so nothing of the engine's memory is in it: no
 * secret, no store. It inherits its socket, the shared page of progress,
 * the code tables that are ready, and standard error.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/spawn.h"

#define SILENCE INT64_C(60000)

/* No worker needs to know where the service's secrets are; only the array is new. */
static char **environment(void)
{
	static const char hidden[] = "CREDENTIALS_DIRECTORY=";
	size_t count = 0, kept = 0;
	char **out;

	while (environ[count])
		count++;
	out = memory_take((count + 1) * sizeof(*out));
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], hidden, sizeof(hidden) - 1) != 0)
			out[kept++] = environ[i];
	out[kept] = NULL;
	return out;
}

static int spawn(struct worker *w, const char *program, int socket, int page, int tables,
		 struct cb_error *err)
{
	char *argv[] = { (char[]){ "casebridge" }, (char[]){ "worker" }, NULL };
	posix_spawn_file_actions_t actions;
	char **variables = environment();
	int rc;

	posix_spawn_file_actions_init(&actions);
	/* All are above these already, so none is overwritten by another. */
	posix_spawn_file_actions_adddup2(&actions, socket, 3);
	posix_spawn_file_actions_adddup2(&actions, page, 4);
	if (tables > 0)
		posix_spawn_file_actions_adddup2(&actions, tables, TABLES_FD);
	rc = posix_spawn(&w->pid, program, &actions, NULL, argv, variables);
	free(variables);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == 0)
		return CB_OK;
	w->pid = 0;
	return cb_fail(err, CB_AGAIN, "无法启动工作进程 %s", "the worker %s cannot be started",
		       program);
}

/* So much may be on its way that the worker goes on while the engine waits for the disk. */
static void widen(int fd)
{
	int size = 4 << 20;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int above_five(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, TABLES_FD + 1);

	close(fd);
	return high;
}

/* A minute, or what the operator says: a slow disk may need more. */
static int64_t silence(void)
{
	const char *text = getenv("CASEBRIDGE_SILENCE_MS");
	int64_t ms = text ? strtoll(text, NULL, 10) : 0;

	return ms > 0 ? ms : SILENCE;
}

int worker_start(const struct worker_job *job, const struct worker_services *services,
		 struct worker **out, struct cb_error *err)
{
	const char *program = getenv("CASEBRIDGE_PROGRAM");
	struct worker *w = memory_take(sizeof(*w));
	int ends[2] = { -1, -1 }, page = -1, rc = CB_OK;

	*out = w;
	channel_init(&w->channel, -1);
	w->services = services ? *services : (struct worker_services){ 0 };
	w->silence_ms = job->silence_ms ? job->silence_ms : silence();
	page = memfd_create("casebridge-progress", MFD_CLOEXEC);
	if (page < 0 || ftruncate(page, sizeof(struct progress)) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		rc = cb_fail(err, CB_AGAIN, "系统资源不足，无法启动工作进程",
			     "the system has no room for a worker");
	if (rc == CB_OK) {
		page = above_five(page);
		ends[1] = above_five(ends[1]);
		widen(ends[0]);
		widen(ends[1]);
		w->channel.fd = ends[0];
		w->progress = mmap(NULL, sizeof(*w->progress), PROT_READ | PROT_WRITE, MAP_SHARED,
				   page, 0);
		if (w->progress == MAP_FAILED) {
			w->progress = NULL;
			rc = cb_fail(err, CB_AGAIN, "系统资源不足，无法启动工作进程",
				     "the system has no room for a worker");
		}
	}
	if (rc == CB_OK) {
		rc = spawn(w, program ? program : "/proc/self/exe", ends[1], page, job->tables,
			   err);
	}
	if (rc == CB_OK)
		rc = send_job(w, job, err);
	if (ends[1] >= 0)
		close(ends[1]);
	if (page >= 0)
		close(page);
	if (rc != CB_OK) {
		worker_free(w);
		*out = NULL;
	}
	return rc;
}

/* The worker is gone without a last word: whose fault, where? */
static int post_mortem(struct worker *w, bool was_silent, struct cb_error *err)
{
	const struct progress *p = w->progress;
	unsigned long long record = p->record;
	char plugin[sizeof(p->plugin) + 1] = { 0 };
	int status = 0;

	memcpy(plugin, p->plugin, sizeof(p->plugin));
	w->has_ended = w->has_died = true;
	if (was_silent)
		kill(w->pid, SIGKILL);
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	if (was_silent)
		cb_error_set(err, CB_BROKEN,
			     "插件 %s 在第 %llu 条记录处停止响应（%lld "
			     "秒），已被结束；之前的记录不受影响",
			     "plugin %s stopped answering at record %llu (%lld s) and was ended; "
			     "earlier "
			     "records are safe",
			     plugin, record, (long long)w->silence_ms / 1000);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		cb_error_set(
			err, CB_BROKEN,
			"插件 %s 在第 %llu 条记录处试图做不允许的系统调用，已被结束",
			"plugin %s tried a system call that is not allowed at record %llu and was "
			"ended",
			plugin, record);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 71)
		cb_error_set(err, CB_BROKEN, "插件 %s 在第 %llu 条记录处用尽了内存上限",
			     "plugin %s used up its memory at record %llu", plugin, record);
	else if (WIFSIGNALED(status))
		cb_error_set(
			err, CB_BROKEN,
			"插件 %s 在第 %llu 条记录处崩溃（信号 %d）；之前的记录不受影响",
			"plugin %s crashed at record %llu (signal %d); earlier records are safe",
			plugin, record, WTERMSIG(status));
	else
		cb_error_set(err, CB_BROKEN, "插件 %s 在第 %llu 条记录处中途退出（返回 %d）",
			     "plugin %s left at record %llu (status %d)", plugin, record,
			     WEXITSTATUS(status));
	return CB_BROKEN;
}

/* What it says is no message: it is not believed any further. */
static int nonsense(struct worker *w, struct cb_error *err)
{
	char plugin[sizeof(w->progress->plugin) + 1] = { 0 };

	memcpy(plugin, w->progress->plugin, sizeof(w->progress->plugin));
	kill(w->pid, SIGKILL);
	return cb_fail(
		err, CB_BROKEN, "插件 %s 发来无法读取的消息，已被结束；之前的记录不受影响",
		"plugin %s sent a message that cannot be read and was ended; earlier records "
		"are safe",
		plugin);
}

int worker_next(struct worker *w, struct worker_message *m, struct cb_error *err)
{
	struct wire body;
	int type, rc;

	*m = (struct worker_message){ 0 };
	arena_clear(&w->arena);
	for (;;) {
		if (w->has_ended)
			return CB_END;
		rc = frame_next(&w->channel, w->silence_ms, &type, &body, err);
		if (rc == CB_AGAIN || rc == CB_END)
			return post_mortem(w, rc == CB_AGAIN, err);
		if (rc != CB_OK)
			return nonsense(w, err);
		if (type >= FRAME_MESSAGE && type <= FRAME_MESSAGE + WORKER_DONE)
			break;
		rc = serve(w, type, &body, err);
		if (rc == CB_BROKEN)
			return nonsense(w, err);
		if (rc != CB_OK)
			return rc;
	}
	m->kind = (enum worker_kind)(type - FRAME_MESSAGE);
	get_message(w, &body, m);
	return body.is_bad ? nonsense(w, err) : CB_OK;
}

bool worker_victim(const struct worker *w, const char **document, int64_t *record)
{
	if (!w || !w->has_died || !w->progress->document[0] || !w->progress->record)
		return false;
	w->progress->document[sizeof(w->progress->document) - 1] = '\0';
	*document = w->progress->document;
	*record = (int64_t)w->progress->record;
	return true;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	if (w->pid > 0) {
		kill(w->pid, SIGKILL);
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	channel_done(&w->channel);
	if (w->progress && w->progress != MAP_FAILED)
		munmap(w->progress, sizeof(*w->progress));
	arena_done(&w->arena);
	free(w);
}
