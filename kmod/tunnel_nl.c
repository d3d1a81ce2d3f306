// SPDX-License-Identifier: GPL-2.0
/*
 * PF_BRIDGE requests to a tunnel: what can be said without the iproute2 plugin.
 *
 * Copyright (C) the vnetbr authors
 */

#include "tunnel.h"

#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>

#include <net/netlink.h>

#include "option.h"
#include "port.h"
#include "vxlan.h"

static const struct nla_policy vnb_tunnel_map_policy[] = {
	[IFLA_BRIDGE_VLAN_TUNNEL_ID] =
		NLA_POLICY_MASK(NLA_U32, VNB_VXLAN_VNI_MAX),
	[IFLA_BRIDGE_VLAN_TUNNEL_VID]	= { .type = NLA_U16 },
	[IFLA_BRIDGE_VLAN_TUNNEL_FLAGS]	= NLA_POLICY_MAX(NLA_U16, 0),
};

#define VNB_TUNNEL_MAP_MAX	(ARRAY_SIZE(vnb_tunnel_map_policy) - 1)

/* A VLAN and its VNI. */
static int vnb_tunnel_parse_map(struct vnb_tunnel_config *cfg,
				const struct nlattr *map,
				struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VNB_TUNNEL_MAP_MAX + 1];
	int err;

	err = vnb_options_parse(tb, VNB_TUNNEL_MAP_MAX, map,
				vnb_tunnel_map_policy, extack);
	if (err)
		return err;

	if (!tb[IFLA_BRIDGE_VLAN_TUNNEL_ID] ||
	    !tb[IFLA_BRIDGE_VLAN_TUNNEL_VID]) {
		NL_SET_ERR_MSG_ATTR(extack, map,
				    "tunnel_info: vid and id are required");
		return -EINVAL;
	}
	if (nla_get_u16(tb[IFLA_BRIDGE_VLAN_TUNNEL_VID]))
		return vnb_option_refuse(tb[IFLA_BRIDGE_VLAN_TUNNEL_VID],
					 "tunnel_info: vid has to be 0",
					 extack);

	cfg->vni = nla_get_u32(tb[IFLA_BRIDGE_VLAN_TUNNEL_ID]);
	return 0;
}

static int vnb_tunnel_parse_afspec(struct vnb_tunnel_config *cfg,
				   const struct nlattr *afspec,
				   struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_nested(attr, afspec, rem) {
		switch (nla_type(attr)) {
		case IFLA_BRIDGE_FLAGS:
			break;
		case IFLA_BRIDGE_VLAN_TUNNEL_INFO:
			err = vnb_tunnel_parse_map(cfg, attr, extack);
			if (err)
				return err;
			break;
		default:
			return vnb_option_refuse(attr,
						 "A tunnel takes tunnel_info only",
						 extack);
		}
	}

	return 0;
}

static int vnb_tunnel_parse_protinfo(struct vnb_tunnel_config *cfg,
				     const struct nlattr *protinfo,
				     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VNB_PORT_SLAVE_MAX + 1];
	unsigned int i;
	int err;

	err = vnb_options_parse(tb, VNB_PORT_SLAVE_MAX, protinfo,
				vnb_port_policy, extack);
	if (err)
		return err;

	for (i = 0; i <= VNB_PORT_SLAVE_MAX; i++)
		if (tb[i] && i != IFLA_BRPORT_LEARNING)
			return vnb_option_refuse(tb[i],
						 "self: a tunnel takes learning only",
						 extack);

	if (tb[IFLA_BRPORT_LEARNING])
		cfg->learning = nla_get_u8(tb[IFLA_BRPORT_LEARNING]);
	return 0;
}

int vnb_tunnel_setlink(struct net_device *dev, struct nlmsghdr *nlh, u16 flags,
		       struct netlink_ext_ack *extack)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	struct nlattr *afspec, *protinfo;
	struct vnb_tunnel_config *cfg;
	int err;

	err = vnb_options_find_bridge(nlh, &afspec, &protinfo, extack);
	if (err)
		return err;

	cfg = vnb_tunnel_change_begin(tun, extack);
	if (IS_ERR(cfg))
		return PTR_ERR(cfg);

	if (afspec)
		err = vnb_tunnel_parse_afspec(cfg, afspec, extack);
	if (!err && protinfo)
		err = vnb_tunnel_parse_protinfo(cfg, protinfo, extack);

	return vnb_tunnel_change_end(tun, cfg, err, extack);
}
