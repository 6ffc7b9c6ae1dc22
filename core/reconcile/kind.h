/*
 * kind.h - how two records belong together: the same, a repetition, a successor …
 */
#ifndef RECONCILE_KIND_H
#define RECONCILE_KIND_H

#include "reconcile/rows.h"

/* The first kind whose conditions all hold; NULL: the specification has none that fits. */
const struct spec_kind *kind_of(const struct rows *rows, uint32_t a, uint32_t b);

#endif
