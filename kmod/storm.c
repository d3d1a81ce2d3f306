// SPDX-License-Identifier: GPL-2.0
/*
 * Storm control: no more than so many frames that are flooded.
 */
#include "storm.h"

#include <linux/etherdevice.h>
#include <linux/math64.h>
#include <linux/rtnetlink.h>
#include <linux/timekeeping.h>

#include "bridge.h"
#include "frame.h"

static const enum vnb_drop vnb_storm_drops[VNB_STORM_KINDS] = {
	[VNB_STORM_UNKNOWN]	= VNB_DROP_STORM_UNKNOWN,
	[VNB_STORM_MCAST]	= VNB_DROP_STORM_MCAST,
	[VNB_STORM_BCAST]	= VNB_DROP_STORM_BCAST,
};

bool vnb_storm_has_limit(const struct vnb_storm_rate *rate)
{
	return rate->pps || rate->bps;
}

/* Is there room for @cost more nanoseconds? */
static bool vnb_storm_fits(u64 until, u64 now, u64 cost)
{
	return until <= now || until + cost <= now + NSEC_PER_SEC;
}

/* Is there room for a frame that costs so much? */
static bool vnb_storm_has_room(const struct vnb_storm_meter *meter, u64 now,
			       u64 frames, u64 bits)
{
	lockdep_assert_held(&meter->lock);

	return vnb_storm_fits(meter->frames_until, now, frames) &&
	       vnb_storm_fits(meter->bits_until, now, bits);
}

/* How many it will be on a wire. Who made it need not have counted them. */
static u64 vnb_storm_frames(const struct sk_buff *skb)
{
	if (!skb_is_gso(skb))
		return 1;

	return skb_shinfo(skb)->gso_segs ?:
	       DIV_ROUND_UP(skb->len, skb_shinfo(skb)->gso_size);
}

/* Without a limit, a frame costs no time; with one, never none. */
static u64 vnb_storm_frames_cost(const struct vnb_storm_rate *rate,
				 const struct sk_buff *skb)
{
	u64 frames = vnb_storm_frames(skb);

	return rate->pps ? DIV_ROUND_UP_ULL(frames * NSEC_PER_SEC, rate->pps) :
			   0;
}

static u64 vnb_storm_bits_cost(const struct vnb_storm_rate *rate,
			       const struct sk_buff *skb)
{
	u64 bits = (u64)(skb->len + ETH_HLEN) * BITS_PER_BYTE;

	return rate->bps ? DIV64_U64_ROUND_UP(bits * NSEC_PER_SEC, rate->bps) :
			   0;
}

static bool vnb_storm_admits(struct vnb_storm_meter *meter,
			     const struct sk_buff *skb)
{
	u64 frames = vnb_storm_frames_cost(&meter->rate, skb);
	u64 bits = vnb_storm_bits_cost(&meter->rate, skb);
	u64 now = ktime_get_ns();
	bool fits;

	spin_lock(&meter->lock);
	fits = vnb_storm_has_room(meter, now, frames, bits);
	if (fits) {
		meter->frames_until = max(meter->frames_until, now) + frames;
		meter->bits_until = max(meter->bits_until, now) + bits;
	}
	spin_unlock(&meter->lock);

	return fits;
}

/* The meter that a frame counts for, NULL if none does. */
static struct vnb_storm_meter *vnb_storm_find(const struct vnb_frame *frame,
					      enum vnb_storm_kind *kind)
{
	const u8 *dest = eth_hdr(frame->skb)->h_dest;
	struct vnb_storm_meter *meter;
	struct vnb_storm *storm;

	/* NULL: the limit has just gone */
	storm = rcu_dereference(frame->in->storm);
	if (!storm)
		return NULL;

	*kind = VNB_STORM_UNKNOWN;
	if (is_multicast_ether_addr(dest))
		*kind = is_broadcast_ether_addr(dest) ? VNB_STORM_BCAST :
							VNB_STORM_MCAST;
	meter = &storm->meters[*kind];
	if (!vnb_storm_has_limit(&meter->rate))
		return NULL;
	if (*kind == VNB_STORM_UNKNOWN &&
	    vnb_fdb_lookup_rcu(frame->br, dest, frame->vid))
		return NULL;

	return meter;
}

enum vnb_drop vnb_storm_limit(const struct vnb_frame *frame, bool *reached)
{
	struct vnb_storm_meter *meter;
	enum vnb_storm_kind kind;
	u64 frames, bits;

	meter = vnb_storm_find(frame, &kind);
	if (!meter)
		return VNB_OK;

	frames = vnb_storm_frames_cost(&meter->rate, frame->skb);
	bits = vnb_storm_bits_cost(&meter->rate, frame->skb);
	spin_lock_bh(&meter->lock);
	*reached = !vnb_storm_has_room(meter, ktime_get_ns(), frames, bits);
	spin_unlock_bh(&meter->lock);
	return vnb_storm_drops[kind];
}

enum vnb_drop vnb_storm_check(const struct vnb_frame *frame)
{
	struct vnb_storm_meter *meter;
	enum vnb_storm_kind kind;

	meter = vnb_storm_find(frame, &kind);
	if (!meter || vnb_storm_admits(meter, frame->skb))
		return VNB_OK;

	this_cpu_inc(frame->in->drops->storm[kind]);
	return vnb_storm_drops[kind];
}

void vnb_storm_get(const struct vnb_port *port, struct vnb_storm_rate *rates)
{
	const struct vnb_storm *storm;
	unsigned int i;

	storm = rcu_dereference_rtnl(port->storm);
	for (i = 0; i < VNB_STORM_KINDS; i++)
		rates[i] = storm ? storm->meters[i].rate :
				   (struct vnb_storm_rate) { };
}

bool vnb_storm_same(const struct vnb_storm_rate *one,
		    const struct vnb_storm_rate *other)
{
	return one->pps == other->pps && one->bps == other->bps;
}

/* What @old has let pass counts for @meter. */
static void vnb_storm_go_on(struct vnb_storm_meter *meter,
			    struct vnb_storm_meter *old)
{
	spin_lock_bh(&old->lock);
	meter->frames_until = old->frames_until;
	meter->bits_until = old->bits_until;
	spin_unlock_bh(&old->lock);
}

bool vnb_storm_limits(const struct vnb_storm_rate *rates)
{
	unsigned int i;

	for (i = 0; i < VNB_STORM_KINDS; i++)
		if (vnb_storm_has_limit(&rates[i]))
			return true;

	return false;
}

struct vnb_storm *vnb_storm_alloc(const struct vnb_port *port,
				  const struct vnb_storm_rate *rates)
{
	struct vnb_storm *old = rtnl_dereference(port->storm);
	struct vnb_storm *storm;
	unsigned int i;

	storm = kzalloc_obj(*storm);
	if (!storm)
		return NULL;

	for (i = 0; i < VNB_STORM_KINDS; i++) {
		spin_lock_init(&storm->meters[i].lock);
		storm->meters[i].rate = rates[i];
		if (old && vnb_storm_same(&old->meters[i].rate, &rates[i]))
			vnb_storm_go_on(&storm->meters[i], &old->meters[i]);
	}
	return storm;
}

void vnb_storm_replace(struct vnb_port *port, struct vnb_storm *storm)
{
	struct vnb_storm *old = rtnl_dereference(port->storm);

	rcu_assign_pointer(port->storm, storm);
	if (old)
		kfree_rcu(old, rcu);
}
