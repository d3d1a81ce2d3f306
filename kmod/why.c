// SPDX-License-Identifier: GPL-2.0
/*
 * What would become of a frame? The way through a bridge, from rule to rule.
 */
#include "why.h"

#include <linux/etherdevice.h>
#include <linux/if_bridge.h>

#include "bridge.h"
#include "forward.h"
#include "locked.h"
#include "mst.h"
#include "neigh.h"
#include "nf_bridge.h"
#include "pair.h"
#include "stp.h"
#include "vlan.h"

/* Has the port a VLAN device of its own, which gets it before the bridge? */
static bool vnb_why_is_for_vlan_dev(const struct vnb_port *in,
				    const struct sk_buff *skb)
{
	return in->type != VNB_PORT_LOCAL && skb_vlan_tag_present(skb) &&
	       rcu_access_pointer(in->dev->vlan_info) &&
	       __vlan_find_dev_deep_rcu(in->dev, skb->vlan_proto,
					skb_vlan_tag_get_id(skb));
}

/*
 * The device receives the frame. One that is down does not, and nobody counts
 * that; a frame that does not fit into a pair is counted at its other end.
 */
static enum vnb_drop vnb_why_ingress(struct vnb_why *w)
{
	struct nlattr *step = vnb_why_step(w, VNETBR_STEP_INGRESS);
	const struct vnb_port *in = w->frame.in;
	const struct net_device *peer;
	enum vnb_drop why = VNB_OK;

	vnb_why_put(w, VNETBR_A_STEP_IFINDEX, in->dev->ifindex);
	vnb_why_put_state(w, READ_ONCE(in->state));

	if (!(in->dev->flags & IFF_UP)) {
		why = VNB_DROP_PORT_DOWN;
		w->on = NULL;
	} else if (in->type == VNB_PORT_PAIR) {
		why = vnb_pair_may_receive(in->dev, w->frame.skb);
		peer = rcu_dereference(vnb_pair(in->dev)->peer);
		if (why)
			w->on = peer && net_eq(dev_net(peer),
					       dev_net(in->dev)) ? peer : NULL;
	}
	if (!why && vnb_why_is_for_vlan_dev(in, w->frame.skb))
		w->verdict = VNETBR_VERDICT_PASS;

	return vnb_why_step_end(w, step, why);
}

static enum vnb_drop vnb_why_reserved(struct vnb_why *w)
{
	struct nlattr *step = vnb_why_step(w, VNETBR_STEP_RESERVED);
	enum vnb_drop why = VNB_OK;
	enum vnb_reserved how;

	static_assert(VNETBR_RESERVED_PASS == (int)VNB_RESERVED_PASS);
	static_assert(VNETBR_RESERVED_FORWARD == (int)VNB_RESERVED_FORWARD);
	static_assert(VNETBR_RESERVED_DROP == (int)VNB_RESERVED_DROP);
	static_assert(VNETBR_RESERVED_BPDU == (int)VNB_RESERVED_BPDU);

	how = vnb_rx_reserved_verdict(w->frame.in, w->frame.skb);
	vnb_why_put(w, VNETBR_A_STEP_RESERVED, how);
	if (how == VNB_RESERVED_PASS)
		w->verdict = VNETBR_VERDICT_PASS;
	else if (how == VNB_RESERVED_BPDU)
		w->verdict = VNETBR_VERDICT_BPDU;
	else if (how == VNB_RESERVED_DROP)
		why = VNB_DROP_RESERVED_ADDRESS;

	return vnb_why_step_end(w, step, why);
}

/* Does the frame stay on its link? */
static bool vnb_why_stays(const struct vnb_why *w)
{
	return w->verdict == VNETBR_VERDICT_PASS ||
	       w->verdict == VNETBR_VERDICT_BPDU;
}

static enum vnb_drop vnb_why_vlan(struct vnb_why *w)
{
	struct vnb_bridge *br = w->frame.br;
	__be16 proto = READ_ONCE(br->vlan_proto);
	struct nlattr *step;
	enum vnb_drop why;

	if (!vnb_bridge_filters(br))
		return VNB_OK;

	/* it is only talked about, and has room: nobody counts it */
	w->frame.skb = vnb_vlan_take_tag(br, w->frame.skb, proto);
	if (!w->frame.skb) {
		w->err = -ENOMEM;
		return VNB_DROP_NO_MEMORY;
	}

	step = vnb_why_step(w, VNETBR_STEP_VLAN);
	why = vnb_vlan_classify(w->frame.in, proto, w->frame.skb,
				&w->frame.vid);
	if (w->frame.vid)
		vnb_why_put(w, VNETBR_A_STEP_VLAN, w->frame.vid);
	if (!why && READ_ONCE(br->opts) & VNB_BRIDGE_MST)
		vnb_why_put(w, VNETBR_A_STEP_MSTI,
			    vnb_mst_instance(br, w->frame.vid));
	return vnb_why_step_end(w, step, why);
}

/* Of the port where it comes in, for the VLAN that it is in. */
static u8 vnb_why_in_state(const struct vnb_why *w)
{
	const struct vnb_port *in = w->frame.in;

	return vnb_port_vlan_state(in, READ_ONCE(in->flags), w->frame.vid);
}

static enum vnb_drop vnb_why_locked(struct vnb_why *w)
{
	const u8 *addr = eth_hdr(w->frame.skb)->h_source;
	struct vnb_port *in = w->frame.in;
	u32 flags = READ_ONCE(in->flags);
	const struct vnb_fdb_entry *none;
	struct vnb_fdb_entry *f;
	struct nlattr *step;
	enum vnb_drop why;

	if (!(flags & VNB_PORT_LOCKED))
		return VNB_OK;

	step = vnb_why_step(w, VNETBR_STEP_LOCKED);
	why = vnb_locked_verdict(in, addr, w->frame.vid, &f);
	if (f)
		vnb_why_put_entry(w, f);
	else if (flags & VNB_PORT_MAB)
		vnb_why_put(w, VNETBR_A_STEP_LEARN,
			    vnb_fdb_would_learn(in, addr, w->frame.vid, &none));
	return vnb_why_step_end(w, step, why);
}

static enum vnb_drop vnb_why_storm(struct vnb_why *w)
{
	const struct vnb_port *in = w->frame.in;
	bool reached = false;
	enum vnb_drop limit;
	struct nlattr *step;

	if (!(READ_ONCE(in->flags) & VNB_PORT_STORM) ||
	    vnb_why_in_state(w) != BR_STATE_FORWARDING)
		return VNB_OK;
	limit = vnb_storm_limit(&w->frame, &reached);
	if (!limit)
		return VNB_OK;

	step = vnb_why_step(w, VNETBR_STEP_STORM);
	vnb_why_put_word(w, VNETBR_A_STEP_LIMIT, limit);
	return vnb_why_step_end(w, step, reached ? limit : VNB_OK);
}

static enum vnb_drop vnb_why_learn(struct vnb_why *w, bool may)
{
	struct nlattr *step = vnb_why_step(w, VNETBR_STEP_LEARN);
	const u8 *addr = eth_hdr(w->frame.skb)->h_source;
	const struct vnb_fdb_entry *f = NULL;
	u32 how = VNETBR_LEARN_OFF;

	static_assert(VNETBR_LEARN_NEW == (int)VNB_LEARN_NEW);
	static_assert(VNETBR_LEARN_LOOP == (int)VNB_LEARN_LOOP);

	if (may)
		how = vnb_fdb_would_learn(w->frame.in, addr, w->frame.vid, &f);
	vnb_why_put(w, VNETBR_A_STEP_LEARN, how);
	if (f)
		vnb_why_put_entry(w, f);

	/* a frame that stays is not asked where it has come from */
	return vnb_why_step_end(w, step, how == VNETBR_LEARN_LOOP &&
				!vnb_why_stays(w) ? VNB_DROP_LOOP : VNB_OK);
}

static enum vnb_drop vnb_why_state(struct vnb_why *w)
{
	struct nlattr *step = vnb_why_step(w, VNETBR_STEP_STATE);
	u8 state = vnb_why_in_state(w);

	vnb_why_put_state(w, state);
	return vnb_why_step_end(w, step, state == BR_STATE_FORWARDING ?
				VNB_OK : VNB_DROP_PORT_STATE);
}

/* The kernel runs spanning tree, and the frame is for that. */
static enum vnb_drop vnb_why_bpdu(struct vnb_why *w)
{
	struct nlattr *step = vnb_why_step(w, VNETBR_STEP_BPDU);

	return vnb_why_step_end(w, step, vnb_stp_would_take(w->frame.in,
							    w->frame.skb));
}

/* What vnb_rx() does. */
static enum vnb_drop vnb_why_rx(struct vnb_why *w)
{
	const struct vnb_port *in = w->frame.in;
	struct nlattr *step;
	enum vnb_drop why;

	step = vnb_why_step(w, VNETBR_STEP_SOURCE);
	why = is_valid_ether_addr(eth_hdr(w->frame.skb)->h_source) ?
	      VNB_OK : VNB_DROP_INVALID_SOURCE;
	if (vnb_why_step_end(w, step, why))
		return why;
	if (!vnb_port_state_learns(READ_ONCE(in->state)) &&
	    !vnb_mst_decides(in, READ_ONCE(w->frame.br->opts)))
		return vnb_why_state(w);

	why = vnb_why_vlan(w);
	if (why)
		return why;
	if (!vnb_port_state_learns(vnb_why_in_state(w)))
		return vnb_why_state(w);

	why = vnb_why_locked(w);
	if (why)
		return why;
	why = vnb_why_storm(w);
	if (why)
		return why;
	why = vnb_why_learn(w, READ_ONCE(in->flags) & VNB_PORT_LEARNS);
	return why ? : vnb_why_state(w);
}

/* The ways to vnb_rx(), and what vnb_rx_reserved() does. */
static enum vnb_drop vnb_why_enter(struct vnb_why *w)
{
	const struct ethhdr *eth = eth_hdr(w->frame.skb);
	enum vnb_drop why;
	bool may;

	if (!is_link_local_ether_addr(eth->h_dest))
		return vnb_why_rx(w);

	why = vnb_why_reserved(w);
	if (why)
		return why;
	if (!vnb_why_stays(w))
		return vnb_why_rx(w);

	may = vnb_rx_learns_reserved(w->frame.in, w->frame.skb, &w->frame.vid);
	if (is_valid_ether_addr(eth->h_source))
		vnb_why_learn(w, may);
	return w->verdict == VNETBR_VERDICT_BPDU ? vnb_why_bpdu(w) : VNB_OK;
}

/* A port gets the frame, or a copy. Return: why it does not send it. */
static enum vnb_drop vnb_why_send(struct vnb_why *w,
				  const struct vnb_port *out,
				  const struct net_device **on)
{
	enum vnb_drop why;

	*on = w->frame.br->vnb.dev;
	why = vnb_tx_check(&w->frame, out, on);
	/* a copy to ask with: nobody counts it */
	if (why == VNB_DROP_NO_MEMORY)
		w->err = -ENOMEM;
	vnb_why_egress(w, out, why ? VNETBR_EGRESS_DROPPED : VNETBR_EGRESS_SENT,
		       why, why ? *on : NULL);
	return why;
}

/* What vnb_forward_known() does. */
static void vnb_why_known(struct vnb_why *w, const struct vnb_target *to)
{
	const struct net_device *on;

	if (to->up)
		vnb_why_send(w, &w->frame.br->local, &on);

	w->verdict = to->port->type == VNB_PORT_LOCAL ?
		     VNETBR_VERDICT_LOCAL : VNETBR_VERDICT_FORWARD;
	w->reason = vnb_may_send(&w->frame, to->port);
	if (w->reason)
		vnb_why_egress(w, to->port, VNETBR_EGRESS_REFUSED, w->reason,
			       w->on);
	else
		w->reason = vnb_why_send(w, to->port, &w->on);
}

/* Return: VNB_PORT_* of ports that the frame is not flooded to. */
static u32 vnb_why_avoid(struct vnb_why *w)
{
	struct nlattr *step;
	bool answered;
	u32 avoid = 0;

	if (READ_ONCE(w->frame.br->n_neigh_ports))
		avoid = vnb_neigh_would_answer(&w->frame, &answered);
	if (avoid) {
		step = vnb_why_step(w, VNETBR_STEP_NEIGHBOUR);
		vnb_why_put(w, VNETBR_A_STEP_ANSWERED, answered);
		vnb_why_step_end(w, step, VNB_OK);
	}

	return avoid | VNB_NEIGH_NEVER;
}

/* A port that the frame may be flooded to. Return: whether it takes it. */
static bool vnb_why_flood_port(struct vnb_why *w, const struct vnb_port *port,
			       u32 kind, u32 avoid)
{
	const struct net_device *on;
	enum vnb_drop why;

	if (!vnb_floods(&w->frame, port, kind, avoid)) {
		vnb_why_egress(w, port,
			       vnb_neigh_avoids(port, w->frame.vid, avoid) ?
			       VNETBR_EGRESS_SUPPRESSED :
			       VNETBR_EGRESS_NO_FLOOD, VNB_OK, NULL);
		return false;
	}
	why = vnb_may_send(&w->frame, port);
	if (why) {
		vnb_why_egress(w, port, VNETBR_EGRESS_REFUSED, why, NULL);
		return false;
	}

	vnb_why_send(w, port, &on);
	return true;
}

/* What vnb_flood() does. */
static void vnb_why_flood(struct vnb_why *w, const struct vnb_target *to)
{
	struct vnb_bridge *br = w->frame.br;
	u32 avoid = vnb_why_avoid(w);
	const struct net_device *on;
	const struct vnb_port *port;
	bool taken = to->up;

	w->verdict = VNETBR_VERDICT_FLOOD;
	list_for_each_entry_rcu(port, &br->ports, list)
		taken |= vnb_why_flood_port(w, port, to->flood, avoid);

	if (to->up)
		vnb_why_send(w, &br->local, &on);
	if (!taken)
		w->reason = VNB_DROP_NO_TARGET;
}

static u32 vnb_why_lookup(const struct vnb_target *to)
{
	if (to->entry)
		return to->port->type == VNB_PORT_LOCAL ?
		       VNETBR_LOOKUP_LOCAL : VNETBR_LOOKUP_FOUND;

	switch (to->flood) {
	case VNB_PORT_BCAST_FLOOD:
		return VNETBR_LOOKUP_BROADCAST;
	case VNB_PORT_MCAST_FLOOD:
		return VNETBR_LOOKUP_MULTICAST;
	default:
		return VNETBR_LOOKUP_UNKNOWN;
	}
}

static void vnb_why_put_target(struct vnb_why *w, const struct vnb_target *to)
{
	struct nlattr *step = vnb_why_step(w, VNETBR_STEP_LOOKUP);

	vnb_why_put(w, VNETBR_A_STEP_LOOKUP, vnb_why_lookup(to));
	if (to->entry) {
		vnb_why_put_entry(w, to->entry);
		if (to->port->type != VNB_PORT_LOCAL &&
		    to->port != rcu_access_pointer(to->entry->port))
			vnb_why_put(w, VNETBR_A_STEP_BACKUP_IFINDEX,
				    to->port->dev->ifindex);
	}
	vnb_why_step_end(w, step, VNB_OK);
}

/* What vnb_forward() does. */
static void vnb_why_forward(struct vnb_why *w)
{
	struct vnb_bridge *br = w->frame.br;
	struct vnb_target to;
	struct nlattr *step;

	if (READ_ONCE(br->opts) & VNB_BRIDGE_NF_BLOCK) {
		step = vnb_why_step(w, VNETBR_STEP_NETFILTER);
		w->reason = vnb_why_step_end(w, step, vnb_nf_bridge_blocks(br) ?
					     VNB_DROP_NF_BRIDGE : VNB_OK);
		if (w->reason)
			return;
	}

	to = vnb_find_target(&w->frame, eth_hdr(w->frame.skb)->h_dest);
	vnb_why_put_target(w, &to);
	if (to.port)
		vnb_why_known(w, &to);
	else
		vnb_why_flood(w, &to);
}

/* Of a frame of the host only its VLAN is asked before it is forwarded. */
void vnb_why_walk(struct vnb_why *w)
{
	struct vnb_port *in = w->frame.in;

	w->on = w->frame.br->vnb.dev;
	w->reason = vnb_why_ingress(w);
	if (w->reason || vnb_why_stays(w))
		return;

	w->frame.skb->protocol = eth_type_trans(w->frame.skb, in->dev);
	if (in->type == VNB_PORT_LOCAL)
		w->reason = vnb_why_vlan(w);
	else
		w->reason = vnb_why_enter(w);
	if (!w->reason && !vnb_why_stays(w))
		vnb_why_forward(w);
}
