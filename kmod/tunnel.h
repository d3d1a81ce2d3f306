/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_TUNNEL_H
#define VNB_TUNNEL_H

#include <net/gro_cells.h>

#include "dev.h"
#include "sock.h"
#include "tfdb.h"
#include "tunnel_cfg.h"

/**
 * struct vnb_tunnel - a device of mode vxlan
 *
 * A change of configuration acquires all that can fail first: socket,
 * membership, default remote. Then it publishes the new configuration, waits
 * for a grace period and gives back what the old one had.
 */
struct vnb_tunnel {
	/** @vnb: what all modes have; stays first */
	struct vnb_dev		vnb;

	/* read for every frame */

	/** @cfg: configuration, replaced as a whole */
	struct vnb_tunnel_config __rcu *cfg;

	/** @sock: UDP socket while the tunnel is up, else NULL */
	struct vnb_sock __rcu	*sock;

	/** @net: underlay; stays when the device moves */
	struct net		*net;

	/** @fdb: where addresses are */
	struct vnb_tfdb		fdb;

	/** @gro_cells: merge inner frames once more */
	struct gro_cells	gro_cells;

	/* RTNL */

	/** @listener: what holds @sock while the tunnel is up, else NULL */
	struct vnb_listener	*listener;

	/** @mtu_user: set by a user: the MTU does not follow the underlay */
	bool			mtu_user;

	/** @lower: underlay device, or NULL */
	struct net_device	*lower;

	/** @node: in vnb_net.tunnels; unhashed when the tunnel is deleted */
	struct hlist_node	node;
};

/** vnb_tunnel() - private data of a device of mode vxlan */
static inline struct vnb_tunnel *vnb_tunnel(const struct net_device *dev)
{
	return netdev_priv(dev);
}

/** vnb_tunnel_is_xnet() - are the device and its underlay strangers? */
static inline bool vnb_tunnel_is_xnet(const struct vnb_tunnel *tun)
{
	return !net_eq(tun->net, dev_net(tun->vnb.dev));
}

/**
 * vnb_tunnel_notify() - an event of a device that may carry tunnels
 * @lower: any device
 * @event: NETDEV_*
 *
 * Context: RTNL, netdevice notifier.
 */
void vnb_tunnel_notify(struct net_device *lower, unsigned long event);

/**
 * vnb_tunnel_stats_add() - counters that a tunnel shares with others
 * @dev: a device of mode vxlan
 * @sum: VNB_STAT_MAX values that those of its socket are added to
 *
 * Context: RTNL or RCU read section.
 */
void vnb_tunnel_stats_add(const struct net_device *dev, u64 *sum);

/* tunnel_link.c */

/**
 * vnb_tunnel_change_begin() - a copy of the configuration, to be changed
 * @tun: the tunnel
 * @extack: says why not
 *
 * Context: RTNL, process.
 * Return: what vnb_tunnel_change_end() takes; -EPERM when the user has no
 * rights in the namespace of the underlay, -ENOMEM.
 */
struct vnb_tunnel_config *
vnb_tunnel_change_begin(struct vnb_tunnel *tun, struct netlink_ext_ack *extack);

/**
 * vnb_tunnel_change_end() - use a changed configuration
 * @tun: the tunnel
 * @cfg: from vnb_tunnel_change_begin(); consumed
 * @err: not 0: give the change up
 * @extack: says what is wrong with @cfg
 *
 * Waits for a grace period if anything changed. Context: RTNL, process.
 * Return: @err, 0, or a negative error with the tunnel as it was.
 */
int vnb_tunnel_change_end(struct vnb_tunnel *tun, struct vnb_tunnel_config *cfg,
			  int err, struct netlink_ext_ack *extack);

/* tunnel_nl.c */

/**
 * vnb_tunnel_setlink() - ndo_bridge_setlink: options that stock tools can say
 * @dev: a device of mode vxlan
 * @nlh: the request
 * @flags: BRIDGE_FLAGS_*
 * @extack: names the attribute that is refused
 *
 * "bridge link set dev X learning on|off self", and the VNI by the mapping of
 * VLAN 0, which stands for frames without a tag: "bridge vlan add dev X vid 0
 * tunnel_info id N self".
 *
 * Context: RTNL, process.
 * Return: 0, or a negative error with the tunnel as it was.
 */
int vnb_tunnel_setlink(struct net_device *dev, struct nlmsghdr *nlh, u16 flags,
		       struct netlink_ext_ack *extack);

/* tunnel.c, for those who make and change tunnels */

/** vnb_tunnel_flush_dynamic() - forget what is not static */
void vnb_tunnel_flush_dynamic(struct vnb_tunnel *tun);

/**
 * vnb_tunnel_underlay_mtu() - largest inner packet that fits the underlay
 * @tun: the tunnel
 * @cfg: its configuration
 * @lower: its underlay device, or NULL: the route decides
 *
 * Return: bytes.
 */
unsigned int vnb_tunnel_underlay_mtu(struct vnb_tunnel *tun,
				     const struct vnb_tunnel_config *cfg,
				     const struct net_device *lower);

/** vnb_tunnel_follow_mtu() - have that MTU, unless a user wants another */
void vnb_tunnel_follow_mtu(struct vnb_tunnel *tun);

/**
 * vnb_tunnel_follow_lower() - what else a device has from its underlay
 * @dev: a device of mode vxlan
 * @cfg: its configuration
 * @lower: its underlay device, or NULL
 */
void vnb_tunnel_follow_lower(struct net_device *dev,
			     const struct vnb_tunnel_config *cfg,
			     const struct net_device *lower);

/* encap.c */

/**
 * vnb_tunnel_encap() - encapsulate a frame and send it, or ask about that
 * @dev: a device of mode vxlan
 * @skb: the frame, data at the MAC header
 * @ask: do not send it
 *
 * One function for both, so that answers are true, and the compiler has the
 * steps of a frame in line. Context: RCU read section.
 *
 * Return: as vnb_tunnel_would_send().
 */
enum vnb_drop vnb_tunnel_encap(struct net_device *dev, struct sk_buff *skb,
			       bool ask);

/**
 * vnb_tunnel_send() - encapsulate a frame and send it to its remotes
 * @dev: a device of mode vxlan, up
 * @skb: the frame, data at the MAC header
 *
 * Consumes @skb. Counts on @dev. Context: BH disabled, RCU read section.
 */
static inline void vnb_tunnel_send(struct net_device *dev, struct sk_buff *skb)
{
	vnb_tunnel_encap(dev, skb, false);
}

/**
 * vnb_tunnel_would_send() - would a frame get to a remote?
 * @dev: a device of mode vxlan
 * @skb: as for vnb_tunnel_send(); afterwards it may be changed
 *
 * Asks what vnb_tunnel_send() does, and counts nothing. Borrows @skb. Context:
 * process, RCU read section.
 *
 * Return: %VNB_OK if one gets it, or why the last one that was asked does not.
 */
static inline enum vnb_drop vnb_tunnel_would_send(struct net_device *dev,
						  struct sk_buff *skb)
{
	return vnb_tunnel_encap(dev, skb, true);
}

/* outer.c */

/**
 * vnb_outer_overhead() - what encapsulation adds to an inner packet
 * @family: of the underlay
 *
 * Return: bytes, with those of the inner MAC header.
 */
unsigned int vnb_outer_overhead(u8 family);

/**
 * vnb_outer_path_mtu() - MTU of the route to the default remote
 * @tun: the tunnel
 * @cfg: configuration with a default remote
 *
 * Context: process.
 * Return: bytes of the outer packet, 0 when there is no route.
 */
unsigned int vnb_outer_path_mtu(struct vnb_tunnel *tun,
				const struct vnb_tunnel_config *cfg);

/* decap.c */

/**
 * vnb_decap_wants_gro() - would merging pay for the detour of a queue?
 * @tun: the tunnel
 * @skb: the inner frame, its network header in the linear part
 *
 * Context: RCU read section.
 *
 * Return: whether to call vnb_decap_deliver().
 */
bool vnb_decap_wants_gro(const struct vnb_tunnel *tun,
			 const struct sk_buff *skb);

/**
 * vnb_decap_deliver() - receive an inner frame the ordinary way
 * @tun: the tunnel
 * @skb: the inner frame
 *
 * Consumes @skb: to the network stack, as received by the tunnel's device.
 * Context: receive softirq, RCU read section.
 */
void vnb_decap_deliver(struct vnb_tunnel *tun, struct sk_buff *skb);

#endif /* VNB_TUNNEL_H */
