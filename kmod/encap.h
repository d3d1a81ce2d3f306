/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_ENCAP_H
#define VNB_ENCAP_H

#include "drop.h"
#include "tunnel.h"

/**
 * struct vnb_encap - how a frame is sent; lives on the stack
 */
struct vnb_encap {
	/** @tun: the tunnel */
	struct vnb_tunnel	*tun;

	/** @cfg: its configuration */
	const struct vnb_tunnel_config *cfg;

	/** @sk: its socket */
	struct sock		*sk;

	/** @remote: where to */
	struct vnb_remote	*remote;

	/** @mark: of the inner packet, for the route */
	u32			mark;

	/** @oif: underlay device, or 0 */
	int			oif;

	/** @sport: source port */
	__be16			sport;

	/** @df: of the outer IPv4 header */
	__be16			df;

	/** @tos: DSCP and ECN */
	u8			tos;

	/** @ttl: 0 for the default */
	u8			ttl;

	/** @csum: with an UDP checksum */
	bool			csum;

	/** @cache: the route depends on the remote only */
	bool			cache;

	/** @answer: tell the sender of a frame that is too big */
	bool			answer;
};

/* encap.c */

/**
 * vnb_encap_drop() - count a frame that a tunnel could not send, and free it
 * @tun: the tunnel
 * @skb: the frame
 * @why: the reason, which decides about the counters of the device, too
 *
 * Consumes @skb. Context: any.
 */
void vnb_encap_drop(struct vnb_tunnel *tun, struct sk_buff *skb,
		    enum vnb_drop why);

/* flow.c */

/**
 * vnb_flow_port() - source port of the flow that a frame belongs to
 * @cfg: the range
 * @skb: the inner frame as vnb_outer_send() takes it
 *
 * One port for one flow, so that the underlay spreads flows over its paths and
 * keeps each in order (RFC 7348 section 5). Borrows @skb, which has a hash
 * afterwards.
 *
 * Return: port in network byte order.
 */
__be16 vnb_flow_port(const struct vnb_tunnel_config *cfg, struct sk_buff *skb);

/* outer.c */

/**
 * vnb_outer_send() - put the outer headers in front of a frame and send it
 * @x: how; route device and remote are filled in
 * @remote: where to
 * @skb: the inner frame: data at the MAC header, network header behind the last
 *	tag, both linear
 *
 * Consumes @skb. Counts on the tunnel. Context: BH disabled, RCU read section.
 */
void vnb_outer_send(struct vnb_encap *x, struct vnb_remote *remote,
		    struct sk_buff *skb);

/**
 * vnb_outer_would_send() - is there a route to a remote that a frame fits?
 * @x: how, as for vnb_outer_send(), without @x->cache: routes that are kept are
 *	of softirqs
 * @remote: where to
 * @skb: as for vnb_outer_send()
 *
 * Borrows @skb. Counts nothing. Context: process, RCU read section.
 *
 * Return: %VNB_OK or why not.
 */
enum vnb_drop vnb_outer_would_send(struct vnb_encap *x,
				   struct vnb_remote *remote,
				   const struct sk_buff *skb);

#endif /* VNB_ENCAP_H */
