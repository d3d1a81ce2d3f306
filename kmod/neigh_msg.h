/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_NEIGH_MSG_H
#define VNB_NEIGH_MSG_H

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/ndisc.h>

/* Messages that neighbours find each other with, as they are in frames. */

/**
 * struct vnb_arp - ARP for IPv4 over Ethernet (RFC 826)
 */
struct vnb_arp {
	/** @hdr: what kind of addresses follow, and what for */
	struct arphdr	hdr;
	/** @sender: link address of who sends it */
	u8		sender[ETH_ALEN];
	/** @sender_ip: and its other one, 0 for none */
	__be32		sender_ip;
	/** @target: link address of who is meant, if known */
	u8		target[ETH_ALEN];
	/** @target_ip: and its other one */
	__be32		target_ip;
} __packed;

/** vnb_arp_read() - is it ARP for IPv4? @skb: data at the network header */
static inline bool vnb_arp_read(const struct sk_buff *skb, struct vnb_arp *arp)
{
	return !skb_copy_bits(skb, 0, arp, sizeof(*arp)) &&
	       arp->hdr.ar_pro == htons(ETH_P_IP) &&
	       arp->hdr.ar_hln == ETH_ALEN &&
	       arp->hdr.ar_pln == sizeof(__be32);
}

/**
 * vnb_nd_read() - is it a message that no router has passed on?
 * @skb: data at the network header
 * @ip: gets its header
 * @msg: gets the fixed part of the message
 *
 * What both RFC 4861 7.1.1 and 7.1.2 ask, but lengths and the checksum.
 *
 * Return: whether it is ICMPv6 at all, and that.
 */
static inline bool vnb_nd_read(const struct sk_buff *skb, struct ipv6hdr *ip,
			       struct nd_msg *msg)
{
	return !skb_copy_bits(skb, 0, ip, sizeof(*ip)) &&
	       ip->nexthdr == IPPROTO_ICMPV6 && ip->hop_limit == 255 &&
	       !skb_copy_bits(skb, sizeof(*ip), msg, sizeof(*msg)) &&
	       !msg->icmph.icmp6_code;
}

#endif /* VNB_NEIGH_MSG_H */
