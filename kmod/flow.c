// SPDX-License-Identifier: GPL-2.0
/*
 * Which flow a frame belongs to, told to the underlay by the source port.
 *
 * Copyright (C) the vnetbr authors
 */

#include "encap.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/net.h>

#include <net/ip.h>

/*
 * Ports, or whatever else the four bytes behind the IP header are. The parts of
 * a flow may differ in how much of them is linear.
 */
static const u32 *vnb_flow_ports(const struct sk_buff *skb, u8 proto,
				 unsigned int iphlen, u32 *buf)
{
	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		return NULL;

	return skb_header_pointer(skb, skb_network_offset(skb) + iphlen,
				  sizeof(*buf), buf);
}

static bool vnb_flow_hash4(const struct sk_buff *skb, u32 seed, u32 *hash)
{
	const struct iphdr *iph = ip_hdr(skb);
	const u32 *ports;
	u32 buf;

	if (iph->ihl != sizeof(*iph) / 4 || ip_is_fragment(iph))
		return false;

	ports = vnb_flow_ports(skb, iph->protocol, sizeof(*iph), &buf);
	if (!ports)
		return false;

	*hash = jhash_3words((__force u32)iph->saddr, (__force u32)iph->daddr,
			     *ports, seed + iph->protocol);
	return true;
}

static bool vnb_flow_hash6(const struct sk_buff *skb, u32 seed, u32 *hash)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	const u32 *ports;
	u32 buf;

	ports = vnb_flow_ports(skb, iph->nexthdr, sizeof(*iph), &buf);
	if (!ports)
		return false;

	/* Both addresses are one piece. */
	*hash = jhash2((const u32 *)&iph->saddr,
		       2 * sizeof(iph->saddr) / sizeof(u32), *ports);
	*hash = jhash_1word(*hash, seed + iph->nexthdr);
	return true;
}

/*
 * The dissector of the core costs more than all else that is done to a small
 * frame: know what is common ourselves. Seeded, so that flows do not meet again
 * on the next machine.
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
		__skb_set_sw_hash(skb, hash ? : 1, true);

	hash = skb_get_hash(skb);
	if (unlikely(!hash))
		hash = jhash(skb->data, 2 * ETH_ALEN,
			     (__force u32)skb->protocol);

	/* The low bits, too, and not the hash itself that others rely on. */
	hash ^= hash << 16;
	return htons(low + reciprocal_scale(hash, high - low + 1));
}
