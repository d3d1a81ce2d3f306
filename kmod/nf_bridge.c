// SPDX-License-Identifier: GPL-2.0
/*
 * Netfilter family bridge: whether it has hooks, that we must not call.
 */
#include "nf_bridge.h"

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

DEFINE_STATIC_KEY_FALSE(vnb_nf_block_key);

bool vnb_nf_bridge_hooked(const struct vnb_bridge *br)
{
#ifdef CONFIG_NETFILTER_FAMILY_BRIDGE
	const struct net *net = dev_net(br->vnb.dev);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(net->nf.hooks_bridge); i++)
		if (rcu_access_pointer(net->nf.hooks_bridge[i]))
			return true;
#endif

	return false;
}

void vnb_nf_bridge_set(struct vnb_bridge *br, bool block)
{
	ASSERT_RTNL();

	if (block == !!(br->opts & VNB_BRIDGE_NF_BLOCK))
		return;

	if (block) {
		WRITE_ONCE(br->opts, br->opts | VNB_BRIDGE_NF_BLOCK);
		static_branch_inc(&vnb_nf_block_key);
	} else {
		static_branch_dec(&vnb_nf_block_key);
		WRITE_ONCE(br->opts, br->opts & ~VNB_BRIDGE_NF_BLOCK);
	}
}
