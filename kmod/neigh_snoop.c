// SPDX-License-Identifier: GPL-2.0
/*
 * Neighbours that a bridge knows from what they say: their table, and what of
 * ARP (RFC 826) and neighbour discovery (RFC 4861) is believed.
 */
#include "neigh_snoop.h"

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/slab.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "bridge.h"
#include "frame.h"
#include "neigh_msg.h"

/* How many entries one look at the table takes. */
#define VNB_SNOOP_SLICE	64

/* How often it is looked at for what has to go: each leaves one of many. */
#define VNB_SNOOP_PASSES	8

/**
 * struct vnb_snoop_key - what a neighbour is looked up by
 */
struct vnb_snoop_key {
	/** @ip: its address; one of IPv4 is the first word, others are 0 */
	struct in6_addr	ip;
	/** @proto: ETH_P_ARP or ETH_P_IPV6, big endian */
	__be16		proto;
	/** @vid: its VLAN, 0 without VLAN filtering */
	u16		vid;
};

/**
 * struct vnb_snooped - a neighbour
 *
 * Read under RCU.
 */
struct vnb_snooped {
	/** @node: in vnb_snoop.table */
	struct rhash_head	node;
	/** @key: constant */
	struct vnb_snoop_key	key;
	/** @addr: its link address, by vnb_snoop.seq */
	u8			addr[ETH_ALEN] __aligned(2);
	/** @router: says that it is one, by vnb_snoop.seq */
	bool			router;
	/**
	 * @used: jiffies when it was last heard of. Written by the path at most
	 * every VNB_FDB_TOUCH jiffies, because all CPUs read this line.
	 */
	unsigned long		used;
	/** @rcu: frees it after the last reader */
	struct rcu_head		rcu;
};

/**
 * struct vnb_snoop_word - what a frame says of its sender
 */
struct vnb_snoop_word {
	/** @key: who it is */
	struct vnb_snoop_key	key;
	/** @router: it says that it is one; else it is not known */
	bool			router;
	/** @says_router: @router is known */
	bool			says_router;
	/** @moves: replaces another link address */
	bool			moves;
};

static int vnb_snoop_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct vnb_snooped *e = obj;

	return memcmp(&e->key, arg->key, sizeof(e->key)) != 0;
}

static const struct rhashtable_params vnb_snoop_params = {
	.head_offset		= offsetof(struct vnb_snooped, node),
	.key_offset		= offsetof(struct vnb_snooped, key),
	.key_len		= sizeof(struct vnb_snoop_key),
	.obj_cmpfn		= vnb_snoop_cmp,
	.automatic_shrinking	= true,
};

/* The key is compared as a whole: without padding, and with zeros in it. */
static void vnb_snoop_key_set(struct vnb_snoop_key *key, __be16 proto,
			      const void *ip, u16 vid)
{
	BUILD_BUG_ON(sizeof(*key) != sizeof(key->ip) + 2 * sizeof(u16));
	memset(&key->ip, 0, sizeof(key->ip));
	memcpy(&key->ip, ip, proto == htons(ETH_P_ARP) ? sizeof(__be32) :
						       sizeof(key->ip));
	key->proto = proto;
	key->vid = vid;
}

static struct vnb_snooped *vnb_snoop_lookup(struct vnb_snoop *snoop,
					    const struct vnb_snoop_key *key)
{
	return rhashtable_lookup(&snoop->table, key, vnb_snoop_params);
}

static void vnb_snoop_read(struct vnb_snoop *snoop,
			   const struct vnb_snooped *e, u8 *addr, bool *router)
{
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&snoop->seq);
		ether_addr_copy(addr, e->addr);
		*router = e->router;
	} while (read_seqcount_retry(&snoop->seq, seq));
}

bool vnb_snoop_find(const struct vnb_frame *frame, __be16 proto, const void *ip,
		    u8 *addr, bool *router)
{
	struct vnb_snoop *snoop = &frame->br->snoop;
	struct vnb_snoop_key key;
	struct vnb_snooped *e;

	if (!(READ_ONCE(frame->br->opts) & VNB_BRIDGE_NEIGH_SNOOP))
		return false;

	vnb_snoop_key_set(&key, proto, ip, frame->vid);
	e = vnb_snoop_lookup(snoop, &key);
	if (e)
		vnb_snoop_read(snoop, e, addr, router);

	return e;
}

static bool vnb_snoop_full(const struct vnb_snoop *snoop)
{
	return READ_ONCE(snoop->n) >= READ_ONCE(snoop->max);
}

/* Return: 0, -ENOSPC if there is no room, or another error. */
static int vnb_snoop_insert(struct vnb_snoop *snoop,
			    const struct vnb_snoop_word *word, const u8 *addr)
{
	struct vnb_snooped *e;
	int err;

	lockdep_assert_held(&snoop->lock);

	if (vnb_snoop_full(snoop))
		return -ENOSPC;

	e = kzalloc_obj(*e, GFP_ATOMIC | __GFP_NOWARN);
	if (!e)
		return -ENOMEM;

	e->key = word->key;
	ether_addr_copy(e->addr, addr);
	e->router = word->router;
	e->used = jiffies;
	err = rhashtable_lookup_insert_fast(&snoop->table, &e->node,
					    vnb_snoop_params);
	if (err)
		kfree(e);
	else
		WRITE_ONCE(snoop->n, snoop->n + 1);

	return err;
}

static void vnb_snoop_update(struct vnb_snoop *snoop, struct vnb_snooped *e,
			     const struct vnb_snoop_word *word, const u8 *addr)
{
	lockdep_assert_held(&snoop->lock);

	if (!word->moves && !ether_addr_equal(e->addr, addr))
		return;

	write_seqcount_begin(&snoop->seq);
	ether_addr_copy(e->addr, addr);
	if (word->says_router)
		e->router = word->router;
	write_seqcount_end(&snoop->seq);
	WRITE_ONCE(e->used, jiffies);
}

/* Is there nothing to be written, but that it was heard of? */
static bool vnb_snoop_knows(struct vnb_snoop *snoop, struct vnb_snooped *e,
			    const struct vnb_snoop_word *word, const u8 *src)
{
	u8 addr[ETH_ALEN] __aligned(2);
	bool router;

	vnb_snoop_read(snoop, e, addr, &router);
	if (!ether_addr_equal(addr, src))
		return !word->moves;
	if (word->says_router && word->router != router)
		return false;

	if (jiffies - READ_ONCE(e->used) > VNB_FDB_TOUCH)
		WRITE_ONCE(e->used, jiffies);
	return true;
}

static void vnb_snoop_learn(const struct vnb_frame *frame,
			    const struct vnb_snoop_word *word)
{
	const u8 *addr = eth_hdr(frame->skb)->h_source;
	struct vnb_snoop *snoop = &frame->br->snoop;
	struct vnb_snooped *e;
	int err = 0;

	e = vnb_snoop_lookup(snoop, &word->key);
	if (e && vnb_snoop_knows(snoop, e, word, addr))
		return;
	/* It does not say whether it is a router: see vnb_snoop_solicit() */
	if (!e && !word->says_router)
		return;
	/* so that a flood of new ones costs no lock */
	if (!e && vnb_snoop_full(snoop)) {
		vnb_stats_inc(frame->br->vnb.stats, VNB_STAT_NEIGH_LIMIT);
		return;
	}

	spin_lock(&snoop->lock);
	/* It is flushed after it was switched off. */
	if (READ_ONCE(frame->br->opts) & VNB_BRIDGE_NEIGH_SNOOP) {
		e = vnb_snoop_lookup(snoop, &word->key);
		if (e)
			vnb_snoop_update(snoop, e, word, addr);
		else if (word->says_router)
			err = vnb_snoop_insert(snoop, word, addr);
	}
	spin_unlock(&snoop->lock);

	if (err)
		vnb_stats_inc(frame->br->vnb.stats,
			      err == -ENOSPC ? VNB_STAT_NEIGH_LIMIT :
					       VNB_STAT_NEIGH_FAILED);
}

/* Is the frame from where its source address is known to be? */
static bool vnb_snoop_trusts(const struct vnb_frame *frame)
{
	const struct vnb_fdb_entry *f;

	if (!(READ_ONCE(frame->in->flags) & VNB_PORT_LEARNS))
		return false;

	f = vnb_fdb_lookup_rcu(frame->br, eth_hdr(frame->skb)->h_source,
			       frame->vid);
	return f && rcu_access_pointer(f->port) == frame->in &&
	       !(READ_ONCE(f->flags) & VNB_FDB_LOCAL);
}

/* A probe (RFC 5227 2.1.1), whose sender has no address yet, says nothing. */
static bool vnb_snoop_arp(const struct vnb_frame *frame,
			  struct vnb_snoop_word *word)
{
	struct vnb_arp arp __aligned(2);

	if (!vnb_arp_read(frame->skb, &arp) ||
	    arp.hdr.ar_hrd != htons(ARPHRD_ETHER) ||
	    (arp.hdr.ar_op != htons(ARPOP_REQUEST) &&
	     arp.hdr.ar_op != htons(ARPOP_REPLY)) ||
	    !ether_addr_equal(arp.sender, eth_hdr(frame->skb)->h_source))
		return false;
	if (ipv4_is_zeronet(arp.sender_ip) ||
	    ipv4_is_loopback(arp.sender_ip) ||
	    ipv4_is_multicast(arp.sender_ip) ||
	    ipv4_is_lbcast(arp.sender_ip))
		return false;

	vnb_snoop_key_set(&word->key, htons(ETH_P_ARP), &arp.sender_ip,
			  frame->vid);
	word->says_router = true;
	word->moves = true;
	return vnb_snoop_trusts(frame);
}

/*
 * The options behind a message, all of which have to be well-formed. Returns
 * whether they are, and the link address in those of @type is @addr.
 */
static bool vnb_snoop_options(const struct sk_buff *skb, int offset, int end,
			      u8 type, const u8 *addr)
{
	struct {
		struct nd_opt_hdr hdr;
		u8 addr[ETH_ALEN];
	} __aligned(2) opt;
	bool found = false;
	int len;

	for (; offset < end; offset += len) {
		/* the smallest has this size */
		if (skb_copy_bits(skb, offset, &opt, sizeof(opt)))
			return false;
		len = opt.hdr.nd_opt_len * 8;
		if (!len || len > end - offset)
			return false;
		if (opt.hdr.nd_opt_type != type)
			continue;
		if (len != sizeof(opt) || !ether_addr_equal(opt.addr, addr))
			return false;
		found = true;
	}

	return found;
}

/* What a sender of our own host leaves to a device is not there yet. */
static bool vnb_snoop_sums_up(const struct sk_buff *skb,
			      const struct ipv6hdr *ip, int len)
{
	return skb->ip_summed == CHECKSUM_PARTIAL ||
	       !csum_ipv6_magic(&ip->saddr, &ip->daddr, len, IPPROTO_ICMPV6,
				skb_checksum(skb, sizeof(*ip), len, 0));
}

static bool vnb_snoop_is_unicast(const struct in6_addr *ip)
{
	return !ipv6_addr_any(ip) && !ipv6_addr_loopback(ip) &&
	       !ipv6_addr_is_multicast(ip);
}

/*
 * The sender has its source address, unless it asks whether it may have one. If
 * it is not known yet it stays so: it does not say whether it is a router, and
 * to answer that a router is none takes the default route from who asked
 * (RFC 4861 7.2.5).
 */
static bool vnb_snoop_solicit(const struct ipv6hdr *ip, u16 vid,
			      struct vnb_snoop_word *word)
{
	if (!vnb_snoop_is_unicast(&ip->saddr))
		return false;

	vnb_snoop_key_set(&word->key, htons(ETH_P_IPV6), &ip->saddr, vid);
	word->moves = true;
	return true;
}

static bool vnb_snoop_advert(const struct ipv6hdr *ip,
			     const struct nd_msg *msg, u16 vid,
			     struct vnb_snoop_word *word)
{
	if (!vnb_snoop_is_unicast(&msg->target) ||
	    (ipv6_addr_is_multicast(&ip->daddr) &&
	     msg->icmph.icmp6_solicited))
		return false;

	vnb_snoop_key_set(&word->key, htons(ETH_P_IPV6), &msg->target, vid);
	word->says_router = true;
	word->router = msg->icmph.icmp6_router;
	word->moves = msg->icmph.icmp6_override;
	return true;
}

static bool vnb_snoop_nd(const struct vnb_frame *frame,
			 struct vnb_snoop_word *word)
{
	const u8 *addr = eth_hdr(frame->skb)->h_source;
	const struct sk_buff *skb = frame->skb;
	struct ipv6hdr ip;
	struct nd_msg msg;
	bool says;
	int len;
	u8 opt;

	/* without IPv6, nothing is answered */
	if (!ipv6_mod_enabled() || !vnb_nd_read(skb, &ip, &msg) ||
	    ip.version != 6 || ipv6_addr_is_multicast(&msg.target))
		return false;

	switch (msg.icmph.icmp6_type) {
	case NDISC_NEIGHBOUR_SOLICITATION:
		says = vnb_snoop_solicit(&ip, frame->vid, word);
		opt = ND_OPT_SOURCE_LL_ADDR;
		break;
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
		says = vnb_snoop_advert(&ip, &msg, frame->vid, word);
		opt = ND_OPT_TARGET_LL_ADDR;
		break;
	default:
		return false;
	}

	len = ntohs(ip.payload_len);
	return says && len >= sizeof(msg) && len <= skb->len - sizeof(ip) &&
	       vnb_snoop_trusts(frame) &&
	       vnb_snoop_options(skb, sizeof(ip) + sizeof(msg),
				 sizeof(ip) + len, opt, addr) &&
	       vnb_snoop_sums_up(skb, &ip, len);
}

void vnb_snoop(const struct vnb_frame *frame)
{
	struct vnb_snoop_word word = { };
	bool says = false;

	/* a tag that means nothing to the bridge, as in vnb_neigh_answer() */
	if (!frame->vid && skb_vlan_tag_present(frame->skb))
		return;

	switch (eth_hdr(frame->skb)->h_proto) {
	case htons(ETH_P_ARP):
		says = vnb_snoop_arp(frame, &word);
		break;
	case htons(ETH_P_IPV6):
		says = vnb_snoop_nd(frame, &word);
		break;
	}

	if (says)
		vnb_snoop_learn(frame, &word);
}

/* It may have been heard of since it was read. */
static void vnb_snoop_expire(struct vnb_snoop *snoop, struct vnb_snooped *e,
			     unsigned long time)
{
	spin_lock_bh(&snoop->lock);
	if (jiffies - READ_ONCE(e->used) >= time &&
	    !rhashtable_remove_fast(&snoop->table, &e->node,
				    vnb_snoop_params)) {
		WRITE_ONCE(snoop->n, snoop->n - 1);
		kfree_rcu(e, rcu);
	}
	spin_unlock_bh(&snoop->lock);
}

unsigned long vnb_snoop_age(struct vnb_bridge *br, unsigned long time)
{
	struct vnb_snoop *snoop = &br->snoop;
	struct rhashtable_iter iter;
	unsigned long next = time;
	struct vnb_snooped *e;
	unsigned int n = 0;
	unsigned long age;

	rhashtable_walk_enter(&snoop->table, &iter);
	rhashtable_walk_start(&iter);
	while ((e = rhashtable_walk_next(&iter))) {
		/* The table is being resized: some entries come again. */
		if (IS_ERR(e))
			continue;
		age = jiffies - READ_ONCE(e->used);
		if (age >= time)
			vnb_snoop_expire(snoop, e, time);
		else
			next = min(next, time - age);

		if (++n % VNB_SNOOP_SLICE == 0) {
			rhashtable_walk_stop(&iter);
			cond_resched();
			rhashtable_walk_start(&iter);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);

	return next;
}

/*
 * A walk that pauses counts how far it was in a bucket, and misses as many as
 * it has removed from there: until none is left, unless others come meanwhile.
 */
void vnb_snoop_flush(struct vnb_bridge *br)
{
	unsigned int passes = VNB_SNOOP_PASSES;

	while (READ_ONCE(br->snoop.n) && passes--)
		vnb_snoop_age(br, 0);
}

int vnb_snoop_init(struct vnb_bridge *br)
{
	struct vnb_snoop *snoop = &br->snoop;

	spin_lock_init(&snoop->lock);
	seqcount_spinlock_init(&snoop->seq, &snoop->lock);
	snoop->max = VNB_SNOOP_MAX_DEFAULT;

	return rhashtable_init(&snoop->table, &vnb_snoop_params);
}

/* Nobody reads any more. */
static void vnb_snoop_free(void *ptr, void *arg)
{
	kfree(ptr);
}

void vnb_snoop_uninit(struct vnb_bridge *br)
{
	rhashtable_free_and_destroy(&br->snoop.table, vnb_snoop_free, NULL);
}
