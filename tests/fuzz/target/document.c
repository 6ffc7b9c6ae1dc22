/*
 * document.c - documents of other systems, through the format plugins.
 *
 * The first line holds options ("root=e;depth=4"), the rest is the document. It
 * is read whole and in pieces; what is announced must be the same, save the
 * exact place of an error: yajl restores it only within one piece. Then the records
 * are written again. FUZZ_SAY=1 says what came of each reading.
 */
#include "fuzz/target/target.h"

#include <dlfcn.h>

#include <casebridge/plugin.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "host/inside.h"

struct heard {
	struct arena record;
	uint64_t hash, records;
	const struct cb_format *format; /* NULL: nothing is written */
	void *state;
	struct cb_output out;
};

static void add(struct heard *h, const void *bytes, size_t len)
{
	h->hash = hash_bytes(bytes, len, h->hash);
}

static int write_event(void *with, const struct cb_event *event, struct cb_error *err)
{
	struct heard *h = with;

	return h->format->write(h->state, event, &h->out, err);
}

static int record(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	struct heard *h = with;
	struct row_writer writer = { .event = write_event, .with = h, .name = CB_TEXT("e") };
	struct buffer json = { 0 };
	struct cb_error ignored = { 0 };

	(void)err;
	row_json(row, &json);
	add(h, json.at, json.len);
	add(h, &place, sizeof(place));
	buffer_done(&json);
	h->records++;
	if (h->format && row_write(&writer, row, &ignored) != CB_OK)
		h->format = NULL;
	arena_clear(&h->record);
	return CB_OK;
}

static int broken(void *with, struct cb_place place, const struct cb_error *why,
		  struct cb_error *err)
{
	struct heard *h = with;

	(void)err;
	if (getenv("FUZZ_SAY"))
		fprintf(stderr, "held at %u:%u: %s\n", place.line, place.column, why->text);
	add(h, why->text, strlen(why->text));
	add(h, &place, sizeof(place));
	return CB_OK;
}

struct pieces {
	struct cb_input in;
	struct cb_text rest;
	size_t size;
	char *blocks[2]; /* the piece that is being read, and the next */
	unsigned turn;
};

/* Each piece is a block of its own: a read past it is seen. */
static int next_piece(void *with, struct cb_text raw, struct cb_error *err)
{
	struct pieces *p = with;
	size_t len = p->rest.len < p->size ? p->rest.len : p->size;

	(void)raw, (void)err;
	p->turn ^= 1;
	free(p->blocks[p->turn]);
	p->blocks[p->turn] = memory_take(len);
	memcpy(p->blocks[p->turn], p->rest.at, len);
	p->rest.at += len;
	p->rest.len -= len;
	p->in.bytes = (struct cb_text){ p->blocks[p->turn], len };
	return CB_OK;
}

struct options {
	struct arena arena;
	struct cb_text line;
};

static const char *option(void *with, const char *name)
{
	struct options *o = with;
	struct cb_text rest = o->line;
	size_t len = strlen(name);

	while (rest.len) {
		const char *end = memchr(rest.at, ';', rest.len);
		size_t word = end ? (size_t)(end - rest.at) : rest.len;

		if (word > len && memcmp(rest.at, name, len) == 0 && rest.at[len] == '=')
			return arena_string(&o->arena,
					    (struct cb_text){ rest.at + len + 1, word - len - 1 });
		rest.at += word + (end != NULL);
		rest.len -= word + (end != NULL);
	}
	return NULL;
}

static const struct cb_plugin *load(const char *name)
{
	char path[4096];
	void *object;

	snprintf(path, sizeof(path), "%s/%s.so", fuzz_plugins(), name);
	object = dlopen(path, RTLD_NOW | RTLD_NODELETE);
	if (!object)
		fprintf(stderr, "%s\n", dlerror());
	PROMISE(object);
	return dlsym(object, "cb_plugin");
}

static uint64_t read_in_pieces(const struct cb_plugin *plugin, struct cb_text line,
			       struct cb_text document, size_t size, bool is_written,
			       uint32_t *error_line)
{
	struct options options = { .line = line };
	struct arena names = { 0 };
	struct heard h = { .format = is_written ? plugin->format : NULL };
	struct cb_sink sink = { .shape = fuzz_shape(&names),
				.arena = &h.record,
				.record = record,
				.broken = broken,
				.with = &h };
	struct pieces p = { .in = { .fd = -1, .raw = next_piece, .with = &p },
			    .rest = document,
			    .size = size };
	struct cb_error err = { 0 };
	void *state;
	int rc;

	rc = plugin_state(&options.arena, plugin->name, plugin->format->options,
			  plugin->format->state_size, option, &options, &state, &err);
	if (rc == CB_OK)
		rc = plugin_state(&options.arena, plugin->name, plugin->format->options,
				  plugin->format->state_size, option, &options, &h.state, &err);
	if (rc == CB_OK) {
		next_piece(&p, (struct cb_text){ 0 }, NULL);
		rc = plugin->format->read(state, &p.in, &sink, &err);
		PROMISE(rc == CB_OK || rc == (int)err.verdict);
	}
	free(p.blocks[0]);
	free(p.blocks[1]);
	if (getenv("FUZZ_SAY"))
		fprintf(stderr, "in pieces of %zu: %d, %u:%u, %llu records, %016llx %s\n", size, rc,
			err.line, err.column, (unsigned long long)h.records,
			(unsigned long long)h.hash, err.text);
	add(&h, &rc, sizeof(rc));
	/*
	 * What is said of broken XML is libxml2's push parser's: of a broken tag's faults it tells
	 * the one that it can see in the bytes it has, at the place where it stopped looking. So
	 * sentence and place may differ by the pieces; that it is broken, and the records before,
	 * may not.
	 */
	if (strcmp(plugin->name, "xml") != 0)
		add(&h, err.text, strlen(err.text));
	*error_line = err.line;
	sink_done(&sink);
	buffer_done(&h.out.bytes);
	arena_done(&h.record);
	arena_done(&names);
	arena_done(&options.arena);
	return h.hash;
}

static void read_document(const struct cb_plugin *plugin, struct cb_text bytes)
{
	struct cb_text line = fuzz_line(&bytes);
	size_t size = 1 + (bytes.len ? (unsigned char)bytes.at[bytes.len / 2] % 13 : 0);
	uint32_t line_whole, line_pieces;
	uint64_t whole;

	while (bytes.len >= 3 && memcmp(bytes.at, "\xef\xbb\xbf", 3) == 0) {
		bytes.at += 3; /* the input drops one, in its first block */
		bytes.len -= 3;
	}
	if (bytes.len == 0 || utf8_valid(bytes, NULL) != bytes.len)
		return; /* documents are decoded before a format sees them */
	whole = read_in_pieces(plugin, line, bytes, bytes.len, true, &line_whole);
	PROMISE(read_in_pieces(plugin, line, bytes, size, false, &line_pieces) == whole);
	if (strcmp(plugin->name, "json") == 0)
		/* yajl tells how far it read, not where the fault is: with a line end beside the
		 * fault, the piece decides on which side of it yajl stopped. */
		PROMISE(line_whole <= line_pieces + 1 && line_pieces <= line_whole + 1);
	if (strcmp(plugin->name, "csv") == 0)
		PROMISE(line_whole == line_pieces);
}

void fuzz_xml(struct cb_text bytes)
{
	static const struct cb_plugin *plugin;

	plugin = plugin ? plugin : load("xml");
	read_document(plugin, bytes);
}

void fuzz_json(struct cb_text bytes)
{
	static const struct cb_plugin *plugin;

	plugin = plugin ? plugin : load("json");
	read_document(plugin, bytes);
}

void fuzz_csv(struct cb_text bytes)
{
	static const struct cb_plugin *plugin;

	plugin = plugin ? plugin : load("csv");
	read_document(plugin, bytes);
}
