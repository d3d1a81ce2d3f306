/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_STP_BPDU_H
#define VNB_STP_BPDU_H

#include <linux/jiffies.h>
#include <linux/types.h>

/**
 * DOC: BPDUs
 *
 * Bridge protocol data units as they are on the wire (IEEE 802.1D-1998 clause
 * 9), behind the header of LLC. Nothing here knows a bridge.
 */

/* Types; those of RSTP and MSTP are only told from what is no BPDU at all. */
#define VNB_BPDU_CONFIG		0x00
#define VNB_BPDU_TCN		0x80

/* Most bytes of a BPDU that is sent, LLC included. */
#define VNB_BPDU_LEN_MAX	38

/*
 * Times that a bridge may have, in jiffies (table 8-3; the shortest delay is
 * that of in-tree). A root of whom we know nothing must not make us forward at
 * once, or never.
 */
#define VNB_STP_MAX_AGE_MIN		(6UL * HZ)
#define VNB_STP_MAX_AGE_MAX		(40UL * HZ)
#define VNB_STP_HELLO_TIME_MIN		(1UL * HZ)
#define VNB_STP_HELLO_TIME_MAX		(10UL * HZ)
#define VNB_STP_FORWARD_DELAY_MIN	(2UL * HZ)
#define VNB_STP_FORWARD_DELAY_MAX	(30UL * HZ)

/**
 * struct vnb_stp_vector - what a bridge says of itself on a link; the lower of
 * two is the better one, member by member
 */
struct vnb_stp_vector {
	/** @root: identifier of the root: priority, then address */
	u64	root;
	/** @cost: of the path to the root */
	u32	cost;
	/** @bridge: identifier of the bridge that says so */
	u64	bridge;
	/** @port: identifier of its port: priority, then number */
	u16	port;
};

/**
 * struct vnb_bpdu - a BPDU, in the kernel's units; only @type if it is not
 * %VNB_BPDU_CONFIG
 */
struct vnb_bpdu {
	/** @type: VNB_BPDU_*, or another one */
	u8			type;
	/** @topology_change: addresses are to age fast */
	bool			topology_change;
	/** @topology_change_ack: a notification was heard */
	bool			topology_change_ack;
	/** @vector: who says what */
	struct vnb_stp_vector	vector;
	/** @message_age: jiffies since the root said so */
	unsigned long		message_age;
	/** @max_age: jiffies after which it is no longer true */
	unsigned long		max_age;
	/** @hello_time: jiffies between two BPDUs of the root */
	unsigned long		hello_time;
	/** @forward_delay: jiffies in each state on the way to forwarding */
	unsigned long		forward_delay;
};

/**
 * vnb_bpdu_decode() - read a BPDU
 * @bpdu: gets what it says
 * @data: the frame behind its MAC header, may be unaligned
 * @len: bytes that can be read, and belong to it by its length field
 *
 * As 802.1D-1998 9.3.4 says, versions do not matter and bytes at the end are
 * ignored. Times are brought to what a bridge may have.
 *
 * Return: whether it is one.
 */
bool vnb_bpdu_decode(struct vnb_bpdu *bpdu, const void *data,
		     unsigned int len);

/**
 * vnb_bpdu_encode() - write a BPDU
 * @data: room for VNB_BPDU_LEN_MAX bytes, may be unaligned
 * @bpdu: what to say, one of the types that have a name
 *
 * Return: bytes written.
 */
unsigned int vnb_bpdu_encode(void *data, const struct vnb_bpdu *bpdu);

#endif /* VNB_STP_BPDU_H */
