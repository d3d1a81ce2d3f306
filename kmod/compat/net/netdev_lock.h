/* SPDX-License-Identifier: GPL-2.0 */
/*
 * v6.15, 8ef890df4031 ("net: move misc netdev_lock flavors to a separate
 * header")
 */
#ifdef VNB_HAVE_NETDEV_LOCK
#include_next <net/netdev_lock.h>
#else
#ifndef VNB_COMPAT_NET_NETDEV_LOCK_H
#define VNB_COMPAT_NET_NETDEV_LOCK_H

#include <linux/netdevice.h>

/* RTNL is all there is. */
static inline void netdev_lock_ops(struct net_device *dev)
{
}

static inline void netdev_unlock_ops(struct net_device *dev)
{
}

#endif /* VNB_COMPAT_NET_NETDEV_LOCK_H */
#endif
