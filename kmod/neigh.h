/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_NEIGH_H
#define VNB_NEIGH_H

#include <linux/types.h>

struct vnb_bridge;
struct vnb_frame;

/**
 * DOC: Neighbours
 *
 * A bridge that knows who has an address need not ask all ports for it. What it
 * knows is the neighbour table of its device ("ip neigh ... dev BRIDGE"), which
 * a control plane or the host's own stack fills, and which the kernel bounds
 * (net.ipv4.neigh.default.gc_thresh3); that the forwarding table has the link
 * address says that it is still there.
 *
 * neigh_suppress is for a port that a question is dear behind, a tunnel: those
 * for somebody behind it are answered, and none that can be goes there, nor
 * does what is said to all without a question, unless neigh_forward_grat is on.
 * proxy_arp is for a port that is answered and never flooded to, and
 * proxy_arp_wifi for one whose stations are answered for. The semantics are
 * those of the in-tree bridge, but that a question to one known station is left
 * to that station, and that an advertisement goes to the address that the
 * question came from, whatever its options say.
 */

/* Ports that nothing is flooded to. */
#define VNB_NEIGH_NEVER		VNB_PORT_PROXYARP

/**
 * vnb_neigh_answer() - answer ARP and neighbour discovery that is being flooded
 * @frame: any frame
 *
 * Borrows the frame. Context: as vnb_forward().
 *
 * Return: VNB_PORT_* of ports that are not to get it, or 0.
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

#endif /* VNB_NEIGH_H */
