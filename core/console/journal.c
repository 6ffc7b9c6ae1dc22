/*
 * journal.c - what the engine did, a line each: JSON for programs, or plain
 * words on a terminal. No line has a personal value.
 *
 * A line that cannot be written is lost, and nothing else: the store knows what
 * happened, and a full disk must not stop what needs no disk.
 */
#include "console/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/file.h"
#include "base/say.h"

static const char *const levels[] = { "error", "warning", "info", "debug" };

static int64_t real_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void journal_begin(struct journal *j, enum cb_level level, const char *what, const char *flow)
{
	char iso[CALENDAR_TEXT];

	calendar_iso(real_now(), j->zone, iso);
	buffer_clear(&j->line);
	j->json = (struct json){ .out = &j->line };
	if (j->is_plain) {
		buffer_printf(&j->line, "%.8s ", iso + 11);
		return;
	}
	json_open(&j->json, NULL, '{');
	json_string(&j->json, "time", iso);
	json_string(&j->json, "level", levels[level]);
	json_string(&j->json, "what", what);
	if (flow)
		json_string(&j->json, "flow", flow);
}

void journal_number(struct journal *j, const char *name, int64_t number)
{
	if (!j->is_plain)
		json_integer(&j->json, name, number);
}

void journal_word(struct journal *j, const char *name, const char *word)
{
	if (!j->is_plain && word)
		json_string(&j->json, name, word);
}

void journal_end(struct journal *j, const char *say)
{
	size_t done = 0;

	if (j->is_plain) {
		buffer_string(&j->line, say);
	} else {
		json_string(&j->json, "say", say);
		json_close(&j->json, '}');
	}
	buffer_char(&j->line, '\n');
	while (done < j->line.len) {
		ssize_t n = write(j->fd, j->line.at + done, j->line.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
}

/* What is logged further down. */
static void take_line(enum cb_level level, const char *line, void *with)
{
	struct journal *j = with;

	journal_begin(j, level, "log", NULL);
	journal_end(j, line);
}

int journal_open(struct journal *j, const char *file, int zone, struct cb_error *err)
{
	*j = (struct journal){ .fd = STDERR_FILENO, .file = file, .zone = zone };
	j->is_plain = !file && isatty(STDERR_FILENO);
	if (file) {
		j->fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
		if (j->fd < 0)
			return cb_fail(err, CB_SETUP, "日志 %s 打不开：%s", "the log %s: %s", file,
				       file_reason(errno));
	}
	say_log(CB_INFO, take_line, j);
	return CB_OK;
}

void journal_reopen(struct journal *j)
{
	int fd = j->file ? open(j->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640) : -1;

	if (fd < 0)
		return; /* the old one is better than none */
	close(j->fd);
	j->fd = fd;
}

void journal_close(struct journal *j)
{
	say_log(CB_INFO, NULL, NULL);
	if (j->file && j->fd >= 0)
		close(j->fd);
	buffer_done(&j->line);
}
