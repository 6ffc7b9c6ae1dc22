/*
 * site.h - one installation: its connections, accounts and flows.
 *
 * Read from SITE/site.xml with the connectors and mappings it names; everything
 * is checked in one pass, with places.
 */
#ifndef FLOW_SITE_H
#define FLOW_SITE_H

#include "host/host.h"
#include "host/manifest.h"
#include "mapping/mapping.h"
#include "model/model.h"
#include "net/net.h"
#include "rules/deadline.h"
#include "rules/timetable.h"

struct site_account {
	const char *name;
	const char *condition;  /* for="…": which records it sends; NULL: all */
	struct net_account net; /* settings of the connection and its own; secrets as files */
	const struct cb_element *element;
};

struct site_connection {
	const char *name, *label;
	struct manifest *manifest;
	struct worker_setting
		*settings; /* the connection's own, no secret, folders made absolute */
	size_t setting_count;
	struct site_account *accounts; /* a connection without any has one called "" */
	size_t account_count;
	const struct cb_element *element;
};

struct search_rules;

struct site_flow {
	const char *name, *label;
	bool is_export;
	struct site_connection *connection;
	const struct manifest_stream *stream;
	const char *stream_name;  /* "grid/events": the store's name for it */
	const char *mapping_file; /* absolute */
	struct mapping *mapping;
	const struct worker_text *kept; /* its texts, where it is not the file's; NULL */
	size_t kept_count;
	int tables; /* its code tables that are ready, for workers; 0: none */
	const struct table *entity;
	struct condition *when; /* NULL: always */
	bool needs_approval;
	bool finds_duplicates;       /* of an import: search for them after it */
	struct timetable *timetable; /* NULL: when there is something to do */
	const char *catch_up;        /* once, each, skip; NULL: once */
	struct deadline *deadline;   /* NULL: none */
	/* Of an import: its records are receipts of that export; NULL: they are records like any.
	 */
	const struct site_flow *receipts_of;
	const struct cb_element *element;
};

/* Of what people can be told. */
enum notice_kind {
	NOTICE_DEADLINE, /* a step before a deadline */
	NOTICE_LATE,
	NOTICE_LOCKED, /* an account */
	NOTICE_REST,   /* an account's breaker is open */
	NOTICE_FAILED, /* a run */
	NOTICE_HELD,   /* more than so many */
	NOTICE_QUESTION,
	NOTICE_APPROVAL,
	NOTICE_MAPPING, /* not taken up */
	NOTICE_MISSED,  /* a planned run */
	NOTICE_ENGINE,  /* it cannot work */
	NOTICE_KINDS,
};
const char *notice_word(enum notice_kind kind);  /* as site.xml says it */
const char *notice_label(enum notice_kind kind); /* for people */

/* A <notice>: where people are told. */
enum notice_form { NOTICE_WECOM, NOTICE_DINGTALK, NOTICE_JSON, NOTICE_FILE };
struct site_notice {
	const char *name, *label;
	enum notice_form form;
	unsigned kinds;         /* a bit each */
	int64_t again_ms;       /* the same is said once in that time */
	int64_t held;           /* more than so many held are worth a notice */
	const char *folder;     /* NOTICE_FILE: absolute */
	struct net_account net; /* else: the address is a secret, for it carries a key */
	bool is_signed;
	const struct cb_element *element;
};

struct site {
	const char *folder; /* absolute */
	const char *name;
	int zone;       /* minutes east */
	int watch_port; /* on loopback, for whoever watches over machines; 0: none */

	const char *mappings;  /* folder of mappings/, absolute: the site's own, else the
				  installation's */
	const char *installed; /* the installation's mappings/, absolute */
	const char *plugins;   /* folder of .so files */
	const char *model_file, *store_file;
	struct model *model;
	struct search_rules **rules; /* of duplicates, by entity of the model; NULL: none */
	struct workdays *workdays;   /* NULL: no calendar */
	struct site_connection *connections;
	size_t connection_count;
	struct site_flow *flows;
	size_t flow_count;
	struct site_notice *notices;
	size_t notice_count;
	/* Secrets that are missing or open to others: each stops its own account, and no other. */
	size_t unset;
};

/*
 * Where the installation keeps its parts: $CASEBRIDGE_MAPPINGS and
 * $CASEBRIDGE_PLUGINS, else beside the program (build tree), else under its
 * prefix. A site's own folder mappings/ wins file by file.
 */
char *site_plugins_folder(struct arena *arena);
char *site_mappings_folder(struct arena *arena);

/* In @arena; NULL with problems added. Warnings alone are added too, and so is what is the trouble
 * of one account alone (@unset): an error among the problems, and the site is read all the same. */
struct site *site_read(struct arena *arena, const char *folder, struct problems *problems);
void site_done(struct site *site); /* what does not live in the arena */

struct site_flow *site_flow(const struct site *site, const char *name);

/* By which records of the entity are one: mappings/rules/ENTITY.xml; NULL: there is none. */
const struct search_rules *site_rules(const struct site *site, const struct table *entity);

/*
 * The secrets that site.xml names for "province/zhihe", for a connection alone or a
 * notice; whether they are set already does not matter. NULL with problems added.
 */
struct site_secret {
	const char *name, *label;
	const char *file, *path; /* as site.xml says it, and absolute */
};
struct site_secret *site_secrets(struct arena *arena, const char *folder, const char *account,
				 size_t *count, struct problems *problems);

/* A new site: a commented site.xml, secrets/ (0700), inbox/. Refuses a folder that has one. */
CB_CHECKED int site_init(const char *folder, struct cb_error *err);

struct grammar;
extern const struct grammar site_grammar;

#endif
