// SPDX-License-Identifier: GPL-2.0
/* Where has each frame gone?
 *
 * What is counted before and after a frame, until no softirq is left of it:
 *
 *  - what reached an end (sink.c, and the devices that are taken over here),
 *  - each skb that was freed as dropped, and by whom (skb:kfree_skb),
 *  - the counters of all devices of vnetbr that are watched,
 *  - datagrams given to the socket of tunnels, which is where they become ours.
 *
 * Then this has to hold. Every drop of vnetbr is counted once; some it
 * has the core do (skb_vlan_untag()). And there are as many ends and drops as
 * frames: one, or as many as the counters of flooding say. With segmentation,
 * fragments and answers to frames that are too big, these are at least as many.
 * A frame in pieces has to go the same way as a copy of it in one piece.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/kallsyms.h>
#include <linux/rtnetlink.h>
#include <linux/sysfs.h>
#include <linux/tracepoint.h>
#include <net/ip.h>
#include <net/snmp.h>

#include "fuzz.h"

#define WATCHED_MAX	16
#define PLACES_MAX	64
#define COUNTERS_MAX	64
#define WRONGS_MAX	8
#define WRONG_LEN	120
/* Longer frames may not fit into the underlay with their outer headers. */
#define SURELY_FITS	1300

enum role { BRIDGE, TUNNEL, PAIR, SINK };

static const char * const role_names[] = {
	[BRIDGE] = "bridge",
	[TUNNEL] = "tunnel",
	[PAIR] = "pair",
	[SINK] = "sink",
};

/* A device: the counters that matter, or, of a sink, what it received. */
struct watched {
	struct net_device *dev;
	netdevice_tracker tracker;
	enum role role;
	int n;
	int flooded;
	int pmtu;
	bool drop[COUNTERS_MAX];
};

/* Who frees: vnetbr, the core when it removes a tag, anyone else; or it is a
 * part of a frame, which does not count.
 */
enum place_kind { OURS, UNTAG, CORE, PART, N_KINDS };

struct place {
	const void *at;
	enum place_kind kind;
	u64 n;
};

/* All that is counted. */
struct counts {
	u64 freed[N_KINDS];
	u64 consumed;
	u64 drops;
	u64 flooded;
	u64 remotes;
	u64 pmtu;
	u64 host;
	u64 received;
	u64 sent;
	u64 merged;
	u64 bad;
	u64 datagrams;
	u64 fragments;
};

static struct watched watched[WATCHED_MAX];
static unsigned int n_watched;
static struct place places[PLACES_MAX];
static unsigned int n_places;
static u64 freed[N_KINDS], consumed, received_by_bridge;
static struct counts before;
static struct fuzz_sum sum;
static char wrongs[WRONGS_MAX][WRONG_LEN];
static unsigned int n_wrongs;
static struct net *underlay;
static struct tracepoint *kfree_point, *consume_point;

static enum place_kind place_kind(const void *at)
{
	static char name[KSYM_SYMBOL_LEN];

	sprint_symbol(name, (unsigned long)at);
	if (strstr(name, "[vnetbr]"))
		return OURS;
	if (str_has_prefix(name, "skb_release_data") ||
	    str_has_prefix(name, "___pskb_trim"))
		return PART;
	return str_has_prefix(name, "skb_vlan_untag") ? UNTAG : CORE;
}

static struct place *place_find(const void *at)
{
	unsigned int i;

	for (i = 0; i < n_places; i++)
		if (places[i].at == at)
			return &places[i];
	if (n_places < PLACES_MAX - 1)
		n_places++;
	/* the last one has all that do not fit */
	places[i].at = at;
	places[i].kind = place_kind(at);
	return &places[i];
}

static void on_kfree(void *data, struct sk_buff *skb, void *at,
		     enum skb_drop_reason reason)
{
	struct place *place;

	if (!fuzz_is_ours())
		return;
	place = place_find(at);
	place->n++;
	freed[place->kind]++;
}

static void on_consume(void *data, struct sk_buff *skb)
{
	if (fuzz_is_ours())
		consumed++;
}

static rx_handler_result_t on_receive(struct sk_buff **skb)
{
	struct watched *w = rcu_dereference((*skb)->dev->rx_handler_data);

	if (!fuzz_is_ours())
		return RX_HANDLER_PASS;
	skb_push(*skb, ETH_HLEN);
	fuzz_arrive(*skb);
	fuzz_arrived.received++;
	if (w->role == BRIDGE)
		received_by_bridge++;
	consume_skb(*skb);
	return RX_HANDLER_CONSUMED;
}

/* Find out which counters are drops. */
static int watch_counters(struct watched *w)
{
	const struct ethtool_ops *ops = w->dev->ethtool_ops;
	char (*names)[ETH_GSTRING_LEN];
	int i;

	if (!ops || !ops->get_sset_count)
		return -EOPNOTSUPP;
	w->n = ops->get_sset_count(w->dev, ETH_SS_STATS);
	if (w->n <= 0 || w->n > COUNTERS_MAX)
		return -E2BIG;
	names = kcalloc(w->n, sizeof(*names), GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	ops->get_strings(w->dev, ETH_SS_STATS, (u8 *)names);
	for (i = 0; i < w->n; i++) {
		w->drop[i] = str_has_prefix(names[i], "drop_");
		if (!strcmp(names[i], "flooded"))
			w->flooded = i;
		if (!strcmp(names[i], "drop_pmtu"))
			w->pmtu = i;
	}
	kfree(names);
	return 0;
}

/**
 * fuzz_watch() - count a device in
 * @dev: the device
 * @role: bridge, tunnel or pair: a device of vnetbr, whose counters are read;
 *	sink, or one of these with "-sink" behind it: take over what it receives
 *
 * Return: 0 or a negative error.
 */
int fuzz_watch(struct net_device *dev, const char *role)
{
	struct watched *w = &watched[n_watched];
	char word[16];
	char *sink;
	int err = 0;
	int n;

	if (n_watched == WATCHED_MAX)
		return -ENOSPC;
	strscpy(word, role, sizeof(word));
	sink = strchr(word, '-');
	if (sink)
		*sink = 0;
	n = match_string(role_names, ARRAY_SIZE(role_names), word);
	if (n < 0)
		return n;

	*w = (struct watched){ .dev = dev, .role = n };
	rtnl_lock();
	if (w->role != SINK)
		err = watch_counters(w);
	if (!err && (sink || w->role == SINK))
		err = netdev_rx_handler_register(dev, on_receive, w);
	rtnl_unlock();
	if (err)
		return err;
	netdev_hold(dev, &w->tracker, GFP_KERNEL);
	n_watched++;
	return 0;
}

/**
 * fuzz_forget() - let all devices go
 */
void fuzz_forget(void)
{
	struct net_device *dev;

	rtnl_lock();
	while (n_watched) {
		dev = watched[--n_watched].dev;
		if (rtnl_dereference(dev->rx_handler) == on_receive)
			netdev_rx_handler_unregister(dev);
		netdev_put(dev, &watched[n_watched].tracker);
	}
	rtnl_unlock();
}

static void count_device(struct counts *c, const struct watched *w)
{
	struct ethtool_stats request = { .n_stats = w->n };
	static u64 values[COUNTERS_MAX];
	int i;

	w->dev->ethtool_ops->get_ethtool_stats(w->dev, &request, values);
	for (i = 0; i < w->n; i++)
		if (w->drop[i])
			c->drops += values[i];
	if (w->role == BRIDGE)
		c->flooded += values[w->flooded];
	if (w->role == TUNNEL)
		c->remotes += values[w->flooded];
	c->pmtu += values[w->pmtu];
}

/* snmp_fold_field() is not for modules any more. */
static u64 count_all_cpus(const void __percpu *mib, unsigned int field)
{
	u64 n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += ((const unsigned long *)per_cpu_ptr(mib, cpu))[field];
	return n;
}

static u64 count_datagrams(void)
{
	return count_all_cpus(underlay->mib.udp_statistics,
			      UDP_MIB_INDATAGRAMS) +
	       count_all_cpus(underlay->mib.udp_stats_in6,
			      UDP_MIB_INDATAGRAMS);
}

static u64 count_fragments(void)
{
	return count_all_cpus(underlay->mib.ip_statistics,
			      IPSTATS_MIB_REASMREQDS) +
	       count_all_cpus(underlay->mib.ipv6_statistics,
			      IPSTATS_MIB_REASMREQDS);
}

static struct counts count(void)
{
	struct counts c = {
		.consumed	= consumed,
		.host		= received_by_bridge,
		.received	= fuzz_arrived.received,
		.sent		= fuzz_arrived.sent,
		.merged		= fuzz_arrived.merged,
		.bad		= fuzz_arrived.bad,
		.datagrams	= count_datagrams(),
		.fragments	= count_fragments(),
	};
	unsigned int i;

	memcpy(c.freed, freed, sizeof(freed));
	rcu_read_lock();
	for (i = 0; i < n_watched; i++)
		if (watched[i].role != SINK)
			count_device(&c, &watched[i]);
	rcu_read_unlock();
	return c;
}

/* What was counted since the last time: there is nothing between frames. */
static struct counts count_new(void)
{
	struct counts now = count(), new = now;
	const u64 *o = (const u64 *)&before;
	u64 *n = (u64 *)&new;
	unsigned int i;

	for (i = 0; i < sizeof(new) / sizeof(*n); i++)
		n[i] -= o[i];
	before = now;
	return new;
}

/**
 * fuzz_ledger_start() - begin with nothing
 * @net: the namespace of the underlay
 */
void fuzz_ledger_start(struct net *net)
{
	underlay = net;
	n_wrongs = 0;
	n_places = 0;
	memset(places, 0, sizeof(places));
	sum = (struct fuzz_sum){};
	before = count();
}

/**
 * fuzz_ledger_open() - frames are about to be let in
 */
void fuzz_ledger_open(void)
{
	WRITE_ONCE(fuzz_task, current);
}

static void wrong(u32 nr, const char *what, const struct counts *c)
{
	if (n_wrongs < WRONGS_MAX)
		snprintf(wrongs[n_wrongs], WRONG_LEN,
			 "%u %s: rx %llu tx %llu freed %llu/%llu/%llu drops %llu flooded %llu+%llu",
			 nr, what, c->received, c->sent, c->freed[OURS],
			 c->freed[UNTAG], c->freed[CORE], c->drops, c->flooded,
			 c->host);
	n_wrongs++;
}

/* What the underlay's stack did not give to the socket. */
static void close_core(const struct counts *c, unsigned int frames,
		       bool released, u32 nr)
{
	u64 dropped = c->freed[CORE] + c->freed[UNTAG];

	/* there is no event for letting go what somebody else still has */
	if (!dropped)
		dropped = released;

	if (c->drops || c->received || c->freed[OURS])
		wrong(nr, "ours without a datagram", c);
	frames -= c->merged;
	sum.merged += c->merged;
	if (dropped >= frames)
		sum.core += frames;
	else if (dropped + c->fragments >= frames)
		sum.core += dropped, sum.held += frames - dropped;
	else if (dropped + c->fragments + c->consumed >= frames)
		sum.core += dropped, sum.stack += frames - dropped;
	else
		wrong(nr, "lost in the underlay", c);
}

/* Every drop has its counter, every counter its drop. */
static void check_drops(const struct fuzz_frame *frame, const struct counts *c,
			u32 nr)
{
	s64 not_by_us = c->drops - c->freed[OURS];
	s64 least = c->freed[UNTAG];

	/* before it comes to us, or where it has arrived */
	if ((frame->entry != FUZZ_PAIR && frame->entry != FUZZ_SOCKET) ||
	    is_link_local_ether_addr(frame->data + frame->inner))
		least = 0;
	if (not_by_us < least)
		wrong(nr, "a drop without a counter", c);
	if (not_by_us > (s64)(c->freed[UNTAG] + c->pmtu))
		wrong(nr, "a counter without a drop", c);
	sum.dropped += c->drops;
	sum.core += c->freed[UNTAG] + c->freed[CORE] -
		    min_t(s64, not_by_us, c->freed[UNTAG]);
}

/* Frames that are counted as dropped, but went back as an answer. */
static u64 answers(const struct counts *c)
{
	u64 freed = c->freed[OURS] + c->freed[UNTAG];

	return c->drops > freed ? c->drops - freed : 0;
}

static u64 expected(const struct fuzz_frame *frame, const struct counts *c)
{
	if (frame->entry == FUZZ_TUNNEL)
		return c->remotes ? : 1;
	return c->flooded ? c->flooded + c->host : 1;
}

static void close_ours(const struct fuzz_frame *frame, const struct counts *c,
		       unsigned int frames, bool loose, u32 nr)
{
	const u8 *dest = frame->data + frame->inner;
	u64 ends, want;

	check_drops(frame, c, nr);

	sum.received += c->received;
	sum.forwarded += c->sent;
	sum.merged += c->merged;
	ends = c->received + c->sent + c->merged + c->freed[OURS] +
	       c->freed[UNTAG] + c->freed[CORE];
	if (frames == 1 && !ends && c->consumed &&
	    is_link_local_ether_addr(dest)) {
		sum.stack++;
		return;
	}
	if (frames > 1 && ends < frames && ends + c->fragments >= frames) {
		sum.held += frames - ends;
		ends = frames;
	} else if (frames > 1 && ends < frames &&
		   ends + c->consumed >= frames) {
		sum.stack += frames - ends;
		ends = frames;
	} else if (frames > 1 && ends < frames &&
		   ends + c->freed[PART] >= frames) {
		/* by the tunnel, whose frame was dropped with all parts */
		sum.merged += frames - ends;
		ends = frames;
	}

	want = frames == 1 ? expected(frame, c) : frames;
	if (c->pmtu)
		ends += answers(c);
	if (loose)
		want = max_t(u64, ends, frames);
	if (frames > 1 ? ends < want : ends != want)
		wrong(nr, ends ? "not the right number of ends" : "lost", c);
	sum.copies += (s64)want - frames;
}

/**
 * fuzz_ledger_close() - frames are through: does the balance hold?
 * @frame: the last one
 * @frames: how many
 * @loose: the core may have cut one
 * @released: it was shared, and only the other user is left
 * @nr: number of the first one
 *
 * Return: what became of them.
 */
struct fuzz_outcome fuzz_ledger_close(const struct fuzz_frame *frame,
				      unsigned int frames, bool loose,
				      bool released, u32 nr)
{
	struct counts c = count_new();

	WRITE_ONCE(fuzz_task, NULL);
	sum.sent += frames;
	if (c.bad)
		wrong(nr, "not a good skb", &c);
	loose |= c.datagrams > 1 || c.pmtu || frame->len > SURELY_FITS;
	if (fuzz_is_outer(frame->entry) && !c.datagrams) {
		close_core(&c, frames, released, nr);
		/* answers by ICMP, of which there are so many a second */
		c.sent = 0;
	} else {
		close_ours(frame, &c, frames, loose, nr);
	}
	return (struct fuzz_outcome){
		.known		= !loose && !c.fragments,
		.received	= c.received,
		.sent		= c.sent,
		.drops		= c.drops,
	};
}

/**
 * fuzz_ledger_compare() - has the same frame gone the same way?
 * @a: what became of it in one piece
 * @b: what became of it in pieces
 * @nr: its number
 */
void fuzz_ledger_compare(const struct fuzz_outcome *a,
			 const struct fuzz_outcome *b, u32 nr)
{
	if (!a->known || !b->known || (a->received == b->received &&
				       a->sent == b->sent &&
				       a->drops == b->drops))
		return;
	if (n_wrongs < WRONGS_MAX)
		snprintf(wrongs[n_wrongs], WRONG_LEN,
			 "%u in pieces: rx %llu tx %llu drops %llu, in one: rx %llu tx %llu drops %llu",
			 nr, b->received, b->sent, b->drops, a->received,
			 a->sent, a->drops);
	n_wrongs++;
}

/**
 * fuzz_ledger_wrong() - has anything not been as it should?
 */
bool fuzz_ledger_wrong(void)
{
	return n_wrongs;
}

/**
 * fuzz_ledger_print() - tell where the frames went since fuzz_ledger_start()
 * @buffer: one page, of a file in sysfs
 *
 * Return: its length.
 */
int fuzz_ledger_print(char *buffer)
{
	unsigned int i;
	int at = 0;

	at += sysfs_emit_at(buffer, at,
			    "sent %llu\ncopies %lld\nreceived %llu\nforwarded %llu\ndropped %llu\ncore %llu\nstack %llu\nheld %llu\nmerged %llu\nwrong %u\n",
			    sum.sent, sum.copies, sum.received, sum.forwarded,
			    sum.dropped, sum.core, sum.stack, sum.held,
			    sum.merged, n_wrongs);
	for (i = 0; i < min_t(unsigned int, n_wrongs, WRONGS_MAX); i++)
		at += sysfs_emit_at(buffer, at, "frame %s\n", wrongs[i]);
	for (i = 0; i < n_places; i++)
		if (places[i].kind == CORE || places[i].kind == UNTAG)
			at += sysfs_emit_at(buffer, at, "place %ps %llu\n",
					    places[i].at, places[i].n);
	return at;
}

static void find_point(struct tracepoint *point, void *unused)
{
	if (!strcmp(point->name, "kfree_skb"))
		kfree_point = point;
	else if (!strcmp(point->name, "consume_skb"))
		consume_point = point;
}

int fuzz_ledger_init(void)
{
	int err;

	for_each_kernel_tracepoint(find_point, NULL);
	if (!kfree_point || !consume_point)
		return -EOPNOTSUPP;
	err = tracepoint_probe_register(kfree_point, on_kfree, NULL);
	if (err)
		return err;
	err = tracepoint_probe_register(consume_point, on_consume, NULL);
	if (err)
		tracepoint_probe_unregister(kfree_point, on_kfree, NULL);
	return err;
}

void fuzz_ledger_exit(void)
{
	tracepoint_probe_unregister(consume_point, on_consume, NULL);
	tracepoint_probe_unregister(kfree_point, on_kfree, NULL);
	tracepoint_synchronize_unregister();
}
