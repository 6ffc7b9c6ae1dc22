/*
 * json.c - one rule: whatever is put, puts the comma that was due before it.
 */
#include "base/json.h"

#include <assert.h>

#include "base/number.h"

static void begin(struct json *j, const char *key)
{
	if (j->depth && j->has_member)
		buffer_char(j->out, ',');
	j->has_member = true;
	if (!key)
		return;
	buffer_json(j->out, cb_text_of(key));
	buffer_char(j->out, ':');
}

void json_open(struct json *j, const char *key, char bracket)
{
	assert(bracket == '{' || bracket == '[');
	begin(j, key);
	buffer_char(j->out, bracket);
	j->depth++;
	j->has_member = false;
}

void json_close(struct json *j, char bracket)
{
	assert(j->depth && (bracket == '}' || bracket == ']'));
	buffer_char(j->out, bracket);
	j->depth--;
	j->has_member = true;
}

void json_text(struct json *j, const char *key, struct cb_text value)
{
	begin(j, key);
	if (value.at)
		buffer_json(j->out, value);
	else
		buffer_string(j->out, "null");
}

void json_string(struct json *j, const char *key, const char *value)
{
	json_text(j, key, cb_text_of(value));
}

void json_integer(struct json *j, const char *key, int64_t value)
{
	begin(j, key);
	buffer_printf(j->out, "%lld", (long long)value);
}

void json_flag(struct json *j, const char *key, bool value)
{
	begin(j, key);
	buffer_string(j->out, value ? "true" : "false");
}

void json_number(struct json *j, const char *key, struct cb_text canonical)
{
	/* A reader must never choke on our JSON: what is no number after all goes as text. */
	if (!canonical.at || !number_is_canonical(canonical)) {
		json_text(j, key, canonical);
		return;
	}
	begin(j, key);
	buffer_text(j->out, canonical);
}

void json_value(struct json *j, const char *key, struct cb_text json)
{
	begin(j, key);
	buffer_text(j->out, json);
}
