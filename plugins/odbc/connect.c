/*
 * connect.c - the connection: its string from settings and secrets, what a driver says when
 * something fails, and how a transaction ends.
 *
 * Opened when it is first needed and kept for the run; lost, it is opened again with the
 * next call. Nothing is committed by itself.
 */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>

#define LOGIN_SECONDS 30

/* A value that has a meaning of its own in a connection string stands in braces. */
static void put_value(struct bytes *out, struct cb_text value)
{
	bool is_plain = !value.len || (value.at[0] != ' ' && value.at[value.len - 1] != ' ');

	for (size_t i = 0; i < value.len; i++)
		is_plain &= !strchr(";{}[]", value.at[i]);
	if (is_plain) {
		bytes_put(out, value.at, value.len);
		return;
	}
	bytes_string(out, "{");
	for (size_t i = 0; i < value.len; i++)
		bytes_put(out, value.at[i] == '}' ? "}}" : value.at + i,
			  value.at[i] == '}' ? 2 : 1);
	bytes_string(out, "}");
}

static int fill(struct odbc *odbc, const char *template, struct bytes *out, struct cb_error *err)
{
	for (const char *at = template; *at;) {
		const char *end = *at == '{' && at[1] != '{' ? strchr(at, '}') : NULL;
		struct cb_text value;
		char *name;
		int rc;

		if (!end) {
			bytes_put(out, at, 1);
			at += (*at == '{' || *at == '}') && at[1] == *at ? 2 : 1;
			continue;
		}
		name = cb_task_printf(odbc->task, "%.*s", (int)(end - at) - 1, at + 1);
		rc = cb_credential(odbc->task, name, &value, err);
		if (rc != CB_OK)
			return rc;
		put_value(out, value);
		at = end + 1;
	}
	return CB_OK;
}

/* The drivers that odbcinst.ini knows, for whoever has to put one there. */
static void say_drivers(struct odbc *odbc, struct bytes *out)
{
	SQLCHAR name[256];
	SQLSMALLINT len, more;
	SQLUSMALLINT from = SQL_FETCH_FIRST;

	while (SQL_SUCCEEDED(SQLDrivers(odbc->environment, from, name, sizeof(name), &len, NULL, 0,
					&more)) &&
	       out->len < 300) {
		if (out->len)
			bytes_string(out, cb_say("、", ", "));
		bytes_string(out, (const char *)name);
		from = SQL_FETCH_NEXT;
	}
	if (!out->len)
		bytes_string(out, cb_say("一个也没有", "none"));
}

static int no_driver(struct odbc *odbc, const struct diagnosis *d, struct cb_error *err)
{
	struct bytes drivers = { 0 };
	int rc;

	say_drivers(odbc, &drivers);
	rc = cb_fail(
		err, CB_SETUP,
		"找不到 ODBC 驱动或数据源（%s）：装上数据库的驱动并登记在 /etc/odbcinst.ini，"
		"或把 Driver 写成驱动 .so 的完整路径；已登记的：%s",
		"the ODBC driver or data source is not there (%s): install the database's "
		"driver and name it in /etc/odbcinst.ini, or give the .so file's whole path as "
		"Driver; there are: %s",
		d->text, drivers.at);
	free(drivers.at);
	return rc;
}

/*
 * What a database quotes of a row is a person's name sooner than a table's, outside of ASCII.
 * Where a value is at fault (22), and where it stands in nobody else's way (23: a name of
 * theirs stands in double quotes, if at all), whatever is quoted goes.
 */
static void hide_values(char *text, const char *state)
{
	static const char opens[] = "'\"(", closes[] = "'\")";
	bool is_value = strncmp(state, "22", 2) == 0, is_taken = strncmp(state, "23", 2) == 0;
	char *out = text;

	while (*text) {
		const char *open = strchr(opens, *text);
		const char *close = open ? strchr(text + 1, closes[open - opens]) : NULL;
		bool is_named = close && (is_value || (is_taken && *open != '"'));

		for (const char *at = text; close && at < close; at++)
			is_named |= (unsigned char)*at >= 0x80;
		*out++ = *text++;
		if (is_named) {
			*out++ = '*';
			text += close - text;
		}
	}
	*out = '\0';
}

static const char *better_state(const struct odbc *odbc, const struct diagnosis *d,
				const char *text, enum phase phase)
{
	if (phase == CONNECTING && strncmp(d->state, "08", 2) == 0)
		return state_of_login(text);
	if (strcmp(d->state, "HY000") == 0 || strcmp(d->state, "S1000") == 0)
		return state_of_native(odbc->product, d->native);
	return NULL;
}

static void read_diagnosis(struct odbc *odbc, SQLSMALLINT type, SQLHANDLE handle, enum phase phase,
			   struct diagnosis *out)
{
	SQLWCHAR state[6] = { 0 }, text[1000];
	struct bytes b = { 0 };
	SQLINTEGER native = 0;
	SQLSMALLINT len = 0;
	const char *known = NULL;

	*out = (struct diagnosis){ .state = "HY000" };
	if (!SQL_SUCCEEDED(SQLGetDiagRecW(type, handle, 1, state, &native, text,
					  sizeof(text) / sizeof(*text), &len)))
		return;
	if (len < 0 || len >= (SQLSMALLINT)(sizeof(text) / sizeof(*text)))
		len = sizeof(text) / sizeof(*text) - 1;
	for (int i = 0; i < 5; i++)
		out->state[i] = (char)state[i];
	out->native = native;
	/* A driver's later lines quote the row. */
	bytes_wide(&b, text, (size_t)len);
	if (b.at) {
		char said[CB_SAID_MAX];

		b.at[strcspn(b.at, "\r\n")] = '\0';
		known = better_state(odbc, out, b.at, phase);
		hide_values(b.at, known ? known : out->state);
		snprintf(out->text, sizeof(out->text), "%s", cb_said(cb_text_of(b.at), said));
	}
	free(b.at);
	if (known)
		snprintf(out->state, sizeof(out->state), "%s", known);
}

static bool is_dead(struct odbc *odbc)
{
	SQLUINTEGER dead = SQL_CD_FALSE;

	return odbc->is_connected &&
	       SQL_SUCCEEDED(SQLGetConnectAttr(odbc->database, SQL_ATTR_CONNECTION_DEAD, &dead,
					       sizeof(dead), NULL)) &&
	       dead == SQL_CD_TRUE;
}

int odbc_failed(struct odbc *odbc, SQLSMALLINT type, SQLHANDLE handle, enum phase phase,
		struct diagnosis *out, struct cb_error *err)
{
	struct diagnosis own = { 0 }, *d = out ? out : &own;

	read_diagnosis(odbc, type, handle, phase, d);
	d->verdict = state_verdict(d->state, phase);
	if (d->verdict == CB_OK)
		d->verdict = phase == COMMITTING ? CB_DOUBT : CB_AGAIN;
	if (strncmp(d->state, "08", 2) == 0 || is_dead(odbc)) {
		odbc_disconnect(odbc);
		if (d->verdict == CB_REFUSED)
			d->verdict = phase == COMMITTING ? CB_DOUBT : CB_AGAIN;
	}
	if (phase == CONNECTING &&
	    (strcmp(d->state, "IM002") == 0 || strcmp(d->state, "IM003") == 0))
		return no_driver(odbc, d, err);
	if (phase == CONNECTING && strcmp(d->state, "01000") == 0 && strstr(d->text, "open lib"))
		return d->verdict = CB_SETUP, no_driver(odbc, d, err);
	return cb_fail(err, d->verdict, "数据库（SQLSTATE %s）：%s",
		       "the database (SQLSTATE %s): %s", d->state, d->text);
}

void odbc_disconnect(struct odbc *odbc)
{
	if (!odbc->database)
		return;
	for (struct statement *s = odbc->statements; s; s = s->other) {
		if (s->handle)
			SQLFreeHandle(SQL_HANDLE_STMT, s->handle);
		s->handle = NULL;
	}
	if (odbc->is_connected) {
		SQLEndTran(SQL_HANDLE_DBC, odbc->database, SQL_ROLLBACK);
		SQLDisconnect(odbc->database);
	}
	SQLFreeHandle(SQL_HANDLE_DBC, odbc->database);
	odbc->database = NULL;
	odbc->is_connected = false;
}

static int begin(struct odbc *odbc, struct cb_error *err)
{
	if (!odbc->environment &&
	    (SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &odbc->environment) != SQL_SUCCESS ||
	     SQLSetEnvAttr(odbc->environment, SQL_ATTR_ODBC_VERSION,
			   (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0) != SQL_SUCCESS))
		return cb_fail(err, CB_SETUP, "unixODBC 无法启动", "unixODBC cannot start");
	if (SQLAllocHandle(SQL_HANDLE_DBC, odbc->environment, &odbc->database) != SQL_SUCCESS)
		return cb_fail(err, CB_AGAIN, "系统资源不足，连不上数据库",
			       "the system has no room for a connection");
	SQLSetConnectAttr(odbc->database, SQL_ATTR_LOGIN_TIMEOUT,
			  (SQLPOINTER)(uintptr_t)LOGIN_SECONDS, 0);
	return CB_OK;
}

/* Its name, and that it takes back what is not committed: without, nothing is certain. */
static int get_to_know(struct odbc *odbc, struct cb_error *err)
{
	SQLUSMALLINT can = SQL_TC_ALL;
	SQLSMALLINT len;

	if (!SQL_SUCCEEDED(SQLGetInfo(odbc->database, SQL_DBMS_NAME, odbc->product,
				      sizeof(odbc->product), &len)))
		odbc->product[0] = '\0';
	if (SQL_SUCCEEDED(SQLGetInfo(odbc->database, SQL_TXN_CAPABLE, &can, sizeof(can), &len)) &&
	    can == SQL_TC_NONE && (odbc->write || odbc->withdraw))
		return cb_fail(
			err, CB_SETUP, "这个数据库没有事务：写到一半时无法撤回，不能用来写出",
			"this database has no transactions: half a record could not be taken "
			"back, so nothing is written to it");
	if (!SQL_SUCCEEDED(SQLSetConnectAttr(odbc->database, SQL_ATTR_AUTOCOMMIT,
					     (SQLPOINTER)(uintptr_t)SQL_AUTOCOMMIT_OFF, 0)))
		return odbc_failed(odbc, SQL_HANDLE_DBC, odbc->database, CONNECTING, NULL, err);
	return CB_OK;
}

static int open_it(struct odbc *odbc, struct cb_error *err)
{
	const struct cb_element *element = cb_child(odbc->manifest, "database", NULL);
	struct bytes string = { 0 };
	SQLWCHAR *wide;
	SQLRETURN rc;
	size_t units;
	int verdict = fill(odbc, cb_attribute(element, "connect"), &string, err);

	if (verdict == CB_OK) {
		wide = wide_new((struct cb_text){ string.at, string.len }, &units);
		rc = SQLDriverConnectW(odbc->database, NULL, wide, (SQLSMALLINT)units, NULL, 0,
				       NULL, SQL_DRIVER_NOPROMPT);
		explicit_bzero(wide, units * sizeof(*wide));
		free(wide);
		odbc->is_connected = SQL_SUCCEEDED(rc);
		if (!odbc->is_connected)
			verdict = odbc_failed(odbc, SQL_HANDLE_DBC, odbc->database, CONNECTING,
					      NULL, err);
	}
	if (string.at)
		explicit_bzero(string.at, string.room);
	free(string.at);
	return verdict;
}

static int read_setting(struct odbc *odbc, const char *name, struct cb_error *err)
{
	struct cb_text value;
	int rc = cb_credential(odbc->task, name, &value, err);

	if (rc == CB_OK && value.at)
		odbc->settings[odbc->setting_count++] = (struct cb_name){
			name, cb_text_of(cb_task_printf(odbc->task, "%.*s", CB_TEXT_ARG(value))),
			false
		};
	return rc;
}

/* All that statements may name; a secret is not among them (the checker saw to it). */
static int read_settings(struct odbc *odbc, struct cb_error *err)
{
	size_t count = 0;
	int rc;

	if (odbc->settings)
		return CB_OK;
	for (const struct cb_element *at = NULL; (at = cb_child(odbc->manifest, "setting", at));)
		count++;
	odbc->settings = cb_task_alloc(odbc->task, (count + 2) * sizeof(*odbc->settings));
	rc = read_setting(odbc, "account", err);
	for (const struct cb_element *at = NULL;
	     rc == CB_OK && (at = cb_child(odbc->manifest, "setting", at));) {
		const char *secret = cb_attribute(at, "secret");

		if (!secret || strcmp(secret, "yes") != 0)
			rc = read_setting(odbc, cb_attribute(at, "name"), err);
	}
	return rc;
}

int odbc_connect(struct odbc *odbc, struct cb_error *err)
{
	struct scope settings = { 0 };
	int rc;

	if (odbc->is_connected)
		return CB_OK;
	odbc_disconnect(odbc);
	odbc->connection++;
	rc = read_settings(odbc, err);
	settings = (struct scope){ .names = odbc->settings, .count = odbc->setting_count };
	if (rc == CB_OK)
		rc = begin(odbc, err);
	if (rc == CB_OK)
		rc = open_it(odbc, err);
	if (rc == CB_OK)
		rc = get_to_know(odbc, err);
	for (struct statement *s = odbc->opening; s && rc == CB_OK; s = s->next) {
		rc = statement_run(odbc, s, &settings, CONNECTING, NULL, NULL, err);
		statement_close(s);
	}
	/* What was set for the session stays, where a transaction would take it back. */
	if (rc == CB_OK && odbc->opening)
		rc = odbc_end(odbc, true, NULL, err);
	if (rc != CB_OK)
		odbc_disconnect(odbc);
	return rc;
}

int odbc_end(struct odbc *odbc, bool commits, struct diagnosis *out, struct cb_error *err)
{
	SQLRETURN rc;

	if (!odbc->is_connected)
		return commits ? cb_fail(err, CB_DOUBT, "提交之前连接断了",
					 "the connection was lost before the commit")
			       : CB_OK;
	for (struct statement *s = odbc->statements; s; s = s->other)
		statement_close(s);
	rc = SQLEndTran(SQL_HANDLE_DBC, odbc->database, commits ? SQL_COMMIT : SQL_ROLLBACK);
	if (SQL_SUCCEEDED(rc))
		return CB_OK;
	if (!commits) { /* whatever it is, a new connection has nothing of it */
		odbc_disconnect(odbc);
		return CB_OK;
	}
	return odbc_failed(odbc, SQL_HANDLE_DBC, odbc->database, COMMITTING, out, err);
}
