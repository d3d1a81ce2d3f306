/* SPDX-License-Identifier: GPL-2.0 */
/* Mutated frames from within the kernel, each of which is accounted for. */
#ifndef VNB_FUZZ_H
#define VNB_FUZZ_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/prandom.h>
#include <linux/skbuff.h>

/* The longest frame, and how many GRO sees together. */
#define FUZZ_LEN_MAX	9100
#define FUZZ_BURST	8

/**
 * enum fuzz_entry - where frames are let in
 * @FUZZ_RECEIVE: received by a foreign port
 * @FUZZ_PAIR: sent by a pair end
 * @FUZZ_BRIDGE: sent by a bridge
 * @FUZZ_TUNNEL: sent by a tunnel that is no port
 * @FUZZ_SOCKET: received by the underlay, for the socket of tunnels
 * @FUZZ_GRO: the same, several segments of one flow, through GRO
 */
enum fuzz_entry {
	FUZZ_RECEIVE,
	FUZZ_PAIR,
	FUZZ_BRIDGE,
	FUZZ_TUNNEL,
	FUZZ_SOCKET,
	FUZZ_GRO,
};

/**
 * enum fuzz_theme - what half of the frames are, or all of them have
 * @FUZZ_ANY: nothing in particular
 * @FUZZ_VLANS: tags
 * @FUZZ_NEIGHBOURS: ARP and neighbour discovery
 * @FUZZ_TREE: BPDUs
 */
enum fuzz_theme {
	FUZZ_ANY,
	FUZZ_VLANS,
	FUZZ_NEIGHBOURS,
	FUZZ_TREE,
};

static inline bool fuzz_is_outer(enum fuzz_entry entry)
{
	return entry == FUZZ_SOCKET || entry == FUZZ_GRO;
}

static inline bool fuzz_is_received(enum fuzz_entry entry)
{
	return entry == FUZZ_RECEIVE || fuzz_is_outer(entry);
}

/**
 * struct fuzz_frame - bytes, and what is still known of them
 * @rnd: where all chance of this frame comes from
 * @entry: where it will be let in
 * @theme: what half of the frames are
 * @burst: number of the burst for which flow and addresses are the same
 * @nth: which frame of the burst
 * @len: length
 * @inner: offset of the (inner) Ethernet header
 * @network: offset of the header behind the last tag of the outermost frame
 * @transport: offset of UDP or TCP of the outermost frame, 0 for neither
 * @payload: offset of what is behind the latter
 * @inner_network: as @network, of the inner frame
 * @inner_transport: as @transport, of the inner frame
 * @proto: what the outermost transport header is: IPPROTO_UDP or IPPROTO_TCP
 * @mutated: it is not as it should be
 * @data: the bytes
 */
struct fuzz_frame {
	struct rnd_state rnd;
	enum fuzz_entry entry;
	enum fuzz_theme theme;
	u32 burst;
	unsigned int nth;
	unsigned int len;
	unsigned int inner;
	unsigned int network;
	unsigned int transport;
	unsigned int payload;
	unsigned int inner_network;
	unsigned int inner_transport;
	u8 proto;
	bool mutated;
	u8 data[FUZZ_LEN_MAX];
};

/* A number below @below. */
static inline u32 fuzz_below(struct fuzz_frame *frame, u32 below)
{
	return prandom_u32_state(&frame->rnd) % below;
}

/* True once in @n times. */
static inline bool fuzz_one_in(struct fuzz_frame *frame, u32 n)
{
	return !fuzz_below(frame, n);
}

/* head.c */

/* 02:00:00:00:01:N is the host behind port N; 0 is the bridge itself. Sources
 * are mostly from 02:00:00:00:02:00 on, and learned.
 */
#define FUZZ_HOSTS	6
#define FUZZ_LEARNED	64

void *fuzz_put(struct fuzz_frame *frame, unsigned int len);
void fuzz_put16(struct fuzz_frame *frame, u16 value);
void fuzz_put_payload(struct fuzz_frame *frame, unsigned int len);
void fuzz_put_host(struct fuzz_frame *frame, u8 group, u8 number);
void fuzz_put_dst(struct fuzz_frame *frame);
void fuzz_put_src(struct fuzz_frame *frame);
u16 fuzz_tci(struct fuzz_frame *frame);
void fuzz_put_tags(struct fuzz_frame *frame);

/* talk.c */
void fuzz_put_arp(struct fuzz_frame *frame);
void fuzz_put_llc(struct fuzz_frame *frame);
void fuzz_put_question(struct fuzz_frame *frame);
void fuzz_put_bpdu(struct fuzz_frame *frame);

/* frame.c */
void fuzz_frame_build(struct fuzz_frame *frame, const struct net_device *dev,
		      enum fuzz_entry entry, enum fuzz_theme theme, u32 seed,
		      u32 nr);

/* shape.c */
struct sk_buff *fuzz_shape(struct fuzz_frame *frame, struct net_device *dev,
			   struct sk_buff **keep);

/* sink.c */

/* What reached an end, since the module was loaded. */
struct fuzz_arrived {
	u64 received;
	u64 sent;
	u64 merged;
	u64 bad;
};

extern struct fuzz_arrived fuzz_arrived;
extern struct task_struct *fuzz_task;

bool fuzz_is_ours(void);
void fuzz_arrive(struct sk_buff *skb);
void fuzz_sink_receive(struct net_device *dev, struct sk_buff_head *frames);
int fuzz_sink_init(void);
void fuzz_sink_exit(void);

/* drops.c */

/**
 * enum fuzz_place - who frees a frame as dropped
 * @FUZZ_OURS: vnetbr
 * @FUZZ_UNTAG_OURS: skb_vlan_untag(), which vnetbr has called
 * @FUZZ_UNTAG_CORE: the same, called by the core: before or after vnetbr
 * @FUZZ_CORE: anyone else
 * @FUZZ_PART: nobody: it is a part of a frame
 * @FUZZ_PLACES: number of values
 */
enum fuzz_place {
	FUZZ_OURS,
	FUZZ_UNTAG_OURS,
	FUZZ_UNTAG_CORE,
	FUZZ_CORE,
	FUZZ_PART,
	FUZZ_PLACES
};

/* What was freed because of frames of ours, since the module was loaded. */
struct fuzz_freed {
	u64 n[FUZZ_PLACES];
	/* of @FUZZ_UNTAG_CORE: where the host would have received it */
	u64 untag_host;
	u64 consumed;
};

extern struct fuzz_freed fuzz_freed;

void fuzz_drops_start(void);
int fuzz_drops_print(char *buffer, int at);
int fuzz_drops_init(void);
void fuzz_drops_exit(void);

/* watch.c */

/* All counters of devices of vnetbr that are watched, and what arrived there */
struct fuzz_counters {
	u64 drops;
	u64 storm;
	u64 pmtu;
	/* of bridges, and of tunnels */
	u64 flooded;
	u64 remotes;
	u64 answered;
	u64 bpdu_rx;
	u64 bpdu_tx;
	/* received by the host of a bridge */
	u64 host;
};

int fuzz_watch(struct net_device *dev, const char *role);
void fuzz_forget(void);
bool fuzz_is_host(const struct net_device *dev);
struct fuzz_counters fuzz_count_devices(void);

/* ledger.c */

/**
 * struct fuzz_sum - where frames went
 * @sent: frames let in
 * @copies: what flooding, several remotes and segmentation added, and what
 *	bridges said themselves: answers for neighbours, and BPDUs
 * @received: delivered to a device's stack
 * @forwarded: delivered to a wire
 * @dropped: dropped by vnetbr, each with a counter
 * @core: dropped by the kernel around it
 * @stack: taken by a protocol of a port, or of the underlay
 * @held: waits for other fragments
 * @merged: became part of another frame, in GRO
 * @bpdus: heard by the spanning tree of a bridge
 */
struct fuzz_sum {
	u64 sent;
	s64 copies;
	u64 received;
	u64 forwarded;
	u64 dropped;
	u64 core;
	u64 stack;
	u64 held;
	u64 merged;
	u64 bpdus;
};

/**
 * struct fuzz_outcome - what became of a frame, as far as it is the same for
 *	every shape of it
 * @known: nothing but the frame decided
 * @received: devices whose stack got it
 * @sent: devices that sent it
 * @drops: counters of vnetbr that count it
 */
struct fuzz_outcome {
	bool known;
	u64 received;
	u64 sent;
	u64 drops;
};

void fuzz_ledger_start(struct net *net);
void fuzz_ledger_open(void);
struct fuzz_outcome fuzz_ledger_close(const struct fuzz_frame *frame,
				      unsigned int frames, bool loose,
				      bool released, u32 nr);
void fuzz_ledger_compare(const struct fuzz_outcome *a,
			 const struct fuzz_outcome *b, u32 nr);
int fuzz_ledger_print(char *buffer);
bool fuzz_ledger_wrong(void);

#endif
