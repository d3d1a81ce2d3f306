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
 * Then this has to hold. Every drop of vnetbr is counted once, those included
 * that it has the core do (see drops.c), and those of the core are not. And
 * there are as many ends and drops as frames: one, or as many as the counters
 * of flooding say, and what the bridge said itself, by its counters of answers
 * and BPDUs. With segmentation, fragments and answers to frames that are too
 * big, these are at least as many. A frame in pieces has to go the same way as
 * a copy of it in one piece.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/sysfs.h>
#include <net/ip.h>
#include <net/snmp.h>

#include "fuzz.h"

#define WRONGS_MAX	8
#define WRONG_LEN	160
/* Longer frames may not fit into the underlay with their outer headers. */
#define SURELY_FITS	1300

/* All that is counted. */
struct counts {
	struct fuzz_freed freed;
	struct fuzz_counters dev;
	struct fuzz_arrived arrived;
	u64 datagrams;
	u64 fragments;
};

static struct counts before;
static struct fuzz_sum sum;
static char wrongs[WRONGS_MAX][WRONG_LEN];
static unsigned int n_wrongs;
static struct net *underlay;

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
	return (struct counts){
		.freed		= fuzz_freed,
		.dev		= fuzz_count_devices(),
		.arrived	= fuzz_arrived,
		.datagrams	= count_datagrams(),
		.fragments	= count_fragments(),
	};
}

/* What was counted since the frame was let in. */
static struct counts count_new(void)
{
	struct counts new = count();
	const u64 *o = (const u64 *)&before;
	u64 *n = (u64 *)&new;
	unsigned int i;

	for (i = 0; i < sizeof(new) / sizeof(*n); i++)
		n[i] -= o[i];
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
	sum = (struct fuzz_sum){};
	fuzz_drops_start();
}

/**
 * fuzz_ledger_open() - frames are about to be let in
 *
 * Context: BH disabled, and no softirq pending: what a timer has sent before is
 * through.
 */
void fuzz_ledger_open(void)
{
	before = count();
	WRITE_ONCE(fuzz_task, current);
}

static void wrong(u32 nr, const char *what, const struct counts *c)
{
	const u64 *freed = c->freed.n;

	if (n_wrongs < WRONGS_MAX)
		snprintf(wrongs[n_wrongs], WRONG_LEN,
			 "%u %s: rx %llu tx %llu freed %llu/%llu+%llu/%llu drops %llu flooded %llu+%llu+%llu answered %llu bpdus %llu/%llu",
			 nr, what, c->arrived.received, c->arrived.sent,
			 freed[FUZZ_OURS], freed[FUZZ_UNTAG_OURS],
			 freed[FUZZ_UNTAG_CORE], freed[FUZZ_CORE],
			 c->dev.drops, c->dev.flooded, c->dev.host,
			 c->freed.untag_host, c->dev.answered, c->dev.bpdu_rx,
			 c->dev.bpdu_tx);
	n_wrongs++;
}

static u64 freed_by_us(const struct counts *c)
{
	return c->freed.n[FUZZ_OURS] + c->freed.n[FUZZ_UNTAG_OURS];
}

static u64 freed_by_core(const struct counts *c)
{
	return c->freed.n[FUZZ_CORE] + c->freed.n[FUZZ_UNTAG_CORE];
}

/* BPDUs of a bridge have their ends, too: in a pair, or on a wire. */
static void close_bpdus(const struct counts *c, u32 nr)
{
	u64 received = min(c->arrived.received, c->dev.bpdu_tx);

	sum.copies += c->dev.bpdu_tx;
	sum.received += received;
	sum.forwarded += c->dev.bpdu_tx - received;
	if (c->arrived.received + c->arrived.sent < c->dev.bpdu_tx)
		wrong(nr, "lost a BPDU", c);
}

/* What the underlay's stack did not give to the socket. */
static void close_core(const struct counts *c, unsigned int frames,
		       bool released, u32 nr)
{
	u64 dropped = freed_by_core(c);

	/* there is no event for letting go what somebody else still has */
	if (!dropped)
		dropped = released;

	if (c->dev.drops || freed_by_us(c) ||
	    c->arrived.received > c->dev.bpdu_tx)
		wrong(nr, "ours without a datagram", c);
	close_bpdus(c, nr);
	frames -= c->arrived.merged;
	sum.merged += c->arrived.merged;
	if (dropped >= frames)
		sum.core += frames;
	else if (dropped + c->fragments >= frames)
		sum.core += dropped, sum.held += frames - dropped;
	else if (dropped + c->fragments + c->freed.consumed >= frames)
		sum.core += dropped, sum.stack += frames - dropped;
	else
		wrong(nr, "lost in the underlay", c);
}

/* Frames that are counted as dropped, but went back as an answer. */
static u64 answers(const struct counts *c)
{
	return c->dev.drops > freed_by_us(c) ?
	       c->dev.drops - freed_by_us(c) : 0;
}

/* Every drop has its counter, every counter its drop. */
static void check_drops(const struct counts *c, u32 nr)
{
	if (c->dev.drops < freed_by_us(c))
		wrong(nr, "a drop without a counter", c);
	if (answers(c) > c->dev.pmtu)
		wrong(nr, "a counter without a drop", c);
	sum.dropped += c->dev.drops;
	sum.core += freed_by_core(c);
}

/* How many frames has one become? */
static u64 expected(const struct fuzz_frame *frame, const struct counts *c)
{
	u64 host = c->dev.host + c->freed.untag_host;

	if (frame->entry == FUZZ_TUNNEL)
		return c->dev.remotes ? : 1;
	/* the host gets answers, but not its own frame */
	if (frame->entry == FUZZ_BRIDGE)
		host = 0;
	return c->dev.flooded ? c->dev.flooded + host : 1;
}

/* What a frame is, behind its tags; 0 if it ends there. */
static __be16 type_of(const struct fuzz_frame *frame)
{
	unsigned int at = frame->inner + 2 * ETH_ALEN;
	__be16 type;

	for (; at + sizeof(type) <= frame->len; at += VLAN_HLEN) {
		memcpy(&type, frame->data + at, sizeof(type));
		if (!eth_type_vlan(type))
			return type;
	}
	return 0;
}

/* Is it for who listens on the port itself? Nobody in here listens to LLC. */
static bool may_be_for_stack(const struct fuzz_frame *frame)
{
	return is_link_local_ether_addr(frame->data + frame->inner) &&
	       eth_proto_is_802_3(type_of(frame));
}

static void close_ours(const struct fuzz_frame *frame, const struct counts *c,
		       unsigned int frames, bool loose, u32 nr)
{
	u64 own = c->dev.answered + c->dev.bpdu_tx;
	u64 ends, want;

	check_drops(c, nr);

	sum.received += c->arrived.received;
	sum.forwarded += c->arrived.sent;
	sum.merged += c->arrived.merged;
	sum.bpdus += c->dev.bpdu_rx;
	ends = c->arrived.received + c->arrived.sent + c->arrived.merged +
	       c->dev.bpdu_rx + freed_by_us(c) + freed_by_core(c);
	/* what is the bridge's own has been consumed at its end */
	if (frames == 1 && !c->dev.bpdu_rx && ends == own &&
	    c->freed.consumed > own && may_be_for_stack(frame)) {
		sum.stack++;
		sum.copies += own;
		return;
	}
	if (frames > 1 && ends < frames && ends + c->fragments >= frames) {
		sum.held += frames - ends;
		ends = frames;
	} else if (frames > 1 && ends < frames &&
		   ends + c->freed.consumed >= frames) {
		sum.stack += frames - ends;
		ends = frames;
	} else if (frames > 1 && ends < frames &&
		   ends + c->freed.n[FUZZ_PART] >= frames) {
		/* by the tunnel, whose frame was dropped with all parts */
		sum.merged += frames - ends;
		ends = frames;
	}

	want = (frames == 1 ? expected(frame, c) : frames) + own;
	if (c->dev.pmtu)
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
 * Context: as fuzz_ledger_open().
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
	if (c.arrived.bad)
		wrong(nr, "not a good skb", &c);
	loose |= c.datagrams > 1 || c.dev.pmtu || frame->len > SURELY_FITS;
	if (fuzz_is_outer(frame->entry) && !c.datagrams) {
		close_core(&c, frames, released, nr);
		/* answers by ICMP, of which there are so many a second */
		c.arrived.sent = 0;
	} else {
		close_ours(frame, &c, frames, loose, nr);
	}
	return (struct fuzz_outcome){
		/* a limit depends on time */
		.known		= !loose && !c.fragments && !c.dev.storm,
		.received	= c.arrived.received,
		.sent		= c.arrived.sent,
		.drops		= c.dev.drops,
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
			    "sent %llu\ncopies %lld\nreceived %llu\nforwarded %llu\ndropped %llu\ncore %llu\nstack %llu\nheld %llu\nmerged %llu\nbpdus %llu\nwrong %u\n",
			    sum.sent, sum.copies, sum.received, sum.forwarded,
			    sum.dropped, sum.core, sum.stack, sum.held,
			    sum.merged, sum.bpdus, n_wrongs);
	for (i = 0; i < min_t(unsigned int, n_wrongs, WRONGS_MAX); i++)
		at += sysfs_emit_at(buffer, at, "frame %s\n", wrongs[i]);
	return at + fuzz_drops_print(buffer, at);
}
