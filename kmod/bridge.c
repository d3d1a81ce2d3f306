// SPDX-License-Identifier: GPL-2.0
/*
 * The bridge device: its life, and what it derives from its ports (MTU,
 * features, headroom, carrier).
 */
#include "bridge.h"

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/vnetbr.h>

#include "frame.h"
#include "link.h"
#include "mst.h"
#include "nf_bridge.h"
#include "vlan.h"

/* What a bridge can carry; what it really offers depends on its ports. */
#define VNB_BRIDGE_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST |	\
				 NETIF_F_HIGHDMA | NETIF_F_HW_CSUM |	\
				 NETIF_F_GSO_MASK)

/* Constant for the whole life of the device: the local port. */
static void vnb_bridge_init_local(struct vnb_bridge *br,
				  struct net_device *dev)
{
	br->local.dev = dev;
	br->local.br = br;
	br->local.type = VNB_PORT_LOCAL;
	br->local.state = BR_STATE_FORWARDING;
}

static int vnb_bridge_init(struct net_device *dev)
{
	struct vnb_bridge *br = vnb_bridge(dev);
	int err;

	err = vnb_dev_init(dev);
	if (err)
		return err;

	INIT_LIST_HEAD(&br->ports);
	ida_init(&br->port_nos);
	vnb_bridge_init_local(br, dev);
	vnb_stp_init(br);
	br->ageing_time = BR_DEFAULT_AGEING_TIME;

	err = vnb_vlan_bridge_init(br);
	if (err)
		goto err_dev;

	err = vnb_snoop_init(br);
	if (err)
		goto err_vlan;

	err = vnb_fdb_init(br);
	if (err)
		goto err_snoop;

	return 0;

err_snoop:
	vnb_snoop_uninit(br);
err_vlan:
	vnb_vlan_bridge_uninit(br);
err_dev:
	vnb_dev_uninit(dev);
	return err;
}

static void vnb_bridge_uninit(struct net_device *dev)
{
	struct vnb_bridge *br = vnb_bridge(dev);

	vnb_stp_uninit(br);
	vnb_nf_bridge_set(br, false);
	vnb_fdb_uninit(br);
	vnb_snoop_uninit(br);
	vnb_vlan_bridge_uninit(br);
	vnb_mst_uninit(br);
	ida_destroy(&br->port_nos);
	vnb_dev_uninit(dev);
}

static void vnb_bridge_update_ports(struct vnb_bridge *br)
{
	struct vnb_port *port;

	list_for_each_entry(port, &br->ports, list)
		vnb_port_update(port);
}

static int vnb_bridge_open(struct net_device *dev)
{
	struct vnb_bridge *br = vnb_bridge(dev);

	netdev_update_features(dev);
	netif_start_queue(dev);
	vnb_fdb_start_ageing(br);
	vnb_stp_open(br);
	vnb_bridge_update_ports(br);
	return 0;
}

static int vnb_bridge_stop(struct net_device *dev)
{
	struct vnb_bridge *br = vnb_bridge(dev);

	vnb_stp_stop(br);
	vnb_bridge_update_ports(br);
	vnb_fdb_stop_ageing(br);
	netif_stop_queue(dev);
	return 0;
}

static int vnb_bridge_change_mtu(struct net_device *dev, int mtu)
{
	struct vnb_bridge *br = vnb_bridge(dev);

	WRITE_ONCE(dev->mtu, mtu);
	br->opts |= VNB_BRIDGE_MTU_SET;
	return 0;
}

static void vnb_bridge_set_auto_mtu(struct vnb_bridge *br, int mtu)
{
	if (br->opts & VNB_BRIDGE_MTU_SET || br->vnb.dev->mtu == mtu)
		return;

	dev_set_mtu(br->vnb.dev, mtu);
	br->opts &= ~VNB_BRIDGE_MTU_SET;
}

/* Nothing to program: the host gets every group, and all when promiscuous. */
static void vnb_bridge_set_rx_mode(struct net_device *dev)
{
}

static netdev_features_t vnb_bridge_fix_features(struct net_device *dev,
						 netdev_features_t features)
{
	struct vnb_bridge *br = vnb_bridge(dev);
	netdev_features_t mask = features;

	if (!br->n_ports)
		return features;

	features = netdev_increment_features(features & ~NETIF_F_ONE_FOR_ALL,
					     br->port_features, mask);
	return netdev_add_tso_features(features, mask);
}

static void vnb_bridge_add_features(struct vnb_bridge *br,
				    const struct vnb_port *port)
{
	br->port_features = netdev_increment_features(br->port_features,
						      port->dev->features,
						      VNB_BRIDGE_FEATURES);
}

/* Room in front of a frame that the port needs most is offered by all. */
static void vnb_bridge_set_headroom(struct vnb_bridge *br, unsigned int room)
{
	struct vnb_port *port;

	WRITE_ONCE(br->vnb.dev->needed_headroom, room);
	list_for_each_entry(port, &br->ports, list)
		netdev_set_rx_headroom(port->dev, room);
}

void vnb_bridge_port_added(struct vnb_bridge *br, struct vnb_port *port)
{
	unsigned int room = netdev_get_fwd_headroom(port->dev);
	struct net_device *dev = br->vnb.dev;
	netdev_features_t old = br->port_features;

	ASSERT_RTNL();

	if (br->n_ports == 1)
		br->port_features = VNB_BRIDGE_FEATURES & ~NETIF_F_ONE_FOR_ALL;
	vnb_bridge_add_features(br, port);
	if (br->port_features != old)
		netdev_update_features(dev);

	if (room > dev->needed_headroom)
		vnb_bridge_set_headroom(br, room);
	else
		netdev_set_rx_headroom(port->dev, dev->needed_headroom);

	if (br->n_ports == 1 || port->dev->mtu < dev->mtu)
		vnb_bridge_set_auto_mtu(br, port->dev->mtu);
}

void vnb_bridge_ports_changed(struct vnb_bridge *br)
{
	unsigned int mtu = br->n_ports ? ETH_MAX_MTU : ETH_DATA_LEN;
	unsigned int room = 0;
	struct vnb_port *port;

	ASSERT_RTNL();

	br->port_features = VNB_BRIDGE_FEATURES & ~NETIF_F_ONE_FOR_ALL;
	list_for_each_entry(port, &br->ports, list) {
		vnb_bridge_add_features(br, port);
		mtu = min(mtu, READ_ONCE(port->dev->mtu));
		room = max_t(unsigned int, room,
			     netdev_get_fwd_headroom(port->dev));
	}

	netdev_update_features(br->vnb.dev);
	if (room != br->vnb.dev->needed_headroom)
		vnb_bridge_set_headroom(br, room);
	vnb_bridge_set_auto_mtu(br, mtu);
}

void vnb_bridge_port_removed(struct vnb_bridge *br, const struct vnb_port *port)
{
	struct net_device *dev = port->dev;
	struct vnb_port *first;

	ASSERT_RTNL();

	/*
	 * A bridge that loses ten thousand equal ports does not look at all the
	 * others each time: a port that limited nothing, or no more than the
	 * first of the others does, changes nothing.
	 */
	first = list_first_entry_or_null(&br->ports, struct vnb_port, list);
	if (first && (dev->mtu > br->vnb.dev->mtu ||
		      dev->mtu == first->dev->mtu) &&
	    (dev->features & VNB_BRIDGE_FEATURES) ==
	    (first->dev->features & VNB_BRIDGE_FEATURES) &&
	    netdev_get_fwd_headroom(dev) <=
	    netdev_get_fwd_headroom(first->dev))
		return;

	vnb_bridge_ports_changed(br);
}

void vnb_bridge_update_carrier(struct vnb_bridge *br)
{
	lockdep_assert_held(&br->stp.lock);

	if (br->n_forwarding)
		netif_carrier_on(br->vnb.dev);
	else
		netif_carrier_off(br->vnb.dev);
}

static int vnb_bridge_add_slave(struct net_device *dev,
				struct net_device *lower,
				struct netlink_ext_ack *extack)
{
	return vnb_port_attach(vnb_bridge(dev), lower, extack);
}

static int vnb_bridge_del_slave(struct net_device *dev,
				struct net_device *lower)
{
	struct vnb_port *port = vnb_port_get_rtnl(lower);

	if (!port || port->br != vnb_bridge(dev))
		return -EINVAL;

	vnb_port_detach(port);
	return 0;
}

const struct net_device_ops vnb_bridge_netdev_ops = {
	.ndo_init		= vnb_bridge_init,
	.ndo_uninit		= vnb_bridge_uninit,
	.ndo_open		= vnb_bridge_open,
	.ndo_stop		= vnb_bridge_stop,
	.ndo_start_xmit		= vnb_rx_local,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_set_rx_mode	= vnb_bridge_set_rx_mode,
	.ndo_change_mtu		= vnb_bridge_change_mtu,
	.ndo_fix_features	= vnb_bridge_fix_features,
	.ndo_features_check	= passthru_features_check,
	.ndo_add_slave		= vnb_bridge_add_slave,
	.ndo_del_slave		= vnb_bridge_del_slave,
	.ndo_fdb_add		= vnb_fdb_nl_add,
	.ndo_fdb_del		= vnb_fdb_nl_del,
	.ndo_fdb_del_bulk	= vnb_fdb_nl_del_bulk,
	.ndo_fdb_dump		= vnb_fdb_nl_dump,
	.ndo_fdb_get		= vnb_fdb_nl_get,
	.ndo_bridge_getlink	= vnb_bridge_getlink,
	.ndo_bridge_setlink	= vnb_bridge_setlink,
	.ndo_bridge_dellink	= vnb_bridge_dellink,
};

static void vnb_bridge_setup(struct net_device *dev)
{
	dev->netdev_ops = &vnb_bridge_netdev_ops;

	/* Ports come from its namespace: it cannot leave them behind. */
	vnb_set_netns_immutable(dev);
	dev->priv_flags |= IFF_DONT_BRIDGE;

	dev->features |= VNB_BRIDGE_FEATURES | NETIF_F_HW_VLAN_CTAG_TX |
			 NETIF_F_HW_VLAN_STAG_TX;
	dev->hw_features = VNB_BRIDGE_FEATURES | NETIF_F_HW_VLAN_CTAG_TX |
			   NETIF_F_HW_VLAN_STAG_TX;
	dev->vlan_features = VNB_BRIDGE_FEATURES;
	dev->hw_enc_features |= VNB_BRIDGE_FEATURES;
}

static int vnb_bridge_newlink(struct net_device *dev,
			      struct rtnl_newlink_params *params,
			      struct nlattr **data,
			      struct netlink_ext_ack *extack)
{
	struct vnb_bridge *br = vnb_bridge(dev);
	struct vnb_bridge_config conf = VNB_BRIDGE_CONFIG_DEFAULT;
	int err;

	err = vnb_bridge_config_parse(&conf, data, extack);
	if (err)
		return err;

	/* The address is chosen once and never follows the ports. */
	if (!params->tb[IFLA_ADDRESS])
		eth_hw_addr_random(dev);
	if (params->tb[IFLA_MTU])
		br->opts |= VNB_BRIDGE_MTU_SET;

	err = vnb_link_register_netdevice(dev, params->tb[IFLA_IFNAME], extack);
	if (err)
		return err;

	err = vnb_fdb_change_local(&br->local, dev->dev_addr);
	if (!err)
		err = vnb_bridge_config_apply(br, &conf, extack);
	if (err) {
		unregister_netdevice(dev);
		return err;
	}

	netif_carrier_off(dev);
	return 0;
}

static int vnb_bridge_changelink(struct net_device *dev, struct nlattr **tb,
				 struct nlattr **data,
				 struct netlink_ext_ack *extack)
{
	struct vnb_bridge *br = vnb_bridge(dev);
	struct vnb_bridge_config conf;
	int err;

	vnb_bridge_config_get(br, &conf);
	err = vnb_bridge_config_parse(&conf, data, extack) ?:
	      vnb_stp_config_check(br, &conf.stp, extack);
	if (err)
		return err;

	return vnb_bridge_config_apply(br, &conf, extack);
}

static void vnb_bridge_delete(struct net_device *dev, struct list_head *head)
{
	struct vnb_bridge *br = vnb_bridge(dev);
	struct vnb_port *port, *next;

	list_for_each_entry_safe(port, next, &br->ports, list)
		vnb_port_detach(port);

	unregister_netdevice_queue(dev, head);
}

const struct vnb_mode_ops vnb_bridge_mode = {
	.name		= "bridge",
	.netdev_ops	= &vnb_bridge_netdev_ops,
	.attrs		= BIT(IFLA_VNETBR_BRIDGE) | BIT(IFLA_VNETBR_BRIDGE_EXT),
	.setup		= vnb_bridge_setup,
	.newlink	= vnb_bridge_newlink,
	.changelink	= vnb_bridge_changelink,
	.dellink	= vnb_bridge_delete,
	.get_size	= vnb_bridge_get_size,
	.fill_info	= vnb_bridge_fill_info,
};
