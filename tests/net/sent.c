/*
 * sent.c - every result of the library and every status, each with what it
 * proves. Written apart from the table that it tests: a word that moves there
 * has to move here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>

#include "net/net.h"

static bool is_one_of(int code, const int *codes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (codes[i] == code)
			return true;
	return false;
}

#define IS_ONE_OF(code, codes) is_one_of((code), (codes), sizeof(codes) / sizeof(*(codes)))

/* Every result there is, and those that there will be. */
static void what_is_not_surely_unsent_may_have_arrived(void **state)
{
	static const int unsent[] = { CURLE_UNSUPPORTED_PROTOCOL,
				      CURLE_FAILED_INIT,
				      CURLE_URL_MALFORMAT,
				      CURLE_NOT_BUILT_IN,
				      CURLE_COULDNT_RESOLVE_PROXY,
				      CURLE_COULDNT_RESOLVE_HOST,
				      CURLE_COULDNT_CONNECT,
				      CURLE_OPERATION_TIMEDOUT,
				      CURLE_SSL_CONNECT_ERROR,
				      CURLE_INTERFACE_FAILED,
				      CURLE_SSL_ENGINE_NOTFOUND,
				      CURLE_SSL_ENGINE_SETFAILED,
				      CURLE_SSL_CERTPROBLEM,
				      CURLE_SSL_CIPHER,
				      CURLE_PEER_FAILED_VERIFICATION,
				      CURLE_SSL_ENGINE_INITFAILED,
				      CURLE_SSL_CACERT_BADFILE,
				      CURLE_SSL_CRL_BADFILE,
				      CURLE_SSL_ISSUER_ERROR,
				      CURLE_SSL_PINNEDPUBKEYNOTMATCH,
				      CURLE_SSL_INVALIDCERTSTATUS,
				      CURLE_PROXY };

	(void)state;
	for (int code = 0; code < CURL_LAST + 100; code++) {
		enum cb_sent begun = code == CURLE_OK ? CB_ANSWERED : CB_NO_ANSWER;

		assert_int_equal(net_sent(code, 0), IS_ONE_OF(code, unsent) ? CB_NOT_SENT : begun);
		/* One byte, and nothing is sure any more. */
		assert_int_equal(net_sent(code, 1), begun);
	}
	assert_int_equal(net_sent(-1, 0), CB_NO_ANSWER);
}

static void a_status_proves_only_what_it_says(void **state)
{
	static const int answered[] = { 200, 201, 202, 204, 400, 402, 403, 404, 405, 410, 411,
					412, 413, 414, 415, 416, 417, 422, 426, 428, 431, 451 };
	static const int unsent[] = { 401, 407, 421, 425, 429 };

	(void)state;
	for (int status = 100; status < 600; status++)
		assert_int_equal(cb_status_sent(status), IS_ONE_OF(status, answered) ? CB_ANSWERED
							 : IS_ONE_OF(status, unsent)
								 ? CB_NOT_SENT
								 : CB_NO_ANSWER);
	assert_int_equal(cb_status_sent(0), CB_NO_ANSWER);
	assert_int_equal(cb_status_sent(-1), CB_NO_ANSWER);
	assert_int_equal(cb_status_sent(999), CB_NO_ANSWER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_surely_unsent_may_have_arrived),
		cmocka_unit_test(a_status_proves_only_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
