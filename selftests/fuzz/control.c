// SPDX-License-Identifier: GPL-2.0
/* Commands, written in the network namespace that they are for:
 *
 *	watch DEV ROLE				see fuzz_watch()
 *	run ENTRY DEV SEED FIRST COUNT THEME	let frames in
 *	forget					let all devices go
 *	dump ENTRY DEV SEED NR 1 THEME		show a frame's bytes in the log
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

static const char * const theme_names[] = {
	[FUZZ_ANY] = "any",
	[FUZZ_VLANS] = "vlans",
	[FUZZ_NEIGHBOURS] = "neighbours",
	[FUZZ_TREE] = "tree",
};

/* Which frames. */
struct order {
	enum fuzz_entry entry;
	enum fuzz_theme theme;
	u32 seed;
	u32 first;
	u32 count;
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

/*
 * Wait until no softirq is left: what came too late for one has a thread of its
 * own. Returns with BH disabled, so that no timer sends anything meanwhile.
 */
static void settle(void)
{
	const u32 net = BIT(NET_RX_SOFTIRQ) | BIT(NET_TX_SOFTIRQ);

	local_bh_disable();
	while (local_softirq_pending() & net) {
		local_bh_enable();
		usleep_range(1, 20);
		local_bh_disable();
	}
}

/* A frame that is nothing but linear bytes: says where it should go. */
static struct fuzz_outcome send_copy(const struct sk_buff *skb, u32 nr)
{
	struct sk_buff *copy = skb_copy(skb, GFP_KERNEL);
	struct fuzz_outcome outcome = {};

	if (!copy)
		return outcome;
	settle();
	fuzz_ledger_open();
	let_in(copy);
	local_bh_enable();
	settle();
	outcome = fuzz_ledger_close(&frame, 1, false, false, nr);
	local_bh_enable();
	return outcome;
}

static struct sk_buff *make(struct net_device *dev, const struct order *order,
			    u32 nr, struct sk_buff **keep)
{
	fuzz_frame_build(&frame, dev, order->entry, order->theme, order->seed,
			 nr);
	return fuzz_shape(&frame, dev, keep);
}

static void one_frame(struct net_device *dev, const struct order *order, u32 nr)
{
	struct fuzz_outcome outcome, wanted = {};
	struct sk_buff *skb, *keep;
	bool loose, shared;

	skb = make(dev, order, nr, &keep);
	if (!skb)
		return;
	loose = skb_is_gso(skb);
	shared = keep == skb;
	/* where a tree changes with time, nobody knows what would be heard */
	if (!loose && skb_is_nonlinear(skb) && order->theme != FUZZ_TREE)
		wanted = send_copy(skb, nr);

	settle();
	fuzz_ledger_open();
	let_in(skb);
	local_bh_enable();
	settle();
	outcome = fuzz_ledger_close(&frame, 1, loose, shared &&
				    refcount_read(&keep->users) == 1, nr);
	local_bh_enable();
	fuzz_ledger_compare(&wanted, &outcome, nr);
	consume_skb(keep);
}

static void one_burst(struct net_device *dev, const struct order *order, u32 nr)
{
	struct sk_buff *skb, *keep;
	struct sk_buff_head frames;
	unsigned int i, n;

	__skb_queue_head_init(&frames);
	for (i = 0; i < FUZZ_BURST; i++) {
		skb = make(dev, order, nr + i, &keep);
		if (skb)
			__skb_queue_tail(&frames, skb);
	}
	n = skb_queue_len(&frames);
	if (!n)
		return;

	settle();
	fuzz_ledger_open();
	fuzz_sink_receive(dev, &frames);
	local_bh_enable();
	settle();
	fuzz_ledger_close(&frame, n, true, false, nr);
	local_bh_enable();
}

static int run(struct net_device *dev, const struct order *order)
{
	u32 nr = order->first;

	fuzz_ledger_start(dev_net(dev));
	while (nr - order->first < order->count && !signal_pending(current)) {
		if (order->entry == FUZZ_GRO) {
			one_burst(dev, order, nr);
			nr += FUZZ_BURST;
		} else {
			one_frame(dev, order, nr++);
		}
		cond_resched();
	}
	return fuzz_ledger_wrong() ? -EBADMSG : 0;
}

static int dump(struct net_device *dev, const struct order *order)
{
	struct sk_buff *skb, *keep;

	skb = make(dev, order, order->first, &keep);
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
	char entry[16], theme[16];
	struct order order;
	int n;

	if (sscanf(val, "%*s %15s %*15s %u %u %u %15s", entry, &order.seed,
		   &order.first, &order.count, theme) != 5)
		return -EINVAL;
	n = match_string(entry_names, ARRAY_SIZE(entry_names), entry);
	if (n < 0)
		return n;
	order.entry = n;
	n = match_string(theme_names, ARRAY_SIZE(theme_names), theme);
	if (n < 0)
		return n;
	order.theme = n;
	return val[0] == 'd' ? dump(dev, &order) : run(dev, &order);
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
	err = fuzz_drops_init();
	if (err)
		fuzz_sink_exit();
	return err;
}
module_init(fuzz_module_init);

static void __exit fuzz_module_exit(void)
{
	fuzz_forget();
	fuzz_drops_exit();
	fuzz_sink_exit();
}
module_exit(fuzz_module_exit);

MODULE_DESCRIPTION("Mutated frames from within the kernel, each accounted for");
MODULE_LICENSE("GPL");
