/* SPDX-License-Identifier: GPL-2.0 */
/* What the frames of the injector look like. */
#ifndef VNB_INJECT_FRAME_H
#define VNB_INJECT_FRAME_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/types.h>

/* Ethernet, IPv4, UDP and VXLAN, and Ethernet, IPv4 and UDP in it */
#define INJECT_HEAD_MAX	128

/**
 * struct inject_options - what a user says about the frames
 * @dst: destination address of the first frame
 * @src: its source address
 * @len: length of the (inner) frame with its Ethernet header
 * @flows: so many flows, by UDP port and IP address, one after the other
 * @dsts: so many destination addresses, one after the other
 * @srcs: so many source addresses, one after the other
 * @vni: VXLAN network of the frame, or negative for a plain frame
 * @outer_saddr: source of the outer packet
 * @outer_daddr: destination of the outer packet
 */
struct inject_options {
	u8 dst[ETH_ALEN];
	u8 src[ETH_ALEN];
	unsigned int len;
	unsigned int flows;
	unsigned int dsts;
	unsigned int srcs;
	int vni;
	__be32 outer_saddr;
	__be32 outer_daddr;
};

/**
 * struct inject_frame - headers that are made once and copied into each frame
 * @head: the headers
 * @head_len: their length
 * @inner: where the (inner) Ethernet header begins
 * @len: length of a whole frame
 * @headroom: what is left free before it
 * @flows: number of flows
 * @dsts: number of destination addresses
 * @srcs: number of source addresses
 * @dst: the last four bytes of the first destination address
 * @src: the last four bytes of the first source address
 */
struct inject_frame {
	u8 head[INJECT_HEAD_MAX];
	unsigned int head_len;
	unsigned int inner;
	unsigned int len;
	unsigned int headroom;
	unsigned int flows;
	unsigned int dsts;
	unsigned int srcs;
	u32 dst;
	u32 src;
};

int inject_frame_init(struct inject_frame *frame, struct net_device *dev,
		      const struct inject_options *options,
		      unsigned int headroom);
struct sk_buff *inject_frame_build(const struct inject_frame *frame,
				   struct net_device *dev, unsigned int nr);

#endif
