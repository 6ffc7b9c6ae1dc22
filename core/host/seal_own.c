/*
 * seal_own.c - the worker of a plugin whose library opens its own connection: a
 * database's client.
 *
 * It keeps what such libraries need: sockets, files, threads, code that is loaded
 * late. Out of its reach are the site's folder (the store, the secrets of other
 * accounts, site.xml) and the sites beside it, other processes, and everything that
 * would give it more than it has. The kernel's Landlock takes the folder away; it
 * knows only what is allowed, so that all is allowed that stands beside the way to
 * the folder.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/seal.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* headers may be older than the kernel */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#define ON_FILES                                                                                   \
	((uint64_t)(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |                 \
		    LANDLOCK_ACCESS_FS_TRUNCATE))

struct way { /* to the hidden folder */
	int ruleset;
	uint64_t handled;
	char path[4096];
};

/* What this kernel can take away: each version knows more. Executing is given back nowhere. */
static uint64_t handled_by(long version)
{
	uint64_t all = LANDLOCK_ACCESS_FS_REFER - 1;

	if (version >= 2)
		all |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		all |= LANDLOCK_ACCESS_FS_TRUNCATE;
	return all;
}

static bool is_site(int folder, const char *name)
{
	char file[NAME_MAX + sizeof("/site.xml")];

	snprintf(file, sizeof(file), "%s/site.xml", name);
	return faccessat(folder, file, F_OK, 0) == 0;
}

/* What cannot be opened here cannot be opened by a library either. */
static void allow(const struct way *way, int folder, const char *name)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = way->handled & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE
	};
	struct stat st;

	rule.parent_fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISLNK(st.st_mode)) {
		if (!S_ISDIR(st.st_mode))
			rule.allowed_access &= ON_FILES;
		(void)syscall(SYS_landlock_add_rule, way->ruleset, LANDLOCK_RULE_PATH_BENEATH,
			      &rule, 0);
	}
	close(rule.parent_fd);
}

/* All in @folder but the one entry that leads to what is hidden, and other sites. */
static void allow_beside(const struct way *way, int folder, const char *next)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, next) != 0 && !is_site(folder, entry->d_name))
			allow(way, folder, entry->d_name);
	if (entries)
		closedir(entries);
	else if (again >= 0)
		close(again);
}

static int hide(const struct way *way)
{
	char path[sizeof(way->path)], *rest = path, *next;
	int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	memcpy(path, way->path, sizeof(path));
	while (folder >= 0 && (next = strtok_r(NULL, "/", &rest))) {
		int below;

		allow_beside(way, folder, next);
		below = openat(folder, next, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(folder);
		folder = below;
	}
	if (folder < 0)
		return -1;
	close(folder);
	return (int)syscall(SYS_landlock_restrict_self, way->ruleset, 0);
}

static int hide_folder(const char *hidden, struct cb_error *err)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = { .handled_access_fs = handled_by(version) };
	struct way way = { .handled = attr.handled_access_fs };
	int rc;

	if (version < 1)
		return cb_fail(
			err, CB_SETUP,
			"这台机器的内核没有 Landlock（5.13 起有，启动参数 lsm= 里要有 "
			"landlock），无法把站点目录与数据库驱动隔开：请换内核，或改用文件、接口",
			"this kernel has no Landlock (5.13 has it; lsm= must name it), so the "
			"site's folder cannot be kept from a database's driver: take another "
			"kernel, or files or an interface instead");
	if (!realpath(hidden, way.path))
		return cb_fail(err, CB_SETUP, "找不到站点目录", "the site's folder is not there");
	way.ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	rc = way.ruleset >= 0 ? hide(&way) : -1;
	if (way.ruleset >= 0)
		close(way.ruleset);
	return rc == 0 ? CB_OK
		       : cb_fail(err, CB_SETUP, "无法封闭工作进程", "the worker cannot be sealed");
}

/* No other program, no other process, no door around what is hidden. */
static int filter(struct cb_error *err)
{
	static const int denied[] = {
		SCMP_SYS(execve),
		SCMP_SYS(execveat),
		SCMP_SYS(fork),
		SCMP_SYS(vfork),
		SCMP_SYS(ptrace),
		SCMP_SYS(process_vm_readv),
		SCMP_SYS(process_vm_writev),
		SCMP_SYS(pidfd_getfd),
		SCMP_SYS(kill),
		SCMP_SYS(tkill),
		SCMP_SYS(mount),
		SCMP_SYS(umount2),
		SCMP_SYS(unshare),
		SCMP_SYS(setns),
		SCMP_SYS(chroot),
		SCMP_SYS(pivot_root),
		SCMP_SYS(bpf),
		SCMP_SYS(keyctl),
		SCMP_SYS(add_key),
		SCMP_SYS(request_key),
		SCMP_SYS(perf_event_open),
		SCMP_SYS(userfaultfd),
		SCMP_SYS(io_uring_setup),
		SCMP_SYS(open_by_handle_at),
		SCMP_SYS(listen),
	};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = ctx ? 0 : -1;

	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), denied[i], 0);
	/* Threads, yes; processes, no. The newer call hides its flags: libraries take the older. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 1,
				      SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid()));
	if (rc == 0)
		rc = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	return rc == 0 ? CB_OK : seal_failed(err);
}

int seal_but_connection(int64_t memory_max, const char *hidden, struct cb_error *err)
{
	int rc = seal_limits(memory_max, err);

	if (rc == CB_OK && hidden)
		rc = hide_folder(hidden, err);
	if (rc == CB_OK && !SEAL_IS_SANITIZED)
		rc = filter(err);
	return rc;
}
