/*
 * source.c - the texts a mapping is made from: read once, kept for its digest.
 */
#include "mapping/plan.h"

#include "base/file.h"

#define LARGEST ((size_t)8 << 20)

void plan_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
{
	void *old, *new;

	if (count < *room)
		return;
	memcpy(&old, items, sizeof(old));
	*room = *room ? *room * 2 : 8;
	new = arena_zero(arena, *room * size);
	if (count)
		memcpy(new, old, count * size);
	memcpy(items, &new, sizeof(new));
}

struct words words_split(struct arena *arena, const char *text)
{
	struct words words = { 0 };
	char *copy = arena_string(arena, cb_text_of(text)), *save, *one;
	size_t room = 0;

	for (one = strtok_r(copy, " \t\n", &save); one; one = strtok_r(NULL, " \t\n", &save)) {
		plan_grow(arena, &words.at, words.count, &room, sizeof(*words.at));
		words.at[words.count++] = cb_text_of(one);
	}
	return words;
}

static struct source *source_add(struct reader *r, const char *file, struct cb_text text)
{
	struct mapping *m = r->m;

	plan_grow(r->arena, &m->sources, m->source_count, &m->source_room, sizeof(*m->sources));
	m->sources[m->source_count] = (struct source){
		.file = arena_string(r->arena, cb_text_of(file)),
		.text = arena_copy(r->arena, text),
	};
	return &m->sources[m->source_count++];
}

static struct source *source_known(struct reader *r, const char *file)
{
	for (size_t i = 0; i < r->m->source_count; i++)
		if (strcmp(r->m->sources[i].file, file) == 0)
			return &r->m->sources[i];
	return NULL;
}

void source_ready(struct reader *r, const char *file, const char *digest)
{
	if (!source_known(r, file))
		source_add(r, file, (struct cb_text){ 0 })->digest = digest;
}

const struct source *source_read(struct reader *r, const char *file, const struct cb_element *at)
{
	const struct mapping_text *kept = NULL;
	struct source *source = source_known(r, file);
	struct buffer text = { 0 };
	struct cb_error err;

	if (source && !source->digest)
		return source;
	for (size_t i = 0; i < r->kept_count; i++)
		if (strcmp(r->kept[i].file, file) == 0)
			kept = &r->kept[i];
	if (kept)
		buffer_text(&text, kept->text);
	else if (file_read(file, LARGEST, &text, &err) != CB_OK) {
		if (at)
			problem_at(r->problems, at,
				   strcmp(at->name, "mapping") == 0 ? "extends" : "href", 0, "%s",
				   "%s", err.text);
		else
			problem_unread(r->problems, file, &err);
		buffer_done(&text);
		return NULL;
	}
	if (source)
		*source = (struct source){ .file = source->file,
					   .text = arena_copy(r->arena, buffer_view(&text)) };
	else
		source = source_add(r, file, buffer_view(&text));
	buffer_done(&text);
	return source;
}
