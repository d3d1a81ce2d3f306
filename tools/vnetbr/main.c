// SPDX-License-Identifier: GPL-2.0
/*
 * vnetbr: what bridges, pairs and tunnels of kind vnetbr do. See vnetbr(8).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "nl.h"
#include "out.h"

static const char usage[] =
"usage: vnetbr [-j] [-n NETNS] why dev DEV dst MAC src MAC [vlan VID]\n"
"                              [prio N] [proto 802.1Q|802.1ad] [type HEX]\n"
"                              [payload HEX] [length BYTES] [to DEV]\n"
"       vnetbr [-j] [-n NETNS] show [BRIDGE...] [--graph FILE.svg|FILE.dot]\n"
"       vnetbr [-j] [-n NETNS] top [--interval SECONDS] [--count N]\n"
"\n"
"  why   what would become of a frame that comes in at DEV, and why\n"
"  show  bridges, their ports, and what was dropped; or a picture of it\n"
"  top   frames and bits per second, and drops, for each port\n"
"\n"
"  -j, --json         print JSON\n"
"  -n, --netns NETNS  in the network namespace of that name\n"
"  -h, --help         print this\n"
"\n"
"See vnetbr(8).\n";

static const struct {
	const char	*name;
	int		(*run)(char **argv);
} commands[] = {
	{ "why",	command_why },
	{ "show",	command_show },
	{ "top",	command_top },
};

char *next_word(char ***argv)
{
	char *name = *(*argv)++;

	if (!**argv)
		die("%s: a value is missing", name);
	return *(*argv)++;
}

unsigned long parse_number(const char *name, const char *text,
			   unsigned long min, unsigned long max, int base)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, base);
	if (errno || end == text || *end || *text == '-' || value < min ||
	    value > max)
		die("%s: %s is not a number from %lu to %lu", name, text, min,
		    max);
	return value;
}

static void enter_netns(const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("network namespace %s: %s", name, strerror(errno));
	close(fd);
}

/* The status of a command, if what it said was heard. */
static int said_all(int status)
{
	if (fflush(stdout) || ferror(stdout))
		die("cannot write: %s", strerror(errno));
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json",	no_argument,		NULL, 'j' },
		{ "netns",	required_argument,	NULL, 'n' },
		{ "help",	no_argument,		NULL, 'h' },
		{ }
	};
	size_t i;
	int c;

	/* "+": what follows the command is the command's own */
	while ((c = getopt_long(argc, argv, "+jn:h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			out_json = true;
			break;
		case 'n':
			enter_netns(optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return 1;
		}
	}

	argv += optind;
	if (*argv && (!strcmp(*argv, "help") ||
		      (argv[1] && (!strcmp(argv[1], "help") ||
				   !strcmp(argv[1], "--help"))))) {
		fputs(usage, stdout);
		return 0;
	}
	for (i = 0; *argv && i < ARRAY_SIZE(commands); i++)
		if (!strcmp(*argv, commands[i].name))
			return said_all(commands[i].run(argv + 1));

	fputs(usage, stderr);
	return 1;
}
