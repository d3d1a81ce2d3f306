// SPDX-License-Identifier: GPL-2.0
/*
 * BPDUs on the wire: IEEE 802.1D-1998 clause 9, and LLC in front of them.
 */
#include "stp_bpdu.h"

#include <linux/build_bug.h>
#include <linux/llc.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <net/llc_pdu.h>

#include <asm/byteorder.h>

/* Times are in units of 1/256 second (9.2.8). */
#define VNB_BPDU_HZ		256

#define VNB_BPDU_TC		BIT(0)
#define VNB_BPDU_TC_ACK		BIT(7)

struct vnb_bpdu_wire {
	/* LLC: unnumbered information between two spanning tree entities */
	u8	dsap;
	u8	ssap;
	u8	control;

	/* what every BPDU has (9.3) */
	__be16	protocol;
	u8	version;
	u8	type;

	/* what a configuration BPDU has (9.3.1) */
	u8	flags;
	__be64	root;
	__be32	cost;
	__be64	bridge;
	__be16	port;
	__be16	message_age;
	__be16	max_age;
	__be16	hello_time;
	__be16	forward_delay;
} __packed;

static_assert(sizeof(struct vnb_bpdu_wire) == VNB_BPDU_LEN_MAX);

#define VNB_BPDU_LEN_MIN	offsetof(struct vnb_bpdu_wire, flags)

/* Rounded up: a time that is not zero does not become zero. */
static unsigned long vnb_bpdu_jiffies(__be16 time)
{
	return DIV_ROUND_UP(be16_to_cpu(time) * HZ, VNB_BPDU_HZ);
}

static __be16 vnb_bpdu_time(unsigned long time)
{
	return cpu_to_be16(min(time * VNB_BPDU_HZ / HZ,
			       (unsigned long)U16_MAX));
}

bool vnb_bpdu_decode(struct vnb_bpdu *bpdu, const void *data, unsigned int len)
{
	const struct vnb_bpdu_wire *wire = data;

	if (len < VNB_BPDU_LEN_MIN || wire->dsap != LLC_SAP_BSPAN ||
	    wire->ssap != LLC_SAP_BSPAN ||
	    wire->control != (LLC_PDU_TYPE_U | LLC_1_PDU_CMD_UI) ||
	    wire->protocol)
		return false;

	*bpdu = (struct vnb_bpdu) { .type = wire->type };
	if (wire->type != VNB_BPDU_CONFIG)
		return true;
	if (len < sizeof(*wire))
		return false;

	bpdu->topology_change = wire->flags & VNB_BPDU_TC;
	bpdu->topology_change_ack = wire->flags & VNB_BPDU_TC_ACK;
	bpdu->vector = (struct vnb_stp_vector) {
		.root	= be64_to_cpu(wire->root),
		.cost	= be32_to_cpu(wire->cost),
		.bridge	= be64_to_cpu(wire->bridge),
		.port	= be16_to_cpu(wire->port),
	};
	bpdu->message_age = vnb_bpdu_jiffies(wire->message_age);
	bpdu->max_age = clamp(vnb_bpdu_jiffies(wire->max_age),
			      VNB_STP_MAX_AGE_MIN, VNB_STP_MAX_AGE_MAX);
	bpdu->hello_time = clamp(vnb_bpdu_jiffies(wire->hello_time),
				 VNB_STP_HELLO_TIME_MIN,
				 VNB_STP_HELLO_TIME_MAX);
	bpdu->forward_delay = clamp(vnb_bpdu_jiffies(wire->forward_delay),
				    VNB_STP_FORWARD_DELAY_MIN,
				    VNB_STP_FORWARD_DELAY_MAX);

	/* older than what it says may be true */
	return bpdu->message_age < bpdu->max_age;
}

unsigned int vnb_bpdu_encode(void *data, const struct vnb_bpdu *bpdu)
{
	const struct vnb_bpdu_wire wire = {
		.dsap		= LLC_SAP_BSPAN,
		.ssap		= LLC_SAP_BSPAN,
		.control	= LLC_PDU_TYPE_U | LLC_1_PDU_CMD_UI,
		.type		= bpdu->type,
		.flags		=
			(bpdu->topology_change ? VNB_BPDU_TC : 0) |
			(bpdu->topology_change_ack ? VNB_BPDU_TC_ACK : 0),
		.root		= cpu_to_be64(bpdu->vector.root),
		.cost		= cpu_to_be32(bpdu->vector.cost),
		.bridge		= cpu_to_be64(bpdu->vector.bridge),
		.port		= cpu_to_be16(bpdu->vector.port),
		.message_age	= vnb_bpdu_time(bpdu->message_age),
		.max_age	= vnb_bpdu_time(bpdu->max_age),
		.hello_time	= vnb_bpdu_time(bpdu->hello_time),
		.forward_delay	= vnb_bpdu_time(bpdu->forward_delay),
	};
	unsigned int len = bpdu->type == VNB_BPDU_CONFIG ? sizeof(wire) :
							   VNB_BPDU_LEN_MIN;

	memcpy(data, &wire, len);
	return len;
}
