// SPDX-License-Identifier: GPL-2.0
/* TCP load between two network namespaces, timed by the guest's clock.
 *
 * usage: tcp_load SERVER_NS CLIENT_NS ADDRESS bulk MEGABYTES
 *        tcp_load SERVER_NS CLIENT_NS ADDRESS rr TRANSACTIONS
 *
 * Prints nanoseconds per megabyte, written and read, or per transaction, a byte
 * there and a byte back. A tenth of the load goes before, unmeasured.
 *
 * One process has both ends and takes turns: who runs when is not left to the
 * scheduler, so that the figures can be repeated.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../inject/mark.h"

#define PORT	5001
#define CHUNK	(128 * 1024)
#define CHUNKS	8			/* of a megabyte */
#define BUFFER	(2 * 1024 * 1024)

static char buf[CHUNK];

/* Make a socket in a namespace; its buffers do not grow by the clock. */
static int socket_in(const char *ns)
{
	int fd, one = 1, size = BUFFER;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		err(1, "socket");
	return fd;
}

/* Send @len bytes from one socket to the other. */
static void carry(int from, int to, ssize_t len)
{
	ssize_t n;

	if (write(from, buf, len) != len)
		err(1, "write");
	for (; len; len -= n) {
		n = read(to, buf, len);
		if (n <= 0)
			err(1, "read");
	}
}

static void exchange(int client, int server, int bulk, long load)
{
	long i;

	for (i = 0; i < (bulk ? load * CHUNKS : load); i++) {
		carry(client, server, bulk ? CHUNK : 1);
		if (!bulk)
			carry(server, client, 1);
	}
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int listener, client, server, bulk;
	long long start;
	long load;

	if (argc != 6)
		errx(2, "see the comment in the source");
	bulk = !strcmp(argv[4], "bulk");
	load = atol(argv[5]);
	to.sin_port = htons(PORT);
	if (!inet_pton(AF_INET, argv[3], &to.sin_addr))
		errx(2, "not an address: %s", argv[3]);

	alarm(100);
	listener = socket_in(argv[1]);
	if (bind(listener, (struct sockaddr *)&to, sizeof(to)) ||
	    listen(listener, 1))
		err(1, "listen");
	client = socket_in(argv[2]);
	if (connect(client, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	server = accept(listener, NULL, NULL);
	if (server < 0)
		err(1, "accept");

	exchange(client, server, bulk, load / 10 + 1);
	mark_begin();
	start = now();
	exchange(client, server, bulk, load);
	start = now() - start;
	mark_end();
	printf("%lld\n", start / load);
	return 0;
}
