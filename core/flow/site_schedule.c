/*
 * site_schedule.c - when a flow runs and by when it must be done: the shape of
 * `cron` and `deadline`, checked to the character.
 */
#include "flow/site_schedule.h"

#include "base/cron.h"
#include "base/utf8.h"
#include "record/path.h"

/* The next piece of @text up to one of @ends. */
static struct cb_text piece(const char **at, const char *ends)
{
	struct cb_text out = { *at, strcspn(*at, ends) };

	*at += out.len;
	return out;
}

static bool number_in(struct cb_text text, long least, long most)
{
	long n = 0;

	if (text.len == 0 || text.len > 3)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		n = n * 10 + text.at[i] - '0';
	}
	return n >= least && n <= most;
}

/* Characters of @text before @at. */
static size_t characters(const char *text, const char *at)
{
	return utf8_length((struct cb_text){ text, (size_t)(at - text) });
}

struct cron_place {
	const struct cb_element *element;
	struct problems *problems;
};

static void cron_problem(void *with, const struct cb_error *err)
{
	struct cron_place *place = with;

	problem_at(place->problems, place->element, "cron", err->column - 1, "%s", "%s", err->text);
}

void site_check_cron(const struct cb_element *element, const char *cron, struct problems *problems)
{
	struct cron_place place = { element, problems };
	struct cron ignored;

	(void)!cron_read(cron, &ignored, cron_problem, &place, NULL);
}

static const char *const units[] = { "workdays", "days", "hours", NULL };

static bool is_unit(struct cb_text word)
{
	for (size_t i = 0; units[i]; i++)
		if (cb_text_is(word, units[i]))
			return true;
	return false;
}

static void check_deadline_field(const struct cb_element *element, const char *deadline,
				 const char *name, const struct table *entity, struct arena *arena,
				 struct problems *problems)
{
	struct cb_error err;
	struct path *path;
	const struct field *field;

	if (path_compile(arena, entity->shape, cb_text_of(name), PATH_VALUE, &path, &err) !=
	    CB_OK) {
		problem_at(problems, element, "deadline",
			   characters(deadline, name) + (err.column ? err.column - 1 : 0), "%s",
			   "%s", err.text);
		return;
	}
	field = table_field(entity, name);
	if (!field || (field->type != FIELD_DATE && field->type != FIELD_DATETIME))
		problem_at(problems, element, "deadline", characters(deadline, name),
			   "时限要从一个日期算起，%s 不是日期",
			   "a deadline counts from a date; %s is none", name);
}

void site_check_deadline(const struct cb_element *element, const char *deadline,
			 const struct table *entity, struct arena *arena, struct problems *problems)
{
	const char *at = deadline;
	struct cb_text number = piece(&at, " "), unit, after;

	at += strspn(at, " ");
	unit = piece(&at, " ");
	at += strspn(at, " ");
	after = piece(&at, " ");
	at += strspn(at, " ");
	if (!number_in(number, 1, 999))
		problem_at(problems, element, "deadline", 0,
			   "时限写作“5 workdays after closed”：数目、单位、after、日期字段；"
			   "“%.*s”不是 1 到 999 的数目",
			   "a deadline is written '5 workdays after closed'; '%.*s' is no number "
			   "from 1 to 999",
			   CB_TEXT_ARG(number));
	else if (!is_unit(unit))
		problem_at(problems, element, "deadline", characters(deadline, unit.at),
			   "时限的单位是 workdays（工作日）、days 或 hours，不是“%.*s”",
			   "a deadline counts workdays, days or hours, not '%.*s'",
			   CB_TEXT_ARG(unit));
	else if (!cb_text_is(after, "after") || !*at)
		problem_at(problems, element, "deadline", characters(deadline, after.at),
			   "单位之后应是“after 日期字段”，如 5 workdays after closed",
			   "the unit is followed by 'after FIELD': 5 workdays after closed");
	else if (entity)
		check_deadline_field(element, deadline, at, entity, arena, problems);
}
