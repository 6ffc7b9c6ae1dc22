/*
 * dispute.h - one invented dispute, and the shapes in which it is written.
 *
 * Coded values are kept as the grid codes them; the JSON and CSV writers turn
 * them into our canonical names.
 */
#ifndef SIM_DISPUTE_H
#define SIM_DISPUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/common/random.h"
#include "sim/common/text.h"

#define PARTIES 4

struct party {
	char role[8];
	char name[96], id[24], phone[12], birth[9], address[192];
	bool is_female, is_company;
};

/* Moments are yyyyMMddHHmmss. */
struct dispute {
	char id[32], number[32], title[256];
	struct text about; /* reused from one dispute to the next */
	char type[8], handling[4], state[4];
	char changed[15], occurred[15], reported[15], appointed[15];
	char address[192], village[48];
	int town, studio, people;
	char reporter[32], reporter_phone[12];
	int channel, level, urgency;
	int64_t amount;  /* fen */
	int east, north; /* a ten-thousandth of a degree */
	bool is_withdrawn;
	const char *note;
	int parties;
	struct party party[PARTIES];
};

/* Make up everything but the id and the number. @from and @to are seconds of
 * local time since 1970; what is reported lies between them. */
void dispute_invent(struct dispute *d, struct random *r, int64_t from, int64_t to);

void dispute_moment(char out[15], int64_t local_seconds);

/* As <event>…</event>. */
void dispute_xml(struct text *out, const struct dispute *d);
/* As one line of JSON. */
void dispute_json(struct text *out, const struct dispute *d);
void dispute_csv_header(struct text *out);
void dispute_csv(struct text *out, const struct dispute *d);

/* A title, and a narrative of 100 to 400 characters. */
void story_title(struct dispute *d, struct random *r);
void story_tell(struct dispute *d, struct random *r);

#endif
