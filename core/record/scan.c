/*
 * scan.c - the letters of paths and conditions.
 */
#include "record/scan.h"

void scan_blanks(struct scan *s)
{
	while (s->at < s->end && scan_is_blank(*s->at))
		s->at++;
}

bool scan_take(struct scan *s, const char *word)
{
	const char *was = s->at;
	size_t len = strlen(word);

	scan_blanks(s);
	if ((size_t)(s->end - s->at) >= len && memcmp(s->at, word, len) == 0) {
		s->at += len;
		return true;
	}
	s->at = was;
	return false;
}

static bool is_name_byte(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
	       c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

bool scan_word(struct scan *s, const char *word)
{
	const char *was = s->at;

	if (scan_take(s, word) && (s->at == s->end || !is_name_byte(*s->at)))
		return true;
	s->at = was;
	return false;
}

bool scan_literal(struct scan *s, struct cb_text *text)
{
	const char *was = s->at, *close;

	scan_blanks(s);
	if (s->at < s->end && (*s->at == '\'' || *s->at == '"')) {
		close = memchr(s->at + 1, *s->at, (size_t)(s->end - s->at - 1));
		if (close) {
			*text = (struct cb_text){ s->at + 1, (size_t)(close - s->at - 1) };
			s->at = close + 1;
			return true;
		}
	}
	s->at = was;
	return false;
}

bool scan_name(struct scan *s, struct cb_text *name)
{
	const char *was = s->at, *from;
	bool has_more = false; /* than a sign or dots, which lead elsewhere in XPath */

	scan_blanks(s);
	from = s->at;
	if (s->at < s->end && (*s->at == '\'' || *s->at == '"')) {
		has_more = scan_literal(s, name) && name->len > 0;
	} else {
		if (s->at < s->end && (*s->at == '@' || *s->at == '#'))
			s->at++;
		for (; s->at < s->end && is_name_byte(*s->at); s->at++)
			has_more |= *s->at != '.';
		*name = (struct cb_text){ from, (size_t)(s->at - from) };
	}
	if (!has_more)
		s->at = was;
	return has_more;
}

bool scan_number(struct scan *s, struct cb_text *text)
{
	const char *was = s->at, *from;
	bool has_point = false;

	scan_blanks(s);
	from = s->at;
	if (s->at < s->end && *s->at == '-')
		s->at++;
	for (; s->at < s->end && ((*s->at >= '0' && *s->at <= '9') || *s->at == '.'); s->at++) {
		if (*s->at == '.' && has_point)
			break;
		has_point |= *s->at == '.';
	}
	*text = (struct cb_text){ from, (size_t)(s->at - from) };
	if (s->at > from && s->at[-1] >= '0' && s->at[-1] <= '9')
		return true;
	s->at = was;
	return false;
}

bool scan_more(const struct scan *s)
{
	struct scan ahead = *s;
	int depth = 0;

	/* Behind an equality the path may go on. */
	while (ahead.at < ahead.end && (depth || *ahead.at == '[')) {
		struct cb_text skipped;

		if (*ahead.at == '[')
			depth++;
		else if (*ahead.at == ']')
			depth--;
		else if ((*ahead.at == '\'' || *ahead.at == '"') && scan_literal(&ahead, &skipped))
			continue;
		ahead.at++;
	}
	return scan_take(&ahead, "/");
}
