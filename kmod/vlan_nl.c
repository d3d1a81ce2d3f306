// SPDX-License-Identifier: GPL-2.0
/*
 * VLANs in netlink: "bridge vlan" and "bridge monitor vlan".
 */
#include "vlan.h"

#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "bridge.h"
#include "mst.h"
#include "option.h"
#include "vlan_binding.h"

#define VNB_VLAN_NL_FLAGS						\
	(BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED |		\
	 BRIDGE_VLAN_INFO_RANGE_BEGIN | BRIDGE_VLAN_INFO_RANGE_END |	\
	 BRIDGE_VLAN_INFO_BRENTRY)

/**
 * struct vnb_vlan_range - VLANs of a request that are treated alike
 */
struct vnb_vlan_range {
	/** @first: first VLAN */
	u16	first;
	/** @last: last VLAN */
	u16	last;
	/** @flags: BRIDGE_VLAN_INFO_* as in the request */
	u16	flags;
	/** @open: its end is still to come */
	bool	open;
};

static const char *vnb_vlan_nl_refusal(const struct bridge_vlan_info *info,
				       const struct vnb_vlan_range *range)
{
	const u16 ends = BRIDGE_VLAN_INFO_RANGE_BEGIN |
			 BRIDGE_VLAN_INFO_RANGE_END;

	if (info->flags & BRIDGE_VLAN_INFO_MASTER)
		return "vlan: flag master: ask the bridge itself (self)";
	if (info->flags & ~VNB_VLAN_NL_FLAGS)
		return "vlan: unknown flags";
	if (!info->vid || info->vid >= VLAN_VID_MASK)
		return "vlan: not from 1 to 4094";
	if ((info->flags & ends) == ends)
		return "vlan: both ends of a range at once";
	if (info->flags & ends && info->flags & BRIDGE_VLAN_INFO_PVID)
		return "vlan: a range cannot be the pvid";
	if (range->open && !(info->flags & BRIDGE_VLAN_INFO_RANGE_END))
		return "vlan: a range has no end";
	if (!range->open && info->flags & BRIDGE_VLAN_INFO_RANGE_END)
		return "vlan: a range has no beginning";
	if (range->open && info->vid <= range->first)
		return "vlan: a range ends before it begins";

	return NULL;
}

/* Take one more attribute into @range, which is complete unless it is open. */
static int vnb_vlan_nl_parse(struct vnb_vlan_range *range,
			     const struct nlattr *attr,
			     struct netlink_ext_ack *extack)
{
	const struct bridge_vlan_info *info = nla_data(attr);
	const char *why;

	if (nla_len(attr) != sizeof(*info)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "vlan: not four bytes");
		return -EINVAL;
	}

	why = vnb_vlan_nl_refusal(info, range);
	if (why) {
		vnb_option_refuse(attr, why, extack);
		return -EINVAL;
	}

	if (!range->open) {
		range->first = info->vid;
		range->flags = info->flags;
	}
	range->last = info->vid;
	range->open = info->flags & BRIDGE_VLAN_INFO_RANGE_BEGIN;
	return 0;
}

typedef int (*vnb_vlan_nl_step)(struct vnb_port *port,
				const struct vnb_vlan_range *range,
				struct netlink_ext_ack *extack);

/* Gives the first error, or whether one of the steps gave 1. */
static int vnb_vlan_nl_walk(struct vnb_port *port, const struct nlattr *afspec,
			    vnb_vlan_nl_step step,
			    struct netlink_ext_ack *extack)
{
	struct vnb_vlan_range range = { };
	const struct nlattr *attr;
	int rem, err, some = 0;

	nla_for_each_nested(attr, afspec, rem) {
		if (nla_type(attr) != IFLA_BRIDGE_VLAN_INFO)
			continue;

		err = vnb_vlan_nl_parse(&range, attr, extack);
		if (!err && !range.open)
			err = step(port, &range, extack);
		if (err < 0)
			return err;
		some |= err;
	}

	if (range.open) {
		NL_SET_ERR_MSG_ATTR(extack, afspec,
				    "vlan: a range has no end");
		return -EINVAL;
	}

	return some;
}

static int vnb_vlan_nl_check_range(struct vnb_port *port,
				   const struct vnb_vlan_range *range,
				   struct netlink_ext_ack *extack)
{
	return 0;
}

static int vnb_vlan_nl_prepare_range(struct vnb_port *port,
				     const struct vnb_vlan_range *range,
				     struct netlink_ext_ack *extack)
{
	unsigned int vid;
	int err;

	for (vid = range->first; vid <= range->last; vid++) {
		err = vnb_vlan_prepare(port, vid, extack);
		if (err)
			return err;
		cond_resched();
	}

	return 0;
}

/* What listeners are told: as in-tree, it is of VLANs with MST only. */
static u8 vnb_vlan_nl_state(const struct vnb_port *port, u16 vid)
{
	return port->flags & VNB_PORT_MST ? vnb_mst_state(port, vid) :
					    BR_STATE_FORWARDING;
}

/* Is it the same for both, as far as a message of @type says it? */
static bool vnb_vlan_nl_same_state(const struct vnb_port *port, u16 a, u16 b,
				   int type)
{
	return type == RTM_DELVLAN ||
	       vnb_vlan_nl_state(port, a) == vnb_vlan_nl_state(port, b);
}

/* Listeners hear of what has changed, a message for VLANs that are alike. */
static int vnb_vlan_nl_change_range(struct vnb_port *port,
				    const struct vnb_vlan_range *range,
				    int type)
{
	const u16 flags = range->flags & (BRIDGE_VLAN_INFO_PVID |
					  BRIDGE_VLAN_INFO_UNTAGGED);
	unsigned int vid, from = 0;
	bool changed;
	int some = 0;

	for (vid = range->first; vid <= range->last; vid++) {
		changed = type == RTM_NEWVLAN ?
			  vnb_vlan_set(port, vid, flags) :
			  vnb_vlan_clear(port, vid);
		if (from && (!changed ||
			     !vnb_vlan_nl_same_state(port, vid, from, type))) {
			vnb_vlan_notify(port, from, vid - 1, type);
			from = 0;
		}
		if (changed) {
			from = from ? : vid;
			some = 1;
		}
		cond_resched();
	}
	if (from)
		vnb_vlan_notify(port, from, range->last, type);

	return some;
}

static int vnb_vlan_nl_set_range(struct vnb_port *port,
				 const struct vnb_vlan_range *range,
				 struct netlink_ext_ack *extack)
{
	return vnb_vlan_nl_change_range(port, range, RTM_NEWVLAN);
}

static int vnb_vlan_nl_clear_range(struct vnb_port *port,
				   const struct vnb_vlan_range *range,
				   struct netlink_ext_ack *extack)
{
	return vnb_vlan_nl_change_range(port, range, RTM_DELVLAN);
}

int vnb_vlan_nl_prepare(struct vnb_port *port, const struct nlattr *afspec,
			struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();

	err = vnb_vlan_nl_walk(port, afspec, vnb_vlan_nl_check_range, extack);
	if (err)
		return err;

	err = vnb_vlan_nl_walk(port, afspec, vnb_vlan_nl_prepare_range, extack);
	if (err)
		vnb_vlan_abort(port);
	return err;
}

bool vnb_vlan_nl_set(struct vnb_port *port, const struct nlattr *afspec)
{
	bool some = vnb_vlan_nl_walk(port, afspec, vnb_vlan_nl_set_range, NULL);

	if (some)
		vnb_vlan_binding_update(port->br);
	return some;
}

int vnb_vlan_nl_clear(struct vnb_port *port, const struct nlattr *afspec,
		      struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();

	err = vnb_vlan_nl_walk(port, afspec, vnb_vlan_nl_check_range, extack);
	if (err)
		return err;

	err = vnb_vlan_nl_walk(port, afspec, vnb_vlan_nl_clear_range, extack);
	if (err > 0) {
		vnb_vlan_forget(port);
		vnb_vlan_binding_update(port->br);
	}
	return err;
}

size_t vnb_vlan_nl_size(const struct vnb_port *port)
{
	return READ_ONCE(port->n_vlans) *
	       nla_total_size(sizeof(struct bridge_vlan_info));
}

static int vnb_vlan_nl_fill_one(struct sk_buff *skb, u16 vid, u16 flags)
{
	const struct bridge_vlan_info info = { .vid = vid, .flags = flags };

	return nla_put(skb, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
}

static int vnb_vlan_nl_fill_range(struct sk_buff *skb, u16 first, u16 last,
				  u16 flags)
{
	if (first == last)
		return vnb_vlan_nl_fill_one(skb, first, flags);

	return vnb_vlan_nl_fill_one(skb, first, flags |
				    BRIDGE_VLAN_INFO_RANGE_BEGIN) ? :
	       vnb_vlan_nl_fill_one(skb, last, flags |
				    BRIDGE_VLAN_INFO_RANGE_END);
}

int vnb_vlan_nl_fill(struct sk_buff *skb, const struct vnb_port *port,
		     bool ranges)
{
	u16 vid, flags, first = 0, last = 0, first_flags = 0;

	vnb_vlan_for_each(port, vid) {
		flags = vnb_vlan_flags(port, vid);
		if (ranges && first && vid == last + 1 &&
		    flags == first_flags) {
			last = vid;
			continue;
		}
		if (first && vnb_vlan_nl_fill_range(skb, first, last,
						    first_flags))
			return -EMSGSIZE;
		first = vid;
		last = vid;
		first_flags = flags;
	}

	if (first && vnb_vlan_nl_fill_range(skb, first, last, first_flags))
		return -EMSGSIZE;
	return 0;
}

static size_t vnb_vlan_nlmsg_size(void)
{
	return NLMSG_ALIGN(sizeof(struct br_vlan_msg)) +
	       nla_total_size(0) +		/* BRIDGE_VLANDB_ENTRY */
	       nla_total_size(sizeof(struct bridge_vlan_info)) +
	       nla_total_size(sizeof(u16)) +	/* RANGE */
	       nla_total_size(sizeof(u8));	/* STATE */
}

static int vnb_vlan_fill_entry(struct sk_buff *skb,
			       const struct vnb_port *port, u16 first,
			       u16 last, int type)
{
	const struct bridge_vlan_info info = {
		.vid	= first,
		.flags	= type == RTM_NEWVLAN ? vnb_vlan_flags(port, first) : 0,
	};
	struct nlattr *nest;

	nest = nla_nest_start(skb, BRIDGE_VLANDB_ENTRY);
	if (!nest ||
	    nla_put(skb, BRIDGE_VLANDB_ENTRY_INFO, sizeof(info), &info) ||
	    (first != last &&
	     nla_put_u16(skb, BRIDGE_VLANDB_ENTRY_RANGE, last)) ||
	    (type == RTM_NEWVLAN &&
	     nla_put_u8(skb, BRIDGE_VLANDB_ENTRY_STATE,
			vnb_vlan_nl_state(port, first))))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);
	return 0;
}

static int vnb_vlan_fill(struct sk_buff *skb, const struct vnb_port *port,
			 u16 first, u16 last, int type)
{
	struct br_vlan_msg *msg;
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(skb, 0, 0, type, sizeof(*msg), 0);
	if (!nlh)
		return -EMSGSIZE;

	msg = nlmsg_data(nlh);
	*msg = (struct br_vlan_msg) {
		.family		= AF_BRIDGE,
		.ifindex	= port->dev->ifindex,
	};
	if (vnb_vlan_fill_entry(skb, port, first, last, type))
		return -EMSGSIZE;

	nlmsg_end(skb, nlh);
	return 0;
}

void vnb_vlan_notify(const struct vnb_port *port, u16 first, u16 last,
		     int type)
{
	struct net *net = dev_net(port->dev);
	struct sk_buff *skb;

	ASSERT_RTNL();

	if (!rtnl_has_listeners(net, RTNLGRP_BRVLAN))
		return;

	skb = nlmsg_new(vnb_vlan_nlmsg_size(), GFP_KERNEL);
	if (!skb) {
		rtnl_set_sk_err(net, RTNLGRP_BRVLAN, -ENOBUFS);
		return;
	}

	if (WARN_ON_ONCE(vnb_vlan_fill(skb, port, first, last, type))) {
		kfree_skb(skb);
		return;
	}

	rtnl_notify(skb, net, 0, RTNLGRP_BRVLAN, NULL, GFP_KERNEL);
}

void vnb_vlan_notify_all(const struct vnb_port *port, int type)
{
	u16 vid, first = 0, last = 0;

	vnb_vlan_for_each(port, vid) {
		if (first && (vid != last + 1 ||
			      vnb_vlan_flags(port, vid) !=
			      vnb_vlan_flags(port, first) ||
			      !vnb_vlan_nl_same_state(port, vid, first,
						      type))) {
			vnb_vlan_notify(port, first, last, type);
			first = 0;
		}
		first = first ? : vid;
		last = vid;
	}
	if (first)
		vnb_vlan_notify(port, first, last, type);
}
