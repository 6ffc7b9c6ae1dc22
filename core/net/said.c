/*
 * said.c - the other side's words inside ours.
 *
 * Whoever refuses a record likes to quote it. A run of seven digits, narrow or
 * wide, is somebody's number: three stars stand for it.
 */
#include "net/net.h"

#include "base/utf8.h"

#define DIGITS_MOST 6

const char *cb_said(struct cb_text text, char out[CB_SAID_MAX])
{
	const char *at = text.at, *end = text.at + text.len;
	size_t used = 0, digits = 0, run = 0; /* where the run of digits began */

	while (at < end) {
		const char *from = at;
		uint32_t c = utf8_next(&at, end), narrow = utf8_narrow(c);
		size_t len = (size_t)(at - from);
		bool is_digit = narrow >= '0' && narrow <= '9';

		if (is_digit && !digits)
			run = used;
		digits = is_digit ? digits + 1 : 0;
		if (digits > DIGITS_MOST + 1)
			continue;
		if (digits > DIGITS_MOST) {
			used = run;
			from = "***";
			len = 3;
		}
		if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
			from = " ";
			len = 1;
		}
		if (used + len >= CB_SAID_MAX)
			break;
		memcpy(out + used, from, len);
		used += len;
	}
	out[used] = '\0';
	return out;
}
