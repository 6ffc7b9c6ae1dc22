/*
 * manifest_check.c - one walk over the tree: settings, steps and limits here, streams and
 * requests in the files beside it. Every element knows from the ones above it which names
 * its templates may use.
 */
#include "host/manifest_check.h"

#include <stdlib.h>

/* Only one of these makes sense; a second would be passed over in silence. */
void check_once(struct check *c, const struct cb_element *parent, const char *name)
{
	const struct cb_element *again = cb_child(parent, name, NULL);

	again = again ? cb_child(parent, name, again) : NULL;
	if (again)
		problem_at(c->problems, again, NULL, 0, "<%s> 只能有一个", "there is one <%s> only",
			   name);
}

static void check_take(struct check *c, const struct cb_element *take)
{
	const char *as = cb_attribute(take, "as"), *from = cb_attribute(take, "from");

	if (as && manifest_setting(c->m, as))
		problem_at(c->problems, take, "as", 0, "“%s”已经是一项设置",
			   "'%s' is a setting already", as);
	else if (as && find_builtin(as))
		problem_at(c->problems, take, "as", 0, "“%s”另有用处，换一个名称",
			   "'%s' means something else, take another name", as);
	if (from && strncmp(from, "header ", 7) != 0 && strncmp(from, "cookie ", 7) != 0)
		check_path(c, take, "from", PATH_VALUE);
}

static void check_expires(struct check *c, const struct cb_element *expires)
{
	int said = (cb_attribute(expires, "in") != NULL) + (cb_attribute(expires, "at") != NULL) +
		   (cb_attribute(expires, "after") != NULL);

	if (!expires)
		return;
	check_path(c, expires, "in", PATH_VALUE);
	check_path(c, expires, "at", PATH_VALUE);
	if (said != 1)
		problem_at(c->problems, expires, NULL, 0, "in、at、after 三者写一个",
			   "give one of in, at and after");
}

static void check_step(struct check *c, const struct cb_element *step)
{
	const struct cb_element *request = cb_child(step, "request", NULL);

	if (request)
		check_request(c, request, IN_STEP);
	else
		problem_at(c->problems, step, NULL, 0, "步骤缺少 <request>",
			   "the step has no <request>");
	if (!cb_child(step, "take", NULL))
		problem_at(c->problems, step, NULL, 0, "步骤没有取任何值：缺少 <take>",
			   "the step takes nothing: it has no <take>");
	for (const struct cb_element *at = NULL; (at = cb_child(step, "take", at));)
		check_take(c, at);
	check_expires(c, cb_child(step, "expires", NULL));
	check_once(c, step, "request");
	check_once(c, step, "expires");
	check_answers(c, step);
	for (const struct cb_element *at = NULL; (at = cb_child(step, "drop", at));)
		check_condition(c, at, "when", shape_new(c->arena));
}

static void check_unique(struct check *c, const char *element, const char *what)
{
	for (const struct cb_element *at = NULL; (at = cb_child(c->m->root, element, at));) {
		const char *name = cb_attribute(at, "name");

		for (const struct cb_element *other = NULL;
		     name && (other = cb_child(c->m->root, element, other)) && other != at;) {
			const char *same = cb_attribute(other, "name");

			if (same && strcmp(same, name) == 0)
				problem_at(c->problems, at, "name", 0, "%s“%s”在第 %u 行已经有了",
					   "%s '%s' is at line %u already", what, name,
					   other->line);
		}
	}
}

static void check_settings(struct check *c)
{
	bool has_url = false;

	for (const struct cb_element *at = NULL; (at = cb_child(c->m->root, "setting", at));) {
		const char *name = cb_attribute(at, "name"), *type = cb_attribute(at, "type");

		has_url |= type && strcmp(type, "url") == 0;
		if (name && find_builtin(name))
			problem_at(c->problems, at, "name", 0, "“%s”另有用处，换一个名称",
				   "'%s' means something else, take another name", name);
	}
	if (c->is_http && !has_url)
		problem_at(c->problems, c->m->root, NULL, 0,
			   "没有 type=\"url\" 的设置：不知道请求可以去哪里",
			   "there is no setting of type=\"url\": where may requests go?");
}

/* What the steps take, before any template is looked at; a name is taken once. */
static void collect_taken(struct check *c)
{
	size_t room = 0;
	const char **taken = NULL;

	for (const struct cb_element *step = NULL; (step = cb_child(c->m->root, "step", step));) {
		for (const struct cb_element *at = NULL; (at = cb_child(step, "take", at));) {
			const char *as = cb_attribute(at, "as");

			if (!as)
				continue;
			if (is_taken(c, as))
				problem_at(c->problems, at, "as", 0, "“%s”已经取过",
					   "'%s' is taken already", as);
			memory_grow(&taken, c->taken_count, &room, sizeof(*taken));
			taken[c->taken_count++] = as;
			c->taken = taken;
		}
	}
}

static void check_limits(struct check *c, const struct cb_element *limits)
{
	const char *rate = cb_attribute(limits, "rate"), *hours = cb_attribute(limits, "hours");
	static const char *const counts[] = { "quota", "at-once" };
	double number;
	int from, until;

	if (rate && !manifest_rate(rate, &number))
		problem_at(c->problems, limits, "rate", 0, "速度写作 5/s、200/m、1000/h 或 9000/d",
			   "a rate is written 5/s, 200/m, 1000/h or 9000/d");
	if (hours && !manifest_hours(hours, &from, &until))
		problem_at(c->problems, limits, "hours", 0, "时段写作 20:00-06:00",
			   "hours are written 20:00-06:00");
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		const char *count = cb_attribute(limits, counts[i]);

		if (count && strtoll(count, NULL, 10) < 1)
			problem_at(c->problems, limits, counts[i], 0, "至少是 1", "at least 1");
	}
}

static bool read_clock(const char *text, int *minutes)
{
	int hour, minute;

	for (int i = 0; i < 5; i++)
		if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
			return false;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	*minutes = hour * 60 + minute;
	return minute < 60 && *minutes <= 24 * 60;
}

bool manifest_hours(const char *text, int *from, int *until)
{
	return text && strlen(text) == 11 && text[5] == '-' && read_clock(text, from) &&
	       read_clock(text + 6, until) && *from != *until;
}

bool manifest_rate(const char *text, double *rate)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || !count || count > 100000 || end[0] != '/' || !end[1] ||
	    end[2])
		return false;
	switch (end[1]) {
	case 's':
		*rate = (double)count;
		return true;
	case 'm':
		*rate = (double)count / 60;
		return true;
	case 'h':
		*rate = (double)count / 3600;
		return true;
	case 'd':
		*rate = (double)count / 86400;
		return true;
	default:
		return false;
	}
}

void manifest_check(const struct manifest *manifest, struct arena *arena, struct problems *problems)
{
	struct check c = { .m = manifest, .arena = arena, .problems = problems };
	const struct cb_element *root = manifest->root;

	c.is_http = manifest->by && strcmp(manifest->by, "http") == 0;
	c.is_sql = manifest->by && strcmp(manifest->by, "odbc") == 0;
	if (c.is_sql)
		check_database(&c);
	else if (manifest->by && manifest->has_own_connection &&
		 (c.is_http || strcmp(manifest->by, "files") == 0))
		problem_at(problems, root, "connection", 0,
			   "插件 %s 不用自己的连接：去掉 connection=\"own\"",
			   "plugin %s has no connection of its own: leave out connection=\"own\"",
			   manifest->by);
	check_apart(&c, root);
	check_unique(&c, "setting", cb_say("设置", "setting"));
	check_unique(&c, "step", cb_say("步骤", "step"));
	check_unique(&c, "stream", cb_say("数据流", "stream"));
	collect_taken(&c);
	check_settings(&c);
	c.place = EVERYWHERE;
	check_values(&c, root);
	check_answers(&c, root);
	check_limits(&c, cb_child(root, "limits", NULL));
	check_once(&c, root, "limits");
	check_once(&c, root, "retry");
	for (const struct cb_element *at = NULL; (at = cb_child(root, "step", at));)
		check_step(&c, at);
	for (const struct cb_element *at = NULL; (at = cb_child(root, "stream", at));)
		check_stream(&c, at);
	if (!cb_child(root, "stream", NULL))
		problem_at(problems, root, NULL, 0, "连接器没有数据流",
			   "the connector has no stream");
	free(c.taken);
}
