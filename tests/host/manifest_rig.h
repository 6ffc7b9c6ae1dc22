/*
 * manifest_rig.h - connector files as texts: read, changed, and mistakes found at their
 * places. For tests of manifests.
 */
#ifndef TESTS_HOST_MANIFEST_RIG_H
#define TESTS_HOST_MANIFEST_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "host/manifest.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct rig {
	struct arena arena;
	struct problems problems;
	char path[64];
};

static inline struct manifest *read_text(struct rig *rig, struct cb_text text)
{
	struct cb_error err = { 0 };

	*rig = (struct rig){ 0 };
	snprintf(rig->path, sizeof(rig->path), "/tmp/manifest-%d.xml", (int)getpid());
	assert_int_equal(file_write(rig->path, text, 0600, &err), CB_OK);
	return manifest_read(&rig->arena, rig->path, &rig->problems);
}

static inline void done(struct rig *rig)
{
	unlink(rig->path);
	problems_done(&rig->problems);
	arena_done(&rig->arena);
}

/* The good one with @from replaced by @to. */
static inline void change(const char *good, const char *from, const char *to, struct buffer *out)
{
	const char *at = strstr(good, from);

	if (!at)
		fail_msg("'%s' does not stand in the manifest", from);
	buffer_put(out, good, (size_t)(at - good));
	buffer_string(out, to);
	buffer_string(out, at + strlen(from));
}

/* What is changed in the good one; where the caret must stand; words of the sentence. */
struct mistake {
	const char *from, *to;
	unsigned line, column;
	const char *says;
};

static inline void find_mistakes(const char *good, const struct mistake *mistakes, size_t count)
{
	int missed = 0;

	for (size_t i = 0; i < count; i++) {
		const struct mistake *m = &mistakes[i];
		struct buffer text = { 0 }, shown = { 0 };
		bool is_found = false;
		struct rig rig;

		change(good, m->from, m->to, &text);
		assert_null(read_text(&rig, buffer_view(&text)));
		for (size_t k = 0; k < rig.problems.count; k++)
			is_found |= rig.problems.at[k].line == m->line &&
				    rig.problems.at[k].column == m->column &&
				    strstr(rig.problems.at[k].text, m->says);
		problems_print(&rig.problems, &shown);
		if (!is_found)
			print_error("%s: not at %u:%u, but\n%s", m->to, m->line, m->column,
				    buffer_cstr(&shown));
		missed += !is_found;
		buffer_done(&text);
		buffer_done(&shown);
		done(&rig);
	}
	print_message("# %zu mistakes in a connector, each found at its place\n", count);
	assert_int_equal(missed, 0);
}

#endif
