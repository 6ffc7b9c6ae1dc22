/*
 * text.c - one buffer, doubled when it is full.
 */
#include "sim/common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void reserve(struct text *t, size_t more)
{
	size_t room = t->room ? t->room : 256;

	if (t->size + more + 1 <= t->room)
		return;
	while (room < t->size + more + 1)
		room *= 2;
	t->data = realloc(t->data, room);
	if (!t->data)
		die("out of memory");
	t->room = room;
}

void text_add(struct text *t, const void *bytes, size_t size)
{
	reserve(t, size);
	if (size)
		memcpy(t->data + t->size, bytes, size);
	t->size += size;
	t->data[t->size] = '\0';
}

void text_put(struct text *t, const char *string)
{
	text_add(t, string, strlen(string));
}

void text_char(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_printf(struct text *t, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	reserve(t, (size_t)size);
	va_start(args, format);
	vsnprintf(t->data + t->size, (size_t)size + 1, format, args);
	va_end(args);
	t->size += (size_t)size;
}

void text_xml(struct text *t, const char *string)
{
	size_t plain;

	for (;; string++) {
		plain = strcspn(string, "<>&\r");
		text_add(t, string, plain);
		string += plain;
		if (!*string)
			return;
		if (*string == '<')
			text_put(t, "&lt;");
		else if (*string == '>')
			text_put(t, "&gt;");
		else if (*string == '&')
			text_put(t, "&amp;");
		else
			text_put(t, "&#13;");
	}
}

void text_json(struct text *t, const char *string)
{
	const char *start = string;

	text_char(t, '"');
	for (; *string; string++) {
		if ((unsigned char)*string >= 0x20 && *string != '"' && *string != '\\')
			continue;
		text_add(t, start, (size_t)(string - start));
		if ((unsigned char)*string < 0x20)
			text_printf(t, "\\u%04x", (unsigned int)*string);
		else
			text_printf(t, "\\%c", *string);
		start = string + 1;
	}
	text_add(t, start, (size_t)(string - start));
	text_char(t, '"');
}

void text_csv(struct text *t, const char *string)
{
	if (!strpbrk(string, ",\"\r\n")) {
		text_put(t, string);
		return;
	}
	text_char(t, '"');
	for (; *string; string++) {
		if (*string == '"')
			text_char(t, '"');
		text_char(t, *string);
	}
	text_char(t, '"');
}

void text_clear(struct text *t)
{
	t->size = 0;
	if (t->data)
		t->data[0] = '\0';
}

void text_done(struct text *t)
{
	free(t->data);
	memset(t, 0, sizeof(*t));
}

void text_to_gb18030(struct text *t, const char *from, size_t size)
{
	UErrorCode error = U_ZERO_ERROR;
	size_t room = size * 2 + 8; /* four bytes at most for what is two in UTF-8 */
	int32_t made;

	reserve(t, room);
	made = ucnv_convert("gb18030", "UTF-8", t->data + t->size, (int32_t)room, from,
			    (int32_t)size, &error);
	if (U_FAILURE(error))
		die("cannot write GB18030: %s", u_errorName(error));
	t->size += (size_t)made;
	t->data[t->size] = '\0';
}

bool text_from_gb18030(struct text *t, const char *from, size_t size)
{
	UErrorCode error = U_ZERO_ERROR;
	UConverter *converter = ucnv_open("gb18030", &error);
	UChar *wide = malloc((size + 1) * sizeof(*wide));
	int32_t length = 0, made = 0;

	if (!wide || U_FAILURE(error))
		die("cannot read GB18030: %s", u_errorName(error));
	ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &error);
	length = ucnv_toUChars(converter, wide, (int32_t)size + 1, from, (int32_t)size, &error);
	if (U_SUCCESS(error)) {
		reserve(t, (size_t)length * 3);
		u_strToUTF8(t->data + t->size, (int32_t)(t->room - t->size), &made, wide, length,
			    &error);
	}
	if (U_SUCCESS(error)) {
		t->size += (size_t)made;
		t->data[t->size] = '\0';
	}
	ucnv_close(converter);
	free(wide);
	return U_SUCCESS(error);
}

size_t text_length(const char *utf8)
{
	size_t length = 0;

	for (; *utf8; utf8++)
		length += ((unsigned char)*utf8 & 0xc0) != 0x80;
	return length;
}
