/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_VLAN_STATS_H
#define VNB_VLAN_STATS_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>

struct vnb_bridge;
struct vnb_port;

/**
 * DOC: Counters of VLANs
 *
 * What ``bridge -s vlan show`` shows, if ``vlan_stats_enabled`` asks for it:
 * one set of counters for each VLAN of the bridge, or, with
 * ``vlan_stats_per_port``, for each VLAN of each port. They exist only while
 * they count, and only for VLANs that some port is in.
 */

/**
 * struct vnb_vlan_count - the counters of a VLAN
 */
struct vnb_vlan_count {
	/** @stats: frames and bytes, without the Ethernet header, as in-tree */
	struct pcpu_sw_netstats __percpu *stats;

	/** @users: how many ports are in it, 1 if they count apart; RTNL */
	unsigned int users;

	/** @rcu: frees it after the last reader */
	struct rcu_head rcu;
};

/**
 * struct vnb_vlan_counts - the counters of all VLANs of a bridge, or of a port
 */
struct vnb_vlan_counts {
	/** @rcu: frees it after the last reader */
	struct rcu_head rcu;

	/** @vid: by VLAN, NULL for one that no port is in */
	struct vnb_vlan_count __rcu *vid[VLAN_N_VID];
};

/**
 * vnb_vlan_count_rx() - count a frame that came in
 * @port: where
 * @vid: its VLAN, which the port is in
 * @len: bytes
 *
 * Context: BH disabled, RCU read section.
 */
void vnb_vlan_count_rx(const struct vnb_port *port, u16 vid, unsigned int len);

/**
 * vnb_vlan_count_tx() - count a frame that goes out
 * @port: where; nothing is counted if it is not in the VLAN
 * @vid: its VLAN
 * @len: bytes
 *
 * Context: as vnb_vlan_count_rx().
 */
void vnb_vlan_count_tx(const struct vnb_port *port, u16 vid, unsigned int len);

/**
 * vnb_vlan_stats_enable() - begin to count
 * @br: a bridge that does not
 *
 * Context: process, RTNL.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int vnb_vlan_stats_enable(struct vnb_bridge *br);

/**
 * vnb_vlan_stats_disable() - count no more, and forget what was counted
 * @br: a bridge that counts, or not
 *
 * Context: process, RTNL.
 */
void vnb_vlan_stats_disable(struct vnb_bridge *br);

/**
 * vnb_vlan_stats_get() - a port is going to be in a VLAN
 * @port: the port, or the bridge's own
 * @vid: the VLAN
 *
 * Context: process, RTNL.
 * Return: 0, also if nothing is counted; -ENOMEM.
 */
int vnb_vlan_stats_get(struct vnb_port *port, u16 vid);

/** vnb_vlan_stats_put() - the counterpart of vnb_vlan_stats_get() */
void vnb_vlan_stats_put(struct vnb_port *port, u16 vid);

/**
 * vnb_vlan_stats_free() - free what a port that is in no VLAN counted with
 * @port: the port, or the bridge's own
 *
 * Context: process, RTNL.
 */
void vnb_vlan_stats_free(struct vnb_port *port);

/* The operations of the link: see struct rtnl_link_ops. */
size_t vnb_vlan_xstats_size(const struct net_device *dev, int attr);
int vnb_vlan_xstats_fill(struct sk_buff *skb, const struct net_device *dev,
			 int *prividx, int attr);

#endif /* VNB_VLAN_STATS_H */
