// SPDX-License-Identifier: GPL-2.0
/* Bytes: a frame as it should be, then what chance makes of it.
 *
 * Everything is drawn from a generator that is seeded with the seed of the run
 * and the number of the frame, so that these two give the same frame again.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/vxlan.h>

#include "fuzz.h"

/* Networks: of a port, of a tunnel alone, of nobody. */
#define FUZZ_VNI	100
#define FUZZ_VNIS	3

static unsigned int payload_len(struct fuzz_frame *frame)
{
	unsigned int room = FUZZ_LEN_MAX - frame->len - 128;

	if (frame->entry == FUZZ_GRO)
		return 600;
	switch (fuzz_below(frame, 16)) {
	case 0 ... 9:
		return fuzz_below(frame, 100);
	case 10 ... 14:
		return fuzz_below(frame, 1460);
	default:
		return fuzz_below(frame, room);
	}
}

/* UDP or TCP, with its checksum left out, and its payload. */
static void put_transport(struct fuzz_frame *frame, u8 proto,
			  unsigned int payload)
{
	struct tcphdr *tcp;
	struct udphdr *udp;

	if (proto == IPPROTO_UDP) {
		udp = fuzz_put(frame, sizeof(*udp));
		udp->source = htons(1024 + frame->burst % 256);
		udp->dest = htons(fuzz_below(frame, 1 << 16));
		udp->len = htons(sizeof(*udp) + payload);
	} else if (proto == IPPROTO_TCP) {
		tcp = fuzz_put(frame, sizeof(*tcp));
		tcp->source = htons(1024 + frame->burst % 256);
		tcp->dest = htons(80);
		tcp->seq = htonl(frame->burst + frame->nth * payload);
		tcp->doff = sizeof(*tcp) / 4;
		tcp->ack = 1;
		tcp->window = htons(1000);
	}
	frame->payload = frame->len;
	fuzz_put_payload(frame, payload);
}

static u8 transport_proto(struct fuzz_frame *frame)
{
	static const u8 protos[] = {
		IPPROTO_UDP, IPPROTO_UDP, IPPROTO_TCP, IPPROTO_TCP, IPPROTO_TCP,
		IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP,
	};

	return frame->entry == FUZZ_GRO ? IPPROTO_TCP :
		protos[fuzz_below(frame, ARRAY_SIZE(protos))];
}

static void note_transport(struct fuzz_frame *frame, u8 proto, unsigned int at)
{
	frame->proto = proto;
	frame->transport = proto == IPPROTO_UDP || proto == IPPROTO_TCP ?
			   at : 0;
}

static void put_ip4(struct fuzz_frame *frame)
{
	unsigned int at = frame->len + 2, payload;
	u8 proto = transport_proto(frame);
	struct iphdr *ip;

	fuzz_put16(frame, ETH_P_IP);
	fuzz_put(frame, sizeof(*ip));
	note_transport(frame, proto, frame->len);
	payload = payload_len(frame);
	put_transport(frame, proto, payload);
	ip = (struct iphdr *)(frame->data + at);
	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tos = fuzz_below(frame, 4),
		.tot_len = htons(frame->len - at),
		.ttl = 64,
		.protocol = proto,
		.id = htons(frame->nth),
		.saddr = htonl(0x0a000001),
		.daddr = htonl(0x0a000002),
	};
	if (frame->entry == FUZZ_GRO)
		ip->tos = 0;
	else if (fuzz_one_in(frame, 8))
		ip->frag_off = htons(fuzz_below(frame, 1 << 16));
	else if (fuzz_one_in(frame, 4))
		ip->frag_off = htons(IP_DF);
	if (ip_is_fragment(ip))
		frame->transport = 0;
	ip_send_check(ip);
}

static void put_ip6(struct fuzz_frame *frame)
{
	unsigned int at = frame->len + 2;
	u8 proto = transport_proto(frame);
	struct ipv6hdr *ip;
	u8 *fragment;

	fuzz_put16(frame, ETH_P_IPV6);
	ip = fuzz_put(frame, sizeof(*ip));
	ip->version = 6;
	ip->nexthdr = proto;
	ip->hop_limit = 64;
	ip->saddr.s6_addr16[0] = htons(0x2001);
	ip->daddr.s6_addr16[0] = htons(0x2001);
	ip->daddr.s6_addr16[7] = htons(2);
	note_transport(frame, proto, frame->len);
	if (frame->entry != FUZZ_GRO && fuzz_one_in(frame, 8)) {
		ip->nexthdr = fuzz_one_in(frame, 2) ? IPPROTO_FRAGMENT :
			      IPPROTO_HOPOPTS;
		fragment = fuzz_put(frame, 8);
		prandom_bytes_state(&frame->rnd, fragment, 8);
		fragment[0] = proto;
		frame->transport = 0;
	}
	put_transport(frame, proto, payload_len(frame));
	ip->payload_len = htons(frame->len - at - sizeof(*ip));
}

/* Any frame behind its addresses and tags. */
static void put_contents(struct fuzz_frame *frame)
{
	switch (frame->entry == FUZZ_GRO ? frame->burst & 4 :
		fuzz_below(frame, 12)) {
	case 0 ... 3:
		put_ip4(frame);
		break;
	case 4 ... 7:
		put_ip6(frame);
		break;
	case 8:
		fuzz_put_arp(frame);
		break;
	case 9:
		fuzz_put_llc(frame);
		break;
	case 10:
		fuzz_put16(frame, ETH_P_LLDP);
		fuzz_put_payload(frame, fuzz_below(frame, 100));
		break;
	default:
		fuzz_put16(frame, fuzz_below(frame, 1 << 16));
		fuzz_put_payload(frame, payload_len(frame));
	}
}

/* From the Ethernet header on. */
static void put_frame(struct fuzz_frame *frame)
{
	bool themed = frame->entry != FUZZ_GRO && fuzz_one_in(frame, 2);

	frame->inner = frame->len;
	frame->transport = 0;
	if (themed && frame->theme == FUZZ_NEIGHBOURS) {
		fuzz_put_question(frame);
	} else if (themed && frame->theme == FUZZ_TREE) {
		fuzz_put_bpdu(frame);
	} else {
		fuzz_put_dst(frame);
		fuzz_put_src(frame);
		fuzz_put_tags(frame);
		frame->network = frame->len + 2;
		put_contents(frame);
	}
	frame->inner_network = frame->network;
	frame->inner_transport = frame->transport;
}

static void put_outer_ip4(struct fuzz_frame *frame)
{
	struct iphdr *ip;

	fuzz_put16(frame, ETH_P_IP);
	frame->network = frame->len;
	ip = fuzz_put(frame, sizeof(*ip));
	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tos = frame->entry == FUZZ_GRO ? 0 : fuzz_below(frame, 4),
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.id = htons(frame->nth),
		.saddr = htonl(0xc0000202 + frame->burst % 4),
		.daddr = htonl(0xc0000201),
	};
}

static void put_outer_ip6(struct fuzz_frame *frame)
{
	struct ipv6hdr *ip;

	fuzz_put16(frame, ETH_P_IPV6);
	frame->network = frame->len;
	ip = fuzz_put(frame, sizeof(*ip));
	ip->version = 6;
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = 64;
	ip->saddr.s6_addr32[0] = htonl(0x20010db8);
	ip->saddr.s6_addr32[3] = htonl(2 + frame->burst % 4);
	ip->daddr.s6_addr32[0] = htonl(0x20010db8);
	ip->daddr.s6_addr32[3] = htonl(1);
}

/* A theme is for a bridge, behind a port. */
static u32 choose_vni(struct fuzz_frame *frame)
{
	if (frame->theme != FUZZ_ANY && !fuzz_one_in(frame, 8))
		return FUZZ_VNI;
	return FUZZ_VNI + frame->burst / 2 % FUZZ_VNIS;
}

/* A VXLAN packet to @dev, its lengths and checksums still to be filled in. */
static void put_outer(struct fuzz_frame *frame, const struct net_device *dev)
{
	struct vxlanhdr *vxlan;
	unsigned int network, transport;
	struct udphdr *udp;

	ether_addr_copy(fuzz_put(frame, ETH_ALEN), dev->dev_addr);
	fuzz_put_host(frame, 3, 1);
	if (frame->burst & 1)
		put_outer_ip6(frame);
	else
		put_outer_ip4(frame);
	network = frame->network;
	transport = frame->len;
	udp = fuzz_put(frame, sizeof(*udp));
	udp->source = htons(50000 + frame->burst % 16);
	udp->dest = htons(IANA_VXLAN_UDP_PORT);
	vxlan = fuzz_put(frame, sizeof(*vxlan));
	vxlan->vx_flags = VXLAN_HF_VNI;
	vxlan->vx_vni = vxlan_vni_field(cpu_to_be32(choose_vni(frame)));
	frame->payload = frame->len;

	put_frame(frame);
	frame->network = network;
	frame->transport = transport;
	frame->proto = IPPROTO_UDP;
	frame->payload = transport + sizeof(*udp);
}

/* Lengths of the outer headers that agree with the frame. */
static void fix_outer_lengths(struct fuzz_frame *frame)
{
	struct udphdr *udp = (struct udphdr *)(frame->data + frame->transport);
	unsigned int len = frame->len - frame->network;
	void *ip = frame->data + frame->network;

	if (frame->burst & 1)
		((struct ipv6hdr *)ip)->payload_len =
			htons(len - sizeof(struct ipv6hdr));
	else
		((struct iphdr *)ip)->tot_len = htons(len);
	udp->len = htons(frame->len - frame->transport);
}

/* Checksums that the core would drop a frame for, before we see it. */
static void fix_outer_checksums(struct fuzz_frame *frame)
{
	struct udphdr *udp = (struct udphdr *)(frame->data + frame->transport);
	unsigned int len = frame->len - frame->transport;
	struct iphdr *ip = (struct iphdr *)(frame->data + frame->network);
	struct ipv6hdr *ip6 = (struct ipv6hdr *)ip;
	__wsum sum;

	if (!(frame->burst & 1) && ip->ihl >= 5 &&
	    frame->network + ip->ihl * 4 <= frame->len)
		ip_send_check(ip);
	udp->check = 0;
	if (frame->entry != FUZZ_GRO && fuzz_one_in(frame, 4))
		return;
	sum = csum_partial(udp, len, 0);
	udp->check = frame->burst & 1 ?
		csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_UDP,
				sum) :
		csum_tcpudp_magic(ip->saddr, ip->daddr, len, IPPROTO_UDP, sum);
	if (!udp->check)
		udp->check = CSUM_MANGLED_0;
}

static void fix_inner_checksum(struct fuzz_frame *frame)
{
	unsigned int len = frame->len - frame->inner_transport;
	u8 *ip = frame->data + frame->inner_network;
	struct tcphdr *tcp = (void *)(frame->data + frame->inner_transport);
	struct ipv6hdr *ip6 = (struct ipv6hdr *)ip;
	struct iphdr *ip4 = (struct iphdr *)ip;
	__wsum sum;

	tcp->check = 0;
	sum = csum_partial(tcp, len, 0);
	tcp->check = ip[0] >> 4 == 6 ?
		csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_TCP,
				sum) :
		csum_tcpudp_magic(ip4->saddr, ip4->daddr, len, IPPROTO_TCP,
				  sum);
}

/* Where a change is worth most: in headers. */
static unsigned int somewhere(struct fuzz_frame *frame)
{
	unsigned int from = 0, end = frame->len;

	/* what is in front of the VXLAN header is mostly left alone */
	if (fuzz_is_outer(frame->entry) && !fuzz_one_in(frame, 6))
		from = min(frame->payload, end - 1);
	if (!fuzz_one_in(frame, 4))
		end = min(end, from + 90);
	return from + fuzz_below(frame, end - from);
}

/* In a tag, or right behind the last one. */
static unsigned int in_tags(struct fuzz_frame *frame)
{
	unsigned int from = frame->inner + 2 * ETH_ALEN;

	return from + fuzz_below(frame, frame->inner_network + 4 - from);
}

static void set16(struct fuzz_frame *frame, unsigned int at, u16 value)
{
	frame->data[at] = value >> 8;
	frame->data[at + 1] = value;
}

static void mutate_once(struct fuzz_frame *frame)
{
	static const u8 bytes[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned int at = somewhere(frame);

	switch (fuzz_below(frame, 8)) {
	case 0 ... 2:
		frame->data[at] ^= 1 << fuzz_below(frame, 8);
		break;
	case 3:
		frame->data[at] = bytes[fuzz_below(frame, ARRAY_SIZE(bytes))];
		break;
	case 4:
		frame->data[at] = fuzz_below(frame, 256);
		break;
	case 5:
		if (at + 1 < frame->len)
			set16(frame, at, 0xffff * fuzz_below(frame, 2) +
			      fuzz_below(frame, 3) - 1);
		break;
	default:
		/* cut off; what is received has its Ethernet header */
		if (fuzz_one_in(frame, 4))
			at = fuzz_below(frame, frame->len);
		else if (fuzz_one_in(frame, 4))
			at = min(in_tags(frame), frame->len);
		frame->len = max_t(unsigned int, at,
				   fuzz_is_received(frame->entry) ? ETH_HLEN :
				   1);
	}
}

static void mutate(struct fuzz_frame *frame)
{
	bool lengths_lie = fuzz_one_in(frame, 8);
	unsigned int before = frame->len, n;

	frame->mutated = frame->entry == FUZZ_GRO ? fuzz_one_in(frame, 8) :
			 !fuzz_one_in(frame, 3);
	for (n = frame->mutated ? 1 + fuzz_below(frame, 4) : 0; n; n--)
		mutate_once(frame);

	if (!fuzz_is_outer(frame->entry) || frame->len < frame->payload)
		return;
	if (frame->entry == FUZZ_GRO && frame->len == before)
		fix_inner_checksum(frame);
	if (frame->len != before && !lengths_lie)
		fix_outer_lengths(frame);
	if (!fuzz_one_in(frame, 16))
		fix_outer_checksums(frame);
}

/* The first numbers after a seed are much like those of the next seed. */
static void seed_state(struct rnd_state *rnd, u32 seed, u32 nr)
{
	unsigned int i;

	prandom_seed_state(rnd, seed * 0x9e3779b9U ^ nr * 0x85ebca6bU);
	for (i = 0; i < 8; i++)
		prandom_u32_state(rnd);
}

/**
 * fuzz_frame_build() - make the bytes of a frame
 * @frame: is filled
 * @dev: the device that the frame is let in at
 * @entry: how
 * @theme: what half of the frames are
 * @seed: of the run
 * @nr: number of the frame
 */
void fuzz_frame_build(struct fuzz_frame *frame, const struct net_device *dev,
		      enum fuzz_entry entry, enum fuzz_theme theme, u32 seed,
		      u32 nr)
{
	u32 burst = nr;

	if (entry == FUZZ_GRO)
		burst = nr / FUZZ_BURST;
	seed_state(&frame->rnd, seed, burst);
	frame->entry = entry;
	frame->theme = theme;
	frame->burst = prandom_u32_state(&frame->rnd);
	frame->nth = entry == FUZZ_GRO ? nr % FUZZ_BURST : 0;
	frame->len = 0;
	if (fuzz_is_outer(entry))
		put_outer(frame, dev);
	else
		put_frame(frame);

	/* all of a burst are alike up to here */
	if (entry == FUZZ_GRO)
		seed_state(&frame->rnd, ~seed, nr);
	if (fuzz_is_outer(entry)) {
		fix_outer_lengths(frame);
		if (entry == FUZZ_GRO)
			fix_inner_checksum(frame);
		fix_outer_checksums(frame);
	}
	mutate(frame);
}
