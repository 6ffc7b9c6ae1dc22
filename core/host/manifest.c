/*
 * manifest.c - a connector's file becomes a struct manifest, or problems.
 */
#include "host/manifest.h"

#include <stdlib.h>

#include "base/grammar.h"
#include "base/number.h"
#include "base/xml.h"
#include "host/manifest_check.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static bool is_own(const struct cb_element *root)
{
	const char *word = cb_attribute(root, "connection");

	return word && strcmp(word, "own") == 0;
}

static bool is_yes(const struct cb_element *element, const char *name)
{
	const char *value = cb_attribute(element, name);

	return value && strcmp(value, "yes") == 0;
}

/* What is wrong was said by the grammar: here it stays what it was. */
static int64_t duration(const struct cb_element *element, const char *name, int64_t otherwise)
{
	const char *value = cb_attribute(element, name);
	int64_t ms;

	return value && number_duration(value, &ms) ? ms : otherwise;
}

static int64_t integer(const struct cb_element *element, const char *name, int64_t otherwise)
{
	const char *value = cb_attribute(element, name);

	return value ? strtoll(value, NULL, 10) : otherwise;
}

static size_t count_of(const struct cb_element *root, const char *name)
{
	size_t count = 0;

	for (const struct cb_element *at = NULL; (at = cb_child(root, name, at));)
		count++;
	return count;
}

static void read_settings(struct arena *arena, struct manifest *m)
{
	size_t count = count_of(m->root, "setting");

	m->settings = arena_zero(arena, count * sizeof(*m->settings) + 1);
	for (const struct cb_element *at = NULL; (at = cb_child(m->root, "setting", at));) {
		const char *name = cb_attribute(at, "name");

		if (!name)
			continue;
		m->settings[m->setting_count++] = (struct manifest_setting){
			.name = name,
			.label = cb_attribute(at, "label"),
			.type = cb_attribute(at, "type"),
			.is_needed = is_yes(at, "need"),
			.is_secret = is_yes(at, "secret"),
			.is_per_account = is_yes(at, "account"),
		};
	}
}

static enum repeat repeat_of(const struct cb_element *element)
{
	const char *word = cb_attribute(element, "repeat");

	return !word                         ? REPEAT_UNSAFE
	       : strcmp(word, "safe") == 0   ? REPEAT_SAFE
	       : strcmp(word, "by-key") == 0 ? REPEAT_BY_KEY
					     : REPEAT_UNSAFE;
}

static struct manifest_stream read_stream(const struct cb_element *element)
{
	const struct cb_element *write = cb_child(element, "write", NULL);
	const struct cb_element *find = cb_child(element, "find", NULL);
	const struct cb_element *receipts = cb_child(element, "receipts", NULL);

	return (struct manifest_stream){
		.name = cb_attribute(element, "name"),
		.label = cb_attribute(element, "label"),
		.mapping = cb_attribute(element, "mapping"),
		.element = element,
		.can_read = cb_child(element, "read", NULL) != NULL,
		.can_write = write != NULL,
		.can_find = find != NULL,
		.can_withdraw = cb_child(element, "withdraw", NULL) != NULL,
		.can_count = cb_child(element, "count", NULL) != NULL,
		.can_list = cb_child(element, "list", NULL) != NULL,
		.can_receipts = receipts != NULL,
		.receipts_every_ms = duration(receipts, "every", HOUR),
		.batch = integer(write, "batch", 1),
		.repeat = repeat_of(write),
		.withdraw_repeat = repeat_of(cb_child(element, "withdraw", NULL)),
		.delay_ms = duration(write, "delay", 15 * MINUTE),
		.lag_ms = duration(find, "lag", 5 * MINUTE),
		.cites = cb_attribute(write, "receipt") != NULL,
	};
}

static void read_streams(struct arena *arena, struct manifest *m)
{
	size_t count = count_of(m->root, "stream");

	m->streams = arena_zero(arena, count * sizeof(*m->streams) + 1);
	for (const struct cb_element *at = NULL; (at = cb_child(m->root, "stream", at));)
		if (cb_attribute(at, "name"))
			m->streams[m->stream_count++] = read_stream(at);
}

static void read_limits(struct manifest *m)
{
	const struct cb_element *limits = cb_child(m->root, "limits", NULL);
	const struct cb_element *retry = cb_child(m->root, "retry", NULL);
	const char *rate = cb_attribute(limits, "rate"), *body = cb_attribute(limits, "body");

	if (!rate || !manifest_rate(rate, &m->rate))
		m->rate = 0;
	if (!body || !number_size(body, &m->body_max))
		m->body_max = 0;
	m->quota = integer(limits, "quota", 0);
	m->has_hours = manifest_hours(cb_attribute(limits, "hours"), &m->open_from, &m->open_until);
	m->timeout_ms = duration(limits, "timeout", 0);
	m->retry_first_ms = duration(retry, "first", SECOND);
	m->retry_most_ms = duration(retry, "most", 5 * MINUTE);
	m->retry_give_up_ms = duration(retry, "give-up", 6 * HOUR);
	m->break_after = integer(retry, "break-after", 5);
	m->rest_ms = duration(retry, "rest", 2 * MINUTE);
}

struct manifest *manifest_read(struct arena *arena, const char *path, struct problems *problems)
{
	size_t errors = problems->errors;
	struct cb_element *root = xml_read_file(arena, path, problems);
	struct manifest *m;

	if (!root)
		return NULL;
	grammar_check(&manifest_grammar, root, problems);
	if (strcmp(root->name, "connector") != 0)
		return NULL;
	m = arena_zero(arena, sizeof(*m));
	m->root = root;
	m->file = root->file;
	m->name = cb_attribute(root, "name");
	m->label = cb_attribute(root, "label");
	m->by = cb_attribute(root, "by");
	m->has_own_connection = is_own(root);
	read_settings(arena, m);
	read_streams(arena, m);
	read_limits(m);
	manifest_check(m, arena, problems);
	return problems->errors == errors ? m : NULL;
}

const struct manifest_stream *manifest_stream(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->stream_count; i++)
		if (strcmp(manifest->streams[i].name, name) == 0)
			return &manifest->streams[i];
	return NULL;
}

const struct manifest_setting *manifest_setting(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->setting_count; i++)
		if (strcmp(manifest->settings[i].name, name) == 0)
			return &manifest->settings[i];
	return NULL;
}
