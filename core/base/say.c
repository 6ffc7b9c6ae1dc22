/*
 * say.c - sentences in the user's language.
 */
#include "base/say.h"

#include <stdarg.h>
#include <stdio.h>

static enum language language_now = LANGUAGE_ZH;
static enum cb_level log_level = CB_INFO;
static void (*log_sink)(enum cb_level, const char *, void *);
static void *log_with;

void say_language(enum language language)
{
	language_now = language;
}

enum language say_language_now(void)
{
	return language_now;
}

void say_log(enum cb_level level, void (*sink)(enum cb_level, const char *, void *), void *with)
{
	log_level = level;
	log_sink = sink;
	log_with = with;
}

const char *cb_say(const char *zh, const char *en)
{
	return language_now == LANGUAGE_ZH ? zh : en;
}

void buffer_say(struct buffer *b, const char *zh, const char *en, ...)
{
	const char *format = cb_say(zh, en);
	va_list args, again;
	int len;

	va_start(args, en);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	if (len > 0) {
		buffer_room(b, (size_t)len + 1);
		vsnprintf(b->at + b->len, (size_t)len + 1, format, again);
		b->len += (size_t)len;
	}
	va_end(again);
	va_end(args);
}

/* A sentence that is cut must not end inside a character. */
static void mend_end(char *text, size_t room)
{
	size_t len = strlen(text);

	if (len + 1 < room)
		return;
	while (len && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
		len--;
	if (len && (unsigned char)text[len - 1] >= 0xc0)
		len--;
	text[len] = '\0';
}

void cb_error_set(struct cb_error *err, enum cb_verdict verdict, const char *zh, const char *en,
		  ...)
{
	va_list args;

	if (!err)
		return;
	*err = (struct cb_error){ .verdict = verdict };
	va_start(args, en);
	vsnprintf(err->text, sizeof(err->text), cb_say(zh, en), args);
	va_end(args);
	mend_end(err->text, sizeof(err->text));
}

void cb_error_prefix(struct cb_error *err, const char *zh, const char *en, ...)
{
	char before[CB_ERROR_MAX], after[CB_ERROR_MAX];
	va_list args;
	size_t len;

	if (!err)
		return;
	va_start(args, en);
	vsnprintf(before, sizeof(before), cb_say(zh, en), args);
	va_end(args);
	mend_end(before, sizeof(before));
	memcpy(after, err->text, sizeof(after));
	len = strlen(before);
	memcpy(err->text, before, len);
	snprintf(err->text + len, sizeof(err->text) - len, "%s", after);
	mend_end(err->text, sizeof(err->text));
}

static const char *const verdicts[] = { "ok",      "end",   "again", "limit", "login",
					"refused", "doubt", "setup", "broken" };
#define VERDICTS (sizeof(verdicts) / sizeof(*verdicts))

const char *cb_verdict_word(enum cb_verdict verdict)
{
	return (unsigned)verdict < VERDICTS ? verdicts[verdict] : "unknown";
}

enum cb_verdict cb_verdict_named(const char *word)
{
	for (size_t i = 0; word && i < VERDICTS; i++)
		if (strcmp(verdicts[i], word) == 0)
			return (enum cb_verdict)i;
	return CB_DOUBT;
}

void cb_log(enum cb_level level, const char *zh, const char *en, ...)
{
	char line[2048];
	va_list args;

	if (level > log_level)
		return;
	va_start(args, en);
	vsnprintf(line, sizeof(line), cb_say(zh, en), args);
	va_end(args);
	mend_end(line, sizeof(line));
	if (log_sink)
		log_sink(level, line, log_with);
	else
		fprintf(stderr, "%s\n", line);
}
