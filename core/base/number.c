/*
 * number.c - exact decimal numbers as text.
 *
 * 38 digits fit into 128 bits, so arithmetic is one integer and the place of
 * its point. Zeros at the end of the digits are never part of that integer:
 * then a product is too long only if the exact answer is.
 */
#include "base/number.h"

#include <strings.h>

#include "base/utf8.h"

#define DIGITS 38
#define E19 UINT64_C(10000000000000000000)

typedef unsigned __int128 wide;

static const wide largest = (wide)E19 * E19 - 1; /* 38 nines */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reading theirs. */

struct shape {
	char *out;
	int digits; /* written so far, without leading zeros; counted on beyond DIGITS */
	int group;  /* digits since the last separator or point */
	bool has_zero, has_point, is_split;
};

/* The next character of @at as ASCII, 0 for one that no number has. */
static char next(const char **at, const char *end)
{
	uint32_t c;

	if ((unsigned char)**at < 0x80)
		return *(*at)++;
	c = utf8_narrow(utf8_next(at, end));
	if (c == 0x2212) /* the typographer's minus */
		return '-';
	return (char)(c < 0x80 ? c : 0);
}

static void put_digit(struct shape *s, char c)
{
	s->group++;
	if (s->digits == 0 && c == '0') {
		s->has_zero = true;
		return;
	}
	if (s->digits < DIGITS)
		s->out[s->digits + s->has_point] = c;
	s->digits++;
}

static bool put_point(struct shape *s)
{
	if (s->has_point || (s->is_split && s->group != 3))
		return false;
	if (s->digits == 0)
		s->out[s->digits++] = '0';
	if (s->digits < DIGITS)
		s->out[s->digits] = '.';
	s->has_point = true;
	s->group = 0;
	return true;
}

static bool put_separator(struct shape *s)
{
	bool fits = s->is_split ? s->group == 3 : s->group >= 1 && s->group <= 3;

	if (s->has_point || s->has_zero || !fits)
		return false;
	s->is_split = true;
	s->group = 0;
	return true;
}

static int finish(struct shape *s)
{
	if (s->has_point ? s->group == 0 : s->is_split && s->group != 3)
		return NUMBER_SHAPE;
	if (s->digits == 0) {
		if (!s->has_zero)
			return NUMBER_SHAPE;
		s->out[s->digits++] = '0';
	}
	if (s->digits > DIGITS)
		return NUMBER_LONG;
	s->out[s->digits + s->has_point] = '\0';
	return NUMBER_OK;
}

/* Arithmetic: digits * 10^power, where digits does not end in a zero. */

struct decimal {
	wide digits;
	int power;
	int places, zeros; /* written behind the point; how many of them are zeros at the end */
	bool minus;
};

static struct decimal parse(struct cb_text canonical)
{
	struct decimal d = { 0 };
	bool has_point = false;
	int waiting = 0;

	for (size_t i = 0; i < canonical.len; i++) {
		char c = canonical.at[i];

		if (c == '-') {
			d.minus = true;
		} else if (c == '.') {
			has_point = true;
		} else {
			d.places += has_point;
			waiting++;
			if (c == '0')
				continue;
			for (; waiting > 0; waiting--)
				d.digits *= 10;
			d.digits += (unsigned)(c - '0');
		}
	}
	d.zeros = waiting < d.places ? waiting : d.places;
	d.power = d.digits ? waiting - d.places : 0;
	return d;
}

static int spell(wide digits, char out[DIGITS])
{
	char reverse[DIGITS] = { 0 };
	uint64_t low = (uint64_t)(digits % E19), high = (uint64_t)(digits / E19);
	int n = 0;

	for (; low > 0 || (high > 0 && n < 19); low /= 10)
		reverse[n++] = (char)('0' + low % 10);
	for (; high > 0; high /= 10)
		reverse[n++] = (char)('0' + high % 10);
	for (int i = 0; i < n; i++)
		out[i] = reverse[n - 1 - i];
	return n;
}

static int least_places(const struct decimal *d)
{
	return d->power < 0 ? -d->power : 0;
}

/* @d with @d->zeros more zeros behind the point than its value needs. */
static int format(const struct decimal *d, char out[NUMBER_TEXT])
{
	char digits[DIGITS];
	int count = spell(d->digits, digits);
	int whole = count + d->power; /* digits before the point, if above 0 */
	int places = least_places(d);
	char *p = out;

	*out = '\0';
	if ((whole > 0 ? whole : 1) + places > DIGITS)
		return NUMBER_LONG;
	places += d->zeros;
	if ((whole > 0 ? whole : 1) + places > DIGITS)
		places = DIGITS - (whole > 0 ? whole : 1);
	if (d->minus)
		*p++ = '-';
	if (whole <= 0)
		*p++ = '0';
	for (int i = whole < 0 ? whole : 0; i < whole + places; i++) {
		if (i == whole)
			*p++ = '.';
		if (i >= 0 && i < count)
			*p++ = digits[i];
		else
			*p++ = '0';
	}
	*p = '\0';
	return NUMBER_OK;
}

static int zeros_that_stay(const struct decimal *a, const struct decimal *factor,
			   const struct decimal *product)
{
	int room = a->places - factor->power; /* the point moved, nothing else */

	if (room < 0)
		room = 0;
	room -= least_places(product);
	return room < 0 ? 0 : room < a->zeros ? room : a->zeros;
}

int number_read(struct cb_text theirs, char out[NUMBER_TEXT])
{
	struct shape s = { .out = out };
	const char *at, *end, *from;
	int rc = NUMBER_SHAPE;

	theirs = utf8_trim(theirs);
	at = from = theirs.at;
	end = theirs.at + theirs.len;
	while (at < end) {
		bool is_first = at == from;
		char c = next(&at, end);

		if (is_digit(c)) {
			put_digit(&s, c);
		} else if (c == '.') {
			if (!put_point(&s))
				goto done;
		} else if (c == ',') {
			if (!put_separator(&s))
				goto done;
		} else if (is_first && c == '-') {
			*s.out++ = '-';
		} else if (!is_first || c != '+') {
			goto done;
		}
	}
	rc = finish(&s);
	if (rc == NUMBER_OK && s.out > out && s.out[strspn(s.out, "0.")] == '\0')
		memmove(out, s.out, strlen(s.out) + 1); /* there is no minus zero */
done:
	if (rc != NUMBER_OK)
		*out = '\0';
	return rc;
}

bool number_is_canonical(struct cb_text text)
{
	const char *p = text.at, *end = text.at + text.len, *first;
	bool is_minus = p < end && *p == '-', is_zero = true;
	int digits = 0;

	if (is_minus)
		p++;
	for (first = p; p < end && is_digit(*p); p++, digits++)
		is_zero &= *p == '0';
	if (digits == 0 || (digits > 1 && *first == '0'))
		return false;
	if (p < end && *p == '.') {
		for (first = ++p; p < end && is_digit(*p); p++, digits++)
			is_zero &= *p == '0';
		if (p == first)
			return false;
	}
	return p == end && digits <= DIGITS && !(is_minus && is_zero);
}

bool number_is_integer(struct cb_text canonical)
{
	return memchr(canonical.at, '.', canonical.len) == NULL;
}

static int compare_size(struct cb_text a, struct cb_text b)
{
	const char *dot_a = memchr(a.at, '.', a.len), *dot_b = memchr(b.at, '.', b.len);
	size_t whole_a = dot_a ? (size_t)(dot_a - a.at) : a.len;
	size_t whole_b = dot_b ? (size_t)(dot_b - b.at) : b.len;
	int order;

	if (whole_a != whole_b)
		return whole_a < whole_b ? -1 : 1;
	order = memcmp(a.at, b.at, whole_a);
	for (size_t i = whole_a + 1; order == 0 && (i < a.len || i < b.len); i++)
		order = (i < a.len ? a.at[i] : '0') - (i < b.len ? b.at[i] : '0');
	return order < 0 ? -1 : order > 0;
}

int number_compare(struct cb_text a, struct cb_text b)
{
	bool minus_a = *a.at == '-', minus_b = *b.at == '-';

	if (minus_a != minus_b)
		return minus_a ? -1 : 1;
	if (!minus_a)
		return compare_size(a, b);
	return compare_size((struct cb_text){ b.at + 1, b.len - 1 },
			    (struct cb_text){ a.at + 1, a.len - 1 });
}

int number_times(struct cb_text a, struct cb_text factor, char out[NUMBER_TEXT])
{
	struct decimal x = parse(a), f = parse(factor), product = { .minus = x.minus };
	wide m = x.digits, n = f.digits;

	*out = '\0';
	if (m != 0) {
		product.power = x.power + f.power;
		/* A 2 here and a 5 there make a zero: take it out before it takes room. */
		for (; m % 5 == 0 && n % 2 == 0; product.power++) {
			m /= 5;
			n /= 2;
		}
		for (; m % 2 == 0 && n % 5 == 0; product.power++) {
			m /= 2;
			n /= 5;
		}
		if (n > largest / m)
			return NUMBER_LONG;
		product.digits = m * n;
	}
	product.zeros = zeros_that_stay(&x, &f, &product);
	return format(&product, out);
}

int number_divide(struct cb_text a, struct cb_text factor, char out[NUMBER_TEXT])
{
	struct decimal x = parse(a), f = parse(factor);
	struct decimal quotient = { .zeros = x.zeros, .minus = x.minus };
	wide rest;

	*out = '\0';
	if (f.digits == 0 || f.digits > largest / 10) /* ten times the rest must fit */
		return NUMBER_LONG;
	quotient.digits = x.digits / f.digits;
	quotient.power = x.digits ? x.power - f.power : 0;
	for (rest = x.digits % f.digits; rest != 0; rest = rest * 10 % f.digits) {
		if (quotient.digits > largest / 10)
			return NUMBER_LONG;
		quotient.digits = quotient.digits * 10 + rest * 10 / f.digits;
		quotient.power--;
	}
	return format(&quotient, out);
}

/* What users write in settings. */

/* The digits at the start of @text, and where the unit begins; false if none or too many. */
static bool read_count(const char *text, int64_t *count, const char **unit)
{
	*count = 0;
	for (*unit = text; is_digit(**unit); ++*unit)
		if (__builtin_mul_overflow(*count, 10, count) ||
		    __builtin_add_overflow(*count, **unit - '0', count))
			return false;
	return *unit > text;
}

bool number_size(const char *text, int64_t *out)
{
	static const char units[] = "kmgt";
	const char *unit, *found;
	int64_t count;

	if (!text || !read_count(text, &count, &unit))
		return false;
	if (*unit != '\0') {
		found = strchr(units, *unit | 0x20);
		/* 2M and 2MB are the same; people write both. */
		if (!found || *found == '\0' || (unit[1] && strcasecmp(unit + 1, "b") != 0))
			return false;
		if (__builtin_mul_overflow(count, INT64_C(1) << 10 * (found - units + 1), &count))
			return false;
	}
	*out = count;
	return true;
}

bool number_duration(const char *text, int64_t *ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
	};
	const char *unit;
	int64_t count, total;

	if (!text || !read_count(text, &count, &unit))
		return false;
	if (count == 0 && *unit == '\0') { /* nothing is nothing in every unit */
		*ms = 0;
		return true;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(unit, units[i].name) == 0 &&
		    !__builtin_mul_overflow(count, units[i].ms, &total)) {
			*ms = total;
			return true;
		}
	return false;
}
