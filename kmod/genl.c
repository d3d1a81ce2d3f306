// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink family "vnetbr", for what no stock tool can ask.
 * uapi/linux/vnetbr_genl.h has its attributes.
 */
#include "genl.h"

#include <linux/vnetbr_genl.h>

#include "why.h"

/*
 * GENL_UNS_ADMIN_PERM: root of the user namespace that owns the namespace may
 * ask. The answer tells of ends of pairs in other namespaces (up or not, MTU),
 * and whether somebody else's frames would be let through, which is more than
 * anybody can read with RTM_GETLINK and RTM_GETNEIGH.
 */
static const struct genl_small_ops vnb_genl_ops[] = {
	{
		.cmd	= VNETBR_CMD_WHY,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= vnb_why_doit,
	},
};

struct genl_family vnb_genl_family __ro_after_init = {
	.name		= VNETBR_FAMILY_NAME,
	.version	= VNETBR_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.maxattr	= VNETBR_A_WHY_MAX,
	.policy		= vnb_why_policy,
	.small_ops	= vnb_genl_ops,
	.n_small_ops	= ARRAY_SIZE(vnb_genl_ops),
};
