/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/netdevice.h>

#ifndef VNB_COMPAT_LINUX_NETDEVICE_H
#define VNB_COMPAT_LINUX_NETDEVICE_H

#ifdef CONFIG_PREEMPT_RT
#error "PREEMPT_RT is not supported: softirqs must not be preempted"
#endif

/* Declare @name as a function that member @op of struct @ops can point to. */
#define VNB_DECLARE_OP(ops, op, name) \
	extern typeof(*((struct ops *)NULL)->op) name

static inline void vnb_set_lltx(struct net_device *dev)
{
#ifdef VNB_HAVE_DEV_LLTX
	dev->lltx = true;
#else
	/*
	 * v6.12, 00d066a4d4ed ("netdev_features: convert NETIF_F_LLTX to
	 * dev->lltx")
	 */
	dev->features |= NETIF_F_LLTX;
#endif
}

static inline void vnb_set_netns_immutable(struct net_device *dev)
{
#if defined(VNB_HAVE_DEV_NETNS_IMMUTABLE)
	dev->netns_immutable = true;
#elif defined(VNB_HAVE_DEV_NETNS_LOCAL)
	/* v6.15, 0c493da86374 ("net: rename netns_local to netns_immutable") */
	dev->netns_local = true;
#else
	/*
	 * v6.12, 05c1280a2bcf ("netdev_features: convert NETIF_F_NETNS_LOCAL
	 * to dev->netns_local")
	 */
	dev->features |= NETIF_F_NETNS_LOCAL;
#endif
}

static inline void vnb_set_change_proto_down(struct net_device *dev)
{
#ifdef VNB_HAVE_CHANGE_PROTO_DOWN
	dev->change_proto_down = true;
#else
	/*
	 * v6.12, beb5a9bea823 ("netdevice: convert private flags > BIT(31) to
	 * bitfields")
	 */
	dev->priv_flags |= IFF_CHANGE_PROTO_DOWN;
#endif
}

/*
 * Who else sees a frame on @dev. All are valid until the next frame only:
 * nothing may be remembered of the answers.
 */

/* A packet socket, on @dev or on every device. Under RCU. */
static inline bool vnb_taps_active(const struct net_device *dev)
{
#ifdef VNB_HAVE_DEV_NIT_ACTIVE_RCU
	return dev_nit_active_rcu(dev);
#else
	/* v6.15, c353e8983e0d ("net: introduce per netns packet chains") */
	return dev_nit_active((struct net_device *)dev);
#endif
}

static inline bool vnb_tc_ingress_active(const struct net_device *dev)
{
#if defined(VNB_HAVE_DEV_TCX) && defined(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_ingress);
#elif !defined(VNB_HAVE_DEV_TCX) && defined(CONFIG_NET_CLS_ACT)
	/*
	 * v6.6, e420bed02507 ("bpf: Add fd-based tcx multi-prog infra with link
	 * support")
	 */
	return rcu_access_pointer(dev->miniq_ingress);
#else
	return false;
#endif
}

static inline bool vnb_tc_egress_active(const struct net_device *dev)
{
#if defined(VNB_HAVE_DEV_TCX) && defined(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_egress);
#elif !defined(VNB_HAVE_DEV_TCX) && defined(CONFIG_NET_CLS_ACT)
	return rcu_access_pointer(dev->miniq_egress);
#else
	return false;
#endif
}

/* Hooks of nftables family netdev. */
static inline bool vnb_nf_ingress_active(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_INGRESS
	return rcu_access_pointer(dev->nf_hooks_ingress);
#else
	return false;
#endif
}

static inline bool vnb_nf_egress_active(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_EGRESS
	return rcu_access_pointer(dev->nf_hooks_egress);
#else
	return false;
#endif
}

/* v7.1 */
#ifndef VNB_HAVE_NETDEV_FROM_PRIV
static inline struct net_device *vnb_compat_netdev_from_priv(const void *priv)
{
	return (void *)priv - ALIGN(sizeof(struct net_device), NETDEV_ALIGN);
}

#define netdev_from_priv vnb_compat_netdev_from_priv
#endif

/* v6.17, 93893a57efd4 ("net: s/dev_get_flags/netif_get_flags/") */
#ifndef VNB_HAVE_NETIF_GET_FLAGS
#define netif_get_flags dev_get_flags
#endif

/*
 * v6.17, 0413a34ef678
 * ("net: s/dev_pre_changeaddr_notify/netif_pre_changeaddr_notify/"): a source
 * that calls it ends with VNB_IMPORT_NETDEV_INTERNAL;
 */
#ifdef VNB_HAVE_NETIF_PRE_CHANGEADDR
#define VNB_IMPORT_NETDEV_INTERNAL	MODULE_IMPORT_NS("NETDEV_INTERNAL")
#else
#define VNB_IMPORT_NETDEV_INTERNAL	static_assert(true)
#define netif_pre_changeaddr_notify dev_pre_changeaddr_notify
#endif

/*
 * Functions behind ndo_fdb_add and ndo_fdb_del are written as
 *
 *	int VNB_NDO_FDB_ADD(name, <the parameters>)
 *	{
 *
 * v6.13, 4b42fbc6bd8f ("ndo_fdb_add: Add a parameter to report whether
 * notification was sent") and 42575ad5aab9 for ndo_fdb_del. Before, the core
 * sends its own notification whatever @notified says.
 */
#ifdef VNB_HAVE_FDB_NOTIFIED
#define VNB_NDO_FDB_ADD(name, ...)	name(__VA_ARGS__)
#define VNB_NDO_FDB_DEL(name, ...)	name(__VA_ARGS__)
#else
#define VNB_NDO_FDB_ADD(name, ...)					\
name(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,	\
	const unsigned char *addr, u16 vid, u16 flags,			\
	struct netlink_ext_ack *extack);				\
static int vnb_compat_##name(__VA_ARGS__);				\
int name(struct ndmsg *ndm, struct nlattr *tb[],			\
	 struct net_device *dev, const unsigned char *addr, u16 vid,	\
	 u16 flags, struct netlink_ext_ack *extack)			\
{									\
	bool notified = false;						\
									\
	return vnb_compat_##name(ndm, tb, dev, addr, vid, flags,	\
				 &notified, extack);			\
}									\
static int vnb_compat_##name(__VA_ARGS__)

#define VNB_NDO_FDB_DEL(name, ...)					\
name(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,	\
	const unsigned char *addr, u16 vid,				\
	struct netlink_ext_ack *extack);				\
static int vnb_compat_##name(__VA_ARGS__);				\
int name(struct ndmsg *ndm, struct nlattr *tb[],			\
	 struct net_device *dev, const unsigned char *addr, u16 vid,	\
	 struct netlink_ext_ack *extack)				\
{									\
	bool notified = false;						\
									\
	return vnb_compat_##name(ndm, tb, dev, addr, vid, &notified,	\
				 extack);				\
}									\
static int vnb_compat_##name(__VA_ARGS__)
#endif

/*
 * Likewise. v6.8, 38985e8c278b ("net: Handle bulk delete policy in bridge
 * driver"): before, the core parses the message and passes what follows its
 * header.
 */
#ifdef VNB_HAVE_FDB_DEL_BULK_NLH
#define VNB_NDO_FDB_DEL_BULK(name, ...)	name(__VA_ARGS__)
#else
#define VNB_NDO_FDB_DEL_BULK(name, ...)					\
name(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,	\
	u16 vid, struct netlink_ext_ack *extack);			\
static int vnb_compat_##name(__VA_ARGS__);				\
int name(struct ndmsg *ndm, struct nlattr *tb[],			\
	 struct net_device *dev, u16 vid,				\
	 struct netlink_ext_ack *extack)				\
{									\
	return vnb_compat_##name((void *)ndm - NLMSG_HDRLEN, dev,	\
				 extack);				\
}									\
static int vnb_compat_##name(__VA_ARGS__)
#endif

/*
 * Initializers of ndo_mdb_*. v6.4, cc7f5022f810 ("rtnetlink: bridge: mcast:
 * Move MDB handlers out of bridge driver"): before, RTM_*MDB belong to the
 * bridge module.
 */
#ifdef VNB_HAVE_NDO_MDB
#define VNB_NDO_MDB(add, del, del_bulk, dump, get)	\
	.ndo_mdb_add		= add,			\
	.ndo_mdb_del		= del,			\
	.ndo_mdb_del_bulk	= del_bulk,		\
	.ndo_mdb_dump		= dump,			\
	.ndo_mdb_get		= get,
#else
#define VNB_NDO_MDB(add, del, del_bulk, dump, get)
#endif

#endif /* VNB_COMPAT_LINUX_NETDEVICE_H */
