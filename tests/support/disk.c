/*
 * disk.c - the journal, and files made from it.
 */
#include "support/disk.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "support/dice.h"

enum { SECTOR = 512 };

enum event_kind { CREATE, WRITE, TRUNCATE, SYNC, DELETE };

struct event {
	enum event_kind kind;
	int file; /* an incarnation: a name that was deleted and made again is another */
	int64_t at;
	size_t len;
	char *bytes;
};

struct incarnation {
	char name[64];
	bool is_gone;
};

struct disk {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	enum disk_sync sync;
	int checkpoint;
	bool is_stopped;
	struct event *events;
	size_t count, room;
	struct incarnation *files;
	size_t file_count, file_room;
};

struct file {
	sqlite3_file base;
	struct disk *disk;
	int number; /* incarnation; -1: not one to remember */
	sqlite3_file *real;
};

/* ------------------------------------------------------------ the journal */

static void note(struct disk *disk, enum event_kind kind, int file, const void *bytes, size_t len,
		 int64_t at)
{
	struct event *event;

	if (disk->is_stopped || file < 0)
		return;
	memory_grow(&disk->events, disk->count, &disk->room, sizeof(*disk->events));
	event = &disk->events[disk->count++];
	*event = (struct event){ .kind = kind, .file = file, .at = at, .len = len };
	if (bytes) {
		event->bytes = memory_take(len + 1);
		memcpy(event->bytes, bytes, len);
	}
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The incarnation that bears the name now; a new one where there is none. */
static int incarnation(struct disk *disk, const char *path)
{
	const char *name = base_name(path);

	for (size_t i = disk->file_count; i-- > 0;)
		if (!disk->files[i].is_gone && strcmp(disk->files[i].name, name) == 0)
			return (int)i;
	memory_grow(&disk->files, disk->file_count, &disk->file_room, sizeof(*disk->files));
	disk->files[disk->file_count].is_gone = false;
	snprintf(disk->files[disk->file_count].name, sizeof(disk->files->name), "%s", name);
	note(disk, CREATE, (int)disk->file_count, NULL, 0, 0);
	return (int)disk->file_count++;
}

/* ------------------------------------------------------------ the VFS */

static sqlite3_file *real(sqlite3_file *file)
{
	return ((struct file *)(void *)file)->real;
}

static int file_close(sqlite3_file *file)
{
	return real(file)->pMethods->xClose(real(file));
}

static int file_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 at)
{
	return real(file)->pMethods->xRead(real(file), bytes, len, at);
}

static int file_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	struct file *f = (struct file *)(void *)file;

	note(f->disk, WRITE, f->number, bytes, (size_t)len, at);
	return f->real->pMethods->xWrite(f->real, bytes, len, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct file *f = (struct file *)(void *)file;

	note(f->disk, TRUNCATE, f->number, NULL, 0, size);
	return f->real->pMethods->xTruncate(f->real, size);
}

/* The real disk is not waited for: this one is only in the mind. */
static int file_sync(sqlite3_file *file, int flags)
{
	struct file *f = (struct file *)(void *)file;

	(void)flags;
	note(f->disk, SYNC, f->number, NULL, 0, 0);
	return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xLock(real(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xUnlock(real(file), level);
}

static int file_reserved(sqlite3_file *file, int *out)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

/* A connection that is held to another setting believes that it has set its own. */
static bool is_overruled(const struct disk *disk, char **pragma)
{
	if (!pragma[2] || disk->is_stopped)
		return false;
	if (strcmp(pragma[1], "synchronous") == 0)
		return disk->sync != DISK_AS_ASKED && strcmp(pragma[2], "FULL") == 0;
	return strcmp(pragma[1], "wal_autocheckpoint") == 0;
}

static int file_control(sqlite3_file *file, int what, void *with)
{
	struct file *f = (struct file *)(void *)file;

	if (what == SQLITE_FCNTL_PRAGMA && is_overruled(f->disk, with))
		return SQLITE_OK;
	return f->real->pMethods->xFileControl(f->real, what, with);
}

static int file_sector(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int file_character(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int file_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	return real(file)->pMethods->xShmMap(real(file), region, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int at, int count, int flags)
{
	return real(file)->pMethods->xShmLock(real(file), at, count, flags);
}

static void file_barrier(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

static int file_unmap(sqlite3_file *file, int deletes)
{
	return real(file)->pMethods->xShmUnmap(real(file), deletes);
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
	static const sqlite3_io_methods methods = {
		.iVersion = 2,
		.xClose = file_close,
		.xRead = file_read,
		.xWrite = file_write,
		.xTruncate = file_truncate,
		.xSync = file_sync,
		.xFileSize = file_size,
		.xLock = file_lock,
		.xUnlock = file_unlock,
		.xCheckReservedLock = file_reserved,
		.xFileControl = file_control,
		.xSectorSize = file_sector,
		.xDeviceCharacteristics = file_character,
		.xShmMap = file_map,
		.xShmLock = file_shm_lock,
		.xShmBarrier = file_barrier,
		.xShmUnmap = file_unmap,
	};
	struct file *f = (struct file *)(void *)file;
	struct disk *disk = vfs->pAppData;
	int rc;

	f->base.pMethods = NULL;
	f->disk = disk;
	f->real = (sqlite3_file *)(void *)(f + 1);
	rc = disk->real->xOpen(disk->real, path, f->real, flags, out);
	if (rc != SQLITE_OK)
		return rc;
	f->number = path && !disk->is_stopped ? incarnation(disk, path) : -1;
	f->base.pMethods = &methods;
	return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
	struct disk *disk = vfs->pAppData;
	int gone, rc = disk->real->xDelete(disk->real, path, 0);

	(void)sync;
	if (rc != SQLITE_OK || disk->is_stopped)
		return rc;
	gone = incarnation(disk, path);
	note(disk, DELETE, gone, NULL, 0, 0);
	disk->files[gone].is_gone = true;
	return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	struct disk *disk = vfs->pAppData;

	return disk->real->xAccess(disk->real, path, flags, out);
}

static int disk_full_path(sqlite3_vfs *vfs, const char *path, int room, char *out)
{
	struct disk *disk = vfs->pAppData;

	return disk->real->xFullPathname(disk->real, path, room, out);
}

/* At each opening, before the connection says what it wants. */
static int hold_to(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
	const struct disk *disk = sqlite3_vfs_find("remembering")->pAppData;

	(void)message;
	(void)api;
	if (disk->is_stopped)
		return SQLITE_OK;
	sqlite3_wal_autocheckpoint(db, disk->checkpoint);
	if (disk->sync == DISK_AS_ASKED)
		return SQLITE_OK;
	return sqlite3_exec(db,
			    disk->sync == DISK_OFF ? "PRAGMA synchronous = OFF"
						   : "PRAGMA synchronous = NORMAL",
			    NULL, NULL, NULL);
}

struct disk *disk_new(enum disk_sync sync, int checkpoint)
{
	struct disk *disk = memory_take(sizeof(*disk));

	disk->sync = sync;
	disk->checkpoint = checkpoint;
	disk->real = sqlite3_vfs_find("unix");
	assert_non_null(disk->real);
	disk->vfs = *disk->real;
	disk->vfs.iVersion = 1;
	disk->vfs.zName = "remembering";
	disk->vfs.pNext = NULL;
	disk->vfs.pAppData = disk;
	disk->vfs.szOsFile = (int)sizeof(struct file) + disk->real->szOsFile;
	disk->vfs.xOpen = disk_open;
	disk->vfs.xDelete = disk_delete;
	disk->vfs.xAccess = disk_access;
	disk->vfs.xFullPathname = disk_full_path;
	assert_int_equal(sqlite3_vfs_register(&disk->vfs, 1), SQLITE_OK);
	assert_int_equal(sqlite3_auto_extension((void (*)(void))hold_to), SQLITE_OK);
	return disk;
}

void disk_free(struct disk *disk)
{
	if (!disk)
		return;
	sqlite3_cancel_auto_extension((void (*)(void))hold_to);
	sqlite3_vfs_unregister(&disk->vfs);
	sqlite3_vfs_register(disk->real, 1);
	for (size_t i = 0; i < disk->count; i++)
		free(disk->events[i].bytes);
	free(disk->events);
	free(disk->files);
	free(disk);
}

size_t disk_moment(const struct disk *disk)
{
	return disk->count;
}

void disk_stop(struct disk *disk)
{
	disk->is_stopped = true;
}

/* ------------------------------------------------------------ after the power failed */

static void put_bytes(struct buffer *image, int64_t at, const char *bytes, size_t len)
{
	size_t end = (size_t)at + len;

	if (image->len < end) {
		buffer_room(image, end - image->len);
		memset(image->at + image->len, 0, end - image->len);
		image->len = end;
	}
	memcpy(image->at + at, bytes, len);
}

/* What a disk that lost its power in the middle has of a write: some sectors. */
static void put_torn(struct buffer *image, const struct event *event)
{
	uint32_t order = dice_roll(3); /* the first ones, the last ones, any */
	uint32_t sectors = (uint32_t)(event->len + SECTOR - 1) / SECTOR, edge = dice_roll(sectors);

	for (uint32_t i = 0; i < sectors; i++) {
		size_t from = (size_t)i * SECTOR;
		size_t len = event->len - from < SECTOR ? event->len - from : SECTOR;

		if (order == 0 ? i < edge : order == 1 ? i > edge : dice_roll(2))
			put_bytes(image, event->at + (int64_t)from, event->bytes + from, len);
	}
}

static void apply(struct buffer *image, const struct event *event, bool is_torn)
{
	if (event->kind == WRITE && is_torn)
		put_torn(image, event);
	else if (event->kind == WRITE)
		put_bytes(image, event->at, event->bytes, event->len);
	else if (event->kind == TRUNCATE && (size_t)event->at < image->len)
		image->len = (size_t)event->at;
}

static void make_image(const struct disk *disk, int file, size_t moment, enum disk_loss loss,
		       struct buffer *image)
{
	static const uint32_t shares[] = { 10, 50, 90 };
	uint32_t kept = shares[dice_roll(3)];
	size_t synced = 0;

	for (size_t i = 0; i < moment; i++)
		if (disk->events[i].file == file && disk->events[i].kind == SYNC)
			synced = i;
	for (size_t i = 0; i < moment; i++) {
		const struct event *event = &disk->events[i];
		bool is_certain = i < synced || loss == DISK_KEEPS_ALL;

		if (event->file != file)
			continue;
		if (is_certain || (loss == DISK_KEEPS_SOME && dice_roll(100) < kept))
			apply(image, event, !is_certain && dice_roll(4) == 0);
	}
}

/* Names are certain up to the first sync of a file that was made; then they change in order. */
static size_t names_until(const struct disk *disk, size_t moment, enum disk_loss loss)
{
	bool *was_synced = memory_take(disk->file_count + 1);
	size_t certain = 0, changes = 0;

	for (size_t i = 0; i < moment; i++) {
		const struct event *event = &disk->events[i];

		if (event->kind == CREATE || event->kind == DELETE)
			changes++;
		if (event->kind != SYNC || was_synced[event->file])
			continue;
		was_synced[event->file] = true;
		certain = changes;
	}
	free(was_synced);
	switch (loss) {
	case DISK_KEEPS_ALL:
		return changes;
	case DISK_KEEPS_SYNCED:
		return certain;
	default:
		return certain + dice_roll((uint32_t)(changes - certain) + 1);
	}
}

static void write_file(const char *folder, const char *name, const struct buffer *image)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, image->at, image->len), image->len);
	close(fd);
}

void disk_restore(const struct disk *disk, size_t moment, enum disk_loss loss, const char *folder)
{
	size_t names = names_until(disk, moment, loss), changes = 0;
	bool *is_there = memory_take(disk->file_count + 1);
	struct buffer image = { 0 };

	is_there[0] = true; /* the first file was there before the first event */
	for (size_t i = 0; i < moment && changes < names; i++) {
		const struct event *event = &disk->events[i];

		if (event->kind != CREATE && event->kind != DELETE)
			continue;
		is_there[event->file] = event->kind == CREATE;
		changes++;
	}
	for (size_t i = 0; i < disk->file_count; i++) {
		if (!is_there[i])
			continue;
		buffer_clear(&image);
		buffer_cstr(&image);
		make_image(disk, (int)i, moment, loss, &image);
		write_file(folder, disk->files[i].name, &image);
	}
	buffer_done(&image);
	free(is_there);
}
