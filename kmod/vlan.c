// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of VLANs: which ports are in which VLANs, and how.
 * IEEE 802.1Q-2022 8.8.10.
 */
#include "vlan.h"

#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "vlan_stats.h"

static void vnb_vlan_put(struct vnb_port *port, u16 vid, u32 state)
{
	u32 *word = &port->vlans->word[vid / VNB_VLAN_PER_WORD];
	unsigned int shift = vid % VNB_VLAN_PER_WORD * VNB_VLAN_BITS;
	u32 mask = BIT(VNB_VLAN_BITS) - 1;

	ASSERT_RTNL();
	WRITE_ONCE(*word, (*word & ~(mask << shift)) | state << shift);
}

/* The first VLAN from @vid on that has one of the bits @state. */
static u16 vnb_vlan_find(const struct vnb_port *port, u16 vid, u32 state)
{
	while (vid < VLAN_N_VID && !(vnb_vlan_get(port, vid) & state)) {
		if (READ_ONCE(port->vlans->word[vid / VNB_VLAN_PER_WORD]))
			vid++;
		else
			vid = round_up(vid + 1, VNB_VLAN_PER_WORD);
	}

	return vid;
}

u16 vnb_vlan_next(const struct vnb_port *port, u16 vid)
{
	return vnb_vlan_find(port, vid, VNB_VLAN_MEMBER);
}

/* Also those that are only prepared. */
#define vnb_vlan_for_each_held(port, vid)				\
	for ((vid) = vnb_vlan_find(port, 1, ~0U); (vid) < VLAN_N_VID;	\
	     (vid) = vnb_vlan_find(port, (vid) + 1, ~0U))

u16 vnb_vlan_flags(const struct vnb_port *port, u16 vid)
{
	u16 flags = 0;

	if (vnb_vlan_get(port, vid) & VNB_VLAN_UNTAGGED)
		flags |= BRIDGE_VLAN_INFO_UNTAGGED;
	if (READ_ONCE(port->pvid) == vid)
		flags |= BRIDGE_VLAN_INFO_PVID;

	return flags;
}

/*
 * A NIC may sort out frames by their VLAN, some even when they are asked for
 * all. Our own devices do not, and need not remember what they are told.
 */
static bool vnb_vlan_has_filter(const struct vnb_port *port)
{
	return port->type == VNB_PORT_FOREIGN;
}

static int vnb_vlan_filter_add(const struct vnb_port *port, __be16 proto,
			       u16 vid, struct netlink_ext_ack *extack)
{
	int err;

	if (!vnb_vlan_has_filter(port))
		return 0;

	err = vlan_vid_add(port->dev, proto, vid);
	if (err)
		NL_SET_ERR_MSG(extack,
			       "vlan: refused by the device, or no memory");
	return err;
}

static void vnb_vlan_filter_del(const struct vnb_port *port, __be16 proto,
				u16 vid)
{
	if (vnb_vlan_has_filter(port))
		vlan_vid_del(port->dev, proto, vid);
}

int vnb_vlan_prepare(struct vnb_port *port, u16 vid,
		     struct netlink_ext_ack *extack)
{
	int err;

	if (vnb_vlan_get(port, vid))
		return 0;

	err = vnb_vlan_stats_get(port, vid);
	if (err)
		return err;

	err = vnb_vlan_filter_add(port, port->br->vlan_proto, vid, extack);
	if (err) {
		vnb_vlan_stats_put(port, vid);
		return err;
	}

	vnb_vlan_put(port, vid, VNB_VLAN_PENDING);
	return 0;
}

/* Give back what vnb_vlan_prepare() took. */
static void vnb_vlan_release(struct vnb_port *port, u16 vid)
{
	vnb_vlan_put(port, vid, 0);
	vnb_vlan_filter_del(port, port->br->vlan_proto, vid);
	vnb_vlan_stats_put(port, vid);
}

void vnb_vlan_abort(struct vnb_port *port)
{
	u16 vid;

	vnb_vlan_for_each_held(port, vid) {
		if (!vnb_vlan_is_member(port, vid))
			vnb_vlan_release(port, vid);
		cond_resched();
	}
}

bool vnb_vlan_set(struct vnb_port *port, u16 vid, u16 flags)
{
	bool was = vnb_vlan_is_member(port, vid);
	bool same = was && vnb_vlan_flags(port, vid) == flags;

	if (!was)
		WRITE_ONCE(port->n_vlans, port->n_vlans + 1);
	vnb_vlan_put(port, vid, flags & BRIDGE_VLAN_INFO_UNTAGGED ?
		     VNB_VLAN_MEMBER | VNB_VLAN_UNTAGGED : VNB_VLAN_MEMBER);

	/* Only now: what has no tag is in it without a look at the table. */
	if (flags & BRIDGE_VLAN_INFO_PVID)
		WRITE_ONCE(port->pvid, vid);
	else if (port->pvid == vid)
		WRITE_ONCE(port->pvid, 0);

	return !same;
}

bool vnb_vlan_clear(struct vnb_port *port, u16 vid)
{
	if (!vnb_vlan_is_member(port, vid))
		return false;

	if (port->pvid == vid)
		WRITE_ONCE(port->pvid, 0);
	WRITE_ONCE(port->n_vlans, port->n_vlans - 1);
	vnb_neigh_vlan_leave(port, vid);
	vnb_vlan_release(port, vid);
	return true;
}

void vnb_vlan_forget(struct vnb_port *port)
{
	const struct vnb_fdb_filter filter = {
		.port		= port,
		.left_vlans	= true,
		.mask		= VNB_FDB_STATIC | VNB_FDB_LOCAL |
				  VNB_FDB_EXT_LEARNED,
	};

	vnb_fdb_flush(port->br, &filter);
}

/* Tell the filters of all ports that tags will have another protocol. */
int vnb_vlan_proto_prepare(struct vnb_bridge *br, __be16 proto,
			   struct netlink_ext_ack *extack)
{
	struct vnb_port *port;
	u16 vid, failed;
	int err = 0;

	list_for_each_entry(port, &br->ports, list) {
		vnb_vlan_for_each_held(port, vid) {
			err = vnb_vlan_filter_add(port, proto, vid, extack);
			if (err)
				goto err_del;
			cond_resched();
		}
	}

	return 0;

err_del:
	failed = vid;
	vnb_vlan_for_each_held(port, vid) {
		if (vid == failed)
			break;
		vnb_vlan_filter_del(port, proto, vid);
	}
	list_for_each_entry_continue_reverse(port, &br->ports, list)
		vnb_vlan_for_each_held(port, vid)
			vnb_vlan_filter_del(port, proto, vid);
	return err;
}

void vnb_vlan_proto_commit(struct vnb_bridge *br, __be16 proto)
{
	__be16 old = br->vlan_proto;
	struct vnb_port *port;
	u16 vid;

	WRITE_ONCE(br->vlan_proto, proto);
	list_for_each_entry(port, &br->ports, list) {
		vnb_vlan_for_each_held(port, vid)
			vnb_vlan_filter_del(port, old, vid);
		cond_resched();
	}
}

int vnb_vlan_port_init(struct vnb_port *port, struct netlink_ext_ack *extack)
{
	u16 pvid = port->br->default_pvid;
	int err;

	port->vlans = kzalloc_obj(*port->vlans);
	if (!port->vlans)
		return -ENOMEM;
	if (!pvid)
		return 0;

	err = vnb_vlan_prepare(port, pvid, extack);
	if (err) {
		vnb_vlan_stats_free(port);
		kfree(port->vlans);
		return err;
	}

	vnb_vlan_set(port, pvid,
		     BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED);
	return 0;
}

void vnb_vlan_port_uninit(struct vnb_port *port)
{
	u16 vid;

	vnb_vlan_for_each(port, vid) {
		vnb_vlan_release(port, vid);
		cond_resched();
	}
	vnb_vlan_stats_free(port);
	kfree(port->vlans);
}

int vnb_vlan_bridge_init(struct vnb_bridge *br)
{
	br->vlan_proto = htons(ETH_P_8021Q);
	br->default_pvid = 1;

	return vnb_vlan_port_init(&br->local, NULL);
}

void vnb_vlan_bridge_uninit(struct vnb_bridge *br)
{
	vnb_vlan_port_uninit(&br->local);
}
