/*
 * state.c - what an SQLSTATE means, in one table: by its five characters, else by its
 * class of two. What nobody knows is a passing fault as long as nothing is committed,
 * and a doubt from then on.
 */
#include "odbc.h"

/* In the order of enum phase. */
static const struct {
	const char *state;
	enum cb_verdict verdict[4];
} table[] = {
	{ "01", { CB_AGAIN, CB_OK, CB_OK, CB_OK } },              /* a warning */
	{ "02", { CB_AGAIN, CB_OK, CB_OK, CB_OK } },              /* no data */
	{ "07", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } },     /* parameters and columns */
	{ "08", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT } },     /* the connection */
	{ "21", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } },     /* numbers of values differ */
	{ "22", { CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED } }, /* a value that does not fit */
	{ "23", { CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED } }, /* a constraint */
	{ "25", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } },     /* read-only, or no transaction */
	{ "28", { CB_LOGIN, CB_LOGIN, CB_LOGIN, CB_DOUBT } },     /* who are you? */
	{ "3D", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } },     /* no such database */
	{ "3F", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } },     /* no such schema */
	{ "40", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_AGAIN } },     /* rolled back there */
	{ "40003", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT } },  /* whether is unknown */
	{ "42", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } },     /* syntax, names, rights */
	{ "44", { CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED } }, /* a view's own check */
	{ "53", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT } },     /* it has no room */
	{ "54", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } },     /* too much for it */
	{ "55", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT } },     /* locked */
	{ "57", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT } },     /* it is being shut down */
	{ "58", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT } },     /* its system */
	{ "HYC00", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } },  /* the driver cannot */
	{ "HYT00", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT } },  /* it took too long */
	{ "HYT01", { CB_AGAIN, CB_AGAIN, CB_AGAIN, CB_DOUBT } },
	{ "IM", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } }, /* driver, data source */
	{ "S0", { CB_SETUP, CB_SETUP, CB_SETUP, CB_DOUBT } }, /* as 42, of older drivers */
	{ "P0",
	  { CB_SETUP, CB_SETUP, CB_REFUSED, CB_REFUSED } }, /* a procedure or trigger says no */
};

enum cb_verdict state_verdict(const char state[6], enum phase phase)
{
	const enum cb_verdict *found = NULL;
	size_t known = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		size_t len = strlen(table[i].state);

		if (len > known && strncmp(state, table[i].state, len) == 0) {
			found = table[i].verdict;
			known = len;
		}
	}
	if (found)
		return found[phase];
	return phase == COMMITTING ? CB_DOUBT : CB_AGAIN;
}

const char *state_of_native(const char *product, long native)
{
	static const struct {
		const char *product;
		long native;
		const char *state;
	} known[] = {
		{ "SQLite", 1, "42000" },  /* SQLITE_ERROR: the statement */
		{ "SQLite", 5, "40001" },  /* SQLITE_BUSY */
		{ "SQLite", 6, "40001" },  /* SQLITE_LOCKED */
		{ "SQLite", 8, "25006" },  /* SQLITE_READONLY */
		{ "SQLite", 13, "53100" }, /* SQLITE_FULL */
		{ "SQLite", 14, "08001" }, /* SQLITE_CANTOPEN */
		{ "SQLite", 19, "23000" }, /* SQLITE_CONSTRAINT */
		{ "SQLite", 20, "22000" }, /* SQLITE_MISMATCH */
		{ "SQLite", 26, "08001" }, /* SQLITE_NOTADB */
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].native == native && strcmp(known[i].product, product) == 0)
			return known[i].state;
	return NULL;
}

const char *state_of_login(const char *text)
{
	static const struct {
		const char *words, *state;
	} known[] = {
		{ "authentication failed", "28000" },
		{ "access denied", "28000" },
		{ "login failed", "28000" },
		{ "logon denied", "28000" },
		{ "ORA-01017", "28000" },
		{ "ORA-28000", "28000" },
		{ "pg_hba.conf", "28000" },
		{ "认证失败", "28000" },
		{ "密码错误", "28000" },
		{ "口令错误", "28000" },
		{ "does not exist", "3D000" },
		{ "unknown database", "3D000" },
		{ "不存在", "3D000" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcasestr(text, known[i].words))
			return known[i].state;
	return NULL;
}
