/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/rtnetlink.h>

#ifndef VNB_COMPAT_LINUX_RTNETLINK_H
#define VNB_COMPAT_LINUX_RTNETLINK_H

/**
 * vnb_fdb_dump_idx - where an ndo_fdb_dump continues
 * @cb: callback state of the dump
 *
 * Return: index of the first entry that the reader does not have yet.
 */
static inline unsigned long vnb_fdb_dump_idx(struct netlink_callback *cb)
{
#ifdef VNB_HAVE_FDB_DUMP_CONTEXT
	return ((struct ndo_fdb_dump_context *)cb->ctx)->fdb_idx;
#else
	/* v6.14, be325f08c432 ("rtnetlink: add ndo_fdb_dump_context") */
	return cb->args[2];
#endif
}

#endif /* VNB_COMPAT_LINUX_RTNETLINK_H */
