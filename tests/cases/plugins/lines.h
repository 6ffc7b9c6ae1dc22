/*
 * lines.h - the good part of the bad plugins: a record a line, with the text as
 * its number; `misbehave` is called before record 4500.
 */
#ifndef TESTS_CASES_PLUGINS_LINES_H
#define TESTS_CASES_PLUGINS_LINES_H

#include <casebridge/plugin.h>

#include <stdlib.h>
#include <string.h>

#define FATAL_RECORD 4500

static void misbehave(struct cb_sink *out);

static int lines_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err)
{
	const char *word = getenv("MISBEHAVE");
	int64_t number = 0;
	char line[64];
	size_t len = 0;
	struct cb_text piece;
	int rc;

	(void)self;
	while ((rc = cb_input_next(in, &piece, err)) == CB_OK && piece.len) {
		for (size_t i = 0; i < piece.len; i++) {
			if (piece.at[i] != '\n') {
				line[len < sizeof(line) ? len++ : 0] = piece.at[i];
				continue;
			}
			cb_record_begin(out, (struct cb_place){ 0, (uint32_t)++number, 1 });
			if (number == FATAL_RECORD && (!word || strcmp(word, "no") != 0))
				misbehave(out);
			cb_value(out, CB_TEXT("number"), (struct cb_text){ line, len });
			len = 0;
			rc = cb_record_end(out, err);
			if (rc != CB_OK)
				return rc;
		}
	}
	return rc;
}

static const struct cb_format format = {
	.size = sizeof(format),
	.state_size = 1,
	.extensions = EXTENSION,
	.read = lines_read,
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = EXTENSION,
	.zh = "测试用：会出错的插件",
	.en = "for tests: it misbehaves",
	.format = &format,
};

#endif
