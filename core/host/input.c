/*
 * input.c - a document's bytes, decided and decoded before anybody parses them.
 *
 * A file is looked at as a whole before its first byte is used: a ledger whose
 * first Chinese word stands in line 4000 must not be guessed from its heading.
 * A file that is clean UTF-8 is then handed on as it is, as far as it was looked
 * at: what is appended meanwhile belongs to the next reading. A pipe cannot be
 * read twice; its first megabytes are the evidence, and a byte that contradicts
 * them later ends the reading with its place.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "host/inside.h"

#define BLOCK (256u << 10)
#define EVIDENCE (4u << 20)

static int read_block(int fd, char *block, size_t room, size_t *len, struct cb_error *err)
{
	ssize_t n;

	do
		n = read(fd, block, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return cb_fail(err, CB_AGAIN, "读取文件失败：%s", "reading failed: %s",
			       file_reason(errno));
	*len = (size_t)n;
	return CB_OK;
}

static int watch_through(struct cb_input *in, struct charset_watch *watch, struct cb_error *err)
{
	off_t begin = lseek(in->fd, 0, SEEK_CUR);
	size_t len;
	int rc;

	in->left = 0;
	while ((rc = read_block(in->fd, in->block, BLOCK, &len, err)) == CB_OK && len) {
		charset_watch(watch, (struct cb_text){ in->block, len });
		in->left += (int64_t)len;
	}
	if (rc == CB_OK && lseek(in->fd, begin, SEEK_SET) < 0)
		rc = cb_fail(err, CB_AGAIN, "读取文件失败：%s", "reading failed: %s",
			     file_reason(errno));
	return rc;
}

/* UTF-8 first, alone; only a file that is not goes through the whole question. */
static int watch_file(struct cb_input *in, const char *allowed, struct charset_watch *watch,
		      struct cb_error *err)
{
	int rc;

	if (!allowed || strcasestr(allowed, "utf-8") || strcasestr(allowed, "utf8")) {
		watch->only_utf8 = true;
		rc = watch_through(in, watch, err);
		if (rc != CB_OK || charset_is_utf8(watch))
			return rc;
		*watch = (struct charset_watch){ 0 };
	}
	return watch_through(in, watch, err);
}

static int watch_pipe(struct cb_input *in, struct charset_watch *watch, bool *is_cut,
		      struct cb_error *err)
{
	size_t len = 1;
	int rc = CB_OK;

	while (in->head.len < EVIDENCE && len && rc == CB_OK) {
		buffer_room(&in->head, BLOCK);
		rc = read_block(in->fd, in->head.at + in->head.len, BLOCK, &len, err);
		if (rc == CB_OK)
			in->head.len += len;
	}
	charset_watch(watch, buffer_view(&in->head));
	*is_cut = len > 0;
	if (*is_cut) /* a character cut at the end of the evidence is no fault */
		watch->utf8.cut_len = watch->gb18030.cut_len = 0;
	return rc;
}

int input_open(struct cb_input *in, const char *allowed, struct cb_error *err)
{
	struct charset_watch watch = { 0 };
	struct stat st;
	bool is_file = in->fd >= 0 && fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode);
	bool is_cut = false;
	int rc = CB_OK;

	in->allowed = allowed;
	in->left = -1;
	if (in->fd >= 0)
		in->block = memory_pages(BLOCK);
	if (in->is_binary)
		return CB_OK;
	if (in->fd < 0)
		charset_watch(&watch, in->bytes);
	else if (is_file)
		rc = watch_file(in, allowed, &watch, err);
	else
		rc = watch_pipe(in, &watch, &is_cut, err);
	if (rc == CB_OK)
		rc = charset_decide(&watch, allowed, &in->charset, err);
	if (rc != CB_OK)
		return rc;
	/* Plain ASCII so far is no reason to leave what was declared. */
	if (is_cut && !watch.high && charset_named(allowed) == CHARSET_GB18030)
		in->charset = CHARSET_GB18030;
	if (in->charset == CHARSET_UTF8 && (in->fd < 0 || is_file))
		return CB_OK;
	in->converter = charset_converter_new(in->charset);
	return in->converter ? CB_OK
			     : cb_fail(err, CB_SETUP, "ICU 缺少 %s 的转换表，请安装完整的 ICU",
				       "this ICU has no table for %s; install a complete ICU",
				       charset_name(in->charset));
}

/* The next raw bytes, from wherever they are; len 0 at the end. */
static int next_raw(struct cb_input *in, struct cb_text *raw, struct cb_error *err)
{
	size_t len, room = BLOCK;
	int rc;

	if (in->fd < 0) {
		len = in->bytes.len < BLOCK ? in->bytes.len : BLOCK;
		*raw = (struct cb_text){ in->bytes.at, len };
		in->bytes.at += len;
		in->bytes.len -= len;
		return CB_OK;
	}
	if (in->head_at < in->head.len) {
		len = in->head.len - in->head_at < BLOCK ? in->head.len - in->head_at : BLOCK;
		*raw = (struct cb_text){ in->head.at + in->head_at, len };
		in->head_at += len;
		return CB_OK;
	}
	buffer_done(&in->head);
	in->head_at = 0;
	if (in->left >= 0 && in->left < (int64_t)room)
		room = (size_t)in->left;
	*raw = (struct cb_text){ in->block, 0 };
	rc = room ? read_block(in->fd, in->block, room, &raw->len, err) : CB_OK;
	if (rc != CB_OK || in->left <= 0)
		return rc;
	if (!raw->len)
		return cb_fail(err, CB_AGAIN, "文件在读取时变短了",
			       "the file shrank while it was read");
	in->left -= (int64_t)raw->len;
	return CB_OK;
}

int cb_input_next(struct cb_input *in, struct cb_text *piece, struct cb_error *err)
{
	struct cb_text raw;
	int rc;

	*piece = (struct cb_text){ 0 };
	while (!in->has_ended) {
		rc = next_raw(in, &raw, err);
		if (rc == CB_OK && raw.len && in->raw)
			rc = in->raw(in->with, raw, err);
		if (rc != CB_OK)
			return rc;
		in->has_ended = raw.len == 0;
		if (!in->converter) {
			if (!in->is_binary && !in->has_begun && raw.len >= 3 &&
			    memcmp(raw.at, "\xef\xbb\xbf", 3) == 0) {
				raw.at += 3;
				raw.len -= 3;
			}
			in->has_begun |= raw.len > 0;
			*piece = raw;
		} else {
			buffer_clear(&in->text);
			rc = charset_decode(in->converter, raw, in->has_ended, &in->text, err);
			if (rc != CB_OK)
				return rc;
			*piece = buffer_view(&in->text);
		}
		if (piece->len)
			return CB_OK;
	}
	*piece = (struct cb_text){ 0 };
	return CB_OK;
}

int cb_input_text(struct cb_input *in, struct cb_text bytes, struct cb_text *text,
		  struct cb_error *err)
{
	struct charset_watch watch = { 0 };
	struct charset_converter *converter;
	enum charset charset;
	int rc;

	charset_watch(&watch, bytes);
	rc = charset_decide(&watch, in->allowed, &charset, err);
	if (rc != CB_OK)
		return rc;
	converter = charset_converter_new(charset);
	if (!converter)
		return cb_fail(err, CB_SETUP, "ICU 缺少 %s 的转换表，请安装完整的 ICU",
			       "this ICU has no table for %s; install a complete ICU",
			       charset_name(charset));
	buffer_clear(&in->text);
	rc = charset_decode(converter, bytes, true, &in->text, err);
	charset_converter_free(converter);
	*text = buffer_view(&in->text);
	return rc;
}

void input_done(struct cb_input *in)
{
	charset_converter_free(in->converter);
	buffer_done(&in->head);
	buffer_done(&in->text);
	free(in->block);
	in->converter = NULL;
	in->block = NULL;
}

int output_flush(struct cb_output *out, struct cb_error *err)
{
	int rc = CB_OK;

	if (out->failed.verdict) {
		if (err)
			*err = out->failed;
		return out->failed.verdict;
	}
	if (out->flush && out->bytes.len) {
		rc = out->flush(out->with, buffer_view(&out->bytes), err);
		buffer_clear(&out->bytes);
	}
	return rc;
}

static void flush_if_enough(struct cb_output *out)
{
	if (out->flush && out->bytes.len >= BLOCK && !out->failed.verdict &&
	    output_flush(out, &out->failed) == CB_OK)
		out->failed.verdict = CB_OK;
}

void cb_output_put(struct cb_output *out, struct cb_text bytes)
{
	buffer_text(&out->bytes, bytes);
	flush_if_enough(out);
}

void cb_output_put_xml(struct cb_output *out, struct cb_text text)
{
	buffer_xml(&out->bytes, text);
	flush_if_enough(out);
}

void cb_output_put_json(struct cb_output *out, struct cb_text text)
{
	buffer_json_inner(&out->bytes, text);
	flush_if_enough(out);
}
