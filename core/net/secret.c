/*
 * secret.c - one locked page a secret.
 */
#include "net/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* systemd gives credentials by an access list that shows as a group's right to read. */
static bool is_credential(const char *path)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	size_t len = folder ? strlen(folder) : 0;

	return len && strncmp(path, folder, len) == 0 && path[len] == '/';
}

static int check(const char *path, const struct stat *st, struct cb_error *err)
{
	mode_t closed = is_credential(path) ? S_IRWXO : S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode))
		return cb_fail(err, CB_SETUP, "密钥 %s 不是普通文件", "secret %s is no plain file",
			       path);
	if (st->st_mode & closed)
		return cb_fail(err, CB_SETUP,
			       "密钥文件 %s 的权限是 %03o，他人可读；请执行 chmod 600 %s",
			       "secret file %s has mode %03o, others may read it; run chmod 600 %s",
			       path, (unsigned)st->st_mode & 0777u, path);
	if (st->st_size > SECRET_MAX)
		return cb_fail(err, CB_SETUP, "密钥文件 %s 超过 %d 字节，不像是密钥",
			       "secret file %s has more than %d bytes, it is hardly a secret", path,
			       SECRET_MAX);
	return CB_OK;
}

static int take(int fd, const char *path, struct secret *out, struct cb_error *err)
{
	ssize_t got = 1;

	out->at =
		mmap(NULL, SECRET_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (out->at == MAP_FAILED) {
		out->at = NULL;
		return cb_fail(err, CB_AGAIN, "内存不足", "out of memory");
	}
	/* A limit on locked memory is no reason to stop: swap is the operator's business. */
	(void)mlock(out->at, SECRET_MAX);
	(void)madvise(out->at, SECRET_MAX, MADV_DONTDUMP);
	while (got > 0 && out->len < SECRET_MAX) {
		got = read(fd, out->at + out->len, SECRET_MAX - out->len);
		if (got > 0)
			out->len += (size_t)got;
	}
	if (got < 0)
		return cb_fail(err, CB_SETUP, "密钥文件 %s 读不出：%s", "secret file %s: %s", path,
			       file_reason(errno));
	while (out->len && (out->at[out->len - 1] == '\n' || out->at[out->len - 1] == '\r'))
		out->len--;
	if (!out->len)
		return cb_fail(err, CB_SETUP, "密钥文件 %s 是空的；用 casebridge account set 写入",
			       "secret file %s is empty; fill it with casebridge account set",
			       path);
	return CB_OK;
}

int secret_read(const char *path, struct secret *out, struct cb_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int rc;

	*out = (struct secret){ 0 };
	if (fd < 0)
		return cb_fail(err, CB_SETUP,
			       "密钥文件 %s 打不开：%s；用 casebridge account set 写入",
			       "secret file %s: %s; fill it with casebridge account set", path,
			       file_reason(errno));
	rc = fstat(fd, &st) == 0 ? check(path, &st, err)
				 : cb_fail(err, CB_SETUP, "密钥文件 %s：%s", "secret file %s: %s",
					   path, file_reason(errno));
	if (rc == CB_OK)
		rc = take(fd, path, out, err);
	close(fd);
	if (rc != CB_OK)
		secret_done(out);
	return rc;
}

void secret_done(struct secret *secret)
{
	if (secret->at) {
		OPENSSL_cleanse(secret->at, SECRET_MAX);
		munmap(secret->at, SECRET_MAX);
	}
	*secret = (struct secret){ 0 };
}
