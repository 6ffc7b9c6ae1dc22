/*
 * site_schedule.c - when a flow runs and by when it must be done: the shape of
 * `cron` and `deadline`, checked to the character.
 */
#include "flow/site_schedule.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "record/path.h"

struct cron_field {
	const char *zh, *en;
	long least, most;
};

static const struct cron_field cron_fields[] = {
	{ "分", "minute", 0, 59 }, { "时", "hour", 0, 23 },   { "日", "day", 1, 31 },
	{ "月", "month", 1, 12 },  { "周", "weekday", 0, 7 },
};

#define CRON_FIELDS (sizeof(cron_fields) / sizeof(*cron_fields))

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

/* One member of a field: 5, 1-5, with an asterisk for all, each also with /step. */
static bool is_cron_member(struct cb_text text, const struct cron_field *field)
{
	const char *slash = memchr(text.at, '/', text.len), *dash;
	struct cb_text range = text;

	if (slash) {
		size_t len = (size_t)(slash - text.at);

		range.len = len;
		if (!number_in((struct cb_text){ slash + 1, text.len - len - 1 }, 1, field->most))
			return false;
	}
	if (cb_text_is(range, "*"))
		return true;
	dash = memchr(range.at, '-', range.len);
	if (!dash)
		return !slash && number_in(range, field->least, field->most);
	return number_in((struct cb_text){ range.at, (size_t)(dash - range.at) }, field->least,
			 field->most) &&
	       number_in((struct cb_text){ dash + 1, range.len - (size_t)(dash - range.at) - 1 },
			 field->least, field->most) &&
	       strtol(range.at, NULL, 10) <= strtol(dash + 1, NULL, 10);
}

/* Characters of @text before @at. */
static size_t characters(const char *text, const char *at)
{
	return utf8_length((struct cb_text){ text, (size_t)(at - text) });
}

void site_check_cron(const struct cb_element *element, const char *cron, struct problems *problems)
{
	const char *at = cron + strspn(cron, " ");
	size_t count = 0;

	while (*at) {
		struct cb_text field = piece(&at, " ");
		const struct cron_field *rule = &cron_fields[count < CRON_FIELDS ? count : 0];
		const char *member_at = field.at, *end = field.at + field.len;

		while (count < CRON_FIELDS && member_at < end) {
			struct cb_text member = piece(&member_at, ", ");

			if (!is_cron_member(member, rule))
				problem_at(problems, element, "cron", characters(cron, member.at),
					   "“%.*s”不能作“%s”：应为 %ld 到 %ld、* 、1-5 或 */10",
					   "'%.*s' is no %s: %ld to %ld, *, 1-5 or */10",
					   CB_TEXT_ARG(member), cb_say(rule->zh, rule->en),
					   rule->least, rule->most);
			member_at += member_at < end;
		}
		at += strspn(at, " ");
		count++;
	}
	if (count != CRON_FIELDS)
		problem_at(problems, element, "cron", 0,
			   "cron 应为五项：分 时 日 月 周，这里有 %zu 项，如 30 20 * * *",
			   "cron has five fields: minute hour day month weekday; these are %zu; "
			   "30 20 * * *",
			   count);
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
