// SPDX-License-Identifier: GPL-2.0
/* How frames begin: addresses and tags. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>

#include "fuzz.h"

/* Of VLANs 1 to 4094, those that most tags name. */
#define FUZZ_VLANS_USED	12

/**
 * fuzz_put() - append zeros
 * @frame: the frame
 * @len: how many
 *
 * Return: where they are, which may be unaligned.
 */
void *fuzz_put(struct fuzz_frame *frame, unsigned int len)
{
	void *at = frame->data + frame->len;

	memset(at, 0, len);
	frame->len += len;
	return at;
}

/**
 * fuzz_put16() - append a number
 * @frame: the frame
 * @value: the number
 */
void fuzz_put16(struct fuzz_frame *frame, u16 value)
{
	__be16 *at = fuzz_put(frame, sizeof(*at));

	*at = htons(value);
}

/**
 * fuzz_put_payload() - append what chance makes
 * @frame: the frame
 * @len: how many bytes
 */
void fuzz_put_payload(struct fuzz_frame *frame, unsigned int len)
{
	u8 *at = fuzz_put(frame, len);

	prandom_bytes_state(&frame->rnd, at, len);
}

/**
 * fuzz_put_host() - append an address of many
 * @frame: the frame
 * @group: one with FUZZ_HOSTS of them, two with FUZZ_LEARNED
 * @number: which one
 */
void fuzz_put_host(struct fuzz_frame *frame, u8 group, u8 number)
{
	const u8 addr[ETH_ALEN] = { 2, 0, 0, 0, group, number };

	memcpy(fuzz_put(frame, ETH_ALEN), addr, ETH_ALEN);
}

static void put_random(struct fuzz_frame *frame, u8 first, unsigned int len)
{
	u8 *at = fuzz_put(frame, ETH_ALEN);

	at[0] = first;
	prandom_bytes_state(&frame->rnd, at + ETH_ALEN - len, len);
}

/**
 * fuzz_put_dst() - append a destination address
 * @frame: the frame
 */
void fuzz_put_dst(struct fuzz_frame *frame)
{
	u8 *at;

	/* known, because GRO and flooding cannot be told apart afterwards */
	if (frame->entry == FUZZ_GRO) {
		fuzz_put_host(frame, 1, 1 + frame->burst % 4);
		return;
	}

	switch (fuzz_below(frame, 16)) {
	case 0 ... 7:
		fuzz_put_host(frame, 1, fuzz_below(frame, FUZZ_HOSTS));
		break;
	case 8 ... 9:
		fuzz_put_host(frame, 2, fuzz_below(frame, FUZZ_LEARNED));
		break;
	case 10:
		memset(fuzz_put(frame, ETH_ALEN), 0xff, ETH_ALEN);
		break;
	case 11:
		put_random(frame, fuzz_one_in(frame, 2) ? 0x33 : 0x01, 2);
		break;
	case 12:
		at = fuzz_put(frame, ETH_ALEN);
		ether_addr_copy(at, eth_reserved_addr_base);
		at[5] = fuzz_below(frame, 18);
		break;
	case 13:
		put_random(frame, 0, 0);
		break;
	default:
		put_random(frame, 2, 4);
	}
}

/**
 * fuzz_put_src() - append a source address
 * @frame: the frame
 */
void fuzz_put_src(struct fuzz_frame *frame)
{
	switch (frame->entry == FUZZ_GRO ? 0 : fuzz_below(frame, 16)) {
	case 0 ... 9:
		fuzz_put_host(frame, 2, frame->entry == FUZZ_GRO ? 5 :
			      fuzz_below(frame, FUZZ_LEARNED));
		break;
	case 10 ... 12:
		fuzz_put_host(frame, 1, fuzz_below(frame, FUZZ_HOSTS));
		break;
	case 13:
		put_random(frame, 0, 0);
		break;
	case 14:
		put_random(frame, 1, 5);
		break;
	default:
		put_random(frame, 2, 4);
	}
}

/**
 * fuzz_tci() - what is in a tag behind its protocol
 * @frame: whose chance it is
 *
 * Few VLANs, so that two frames are in the same one; with those that are none.
 */
u16 fuzz_tci(struct fuzz_frame *frame)
{
	u16 tci = fuzz_below(frame, 16) << 12;

	switch (fuzz_below(frame, 16)) {
	case 0:
		return tci;
	case 1:
		return tci | VLAN_VID_MASK;
	case 2:
		return tci | (VLAN_VID_MASK - 1);
	case 3:
		return tci | fuzz_below(frame, VLAN_N_VID);
	default:
		return tci | (1 + fuzz_below(frame, FUZZ_VLANS_USED));
	}
}

/**
 * fuzz_put_tags() - append VLAN tags, or none
 * @frame: behind its addresses
 */
void fuzz_put_tags(struct fuzz_frame *frame)
{
	static const u16 protos[] = { ETH_P_8021Q, ETH_P_8021Q, ETH_P_8021AD };
	unsigned int n = 0;

	if (frame->entry == FUZZ_GRO)
		return;
	if (fuzz_one_in(frame, 3))
		n = fuzz_below(frame, 4);
	else if (frame->theme == FUZZ_VLANS && !fuzz_one_in(frame, 4))
		n = 1 + fuzz_below(frame, 3);
	while (n--) {
		fuzz_put16(frame, protos[fuzz_below(frame,
						    ARRAY_SIZE(protos))]);
		fuzz_put16(frame, fuzz_tci(frame));
	}
}
