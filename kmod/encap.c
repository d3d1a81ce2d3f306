// SPDX-License-Identifier: GPL-2.0
/*
 * From the inner frame to its remotes: what the outer headers say.
 *
 * Copyright (C) the vnetbr authors
 */
#include "encap.h"

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>

#include <net/ip.h>
#include <net/ip_tunnels.h>

/* Tunnels in tunnels: less than what the core bears. */
#define VNB_ENCAP_DEPTH_MAX	4

/* The errors that the core has counters for. */
void vnb_encap_drop(struct vnb_tunnel *tun, struct sk_buff *skb,
		    enum vnb_drop why)
{
	struct net_device *dev = tun->vnb.dev;

	switch (why) {
	case VNB_DROP_NO_ROUTE:
		DEV_STATS_INC(dev, tx_carrier_errors);
		DEV_STATS_INC(dev, tx_errors);
		break;
	case VNB_DROP_ROUTE_LOOP:
		DEV_STATS_INC(dev, collisions);
		DEV_STATS_INC(dev, tx_errors);
		break;
	case VNB_DROP_NO_MEMORY:
	case VNB_DROP_OFFLOAD:
	case VNB_DROP_PMTU:
		DEV_STATS_INC(dev, tx_errors);
		break;
	default:
		DEV_STATS_INC(dev, tx_dropped);
	}

	vnb_drop(&tun->vnb, skb, why);
}

static __be16 vnb_encap_df(const struct vnb_tunnel_config *cfg,
			   const struct sk_buff *skb)
{
	switch (cfg->df) {
	case VXLAN_DF_SET:
		return htons(IP_DF);
	case VXLAN_DF_INHERIT:
		break;
	default:
		return 0;
	}

	switch (skb_protocol(skb, true)) {
	case htons(ETH_P_IPV6):
		return htons(IP_DF);
	case htons(ETH_P_IP):
		return ip_hdr(skb)->frag_off & htons(IP_DF);
	default:
		return 0;
	}
}

/* What the outer headers take from the inner ones. Borrows @skb. */
static void vnb_encap_inherit(struct vnb_encap *x, struct sk_buff *skb)
{
	const struct vnb_tunnel_config *cfg = x->cfg;
	const struct iphdr *iph = ip_hdr(skb);
	u8 tos = cfg->tos;

	if (tos == VNB_TUNNEL_TOS_INHERIT)
		tos = ip_tunnel_get_dsfield(iph, skb);

	x->mark = skb->mark;
	x->cache = !skb->mark && (cfg->tos != VNB_TUNNEL_TOS_INHERIT ||
				  !(tos & ~INET_ECN_MASK));
	x->tos = ip_tunnel_ecn_encap(tos, iph, skb);
	x->ttl = cfg->ttl_inherit ? ip_tunnel_get_ttl(iph, skb) : cfg->ttl;
	x->df = vnb_encap_df(cfg, skb);
	x->csum = vnb_tunnel_config_csum(cfg);
	x->sport = vnb_flow_port(cfg, skb);
}

/*
 * Have headers where the frame says they are, because neither the sender of a
 * raw frame nor a device that was skipped can be relied on. Borrows @skb; may
 * move skb->data.
 */
static enum vnb_drop vnb_encap_prepare(struct sk_buff *skb)
{
	__be16 proto;

	if (unlikely(!pskb_may_pull(skb, ETH_HLEN)))
		return VNB_DROP_TRUNCATED;

	skb_reset_mac_header(skb);
	if (unlikely(skb_vlan_tag_present(skb))) {
		if (__vlan_insert_tag(skb, skb->vlan_proto,
				      skb_vlan_tag_get(skb)))
			return VNB_DROP_NO_MEMORY;
		__vlan_hwaccel_clear_tag(skb);
		skb_reset_mac_header(skb);
	}

	proto = eth_hdr(skb)->h_proto;
	skb->protocol = eth_proto_is_802_3(proto) ? proto : htons(ETH_P_802_2);
	skb_set_network_header(skb, ETH_HLEN);
	skb_reset_mac_len(skb);

	/* The flow is found from the first tag, headers are behind the last. */
	if (unlikely(eth_type_vlan(skb->protocol)))
		skb_get_hash(skb);
	if (unlikely(skb_vlan_inet_prepare(skb, false)))
		return VNB_DROP_TRUNCATED;
	skb_reset_mac_len(skb);

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb_set_transport_header(skb, skb_checksum_start_offset(skb));

	return VNB_OK;
}

static const struct vnb_tfdb_entry *vnb_encap_find(struct vnb_tunnel *tun,
						   const u8 *addr)
{
	static const u8 any[ETH_ALEN];
	const struct vnb_tfdb_entry *e;

	e = vnb_tfdb_find_rcu(&tun->fdb, addr);
	return e ? : vnb_tfdb_find_rcu(&tun->fdb, any);
}

/*
 * What a frame meets until its remotes are known. Fills in @x and has @e point
 * to the remotes, or says why there are none. Borrows @skb.
 */
static enum vnb_drop vnb_encap_begin(struct vnb_encap *x,
				     const struct net_device *dev,
				     struct sk_buff *skb,
				     const struct vnb_tfdb_entry **e)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	struct vnb_sock *sock = rcu_dereference(tun->sock);
	enum vnb_drop why;

	if (unlikely(!sock))
		return VNB_DROP_PORT_DOWN;
	if (unlikely(dev_recursion_level() > VNB_ENCAP_DEPTH_MAX))
		return VNB_DROP_RECURSION;

	why = vnb_encap_prepare(skb);
	if (unlikely(why))
		return why;

	*e = vnb_encap_find(tun, eth_hdr(skb)->h_dest);
	if (unlikely(!*e))
		return VNB_DROP_NO_REMOTE;

	x->tun = tun;
	x->cfg = rcu_dereference(tun->cfg);
	x->sk = sock->sk;
	x->answer = rcu_access_pointer(tun->vnb.port) ||
		    netif_is_any_bridge_port(dev);
	vnb_encap_inherit(x, skb);
	return VNB_OK;
}

/* Remotes that a question asks for: each takes a route, and may take a copy. */
#define VNB_ENCAP_ASKED		16

/* Would one of the remotes of an entry get the frame? Borrows @skb. */
static enum vnb_drop vnb_encap_ask(struct vnb_encap *x,
				   const struct vnb_tfdb_entry *e,
				   struct sk_buff *skb)
{
	enum vnb_drop why = VNB_DROP_NO_ROUTE;
	unsigned int i;

	x->cache = false;
	for (i = 0; why && i < min_t(u16, e->n, VNB_ENCAP_ASKED); i++)
		why = vnb_outer_would_send(x, e->remotes[i], skb);
	return why;
}

/*
 * A copy to every remote of an entry. Each has headers of its own: copy them
 * now, and room for them, because skb_cow_head() would copy a clone anyway.
 * Consumes @skb.
 */
static void vnb_encap_all(struct vnb_encap *x, const struct vnb_tfdb_entry *e,
			  struct sk_buff *skb)
{
	struct sk_buff *copy;
	unsigned int i;

	/* Without memory for it, each copy tries again. */
	if (e->n > 1)
		skb_cow_head(skb, READ_ONCE(x->tun->vnb.dev->needed_headroom));

	for (i = 0; i < e->n - 1; i++) {
		copy = pskb_copy(skb, GFP_ATOMIC);
		if (unlikely(!copy)) {
			vnb_stats_inc(x->tun->vnb.stats, VNB_DROP_NO_MEMORY);
			DEV_STATS_INC(x->tun->vnb.dev, tx_dropped);
			break;
		}
		vnb_outer_send(x, e->remotes[i], copy);
	}

	if (vnb_tfdb_is_group(e->key.addr))
		vnb_stats_add(x->tun->vnb.stats, VNB_STAT_FLOODED, e->n);

	/* The last remote gets the frame itself, so that one needs no copy. */
	vnb_outer_send(x, e->remotes[e->n - 1], skb);
}

enum vnb_drop vnb_tunnel_encap(struct net_device *dev, struct sk_buff *skb,
			       bool ask)
{
	const struct vnb_tfdb_entry *e;
	struct vnb_encap x;
	enum vnb_drop why;

	skb->dev = dev;

	why = vnb_encap_begin(&x, dev, skb, &e);
	if (unlikely(ask))
		return why ? : vnb_encap_ask(&x, e, skb);

	if (unlikely(why))
		vnb_encap_drop(vnb_tunnel(dev), skb, why);
	else
		vnb_encap_all(&x, e, skb);
	return why;
}
