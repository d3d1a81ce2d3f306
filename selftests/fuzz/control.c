// SPDX-License-Identifier: GPL-2.0
/* Commands, written in the network namespace that they are for:
 *
 *	watch DEV ROLE			see fuzz_watch()
 *	run ENTRY DEV SEED FIRST COUNT	let frames in
 *	forget				let all devices go
 *	dump ENTRY DEV SEED NR		show the bytes of a frame in the log
 *
 * Reading "command" tells where the frames of the last run went. The command
 * "run" fails with EBADMSG if they are not all accounted for.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "fuzz.h"

static const char * const entry_names[] = {
	[FUZZ_RECEIVE] = "receive",
	[FUZZ_PAIR] = "pair",
	[FUZZ_BRIDGE] = "bridge",
	[FUZZ_TUNNEL] = "tunnel",
	[FUZZ_SOCKET] = "socket",
	[FUZZ_GRO] = "gro",
};

/* The present frame; the lock of the module's parameters keeps it. */
static struct fuzz_frame frame;

static void let_in(struct sk_buff *skb)
{
	if (fuzz_is_received(frame.entry))
		netif_receive_skb(skb);
	else
		dev_queue_xmit(skb);
}

static bool is_pending(void)
{
	const u32 net = BIT(NET_RX_SOFTIRQ) | BIT(NET_TX_SOFTIRQ);
	bool yes;

	preempt_disable();
	yes = local_softirq_pending() & net;
	preempt_enable();
	return yes;
}

/* What came too late for this softirq has a thread of its own. */
static void settle(void)
{
	while (is_pending())
		usleep_range(1, 20);
}

/* A frame that is nothing but linear bytes: says where it should go. */
static struct fuzz_outcome send_copy(const struct sk_buff *skb, u32 nr)
{
	struct sk_buff *copy = skb_copy(skb, GFP_KERNEL);
	struct fuzz_outcome none = {};

	if (!copy)
		return none;
	fuzz_ledger_open();
	local_bh_disable();
	let_in(copy);
	local_bh_enable();
	settle();
	return fuzz_ledger_close(&frame, 1, false, false, nr);
}

static void one_frame(struct net_device *dev, enum fuzz_entry entry, u32 seed,
		      u32 nr)
{
	struct fuzz_outcome outcome, wanted = {};
	struct sk_buff *skb, *keep;
	bool loose, shared;

	fuzz_frame_build(&frame, dev, entry, seed, nr);
	skb = fuzz_shape(&frame, dev, &keep);
	if (!skb)
		return;
	loose = skb_is_gso(skb);
	shared = keep == skb;
	if (!loose && skb_is_nonlinear(skb))
		wanted = send_copy(skb, nr);

	fuzz_ledger_open();
	local_bh_disable();
	let_in(skb);
	local_bh_enable();
	settle();
	outcome = fuzz_ledger_close(&frame, 1, loose, shared &&
				    refcount_read(&keep->users) == 1, nr);
	fuzz_ledger_compare(&wanted, &outcome, nr);
	consume_skb(keep);
}

static void one_burst(struct net_device *dev, u32 seed, u32 nr)
{
	struct sk_buff *skb, *keep;
	struct sk_buff_head frames;
	unsigned int i, n;

	__skb_queue_head_init(&frames);
	for (i = 0; i < FUZZ_BURST; i++) {
		fuzz_frame_build(&frame, dev, FUZZ_GRO, seed, nr + i);
		skb = fuzz_shape(&frame, dev, &keep);
		if (skb)
			__skb_queue_tail(&frames, skb);
	}
	n = skb_queue_len(&frames);
	if (!n)
		return;

	fuzz_ledger_open();
	local_bh_disable();
	fuzz_sink_receive(dev, &frames);
	local_bh_enable();
	settle();
	fuzz_ledger_close(&frame, n, true, false, nr);
}

static int run(struct net_device *dev, enum fuzz_entry entry, u32 seed,
	       u32 first, u32 count)
{
	u32 nr = first;

	fuzz_ledger_start(dev_net(dev));
	while (nr - first < count && !signal_pending(current)) {
		if (entry == FUZZ_GRO) {
			one_burst(dev, seed, nr);
			nr += FUZZ_BURST;
		} else {
			one_frame(dev, entry, seed, nr++);
		}
		cond_resched();
	}
	return fuzz_ledger_wrong() ? -EBADMSG : 0;
}

static int dump(struct net_device *dev, enum fuzz_entry entry, u32 seed, u32 nr)
{
	struct sk_buff *skb, *keep;

	fuzz_frame_build(&frame, dev, entry, seed, nr);
	skb = fuzz_shape(&frame, dev, &keep);
	if (skb)
		skb_dump(KERN_INFO, skb, true);
	consume_skb(keep);
	consume_skb(skb);
	return 0;
}

static int command_for(const char *val, const char *name, int (*what)
		       (struct net_device *dev, const char *val))
{
	struct net_device *dev;
	int err;

	dev = dev_get_by_name(current->nsproxy->net_ns, name);
	if (!dev)
		return -ENODEV;
	err = what(dev, val);
	dev_put(dev);
	return err;
}

static int do_watch(struct net_device *dev, const char *val)
{
	char role[16];

	if (sscanf(val, "watch %*15s %15s", role) != 1)
		return -EINVAL;
	return fuzz_watch(dev, role);
}

static int do_run(struct net_device *dev, const char *val)
{
	u32 seed, first, count;
	char name[16];
	int entry;

	if (sscanf(val, "%*s %15s %*15s %u %u %u", name, &seed, &first,
		   &count) < 3)
		return -EINVAL;
	entry = match_string(entry_names, ARRAY_SIZE(entry_names), name);
	if (entry < 0)
		return entry;
	return val[0] == 'd' ? dump(dev, entry, seed, first) :
	       run(dev, entry, seed, first, count);
}

static int command_set(const char *val, const struct kernel_param *kp)
{
	char name[IFNAMSIZ];

	if (sscanf(val, "watch %15s", name) == 1)
		return command_for(val, name, do_watch);
	if (sscanf(val, "run %*15s %15s", name) == 1 ||
	    sscanf(val, "dump %*15s %15s", name) == 1)
		return command_for(val, name, do_run);
	if (!sysfs_streq(val, "forget"))
		return -EINVAL;
	fuzz_forget();
	return 0;
}

static int command_get(char *buffer, const struct kernel_param *kp)
{
	return fuzz_ledger_print(buffer);
}

static const struct kernel_param_ops command_ops = {
	.set = command_set,
	.get = command_get,
};
module_param_cb(command, &command_ops, NULL, 0600);
MODULE_PARM_DESC(command, "what to do; read: where the frames went");

static int __init fuzz_module_init(void)
{
	int err = fuzz_sink_init();

	if (err)
		return err;
	err = fuzz_ledger_init();
	if (err)
		fuzz_sink_exit();
	return err;
}
module_init(fuzz_module_init);

static void __exit fuzz_module_exit(void)
{
	fuzz_forget();
	fuzz_ledger_exit();
	fuzz_sink_exit();
}
module_exit(fuzz_module_exit);

MODULE_DESCRIPTION("Mutated frames from within the kernel, each accounted for");
MODULE_LICENSE("GPL");
