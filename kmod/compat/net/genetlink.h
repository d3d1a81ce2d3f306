/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/genetlink.h>

#ifndef VNB_COMPAT_NET_GENETLINK_H
#define VNB_COMPAT_NET_GENETLINK_H

/* The attributes of the request that a dumpit answers. */
static inline struct nlattr **vnb_genl_dump_attrs(struct netlink_callback *cb)
{
#ifdef VNB_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	/* v6.6, 7288dd2fd488 ("genetlink: use attrs from struct genl_info") */
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* VNB_COMPAT_NET_GENETLINK_H */
