// SPDX-License-Identifier: GPL-2.0
/*
 * From the UDP socket to the inner frame.
 *
 * Copyright (C) the vnetbr authors
 */

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/udp.h>
#include <linux/vnetbr.h>

#include <net/gro.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/sock.h>

#include "frame.h"
#include "tunnel.h"
#include "vxlan.h"

#define VNB_DECAP_HLEN	(sizeof(struct udphdr) + sizeof(struct vnb_vxlan_hdr))

/* Below this, a queue costs more than merging can gain. */
#define VNB_DECAP_GRO_MIN	512

static const struct vnb_vxlan_hdr *vnb_decap_hdr(const struct sk_buff *skb)
{
	return (const struct vnb_vxlan_hdr *)(udp_hdr(skb) + 1);
}

/* Which tunnel is a frame for? Borrows @skb; may move skb->data. */
static enum vnb_drop vnb_decap_find(const struct vnb_sock *sock,
				    struct sk_buff *skb,
				    struct vnb_tunnel **tun)
{
	if (unlikely(!pskb_may_pull(skb, VNB_DECAP_HLEN) ||
		     !vnb_vxlan_valid(vnb_decap_hdr(skb))))
		return VNB_DROP_VXLAN_HEADER;

	*tun = vnb_sock_find_rcu(sock, vnb_vxlan_vni(vnb_decap_hdr(skb)));
	return likely(*tun) ? VNB_OK : VNB_DROP_VXLAN_VNI;
}

/* What is to be known of the outer headers, which are overwritten. */
struct vnb_outer {
	struct vnb_remote_key	source;
	u8			ds;	/* DSCP and ECN */
	bool			csum;
};

static void vnb_decap_read_outer(struct vnb_outer *outer,
				 const struct sk_buff *skb, u8 family)
{
	*outer = (struct vnb_outer) {
		.source.family	= family,
		.csum		= udp_hdr(skb)->check,
	};

	if (family == AF_INET) {
		outer->source.ip.v4 = ip_hdr(skb)->saddr;
		outer->ds = ip_hdr(skb)->tos;
		return;
	}

	outer->source.ip.v6 = ipv6_hdr(skb)->saddr;
	outer->ds = ipv6_get_dsfield(ipv6_hdr(skb));
	if (unlikely(vnb_ip_is_linklocal6(&outer->source.ip, family)))
		outer->source.ifindex = skb->dev->ifindex;
}

static enum vnb_drop vnb_decap_check_outer(const struct vnb_tunnel_config *cfg,
					   const struct sk_buff *skb,
					   const struct vnb_outer *outer)
{
	if (unlikely(cfg->strict && vnb_vxlan_reserved(vnb_decap_hdr(skb))))
		return VNB_DROP_VXLAN_RESERVED;

	if (unlikely(!outer->csum && outer->source.family == AF_INET6 &&
		     !cfg->zero_csum6_rx))
		return VNB_DROP_VXLAN_CSUM;

	return VNB_OK;
}

/*
 * The transport header is still the outer one, in front of data; who counts
 * segments looks there. And a guest may have said that its checksum begins in
 * front of the outer UDP header: the core then keeps a sum of its own in the
 * same place, and what looks like an offset is none.
 */
static void vnb_decap_set_transport(struct sk_buff *skb)
{
	int start = skb_checksum_start_offset(skb);

	skb_reset_transport_header(skb);
	if (likely(skb->ip_summed != CHECKSUM_PARTIAL))
		return;

	if (start < 0 || start + skb->csum_offset + sizeof(__sum16) >
			 skb_headlen(skb))
		skb->ip_summed = CHECKSUM_NONE;
	else
		skb_set_transport_header(skb, start);
}

/*
 * Remove the outer headers: data at the inner network header. Borrows @skb; may
 * move skb->data.
 */
static enum vnb_drop vnb_decap_pull(struct vnb_tunnel *tun, struct sk_buff *skb)
{
	if (unlikely(!pskb_may_pull(skb, VNB_DECAP_HLEN + ETH_HLEN)))
		return VNB_DROP_TRUNCATED;

	if (unlikely(__iptunnel_pull_header(skb, VNB_DECAP_HLEN,
					    htons(ETH_P_TEB), false,
					    vnb_tunnel_is_xnet(tun))))
		return VNB_DROP_NO_MEMORY;

	skb->protocol = eth_type_trans(skb, tun->vnb.dev);
	skb_postpull_rcsum(skb, eth_hdr(skb), ETH_HLEN);
	skb_reset_network_header(skb);
	vnb_decap_set_transport(skb);

	return VNB_OK;
}

static enum vnb_drop vnb_decap_check_source(struct vnb_tunnel *tun,
					    const struct vnb_tunnel_config *cfg,
					    const struct sk_buff *skb,
					    const struct vnb_remote_key *key)
{
	const u8 *source = eth_hdr(skb)->h_source;

	if (unlikely(!is_valid_ether_addr(source)))
		return VNB_DROP_INVALID_SOURCE;

	if (unlikely(ether_addr_equal(source, tun->vnb.dev->dev_addr)))
		return VNB_DROP_OWN_SOURCE;

	return cfg->learning ? vnb_tfdb_learn(tun, cfg, source, key) : VNB_OK;
}

/*
 * Combine the ECN marks (RFC 6040). Borrows @skb, data at the inner network
 * header; may move skb->data.
 */
static enum vnb_drop vnb_decap_ecn(struct sk_buff *skb, u8 outer)
{
	unsigned int hlen;
	u8 inner;

	if (unlikely(!pskb_inet_may_pull(skb)))
		return VNB_DROP_TRUNCATED;

	/* The mark is written to what a tap on the underlay may still read. */
	hlen = min(skb->len, sizeof(struct ipv6hdr));
	if (unlikely(outer & INET_ECN_ECT_1 && skb_ensure_writable(skb, hlen)))
		return VNB_DROP_NO_MEMORY;

	switch (skb->protocol) {
	case htons(ETH_P_IP):
		inner = ip_hdr(skb)->tos;
		break;
	case htons(ETH_P_IPV6):
		inner = ipv6_get_dsfield(ipv6_hdr(skb));
		break;
	default:
		return VNB_OK;
	}

	if (unlikely(INET_ECN_decapsulate(skb, outer, inner) > 1))
		return VNB_DROP_VXLAN_ECN;

	return VNB_OK;
}

/* The errors that the core has counters for. */
static void vnb_decap_count_drop(struct net_device *dev, enum vnb_drop why)
{
	switch (why) {
	case VNB_DROP_TRUNCATED:
		DEV_STATS_INC(dev, rx_length_errors);
		DEV_STATS_INC(dev, rx_errors);
		break;
	case VNB_DROP_VXLAN_RESERVED:
	case VNB_DROP_VXLAN_CSUM:
	case VNB_DROP_VXLAN_ECN:
		DEV_STATS_INC(dev, rx_frame_errors);
		DEV_STATS_INC(dev, rx_errors);
		break;
	default:
		DEV_STATS_INC(dev, rx_dropped);
	}
}

/* A frame for a tunnel, over IPv4 or IPv6. Consumes @skb. */
static void vnb_decap(struct vnb_tunnel *tun, struct sk_buff *skb, u8 family)
{
	const struct vnb_tunnel_config *cfg = rcu_dereference(tun->cfg);
	struct net_device *dev = tun->vnb.dev;
	struct vnb_outer outer;
	enum vnb_drop why;
	unsigned int len;

	vnb_decap_read_outer(&outer, skb, family);
	why = vnb_decap_check_outer(cfg, skb, &outer);
	if (unlikely(why))
		goto drop;

	why = vnb_decap_pull(tun, skb);
	if (unlikely(why))
		goto drop;

	why = vnb_decap_check_source(tun, cfg, skb, &outer.source);
	if (unlikely(why))
		goto drop;

	/* Where the core would put it too: the IP header is behind no tag. */
	len = skb->len;
	if (unlikely(eth_type_vlan(skb->protocol))) {
		skb = skb_vlan_untag(skb);
		if (unlikely(!skb)) {
			vnb_stats_inc(tun->vnb.stats, VNB_DROP_TRUNCATED);
			vnb_decap_count_drop(dev, VNB_DROP_TRUNCATED);
			return;
		}
	}

	why = vnb_decap_ecn(skb, outer.ds);
	if (unlikely(why))
		goto drop;

	if (unlikely(!(dev->flags & IFF_UP))) {
		why = VNB_DROP_PORT_DOWN;
		goto drop;
	}

	dev_sw_netstats_rx_add(dev, len);
	vnb_rx_tunnel(tun, skb);
	return;

drop:
	vnb_decap_count_drop(dev, why);
	vnb_drop(&tun->vnb, skb, why);
}

int vnb_decap_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct vnb_sock *sock = rcu_dereference_sk_user_data(sk);
	struct vnb_tunnel *tun;
	enum vnb_drop why;

	/* Segments of one datagram come as a list that the caller walks. */
	skb_mark_not_on_list(skb);

	/* The socket is being closed. */
	if (unlikely(!sock)) {
		kfree_skb(skb);
		return 0;
	}

	why = vnb_decap_find(sock, skb, &tun);
	if (likely(!why))
		vnb_decap(tun, skb, sock->family);
	else
		vnb_drop_on(sock->stats, NULL, skb, why);

	return 0;
}

/* An ICMP error about a frame that we sent: is it ours? */
int vnb_decap_err_lookup(struct sock *sk, struct sk_buff *skb)
{
	const struct vnb_sock *sock = rcu_dereference_sk_user_data(sk);
	struct vnb_tunnel *tun;

	if (!sock || !pskb_may_pull(skb, skb_transport_offset(skb) +
					 VNB_DECAP_HLEN))
		return -ENOENT;

	if (!vnb_vxlan_valid(vnb_decap_hdr(skb)))
		return -ENOENT;

	tun = vnb_sock_find_rcu(sock, vnb_vxlan_vni(vnb_decap_hdr(skb)));
	return tun ? 0 : -ENOENT;
}

struct sk_buff *vnb_decap_gro_receive(struct sock *sk, struct list_head *head,
				      struct sk_buff *skb)
{
	unsigned int off = skb_gro_offset(skb);
	const struct vnb_vxlan_hdr *hdr, *other;
	struct sk_buff *pp = NULL;
	struct sk_buff *p;
	int flush = 1;

	hdr = skb_gro_header(skb, off + sizeof(*hdr), off);
	if (unlikely(!hdr))
		goto out;

	list_for_each_entry(p, head, list) {
		if (!NAPI_GRO_CB(p)->same_flow)
			continue;

		other = (const struct vnb_vxlan_hdr *)(p->data + off);
		if (hdr->flags != other->flags || hdr->vni != other->vni)
			NAPI_GRO_CB(p)->same_flow = 0;
	}

	skb_gro_postpull_rcsum(skb, hdr, sizeof(*hdr));
	skb_gro_pull(skb, sizeof(*hdr));
	pp = call_gro_receive(eth_gro_receive, head, skb);
	flush = 0;
out:
	skb_gro_flush_final(skb, pp, flush);
	return pp;
}

int vnb_decap_gro_complete(struct sock *sk, struct sk_buff *skb, int nhoff)
{
	return eth_gro_complete(skb, nhoff + sizeof(struct vnb_vxlan_hdr));
}

static bool vnb_decap_is_tcp(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return ip_hdr(skb)->protocol == IPPROTO_TCP;
	case htons(ETH_P_IPV6):
		return ipv6_hdr(skb)->nexthdr == IPPROTO_TCP;
	default:
		return false;
	}
}

bool vnb_decap_wants_gro(const struct vnb_tunnel *tun,
			 const struct sk_buff *skb)
{
	const struct vnb_tunnel_config *cfg = rcu_dereference(tun->cfg);

	if (unlikely(!(tun->vnb.dev->features & NETIF_F_GRO)))
		return false;

	switch (cfg->rx_gro) {
	case VNETBR_RX_GRO_OFF:
		return false;
	case VNETBR_RX_GRO_ON:
		return true;
	default:
		return !skb_is_gso(skb) && skb->len >= VNB_DECAP_GRO_MIN &&
		       vnb_decap_is_tcp(skb);
	}
}

void vnb_decap_deliver(struct vnb_tunnel *tun, struct sk_buff *skb)
{
	gro_cells_receive(&tun->gro_cells, skb);
}
