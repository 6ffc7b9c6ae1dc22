/*
 * flat.c - paths are built while the tree is walked, and taken apart again: two
 * cells share the nodes that their paths share.
 */
#include "record/flat.h"

#include <stdlib.h>

static void put_name(struct buffer *out, struct cb_text name)
{
	bool is_plain = true;

	for (size_t i = 0; i < name.len; i++)
		is_plain &= name.at[i] != '/' && name.at[i] != '[' && name.at[i] != '\'';
	if (!is_plain)
		buffer_char(out, '"');
	buffer_text(out, name);
	if (!is_plain)
		buffer_char(out, '"');
}

static void enter(struct flat *f, struct cb_text name)
{
	uint32_t times;

	memory_grow(&f->ends, f->depth, &f->end_room, sizeof(*f->ends));
	f->ends[f->depth++] = f->path.len;
	if (f->path.len)
		buffer_char(&f->path, '/');
	put_name(&f->path, name);
	times = names_find(&f->seen, buffer_view(&f->path));
	times = times == NAME_UNKNOWN ? 1 : times + 1;
	names_set(&f->seen, arena_copy(f->arena, buffer_view(&f->path)), times);
	if (times > 1)
		buffer_printf(&f->path, "[%u]", times);
}

static void leave(struct flat *f)
{
	if (f->depth)
		f->path.len = f->ends[--f->depth];
}

static bool is_blank(struct cb_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!strchr(" \t\r\n", text.at[i]))
			return false;
	return true;
}

/* A text may come in pieces; blanks between nodes are the file's and not the record's. */
static void put_text(struct flat *f, struct cb_text text)
{
	struct flat_cell *last = f->count ? &f->cells[f->count - 1] : NULL;

	if (last && cb_text_equal(last->name, buffer_view(&f->path))) {
		char *both = arena_take(f->arena, last->text.len + text.len + 1);

		memcpy(both, last->text.at, last->text.len);
		memcpy(both + last->text.len, text.at, text.len);
		last->text = (struct cb_text){ both, last->text.len + text.len };
		return;
	}
	if (is_blank(text))
		return;
	memory_grow(&f->cells, f->count, &f->room, sizeof(*f->cells));
	f->cells[f->count++] = (struct flat_cell){ arena_copy(f->arena, buffer_view(&f->path)),
						   arena_copy(f->arena, text) };
}

void flat_event(struct flat *f, const struct cb_event *event)
{
	switch (event->kind) {
	case CB_RECORD_BEGIN:
		f->count = f->depth = f->path.len = 0;
		names_done(&f->seen);
		break;
	case CB_ENTER:
		enter(f, event->name);
		break;
	case CB_LEAVE:
		leave(f);
		break;
	case CB_VALUE:
		if (cb_text_is(event->name, ".")) {
			put_text(f, event->text);
			break;
		}
		enter(f, event->name);
		put_text(f, event->text);
		leave(f);
		break;
	default:
		break;
	}
}

void flat_done(struct flat *f)
{
	free(f->cells);
	free(f->ends);
	buffer_done(&f->path);
	names_done(&f->seen);
	*f = (struct flat){ 0 };
}

/* The next segment of a path, with its number: a[2]. */
static struct cb_text next_segment(const char **at, const char *end)
{
	const char *from = *at;
	bool in_quotes = false;

	while (*at < end && (in_quotes || **at != '/')) {
		in_quotes ^= **at == '"';
		++*at;
	}
	return (struct cb_text){ from, (size_t)(*at - from) };
}

/* a[2] → a, "a/b" → a/b */
static struct cb_text name_of(struct cb_text segment)
{
	const char *close;

	if (segment.len > 1 && segment.at[0] == '"') {
		close = memchr(segment.at + 1, '"', segment.len - 1);
		if (close)
			return (struct cb_text){ segment.at + 1, (size_t)(close - segment.at - 1) };
	}
	close = memchr(segment.at, '[', segment.len);
	if (close)
		segment.len = (size_t)(close - segment.at);
	return segment;
}

static void close_to(struct unflat *u, size_t depth)
{
	for (; u->depth > depth; u->depth--)
		cb_leave(u->sink);
}

int unflat_cell(struct unflat *u, struct cb_text name, struct cb_text text, struct cb_error *err)
{
	const char *at = name.at, *end = at + name.len;
	size_t depth = 0;
	bool is_shared = true;

	if (!text.len)
		return CB_OK;
	while (at < end) {
		struct cb_text segment = next_segment(&at, end);

		if (!name_of(segment).len || depth == sizeof(u->open) / sizeof(*u->open))
			return cb_fail(err, CB_REFUSED, "列名“%.*s”不是字段的路径，如 a/b、a[2]/b",
				       "the column '%.*s' is no path of a field: a/b, a[2]/b",
				       CB_TEXT_ARG(name));
		is_shared &= depth < u->depth && cb_text_equal(segment, u->open[depth]);
		if (!is_shared) {
			close_to(u, depth);
			u->open[u->depth++] = arena_copy(u->sink->arena, segment);
			cb_enter(u->sink, name_of(segment));
		}
		depth++;
		at += at < end;
	}
	close_to(u, depth);
	cb_text_part(u->sink, text);
	return CB_OK;
}

void unflat_end(struct unflat *u)
{
	close_to(u, 0);
}
