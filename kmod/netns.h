/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_NETNS_H
#define VNB_NETNS_H

#include <linux/hashtable.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#define VNB_NET_HASH_BITS	10

/**
 * struct vnb_net - what the module has in each namespace, under RTNL
 */
struct vnb_net {
	/** @tunnels: tunnels whose underlay this is, by VNI */
	DECLARE_HASHTABLE(tunnels, VNB_NET_HASH_BITS);

	/** @socks: UDP sockets, struct vnb_sock.list */
	struct list_head	socks;
};

extern unsigned int vnb_net_id;

/** vnb_net() - the module's data of a namespace */
static inline struct vnb_net *vnb_net(const struct net *net)
{
	return net_generic(net, vnb_net_id);
}

/**
 * vnb_tunnel_net_exit() - delete the tunnels whose underlay dies
 * @net: the dying namespace; the devices may be in others
 * @head: unregister list
 *
 * Context: RTNL. Runs before the core deletes the devices of @net, which may
 * include some of these once more.
 */
void vnb_tunnel_net_exit(struct net *net, struct list_head *head);

#endif /* VNB_NETNS_H */
