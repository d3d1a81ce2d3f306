/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/sch_generic.h>

#ifndef VNB_COMPAT_NET_SCH_GENERIC_H
#define VNB_COMPAT_NET_SCH_GENERIC_H

/*
 * v6.16, 34dd0fecaa02 ("net: sched: generalize check for no-queue qdisc on TX
 * queue")
 */
#ifndef VNB_HAVE_TXQ_HAS_NO_QUEUE
static inline bool
vnb_compat_txq_has_no_queue(const struct netdev_queue *txq)
{
	return !rcu_access_pointer(txq->qdisc)->enqueue;
}

#define qdisc_txq_has_no_queue vnb_compat_txq_has_no_queue
#endif

#endif /* VNB_COMPAT_NET_SCH_GENERIC_H */
