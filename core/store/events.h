/*
 * events.h - the log of what was done to clusters. For the files of this folder.
 */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "store/cluster.h"
#include "store/inside.h"

CB_CHECKED int event_begin(struct store *store, const char *entity, const struct store_act *act,
			   int64_t undoes, int64_t *event, struct cb_error *err);
/* The record goes from one cluster to another (0: it is alone), and exports look at it again. */
CB_CHECKED int ruling_add(struct store *store, const struct store_ruling *said, int64_t event,
			  struct cb_error *err);
CB_CHECKED int event_move(struct store *store, const struct table *entity, int64_t event,
			  int64_t record, int64_t before, int64_t after, struct cb_error *err);

#endif
