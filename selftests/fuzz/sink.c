// SPDX-License-Identifier: GPL-2.0
/* Where frames end: devices of kind vnbfuzz, whose wire swallows what is sent.
 * They are foreign ports and the underlay, and receive what is let in.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/checksum.h>
#include <net/rtnetlink.h>

#include "fuzz.h"

#define SINK_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | \
			 NETIF_F_HW_CSUM | NETIF_F_GSO_SOFTWARE |	   \
			 NETIF_F_GSO_ENCAP_ALL)

struct fuzz_arrived fuzz_arrived;
struct task_struct *fuzz_task;

struct sink {
	struct napi_struct napi;
	struct sk_buff_head frames;
};

/**
 * fuzz_is_ours() - is what happens here because of a frame of ours?
 *
 * Frames go on in softirqs, which may have a thread of their own.
 */
bool fuzz_is_ours(void)
{
	return READ_ONCE(fuzz_task) &&
	       (current == fuzz_task || in_serving_softirq());
}

/**
 * fuzz_arrive() - look at a frame at its end
 * @skb: the frame, its data anywhere
 *
 * Every byte is read, so that the kernel can tell if one is not there. Borrows
 * @skb.
 */
void fuzz_arrive(struct sk_buff *skb)
{
	static __wsum sum;
	int end;

	WRITE_ONCE(sum, skb_checksum(skb, 0, skb->len, 0));
	end = skb_checksum_start_offset(skb) + skb->csum_offset + 2;
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    (end < 2 || end > (int)skb_headlen(skb))) {
		fuzz_arrived.bad++;
		net_err_ratelimited("vnb_fuzz: checksum ends at %d of %u\n",
				    end, skb_headlen(skb));
	}
	if (skb->len < skb->data_len || !skb_mac_header_was_set(skb) ||
	    (skb_is_gso(skb) && !skb_shinfo(skb)->gso_type)) {
		fuzz_arrived.bad++;
		net_err_ratelimited("vnb_fuzz: length %u, in pages %u\n",
				    skb->len, skb->data_len);
	}
}

static netdev_tx_t sink_xmit(struct sk_buff *skb, struct net_device *dev)
{
	if (fuzz_is_ours()) {
		fuzz_arrived.sent++;
		fuzz_arrive(skb);
	}
	/* not as a drop */
	consume_skb(skb);
	return NETDEV_TX_OK;
}

static int sink_poll(struct napi_struct *napi, int budget)
{
	struct sink *sink = container_of(napi, struct sink, napi);
	struct sk_buff *skb;
	gro_result_t result;

	while ((skb = skb_dequeue(&sink->frames))) {
		result = napi_gro_receive(napi, skb);
		if (result == GRO_MERGED || result == GRO_MERGED_FREE)
			fuzz_arrived.merged++;
	}
	napi_complete_done(napi, 0);
	return 0;
}

/**
 * fuzz_sink_receive() - let frames in through GRO
 * @dev: a device of kind vnbfuzz
 * @frames: the frames; is empty afterwards
 *
 * Context: BH disabled.
 */
void fuzz_sink_receive(struct net_device *dev, struct sk_buff_head *frames)
{
	struct sink *sink = netdev_priv(dev);

	skb_queue_splice_tail_init(frames, &sink->frames);
	napi_schedule(&sink->napi);
}

static int sink_open(struct net_device *dev)
{
	struct sink *sink = netdev_priv(dev);

	napi_enable(&sink->napi);
	return 0;
}

static int sink_stop(struct net_device *dev)
{
	struct sink *sink = netdev_priv(dev);

	napi_disable(&sink->napi);
	return 0;
}

static const struct net_device_ops sink_ops = {
	.ndo_open		= sink_open,
	.ndo_stop		= sink_stop,
	.ndo_start_xmit		= sink_xmit,
	.ndo_set_mac_address	= eth_mac_addr,
};

static void sink_setup(struct net_device *dev)
{
	struct sink *sink = netdev_priv(dev);

	ether_setup(dev);
	dev->netdev_ops = &sink_ops;
	dev->needs_free_netdev = true;
	dev->max_mtu = ETH_MAX_MTU;
	/* nobody answers: neighbours need no answer */
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->features |= SINK_FEATURES;
	dev->hw_features |= SINK_FEATURES;
	dev->hw_enc_features |= SINK_FEATURES;
	eth_hw_addr_random(dev);
	skb_queue_head_init(&sink->frames);
	netif_napi_add(dev, &sink->napi, sink_poll);
}

static struct rtnl_link_ops sink_link_ops = {
	.kind		= "vnbfuzz",
	.priv_size	= sizeof(struct sink),
	.setup		= sink_setup,
};

int fuzz_sink_init(void)
{
	return rtnl_link_register(&sink_link_ops);
}

void fuzz_sink_exit(void)
{
	rtnl_link_unregister(&sink_link_ops);
}
