/*
 * source.c - a second look at a text that a parser has accepted.
 *
 * The parser says what is there, but not where; these scanners walk the same
 * text beside it. An element's "<" is found from its `inner`, backwards: no
 * attribute value of a well-formed file has a "<" in it.
 */
#include "base/source.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool begins(const char *at, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - at) >= len && memcmp(at, with, len) == 0;
}

/* Behind the next @mark; NULL where there is none. */
static const char *behind(const char *at, const char *end, const char *mark)
{
	const char *found = memmem(at, (size_t)(end - at), mark, strlen(mark));

	return found ? found + strlen(mark) : NULL;
}

void source_advance(struct source_place *place, const char *from, const char *to)
{
	for (; from < to; from++) {
		if (*from == '\n') {
			place->line++;
			place->column = 1;
		} else if (((unsigned char)*from & 0xc0) != 0x80) {
			place->column++;
		}
	}
}

/* Behind the comment, instruction or CDATA at @at; @at for a tag; NULL if it does not end. */
static const char *skip_aside(const char *at, const char *end)
{
	if (begins(at, end, "<!--"))
		return behind(at + 4, end, "-->");
	if (begins(at, end, "<?"))
		return behind(at + 2, end, "?>");
	if (begins(at, end, "<![CDATA["))
		return behind(at + 9, end, "]]>");
	return at;
}

const char *source_tag(const char *at, const char *end)
{
	while (at < end) {
		const char *next;

		at = memchr(at, '<', (size_t)(end - at));
		if (!at)
			return end;
		next = skip_aside(at, end);
		if (!next || next == at)
			return at;
		at = next;
	}
	return end;
}

static const char *name_end(const char *at, const char *end)
{
	while (at < end && !is_blank(*at) && !strchr("=/>\"'<", *at))
		at++;
	return at;
}

struct cb_text source_tag_name(const char *at, const char *end)
{
	const char *name = at < end ? at + 1 : end;

	if (name < end && *name == '/')
		name++;
	return (struct cb_text){ name, (size_t)(name_end(name, end) - name) };
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

bool source_attribute(const char **at, const char *end, struct source_attribute *out)
{
	const char *here = skip_blanks(*at, end), *stop;

	*at = here;
	stop = name_end(here, end);
	if (stop == here)
		return false;
	out->name = (struct cb_text){ here, (size_t)(stop - here) };
	here = skip_blanks(stop, end);
	if (here == end || *here != '=')
		return false;
	here = skip_blanks(here + 1, end);
	if (here == end || (*here != '"' && *here != '\''))
		return false;
	stop = memchr(here + 1, *here, (size_t)(end - here - 1));
	if (!stop)
		return false;
	out->value = (struct cb_text){ here + 1, (size_t)(stop - here - 1) };
	*at = stop + 1;
	return true;
}

/* The "<" of an element that was read from a text. */
static const char *tag_of(const struct cb_element *element)
{
	const char *at = element->inner.at;

	do
		at--;
	while (*at != '<');
	return at;
}

static bool find(const struct cb_element *element, const char *name, struct source_attribute *out)
{
	const char *end = element->inner.at;
	struct cb_text tag = source_tag_name(tag_of(element), end);
	const char *at = tag.at + tag.len;

	while (source_attribute(&at, end, out))
		if (cb_text_is(out->name, name))
			return true;
	return false;
}

static struct source_place own_place(const struct cb_element *element)
{
	return (struct source_place){ element->line, element->column };
}

static const struct cb_attribute *attribute_of(const struct cb_element *element, const char *name)
{
	for (size_t i = 0; name && i < element->attribute_count; i++)
		if (strcmp(element->attributes[i].name, name) == 0)
			return &element->attributes[i];
	return NULL;
}

struct source_place source_name_place(const struct cb_element *element, const char *attribute)
{
	const struct cb_attribute *known = attribute_of(element, attribute);
	struct source_place place = own_place(element);
	struct source_attribute written;

	if (!known)
		return place;
	if (!element->inner.at || !find(element, attribute, &written))
		return (struct source_place){ known->line, known->column };
	source_advance(&place, tag_of(element), written.name.at);
	return place;
}

/* Behind one character of a value as it was written. */
static const char *skip_character(const char *at, const char *end)
{
	const char *entity = *at == '&' ? memchr(at, ';', (size_t)(end - at)) : NULL;

	if (entity)
		return entity + 1;
	if (begins(at, end, "\r\n"))
		return at + 2;
	do
		at++;
	while (at < end && ((unsigned char)*at & 0xc0) == 0x80);
	return at;
}

struct source_place source_value_place(const struct cb_element *element, const char *attribute,
				       size_t offset)
{
	const struct cb_attribute *known = attribute_of(element, attribute);
	struct source_attribute written;
	struct source_place place;
	const char *at, *end;

	if (!known)
		return own_place(element);
	place = (struct source_place){ known->line, known->column };
	if (!element->inner.at || !find(element, attribute, &written)) {
		place.column += (uint32_t)offset;
		return place;
	}
	at = written.value.at;
	end = at + written.value.len;
	for (; offset && at < end; offset--)
		at = skip_character(at, end);
	source_advance(&place, written.value.at, at);
	return place;
}

struct source_place source_inner_place(const struct cb_element *element, size_t offset)
{
	struct source_place place = own_place(element);

	if (element->inner.at && offset <= element->inner.len)
		source_advance(&place, tag_of(element), element->inner.at + offset);
	return place;
}

/* Behind the tag at @at, and how much deeper we are then. */
static const char *skip_tag(const char *at, const char *end, int *depth)
{
	struct cb_text name = source_tag_name(at, end);
	struct source_attribute attribute;
	bool is_end = name.at > at + 1;

	at = name.at + name.len;
	while (source_attribute(&at, end, &attribute))
		;
	if (is_end)
		--*depth;
	else if (at < end && *at != '/')
		++*depth;
	at = at < end ? memchr(at, '>', (size_t)(end - at)) : NULL;
	return at ? at + 1 : end;
}

/* The first character of text at @depth 0, or NULL. */
static const char *find_text(const char *at, const char *end)
{
	int depth = 0;

	while (at && (at = skip_blanks(at, end)) < end) {
		const char *next = skip_aside(at, end);

		if (begins(at, end, "<![CDATA[") && next && depth == 0) {
			at = skip_blanks(at + 9, next - 3);
			if (at < next - 3)
				return at;
			at = next;
		} else if (*at != '<' && depth == 0) {
			return at;
		} else if (*at != '<') {
			at = memchr(at, '<', (size_t)(end - at));
		} else {
			at = next == at ? skip_tag(at, end, &depth) : next;
		}
	}
	return NULL;
}

struct source_place source_text_place(const struct cb_element *element)
{
	const char *start = element->inner.at;
	const char *at = start ? find_text(start, start + element->inner.len) : NULL;

	return at ? source_inner_place(element, (size_t)(at - start)) : own_place(element);
}
