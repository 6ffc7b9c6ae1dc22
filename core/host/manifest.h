/*
 * manifest.h - a connector: how to speak with one kind of system.
 *
 * Reading checks everything that can be known without the system: elements,
 * attributes, paths, conditions, templates, the names that are inserted, and
 * that a success is what the answer says and not only a status of 200.
 */
#ifndef HOST_MANIFEST_H
#define HOST_MANIFEST_H

#include "base/memory.h"
#include "base/problem.h"

struct manifest_setting {
	const char *name, *label, *type; /* type: NULL text, url folder integer */
	bool is_needed, is_secret, is_per_account;
};

struct manifest_stream {
	const char *name, *label, *mapping; /* mapping: the file, beside mappings/ */
	const struct cb_element *element;
	bool can_read, can_write, can_find, can_count, can_list, can_receipts, can_withdraw;
	int64_t batch; /* records in one write; 1 */
	enum repeat { REPEAT_UNSAFE, REPEAT_BY_KEY, REPEAT_SAFE } repeat, withdraw_repeat;
	int64_t delay_ms, lag_ms;  /* write's delay (15 min), find's lag (5 min) */
	int64_t receipts_every_ms; /* 1 h */
	bool cites;                /* a correction names the receipt of what it corrects */
};

struct manifest {
	const char *name, *label, *by; /* the plugin */
	bool has_own_connection;       /* connection="own": it is trusted with network and secret */
	const char *file;
	const struct cb_element *root;
	struct manifest_setting *settings;
	size_t setting_count;
	struct manifest_stream *streams;
	size_t stream_count;
	double rate; /* a second, per account; 0 unlimited */
	int64_t timeout_ms, body_max;
	int64_t quota;  /* requests a day, per account; 0 unlimited */
	bool has_hours; /* open from, until: minutes of the site's day; until may be tomorrow's */
	int open_from, open_until;
	int64_t retry_first_ms, retry_most_ms, retry_give_up_ms; /* 1 s, 5 min, 6 h */
	int64_t break_after, rest_ms; /* failures in a row, and then a rest: 5, 2 min */
};

/* In @arena; NULL with problems added. */
struct manifest *manifest_read(struct arena *arena, const char *path, struct problems *problems);
const struct manifest_stream *manifest_stream(const struct manifest *manifest, const char *name);
const struct manifest_setting *manifest_setting(const struct manifest *manifest, const char *name);

/*
 * What the statements of <write> take of a record, as the mapping calls it: "title", of a list
 * "party/name". Paths that choose by a condition are left out.
 */
void manifest_takes(const struct manifest_stream *stream, struct arena *arena,
		    void (*each)(void *with, const struct cb_element *sql, const char *name),
		    void *with);

struct grammar;
extern const struct grammar manifest_grammar;

#endif
