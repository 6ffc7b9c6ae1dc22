/*
 * rig.h - a host for one format, for tests: what was announced, as text.
 *
 *     @2:1 name{text}list{item{a}item{b}}     a record, its place, its nodes
 *     ?7:1 sentence                           a broken record
 *     ok                                      the verdict of the whole document
 *     broken 9:4 sentence
 *
 * Every document is read in pieces of 1, 7 and 4096 bytes and in one piece, and
 * what was announced must be the same; the place of every record must be what
 * counting newlines up to its offset gives. A header, because each test here
 * is a program of one file. The calls of the contract are the core's own: its
 * sink is watched, and its input is given one piece at a time.
 */
#ifndef TESTS_FORMATS_RIG_H
#define TESTS_FORMATS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <casebridge/plugin.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/say.h"
#include "host/inside.h"

/* A document in pieces. Each is a block of its own, so that ASan sees a read past it. */
struct rig_input {
	struct cb_input in;
	struct cb_text rest;
	size_t piece;
	struct cb_text (*make)(void *with); /* or it is made on the way */
	void *with;
	char *blocks[2]; /* the piece that is being read, and the next */
	unsigned turn;
};

struct rig {
	struct cb_sink sink;
	struct arena names, record;
	struct shape *shape;
	struct shape_node *open[2048]; /* of the record; the sink must know a name to go into it */
	size_t depth;
	struct buffer out;
	size_t record_at; /* where the open record began in `out` */
	bool is_open, is_silent;
	struct cb_text document;
	struct cb_place last; /* the last place that was checked against the document */
	uint64_t records, broken, bytes;
	uint64_t stop_after; /* the sink answers CB_AGAIN then */
};

/* What tests are given to look at: kept until the program ends. */
static struct arena rig_kept;

/* Called when a piece was taken: have the next one ready. */
static int rig_supply(void *with, struct cb_text raw, struct cb_error *err)
{
	struct rig_input *input = with;
	struct cb_text piece = input->rest;

	(void)raw, (void)err;
	if (input->make) {
		piece = input->make(input->with);
	} else {
		if (piece.len > input->piece)
			piece.len = input->piece;
		input->rest.at += piece.len;
		input->rest.len -= piece.len;
	}
	input->turn ^= 1;
	free(input->blocks[input->turn]);
	input->blocks[input->turn] = memory_take(piece.len + !piece.len);
	if (piece.len)
		memcpy(input->blocks[input->turn], piece.at, piece.len);
	input->in.bytes = (struct cb_text){ input->blocks[input->turn], piece.len };
	return CB_OK;
}

static void rig_input_begin(struct rig_input *input)
{
	input->in = (struct cb_input){ .fd = -1, .raw = rig_supply, .with = input };
	(void)rig_supply(input, (struct cb_text){ 0 }, NULL);
}

static void rig_input_done(struct rig_input *input)
{
	free(input->blocks[0]);
	free(input->blocks[1]);
	buffer_done(&input->in.text);
}

/* The rule of the house: lines end with LF, CRLF or CR, columns are characters. */
static void rig_check_place(struct rig *rig, struct cb_place place)
{
	const char *at = rig->document.at;
	struct cb_place p = rig->last.line ? rig->last : (struct cb_place){ 0, 1, 1 };

	if (!at)
		return;
	assert_true(place.offset >= p.offset);
	assert_true(place.offset <= rig->document.len);
	for (; p.offset < place.offset; p.offset++) {
		bool is_end =
			at[p.offset] == '\n' || (at[p.offset] == '\r' && at[p.offset + 1] != '\n');

		p.line += is_end;
		p.column = is_end ? 1 : p.column + ((at[p.offset + 1] & 0xc0) != 0x80);
	}
	assert_int_equal(place.line, p.line);
	assert_int_equal(place.column, p.column);
	rig->last = p;
}

static void rig_enter(struct rig *rig, struct cb_text name)
{
	assert_true(rig->depth < sizeof(rig->open) / sizeof(*rig->open));
	assert_non_null(name.at);
	rig->open[rig->depth] = shape_child(
		rig->shape, rig->depth ? rig->open[rig->depth - 1] : rig->shape->root, name);
	rig->depth++;
}

static void rig_watch(void *with, const struct cb_event *event)
{
	struct rig *rig = with;

	rig->bytes += event->name.len + event->text.len;
	switch (event->kind) {
	case CB_RECORD_BEGIN:
		assert_false(rig->is_open);
		rig_check_place(rig, rig->sink.place);
		rig->is_open = true;
		rig->depth = 0;
		rig->record_at = rig->out.len;
		if (!rig->is_silent)
			buffer_printf(&rig->out, "@%u:%u ", rig->sink.place.line,
				      rig->sink.place.column);
		return;
	case CB_RECORD_END:
		assert_int_equal(rig->depth, 0);
		return;
	default:
		break;
	}
	assert_true(rig->is_open);
	if (event->kind == CB_ENTER) {
		rig_enter(rig, event->name);
	} else if (event->kind == CB_LEAVE) {
		assert_true(rig->depth > 0);
		rig->depth--;
	}
	if (rig->is_silent)
		return;
	if (event->kind == CB_LEAVE) {
		buffer_char(&rig->out, '}');
	} else if (event->kind == CB_ENTER) {
		buffer_text(&rig->out, event->name);
		buffer_char(&rig->out, '{');
	} else if (cb_text_is(event->name, ".")) {
		buffer_text(&rig->out, event->text);
	} else {
		buffer_text(&rig->out, event->name);
		buffer_char(&rig->out, '{');
		buffer_text(&rig->out, event->text);
		buffer_char(&rig->out, '}');
	}
}

static int rig_record(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	struct rig *rig = with;

	(void)row, (void)place;
	assert_true(rig->is_open);
	rig->is_open = false;
	rig->records++;
	arena_clear(&rig->record);
	if (!rig->is_silent)
		buffer_char(&rig->out, '\n');
	if (rig->stop_after && rig->records == rig->stop_after)
		return cb_fail(err, CB_AGAIN, "停", "stop");
	return CB_OK;
}

/* Also ends a record that was begun: what was announced of it is dropped. */
static int rig_broken(void *with, struct cb_place place, const struct cb_error *why,
		      struct cb_error *err)
{
	struct rig *rig = with;

	(void)err;
	assert_int_not_equal(why->verdict, CB_OK);
	if (rig->is_open)
		rig->out.len = rig->record_at;
	else
		rig_check_place(rig, place);
	rig->is_open = false;
	rig->broken++;
	if (!rig->is_silent)
		buffer_printf(&rig->out, "?%u:%u %s\n", place.line, place.column, why->text);
	return CB_OK;
}

static void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->shape = shape_new(&rig->names);
	rig->sink = (struct cb_sink){
		.shape = rig->shape,
		.arena = &rig->record,
		.record = rig_record,
		.broken = rig_broken,
		.watch = rig_watch,
		.with = rig,
	};
}

static void rig_done(struct rig *rig)
{
	sink_done(&rig->sink);
	arena_done(&rig->names);
	arena_done(&rig->record);
	buffer_done(&rig->out);
}

static const struct cb_plugin *rig_plugin(const char *name)
{
	const char *folder = getenv("CASEBRIDGE_PLUGINS");
	const struct cb_plugin *plugin;
	char path[4096];
	void *object;

	snprintf(path, sizeof(path), "%s/%s.so", folder ? folder : "build/release/plugins", name);
	object = dlopen(path, RTLD_NOW);
	if (!object)
		fail_msg("%s", dlerror());
	plugin = dlsym(object, "cb_plugin");
	assert_non_null(plugin);
	assert_int_equal(plugin->magic, CB_PLUGIN_MAGIC);
	assert_string_equal(plugin->name, name);
	return plugin;
}

static void rig_option(char *state, const struct cb_option *option, const char *text)
{
	char nothing = 0, *end = &nothing;
	int64_t number;

	switch (option->type) {
	case CB_OPTION_TEXT:
		memcpy(state + option->offset, &text, sizeof(text));
		break;
	case CB_OPTION_FLAG:
		*(bool *)(void *)(state + option->offset) = text && strcmp(text, "yes") == 0;
		break;
	case CB_OPTION_INTEGER:
		number = text ? strtoll(text, &end, 10) : 0;
		number <<= *end == 'k' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
		memcpy(state + option->offset, &number, sizeof(number));
		break;
	}
}

/* A state with its options; @options is "name=value;name=value". */
static void *rig_state(const struct cb_format *format, const char *options)
{
	char *state = memory_take(format->state_size);
	char *copy, *word;

	for (const struct cb_option *o = format->options; o && o->name; o++)
		rig_option(state, o, o->standard);
	copy = arena_string(&rig_kept, cb_text_of(options));
	for (word = strtok(copy, ";"); word; word = strtok(NULL, ";")) {
		const struct cb_option *o = format->options;
		size_t len = strcspn(word, "=");

		while (o->name && (strncmp(o->name, word, len) || o->name[len]))
			o++;
		if (!o->name)
			fail_msg("no option %s", word);
		rig_option(state, o, word + len + 1);
	}
	return state;
}

static char *rig_verdict(struct buffer *out, int rc, const struct cb_error *err)
{
	if (rc == CB_OK)
		buffer_string(out, "ok");
	else if (err->line)
		buffer_printf(out, "%s %u:%u %s", cb_verdict_word((enum cb_verdict)rc), err->line,
			      err->column, err->text);
	else
		buffer_printf(out, "%s %s", cb_verdict_word((enum cb_verdict)rc), err->text);
	return arena_string(&rig_kept, buffer_view(out));
}

static char *rig_read_pieces(const struct cb_plugin *plugin, const char *options,
			     struct cb_text document, size_t piece, uint64_t stop_after)
{
	struct rig_input input = { .rest = document, .piece = piece };
	struct cb_error err = { 0 };
	void *state = rig_state(plugin->format, options);
	struct rig rig;
	char *said;
	int rc;

	rig_init(&rig);
	rig_input_begin(&input);
	input.in.is_binary = plugin->format->is_binary;
	if (!input.in.is_binary) /* its places are not counted in bytes and lines */
		rig.document = document;
	rig.stop_after = stop_after;
	rc = plugin->format->read(state, &input.in, &rig.sink, &err);
	if (rc != CB_OK) {
		assert_int_equal(rc, err.verdict);
		if (rig.is_open)
			rig.out.len = rig.record_at; /* an unfinished record is none */
	}
	said = rig_verdict(&rig.out, rc, &err);
	rig_done(&rig);
	rig_input_done(&input);
	free(state);
	return said;
}

static const char *rig_read_bytes(const char *name, const char *options, struct cb_text document)
{
	static const size_t pieces[] = { 1, 7, 4096 };
	const struct cb_plugin *plugin = rig_plugin(name);
	char *whole, *said;

	say_language(LANGUAGE_EN);
	whole = rig_read_pieces(plugin, options, document, SIZE_MAX, 0);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		said = rig_read_pieces(plugin, options, document, pieces[i], 0);
		assert_string_equal(said, whole);
	}
	return whole;
}

/* Read a document in every way; the answer is the test's to compare. */
__attribute__((unused)) static const char *rig_read(const char *name, const char *options,
						    const char *document)
{
	return rig_read_bytes(name, options, cb_text_of(document));
}

/* A document of any size that nobody holds: the verdict, and counts in @rig. */
__attribute__((unused)) static char *rig_read_made(const char *name, const char *options,
						   struct cb_text (*make)(void *with), void *with,
						   struct rig *rig)
{
	const struct cb_plugin *plugin = rig_plugin(name);
	struct rig_input input = { .make = make, .with = with };
	struct cb_error err = { 0 };
	void *state = rig_state(plugin->format, options);
	struct buffer out = { 0 };
	char *said;
	int rc;

	say_language(LANGUAGE_EN);
	rig_init(rig);
	rig_input_begin(&input);
	rig->is_silent = true;
	rc = plugin->format->read(state, &input.in, &rig->sink, &err);
	rig_input_done(&input);
	rig_done(rig);
	free(state);
	said = rig_verdict(&out, rc, &err);
	buffer_done(&out);
	return said;
}

/* Events to write, short to say. */
#define E_BEGIN(wrapper)                                                                           \
	{                                                                                          \
		.kind = CB_DOCUMENT_BEGIN, .name = CB_TEXT(wrapper)                                \
	}
#define E_RECORD(n)                                                                                \
	{                                                                                          \
		.kind = CB_RECORD_BEGIN, .name = CB_TEXT(n)                                        \
	}
#define E_LIST(n)                                                                                  \
	{                                                                                          \
		.kind = CB_LIST_BEGIN, .name = CB_TEXT(n)                                          \
	}
#define E_ENTER(n)                                                                                 \
	{                                                                                          \
		.kind = CB_ENTER, .name = CB_TEXT(n)                                               \
	}
#define E_VALUE(n, t)                                                                              \
	{                                                                                          \
		.kind = CB_VALUE, .name = CB_TEXT(n), .text = CB_TEXT(t)                           \
	}
#define E_NUMBER(n, t)                                                                             \
	{                                                                                          \
		.kind = CB_VALUE, .type = CB_VALUE_NUMBER, .name = CB_TEXT(n), .text = CB_TEXT(t)  \
	}
#define E_FLAG(n, t)                                                                               \
	{                                                                                          \
		.kind = CB_VALUE, .type = CB_VALUE_FLAG, .name = CB_TEXT(n), .text = CB_TEXT(t)    \
	}
#define E_NOTHING(n)                                                                               \
	{                                                                                          \
		.kind = CB_VALUE, .name = CB_TEXT(n)                                               \
	}
#define E_LEAVE                                                                                    \
	{                                                                                          \
		.kind = CB_LEAVE                                                                   \
	}
#define E_LIST_END                                                                                 \
	{                                                                                          \
		.kind = CB_LIST_END                                                                \
	}
#define E_RECORD_END                                                                               \
	{                                                                                          \
		.kind = CB_RECORD_END                                                              \
	}
#define E_END                                                                                      \
	{                                                                                          \
		.kind = CB_DOCUMENT_END                                                            \
	}

/*
 * What was written, then the verdict if it is not ok. As the host does it: a
 * refused record leaves nothing behind and the next one is written.
 */
__attribute__((unused)) static const char *rig_write(const char *name, const char *options,
						     const struct cb_event *events, size_t count)
{
	const struct cb_plugin *plugin = rig_plugin(name);
	void *state = rig_state(plugin->format, options);
	struct cb_output out = { 0 };
	struct cb_error err = { 0 };
	size_t record_at = 0;
	const char *said;
	int rc = CB_OK;

	say_language(LANGUAGE_EN);
	for (size_t i = 0; i < count; i++) {
		if (events[i].kind == CB_RECORD_BEGIN)
			record_at = out.bytes.len;
		rc = plugin->format->write(state, &events[i], &out, &err);
		if (rc == CB_REFUSED) {
			out.bytes.len = record_at;
			while (events[i].kind != CB_RECORD_END)
				i++;
		} else if (rc != CB_OK) {
			break;
		}
	}
	free(state);
	said = err.verdict == CB_OK ? arena_string(&rig_kept, buffer_view(&out.bytes))
				    : rig_verdict(&out.bytes, (int)err.verdict, &err);
	buffer_done(&out.bytes);
	return said;
}

#define rig_write_events(name, options, ...)                                                       \
	rig_write(name, options, (const struct cb_event[]){ __VA_ARGS__ },                         \
		  sizeof((const struct cb_event[]){ __VA_ARGS__ }) / sizeof(struct cb_event))

#endif
