/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_STORM_H
#define VNB_STORM_H

#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "drop.h"

struct vnb_frame;
struct vnb_port;

/**
 * DOC: Storm control
 *
 * Every copy of a flooded frame costs as much as the frame: a port may be
 * allowed only so many of them. What counts is what comes in, before anything
 * is learned from it, so that a frame too many is as if it had never come.
 *
 * Time, not tokens, is what is counted (a leaky bucket, or GCRA): each frame
 * takes as long as the rate says, and may come while no more than a second is
 * taken. One that takes longer may come when no time is taken.
 */

/**
 * enum vnb_storm_kind - frames that are flooded
 * @VNB_STORM_UNKNOWN: to an individual address without an entry
 * @VNB_STORM_MCAST: to a group
 * @VNB_STORM_BCAST: to all
 * @VNB_STORM_KINDS: number of values
 */
enum vnb_storm_kind {
	VNB_STORM_UNKNOWN,
	VNB_STORM_MCAST,
	VNB_STORM_BCAST,
	VNB_STORM_KINDS
};

/**
 * struct vnb_storm_rate - what of one kind may come in, 0 is no limit
 */
struct vnb_storm_rate {
	/** @pps: frames per second */
	u32	pps;
	/** @bps: bits per second */
	u64	bps;
};

/**
 * struct vnb_storm_meter - how much of one kind has come in
 */
struct vnb_storm_meter {
	/** @rate: constant */
	struct vnb_storm_rate	rate;

	/** @lock: makes one step of the question and the answer */
	spinlock_t		lock;

	/** @frames_until: until when time is taken by @rate.pps, ns */
	u64			frames_until;

	/** @bits_until: until when time is taken by @rate.bps, ns */
	u64			bits_until;
};

/**
 * struct vnb_storm - of a port that has a limit; replaced as a whole
 */
struct vnb_storm {
	/** @meters: by enum vnb_storm_kind */
	struct vnb_storm_meter	meters[VNB_STORM_KINDS];

	/** @rcu: frees it after the last reader */
	struct rcu_head		rcu;
};

/**
 * vnb_storm_check() - is a frame one too many?
 * @frame: as it came in, through a port with VNB_PORT_STORM
 *
 * Counts it on the port, if so; the caller drops it.
 * Context: softirq, RCU read section.
 *
 * Return: %VNB_OK, or which limit it exceeds.
 */
enum vnb_drop vnb_storm_check(const struct vnb_frame *frame);

/**
 * vnb_storm_limit() - which limit does a frame count for?
 * @frame: as for vnb_storm_check()
 * @reached: out, if there is one: would it be dropped for that now?
 *
 * Takes nothing of it. Context: process, RCU read section.
 *
 * Return: %VNB_OK for none, or what it is dropped for when that is exceeded.
 */
enum vnb_drop vnb_storm_limit(const struct vnb_frame *frame, bool *reached);

/**
 * vnb_storm_get() - read the limits of a port
 * @port: the port
 * @rates: gets them, by enum vnb_storm_kind
 *
 * Context: RTNL or RCU read section.
 */
void vnb_storm_get(const struct vnb_port *port, struct vnb_storm_rate *rates);

/** vnb_storm_has_limit() - is there one in @rate? */
bool vnb_storm_has_limit(const struct vnb_storm_rate *rate);

/** vnb_storm_limits() - is there a limit in @rates, of all kinds? */
bool vnb_storm_limits(const struct vnb_storm_rate *rates);

/** vnb_storm_same() - are these limits equal? */
bool vnb_storm_same(const struct vnb_storm_rate *one,
		    const struct vnb_storm_rate *other);

/**
 * vnb_storm_alloc() - meters for other limits than those of a port
 * @port: the port; limits that it has already go on where they are
 * @rates: by enum vnb_storm_kind
 *
 * Return: for vnb_storm_replace(), NULL without memory. Context: RTNL.
 */
struct vnb_storm *vnb_storm_alloc(const struct vnb_port *port,
				  const struct vnb_storm_rate *rates);

/**
 * vnb_storm_replace() - give a port other meters
 * @port: the port
 * @storm: from now on, or NULL for none; taken over
 *
 * Context: RTNL.
 */
void vnb_storm_replace(struct vnb_port *port, struct vnb_storm *storm);

#endif /* VNB_STORM_H */
