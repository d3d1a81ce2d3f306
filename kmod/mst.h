/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_MST_H
#define VNB_MST_H

#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <linux/vnetbr.h>
#include <net/netlink.h>

#include "bridge.h"

/**
 * DOC: Spanning trees of VLANs
 *
 * With ``mst_enabled``, each VLAN of a bridge belongs to a spanning tree
 * instance (MSTI, IEEE 802.1Q-2022 8.4 and clause 13), and a port has a state
 * in each of them. Instance 0 is the common tree (CIST): its state is that of
 * the port itself, and is all that matters to a frame in no VLAN. A port that
 * is disabled there, because it is down for example, is so in all of them.
 *
 * Who runs the protocol is in user space: it assigns VLANs to instances (an
 * option of the bridge) and sets states ("bridge mst set"). A port is disabled
 * in every instance but 0 until somebody says otherwise. States belong to
 * instances, not to VLANs: they stay while VLANs come and go. In-tree, a port
 * starts disabled in an instance that none of its VLANs was in before.
 *
 * The carrier of the bridge follows instance 0, as in-tree: it is there while a
 * port forwards in it, whatever the others do.
 *
 * Two tables, and each frame reads an element of both: from VLAN to instance,
 * 8 KiB for a bridge, which is replaced as a whole, so that no frame sees half
 * of a change; and from instance to state, 4 KiB for each port. There are none
 * unless ``mst_enabled`` is on.
 */

/*
 * Most instances of a bridge, beside instance 0. MSTP has no more (IEEE
 * 802.1Q-2022 5.4.1.1 and 8.9): its BPDU has room for the messages of 64
 * (clause 14). Every message about a port has its states.
 */
#define VNB_MST_MAX		64

/*
 * Most ranges of VLANs that its instances are made of. Every message about the
 * bridge has them, and has to fit into 4 KiB with all the others: a dump gets
 * that much for a message (NLMSG_GOODSIZE), and is over where one does not fit.
 */
#define VNB_MST_MAX_RANGES	256

/* Most ranges of a request, which replaces any of these tables by any other. */
#define VNB_MST_MAX_NAMED	(2 * VNB_MST_MAX_RANGES + 1)

/**
 * struct vnb_mst - which instances VLANs are in; never changes
 */
struct vnb_mst {
	/** @msti: by VLAN; 0 for 0, which is no VLAN */
	u16	msti[VLAN_N_VID];
};

/**
 * struct vnb_mst_port - states of a port
 */
struct vnb_mst_port {
	/** @state: BR_STATE_* by instance; of 0 it is in vnb_port. RTNL */
	u8	state[VLAN_N_VID];
};

/**
 * vnb_mst_state() - state of a port in the instance of a VLAN
 * @port: a port, or the bridge's own, which always forwards
 * @vid: 0 to 4095; 0 for a frame without a VLAN
 *
 * Context: RCU read section, or RTNL.
 * Return: BR_STATE_*; without mst_enabled, the state of the port.
 */
u8 vnb_mst_state(const struct vnb_port *port, u16 vid);

/**
 * vnb_port_vlan_state() - state of a port for frames in a VLAN
 * @port: a port, or the bridge's own
 * @flags: vnb_port.flags of it
 * @vid: as for vnb_mst_state()
 *
 * Context: as vnb_mst_state().
 * Return: BR_STATE_*.
 */
static inline u8 vnb_port_vlan_state(const struct vnb_port *port, u32 flags,
				     u16 vid)
{
	if (unlikely(flags & VNB_PORT_MST))
		return vnb_mst_state(port, vid);

	return READ_ONCE(port->state);
}

/**
 * vnb_mst_decides() - does the state of a port not say what becomes of a frame?
 * @port: where it comes in
 * @opts: vnb_bridge.opts of its bridge
 *
 * Return: whether its VLAN has to be known first.
 */
static inline bool vnb_mst_decides(const struct vnb_port *port, u32 opts)
{
	const u32 both = VNB_BRIDGE_VLAN_FILTERING | VNB_BRIDGE_MST;

	return (opts & both) == both &&
	       READ_ONCE(port->state) != BR_STATE_DISABLED;
}

/**
 * vnb_mst_instance() - which instance is a VLAN in?
 * @br: the bridge
 * @vid: as for vnb_mst_state()
 *
 * Context: as vnb_mst_state().
 * Return: 0 to 4095; 0 without mst_enabled.
 */
u16 vnb_mst_instance(const struct vnb_bridge *br, u16 vid);

/* All that follows runs in process context, under RTNL. */

/**
 * vnb_mst_forget() - the addresses behind a port cannot be reached where it is
 * closed
 * @port: the port, with %VNB_PORT_MST
 *
 * Removes its entries in VLANs in which it does not learn, those that are not
 * static or external; none of a port that is disabled and has a backup in its
 * place.
 */
void vnb_mst_forget(struct vnb_port *port);

/**
 * vnb_mst_prepare() - do all that can fail before instances change
 * @br: the bridge
 * @conf: as it is to be
 * @next: gets the table that is to be used, the present one if it is the same;
 *	NULL for mst_enabled off
 * @extack: says what is wrong
 *
 * Undone by vnb_mst_abort(), made good by vnb_mst_commit().
 * Return: 0, -EBUSY, -E2BIG or -ENOMEM.
 */
int vnb_mst_prepare(struct vnb_bridge *br, const struct vnb_bridge_config *conf,
		    struct vnb_mst **next, struct netlink_ext_ack *extack);

/** vnb_mst_abort() - undo vnb_mst_prepare() */
void vnb_mst_abort(struct vnb_bridge *br, struct vnb_mst *next);

/**
 * vnb_mst_commit() - have VLANs in other instances
 * @br: the bridge
 * @next: what vnb_mst_prepare() gave
 *
 * Waits for a grace period if there was a table before. Forgets what was
 * learned where nothing would be learned now, and tells listeners of the ports
 * in VLANs that have moved.
 */
void vnb_mst_commit(struct vnb_bridge *br, struct vnb_mst *next);

/** vnb_mst_uninit() - free the table; no frame is on its way any more */
void vnb_mst_uninit(struct vnb_bridge *br);

/**
 * vnb_mst_port_init() - the states of a new port: disabled in all instances
 * @port: the port, not yet known to anybody
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_mst_port_init(struct vnb_port *port);

/** vnb_mst_port_uninit() - free them; nobody reads them any more */
void vnb_mst_port_uninit(struct vnb_port *port);

/** vnb_mst_port_reset() - disabled in all instances again */
void vnb_mst_port_reset(struct vnb_port *port);

/**
 * vnb_mst_next_range() - walk through a table
 * @mst: the table
 * @range: the last one, or all zero; gets the next VLANs in a row that are in
 *	one instance, which is not 0
 *
 * Context: RCU read section, or RTNL.
 * Return: whether there are any.
 */
bool vnb_mst_next_range(const struct vnb_mst *mst,
			struct vnetbr_mst_range *range);

/** vnb_mst_count_ranges() - how many of them are there? */
unsigned int vnb_mst_count_ranges(const struct vnb_mst *mst);

/* mst_nl.c */

/**
 * vnb_mst_config_parse() - read IFLA_VNETBR_BR_MST
 * @conf: gets it
 * @attr: the attribute
 * @extack: says what is wrong with it
 *
 * Return: 0, -EINVAL or -ERANGE.
 */
int vnb_mst_config_parse(struct vnb_bridge_config *conf,
			 const struct nlattr *attr,
			 struct netlink_ext_ack *extack);

/** vnb_mst_attr_size() - upper bound of what vnb_mst_fill() puts */
size_t vnb_mst_attr_size(const struct vnb_bridge *br);

/**
 * vnb_mst_fill() - put IFLA_VNETBR_BR_MST_ENABLED and IFLA_VNETBR_BR_MST
 * @skb: message
 * @br: the bridge
 *
 * Return: 0 or -EMSGSIZE.
 */
int vnb_mst_fill(struct sk_buff *skb, const struct vnb_bridge *br);

/**
 * vnb_mst_nl_check() - may the states of a port be changed like that?
 * @port: the port, or the bridge's own
 * @afspec: the nest whose IFLA_BRIDGE_MST say how, if any
 * @extack: names the attribute that is refused
 *
 * Return: 0 or a negative error.
 */
int vnb_mst_nl_check(const struct vnb_port *port, const struct nlattr *afspec,
		     struct netlink_ext_ack *extack);

/**
 * vnb_mst_nl_set() - change them; cannot fail
 * @port: the port
 * @afspec: what vnb_mst_nl_check() has seen
 *
 * Forgets what was learned where the port does not learn any more.
 * Return: whether that made a difference.
 */
bool vnb_mst_nl_set(struct vnb_port *port, const struct nlattr *afspec);

/**
 * vnb_mst_nl_size() - upper bound of what vnb_mst_nl_fill() puts
 * @port: the port, or the bridge's own
 *
 * Context: any.
 * Return: bytes.
 */
size_t vnb_mst_nl_size(const struct vnb_port *port);

/**
 * vnb_mst_nl_fill() - put IFLA_BRIDGE_MST: the instances of a port's VLANs
 * @skb: message
 * @port: the port, or the bridge's own
 *
 * Context: RCU read section, or RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int vnb_mst_nl_fill(struct sk_buff *skb, const struct vnb_port *port);

#endif /* VNB_MST_H */
