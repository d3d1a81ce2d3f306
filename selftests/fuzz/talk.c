// SPDX-License-Identifier: GPL-2.0
/* What bridges listen to: ARP, neighbour discovery, and BPDUs.
 *
 * 10.0.0.16 + N and 2001:db8:a::16 + N are addresses of the host behind port N;
 * a few more are of a host that is nowhere, or of nobody.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/ipv6.h>
#include <net/ndisc.h>

#include "fuzz.h"

#define FIRST_ADDRESS	0x10

struct arp {
	struct arphdr	hdr;
	u8		sender[ETH_ALEN];
	__be32		sender_ip;
	u8		target[ETH_ALEN];
	__be32		target_ip;
} __packed;

/* IEEE 802.1D-1998 clause 9, behind LLC. */
struct bpdu {
	u8		llc[3];
	__be16		protocol;
	u8		version;
	u8		type;
	u8		flags;
	__be64		root;
	__be32		cost;
	__be64		bridge;
	__be16		port;
	__be16		message_age;
	__be16		max_age;
	__be16		hello_time;
	__be16		forward_delay;
} __packed;

/* A notification of a change has nothing behind its type. */
#define BPDU_SHORT	offsetof(struct bpdu, flags)
#define BPDU_TCN	0x80
#define BPDU_RST	0x02
/* Times are in units of 1/256 second. */
#define SECOND		256

static u8 somebody(struct fuzz_frame *frame)
{
	return FIRST_ADDRESS + fuzz_below(frame, FUZZ_HOSTS + 2);
}

static __be32 some_ip4(struct fuzz_frame *frame)
{
	static const u32 special[] = { 0, ~0, INADDR_LOOPBACK,
				       INADDR_ALLHOSTS_GROUP };

	if (fuzz_one_in(frame, 12))
		return htonl(special[fuzz_below(frame, ARRAY_SIZE(special))]);
	return htonl(0x0a000000 | somebody(frame));
}

static struct in6_addr some_ip6(struct fuzz_frame *frame)
{
	struct in6_addr ip = {};

	switch (fuzz_below(frame, 12)) {
	case 0:
		return ip;
	case 1:
		return in6addr_linklocal_allnodes;
	case 2:
		return in6addr_loopback;
	}
	ip.s6_addr32[0] = htonl(0x20010db8);
	ip.s6_addr[5] = 0xa;
	ip.s6_addr[15] = somebody(frame);
	return ip;
}

static u8 *source(struct fuzz_frame *frame)
{
	return frame->data + frame->inner + ETH_ALEN;
}

/**
 * fuzz_put_arp() - append ARP, or RARP
 * @frame: behind its addresses and tags
 */
void fuzz_put_arp(struct fuzz_frame *frame)
{
	bool reverse = fuzz_one_in(frame, 12);
	struct arp *arp;

	fuzz_put16(frame, reverse ? ETH_P_RARP : ETH_P_ARP);
	arp = fuzz_put(frame, sizeof(*arp));
	arp->hdr.ar_hrd = htons(ARPHRD_ETHER);
	arp->hdr.ar_pro = htons(ETH_P_IP);
	arp->hdr.ar_hln = ETH_ALEN;
	arp->hdr.ar_pln = sizeof(arp->sender_ip);
	arp->hdr.ar_op = htons(ARPOP_REQUEST);
	if (reverse || fuzz_one_in(frame, 4))
		arp->hdr.ar_op = htons(1 + fuzz_below(frame, 4));
	memcpy(arp->sender, source(frame), ETH_ALEN);
	arp->sender_ip = some_ip4(frame);
	arp->target_ip = fuzz_one_in(frame, 6) ? arp->sender_ip :
			 some_ip4(frame);
	fuzz_put_payload(frame, fuzz_below(frame, 20));
}

/* Options of neighbour discovery, one of which may be of any length. */
static void put_options(struct fuzz_frame *frame)
{
	unsigned int n = fuzz_below(frame, 3);
	u8 *opt;

	while (n--) {
		opt = fuzz_put(frame, 8);
		opt[0] = 1 + fuzz_below(frame, 2);
		opt[1] = fuzz_one_in(frame, 6) ? fuzz_below(frame, 4) : 1;
		memcpy(opt + 2, source(frame), ETH_ALEN);
	}
	if (fuzz_one_in(frame, 4))
		fuzz_put_payload(frame, fuzz_below(frame, 20));
}

/* Bridges do not look at its checksum. */
static void put_nd(struct fuzz_frame *frame)
{
	struct ipv6hdr *ip;
	struct nd_msg *msg;

	fuzz_put16(frame, ETH_P_IPV6);
	ip = fuzz_put(frame, sizeof(*ip));
	msg = fuzz_put(frame, sizeof(*msg));
	ip->version = 6;
	ip->nexthdr = IPPROTO_ICMPV6;
	ip->hop_limit = 255;
	ip->saddr = some_ip6(frame);
	ip->daddr = fuzz_one_in(frame, 6) ? ip->saddr : some_ip6(frame);
	msg->icmph.icmp6_type = NDISC_NEIGHBOUR_SOLICITATION;
	if (fuzz_one_in(frame, 3)) {
		msg->icmph.icmp6_type = NDISC_NEIGHBOUR_ADVERTISEMENT;
		msg->icmph.icmp6_solicited = fuzz_below(frame, 2);
	}
	msg->target = some_ip6(frame);
	put_options(frame);
	ip->payload_len = htons(frame->data + frame->len - (u8 *)msg);
}

/**
 * fuzz_put_question() - append a whole frame about neighbours
 * @frame: where its Ethernet header begins
 */
void fuzz_put_question(struct fuzz_frame *frame)
{
	bool six = fuzz_one_in(frame, 2);
	u8 *to;

	if (fuzz_one_in(frame, 4)) {
		fuzz_put_dst(frame);
	} else {
		to = fuzz_put(frame, ETH_ALEN);
		eth_broadcast_addr(to);
		if (six) {
			memcpy(to, "\x33\x33\xff\0\0", ETH_ALEN - 1);
			to[ETH_ALEN - 1] = somebody(frame);
		}
	}
	fuzz_put_src(frame);
	fuzz_put_tags(frame);
	frame->network = frame->len + 2;
	if (six)
		put_nd(frame);
	else
		fuzz_put_arp(frame);
}

/* Better and worse than that of a bridge with no more than an address. */
static __be64 bridge_id(struct fuzz_frame *frame)
{
	u64 priority = fuzz_below(frame, 4) * 0x4000;

	return cpu_to_be64(priority << 48 | 0x020000000100 |
			   fuzz_below(frame, 4));
}

static __be16 some_time(struct fuzz_frame *frame, u16 usual)
{
	return htons(fuzz_one_in(frame, 8) ? fuzz_below(frame, 1 << 16) :
		     usual);
}

static void fill_bpdu(struct fuzz_frame *frame, struct bpdu *bpdu)
{
	static const u8 types[] = { 0, 0, 0, 0, BPDU_TCN, BPDU_RST };

	memcpy(bpdu->llc, "\x42\x42\x03", sizeof(bpdu->llc));
	bpdu->type = types[fuzz_below(frame, ARRAY_SIZE(types))];
	bpdu->version = bpdu->type == BPDU_RST ? 2 : 0;
	bpdu->flags = fuzz_one_in(frame, 2) ? fuzz_below(frame, 256) : 0;
	bpdu->root = bridge_id(frame);
	bpdu->cost = htonl(fuzz_below(frame, 4) * 100);
	bpdu->bridge = bridge_id(frame);
	bpdu->port = htons(0x8000 | fuzz_below(frame, 8));
	bpdu->message_age = some_time(frame, fuzz_below(frame, 3) * SECOND);
	bpdu->max_age = some_time(frame, 20 * SECOND);
	bpdu->hello_time = some_time(frame, 2 * SECOND);
	bpdu->forward_delay = some_time(frame, 2 * SECOND);
}

/**
 * fuzz_put_llc() - append LLC: of a spanning tree, or with whatever there is
 * @frame: behind its addresses and tags
 */
void fuzz_put_llc(struct fuzz_frame *frame)
{
	unsigned int len = fuzz_below(frame, 100);
	struct bpdu bpdu = {};

	if (fuzz_one_in(frame, 4)) {
		fuzz_put16(frame, 3 + len);
		memcpy(fuzz_put(frame, 3), "\xaa\xaa\x03", 3);
		fuzz_put_payload(frame, len);
		return;
	}

	fill_bpdu(frame, &bpdu);
	len = bpdu.type == BPDU_TCN ? BPDU_SHORT : sizeof(bpdu);
	fuzz_put16(frame, fuzz_one_in(frame, 8) ? fuzz_below(frame, 60) : len);
	memcpy(fuzz_put(frame, len), &bpdu, len);
	fuzz_put(frame, fuzz_below(frame, 20));
}

/**
 * fuzz_put_bpdu() - append a whole frame of a spanning tree
 * @frame: where its Ethernet header begins
 */
void fuzz_put_bpdu(struct fuzz_frame *frame)
{
	u8 *to = fuzz_put(frame, ETH_ALEN);

	/* 8: of provider bridges */
	ether_addr_copy(to, eth_reserved_addr_base);
	if (fuzz_one_in(frame, 8))
		to[ETH_ALEN - 1] = fuzz_one_in(frame, 2) ? 8 :
				   fuzz_below(frame, 16);
	fuzz_put_src(frame);
	if (fuzz_one_in(frame, 8))
		fuzz_put_tags(frame);
	frame->network = frame->len + 2;
	fuzz_put_llc(frame);
}
