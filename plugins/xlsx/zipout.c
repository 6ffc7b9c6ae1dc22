/*
 * zipout.c - the little of the zip format that a workbook takes: deflated parts,
 * each with its sizes behind it, and the directory. All times are 1980-01-01,
 * so the same records make the same bytes.
 */
#include "zipout.h"

#define BLOCK (64u << 10)
#define SIZES_BEHIND 8 /* flag: sizes and checksum follow the data */
#define UTF8_NAMES 0x800

static void little(struct grow *to, uint64_t number, size_t bytes)
{
	char text[8];

	for (size_t i = 0; i < bytes; i++)
		text[i] = (char)(number >> (8 * i) & 0xff);
	grow_put(to, (struct cb_text){ text, bytes });
}

static void hand_on(struct zip_out *z, struct cb_text bytes, struct cb_output *out)
{
	cb_output_put(out, bytes);
	z->offset += bytes.len;
}

/* What local header and directory say in the same words: version, flags, method, time, date. */
static void common(struct grow *to)
{
	little(to, 20, 2);
	little(to, SIZES_BEHIND | UTF8_NAMES, 2);
	little(to, 8, 2);
	little(to, 0, 2);
	little(to, 1 << 5 | 1, 2);
}

void zip_begin(struct zip_out *z, const char *name, struct cb_output *out)
{
	struct grow head = { 0 };

	z->name = name;
	z->begin = z->offset;
	z->packed = z->unpacked = 0;
	z->crc = 0;
	little(&head, 0x04034b50, 4);
	common(&head);
	little(&head, 0, 8);
	little(&head, 0, 4);
	little(&head, strlen(name), 2);
	little(&head, 0, 2);
	grow_string(&head, name);
	hand_on(z, grow_view(&head), out);
	grow_done(&head);
	if (!z->has_stream &&
	    deflateInit2(&z->stream, 3, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* out of memory ends the process */
	if (z->has_stream)
		(void)deflateReset(&z->stream);
	z->has_stream = true;
}

static void deflate_to(struct zip_out *z, struct cb_text bytes, int flush, struct cb_output *out)
{
	unsigned char block[BLOCK];
	size_t n;

	z->stream.next_in = (const unsigned char *)bytes.at;
	z->stream.avail_in = (unsigned)bytes.len;
	do {
		z->stream.next_out = block;
		z->stream.avail_out = sizeof(block);
		(void)deflate(&z->stream, flush);
		n = sizeof(block) - z->stream.avail_out;
		z->packed += n;
		hand_on(z, (struct cb_text){ (const char *)block, n }, out);
	} while (z->stream.avail_out == 0);
}

void zip_put(struct zip_out *z, struct cb_text bytes, struct cb_output *out)
{
	if (!bytes.len)
		return;
	z->crc = (uint32_t)crc32(z->crc, (const unsigned char *)bytes.at, (unsigned)bytes.len);
	z->unpacked += bytes.len;
	deflate_to(z, bytes, Z_NO_FLUSH, out);
}

static void sizes(const struct zip_out *z, struct grow *to)
{
	little(to, z->crc, 4);
	little(to, z->packed, 4);
	little(to, z->unpacked, 4);
}

void zip_end(struct zip_out *z, struct cb_output *out)
{
	struct grow behind = { 0 };
	struct grow *d = &z->directory;

	deflate_to(z, CB_TEXT(""), Z_FINISH, out);
	little(&behind, 0x08074b50, 4);
	sizes(z, &behind);
	hand_on(z, grow_view(&behind), out);
	grow_done(&behind);

	little(d, 0x02014b50, 4);
	little(d, 20, 2);
	common(d);
	sizes(z, d);
	little(d, strlen(z->name), 2);
	little(d, 0, 8); /* extra, comment, disk, attributes inside */
	little(d, 0, 4);
	little(d, z->begin, 4);
	grow_string(d, z->name);
	z->count++;
}

void zip_whole(struct zip_out *z, const char *name, struct cb_text bytes, struct cb_output *out)
{
	zip_begin(z, name, out);
	zip_put(z, bytes, out);
	zip_end(z, out);
}

void zip_finish(struct zip_out *z, struct cb_output *out)
{
	uint64_t begin = z->offset;
	struct grow end = { 0 };

	hand_on(z, grow_view(&z->directory), out);
	little(&end, 0x06054b50, 4);
	little(&end, 0, 4);
	little(&end, z->count, 2);
	little(&end, z->count, 2);
	little(&end, z->directory.len, 4);
	little(&end, begin, 4);
	little(&end, 0, 2);
	hand_on(z, grow_view(&end), out);
	grow_done(&end);
}

void zip_done(struct zip_out *z)
{
	if (z->has_stream)
		(void)deflateEnd(&z->stream);
	grow_done(&z->directory);
	*z = (struct zip_out){ 0 };
}
