/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FRAME_H
#define VNB_FRAME_H

#include <linux/netdevice.h>

#include "drop.h"

struct vnb_bridge;
struct vnb_pair;
struct vnb_port;
struct vnb_tunnel;

/**
 * enum vnb_from - in which context a frame entered, which decides how it may be
 * given to a network stack
 * @VNB_FROM_XMIT: inside somebody's ndo_start_xmit; the sender's socket may be
 *	locked, so that a stack must never be entered: queue it (netif_rx)
 * @VNB_FROM_RX: receive softirq, no lock held: the stack may be called
 * @VNB_FROM_HANDLER: receive softirq, inside our rx_handler: the core can go on
 *	with another device (RX_HANDLER_ANOTHER)
 */
enum vnb_from {
	VNB_FROM_XMIT,
	VNB_FROM_RX,
	VNB_FROM_HANDLER,
};

/**
 * struct vnb_frame - a frame on its way through a bridge; lives on the stack
 */
struct vnb_frame {
	/** @br: the bridge */
	struct vnb_bridge	*br;

	/** @in: port it came from; vnb_bridge.local for a frame of the host */
	struct vnb_port		*in;

	/** @skb: the frame itself, as opposed to copies of it */
	struct sk_buff		*skb;

	/** @vid: VLAN it was classified to, 0 without VLAN filtering */
	u16			vid;

	/** @from: enum vnb_from */
	u8			from;

	/** @another: out: @skb has a new device, the core goes on with it */
	bool			another;
};

/* rx.c: every way in */

/**
 * vnb_rx_handler() - a frame received by an enslaved device
 * @pskb: the frame, or what it was replaced by
 *
 * The way in for foreign ports, and the slow way in for ours.
 *
 * Return: RX_HANDLER_PASS for what the port's own stack is meant to get, else
 * who goes on with the frame.
 */
rx_handler_result_t vnb_rx_handler(struct sk_buff **pskb);

/**
 * vnb_rx_pair() - a frame sent into a pair whose other end is a port
 * @end: the end that sends
 * @peer: the other end, up
 * @port: port of @peer
 * @skb: the frame, data at the MAC header
 *
 * Consumes @skb. Context: ndo_start_xmit of @end.
 */
void vnb_rx_pair(struct net_device *end, struct net_device *peer,
		 struct vnb_port *port, struct sk_buff *skb);

/**
 * vnb_rx_tunnel() - a frame out of a tunnel
 * @tun: the tunnel
 * @skb: the inner frame after eth_type_trans() for the tunnel's device,
 *	scrubbed, receive counters of the device done
 *
 * Consumes @skb: to the bridge by the short cut if the tunnel is a port and
 * nothing watches its device, to the tunnel's own device otherwise.
 * Context: receive softirq, RCU read section, no socket lock held.
 */
void vnb_rx_tunnel(struct vnb_tunnel *tun, struct sk_buff *skb);

/**
 * vnb_rx_local() - ndo_start_xmit of a bridge: a frame from its host interface
 * @skb: the frame
 * @dev: the bridge
 *
 * Consumes @skb.
 *
 * Return: NETDEV_TX_OK.
 */
netdev_tx_t vnb_rx_local(struct sk_buff *skb, struct net_device *dev);

/**
 * enum vnb_reserved - what becomes of a frame to a reserved address
 * @VNB_RESERVED_PASS: it is for the port's own stack
 * @VNB_RESERVED_FORWARD: it is forwarded
 * @VNB_RESERVED_DROP: it is dropped
 * @VNB_RESERVED_BPDU: it is for the spanning tree of the kernel
 */
enum vnb_reserved {
	VNB_RESERVED_PASS,
	VNB_RESERVED_FORWARD,
	VNB_RESERVED_DROP,
	VNB_RESERVED_BPDU,
};

/**
 * vnb_rx_reserved_verdict() - what becomes of a frame to a reserved address
 * @port: where it came in
 * @skb: the frame, as a device has received it
 *
 * A rule without an effect, for frames that are only talked about, too.
 *
 * Return: the answer.
 */
enum vnb_reserved vnb_rx_reserved_verdict(const struct vnb_port *port,
					  const struct sk_buff *skb);

/**
 * vnb_rx_learns_reserved() - learn from a frame that is not to be forwarded?
 * @port: where it came in
 * @skb: the frame
 * @vid: gets its VLAN, 0 without VLAN filtering
 *
 * A rule without an effect, as vnb_rx_reserved_verdict().
 * Context: RCU read section.
 *
 * Return: whether to call vnb_fdb_learn().
 */
bool vnb_rx_learns_reserved(const struct vnb_port *port,
			    const struct sk_buff *skb, u16 *vid);

/* forward.c: the decision */

/**
 * vnb_may_send() - may a frame leave through a port?
 * @frame: the frame, of which the skb is not looked at
 * @out: the port
 *
 * A rule without an effect, as vnb_floods() and vnb_find_target(): the path
 * asks them for each frame, and others for frames that are only talked about.
 *
 * Return: %VNB_OK or why not. Context: RCU read section.
 */
enum vnb_drop vnb_may_send(const struct vnb_frame *frame,
			   const struct vnb_port *out);

/**
 * vnb_floods() - does a frame without a single target go to a port?
 * @frame: the frame, of which the skb is not looked at
 * @out: a port, not the bridge's own
 * @kind: VNB_PORT_FLOOD, _MCAST_FLOOD or _BCAST_FLOOD
 * @avoid: VNB_PORT_* of ports that are not to get it
 *
 * Return: whether the options of the port say so; vnb_may_send() is asked after
 * this. Context: RCU read section.
 */
bool vnb_floods(const struct vnb_frame *frame, const struct vnb_port *out,
		u32 kind, u32 avoid);

/**
 * vnb_forward() - send a frame to where its destination address is
 * @frame: checked and learned from
 *
 * Consumes the frame, unless vnb_frame.another says that the core goes on.
 * Context: softirq or BH disabled, RCU read section.
 */
void vnb_forward(struct vnb_frame *frame);

/* tx.c: every way out */

/**
 * vnb_tx() - send a frame, or a copy of it, out of a port
 * @frame: how it came in
 * @out: a port that may have it
 * @skb: the frame or a copy; data at the network header, mac_header set
 *
 * Consumes @skb, unless vnb_frame.another says that the core goes on.
 * Context: as vnb_forward().
 */
void vnb_tx(struct vnb_frame *frame, struct vnb_port *out, struct sk_buff *skb);

/**
 * vnb_tx_check() - would a frame leave?
 * @frame: as for vnb_tx(), with its @frame->skb
 * @out: a port that may have it
 * @on: out: device that the drop would be counted on; unchanged if that is the
 *	bridge
 *
 * Of what vnb_tx() asks, and the devices behind it that are ours, all that does
 * not depend on memory and queues. Context: process, RCU read section.
 *
 * Return: %VNB_OK or why not; %VNB_DROP_NO_MEMORY without memory to find out.
 */
enum vnb_drop vnb_tx_check(const struct vnb_frame *frame,
			   const struct vnb_port *out,
			   const struct net_device **on);

/**
 * vnb_tx_peer() - give a frame to the receiving end of a pair
 * @from: end that the frame leaves
 * @to: end that receives it
 * @skb: the frame, data at the MAC header
 *
 * Consumes @skb. What a pair does by itself, without a bridge: one netif_rx.
 * Context: BH disabled, RCU read section.
 */
void vnb_tx_peer(struct net_device *from, struct net_device *to,
		 struct sk_buff *skb);

/* bypass.h: vnb_may_skip_rx(), vnb_may_skip_tx() */

#endif /* VNB_FRAME_H */
