// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool: who we are, how fast, and every counter.
 */
#include <linux/ethtool.h>

#include "dev.h"
#include "pair.h"
#include "tunnel.h"
#include "version.h"

static void vnb_ethtool_get_drvinfo(struct net_device *dev,
				    struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "vnetbr", sizeof(info->driver));
	strscpy(info->version, vnb_version, sizeof(info->version));
}

/* A pair has no speed; a number that no sensible policy trips over. */
static int vnb_ethtool_get_ksettings(struct net_device *dev,
				     struct ethtool_link_ksettings *cmd)
{
	if (!vnb_dev_is_pair(dev))
		return -EOPNOTSUPP;

	cmd->base.speed = SPEED_10000;
	cmd->base.duplex = DUPLEX_FULL;
	cmd->base.port = PORT_TP;
	cmd->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

/* Counters start at 1: VNB_OK counts nothing. */
#define VNB_ETHTOOL_COUNTERS	(VNB_STAT_MAX - 1)

static int vnb_ethtool_get_sset_count(struct net_device *dev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;

	return VNB_ETHTOOL_COUNTERS + vnb_dev_is_pair(dev);
}

static void vnb_ethtool_get_strings(struct net_device *dev, u32 set, u8 *buf)
{
	unsigned int i;

	if (set != ETH_SS_STATS)
		return;

	if (vnb_dev_is_pair(dev))
		ethtool_puts(&buf, "peer_ifindex");
	for (i = 1; i < VNB_STAT_MAX; i++)
		ethtool_sprintf(&buf, "%s%s", i < VNB_DROP_MAX ? "drop_" : "",
				vnb_stat_word(i));
}

static void vnb_ethtool_get_stats(struct net_device *dev,
				  struct ethtool_stats *stats, u64 *data)
{
	u64 sum[VNB_STAT_MAX] = { };

	vnb_stats_sum(vnb_dev(dev)->stats, sum);
	if (vnb_dev_is_tunnel(dev))
		vnb_tunnel_stats_add(dev, sum);

	if (vnb_dev_is_pair(dev))
		*data++ = dev_get_iflink(dev);
	memcpy(data, sum + 1, VNB_ETHTOOL_COUNTERS * sizeof(*data));
}

const struct ethtool_ops vnb_ethtool_ops = {
	.get_drvinfo		= vnb_ethtool_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= vnb_ethtool_get_ksettings,
	.get_ts_info		= ethtool_op_get_ts_info,
	.get_sset_count		= vnb_ethtool_get_sset_count,
	.get_strings		= vnb_ethtool_get_strings,
	.get_ethtool_stats	= vnb_ethtool_get_stats,
};
