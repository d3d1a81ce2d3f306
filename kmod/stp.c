// SPDX-License-Identifier: GPL-2.0
/*
 * The spanning tree protocol: IEEE 802.1D-1998 clause 8, of which numbers here
 * are sections.
 *
 * In two things it differs: a port that is the end of a pair and hears no
 * bridge is an edge port, which forwards at once and does not count as a change
 * of the topology (802.1D-2004 17.19.17); and a root port may be forbidden.
 *
 * All here is under vnb_stp.lock.
 */
#include "stp.h"

#include <linux/if_bridge.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "pair.h"

/* For what was lost on the way (8.6.1): at least one unit of a BPDU. */
#define VNB_STP_AGE_INCREMENT	(HZ / 256 + 1)

/* Between two BPDUs (table 8-3). */
#define VNB_STP_HOLD_TIME	HZ

/* A port that is on the list still, but leaves, is disabled. */
static bool vnb_stp_is_enabled(const struct vnb_port *port)
{
	return port->state != BR_STATE_DISABLED;
}

static bool vnb_stp_is_root(const struct vnb_stp *stp)
{
	return !stp->root_port;
}

static void vnb_stp_start(struct vnb_bridge *br, struct vnb_stp_timer *timer,
			  unsigned long delay)
{
	lockdep_assert_held(&br->stp.lock);

	timer->at = jiffies + delay;
	timer->running = true;
	timer_reduce(&br->stp.timer, timer->at);
}

/* Is it time? If not yet, come back when it is. */
static bool vnb_stp_is_due(struct vnb_bridge *br, struct vnb_stp_timer *timer)
{
	if (!timer->running)
		return false;
	if (time_before(jiffies, timer->at)) {
		timer_reduce(&br->stp.timer, timer->at);
		return false;
	}

	timer->running = false;
	return true;
}

/* Have vnb_stp.work look at what changed. */
static void vnb_stp_tell(struct vnb_bridge *br)
{
	queue_delayed_work(system_long_wq, &br->stp.work, 0);
}

static void vnb_stp_set_state(struct vnb_port *port, u8 state)
{
	vnb_port_enter_state(port, state);
	vnb_stp_tell(port->br);
}

/* The start of a topology change, or its end. */
static void vnb_stp_set_change(struct vnb_bridge *br, bool change)
{
	if (br->stp.topology_change == change)
		return;

	br->stp.topology_change = change;
	vnb_stp_tell(br);
}

/* 8.6.1 */
static void vnb_stp_transmit_config(struct vnb_port *port)
{
	struct vnb_stp *stp = &port->br->stp;
	struct vnb_bpdu bpdu = {
		.type			= VNB_BPDU_CONFIG,
		.topology_change	= stp->topology_change,
		.topology_change_ack	= port->stp.topology_change_ack,
		.vector = {
			.root		= stp->root,
			.cost		= stp->root_cost,
			.bridge		= stp->id,
			.port		= port->stp.id,
		},
		.max_age		= stp->times.max_age,
		.hello_time		= stp->times.hello_time,
		.forward_delay		= stp->times.forward_delay,
	};

	if (port->stp.hold.running) {
		port->stp.config_pending = true;
		return;
	}

	if (stp->root_port)
		bpdu.message_age = jiffies - stp->root_port->stp.since +
				   VNB_STP_AGE_INCREMENT;
	if (bpdu.message_age >= bpdu.max_age)
		return;

	vnb_stp_send(port, &bpdu);
	port->stp.topology_change_ack = false;
	port->stp.config_pending = false;
	vnb_stp_start(port->br, &port->stp.hold, VNB_STP_HOLD_TIME);
}

/* 8.6.4 */
static void vnb_stp_generate_configs(struct vnb_bridge *br)
{
	struct vnb_port *port;

	list_for_each_entry_rcu(port, &br->ports, list)
		if (vnb_stp_is_enabled(port) && vnb_stp_is_designated(port))
			vnb_stp_transmit_config(port);
}

/* 8.6.6: tell the root of a change, by way of the next bridge. */
static void vnb_stp_transmit_tcn(struct vnb_bridge *br)
{
	const struct vnb_bpdu bpdu = { .type = VNB_BPDU_TCN };

	vnb_stp_send(br->stp.root_port, &bpdu);
	vnb_stp_start(br, &br->stp.tcn, br->stp.own.hello_time);
}

/* 8.6.14 */
static void vnb_stp_detect_change(struct vnb_bridge *br)
{
	struct vnb_stp *stp = &br->stp;

	vnb_stats_inc(br->vnb.stats, VNB_STAT_TOPOLOGY_CHANGES);
	if (vnb_stp_is_root(stp)) {
		vnb_stp_set_change(br, true);
		vnb_stp_start(br, &stp->change,
			      stp->own.max_age + stp->own.forward_delay);
	} else if (!stp->topology_change_detected) {
		vnb_stp_transmit_tcn(br);
	}
	stp->topology_change_detected = true;
}

/* 8.6.10 */
static void vnb_stp_become_designated(struct vnb_port *port)
{
	const struct vnb_stp *stp = &port->br->stp;

	port->stp.info = (struct vnb_stp_vector) {
		.root	= stp->root,
		.cost	= stp->root_cost,
		.bridge	= stp->id,
		.port	= port->stp.id,
	};
}

/* 8.6.13 */
static void vnb_stp_block(struct vnb_port *port)
{
	if (port->state == BR_STATE_BLOCKING)
		return;

	if (port->state == BR_STATE_FORWARDING ||
	    port->state == BR_STATE_LEARNING)
		vnb_stp_detect_change(port->br);
	vnb_stp_set_state(port, BR_STATE_BLOCKING);
	port->stp.forward_delay.running = false;
}

/* 8.6.12 */
static void vnb_stp_unblock(struct vnb_port *port)
{
	if (port->state != BR_STATE_BLOCKING)
		return;

	if (port->stp.edge) {
		vnb_stp_set_state(port, BR_STATE_FORWARDING);
		return;
	}

	vnb_stp_set_state(port, BR_STATE_LISTENING);
	vnb_stp_start(port->br, &port->stp.forward_delay,
		      port->br->stp.times.forward_delay);
}

/* 8.6.11 */
static void vnb_stp_select_states(struct vnb_bridge *br)
{
	struct vnb_port *port;

	list_for_each_entry_rcu(port, &br->ports, list) {
		if (!vnb_stp_is_enabled(port))
			continue;
		if (vnb_stp_is_designated(port)) {
			port->stp.message_age.running = false;
			vnb_stp_unblock(port);
			continue;
		}

		port->stp.config_pending = false;
		port->stp.topology_change_ack = false;
		if (port == br->stp.root_port)
			vnb_stp_unblock(port);
		else
			vnb_stp_block(port);
	}
}

/*
 * A bridge behind the port wants to be the root, and may not: nothing is
 * forwarded until it has been silent for as long as its BPDUs are true.
 */
static void vnb_stp_refuse_root(struct vnb_port *port)
{
	const struct vnb_stp_times *times = &port->br->stp.times;

	if (net_ratelimit())
		netdev_notice(port->br->vnb.dev,
			      "port %s: a better root is behind it, which root_block forbids\n",
			      port->dev->name);

	vnb_stp_set_state(port, BR_STATE_LISTENING);
	vnb_stp_start(port->br, &port->stp.forward_delay,
		      max(times->max_age, times->forward_delay));
}

/* Would @port be the root port, rather than @best? @flags: it is forbidden. */
static bool vnb_stp_is_candidate(const struct vnb_port *port,
				 const struct vnb_port *best, u32 flags)
{
	return vnb_stp_is_enabled(port) &&
	       (READ_ONCE(port->flags) & VNB_PORT_ROOT_BLOCK) == flags &&
	       vnb_stp_leads_to_root(port) &&
	       (!best || vnb_stp_is_nearer(port, best));
}

/* 8.6.8 */
static void vnb_stp_select_root(struct vnb_bridge *br)
{
	struct vnb_port *port, *best = NULL;
	struct vnb_stp *stp = &br->stp;

	list_for_each_entry_rcu(port, &br->ports, list)
		if (vnb_stp_is_candidate(port, best, 0))
			best = port;

	stp->root_port = best;
	stp->root = best ? best->stp.info.root : stp->id;
	stp->root_cost = best ? vnb_stp_cost(best) : 0;

	list_for_each_entry_rcu(port, &br->ports, list)
		if (vnb_stp_is_candidate(port, best, VNB_PORT_ROOT_BLOCK))
			vnb_stp_refuse_root(port);
}

/* This bridge was not the root, and is now. */
static void vnb_stp_become_root(struct vnb_bridge *br)
{
	struct vnb_stp *stp = &br->stp;

	stp->times = stp->own;
	vnb_stp_detect_change(br);
	stp->tcn.running = false;
	vnb_stp_generate_configs(br);
	vnb_stp_start(br, &stp->hello, stp->times.hello_time);
}

/* This bridge was the root, and is no more. */
static void vnb_stp_cease_to_be_root(struct vnb_bridge *br)
{
	struct vnb_stp *stp = &br->stp;

	stp->hello.running = false;
	if (!stp->topology_change_detected)
		return;
	stp->change.running = false;
	vnb_stp_transmit_tcn(br);
}

void vnb_stp_reselect(struct vnb_bridge *br)
{
	struct vnb_stp *stp = &br->stp;
	bool was_root = vnb_stp_is_root(stp);
	struct vnb_port *port;

	lockdep_assert_held(&stp->lock);
	if (!stp->active)
		return;

	vnb_stp_select_root(br);
	list_for_each_entry_rcu(port, &br->ports, list)
		if (vnb_stp_is_enabled(port) && vnb_stp_is_best(port))
			vnb_stp_become_designated(port);
	vnb_stp_select_states(br);

	if (was_root == vnb_stp_is_root(stp))
		return;
	if (was_root)
		vnb_stp_cease_to_be_root(br);
	else
		vnb_stp_become_root(br);
}

void vnb_stp_reset(struct vnb_bridge *br)
{
	struct vnb_stp *stp = &br->stp;
	struct vnb_port *port;

	lockdep_assert_held(&stp->lock);

	stp->root_port = NULL;
	stp->root = stp->id;
	stp->root_cost = 0;
	stp->times = stp->own;
	stp->topology_change_detected = false;
	stp->hello.running = false;
	stp->tcn.running = false;
	stp->change.running = false;
	vnb_stp_set_change(br, false);

	list_for_each_entry(port, &br->ports, list) {
		vnb_stp_become_designated(port);
		port->stp.message_age.running = false;
		port->stp.forward_delay.running = false;
		port->stp.hold.running = false;
		port->stp.topology_change_ack = false;
		port->stp.config_pending = false;
		port->stp.guarded = false;
		port->stp.edge = false;
	}
}

/* The far end of a pair is in nobody's hands: no bridge is behind it. */
static bool vnb_stp_is_edge(const struct vnb_port *port)
{
	const struct net_device *peer;

	if (port->type != VNB_PORT_PAIR)
		return false;

	peer = rtnl_dereference(vnb_pair(port->dev)->peer);
	return peer && !rcu_access_pointer(peer->rx_handler);
}

void vnb_stp_begin(struct vnb_bridge *br)
{
	struct vnb_port *port;

	ASSERT_RTNL();

	br->stp.active = true;
	list_for_each_entry_rcu(port, &br->ports, list) {
		if (!vnb_stp_is_enabled(port))
			continue;
		port->stp.edge = vnb_stp_is_edge(port);
		if (port->state != BR_STATE_FORWARDING)
			vnb_stp_set_state(port, BR_STATE_BLOCKING);
	}
	vnb_stp_select_states(br);
	vnb_stp_generate_configs(br);
	vnb_stp_start(br, &br->stp.hello, br->stp.times.hello_time);
}

void vnb_stp_enable(struct vnb_port *port)
{
	ASSERT_RTNL();
	lockdep_assert_held(&port->br->stp.lock);

	vnb_stp_become_designated(port);
	port->stp.edge = vnb_stp_is_edge(port);
	port->stp.topology_change_ack = false;
	port->stp.config_pending = false;
	vnb_stp_set_state(port, BR_STATE_BLOCKING);
	vnb_stp_select_states(port->br);
	/* at once: who forwards already has to hear of it if this is a loop */
	vnb_stp_transmit_config(port);
}

void vnb_stp_disable(struct vnb_port *port)
{
	lockdep_assert_held(&port->br->stp.lock);

	vnb_stp_become_designated(port);
	vnb_stp_set_state(port, BR_STATE_DISABLED);
	port->stp.topology_change_ack = false;
	port->stp.config_pending = false;
	port->stp.message_age.running = false;
	port->stp.forward_delay.running = false;
	port->stp.hold.running = false;
	vnb_stp_reselect(port->br);
}

void vnb_stp_leave_edge(struct vnb_port *port)
{
	lockdep_assert_held(&port->br->stp.lock);

	port->stp.edge = false;
	vnb_stp_block(port);
	vnb_stp_select_states(port->br);
}

void vnb_stp_change_id(struct vnb_bridge *br, u64 id)
{
	struct vnb_stp *stp = &br->stp;
	struct vnb_port *port;

	lockdep_assert_held(&stp->lock);

	list_for_each_entry(port, &br->ports, list)
		if (vnb_stp_is_designated(port))
			port->stp.info.bridge = id;
	stp->id = id;
	if (vnb_stp_is_root(stp))
		stp->root = id;
	list_for_each_entry(port, &br->ports, list)
		if (vnb_stp_is_designated(port))
			vnb_stp_become_designated(port);
	vnb_stp_reselect(br);
}

void vnb_stp_change_port_id(struct vnb_port *port, u16 id)
{
	bool designated = vnb_stp_is_designated(port);

	lockdep_assert_held(&port->br->stp.lock);

	port->stp.id = id;
	if (designated)
		vnb_stp_become_designated(port);
	vnb_stp_reselect(port->br);
}

void vnb_stp_change_times(struct vnb_bridge *br,
			  const struct vnb_stp_times *times)
{
	lockdep_assert_held(&br->stp.lock);

	br->stp.own = *times;
	if (vnb_stp_is_root(&br->stp))
		br->stp.times = *times;
}

/* 8.6.2 */
static void vnb_stp_record(struct vnb_port *port, const struct vnb_bpdu *bpdu)
{
	port->stp.info = bpdu->vector;
	port->stp.since = jiffies - bpdu->message_age;
	vnb_stp_start(port->br, &port->stp.message_age,
		      bpdu->max_age - bpdu->message_age);
}

/* 8.6.3 */
static void vnb_stp_record_times(struct vnb_bridge *br,
				 const struct vnb_bpdu *bpdu)
{
	br->stp.times = (struct vnb_stp_times) {
		.max_age	= bpdu->max_age,
		.hello_time	= bpdu->hello_time,
		.forward_delay	= bpdu->forward_delay,
	};
	vnb_stp_set_change(br, bpdu->topology_change);
}

static void vnb_stp_received_config(struct vnb_port *port,
				    const struct vnb_bpdu *bpdu)
{
	struct vnb_bridge *br = port->br;

	if (!vnb_stp_supersedes(&bpdu->vector, port)) {
		/* 8.6.5: they do not know yet */
		if (vnb_stp_is_designated(port))
			vnb_stp_transmit_config(port);
		return;
	}

	vnb_stp_record(port, bpdu);
	vnb_stp_reselect(br);
	if (port != br->stp.root_port)
		return;

	vnb_stp_record_times(br, bpdu);
	vnb_stp_generate_configs(br);
	if (bpdu->topology_change_ack) {
		br->stp.topology_change_detected = false;
		br->stp.tcn.running = false;
	}
}

static void vnb_stp_received_tcn(struct vnb_port *port)
{
	if (!vnb_stp_is_designated(port))
		return;

	vnb_stp_detect_change(port->br);
	port->stp.topology_change_ack = true;
	vnb_stp_transmit_config(port);
}

void vnb_stp_received(struct vnb_port *port, const struct vnb_bpdu *bpdu)
{
	lockdep_assert_held(&port->br->stp.lock);

	if (bpdu->type == VNB_BPDU_CONFIG)
		vnb_stp_received_config(port, bpdu);
	else if (bpdu->type == VNB_BPDU_TCN)
		vnb_stp_received_tcn(port);
}

/* 8.7.5: a link leads somewhere, from where addresses may have moved. */
static bool vnb_stp_is_designated_somewhere(struct vnb_bridge *br)
{
	struct vnb_port *port;

	list_for_each_entry_rcu(port, &br->ports, list)
		if (vnb_stp_is_enabled(port) &&
		    port->stp.info.bridge == br->stp.id)
			return true;
	return false;
}

static void vnb_stp_step_forward(struct vnb_port *port)
{
	struct vnb_bridge *br = port->br;

	if (port->state == BR_STATE_LISTENING) {
		vnb_stp_set_state(port, BR_STATE_LEARNING);
		vnb_stp_start(br, &port->stp.forward_delay,
			      br->stp.times.forward_delay);
	} else if (port->state == BR_STATE_LEARNING) {
		vnb_stp_set_state(port, BR_STATE_FORWARDING);
		if (vnb_stp_is_designated_somewhere(br))
			vnb_stp_detect_change(br);
	}
}

static void vnb_stp_expire_port(struct vnb_port *port)
{
	struct vnb_bridge *br = port->br;

	if (vnb_stp_is_due(br, &port->stp.hold) && port->stp.config_pending)
		vnb_stp_transmit_config(port);
	if (vnb_stp_is_due(br, &port->stp.message_age)) {
		vnb_stp_become_designated(port);
		vnb_stp_reselect(br);
	}
	if (vnb_stp_is_due(br, &port->stp.forward_delay))
		vnb_stp_step_forward(port);
}

void vnb_stp_expire(struct vnb_bridge *br)
{
	struct vnb_stp *stp = &br->stp;
	struct vnb_port *port;

	lockdep_assert_held(&stp->lock);

	list_for_each_entry_rcu(port, &br->ports, list)
		if (vnb_stp_is_enabled(port))
			vnb_stp_expire_port(port);

	if (vnb_stp_is_due(br, &stp->hello)) {
		vnb_stp_generate_configs(br);
		vnb_stp_start(br, &stp->hello, stp->times.hello_time);
	}
	if (vnb_stp_is_due(br, &stp->tcn) && !vnb_stp_is_root(stp))
		vnb_stp_transmit_tcn(br);
	if (vnb_stp_is_due(br, &stp->change)) {
		stp->topology_change_detected = false;
		vnb_stp_set_change(br, false);
	}
}
