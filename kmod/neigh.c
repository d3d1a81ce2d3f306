// SPDX-License-Identifier: GPL-2.0
/*
 * Answers to ARP (RFC 826) and IPv6 neighbour discovery (RFC 4861) from what
 * the bridge knows, and what need not be flooded therefore.
 */
#include "neigh.h"

#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/ip6_checksum.h>
#include <net/ndisc.h>
#include <net/neighbour.h>

#include "bridge.h"
#include "frame.h"
#include "neigh_msg.h"

/* Ports that suppress, or some VLANs of which may. */
#define VNB_NEIGH_SUPPRESSES (VNB_PORT_NEIGH_SUPPRESS | VNB_PORT_NEIGH_VLAN)

#define VNB_NEIGH_FLAGS	(VNB_PORT_PROXYARP | VNB_PORT_PROXYARP_WIFI |	\
			 VNB_NEIGH_SUPPRESSES)

/* Ports that do not get a question which is, or could be, answered, ... */
#define VNB_NEIGH_KNOWN	(VNB_PORT_PROXYARP_WIFI | VNB_NEIGH_SUPPRESSES)

/* ... or what is said without a question. */
#define VNB_NEIGH_GRAT	(VNB_PORT_PROXYARP_WIFI | VNB_PORT_NO_GRAT |	\
			 VNB_PORT_NEIGH_VLAN)

/* An advertisement and its one option. */
struct vnb_nd_advert {
	struct ipv6hdr	ip;
	struct nd_msg	msg;
	struct nd_opt_hdr opt;
	u8		addr[ETH_ALEN];
} __packed;

/**
 * struct vnb_neighbour - somebody that the bridge knows
 */
struct vnb_neighbour {
	/** @port: the port it is behind, NULL if there is no such neighbour */
	const struct vnb_port	*port;
	/** @addr: its link address */
	u8			addr[ETH_ALEN] __aligned(2);
	/** @router: says that it is one */
	bool			router;
};

/**
 * struct vnb_neigh_question - what a frame asks for, and who that is
 */
struct vnb_neigh_question {
	/** @proto: ETH_P_* of what is to be answered, big endian; or 0 */
	__be16			proto;
	/** @who: the answer to it */
	struct vnb_neighbour	who;
	/** @arp: the question, for ETH_P_ARP */
	struct vnb_arp		arp;
	/** @ip: the question, for ETH_P_IPV6 */
	struct ipv6hdr		ip;
	/** @msg: behind @ip */
	struct nd_msg		msg;
};

/*
 * The device whose neighbours those of the frame's VLAN are, NULL if the host
 * has none in it.
 */
static struct net_device *vnb_neigh_dev(const struct vnb_frame *frame)
{
	struct net_device *dev = frame->br->vnb.dev;

	if (!frame->vid)
		return dev;

	return __vlan_find_dev_deep_rcu(dev, READ_ONCE(frame->br->vlan_proto),
					frame->vid);
}

/* Returns whether the host knows it. */
static bool vnb_neigh_ask_host(struct neigh_table *table, const void *ip,
			       struct net_device *dev,
			       struct vnb_neighbour *who)
{
	struct neighbour *n = dev ? neigh_lookup(table, ip, dev) : NULL;
	bool known;

	if (!n)
		return false;

	known = READ_ONCE(n->nud_state) & NUD_VALID;
	if (known) {
		neigh_ha_snapshot((char *)who->addr, n, n->dev);
		who->router = n->flags & NTF_ROUTER;
	}
	neigh_release(n);
	return known;
}

/* Whom users and control planes have entered goes before who was heard. */
static void vnb_neigh_find(const struct vnb_frame *frame,
			   struct neigh_table *table, const void *ip,
			   struct net_device *dev, struct vnb_neighbour *who)
{
	const __be16 proto = table == &arp_tbl ? htons(ETH_P_ARP) :
						 htons(ETH_P_IPV6);
	const struct vnb_fdb_entry *f;

	who->port = NULL;
	if (!vnb_neigh_ask_host(table, ip, dev, who)) {
		if (!vnb_snoop_find(frame, proto, ip, who->addr, &who->router))
			return;
		/* that it has it must not keep it from it: RFC 5227 2.1.1 */
		if (ether_addr_equal(who->addr,
				     eth_hdr(frame->skb)->h_source))
			return;
	}

	f = vnb_fdb_lookup_rcu(frame->br, who->addr, frame->vid);
	if (f)
		who->port = rcu_dereference(f->port);
}

/* Send @answer, with its Ethernet header, to where the frame came from. */
static void vnb_neigh_send(const struct vnb_frame *frame,
			   struct sk_buff *answer)
{
	struct vnb_frame back = {
		.br	= frame->br,
		.in	= &frame->br->local,
		.skb	= answer,
		.vid	= frame->vid,
		/* queue it: we are in the middle of a frame, of any context */
		.from	= VNB_FROM_XMIT,
	};

	skb_reset_mac_header(answer);
	__skb_pull(answer, ETH_HLEN);
	if (skb_vlan_tag_present(frame->skb))
		__vlan_hwaccel_copy_tag(answer, frame->skb);

	vnb_stats_inc(frame->br->vnb.stats, VNB_STAT_NEIGH_ANSWERED);
	vnb_tx(&back, frame->in, answer);
}

static int vnb_neigh_has_ipv4(struct net_device *dev,
			      struct netdev_nested_priv *priv)
{
	__be32 ip = *(__be32 *)priv->data;
	struct in_device *in_dev = __in_dev_get_rcu(dev);

	return in_dev && inet_confirm_addr(dev_net(dev), in_dev, 0, ip,
					   RT_SCOPE_HOST) == ip;
}

static int vnb_neigh_has_ipv6(struct net_device *dev,
			      struct netdev_nested_priv *priv)
{
	return ipv6_chk_addr(dev_net(dev), priv->data, dev, 0);
}

/* Is @ip one of @dev's own, if there is one, or of a device on top of it? */
static bool vnb_neigh_is_local(struct net_device *dev, void *ip,
			       int (*has)(struct net_device *dev,
					  struct netdev_nested_priv *priv))
{
	struct netdev_nested_priv priv = { .data = ip };

	return dev && (has(dev, &priv) ||
		       netdev_walk_all_upper_dev_rcu(dev, has, &priv));
}

static void vnb_arp_answer(const struct vnb_frame *frame,
			   const struct vnb_arp *arp, const u8 *addr)
{
	struct sk_buff *answer;

	answer = arp_create(ARPOP_REPLY, ETH_P_ARP, arp->sender_ip,
			    frame->br->vnb.dev, arp->target_ip, arp->sender,
			    addr, arp->sender);
	if (answer)
		vnb_neigh_send(frame, answer);
}

static u32 vnb_arp_look(const struct vnb_frame *frame,
			struct vnb_neigh_question *q, struct net_device *dev)
{
	bool suppress = READ_ONCE(frame->br->n_suppress_ports);
	u32 flags = vnb_neigh_flags(frame->in, frame->vid);
	const struct vnb_arp *arp = &q->arp;
	__be32 target = arp->target_ip;

	if (ipv4_is_loopback(target) || ipv4_is_multicast(target) ||
	    flags & VNB_PORT_NEIGH_SUPPRESS)
		return 0;
	if (suppress && arp->sender_ip == target &&
	    arp->hdr.ar_op != htons(ARPOP_RREQUEST) &&
	    arp->hdr.ar_op != htons(ARPOP_RREPLY))
		return VNB_NEIGH_GRAT;
	if (arp->hdr.ar_op != htons(ARPOP_REQUEST))
		return 0;
	/* The host wants to hear of others, not what it knows. */
	if (!suppress && frame->in->type == VNB_PORT_LOCAL)
		return 0;
	if (suppress && vnb_neigh_is_local(dev, &target, vnb_neigh_has_ipv4))
		return VNB_NEIGH_KNOWN;

	vnb_neigh_find(frame, &arp_tbl, &target, dev, &q->who);
	if (!q->who.port)
		return 0;
	if (!(flags & VNB_PORT_PROXYARP) &&
	    !(vnb_neigh_flags(q->who.port, frame->vid) & VNB_NEIGH_KNOWN))
		return suppress ? VNB_NEIGH_KNOWN : 0;

	q->proto = htons(ETH_P_ARP);
	return VNB_NEIGH_KNOWN;
}

static u32 vnb_neigh_arp(const struct vnb_frame *frame,
			 struct vnb_neigh_question *q, struct net_device *dev)
{
	return vnb_arp_read(frame->skb, &q->arp) ?
	       vnb_arp_look(frame, q, dev) : 0;
}

/* RFC 4861 4.4, and 7.2.4 for who gets it. */
static void vnb_nd_fill(struct vnb_nd_advert *na, const struct ipv6hdr *ip,
			const struct nd_msg *ns,
			const struct vnb_neighbour *who)
{
	const int len = sizeof(*na) - sizeof(na->ip);
	bool dad = ipv6_addr_any(&ip->saddr);

	na->ip.version = 6;
	na->ip.priority = ip->priority;
	na->ip.payload_len = htons(len);
	na->ip.nexthdr = IPPROTO_ICMPV6;
	na->ip.hop_limit = 255;
	na->ip.saddr = ns->target;
	na->ip.daddr = dad ? in6addr_linklocal_allnodes : ip->saddr;
	na->msg.icmph.icmp6_type = NDISC_NEIGHBOUR_ADVERTISEMENT;
	na->msg.icmph.icmp6_router = who->router;
	na->msg.icmph.icmp6_solicited = !dad;
	na->msg.icmph.icmp6_override = 1;
	na->msg.target = ns->target;
	na->opt.nd_opt_type = ND_OPT_TARGET_LL_ADDR;
	na->opt.nd_opt_len = 1;
	ether_addr_copy(na->addr, who->addr);
	na->msg.icmph.icmp6_cksum =
		csum_ipv6_magic(&na->ip.saddr, &na->ip.daddr, len,
				IPPROTO_ICMPV6, csum_partial(&na->msg, len, 0));
}

static void vnb_nd_answer(const struct vnb_frame *frame,
			  const struct vnb_neigh_question *q)
{
	const struct vnb_neighbour *who = &q->who;
	const struct ipv6hdr *ip = &q->ip;
	struct net_device *dev = frame->br->vnb.dev;
	struct vnb_nd_advert *na;
	struct sk_buff *answer;
	/* once: a port that joins may make it more */
	const unsigned int room = LL_RESERVED_SPACE(dev);
	u8 dest[ETH_ALEN];

	answer = alloc_skb(room + sizeof(*na), GFP_ATOMIC);
	if (!answer)
		return;

	skb_reserve(answer, room);
	skb_reset_network_header(answer);
	skb_set_transport_header(answer, sizeof(na->ip));
	na = skb_put_zero(answer, sizeof(*na));
	vnb_nd_fill(na, ip, &q->msg, who);
	answer->protocol = htons(ETH_P_IPV6);
	answer->dev = dev;

	if (ipv6_addr_any(&ip->saddr))
		ipv6_eth_mc_map(&in6addr_linklocal_allnodes, dest);
	else
		ether_addr_copy(dest, eth_hdr(frame->skb)->h_source);
	dev_hard_header(answer, dev, ETH_P_IPV6, dest, who->addr, answer->len);
	vnb_neigh_send(frame, answer);
}

static u32 vnb_nd_look(const struct vnb_frame *frame,
		       struct vnb_neigh_question *q, struct net_device *dev)
{
	const struct ipv6hdr *ip = &q->ip;
	struct nd_msg *msg = &q->msg;

	if (msg->icmph.icmp6_type == NDISC_NEIGHBOUR_ADVERTISEMENT)
		return msg->icmph.icmp6_solicited ? 0 : VNB_NEIGH_GRAT;
	if (msg->icmph.icmp6_type != NDISC_NEIGHBOUR_SOLICITATION ||
	    ipv6_addr_is_multicast(&msg->target))
		return 0;
	if (ipv6_addr_equal(&ip->saddr, &ip->daddr))
		return VNB_NEIGH_GRAT;
	if (vnb_neigh_is_local(dev, &msg->target, vnb_neigh_has_ipv6))
		return VNB_NEIGH_KNOWN;

	vnb_neigh_find(frame, &nd_tbl, &msg->target, dev, &q->who);
	if (!q->who.port)
		return 0;
	if (vnb_neigh_flags(q->who.port, frame->vid) & VNB_PORT_NEIGH_SUPPRESS)
		q->proto = htons(ETH_P_IPV6);

	return VNB_NEIGH_KNOWN;
}

static u32 vnb_neigh_nd(const struct vnb_frame *frame,
			struct vnb_neigh_question *q, struct net_device *dev)
{
	/* without IPv6 there is no table to look into */
	if (!ipv6_mod_enabled() || !READ_ONCE(frame->br->n_suppress_ports) ||
	    vnb_neigh_flags(frame->in, frame->vid) & VNB_PORT_NEIGH_SUPPRESS)
		return 0;

	return vnb_nd_read(frame->skb, &q->ip, &q->msg) ?
	       vnb_nd_look(frame, q, dev) : 0;
}

/* A rule without an effect. Returns what vnb_neigh_answer() does. */
static u32 vnb_neigh_look(const struct vnb_frame *frame,
			  struct vnb_neigh_question *q)
{
	struct net_device *dev = vnb_neigh_dev(frame);

	q->proto = 0;
	/* a tag that means nothing to the bridge: not ours to answer */
	if (!frame->vid && skb_vlan_tag_present(frame->skb))
		return 0;

	switch (eth_hdr(frame->skb)->h_proto) {
	case htons(ETH_P_ARP):
	case htons(ETH_P_RARP):
		return dev && dev->flags & IFF_NOARP ?
		       0 : vnb_neigh_arp(frame, q, dev);
	case htons(ETH_P_IPV6):
		return vnb_neigh_nd(frame, q, dev);
	}

	return 0;
}

u32 vnb_neigh_answer(const struct vnb_frame *frame)
{
	struct vnb_neigh_question q;
	u32 avoid = vnb_neigh_look(frame, &q);

	if (q.proto == htons(ETH_P_ARP))
		vnb_arp_answer(frame, &q.arp, q.who.addr);
	else if (q.proto == htons(ETH_P_IPV6))
		vnb_nd_answer(frame, &q);

	return avoid;
}

u32 vnb_neigh_would_answer(const struct vnb_frame *frame, bool *answered)
{
	struct vnb_neigh_question q;
	u32 avoid = vnb_neigh_look(frame, &q);

	*answered = q.proto;
	return avoid;
}

void vnb_neigh_count(struct vnb_bridge *br, u32 old, u32 new)
{
	const u32 suppress = VNB_NEIGH_SUPPRESSES;

	ASSERT_RTNL();

	WRITE_ONCE(br->n_neigh_ports, br->n_neigh_ports +
		   !!(new & VNB_NEIGH_FLAGS) - !!(old & VNB_NEIGH_FLAGS));
	WRITE_ONCE(br->n_suppress_ports, br->n_suppress_ports +
		   !!(new & suppress) - !!(old & suppress));
}
