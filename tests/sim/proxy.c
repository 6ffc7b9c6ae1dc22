/*
 * proxy.c - a bad line between the bridge and a simulator, on loopback.
 *
 *     proxy --to PORT [--port 0] [--port-file F] [--seed N] [--log F] [--latency MIN-MAX]
 *           [--tls CERTIFICATE] [--fault NAME=RATE]...
 *
 * Each request, also on a connection that was kept, meets one fate, drawn by the seed in the
 * order in which they come:
 *
 *     refuse   closed before a byte was read
 *     shake    closed within the first bytes that come, of TLS within the handshake
 *     reset    the request is read and goes no further; then a reset
 *     hole     the request is read and goes no further; then nothing, ever
 *     swallow  the request arrives; the answer does not, and nothing else does, ever
 *     cut      the request arrives; half of the answer, then a reset (of TLS without its end)
 *     half     the request arrives; half of the answer, then a proper end
 *     slice    everything arrives, its beginnings a few bytes at a time
 *
 * --latency: so many ms for each way. --tls: speak TLS to who comes,
 * with a key and a self-signed certificate for 127.0.0.1 made now; CERTIFICATE is where
 * it is written. --log: a line for each request: its number, fate, bytes there, bytes back, method
 * and path. Whoever sends SIGTERM ends it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "sim/common/random.h"
#include "sim/common/text.h"

enum fate { FINE, REFUSE, SHAKE, RESET, HOLE, SWALLOW, CUT, HALF, SLICE, FATES };

static const char *const fate_names[FATES] = { "fine",    "refuse", "shake", "reset", "hole",
					       "swallow", "cut",    "half",  "slice" };

struct proxy {
	int port, to, latency_min, latency_max;
	uint64_t seed;
	const char *port_file, *certificate;
	double rates[FATES];
	SSL_CTX *tls;
	FILE *log;
	pthread_mutex_t lock; /* of what follows */
	struct random random;
	int exchanges;
};

struct connection {
	struct proxy *proxy;
	int number, client, server, latency;
	bool was_answered; /* so that what comes now is the next request */
	SSL *tls;
	enum fate fate;
	uint64_t there, back; /* bytes */
	char request[64];     /* "POST /path", once it came */
};

/* ------------------------------------------------------------ the two ends */

static void wait_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static ssize_t client_read(const struct connection *c, char *bytes, size_t room)
{
	return c->tls ? SSL_read(c->tls, bytes, (int)room) : read(c->client, bytes, room);
}

static bool write_all(const struct connection *c, bool to_client, const char *bytes, size_t len)
{
	int sliced = 0;

	while (len) {
		/* The first of it in pieces; all of it would only take long. */
		size_t piece = c->fate == SLICE && len > 7 && sliced++ < 100 ? 7 : len;
		ssize_t done = !to_client ? send(c->server, bytes, piece, MSG_NOSIGNAL)
			       : c->tls   ? SSL_write(c->tls, bytes, (int)piece)
					  : send(c->client, bytes, piece, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		bytes += done;
		len -= (size_t)done;
	}
	return true;
}

static int connect_on(const struct proxy *p)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)p->to),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* What was sent and not read yet is gone as well. */
static void reset(int fd)
{
	const struct linger none = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

/* ------------------------------------------------------------ a connection's life */

/* Draw what becomes of the next exchange. */
static void draw(struct connection *c)
{
	struct proxy *p = c->proxy;
	double at;

	pthread_mutex_lock(&p->lock);
	at = random_unit(&p->random);
	c->latency = random_between(&p->random, p->latency_min, p->latency_max);
	c->number = ++p->exchanges;
	pthread_mutex_unlock(&p->lock);
	c->there = c->back = 0;
	c->request[0] = '\0';
	for (c->fate = REFUSE; c->fate < FATES; c->fate++) {
		if (at < p->rates[c->fate])
			return;
		at -= p->rates[c->fate];
	}
	c->fate = FINE;
}

static void tell(const struct connection *c)
{
	struct proxy *p = c->proxy;

	pthread_mutex_lock(&p->lock);
	if (p->log) {
		fprintf(p->log, "%d\t%s\t%llu\t%llu\t%s\n", c->number, fate_names[c->fate],
			(unsigned long long)c->there, (unsigned long long)c->back, c->request);
		fflush(p->log);
	}
	pthread_mutex_unlock(&p->lock);
}

/* Nobody answers any more: until the client has had enough. */
static void stay_silent(const struct connection *c)
{
	char bytes[4096];

	while (client_read(c, bytes, sizeof(bytes)) > 0)
		;
}

/* Method and path: the query is nobody's business. */
static size_t until_query(const char *bytes, size_t len)
{
	size_t at = 0;

	for (int spaces = 0; at < len; at++) {
		spaces += bytes[at] == ' ';
		if (spaces == 2 || bytes[at] == '?' || bytes[at] == '\r')
			break;
	}
	return at;
}

/* False: it is over. */
static bool pass_on(struct connection *c)
{
	char bytes[16384];
	ssize_t len = client_read(c, bytes, sizeof(bytes));

	if (len <= 0) {
		shutdown(c->server, SHUT_WR);
		return false;
	}
	if (c->was_answered) {
		tell(c);
		draw(c);
		c->was_answered = false;
	}
	if (!c->request[0])
		snprintf(c->request, sizeof(c->request), "%.*s",
			 (int)until_query(bytes, (size_t)len), bytes);
	if (c->fate == REFUSE || c->fate == SHAKE)
		return false;
	if (c->fate == RESET) {
		reset(c->client);
		return false;
	}
	if (c->fate == HOLE) {
		stay_silent(c);
		return false;
	}
	wait_ms(c->latency);
	c->there += (uint64_t)len;
	return write_all(c, false, bytes, (size_t)len);
}

static bool pass_back(struct connection *c)
{
	char bytes[16384];
	ssize_t len = read(c->server, bytes, sizeof(bytes));
	bool is_half = c->fate == CUT || c->fate == HALF;

	if (len <= 0)
		return false;
	if (c->fate == SWALLOW) {
		stay_silent(c);
		return false;
	}
	if (!c->was_answered)
		wait_ms(c->latency);
	c->was_answered = true;
	len = is_half ? len / 2 : len;
	c->back += (uint64_t)len;
	if (!write_all(c, true, bytes, (size_t)len))
		return false;
	if (c->fate == CUT)
		reset(c->client);
	if (c->fate == HALF) {
		if (c->tls)
			SSL_shutdown(c->tls);
		shutdown(c->client, SHUT_WR);
		stay_silent(c);
	}
	return !is_half;
}

static void relay(struct connection *c)
{
	struct pollfd ends[2] = { { .fd = c->client, .events = POLLIN },
				  { .fd = c->server, .events = POLLIN } };
	bool goes_on = true;

	while (goes_on) {
		bool is_ready = c->tls && SSL_pending(c->tls);

		if (!is_ready && poll(ends, 2, 60000) <= 0)
			return;
		if (is_ready || ends[0].revents)
			goes_on = pass_on(c);
		else if (ends[1].revents)
			goes_on = pass_back(c);
		ends[0].revents = ends[1].revents = 0;
	}
}

static bool begin(struct connection *c)
{
	char bytes[16];

	if (c->fate == REFUSE)
		return false;
	if (c->fate == SHAKE) {
		ssize_t ignored = read(c->client, bytes, sizeof(bytes));

		(void)ignored;
		return false;
	}
	if (c->proxy->tls) {
		c->tls = SSL_new(c->proxy->tls);
		SSL_set_fd(c->tls, c->client);
		if (SSL_accept(c->tls) != 1)
			return false;
	}
	c->server = connect_on(c->proxy);
	return c->server >= 0;
}

static void *live(void *with)
{
	struct connection *c = with;

	if (begin(c))
		relay(c);
	if (c->tls && c->fate != CUT && c->fate != RESET)
		SSL_shutdown(c->tls);
	SSL_free(c->tls);
	close(c->client);
	if (c->server >= 0)
		close(c->server);
	tell(c);
	free(c);
	return NULL;
}

static void serve(struct proxy *p, int listener)
{
	pthread_attr_t detached;

	random_init(&p->random, p->seed, 50);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (;;) {
		struct connection *c = calloc(1, sizeof(*c));
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), one = 1;
		pthread_t thread;

		if (!c || fd < 0)
			die("accept: %m");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		*c = (struct connection){ .proxy = p, .client = fd, .server = -1 };
		draw(c);
		if (pthread_create(&thread, &detached, live, c) != 0)
			die("a thread: %m");
	}
}

/* ------------------------------------------------------------ the certificate */

static X509 *sign_itself(EVP_PKEY *key)
{
	X509 *made = X509_new();
	X509_NAME *name = X509_get_subject_name(made);
	X509_EXTENSION *address =
		X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");

	X509_set_version(made, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
	X509_gmtime_adj(X509_getm_notBefore(made), -86400);
	X509_gmtime_adj(X509_getm_notAfter(made), 365 * 86400L);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"made up for a test", -1, -1, 0);
	X509_set_issuer_name(made, name);
	X509_set_pubkey(made, key);
	X509_add_ext(made, address, -1);
	X509_EXTENSION_free(address);
	return X509_sign(made, key, EVP_sha256()) ? made : NULL;
}

static SSL_CTX *speak_tls(const char *path)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = key ? sign_itself(key) : NULL;
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	FILE *file = fopen(path, "w");

	if (!certificate || !tls || !file || PEM_write_X509(file, certificate) != 1 ||
	    fclose(file) != 0 || SSL_CTX_use_certificate(tls, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey(tls, key) != 1)
		die("no certificate in %s: %m", path);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return tls;
}

/* ------------------------------------------------------------ beginning */

static int listen_on_loopback(struct proxy *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)p->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 256) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		die("cannot listen on port %d: %m", p->port);
	p->port = ntohs(at.sin_port);
	return fd;
}

/* Renamed into place, so that who waits for the file never reads half of it. */
static void tell_port(const struct proxy *p)
{
	char path[4096];
	FILE *file;

	if (!p->port_file)
		return;
	snprintf(path, sizeof(path), "%s.new", p->port_file);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d\n", p->port) < 0 || fclose(file) != 0 ||
	    rename(path, p->port_file) != 0)
		die("%s: %m", p->port_file);
}

static void one_fault(struct proxy *p, const char *setting)
{
	bool is_known = false;
	double sum = 0;

	for (int fate = 1; fate < FATES; fate++) {
		size_t len = strlen(fate_names[fate]);

		if (strncmp(setting, fate_names[fate], len) == 0 && setting[len] == '=') {
			p->rates[fate] = atof(setting + len + 1);
			is_known = true;
		}
		sum += p->rates[fate];
	}
	if (!is_known || sum > 1)
		die("--fault %s: not a fault that we know, or more than all", setting);
}

static void one_option(struct proxy *p, const char *name, const char *value)
{
	if (strcmp(name, "--port") == 0)
		p->port = atoi(value);
	else if (strcmp(name, "--to") == 0)
		p->to = atoi(value);
	else if (strcmp(name, "--port-file") == 0)
		p->port_file = value;
	else if (strcmp(name, "--seed") == 0)
		p->seed = strtoull(value, NULL, 10);
	else if (strcmp(name, "--tls") == 0)
		p->certificate = value;
	else if (strcmp(name, "--fault") == 0)
		one_fault(p, value);
	else if (strcmp(name, "--log") == 0)
		p->log = fopen(value, "w");
	else if (strcmp(name, "--latency") != 0 ||
		 sscanf(value, "%d-%d", &p->latency_min, &p->latency_max) != 2)
		die("%s %s: no such option or value", name, value);
}

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

int main(int argc, char **argv)
{
	struct proxy proxy = { .seed = 1 };
	int listener, i;

	for (i = 1; i + 1 < argc; i += 2)
		one_option(&proxy, argv[i], argv[i + 1]);
	if (i != argc || !proxy.to)
		die("use: proxy --to PORT [--port-file F] [--tls CERTIFICATE] [--fault "
		    "NAME=RATE]...");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, end);
	pthread_mutex_init(&proxy.lock, NULL);
	if (proxy.certificate)
		proxy.tls = speak_tls(proxy.certificate);
	listener = listen_on_loopback(&proxy);
	tell_port(&proxy);
	serve(&proxy, listener);
}
