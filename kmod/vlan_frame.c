// SPDX-License-Identifier: GPL-2.0
/*
 * What VLANs are to frames: which one is it in, and what tag does it need?
 * IEEE 802.1Q-2022 6.9 and 8.6.
 */
#include "vlan.h"

#include <linux/if_ether.h>

#include "bridge.h"
#include "mst.h"
#include "vlan_stats.h"

enum vnb_drop vnb_vlan_classify(const struct vnb_port *port, __be16 proto,
				const struct sk_buff *skb, u16 *vid)
{
	*vid = 0;
	if (skb_vlan_tag_present(skb) && skb->vlan_proto == proto)
		*vid = skb_vlan_tag_get_id(skb);

	/* A tag without a VLAN gives a priority only. */
	if (!*vid) {
		*vid = READ_ONCE(port->pvid);
		return likely(*vid) ? VNB_OK : VNB_DROP_VLAN_UNTAGGED;
	}

	return likely(vnb_vlan_is_member(port, *vid)) ? VNB_OK :
							VNB_DROP_VLAN_INGRESS;
}

/*
 * A tag of the other protocol is to this bridge a part of the frame.
 * Consumes @skb and returns NULL if there is no memory.
 */
static noinline struct sk_buff *vnb_vlan_push_tag(struct vnb_bridge *br,
						  struct sk_buff *skb)
{
	skb_push(skb, ETH_HLEN);
	skb = vlan_insert_tag_set_proto(skb, skb->vlan_proto,
					skb_vlan_tag_get(skb));
	if (unlikely(!skb)) {
		vnb_stats_inc(br->vnb.stats, VNB_DROP_NO_MEMORY);
		return NULL;
	}

	__vlan_hwaccel_clear_tag(skb);
	skb_pull(skb, ETH_HLEN);
	skb_postpush_rcsum(skb, skb->data, VLAN_HLEN);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	return skb;
}

/*
 * A tag that the host has put into the frame goes beside it.
 * Consumes @skb and returns NULL if the frame ends in it, or without memory.
 */
static noinline struct sk_buff *vnb_vlan_pop_tag(struct vnb_bridge *br,
						 struct sk_buff *skb)
{
	skb = skb_vlan_untag(skb);
	if (unlikely(!skb))
		vnb_stats_inc(br->vnb.stats, VNB_DROP_TRUNCATED);
	return skb;
}

struct sk_buff *vnb_vlan_take_tag(struct vnb_bridge *br, struct sk_buff *skb,
				  __be16 proto)
{
	if (skb_vlan_tag_present(skb)) {
		if (unlikely(skb->vlan_proto != proto))
			return vnb_vlan_push_tag(br, skb);
	} else if (unlikely(skb->protocol == proto)) {
		return vnb_vlan_pop_tag(br, skb);
	}

	return skb;
}

/* What few bridges ask for. Consumes the frame, with false. */
static noinline bool vnb_vlan_ingress_special(const struct vnb_frame *frame)
{
	struct vnb_bridge *br = frame->br;
	u32 opts = READ_ONCE(br->opts);

	/* The host sends in every VLAN. */
	if (opts & VNB_BRIDGE_MST &&
	    !vnb_port_state_learns(vnb_mst_state(frame->in, frame->vid))) {
		vnb_drop_in(frame->in, frame->skb, VNB_DROP_PORT_STATE);
		return false;
	}

	if (opts & VNB_BRIDGE_VLAN_STATS)
		vnb_vlan_count_rx(frame->in, frame->vid, frame->skb->len);
	return true;
}

bool vnb_vlan_ingress(struct vnb_frame *frame)
{
	struct vnb_bridge *br = frame->br;
	__be16 proto = READ_ONCE(br->vlan_proto);
	enum vnb_drop why;

	frame->skb = vnb_vlan_take_tag(br, frame->skb, proto);
	if (unlikely(!frame->skb)) {
		vnb_port_count_drop(frame->in);
		return false;
	}

	why = vnb_vlan_classify(frame->in, proto, frame->skb, &frame->vid);
	if (unlikely(why)) {
		vnb_drop_in(frame->in, frame->skb, why);
		return false;
	}

	if (unlikely(READ_ONCE(br->opts) &
		     (VNB_BRIDGE_VLAN_STATS | VNB_BRIDGE_MST)))
		return vnb_vlan_ingress_special(frame);
	return true;
}

void vnb_vlan_set_tag(const struct vnb_frame *frame, u32 state,
		      struct sk_buff *skb)
{
	if (state == VNB_VLAN_ACCESS)
		__vlan_hwaccel_clear_tag(skb);
	else if (!skb_vlan_tag_present(skb))
		__vlan_hwaccel_put_tag(skb, READ_ONCE(frame->br->vlan_proto),
				       frame->vid);
	else if (!skb_vlan_tag_get_id(skb))
		skb->vlan_tci |= frame->vid;	/* keeps its priority */
}

bool vnb_vlan_egress(const struct vnb_frame *frame, const struct vnb_port *out,
		     struct sk_buff *skb)
{
	u32 state = vnb_vlan_get(out, frame->vid);
	struct vnb_bridge *br = frame->br;

	/* Never with a tag to where it would not have had one. */
	if (unlikely(!(state & VNB_VLAN_MEMBER) &&
		     out->type != VNB_PORT_LOCAL)) {
		vnb_drop(&br->vnb, skb, VNB_DROP_VLAN_EGRESS);
		return false;
	}

	if (unlikely(READ_ONCE(br->opts) & VNB_BRIDGE_VLAN_STATS))
		vnb_vlan_count_tx(out, frame->vid, skb->len);

	vnb_vlan_set_tag(frame, state, skb);
	return true;
}
