/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_REMOTE_H
#define VNB_REMOTE_H

#include <linux/in.h>
#include <linux/rhashtable-types.h>
#include <linux/socket.h>

#include <net/dst_cache.h>
#include <net/ipv6.h>

/**
 * union vnb_ip - an IPv4 or IPv6 address; unused bytes are zero
 */
union vnb_ip {
	/** @v4: IPv4 address */
	__be32		v4;

	/** @v6: IPv6 address */
	struct in6_addr	v6;
};

static inline bool vnb_ip_equal(const union vnb_ip *a, const union vnb_ip *b)
{
	return ipv6_addr_equal(&a->v6, &b->v6);
}

static inline bool vnb_ip_is_any(const union vnb_ip *ip)
{
	return ipv6_addr_any(&ip->v6);
}

static inline bool vnb_ip_is_multicast(const union vnb_ip *ip, u8 family)
{
	return family == AF_INET ? ipv4_is_multicast(ip->v4) :
				   ipv6_addr_is_multicast(&ip->v6);
}

static inline bool vnb_ip_is_linklocal6(const union vnb_ip *ip, u8 family)
{
	return family == AF_INET6 &&
	       ipv6_addr_type(&ip->v6) & IPV6_ADDR_LINKLOCAL;
}

/**
 * struct vnb_remote_key - what makes a remote; no padding
 */
struct vnb_remote_key {
	/** @ip: where its tunnel endpoint is */
	union vnb_ip	ip;

	/** @family: of @ip */
	u16		family;

	/** @port: UDP port, 0 for that of the tunnel */
	__be16		port;

	/** @vni: VNI, 0 for that of the tunnel */
	u32		vni;

	/** @ifindex: underlay device that leads to it, 0 for any */
	u32		ifindex;
};

/**
 * struct vnb_remote - a tunnel endpoint that frames are sent to
 *
 * One object for all forwarding entries that lead to it, so that they share one
 * route. Read under RCU.
 */
struct vnb_remote {
	/** @key: constant */
	struct vnb_remote_key	key;

	/** @refs: entries that lead to it, under vnb_tfdb.lock */
	unsigned int		refs;

	/** @ident: next IPv4 identification, of all remotes at @key.ip */
	atomic_t		*ident;

	/** @route: per CPU; works without memory too, only slower */
	struct dst_cache	route;

	/** @node: in vnb_tfdb.remotes */
	struct rhash_head	node;

	/** @rcu: frees the remote after the last reader */
	struct rcu_head		rcu;
};

/**
 * vnb_remotes_init() - an empty table of remotes
 * @remotes: the table
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_remotes_init(struct rhashtable *remotes);

/**
 * vnb_remote_get() - find a remote or make it
 * @remotes: table, whose lock is held
 * @key: what it is
 *
 * Does not sleep.
 * Return: the remote with one more reference, NULL without memory.
 */
struct vnb_remote *vnb_remote_get(struct rhashtable *remotes,
				  const struct vnb_remote_key *key);

/**
 * vnb_remote_put() - give a reference back
 * @remotes: table, whose lock is held
 * @remote: the remote; freed after a grace period if this was the last one
 */
void vnb_remote_put(struct rhashtable *remotes, struct vnb_remote *remote);

/**
 * vnb_remotes_reset_routes() - have all routes looked up anew
 * @remotes: the table
 *
 * Context: process.
 */
void vnb_remotes_reset_routes(struct rhashtable *remotes);

#endif /* VNB_REMOTE_H */
