// SPDX-License-Identifier: GPL-2.0
/*
 * What the devices of all modes have.
 */
#include "dev.h"

#include <linux/percpu.h>

int vnb_dev_init(struct net_device *dev)
{
	struct vnb_dev *vnb = vnb_dev(dev);

	vnb->dev = dev;
	vnb->stats = alloc_percpu(struct vnb_stats);
	return vnb->stats ? 0 : -ENOMEM;
}

void vnb_dev_uninit(struct net_device *dev)
{
	free_percpu(vnb_dev(dev)->stats);
}
