/*
 * file.c - a file is read whole or not at all, and written whole or not at all.
 *
 * Only regular files are read: a pipe or a device would hang or never end.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

#define PIECE ((size_t)64 * 1024)

const char *file_reason(int error_number)
{
	switch (error_number) {
	case ENOENT:
		return cb_say("不存在", "does not exist");
	case EACCES:
	case EPERM:
		return cb_say("没有权限", "permission denied");
	case ENOTDIR:
		return cb_say("路径中有一段不是文件夹", "part of the path is not a folder");
	case EISDIR:
		return cb_say("是文件夹，不是文件", "is a folder, not a file");
	case EEXIST:
		return cb_say("已经存在", "already exists");
	case ENOTEMPTY:
		return cb_say("文件夹不是空的", "the folder is not empty");
	case ENOSPC:
		return cb_say("磁盘已满", "the disk is full");
	case EDQUOT:
		return cb_say("磁盘配额已用完", "the disk quota is used up");
	case EFBIG:
		return cb_say("文件太大", "the file is too large");
	case EROFS:
		return cb_say("磁盘是只读的", "the disk is read-only");
	case EBUSY:
	case ETXTBSY:
		return cb_say("正被占用", "is in use");
	case EMFILE:
	case ENFILE:
		return cb_say("打开的文件太多", "too many open files");
	case ENAMETOOLONG:
		return cb_say("名称太长", "the name is too long");
	case ELOOP:
		return cb_say("符号链接绕成了圈", "symbolic links go in a circle");
	case EXDEV:
		return cb_say("不在同一个磁盘上", "is on another disk");
	case EIO:
		return cb_say("磁盘读写出错", "the disk reports an error");
	case ESTALE:
		return cb_say("网络盘已断开", "the network disk has gone away");
	case ENODEV:
	case ENXIO:
		return cb_say("设备不在", "the device is not there");
	case ENOMEM:
		return cb_say("内存不足", "out of memory");
	case EINTR:
		return cb_say("被中断", "was interrupted");
	default:
		return cb_say("系统拒绝了这个操作", "the system refused");
	}
}

static int fail_read(const char *path, int error_number, struct cb_error *err)
{
	return cb_fail(err, CB_SETUP, "%s: 读不了：%s", "%s: cannot read: %s", path,
		       file_reason(error_number));
}

/* Bytes in the unit that a user would say. */
static void say_size(size_t bytes, char out[32])
{
	if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
		snprintf(out, 32, "%zu MB", bytes >> 20);
	else if (bytes >= 1 << 10 && bytes % (1 << 10) == 0)
		snprintf(out, 32, "%zu KB", bytes >> 10);
	else
		snprintf(out, 32, "%zu %s", bytes, cb_say("字节", "bytes"));
}

static int fail_large(const char *path, size_t most, struct cb_error *err)
{
	char size[32];

	say_size(most, size);
	return cb_fail(err, CB_SETUP, "%s: 文件太大：最多 %s", "%s: too large: at most %s", path,
		       size);
}

static int read_all(int fd, const char *path, size_t most, struct buffer *out, struct cb_error *err)
{
	size_t start = out->len;

	for (;;) {
		ssize_t got;

		/* One more than allowed, to see that there is more. */
		buffer_room(out, PIECE);
		got = read(fd, out->at + out->len, PIECE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_read(path, errno, err);
		if (got == 0)
			return CB_OK;
		out->len += (size_t)got;
		if (out->len - start > most)
			return fail_large(path, most, err);
	}
}

int file_read(const char *path, size_t most, struct buffer *out, struct cb_error *err)
{
	size_t start = out->len;
	struct stat st;
	int fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_read(path, errno, err);
	if (fstat(fd, &st) != 0)
		rc = fail_read(path, errno, err);
	else if (S_ISDIR(st.st_mode))
		rc = fail_read(path, EISDIR, err);
	else if (!S_ISREG(st.st_mode))
		rc = cb_fail(err, CB_SETUP, "%s: 读不了：是管道或设备，不是普通文件",
			     "%s: cannot read: is a pipe or a device, not a regular file", path);
	else if (st.st_size > 0 && (uint64_t)st.st_size > most)
		rc = fail_large(path, most, err);
	else
		rc = read_all(fd, path, most, out, err);
	close(fd);
	if (rc != CB_OK)
		out->len = start;
	return rc;
}

static int write_all(int fd, struct cb_text bytes)
{
	while (bytes.len) {
		ssize_t put = write(fd, bytes.at, bytes.len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno;
		bytes.at += put;
		bytes.len -= (size_t)put;
	}
	return fsync(fd) == 0 ? 0 : errno;
}

static char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return arena_string(arena, CB_TEXT("."));
	if (slash == path)
		return arena_string(arena, CB_TEXT("/"));
	return arena_string(arena, (struct cb_text){ path, (size_t)(slash - path) });
}

/* A renamed file is only there after a power cut once its folder is on the disk too. */
static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return errno == EACCES ? 0 : errno; /* may be entered and not listed: fine */
	if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
		rc = errno;
	close(fd);
	return rc;
}

/* A file nobody else has, beside @path; -1 with errno. */
static int open_beside(struct arena *arena, const char *path, unsigned mode, char **name)
{
	int fd = -1;

	for (int i = 0; i < 100; i++) {
		*name = arena_printf(arena, "%s.%ld-%d.new", path, (long)getpid(), i);
		fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

int file_write(const char *path, struct cb_text bytes, unsigned mode, struct cb_error *err)
{
	struct arena arena = { 0 };
	char *name;
	int fd, failed;

	fd = open_beside(&arena, path, mode, &name);
	if (fd < 0) {
		failed = errno;
		goto done;
	}
	failed = write_all(fd, bytes);
	if (close(fd) != 0 && !failed)
		failed = errno;
	if (!failed && rename(name, path) != 0)
		failed = errno;
	if (failed)
		unlink(name);
	else
		failed = sync_folder(folder_of(&arena, path));
done:
	arena_done(&arena);
	if (failed)
		return cb_fail(err, CB_SETUP, "%s: 写不了：%s", "%s: cannot write: %s", path,
			       file_reason(failed));
	return CB_OK;
}

int file_rename(const char *from, const char *to, struct cb_error *err)
{
	struct arena arena = { 0 };
	int failed = rename(from, to) == 0 ? 0 : errno;

	if (!failed)
		failed = sync_folder(folder_of(&arena, to));
	arena_done(&arena);
	if (failed)
		return cb_fail(err, CB_SETUP, "%s: 不能改名为 %s：%s", "%s: cannot become %s: %s",
			       from, to, file_reason(failed));
	return CB_OK;
}

static int make_folder(const char *path, unsigned mode)
{
	struct stat st;
	int failed;

	if (mkdir(path, mode) == 0)
		return 0;
	failed = errno;
	if (stat(path, &st) != 0)
		return failed;
	return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}

int file_make_folder(const char *path, unsigned mode, struct cb_error *err)
{
	char *part = memory_string(path);
	int failed = 0;

	for (char *at = part + 1; *part && *at && !failed; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		failed = make_folder(part, mode);
		*at = '/';
	}
	if (!failed)
		failed = make_folder(path, mode);
	free(part);
	if (failed)
		return cb_fail(err, CB_SETUP, "%s: 建不了文件夹：%s",
			       "%s: cannot make the folder: %s", path, file_reason(failed));
	return CB_OK;
}

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

char *file_beside(struct arena *arena, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	if (name[0] == '/' || !slash)
		return arena_string(arena, cb_text_of(name));
	return arena_printf(arena, "%.*s/%s", (int)(slash - path), path, name);
}

char *file_join(struct arena *arena, const char *folder, const char *name)
{
	size_t len = strlen(folder);

	if (name[0] == '/' || len == 0)
		return arena_string(arena, cb_text_of(name));
	return arena_printf(arena, "%s%s%s", folder, folder[len - 1] == '/' ? "" : "/", name);
}
