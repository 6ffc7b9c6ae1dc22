/*
 * reconcile.h - have we met this one before? Fellegi-Sunter linkage of records in
 * memory; the door of this folder.
 *
 *     spec = link_spec_read(...); linker = linker_new(spec, &options);
 *     linker_load(...) once a file; linker_run(...); then ask.
 *
 * The answer is a function of the records and the specification: neither the number of
 * threads nor the order of the rows changes a byte of it.
 */
#ifndef RECONCILE_RECONCILE_H
#define RECONCILE_RECONCILE_H

#include <casebridge/error.h>

struct arena;
struct buffer;
struct grammar;
struct problems;

extern const struct grammar link_grammar;

struct link_spec;
/* In @arena; NULL with problems added. */
struct link_spec *link_spec_read(struct arena *arena, const char *path, struct problems *problems);

/* How long each part of a run took, for who wants to know. */
#define LINK_PHASES 16
struct link_phase {
	const char *name;
	double wall, cpu; /* seconds; cpu: of all threads */
	long peak;        /* kB of memory that the process had at most until then */
};
struct link_phases {
	struct link_phase at[LINK_PHASES];
	size_t count;
	double wall, cpu; /* when the last one ended */
};
/* What was done since the last call is part of @name (a literal), or of nothing: NULL. */
void link_phase(struct link_phases *phases, const char *name);

struct link_options {
	unsigned threads; /* 0: all cores */
	double threshold; /* probability from which to link; 0: the specification, or calibrated */
	const char *params; /* file of learned parameters to use; NULL: learn */
	const char *labels; /* file of pairs or clusters that are known; NULL: none */
	bool learns_from_labels;
	const char *rulings;  /* file of must-links and cannot-links; NULL: none */
	const char *previous; /* clusters of an earlier run, whose numbers stay; NULL: none */
	size_t memory;        /* bytes that the process should stay below; 0: as many as it takes */
	struct link_phases *phases; /* to fill; NULL: nobody asks */
};

struct linker;
struct linker *linker_new(const struct link_spec *spec, const struct link_options *options);
void linker_free(struct linker *linker);
CB_CHECKED int linker_load(struct linker *linker, const char *path, const char *source,
			   struct cb_error *err);
CB_CHECKED int linker_run(struct linker *linker, struct cb_error *err);

/* What came of it. */
struct link_rule_result {
	const char *name;
	uint64_t found, first; /* pairs; those that no earlier rule finds */
	uint64_t lost;         /* true pairs that only this rule finds; with labels */
	uint64_t right;        /* true pairs that it finds */
};
struct link_quality {
	uint64_t found, right, all; /* pairs */
	double precision, recall, f1;
};
struct link_result {
	size_t records, sources, pairs, links, clusters, linked, doubtful, split;
	double cut_probability, cut_weight;
	double precision, recall, f1; /* as expected, of the links */
	double prior;                 /* the chance that two random records match */
	double kin;
	bool is_cut_given;
	bool has_truth;
	struct link_quality at_cut, best, in_clusters;
	double best_probability;
	uint64_t blocked; /* true pairs that the rules find */
	size_t rule_count;
	struct link_rule_result rules[32];
};
void linker_result(const struct linker *linker, struct link_result *out);

/* Sentences a user should know of: levels never seen, parameters that did not settle, blocks that
 * were too large. Calls @say for each. */
void linker_warnings(const struct linker *linker, void (*say)(void *with, const char *text),
		     void *with);

/* CSV: source,id,cluster; a row a record. */
void linker_clusters_csv(const struct linker *linker, struct buffer *out);
/* CSV: the two, weight, probability, the level of each comparison; what is linked or doubtful. */
void linker_pairs_csv(const struct linker *linker, struct buffer *out);
/* The same as an SQLite file: see store/linkage.h. */
CB_CHECKED int linker_store(const struct linker *linker, const char *path, struct cb_error *err);
/* JSON; linker_options.params reads it. */
void linker_params_json(const struct linker *linker, struct buffer *out);
/* Precision, recall and F1 at a threshold; for each that matters, from strict to loose. */
struct link_point {
	double probability, weight;
	struct link_quality measured;
	double precision, recall; /* as expected */
};
void linker_curve(const struct linker *linker,
		  void (*take)(void *with, const struct link_point *point), void *with);

/* Why two are linked or not: a part a line. */
struct link_part {
	const char *name, *level; /* level: NULL for the prior and the household */
	const char *id, *word;    /* the same as the specification says them, in no language */
	const char *left, *right; /* normal forms; NULL: missing */
	double weight, frequency; /* of the level; what frequency adds */
};
/* Parts that are no comparison, and what people call them; NULL: it is none of these. */
#define PART_PRIOR "(prior)"
#define PART_HOME "(household)"
#define PART_MOVED "(moved)"
const char *link_part_name(const char *id);
struct link_verdict {
	double weight, probability;
	bool is_never, is_linked, is_same_cluster;
	const char *rules; /* that find the pair, "" for none */
};
/* CB_SETUP where a record is not there. @left: "id", or "source:id". */
CB_CHECKED int linker_explain(const struct linker *linker, struct arena *arena, const char *left,
			      const char *right,
			      void (*take)(void *with, const struct link_part *part), void *with,
			      struct link_verdict *verdict, struct cb_error *err);

/* Which blocking rules a budget of pairs would buy, best first; after linker_run, whose model it
 * uses. */
struct link_profile_rule {
	const char *name;
	const char *xml;       /* as the specification says it */
	uint64_t pairs, fresh; /* that it finds; those that no rule before it finds */
	double gain;           /* true pairs, as expected, that no rule before it finds */
	double alone, recall;  /* as expected: of it alone, of all up to it */
	bool is_in_spec;
};
struct link_profile {
	size_t candidates, affordable, count;
	uint64_t budget, pairs; /* compared with all of them */
	double matches;         /* true pairs, as expected, that some candidate finds */
	double recall, spec_recall;
	uint64_t spec_pairs; /* the same of the specification's own rules */
	bool has_truth;
	uint64_t right, all; /* true pairs that they find; with labels */
	struct link_profile_rule rules[32];
};
/* Names in @arena. */
void linker_profile(const struct linker *linker, unsigned pairs_per_record, struct arena *arena,
		    struct link_profile *out);

/* SVG: the weight of every level, with m and u. */
void linker_draw(const struct linker *linker, struct buffer *out);
/* SVG: how the weight of two comes about, part by part. */
CB_CHECKED int linker_draw_pair(const struct linker *linker, const char *left, const char *right,
				struct buffer *out, struct cb_error *err);

#endif
