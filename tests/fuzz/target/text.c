/*
 * text.c - small languages and values: paths, conditions, templates, dates,
 * numbers, identity numbers, charsets.
 */
#include "fuzz/target/target.h"

#include "base/calendar.h"
#include "base/charset.h"
#include "base/identity.h"
#include "base/number.h"
#include "base/utf8.h"
#include "net/net.h"
#include "net/template.h"
#include "record/path.h"

static void no_equality(void *with, const struct path *path, struct cb_text text)
{
	(void)with, (void)path, (void)text;
}

/* A path is used for what it was compiled for. */
static void walk(struct arena *arena, struct shape *shape, struct cb_text text, enum path_use use)
{
	struct row *row = fuzz_row(arena, shape);
	struct cb_error err = { 0 };
	struct path *path;

	if (path_compile(arena, shape, text, use, &path, &err) != CB_OK) {
		PROMISE(err.text[0]);
		return;
	}
	row = fuzz_row(arena, shape); /* it may have grown */
	(void)path_again(path, row);
	if (path->rows)
		(void)path_rows(path, row);
	if (path->slot == NO_SLOT)
		return;
	(void)path_text(path, row);
	if (path->step_count && path->steps[path->step_count - 1].equal_slot == path->slot)
		return; /* l[c='1']/c: it is set to what it is */
	if (use == PATH_VALUE && !path->up) {
		path_set(arena, path, row, CB_TEXT("x"));
		PROMISE(cb_text_is(path_text(path, row), "x"));
	}
}

void fuzz_condition(struct cb_text bytes)
{
	struct cb_text first = fuzz_line(&bytes);
	struct arena arena = { 0 };
	struct cb_error err = { 0 };
	struct condition *condition;
	struct path **paths;
	size_t count;

	for (int is_fixed = 0; is_fixed < 2; is_fixed++) {
		struct shape *shape = fuzz_shape(&arena);

		shape->is_fixed = is_fixed;
		walk(&arena, shape, first, PATH_VALUE);
		walk(&arena, shape, first, PATH_LIST);
		walk(&arena, shape, first, PATH_EITHER);
		if (path_compile_many(&arena, shape, first, PATH_EITHER, &paths, &count, &err) !=
		    CB_OK)
			PROMISE(err.text[0]);
		if (condition_compile(&arena, shape, bytes, &condition, &err) != CB_OK)
			continue;
		(void)condition_holds(condition, fuzz_row(&arena, shape));
		(void)condition_holds(condition, row_new(&arena, shape));
		(void)condition_each_equality(condition, no_equality, NULL);
	}
	arena_done(&arena);
}

static int find(void *with, struct cb_text name, struct template_value *out, struct cb_error *err)
{
	(void)with;
	if (cb_text_is(name, "no"))
		return cb_fail(err, CB_SETUP, "没有", "there is none");
	*out = (struct template_value){ .text = name,
					.is_raw = cb_text_is(name, "raw"),
					.is_base = cb_text_is(name, "base") };
	if (cb_text_is(name, "value"))
		out->text = CB_TEXT("a\"b<c>&d=e f%\\\r\n]]>");
	if (cb_text_is(name, "base"))
		out->text = CB_TEXT("https://example.test:8443/a");
	return CB_OK;
}

void fuzz_template(struct cb_text bytes)
{
	struct template_use use = { .find = find, .now = INT64_C(1710742980000), .zone = 480 };
	enum template_place place = TEMPLATE_RAW;
	struct buffer out = { 0 };
	struct cb_error err = { 0 };
	char *text;

	if (bytes.len) {
		place = (enum template_place)((unsigned char)*bytes.at % 5);
		bytes.at++;
		bytes.len--;
	}
	text = memory_take(bytes.len + 1);
	memcpy(text, bytes.at, bytes.len);
	if (template_fill(text, place, &use, &out, &err) == CB_OK) {
		if (place == TEMPLATE_HEADER)
			PROMISE(!memchr(buffer_view(&out).at, '\n', out.len));
	} else {
		PROMISE(err.text[0]);
	}
	if (net_template_check(text, NULL, NULL, &err) != CB_OK)
		PROMISE(err.column > 0);
	(void)template_names(text, "value");
	buffer_done(&out);
	free(text);
}

static void dates(const char *pattern, struct cb_text text)
{
	struct cb_error err = { 0 };
	struct calendar_pattern *p = calendar_pattern_new(pattern, &err);
	char canonical[CALENDAR_TEXT], theirs[64];
	int64_t ms;

	if (!p) {
		PROMISE(err.text[0]);
		return;
	}
	for (int kind = CALENDAR_DATE; kind <= CALENDAR_DATETIME; kind++) {
		enum calendar_kind k = (enum calendar_kind)kind;

		if (calendar_read(p, k, 480, text, canonical) != CALENDAR_OK) {
			PROMISE(!*canonical);
			continue;
		}
		PROMISE(calendar_is_canonical(k, cb_text_of(canonical)));
		(void)calendar_write(p, k, 480, cb_text_of(canonical), theirs);
	}
	if (calendar_read_iso(text, 480, &ms)) {
		calendar_iso(ms, 480, canonical);
		PROMISE(calendar_is_canonical(CALENDAR_DATETIME, cb_text_of(canonical)));
	}
	calendar_pattern_free(p);
}

/* Dividing and multiplying again gives the same value. */
static void numbers(struct cb_text text, struct cb_text other)
{
	char a[NUMBER_TEXT], b[NUMBER_TEXT], by[NUMBER_TEXT], back[NUMBER_TEXT];
	struct cb_text number, factor;

	if (number_read(text, a) != NUMBER_OK) {
		PROMISE(!*a);
		return;
	}
	number = cb_text_of(a);
	PROMISE(number_is_canonical(number));
	PROMISE(number_compare(number, number) == 0);
	if (number_read(other, b) != NUMBER_OK)
		return;
	factor = cb_text_of(b);
	PROMISE(number_compare(number, factor) == -number_compare(factor, number));
	if (number_compare(factor, CB_TEXT("0")) <= 0)
		return;
	if (number_divide(number, factor, by) == NUMBER_OK &&
	    number_times(cb_text_of(by), factor, back) == NUMBER_OK)
		PROMISE(number_compare(cb_text_of(back), number) == 0);
	(void)number_times(number, factor, by);
}

static void identities(struct cb_text text)
{
	char once[IDENTITY_TEXT], twice[IDENTITY_TEXT], birth[11];

	for (int kind = IDENTITY_IDCARD; kind <= IDENTITY_REGION; kind++) {
		enum identity_kind k = (enum identity_kind)kind;

		if (identity_read(k, text, 19800, once) != IDENTITY_OK)
			continue;
		PROMISE(identity_read(k, cb_text_of(once), 19800, twice) == IDENTITY_OK);
		PROMISE(strcmp(once, twice) == 0);
		if (k != IDENTITY_IDCARD)
			continue;
		identity_birth(cb_text_of(once), birth);
		PROMISE(identity_sex(cb_text_of(once)) == 'm' ||
			identity_sex(cb_text_of(once)) == 'f');
	}
}

void fuzz_value(struct cb_text bytes)
{
	struct arena arena = { 0 };
	char *first = arena_string(&arena, fuzz_line(&bytes));
	char *second = arena_string(&arena, bytes);
	int minutes;
	int64_t number;

	(void)number_size(first, &number);
	(void)number_duration(first, &number);
	(void)calendar_zone(first, &minutes);
	/* Values are UTF-8 when they come here: documents are decoded first. */
	if (utf8_valid(cb_text_of(first), NULL) == strlen(first) &&
	    utf8_valid(cb_text_of(second), NULL) == strlen(second)) {
		dates(first, cb_text_of(second));
		numbers(cb_text_of(first), cb_text_of(second));
		identities(cb_text_of(first));
	}
	arena_done(&arena);
}

static int decode(enum charset charset, struct cb_text bytes, size_t piece, struct buffer *out)
{
	struct charset_converter *c = charset_converter_new(charset);
	struct cb_error err = { 0 };
	int rc = CB_OK;

	PROMISE(c);
	for (size_t at = 0; at < bytes.len && rc == CB_OK; at += piece) {
		size_t len = bytes.len - at < piece ? bytes.len - at : piece;
		char *block = memory_take(len);

		memcpy(block, bytes.at + at, len);
		rc = charset_decode(c, (struct cb_text){ block, len }, at + len == bytes.len, out,
				    &err);
		free(block);
	}
	charset_converter_free(c);
	if (rc == CB_OK)
		PROMISE(utf8_valid(buffer_view(out), NULL) == out->len);
	return rc;
}

void fuzz_charset(struct cb_text bytes)
{
	static const char *const allowed[] = { NULL, "utf-8", "gb18030", "utf-8|gb18030",
					       "utf-16" };
	struct charset_watch whole = { 0 }, pieces = { 0 };
	struct buffer a = { 0 }, b = { 0 };
	struct cb_error err = { 0 };
	enum charset found, again;
	size_t piece;
	int rc;

	if (bytes.len < 2)
		return;
	piece = 1 + (unsigned char)bytes.at[0] % 7;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++) {
		memset(&whole, 0, sizeof(whole));
		memset(&pieces, 0, sizeof(pieces));
		charset_watch(&whole, bytes);
		for (size_t at = 0; at < bytes.len; at += piece)
			charset_watch(&pieces,
				      (struct cb_text){ bytes.at + at, bytes.len - at < piece
									       ? bytes.len - at
									       : piece });
		found = again = CHARSET_UNKNOWN;
		rc = charset_decide(&whole, allowed[i], &found, &err);
		PROMISE(charset_decide(&pieces, allowed[i], &again, &err) == rc);
		PROMISE(rc != CB_OK || found == again);
		if (rc != CB_OK)
			continue;
		buffer_clear(&a);
		buffer_clear(&b);
		rc = decode(found, bytes, bytes.len, &a);
		PROMISE(decode(found, bytes, piece, &b) == rc);
		PROMISE(rc != CB_OK || cb_text_equal(buffer_view(&a), buffer_view(&b)));
		/* What was decided for its evidence can be decoded. */
		PROMISE(rc == CB_OK || found == CHARSET_UTF16LE || found == CHARSET_UTF16BE);
	}
	buffer_done(&a);
	buffer_done(&b);
}
