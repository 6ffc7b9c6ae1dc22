/*
 * params_read.c - learned parameters from JSON.
 *
 * What is said is gathered by name from yajl's events, whatever else stands
 * there and in whatever order; then the specification asks for its levels, and
 * a file that lacks one is refused.
 */
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "reconcile/linker.h"

#define FILE_MOST (1u << 20)

/* { "match": …, "comparisons": [ { "name": …, "levels": [ { "level": …, "m": … } ] } ] } */
enum depth { AT_ROOT = 1, AT_COMPARISONS, AT_COMPARISON, AT_LEVELS, AT_LEVEL, DEPTH_MOST = 32 };

struct said {
	double value;
	bool is_there;
};

struct said_level {
	const char *comparison, *level; /* NULL: it has no name */
	struct said m, u, kin;
};

struct reading {
	struct arena arena;
	unsigned depth;
	const char *key[AT_LEVEL + 1]; /* at each depth, what is told now */
	struct said match, kin, moved, matches_seen, cut;
	struct said_level *levels;
	size_t count, room, named; /* levels before @named have their comparison's name */
	const char *comparison;
};

static bool is_key(const struct reading *r, unsigned depth, const char *word)
{
	return r->key[depth] && strcmp(r->key[depth], word) == 0;
}

/* Do we stand at this depth of the shape above, or somewhere else that is as deep? */
static bool stands_at(const struct reading *r, enum depth depth)
{
	return r->depth == depth && (depth < AT_COMPARISONS || is_key(r, AT_ROOT, "comparisons")) &&
	       (depth < AT_LEVELS || is_key(r, AT_COMPARISON, "levels"));
}

static struct said *said_at(struct reading *r)
{
	struct said_level *level = r->count ? &r->levels[r->count - 1] : NULL;
	struct {
		enum depth at;
		const char *key;
		struct said *said;
	} places[] = {
		{ AT_ROOT, "match", &r->match },
		{ AT_ROOT, "kin", &r->kin },
		{ AT_ROOT, "moved", &r->moved },
		{ AT_ROOT, "matches-seen", &r->matches_seen },
		{ AT_ROOT, "cut", &r->cut },
		{ AT_LEVEL, "m", level ? &level->m : NULL },
		{ AT_LEVEL, "u", level ? &level->u : NULL },
		{ AT_LEVEL, "kin", level ? &level->kin : NULL },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (stands_at(r, places[i].at) && is_key(r, places[i].at, places[i].key))
			return places[i].said;
	return NULL;
}

static int on_number(void *with, const char *text, size_t len)
{
	struct reading *r = with;
	struct said *said = said_at(r);

	if (said)
		*said = (struct said){
			strtod(arena_string(&r->arena, (struct cb_text){ text, len }), NULL), true
		};
	return 1;
}

static int on_string(void *with, const unsigned char *text, size_t len)
{
	struct reading *r = with;
	struct cb_text word = { (const char *)text, len };

	if (stands_at(r, AT_COMPARISON) && is_key(r, AT_COMPARISON, "name"))
		r->comparison = arena_string(&r->arena, word);
	else if (stands_at(r, AT_LEVEL) && is_key(r, AT_LEVEL, "level"))
		r->levels[r->count - 1].level = arena_string(&r->arena, word);
	return 1;
}

static int on_key(void *with, const unsigned char *text, size_t len)
{
	struct reading *r = with;

	if (r->depth <= AT_LEVEL)
		r->key[r->depth] =
			arena_string(&r->arena, (struct cb_text){ (const char *)text, len });
	return 1;
}

static int enter(struct reading *r)
{
	if (++r->depth <= AT_LEVEL)
		r->key[r->depth] = NULL;
	return r->depth <= DEPTH_MOST;
}

static int on_object(void *with)
{
	struct reading *r = with;

	if (!enter(r))
		return 0;
	if (stands_at(r, AT_LEVEL)) {
		memory_grow(&r->levels, r->count, &r->room, sizeof(*r->levels));
		r->levels[r->count++] = (struct said_level){ 0 };
	}
	return 1;
}

/* Its name may stand behind its levels. */
static int on_object_end(void *with)
{
	struct reading *r = with;

	if (stands_at(r, AT_COMPARISON)) {
		for (; r->named < r->count; r->named++)
			r->levels[r->named].comparison = r->comparison;
		r->comparison = NULL;
	}
	r->depth--;
	return 1;
}

static int on_array(void *with)
{
	return enter(with);
}

static int on_array_end(void *with)
{
	((struct reading *)with)->depth--;
	return 1;
}

static int read_json(struct reading *r, const char *json, struct cb_error *err)
{
	static const yajl_callbacks calls = {
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_map_key = on_key,
		.yajl_start_map = on_object,
		.yajl_end_map = on_object_end,
		.yajl_start_array = on_array,
		.yajl_end_array = on_array_end,
	};
	const unsigned char *bytes = (const unsigned char *)json;
	yajl_handle yajl = yajl_alloc(&calls, NULL, r);
	yajl_status status = yajl_parse(yajl, bytes, strlen(json));
	size_t line = 1, end = yajl_get_bytes_consumed(yajl);

	if (status == yajl_status_ok)
		status = yajl_complete_parse(yajl);
	yajl_free(yajl);
	if (status == yajl_status_ok)
		return CB_OK;
	for (size_t i = 0; i < end && json[i]; i++)
		line += json[i] == '\n';
	return cb_fail(err, CB_SETUP, "第 %zu 行：不是 JSON", "line %zu: this is no JSON", line);
}

/* For the specification. */

static bool take_share(const struct said *said, double *out)
{
	if (!said->is_there)
		return false;
	*out = said->value;
	return *out >= 0 && *out <= 1;
}

static const struct said_level *level_said(const struct reading *r, const char *comparison,
					   const char *level)
{
	static const struct said_level none;

	for (size_t i = 0; i < r->count; i++) {
		const struct said_level *l = &r->levels[i];

		if (l->comparison && l->level && strcmp(l->comparison, comparison) == 0 &&
		    strcmp(l->level, level) == 0)
			return l;
	}
	return &none;
}

static int take_level(const struct linker *linker, struct reading *r,
		      const struct spec_comparison *c, unsigned code, struct odds *odds,
		      struct cb_error *err)
{
	const char *word = spec_level_word(&r->arena, c, code);
	const struct said_level *level = level_said(r, c->name, word);

	if (!take_share(&level->m, &odds->m[code]) || !take_share(&level->u, &odds->u[code]) ||
	    odds->m[code] <= 0 || odds->u[code] <= 0)
		return cb_fail(
			err, CB_SETUP, "比较“%s”的级别“%s”没有 m、u（0 到 1 之间，不含 0）",
			"comparison '%s', level '%s': there is no m and u (above 0, at most 1)",
			c->name, word);
	odds->kin[code] = odds->u[code];
	if (linker->spec->has_kin && !take_share(&level->kin, &odds->kin[code]))
		return cb_fail(err, CB_SETUP, "比较“%s”的级别“%s”没有 kin",
			       "comparison '%s', level '%s': there is no kin", c->name, word);
	return CB_OK;
}

static int take(struct linker *linker, struct reading *r, struct cb_error *err)
{
	struct params *p = &linker->params;

	if (!take_share(&r->match, &p->match) || !take_share(&r->kin, &p->kin) ||
	    !take_share(&r->matches_seen, &p->matches_seen) || p->match <= 0 ||
	    p->match + p->kin >= 1)
		return cb_fail(err, CB_SETUP, "没有先验 match 和 kin，或它们不是概率",
			       "there is no prior match and kin, or they are no probabilities");
	if (!take_share(&r->moved, &p->moved))
		p->moved = 0;
	if (r->cut.is_there) {
		linker->trained_cut = r->cut.value;
		linker->has_trained_cut = true;
	}
	for (unsigned i = 0; i < linker->spec->comparison_count; i++) {
		const struct spec_comparison *c = &linker->spec->comparisons[i];

		for (unsigned code = 1; code < c->codes; code++) {
			int rc = take_level(linker, r, c, code, &p->odds[i], err);

			if (rc != CB_OK)
				return rc;
		}
		p->is_learned[i] = true;
	}
	return CB_OK;
}

int params_parse(struct linker *linker, const char *json, struct cb_error *err)
{
	struct reading r = { 0 };
	int rc = read_json(&r, json, err);

	if (rc == CB_OK)
		rc = take(linker, &r, err);
	free(r.levels);
	arena_done(&r.arena);
	return rc;
}

int params_read(struct linker *linker, const char *path, struct cb_error *err)
{
	struct buffer bytes = { 0 };
	int rc = file_read(path, FILE_MOST, &bytes, err);

	if (rc != CB_OK)
		return rc;
	rc = params_parse(linker, buffer_cstr(&bytes), err);
	if (rc != CB_OK)
		cb_error_prefix(err, "%s：", "%s: ", path);
	buffer_done(&bytes);
	return rc;
}
