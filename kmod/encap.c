// SPDX-License-Identifier: GPL-2.0
/*
 * From the inner frame to the UDP socket.
 *
 * Copyright (C) the vnetbr authors
 */

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/jhash.h>

#include <net/flow.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "tunnel.h"
#include "vxlan.h"

#define VNB_ENCAP_HLEN	(sizeof(struct udphdr) + sizeof(struct vnb_vxlan_hdr))

/* Tunnels in tunnels: less than what the core bears. */
#define VNB_ENCAP_DEPTH_MAX	4

/**
 * struct vnb_encap - how a frame is sent; lives on the stack
 */
struct vnb_encap {
	/** @tun: the tunnel */
	struct vnb_tunnel	*tun;

	/** @cfg: its configuration */
	const struct vnb_tunnel_config *cfg;

	/** @sk: its socket */
	struct sock		*sk;

	/** @remote: where to */
	struct vnb_remote	*remote;

	/** @mark: of the inner packet, for the route */
	u32			mark;

	/** @oif: underlay device, or 0 */
	int			oif;

	/** @sport: source port */
	__be16			sport;

	/** @df: of the outer IPv4 header */
	__be16			df;

	/** @tos: DSCP and ECN */
	u8			tos;

	/** @ttl: 0 for the default */
	u8			ttl;

	/** @csum: with an UDP checksum */
	bool			csum;

	/** @cache: the route depends on the remote only */
	bool			cache;

	/** @answer: tell the sender of a frame that is too big */
	bool			answer;
};

unsigned int vnb_encap_overhead(u8 family)
{
	return ETH_HLEN + VNB_ENCAP_HLEN + (family == AF_INET ?
		sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

/* The errors that the core has counters for. Consumes @skb. */
static void vnb_encap_drop(struct vnb_tunnel *tun, struct sk_buff *skb,
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

static __be16 vnb_encap_dport(const struct vnb_encap *x)
{
	return x->remote->key.port ? : x->cfg->port;
}

static u8 vnb_encap_ttl(const struct vnb_encap *x)
{
	const struct vnb_remote_key *key = &x->remote->key;

	if (!x->ttl && vnb_ip_is_multicast(&key->ip, key->family))
		return 1;

	return x->ttl;
}

static struct rtable *vnb_encap_route4(const struct vnb_encap *x, __be32 *saddr)
{
	struct flowi4 fl4 = {
		.flowi4_oif	= x->oif,
		.flowi4_mark	= x->mark,
		.flowi4_proto	= IPPROTO_UDP,
		.daddr		= x->remote->key.ip.v4,
		.saddr		= x->cfg->local.v4,
		.fl4_sport	= x->sport,
		.fl4_dport	= vnb_encap_dport(x),
	};
	struct rtable *rt;

	if (likely(x->cache)) {
		rt = dst_cache_get_ip4(&x->remote->route, saddr);
		if (likely(rt))
			return rt;
	}

	vnb_fl4_set_dscp(&fl4, x->tos);
	rt = ip_route_output_key(x->tun->net, &fl4);
	if (IS_ERR(rt))
		return rt;

	if (rt->dst.dev == x->tun->vnb.dev) {
		ip_rt_put(rt);
		return ERR_PTR(-ELOOP);
	}

	*saddr = fl4.saddr;
	if (x->cache)
		dst_cache_set_ip4(&x->remote->route, &rt->dst, fl4.saddr);

	return rt;
}

static struct dst_entry *vnb_encap_route6(const struct vnb_encap *x,
					  struct in6_addr *saddr)
{
	struct flowi6 fl6 = {
		.flowi6_oif	= x->oif,
		.flowi6_mark	= x->mark,
		.flowi6_proto	= IPPROTO_UDP,
		.daddr		= x->remote->key.ip.v6,
		.saddr		= x->cfg->local.v6,
		.fl6_sport	= x->sport,
		.fl6_dport	= vnb_encap_dport(x),
		.flowlabel	= ip6_make_flowinfo(x->tos, x->cfg->label),
	};
	struct dst_entry *dst;

	if (likely(x->cache)) {
		dst = dst_cache_get_ip6(&x->remote->route, saddr);
		if (likely(dst))
			return dst;
	}

	dst = ip6_dst_lookup_flow(x->tun->net, x->sk, &fl6, NULL);
	if (IS_ERR(dst))
		return dst;

	if (dst->dev == x->tun->vnb.dev) {
		dst_release(dst);
		return ERR_PTR(-ELOOP);
	}

	*saddr = fl6.saddr;
	if (x->cache)
		dst_cache_set_ip6(&x->remote->route, dst, &fl6.saddr);

	return dst;
}

static enum vnb_drop vnb_encap_route_error(const void *ptr)
{
	return PTR_ERR(ptr) == -ELOOP ? VNB_DROP_ROUTE_LOOP : VNB_DROP_NO_ROUTE;
}

unsigned int vnb_encap_path_mtu(struct vnb_tunnel *tun,
				const struct vnb_tunnel_config *cfg)
{
	struct vnb_remote remote = {
		.key.ip		= cfg->remote,
		.key.family	= cfg->family,
	};
	struct vnb_encap x = {
		.tun		= tun,
		.cfg		= cfg,
		.remote		= &remote,
		.oif		= cfg->link,
		.sport		= cfg->sport.low,
	};
	struct dst_entry *dst;
	union vnb_ip saddr;
	unsigned int mtu;

	if (cfg->family == AF_INET) {
		struct rtable *rt = vnb_encap_route4(&x, &saddr.v4);

		dst = IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
	} else {
		dst = vnb_encap_route6(&x, &saddr.v6);
	}
	if (IS_ERR(dst))
		return 0;

	mtu = dst_mtu(dst);
	dst_release(dst);
	return mtu;
}

/*
 * @skb has become the answer to its sender: receive it from the tunnel. Never
 * directly, because the sender may hold locks. Consumes @skb.
 */
static void vnb_encap_answer(struct vnb_tunnel *tun, struct sk_buff *skb)
{
	struct net_device *dev = tun->vnb.dev;

	vnb_stats_inc(tun->vnb.stats, VNB_DROP_PMTU);
	DEV_STATS_INC(dev, tx_dropped);

	skb_orphan(skb);
	skb_scrub_packet(skb, false);
	skb->encapsulation = 0;
	skb->protocol = eth_type_trans(skb, dev);
	dev_sw_netstats_rx_add(dev, skb->len);
	__netif_rx(skb);
}

/*
 * The same for a frame with a tag, which skb_tunnel_check_pmtu() does not look
 * behind: take it off meanwhile. Borrows @skb; may move skb->data.
 */
static int vnb_encap_check_tagged(struct sk_buff *skb, struct dst_entry *dst,
				  unsigned int overhead)
{
	unsigned int len = skb->len - skb_network_offset(skb);
	unsigned int mtu = dst_mtu(dst) - overhead;
	__be16 proto = skb->protocol;
	u16 tci;
	int err;

	if (likely(skb_is_gso(skb) ? skb_gso_validate_network_len(skb, mtu) :
				     len <= mtu))
		return 0;

	err = __skb_vlan_pop(skb, &tci);
	if (unlikely(err))
		return err;

	err = skb_tunnel_check_pmtu(skb, dst, overhead, true);
	if (err > 0)
		__vlan_hwaccel_put_tag(skb, proto, tci);
	if (err)
		return err;

	err = __vlan_insert_tag(skb, proto, tci);
	skb->protocol = proto;
	return err;
}

/*
 * Does the frame fit? Borrows @skb; may move skb->data. Return: 0, more when
 * @skb has become the answer to its sender, or a negative error.
 */
static int vnb_encap_check_pmtu(const struct vnb_encap *x, struct sk_buff *skb,
				struct dst_entry *dst, unsigned int iphlen)
{
	unsigned int overhead = skb_network_offset(skb) + VNB_ENCAP_HLEN +
				iphlen;

	if (unlikely(x->answer && eth_type_vlan(skb->protocol)))
		return vnb_encap_check_tagged(skb, dst, overhead);

	return skb_tunnel_check_pmtu(skb, dst, overhead, x->answer);
}

/* What all families do alike. Return: false when @skb is consumed. */
static bool vnb_encap_build(const struct vnb_encap *x, struct sk_buff *skb,
			    struct dst_entry *dst, unsigned int iphlen)
{
	unsigned int headroom = LL_RESERVED_SPACE(dst->dev) + dst->header_len +
				VNB_ENCAP_HLEN + iphlen;
	enum vnb_drop why;
	int err;

	err = vnb_encap_check_pmtu(x, skb, dst, iphlen);
	if (unlikely(err > 0)) {
		vnb_encap_answer(x->tun, skb);
		return false;
	}

	why = VNB_DROP_PMTU;
	if (unlikely(err))
		goto drop;

	why = VNB_DROP_NO_MEMORY;
	if (unlikely(skb_cow_head(skb, headroom)))
		goto drop;

	why = VNB_DROP_OFFLOAD;
	if (unlikely(udp_tunnel_handle_offloads(skb, x->csum)))
		goto drop;

	vnb_vxlan_build(__skb_push(skb, sizeof(struct vnb_vxlan_hdr)),
			x->remote->key.vni ? : x->cfg->vni);
	skb_set_inner_protocol(skb, htons(ETH_P_TEB));
	return true;

drop:
	vnb_encap_drop(x->tun, skb, why);
	return false;
}

/* Consumes @skb. */
static void vnb_encap4(const struct vnb_encap *x, struct sk_buff *skb)
{
	struct rtable *rt;
	__be32 saddr;

	rt = vnb_encap_route4(x, &saddr);
	if (IS_ERR(rt)) {
		vnb_encap_drop(x->tun, skb, vnb_encap_route_error(rt));
		return;
	}

	if (!vnb_encap_build(x, skb, &rt->dst, sizeof(struct iphdr))) {
		ip_rt_put(rt);
		return;
	}

	udp_tunnel_xmit_skb(rt, x->sk, skb, saddr, x->remote->key.ip.v4, x->tos,
			    vnb_encap_ttl(x) ? : ip4_dst_hoplimit(&rt->dst),
			    x->df, x->sport, vnb_encap_dport(x),
			    vnb_tunnel_is_xnet(x->tun), !x->csum, 0);
}

/* Consumes @skb. */
static void vnb_encap6(const struct vnb_encap *x, struct sk_buff *skb)
{
	struct dst_entry *dst;
	struct in6_addr saddr;

	dst = vnb_encap_route6(x, &saddr);
	if (IS_ERR(dst)) {
		vnb_encap_drop(x->tun, skb, vnb_encap_route_error(dst));
		return;
	}

	if (!vnb_encap_build(x, skb, dst, sizeof(struct ipv6hdr))) {
		dst_release(dst);
		return;
	}

	/* the IPv4 function does this itself */
	skb_scrub_packet(skb, vnb_tunnel_is_xnet(x->tun));
	udp_tunnel6_xmit_skb(dst, x->sk, skb, skb->dev, &saddr,
			     &x->remote->key.ip.v6, x->tos,
			     vnb_encap_ttl(x) ? : ip6_dst_hoplimit(dst),
			     x->cfg->label, x->sport, vnb_encap_dport(x),
			     !x->csum, 0);
}

/* A copy to one remote. Consumes @skb. */
static void vnb_encap_one(struct vnb_encap *x, struct vnb_remote *remote,
			  struct sk_buff *skb)
{
	x->remote = remote;
	x->oif = remote->key.ifindex ? : x->sk->sk_bound_dev_if;

	/* Family and entries are not changed at one instant. */
	if (unlikely(remote->key.family != x->sk->sk_family))
		vnb_encap_drop(x->tun, skb, VNB_DROP_NO_ROUTE);
	else if (remote->key.family == AF_INET)
		vnb_encap4(x, skb);
	else
		vnb_encap6(x, skb);
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

/*
 * One port for one flow (RFC 7348 section 5). Not udp_flow_src_port(): whether
 * its upper end is in the range depends on the kernel. Borrows @skb.
 */
static __be16 vnb_encap_sport(const struct vnb_tunnel_config *cfg,
			      struct sk_buff *skb)
{
	u16 low = ntohs(cfg->sport.low), high = ntohs(cfg->sport.high);
	u32 hash = skb_get_hash(skb);

	if (unlikely(!hash))
		hash = jhash(skb->data, 2 * ETH_ALEN,
			     (__force u32)skb->protocol);

	/* The low bits, too, and not the hash itself that others rely on. */
	hash ^= hash << 16;
	return htons(low + reciprocal_scale(hash, high - low + 1));
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

	x->sport = vnb_encap_sport(cfg, skb);
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

/* A copy to every remote of an entry. Consumes @skb. */
static void vnb_encap_all(struct vnb_encap *x, const struct vnb_tfdb_entry *e,
			  struct sk_buff *skb)
{
	struct sk_buff *copy;
	unsigned int i;

	for (i = 0; i < e->n - 1; i++) {
		copy = skb_clone(skb, GFP_ATOMIC);
		if (unlikely(!copy)) {
			vnb_stats_inc(x->tun->vnb.stats, VNB_DROP_NO_MEMORY);
			DEV_STATS_INC(x->tun->vnb.dev, tx_dropped);
			break;
		}
		vnb_encap_one(x, e->remotes[i], copy);
	}

	if (vnb_tfdb_is_group(e->key.addr))
		vnb_stats_add(x->tun->vnb.stats, VNB_STAT_FLOODED, e->n);

	/* The last remote gets the frame itself, so that one needs no copy. */
	vnb_encap_one(x, e->remotes[e->n - 1], skb);
}

void vnb_tunnel_send(struct net_device *dev, struct sk_buff *skb)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	struct vnb_sock *sock = rcu_dereference(tun->sock);
	struct vnb_encap x = {
		.tun	= tun,
		.cfg	= rcu_dereference(tun->cfg),
		.answer	= rcu_access_pointer(tun->vnb.port) ||
			  netif_is_any_bridge_port(dev),
	};
	const struct vnb_tfdb_entry *e;
	enum vnb_drop why;

	skb->dev = dev;

	why = VNB_DROP_PORT_DOWN;
	if (unlikely(!sock))
		goto drop;
	x.sk = sock->sk;

	why = VNB_DROP_RECURSION;
	if (unlikely(dev_recursion_level() > VNB_ENCAP_DEPTH_MAX))
		goto drop;

	why = vnb_encap_prepare(skb);
	if (unlikely(why))
		goto drop;

	e = vnb_encap_find(tun, eth_hdr(skb)->h_dest);
	why = VNB_DROP_NO_REMOTE;
	if (unlikely(!e))
		goto drop;

	vnb_encap_inherit(&x, skb);
	vnb_encap_all(&x, e, skb);
	return;

drop:
	vnb_encap_drop(tun, skb, why);
}
