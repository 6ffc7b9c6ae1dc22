/*
 * params.c - learned parameters as JSON; params_read.c takes them in again.
 *
 * Levels are named as the specification names them, so that a file fits a
 * specification whose other parts have changed.
 */
#include "base/buffer.h"
#include "base/json.h"
#include "reconcile/linker.h"

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
