/*
 * files.c - folders for connectors that move files.
 *
 * The worker names patterns; the engine looks, opens and renames. Only what
 * was listed in this run can be opened, only folders of this connection's
 * settings are looked into.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "flow/inside.h"

/* A quiet time for file systems that cannot say who is writing. */
#define QUIET_MS 10000

static const char *setting(const struct lent *lent, struct cb_text name)
{
	for (size_t i = 0; i < lent->connection->setting_count; i++)
		if (cb_text_is(name, lent->connection->settings[i].name))
			return lent->connection->settings[i].value;
	return NULL;
}

/* "{folder}/x*.csv" with the settings filled. */
static char *filled(struct lent *lent, struct cb_text pattern, struct cb_error *err)
{
	struct buffer out = { 0 };
	char *made = NULL;

	for (size_t i = 0; i < pattern.len;) {
		const char *close;
		const char *value;

		if (pattern.at[i] != '{') {
			buffer_char(&out, pattern.at[i++]);
			continue;
		}
		close = memchr(pattern.at + i, '}', pattern.len - i);
		value = close ? setting(lent,
					(struct cb_text){ pattern.at + i + 1,
							  (size_t)(close - pattern.at) - i - 1 })
			      : NULL;
		if (!value) {
			cb_error_set(err, CB_SETUP, "文件名 %.*s 里有没有给出的设置",
				     "the pattern %.*s names a setting that is not given",
				     CB_TEXT_ARG(pattern));
			goto done;
		}
		buffer_string(&out, value);
		i = (size_t)(close - pattern.at) + 1;
	}
	made = arena_string(&lent->arena, buffer_view(&out));
done:
	buffer_done(&out);
	return made;
}

static bool is_ours(const struct lent *lent, const char *folder)
{
	for (size_t i = 0; i < lent->connection->setting_count; i++) {
		const char *value = lent->connection->settings[i].value;
		const struct manifest_setting *s = manifest_setting(
			lent->connection->manifest, lent->connection->settings[i].name);
		size_t len = value ? strlen(value) : 0;

		if (s && s->type && strcmp(s->type, "folder") == 0 && len &&
		    strncmp(folder, value, len) == 0 && (!folder[len] || folder[len] == '/') &&
		    !strstr(folder, "/../"))
			return true;
	}
	return false;
}

/* Names that programs give to what is not finished, or not a document. */
static bool is_temporary(const char *name)
{
	static const char *const ends[] = { ".tmp", ".part", ".crdownload", ".filepart",
					    ".writing" };
	size_t len = strlen(name);

	if (name[0] == '.' || strncmp(name, "~$", 2) == 0)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (len > strlen(ends[i]) && strcmp(name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

/*
 * Nobody has it open for writing: a read lease is given only then. Where the
 * file system has no leases (a network share), it must have been quiet.
 */
static bool is_complete(const char *path, const struct stat *st, int64_t now)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int64_t changed = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
	bool complete;

	if (fd < 0)
		return true; /* opening it says why it cannot be read */
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		complete = true;
	} else {
		complete = errno != EAGAIN && now - changed >= QUIET_MS;
	}
	close(fd);
	return complete;
}

struct found {
	char *path;
	int64_t size, changed_ms;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->path, ((const struct found *)b)->path);
}

struct finds {
	struct found *at;
	size_t count, room;
};

static int look(struct lent *lent, const char *pattern, struct finds *finds, struct cb_error *err)
{
	const char *slash = strrchr(pattern, '/');
	char *folder = slash ? arena_string(&lent->arena,
					    (struct cb_text){ pattern, (size_t)(slash - pattern) })
			     : NULL;
	struct dirent *entry;
	DIR *dir;

	if (!folder || !is_ours(lent, folder))
		return cb_fail(
			err, CB_SETUP, "文件名 %s 不在本连接的目录设置之内：应以 {目录设置}/ 开头",
			"the pattern %s is outside this connection's folders: it begins with "
			"{folder setting}/",
			pattern);
	dir = opendir(folder);
	if (!dir)
		return cb_fail(err, CB_SETUP, "目录 %s 打不开：%s",
			       "folder %s cannot be opened: %s", folder, file_reason(errno));
	while ((entry = readdir(dir))) {
		char *path = arena_printf(&lent->arena, "%s/%s", folder, entry->d_name);
		struct stat st;

		if (is_temporary(entry->d_name) || fnmatch(slash + 1, entry->d_name, 0) != 0)
			continue;
		if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		if (!is_complete(path, &st, engine_now(lent->engine))) {
			cb_log(CB_INFO, "%s 还在写入，下次再取",
			       "%s is still being written; next time", path);
			continue;
		}
		memory_grow(&finds->at, finds->count, &finds->room, sizeof(*finds->at));
		finds->at[finds->count++] =
			(struct found){ path, st.st_size, (int64_t)st.st_mtim.tv_sec * 1000 };
	}
	closedir(dir);
	return CB_OK;
}

int lent_files_list(void *with, const char *patterns, struct buffer *names, struct cb_error *err)
{
	struct lent *lent = with;
	struct finds finds = { 0 };
	int rc = CB_OK;

	for (const char *at = patterns ? patterns : ""; *at && rc == CB_OK;) {
		size_t len = strcspn(at, " \t\n");
		char *pattern = len ? filled(lent, (struct cb_text){ at, len }, err) : NULL;

		if (len)
			rc = pattern ? look(lent, pattern, &finds, err) : CB_SETUP;
		at += len + strspn(at + len, " \t\n");
	}
	if (finds.count)
		qsort(finds.at, finds.count, sizeof(*finds.at), by_name);
	for (size_t i = 0; i < finds.count && rc == CB_OK; i++) {
		if (strchr(finds.at[i].path, '\n'))
			continue; /* no name that would break our own list */
		names_set(&lent->listed, cb_text_of(finds.at[i].path), 1);
		buffer_printf(names, "%lld\t%lld\t%s\n", (long long)finds.at[i].size,
			      (long long)finds.at[i].changed_ms, finds.at[i].path);
	}
	free(finds.at);
	return rc;
}

static int known(const struct lent *lent, const char *name, struct cb_error *err)
{
	if (names_find(&lent->listed, cb_text_of(name)) != NAME_UNKNOWN)
		return CB_OK;
	return cb_fail(err, CB_SETUP, "插件要动用一个没有列出的文件",
		       "a file was asked for that was not listed");
}

int lent_files_open(void *with, const char *name, int *fd, struct cb_error *err)
{
	int rc = known(with, name, err);

	if (rc != CB_OK)
		return rc;
	*fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd >= 0)
		return CB_OK;
	return cb_fail(err, CB_SETUP, "文件 %s 打不开：%s", "file %s cannot be opened: %s", name,
		       file_reason(errno));
}

static char *free_name(struct arena *arena, const char *folder, const char *base)
{
	const char *dot = strrchr(base, '.');
	int stem = (int)(dot && dot > base ? dot - base : (long)strlen(base));
	char *path = arena_printf(arena, "%s/%s", folder, base);

	for (int n = 2; file_exists(path); n++)
		path = arena_printf(arena, "%s/%.*s-%d%s", folder, stem, base, n, base + stem);
	return path;
}

int lent_files_move(void *with, const char *name, const char *folder, struct cb_error *err)
{
	struct lent *lent = with;
	const char *base = strrchr(name, '/') + 1;
	char *target = file_beside(&lent->arena, name, folder);
	int rc = known(lent, name, err);

	if (rc == CB_OK && strchr(folder, '/'))
		rc = cb_fail(err, CB_SETUP, "%s 应为一个目录名",
			     "%s should be the name of a folder", folder);
	if (rc != CB_OK || !file_exists(name)) /* moved already */
		return rc;
	rc = file_make_folder(target, 0700, err);
	if (rc != CB_OK)
		return rc;
	if (rename(name, free_name(&lent->arena, target, base)) == 0)
		return CB_OK;
	return cb_fail(err, CB_SETUP, "文件 %s 无法移到 %s：%s",
		       "file %s cannot be moved to %s: %s", name, target, file_reason(errno));
}

int lent_files_write(void *with, const char *name, struct cb_text bytes, struct cb_error *err)
{
	struct lent *lent = with;
	char *path = filled(lent, cb_text_of(name), err);

	if (!path)
		return CB_SETUP;
	if (!is_ours(lent, path))
		return cb_fail(err, CB_SETUP, "%s 不在本连接的目录设置之内",
			       "%s is outside this connection's folders", path);
	return file_write(path, bytes, 0600, err);
}
