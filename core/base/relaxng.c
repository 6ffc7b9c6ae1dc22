/*
 * relaxng.c - the grammar as RELAX NG, for editors that complete and check.
 *
 * It says no more than RELAX NG checks well: what may stand where. Values that
 * the language looks into are text here.
 */
#include "base/grammar.h"

#include "base/buffer.h"

static void put(struct buffer *out, const char *before, const char *text, const char *after)
{
	buffer_string(out, before);
	buffer_xml(out, cb_text_of(text));
	buffer_string(out, after);
}

/* The name of a pattern: the name in the table, with a dot for the slash. */
static void put_pattern(struct buffer *out, const char *before, const struct grammar_element *e,
			const char *after)
{
	buffer_string(out, before);
	for (const char *at = e->name; *at; at++)
		if (*at == '/')
			buffer_char(out, '.');
		else
			buffer_char(out, *at);
	buffer_string(out, after);
}

static void put_note(struct buffer *out, const char *indent, const char *zh, const char *en)
{
	const char *text = cb_say(zh, en);

	if (!text)
		return;
	buffer_string(out, indent);
	put(out, "<a:documentation>", text, "</a:documentation>\n");
}

static void put_choice(struct buffer *out, const char *words)
{
	struct cb_text word;

	buffer_string(out, "<choice>");
	while (grammar_word(&words, &word)) {
		buffer_string(out, "<value>");
		buffer_xml(out, word);
		buffer_string(out, "</value>");
	}
	buffer_string(out, "</choice>");
}

static void put_like(struct buffer *out, const char *pattern)
{
	put(out, "<data type=\"string\"><param name=\"pattern\">", pattern, "</param></data>");
}

static void put_value(struct buffer *out, const struct grammar_attribute *a)
{
	switch (a->kind) {
	case VALUE_NAME:
		put_like(out, "[A-Za-z_][A-Za-z0-9_.\\-]*");
		break;
	case VALUE_WORD:
		put_choice(out, a->words);
		break;
	case VALUE_INTEGER:
		put_like(out, "-?[0-9]+");
		break;
	case VALUE_NUMBER:
		put_like(out, "-?[0-9]+(\\.[0-9]+)?");
		break;
	case VALUE_DURATION:
	case VALUE_SIZE:
		put_like(out, "[0-9]+[A-Za-z]*");
		break;
	case VALUE_FLAG:
		put_choice(out, "yes no");
		break;
	default:
		buffer_string(out, "<text/>");
	}
}

static void put_attribute(struct buffer *out, const struct grammar_attribute *a)
{
	buffer_string(out, a->is_required ? "      " : "      <optional>");
	put(out, "<attribute name=\"", a->name, "\">\n");
	put_note(out, "        ", a->zh, a->en);
	buffer_string(out, "        ");
	put_value(out, a);
	buffer_string(out, "\n      </attribute>");
	buffer_string(out, a->is_required ? "\n" : "</optional>\n");
}

/* What the table calls @word inside @parent. */
static void put_reference(struct buffer *out, const struct grammar *g, const char *parent,
			  struct cb_text word)
{
	for (const struct grammar_element *e = g->elements; e->name; e++)
		if (cb_text_is(word, grammar_tag(e)) &&
		    grammar_find(g, parent, grammar_tag(e)) == e)
			put_pattern(out, "      <ref name=\"", e, "\"/>\n");
}

static void put_children(struct buffer *out, const struct grammar *g,
			 const struct grammar_element *e)
{
	const char *words = e->children;
	struct cb_text word;

	if (strcmp(words, "*") == 0) {
		buffer_string(out, "      <ref name=\"_any_\"/>\n");
		return;
	}
	if (!*words) {
		buffer_string(out, e->has_text ? "      <text/>\n" : "      <empty/>\n");
		return;
	}
	buffer_string(out, "      <zeroOrMore><choice>\n");
	if (e->has_text)
		buffer_string(out, "        <text/>\n");
	while (grammar_word(&words, &word))
		put_reference(out, g, grammar_tag(e), word);
	buffer_string(out, "      </choice></zeroOrMore>\n");
}

static void put_element(struct buffer *out, const struct grammar *g,
			const struct grammar_element *e)
{
	put_pattern(out, "  <define name=\"", e, "\">\n");
	put(out, "    <element name=\"", grammar_tag(e), "\">\n");
	put_note(out, "      ", e->zh, e->en);
	for (const struct grammar_attribute *a = e->attributes; a && a->name; a++)
		put_attribute(out, a);
	put_children(out, g, e);
	buffer_string(out, "    </element>\n  </define>\n");
}

void grammar_relaxng(const struct grammar *grammar, struct buffer *out)
{
	const char *roots = grammar->roots;
	struct cb_text word;

	buffer_string(out,
		      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<grammar xmlns=\"http://relaxng.org/ns/structure/1.0\"\n"
		      "         xmlns:a=\"http://relaxng.org/ns/compatibility/annotations/1.0\"\n"
		      "         datatypeLibrary=\"http://www.w3.org/2001/XMLSchema-datatypes\">\n"
		      "  <start><choice>\n");
	while (grammar_word(&roots, &word))
		put_reference(out, grammar, NULL, word);
	buffer_string(out, "  </choice></start>\n");
	for (const struct grammar_element *e = grammar->elements; e->name; e++)
		put_element(out, grammar, e);
	buffer_string(out, "  <define name=\"_any_\">\n"
			   "    <zeroOrMore><choice>\n"
			   "      <text/>\n"
			   "      <element>\n"
			   "        <anyName/>\n"
			   "        <zeroOrMore><attribute><anyName/></attribute></zeroOrMore>\n"
			   "        <ref name=\"_any_\"/>\n"
			   "      </element>\n"
			   "    </choice></zeroOrMore>\n"
			   "  </define>\n"
			   "</grammar>\n");
}
