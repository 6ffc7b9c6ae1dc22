/*
 * sent.c - did a byte of the request arrive?
 *
 * Said to have surely not arrived is only what the library reports before it
 * begins to send, and only where it counts no byte as sent. Every other result,
 * also one that a later library brings, means that it may have arrived.
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
