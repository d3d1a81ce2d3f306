/* SPDX-License-Identifier: GPL-2.0 */
/*
 * v6.9, 490a79faf95e ("net: introduce include/net/rps.h"); before, all of it is
 * in linux/netdevice.h.
 */
#ifdef VNB_HAVE_NET_RPS
#include_next <net/rps.h>
#include <net/netdev_rx_queue.h>
#endif

#ifndef VNB_COMPAT_NET_RPS_H
#define VNB_COMPAT_NET_RPS_H

#include <linux/jump_label.h>
#include <linux/netdevice.h>

/* Would the core hand frames received on @dev to another CPU? Under RCU. */
static inline bool vnb_rps_active(const struct net_device *dev)
{
#ifdef CONFIG_RPS
	if (static_branch_unlikely(&rps_needed)) {
		unsigned int i;

		for (i = 0; i < dev->real_num_rx_queues; i++)
			if (rcu_access_pointer(dev->_rx[i].rps_map) ||
			    READ_ONCE(dev->_rx[i].rps_flow_table))
				return true;
	}
#endif
	return false;
}

#endif /* VNB_COMPAT_NET_RPS_H */
