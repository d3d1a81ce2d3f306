/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/rtnetlink.h>

#ifndef VNB_COMPAT_NET_RTNETLINK_H
#define VNB_COMPAT_NET_RTNETLINK_H

/*
 * rtnl_link_ops::newlink is written as
 *
 *	static int VNB_NEWLINK(name, peer, <the parameters>)
 *	{
 *
 * and its ops name the same attribute @peer with VNB_PEER_TYPE(peer) in place
 * of .peer_type = peer.
 *
 * v6.15, 69c7be1b903f ("rtnetlink: Pack newlink() params into struct"): before,
 * a driver finds the namespace of the peer itself, and the core does not ask
 * whether the sender may create a device there.
 */
#ifdef VNB_HAVE_NEWLINK_PARAMS
#define VNB_PEER_TYPE(peer)		.peer_type = (peer),
#define VNB_NEWLINK(name, peer, ...)	name(__VA_ARGS__)
#else
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>

struct rtnl_newlink_params {
	struct net *src_net;
	struct net *link_net;
	struct net *peer_net;
	struct nlattr **tb;
	struct nlattr **data;
};

static inline struct net *
rtnl_newlink_link_net(struct rtnl_newlink_params *p)
{
	return p->link_net ? : p->src_net;
}

static inline struct net *
rtnl_newlink_peer_net(struct rtnl_newlink_params *p)
{
	return p->peer_net ? : rtnl_newlink_link_net(p);
}

/* As rtnl_get_peer_net() of v7.2. The caller puts the namespace, if any. */
static inline struct net *
vnb_compat_peer_net(const struct rtnl_newlink_params *p, int peer,
		    const struct rtnl_link_ops *ops,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *peer_tb[IFLA_MAX + 1], **tb = p->tb;
	struct net *net;
	int err;

	if (p->data && p->data[peer]) {
		tb = peer_tb;
		err = rtnl_nla_parse_ifinfomsg(tb, p->data[peer], extack);
		if (!err && ops->validate)
			err = ops->validate(tb, NULL, extack);
		if (err)
			return ERR_PTR(err);
	}

	if (!tb[IFLA_NET_NS_PID] && !tb[IFLA_NET_NS_FD])
		return NULL;

	net = rtnl_link_get_net(p->src_net, tb);
	if (!IS_ERR(net) && !ns_capable(net->user_ns, CAP_NET_ADMIN)) {
		put_net(net);
		NL_SET_ERR_MSG(extack, "No permission in the peer's namespace");
		return ERR_PTR(-EPERM);
	}

	return net;
}

static inline int
vnb_compat_newlink(int (*newlink)(struct net_device *dev,
				  struct rtnl_newlink_params *params,
				  struct netlink_ext_ack *extack),
		   struct net_device *dev, int peer,
		   struct rtnl_newlink_params *params,
		   struct netlink_ext_ack *extack)
{
	int err;

	params->peer_net = vnb_compat_peer_net(params, peer,
					       dev->rtnl_link_ops, extack);
	if (IS_ERR(params->peer_net))
		return PTR_ERR(params->peer_net);

	err = newlink(dev, params, extack);
	if (params->peer_net)
		put_net(params->peer_net);

	return err;
}

#define VNB_PEER_TYPE(peer)

#define VNB_NEWLINK(name, peer, ...)					\
name(struct net *src_net, struct net_device *dev, struct nlattr *tb[],	\
	struct nlattr *data[], struct netlink_ext_ack *extack);		\
static int vnb_compat_##name(__VA_ARGS__);				\
int name(struct net *src_net, struct net_device *dev,			\
	 struct nlattr *tb[], struct nlattr *data[],			\
	 struct netlink_ext_ack *extack)				\
{									\
	struct rtnl_newlink_params params = {				\
		.src_net = src_net,					\
		.tb = tb,						\
		.data = data,						\
	};								\
									\
	return vnb_compat_newlink(vnb_compat_##name, dev, peer,		\
				  &params, extack);			\
}									\
static int vnb_compat_##name(__VA_ARGS__)
#endif

#endif /* VNB_COMPAT_NET_RTNETLINK_H */
