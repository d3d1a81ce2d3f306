// SPDX-License-Identifier: GPL-2.0
/*
 * The bridge's options for VLANs. What can fail comes first, and leaves no
 * trace if it does.
 */
#include "vlan.h"

#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "mst.h"
#include "vlan_stats.h"

#define VNB_VLAN_DEFAULT \
	(BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED)

/* Is the port still in the VLAN that it was put into by default? */
static bool vnb_vlan_is_default(const struct vnb_port *port, u16 pvid)
{
	return pvid && vnb_vlan_is_member(port, pvid) &&
	       vnb_vlan_flags(port, pvid) == VNB_VLAN_DEFAULT;
}

/*
 * A port that is not in the old default as it was put there was configured by a
 * user, and is left alone. While there was none, all get the new one (in-tree).
 */
static bool vnb_vlan_pvid_enters(const struct vnb_port *port, u16 pvid)
{
	u16 old = port->br->default_pvid;

	return pvid && pvid != old && !vnb_vlan_is_member(port, pvid) &&
	       (!old || vnb_vlan_is_default(port, old));
}

/* Likewise, one that is in the new default already stays in both. */
static bool vnb_vlan_pvid_leaves(const struct vnb_port *port, u16 pvid)
{
	u16 old = port->br->default_pvid;

	return pvid != old && vnb_vlan_is_default(port, old) &&
	       !vnb_vlan_is_member(port, pvid);
}

bool vnb_vlan_will_be_in_any(const struct vnb_port *port, u16 pvid)
{
	ASSERT_RTNL();

	return vnb_vlan_pvid_enters(port, pvid) ||
	       port->n_vlans > vnb_vlan_pvid_leaves(port, pvid);
}

static int vnb_vlan_pvid_prepare_port(struct vnb_port *port, u16 pvid,
				      struct netlink_ext_ack *extack)
{
	return vnb_vlan_pvid_enters(port, pvid) ?
	       vnb_vlan_prepare(port, pvid, extack) : 0;
}

static void vnb_vlan_abort_all(struct vnb_bridge *br)
{
	struct vnb_port *port;

	list_for_each_entry(port, &br->ports, list)
		vnb_vlan_abort(port);
	vnb_vlan_abort(&br->local);
}

static int vnb_vlan_pvid_prepare(struct vnb_bridge *br, u16 pvid,
				 struct netlink_ext_ack *extack)
{
	struct vnb_port *port;
	int err;

	err = vnb_vlan_pvid_prepare_port(&br->local, pvid, extack);
	if (err)
		goto err_abort;

	list_for_each_entry(port, &br->ports, list) {
		err = vnb_vlan_pvid_prepare_port(port, pvid, extack);
		if (err)
			goto err_abort;
	}

	return 0;

err_abort:
	vnb_vlan_abort_all(br);
	return err;
}

static void vnb_vlan_pvid_leave(struct vnb_port *port)
{
	u16 old = port->br->default_pvid;

	vnb_vlan_clear(port, old);
	vnb_vlan_forget(port);
	vnb_vlan_notify(port, old, old, RTM_DELVLAN);
	/* messages about the port have options of its VLANs */
	if (rcu_access_pointer(port->neigh_vlans))
		vnb_bridge_notify(port, RTM_NEWLINK);
}

static void vnb_vlan_pvid_leave_all(struct vnb_bridge *br, u16 pvid)
{
	struct vnb_port *port;

	if (vnb_vlan_pvid_leaves(&br->local, pvid))
		vnb_vlan_pvid_leave(&br->local);
	list_for_each_entry(port, &br->ports, list)
		if (vnb_vlan_pvid_leaves(port, pvid))
			vnb_vlan_pvid_leave(port);
}

/* A port that leaves enters first: frames without a tag are always in one. */
static void vnb_vlan_pvid_commit_port(struct vnb_port *port, u16 pvid)
{
	bool enters = pvid && vnb_vlan_get(port, pvid) == VNB_VLAN_PENDING;
	bool leaves = vnb_vlan_pvid_leaves(port, pvid);

	if (enters)
		vnb_vlan_set(port, pvid, VNB_VLAN_DEFAULT);
	if (leaves)
		vnb_vlan_pvid_leave(port);
	if (enters)
		vnb_vlan_notify(port, pvid, pvid, RTM_NEWVLAN);
}

static void vnb_vlan_pvid_commit(struct vnb_bridge *br, u16 pvid)
{
	struct vnb_port *port;

	if (pvid == br->default_pvid)
		return;

	vnb_vlan_pvid_commit_port(&br->local, pvid);
	list_for_each_entry(port, &br->ports, list)
		vnb_vlan_pvid_commit_port(port, pvid);
	br->default_pvid = pvid;
}

/* Counters are of a bridge or of a port; whose they are, is not to change. */
static int vnb_vlan_check_per_port(const struct vnb_bridge *br,
				   const struct vnb_bridge_config *conf,
				   struct netlink_ext_ack *extack)
{
	const struct vnb_port *port;

	if (conf->vlan_stats_per_port ==
	    !!(br->opts & VNB_BRIDGE_VLAN_STATS_PER_PORT))
		return 0;

	list_for_each_entry(port, &br->ports, list) {
		if (!port->n_vlans)
			continue;
		NL_SET_ERR_MSG_ATTR(extack, conf->per_port_attr,
				    "vlan_stats_per_port: a port has VLANs already");
		return -EBUSY;
	}

	return 0;
}

static void vnb_vlan_set_opt(struct vnb_bridge *br, u32 opt, bool on)
{
	WRITE_ONCE(br->opts, on ? br->opts | opt : br->opts & ~opt);
}

/* No port has counters now, but it may have had some. */
static void vnb_vlan_set_per_port(struct vnb_bridge *br, bool on)
{
	struct vnb_port *port;

	if (on == !!(br->opts & VNB_BRIDGE_VLAN_STATS_PER_PORT))
		return;

	vnb_vlan_set_opt(br, VNB_BRIDGE_VLAN_STATS_PER_PORT, on);
	list_for_each_entry(port, &br->ports, list)
		vnb_vlan_stats_free(port);
}

/* Addresses were learned with their VLANs, or without. */
static void vnb_vlan_set_filtering(struct vnb_bridge *br, bool on)
{
	const struct vnb_fdb_filter dynamic = {
		.mask = VNB_FDB_STATIC | VNB_FDB_LOCAL | VNB_FDB_EXT_LEARNED |
			VNB_FDB_USER,
	};

	if (on == vnb_bridge_filters(br))
		return;

	vnb_vlan_set_opt(br, VNB_BRIDGE_VLAN_FILTERING, on);
	vnb_fdb_flush(br, &dynamic);
}

int vnb_vlan_config_prepare(struct vnb_bridge *br,
			    const struct vnb_bridge_config *conf,
			    struct netlink_ext_ack *extack)
{
	u32 opts = br->opts;
	int err;

	ASSERT_RTNL();

	err = vnb_vlan_check_per_port(br, conf, extack);
	if (err)
		return err;

	err = conf->vlan_filtering ? vnb_fdb_count_vlans(br) : 0;
	if (err)
		return err;

	vnb_vlan_set_per_port(br, conf->vlan_stats_per_port);
	if (conf->vlan_stats && !(opts & VNB_BRIDGE_VLAN_STATS)) {
		err = vnb_vlan_stats_enable(br);
		if (err)
			goto err_per_port;
	}

	err = vnb_vlan_pvid_prepare(br, conf->default_pvid, extack);
	if (err)
		goto err_stats;

	if (conf->vlan_proto != br->vlan_proto) {
		err = vnb_vlan_proto_prepare(br, conf->vlan_proto, extack);
		if (err)
			goto err_pvid;
	}

	return 0;

err_pvid:
	vnb_vlan_abort_all(br);
err_stats:
	if (!(opts & VNB_BRIDGE_VLAN_STATS))
		vnb_vlan_stats_disable(br);
err_per_port:
	vnb_vlan_set_per_port(br, opts & VNB_BRIDGE_VLAN_STATS_PER_PORT);
	return err;
}

void vnb_vlan_config_commit(struct vnb_bridge *br,
			    const struct vnb_bridge_config *conf,
			    struct vnb_mst *mst)
{
	ASSERT_RTNL();

	if (conf->vlan_proto != br->vlan_proto)
		vnb_vlan_proto_commit(br, conf->vlan_proto);

	/*
	 * No port is ever in a VLAN with a state that it has neither before nor
	 * afterwards: that may close a loop. In between it is in none.
	 */
	if (mst != rtnl_dereference(br->mst))
		vnb_vlan_pvid_leave_all(br, conf->default_pvid);
	vnb_mst_commit(br, mst);

	vnb_vlan_pvid_commit(br, conf->default_pvid);
	vnb_vlan_set_filtering(br, conf->vlan_filtering);
	if (!conf->vlan_stats)
		vnb_vlan_stats_disable(br);
}
