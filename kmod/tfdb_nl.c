// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding table of a tunnel: what the bridge command sees of it.
 *
 * Copyright (C) the vnetbr authors
 */

#include <linux/rtnetlink.h>

#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/neighbour.h>

#include "fdb_dump.h"
#include "option.h"
#include "tunnel.h"
#include "vxlan.h"

#define VNB_TFDB_STATES	(NUD_PERMANENT | NUD_REACHABLE | NUD_NOARP)

#define VNB_TFDB_FLAGS	(NTF_USE | NTF_SELF | NTF_MASTER | NTF_ROUTER |	\
			 NTF_EXT_LEARNED | NTF_STICKY)

#define VNB_TFDB_FLUSH_FLAGS	(NTF_ROUTER | NTF_EXT_LEARNED | NTF_STICKY)

static size_t vnb_tfdb_nl_size(void)
{
	return NLMSG_ALIGN(sizeof(struct ndmsg)) +
	       nla_total_size(sizeof(s32)) +		/* NDA_LINK_NETNSID */
	       nla_total_size(ETH_ALEN) +		/* NDA_LLADDR */
	       nla_total_size(sizeof(struct in6_addr)) + /* NDA_DST */
	       nla_total_size(sizeof(__be16)) +		/* NDA_PORT */
	       nla_total_size(sizeof(u32)) +		/* NDA_VNI */
	       nla_total_size(sizeof(u32)) +		/* NDA_IFINDEX */
	       nla_total_size(sizeof(u8)) +		/* NDA_PROTOCOL */
	       nla_total_size(sizeof(struct nda_cacheinfo));
}

/* Where a remote is; what is as the tunnel has it is left out. */
static int vnb_tfdb_nl_fill_remote(struct sk_buff *skb,
				   const struct vnb_tunnel_config *cfg,
				   const struct vnb_remote_key *key)
{
	int err;

	err = key->family == AF_INET ?
	      nla_put_in_addr(skb, NDA_DST, key->ip.v4) :
	      nla_put_in6_addr(skb, NDA_DST, &key->ip.v6);
	if (!err && key->port && key->port != cfg->port)
		err = nla_put_be16(skb, NDA_PORT, key->port);
	if (!err && key->vni && key->vni != cfg->vni)
		err = nla_put_u32(skb, NDA_VNI, key->vni);
	if (!err && key->ifindex)
		err = nla_put_u32(skb, NDA_IFINDEX, key->ifindex);

	return err;
}

static int vnb_tfdb_nl_fill(struct sk_buff *skb, struct vnb_tunnel *tun,
			    const struct vnb_tfdb_entry *e,
			    const struct vnb_remote *remote, u32 portid,
			    const struct nlmsghdr *what)
{
	const struct vnb_tunnel_config *cfg = rcu_dereference_rtnl(tun->cfg);
	struct net_device *dev = tun->vnb.dev;
	struct nda_cacheinfo ci = { };
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	nlh = nlmsg_put(skb, portid, what->nlmsg_seq, what->nlmsg_type,
			sizeof(*ndm), what->nlmsg_flags);
	if (!nlh)
		return -EMSGSIZE;

	ndm = nlmsg_data(nlh);
	*ndm = (struct ndmsg) {
		.ndm_family	= AF_BRIDGE,
		.ndm_ifindex	= dev->ifindex,
		.ndm_state	= e->state,
		.ndm_flags	= e->flags,
		.ndm_type	= RTN_UNICAST,
	};
	ci.ndm_used = jiffies_to_clock_t(jiffies - READ_ONCE(e->used));
	ci.ndm_updated = jiffies_to_clock_t(jiffies - e->updated);

	if ((vnb_tunnel_is_xnet(tun) &&
	     nla_put_s32(skb, NDA_LINK_NETNSID,
			 peernet2id(dev_net(dev), tun->net))) ||
	    nla_put(skb, NDA_LLADDR, ETH_ALEN, e->key.addr) ||
	    vnb_tfdb_nl_fill_remote(skb, cfg, &remote->key) ||
	    (e->proto && nla_put_u8(skb, NDA_PROTOCOL, e->proto)) ||
	    nla_put(skb, NDA_CACHEINFO, sizeof(ci), &ci)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}

	nlmsg_end(skb, nlh);
	return 0;
}

void vnb_tfdb_notify(struct vnb_tunnel *tun, const struct vnb_tfdb_entry *e,
		     const struct vnb_remote *remote, int type)
{
	const struct nlmsghdr what = { .nlmsg_type = type };
	struct vnb_news *news = &tun->fdb.news;
	struct sk_buff *skb;

	lockdep_assert_held(&tun->fdb.lock);

	spin_lock(&news->lock);
	skb = vnb_news_write(news, vnb_tfdb_nl_size(), !e->learned);
	if (skb)
		WARN_ON_ONCE(vnb_tfdb_nl_fill(skb, tun, e, remote, 0, &what));
	spin_unlock(&news->lock);
}

static int vnb_tfdb_nl_refuse(const struct nlattr *attr, const char *why,
			      int err, struct netlink_ext_ack *extack)
{
	if (extack) {
		extack->_msg = why;
		NL_SET_BAD_ATTR(extack, attr);
	}

	return err;
}

/* The core has parsed without a policy: every length is ours to check. */
static int vnb_tfdb_nl_parse_dst(struct vnb_remote_key *key,
				 const struct vnb_tunnel_config *cfg,
				 const struct nlattr *attr,
				 struct netlink_ext_ack *extack)
{
	switch (nla_len(attr)) {
	case sizeof(__be32):
		key->family = AF_INET;
		break;
	case sizeof(struct in6_addr):
		key->family = AF_INET6;
		break;
	default:
		return vnb_tfdb_nl_refuse(attr, "dst has an invalid length",
					  -EINVAL, extack);
	}

	if (key->family != cfg->family)
		return vnb_tfdb_nl_refuse(attr, "dst is not of the address family of the tunnel",
					  -EAFNOSUPPORT, extack);

	nla_memcpy(&key->ip, attr, sizeof(key->ip));
	return 0;
}

static int vnb_tfdb_nl_parse_vni(u32 *vni, const struct nlattr *attr,
				 struct netlink_ext_ack *extack)
{
	if (nla_len(attr) != sizeof(u32) ||
	    nla_get_u32(attr) > VNB_VXLAN_VNI_MAX)
		return vnb_tfdb_nl_refuse(attr, "vni is invalid", -EINVAL,
					  extack);

	*vni = nla_get_u32(attr);
	return 0;
}

static int vnb_tfdb_nl_parse_ifindex(u32 *ifindex, struct net *net,
				     const struct nlattr *attr,
				     struct netlink_ext_ack *extack)
{
	if (nla_len(attr) != sizeof(u32))
		return vnb_tfdb_nl_refuse(attr, "via has an invalid length",
					  -EINVAL, extack);

	*ifindex = nla_get_u32(attr);
	if (*ifindex && !__dev_get_by_index(net, *ifindex))
		return vnb_tfdb_nl_refuse(attr, "via is not a device of the underlay",
					  -ENODEV, extack);

	return 0;
}

/* What is not supported, or has to be as it is. */
static int vnb_tfdb_nl_check(const struct vnb_tunnel_config *cfg,
			     struct nlattr **tb, struct netlink_ext_ack *extack)
{
	u32 vni = cfg->vni;
	int err;

	if (tb[NDA_NH_ID])
		return vnb_tfdb_nl_refuse(tb[NDA_NH_ID],
					  "nhid is not supported yet",
					  -EOPNOTSUPP, extack);

	if (tb[NDA_SRC_VNI]) {
		err = vnb_tfdb_nl_parse_vni(&vni, tb[NDA_SRC_VNI], extack);
		if (err)
			return err;
	}
	if (vni != cfg->vni)
		return vnb_tfdb_nl_refuse(tb[NDA_SRC_VNI],
					  "src_vni is not the VNI of the tunnel",
					  -EOPNOTSUPP, extack);

	return 0;
}

static int vnb_tfdb_nl_parse(const struct vnb_tunnel *tun, struct nlattr **tb,
			     struct vnb_remote_key *key,
			     struct netlink_ext_ack *extack)
{
	const struct vnb_tunnel_config *cfg = rtnl_dereference(tun->cfg);
	int err;

	err = vnb_tfdb_nl_check(cfg, tb, extack);

	if (!err && tb[NDA_DST])
		err = vnb_tfdb_nl_parse_dst(key, cfg, tb[NDA_DST], extack);

	if (!err && tb[NDA_PORT]) {
		if (nla_len(tb[NDA_PORT]) != sizeof(__be16))
			return vnb_tfdb_nl_refuse(tb[NDA_PORT],
						  "port has an invalid length",
						  -EINVAL, extack);
		key->port = nla_get_be16(tb[NDA_PORT]);
	}

	if (!err && tb[NDA_VNI])
		err = vnb_tfdb_nl_parse_vni(&key->vni, tb[NDA_VNI], extack);

	if (!err && tb[NDA_IFINDEX])
		err = vnb_tfdb_nl_parse_ifindex(&key->ifindex, tun->net,
						tb[NDA_IFINDEX], extack);

	return err;
}

/* What is used, and what is ignored as the kernel's own driver does. */
static const struct nla_policy vnb_tfdb_policy[NDA_MAX + 1] = {
	[NDA_DST]		= { .type = NLA_BINARY,
				    .len = sizeof(struct in6_addr) },
	[NDA_LLADDR]		= NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[NDA_CACHEINFO]		=
		NLA_POLICY_EXACT_LEN(sizeof(struct nda_cacheinfo)),
	[NDA_PROBES]		= { .type = NLA_U32 },
	[NDA_VLAN]		= { .type = NLA_U16 },
	[NDA_PORT]		= { .type = NLA_U16 },
	[NDA_VNI]		= { .type = NLA_U32 },
	[NDA_IFINDEX]		= { .type = NLA_U32 },
	[NDA_MASTER]		= { .type = NLA_U32 },
	[NDA_LINK_NETNSID]	= { .type = NLA_S32 },
	[NDA_SRC_VNI]		= { .type = NLA_U32 },
	[NDA_PROTOCOL]		= { .type = NLA_U8 },
	[NDA_FLAGS_EXT]		= NLA_POLICY_MAX(NLA_U32, 0),
};

static int vnb_tfdb_nl_parse_entry(const struct vnb_tunnel *tun,
				   struct nlattr **tb,
				   struct vnb_remote_key *key,
				   struct netlink_ext_ack *extack)
{
	int err;

	err = vnb_tfdb_nl_parse(tun, tb, key, extack);

	return err ? : vnb_options_validate(tb, NDA_MAX, vnb_tfdb_policy,
					    extack);
}

int VNB_NDO_FDB_ADD(vnb_tfdb_nl_add, struct ndmsg *ndm, struct nlattr *tb[],
		    struct net_device *dev, const unsigned char *addr, u16 vid,
		    u16 flags, bool *notified, struct netlink_ext_ack *extack)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	struct vnb_tfdb_update up = {
		.addr		= addr,
		.state		= ndm->ndm_state,
		.flags		= ndm->ndm_flags | NTF_SELF,
		.nlflags	= flags,
	};
	int err;

	if (!(ndm->ndm_state & (NUD_PERMANENT | NUD_REACHABLE)) ||
	    ndm->ndm_state & ~VNB_TFDB_STATES) {
		NL_SET_ERR_MSG(extack,
			       "State has to be permanent, static or dynamic");
		return -EINVAL;
	}
	if (ndm->ndm_flags & ~VNB_TFDB_FLAGS) {
		NL_SET_ERR_MSG(extack, "Flag is not supported by a tunnel");
		return -EINVAL;
	}

	err = vnb_tfdb_nl_parse_entry(tun, tb, &up.remote, extack);
	if (err)
		return err;

	up.proto = nla_get_u8_default(tb[NDA_PROTOCOL], 0);
	if (vnb_ip_is_any(&up.remote.ip)) {
		NL_SET_ERR_MSG(extack, "dst is required");
		return -EINVAL;
	}

	err = vnb_tfdb_add(tun, &up, extack);
	if (!err)
		*notified = true;

	return err;
}

int VNB_NDO_FDB_DEL(vnb_tfdb_nl_del, struct ndmsg *ndm, struct nlattr *tb[],
		    struct net_device *dev, const unsigned char *addr, u16 vid,
		    bool *notified, struct netlink_ext_ack *extack)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	struct vnb_remote_key key = { };
	int err;

	err = vnb_tfdb_nl_parse_entry(tun, tb, &key, extack);
	if (err)
		return err;

	err = vnb_tfdb_del(tun, addr, vnb_ip_is_any(&key.ip) ? NULL : &key);
	if (err == -ENOENT)
		NL_SET_ERR_MSG(extack, "No such entry");
	if (!err)
		*notified = true;

	return err;
}

static const struct nla_policy vnb_tfdb_flush_policy[NDA_MAX + 1] = {
	[NDA_DST]		= { .type = NLA_BINARY,
				    .len = sizeof(struct in6_addr) },
	[NDA_PORT]		= { .type = NLA_U16 },
	[NDA_VNI]		= { .type = NLA_U32 },
	[NDA_SRC_VNI]		= { .type = NLA_U32 },
	[NDA_NH_ID]		= { .type = NLA_U32 },
	[NDA_NDM_STATE_MASK]	= { .type = NLA_U16 },
	[NDA_NDM_FLAGS_MASK]	= { .type = NLA_U8 },
};

int VNB_NDO_FDB_DEL_BULK(vnb_tfdb_nl_del_bulk, struct nlmsghdr *nlh,
			 struct net_device *dev,
			 struct netlink_ext_ack *extack)
{
	struct ndmsg *ndm = nlmsg_data(nlh);
	u8 flags = ndm->ndm_flags & ~(NTF_MASTER | NTF_SELF);
	struct vnb_tfdb_filter filter = {
		.state	= ndm->ndm_state,
		.flags	= flags,
	};
	struct nlattr *tb[NDA_MAX + 1];
	int err;

	err = nlmsg_parse(nlh, sizeof(*ndm), tb, NDA_MAX, vnb_tfdb_flush_policy,
			  extack);
	if (err)
		return err;

	if (ndm->ndm_state & ~VNB_TFDB_STATIC ||
	    flags & ~VNB_TFDB_FLUSH_FLAGS) {
		NL_SET_ERR_MSG(extack,
			       "A tunnel cannot be flushed by this state or flag");
		return -EINVAL;
	}

	err = vnb_tfdb_nl_parse(vnb_tunnel(dev), tb, &filter.remote, extack);
	if (err)
		return err;

	filter.state_mask = nla_get_u16_default(tb[NDA_NDM_STATE_MASK], 0);
	filter.flags_mask = nla_get_u8_default(tb[NDA_NDM_FLAGS_MASK], 0);

	vnb_tfdb_flush(vnb_tunnel(dev), &filter);
	return 0;
}

/*
 * All remotes of an entry, as far as there is room. When the dump goes on, it
 * may be gone, or have others: then which of them the reader has is not known,
 * and the end of the dump says that it is not consistent.
 */
static int vnb_tfdb_nl_dump_entry(struct sk_buff *skb,
				  struct netlink_callback *cb,
				  struct vnb_tunnel *tun,
				  const struct vnb_tfdb_entry *e,
				  const struct nlmsghdr *what)
{
	struct vnb_fdb_dump *dump = vnb_fdb_dump(cb, tun->vnb.dev);
	int err;

	if (e->serial < dump->serial)
		return 0;
	if (e->serial != dump->serial)
		dump->has = 0;
	if (dump->has && e->version != dump->version)
		cb->prev_seq = cb->seq + 1;
	dump->serial = e->serial;
	dump->version = e->version;

	for (; dump->has < e->n; dump->has++) {
		err = vnb_tfdb_nl_fill(skb, tun, e, e->remotes[dump->has],
				       NETLINK_CB(cb->skb).portid, what);
		if (err)
			return err;
	}

	dump->has = 0;
	dump->serial++;
	return 0;
}

int vnb_tfdb_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		     struct net_device *dev, struct net_device *filter_dev,
		     int *idx)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	const struct nlmsghdr what = {
		.nlmsg_seq	= cb->nlh->nlmsg_seq,
		.nlmsg_type	= RTM_NEWNEIGH,
		.nlmsg_flags	= NLM_F_MULTI,
	};
	const struct vnb_tfdb_entry *e;
	int err = 0;

	/* nobody hears later of what was before */
	vnb_news_tell(&tun->fdb.news);

	rcu_read_lock();
	list_for_each_entry_rcu(e, &tun->fdb.list, list) {
		err = vnb_tfdb_nl_dump_entry(skb, cb, tun, e, &what);
		if (err)
			break;
	}
	rcu_read_unlock();

	return err;
}

/* A tunnel has one VNI, which a lookup may repeat. */
static int vnb_tfdb_nl_check_vni(const struct vnb_tunnel *tun,
				 const struct nlattr *attr,
				 struct netlink_ext_ack *extack)
{
	u32 vni;
	int err;

	err = vnb_tfdb_nl_parse_vni(&vni, attr, extack);
	if (!err && vni != rtnl_dereference(tun->cfg)->vni)
		err = vnb_tfdb_nl_refuse(attr,
					 "vni is not the VNI of the tunnel",
					 -ENOENT, extack);

	return err;
}

int vnb_tfdb_nl_get(struct sk_buff *skb, struct nlattr *tb[],
		    struct net_device *dev, const unsigned char *addr, u16 vid,
		    u32 portid, u32 seq, struct netlink_ext_ack *extack)
{
	const struct nlmsghdr what = {
		.nlmsg_seq	= seq,
		.nlmsg_type	= RTM_NEWNEIGH,
	};
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	const struct vnb_tfdb_entry *e;
	int err;

	if (tb[NDA_VNI]) {
		err = vnb_tfdb_nl_check_vni(tun, tb[NDA_VNI], extack);
		if (err)
			return err;
	}

	vnb_news_tell(&tun->fdb.news);

	rcu_read_lock();
	e = vnb_tfdb_find_rcu(&tun->fdb, addr);
	if (e) {
		err = vnb_tfdb_nl_fill(skb, tun, e, e->remotes[0], portid,
				       &what);
	} else {
		NL_SET_ERR_MSG(extack, "No such entry");
		err = -ENOENT;
	}
	rcu_read_unlock();

	return err;
}
