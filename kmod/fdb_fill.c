// SPDX-License-Identifier: GPL-2.0
/*
 * A forwarding entry of a bridge as a message: RTM_NEWNEIGH, RTM_DELNEIGH.
 */
#include "fdb_entry.h"

#include <linux/neighbour.h>
#include <net/neighbour.h>
#include <net/netlink.h>

#include "bridge.h"

static size_t vnb_fdb_nlmsg_size(void)
{
	return NLMSG_ALIGN(sizeof(struct ndmsg)) +
	       nla_total_size(ETH_ALEN) +	/* NDA_LLADDR */
	       nla_total_size(sizeof(u32)) +	/* NDA_MASTER or NDA_IFINDEX */
	       nla_total_size(sizeof(struct nda_cacheinfo)) +
	       nla_total_size(sizeof(u16)) +	/* NDA_VLAN */
	       nla_total_size(sizeof(u32)) +	/* NDA_FLAGS_EXT */
	       nla_total_size(sizeof(u8)) +	/* NDA_PROTOCOL */
	       nla_total_size(0) +		/* NDA_FDB_EXT_ATTRS */
	       nla_total_size(sizeof(u8));	/* NFEA_ACTIVITY_NOTIFY */
}

static u16 vnb_fdb_nud(const struct vnb_bridge *br, u16 flags,
		       unsigned long used)
{
	if (flags & VNB_FDB_LOCAL)
		return NUD_PERMANENT;
	if (flags & VNB_FDB_STATIC)
		return NUD_NOARP;
	if (!(flags & VNB_FDB_EXT_LEARNED) &&
	    time_before_eq(used + READ_ONCE(br->fdb.ageing_time), jiffies))
		return NUD_STALE;
	return NUD_REACHABLE;
}

static u8 vnb_fdb_ntf(u16 flags)
{
	return (flags & VNB_FDB_EXT_LEARNED ? NTF_EXT_LEARNED : 0) |
	       (flags & VNB_FDB_STICKY ? NTF_STICKY : 0);
}

static int vnb_fdb_fill_activity(struct sk_buff *skb, u16 flags)
{
	u8 notify = FDB_NOTIFY_BIT;
	struct nlattr *nest;

	if (!(flags & VNB_FDB_NOTIFY))
		return 0;

	if (flags & VNB_FDB_INACTIVE)
		notify |= FDB_NOTIFY_INACTIVE_BIT;
	nest = nla_nest_start(skb, NDA_FDB_EXT_ATTRS);
	if (!nest || nla_put_u8(skb, NFEA_ACTIVITY_NOTIFY, notify))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);
	return 0;
}

static int vnb_fdb_fill_attrs(struct sk_buff *skb,
			      const struct vnb_bridge *br,
			      const struct vnb_fdb_entry *f,
			      const struct vnb_port *port, bool self,
			      u16 flags, unsigned long used)
{
	u8 proto = READ_ONCE(f->proto);

	/*
	 * Both are the time since the address was last seen, that is what
	 * ageing goes by. When it was last sent to is not recorded: the path
	 * writes nothing for a destination.
	 */
	const struct nda_cacheinfo ci = {
		.ndm_used	= jiffies_delta_to_clock_t(jiffies - used),
		.ndm_updated	= jiffies_delta_to_clock_t(jiffies - used),
	};

	if (nla_put(skb, NDA_LLADDR, ETH_ALEN, f->key.addr) ||
	    nla_put(skb, NDA_CACHEINFO, sizeof(ci), &ci))
		return -EMSGSIZE;

	if (!self && nla_put_u32(skb, NDA_MASTER, br->vnb.dev->ifindex))
		return -EMSGSIZE;
	if (self && port != &br->local &&
	    nla_put_u32(skb, NDA_IFINDEX, port->dev->ifindex))
		return -EMSGSIZE;

	if (f->key.vid && nla_put_u16(skb, NDA_VLAN, f->key.vid))
		return -EMSGSIZE;

	if (flags & VNB_FDB_LOCKED &&
	    nla_put_u32(skb, NDA_FLAGS_EXT, NTF_EXT_LOCKED))
		return -EMSGSIZE;

	if (proto && nla_put_u8(skb, NDA_PROTOCOL, proto))
		return -EMSGSIZE;

	return vnb_fdb_fill_activity(skb, flags);
}

int vnb_fdb_fill(struct sk_buff *skb, const struct vnb_bridge *br,
		 const struct vnb_fdb_entry *f, const struct vnb_port *port,
		 const struct vnb_fdb_msg *msg)
{
	const struct net_device *dev = msg->self ? br->vnb.dev : port->dev;
	unsigned long used = READ_ONCE(f->used);
	u16 flags = READ_ONCE(f->flags);
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	nlh = nlmsg_put(skb, msg->portid, msg->seq, msg->type, sizeof(*ndm),
			msg->nlflags);
	if (!nlh)
		return -EMSGSIZE;

	ndm = nlmsg_data(nlh);
	*ndm = (struct ndmsg) {
		.ndm_family	= AF_BRIDGE,
		.ndm_ifindex	= dev->ifindex,
		.ndm_state	= vnb_fdb_nud(br, flags, used),
		.ndm_flags	= vnb_fdb_ntf(flags) |
				  (msg->self ? NTF_SELF : 0),
	};

	if (vnb_fdb_fill_attrs(skb, br, f, port, msg->self, flags, used)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}

	nlmsg_end(skb, nlh);
	return 0;
}

void vnb_fdb_notify(struct vnb_port *port, const struct vnb_fdb_entry *f,
		    int type)
{
	const struct vnb_fdb_msg msg = { .type = type };
	struct vnb_bridge *br = port->br;
	struct vnb_news *news = &br->fdb.news;
	struct sk_buff *skb;

	lockdep_assert_held(&br->fdb.lock);

	spin_lock(&news->lock);
	skb = vnb_news_write(news, vnb_fdb_nlmsg_size(),
			     !(f->flags & VNB_FDB_LEARNED));
	if (skb)
		WARN_ON_ONCE(vnb_fdb_fill(skb, br, f, port, &msg));
	spin_unlock(&news->lock);
}
