/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_PORT_H
#define VNB_PORT_H

#include <linux/if_bridge.h>
#include <linux/netdevice.h>
#include <net/netlink.h>

#include "neigh.h"
#include "storm.h"
#include "stp.h"

struct vnb_bridge;
struct vnb_fdb_entry;
struct vnb_mst_port;
struct vnb_neigh_vlans;
struct vnb_vlan_counts;
struct vnb_vlans;

/**
 * enum vnb_port_type - what a port is, the common case first
 * @VNB_PORT_PAIR: one end of a pair of ours
 * @VNB_PORT_TUNNEL: a VXLAN tunnel of ours
 * @VNB_PORT_FOREIGN: any other Ethernet device
 * @VNB_PORT_LOCAL: the bridge device itself; not on the list of ports
 */
enum vnb_port_type {
	VNB_PORT_PAIR,
	VNB_PORT_TUNNEL,
	VNB_PORT_FOREIGN,
	VNB_PORT_LOCAL,
};

/* Bits of vnb_port.flags. */
#define VNB_PORT_LEARNING	BIT(0)
#define VNB_PORT_FLOOD		BIT(1)
#define VNB_PORT_MCAST_FLOOD	BIT(2)
#define VNB_PORT_BCAST_FLOOD	BIT(3)
#define VNB_PORT_HAIRPIN	BIT(4)
#define VNB_PORT_ISOLATED	BIT(5)
#define VNB_PORT_LOCKED		BIT(6)
#define VNB_PORT_MAB		BIT(7)
#define VNB_PORT_PROXYARP	BIT(8)
#define VNB_PORT_PROXYARP_WIFI	BIT(9)
#define VNB_PORT_NEIGH_SUPPRESS	BIT(10)
#define VNB_PORT_FORWARD_GRAT	BIT(11)
#define VNB_PORT_BPDU_GUARD	BIT(12)
#define VNB_PORT_ROOT_BLOCK	BIT(13)
#define VNB_PORT_NEIGH_VLAN	BIT(14)	/* see vnb_neigh_flags() */

/* ... and what follows from those, so that the path asks one question. */
#define VNB_PORT_LEARNS		BIT(16)	/* learning, and not locked */
#define VNB_PORT_PRIVATE	BIT(17)	/* isolated, or in a community */
#define VNB_PORT_STORM		BIT(18)	/* something is limited */
#define VNB_PORT_BACKUP		BIT(19)	/* has a backup port */
#define VNB_PORT_NO_GRAT	BIT(20)	/* suppresses what nobody asked for */
#define VNB_PORT_MST		BIT(21)	/* its state depends on the VLAN */

/* With one of these, vnb_rx() looks closer at every frame that comes in. */
#define VNB_PORT_RX_SPECIAL	(VNB_PORT_LOCKED | VNB_PORT_STORM)

#define VNB_PORT_FLAGS_DEFAULT	(VNB_PORT_LEARNING | VNB_PORT_LEARNS |	\
				 VNB_PORT_FLOOD | VNB_PORT_MCAST_FLOOD |\
				 VNB_PORT_BCAST_FLOOD)

/**
 * struct vnb_port_drops - of frames that came in through a port, on one CPU
 */
struct vnb_port_drops {
	/** @all: frames that went nowhere, whatever the reason */
	unsigned long	all;

	/** @storm: those that exceeded a limit, by enum vnb_storm_kind */
	unsigned long	storm[VNB_STORM_KINDS];
};

/**
 * struct vnb_port - a device enslaved to a bridge, or the bridge itself
 *
 * Read under RCU on the path, written under RTNL.
 */
struct vnb_port {
	/* read for every frame */

	/** @dev: the enslaved device; the bridge device for VNB_PORT_LOCAL */
	struct net_device	*dev;

	/** @br: the bridge */
	struct vnb_bridge	*br;

	/** @flags: VNB_PORT_* bits */
	u32			flags;

	/** @type: enum vnb_port_type, constant */
	u8			type;

	/**
	 * @state: BR_STATE_*; a port that is down is BR_STATE_DISABLED. Written
	 * under vnb_stp.lock
	 */
	u8			state;

	/** @group_fwd_mask: reserved groups to forward, bit = last nibble */
	u16			group_fwd_mask;

	/**
	 * @latest: the entry of the port that was learned last, or NULL. RCU,
	 * written under vnb_fdb.lock
	 */
	struct vnb_fdb_entry __rcu *latest;

	/** @list: on vnb_bridge.ports, RCU */
	struct list_head	list;

	/** @vlans: which VLANs it is in; lives as long as the port */
	struct vnb_vlans	*vlans;

	/** @pvid: VLAN of frames without one, a VLAN of the port, or 0 */
	u16			pvid;

	/** @community: only ports of the same one are not private to it */
	u32			community;

	/** @mst: states in spanning tree instances; NULL without MST. RCU */
	struct vnb_mst_port __rcu *mst;

	/* configuration and the writers of the forwarding table */

	/** @backup: gets what is for known addresses without link; RCU */
	struct vnb_port __rcu	*backup;

	/** @n_backup_of: ports whose @backup this is */
	unsigned int		n_backup_of;

	/** @fdb: the port's forwarding entries, under vnb_fdb.lock */
	struct hlist_head	fdb;

	/** @n_learned: how many of them were learned, under vnb_fdb.lock */
	unsigned int		n_learned;

	/**
	 * @max_learned: most of them, 0 is no limit;
	 * VNETBR_PORT_FDB_MAX_DEFAULT is vnb_fdb.max_port_learned
	 */
	u32			max_learned;

	/** @storm: limits of what is flooded, or NULL; RCU */
	struct vnb_storm __rcu	*storm;

	/** @drops: counters; NULL for VNB_PORT_LOCAL */
	struct vnb_port_drops __percpu *drops;

	/** @neigh_vlans: options of its VLANs; NULL if none was set. RCU */
	struct vnb_neigh_vlans __rcu *neigh_vlans;

	/** @user_state: BR_STATE_* wanted while the port is up */
	u8			user_state;

	/** @n_vlans: in how many VLANs it is; RTNL */
	u16			n_vlans;

	/**
	 * @vlan_counts: counters of VLANs, if they are the port's own; RCU,
	 * NULL while nothing is counted
	 */
	struct vnb_vlan_counts __rcu *vlan_counts;

	/** @no: port number, 1 to 65535, unique in the bridge */
	u16			no;

	/** @stp: spanning tree */
	struct vnb_stp_port	stp;

	/** @tracker: of the reference on @dev */
	netdevice_tracker	tracker;
};

/** vnb_port_state_learns() - does a port in BR_STATE_* look at sources? */
static inline bool vnb_port_state_learns(u8 state)
{
	return state == BR_STATE_FORWARDING || state == BR_STATE_LEARNING;
}

/**
 * vnb_port_count_drop() - count a frame that goes nowhere
 * @in: where it came in. The bridge counts what its host sends
 *
 * Context: BH disabled.
 */
static inline void vnb_port_count_drop(const struct vnb_port *in)
{
	if (in->drops)
		this_cpu_inc(in->drops->all);
}

/**
 * vnb_port_get_rcu() - the port that a device is
 * @dev: any device
 *
 * Return: the port when @dev is enslaved to a bridge of ours, else NULL. A port
 * is known by its rx_handler: no flag of @dev says so.
 * Context: RCU read section.
 */
struct vnb_port *vnb_port_get_rcu(const struct net_device *dev);

/**
 * vnb_port_get_rtnl() - the port that a device is
 * @dev: any device
 *
 * Return: as vnb_port_get_rcu(). Context: RTNL.
 */
struct vnb_port *vnb_port_get_rtnl(const struct net_device *dev);

/**
 * vnb_port_attach() - enslave a device
 * @br: the bridge
 * @dev: the device, in the namespace of the bridge
 * @extack: says what is wrong with @dev
 *
 * O(1) in the number of ports. Context: RTNL, process.
 *
 * Return: 0; -EBUSY when @dev has an rx_handler or master, -EINVAL when it is
 * not an Ethernet device that can be bridged, -ELOOP for a bridge, -EXFULL when
 * all port numbers are taken, -ENOMEM.
 */
int vnb_port_attach(struct vnb_bridge *br, struct net_device *dev,
		    struct netlink_ext_ack *extack);

/**
 * vnb_port_detach() - release a device and free its port
 * @port: the port, not the bridge's own
 *
 * Context: RTNL, process; waits for a grace period.
 */
void vnb_port_detach(struct vnb_port *port);

/**
 * vnb_port_set_state() - want a state for a port
 * @port: the port
 * @state: BR_STATE_*; in force while the device is up and has carrier
 *
 * Context: RTNL.
 */
void vnb_port_set_state(struct vnb_port *port, u8 state);

/**
 * vnb_port_forget_learned() - the addresses behind a port cannot be reached
 * @port: the port
 *
 * Removes its entries that are not static or external. Context: RTNL.
 */
void vnb_port_forget_learned(struct vnb_port *port);

/**
 * vnb_port_is_up() - is there a link, and a bridge that is up?
 * @port: the port
 *
 * Context: RTNL.
 * Return: if not, the port is BR_STATE_DISABLED whatever anybody wants.
 */
bool vnb_port_is_up(const struct vnb_port *port);

/**
 * vnb_port_enter_state() - put a state in force
 * @port: the port
 * @state: BR_STATE_*
 *
 * vnb_port_tell_state() has to follow. Context: under vnb_stp.lock.
 */
void vnb_port_enter_state(struct vnb_port *port, u8 state);

/**
 * vnb_port_tell_state() - do what follows from a new state of a port
 * @port: the port; nothing happens if its state is the old one
 *
 * Notifies listeners. Context: RTNL, process.
 */
void vnb_port_tell_state(struct vnb_port *port);

/**
 * vnb_port_update() - follow the device: up, down, carrier
 * @port: the port
 *
 * Context: RTNL; may run with the instance lock of the device held (7.2
 * notifiers), so that it never calls dev_*() setters on it.
 */
void vnb_port_update(struct vnb_port *port);

/* port_cfg.c: IFLA_BRPORT_* */

/**
 * struct vnb_port_config - the options of a port, but its state
 */
struct vnb_port_config {
	/** @flags: VNB_PORT_*, those that are options and those that follow */
	u32			flags;
	/** @group_fwd_mask: reserved groups to forward */
	u16			group_fwd_mask;
	/** @community: 0 is none */
	u32			community;
	/** @max_learned: entries; as in struct vnb_port */
	u32			max_learned;
	/** @backup: another port of the bridge, or NULL */
	struct vnb_port		*backup;
	/** @storm: limits of what is flooded */
	struct vnb_storm_rate	storm[VNB_STORM_KINDS];
	/**
	 * @neigh_vlans: by enum vnb_neigh_vlan_option, VLANs that change it, or
	 * NULL; an action, not a state
	 */
	const struct nlattr	*neigh_vlans[VNB_NEIGH_VLAN_OPTIONS];
};

/** vnb_port_policy - of IFLA_INFO_SLAVE_DATA and IFLA_PROTINFO */
extern const struct nla_policy vnb_port_policy[];

/**
 * VNB_PORT_SLAVE_MAX - largest IFLA_BRPORT_* in slave data ("ip link")
 *
 * rtnetlink limits it (RTNL_SLAVE_MAX_TYPE) to what the kernel's own bridge
 * needs, which is this.
 */
#define VNB_PORT_SLAVE_MAX	IFLA_BRPORT_MAX

/** VNB_PORT_MAX - largest IFLA_BRPORT_* that is known ("bridge link") */
#define VNB_PORT_MAX		IFLA_BRPORT_NEIGH_FORWARD_GRAT

/**
 * vnb_port_change() - apply IFLA_BRPORT_* attributes, all or none
 * @port: the port
 * @tb: parsed by vnb_port_policy, VNB_PORT_MAX + 1 entries
 * @extack: names the attribute that is refused
 *
 * Notifies listeners. Context: RTNL.
 * Return: 0, or a negative error with the port as it was.
 */
int vnb_port_change(struct vnb_port *port, struct nlattr **tb,
		    struct netlink_ext_ack *extack);

/* backup.c: IFLA_BRPORT_BACKUP_PORT */

/**
 * vnb_backup_find() - what a user named as the backup of a port
 * @port: the port
 * @attr: IFLA_BRPORT_BACKUP_PORT, an interface index or 0
 * @extack: says what is wrong with it
 *
 * Context: RTNL.
 * Return: another port of the bridge, NULL for none, or an error.
 */
struct vnb_port *vnb_backup_find(const struct vnb_port *port,
				 const struct nlattr *attr,
				 struct netlink_ext_ack *extack);

/**
 * vnb_backup_set() - give a port another backup
 * @port: the port
 * @backup: what vnb_backup_find() returned, or NULL
 *
 * Context: RTNL.
 */
void vnb_backup_set(struct vnb_port *port, struct vnb_port *backup);

/**
 * vnb_backup_port_leaves() - a port goes: it is no backup, and has none
 * @port: the port, off the list of the bridge; readers may still find it
 *
 * Costs the ports of the bridge, if it is the backup of any. Context: RTNL.
 */
void vnb_backup_port_leaves(struct vnb_port *port);

/**
 * vnb_backup_keeps() - can what is behind a disabled port be reached?
 * @port: any port but the bridge's own
 *
 * Return: whether it has no link, and another port in its place. Context: any.
 */
bool vnb_backup_keeps(const struct vnb_port *port);

/**
 * vnb_backup_redirect() - where a frame to a port with VNB_PORT_BACKUP goes
 * @port: the port
 *
 * Context: RCU read section.
 * Return: the backup while @port has no link, otherwise @port.
 */
struct vnb_port *vnb_backup_redirect(struct vnb_port *port);

/**
 * vnb_port_attr_size() - upper bound of what vnb_port_fill() puts
 * @port: the port, or NULL for one that has just gone
 *
 * Context: RTNL or RCU.
 * Return: bytes.
 */
size_t vnb_port_attr_size(const struct vnb_port *port);

/**
 * vnb_port_fill() - put IFLA_BRPORT_* of a port
 * @skb: message
 * @port: the port
 *
 * Context: RTNL or RCU.
 * Return: 0 or -EMSGSIZE.
 */
int vnb_port_fill(struct sk_buff *skb, const struct vnb_port *port);

/* port_ext.c: IFLA_VNETBR_PORT_* */

/**
 * vnb_port_ext_parse() - attributes to configuration
 * @port: the port, which is only read
 * @conf: in: the present values; out: with those in @nest
 * @nest: IFLA_VNETBR_PORT
 * @extack: names the attribute that is refused
 *
 * Return: 0 or a negative error; @conf is then not to be used.
 */
int vnb_port_ext_parse(const struct vnb_port *port,
		       struct vnb_port_config *conf, const struct nlattr *nest,
		       struct netlink_ext_ack *extack);

/**
 * vnb_port_ext_size() - upper bound of what vnb_port_ext_fill() puts
 * @port: as for vnb_port_attr_size()
 *
 * Return: bytes.
 */
size_t vnb_port_ext_size(const struct vnb_port *port);

/** vnb_port_ext_fill() - put IFLA_VNETBR_PORT; as vnb_port_fill() */
int vnb_port_ext_fill(struct sk_buff *skb, const struct vnb_port *port);

#endif /* VNB_PORT_H */
