// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#include "genl.h"
#include "link.h"
#include "netns.h"
#include "notifier.h"

unsigned int vnb_net_id __read_mostly;

static int __net_init vnb_net_init(struct net *net)
{
	struct vnb_net *vn = vnb_net(net);

	hash_init(vn->tunnels);
	INIT_LIST_HEAD(&vn->socks);
	return 0;
}

static void VNB_EXIT_RTNL(vnb_net_exit_rtnl, struct net *net,
			  struct list_head *head)
{
	vnb_tunnel_net_exit(net, head);
}

static void __net_exit vnb_net_exit(struct net *net)
{
	struct vnb_net *vn = vnb_net(net);

	WARN_ON_ONCE(!hash_empty(vn->tunnels));
	WARN_ON_ONCE(!list_empty(&vn->socks));
}

static struct pernet_operations vnb_net_ops = {
	.init		= vnb_net_init,
	.exit_rtnl	= vnb_net_exit_rtnl,
	.exit		= vnb_net_exit,
	.id		= &vnb_net_id,
	.size		= sizeof(struct vnb_net),
};

static int __init vnb_init(void)
{
	int err;

	err = register_pernet_subsys(&vnb_net_ops);
	if (err)
		return err;

	err = vnb_notifier_register();
	if (err)
		goto err_unregister_pernet;

	err = genl_register_family(&vnb_genl_family);
	if (err)
		goto err_unregister_notifier;

	err = vnb_link_register();
	if (err)
		goto err_unregister_family;

	return 0;

err_unregister_family:
	genl_unregister_family(&vnb_genl_family);
err_unregister_notifier:
	vnb_notifier_unregister();
err_unregister_pernet:
	unregister_pernet_subsys(&vnb_net_ops);
	return err;
}

static void __exit vnb_exit(void)
{
	/* Deletes all devices, which releases all ports and sockets. */
	vnb_link_unregister();
	genl_unregister_family(&vnb_genl_family);
	vnb_notifier_unregister();
	unregister_pernet_subsys(&vnb_net_ops);

	/*
	 * The core calls the receive functions of a released socket until a
	 * grace period is over, and our own RCU callbacks are in this module.
	 */
	synchronize_net();
	rcu_barrier();
}

module_init(vnb_init);
module_exit(vnb_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Bridge, pair and VXLAN tunnel on one fused path");
MODULE_ALIAS_RTNL_LINK("vnetbr");
MODULE_ALIAS_RTNL_LINK("vnetbr_pair");
MODULE_ALIAS_RTNL_LINK("vnetbr_vxlan");
