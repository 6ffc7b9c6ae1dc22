/*
 * file.c - what users write: models, mappings, connectors, sites.
 *
 * What is accepted must work: a mapping that compiles is run in both
 * directions. What is refused must say so with a problem.
 */
#include "fuzz/target/target.h"

#include "base/file.h"
#include "base/xml.h"
#include "flow/site.h"
#include "host/manifest.h"
#include "mapping/mapping.h"

/* Problems are there to be shown: in both languages of the screen. */
static void show(struct problems *problems, bool is_refused)
{
	struct buffer out = { 0 };

	PROMISE(!is_refused || problems->errors);
	problems_print(problems, &out);
	problems_json(problems, &out);
	buffer_done(&out);
	problems_done(problems);
}

void fuzz_model(struct cb_text bytes)
{
	struct problems problems = { 0 };
	struct arena arena = { 0 };
	struct model *model = model_read(&arena, fuzz_file("m.xml", bytes), &problems);

	show(&problems, !model);
	arena_done(&arena);
}

static const struct model *the_model(void)
{
	static struct arena arena;
	static struct model *model;
	struct problems problems = { 0 };

	if (!model)
		model = model_read(&arena,
				   file_join(&arena, fuzz_mappings(), "model/mediation.xml"),
				   &problems);
	PROMISE(model);
	return model;
}

static void translate(struct mapping *m)
{
	struct arena arena = { 0 };
	struct result result = { .arena = &arena };
	const struct shape *there = mapping_there(m);
	struct row *here;

	here = mapping_in(m, fuzz_row(&arena, there), &result);
	PROMISE(here || result.outcome != OUTCOME_MAPPED);
	if (here)
		(void)mapping_out(m, here, &result);
	(void)mapping_in(m, row_new(&arena, there), &result);
	(void)mapping_out(m, fuzz_row(&arena, mapping_here(m)->shape), &result);
	arena_done(&arena);
}

void fuzz_mapping(struct cb_text bytes)
{
	struct problems problems = { 0 };
	struct arena arena = { 0 };
	struct mapping *m = mapping_read(&arena, fuzz_file("m.xml", bytes), the_model(), &problems);

	show(&problems, !m);
	if (m) {
		translate(m);
		mapping_done(m);
	}
	arena_done(&arena);
}

void fuzz_manifest(struct cb_text bytes)
{
	struct problems problems = { 0 };
	struct arena arena = { 0 };
	struct manifest *manifest = manifest_read(&arena, fuzz_file("m.xml", bytes), &problems);

	show(&problems, !manifest);
	arena_done(&arena);
}

void fuzz_site(struct cb_text bytes)
{
	struct problems problems = { 0 };
	struct arena arena = { 0 };
	struct site *site;

	setenv("CASEBRIDGE_MAPPINGS", fuzz_mappings(), 0);
	fuzz_file("site.xml", bytes);
	site = site_read(&arena, fuzz_folder(), &problems);
	show(&problems, !site);
	if (site)
		site_done(site);
	arena_done(&arena);
}
