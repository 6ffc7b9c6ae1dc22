/*
 * backup.c - a copy of the site in one file, and a site made of it again.
 *
 * The file has the store, site.xml and the site's own mappings: what a new
 * machine needs beside the program, but for the secrets. Those are set again by
 * hand, so that a backup that is lost gives no account away.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/file.h"
#include "cli/call.h"

#define FILE_MOST ((size_t)64 << 20)
#define FILES_MOST 10000
#define DEEP 16

struct files {
	struct arena *arena;
	const char *folder; /* the site's */
	struct store_file *at;
	size_t count, room;
};

static int take_file(struct files *files, const char *name, struct cb_error *err)
{
	const char *path = file_join(files->arena, files->folder, name);
	struct buffer bytes = { 0 };
	struct stat st;
	int rc = CB_OK;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return CB_OK;
	if (files->count == FILES_MOST)
		return cb_fail(err, CB_SETUP, "mappings/ 里的文件超过 %d 个",
			       "there are more than %d files in mappings/", FILES_MOST);
	rc = file_read(path, FILE_MOST, &bytes, err);
	if (rc == CB_OK) {
		memory_grow(&files->at, files->count, &files->room, sizeof(*files->at));
		files->at[files->count++] =
			(struct store_file){ name, st.st_mode & 0777u,
					     arena_copy(files->arena, buffer_view(&bytes)) };
	}
	buffer_done(&bytes);
	return rc;
}

/* Everything below, but what begins with a dot. Editors' leftovers do no harm. */
static int take_folder(struct files *files, const char *name, int depth, struct cb_error *err)
{
	DIR *folder = opendir(file_join(files->arena, files->folder, name));
	struct dirent *entry;
	int rc = CB_OK;

	if (!folder && errno != ENOENT)
		return cb_fail(err, CB_SETUP, "读不了文件夹 %s：%s",
			       "cannot read the folder %s: %s", name, file_reason(errno));
	while (folder && rc == CB_OK && (entry = readdir(folder))) {
		const char *below = file_join(files->arena, name, entry->d_name);
		struct stat st;

		if (entry->d_name[0] == '.' ||
		    stat(file_join(files->arena, files->folder, below), &st) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			rc = take_file(files, below, err);
		else if (S_ISDIR(st.st_mode) && depth < DEEP)
			rc = take_folder(files, below, depth + 1, err);
	}
	if (folder)
		closedir(folder);
	return rc;
}

static void totals_json(struct json *j, const struct store_totals *t)
{
	json_integer(j, "at", t->at_ms);
	json_integer(j, "records", t->records);
	json_integer(j, "documents", t->documents);
	json_integer(j, "deliveries", t->deliveries);
	json_integer(j, "unsettled", t->open);
	json_integer(j, "audit-lines", t->audit_lines);
}

static const char *totals_say(struct call *call, const struct store_totals *t, size_t files)
{
	return arena_printf(
		&call->arena,
		"%s %" PRId64 ", %s %" PRId64 ", %s %" PRId64 ", %s %" PRId64 ", %s %zu",
		cb_say("记录", "records"), t->records, cb_say("原文", "documents"), t->documents,
		cb_say("投递", "deliveries"), t->deliveries, cb_say("审计行", "lines of audit"),
		t->audit_lines, cb_say("站点文件", "files of the site"), files);
}

static int back_up(struct call *call, struct site *site, const char *path, struct files *files,
		   struct store_totals *totals, struct cb_error *err)
{
	struct store *store = NULL;
	int rc = take_file(files, "site.xml", err);

	if (rc == CB_OK)
		rc = take_folder(files, "mappings", 0, err);
	if (rc == CB_OK)
		rc = call_store(site, STORE_READ, &store, err);
	if (rc == CB_OK && !call_has(call, OPTION_DRY_RUN))
		rc = store_backup(store, path, call_now(), files->at, files->count, totals, err);
	store_close(store);
	return rc;
}

int command_backup(struct call *call)
{
	const char *path = call->arguments[0];
	struct site *site = call_site(call);
	struct store_totals totals = { 0 };
	struct files files = { .arena = &call->arena };
	struct cb_error err;
	int rc;

	if (!site)
		return EX_CONFIG;
	files.folder = site->folder;
	rc = back_up(call, site, path, &files, &totals, &err);
	free(files.at);
	site_done(site);
	if (rc != CB_OK)
		return call_fail(call, &err);
	if (call_has(call, OPTION_JSON)) {
		struct json j = call_json(call);

		json_open(&j, NULL, '{');
		json_string(&j, "file", path);
		json_flag(&j, "dry", call_has(call, OPTION_DRY_RUN));
		totals_json(&j, &totals);
		json_integer(&j, "files", (int64_t)files.count);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
	} else if (call_has(call, OPTION_DRY_RUN)) {
		call_say(call, "试运行：会备份到 %s\n", "dry run: would back up to %s\n", path);
	} else {
		call_say(call,
			 "已备份到 %s，并已读回核对：%s\n密钥不在备份里，请另行保管 secrets/\n",
			 "backed up to %s, read again and found whole: %s\nsecrets are not in it: "
			 "keep secrets/ elsewhere\n",
			 path, totals_say(call, &totals, files.count));
	}
	return 0;
}

/* restore */

struct restoring {
	struct call *call;
	const char *backup, *folder;
	struct store_backup found;
	bool has_site;         /* the folder had a site.xml: its files stay as they are */
	const char *differing; /* names, of those that differ from the backup's */
	const char *aside;
};

/* Names come from a file that anybody may have written: only ours, and only below the folder. */
static bool is_ours(const char *name)
{
	if (strstr(name, "..") || strstr(name, "//"))
		return false;
	return strcmp(name, "site.xml") == 0 || strncmp(name, "mappings/", 9) == 0;
}

static int write_file(struct restoring *r, const struct store_file *file, struct cb_error *err)
{
	struct arena *arena = &r->call->arena;
	const char *path = file_join(arena, r->folder, file->name), *slash = strrchr(path, '/');
	int rc = file_make_folder(
		arena_string(arena, (struct cb_text){ path, (size_t)(slash - path) }), 0700, err);

	return rc == CB_OK ? file_write(path, file->bytes, file->mode & 0755u, err) : rc;
}

static void compare_file(struct restoring *r, const struct store_file *file)
{
	struct arena *arena = &r->call->arena;
	struct buffer bytes = { 0 };
	struct cb_error ignored;

	if (file_read(file_join(arena, r->folder, file->name), FILE_MOST, &bytes, &ignored) !=
		    CB_OK ||
	    bytes.len != file->bytes.len ||
	    (bytes.len && memcmp(bytes.at, file->bytes.at, bytes.len) != 0))
		r->differing = r->differing ? arena_printf(arena, "%s %s", r->differing, file->name)
					    : file->name;
	buffer_done(&bytes);
}

static int restore_files(struct restoring *r, struct cb_error *err)
{
	int rc = CB_OK;

	r->has_site = file_exists(file_join(&r->call->arena, r->folder, "site.xml"));
	for (size_t i = 0; i < r->found.file_count && rc == CB_OK; i++) {
		const struct store_file *file = &r->found.files[i];

		if (!is_ours(file->name))
			rc = cb_fail(err, CB_REFUSED, "备份 %s 里有不该有的文件名，不能用",
				     "the backup %s has a name that no backup has; it is of no use",
				     r->backup);
		else if (r->has_site)
			compare_file(r, file);
		else if (!call_has(r->call, OPTION_DRY_RUN))
			rc = write_file(r, file, err);
	}
	if (rc == CB_OK && !r->has_site && !call_has(r->call, OPTION_DRY_RUN))
		rc = file_make_folder(file_join(&r->call->arena, r->folder, "secrets"), 0700, err);
	return rc;
}

static int restore_store(struct restoring *r, struct cb_error *err)
{
	struct call *call = r->call;
	struct store_restoring why = { call_who(call), r->backup, call_now() };

	return store_restore(r->backup, file_join(&call->arena, r->folder, "casebridge.db"), &why,
			     &call->arena, &r->aside, err);
}

static void say_restored(struct restoring *r)
{
	/* site.xml may not be fit to be read yet: a new machine has no secrets. */
	static const struct site any = { .zone = 8 * 60 };
	struct call *call = r->call;
	const struct store_totals *t = &r->found.totals;

	if (call_has(call, OPTION_JSON)) {
		struct json j = call_json(call);

		json_open(&j, NULL, '{');
		json_string(&j, "file", r->backup);
		json_flag(&j, "dry", call_has(call, OPTION_DRY_RUN));
		totals_json(&j, t);
		json_string(&j, "aside", r->aside);
		json_flag(&j, "files-restored", !r->has_site);
		json_string(&j, "files-differ", r->differing);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
		return;
	}
	call_say(call, "%s%s 的备份：%s\n", "%sthe backup of %s: %s\n",
		 call_has(call, OPTION_DRY_RUN)
			 ? cb_say("试运行，会恢复 ", "dry run, would restore ")
			 : cb_say("已恢复 ", "restored "),
		 call_time(call, &any, t->at_ms), totals_say(call, t, r->found.file_count));
	if (r->aside)
		call_say(call, "原来的存储没有删除：%s\n", "the store that was there is kept: %s\n",
			 r->aside);
	if (r->differing)
		call_say(call, "站点文件保持现状；与备份不同的：%s\n",
			 "the site's files stay as they are; these differ from the backup's: %s\n",
			 r->differing);
	call_say(
		call,
		"备份之后报出的，本站点已不知道。所以接下来 30 天里，首次要报的先问对方有没有，\n"
		"有就不再报；不能问的留给人。从网上取的会自动再取一遍；备份之后收进来的文件\n"
		"（done/ 里的）请移回原处。密钥要重新录入：casebridge account set\n",
		"What was sent after the backup is not known here any more. So for 30 days the "
		"target\nis asked before anything is sent for the first time, and what it has is "
		"not sent again;\nwhere it cannot be asked, a person decides. What comes over the "
		"network is fetched again;\nfiles that came in after the backup (in done/) are put "
		"back by hand. Secrets are set\nagain: casebridge account set\n");
}

int command_restore(struct call *call)
{
	struct restoring r = { .call = call,
			       .backup = call->arguments[0],
			       .folder = call_folder(call) };
	struct cb_error err;
	int rc = store_backup_read(r.backup, &call->arena, &r.found, &err);

	if (rc == CB_OK)
		rc = restore_files(&r, &err);
	if (rc == CB_OK && !call_has(call, OPTION_DRY_RUN))
		rc = restore_store(&r, &err);
	if (rc != CB_OK)
		return call_fail(call, &err);
	say_restored(&r);
	return 0;
}
