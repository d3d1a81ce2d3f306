// SPDX-License-Identifier: GPL-2.0
/*
 * Spanning trees of VLANs: the tables. IEEE 802.1Q-2022 8.4, 8.9 and 13.
 */
#include "mst.h"

#include <linux/bitmap.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vlan.h"

u16 vnb_mst_instance(const struct vnb_bridge *br, u16 vid)
{
	const struct vnb_mst *mst = rcu_dereference_rtnl(br->mst);

	return mst ? mst->msti[vid] : 0;
}

u8 vnb_mst_state(const struct vnb_port *port, u16 vid)
{
	const struct vnb_mst_port *states = rcu_dereference_rtnl(port->mst);
	u8 state = READ_ONCE(port->state);
	u16 msti;

	/* No states: whoever asks has seen a flag that is newer, or older. */
	if (!states || state == BR_STATE_DISABLED)
		return state;

	msti = vnb_mst_instance(port->br, vid);
	return msti ? READ_ONCE(states->state[msti]) : state;
}

void vnb_mst_forget(struct vnb_port *port)
{
	const struct vnb_fdb_filter closed = {
		.port		= port,
		.closed_vlans	= true,
		.mask		= VNB_FDB_STATIC | VNB_FDB_LOCAL |
				  VNB_FDB_EXT_LEARNED,
	};

	/*
	 * What a backup reaches for it is not forgotten, whatever is closed
	 * meanwhile: that is done when it comes up.
	 */
	if (port->state == BR_STATE_DISABLED && vnb_backup_keeps(port))
		return;

	vnb_fdb_flush(port->br, &closed);
}

/* tables */

int vnb_mst_port_init(struct vnb_port *port)
{
	struct vnb_mst_port *states;

	if (!rtnl_dereference(port->br->mst))
		return 0;

	states = kzalloc_obj(*states);
	if (!states)
		return -ENOMEM;

	rcu_assign_pointer(port->mst, states);
	WRITE_ONCE(port->flags, port->flags | VNB_PORT_MST);
	return 0;
}

void vnb_mst_port_uninit(struct vnb_port *port)
{
	kfree(rtnl_dereference(port->mst));
	RCU_INIT_POINTER(port->mst, NULL);
}

void vnb_mst_port_reset(struct vnb_port *port)
{
	struct vnb_mst_port *states = rtnl_dereference(port->mst);
	unsigned int msti;

	static_assert(BR_STATE_DISABLED == 0);

	if (!states)
		return;

	for (msti = 1; msti < VLAN_N_VID; msti++)
		if (states->state[msti])
			WRITE_ONCE(states->state[msti], BR_STATE_DISABLED);
}

static void vnb_mst_free_states(struct vnb_bridge *br)
{
	struct vnb_port *port;

	list_for_each_entry(port, &br->ports, list)
		vnb_mst_port_uninit(port);
}

/* Nobody looks at them as long as the ports have no flag. */
static int vnb_mst_alloc_states(struct vnb_bridge *br)
{
	struct vnb_mst_port *states;
	struct vnb_port *port;

	list_for_each_entry(port, &br->ports, list) {
		states = kzalloc_obj(*states);
		if (!states) {
			vnb_mst_free_states(br);
			return -ENOMEM;
		}
		rcu_assign_pointer(port->mst, states);
	}

	return 0;
}

/*
 * As in-tree: VLANs of a port would come under another state at once, which may
 * close a loop. What counts are the VLANs that it has after the request.
 */
static int vnb_mst_check_idle(const struct vnb_bridge *br,
			      const struct vnb_bridge_config *conf,
			      struct netlink_ext_ack *extack)
{
	const struct vnb_port *port;

	list_for_each_entry(port, &br->ports, list) {
		if (!vnb_vlan_will_be_in_any(port, conf->default_pvid))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, conf->mst_enabled_attr,
				    "mst_enabled: cannot be changed while a port is in a VLAN");
		return -EBUSY;
	}

	return 0;
}

bool vnb_mst_next_range(const struct vnb_mst *mst,
			struct vnetbr_mst_range *range)
{
	unsigned int vid = range->last + 1;

	while (vid < VLAN_VID_MASK && !mst->msti[vid])
		vid++;
	if (vid >= VLAN_VID_MASK)
		return false;

	range->first = vid;
	range->msti = mst->msti[vid];
	while (vid < VLAN_VID_MASK && mst->msti[vid] == range->msti)
		range->last = vid++;
	return true;
}

unsigned int vnb_mst_count_ranges(const struct vnb_mst *mst)
{
	struct vnetbr_mst_range range = { };
	unsigned int n = 0;

	while (vnb_mst_next_range(mst, &range))
		n++;

	return n;
}

/* Put VLANs into other instances, as long as there are not too many. */
static int vnb_mst_assign(struct vnb_mst *mst, const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	const struct vnetbr_mst_range *range = nla_data(attr);
	DECLARE_BITMAP(used, VLAN_N_VID) = { };
	int n = nla_len(attr) / sizeof(*range);
	unsigned int vid;

	for (; n; n--, range++)
		for (vid = range->first; vid <= range->last; vid++)
			mst->msti[vid] = range->msti;

	for (vid = 1; vid < VLAN_VID_MASK; vid++)
		__set_bit(mst->msti[vid], used);
	__clear_bit(0, used);
	if (bitmap_weight(used, VLAN_N_VID) > VNB_MST_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "mst: more than 64 instances");
		return -E2BIG;
	}
	if (vnb_mst_count_ranges(mst) > VNB_MST_MAX_RANGES) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "mst: more than 256 ranges of VLANs");
		return -E2BIG;
	}

	return 0;
}

int vnb_mst_prepare(struct vnb_bridge *br, const struct vnb_bridge_config *conf,
		    struct vnb_mst **next, struct netlink_ext_ack *extack)
{
	const struct vnb_mst *old = rtnl_dereference(br->mst);
	struct vnb_mst *mst;
	int err = 0;

	*next = conf->mst_enabled ? rtnl_dereference(br->mst) : NULL;
	if (conf->mst_enabled != !!old) {
		err = vnb_mst_check_idle(br, conf, extack);
		if (err)
			return err;
	}
	if (!conf->mst_enabled || (old && !conf->mst))
		return 0;

	mst = old ? kmemdup(old, sizeof(*old), GFP_KERNEL) : kzalloc_obj(*mst);
	if (!mst)
		return -ENOMEM;

	if (conf->mst)
		err = vnb_mst_assign(mst, conf->mst, extack);
	if (!err && !old)
		err = vnb_mst_alloc_states(br);
	if (err || (old && !memcmp(mst, old, sizeof(*mst))))
		kfree(mst);
	else
		*next = mst;

	return err;
}

void vnb_mst_abort(struct vnb_bridge *br, struct vnb_mst *next)
{
	const struct vnb_mst *old = rtnl_dereference(br->mst);

	if (!next || next == old)
		return;

	if (!old)
		vnb_mst_free_states(br);
	kfree(next);
}

static void vnb_mst_set_flags(struct vnb_bridge *br, bool on)
{
	struct vnb_port *port;

	WRITE_ONCE(br->opts, on ? br->opts | VNB_BRIDGE_MST :
				  br->opts & ~VNB_BRIDGE_MST);
	list_for_each_entry(port, &br->ports, list)
		WRITE_ONCE(port->flags, on ? port->flags | VNB_PORT_MST :
					     port->flags & ~VNB_PORT_MST);
}

/* Is one of the VLANs of a port in another instance? */
static bool vnb_mst_port_moves(const struct vnb_port *port,
			       const struct vnb_mst *old,
			       const struct vnb_mst *next)
{
	u16 vid;

	vnb_vlan_for_each(port, vid)
		if (old->msti[vid] != next->msti[vid])
			return true;

	return false;
}

/* What follows for ports. */
static void vnb_mst_tell(struct vnb_bridge *br, const struct vnb_mst *old,
			 const struct vnb_mst *next)
{
	struct vnb_port *port;

	list_for_each_entry(port, &br->ports, list) {
		if (!vnb_mst_port_moves(port, old, next))
			continue;
		vnb_mst_forget(port);
		vnb_bridge_notify(port, RTM_NEWLINK);
	}
}

void vnb_mst_commit(struct vnb_bridge *br, struct vnb_mst *next)
{
	struct vnb_mst *old = rtnl_dereference(br->mst);

	ASSERT_RTNL();
	if (next == old)
		return;

	rcu_assign_pointer(br->mst, next);
	vnb_mst_set_flags(br, next);
	if (!old)
		return;

	synchronize_net();
	if (next)
		vnb_mst_tell(br, old, next);
	else
		vnb_mst_free_states(br);
	kfree(old);
}

void vnb_mst_uninit(struct vnb_bridge *br)
{
	kfree(rtnl_dereference(br->mst));
}
