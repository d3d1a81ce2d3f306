/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_DROP_H
#define VNB_DROP_H

#include <linux/skbuff.h>

struct net_device;
struct vnb_dev;
struct vnb_port;
struct vnb_stats;

/**
 * DOC: Drop reasons
 *
 * One table for all drops. An out-of-tree module cannot register drop reasons
 * of its own, so that each one names the core reason it appears as in
 * ``skb:kfree_skb``. Its own name is in the tracepoint ``vnetbr:vnb_drop`` and
 * in ``ethtool -S`` as ``drop_<word>``.
 *
 * X(NAME, core reason, word)
 *
 * truncated
 *   The frame ends before a header that has to be read, or has no Ethernet
 *   header at all.
 * invalid_source
 *   The source address is zero or a group address (IEEE 802.3 3.2.3).
 * own_source
 *   The frame comes back from the wire with an address of this device.
 * reserved_address
 *   Sent to a reserved address that no bridge forwards (802.1Q-2022 8.6.3).
 * port_state
 *   The port is not in forwarding state, or not in the spanning tree of the
 *   VLAN.
 * bpdu
 *   Sent to the group address of bridges, and no valid BPDU.
 * bpdu_guard
 *   A BPDU on a port with a guard, which is disabled because of it.
 * bpdu_rate
 *   More BPDUs from one port than bridges ever send.
 * same_port
 *   The destination is on the port that the frame came from.
 * isolated
 *   Both ports are isolated, or in different communities.
 * vlan_untagged
 *   The frame has no VLAN, and the port has no PVID (802.1Q-2022 6.9.1).
 * vlan_ingress
 *   The port that the frame came from is not in its VLAN (802.1Q-2022 8.6.2).
 * vlan_egress
 *   The port that the frame is for is not in its VLAN (802.1Q-2022 8.6.4).
 * no_target
 *   No port is allowed to take the frame.
 * locked
 *   The port is locked and the source address is not one of those let in.
 * storm_unknown
 *   More frames to unknown addresses come in than the port allows.
 * storm_mcast
 *   More frames to groups come in than the port allows.
 * storm_bcast
 *   More broadcasts come in than the port allows.
 * port_down
 *   The device that should send the frame is down or has no carrier.
 * too_big
 *   The frame is longer than the MTU of the device that should send it.
 * no_memory
 *   The kernel had no memory for a copy or for headers.
 * recursion
 *   The frame passed through too many devices in one go, which means a loop.
 * loop
 *   The source address keeps moving between ports, which means a loop.
 * nf_bridge
 *   Netfilter family bridge has hooks, and the bridge is told to block then.
 * backlog
 *   The receive queue of the CPU is full (net.core.netdev_max_backlog).
 * no_peer
 *   The other end of the pair is gone or down.
 * vxlan_header
 *   No VXLAN header, or its I flag is not set (RFC 7348 section 5).
 * vxlan_reserved
 *   A reserved bit is set and the tunnel is strict.
 * vxlan_vni
 *   No tunnel on this UDP port has the VNI.
 * vxlan_csum
 *   No UDP checksum over IPv6, and the tunnel wants one (RFC 6936 section 5).
 * vxlan_ecn
 *   The ECN marks of outer and inner header must not be combined (RFC 6040).
 * vxlan_moved
 *   The source address is a static entry that belongs to another remote.
 * no_remote
 *   The tunnel has no remote for the destination.
 * no_route
 *   The underlay has no usable route to the remote.
 * route_loop
 *   The underlay route to the remote leads through the tunnel itself.
 * pmtu
 *   The frame exceeds the path MTU; its sender was told if it can be told.
 * offload
 *   Checksum or segmentation work could not be done in software.
 */
#define VNB_DROP_REASONS(X)						\
	X(TRUNCATED,		HDR_TRUNC,		"truncated")	\
	X(INVALID_SOURCE,	MAC_INVALID_SOURCE,	"invalid_source") \
	X(OWN_SOURCE,		LOCAL_MAC,		"own_source")	\
	X(RESERVED_ADDRESS,	NOT_SPECIFIED,		"reserved_address") \
	X(PORT_STATE,		BRIDGE_INGRESS_STP_STATE, "port_state")	\
	X(BPDU,			NOT_SPECIFIED,		"bpdu")		\
	X(BPDU_GUARD,		NOT_SPECIFIED,		"bpdu_guard")	\
	X(BPDU_RATE,		NOT_SPECIFIED,		"bpdu_rate")	\
	X(SAME_PORT,		NO_TX_TARGET,		"same_port")	\
	X(ISOLATED,		NO_TX_TARGET,		"isolated")	\
	X(VLAN_UNTAGGED,	NOT_SPECIFIED,		"vlan_untagged") \
	X(VLAN_INGRESS,		NOT_SPECIFIED,		"vlan_ingress")	\
	X(VLAN_EGRESS,		NO_TX_TARGET,		"vlan_egress")	\
	X(NO_TARGET,		NO_TX_TARGET,		"no_target")	\
	X(LOCKED,		NOT_SPECIFIED,		"locked")	\
	X(STORM_UNKNOWN,	NOT_SPECIFIED,		"storm_unknown") \
	X(STORM_MCAST,		NOT_SPECIFIED,		"storm_mcast")	\
	X(STORM_BCAST,		NOT_SPECIFIED,		"storm_bcast")	\
	X(PORT_DOWN,		DEV_READY,		"port_down")	\
	X(TOO_BIG,		PKT_TOO_BIG,		"too_big")	\
	X(NO_MEMORY,		NOMEM,			"no_memory")	\
	X(RECURSION,		RECURSION_LIMIT,	"recursion")	\
	X(LOOP,			NOT_SPECIFIED,		"loop")		\
	X(NF_BRIDGE,		NETFILTER_DROP,		"nf_bridge")	\
	X(BACKLOG,		CPU_BACKLOG,		"backlog")	\
	X(NO_PEER,		DEV_READY,		"no_peer")	\
	X(VXLAN_HEADER,		VXLAN_INVALID_HDR,	"vxlan_header")	\
	X(VXLAN_RESERVED,	VXLAN_INVALID_HDR,	"vxlan_reserved") \
	X(VXLAN_VNI,		VXLAN_VNI_NOT_FOUND,	"vxlan_vni")	\
	X(VXLAN_CSUM,		UDP_CSUM,		"vxlan_csum")	\
	X(VXLAN_ECN,		IP_TUNNEL_ECN,		"vxlan_ecn")	\
	X(VXLAN_MOVED,		VXLAN_ENTRY_EXISTS,	"vxlan_moved")	\
	X(NO_REMOTE,		NO_TX_TARGET,		"no_remote")	\
	X(NO_ROUTE,		IP_OUTNOROUTES,		"no_route")	\
	X(ROUTE_LOOP,		IP_OUTNOROUTES,		"route_loop")	\
	X(PMTU,			PKT_TOO_BIG,		"pmtu")		\
	X(OFFLOAD,		SKB_CSUM,		"offload")

/*
 * enum vnb_drop - why a frame is dropped; %VNB_OK (0) means "go on"
 */
enum vnb_drop {
	VNB_OK,
#define VNB_DROP_ENUM(name, core, word)	VNB_DROP_##name,
	VNB_DROP_REASONS(VNB_DROP_ENUM)
#undef VNB_DROP_ENUM
	/* number of values */
	VNB_DROP_MAX
};

/**
 * vnb_drop() - drop a frame, with its reason, its counter and its tracepoint
 * @vnb: device that the drop is counted on
 * @skb: the frame
 * @why: the reason, not %VNB_OK
 *
 * Consumes @skb. Context: any, BH disabled.
 */
void vnb_drop(struct vnb_dev *vnb, struct sk_buff *skb, enum vnb_drop why);

/**
 * vnb_drop_in() - drop a frame that a bridge has not sent to anybody
 * @in: the port that it came in through; the bridge's own for one of the host
 * @skb: the frame itself, not a copy
 * @why: the reason, not %VNB_OK
 *
 * As vnb_drop() on the bridge; and the port counts it, too: of many ports one
 * may be what is wrong. Consumes @skb. Context: softirq or BH disabled, RCU
 * read section.
 */
void vnb_drop_in(const struct vnb_port *in, struct sk_buff *skb,
		 enum vnb_drop why);

/**
 * vnb_drop_on() - drop a frame that is counted apart from a device
 * @stats: counters, of a socket for instance
 * @dev: device for the tracepoint, or NULL
 * @skb: the frame
 * @why: the reason, not %VNB_OK
 *
 * Consumes @skb. Context: any, BH disabled.
 */
void vnb_drop_on(struct vnb_stats __percpu *stats, const struct net_device *dev,
		 struct sk_buff *skb, enum vnb_drop why);

/**
 * vnb_drop_core_reason() - the reason as the core knows it
 * @why: the reason, not %VNB_OK
 *
 * Return: what ``skb:kfree_skb`` shows.
 */
enum skb_drop_reason vnb_drop_core_reason(enum vnb_drop why);

#endif /* VNB_DROP_H */
