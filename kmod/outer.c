// SPDX-License-Identifier: GPL-2.0
/*
 * From a frame and one remote to the network of the underlay: route, path MTU,
 * VXLAN, UDP and IP header.
 *
 * Copyright (C) the vnetbr authors
 */

#include "encap.h"

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>

#include <net/flow.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "vxlan.h"

#define VNB_OUTER_HLEN	(sizeof(struct udphdr) + sizeof(struct vnb_vxlan_hdr))

unsigned int vnb_outer_overhead(u8 family)
{
	return ETH_HLEN + VNB_OUTER_HLEN + (family == AF_INET ?
		sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

static __be16 vnb_outer_dport(const struct vnb_encap *x)
{
	return x->remote->key.port ? : x->cfg->port;
}

static u8 vnb_outer_ttl(const struct vnb_encap *x)
{
	const struct vnb_remote_key *key = &x->remote->key;

	if (!x->ttl && vnb_ip_is_multicast(&key->ip, key->family))
		return 1;

	return x->ttl;
}

static struct rtable *vnb_outer_lookup4(const struct vnb_encap *x,
					__be32 *saddr)
{
	struct flowi4 fl4 = {
		.flowi4_oif	= x->oif,
		.flowi4_mark	= x->mark,
		.flowi4_proto	= IPPROTO_UDP,
		.daddr		= x->remote->key.ip.v4,
		.saddr		= x->cfg->local.v4,
		.fl4_sport	= x->sport,
		.fl4_dport	= vnb_outer_dport(x),
	};
	struct rtable *rt;

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

static struct rtable *vnb_outer_route4(const struct vnb_encap *x, __be32 *saddr)
{
	struct rtable *rt = NULL;

	if (likely(x->cache))
		rt = dst_cache_get_ip4(&x->remote->route, saddr);

	return likely(rt) ? rt : vnb_outer_lookup4(x, saddr);
}

static struct dst_entry *vnb_outer_lookup6(const struct vnb_encap *x,
					   struct in6_addr *saddr)
{
	struct flowi6 fl6 = {
		.flowi6_oif	= x->oif,
		.flowi6_mark	= x->mark,
		.flowi6_proto	= IPPROTO_UDP,
		.daddr		= x->remote->key.ip.v6,
		.saddr		= x->cfg->local.v6,
		.fl6_sport	= x->sport,
		.fl6_dport	= vnb_outer_dport(x),
		.flowlabel	= ip6_make_flowinfo(x->tos, x->cfg->label),
	};
	struct dst_entry *dst;

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

static struct dst_entry *vnb_outer_route6(const struct vnb_encap *x,
					  struct in6_addr *saddr)
{
	struct dst_entry *dst = NULL;

	if (likely(x->cache))
		dst = dst_cache_get_ip6(&x->remote->route, saddr);

	return likely(dst) ? dst : vnb_outer_lookup6(x, saddr);
}

static enum vnb_drop vnb_outer_route_error(const void *ptr)
{
	return PTR_ERR(ptr) == -ELOOP ? VNB_DROP_ROUTE_LOOP : VNB_DROP_NO_ROUTE;
}

/* Of either family. Return: the route, referenced, or an error. */
static struct dst_entry *vnb_outer_route(const struct vnb_encap *x)
{
	union vnb_ip saddr;
	struct rtable *rt;

	if (x->remote->key.family != AF_INET)
		return vnb_outer_route6(x, &saddr.v6);

	rt = vnb_outer_route4(x, &saddr.v4);
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

unsigned int vnb_outer_path_mtu(struct vnb_tunnel *tun,
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
	unsigned int mtu;

	dst = vnb_outer_route(&x);
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
static void vnb_outer_answer(struct vnb_tunnel *tun, struct sk_buff *skb)
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
 * skb_tunnel_check_pmtu() for a frame with a tag, which it does not look
 * behind: take it off meanwhile. Borrows @skb; may move skb->data.
 */
static int vnb_outer_too_big_tagged(struct sk_buff *skb, struct dst_entry *dst,
				    unsigned int overhead)
{
	__be16 proto = skb->protocol;
	u16 tci;
	int err;

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
 * @skb has become the answer to its sender, or a negative error. In line, as
 * vnb_encap_inherit().
 */
static __always_inline int
vnb_outer_check_pmtu(const struct vnb_encap *x, struct sk_buff *skb,
		     struct dst_entry *dst, unsigned int iphlen)
{
	unsigned int nhoff = skb_network_offset(skb);
	unsigned int overhead = nhoff + VNB_OUTER_HLEN + iphlen;
	unsigned int len = skb->len - nhoff + overhead;
	unsigned int mtu = dst_mtu(dst);
	int err;

	/* A route may have an MTU that has no room for the headers alone. */
	if (likely(mtu > overhead) &&
	    likely(skb_is_gso(skb) ?
		   skb_gso_validate_network_len(skb, mtu - overhead) :
		   len <= mtu))
		return 0;

	if (x->answer && eth_type_vlan(skb->protocol))
		err = vnb_outer_too_big_tagged(skb, dst, overhead);
	else
		err = skb_tunnel_check_pmtu(skb, dst, overhead, x->answer);

	/*
	 * Over IPv4 it leaves in fragments, but those are of one packet. IPv6
	 * would drop it later, where nobody counts it as ours.
	 */
	if (!err && (x->remote->key.family == AF_INET6 ||
		     (!skb_is_gso(skb) && len > IP_MAX_MTU)))
		err = -EMSGSIZE;

	return err;
}

/*
 * The header with the same identification in all segments is no longer the only
 * one, but the inner of two. Since 6.18 segmentation tells them apart.
 */
static void vnb_outer_keep_fixed_ids(struct sk_buff *skb)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	if (unlikely(info->gso_type & SKB_GSO_TCP_FIXEDID)) {
		info->gso_type &= ~SKB_GSO_TCP_FIXEDID;
		info->gso_type |= SKB_GSO_TCP_FIXEDID_INNER;
	}
}

/* What all families do alike. Return: false when @skb is consumed. */
static bool vnb_outer_build(const struct vnb_encap *x, struct sk_buff *skb,
			    struct dst_entry *dst, unsigned int iphlen)
{
	unsigned int headroom = LL_RESERVED_SPACE(dst->dev) + dst->header_len +
				VNB_OUTER_HLEN + iphlen;
	enum vnb_drop why;
	int err;

	err = vnb_outer_check_pmtu(x, skb, dst, iphlen);
	if (unlikely(err > 0)) {
		vnb_outer_answer(x->tun, skb);
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
	vnb_outer_keep_fixed_ids(skb);

	vnb_vxlan_build(__skb_push(skb, sizeof(struct vnb_vxlan_hdr)),
			x->remote->key.vni ? : x->cfg->vni);
	skb_set_inner_protocol(skb, htons(ETH_P_TEB));
	return true;

drop:
	vnb_encap_drop(x->tun, skb, why);
	return false;
}

static void vnb_outer_push_udp(const struct vnb_encap *x, struct sk_buff *skb)
{
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = x->sport;
	uh->dest = vnb_outer_dport(x);
	uh->len = htons(skb->len);
	uh->check = 0;
}

/*
 * The identification has to differ among packets from and to the same addresses
 * while one can be in reassembly (RFC 6864 section 4.3): all remotes at one
 * address count together. Guests leave it to us to count the segments, of which
 * one too many does no harm.
 */
static __be16 vnb_outer_ident(const struct vnb_encap *x,
			      const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int segs = info->gso_segs;

	if (unlikely(!segs))
		segs = info->gso_size ?
			DIV_ROUND_UP(skb->len, info->gso_size) : 1;

	return htons(atomic_fetch_add_relaxed(segs, x->remote->ident));
}

static void vnb_outer_push_ip4(const struct vnb_encap *x, struct sk_buff *skb,
			       const struct rtable *rt, __be32 saddr)
{
	struct iphdr *iph = __skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = x->tos;
	iph->id = vnb_outer_ident(x, skb);
	iph->frag_off = ip_mtu_locked(&rt->dst) ? 0 : x->df;
	iph->ttl = vnb_outer_ttl(x) ? : ip4_dst_hoplimit(&rt->dst);
	iph->protocol = IPPROTO_UDP;
	iph->saddr = saddr;
	iph->daddr = x->remote->key.ip.v4;
}

/*
 * Not udp_tunnel_xmit_skb(), which hashes addresses for an identification that
 * need not be secret. Length and checksum of the header are ip_local_out()'s.
 * Consumes @skb.
 */
static void vnb_outer4(const struct vnb_encap *x, struct sk_buff *skb)
{
	struct rtable *rt;
	__be32 saddr;
	int len, err;

	rt = vnb_outer_route4(x, &saddr);
	if (IS_ERR(rt)) {
		vnb_encap_drop(x->tun, skb, vnb_outer_route_error(rt));
		return;
	}

	if (!vnb_outer_build(x, skb, &rt->dst, sizeof(struct iphdr))) {
		ip_rt_put(rt);
		return;
	}

	vnb_outer_push_udp(x, skb);
	if (x->csum)
		udp_set_csum(false, skb, saddr, x->remote->key.ip.v4, skb->len);
	len = skb->len - skb_inner_network_offset(skb);

	skb_scrub_packet(skb, vnb_tunnel_is_xnet(x->tun));
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set(skb, &rt->dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	vnb_outer_push_ip4(x, skb, rt, saddr);

	/* A level of recursion: a socket of the inner packet is not ours. */
	dev_xmit_recursion_inc();
	err = ip_local_out(x->tun->net, x->sk, skb);
	dev_xmit_recursion_dec();

	if (likely(!net_xmit_eval(err)))
		dev_sw_netstats_tx_add(x->tun->vnb.dev, 1, len);
	else
		DEV_STATS_INC(x->tun->vnb.dev, tx_dropped);
}

/* Apart, because addresses on the stack cost the IPv4 path. Consumes @skb. */
static noinline_for_stack void
vnb_outer6(const struct vnb_encap *x, struct sk_buff *skb)
{
	struct dst_entry *dst;
	struct in6_addr saddr;

	dst = vnb_outer_route6(x, &saddr);
	if (IS_ERR(dst)) {
		vnb_encap_drop(x->tun, skb, vnb_outer_route_error(dst));
		return;
	}

	if (!vnb_outer_build(x, skb, dst, sizeof(struct ipv6hdr))) {
		dst_release(dst);
		return;
	}

	skb_scrub_packet(skb, vnb_tunnel_is_xnet(x->tun));
	udp_tunnel6_xmit_skb(dst, x->sk, skb, skb->dev, &saddr,
			     &x->remote->key.ip.v6, x->tos,
			     vnb_outer_ttl(x) ? : ip6_dst_hoplimit(dst),
			     x->cfg->label, x->sport, vnb_outer_dport(x),
			     !x->csum, 0);
}

/* Return: false while family and entries are not those of one instant. */
static bool vnb_outer_set_remote(struct vnb_encap *x, struct vnb_remote *remote)
{
	x->remote = remote;
	x->oif = remote->key.ifindex ? : x->sk->sk_bound_dev_if;
	return likely(remote->key.family == x->sk->sk_family);
}

enum vnb_drop vnb_outer_would_send(struct vnb_encap *x,
				   struct vnb_remote *remote,
				   const struct sk_buff *skb)
{
	unsigned int iphlen = remote->key.family == AF_INET ?
		sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	enum vnb_drop why = VNB_OK;
	struct dst_entry *dst;
	struct sk_buff *copy;

	if (!vnb_outer_set_remote(x, remote))
		return VNB_DROP_NO_ROUTE;
	dst = vnb_outer_route(x);
	if (IS_ERR(dst))
		return vnb_outer_route_error(dst);

	/* may become an answer, and there are other remotes */
	copy = skb_copy(skb, GFP_ATOMIC);
	if (!copy)
		why = VNB_DROP_NO_MEMORY;
	else if (vnb_outer_check_pmtu(x, copy, dst, iphlen))
		why = VNB_DROP_PMTU;

	consume_skb(copy);
	dst_release(dst);
	return why;
}

void vnb_outer_send(struct vnb_encap *x, struct vnb_remote *remote,
		    struct sk_buff *skb)
{
	if (!vnb_outer_set_remote(x, remote))
		vnb_encap_drop(x->tun, skb, VNB_DROP_NO_ROUTE);
	else if (remote->key.family == AF_INET)
		vnb_outer4(x, skb);
	else
		vnb_outer6(x, skb);
}
