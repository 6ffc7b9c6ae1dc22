/*
 * params.c - learned parameters as JSON, out and in again.
 *
 * Levels are named as the specification names them, so that a file fits a
 * specification whose other parts have changed, and is refused, with the place,
 * where it does not.
 */
#include <stdlib.h>
#include <yajl/yajl_tree.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "reconcile/linker.h"

#define FILE_MOST (1u << 20)
#define WHY 256

static void put_real(struct json *j, const char *key, double value)
{
	struct buffer text = { 0 };

	buffer_printf(&text, "%.17g", value);
	json_value(j, key, buffer_view(&text));
	buffer_done(&text);
}

static void put_comparison(struct json *j, const struct linker *linker, unsigned comparison)
{
	const struct spec_comparison *c = &linker->spec->comparisons[comparison];
	const struct odds *odds = &linker->params.odds[comparison];
	struct arena arena = { 0 };

	json_open(j, NULL, '{');
	json_string(j, "name", c->name);
	json_open(j, "levels", '[');
	for (unsigned code = c->codes - 1; code > 0; code--) {
		json_open(j, NULL, '{');
		json_string(j, "level", spec_level_word(&arena, c, code));
		put_real(j, "m", odds->m[code]);
		put_real(j, "u", odds->u[code]);
		if (linker->spec->has_kin)
			put_real(j, "kin", odds->kin[code]);
		put_real(j, "weight", linker->weigher.part[comparison][code]);
		json_flag(j, "seen", !linker->params.is_unseen[comparison][code]);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
	arena_done(&arena);
}

void linker_params_json(const struct linker *linker, struct buffer *out)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_string(&j, "specification", linker->spec->name);
	put_real(&j, "match", linker->params.match);
	put_real(&j, "kin", linker->params.kin);
	put_real(&j, "moved", linker->params.moved);
	put_real(&j, "matches-seen", linker->params.matches_seen);
	if (isfinite(linker->cut.weight)) /* there was something to cut */
		put_real(&j, "cut", linker->cut.weight);
	json_open(&j, "comparisons", '[');
	for (unsigned c = 0; c < linker->spec->comparison_count; c++)
		put_comparison(&j, linker, c);
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(out, '\n');
}

/* Reading. */

static yajl_val find(yajl_val at, const char *key)
{
	const char *path[] = { key, NULL };

	return yajl_tree_get(at, path, yajl_t_any);
}

static bool get_share(yajl_val at, const char *key, double *out)
{
	yajl_val value = find(at, key);

	if (!value || !YAJL_IS_NUMBER(value))
		return false;
	*out = strtod(YAJL_GET_NUMBER(value), NULL);
	return *out >= 0 && *out <= 1;
}

static bool is_named(yajl_val at, const char *key, const char *name)
{
	yajl_val value = find(at, key);

	return value && YAJL_IS_STRING(value) && strcmp(value->u.string, name) == 0;
}

/* The element of the array @key of @at whose @name is @word, or NULL. */
static yajl_val pick(yajl_val at, const char *key, const char *name, const char *word)
{
	yajl_val array = find(at, key);

	for (size_t i = 0; array && YAJL_IS_ARRAY(array) && i < YAJL_GET_ARRAY(array)->len; i++)
		if (is_named(YAJL_GET_ARRAY(array)->values[i], name, word))
			return YAJL_GET_ARRAY(array)->values[i];
	return NULL;
}

static int read_level(const struct linker *linker, yajl_val from, const struct spec_comparison *c,
		      unsigned code, struct odds *odds, struct cb_error *err)
{
	struct arena arena = { 0 };
	const char *word = spec_level_word(&arena, c, code);
	yajl_val level = pick(from, "levels", "level", word);
	int rc = CB_OK;

	if (!level || !get_share(level, "m", &odds->m[code]) ||
	    !get_share(level, "u", &odds->u[code]) || odds->m[code] <= 0 || odds->u[code] <= 0)
		rc = cb_fail(
			err, CB_SETUP, "比较“%s”的级别“%s”没有 m、u（0 到 1 之间，不含 0）",
			"comparison '%s', level '%s': there is no m and u (above 0, at most 1)",
			c->name, word);
	odds->kin[code] = odds->u[code];
	if (rc == CB_OK && linker->spec->has_kin && !get_share(level, "kin", &odds->kin[code]))
		rc = cb_fail(err, CB_SETUP, "比较“%s”的级别“%s”没有 kin",
			     "comparison '%s', level '%s': there is no kin", c->name, word);
	arena_done(&arena);
	return rc;
}

static int read_tree(struct linker *linker, yajl_val tree, struct cb_error *err)
{
	struct params *p = &linker->params;
	yajl_val cut = find(tree, "cut");

	if (!get_share(tree, "match", &p->match) || !get_share(tree, "kin", &p->kin) ||
	    !get_share(tree, "matches-seen", &p->matches_seen) || p->match <= 0 ||
	    p->match + p->kin >= 1)
		return cb_fail(err, CB_SETUP, "没有先验 match 和 kin，或它们不是概率",
			       "there is no prior match and kin, or they are no probabilities");
	if (!get_share(tree, "moved", &p->moved))
		p->moved = 0;
	if (cut && YAJL_IS_NUMBER(cut)) {
		linker->trained_cut = strtod(YAJL_GET_NUMBER(cut), NULL);
		linker->has_trained_cut = true;
	}
	for (unsigned i = 0; i < linker->spec->comparison_count; i++) {
		const struct spec_comparison *c = &linker->spec->comparisons[i];
		yajl_val from = pick(tree, "comparisons", "name", c->name);

		for (unsigned code = 1; code < c->codes; code++) {
			int rc = read_level(linker, from, c, code, &p->odds[i], err);

			if (rc != CB_OK)
				return rc;
		}
		p->is_learned[i] = true;
	}
	return CB_OK;
}

int params_parse(struct linker *linker, const char *json, struct cb_error *err)
{
	char why[WHY] = "";
	yajl_val tree = yajl_tree_parse(json, why, sizeof(why));
	int rc = tree ? read_tree(linker, tree, err)
		      : cb_fail(err, CB_SETUP, "不是 JSON", "this is no JSON");

	yajl_tree_free(tree);
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
