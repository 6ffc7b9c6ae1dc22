/*
 * gateway.h - a vendor's gateway, as it is seen in front of a grid: a list that
 * has only keys, a detail for each, and documents inside texts.
 */
#ifndef SIM_GATEWAY_H
#define SIM_GATEWAY_H

#include "sim/common/server.h"

#define GATEWAY_ISSUES 5 /* G1 … G5 */

/*
 * POST /gateway/page, form page=1…        two keys a page
 * POST /gateway/detail, form id=G1        the record
 * GET  /gateway/wrapped?as=json|xml|base64|array|nothing
 *                                         records as the text `datas`, as an array, or as ""
 * POST /gateway/upload, multipart         takes the part `file`; says its name and bytes
 *
 * False: another path.
 */
bool gateway_answer(const struct request *request, struct reply *reply);

#endif
