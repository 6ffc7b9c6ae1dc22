/*
 * grow.h - bytes that grow, for a plugin. All-zero is empty.
 */
#ifndef PLUGIN_XLSX_GROW_H
#define PLUGIN_XLSX_GROW_H

#include <stdlib.h>

#include <casebridge/text.h>

struct grow {
	char *at;
	size_t len, room;
};

static inline void *grow_block(void *old, size_t size)
{
	void *block = realloc(old, size ? size : 1);

	if (!block)
		abort(); /* out of memory ends the process */
	return block;
}

static inline void grow_room(struct grow *g, size_t more)
{
	if (g->len + more <= g->room)
		return;
	g->room = 2 * (g->len + more) + 64;
	g->at = grow_block(g->at, g->room);
}

static inline void grow_put(struct grow *g, struct cb_text text)
{
	grow_room(g, text.len);
	if (text.len)
		memcpy(g->at + g->len, text.at, text.len);
	g->len += text.len;
}

static inline void grow_string(struct grow *g, const char *string)
{
	grow_put(g, cb_text_of(string));
}

static inline struct cb_text grow_view(const struct grow *g)
{
	return (struct cb_text){ g->at ? g->at : "", g->len };
}

static inline void grow_done(struct grow *g)
{
	free(g->at);
	*g = (struct grow){ 0 };
}

#endif
