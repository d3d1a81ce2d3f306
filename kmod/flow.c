// SPDX-License-Identifier: GPL-2.0
/*
 * Which flow a frame belongs to, told to the underlay by the source port.
 *
 * Copyright (C) the vnetbr authors
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/once.h>

#include <net/ip.h>

#include "encap.h"

/* Ports, or whatever else the first four bytes behind the IP header are. */
#define VNB_FLOW_PORTS	sizeof(__be32)

static bool vnb_flow_has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP;
}

static bool vnb_flow_linear(const struct sk_buff *skb, unsigned int iphlen)
{
	return skb_network_offset(skb) + iphlen + VNB_FLOW_PORTS <=
	       skb_headlen(skb);
}

static bool vnb_flow_hash4(const struct sk_buff *skb, u32 seed, u32 *hash)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->ihl != sizeof(*iph) / 4 || ip_is_fragment(iph) ||
	    !vnb_flow_has_ports(iph->protocol) ||
	    !vnb_flow_linear(skb, sizeof(*iph)))
		return false;

	*hash = jhash_3words((__force u32)iph->saddr, (__force u32)iph->daddr,
			     *(const u32 *)(iph + 1), seed + iph->protocol);
	return true;
}

static bool vnb_flow_hash6(const struct sk_buff *skb, u32 seed, u32 *hash)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);

	if (!vnb_flow_has_ports(iph->nexthdr) ||
	    !vnb_flow_linear(skb, sizeof(*iph)))
		return false;

	/* Both addresses and the ports are one piece. */
	*hash = jhash2((const u32 *)&iph->saddr,
		       (2 * sizeof(iph->saddr) + VNB_FLOW_PORTS) / sizeof(u32),
		       seed + iph->nexthdr);
	return true;
}

/*
 * The dissector of the core costs more than all else that is done to a small
 * frame: know what is common ourselves. Keyed, so that nobody chooses the port
 * of another flow.
 */
static bool vnb_flow_hash(const struct sk_buff *skb, u32 *hash)
{
	static u32 seed __read_mostly;

	net_get_random_once(&seed, sizeof(seed));
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return vnb_flow_hash4(skb, seed, hash);
	case htons(ETH_P_IPV6):
		return vnb_flow_hash6(skb, seed, hash);
	default:
		return false;
	}
}

/* Not udp_flow_src_port(): whether the upper end is one depends on kernels. */
__be16 vnb_flow_port(const struct vnb_tunnel_config *cfg, struct sk_buff *skb)
{
	u16 low = ntohs(cfg->sport.low), high = ntohs(cfg->sport.high);
	u32 hash;

	if (!skb->l4_hash && !skb->sw_hash && vnb_flow_hash(skb, &hash))
		__skb_set_sw_hash(skb, hash, true);

	hash = skb_get_hash(skb);
	if (unlikely(!hash))
		hash = jhash(skb->data, 2 * ETH_ALEN,
			     (__force u32)skb->protocol);

	/* The low bits, too, and not the hash itself that others rely on. */
	hash ^= hash << 16;
	return htons(low + reciprocal_scale(hash, high - low + 1));
}
