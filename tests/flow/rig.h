/*
 * rig.h - a whole site in a folder of its own, the scripted platform, and a clock
 * that moves only when something waits.
 */
#ifndef TESTS_FLOW_RIG_H
#define TESTS_FLOW_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "flow/flow.h"
#include "flow/platform.h"

#define NOW INT64_C(1711929600000) /* 2024-04-01T08:00:00+08:00 */
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

#define MODEL                                                                                      \
	"<model name='m'><entity name='case' label='Case'>"                                        \
	"<field name='number' label='Number' type='text' unique='yes'/>"                           \
	"<field name='title' label='Title' type='text'/>"                                          \
	"<field name='note' label='Note' type='text'/>"                                            \
	"<field name='studio' label='Studio' type='text'/>"                                        \
	"<field name='status' label='Status' type='text'/>"                                        \
	"<field name='closed' label='Closed' type='date'/></entity></model>"
#define MAPPING                                                                                    \
	"<mapping name='p'><there format='json'/><here type='case'/>"                              \
	"<field here='number' there='k' key='yes' need='yes'/>"                                    \
	"<field here='title' there='t'/><field here='studio' there='s'/></mapping>"
#define ACCOUNTS                                                                                   \
	"<account name='a' for=\"studio='A'\"><set name='user' value='a'/></account>"              \
	"<account name='b' for=\"studio='B'\"><set name='user' value='b'/></account>"
#define FIND                                                                                       \
	"<find method='GET' url='{base}/find' held='data/k' record='data' receipt='no' lag='5m'>"  \
	"<param name='k' value='{key}'/></find>"
#define WITHDRAW                                                                                   \
	"<withdraw method='POST' url='{base}/gone'><body type='json'>{{\"once\":\"{once}\","       \
	"\"k\":\"{key}\",\"no\":\"{receipt}\"}}</body>"                                            \
	"<answers><answer when=\"status=200 and code='0'\" is='ok' receipt='no'/></answers>"       \
	"</withdraw>"

struct rig_setup {
	const char *limits, *write, *calls,
		*flow;       /* attributes, attributes, elements, attributes */
	const char *answers; /* elements; NULL: 503 is surely not taken */
	const char *notes;   /* more elements of the site */
};

struct rig {
	struct platform p;
	char folder[64];
	struct arena arena, call;
	struct site *site;
	struct engine *engine;
	struct engine_seams seams;
	uint64_t random;
	struct cb_error err;
	struct flow_report report;
};

static inline int64_t rig_now(void *with)
{
	struct rig *rig = with;
	int64_t now;

	pthread_mutex_lock(&rig->p.mutex);
	now = rig->p.now;
	pthread_mutex_unlock(&rig->p.mutex);
	return now;
}

static inline void rig_wait(void *with, int64_t ms)
{
	struct rig *rig = with;

	pthread_mutex_lock(&rig->p.mutex);
	rig->p.now += ms > 0 ? ms : 0;
	pthread_mutex_unlock(&rig->p.mutex);
}

/* Always the same, and never twice. */
static inline void rig_random(void *with, void *bytes, size_t len)
{
	struct rig *rig = with;

	for (size_t i = 0; i < len; i++) {
		rig->random = rig->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		((unsigned char *)bytes)[i] = (unsigned char)(rig->random >> 33);
	}
}

#define ok(rig, call)                                                                              \
	do {                                                                                       \
		int rc_ = (call);                                                                  \
		if (rc_ != CB_OK)                                                                  \
			fail_msg("%s: %d %s", #call, rc_, (rig)->err.text);                        \
	} while (0)

static inline void rig_write(struct rig *rig, const char *name, const char *text)
{
	ok(rig, file_write(arena_printf(&rig->call, "%s/%s", rig->folder, name), cb_text_of(text),
			   0600, &rig->err));
}

static inline void rig_files(struct rig *rig, const struct rig_setup *s)
{
	static const char *const folders[] = { "mappings", "mappings/model", "mappings/connectors",
					       "secrets" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		mkdir(arena_printf(&rig->call, "%s/%s", rig->folder, folders[i]), 0700);
	rig_write(rig, "mappings/model/m.xml", MODEL);
	rig_write(rig, "mappings/p.xml", MAPPING);
	rig_write(rig, "mappings/connectors/p.xml",
		  arena_printf(
			  &rig->call,
			  "<connector name='p' by='http'><setting name='base' type='url' "
			  "need='yes'/><setting name='user' account='yes' need='yes'/>"
			  "<header name='X-User' value='{user}'/><limits timeout='5s' %s/>"
			  "<answers>%s<answer when=\"status=200 and code='0'\" is='ok'/></answers>"
			  "<stream name='cases' mapping='p.xml'>"
			  "<write method='POST' url='{base}/save' %s><body type='json'>"
			  "{{\"once\":\"{once}\",\"list\":[{records}]}}</body>"
			  "<each answer='rows' match='k'><answer when=\"code='0'\" is='ok' "
			  "receipt='no'/><answer when=\"code='9'\" is='refused' say='msg'/>"
			  "</each></write>%s</stream></connector>",
			  s->limits ? s->limits : "",
			  s->answers ? s->answers : "<answer when='status=503' is='again'/>",
			  s->write ? s->write : "", s->calls ? s->calls : ""));
	rig_write(rig, "site.xml",
		  arena_printf(&rig->call,
			       "<site name='t' model='m' zone='+08:00'><connection name='p' "
			       "connector='p'><set name='base' value='http://127.0.0.1:%d'/>%s"
			       "</connection><export name='out' to='p/cases' "
			       "when=\"status='closed'\" %s/>%s</site>",
			       rig->p.port, ACCOUNTS, s->flow ? s->flow : "",
			       s->notes ? s->notes : ""));
}

static inline void rig_load(struct rig *rig)
{
	struct problems problems = { 0 };
	struct buffer out = { 0 };

	rig->site = site_read(&rig->arena, rig->folder, &problems);
	if (!rig->site) {
		problems_print(&problems, &out);
		fail_msg("%s", buffer_cstr(&out));
	}
	problems_done(&problems);
	ok(rig, engine_open(rig->site, &rig->seams, "test", &rig->engine, &rig->err));
}

static inline void rig_unload(struct rig *rig)
{
	engine_close(rig->engine);
	site_done(rig->site);
}

/* The engine ends and begins again: what is not in the store is gone. */
static inline void rig_restart(struct rig *rig)
{
	rig_unload(rig);
	rig_load(rig);
}

static inline struct rig *rig_open(const struct rig_setup *setup)
{
	struct rig *rig = memory_take(sizeof(*rig));
	const char *program = getenv("CASEBRIDGE_PROGRAM");

	assert_non_null(program);
	rig->p.now = NOW;
	rig->p.late_ms = 10 * MINUTE;
	platform_start(&rig->p);
	assert_true(rig->p.port > 0);
	/* In memory where that can be: hundreds of commits, and no test here is about the disk. */
	snprintf(rig->folder, sizeof(rig->folder), "%s/casebridge-flow-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(rig->folder));
	rig->seams.net = (struct net_seams){ rig_now, rig_random, rig_wait, rig };
	rig_files(rig, setup);
	{
		struct store *store = NULL;
		struct problems problems = { 0 };
		struct site *site = site_read(&rig->arena, rig->folder, &problems);
		struct buffer out = { 0 };

		if (!site) {
			problems_print(&problems, &out);
			fail_msg("%s", buffer_cstr(&out));
		}
		ok(rig, store_open(site->store_file, STORE_CREATE, site->model, &store, &rig->err));
		store_close(store);
		site_done(site);
		problems_done(&problems);
	}
	rig_load(rig);
	return rig;
}

static inline int rig_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline void rig_close(struct rig *rig)
{
	rig_unload(rig);
	platform_stop(&rig->p);
	nftw(rig->folder, rig_remove, 8, FTW_DEPTH | FTW_PHYS);
	arena_done(&rig->arena);
	arena_done(&rig->call);
	free(rig);
}

static inline const struct table *rig_entity(struct rig *rig)
{
	return model_entity(rig->site->model, "case");
}

/* A case as an import would say it. */
static inline void rig_put_closed(struct rig *rig, const char *number, const char *title,
				  const char *studio, const char *status, const char *closed)
{
	const struct table *entity = rig_entity(rig);
	struct row *row = row_new(&rig->call, entity->shape);
	struct store_origin origin = { .stream = "t/t", .system = "t", .key = cb_text_of(number) };
	enum store_put result;
	int64_t id;

	row->values[0] = cb_text_of(number);
	row->values[1] = cb_text_of(title);
	row->values[3] = cb_text_of(studio);
	row->values[4] = cb_text_of(status);
	row->values[5] = cb_text_of(closed);
	ok(rig, store_begin(rig->engine->store, rig_now(rig), &rig->err));
	ok(rig, store_put(rig->engine->store, entity, row, &origin, &result, &id, &rig->err));
	ok(rig, store_commit(rig->engine->store, &rig->err));
}

static inline void rig_put(struct rig *rig, const char *number, const char *title,
			   const char *studio, const char *status)
{
	rig_put_closed(rig, number, title, studio, status, NULL);
}

static inline enum cb_verdict rig_run(struct rig *rig)
{
	struct flow_options options = { 0 };

	rig->err.text[0] = '\0';
	ok(rig, flow_run(rig->engine, "out", &options, &rig->report, &rig->err));
	assert_true(counts_add_up(&rig->report.counts, true));
	return rig->report.verdict;
}

static inline struct store_delivery rig_look(struct rig *rig, const char *number)
{
	struct store_delivery d;
	int64_t id;

	ok(rig,
	   store_find(rig->engine->store, rig_entity(rig), cb_text_of(number), &id, &rig->err));
	ok(rig, store_delivery_of(rig->engine->store, "out", id, &rig->call, &d, &rig->err));
	return d;
}

static inline void rig_is(struct rig *rig, const char *number, enum delivery_state state)
{
	struct store_delivery d = rig_look(rig, number);

	if (d.state != state)
		fail_msg("%s is %s (%s: %s), not %s", number, delivery_state_word(d.state),
			 d.code ? d.code : "", d.say ? d.say : "", delivery_state_word(state));
}

static inline void rig_decide(struct rig *rig, const char *number, enum decision decision)
{
	struct store_delivery d = rig_look(rig, number);

	ok(rig, store_begin(rig->engine->store, rig_now(rig), &rig->err));
	ok(rig, store_decide(rig->engine->store, d.id, decision, NULL, &rig->err));
	ok(rig, store_commit(rig->engine->store, &rig->err));
}

/* For main: where the worker and its plugins are; every word in English. */
static inline int rig_prepare(void **state)
{
	char self[400];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *tests;

	(void)state;
	if (len < 0)
		return -1;
	self[len] = '\0';
	tests = strstr(self, "/tests/flow/");
	if (!tests)
		return -1;
	strcpy(tests, "/plugins");
	setenv("CASEBRIDGE_PLUGINS", self, 1);
	strcpy(tests, "/casebridge");
	setenv("CASEBRIDGE_PROGRAM", self, 1);
	say_language(LANGUAGE_EN);
	return 0;
}

#endif
