/*
 * rig.h - mappings, models and documents as text, for tests.
 *
 * Formats are the plugins themselves. A header, because each test here is a
 * program of one file.
 */
#ifndef TESTS_MAPPING_RIG_H
#define TESTS_MAPPING_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <casebridge/plugin.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/say.h"
#include "host/inside.h"
#include "mapping/mapping.h"
#include "record/sink.h"

static const struct cb_format *rig_format(const char *name)
{
	const char *folder = getenv("CASEBRIDGE_PLUGINS");
	const struct cb_plugin *plugin;
	char path[4096];
	void *object;

	if (strcmp(name, "table") == 0)
		name = "csv";
	snprintf(path, sizeof(path), "%s/%s.so", folder ? folder : "build/release/plugins", name);
	object = dlopen(path, RTLD_NOW);
	if (!object)
		fail_msg("%s", dlerror());
	plugin = dlsym(object, "cb_plugin");
	assert_non_null(plugin);
	return plugin->format;
}

static void rig_options(const struct cb_format *format, char *state, const char *root)
{
	for (const struct cb_option *o = format->options; o && o->name; o++) {
		const char *text = strcmp(o->name, "root") == 0 ? root : o->standard;
		int64_t number = 0;
		char *end;

		if (o->type == CB_OPTION_TEXT) {
			memcpy(state + o->offset, &text, sizeof(text));
		} else if (o->type == CB_OPTION_FLAG) {
			*(bool *)(void *)(state + o->offset) = text && strcmp(text, "yes") == 0;
		} else {
			number = text ? strtoll(text, &end, 10) : 0;
			if (text)
				number <<= *end == 'k'   ? 10
					   : *end == 'M' ? 20
					   : *end == 'G' ? 30
							 : 0;
			memcpy(state + o->offset, &number, sizeof(number));
		}
	}
}

struct rig_one {
	struct row *row;
};

static int rig_take(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	struct rig_one *one = with;

	(void)place, (void)err;
	if (!one->row)
		one->row = row;
	return CB_OK;
}

static int rig_read(void *with, const char *name, const char *root, struct cb_text text,
		    const struct shape *shape, struct arena *arena, struct row **row,
		    struct cb_error *err)
{
	const struct cb_format *format = rig_format(name);
	struct rig_one one = { 0 };
	struct cb_sink sink = { .shape = shape, .arena = arena, .record = rig_take, .with = &one };
	struct cb_input in = { .fd = -1, .bytes = text, .charset = CHARSET_UTF8 };
	char *state = memory_take(format->state_size);
	int rc;

	(void)with;
	rig_options(format, state, root);
	rc = format->read(state, &in, &sink, err);
	sink_done(&sink);
	free(state);
	*row = one.row;
	return rc == CB_END ? CB_OK : rc;
}

struct rig_writing {
	const struct cb_format *format;
	void *state;
	struct cb_output out;
};

static int rig_event(void *with, const struct cb_event *event, struct cb_error *err)
{
	struct rig_writing *w = with;

	return w->format->write(w->state, event, &w->out, err);
}

static int rig_write(void *with, const char *name, const char *root, const struct row *row,
		     struct buffer *out, struct cb_error *err)
{
	struct rig_writing w = { .format = rig_format(name) };
	struct row_writer writer = { .event = rig_event, .with = &w, .name = cb_text_of(root) };
	int rc;

	(void)with;
	w.state = memory_take(w.format->state_size);
	rig_options(w.format, w.state, root);
	rc = row_write(&writer, row, err);
	buffer_text(out, buffer_view(&w.out.bytes));
	buffer_done(&w.out.bytes);
	free(w.state);
	return rc;
}

struct rig {
	struct arena arena;
	struct problems problems;
	struct model *model;
	struct mapping *mapping;
	char folder[64];
};

static void rig_file(struct rig *rig, const char *name, const char *text)
{
	struct cb_error err = { .text = "" };
	char path[256];

	if (!*rig->folder) {
		strcpy(rig->folder, "/tmp/casebridge.XXXXXX");
		assert_non_null(mkdtemp(rig->folder));
	}
	snprintf(path, sizeof(path), "%s/%s", rig->folder, name);
	if (file_write(path, cb_text_of(text), 0600, &err) != CB_OK)
		fail_msg("%s", err.text);
}

static const char rig_model[] =
	"<model name='m' label='M'><entity name='case' label='Case'>"
	"<field name='number' label='Number' type='text' max='40' unique='yes'/>"
	"<field name='title' label='Title' type='text' max='20'/>"
	"<field name='type' label='Type' type='code'/>"
	"<field name='status' label='Status' type='code'/>"
	"<field name='accepted' label='Accepted' type='date'/>"
	"<field name='closed' label='Closed' type='date'/>"
	"<field name='occurred' label='Occurred' type='datetime'/>"
	"<field name='hour' label='Hour' type='time'/>"
	"<field name='amount' label='Amount' type='money'/>"
	"<field name='people' label='People' type='integer'/>"
	"<field name='withdrawn' label='Withdrawn' type='flag'/>"
	"<field name='studio' label='Studio' type='code'/>"
	"<group name='place' label='Place'>"
	"<field name='region' label='Region' type='code'/>"
	"<field name='address' label='Address' type='text' privacy='personal'/></group>"
	"<list name='party' label='Party'>"
	"<field name='role' label='Role' type='code'/>"
	"<field name='name' label='Name' type='text' privacy='personal'/>"
	"<field name='id' label='Id' type='text' privacy='sensitive'/>"
	"<field name='sex' label='Sex' type='code'/>"
	"<field name='birth' label='Birth' type='date'/>"
	"<field name='phone' label='Phone' type='text'/></list>"
	"<list name='tag' label='Tag'><field name='word' label='Word' type='text'/></list>"
	"</entity><entity name='studio' label='Studio'>"
	"<field name='code' label='Code' type='text' unique='yes'/></entity></model>";

/* The mapping file @text, over rig_model. rig->mapping is NULL where it has problems. */
__attribute__((unused)) static void rig_open(struct rig *rig, const char *text)
{
	char path[256];

	say_language(LANGUAGE_EN);
	rig_file(rig, "model.xml", rig_model);
	rig_file(rig, "m.xml", text);
	snprintf(path, sizeof(path), "%s/model.xml", rig->folder);
	rig->model = model_read(&rig->arena, path, &rig->problems);
	if (!rig->model || rig->problems.errors)
		fail_msg("%s", rig->problems.at->text);
	snprintf(path, sizeof(path), "%s/m.xml", rig->folder);
	rig->mapping = mapping_read(&rig->arena, path, rig->model, &rig->problems);
	if (rig->mapping)
		mapping_lend(rig->mapping, &(struct mapping_formats){ rig_read, rig_write, NULL });
}

__attribute__((unused)) static void rig_close(struct rig *rig)
{
	char command[128];

	mapping_done(rig->mapping);
	problems_done(&rig->problems);
	arena_done(&rig->arena);
	if (*rig->folder) {
		snprintf(command, sizeof(command), "rm -r %s", rig->folder);
		assert_int_equal(system(command), 0);
	}
	memset(rig, 0, sizeof(*rig));
}

static const char *rig_said(struct rig *rig, const struct row *row, const struct result *result)
{
	static const char *const words[] = { "", "held ", "rejected ", "passed by " };
	struct buffer out = { 0 };
	char *copy;

	buffer_string(&out, words[result->outcome]);
	row_json(row, &out);
	for (size_t i = 0; i < result->count; i++) {
		const struct finding *f = &result->findings[i];

		buffer_printf(&out, "|%s %s", f->code,
			      f->here    ? f->here
			      : f->there ? f->there
					 : "-");
		if (f->item)
			buffer_printf(&out, "#%u", f->item);
		if (f->value.len)
			buffer_printf(&out, " '%.*s'", CB_TEXT_ARG(f->value));
	}
	copy = arena_string(&rig->arena, buffer_view(&out));
	buffer_done(&out);
	return copy;
}

/* "held {json}|code path#item 'value'": what a document of theirs becomes. */
__attribute__((unused)) static const char *rig_in(struct rig *rig, const char *document)
{
	struct result result = { .arena = &rig->arena };
	struct cb_error err = { .text = "" };
	struct row *there = NULL;

	if (!rig->mapping)
		fail_msg("%u:%u %s", rig->problems.at->line, rig->problems.at->column,
			 rig->problems.at->text);
	if (rig_read(NULL, mapping_format(rig->mapping), mapping_root(rig->mapping),
		     cb_text_of(document), mapping_there(rig->mapping), &rig->arena, &there,
		     &err) != CB_OK ||
	    !there)
		fail_msg("%s", err.text);
	return rig_said(rig, mapping_in(rig->mapping, there, &result), &result);
}

/* The same the other way: @document is XML in the model's names. */
__attribute__((unused)) static const char *rig_out(struct rig *rig, const char *document)
{
	struct result result = { .arena = &rig->arena };
	struct cb_error err = { .text = "" };
	struct row *here = NULL;

	if (!rig->mapping)
		fail_msg("%u:%u %s", rig->problems.at->line, rig->problems.at->column,
			 rig->problems.at->text);
	if (rig_read(NULL, "xml", "case", cb_text_of(document), mapping_here(rig->mapping)->shape,
		     &rig->arena, &here, &err) != CB_OK ||
	    !here)
		fail_msg("%s", err.text);
	return rig_said(rig, mapping_out(rig->mapping, here, &result), &result);
}

#endif
