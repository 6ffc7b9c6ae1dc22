/*
 * frame.c - counted messages arrive whole, in order, and with their descriptor.
 */
#include "host/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/say.h"
#include "support/dice.h"

static struct channel here, there;

static int begin(void **state)
{
	int ends[2];

	say_language(LANGUAGE_EN);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	channel_init(&here, ends[0]);
	channel_init(&there, ends[1]);
	return 0;
}

static int end(void **state)
{
	channel_done(&here);
	channel_done(&there);
	return 0;
}

static void put(int type, struct cb_text body)
{
	buffer_text(frame_begin(&here, type), body);
	assert_int_equal(frame_end(&here, NULL), CB_OK);
}

static void flush(void)
{
	assert_int_equal(channel_flush(&here, NULL), CB_OK);
}

static void expect(int expected, struct cb_text body)
{
	struct wire w;
	int type;

	assert_int_equal(frame_next(&there, 10000, &type, &w, NULL), CB_OK);
	assert_int_equal(type, expected);
	assert_int_equal(w.end - w.at, body.len);
	assert_false(w.is_bad);
	if (body.len)
		assert_memory_equal(w.at, body.at, body.len);
}

static void raw(const void *bytes, size_t len)
{
	assert_int_equal(write(here.fd, bytes, len), len);
}

static void frames_arrive_in_order(void **state)
{
	put(FRAME_JOB, CB_TEXT("one"));
	put(FRAME_MAP, CB_TEXT(""));
	put(255, CB_TEXT("three\0"));
	flush();
	flush(); /* nothing to send is fine */
	expect(FRAME_JOB, CB_TEXT("one"));
	expect(FRAME_MAP, CB_TEXT(""));
	expect(255, CB_TEXT("three\0"));
}

static void frames_wait_for_each_other_until_it_is_enough(void **state)
{
	struct wire w;
	int type;

	put(1, CB_TEXT("small"));
	assert_int_equal(frame_next(&there, 0, &type, &w, NULL), CB_AGAIN);
	for (int i = 0; i < 64 << 10; i += 8)
		put(2, CB_TEXT("more"));
	expect(1, CB_TEXT("small"));
	flush();
	for (int i = 0; i < 64 << 10; i += 8)
		expect(2, CB_TEXT("more"));
}

/* Sizes to 1 MB, each byte known from its place. */

static const size_t sizes[] = { 0,     1,      4,      5,      65530,  65531,  65532,
				65536, 262139, 262143, 262144, 262145, 1 << 20 };
#define SIZES (sizeof(sizes) / sizeof(*sizes))

static char *pattern(size_t i)
{
	char *bytes = memory_take(sizes[i]);

	for (size_t k = 0; k < sizes[i]; k++)
		bytes[k] = (char)(k * 31 + i);
	return bytes;
}

static void *send_sizes(void *with)
{
	for (size_t i = 0; i < SIZES; i++) {
		char *bytes = pattern(i);

		buffer_put(frame_begin(&here, (int)i), bytes, sizes[i]);
		if (frame_end(&here, NULL) != CB_OK)
			abort();
		free(bytes);
	}
	if (channel_flush(&here, NULL) != CB_OK)
		abort();
	return NULL;
}

static void frames_of_every_size_go_through(void **state)
{
	pthread_t sender;

	assert_int_equal(pthread_create(&sender, NULL, send_sizes, NULL), 0);
	for (size_t i = 0; i < SIZES; i++) {
		char *bytes = pattern(i);

		expect((int)i, (struct cb_text){ bytes, sizes[i] });
		free(bytes);
	}
	pthread_join(sender, NULL);
}

static void *send_in_bits(void *with)
{
	const struct buffer *bytes = with;

	for (size_t at = 0, n; at < bytes->len; at += n) {
		n = 1 + dice_roll(7) * dice_roll(2000);
		if (n > bytes->len - at)
			n = bytes->len - at;
		if (write(here.fd, bytes->at + at, n) != (ssize_t)n)
			abort();
	}
	return NULL;
}

static void frames_may_arrive_in_bits(void **state)
{
	struct buffer all;
	pthread_t sender;

	/* What a channel would have sent. */
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < SIZES; i++) {
			char *bytes = pattern(i);
			uint32_t len = (uint32_t)sizes[i];

			buffer_put(frame_begin(&here, (int)i), bytes, sizes[i]);
			memcpy(here.out.at + here.open, &len, sizeof(len));
			free(bytes);
		}
	}
	all = here.out;
	here.out = (struct buffer){ 0 };
	assert_int_equal(pthread_create(&sender, NULL, send_in_bits, &all), 0);
	for (size_t i = 0; i < 3 * SIZES; i++) {
		char *bytes = pattern(i % SIZES);

		expect((int)(i % SIZES), (struct cb_text){ bytes, sizes[i % SIZES] });
		free(bytes);
	}
	pthread_join(sender, NULL);
	buffer_done(&all);
}

static void a_frame_that_is_not_whole_is_waited_for(void **state)
{
	static const char frame[] = "\x05\0\0\0\x07"
				    "hello";
	struct wire w;
	int type;

	for (size_t i = 0; i < 9; i++) {
		raw(frame + i, 1);
		assert_int_equal(frame_next(&there, 0, &type, &w, NULL), CB_AGAIN);
	}
	raw(frame + 9, 1);
	expect(7, CB_TEXT("hello"));
}

/* Never silent, and not done for minutes. */
static void *trickle(void *with)
{
	static const uint32_t len = FRAME_MAX;
	ssize_t n = send(here.fd, &len, sizeof(len), MSG_NOSIGNAL);

	while (n > 0)
		n = send(here.fd, "", 1, MSG_NOSIGNAL);
	return NULL;
}

static void who_sends_byte_after_byte_does_not_hold_us(void **state)
{
	struct wire w;
	pthread_t sender;
	int type;

	assert_int_equal(pthread_create(&sender, NULL, trickle, NULL), 0);
	assert_int_equal(frame_next(&there, 50, &type, &w, NULL), CB_AGAIN);
	shutdown(here.fd, SHUT_RDWR);
	pthread_join(sender, NULL);
}

static void the_other_end_may_close(void **state)
{
	struct cb_error err = { 0 };
	struct wire w;
	int type;

	put(1, CB_TEXT("last"));
	flush();
	close(here.fd);
	here.fd = -1;
	expect(1, CB_TEXT("last"));
	assert_int_equal(frame_next(&there, -1, &type, &w, &err), CB_END);
	assert_int_equal(frame_next(&there, 10000, &type, &w, &err), CB_END);
	frame_begin(&there, 1);
	assert_int_equal(frame_end(&there, &err), CB_OK);
	assert_int_equal(channel_flush(&there, &err), CB_BROKEN); /* and no signal */
	assert_true(*err.text != '\0');
}

static void closing_in_the_middle_of_a_frame_is_an_end(void **state)
{
	struct wire w;
	int type;

	raw("\x05\0\0\0\x07he", 7);
	close(here.fd);
	here.fd = -1;
	assert_int_equal(frame_next(&there, -1, &type, &w, NULL), CB_END);
}

static void a_length_that_is_too_large_is_refused(void **state)
{
	static const uint32_t lengths[] = { FRAME_MAX + 1, UINT32_MAX };

	for (size_t i = 0; i < 2; i++) {
		struct cb_error err = { 0 };
		struct wire w;
		int type;

		raw(&lengths[i], sizeof(lengths[i]));
		raw("x", 1);
		assert_int_equal(frame_next(&there, 10000, &type, &w, &err), CB_BROKEN);
		assert_true(there.in_room < 1 << 20);
		(void)end(NULL);
		(void)begin(NULL);
	}
}

static void a_frame_that_is_too_large_is_not_sent(void **state)
{
	struct cb_error err = { 0 };
	struct buffer *out;

	put(1, CB_TEXT("before"));
	out = frame_begin(&here, 2);
	buffer_room(out, (size_t)FRAME_MAX + 1);
	out->len += (size_t)FRAME_MAX + 1;
	assert_int_equal(frame_end(&here, &err), CB_BROKEN);
	assert_non_null(strstr(err.text, "96 MB"));
	put(3, CB_TEXT("behind"));
	flush();
	expect(1, CB_TEXT("before"));
	expect(3, CB_TEXT("behind"));
}

static void *send_large(void *with)
{
	struct buffer *out = frame_begin(&here, 9);

	buffer_room(out, 8 << 20);
	memset(out->at + out->len, 'x', 8 << 20);
	out->len += 8 << 20;
	if (frame_end(&here, NULL) != CB_OK)
		abort();
	return NULL;
}

static void the_room_of_a_large_frame_is_given_back(void **state)
{
	pthread_t sender;
	struct wire w;
	int type;

	assert_int_equal(pthread_create(&sender, NULL, send_large, NULL), 0);
	assert_int_equal(frame_next(&there, -1, &type, &w, NULL), CB_OK);
	assert_int_equal(w.end - w.at, 8 << 20);
	pthread_join(sender, NULL);
	assert_int_equal(frame_next(&there, 0, &type, &w, NULL), CB_AGAIN);
	assert_true(there.in_room < 1 << 20);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void a_descriptor_travels_beside_its_frame(void **state)
{
	int ends[2], fd;
	char byte = 0;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(channel_take_fd(&there), -1);
	put(FRAME_REPLY, CB_TEXT("with"));
	assert_int_equal(channel_flush_fd(&here, ends[0], NULL), CB_OK);
	close(ends[0]);
	put(FRAME_REPLY, CB_TEXT("without"));
	assert_int_equal(channel_flush_fd(&here, -1, NULL), CB_OK);
	expect(FRAME_REPLY, CB_TEXT("with"));
	fd = channel_take_fd(&there);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	expect(FRAME_REPLY, CB_TEXT("without"));
	assert_int_equal(channel_take_fd(&there), -1);
	close(fd);
	close(ends[1]);
}

static void a_descriptor_nobody_took_is_closed(void **state)
{
	int fd;

	put(1, CB_TEXT("a"));
	assert_int_equal(channel_flush_fd(&here, here.fd, NULL), CB_OK);
	expect(1, CB_TEXT("a"));
	fd = there.passed_fd;
	assert_true(is_open(fd));
	channel_done(&there);
	assert_false(is_open(fd));
}

/* As a hostile worker would: several descriptors beside one byte. */
static void send_two(int fd)
{
	int two[2] = { fd, fd };
	char room[CMSG_SPACE(sizeof(two))] = { 0 };
	struct iovec part = { (char[]){ 0 }, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof(room) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_len = CMSG_LEN(sizeof(two));
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(head), two, sizeof(two));
	assert_int_equal(sendmsg(here.fd, &message, 0), 1);
}

static void more_descriptors_than_one_do_not_pile_up(void **state)
{
	struct wire w;
	int type, before, after, rc;

	before = dup(here.fd);
	close(before);
	for (int i = 0; i < 100; i++) {
		send_two(here.fd);
		rc = frame_next(&there, 0, &type, &w, NULL);
		assert_true(rc == CB_OK || rc == CB_AGAIN);
	}
	channel_done(&there);
	after = dup(here.fd);
	close(after);
	assert_true(after <= before);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(frames_arrive_in_order),
		TEST(frames_wait_for_each_other_until_it_is_enough),
		TEST(frames_of_every_size_go_through),
		TEST(frames_may_arrive_in_bits),
		TEST(a_frame_that_is_not_whole_is_waited_for),
		TEST(who_sends_byte_after_byte_does_not_hold_us),
		TEST(the_other_end_may_close),
		TEST(closing_in_the_middle_of_a_frame_is_an_end),
		TEST(a_length_that_is_too_large_is_refused),
		TEST(a_frame_that_is_too_large_is_not_sent),
		TEST(the_room_of_a_large_frame_is_given_back),
		TEST(a_descriptor_travels_beside_its_frame),
		TEST(a_descriptor_nobody_took_is_closed),
		TEST(more_descriptors_than_one_do_not_pile_up),
	};

	dice_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
