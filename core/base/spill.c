/*
 * spill.c - a mapping that is shared with its file can let its pages go at any time:
 * what was written stays in the file.
 *
 * The place is reserved before it is mapped, so that a full disk is an answer and not a signal.
 */
#include "base/spill.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <casebridge/log.h>

#include "base/memory.h"

/* Behind it stand no pages in memory, as they may in /tmp. */
#define FOLDER "/var/tmp"

/* Not every file system makes files without a name: there one loses it at once. */
static int open_file(void)
{
	const char *folder = getenv("TMPDIR");
	struct arena arena = { 0 };
	char *name;
	int fd;

	folder = folder && *folder ? folder : FOLDER;
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	name = arena_printf(&arena, "%s/casebridge-XXXXXX", folder);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	arena_done(&arena);
	return fd;
}

static void warn(void)
{
	cb_log(CB_WARN, "临时文件放不下，继续在内存里做（用 TMPDIR 指出有空间的文件夹）",
	       "a temporary file has no room; going on in memory (TMPDIR names a folder that has)");
}

void spill_begin(struct spill *spill, bool is_in_file)
{
	*spill = (struct spill){ 0 };
	if (!is_in_file)
		return;
	spill->file = open_file() + 1;
	if (!spill->file)
		warn();
}

static bool resize_file(struct spill *spill, size_t size)
{
	int fd = spill->file - 1;
	void *at;

	if (size > spill->size && posix_fallocate(fd, 0, (off_t)size) != 0)
		return false;
	at = spill->at ? mremap(spill->at, spill->size, size, MREMAP_MAYMOVE)
		       : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return false;
	spill->at = at;
	spill->size = size;
	return true;
}

static void move_into_memory(struct spill *spill, size_t size)
{
	void *at = memory_resize(NULL, size);

	if (spill->size)
		memcpy(at, spill->at, spill->size < size ? spill->size : size);
	spill_done(spill);
	*spill = (struct spill){ at, size, 0 };
	warn();
}

void spill_resize(struct spill *spill, size_t size)
{
	if (!spill->file) {
		spill->at = memory_resize(spill->at, size);
		spill->size = size;
	} else if (size && !resize_file(spill, size)) {
		move_into_memory(spill, size);
	}
}

void spill_pass(const struct spill *spill, size_t begin, size_t end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	/* The page that both sides share goes with the side behind it. */
	begin -= begin % page;
	end -= end % page;
	if (spill->file && begin < end && end <= spill->size)
		madvise((char *)spill->at + begin, end - begin, MADV_DONTNEED);
}

void spill_done(struct spill *spill)
{
	if (spill->file) {
		if (spill->at)
			munmap(spill->at, spill->size);
		close(spill->file - 1);
	} else {
		free(spill->at);
	}
	*spill = (struct spill){ 0 };
}

size_t spill_resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long all, resident = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &all, &resident) != 2)
		resident = 0;
	fclose(f);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}
