// SPDX-License-Identifier: GPL-2.0
/* TCP load between two network namespaces, timed by the guest's clock.
 *
 * usage: tcp_load SERVER_NS CLIENT_NS ADDRESS bulk MEGABYTES
 *        tcp_load SERVER_NS CLIENT_NS ADDRESS rr TRANSACTIONS
 *
 * Prints nanoseconds: per megabyte, until the server has read all of it, or
 * per transaction, a byte there and a byte back. A tenth of the load goes
 * before, unmeasured.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT	5001
#define CHUNK	(128 * 1024)
#define MEGABYTE	(1024 * 1024)

static char buf[CHUNK];

static void enter(const char *ns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static void read_all(int fd, long long len)
{
	while (len > 0) {
		ssize_t n = read(fd, buf, len < CHUNK ? len : CHUNK);

		if (n <= 0)
			err(1, "read");
		len -= n;
	}
}

static void write_all(int fd, long long len)
{
	while (len > 0) {
		ssize_t n = write(fd, buf, len < CHUNK ? len : CHUNK);

		if (n <= 0)
			err(1, "write");
		len -= n;
	}
}

/* Both sides do the same: a load there, an acknowledging byte back. */
static void exchange(int fd, int server, int bulk, long load)
{
	long i, times = bulk ? 1 : load;
	long long len = bulk ? (long long)load * MEGABYTE : 1;

	for (i = 0; i < times; i++) {
		if (server) {
			read_all(fd, len);
			write_all(fd, 1);
		} else {
			write_all(fd, len);
			read_all(fd, 1);
		}
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
	int listener, fd, one = 1, bulk, status;
	long load, warm;
	long long start;
	pid_t child;

	if (argc != 6)
		errx(2, "see the comment in the source");
	bulk = !strcmp(argv[4], "bulk");
	load = atol(argv[5]);
	warm = load / 10 + 1;
	to.sin_port = htons(PORT);
	if (!inet_pton(AF_INET, argv[3], &to.sin_addr))
		errx(2, "not an address: %s", argv[3]);

	/* the listener is there before the client is */
	enter(argv[1]);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&to, sizeof(to)) ||
	    listen(listener, 1))
		err(1, "listen");
	child = fork();
	if (!child) {
		fd = accept(listener, NULL, NULL);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		exchange(fd, 1, bulk, warm);
		exchange(fd, 1, bulk, load);
		return 0;
	}
	close(listener);

	enter(argv[2]);
	alarm(100);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		kill(child, SIGKILL);
		err(1, "connect");
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	exchange(fd, 0, bulk, warm);
	start = now();
	exchange(fd, 0, bulk, load);
	start = now() - start;
	close(fd);
	waitpid(child, &status, 0);
	printf("%lld\n", start / load);
	return status;
}
