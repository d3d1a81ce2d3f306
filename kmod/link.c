// SPDX-License-Identifier: GPL-2.0
/*
 * Kind "vnetbr" and its aliases: the edge to rtnetlink.
 */
#include "link.h"

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/vnetbr.h>

#include "bridge.h"
#include "mst.h"
#include "option.h"
#include "pair.h"
#include "tunnel.h"
#include "vlan.h"
#include "vlan_stats.h"

/* Rtnetlink allocates a device before the mode is known. */
union vnb_link_priv {
	struct vnb_bridge	bridge;
	struct vnb_pair		pair;
	struct vnb_tunnel	tunnel;
};

static const struct vnb_mode_ops * const vnb_modes[] = {
	[VNETBR_MODE_BRIDGE]	= &vnb_bridge_mode,
	[VNETBR_MODE_PAIR]	= &vnb_pair_mode,
	[VNETBR_MODE_VXLAN]	= &vnb_tunnel_mode,
};

static const char * const vnb_link_attr_names[IFLA_VNETBR_MAX + 1] = {
	[IFLA_VNETBR_PEER]		= "peer",
	[IFLA_VNETBR_MODE]		= "mode",
	[IFLA_VNETBR_BRIDGE]		= "bridge options",
	[IFLA_VNETBR_VXLAN]		= "vxlan options",
	[IFLA_VNETBR_BRIDGE_EXT]	= "bridge options",
	[IFLA_VNETBR_VXLAN_EXT]		= "vxlan options",
};

/*
 * The nests are parsed by their modes. The peer is taken as veth takes it;
 * everything behind it is strict.
 */
static const struct nla_policy vnb_link_policy[IFLA_VNETBR_MAX + 1] = {
	[IFLA_VNETBR_UNSPEC]	= { .strict_start_type = IFLA_VNETBR_MODE },
	[IFLA_VNETBR_PEER]	= NLA_POLICY_MIN_LEN(sizeof(struct ifinfomsg)),
	[IFLA_VNETBR_MODE]	= NLA_POLICY_MAX(NLA_U8, VNETBR_MODE_MAX),
	[IFLA_VNETBR_BRIDGE]	= { .type = NLA_NESTED },
	[IFLA_VNETBR_VXLAN]	= { .type = NLA_NESTED },
	[IFLA_VNETBR_BRIDGE_EXT] = { .type = NLA_NESTED },
	[IFLA_VNETBR_VXLAN_EXT]	= { .type = NLA_NESTED },
};

static u8 vnb_link_mode(const struct net_device *dev)
{
	u8 mode;

	for (mode = 0; mode < VNETBR_MODE_MAX; mode++)
		if (dev->netdev_ops == vnb_modes[mode]->netdev_ops)
			break;

	return mode;
}

static const struct vnb_mode_ops *
vnb_link_mode_ops(const struct net_device *dev)
{
	return vnb_modes[vnb_link_mode(dev)];
}

/* Refuse what @mode does not take. */
static int vnb_link_check_attrs(const struct vnb_mode_ops *mode,
				struct nlattr **data,
				struct netlink_ext_ack *extack)
{
	u32 allowed = mode->attrs | BIT(IFLA_VNETBR_MODE);
	int i;

	for (i = 1; i <= IFLA_VNETBR_MAX; i++) {
		if (!data[i] || allowed & BIT(i))
			continue;
		NL_SET_ERR_MSG_ATTR_FMT(extack, data[i],
					"%s: not valid in mode %s",
					vnb_link_attr_names[i], mode->name);
		return -EINVAL;
	}

	return 0;
}

/* Of the nest @type, an IFLA_INFO_*, which rtnetlink has parsed liberally. */
static int vnb_link_check_frame(struct nlattr *tb[], int type, unsigned int max,
				struct netlink_ext_ack *extack)
{
	struct nlattr *info[IFLA_INFO_MAX + 1];
	int err;

	err = nla_parse_nested_deprecated(info, IFLA_INFO_MAX,
					  tb[IFLA_LINKINFO], NULL, extack);

	return err ? : vnb_options_check_frame(info[type], 0, max, extack);
}

static int vnb_link_validate(struct nlattr *tb[], struct nlattr *data[],
			     struct netlink_ext_ack *extack)
{
	int err;

	if (data) {
		err = vnb_link_check_frame(tb, IFLA_INFO_DATA, IFLA_VNETBR_MAX,
					   extack);
		if (err)
			return err;
	}

	if (!tb[IFLA_ADDRESS])
		return 0;

	if (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
				    "address: has to be 6 bytes long");
		return -EINVAL;
	}
	if (!is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS]))) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
				    "address: zero or a group address");
		return -EADDRNOTAVAIL;
	}

	return 0;
}

/* What all modes have in common; the mode itself is known in newlink only. */
static void vnb_link_setup(struct net_device *dev)
{
	ether_setup(dev);

	dev->netdev_ops = &vnb_bridge_netdev_ops;
	dev->ethtool_ops = &vnb_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	dev->max_mtu = ETH_MAX_MTU;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE |
			   IFF_DISABLE_NETPOLL;
	vnb_set_lltx(dev);
	netif_set_tso_max_size(dev, GSO_MAX_SIZE);
}

static int vnb_link_create(struct net_device *dev, u8 implied,
			   struct rtnl_newlink_params *params,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *none[IFLA_VNETBR_MAX + 1] = { };
	struct nlattr **data = params->data ? : none;
	const struct vnb_mode_ops *mode;
	u8 wanted = implied;
	int err;

	if (data[IFLA_VNETBR_MODE])
		wanted = nla_get_u8(data[IFLA_VNETBR_MODE]);
	if (implied != VNETBR_MODE_BRIDGE && wanted != implied) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_VNETBR_MODE],
				    "mode: not the one that the kind stands for");
		return -EINVAL;
	}

	mode = vnb_modes[wanted];
	err = vnb_link_check_attrs(mode, data, extack);
	if (err)
		return err;

	dev->rtnl_link_ops = &vnb_link_ops;
	mode->setup(dev);
	return mode->newlink(dev, params, data, extack);
}

static int VNB_NEWLINK(vnb_link_newlink, IFLA_VNETBR_PEER,
		       struct net_device *dev,
		       struct rtnl_newlink_params *params,
		       struct netlink_ext_ack *extack)
{
	return vnb_link_create(dev, VNETBR_MODE_BRIDGE, params, extack);
}

static int VNB_NEWLINK(vnb_link_newlink_pair, IFLA_VNETBR_PEER,
		       struct net_device *dev,
		       struct rtnl_newlink_params *params,
		       struct netlink_ext_ack *extack)
{
	return vnb_link_create(dev, VNETBR_MODE_PAIR, params, extack);
}

static int VNB_NEWLINK(vnb_link_newlink_vxlan, IFLA_VNETBR_PEER,
		       struct net_device *dev,
		       struct rtnl_newlink_params *params,
		       struct netlink_ext_ack *extack)
{
	return vnb_link_create(dev, VNETBR_MODE_VXLAN, params, extack);
}

static int vnb_link_changelink(struct net_device *dev, struct nlattr *tb[],
			       struct nlattr *data[],
			       struct netlink_ext_ack *extack)
{
	const struct vnb_mode_ops *mode = vnb_link_mode_ops(dev);
	int err;

	if (!data)
		return 0;

	if (data[IFLA_VNETBR_MODE] &&
	    nla_get_u8(data[IFLA_VNETBR_MODE]) != vnb_link_mode(dev)) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_VNETBR_MODE],
				    "mode: cannot be changed");
		return -EOPNOTSUPP;
	}

	err = vnb_link_check_attrs(mode, data, extack);
	if (err)
		return err;

	return mode->changelink(dev, tb, data, extack);
}

int vnb_link_register_netdevice(struct net_device *dev,
				const struct nlattr *name,
				struct netlink_ext_ack *extack)
{
	int err;

	err = register_netdevice(dev);
	if (err == -EINVAL || err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(extack, name,
				    "name: not valid, or in use");
	else if (err == -EBUSY)
		NL_SET_ERR_MSG(extack, "index: in use");

	return err;
}

static void vnb_link_dellink(struct net_device *dev, struct list_head *head)
{
	vnb_link_mode_ops(dev)->dellink(dev, head);
}

static size_t vnb_link_get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u8)) +	/* IFLA_VNETBR_MODE */
	       vnb_link_mode_ops(dev)->get_size(dev);
}

static int vnb_link_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	if (nla_put_u8(skb, IFLA_VNETBR_MODE, vnb_link_mode(dev)))
		return -EMSGSIZE;

	return vnb_link_mode_ops(dev)->fill_info(skb, dev);
}

static struct net *vnb_link_get_link_net(const struct net_device *dev)
{
	const struct vnb_mode_ops *mode = vnb_link_mode_ops(dev);

	return mode->get_link_net ? mode->get_link_net(dev) : dev_net(dev);
}

/* A port option: @dev is the bridge, @lower the port. */
static int vnb_link_slave_changelink(struct net_device *dev,
				     struct net_device *lower,
				     struct nlattr *tb[], struct nlattr *data[],
				     struct netlink_ext_ack *extack)
{
	struct vnb_port *port = vnb_port_get_rtnl(lower);
	struct nlattr *all[VNB_PORT_MAX + 1] = { };
	int err;

	if (!data)
		return 0;

	err = vnb_link_check_frame(tb, IFLA_INFO_SLAVE_DATA,
				   VNB_PORT_SLAVE_MAX, extack);
	if (err)
		return err;

	memcpy(all, data, (VNB_PORT_SLAVE_MAX + 1) * sizeof(*data));
	return vnb_port_change(port, all, extack);
}

/*
 * A dump of PF_BRIDGE gets room for the largest link message, in which the core
 * counts the VLANs of its own bridges only. It asks under RCU alone: @lower may
 * be no port any more. What it does not know is who asks, so that all messages
 * about a port with thousands of VLANs are allocated with that room.
 */
static size_t vnb_link_get_slave_size(const struct net_device *dev,
				      const struct net_device *lower)
{
	const struct vnb_port *port;
	size_t size;

	rcu_read_lock();
	port = vnb_port_get_rcu(lower);
	size = vnb_port_attr_size(port);
	if (port)
		size += vnb_vlan_nl_size(port) + vnb_mst_nl_size(port);
	rcu_read_unlock();

	return size;
}

static int vnb_link_fill_slave_info(struct sk_buff *skb,
				    const struct net_device *dev,
				    const struct net_device *lower)
{
	return vnb_port_fill(skb, vnb_port_get_rtnl(lower));
}

struct rtnl_link_ops vnb_link_ops __read_mostly = {
	.kind			= "vnetbr",
	.priv_size		= sizeof(union vnb_link_priv),
	.setup			= vnb_link_setup,
	.maxtype		= IFLA_VNETBR_MAX,
	.policy			= vnb_link_policy,
	VNB_PEER_TYPE(IFLA_VNETBR_PEER)
	.validate		= vnb_link_validate,
	.newlink		= vnb_link_newlink,
	.changelink		= vnb_link_changelink,
	.dellink		= vnb_link_dellink,
	.get_size		= vnb_link_get_size,
	.fill_info		= vnb_link_fill_info,
	.get_link_net		= vnb_link_get_link_net,
	.slave_maxtype		= VNB_PORT_SLAVE_MAX,
	.slave_policy		= vnb_port_policy,
	.slave_changelink	= vnb_link_slave_changelink,
	.get_slave_size		= vnb_link_get_slave_size,
	.fill_slave_info	= vnb_link_fill_slave_info,
	.get_linkxstats_size	= vnb_vlan_xstats_size,
	.fill_linkxstats	= vnb_vlan_xstats_fill,
};

/* For an ip without the plugin: the kind stands for the mode. */
static struct rtnl_link_ops vnb_pair_alias __read_mostly = {
	.kind			= "vnetbr_pair",
	.priv_size		= sizeof(union vnb_link_priv),
	.setup			= vnb_link_setup,
	.maxtype		= IFLA_VNETBR_MAX,
	.policy			= vnb_link_policy,
	VNB_PEER_TYPE(IFLA_VNETBR_PEER)
	.validate		= vnb_link_validate,
	.newlink		= vnb_link_newlink_pair,
	.dellink		= vnb_link_dellink,
};

static struct rtnl_link_ops vnb_vxlan_alias __read_mostly = {
	.kind			= "vnetbr_vxlan",
	.priv_size		= sizeof(union vnb_link_priv),
	.setup			= vnb_link_setup,
	.maxtype		= IFLA_VNETBR_MAX,
	.policy			= vnb_link_policy,
	.validate		= vnb_link_validate,
	.newlink		= vnb_link_newlink_vxlan,
	.dellink		= vnb_link_dellink,
};

int vnb_link_register(void)
{
	int err;

	err = rtnl_link_register(&vnb_link_ops);
	if (err)
		return err;

	err = rtnl_link_register(&vnb_pair_alias);
	if (err)
		goto err_unregister_link;

	err = rtnl_link_register(&vnb_vxlan_alias);
	if (err)
		goto err_unregister_pair;

	return 0;

err_unregister_pair:
	rtnl_link_unregister(&vnb_pair_alias);
err_unregister_link:
	rtnl_link_unregister(&vnb_link_ops);
	return err;
}

void vnb_link_unregister(void)
{
	rtnl_link_unregister(&vnb_vxlan_alias);
	rtnl_link_unregister(&vnb_pair_alias);
	rtnl_link_unregister(&vnb_link_ops);
}
