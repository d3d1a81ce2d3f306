/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_STATS_H
#define VNB_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>

#include "drop.h"

/**
 * DOC: Counters
 *
 * Shown by ``ethtool -S``, after the drop reasons. The standard counters
 * (``ip -s link``) are kept by the core.
 *
 * X(NAME, word)
 *
 * fused_rx
 *   Frames that entered a bridge through this device by the short cut.
 * fused_tx
 *   Frames that left a bridge through this device by the short cut.
 * flooded
 *   Copies sent because the destination was unknown, or a group.
 * learned
 *   Addresses learned.
 * moved
 *   Addresses that were learned anew on another port or remote.
 * learn_limit
 *   Addresses not learned because a limit was reached.
 * learn_failed
 *   Addresses not learned for want of memory; the next frame tries again.
 * own_address
 *   Frames that carry an address of the bridge as their source.
 * neigh_answered
 *   Questions of ARP and neighbour discovery that the bridge answered.
 * neigh_limit
 *   Neighbours not snooped because the limit was reached.
 * neigh_failed
 *   Neighbours not snooped for want of memory; their next word tries again.
 * bpdu_rx
 *   BPDUs that the kernel's spanning tree received.
 * bpdu_tx
 *   BPDUs that it sent.
 * topology_changes
 *   Changes of the tree that this bridge noticed or was notified of.
 */
#define VNB_COUNTERS(X)				\
	X(FUSED_RX,	"fused_rx")		\
	X(FUSED_TX,	"fused_tx")		\
	X(FLOODED,	"flooded")		\
	X(LEARNED,	"learned")		\
	X(MOVED,	"moved")		\
	X(LEARN_LIMIT,	"learn_limit")		\
	X(LEARN_FAILED,	"learn_failed")		\
	X(OWN_ADDRESS,	"own_address")		\
	X(NEIGH_ANSWERED, "neigh_answered")	\
	X(NEIGH_LIMIT,	"neigh_limit")		\
	X(NEIGH_FAILED,	"neigh_failed")		\
	X(BPDU_RX,	"bpdu_rx")		\
	X(BPDU_TX,	"bpdu_tx")		\
	X(TOPOLOGY_CHANGES, "topology_changes")

/**
 * enum vnb_stat - index of a counter; the drop reasons come first
 */
enum vnb_stat {
	/* private: the last drop reason */
	VNB_STAT_DROP_LAST = VNB_DROP_MAX - 1,
#define VNB_STAT_ENUM(name, word)	VNB_STAT_##name,
	VNB_COUNTERS(VNB_STAT_ENUM)
#undef VNB_STAT_ENUM
	/* private: number of values */
	VNB_STAT_MAX
};

/**
 * struct vnb_stats - the counters of one device on one CPU
 */
struct vnb_stats {
	/** @n: one word each, so that a reader never sees half a value */
	unsigned long	n[VNB_STAT_MAX];
};

/**
 * vnb_stats_inc() - count one event
 * @stats: counters of a device
 * @stat: which one: enum vnb_stat, or enum vnb_drop for a frame that somebody
 *	else has freed
 */
static inline void vnb_stats_inc(struct vnb_stats __percpu *stats,
				 unsigned int stat)
{
	this_cpu_inc(stats->n[stat]);
}

/**
 * vnb_stats_add() - count several events
 * @stats: counters of a device
 * @stat: which one
 * @n: how many
 */
static inline void vnb_stats_add(struct vnb_stats __percpu *stats,
				 enum vnb_stat stat, unsigned int n)
{
	this_cpu_add(stats->n[stat], n);
}

/**
 * vnb_stats_sum() - add the counters of all CPUs to an array
 * @stats: counters of a device
 * @sum: VNB_STAT_MAX values that are added to
 */
void vnb_stats_sum(struct vnb_stats __percpu *stats, u64 *sum);

/**
 * vnb_stat_word() - name of a counter as shown to users
 * @stat: which one; drop reasons come without their "drop_"
 *
 * Return: the word, NULL for %VNB_OK.
 */
const char *vnb_stat_word(unsigned int stat);

#endif /* VNB_STATS_H */
