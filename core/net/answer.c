/*
 * answer.c - one header out of "Name: value\n" lines.
 */
#include <casebridge/request.h>

#include <strings.h>

struct cb_text cb_answer_header(const struct cb_answer *answer, const char *name)
{
	const char *at = answer->headers.at, *end = at + answer->headers.len;
	size_t len = strlen(name);

	while (answer->headers.len && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (!stop)
			stop = end;
		if ((size_t)(stop - at) > len && at[len] == ':' &&
		    strncasecmp(at, name, len) == 0) {
			at += len + 1;
			while (at < stop && (*at == ' ' || *at == '\t'))
				at++;
			while (stop > at && (stop[-1] == ' ' || stop[-1] == '\t'))
				stop--;
			return (struct cb_text){ at, (size_t)(stop - at) };
		}
		at = stop + 1;
	}
	return (struct cb_text){ 0 };
}
