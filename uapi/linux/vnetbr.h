/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Netlink attributes of link kind "vnetbr".
 *
 * Copyright (C) the vnetbr authors
 */
#ifndef _UAPI_LINUX_VNETBR_H
#define _UAPI_LINUX_VNETBR_H

#include <linux/types.h>

/**
 * DOC: Link attributes
 *
 * IFLA_INFO_DATA of a link whose IFLA_INFO_KIND is "vnetbr". The alias kinds
 * "vnetbr_pair" and "vnetbr_vxlan" take the same attributes and imply the mode.
 * Values are in host byte order unless said otherwise. Numbers are never
 * reused.
 *
 * IFLA_INFO_SLAVE_DATA of a port holds IFLA_BRPORT_*, one to one, and
 * IFLA_VNETBR_PORT.
 *
 * @IFLA_VNETBR_PEER
 *   The other end of a pair: a struct ifinfomsg followed by IFLA_* attributes
 *   (name, address, MTU, queues, namespace), the number and layout of
 *   VETH_INFO_PEER. Optional: an absent peer gets default values.
 *
 *   Mode pair. At creation only; never dumped.
 *
 * @IFLA_VNETBR_MODE
 *   u8, enum vnetbr_mode. What the device is. A change request may repeat it,
 *   and fails when it is not the mode of the device.
 *
 *   All modes. Default VNETBR_MODE_BRIDGE. Fixed at creation.
 *
 * @IFLA_VNETBR_BRIDGE
 *   Nest of IFLA_BR_*, with the kernel's own numbers, types, units and
 *   defaults.
 *   IFLA_BR_STP_STATE is what it is shown as: 1 has the kernel run spanning
 *   tree, 2 a daemon, which is also what IFLA_BR_STP_MODE can choose.
 *
 *   Mode bridge. Changeable.
 *
 * @IFLA_VNETBR_VXLAN
 *   Nest of IFLA_VXLAN_*, with the kernel's own numbers and types.
 *   IFLA_VXLAN_ID is required at creation.
 *
 *   Mode vxlan. Changeable.
 *
 * @IFLA_VNETBR_BRIDGE_EXT
 *   Nest of IFLA_VNETBR_BR_*: what IFLA_BR_* cannot express.
 *
 *   Mode bridge. Changeable.
 *
 * @IFLA_VNETBR_VXLAN_EXT
 *   Nest of IFLA_VNETBR_VXLAN_*: what IFLA_VXLAN_* cannot express.
 *
 *   Mode vxlan. Changeable.
 */
enum {
	IFLA_VNETBR_UNSPEC,
	IFLA_VNETBR_PEER,
	IFLA_VNETBR_MODE,
	IFLA_VNETBR_BRIDGE,
	IFLA_VNETBR_VXLAN,
	IFLA_VNETBR_BRIDGE_EXT,
	IFLA_VNETBR_VXLAN_EXT,

	__IFLA_VNETBR_MAX
};

#define IFLA_VNETBR_MAX (__IFLA_VNETBR_MAX - 1)

/**
 * enum vnetbr_mode - what a vnetbr device is
 * @VNETBR_MODE_BRIDGE: an 802.1Q learning switch
 * @VNETBR_MODE_PAIR: one end of two connected interfaces
 * @VNETBR_MODE_VXLAN: an RFC 7348 tunnel endpoint
 */
enum vnetbr_mode {
	VNETBR_MODE_BRIDGE,
	VNETBR_MODE_PAIR,
	VNETBR_MODE_VXLAN,

	/* private: number of modes */
	__VNETBR_MODE_MAX
};

#define VNETBR_MODE_MAX (__VNETBR_MODE_MAX - 1)

/**
 * DOC: Bridge extensions
 *
 * Inside IFLA_VNETBR_BRIDGE_EXT.
 *
 * @IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED
 *   u32, entries. The most forwarding entries that may be learned on one port.
 *   0 is no limit. A lowered limit removes no entry, it stops learning.
 *
 *   Changeable. Default 16384.
 *
 * @IFLA_VNETBR_BR_FDB_MAX_LEARNED
 *   u32, entries. The most forwarding entries that may be learned on the whole
 *   bridge. 0 is no limit. IFLA_BR_FDB_MAX_LEARNED in IFLA_VNETBR_BRIDGE sets
 *   the same value; a request that has both with different values is refused.
 *
 *   Changeable. Default 65536.
 *
 * @IFLA_VNETBR_BR_FDB_N_LEARNED
 *   u32, entries. How many forwarding entries are learned at present.
 *
 *   Read only: a request that has it is refused.
 *
 * @IFLA_VNETBR_BR_FDB_MAX_MOVES
 *   u32, moves. How often an address may move to another port without staying
 *   for a second in between. One that moves more often is taken for one whose
 *   frames go round in a loop: for a second, only those from the port are
 *   forwarded where it was heard of for a second last. 0 is no limit.
 *
 *   Changeable. Default 100.
 *
 * @IFLA_VNETBR_BR_NF_BRIDGE
 *   u8, enum vnetbr_nf_bridge. What becomes of frames while hooks of netfilter
 *   family bridge, which never see them, exist in the namespace of the bridge.
 *
 *   Changeable. Default VNETBR_NF_BRIDGE_OFF.
 *
 * @IFLA_VNETBR_BR_FDB_MAX_VLAN_LEARNED
 *   u32, entries. The most forwarding entries that may be learned in one VLAN.
 *   0 is no limit. A lowered limit removes no entry, it stops learning.
 *
 *   Changeable. Default 0.
 *
 * @IFLA_VNETBR_BR_MST_ENABLED
 *   u8, 0 or 1. Whether a port has a state in each of several spanning trees,
 *   one of which a VLAN is in. BR_BOOLOPT_MST_ENABLE in IFLA_BR_MULTI_BOOLOPT
 *   sets the same value; a request that has both with different values is
 *   refused. It does not go with the kernel's spanning tree, and cannot be
 *   changed while a port is in a VLAN. 0 forgets what IFLA_VNETBR_BR_MST said.
 *
 *   Changeable. Default 0.
 *
 * @IFLA_VNETBR_BR_MST
 *   Array of struct vnetbr_mst_range, in ascending order, at most 513. Which
 *   spanning tree instances VLANs are in; those that no range names stay where
 *   they are. What comes out may have 64 instances but 0, and 256 ranges of
 *   VLANs that are not in 0; with more, the answer is E2BIG. A dump has all
 *   these ranges, and is without the attribute if there are none.
 *
 *   Changeable while IFLA_VNETBR_BR_MST_ENABLED is 1. Default: all in instance
 *   0, whose state is IFLA_BRPORT_STATE of the port. States in the others are
 *   IFLA_BRIDGE_MST of PF_BRIDGE messages.
 *
 * @IFLA_VNETBR_BR_NEIGH_SNOOP
 *   u8, 0 or 1. Whether the bridge notes, for each VLAN, who says in ARP and
 *   neighbour discovery to have an address, and answers from that, too, what
 *   IFLA_BRPORT_NEIGH_SUPPRESS and IFLA_BRPORT_PROXYARP have it answer. The
 *   neighbour table of the host goes first. 0 forgets all that was noted, and
 *   so does a change of IFLA_BR_VLAN_FILTERING or IFLA_BR_VLAN_PROTOCOL. Who
 *   was not heard of for IFLA_BR_AGEING_TIME is forgotten.
 *
 *   Changeable. Default 0.
 *
 * @IFLA_VNETBR_BR_NEIGH_MAX_SNOOPED
 *   u32, entries, 1 to 65536. The most addresses that may be noted on the whole
 *   bridge. A lowered limit removes no entry, it stops noting.
 *
 *   Changeable. Default 4096.
 *
 * @IFLA_VNETBR_BR_NEIGH_N_SNOOPED
 *   u32, entries. How many are noted at present.
 *
 *   Read only: a request that has it is refused.
 */
enum {
	IFLA_VNETBR_BR_UNSPEC,
	IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED,
	IFLA_VNETBR_BR_FDB_MAX_LEARNED,
	IFLA_VNETBR_BR_FDB_N_LEARNED,
	IFLA_VNETBR_BR_FDB_MAX_MOVES,
	IFLA_VNETBR_BR_NF_BRIDGE,
	IFLA_VNETBR_BR_FDB_MAX_VLAN_LEARNED,
	IFLA_VNETBR_BR_MST_ENABLED,
	IFLA_VNETBR_BR_MST,
	IFLA_VNETBR_BR_NEIGH_SNOOP,
	IFLA_VNETBR_BR_NEIGH_MAX_SNOOPED,
	IFLA_VNETBR_BR_NEIGH_N_SNOOPED,

	__IFLA_VNETBR_BR_MAX
};

#define IFLA_VNETBR_BR_MAX (__IFLA_VNETBR_BR_MAX - 1)

/**
 * struct vnetbr_mst_range - VLANs in a row, and their spanning tree
 * @first: first VLAN, 1 to 4094
 * @last: last VLAN, not below @first
 * @msti: instance, 0 to 4095
 */
struct vnetbr_mst_range {
	__u16	first;
	__u16	last;
	__u16	msti;
};

/**
 * enum vnetbr_nf_bridge - frames and hooks of netfilter family bridge
 * @VNETBR_NF_BRIDGE_OFF: forwarded; attaching a port warns
 * @VNETBR_NF_BRIDGE_BLOCK: dropped while there are such hooks
 */
enum vnetbr_nf_bridge {
	VNETBR_NF_BRIDGE_OFF,
	VNETBR_NF_BRIDGE_BLOCK,

	/* private: number of values */
	__VNETBR_NF_BRIDGE_MAX
};

#define VNETBR_NF_BRIDGE_MAX (__VNETBR_NF_BRIDGE_MAX - 1)

/**
 * DOC: VXLAN extensions
 *
 * Inside IFLA_VNETBR_VXLAN_EXT.
 *
 * @IFLA_VNETBR_VXLAN_STRICT
 *   u8, 0 or 1. 0: reserved bits of a received VXLAN header are ignored, as
 *   RFC 7348 section 5 says. 1: a frame that has one of them set is counted and
 *   dropped.
 *
 *   Changeable. Default 0.
 *
 * @IFLA_VNETBR_VXLAN_RX_GRO
 *   u8, enum vnetbr_rx_gro. Whether received inner frames are merged once more
 *   after decapsulation.
 *
 *   Changeable. Default VNETBR_RX_GRO_AUTO.
 */
enum {
	IFLA_VNETBR_VXLAN_UNSPEC,
	IFLA_VNETBR_VXLAN_STRICT,
	IFLA_VNETBR_VXLAN_RX_GRO,

	__IFLA_VNETBR_VXLAN_MAX
};

#define IFLA_VNETBR_VXLAN_MAX (__IFLA_VNETBR_VXLAN_MAX - 1)

/**
 * enum vnetbr_rx_gro - merging of inner frames after decapsulation
 * @VNETBR_RX_GRO_OFF: never
 * @VNETBR_RX_GRO_AUTO: for TCP frames that the underlay has not merged already
 * @VNETBR_RX_GRO_ON: for every frame
 */
enum vnetbr_rx_gro {
	VNETBR_RX_GRO_OFF,
	VNETBR_RX_GRO_AUTO,
	VNETBR_RX_GRO_ON,

	/* private: number of values */
	__VNETBR_RX_GRO_MAX
};

#define VNETBR_RX_GRO_MAX (__VNETBR_RX_GRO_MAX - 1)

/*
 * The nest of IFLA_VNETBR_PORT_* beside IFLA_BRPORT_*: in the place of
 * IFLA_BRPORT_MRP_RING_OPEN, which means nothing here. There are no numbers
 * left that rtnetlink would pass on.
 */
#define IFLA_VNETBR_PORT 35

/**
 * DOC: Port extensions
 *
 * Inside IFLA_VNETBR_PORT: what IFLA_BRPORT_* cannot express.
 *
 * @IFLA_VNETBR_PORT_COMMUNITY
 *   u32, a number of the user's choice. Ports of one community talk to each
 *   other and to ports in none, but not to ports of another one or to isolated
 *   ports (RFC 5517). 0 is none. IFLA_BRPORT_ISOLATED, while it is on, keeps
 *   the port from its community, too.
 *
 *   Changeable. Default 0.
 *
 * @IFLA_VNETBR_PORT_STORM_UNKNOWN_PPS
 * @IFLA_VNETBR_PORT_STORM_MCAST_PPS
 * @IFLA_VNETBR_PORT_STORM_BCAST_PPS
 *   u32, frames per second. How many frames to unknown addresses, to groups and
 *   to all may come in through the port, on average and, after a second
 *   without, at once. A frame that the network stack merged counts as those it
 *   was made of. 0 is no limit.
 *
 *   Changeable. Default 0.
 *
 * @IFLA_VNETBR_PORT_STORM_UNKNOWN_BPS
 * @IFLA_VNETBR_PORT_STORM_MCAST_BPS
 * @IFLA_VNETBR_PORT_STORM_BCAST_BPS
 *   u64, bits per second. The same for their lengths, from the destination
 *   address on and without FCS.
 *
 *   Changeable. Default 0.
 *
 * @IFLA_VNETBR_PORT_STORM_UNKNOWN_DROPS
 * @IFLA_VNETBR_PORT_STORM_MCAST_DROPS
 * @IFLA_VNETBR_PORT_STORM_BCAST_DROPS
 *   u64, frames. How many were dropped because of these limits since the port
 *   is one. An answer is without the attribute if there is neither a limit of
 *   the kind nor such a frame.
 *
 *   Read only: a request that has it is refused.
 *
 * @IFLA_VNETBR_PORT_DROPS
 *   u64, frames. How many that came in through the port the bridge has dropped
 *   since the port is one, for whatever reason, limits included. A frame that
 *   some port sent, or tried to, is not one of them.
 *
 *   Read only: a request that has it is refused.
 *
 * @IFLA_VNETBR_PORT_FDB_MAX_LEARNED
 *   u32, entries. The most forwarding entries that may be learned on the port.
 *   0 is no limit, VNETBR_PORT_FDB_MAX_DEFAULT is what the bridge has for all
 *   its ports (IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED). A lowered limit removes no
 *   entry, it stops learning.
 *
 *   Changeable. Default VNETBR_PORT_FDB_MAX_DEFAULT.
 *
 * @IFLA_VNETBR_PORT_FDB_N_LEARNED
 *   u32, entries. How many are learned on the port at present.
 *
 *   Read only: a request that has it is refused.
 *
 * @IFLA_VNETBR_PORT_NEIGH_SUPPRESS_VLAN
 *   Array of u32, 128 at most: VLAN n is bit n % 32 of word n / 32, and off if
 *   there is no such word. Which VLANs of the port have what
 *   IFLA_BRPORT_NEIGH_SUPPRESS is for all of them (in-tree:
 *   BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS). It is in force while
 *   IFLA_BRPORT_NEIGH_VLAN_SUPPRESS is on, instead of that, for frames in a
 *   VLAN. The port has to be in all of them, and one that it leaves is off when
 *   it comes back. An answer is without the attribute if none is on.
 *
 *   Changeable. Default: none.
 *
 * @IFLA_VNETBR_PORT_NEIGH_FORWARD_GRAT_VLAN
 *   The same of IFLA_BRPORT_NEIGH_FORWARD_GRAT (in-tree:
 *   BRIDGE_VLANDB_ENTRY_NEIGH_FORWARD_GRAT).
 *
 *   Changeable. Default: none.
 */
enum {
	IFLA_VNETBR_PORT_UNSPEC,
	IFLA_VNETBR_PORT_COMMUNITY,
	IFLA_VNETBR_PORT_PAD,
	IFLA_VNETBR_PORT_STORM_UNKNOWN_PPS,
	IFLA_VNETBR_PORT_STORM_MCAST_PPS,
	IFLA_VNETBR_PORT_STORM_BCAST_PPS,
	IFLA_VNETBR_PORT_STORM_UNKNOWN_BPS,
	IFLA_VNETBR_PORT_STORM_MCAST_BPS,
	IFLA_VNETBR_PORT_STORM_BCAST_BPS,
	IFLA_VNETBR_PORT_FDB_MAX_LEARNED,
	IFLA_VNETBR_PORT_FDB_N_LEARNED,
	IFLA_VNETBR_PORT_NEIGH_SUPPRESS_VLAN,
	IFLA_VNETBR_PORT_NEIGH_FORWARD_GRAT_VLAN,
	IFLA_VNETBR_PORT_DROPS,
	IFLA_VNETBR_PORT_STORM_UNKNOWN_DROPS,
	IFLA_VNETBR_PORT_STORM_MCAST_DROPS,
	IFLA_VNETBR_PORT_STORM_BCAST_DROPS,

	__IFLA_VNETBR_PORT_MAX
};

#define IFLA_VNETBR_PORT_MAX (__IFLA_VNETBR_PORT_MAX - 1)

#define VNETBR_PORT_FDB_MAX_DEFAULT 0xffffffff

#endif /* _UAPI_LINUX_VNETBR_H */
