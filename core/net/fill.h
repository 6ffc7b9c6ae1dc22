/*
 * fill.h - a request with holes becomes the bytes that go out.
 *
 * Order: the body; then parameters and form values that do not sign anything;
 * then those that name the body or the query; headers last. So a signature
 * sees everything that is sent, save itself.
 */
#ifndef NET_FILL_H
#define NET_FILL_H

#include "net/net.h"

struct filled {
	const char *method;
	struct buffer url; /* whole, with the query */
	struct buffer body;
	bool has_body;
	struct buffer *headers; /* "Name: value" each */
	size_t header_count, header_room;
};

/* @now and @nonce: the one instant and the one random text of this request. */
CB_CHECKED int fill_request(const struct net_account *account, const struct cb_request *request,
			    int64_t now, const char *nonce, struct filled *out,
			    struct cb_error *err);
void filled_done(struct filled *filled);

#endif
