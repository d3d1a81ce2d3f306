// SPDX-License-Identifier: GPL-2.0
/* Frames: fresh ones, each with its memory for itself, as sockets and NICs make
 * them.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/vxlan.h>

#include "frame.h"

#define IP_UDP_LEN	(sizeof(struct iphdr) + sizeof(struct udphdr))
#define FIRST_PORT	1024
#define SADDR		0x0a000001
#define DADDR		0x0a800001
/* The longest frame that is made in one piece. */
#define LINEAR_MAX	2048

/**
 * put_ip_udp() - write an IPv4 and a UDP header
 * @at: where to
 * @len: length of the packet with both
 * @saddr: source
 * @daddr: destination
 * @dport: destination port
 *
 * Return: what comes after the headers.
 */
static u8 *put_ip_udp(u8 *at, unsigned int len, __be32 saddr, __be32 daddr,
		      u16 dport)
{
	struct iphdr *ip = (struct iphdr *)at;
	struct udphdr *udp = (struct udphdr *)(ip + 1);

	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tot_len = htons(len),
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.saddr = saddr,
		.daddr = daddr,
	};
	ip_send_check(ip);
	*udp = (struct udphdr){
		.source = htons(FIRST_PORT),
		.dest = htons(dport),
		.len = htons(len - sizeof(*ip)),
	};
	return (u8 *)(udp + 1);
}

/**
 * put_ethernet() - write an Ethernet header for IPv4
 * @at: where to
 * @dst: destination
 * @src: source
 *
 * Return: what comes after the header.
 */
static u8 *put_ethernet(u8 *at, const u8 *dst, const u8 *src)
{
	struct ethhdr *eth = (struct ethhdr *)at;

	ether_addr_copy(eth->h_dest, dst);
	ether_addr_copy(eth->h_source, src);
	eth->h_proto = htons(ETH_P_IP);
	return (u8 *)(eth + 1);
}

/**
 * inject_frame_init() - make the headers of the frames of a run
 * @frame: is filled
 * @dev: the device that the frames are to be given to
 * @options: what the user wants
 * @headroom: what is to be left free before a frame
 *
 * Return: 0, or -EINVAL if such a frame cannot be.
 */
int inject_frame_init(struct inject_frame *frame, struct net_device *dev,
		      const struct inject_options *options,
		      unsigned int headroom)
{
	unsigned int len = options->len;
	u8 *at = frame->head;
	__be32 mac;

	if (len < ETH_ZLEN || len > 60000 || !options->flows ||
	    !options->dsts || !options->srcs)
		return -EINVAL;

	*frame = (struct inject_frame){
		.len = len,
		.headroom = headroom,
		.flows = options->flows,
		.dsts = options->dsts,
		.srcs = options->srcs,
	};
	memcpy(&mac, options->dst + 2, sizeof(mac));
	frame->dst = ntohl(mac);
	memcpy(&mac, options->src + 2, sizeof(mac));
	frame->src = ntohl(mac);
	if (options->vni >= 0) {
		struct vxlanhdr *vxlan;

		frame->len += ETH_HLEN + IP_UDP_LEN + sizeof(*vxlan);
		at = put_ethernet(at, dev->dev_addr, options->src);
		at = put_ip_udp(at, frame->len - ETH_HLEN, options->outer_saddr,
				options->outer_daddr, IANA_VXLAN_UDP_PORT);
		vxlan = (struct vxlanhdr *)at;
		vxlan->vx_flags = VXLAN_HF_VNI;
		vxlan->vx_vni = vxlan_vni_field(cpu_to_be32(options->vni));
		at = (u8 *)(vxlan + 1);
	}
	frame->inner = at - frame->head;
	at = put_ethernet(at, options->dst, options->src);
	at = put_ip_udp(at, len - ETH_HLEN, htonl(SADDR), htonl(DADDR), 2000);
	frame->head_len = at - frame->head;
	return 0;
}

/**
 * set_addresses() - give a frame the addresses of its flow
 * @frame: what all frames have
 * @data: where the frame begins
 * @nr: number of the frame
 */
static void set_addresses(const struct inject_frame *frame, u8 *data,
			  unsigned int nr)
{
	u8 *eth = data + frame->inner;
	struct iphdr *ip = (struct iphdr *)(eth + ETH_HLEN);
	struct udphdr *udp = (struct udphdr *)(ip + 1);
	unsigned int flow = nr % frame->flows;
	__be32 mac;

	mac = htonl(frame->dst + nr % frame->dsts);
	memcpy(eth + 2, &mac, sizeof(mac));
	mac = htonl(frame->src + nr % frame->srcs);
	memcpy(eth + ETH_ALEN + 2, &mac, sizeof(mac));
	ip->saddr = htonl(SADDR + (flow >> 15));
	ip_send_check(ip);
	udp->source = htons(FIRST_PORT + (flow & 0x7fff));
	if (frame->inner) {
		ip = (struct iphdr *)(data + ETH_HLEN);
		udp = (struct udphdr *)(ip + 1);
		udp->source = htons(0xc000 + (flow & 0x3fff));
	}
}

/**
 * inject_frame_build() - make a frame
 * @frame: what all frames have
 * @dev: the device it is to be given to
 * @nr: number of the frame, which decides its flow
 *
 * The payload is whatever the memory held: nobody is going to read it.
 *
 * Return: the frame, its data at the Ethernet header, or NULL.
 */
struct sk_buff *inject_frame_build(const struct inject_frame *frame,
				   struct net_device *dev, unsigned int nr)
{
	unsigned int linear = frame->len;
	struct sk_buff *skb;
	int err;

	if (linear > LINEAR_MAX)
		linear = INJECT_HEAD_MAX;
	skb = alloc_skb_with_frags(frame->headroom + linear,
				   frame->len - linear, 0, &err, GFP_ATOMIC);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, frame->headroom);
	skb_put(skb, linear);
	skb->data_len = frame->len - linear;
	skb->len += skb->data_len;

	memcpy(skb->data, frame->head, frame->head_len);
	set_addresses(frame, skb->data, nr);

	skb->dev = dev;
	skb->protocol = htons(ETH_P_IP);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_set_transport_header(skb, ETH_HLEN + sizeof(struct iphdr));
	return skb;
}
