/*
 * disk.h - a disk that remembers what SQLite asked of it, and can say what would
 * be left of it if the power had failed at any of those moments.
 *
 * A VFS that passes everything on and keeps a journal: creations, writes,
 * truncations, syncs, deletions. What a file was told before its last sync is
 * there for certain; of what came since, any part may be there: some writes and
 * not others, a write in some of its sectors. A directory's changes are certain
 * with the next sync of a file in it.
 */
#ifndef SUPPORT_DISK_H
#define SUPPORT_DISK_H

#include <stddef.h>

struct disk;

enum disk_sync {
	DISK_AS_ASKED,
	DISK_NORMAL, /* connections are held to synchronous=NORMAL, whatever they say */
	DISK_OFF,    /* and to OFF */
};

/*
 * From now on every connection writes to it. @checkpoint: after so many pages of
 * the log, instead of what a connection asks for, so that checkpoints are many.
 */
struct disk *disk_new(enum disk_sync sync, int checkpoint);
void disk_free(struct disk *disk); /* the usual disk again */

/* How much was asked of it so far. */
size_t disk_moment(const struct disk *disk);
/* Do not write any more of it down, and do not wait for real disks. */
void disk_stop(struct disk *disk);

enum disk_loss { DISK_KEEPS_ALL, DISK_KEEPS_SYNCED, DISK_KEEPS_SOME };

/* The files @folder/NAME as after a power failure at @moment; chance from dice.h. */
void disk_restore(const struct disk *disk, size_t moment, enum disk_loss loss, const char *folder);

#endif
