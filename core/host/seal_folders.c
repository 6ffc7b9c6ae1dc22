/*
 * seal_folders.c - what of the files a worker with a connection of its own may read and write.
 *
 * The kernel's Landlock knows only what is allowed, and what is allowed of a folder is
 * allowed of all below it. So a folder that leads to one that is out of reach is not
 * allowed itself: its entries are, each for itself, but the one that leads there.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
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
#define READING ((uint64_t)(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR))

struct rules {
	int ruleset;
	uint64_t handled;
	const struct seal_folders *folders;
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

/* Paths are real and whole; that of the root is "". */
static bool is_within(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '/' || !path[len]);
}

static bool is_within_any(const char *path, const struct seal_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_within(path, list->at[i]))
			return true;
	return false;
}

static bool leads_to_any(const char *path, const struct seal_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_within(list->at[i], path))
			return true;
	return false;
}

static bool is_site(const char *path)
{
	char file[PATH_MAX + sizeof("/site.xml")];

	snprintf(file, sizeof(file), "%s/site.xml", path);
	return access(file, F_OK) == 0;
}

bool seal_add(struct seal_list *list, struct arena *arena, const char *path)
{
	char real[PATH_MAX];

	if (!path || !realpath(path, real) || !real[1] ||
	    list->count == sizeof(list->at) / sizeof(*list->at))
		return false;
	list->at[list->count++] = arena_string(arena, cb_text_of(real));
	return true;
}

/* What cannot be opened here cannot be opened by a library either. */
static void allow(const struct rules *rules, const char *path, bool writes)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access =
			writes ? rules->handled & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE : READING
	};
	struct stat st;

	rule.parent_fd = open(*path ? path : "/", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISLNK(st.st_mode)) {
		if (!S_ISDIR(st.st_mode))
			rule.allowed_access &= ON_FILES;
		(void)syscall(SYS_landlock_add_rule, rules->ruleset, LANDLOCK_RULE_PATH_BENEATH,
			      &rule, 0);
	}
	close(rule.parent_fd);
}

static void grant(const struct rules *rules, const char *path, bool writes);

/* All in the folder, but what is out of reach, and other sites. */
static void grant_entries(const struct rules *rules, const char *path, bool writes)
{
	DIR *entries = opendir(*path ? path : "/");
	const struct dirent *entry;
	char below[PATH_MAX];

	while (entries && (entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) <
			    (int)sizeof(below) &&
		    !is_site(below))
			grant(rules, below, writes);
	if (entries)
		closedir(entries);
}

static void grant(const struct rules *rules, const char *path, bool writes)
{
	const struct seal_folders *f = rules->folders;

	if (is_within_any(path, &f->hidden) || (writes && is_within_any(path, &f->fixed)))
		return;
	if (leads_to_any(path, &f->hidden) || (writes && leads_to_any(path, &f->fixed)))
		grant_entries(rules, path, writes);
	else
		allow(rules, path, writes);
}

/* Neither a site nor in one. */
static bool is_in_site(const char *path)
{
	char above[PATH_MAX], *slash;

	snprintf(above, sizeof(above), "%s", path);
	while (*above) {
		if (is_site(above))
			return true;
		slash = strrchr(above, '/');
		*slash = '\0';
	}
	return false;
}

int seal_files(const struct seal_folders *folders, struct cb_error *err)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = { .handled_access_fs = handled_by(version) };
	struct rules rules = { .handled = attr.handled_access_fs, .folders = folders };
	long rc;

	if (version < 1)
		return cb_fail(
			err, CB_SETUP,
			"这台机器的内核没有 Landlock（5.13 起有，启动参数 lsm= 里要有 "
			"landlock），无法把站点目录与数据库驱动隔开：请换内核，或改用文件、接口",
			"this kernel has no Landlock (5.13 has it; lsm= must name it), so the "
			"site's folder cannot be kept from a database's driver: take another "
			"kernel, or files or an interface instead");
	rules.ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules.ruleset < 0)
		return seal_failed(err);
	grant(&rules, "", false);
	for (size_t i = 0; i < folders->written.count; i++)
		if (!is_in_site(folders->written.at[i]))
			grant(&rules, folders->written.at[i], true);
	rc = syscall(SYS_landlock_restrict_self, rules.ruleset, 0);
	close(rules.ruleset);
	return rc == 0 ? CB_OK
		       : cb_fail(err, CB_SETUP, "无法封闭工作进程", "the worker cannot be sealed");
}
