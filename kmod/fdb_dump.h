/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FDB_DUMP_H
#define VNB_FDB_DUMP_H

#include <linux/netdevice.h>
#include <linux/netlink.h>

/**
 * struct vnb_fdb_dump - how far a dump of a forwarding table has come
 *
 * A number of entries would not do: those that are removed between two parts of
 * a dump would hide as many of those that stay. The list of a table has its
 * entries in the order of their serial numbers, which are not used again (not
 * before 4 billion entries, where a long has 32 bits).
 */
struct vnb_fdb_dump {
	/** @ifindex: device whose table it is */
	int		ifindex;

	/** @has: destinations of the entry @serial that the reader has */
	u16		has;

	/** @version: of that entry at that time */
	u8		version;

	/** @serial: of the first entry that the reader does not have */
	unsigned long	serial;
};

/**
 * vnb_fdb_dump() - how far a dump has come in the table of a device
 * @cb: callback state of ndo_fdb_dump(); the core itself, and
 *	ndo_dflt_fdb_dump(), use less than half of its arguments in all kernels
 * @dev: the device
 *
 * Return: it, in @cb.
 */
static inline struct vnb_fdb_dump *vnb_fdb_dump(struct netlink_callback *cb,
						const struct net_device *dev)
{
	struct vnb_fdb_dump *dump = (void *)&cb->args[3];

	BUILD_BUG_ON(sizeof(*dump) > sizeof(cb->args) - 3 * sizeof(long));

	if (dump->ifindex != dev->ifindex)
		*dump = (struct vnb_fdb_dump) { .ifindex = dev->ifindex };

	return dump;
}

#endif /* VNB_FDB_DUMP_H */
