/*
 * tables.c - code tables that are ready, from the engine to its workers.
 *
 * A sealed memory file: whoever has it can map it, and nobody can write, cut or
 * lengthen it, so a worker reads it without checking it at every step.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/inside.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static bool write_all(int fd, struct cb_text bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n <= 0)
			return false;
		bytes = (struct cb_text){ bytes.at + n, bytes.len - (size_t)n };
	}
	return true;
}

int worker_tables(const struct mapping *m)
{
	struct buffer image = { 0 };
	int fd = -1, high = 0;

	if (mapping_image(m, &image))
		fd = memfd_create("casebridge-tables", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd >= 0 && write_all(fd, buffer_view(&image)) &&
	    fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == 0)
		high = fcntl(fd, F_DUPFD_CLOEXEC, TABLES_FD + 1);
	if (fd >= 0)
		close(fd);
	buffer_done(&image);
	return high > 0 ? high : 0;
}

struct cb_text tables_map(int fd)
{
	struct cb_text image = { 0 };
	struct stat is;
	void *at;

	if (fcntl(fd, F_GET_SEALS) < SEALS || (fcntl(fd, F_GET_SEALS) & SEALS) != SEALS ||
	    fstat(fd, &is) != 0)
		return image;
	at = mmap(NULL, (size_t)is.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return image;
	image = (struct cb_text){ at, (size_t)is.st_size };
	return mapping_is_image(image) ? image : (struct cb_text){ 0 };
}
