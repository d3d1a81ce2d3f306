// SPDX-License-Identifier: GPL-2.0
/*
 * PF_BRIDGE link messages: "bridge link" and "bridge monitor link".
 */
#include "bridge.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "mst.h"
#include "option.h"
#include "vlan.h"

/* A reader of VLANs asks for them. */
#define VNB_BRIDGE_FILTER_VLAN \
	(RTEXT_FILTER_BRVLAN | RTEXT_FILTER_BRVLAN_COMPRESSED)

static size_t vnb_bridge_nlmsg_size(const struct vnb_port *port)
{
	return NLMSG_ALIGN(sizeof(struct ifinfomsg)) +
	       nla_total_size(IFNAMSIZ) +		/* IFLA_IFNAME */
	       nla_total_size(sizeof(u32)) +		/* IFLA_MASTER */
	       nla_total_size(sizeof(u32)) +		/* IFLA_MTU */
	       nla_total_size(sizeof(u8)) +		/* IFLA_OPERSTATE */
	       nla_total_size(MAX_ADDR_LEN) +		/* IFLA_ADDRESS */
	       nla_total_size(sizeof(u32)) +		/* IFLA_LINK */
	       nla_total_size(vnb_port_attr_size(port)) + /* IFLA_PROTINFO */
	       nla_total_size(vnb_vlan_nl_size(port) +	/* IFLA_AF_SPEC */
			      vnb_mst_nl_size(port));
}

static int vnb_bridge_fill_protinfo(struct sk_buff *skb,
				    const struct vnb_port *port)
{
	struct nlattr *nest;

	/* without NLA_F_NESTED, users read one byte: a state */
	nest = nla_nest_start(skb, IFLA_PROTINFO);
	if (!nest || vnb_port_fill(skb, port))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}

/*
 * "bridge mst show" stops at a message without it; and users compare the type
 * as it is, so that it must not have NLA_F_NESTED.
 */
static int vnb_bridge_fill_afspec(struct sk_buff *skb,
				  const struct vnb_port *port, u32 filter_mask)
{
	struct nlattr *nest = nla_nest_start_noflag(skb, IFLA_AF_SPEC);

	if (!nest)
		return -EMSGSIZE;
	if (filter_mask & VNB_BRIDGE_FILTER_VLAN &&
	    vnb_vlan_nl_fill(skb, port,
			     filter_mask & RTEXT_FILTER_BRVLAN_COMPRESSED))
		return -EMSGSIZE;
	if (filter_mask & RTEXT_FILTER_MST && vnb_mst_nl_fill(skb, port))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);
	return 0;
}

static int vnb_bridge_fill_attrs(struct sk_buff *skb,
				 const struct vnb_port *port, int event,
				 u32 filter_mask)
{
	const struct net_device *dev = port->dev;
	int iflink = dev_get_iflink(dev);
	u8 operstate;

	operstate = netif_running(dev) ? READ_ONCE(dev->operstate) :
					 IF_OPER_DOWN;

	if (nla_put_string(skb, IFLA_IFNAME, dev->name) ||
	    nla_put_u32(skb, IFLA_MASTER, port->br->vnb.dev->ifindex) ||
	    nla_put_u32(skb, IFLA_MTU, READ_ONCE(dev->mtu)) ||
	    nla_put_u8(skb, IFLA_OPERSTATE, operstate) ||
	    nla_put(skb, IFLA_ADDRESS, dev->addr_len, dev->dev_addr) ||
	    (iflink != dev->ifindex && nla_put_u32(skb, IFLA_LINK, iflink)))
		return -EMSGSIZE;

	if (event == RTM_NEWLINK && port->type != VNB_PORT_LOCAL &&
	    vnb_bridge_fill_protinfo(skb, port))
		return -EMSGSIZE;

	return vnb_bridge_fill_afspec(skb, port, filter_mask);
}

static int vnb_bridge_fill_port(struct sk_buff *skb,
				const struct vnb_port *port, int event,
				u32 portid, u32 seq, int nlflags,
				u32 filter_mask)
{
	const struct net_device *dev = port->dev;
	struct ifinfomsg *ifm;
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(skb, portid, seq, event, sizeof(*ifm), nlflags);
	if (!nlh)
		return -EMSGSIZE;

	ifm = nlmsg_data(nlh);
	*ifm = (struct ifinfomsg) {
		.ifi_family	= AF_BRIDGE,
		.ifi_type	= dev->type,
		.ifi_index	= dev->ifindex,
		.ifi_flags	= netif_get_flags(dev),
	};

	if (vnb_bridge_fill_attrs(skb, port, event, filter_mask)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}

	nlmsg_end(skb, nlh);
	return 0;
}

int vnb_bridge_getlink(struct sk_buff *skb, u32 pid, u32 seq,
		       struct net_device *dev, u32 filter_mask, int nlflags)
{
	const struct vnb_port *port = vnb_port_get_rcu(dev);

	/*
	 * Called for the bridge itself as well, after a change with an skb
	 * that has no room; it has nothing to say but its VLANs.
	 */
	if (!port && !(filter_mask & VNB_BRIDGE_FILTER_VLAN))
		return 0;

	return vnb_bridge_fill_port(skb, port ? : &vnb_bridge(dev)->local,
				    RTM_NEWLINK, pid, seq, nlflags,
				    filter_mask);
}

void vnb_bridge_notify(const struct vnb_port *port, int event)
{
	struct net *net = dev_net(port->dev);
	struct sk_buff *skb;
	int err;

	ASSERT_RTNL();

	/* what has happened before */
	vnb_news_tell(&port->br->fdb.news);

	if (!rtnl_has_listeners(net, RTNLGRP_LINK))
		return;

	skb = nlmsg_new(vnb_bridge_nlmsg_size(port), GFP_KERNEL);
	if (!skb) {
		rtnl_set_sk_err(net, RTNLGRP_LINK, -ENOBUFS);
		return;
	}

	/* Unlike in-tree, who listens need not ask for states: they are few. */
	err = vnb_bridge_fill_port(skb, port, event, 0, 0, 0,
				   RTEXT_FILTER_BRVLAN_COMPRESSED |
				   RTEXT_FILTER_MST);
	if (WARN_ON_ONCE(err)) {
		kfree_skb(skb);
		return;
	}

	rtnl_notify(skb, net, 0, RTNLGRP_LINK, NULL, GFP_KERNEL);
}

/* What IFLA_AF_SPEC may have; the core has read the flags. */
static const char *vnb_bridge_afspec_refusal(int type)
{
	switch (type) {
	case IFLA_BRIDGE_FLAGS:
	case IFLA_BRIDGE_VLAN_INFO:
	case IFLA_BRIDGE_MST:
		return NULL;
	case IFLA_BRIDGE_MODE:
		return "hwmode: not supported";
	case IFLA_BRIDGE_VLAN_TUNNEL_INFO:
		return "tunnel_info: not supported yet";
	case IFLA_BRIDGE_MRP:
		return "mrp: not supported";
	case IFLA_BRIDGE_CFM:
		return "cfm: not supported";
	}

	return "Unknown attribute";
}

static int vnb_bridge_check_afspec(const struct nlattr *afspec,
				   struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, afspec, rem) {
		const char *why = vnb_bridge_afspec_refusal(nla_type(attr));

		if (why)
			return vnb_option_refuse(attr, why, extack);
	}

	return 0;
}

static int vnb_bridge_parse_protinfo(struct nlattr **tb,
				     struct nlattr *protinfo,
				     struct netlink_ext_ack *extack)
{
	if (protinfo->nla_type & NLA_F_NESTED)
		return vnb_options_parse(tb, VNB_PORT_MAX, protinfo,
					 vnb_port_policy, extack);

	/* mstpd and other old users: the attribute is the state */
	if (nla_len(protinfo) != sizeof(u8)) {
		NL_SET_ERR_MSG_ATTR(extack, protinfo, "state: not one byte");
		return -EINVAL;
	}

	memset(tb, 0, (VNB_PORT_MAX + 1) * sizeof(*tb));
	tb[IFLA_BRPORT_STATE] = protinfo;
	return 0;
}

static int vnb_bridge_change_port(struct vnb_port *port,
				  struct nlattr *protinfo,
				  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VNB_PORT_MAX + 1];
	int err;

	if (port->type == VNB_PORT_LOCAL) {
		NL_SET_ERR_MSG_ATTR(extack, protinfo,
				    "self: options of a port do not apply to a bridge");
		return -EOPNOTSUPP;
	}

	err = vnb_bridge_parse_protinfo(tb, protinfo, extack);

	return err ? : vnb_port_change(port, tb, extack);
}

/*
 * @dev is a port when the request goes to its master, and the bridge when it
 * says "self": a bridge is never a port of a bridge.
 */
static struct vnb_port *vnb_bridge_nl_port(struct net_device *dev)
{
	return vnb_port_get_rtnl(dev) ? : &vnb_bridge(dev)->local;
}

/* Returns whether that made a difference. */
static bool vnb_bridge_apply_afspec(struct vnb_port *port,
				    const struct nlattr *afspec)
{
	/* first: VLANs that the port enters never have the old states */
	bool states = vnb_mst_nl_set(port, afspec);

	return vnb_vlan_nl_set(port, afspec) || states;
}

int vnb_bridge_setlink(struct net_device *dev, struct nlmsghdr *nlh, u16 flags,
		       struct netlink_ext_ack *extack)
{
	struct vnb_port *port = vnb_bridge_nl_port(dev);
	struct nlattr *protinfo, *afspec;
	int err;

	err = vnb_options_find_bridge(nlh, &afspec, &protinfo, extack);
	if (!err && afspec)
		err = vnb_bridge_check_afspec(afspec, extack);
	if (!err && afspec)
		err = vnb_mst_nl_check(port, afspec, extack);
	if (!err && afspec)
		err = vnb_vlan_nl_prepare(port, afspec, extack);
	if (err)
		return err;

	if (protinfo)
		err = vnb_bridge_change_port(port, protinfo, extack);
	if (err)
		vnb_vlan_abort(port);
	else if (afspec && vnb_bridge_apply_afspec(port, afspec))
		vnb_bridge_notify(port, RTM_NEWLINK);
	return err;
}

/* Deletes VLANs; there is no extack to say what is wrong. */
int vnb_bridge_dellink(struct net_device *dev, struct nlmsghdr *nlh, u16 flags)
{
	struct vnb_port *port = vnb_bridge_nl_port(dev);
	struct nlattr *protinfo, *afspec;
	int err;

	err = vnb_options_find_bridge(nlh, &afspec, &protinfo, NULL);
	if (!err && afspec)
		err = vnb_bridge_check_afspec(afspec, NULL);
	/* as in-tree: a state is set, not deleted */
	if (!err && afspec && nla_find_nested(afspec, IFLA_BRIDGE_MST))
		err = -EINVAL;
	if (!err && afspec)
		err = vnb_vlan_nl_clear(port, afspec, NULL);
	if (err <= 0)
		return err;

	/* listeners expect the port as it is now */
	vnb_bridge_notify(port, RTM_NEWLINK);
	return 0;
}
