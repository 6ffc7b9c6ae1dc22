/*
 * error.h - what happened, as an instruction to the caller and a sentence for
 * the user.
 *
 * Every function that can fail returns a verdict: 0 is success, and each other
 * one says what the engine does next. The sentence says where, what, the rule
 * and what to do. It never holds a personal value, a secret or a bare errno.
 *
 * Sentences are given twice, Chinese and English, with the same arguments in
 * the same order; the user's language chooses (--lang, Chinese by default).
 */
#ifndef CASEBRIDGE_ERROR_H
#define CASEBRIDGE_ERROR_H

#include <casebridge/text.h>

enum cb_verdict {
	CB_OK = 0,
	CB_END,     /* nothing more; not a fault */
	CB_AGAIN,   /* a passing fault: the same call later may succeed */
	CB_LIMIT,   /* too fast or too much: slow down, then again */
	CB_LOGIN,   /* the session is over: log in and call again */
	CB_REFUSED, /* this record, never; go on with the next */
	CB_DOUBT,   /* it was sent, and nobody knows what became of it */
	CB_SETUP,   /* a person must change something first */
	CB_BROKEN,  /* what came is not what it claims to be */
};

#define CB_ERROR_MAX 1024

struct cb_error {
	enum cb_verdict verdict;
	uint32_t line, column; /* in the document; 1-based, 0 unknown */
	int64_t wait_ms;       /* with CB_LIMIT and CB_AGAIN: not before; 0 unsaid */
	char text[CB_ERROR_MAX];
};

#define CB_API __attribute__((visibility("default")))
#define CB_CHECKED __attribute__((warn_unused_result))
#define CB_SAYS(zh, en, args) __attribute__((format(printf, zh, args), format(printf, en, args)))

/* Fill @err (may be NULL) and give back the verdict. A macro, so that an analyser sees the path
 * fail. */
#define cb_fail(err, verdict, ...) (cb_error_set((err), (verdict), __VA_ARGS__), (int)(verdict))

CB_API void cb_error_set(struct cb_error *err, enum cb_verdict verdict, const char *zh,
			 const char *en, ...) CB_SAYS(3, 4, 5);

/* Put what the caller knows in front: "flow orders: orders.xml:12: …". */
CB_API void cb_error_prefix(struct cb_error *err, const char *zh, const char *en, ...)
	CB_SAYS(2, 3, 4);

/* The stable English word of a verdict: "ok", "again", … */
CB_API const char *cb_verdict_word(enum cb_verdict verdict);
/* And back, as a manifest says it; CB_DOUBT, the careful one, where it is none (NULL too). */
CB_API enum cb_verdict cb_verdict_named(const char *word);

/* The one of the two that the user reads. For words inside sentences. */
CB_API const char *cb_say(const char *zh, const char *en);

#endif
