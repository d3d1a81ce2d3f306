/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_SOCK_H
#define VNB_SOCK_H

#include <linux/hashtable.h>

#include "remote.h"
#include "stats.h"

struct vnb_tunnel;
struct vnb_tunnel_config;

/* 32 KB: the walk stays at a few steps with 16,000 tunnels on one port. */
#define VNB_SOCK_VNI_BITS	12

/**
 * struct vnb_sock_slot - place of a tunnel in the table of a socket
 *
 * A tunnel has two: while its VNI or port changes, readers walk over the old
 * one and the new one.
 */
struct vnb_sock_slot {
	/** @node: in vnb_sock.vnis */
	struct hlist_node	node;

	/** @tun: the tunnel */
	struct vnb_tunnel	*tun;

	/** @vni: what it is found by */
	u32			vni;
};

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

	/** @refs: tunnels that are up */
	unsigned int		refs;

	/** @list: on vnb_net.socks */
	struct list_head	list;

	/** @groups: multicast groups, struct vnb_group */
	struct list_head	groups;

	/** @rcu: frees the socket after the last reader */
	struct rcu_head		rcu;

	/** @vnis: tunnels by VNI */
	DECLARE_HASHTABLE(vnis, VNB_SOCK_VNI_BITS);
};

/**
 * vnb_sock_get() - the socket that a configuration needs
 * @net: underlay
 * @cfg: says family, port and device
 *
 * Context: RTNL, process.
 * Return: the socket with one more reference, or an error pointer: -EADDRINUSE
 * when somebody else has the port.
 */
struct vnb_sock *vnb_sock_get(struct net *net,
			      const struct vnb_tunnel_config *cfg);

/**
 * vnb_sock_put() - give a reference back
 * @sock: the socket; closed if this was the last one
 *
 * Context: RTNL, process.
 */
void vnb_sock_put(struct vnb_sock *sock);

/**
 * vnb_sock_add_slot() - receive frames of a VNI
 * @sock: the socket
 * @slot: unused slot of the tunnel
 * @tun: who receives them
 * @vni: VNI, unique on the socket
 *
 * Context: RTNL.
 */
void vnb_sock_add_slot(struct vnb_sock *sock, struct vnb_sock_slot *slot,
		       struct vnb_tunnel *tun, u32 vni);

/**
 * vnb_sock_del_slot() - receive no more
 * @slot: slot; usable again after a grace period
 *
 * Context: RTNL.
 */
void vnb_sock_del_slot(struct vnb_sock_slot *slot);

/**
 * vnb_sock_find_rcu() - who receives frames of a VNI
 * @sock: the socket
 * @vni: VNI
 *
 * Return: the tunnel or NULL. Context: RCU read section.
 */
struct vnb_tunnel *vnb_sock_find_rcu(const struct vnb_sock *sock, u32 vni);

/**
 * vnb_sock_join() - become a member of the multicast group, if @cfg has one
 * @sock: the socket
 * @cfg: says group and device
 *
 * Members are counted: tunnels of one port may share a group.
 * Context: RTNL, process.
 * Return: 0 or a negative error.
 */
int vnb_sock_join(struct vnb_sock *sock, const struct vnb_tunnel_config *cfg);

/**
 * vnb_sock_leave() - the counterpart of vnb_sock_join()
 * @sock: the socket
 * @cfg: as at vnb_sock_join()
 *
 * Context: RTNL, process.
 */
void vnb_sock_leave(struct vnb_sock *sock, const struct vnb_tunnel_config *cfg);

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
