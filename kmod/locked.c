// SPDX-License-Identifier: GPL-2.0
/*
 * Ports that forward for known addresses only.
 */
#include "locked.h"

#include "bridge.h"

/* Nobody takes an address over by sending with it. */
static bool vnb_locked_is_here(const struct vnb_port *port,
			       const struct vnb_fdb_entry *f)
{
	return !(READ_ONCE(f->flags) & VNB_FDB_LOCAL) &&
	       rcu_access_pointer(f->port) == port;
}

enum vnb_drop vnb_locked_verdict(const struct vnb_port *port, const u8 *addr,
				 u16 vid, struct vnb_fdb_entry **entry)
{
	struct vnb_fdb_entry *f = vnb_fdb_lookup_rcu(port->br, addr, vid);

	*entry = f;
	return f && vnb_locked_is_here(port, f) &&
	       !(READ_ONCE(f->flags) & VNB_FDB_LOCKED) ?
	       VNB_OK : VNB_DROP_LOCKED;
}

static void vnb_locked_heard(struct vnb_port *port, struct vnb_fdb_entry *f)
{
	vnb_fdb_touch(f);
	if (READ_ONCE(f->flags) & VNB_FDB_INACTIVE)
		vnb_fdb_wake(port, f);
}

enum vnb_drop vnb_locked_check(struct vnb_port *port, const u8 *addr, u16 vid)
{
	u32 flags = READ_ONCE(port->flags);
	struct vnb_fdb_entry *f;
	enum vnb_drop why;

	if (!(flags & VNB_PORT_LOCKED))
		return VNB_OK;

	why = vnb_locked_verdict(port, addr, vid, &f);
	if (f) {
		if (flags & VNB_PORT_LEARNING && vnb_locked_is_here(port, f))
			vnb_locked_heard(port, f);
	} else if (flags & VNB_PORT_MAB) {
		vnb_fdb_learn_new(port, addr, vid,
				  VNB_FDB_LEARNED | VNB_FDB_LOCKED);
	}

	return why;
}
