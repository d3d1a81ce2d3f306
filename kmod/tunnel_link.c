// SPDX-License-Identifier: GPL-2.0
/*
 * Devices of mode vxlan: making, changing and deleting them.
 *
 * Copyright (C) the vnetbr authors
 */

#include "tunnel.h"

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/vnetbr.h>

#include <net/addrconf.h>

#include "link.h"
#include "netns.h"

#define VNB_TUNNEL_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST |	\
				 NETIF_F_HW_CSUM | NETIF_F_RXCSUM |	\
				 NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE)

/* A change that is about to be made. */
struct vnb_tunnel_change {
	/* what the tunnel will have */
	struct vnb_tunnel_config	*cfg;
	struct net_device		*lower;

	/* NULL while the tunnel is down */
	struct vnb_listener		*listener;
};

/* Find the underlay device of a configuration; NULL if it has none. */
static int vnb_tunnel_find_lower(const struct net_device *dev, struct net *net,
				 const struct vnb_tunnel_config *cfg,
				 struct net_device **lower,
				 struct netlink_ext_ack *extack)
{
	const struct inet6_dev *idev;

	*lower = NULL;
	if (!cfg->link)
		return 0;

	*lower = __dev_get_by_index(net, cfg->link);
	if (!*lower) {
		NL_SET_ERR_MSG(extack, "dev is not a device of the underlay");
		return -ENODEV;
	}
	if (*lower == dev) {
		NL_SET_ERR_MSG(extack, "dev is the tunnel itself");
		return -ELOOP;
	}

	idev = cfg->family == AF_INET6 ? __in6_dev_get(*lower) : NULL;
	if (idev && READ_ONCE(idev->cnf.disable_ipv6)) {
		NL_SET_ERR_MSG(extack, "IPv6 is disabled on dev");
		return -EPERM;
	}

	return 0;
}

/* Has another tunnel what is received for @cfg? */
static int vnb_tunnel_check_unique(const struct vnb_tunnel *tun,
				   const struct vnb_tunnel_config *cfg,
				   struct netlink_ext_ack *extack)
{
	const struct vnb_tunnel_config *other_cfg;
	struct vnb_tunnel *other;

	hash_for_each_possible(vnb_net(tun->net)->tunnels, other, node,
			       cfg->vni) {
		other_cfg = rtnl_dereference(other->cfg);
		if (other == tun || other_cfg->vni != cfg->vni ||
		    other_cfg->port != cfg->port ||
		    other_cfg->family != cfg->family)
			continue;

		NL_SET_ERR_MSG_FMT(extack,
				   "id %u is in use by another tunnel with this dstport",
				   cfg->vni);
		return -EEXIST;
	}

	return 0;
}

static void vnb_tunnel_hash(struct vnb_tunnel *tun,
			    const struct vnb_tunnel_config *cfg)
{
	hash_del(&tun->node);
	hash_add(vnb_net(tun->net)->tunnels, &tun->node, cfg->vni);
}

/* In the order of vnb_tunnel_acquire(), with a device that is new. */
static int vnb_tunnel_register(struct net_device *dev,
			       const struct nlattr *name,
			       const struct vnb_tunnel_config *cfg,
			       struct net_device *lower,
			       struct netlink_ext_ack *extack)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	int err;

	err = vnb_link_register_netdevice(dev, name, extack);
	if (err)
		return err;

	if (lower) {
		err = netdev_upper_dev_link(lower, dev, extack);
		if (err)
			goto err_unregister;
		tun->lower = lower;
	}

	if (!vnb_ip_is_any(&cfg->remote)) {
		err = vnb_tfdb_set_default(tun, NULL, cfg);
		if (err)
			goto err_unlink;
	}

	vnb_tunnel_hash(tun, cfg);
	return 0;

err_unlink:
	tun->lower = NULL;
	if (lower)
		netdev_upper_dev_unlink(lower, dev);
err_unregister:
	unregister_netdevice(dev);
	return err;
}

static int vnb_tunnel_newlink(struct net_device *dev,
			      struct rtnl_newlink_params *params,
			      struct nlattr **data,
			      struct netlink_ext_ack *extack)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	struct vnb_tunnel_config *cfg;
	struct net_device *lower;
	unsigned int mtu;
	int err;

	cfg = kzalloc_obj(*cfg);
	if (!cfg)
		return -ENOMEM;

	tun->net = rtnl_newlink_link_net(params);
	vnb_tunnel_config_init(cfg);
	if (params->tb[IFLA_LINK])
		cfg->link = nla_get_u32(params->tb[IFLA_LINK]);

	err = vnb_tunnel_config_parse(cfg, data, true, extack);
	if (!err)
		err = vnb_tunnel_config_validate(cfg, extack);
	if (!err)
		err = vnb_tunnel_find_lower(dev, tun->net, cfg, &lower, extack);
	if (!err)
		err = vnb_tunnel_check_unique(tun, cfg, extack);
	if (err)
		goto err_free;

	if (!params->tb[IFLA_ADDRESS])
		eth_hw_addr_random(dev);

	/* As with the in-tree driver, the underlay limits what users want. */
	vnb_tunnel_follow_lower(dev, cfg, lower);
	mtu = vnb_tunnel_underlay_mtu(tun, cfg, lower);
	tun->mtu_user = params->tb[IFLA_MTU];
	if (!tun->mtu_user || (lower && dev->mtu > mtu))
		dev->mtu = mtu;
	dev->mtu = min(dev->mtu, dev->max_mtu);

	rcu_assign_pointer(tun->cfg, cfg);
	err = vnb_tunnel_register(dev, params->tb[IFLA_IFNAME], cfg, lower,
				  extack);
	if (!err)
		return 0;

	/* freed already if ndo_uninit was called */
	cfg = rtnl_dereference(tun->cfg);
	RCU_INIT_POINTER(tun->cfg, NULL);
err_free:
	kfree(cfg);
	return err;
}

static int vnb_tunnel_check_change(struct vnb_tunnel *tun,
				   struct vnb_tunnel_change *change,
				   struct netlink_ext_ack *extack)
{
	const struct vnb_tunnel_config *old = rtnl_dereference(tun->cfg);
	int err;

	err = vnb_tunnel_config_validate(change->cfg, extack);
	if (err)
		return err;

	err = vnb_tunnel_find_lower(tun->vnb.dev, tun->net, change->cfg,
				    &change->lower, extack);
	if (err)
		return err;

	if (change->cfg->family != old->family &&
	    vnb_tfdb_has_static(tun, old)) {
		NL_SET_ERR_MSG(extack,
			       "There are forwarding entries of the other address family");
		return -EBUSY;
	}

	return vnb_tunnel_check_unique(tun, change->cfg, extack);
}

/* Get all that @change needs. On error nothing has changed. */
static int vnb_tunnel_acquire(struct vnb_tunnel *tun,
			      struct vnb_tunnel_change *change,
			      struct netlink_ext_ack *extack)
{
	const struct vnb_tunnel_config *old = rtnl_dereference(tun->cfg);
	struct net_device *dev = tun->vnb.dev;
	int err;

	if (change->lower != tun->lower) {
		err = netdev_adjacent_change_prepare(tun->lower, change->lower,
						     dev, extack);
		if (err)
			return err;
	}

	if (tun->listener) {
		change->listener = vnb_listen(tun, change->cfg, extack);
		if (IS_ERR(change->listener)) {
			err = PTR_ERR(change->listener);
			goto err_abort_lower;
		}
	}

	err = vnb_tfdb_set_default(tun, old, change->cfg);
	if (err)
		goto err_free_listener;

	return 0;

err_free_listener:
	if (change->listener)
		vnb_listener_free(change->listener);
err_abort_lower:
	if (change->lower != tun->lower)
		netdev_adjacent_change_abort(tun->lower, change->lower, dev);
	return err;
}

static void vnb_tunnel_commit_lower(struct vnb_tunnel *tun,
				    struct net_device *lower)
{
	if (lower == tun->lower)
		return;

	if (lower)
		netdev_adjacent_change_commit(tun->lower, lower, tun->vnb.dev);
	else
		netdev_upper_dev_unlink(tun->lower, tun->vnb.dev);
	tun->lower = lower;
}

/* Make @change, and give back what is needed no more. */
static void vnb_tunnel_commit(struct vnb_tunnel *tun,
			      const struct vnb_tunnel_change *change)
{
	struct vnb_tunnel_config *old = rtnl_dereference(tun->cfg);
	const struct vnb_tunnel_config *cfg = change->cfg;
	struct vnb_listener *listener = tun->listener;

	rcu_assign_pointer(tun->cfg, change->cfg);
	vnb_tunnel_hash(tun, cfg);
	if (listener) {
		rcu_assign_pointer(tun->sock, change->listener->sock);
		tun->listener = change->listener;
		vnb_listener_stop(listener);
	}

	vnb_tunnel_commit_lower(tun, change->lower);
	vnb_tunnel_follow_lower(tun->vnb.dev, cfg, tun->lower);
	vnb_tunnel_follow_mtu(tun);

	/* No frame uses the old configuration and its routes after this. */
	synchronize_net();
	vnb_remotes_reset_routes(&tun->fdb.remotes);
	if (cfg->vni != old->vni || cfg->family != old->family)
		vnb_tunnel_flush_dynamic(tun);
	if (listener) {
		vnb_listener_free(listener);
		vnb_tfdb_start_ageing(tun);
	}
	kfree(old);
}

struct vnb_tunnel_config *
vnb_tunnel_change_begin(struct vnb_tunnel *tun, struct netlink_ext_ack *extack)
{
	const struct vnb_tunnel_config *old = rtnl_dereference(tun->cfg);
	struct vnb_tunnel_config *cfg;

	if (!rtnl_dev_link_net_capable(tun->vnb.dev, tun->net)) {
		NL_SET_ERR_MSG(extack,
			       "No permission in the namespace of the underlay");
		return ERR_PTR(-EPERM);
	}

	cfg = kmemdup(old, sizeof(*old), GFP_KERNEL);
	return cfg ? : ERR_PTR(-ENOMEM);
}

int vnb_tunnel_change_end(struct vnb_tunnel *tun, struct vnb_tunnel_config *cfg,
			  int err, struct netlink_ext_ack *extack)
{
	struct vnb_tunnel_change change = { .cfg = cfg };

	if (err || vnb_tunnel_config_equal(cfg, rtnl_dereference(tun->cfg)))
		goto out;

	err = vnb_tunnel_check_change(tun, &change, extack);
	if (!err)
		err = vnb_tunnel_acquire(tun, &change, extack);
	if (err)
		goto out;

	vnb_tunnel_commit(tun, &change);
	return 0;

out:
	kfree(cfg);
	return err;
}

static int vnb_tunnel_changelink(struct net_device *dev, struct nlattr **tb,
				 struct nlattr **data,
				 struct netlink_ext_ack *extack)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	struct vnb_tunnel_config *cfg;
	int err;

	cfg = vnb_tunnel_change_begin(tun, extack);
	if (IS_ERR(cfg))
		return PTR_ERR(cfg);

	err = vnb_tunnel_config_parse(cfg, data, false, extack);
	return vnb_tunnel_change_end(tun, cfg, err, extack);
}

/* May be called twice: with its underlay, and with its own namespace. */
static void vnb_tunnel_dellink(struct net_device *dev, struct list_head *head)
{
	static const struct vnb_tfdb_filter all;
	struct vnb_tunnel *tun = vnb_tunnel(dev);

	hash_del(&tun->node);
	vnb_tfdb_flush(tun, &all);
	unregister_netdevice_queue(dev, head);

	if (tun->lower)
		netdev_upper_dev_unlink(tun->lower, dev);
	tun->lower = NULL;
}

static struct net_device *vnb_tunnel_next_above(struct net_device *lower,
						struct list_head **iter)
{
	struct net_device *dev;

	while ((dev = netdev_upper_get_next_dev_rcu(lower, iter)))
		if (vnb_dev_is_tunnel(dev) && vnb_tunnel(dev)->lower == lower)
			break;

	return dev;
}

static void vnb_tunnel_delete_above(struct net_device *lower)
{
	struct list_head *iter;
	struct net_device *dev;
	LIST_HEAD(head);

	for (;;) {
		iter = &lower->adj_list.upper;
		dev = vnb_tunnel_next_above(lower, &iter);
		if (!dev)
			break;
		vnb_tunnel_dellink(dev, &head);
	}

	unregister_netdevice_many(&head);
}

void vnb_tunnel_notify(struct net_device *lower, unsigned long event)
{
	struct list_head *iter = &lower->adj_list.upper;
	struct net_device *dev;

	switch (event) {
	case NETDEV_UNREGISTER:
		vnb_tunnel_delete_above(lower);
		break;
	case NETDEV_CHANGEMTU:
		while ((dev = vnb_tunnel_next_above(lower, &iter)))
			vnb_tunnel_follow_mtu(vnb_tunnel(dev));
		break;
	case NETDEV_UDP_TUNNEL_PUSH_INFO:
		vnb_sock_offload(lower, true);
		break;
	case NETDEV_UDP_TUNNEL_DROP_INFO:
		vnb_sock_offload(lower, false);
		break;
	}
}

void vnb_tunnel_net_exit(struct net *net, struct list_head *head)
{
	struct hlist_node *next;
	struct vnb_tunnel *tun;
	int i;

	hash_for_each_safe(vnb_net(net)->tunnels, i, next, tun, node)
		vnb_tunnel_dellink(tun->vnb.dev, head);
}

static size_t vnb_tunnel_get_size(const struct net_device *dev)
{
	return vnb_tunnel_config_size();
}

static int vnb_tunnel_fill_info(struct sk_buff *skb,
				const struct net_device *dev)
{
	const struct vnb_tunnel *tun = vnb_tunnel(dev);

	return vnb_tunnel_config_fill(skb, rcu_dereference_rtnl(tun->cfg));
}

static struct net *vnb_tunnel_get_link_net(const struct net_device *dev)
{
	return vnb_tunnel(dev)->net;
}

static void vnb_tunnel_setup(struct net_device *dev)
{
	dev->netdev_ops = &vnb_tunnel_netdev_ops;
	dev->features |= VNB_TUNNEL_FEATURES;
	dev->hw_features = VNB_TUNNEL_FEATURES;
	dev->vlan_features = VNB_TUNNEL_FEATURES;
	/* its route is told about the path MTU */
	netif_keep_dst(dev);
	vnb_set_change_proto_down(dev);
}

const struct vnb_mode_ops vnb_tunnel_mode = {
	.name		= "vxlan",
	.netdev_ops	= &vnb_tunnel_netdev_ops,
	.attrs		= BIT(IFLA_VNETBR_VXLAN) | BIT(IFLA_VNETBR_VXLAN_EXT),
	.setup		= vnb_tunnel_setup,
	.newlink	= vnb_tunnel_newlink,
	.changelink	= vnb_tunnel_changelink,
	.dellink	= vnb_tunnel_dellink,
	.get_size	= vnb_tunnel_get_size,
	.fill_info	= vnb_tunnel_fill_info,
	.get_link_net	= vnb_tunnel_get_link_net,
};
