/*
 * stream.h - bytes in and bytes out, for formats.
 *
 * What comes in is already UTF-8: the host decided the charset on the evidence
 * of the document and keeps the exact bytes. A byte order mark is gone. Only a
 * format that is_binary gets the exact bytes themselves.
 */
#ifndef CASEBRIDGE_STREAM_H
#define CASEBRIDGE_STREAM_H

#include <casebridge/error.h>

struct cb_input;
struct cb_output;

/*
 * The next piece, at most 256 kB; { NULL, 0 } with CB_OK at the end. A piece
 * may end inside a character. Valid until the next call.
 */
CB_API CB_CHECKED int cb_input_next(struct cb_input *in, struct cb_text *piece,
				    struct cb_error *err);

/*
 * For a binary format, whose documents are sometimes text that goes by a wrong
 * name: these bytes of it as UTF-8, the charset decided on their evidence.
 * Valid until @in is done. CB_BROKEN where they are no text.
 */
CB_API CB_CHECKED int cb_input_text(struct cb_input *in, struct cb_text bytes, struct cb_text *text,
				    struct cb_error *err);

/* Append. The host hands it on in blocks; it cannot fail, the run ends instead. */
CB_API void cb_output_put(struct cb_output *out, struct cb_text bytes);

/* Append with the characters that XML or JSON gives a meaning escaped; no quotes around it. */
CB_API void cb_output_put_xml(struct cb_output *out, struct cb_text text);
CB_API void cb_output_put_json(struct cb_output *out, struct cb_text text);

#endif
