/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_DEV_H
#define VNB_DEV_H

#include <linux/netdevice.h>

#include "stats.h"

struct vnb_port;

/**
 * DOC: Locking
 *
 * RTNL orders all configuration: devices, ports, options, sockets, remotes'
 * configuration. The path runs in softirq, under RCU, and takes no lock except
 * to write: &vnb_fdb.lock of a bridge and &vnb_tfdb.lock of a tunnel order
 * learning, ageing and netlink changes of their table, nest inside RTNL and
 * never in each other. Nothing sleeps and no netlink message is sent under
 * them; messages of changes are written there and sent later, under
 * &vnb_news.sending, which sleeps. &vnb_stp.lock of a bridge is for spanning tree and for the states of
 * ports, which softirq changes too: see stp.h.
 *
 * Scalars that the path reads are written with WRITE_ONCE() under RTNL; what
 * has to change together is one object that is replaced under RCU (a tunnel's
 * configuration, a tunnel's forwarding entry).
 *
 * A port is removed in this order: state disabled, off the list, entries
 * flushed, unlinked, rx_handler removed, which waits for a grace period, freed.
 * A device pointer seen under RCU stays valid until the reader ends, because
 * unregister waits for a grace period after close.
 *
 * Order: RTNL, lower device's instance lock (7.2), &vnb_news.sending, table
 * lock or &vnb_stp.lock.
 */

/**
 * struct vnb_dev - what the devices of all modes have; first in their private
 * data
 */
struct vnb_dev {
	/** @dev: the device */
	struct net_device	*dev;

	/** @port: its port while it is enslaved to a bridge of ours, or NULL */
	struct vnb_port __rcu	*port;

	/** @stats: drop reasons and counters */
	struct vnb_stats __percpu *stats;
};

/** vnb_dev() - private data of a device of ours, of any mode */
static inline struct vnb_dev *vnb_dev(const struct net_device *dev)
{
	return netdev_priv(dev);
}

extern const struct net_device_ops vnb_bridge_netdev_ops;
extern const struct net_device_ops vnb_pair_netdev_ops;
extern const struct net_device_ops vnb_tunnel_netdev_ops;

/*
 * A device of ours is recognised by its operations, never by a flag: private
 * flags of other subsystems make them cast our private data to theirs.
 */
static inline bool vnb_dev_is_bridge(const struct net_device *dev)
{
	return dev->netdev_ops == &vnb_bridge_netdev_ops;
}

static inline bool vnb_dev_is_pair(const struct net_device *dev)
{
	return dev->netdev_ops == &vnb_pair_netdev_ops;
}

static inline bool vnb_dev_is_tunnel(const struct net_device *dev)
{
	return dev->netdev_ops == &vnb_tunnel_netdev_ops;
}

/**
 * vnb_dev_init() - allocate what all modes have; part of every ndo_init
 * @dev: a device of ours
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_dev_init(struct net_device *dev);

/**
 * vnb_dev_uninit() - free it; part of every ndo_uninit
 * @dev: a device of ours
 *
 * Runs after the grace period that follows close, so that no frame is on its
 * way through @dev.
 */
void vnb_dev_uninit(struct net_device *dev);

extern const struct ethtool_ops vnb_ethtool_ops;

#endif /* VNB_DEV_H */
