// SPDX-License-Identifier: GPL-2.0
/* Send frames from within the kernel and tell how long they kept the CPU.
 *
 * Parameters say what to send; writing the name of a way in to "run" sends it,
 * in the network namespace of the writer, and reading "run" gives the
 * nanoseconds that each batch took. A frame has cost what passed until the
 * softirqs that it raised have run.
 *
 *	cd /sys/module/vnb_inject/parameters
 *	echo eth0 >dev; echo 02:00:00:00:00:02 >dst; echo xmit >run; cat run
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/udp.h>
#include <net/net_namespace.h>

/* mac_pton(), which was in kernel.h before */
#if __has_include("linux/hex.h")
#include <linux/hex.h>
#endif

#include "frame.h"
#include "mark.h"

#define BATCHES_MAX	64

static char *dev;
module_param(dev, charp, 0644);
MODULE_PARM_DESC(dev, "the device that is given the frames");
static char *dst = "02:00:00:00:00:02";
module_param(dst, charp, 0644);
MODULE_PARM_DESC(dst, "destination address of the first frame");
static char *src = "own";
module_param(src, charp, 0644);
MODULE_PARM_DESC(src, "source address, or own: the device's");
static char *outer_src = "192.0.2.2";
module_param(outer_src, charp, 0644);
MODULE_PARM_DESC(outer_src, "source of the outer packet");
static char *outer_dst = "192.0.2.1";
module_param(outer_dst, charp, 0644);
MODULE_PARM_DESC(outer_dst, "destination of the outer packet");
static int vni = -1;
module_param(vni, int, 0644);
MODULE_PARM_DESC(vni, "send the frames in VXLAN packets of this network");
static unsigned int len = 64;
module_param(len, uint, 0644);
MODULE_PARM_DESC(len, "length of a frame");
static unsigned int flows = 1;
module_param(flows, uint, 0644);
MODULE_PARM_DESC(flows, "number of flows");
static unsigned int dsts = 1;
module_param(dsts, uint, 0644);
MODULE_PARM_DESC(dsts, "number of destination addresses");
static unsigned int srcs = 1;
module_param(srcs, uint, 0644);
MODULE_PARM_DESC(srcs, "number of source addresses");
static unsigned int count = 1000;
module_param(count, uint, 0644);
MODULE_PARM_DESC(count, "frames of a batch");
static unsigned int batches = 9;
module_param(batches, uint, 0644);
MODULE_PARM_DESC(batches, "number of batches that are timed");
static unsigned int burst = 1;
module_param(burst, uint, 0644);
MODULE_PARM_DESC(burst, "frames before softirqs may run");

/* The result of the last run, kept by the lock of the module's parameters. */
static u64 batch_ns[BATCHES_MAX];
static unsigned int batches_done;

enum inject_way {
	INJECT_FREE,
	INJECT_XMIT,
	INJECT_RECEIVE,
	INJECT_NETIF_RX,
};

static const char * const way_names[] = {
	[INJECT_FREE] = "free",
	[INJECT_XMIT] = "xmit",
	[INJECT_RECEIVE] = "receive",
	[INJECT_NETIF_RX] = "netif_rx",
};

/**
 * inject_one() - let a frame in
 * @way: how
 * @skb: the frame, its data at the Ethernet header
 * @to: the device
 *
 * Consumes @skb.
 */
static void inject_one(enum inject_way way, struct sk_buff *skb,
		       struct net_device *to)
{
	switch (way) {
	case INJECT_FREE:
		kfree_skb(skb);
		break;
	case INJECT_XMIT:
		/* like a UDP socket, whose checksum the device completes */
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct udphdr, check);
		dev_queue_xmit(skb);
		break;
	case INJECT_RECEIVE:
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->protocol = eth_type_trans(skb, to);
		netif_receive_skb(skb);
		break;
	case INJECT_NETIF_RX:
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->protocol = eth_type_trans(skb, to);
		netif_rx(skb);
		break;
	}
}

/**
 * inject_batch() - send a batch of frames
 * @way: how
 * @frame: what they look like
 * @to: the device that is given them
 * @nr: number of the first frame
 *
 * Return: how long it took, in nanoseconds, or 0 if there was no memory.
 */
static u64 inject_batch(enum inject_way way, const struct inject_frame *frame,
			struct net_device *to, unsigned int nr)
{
	unsigned int end = nr + count, i;
	struct sk_buff *skb;
	u64 start;

	mark_begin();
	start = ktime_get_ns();
	while (nr < end) {
		local_bh_disable();
		for (i = 0; i < burst && nr < end; i++, nr++) {
			skb = inject_frame_build(frame, to, nr);
			if (!skb) {
				local_bh_enable();
				return 0;
			}
			inject_one(way, skb, to);
		}
		local_bh_enable();
	}
	/* too much for one go: the thread of the softirqs has the rest */
	while (local_softirq_pending())
		usleep_range(1, 2);
	start = ktime_get_ns() - start;
	mark_end();
	return start;
}

/**
 * inject() - one batch to warm up, then those that are timed
 * @way: how
 * @to: the device that is given the frames
 *
 * Return: 0 or a negative error code.
 */
static int inject(enum inject_way way, struct net_device *to)
{
	struct inject_options options = {
		.len = len,
		.flows = flows,
		.dsts = dsts,
		.srcs = srcs,
		.vni = vni,
		.outer_saddr = in_aton(outer_src),
		.outer_daddr = in_aton(outer_dst),
	};
	unsigned int headroom = NET_SKB_PAD + NET_IP_ALIGN;
	struct inject_frame frame;
	int err;

	if (!mac_pton(dst, options.dst))
		return -EINVAL;
	if (sysfs_streq(src, "own"))
		ether_addr_copy(options.src, to->dev_addr);
	else if (!mac_pton(src, options.src))
		return -EINVAL;
	/* what a socket asks the device for */
	if (way == INJECT_XMIT)
		headroom = LL_RESERVED_SPACE(to) - ETH_HLEN;
	err = inject_frame_init(&frame, to, &options, headroom);
	if (err)
		return err;

	if (!inject_batch(way, &frame, to, 0))
		return -ENOMEM;
	for (; batches_done < batches; batches_done++) {
		batch_ns[batches_done] = inject_batch(way, &frame, to, count *
						      (batches_done + 1));
		if (!batch_ns[batches_done])
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	int way = sysfs_match_string(way_names, val);
	struct net_device *to;
	int err;

	if (way < 0)
		return way;
	if (!dev || !count || !burst || batches > BATCHES_MAX)
		return -EINVAL;

	batches_done = 0;
	to = dev_get_by_name(current->nsproxy->net_ns, dev);
	if (!to)
		return -ENODEV;
	err = inject(way, to);
	dev_put(to);
	return err;
}

static int run_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int i;
	int at = 0;

	for (i = 0; i < batches_done; i++)
		at += sysfs_emit_at(buffer, at, "%llu\n", batch_ns[i]);
	return at;
}

static const struct kernel_param_ops run_ops = {
	.set = run_set,
	.get = run_get,
};
module_param_cb(run, &run_ops, NULL, 0644);
MODULE_PARM_DESC(run, "write free, xmit, receive or netif_rx; read nanoseconds");

/* A namespace is taken down with the list of operations locked: who changes the
 * list waits for that.
 */
static int settle_set(const char *val, const struct kernel_param *kp)
{
	struct pernet_operations nothing = {};
	int err = register_pernet_subsys(&nothing);

	if (!err)
		unregister_pernet_subsys(&nothing);
	return err;
}

static const struct kernel_param_ops settle_ops = {
	.set = settle_set,
};
module_param_cb(settle, &settle_ops, NULL, 0200);
MODULE_PARM_DESC(settle, "write anything: wait for namespaces that go");

static int __init inject_module_init(void)
{
	return 0;
}
module_init(inject_module_init);

static void __exit inject_module_exit(void)
{
}
module_exit(inject_module_exit);

MODULE_DESCRIPTION("Frames from within the kernel, to measure their way");
MODULE_LICENSE("GPL");
