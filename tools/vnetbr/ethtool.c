// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of a device, which netlink does not have.
 */
#include "nl.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int stats_ask(const char *dev, void *request)
{
	static int sock = -1;
	struct ifreq ifr = { .ifr_data = request };

	if (sock < 0)
		sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	return ioctl(sock, SIOCETHTOOL, &ifr);
}

static unsigned int stats_count(const char *dev)
{
	struct ethtool_sset_info *info;
	unsigned int count = 0;

	info = calloc(1, sizeof(*info) + sizeof(info->data[0]));
	if (!info)
		die("no memory");
	info->cmd = ETHTOOL_GSSET_INFO;
	info->sset_mask = 1 << ETH_SS_STATS;
	if (!stats_ask(dev, info) && info->sset_mask)
		count = info->data[0];
	free(info);
	return count;
}

void stats_read(const char *dev, struct stats *stats)
{
	unsigned int n = stats_count(dev);
	struct ethtool_gstrings *names;
	struct ethtool_stats *values;

	memset(stats, 0, sizeof(*stats));
	names = calloc(1, sizeof(*names) + n * ETH_GSTRING_LEN);
	values = calloc(1, sizeof(*values) + n * sizeof(uint64_t));
	if (!names || !values)
		die("no memory");
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = n;
	values->cmd = ETHTOOL_GSTATS;
	values->n_stats = n;

	if (n && !stats_ask(dev, names) && !stats_ask(dev, values)) {
		stats->n = n;
		stats->name = calloc(n, STAT_NAME);
		stats->value = calloc(n, sizeof(uint64_t));
		if (!stats->name || !stats->value)
			die("no memory");
		memcpy(stats->name, names->data, n * ETH_GSTRING_LEN);
		memcpy(stats->value, values->data, n * sizeof(uint64_t));
	}
	free(names);
	free(values);
}

void stats_free(struct stats *stats)
{
	free(stats->name);
	free(stats->value);
	memset(stats, 0, sizeof(*stats));
}
