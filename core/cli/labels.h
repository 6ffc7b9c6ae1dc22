/*
 * labels.h - words for people in the place of codes. For the files of this folder.
 */
#ifndef CLI_LABELS_H
#define CLI_LABELS_H

#include "cli/call.h"

/*
 * "婚姻家庭纠纷 (marriage)" for a value of that field; the value itself where it
 * is no code, or nobody has a word for it. The first question reads the
 * libraries beside the model (codes/ next to model/); the site's mappings are
 * asked after them.
 */
struct labels;
struct labels *labels_new(struct call *call, const struct site *site);
struct cb_text labels_say(struct labels *labels, const struct field *field, struct cb_text value);
void labels_free(struct labels *labels);

/* What a finding's code means: "代码不在表里" for "code". */
const char *cause_label(const char *code);
/* How a run ended: "完成" for "ok"; "" for NULL. */
const char *result_label(const char *result);

#endif
