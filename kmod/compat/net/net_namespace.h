/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/net_namespace.h>

#ifndef VNB_COMPAT_NET_NET_NAMESPACE_H
#define VNB_COMPAT_NET_NET_NAMESPACE_H

/*
 * The function behind pernet_operations::exit_rtnl is written as
 *
 *	static void VNB_EXIT_RTNL(name, <the parameters>)
 *	{
 *
 * v6.16, 7a60d91c690b ("net: Add ->exit_rtnl() hook to struct
 * pernet_operations."): before, one call is for a list of namespaces.
 */
#ifdef VNB_HAVE_EXIT_RTNL
#define VNB_EXIT_RTNL(name, ...)	name(__VA_ARGS__)
#else
#define exit_rtnl exit_batch_rtnl

#define VNB_EXIT_RTNL(name, ...)					\
name(struct list_head *net_list, struct list_head *dev_list);		\
static void vnb_compat_##name(__VA_ARGS__);				\
void name(struct list_head *net_list, struct list_head *dev_list)	\
{									\
	struct net *net;						\
									\
	list_for_each_entry(net, net_list, exit_list)			\
		vnb_compat_##name(net, dev_list);			\
}									\
static void vnb_compat_##name(__VA_ARGS__)
#endif

#endif /* VNB_COMPAT_NET_NET_NAMESPACE_H */
