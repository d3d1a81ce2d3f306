/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_NEIGH_H
#define VNB_NEIGH_H

#include <linux/types.h>

struct netlink_ext_ack;
struct nlattr;
struct sk_buff;
struct vnb_bridge;
struct vnb_frame;
struct vnb_port;
struct vnb_port_config;

/**
 * DOC: Neighbours
 *
 * A bridge that knows who has an address need not ask all ports for it. What it
 * knows is the neighbour table of its device ("ip neigh ... dev BRIDGE"), which
 * a control plane or the host's own stack fills, and which the kernel bounds
 * (net.ipv4.neigh.default.gc_thresh3), and then what it has snooped (see
 * neigh_snoop.h); that the forwarding table has the link address says that it
 * is still there.
 *
 * neigh_suppress is for a port that a question is dear behind, a tunnel: those
 * for somebody behind it are answered, and none that can be goes there, nor
 * does what is said to all without a question, unless neigh_forward_grat is on.
 * proxy_arp is for a port that is answered and never flooded to, and
 * proxy_arp_wifi for one whose stations are answered for.
 *
 * With neigh_vlan_suppress, neigh_suppress and neigh_forward_grat are options
 * of each VLAN that a port is in, and those of the port are for frames in no
 * VLAN. They go when the port leaves the VLAN. Two bits for each are 1 KiB for
 * a port on which any was ever set, and nothing for the others.
 *
 * The semantics are those of the in-tree bridge, but that a question to one
 * known station is left to that station, and that an advertisement goes to the
 * address that the question came from, whatever its options say.
 */

/**
 * enum vnb_neigh_vlan_option - what a VLAN of a port has on or off
 * @VNB_NEIGH_VLAN_SUPPRESS: as VNB_PORT_NEIGH_SUPPRESS of a port
 * @VNB_NEIGH_VLAN_FORWARD_GRAT: as VNB_PORT_FORWARD_GRAT of a port
 * @VNB_NEIGH_VLAN_OPTIONS: how many there are
 */
enum vnb_neigh_vlan_option {
	VNB_NEIGH_VLAN_SUPPRESS,
	VNB_NEIGH_VLAN_FORWARD_GRAT,
	VNB_NEIGH_VLAN_OPTIONS,
};

/* Ports that nothing is flooded to. */
#define VNB_NEIGH_NEVER		VNB_PORT_PROXYARP

/**
 * vnb_neigh_answer() - answer ARP and neighbour discovery that is being flooded
 * @frame: any frame
 *
 * Borrows the frame. Context: as vnb_forward().
 *
 * Return: VNB_PORT_* of ports that are not to get it, or 0. A port that has one
 * of them gets it nevertheless if vnb_neigh_avoids() says so.
 */
u32 vnb_neigh_answer(const struct vnb_frame *frame);

/**
 * vnb_neigh_would_answer() - likewise, without answering anything
 * @frame: any frame
 * @answered: gets whether vnb_neigh_answer() would
 *
 * Context: RCU read section.
 *
 * Return: as vnb_neigh_answer().
 */
u32 vnb_neigh_would_answer(const struct vnb_frame *frame, bool *answered);

/**
 * vnb_neigh_count() - note that the options of a port change
 * @br: its bridge
 * @old: VNB_PORT_* that it had
 * @new: VNB_PORT_* that it has now, 0 if it leaves
 *
 * Context: RTNL.
 */
void vnb_neigh_count(struct vnb_bridge *br, u32 old, u32 new);

/* neigh_vlan.c: options of the VLANs of a port */

/**
 * vnb_neigh_flags() - what a port is to frames in a VLAN
 * @port: the port, or the bridge's own
 * @vid: 0 to 4095; 0 for a frame without a VLAN
 *
 * Context: RCU read section.
 * Return: VNB_PORT_* without VNB_PORT_NEIGH_VLAN, in the place of which are the
 * options of the VLAN.
 */
u32 vnb_neigh_flags(const struct vnb_port *port, u16 vid);

/**
 * vnb_neigh_avoids() - is a port one of those that do not get a frame?
 * @port: any port but the bridge's own
 * @vid: VLAN of the frame, or 0
 * @avoid: what vnb_neigh_answer() gave, and VNB_NEIGH_NEVER
 *
 * Context: RCU read section.
 * Return: whether it is.
 */
bool vnb_neigh_avoids(const struct vnb_port *port, u16 vid, u32 avoid);

/**
 * vnb_neigh_vlan_parse() - read the options of VLANs of a request
 * @port: the port
 * @conf: gets them
 * @tb: IFLA_VNETBR_PORT_*
 * @extack: names the attribute that is wrong, and says what is
 *
 * Context: RTNL.
 * Return: 0; -EINVAL, -ERANGE, or -ENOENT for a VLAN that the port is not in.
 */
int vnb_neigh_vlan_parse(const struct vnb_port *port,
			 struct vnb_port_config *conf, struct nlattr **tb,
			 struct netlink_ext_ack *extack);

/**
 * vnb_neigh_vlan_prepare() - do all that can fail before options change
 * @port: the port
 * @conf: what vnb_neigh_vlan_parse() made
 *
 * Need not be undone. Context: RTNL, process.
 * Return: 0 or -ENOMEM.
 */
int vnb_neigh_vlan_prepare(struct vnb_port *port,
			   const struct vnb_port_config *conf);

/**
 * vnb_neigh_vlan_commit() - change the options of VLANs
 * @port: the port
 * @conf: as prepared
 *
 * Context: RTNL.
 */
void vnb_neigh_vlan_commit(struct vnb_port *port,
			   const struct vnb_port_config *conf);

/**
 * vnb_neigh_vlan_leave() - a port leaves a VLAN, whose options go with it
 * @port: the port, or the bridge's own
 * @vid: 1 to 4094
 *
 * Context: RTNL.
 */
void vnb_neigh_vlan_leave(struct vnb_port *port, u16 vid);

/**
 * vnb_neigh_vlan_uninit() - free the options of all VLANs
 * @port: the port; nobody reads them any more
 *
 * Context: RTNL.
 */
void vnb_neigh_vlan_uninit(struct vnb_port *port);

/**
 * vnb_neigh_vlan_size() - upper bound of what vnb_neigh_vlan_fill() puts
 * @port: the port, or the bridge's own
 *
 * Context: RTNL or RCU.
 * Return: bytes; 1 KiB at most, whatever is set: messages about links have to
 * fit into 4 KiB, see VNB_MST_MAX_RANGES.
 */
size_t vnb_neigh_vlan_size(const struct vnb_port *port);

/**
 * vnb_neigh_vlan_fill() - put IFLA_VNETBR_PORT_NEIGH_*_VLAN of a port
 * @skb: message
 * @port: the port
 *
 * Context: RTNL or RCU.
 * Return: 0 or -EMSGSIZE.
 */
int vnb_neigh_vlan_fill(struct sk_buff *skb, const struct vnb_port *port);

#endif /* VNB_NEIGH_H */
