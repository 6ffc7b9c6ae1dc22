/*
 * draw.c - SVG drawings of what was learned, and of one pair.
 *
 * Plain SVG 1.1: rectangles and texts, no script, nothing from elsewhere. Widths of texts are not
 * known here; so labels stand in columns of their own, are cut to fit, and nothing is placed behind
 * the end of a text.
 */
#include <stdio.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "reconcile/linker.h"

#define ROW 24
#define LABEL_X 20
#define LABEL_WIDTH 320 /* of a comparison and its level */
#define SIZE 13         /* of the letters */
#define TOP 84

#define INK "#222"
#define FAINT "#767676"
#define LINE "#ddd"
#define FOR "#2a6f97"     /* speaks for a match */
#define AGAINST "#c2571a" /* and against it */

/* Text of others: no control character gets into the file, where XML has no place for it. */
static void put(struct buffer *out, struct cb_text text)
{
	for (size_t i = 0, from = 0; i <= text.len; i++) {
		/* A text that has a length is somewhere. NOLINTNEXTLINE(clang-analyzer-core.*) */
		if (i < text.len && (unsigned char)text.at[i] >= 0x20)
			continue;
		buffer_xml(out, (struct cb_text){ text.at + from, i - from });
		if (i < text.len)
			buffer_char(out, ' ');
		from = i + 1;
	}
}

static void begin(struct buffer *out, unsigned width, unsigned height, const char *title)
{
	buffer_printf(
		out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"viewBox=\"0 0 %u %u\" role=\"img\" font-size=\"%d\" font-family=\"'Noto Sans "
		"CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif\" "
		"fill=\"" INK "\">\n<title>",
		width, height, width, height, SIZE);
	put(out, cb_text_of(title));
	buffer_string(out, "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
}

/* The bytes of @text that fit into @width, with room for the ellipsis where it is cut. */
static size_t fitting(struct cb_text text, double width)
{
	const char *at = text.at, *end = text.at + text.len;
	double used = 0;
	size_t fits = 0;

	while (at < end) {
		used += utf8_width_of(utf8_next(&at, end)) > 1 ? SIZE : 0.62 * SIZE;
		if (used <= width - SIZE)
			fits = (size_t)(at - text.at);
	}
	return used <= width ? text.len : fits;
}

/* @anchor: start, middle or end. */
static void text(struct buffer *out, double x, double y, const char *anchor, const char *fill,
		 double width, const char *string)
{
	struct cb_text whole = cb_text_of(string);
	struct cb_text all = { whole.at, utf8_valid(whole, NULL) };
	size_t fits = fitting(all, width);

	buffer_printf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">", x, y,
		      anchor, fill);
	put(out, (struct cb_text){ all.at, fits });
	buffer_string(out, fits < all.len ? "…</text>\n" : "</text>\n");
}

static void number(struct buffer *out, double x, double y, const char *anchor, bool has_sign,
		   double value)
{
	char small[40];

	snprintf(small, sizeof(small), has_sign ? "%+.2f" : "%.3g", value);
	text(out, x, y, anchor, FAINT, 200, small);
}

static void heading(struct buffer *out, const char *string)
{
	buffer_printf(out, "<text x=\"%d\" y=\"34\" font-size=\"18\">", LABEL_X);
	put(out, cb_text_of(string));
	buffer_string(out, "</text>\n");
}

static void bar(struct buffer *out, double from, double to, double y, const char *fill)
{
	double left = fmin(from, to), width = fmax(fabs(to - from), 1);

	buffer_printf(out,
		      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
		      left, y, width, ROW - 8, fill);
}

static void line(struct buffer *out, double x, double y, double x2, double y2, const char *more)
{
	buffer_printf(out,
		      "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"" LINE
		      "\"%s/>\n",
		      x, y, x2, y2, more);
}

/* The weights of all levels. */

#define WEIGHTS_X 370 /* bars of weights, m and u: where they begin, how wide they are */
#define WEIGHTS_WIDTH 330
#define SHARE_X 790
#define SHARE_WIDTH 120
#define SHARE_STEP 190
#define DRAWING_WIDTH 1170

struct scale_of_weights {
	double zero, unit;
};

static struct scale_of_weights scale_between(double least, double most, double x, double width)
{
	double unit = width / fmax(most - least, 1e-6);

	return (struct scale_of_weights){ .zero = x - least * unit, .unit = unit };
}

static unsigned count_levels(const struct linker *linker, double *least, double *most)
{
	const struct link_spec *spec = linker->spec;
	unsigned rows = 0;

	*least = -1;
	*most = 1;
	for (unsigned c = 0; c < spec->comparison_count; c++) {
		rows += spec->comparisons[c].codes; /* one less, and its own line */
		for (unsigned code = 1; code < spec->comparisons[c].codes; code++) {
			*least = fmin(*least, linker->weigher.part[c][code]);
			*most = fmax(*most, linker->weigher.part[c][code]);
		}
	}
	return rows;
}

static void draw_share(struct buffer *out, double x, double y, double share, const char *fill)
{
	bar(out, x, x + SHARE_WIDTH * share, y - 12, fill);
	number(out, x + SHARE_WIDTH + 48, y, "end", false, share);
}

static void draw_level(const struct linker *linker, struct buffer *out, unsigned comparison,
		       unsigned code, struct scale_of_weights s, double y)
{
	double weight = linker->weigher.part[comparison][code];
	const struct odds *odds = &linker->params.odds[comparison];
	struct arena arena = { 0 };

	text(out, LABEL_X + 16, y, "start",
	     linker->params.is_unseen[comparison][code] ? FAINT : INK, LABEL_WIDTH - 16,
	     spec_level_name(&arena, &linker->spec->comparisons[comparison], code));
	bar(out, s.zero, s.zero + weight * s.unit, y - 12, weight < 0 ? AGAINST : FOR);
	number(out, WEIGHTS_X + WEIGHTS_WIDTH + 60, y, "end", true, weight);
	draw_share(out, SHARE_X, y, odds->m[code], FOR);
	draw_share(out, SHARE_X + SHARE_STEP, y, odds->u[code], AGAINST);
	arena_done(&arena);
}

void linker_draw(const struct linker *linker, struct buffer *out)
{
	const struct link_spec *spec = linker->spec;
	double least, most, y = TOP;
	unsigned rows = count_levels(linker, &least, &most);
	struct scale_of_weights s = scale_between(least, most, WEIGHTS_X, WEIGHTS_WIDTH);
	const char *title = spec->label ? spec->label : spec->name;

	begin(out, DRAWING_WIDTH, TOP + rows * ROW + 16, title);
	heading(out, title);
	text(out, WEIGHTS_X, TOP - 22, "start", FAINT, WEIGHTS_WIDTH,
	     cb_say("分量（log₂ m/u）", "weight (log₂ m/u)"));
	text(out, SHARE_X, TOP - 22, "start", FAINT, SHARE_STEP, cb_say("m：同一个", "m: matches"));
	text(out, SHARE_X + SHARE_STEP, TOP - 22, "start", FAINT, SHARE_STEP,
	     cb_say("u：不相干", "u: strangers"));
	line(out, s.zero, TOP - 14, s.zero, TOP + rows * ROW, "");
	for (unsigned c = 0; c < spec->comparison_count; c++) {
		buffer_string(out, "<g font-weight=\"bold\">");
		text(out, LABEL_X, y + 4, "start", INK, LABEL_WIDTH, spec->comparisons[c].label);
		buffer_string(out, "</g>");
		y += ROW;
		for (unsigned code = spec->comparisons[c].codes - 1; code > 0; code--, y += ROW)
			draw_level(linker, out, c, code, s, y);
	}
	buffer_string(out, "</svg>\n");
}

/* One pair: every part begins where the one before it ends. */

#define FALL_X 480
#define FALL_WIDTH 330
#define FALL_VALUES 860 /* the values of both */
#define VALUE_WIDTH 190
#define FALL_TOTAL (FALL_VALUES + 2 * (VALUE_WIDTH + 10) + 10)
#define PARTS_MOST (SPEC_COMPARISONS + 3)

struct fall {
	struct link_part parts[PARTS_MOST];
	unsigned count;
};

static void take_part(void *with, const struct link_part *part)
{
	struct fall *fall = with;

	if (fall->count < PARTS_MOST)
		fall->parts[fall->count++] = *part;
}

static struct scale_of_weights scale_of_fall(const struct fall *fall, double cut)
{
	double at = 0, least = fmin(cut, 0), most = fmax(cut, 0);

	for (unsigned i = 0; i < fall->count; i++) {
		at += fall->parts[i].weight + fall->parts[i].frequency;
		least = fmin(least, at);
		most = fmax(most, at);
	}
	return scale_between(least, most, FALL_X, FALL_WIDTH - 60);
}

static double draw_part(struct buffer *out, const struct link_part *part, struct scale_of_weights s,
			double at, double y)
{
	double weight = part->weight + part->frequency, to = at + weight;

	text(out, LABEL_X, y, "start", INK, 150, part->name);
	if (part->level)
		text(out, LABEL_X + 160, y, "start", FAINT, 280, part->level);
	bar(out, s.zero + at * s.unit, s.zero + to * s.unit, y - 12, weight < 0 ? AGAINST : FOR);
	number(out, s.zero + fmax(at, to) * s.unit + 6, y, "start", true, weight);
	line(out, s.zero + to * s.unit, y + 4, s.zero + to * s.unit, y + ROW - 12, "");
	if (part->level) {
		text(out, FALL_VALUES, y, "start", INK, VALUE_WIDTH, part->left ? part->left : "—");
		text(out, FALL_VALUES + VALUE_WIDTH + 10, y, "start", INK, VALUE_WIDTH,
		     part->right ? part->right : "—");
	}
	return to;
}

static void draw_total(struct buffer *out, const struct link_verdict *v, double cut,
		       struct scale_of_weights s, double y)
{
	struct buffer words = { 0 };

	line(out, LABEL_X, y - 16, FALL_TOTAL - LABEL_X, y - 16, "");
	buffer_printf(&words, "%s %.4f", cb_say("合计，概率", "total, probability"),
		      v->probability);
	text(out, LABEL_X, y, "start", INK, 400, buffer_cstr(&words));
	bar(out, s.zero, s.zero + v->weight * s.unit, y - 12, v->weight < 0 ? AGAINST : FOR);
	number(out, s.zero + fmax(v->weight, 0) * s.unit + 6, y, "start", true, v->weight);
	buffer_clear(&words);
	buffer_printf(&words, "%s %.2f%s%s", cb_say("界线", "cut"), fabs(cut) < 0.005 ? 0 : cut,
		      cb_say("：", ": "),
		      v->is_never    ? cb_say("规格不许相连", "never linked")
		      : v->is_linked ? cb_say("相连", "linked")
				     : cb_say("不连", "not linked"));
	text(out, FALL_VALUES, y, "start", INK, 2 * VALUE_WIDTH, buffer_cstr(&words));
	line(out, s.zero + cut * s.unit, TOP - 14, s.zero + cut * s.unit, y + 8,
	     " stroke-dasharray=\"4 3\" style=\"stroke:#767676\"");
	buffer_done(&words);
}

int linker_draw_pair(const struct linker *linker, const char *left, const char *right,
		     struct buffer *out, struct cb_error *err)
{
	struct fall fall = { 0 };
	struct link_verdict verdict;
	struct arena arena = { 0 };
	struct scale_of_weights s;
	double at = 0, y = TOP + 4;
	int rc = linker_explain(linker, &arena, left, right, take_part, &fall, &verdict, err);

	if (rc == CB_OK) {
		const char *title = arena_printf(&arena, "%s · %s", left, right);

		s = scale_of_fall(&fall, linker->cut.weight);
		begin(out, FALL_TOTAL, TOP + (fall.count + 1) * ROW + 24, title);
		heading(out, title);
		text(out, FALL_X, TOP - 22, "start", FAINT, FALL_WIDTH,
		     cb_say("分量（log₂）", "weight (log₂)"));
		text(out, FALL_VALUES, TOP - 22, "start", FAINT, VALUE_WIDTH, left);
		text(out, FALL_VALUES + VALUE_WIDTH + 10, TOP - 22, "start", FAINT, VALUE_WIDTH,
		     right);
		line(out, s.zero, TOP - 14, s.zero, y + (fall.count + 1) * ROW, "");
		for (unsigned i = 0; i < fall.count; i++, y += ROW)
			at = draw_part(out, &fall.parts[i], s, at, y);
		draw_total(out, &verdict, linker->cut.weight, s, y + 8);
		buffer_string(out, "</svg>\n");
	}
	arena_done(&arena);
	return rc;
}
