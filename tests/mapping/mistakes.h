/*
 * mistakes.h - texts with a planted mistake: ^ stands where it is reported.
 */
#ifndef TESTS_MAPPING_MISTAKES_H
#define TESTS_MAPPING_MISTAKES_H

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/problem.h"

/* The file of a mistake without its mark; where the mark was. */
__attribute__((unused)) static char *without_mark(const char *text, uint32_t *line,
						  uint32_t *column)
{
	bool is_whole = strncmp(text, "<mapping", 8) == 0 || text[0] == '^';
	struct buffer out = { 0 };
	char *copy, *mark;

	/* "^<field" is a line, "^<mapping" a file. */
	if (text[0] == '^')
		is_whole = strncmp(text, "^<ma", 4) == 0 || strncmp(text, "^<library", 9) == 0;
	if (is_whole)
		buffer_string(&out, text);
	else
		buffer_printf(
			&out,
			"<mapping name='m'>\n<there format='xml' root='r'/><here type='case'/>\n"
			"%s\n</mapping>\n",
			text);
	copy = memory_string(buffer_cstr(&out));
	buffer_done(&out);
	mark = strchr(copy, '^');
	*line = *column = 1;
	for (const char *at = copy; at < mark; at++) {
		*column = *at == '\n' ? 1 : *column + 1;
		*line += *at == '\n';
	}
	memmove(mark, mark + 1, strlen(mark));
	return copy;
}

static bool is_found(const struct problems *problems, uint32_t line, uint32_t column,
		     const char *word)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->at[i];

		if (p->line == line && p->column == column && strstr(p->text, word))
			return true;
	}
	return false;
}

#endif
