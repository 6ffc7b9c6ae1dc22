/*
 * site_schedule.c - when a flow runs and by when it must be done, with every
 * mistake at its character.
 */
#include "flow/site_schedule.h"

void site_read_calendar(const struct reading *r, const struct cb_element *root)
{
	const char *name = attribute_or(root, "calendar", "cn");
	char *file = reading_find(r, arena_printf(r->arena, "calendar/%s.xml", name));
	struct words words = { 0 };

	if (file) {
		r->site->workdays = workdays_read(r->arena, file, r->problems);
		return;
	}
	if (!cb_attribute(root, "calendar"))
		return; /* whoever asks for workdays is told that there are none */
	words_add_files(r, "calendar", &words);
	problem_at(r->problems, root, "calendar", 0,
		   "没有工作日历“%s”（mappings/calendar/%s.xml）%s",
		   "there is no calendar '%s' (mappings/calendar/%s.xml)%s", name, name,
		   words_hint(r->arena, name, &words));
}

struct place { /* of an attribute's mistakes */
	const struct reading *r;
	const struct cb_element *element;
	const char *name;
};

static void add_problem(void *with, const struct cb_error *err)
{
	const struct place *place = with;

	problem_at(place->r->problems, place->element, place->name,
		   err->column ? err->column - 1 : 0, "%s", "%s", err->text);
}

static void read_timetable(const struct reading *r, struct site_flow *f)
{
	static const char *const names[] = { "every", "cron", "at" };
	const char *before = NULL;

	for (int i = 0; i < 3; i++) {
		const char *text = cb_attribute(f->element, names[i]);
		struct place place = { r, f->element, names[i] };

		if (!text)
			continue;
		if (before)
			problem_at(r->problems, f->element, names[i], 0, "%s 与 %s 只能写一个",
				   "either %s or %s, not both", before, names[i]);
		before = names[i];
		f->timetable = timetable_read(r->arena, (enum timetable_way)i, text, r->site->zone,
					      r->site->workdays, add_problem, &place, NULL);
	}
}

static void read_deadline(const struct reading *r, struct site_flow *f)
{
	const char *text = cb_attribute(f->element, "deadline");
	const char *warn = cb_attribute(f->element, "warn");
	struct place place = { r, f->element, "deadline" };
	struct cb_error err = { 0 };

	if (text) {
		f->deadline = deadline_read(r->arena, text, f->entity, r->site->zone,
					    r->site->workdays, &err);
		if (!f->deadline)
			add_problem(&place, &err);
	}
	place.name = "warn";
	if (warn && !text)
		problem_at(r->problems, f->element, "warn", 0, "没有 deadline，就没有什么可提醒",
			   "without a deadline there is nothing to warn of");
	else if (warn && f->deadline && deadline_warn(f->deadline, warn, &err) != CB_OK)
		add_problem(&place, &err);
}

void site_read_schedule(const struct reading *r, struct site_flow *flow)
{
	flow->catch_up = cb_attribute(flow->element, "catch-up");
	read_timetable(r, flow);
	if (flow->is_export)
		read_deadline(r, flow);
}
