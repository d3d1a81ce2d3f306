// SPDX-License-Identifier: GPL-2.0
/*
 * Counters, and the one place where frames are dropped.
 */
#include "stats.h"

#include "bridge.h"
#include "trace.h"

static const char * const vnb_stat_words[VNB_STAT_MAX] = {
#define VNB_DROP_WORD(name, core, word)	[VNB_DROP_##name] = word,
	VNB_DROP_REASONS(VNB_DROP_WORD)
#undef VNB_DROP_WORD
#define VNB_STAT_WORD(name, word)	[VNB_STAT_##name] = word,
	VNB_COUNTERS(VNB_STAT_WORD)
#undef VNB_STAT_WORD
};

static const enum skb_drop_reason vnb_core_reasons[VNB_DROP_MAX] = {
#define VNB_DROP_CORE(name, core, word)	\
	[VNB_DROP_##name] = SKB_DROP_REASON_##core,
	VNB_DROP_REASONS(VNB_DROP_CORE)
#undef VNB_DROP_CORE
};

const char *vnb_stat_word(unsigned int stat)
{
	return vnb_stat_words[stat];
}

enum skb_drop_reason vnb_drop_core_reason(enum vnb_drop why)
{
	return vnb_core_reasons[why];
}

void vnb_stats_sum(struct vnb_stats __percpu *stats, u64 *sum)
{
	const struct vnb_stats *s;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		s = per_cpu_ptr(stats, cpu);
		for (i = 0; i < VNB_STAT_MAX; i++)
			sum[i] += READ_ONCE(s->n[i]);
	}
}

/* The only place of the module that frees a frame for a reason. */
static void vnb_drop_skb(struct vnb_stats __percpu *stats,
			 const struct net_device *dev,
			 const struct net_device *in, struct sk_buff *skb,
			 enum vnb_drop why)
{
	DEBUG_NET_WARN_ON_ONCE(why == VNB_OK || why >= VNB_DROP_MAX);

	vnb_stats_inc(stats, why);
	trace_vnb_drop(dev, in, skb, why);
	kfree_skb_reason(skb, vnb_core_reasons[why]);
}

void vnb_drop_on(struct vnb_stats __percpu *stats, const struct net_device *dev,
		 struct sk_buff *skb, enum vnb_drop why)
{
	vnb_drop_skb(stats, dev, NULL, skb, why);
}

void vnb_drop(struct vnb_dev *vnb, struct sk_buff *skb, enum vnb_drop why)
{
	vnb_drop_skb(vnb->stats, vnb->dev, NULL, skb, why);
}

void vnb_drop_in(const struct vnb_port *in, struct sk_buff *skb,
		 enum vnb_drop why)
{
	const struct vnb_dev *vnb = &in->br->vnb;

	vnb_port_count_drop(in);
	vnb_drop_skb(vnb->stats, vnb->dev, in->dev, skb, why);
}
