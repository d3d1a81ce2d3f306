// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding entries of a bridge in netlink: "bridge fdb".
 *
 * The core reaches us with "self" only: "bridge fdb add ADDR dev BRIDGE via
 * PORT self". Requests for "dev PORT master" need private flags that we never
 * set.
 */
#include "fdb_entry.h"

#include <linux/if_vlan.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/neighbour.h>
#include <net/netlink.h>

#include "bridge.h"
#include "fdb_dump.h"
#include "mst.h"
#include "option.h"
#include "vlan.h"

#define VNB_OPTION_TUNNEL(name) \
	{ VNB_UNSUPPORTED, name ": does not apply to a bridge" }

/* The core does not know the shape of any attribute but address and VLAN. */
static const struct vnb_option vnb_fdb_options[NDA_MAX + 1] = {
	[NDA_LLADDR]		= VNB_OPTION,
	[NDA_IFINDEX]		= VNB_OPTION,
	[NDA_VLAN]		= VNB_OPTION,
	[NDA_PROTOCOL]		= VNB_OPTION,
	[NDA_FLAGS_EXT]		= { VNB_OFF_ONLY,
				    "locked: set by a port with mab only" },
	[NDA_FDB_EXT_ATTRS]	= VNB_OPTION,
	[NDA_DST]		= VNB_OPTION_TUNNEL("dst"),
	[NDA_PORT]		= VNB_OPTION_TUNNEL("port"),
	[NDA_VNI]		= VNB_OPTION_TUNNEL("vni"),
	[NDA_SRC_VNI]		= VNB_OPTION_TUNNEL("src_vni"),
	[NDA_NH_ID]		= VNB_OPTION_TUNNEL("nhid"),
};

static const struct nla_policy vnb_fdb_ext_policy[NFEA_MAX + 1] = {
	[NFEA_ACTIVITY_NOTIFY]	=
		NLA_POLICY_MASK(NLA_U8, FDB_NOTIFY_BIT |
					FDB_NOTIFY_INACTIVE_BIT),
	[NFEA_DONT_REFRESH]	= { .type = NLA_FLAG },
};

static const struct nla_policy vnb_fdb_policy[NDA_MAX + 1] = {
	[NDA_LLADDR]		= NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[NDA_IFINDEX]		= { .type = NLA_U32 },
	[NDA_VLAN]		= NLA_POLICY_RANGE(NLA_U16, 1, VLAN_N_VID - 2),
	[NDA_PROTOCOL]		= { .type = NLA_U8 },
	[NDA_FLAGS_EXT]		= { .type = NLA_U32 },
	[NDA_FDB_EXT_ATTRS]	= NLA_POLICY_NESTED(vnb_fdb_ext_policy),
};

static int vnb_fdb_nl_check_attrs(struct nlattr **tb,
				  struct netlink_ext_ack *extack)
{
	int err;

	err = vnb_options_check(tb, NDA_MAX, vnb_fdb_options, extack);

	return err ? : vnb_options_validate(tb, NDA_MAX, vnb_fdb_policy,
					    extack);
}

static struct vnb_port *vnb_fdb_nl_port(struct vnb_bridge *br,
					const struct nlattr *attr,
					struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	struct vnb_port *port;

	if (!attr)
		return &br->local;

	dev = __dev_get_by_index(dev_net(br->vnb.dev), nla_get_u32(attr));
	if (dev == br->vnb.dev)
		return &br->local;

	port = dev ? vnb_port_get_rtnl(dev) : NULL;
	if (!port || port->br != br) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "via: not a port of this bridge");
		return ERR_PTR(dev ? -EINVAL : -ENODEV);
	}

	return port;
}

static int vnb_fdb_nl_check(const struct ndmsg *ndm,
			    const struct vnb_port *port,
			    struct netlink_ext_ack *extack)
{
	if (ndm->ndm_flags & ~(NTF_SELF | NTF_MASTER | NTF_USE |
			       NTF_EXT_LEARNED | NTF_STICKY)) {
		NL_SET_ERR_MSG(extack,
			       "flags: only use, extern_learn and sticky are supported");
		return -EOPNOTSUPP;
	}

	if (!ndm->ndm_state ||
	    ndm->ndm_state & ~(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)) {
		NL_SET_ERR_MSG(extack,
			       "state: none of permanent, static and dynamic");
		return -EINVAL;
	}

	if (port->type == VNB_PORT_LOCAL &&
	    (ndm->ndm_flags & NTF_USE || !(ndm->ndm_state & NUD_PERMANENT))) {
		NL_SET_ERR_MSG(extack,
			       "via: no port; an address of the bridge itself is permanent");
		NL_SET_ERR_ATTR_MISS(extack, NULL, NDA_IFINDEX);
		return -EINVAL;
	}

	return 0;
}

/* As if a frame came in, which says no more than an address. */
static int vnb_fdb_nl_check_use(const struct ndmsg *ndm, struct nlattr **tb,
				struct netlink_ext_ack *extack)
{
	if (!(ndm->ndm_flags & NTF_USE))
		return 0;

	if (tb[NDA_FDB_EXT_ATTRS]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_FDB_EXT_ATTRS],
				    "activity_notify, norefresh: not with use");
		return -EINVAL;
	}
	if (tb[NDA_PROTOCOL]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_PROTOCOL],
				    "protocol: not with use");
		return -EINVAL;
	}

	return 0;
}

/* Does the port learn in a VLAN, or in none? */
static bool vnb_fdb_nl_learns(const struct vnb_port *port, u16 vid)
{
	return vnb_port_state_learns(vnb_port_vlan_state(port, port->flags,
							 vid));
}

/*
 * "permanent" is local: frames to the address are for the host. As in the
 * kernel's own bridge, and documented in bridge(8), this is what a request
 * without any word means, for an address on a port too. An address that is
 * behind a port is "static" or "dynamic".
 */
static int vnb_fdb_nl_flags(const struct ndmsg *ndm,
			    const struct vnb_port *port, u16 vid,
			    struct netlink_ext_ack *extack)
{
	u16 sticky = ndm->ndm_flags & NTF_STICKY ? VNB_FDB_STICKY : 0;

	if (ndm->ndm_state & NUD_PERMANENT) {
		if (sticky) {
			NL_SET_ERR_MSG(extack,
				       "sticky: a permanent entry cannot move anyway");
			return -EINVAL;
		}
		return VNB_FDB_USER | VNB_FDB_LOCAL | VNB_FDB_STATIC;
	}

	if (ndm->ndm_state & NUD_NOARP)
		return VNB_FDB_USER | VNB_FDB_STATIC | sticky;

	if (!vnb_fdb_nl_learns(port, vid)) {
		NL_SET_ERR_MSG(extack,
			       "dynamic: the port is not in state learning or forwarding");
		return -EBUSY;
	}

	return VNB_FDB_USER | sticky;
}

/* Owned by a control plane: neither aged nor static, whatever the state. */
static u16 vnb_fdb_nl_ext_flags(const struct ndmsg *ndm,
				const struct vnb_port *port)
{
	u16 flags = VNB_FDB_USER | VNB_FDB_EXT_LEARNED;

	if (port->type == VNB_PORT_LOCAL)
		return flags | VNB_FDB_LOCAL | VNB_FDB_STATIC;
	return ndm->ndm_flags & NTF_STICKY ? flags | VNB_FDB_STICKY : flags;
}

static void vnb_fdb_nl_use_one(struct vnb_port *port, const u8 *addr, u16 vid)
{
	if (vnb_fdb_nl_learns(port, vid))
		vnb_fdb_use(port, addr, vid);
}

/*
 * As if a frame from @addr came in through @port, whatever the limits say: in
 * each of its VLANs, unless one is named.
 */
static void vnb_fdb_nl_use(struct vnb_port *port, const u8 *addr, u16 vid)
{
	if (vid || !vnb_bridge_filters(port->br))
		vnb_fdb_nl_use_one(port, addr, vid);
	else
		vnb_vlan_for_each(port, vid)
			vnb_fdb_nl_use_one(port, addr, vid);

	vnb_news_tell(&port->br->fdb.news);
}

/* Shall listeners hear when the address falls silent, and when it is back? */
static int vnb_fdb_nl_activity(struct vnb_fdb_update *up,
			       const struct nlattr *ext,
			       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[NFEA_MAX + 1];
	u8 notify = 0;
	int err;

	if (!ext)
		return 0;

	err = nla_parse_nested(tb, NFEA_MAX, ext, vnb_fdb_ext_policy, extack);
	if (err)
		return err;

	if (tb[NFEA_ACTIVITY_NOTIFY])
		notify = nla_get_u8(tb[NFEA_ACTIVITY_NOTIFY]);
	if (notify == FDB_NOTIFY_INACTIVE_BIT) {
		NL_SET_ERR_MSG_ATTR(extack, tb[NFEA_ACTIVITY_NOTIFY],
				    "inactive: without activity_notify");
		return -EINVAL;
	}
	if (notify && up->flags & VNB_FDB_LOCAL) {
		NL_SET_ERR_MSG_ATTR(extack, tb[NFEA_ACTIVITY_NOTIFY],
				    "activity_notify: not of an address of the bridge, which is what permanent means");
		return -EINVAL;
	}

	if (notify & FDB_NOTIFY_BIT)
		up->flags |= VNB_FDB_NOTIFY;
	if (notify & FDB_NOTIFY_INACTIVE_BIT)
		up->flags |= VNB_FDB_INACTIVE;
	up->norefresh = tb[NFEA_DONT_REFRESH];
	return 0;
}

static int vnb_fdb_nl_change(const struct ndmsg *ndm, struct vnb_port *port,
			     struct nlattr **tb, u16 vid, u16 nlflags,
			     struct netlink_ext_ack *extack)
{
	struct vnb_fdb_update up = {
		.addr		= nla_data(tb[NDA_LLADDR]),
		.vid		= vid,
		.nlflags	= nlflags,
		.proto		= nla_get_u8_default(tb[NDA_PROTOCOL], 0),
	};
	int err;

	if (ndm->ndm_flags & NTF_EXT_LEARNED) {
		/* control planes write what they know, new or not */
		up.flags = vnb_fdb_nl_ext_flags(ndm, port);
		up.nlflags = NLM_F_CREATE;
	} else {
		err = vnb_fdb_nl_flags(ndm, port, vid, extack);
		if (err < 0)
			return err;
		up.flags = err;
	}

	err = vnb_fdb_nl_activity(&up, tb[NDA_FDB_EXT_ATTRS], extack);
	if (err)
		return err;

	err = vnb_fdb_add(port, &up);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_LLADDR], "FDB entry exists");
	else if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_LLADDR],
				    "FDB entry not found");
	else if (err)
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_LLADDR],
				    "FDB entry: no memory for it now");

	return err;
}

int VNB_NDO_FDB_ADD(vnb_fdb_nl_add, struct ndmsg *ndm, struct nlattr *tb[],
		    struct net_device *dev, const unsigned char *addr, u16 vid,
		    u16 nlflags, bool *notified,
		    struct netlink_ext_ack *extack)
{
	struct vnb_port *port;
	int err;

	err = vnb_fdb_nl_check_attrs(tb, extack);
	if (err)
		return err;

	port = vnb_fdb_nl_port(vnb_bridge(dev), tb[NDA_IFINDEX], extack);
	if (IS_ERR(port))
		return PTR_ERR(port);

	if (!is_valid_ether_addr(addr)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_LLADDR],
				    "address: zero or a group address");
		return -EINVAL;
	}

	err = vnb_fdb_nl_check(ndm, port, extack);
	if (err)
		return err;

	if (vid && !vnb_vlan_is_member(port, vid)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_VLAN],
				    "vlan: the port is not in this VLAN");
		return -EINVAL;
	}

	err = vnb_fdb_nl_check_use(ndm, tb, extack);
	if (err)
		return err;

	*notified = true;

	if (ndm->ndm_flags & NTF_USE) {
		vnb_fdb_nl_use(port, addr, vid);
		return 0;
	}

	return vnb_fdb_nl_change(ndm, port, tb, vid, nlflags, extack);
}

/* Without a VLAN, as in-tree: what is for all, and what is for one of them. */
static int vnb_fdb_nl_del_all(struct vnb_port *port, const u8 *addr)
{
	int err = vnb_fdb_del(port, addr, 0);
	u16 vid;

	vnb_vlan_for_each(port, vid)
		if (!vnb_fdb_del(port, addr, vid))
			err = 0;

	return err;
}

int VNB_NDO_FDB_DEL(vnb_fdb_nl_del, struct ndmsg *ndm, struct nlattr *tb[],
		    struct net_device *dev, const unsigned char *addr, u16 vid,
		    bool *notified, struct netlink_ext_ack *extack)
{
	struct vnb_port *port;
	int err;

	err = vnb_fdb_nl_check_attrs(tb, extack);
	if (err)
		return err;

	port = vnb_fdb_nl_port(vnb_bridge(dev), tb[NDA_IFINDEX], extack);
	if (IS_ERR(port))
		return PTR_ERR(port);

	if (tb[NDA_FDB_EXT_ATTRS])
		return vnb_option_refuse(tb[NDA_FDB_EXT_ATTRS],
					 "activity_notify, norefresh: not to delete an entry",
					 extack);

	*notified = true;

	err = vid ? vnb_fdb_del(port, addr, vid) :
		    vnb_fdb_nl_del_all(port, addr);
	vnb_news_tell(&port->br->fdb.news);
	if (err)
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_LLADDR],
				    "FDB entry not found");

	return err;
}

static u16 vnb_fdb_nl_filter_flags(u16 nud, u8 ntf)
{
	return (nud & NUD_PERMANENT ? VNB_FDB_LOCAL : 0) |
	       (nud & NUD_NOARP ? VNB_FDB_STATIC : 0) |
	       (ntf & NTF_USE ? VNB_FDB_USER : 0) |
	       (ntf & NTF_EXT_LEARNED ? VNB_FDB_EXT_LEARNED : 0) |
	       (ntf & NTF_STICKY ? VNB_FDB_STICKY : 0);
}

/*
 * Flush what matches, but not the local entries made by the kernel: without
 * them the host gets no frames any more. What remains are the entries that are
 * not local, and the local ones made by a user.
 */
static void vnb_fdb_nl_flush(struct vnb_bridge *br,
			     const struct vnb_fdb_filter *filter)
{
	const u16 user = VNB_FDB_LOCAL | VNB_FDB_USER;
	struct vnb_fdb_filter part = *filter;

	if (!(filter->flags & VNB_FDB_LOCAL)) {
		part.mask = filter->mask | VNB_FDB_LOCAL;
		vnb_fdb_flush(br, &part);
	}

	if ((filter->flags & user) == (filter->mask & user)) {
		part.mask = filter->mask | user;
		part.flags = filter->flags | user;
		vnb_fdb_flush(br, &part);
	}
}

static const struct nla_policy vnb_fdb_del_bulk_policy[NDA_MAX + 1] = {
	[NDA_VLAN]		= NLA_POLICY_RANGE(NLA_U16, 1, VLAN_N_VID - 2),
	[NDA_IFINDEX]		= NLA_POLICY_MIN(NLA_S32, 1),
	[NDA_NDM_STATE_MASK]	=
		NLA_POLICY_MASK(NLA_U16, NUD_PERMANENT | NUD_NOARP),
	[NDA_NDM_FLAGS_MASK]	=
		NLA_POLICY_MASK(NLA_U8, NTF_USE | NTF_EXT_LEARNED |
					NTF_STICKY | NTF_OFFLOADED),
};

int VNB_NDO_FDB_DEL_BULK(vnb_fdb_nl_del_bulk, struct nlmsghdr *nlh,
			 struct net_device *dev,
			 struct netlink_ext_ack *extack)
{
	const struct ndmsg *ndm = nlmsg_data(nlh);
	struct vnb_fdb_filter filter = {};
	struct nlattr *tb[NDA_MAX + 1];
	u16 nud_mask;
	u8 ntf_mask;
	int err;

	err = nlmsg_parse(nlh, sizeof(*ndm), tb, NDA_MAX,
			  vnb_fdb_del_bulk_policy, extack);
	if (err)
		return err;

	if (ndm->ndm_state & ~(NUD_PERMANENT | NUD_NOARP)) {
		NL_SET_ERR_MSG(extack,
			       "state: only permanent and static are supported");
		return -EOPNOTSUPP;
	}

	/* nothing is offloaded, so that "nooffloaded" is everything */
	if (ndm->ndm_flags & ~(NTF_SELF | NTF_MASTER | NTF_USE |
			       NTF_EXT_LEARNED | NTF_STICKY)) {
		NL_SET_ERR_MSG(extack,
			       "flags: only added_by_user, extern_learn and sticky are supported");
		return -EOPNOTSUPP;
	}

	if (tb[NDA_IFINDEX]) {
		filter.port = vnb_fdb_nl_port(vnb_bridge(dev), tb[NDA_IFINDEX],
					      extack);
		if (IS_ERR(filter.port)) {
			NL_SET_ERR_MSG_ATTR(extack, tb[NDA_IFINDEX],
					    "brport: not a port of this bridge");
			return PTR_ERR(filter.port);
		}
	}

	filter.has_vid = tb[NDA_VLAN];
	filter.vid = nla_get_u16_default(tb[NDA_VLAN], 0);
	nud_mask = nla_get_u16_default(tb[NDA_NDM_STATE_MASK], 0);
	ntf_mask = nla_get_u8_default(tb[NDA_NDM_FLAGS_MASK], 0);
	filter.mask = vnb_fdb_nl_filter_flags(nud_mask, ntf_mask);
	filter.flags = vnb_fdb_nl_filter_flags(ndm->ndm_state & nud_mask,
					       ndm->ndm_flags & ntf_mask);

	vnb_fdb_nl_flush(vnb_bridge(dev), &filter);
	return 0;
}

int vnb_fdb_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		    struct net_device *dev, struct net_device *filter_dev,
		    int *idx)
{
	/* struct ifinfomsg of old users has its index at the same place */
	const struct ndmsg *ndm = nlmsg_data(cb->nlh);
	const struct vnb_fdb_msg msg = {
		.type		= RTM_NEWNEIGH,
		.portid		= NETLINK_CB(cb->skb).portid,
		.seq		= cb->nlh->nlmsg_seq,
		.nlflags	= NLM_F_MULTI,
		.self		= ndm->ndm_ifindex,
	};
	struct vnb_bridge *br = vnb_bridge(dev);
	struct vnb_fdb_dump *dump = vnb_fdb_dump(cb, dev);
	const struct vnb_fdb_entry *f;
	int err;

	/* nobody hears later of what was before */
	vnb_news_tell(&br->fdb.news);

	err = ndo_dflt_fdb_dump(skb, cb, dev, filter_dev, idx);
	if (err)
		return err;

	rcu_read_lock();
	list_for_each_entry_rcu(f, &br->fdb.list, list) {
		if (f->serial < dump->serial)
			continue;
		err = vnb_fdb_fill(skb, br, f, rcu_dereference(f->port), &msg);
		if (err)
			break;
		dump->serial = f->serial + 1;
	}
	rcu_read_unlock();

	return err;
}

int vnb_fdb_nl_get(struct sk_buff *skb, struct nlattr *tb[],
		   struct net_device *dev, const unsigned char *addr, u16 vid,
		   u32 portid, u32 seq, struct netlink_ext_ack *extack)
{
	const struct vnb_fdb_msg msg = {
		.type	= RTM_NEWNEIGH,
		.portid	= portid,
		.seq	= seq,
		.self	= !tb[NDA_MASTER],	/* "get ADDR br br0" has it */
	};
	struct vnb_bridge *br = vnb_bridge(dev);
	const struct vnb_fdb_entry *f;
	int err;

	if (tb[NDA_VNI])
		return vnb_option_refuse(tb[NDA_VNI],
					 vnb_fdb_options[NDA_VNI].refusal,
					 extack);

	vnb_news_tell(&br->fdb.news);

	rcu_read_lock();
	f = vnb_fdb_find_rcu(br, addr, vid);
	if (f) {
		err = vnb_fdb_fill(skb, br, f, rcu_dereference(f->port), &msg);
	} else {
		NL_SET_ERR_MSG_ATTR(extack, tb[NDA_LLADDR],
				    "FDB entry not found");
		err = -ENOENT;
	}
	rcu_read_unlock();

	return err;
}
