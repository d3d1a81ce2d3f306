/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink family "vnetbr": what would become of a frame, and why.
 * Documentation/netlink/specs/vnetbr.yaml is the same for programs.
 *
 * Copyright (C) the vnetbr authors
 */
#ifndef _UAPI_LINUX_VNETBR_GENL_H
#define _UAPI_LINUX_VNETBR_GENL_H

#define VNETBR_FAMILY_NAME	"vnetbr"
#define VNETBR_FAMILY_VERSION	1

/**
 * DOC: The query
 *
 * VNETBR_CMD_WHY describes a frame: where it comes in, its addresses, its VLAN
 * tag. The answer has what the bridge would do with it at this moment, step by
 * step, and the verdict. Nothing is sent, learned or counted. It does not say
 * what depends on the load of the machine: memory, queues, recursion; nor what
 * XDP, tc and netfilter do on the devices.
 *
 * The request needs CAP_NET_ADMIN in the user namespace that owns the network
 * namespace. Drop reasons are the words of ``ethtool -S``, without "drop_".
 */

/**
 * enum vnetbr_verdict - what becomes of the frame
 * @VNETBR_VERDICT_DROP: it is dropped: VNETBR_A_WHY_REASON
 * @VNETBR_VERDICT_FORWARD: it leaves through one port
 * @VNETBR_VERDICT_FLOOD: it leaves through all ports that may have it
 * @VNETBR_VERDICT_LOCAL: it is for the host, by way of the bridge device
 * @VNETBR_VERDICT_PASS: it is not for a bridge, but for programs that listen on
 *	the port where it came in
 * @VNETBR_VERDICT_BPDU: it is for the spanning tree of the kernel
 */
enum vnetbr_verdict {
	VNETBR_VERDICT_DROP,
	VNETBR_VERDICT_FORWARD,
	VNETBR_VERDICT_FLOOD,
	VNETBR_VERDICT_LOCAL,
	VNETBR_VERDICT_PASS,
	VNETBR_VERDICT_BPDU,
};

/**
 * enum vnetbr_step - what a bridge does one after the other
 * @VNETBR_STEP_INGRESS: the frame comes in: IFINDEX, STATE, REASON
 * @VNETBR_STEP_RESERVED: its destination is a reserved address (802.1Q-2022
 *	8.6.3): RESERVED, REASON
 * @VNETBR_STEP_SOURCE: its source address is looked at: REASON
 * @VNETBR_STEP_VLAN: the bridge filters VLANs: VLAN that the frame is in, MSTI
 *	of that, REASON
 * @VNETBR_STEP_LOCKED: the port is locked: IFINDEX, FDB_FLAGS, FDB_VLAN and AGE
 *	of the present entry of the source address, or with MAB, LEARN; REASON
 * @VNETBR_STEP_STORM: it counts for a limit of the port: LIMIT; REASON if that
 *	is reached
 * @VNETBR_STEP_LEARN: its source address is learned: LEARN, IFINDEX, FDB_FLAGS,
 *	FDB_VLAN and AGE of the present entry, REASON
 * @VNETBR_STEP_STATE: the port has to forward, or the frame has not come so
 *	far as to be learned from: STATE, REASON
 * @VNETBR_STEP_NETFILTER: the bridge has nf_bridge=block: REASON
 * @VNETBR_STEP_LOOKUP: where the destination address is: LOOKUP, IFINDEX,
 *	FDB_FLAGS, FDB_VLAN, AGE, BACKUP_IFINDEX
 * @VNETBR_STEP_NEIGHBOUR: it is a question of ARP or neighbour discovery that
 *	some ports do not get: ANSWERED
 * @VNETBR_STEP_BPDU: the spanning tree of the kernel gets it: REASON
 */
enum vnetbr_step {
	VNETBR_STEP_INGRESS,
	VNETBR_STEP_RESERVED,
	VNETBR_STEP_SOURCE,
	VNETBR_STEP_VLAN,
	VNETBR_STEP_LOCKED,
	VNETBR_STEP_STORM,
	VNETBR_STEP_LEARN,
	VNETBR_STEP_STATE,
	VNETBR_STEP_NETFILTER,
	VNETBR_STEP_LOOKUP,
	VNETBR_STEP_NEIGHBOUR,
	VNETBR_STEP_BPDU,
};

/**
 * enum vnetbr_reserved - a frame to a reserved address
 * @VNETBR_RESERVED_PASS: stays on its link
 * @VNETBR_RESERVED_FORWARD: is let through by group_fwd_mask, or by a provider
 *	bridge (802.1ad)
 * @VNETBR_RESERVED_DROP: is dropped
 * @VNETBR_RESERVED_BPDU: is for the spanning tree of the kernel
 */
enum vnetbr_reserved {
	VNETBR_RESERVED_PASS,
	VNETBR_RESERVED_FORWARD,
	VNETBR_RESERVED_DROP,
	VNETBR_RESERVED_BPDU,
};

/**
 * enum vnetbr_learn - what becomes of the source address
 * @VNETBR_LEARN_KNOWN: it is known at this port
 * @VNETBR_LEARN_NEW: it is learned
 * @VNETBR_LEARN_MOVED: it is learned here and forgotten at another port
 * @VNETBR_LEARN_STAYS: a static or sticky entry has it at another port
 * @VNETBR_LEARN_OWN: it is an address of the bridge
 * @VNETBR_LEARN_LIMIT: not learned: a limit is reached
 * @VNETBR_LEARN_NEVER: not learned: the ageing time is zero
 * @VNETBR_LEARN_LOOP: it moves too often: the frame is dropped
 * @VNETBR_LEARN_OFF: not learned: by an option or the state of the port
 */
enum vnetbr_learn {
	VNETBR_LEARN_KNOWN,
	VNETBR_LEARN_NEW,
	VNETBR_LEARN_MOVED,
	VNETBR_LEARN_STAYS,
	VNETBR_LEARN_OWN,
	VNETBR_LEARN_LIMIT,
	VNETBR_LEARN_NEVER,
	VNETBR_LEARN_LOOP,
	VNETBR_LEARN_OFF,
};

/**
 * enum vnetbr_lookup - where the destination address is
 * @VNETBR_LOOKUP_FOUND: behind a port
 * @VNETBR_LOOKUP_LOCAL: it is an address of the bridge
 * @VNETBR_LOOKUP_UNKNOWN: nobody knows: flood
 * @VNETBR_LOOKUP_MULTICAST: everywhere: it is a group
 * @VNETBR_LOOKUP_BROADCAST: everywhere: it is the broadcast address
 */
enum vnetbr_lookup {
	VNETBR_LOOKUP_FOUND,
	VNETBR_LOOKUP_LOCAL,
	VNETBR_LOOKUP_UNKNOWN,
	VNETBR_LOOKUP_MULTICAST,
	VNETBR_LOOKUP_BROADCAST,
};

/**
 * enum vnetbr_fdb_flag - bits of VNETBR_A_STEP_FDB_FLAGS
 * @VNETBR_FDB_LOCAL: an address of the bridge
 * @VNETBR_FDB_STATIC: neither forgotten nor moved
 * @VNETBR_FDB_STICKY: not moved
 * @VNETBR_FDB_EXT_LEARNED: owned by a control plane
 * @VNETBR_FDB_USER: made by a user
 * @VNETBR_FDB_LEARNED: learned
 * @VNETBR_FDB_LOOP: moved too often lately
 * @VNETBR_FDB_LOCKED: heard of on a locked port, not let in
 */
enum vnetbr_fdb_flag {
	VNETBR_FDB_LOCAL	= 1 << 0,
	VNETBR_FDB_STATIC	= 1 << 1,
	VNETBR_FDB_STICKY	= 1 << 2,
	VNETBR_FDB_EXT_LEARNED	= 1 << 3,
	VNETBR_FDB_USER		= 1 << 4,
	VNETBR_FDB_LEARNED	= 1 << 5,
	VNETBR_FDB_LOOP		= 1 << 6,
	VNETBR_FDB_LOCKED	= 1 << 7,
};

/**
 * enum vnetbr_egress - what a port does with the frame
 * @VNETBR_EGRESS_SENT: the frame, or a copy, leaves
 * @VNETBR_EGRESS_NO_FLOOD: an option (flood, mcast_flood, bcast_flood) keeps it
 *	away
 * @VNETBR_EGRESS_SUPPRESSED: an option for neighbours (neigh_suppress, of the
 *	port or its VLAN, proxy_arp, proxy_arp_wifi) keeps it away
 * @VNETBR_EGRESS_REFUSED: the port must not have it: REASON
 * @VNETBR_EGRESS_DROPPED: it gets it and drops it: REASON, counted on
 *	REASON_IFINDEX
 */
enum vnetbr_egress {
	VNETBR_EGRESS_SENT,
	VNETBR_EGRESS_NO_FLOOD,
	VNETBR_EGRESS_SUPPRESSED,
	VNETBR_EGRESS_REFUSED,
	VNETBR_EGRESS_DROPPED,
};

/**
 * DOC: Attributes of VNETBR_CMD_WHY
 *
 * @VNETBR_A_WHY_IFINDEX
 *   u32. Where the frame comes in: a port, or a bridge for a frame of the host.
 *   Required.
 *
 * @VNETBR_A_WHY_SRC, @VNETBR_A_WHY_DST
 *   6 bytes. Its addresses. Required.
 *
 * @VNETBR_A_WHY_VLAN_ID
 *   u16, 0 to 4094. It has a VLAN tag; 0 is a priority tag.
 *
 * @VNETBR_A_WHY_VLAN_PROTO
 *   u16, big endian. Protocol of the tag, 0x8100 (default) or 0x88a8. Only with
 *   VNETBR_A_WHY_VLAN_ID, as the next one.
 *
 * @VNETBR_A_WHY_VLAN_PRIO
 *   u8, 0 to 7. Priority in the tag. Default 0.
 *
 * @VNETBR_A_WHY_LENGTH
 *   u32, 14 to 65549. Bytes from the addresses to the end, without a VLAN tag
 *   and the FCS. Default 60.
 *
 * @VNETBR_A_WHY_ETHERTYPE
 *   u16, big endian. Default 0x88b5 (local experimental). That of a tag is
 *   refused without VNETBR_A_WHY_VLAN_ID.
 *
 * @VNETBR_A_WHY_PAYLOAD
 *   At most 512 bytes. What comes after the EtherType; only ARP, neighbour
 *   discovery and BPDUs are looked at. The rest of the frame is zeros.
 *
 * @VNETBR_A_WHY_EGRESS_IFINDEX
 *   u32. List this port only in the answer.
 *
 * In the answer:
 *
 * @VNETBR_A_WHY_BRIDGE_IFINDEX
 *   u32. The bridge.
 *
 * @VNETBR_A_WHY_STEP
 *   Nest of VNETBR_A_STEP_*, once for each step, in their order. The last one
 *   has the reason if the frame does not come as far as a port.
 *
 * @VNETBR_A_WHY_EGRESS
 *   Nest of VNETBR_A_EGRESS_*, once for each port that is thought of, at most
 *   256 times.
 *
 * @VNETBR_A_WHY_EGRESS_TOTAL
 *   u32. How many ports were thought of.
 *
 * @VNETBR_A_WHY_SENT
 *   u32. How many of them send it.
 *
 * @VNETBR_A_WHY_VERDICT
 *   u32, enum vnetbr_verdict.
 *
 * @VNETBR_A_WHY_REASON
 *   String. Why it is dropped.
 *
 * @VNETBR_A_WHY_REASON_IFINDEX
 *   u32. The device on which the drop is counted. Absent if none in this
 *   namespace does: the other end of a pair may, and nobody counts what a
 *   device that is down does not receive.
 */
enum {
	VNETBR_A_WHY_IFINDEX = 1,
	VNETBR_A_WHY_SRC,
	VNETBR_A_WHY_DST,
	VNETBR_A_WHY_VLAN_ID,
	VNETBR_A_WHY_VLAN_PROTO,
	VNETBR_A_WHY_VLAN_PRIO,
	VNETBR_A_WHY_LENGTH,
	VNETBR_A_WHY_ETHERTYPE,
	VNETBR_A_WHY_PAYLOAD,
	VNETBR_A_WHY_EGRESS_IFINDEX,
	VNETBR_A_WHY_BRIDGE_IFINDEX,
	VNETBR_A_WHY_STEP,
	VNETBR_A_WHY_EGRESS,
	VNETBR_A_WHY_EGRESS_TOTAL,
	VNETBR_A_WHY_SENT,
	VNETBR_A_WHY_VERDICT,
	VNETBR_A_WHY_REASON,
	VNETBR_A_WHY_REASON_IFINDEX,

	__VNETBR_A_WHY_MAX,
	VNETBR_A_WHY_MAX = (__VNETBR_A_WHY_MAX - 1)
};

/**
 * DOC: Attributes of a step
 *
 * @VNETBR_A_STEP_ID
 *   u32, enum vnetbr_step.
 *
 * @VNETBR_A_STEP_REASON
 *   String. Why the frame is dropped in this step.
 *
 * @VNETBR_A_STEP_IFINDEX
 *   u32. The port that the step is about.
 *
 * @VNETBR_A_STEP_STATE
 *   u8, BR_STATE_*. State of that port; after VNETBR_STEP_VLAN, in the spanning
 *   tree of the VLAN.
 *
 * @VNETBR_A_STEP_RESERVED
 *   u32, enum vnetbr_reserved.
 *
 * @VNETBR_A_STEP_LEARN
 *   u32, enum vnetbr_learn.
 *
 * @VNETBR_A_STEP_LOOKUP
 *   u32, enum vnetbr_lookup.
 *
 * @VNETBR_A_STEP_FDB_FLAGS
 *   u32, bits of enum vnetbr_fdb_flag. Of the entry that was found.
 *
 * @VNETBR_A_STEP_AGE
 *   u32, milliseconds. How long ago the address was seen; an address that is
 *   not forgotten has none.
 *
 * @VNETBR_A_STEP_VLAN
 *   u32, 1 to 4094. The VLAN that the frame is in, or would be in.
 *
 * @VNETBR_A_STEP_FDB_VLAN
 *   u32. VLAN of the entry that was found, 0 for one that is for all VLANs.
 *   Only while the bridge filters VLANs.
 *
 * @VNETBR_A_STEP_LIMIT
 *   String. Why it is dropped when there are too many of its kind. How many
 *   there are is not said, but whether this one is: REASON.
 *
 * @VNETBR_A_STEP_BACKUP_IFINDEX
 *   u32. The port of the entry has no link; this one is its backup.
 *
 * @VNETBR_A_STEP_ANSWERED
 *   u32, 0 or 1. Whether the bridge answers for somebody.
 *
 * @VNETBR_A_STEP_MSTI
 *   u32, 0 to 4095. The spanning tree instance that the VLAN is in. Only with
 *   mst_enabled.
 */
enum {
	VNETBR_A_STEP_ID = 1,
	VNETBR_A_STEP_REASON,
	VNETBR_A_STEP_IFINDEX,
	VNETBR_A_STEP_STATE,
	VNETBR_A_STEP_RESERVED,
	VNETBR_A_STEP_LEARN,
	VNETBR_A_STEP_LOOKUP,
	VNETBR_A_STEP_FDB_FLAGS,
	VNETBR_A_STEP_AGE,
	VNETBR_A_STEP_VLAN,
	VNETBR_A_STEP_FDB_VLAN,
	VNETBR_A_STEP_LIMIT,
	VNETBR_A_STEP_BACKUP_IFINDEX,
	VNETBR_A_STEP_ANSWERED,
	VNETBR_A_STEP_MSTI,

	__VNETBR_A_STEP_MAX,
	VNETBR_A_STEP_MAX = (__VNETBR_A_STEP_MAX - 1)
};

/**
 * DOC: Attributes of a port that is thought of
 *
 * @VNETBR_A_EGRESS_IFINDEX
 *   u32. The port; the bridge for the host.
 *
 * @VNETBR_A_EGRESS_RESULT
 *   u32, enum vnetbr_egress.
 *
 * @VNETBR_A_EGRESS_REASON
 *   String. Why it does not send.
 *
 * @VNETBR_A_EGRESS_REASON_IFINDEX
 *   u32. The device on which a drop is counted.
 */
enum {
	VNETBR_A_EGRESS_IFINDEX = 1,
	VNETBR_A_EGRESS_RESULT,
	VNETBR_A_EGRESS_REASON,
	VNETBR_A_EGRESS_REASON_IFINDEX,

	__VNETBR_A_EGRESS_MAX,
	VNETBR_A_EGRESS_MAX = (__VNETBR_A_EGRESS_MAX - 1)
};

enum {
	VNETBR_CMD_WHY = 1,

	__VNETBR_CMD_MAX,
	VNETBR_CMD_MAX = (__VNETBR_CMD_MAX - 1)
};

#endif /* _UAPI_LINUX_VNETBR_GENL_H */
