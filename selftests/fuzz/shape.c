// SPDX-License-Identifier: GPL-2.0
/* Shapes: a frame's bytes as an skb, as drivers, guests, GRO and sockets make
 * them.
 *
 * What the stack relies on is kept, because a shape that the core itself never
 * makes finds no bug of ours:
 *
 *  - What is received has its Ethernet header in the linear part, because
 *    drivers call eth_type_trans(). What is sent has at least one byte; packet
 *    sockets send less than a header, but never nothing.
 *  - With CHECKSUM_PARTIAL the checksum and all before it is linear, and starts
 *    20 bytes or more behind the start of the frame (virtio_net_hdr_to_skb(),
 *    skb_partial_csum_set()). Where it is beyond that is the guest's word.
 *  - GSO comes with CHECKSUM_PARTIAL, and with a checksum offset of TCP or UDP
 *    that goes with its type; all headers are linear. If bytes may be wrong or
 *    segments were not counted, it says SKB_GSO_DODGY, as all of guests is.
 *    UDP has no more than UDP_MAX_SEGMENTS segments.
 *  - What GRO gets has its headers in the first page, if there: GRO reads on in
 *    that page after it has pulled all of it.
 *  - Of what is to be cut, only what GRO made has a frag list, with one segment
 *    in each part, which is linear: pages it would have moved to the first.
 *  - CHECKSUM_COMPLETE is right, because a device computed it.
 *  - Shared, with more than one user, is only what is received: pktgen's clones
 *    of what is sent are for devices that say that they bear it.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "fuzz.h"

/* As UDP_MAX_SEGMENTS where it is least. */
#define FUZZ_UDP_SEGS	64
/* All headers of a VXLAN packet, and more. */
#define FUZZ_GRO_HEAD	256U
/* What virtio demands in front of a checksum. */
#define FUZZ_CSUM_MIN	20

/* One page of a frame from offset @at on; @skb grows by at most @len. */
static bool add_page(struct fuzz_frame *frame, struct sk_buff *skb,
		     unsigned int at, unsigned int len)
{
	unsigned int off = fuzz_below(frame, PAGE_SIZE - len + 1);
	struct page *page = alloc_page(GFP_ATOMIC);

	if (!page)
		return false;
	memcpy(page_address(page) + off, frame->data + at, len);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, off, len,
			PAGE_SIZE);
	return true;
}

/* @len bytes from offset @at on, the first @linear of them linear. */
static struct sk_buff *make_part(struct fuzz_frame *frame, unsigned int at,
				 unsigned int len, unsigned int linear,
				 unsigned int headroom)
{
	struct sk_buff *skb = alloc_skb(headroom + linear, GFP_ATOMIC);
	unsigned int end = at + len, n;

	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	skb_put_data(skb, frame->data + at, linear);
	for (at += linear; at < end; at += n) {
		n = end - at;
		/* pieces of any size while there are enough of them */
		if (skb_shinfo(skb)->nr_frags < 8)
			n = 1 + fuzz_below(frame, n);
		if (frame->entry == FUZZ_GRO && !skb_shinfo(skb)->nr_frags)
			n = max(n, min(end - at, FUZZ_GRO_HEAD));
		n = min_t(unsigned int, n, PAGE_SIZE);
		if (!add_page(frame, skb, at, n)) {
			kfree_skb(skb);
			return NULL;
		}
	}
	return skb;
}

/* The rest of the frame as a list behind @skb, in parts of @size bytes, which
 * have pages if @paged.
 */
static bool add_list(struct fuzz_frame *frame, struct sk_buff *skb,
		     unsigned int at, unsigned int size, bool paged)
{
	struct sk_buff **next = &skb_shinfo(skb)->frag_list;
	unsigned int len, linear;
	struct sk_buff *part;

	for (; at < frame->len; at += len) {
		len = min(size, frame->len - at);
		linear = len;
		if (paged && fuzz_one_in(frame, 2))
			linear = fuzz_below(frame, len + 1);
		part = make_part(frame, at, len, linear, 0);
		if (!part)
			return false;
		*next = part;
		next = &part->next;
		skb->len += len;
		skb->data_len += len;
		skb->truesize += part->truesize;
	}
	return true;
}

static unsigned int choose_headroom(struct fuzz_frame *frame,
				    const struct net_device *dev)
{
	switch (fuzz_below(frame, 4)) {
	case 0:
		return 0;
	case 1:
		return fuzz_below(frame, 64);
	default:
		return fuzz_is_received(frame->entry) ?
			NET_SKB_PAD + NET_IP_ALIGN : LL_RESERVED_SPACE(dev);
	}
}

/* How a frame is to be cut, decided before there is an skb. */
struct shape {
	bool gso;
	bool trusted;
	bool partial;
	bool list;
	unsigned int csum_start;
	unsigned int csum_offset;
	unsigned int headers;
	unsigned int size;
	unsigned int linear;
};

static bool has_transport(const struct fuzz_frame *frame)
{
	return frame->transport && frame->len > frame->payload;
}

static void choose_checksum(struct fuzz_frame *frame, struct shape *shape)
{
	bool good = has_transport(frame) && !fuzz_one_in(frame, 4);

	if (frame->len < FUZZ_CSUM_MIN + 2)
		return;
	if (good) {
		shape->csum_start = frame->transport;
		shape->csum_offset = frame->proto == IPPROTO_TCP ?
			offsetof(struct tcphdr, check) :
			offsetof(struct udphdr, check);
	} else {
		shape->csum_start = FUZZ_CSUM_MIN +
			fuzz_below(frame, frame->len - FUZZ_CSUM_MIN - 1);
		shape->csum_offset = fuzz_below(frame, frame->len - 1 -
						shape->csum_start);
	}
	shape->partial = true;
	shape->headers = shape->csum_start + shape->csum_offset + 2;
}

/* Of a good frame, or of what a guest says is one. */
static void choose_gso(struct fuzz_frame *frame, struct shape *shape)
{
	unsigned int headers, segs, tcp, payload;

	tcp = shape->csum_offset == offsetof(struct tcphdr, check);
	if (!tcp && shape->csum_offset != offsetof(struct udphdr, check))
		return;
	headers = shape->csum_start + (tcp ? sizeof(struct tcphdr) :
				       sizeof(struct udphdr));
	if (headers >= frame->len)
		return;
	payload = frame->len - headers;
	shape->size = 1 + fuzz_below(frame, payload);
	segs = DIV_ROUND_UP(payload, shape->size);
	if (segs < 2 || segs > FUZZ_UDP_SEGS)
		return;
	shape->gso = true;
	shape->headers = headers;
	shape->trusted = !frame->mutated && has_transport(frame) &&
			 shape->csum_start == frame->transport &&
			 fuzz_one_in(frame, 2);
}

static struct shape choose_shape(struct fuzz_frame *frame)
{
	unsigned int least = fuzz_is_received(frame->entry) ? ETH_HLEN : 1;
	struct shape shape = {};

	if (frame->entry != FUZZ_GRO && fuzz_one_in(frame, 3))
		choose_checksum(frame, &shape);
	if (shape.partial && fuzz_one_in(frame, 2))
		choose_gso(frame, &shape);

	least = max(least, shape.headers);
	shape.linear = frame->len;
	if (least < frame->len && fuzz_one_in(frame, 2))
		shape.linear = least + (fuzz_one_in(frame, 2) ? 0 :
			fuzz_below(frame, frame->len - least));
	shape.list = frame->entry != FUZZ_GRO && fuzz_one_in(frame, 4) &&
		     (!shape.gso || shape.trusted);
	return shape;
}

static void set_gso(struct fuzz_frame *frame, struct sk_buff *skb,
		    const struct shape *shape)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	bool six = frame->data[frame->network] >> 4 == 6;

	/* a guest may say one thing and send the other */
	if (!shape->trusted && fuzz_one_in(frame, 8))
		six = !six;
	if (shape->csum_offset == offsetof(struct udphdr, check))
		info->gso_type = SKB_GSO_UDP_L4;
	else
		info->gso_type = six ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	info->gso_size = shape->size;
	if (shape->trusted)
		info->gso_segs = DIV_ROUND_UP(frame->len - shape->headers,
					      shape->size);
	else
		info->gso_type |= SKB_GSO_DODGY;
}

/* Cut the bytes: linear, pages, list. */
static struct sk_buff *cut(struct fuzz_frame *frame, const struct shape *shape,
			   unsigned int headroom)
{
	unsigned int head = frame->len, size = frame->len;
	struct sk_buff *skb;

	if (shape->list && shape->gso) {
		head = shape->headers + shape->size;
		size = shape->size;
	} else if (shape->list && shape->linear < frame->len) {
		head = shape->linear + fuzz_below(frame, frame->len -
						  shape->linear);
		size = 1 + fuzz_below(frame, frame->len - head);
		size = max(size, (frame->len - head) / 16);
	}
	/* pages are short of a long frame */
	if (frame->len - min(shape->linear, frame->len) > 8 * PAGE_SIZE)
		return NULL;
	skb = make_part(frame, 0, head, min(shape->linear, head), headroom);
	if (skb && !add_list(frame, skb, head, size, !shape->gso)) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/* What a driver says of a checksum that it looked at. */
static void set_received_checksum(struct fuzz_frame *frame, struct sk_buff *skb)
{
	switch (fuzz_below(frame, 3)) {
	case 0:
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_level = fuzz_below(frame, 2);
		break;
	case 1:
		skb->ip_summed = CHECKSUM_COMPLETE;
		skb->csum = skb_checksum(skb, ETH_HLEN, skb->len - ETH_HLEN, 0);
		break;
	}
}

static void set_xmit(struct fuzz_frame *frame, struct sk_buff *skb)
{
	unsigned int at = 2 * ETH_ALEN;

	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	/* a packet socket says what it likes */
	if (frame->len >= ETH_HLEN && !fuzz_one_in(frame, 16))
		memcpy(&skb->protocol, frame->data + at,
		       sizeof(skb->protocol));
	else
		skb->protocol = htons(fuzz_below(frame, 1 << 16));
	if (fuzz_one_in(frame, 4))
		skb->mark = fuzz_below(frame, 1 << 16);
	if (fuzz_one_in(frame, 4))
		skb->priority = fuzz_below(frame, 8);
}

/**
 * fuzz_shape() - make an skb of a frame
 * @frame: the bytes
 * @dev: the device that it is let in at
 * @keep: is set to what else holds the frame or its bytes, to be freed when the
 *	frame is through, or to NULL
 *
 * Return: the frame, its data where the way in wants it, or NULL.
 */
struct sk_buff *fuzz_shape(struct fuzz_frame *frame, struct net_device *dev,
			   struct sk_buff **keep)
{
	unsigned int headroom = choose_headroom(frame, dev);
	struct shape shape = choose_shape(frame);
	struct sk_buff *skb;

	*keep = NULL;
	skb = cut(frame, &shape, headroom);
	if (!skb)
		return NULL;

	skb->dev = dev;
	if (shape.partial) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) + shape.csum_start;
		skb->csum_offset = shape.csum_offset;
		skb_set_transport_header(skb, shape.csum_start);
	} else if (fuzz_is_received(frame->entry)) {
		set_received_checksum(frame, skb);
	}
	if (shape.gso)
		set_gso(frame, skb, &shape);
	if (fuzz_one_in(frame, frame->theme == FUZZ_VLANS ? 3 : 8))
		__vlan_hwaccel_put_tag(skb, htons(fuzz_one_in(frame, 4) ?
						  ETH_P_8021AD : ETH_P_8021Q),
				       fuzz_tci(frame));

	if (frame->entry != FUZZ_GRO) {
		switch (fuzz_below(frame, 6)) {
		case 0:
			*keep = skb_clone(skb, GFP_ATOMIC);
			break;
		case 1:
			if (fuzz_is_received(frame->entry))
				*keep = skb_get(skb);
			break;
		}
	}
	if (fuzz_is_received(frame->entry))
		skb->protocol = eth_type_trans(skb, dev);
	else
		set_xmit(frame, skb);
	return skb;
}
