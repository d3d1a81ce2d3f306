/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vnetbr

#if !defined(VNB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VNB_TRACE_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "bridge.h"
#include "drop.h"
#include "tunnel.h"

#ifndef VNB_TRACE_SYMBOLS
#define VNB_TRACE_SYMBOLS
#define VNB_DROP_SYMBOL(name, core, word)	{ VNB_DROP_##name, word },
#define VNB_DROP_SYMBOLS	VNB_DROP_REASONS(VNB_DROP_SYMBOL) { 0, "ok" }
#endif

/*
 * A frame is dropped. ifindex is 0 where no device is to blame; port is where
 * it came into a bridge, and 0 if that is not known or it came further.
 */
TRACE_EVENT(vnb_drop,
	TP_PROTO(const struct net_device *dev, const struct net_device *in,
		 const struct sk_buff *skb, enum vnb_drop why),
	TP_ARGS(dev, in, skb, why),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(int, ifindex)
		__field(int, port)
		__field(unsigned int, len)
		__field(u16, protocol)
		__field(u16, why)
	),
	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->ifindex = dev ? dev->ifindex : 0;
		__entry->port = in ? in->ifindex : 0;
		__entry->len = skb->len;
		__entry->protocol = ntohs(skb->protocol);
		__entry->why = why;
	),
	TP_printk("ifindex=%d port=%d skbaddr=%p len=%u protocol=0x%04x reason=%s",
		  __entry->ifindex, __entry->port, __entry->skbaddr,
		  __entry->len, __entry->protocol,
		  __print_symbolic(__entry->why, VNB_DROP_SYMBOLS))
);

/* A frame has no single target. */
TRACE_EVENT(vnb_flood,
	TP_PROTO(const struct vnb_port *in, const struct ethhdr *eth, u16 vid),
	TP_ARGS(in, eth, vid),
	TP_STRUCT__entry(
		__field(int, bridge)
		__field(int, port)
		__field(u16, vid)
		__array(u8, dest, ETH_ALEN)
		__array(u8, source, ETH_ALEN)
	),
	TP_fast_assign(
		__entry->bridge = in->br->vnb.dev->ifindex;
		__entry->port = in->dev->ifindex;
		__entry->vid = vid;
		ether_addr_copy(__entry->dest, eth->h_dest);
		ether_addr_copy(__entry->source, eth->h_source);
	),
	TP_printk("bridge=%d port=%d vid=%u dest=%pM source=%pM",
		  __entry->bridge, __entry->port, __entry->vid,
		  __entry->dest, __entry->source)
);

DECLARE_EVENT_CLASS(vnb_fdb,
	TP_PROTO(const struct vnb_port *port, const struct vnb_fdb_entry *f),
	TP_ARGS(port, f),
	TP_STRUCT__entry(
		__field(int, bridge)
		__field(int, port)
		__field(u16, vid)
		__array(u8, addr, ETH_ALEN)
	),
	TP_fast_assign(
		__entry->bridge = port->br->vnb.dev->ifindex;
		__entry->port = port->dev->ifindex;
		__entry->vid = f->key.vid;
		ether_addr_copy(__entry->addr, f->key.addr);
	),
	TP_printk("bridge=%d port=%d vid=%u addr=%pM", __entry->bridge,
		  __entry->port, __entry->vid, __entry->addr)
);

/* An address is new on a port. */
DEFINE_EVENT(vnb_fdb, vnb_fdb_learn,
	TP_PROTO(const struct vnb_port *port, const struct vnb_fdb_entry *f),
	TP_ARGS(port, f)
);

/* An address is on another port than before. */
DEFINE_EVENT(vnb_fdb, vnb_fdb_move,
	TP_PROTO(const struct vnb_port *port, const struct vnb_fdb_entry *f),
	TP_ARGS(port, f)
);

DECLARE_EVENT_CLASS(vnb_tfdb,
	TP_PROTO(const struct vnb_tunnel *tun, const struct vnb_tfdb_entry *e),
	TP_ARGS(tun, e),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__array(u8, addr, ETH_ALEN)
		__array(u8, remote, sizeof(struct in6_addr))
	),
	TP_fast_assign(
		const struct vnb_remote_key *key = &e->remotes[0]->key;
		struct in6_addr remote = key->ip.v6;

		if (key->family == AF_INET)
			ipv6_addr_set_v4mapped(key->ip.v4, &remote);
		__entry->ifindex = tun->vnb.dev->ifindex;
		ether_addr_copy(__entry->addr, e->key.addr);
		memcpy(__entry->remote, &remote, sizeof(remote));
	),
	TP_printk("ifindex=%d addr=%pM remote=%pI6c", __entry->ifindex,
		  __entry->addr, __entry->remote)
);

/* An address is new behind a remote of a tunnel. */
DEFINE_EVENT(vnb_tfdb, vnb_tfdb_learn,
	TP_PROTO(const struct vnb_tunnel *tun, const struct vnb_tfdb_entry *e),
	TP_ARGS(tun, e)
);

/* An address is behind another remote than before. */
DEFINE_EVENT(vnb_tfdb, vnb_tfdb_move,
	TP_PROTO(const struct vnb_tunnel *tun, const struct vnb_tfdb_entry *e),
	TP_ARGS(tun, e)
);

#endif /* VNB_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
