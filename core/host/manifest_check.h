/*
 * manifest_check.h - what the grammar cannot see: names, paths, conditions,
 * and whether a success is one. For manifest.c, and the parts of the walk for each other.
 */
#ifndef HOST_MANIFEST_CHECK_H
#define HOST_MANIFEST_CHECK_H

#include "host/manifest.h"
#include "record/path.h"

/* Add a problem for everything that would fail, or lie, when it is carried out. */
void manifest_check(const struct manifest *manifest, struct arena *arena,
		    struct problems *problems);

/* "5/s" "200/m" "1000/h" "9000/d" as requests a second; false if it is none. */
bool manifest_rate(const char *text, double *rate);
/* "20:00-06:00" as minutes of the day, the latter perhaps of the next. */
bool manifest_hours(const char *text, int *from, int *until);

/* Where a template stands: which of the names of a request have a value there. */
enum place {
	IN_STEP = 1,
	IN_READ = 2,
	IN_WRITE = 4,
	IN_FIND = 8,
	IN_COUNT = 16,
	IN_OTHER = 32, /* settle, dictionary */
	IN_WITHDRAW = 64,
	EVERYWHERE = 127,
};

#define BUILTINS 16 /* names that every manifest may use where they have a value */

struct check {
	const struct manifest *m;
	struct arena *arena;
	struct problems *problems;
	const char **taken; /* by the steps, ended with NULL */
	size_t taken_count;
	bool is_http, is_sql; /* by="http", by="odbc" */
	unsigned place;
	bool in_body;
	bool is_named[BUILTINS]; /* seen in the element that is being checked */
};

/* A name that every manifest may use, and one that a step has taken. */
struct known;
const struct known *find_builtin(const char *name);
bool is_taken(const struct check *c, const char *name);

/* A path of @use against a shape of its own. */
void check_path(struct check *c, const struct cb_element *element, const char *name,
		enum path_use use);
/* The condition and the shape it grew; NULL where it is none. */
struct condition *check_condition(struct check *c, const struct cb_element *element,
				  const char *name, struct shape *shape);
void check_values(struct check *c, const struct cb_element *parent);
void check_answer(struct check *c, const struct cb_element *answer);
void check_answers(struct check *c, const struct cb_element *parent);
bool has_ok(const struct cb_element *answers);
/* What every request has. Which names its templates used is asked afterwards. */
void check_request(struct check *c, const struct cb_element *element, unsigned place);
bool uses(const struct check *c, const char *name);
/* Only one of these makes sense; a second would be passed over in silence. */
void check_once(struct check *c, const struct cb_element *parent, const char *name);
void check_stream(struct check *c, const struct cb_element *stream);
/* manifest_check_sql.c */
void check_sql_stream(struct check *c, const struct cb_element *stream);
void check_database(struct check *c);
/* What belongs to the other kind of connector, here and below. */
void check_apart(struct check *c, const struct cb_element *element);
/* Is it a setting, or the account? For net_template_check; @with: the check. */
int check_setting(void *with, struct cb_text name, struct cb_error *err);
/* Behind a quoted text, or a comment, of a statement; @at where none begins there. */
const char *past_quoted(const char *at);
/* manifest_check_marks.c: the <since> of @owner, and whether its statement suits them. */
void check_marks(struct check *c, const struct cb_element *owner, const char *statement,
		 bool uses_size);

#endif
