/*
 * own.c - which folders a plugin with a connection of its own sees, by its job.
 *
 * Hidden: the site, and the credentials that a service manager gives for all accounts.
 * Read only: all but the places of what comes and goes, and the folder of a database
 * that is a file here; never the parts of this program, which the next worker loads.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/inside.h"

static const char *folder_of(struct arena *arena, const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	return slash ? arena_string(arena, (struct cb_text){ file, (size_t)(slash - file) }) : NULL;
}

static int hide(struct cb_task *task, struct seal_folders *f, struct cb_error *err)
{
	if (!task->job.hidden)
		return cb_fail(err, CB_SETUP, "没有站点目录，不运行自己连接的插件",
			       "a plugin that opens its own connection does not run without a "
			       "site's folder to keep from it");
	if (!seal_add(&f->hidden, &task->arena, task->job.hidden))
		return cb_fail(err, CB_SETUP, "找不到站点目录", "the site's folder is not there");
	(void)seal_add(&f->hidden, &task->arena, "/run/credentials");
	if (task->job.credentials && *task->job.credentials &&
	    access(task->job.credentials, F_OK) == 0 &&
	    !seal_add(&f->hidden, &task->arena, task->job.credentials))
		return cb_fail(err, CB_SETUP, "找不到服务凭据的目录",
			       "the folder of the service's credentials is not there");
	return CB_OK;
}

static void fix(struct cb_task *task, struct seal_folders *f)
{
	static const char *const system[] = { "/etc", "/usr",   "/bin", "/sbin",
					      "/lib", "/lib64", "/boot" };
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		(void)seal_add(&f->fixed, &task->arena, system[i]);
	program[len > 0 ? len : 0] = '\0';
	(void)seal_add(&f->fixed, &task->arena, folder_of(&task->arena, program));
	(void)seal_add(&f->fixed, &task->arena, task->job.plugins);
	(void)seal_add(&f->fixed, &task->arena, task->job.mappings);
	(void)seal_add(&f->fixed, &task->arena, folder_of(&task->arena, task->job.manifest));
	(void)seal_add(&f->fixed, &task->arena, folder_of(&task->arena, task->job.mapping));
	(void)seal_add(&f->fixed, &task->arena, folder_of(&task->arena, task->job.model));
}

/* A database that is a file needs its folder: for its journal. A driver's file is no such. */
static void open_named(struct cb_task *task, struct seal_folders *f, const char *value)
{
	struct stat st;

	if (!value || *value != '/' || strstr(value, ".so"))
		return;
	if (stat(value, &st) != 0 || !S_ISDIR(st.st_mode))
		value = folder_of(&task->arena, value);
	(void)seal_add(&f->written, &task->arena, value);
}

/* "Driver={driver};Database=/var/lib/book/book.db": the same, named in the manifest itself. */
static void open_in_connect(struct cb_task *task, struct seal_folders *f)
{
	const struct cb_element *e = cb_child(cb_task_manifest(task), "database", NULL);
	const char *at = cb_attribute(e, "connect");

	for (; at && *at; at += strcspn(at, ";"), at += *at == ';') {
		size_t name = strcspn(at, "=;");

		if (at[name] == '=')
			open_named(task, f,
				   arena_string(&task->arena,
						(struct cb_text){ at + name + 1,
								  strcspn(at + name + 1, ";") }));
	}
}

int own_folders(struct cb_task *task, struct seal_folders *f, struct cb_error *err)
{
	static const char *const passing[] = { "/tmp", "/var/tmp", "/dev/null", "/dev/shm" };
	int rc = hide(task, f, err);

	if (rc != CB_OK)
		return rc;
	fix(task, f);
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		(void)seal_add(&f->written, &task->arena, passing[i]);
	for (size_t i = 0; i < task->job.setting_count; i++)
		open_named(task, f, task->settings[i].value);
	open_in_connect(task, f);
	return CB_OK;
}
