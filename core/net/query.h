/*
 * query.h - name=value pairs as signatures want them.
 */
#ifndef NET_QUERY_H
#define NET_QUERY_H

#include "base/buffer.h"

/* "b=2&a=1" → "a=1&b=2": the pairs as they are, sorted by name. */
void query_sorted(struct cb_text query, struct buffer *out);

/* The same, percent-decoded, without pairs whose value is empty. */
void query_pairs(struct cb_text query, struct buffer *out);

#endif
