/*
 * input.c - a document's bytes become UTF-8 by evidence, from wherever they come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/say.h"
#include "host/inside.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MB (1u << 20)
#define UTF8 "\xe8\xb0\x83\xe8\xa7\xa3" /* 调解 */
#define GB "\xb5\xf7\xbd\xe2"
#define FOUR "\x95\x32\x82\x36" /* U+20000 */

enum source { BYTES, FILE_OF, PIPE_OF };

struct writer {
	int fd;
	struct cb_text bytes;
	size_t piece;
	pthread_t thread;
};

static struct buffer document, decoded, seen;
static struct cb_error err;

static int begin(void **state)
{
	say_language(LANGUAGE_EN);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int end(void **state)
{
	buffer_done(&document);
	buffer_done(&decoded);
	buffer_done(&seen);
	return 0;
}

static void *write_all(void *with)
{
	struct writer *w = with;

	for (size_t at = 0; at < w->bytes.len;) {
		size_t len = w->bytes.len - at < w->piece ? w->bytes.len - at : w->piece;
		ssize_t n = write(w->fd, w->bytes.at + at, len);

		if (n < 0)
			break;
		at += (size_t)n;
	}
	close(w->fd);
	return NULL;
}

static int file_of(struct cb_text bytes)
{
	char name[] = "/tmp/inputXXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int on_raw(void *with, struct cb_text bytes, struct cb_error *e)
{
	assert_true(bytes.len > 0);
	buffer_text(&seen, bytes);
	return CB_OK;
}

static int read_all(struct cb_input *in, const char *allowed)
{
	struct cb_text piece;
	int rc = input_open(in, allowed, &err);

	while (rc == CB_OK && (rc = cb_input_next(in, &piece, &err)) == CB_OK && piece.len)
		buffer_text(&decoded, piece);
	if (rc == CB_OK) { /* the end stays the end */
		assert_int_equal(cb_input_next(in, &piece, &err), CB_OK);
		assert_int_equal(piece.len, 0);
	}
	return rc;
}

/* Reads the whole of `document`; what came out stands in `decoded`, what went by in `seen`. */
static int read_from(enum source source, const char *allowed, size_t piece)
{
	struct cb_input in = { .fd = -1, .raw = on_raw };
	struct writer w = { .bytes = buffer_view(&document), .piece = piece };
	int ends[2], rc;

	buffer_clear(&decoded);
	buffer_clear(&seen);
	err = (struct cb_error){ 0 };
	if (source == BYTES) {
		in.bytes = w.bytes;
	} else if (source == FILE_OF) {
		in.fd = file_of(w.bytes);
	} else {
		assert_int_equal(pipe(ends), 0);
		in.fd = ends[0];
		w.fd = ends[1];
		assert_int_equal(pthread_create(&w.thread, NULL, write_all, &w), 0);
	}
	rc = read_all(&in, allowed);
	input_done(&in);
	if (in.fd >= 0)
		close(in.fd);
	if (source == PIPE_OF)
		pthread_join(w.thread, NULL);
	return rc;
}

static void say(const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buffer_string(&document, text);
}

static void documents_are_decoded_by_evidence(void **state)
{
	static const struct {
		struct cb_text bytes;
		const char *allowed, *utf8; /* NULL: broken */
	} cases[] = {
		{ CB_TEXT(""), NULL, "" },
		{ CB_TEXT("plain"), NULL, "plain" },
		{ CB_TEXT("plain"), "gb18030", "plain" },
		{ CB_TEXT(UTF8), NULL, UTF8 },
		{ CB_TEXT(UTF8), "utf-8|gb18030", UTF8 },
		{ CB_TEXT(GB), NULL, UTF8 },
		{ CB_TEXT(GB), "gb18030", UTF8 },
		{ CB_TEXT(GB), "utf-8", NULL },
		{ CB_TEXT(FOUR), NULL, "\xf0\xa0\x80\x80" },
		{ CB_TEXT("\xef\xbb\xbf" UTF8), NULL, UTF8 },
		{ CB_TEXT("\xef\xbb\xbf"), NULL, "" },
		{ CB_TEXT("\xef\xbb\xbf\xef\xbb\xbf"), NULL, "\xef\xbb\xbf" },
		{ CB_TEXT("\xff\xfe\x03\x8c\xe3\x89"), NULL, UTF8 },
		{ CB_TEXT("\xfe\xff\x8c\x03\x89\xe3"), NULL, UTF8 },
		{ CB_TEXT(UTF8 "\xe8"), NULL, NULL },
		{ CB_TEXT(GB "\xb5"), NULL, NULL },
		{ CB_TEXT("\x80\x80"), NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_clear(&document);
		buffer_text(&document, cases[i].bytes);
		for (enum source s = BYTES; s <= PIPE_OF; s++) {
			int rc = read_from(s, cases[i].allowed, 1);

			if (rc != (cases[i].utf8 ? CB_OK : CB_BROKEN))
				fail_msg("%zu: %s", i, err.text);
			if (rc != CB_OK)
				continue;
			assert_string_equal(buffer_cstr(&decoded), cases[i].utf8);
			assert_int_equal(seen.len, cases[i].bytes.len);
		}
	}
}

static void gb18030_may_first_be_seen_late_in_a_file(void **state)
{
	say("0123456789abcde\n", 6 * MB / 16);
	say(GB, 1);
	for (enum source s = BYTES; s <= FILE_OF; s++) {
		assert_int_equal(read_from(s, NULL, 0), CB_OK);
		assert_int_equal(decoded.len, 6 * MB + 6);
		assert_memory_equal(decoded.at + 6 * MB, UTF8, 6);
	}
}

static void raw_bytes_go_by_once_and_in_order(void **state)
{
	static const size_t pieces[] = { 999, 65536, SIZE_MAX };

	say("\xef\xbb\xbf", 1);
	for (unsigned i = 0; i < 5 * MB / 8; i++)
		buffer_printf(&document, "%07u\n", i);
	for (enum source s = BYTES; s <= PIPE_OF; s++) {
		for (size_t i = 0; i < COUNT(pieces); i++) {
			assert_int_equal(read_from(s, NULL, pieces[i]), CB_OK);
			assert_int_equal(seen.len, document.len);
			assert_memory_equal(seen.at, document.at, document.len);
			assert_int_equal(decoded.len, document.len - 3);
			assert_memory_equal(decoded.at, document.at + 3, decoded.len);
			if (s != PIPE_OF)
				break;
		}
	}
}

/* Whatever byte of a character the evidence of a pipe ends with. */
static void the_end_of_the_evidence_may_cut_a_character(void **state)
{
	static const struct {
		const char *text, *utf8;
	} cases[] = {
		{ UTF8, UTF8 },
		{ GB, UTF8 },
		{ FOUR, "\xf0\xa0\x80\x80" },
		{ "\xf0\xa0\x80\x80", "\xf0\xa0\x80\x80" },
		{ "\x81\x40", "\xe4\xb8\x82" }, /* the second byte is a letter */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t shift = 0; shift < 6; shift++) {
			size_t times = 4 * MB / strlen(cases[i].text) + 1000;

			buffer_clear(&document);
			say("x", shift);
			say(cases[i].text, times);
			if (read_from(PIPE_OF, NULL, SIZE_MAX) != CB_OK)
				fail_msg("%zu, %zu: %s", i, shift, err.text);
			assert_int_equal(decoded.len, shift + times * strlen(cases[i].utf8));
			assert_memory_equal(decoded.at + decoded.len - strlen(cases[i].utf8),
					    cases[i].utf8, strlen(cases[i].utf8));
		}
	}
}

static void a_pipe_that_contradicts_its_beginning_ends_there(void **state)
{
	say("x", 5 * MB);
	say(GB, 1);
	assert_int_equal(read_from(PIPE_OF, NULL, SIZE_MAX), CB_BROKEN);
	assert_non_null(strstr(err.text, "offset 5242880 "));
	assert_true(decoded.len >= 4 * MB && decoded.len <= 5 * MB);

	buffer_clear(&document);
	say(UTF8, MB);
	say(GB, 1);
	assert_int_equal(read_from(PIPE_OF, NULL, SIZE_MAX), CB_BROKEN);
	assert_non_null(strstr(err.text, "offset 6291456 "));
}

static void a_pipe_keeps_to_what_was_declared_while_it_is_plain(void **state)
{
	say("x", 5 * MB);
	say(GB, 1);
	assert_int_equal(read_from(PIPE_OF, "GBK", SIZE_MAX), CB_OK);
	assert_int_equal(decoded.len, 5 * MB + 6);
	assert_memory_equal(decoded.at + 5 * MB, UTF8, 6);
	assert_int_equal(seen.len, document.len);
}

static void a_pipe_that_ends_inside_a_character_is_broken(void **state)
{
	say(UTF8, MB);
	say("\xe8\xb0", 1);
	assert_int_equal(read_from(PIPE_OF, NULL, SIZE_MAX), CB_BROKEN);
}

static void a_file_is_read_from_where_it_stands(void **state)
{
	struct cb_input in = { .fd = file_of(CB_TEXT("skipped" UTF8)) };

	assert_int_equal(lseek(in.fd, 7, SEEK_SET), 7);
	assert_int_equal(read_all(&in, NULL), CB_OK);
	assert_string_equal(buffer_cstr(&decoded), UTF8);
	input_done(&in);
	close(in.fd);
}

/* What was not looked at is not handed on: nobody knows that it is UTF-8. */
static void what_is_appended_meanwhile_is_not_read(void **state)
{
	struct cb_input in = { .fd = file_of(CB_TEXT(UTF8)) };
	struct cb_text piece;

	assert_int_equal(input_open(&in, NULL, &err), CB_OK);
	assert_int_equal(pwrite(in.fd, GB, 4, 6), 4);
	assert_int_equal(cb_input_next(&in, &piece, &err), CB_OK);
	assert_true(cb_text_is(piece, UTF8));
	assert_int_equal(cb_input_next(&in, &piece, &err), CB_OK);
	assert_int_equal(piece.len, 0);
	input_done(&in);
	close(in.fd);
}

static void a_file_that_shrinks_meanwhile_is_tried_again(void **state)
{
	struct cb_input in = { .fd = file_of(CB_TEXT(UTF8)) };
	struct cb_text piece;

	assert_int_equal(input_open(&in, NULL, &err), CB_OK);
	assert_int_equal(ftruncate(in.fd, 3), 0);
	assert_int_equal(cb_input_next(&in, &piece, &err), CB_OK);
	assert_int_equal(cb_input_next(&in, &piece, &err), CB_AGAIN);
	input_done(&in);
	close(in.fd);
}

static int refuse(void *with, struct cb_text bytes, struct cb_error *e)
{
	return cb_fail(e, CB_SETUP, "满", "full");
}

static void who_watches_the_raw_bytes_may_stop(void **state)
{
	struct cb_input in = { .fd = -1, .bytes = CB_TEXT("text"), .raw = refuse };
	struct cb_text piece;

	assert_int_equal(input_open(&in, NULL, &err), CB_OK);
	assert_int_equal(cb_input_next(&in, &piece, &err), CB_SETUP);
	assert_string_equal(err.text, "full");
	assert_int_equal(piece.len, 0);
	input_done(&in);
}

static void an_input_that_did_not_open_is_given_back(void **state)
{
	struct cb_input in = { .fd = -1, .bytes = CB_TEXT("x") };

	assert_int_equal(input_open(&in, "klingon", &err), CB_SETUP);
	input_done(&in);
	in.fd = open("/tmp", O_RDONLY | O_DIRECTORY);
	assert_int_equal(input_open(&in, NULL, &err), CB_AGAIN);
	close(in.fd);
	input_done(&in);
	input_done(&in);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(documents_are_decoded_by_evidence),
		TEST(gb18030_may_first_be_seen_late_in_a_file),
		TEST(raw_bytes_go_by_once_and_in_order),
		TEST(the_end_of_the_evidence_may_cut_a_character),
		TEST(a_pipe_that_contradicts_its_beginning_ends_there),
		TEST(a_pipe_keeps_to_what_was_declared_while_it_is_plain),
		TEST(a_pipe_that_ends_inside_a_character_is_broken),
		TEST(a_file_is_read_from_where_it_stands),
		TEST(what_is_appended_meanwhile_is_not_read),
		TEST(a_file_that_shrinks_meanwhile_is_tried_again),
		TEST(who_watches_the_raw_bytes_may_stop),
		TEST(an_input_that_did_not_open_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
