/*
 * sent.c - did the request arrive? The one table of what the library's results
 * and the statuses of answers prove.
 *
 * Said to have surely not arrived is only what the library reports before it
 * begins to send, and only where it counts no byte as sent; surely not taken in
 * is a status by which a server says that it did not look at the request. Every
 * other result, also one that a later library or a later server brings, means
 * that it may have arrived.
 */
#include "net/net.h"

#include <curl/curl.h>

enum cb_sent net_sent(int curl_code, int64_t bytes_sent)
{
	if (curl_code == CURLE_OK)
		return CB_ANSWERED;
	if (bytes_sent > 0)
		return CB_NO_ANSWER;
	switch (curl_code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_FAILED_INIT:
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_INTERFACE_FAILED:
	case CURLE_PROXY:
	/* The handshake of TLS comes before the request. */
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	/* Too late, but not a byte was sent: the connection was never made. */
	case CURLE_OPERATION_TIMEDOUT:
		return CB_NOT_SENT;
	default:
		return CB_NO_ANSWER;
	}
}

enum cb_sent cb_status_sent(int status)
{
	switch (status) {
	/* Taken, or so they say: what the answer holds decides. */
	case 200: /* ok */
	case 201: /* created */
	case 202: /* accepted */
	case 204: /* no content */
	/* Looked at and refused: the same again would be refused again. */
	case 400: /* bad request */
	case 402: /* payment required */
	case 403: /* forbidden */
	case 404: /* not found */
	case 405: /* method not allowed */
	case 410: /* gone */
	case 411: /* length required */
	case 412: /* precondition failed */
	case 413: /* too large */
	case 414: /* address too long */
	case 415: /* unsupported media type */
	case 416: /* range */
	case 417: /* expectation failed */
	case 422: /* cannot be processed */
	case 426: /* upgrade required */
	case 428: /* precondition required */
	case 431: /* headers too large */
	case 451: /* for legal reasons */
		return CB_ANSWERED;
	/* Sent back at the door. */
	case 401: /* log in first */
	case 407: /* to the proxy */
	case 421: /* the wrong server */
	case 425: /* too early */
	case 429: /* too many */
		return CB_NOT_SENT;
	/*
	 * Among these: 3xx may be an answer to what was done, 408 and 5xx come when
	 * it may be half done, 409 says that something like it is there already.
	 */
	default:
		return CB_NO_ANSWER;
	}
}
