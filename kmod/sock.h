/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_SOCK_H
#define VNB_SOCK_H

#include <linux/hashtable.h>

#include "remote.h"
#include "stats.h"

struct netlink_ext_ack;
struct vnb_group;
struct vnb_tunnel;
struct vnb_tunnel_config;

/* 32 KB: the walk stays at a few steps with 16,000 tunnels on one port. */
#define VNB_SOCK_VNI_BITS	12

/**
 * struct vnb_sock - a UDP socket, shared by all tunnels of one port
 *
 * Written under RTNL, read under RCU. Checksums are asked for by tunnels: the
 * socket itself takes frames over IPv6 without them.
 */
struct vnb_sock {
	/** @sk: the socket; holds no reference on its namespace */
	struct sock		*sk;

	/** @stats: drops before a tunnel is known */
	struct vnb_stats __percpu *stats;

	/** @family: AF_INET or AF_INET6 */
	u8			family;

	/** @port: UDP port */
	__be16			port;

	/** @bind: ifindex of the VRF that the socket is bound to, or 0 */
	u32			bind;

	/** @refs: listeners */
	unsigned int		refs;

	/** @list: on vnb_net.socks */
	struct list_head	list;

	/** @groups: multicast groups, struct vnb_group */
	struct list_head	groups;

	/** @rcu: frees the socket after the last reader */
	struct rcu_head		rcu;

	/** @vnis: listeners by VNI */
	DECLARE_HASHTABLE(vnis, VNB_SOCK_VNI_BITS);
};

/**
 * struct vnb_listener - that a tunnel receives frames of a VNI from a socket
 *
 * While a tunnel changes its VNI or port it has two.
 */
struct vnb_listener {
	/** @node: in vnb_sock.vnis */
	struct hlist_node	node;

	/** @tun: the tunnel */
	struct vnb_tunnel	*tun;

	/** @vni: what it is found by */
	u32			vni;

	/** @sock: the socket */
	struct vnb_sock		*sock;

	/** @group: multicast group that is listened to as well, or NULL */
	struct vnb_group	*group;

	/** @rcu: frees the listener after the last reader */
	struct rcu_head		rcu;
};

/**
 * vnb_listen() - receive what a configuration says
 * @tun: the tunnel
 * @cfg: says VNI, port, family, device and group; no other tunnel has the same
 * @extack: says why not
 *
 * Context: RTNL, process.
 * Return: the listener or an error pointer: -EADDRINUSE when somebody else has
 * the port.
 */
struct vnb_listener *vnb_listen(struct vnb_tunnel *tun,
				const struct vnb_tunnel_config *cfg,
				struct netlink_ext_ack *extack);

/**
 * vnb_listener_stop() - receive no more, after a grace period
 * @listener: the listener; still holds its socket
 *
 * Context: RTNL.
 */
void vnb_listener_stop(struct vnb_listener *listener);

/**
 * vnb_listener_free() - stop a listener and give back what it has
 * @listener: the listener; its socket is closed if no other one is left
 *
 * Context: RTNL, process.
 */
void vnb_listener_free(struct vnb_listener *listener);

/**
 * vnb_sock_find_rcu() - who receives frames of a VNI
 * @sock: the socket
 * @vni: VNI
 *
 * Return: the tunnel or NULL. Context: RCU read section.
 */
struct vnb_tunnel *vnb_sock_find_rcu(const struct vnb_sock *sock, u32 vni);

/**
 * vnb_sock_offload() - tell a device that parses tunnels about all ports
 * @lower: the device
 * @push: true to add them, false to remove them
 *
 * Context: RTNL.
 */
void vnb_sock_offload(struct net_device *lower, bool push);

/* decap.c: what a socket calls */

int vnb_decap_rcv(struct sock *sk, struct sk_buff *skb);
int vnb_decap_err_lookup(struct sock *sk, struct sk_buff *skb);
struct sk_buff *vnb_decap_gro_receive(struct sock *sk, struct list_head *head,
				      struct sk_buff *skb);
int vnb_decap_gro_complete(struct sock *sk, struct sk_buff *skb, int nhoff);

#endif /* VNB_SOCK_H */
