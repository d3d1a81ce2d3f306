// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration of spanning tree: its part of IFLA_BR_* and IFLA_BRPORT_*.
 */
#include "stp.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "option.h"

#define VNB_STP_PORT_PRIORITY_MAX	(U16_MAX >> VNB_STP_PORT_BITS)

/* Table 8-5 */
#define VNB_STP_COST_MIN		1
#define VNB_STP_COST_MAX		65535

static int vnb_stp_parse_time(unsigned long *time, const struct nlattr *attr,
			      unsigned long min, unsigned long max)
{
	unsigned long value;

	if (!attr)
		return 0;

	value = clock_t_to_jiffies(nla_get_u32(attr));
	if (value < min || value > max)
		return -ERANGE;

	*time = value;
	return 0;
}

static int vnb_stp_parse_times(struct vnb_stp_times *times, bool on,
			       struct nlattr **tb,
			       struct netlink_ext_ack *extack)
{
	int err;

	err = vnb_stp_parse_time(&times->hello_time, tb[IFLA_BR_HELLO_TIME],
				 VNB_STP_HELLO_TIME_MIN,
				 VNB_STP_HELLO_TIME_MAX);
	if (err) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_BR_HELLO_TIME],
				    "hello_time: not from 1 to 10 seconds");
		return err;
	}

	err = vnb_stp_parse_time(&times->max_age, tb[IFLA_BR_MAX_AGE],
				 VNB_STP_MAX_AGE_MIN, VNB_STP_MAX_AGE_MAX);
	if (err) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_BR_MAX_AGE],
				    "max_age: not from 6 to 40 seconds");
		return err;
	}

	/* Scripts set it to 0 before anything else, and mean no delay. */
	err = vnb_stp_parse_time(&times->forward_delay,
				 tb[IFLA_BR_FORWARD_DELAY],
				 on ? VNB_STP_FORWARD_DELAY_MIN : 0,
				 on ? VNB_STP_FORWARD_DELAY_MAX : ULONG_MAX);
	if (err)
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_BR_FORWARD_DELAY],
				    "forward_delay: not from 2 to 30 seconds, which spanning tree needs");
	return err;
}

static int vnb_stp_parse_select(struct vnb_stp_config *conf,
				const struct nlattr *attr, bool on,
				struct netlink_ext_ack *extack)
{
	u32 select = nla_get_u32(attr);

	if (select > BR_STP_MODE_KERNEL) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "stp_mode: not auto, user or kernel");
		return -EINVAL;
	}
	if (select != conf->select && on) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "stp_mode: cannot be changed while spanning tree is on");
		return -EBUSY;
	}

	conf->select = select;
	return 0;
}

/* In-tree, any state but 0 is on, and is shown as who runs the protocol. */
static int vnb_stp_parse_state(struct vnb_stp_config *conf,
			       const struct nlattr *attr,
			       struct netlink_ext_ack *extack)
{
	u32 state = nla_get_u32(attr);

	if (state > VNB_STP_USER) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "stp_state: not 0 (off), 1 (on) or 2 (on, in user space)");
		return -EINVAL;
	}
	if (state == VNB_STP_USER && conf->select == BR_STP_MODE_KERNEL) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "stp_state: 2 is user space, and stp_mode is kernel");
		return -EINVAL;
	}

	if (state && conf->select == BR_STP_MODE_USER)
		state = VNB_STP_USER;
	conf->mode = state;
	conf->state_attr = attr;
	return 0;
}

int vnb_stp_config_parse(struct vnb_stp_config *conf, struct nlattr **tb,
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *state = tb[IFLA_BR_STP_STATE];
	bool on = conf->mode != VNB_STP_OFF;
	int err;

	err = vnb_stp_parse_times(&conf->times, on, tb, extack);
	if (err)
		return err;

	if (tb[IFLA_BR_STP_MODE]) {
		err = vnb_stp_parse_select(conf, tb[IFLA_BR_STP_MODE],
					   on && (!state || nla_get_u32(state)),
					   extack);
		if (err)
			return err;
	}
	if (state) {
		err = vnb_stp_parse_state(conf, state, extack);
		if (err)
			return err;
	}

	if (tb[IFLA_BR_PRIORITY])
		conf->priority = nla_get_u16(tb[IFLA_BR_PRIORITY]);
	if (conf->mode != VNB_STP_OFF)
		conf->times.forward_delay = clamp(conf->times.forward_delay,
						  VNB_STP_FORWARD_DELAY_MIN,
						  VNB_STP_FORWARD_DELAY_MAX);
	return 0;
}

int vnb_stp_config_check(const struct vnb_bridge *br,
			 const struct vnb_stp_config *conf,
			 struct netlink_ext_ack *extack)
{
	const struct vnb_port *port;

	ASSERT_RTNL();
	if (conf->mode != VNB_STP_KERNEL || br->stp.mode == VNB_STP_KERNEL)
		return 0;

	list_for_each_entry(port, &br->ports, list) {
		if (port->no <= VNB_STP_PORT_NO_MAX)
			continue;
		NL_SET_ERR_MSG_ATTR(extack, conf->state_attr,
				    "stp_state: the kernel's spanning tree has room for port numbers up to 1023");
		return -EXFULL;
	}

	return 0;
}

void vnb_stp_config_get(const struct vnb_bridge *br,
			struct vnb_stp_config *conf)
{
	ASSERT_RTNL();

	*conf = (struct vnb_stp_config) {
		.times		= br->stp.own,
		.priority	= br->stp.priority,
		.mode		= br->stp.mode,
		.select		= br->stp.select,
	};
}

void vnb_stp_config_apply(struct vnb_bridge *br,
			  const struct vnb_stp_config *conf)
{
	ASSERT_RTNL();

	vnb_stp_lock(br);
	vnb_stp_change_times(br, &conf->times);
	vnb_stp_unlock(br);

	br->stp.select = conf->select;
	br->stp.priority = conf->priority;
	vnb_stp_set_id(br);
	vnb_stp_set_mode(br, conf->mode);
	vnb_stp_update_ageing(br);
}

size_t vnb_stp_attr_size(void)
{
	return nla_total_size(sizeof(u32)) +	/* FORWARD_DELAY */
	       nla_total_size(sizeof(u32)) +	/* HELLO_TIME */
	       nla_total_size(sizeof(u32)) +	/* MAX_AGE */
	       nla_total_size(sizeof(u32)) +	/* STP_STATE */
	       nla_total_size(sizeof(u32)) +	/* STP_MODE */
	       nla_total_size(sizeof(u16)) +	/* PRIORITY */
	       nla_total_size(sizeof(struct ifla_bridge_id)) + /* ROOT_ID */
	       nla_total_size(sizeof(struct ifla_bridge_id)) + /* BRIDGE_ID */
	       nla_total_size(sizeof(u16)) +	/* ROOT_PORT */
	       nla_total_size(sizeof(u32)) +	/* ROOT_PATH_COST */
	       nla_total_size(sizeof(u8)) +	/* TOPOLOGY_CHANGE */
	       nla_total_size(sizeof(u8)) +	/* .._DETECTED */
	       3 * nla_total_size_64bit(sizeof(u64)); /* timers */
}

static int vnb_stp_put_id(struct sk_buff *skb, int attr, u64 id)
{
	const __be64 wire = cpu_to_be64(id);

	BUILD_BUG_ON(sizeof(wire) != sizeof(struct ifla_bridge_id));
	return nla_put(skb, attr, sizeof(wire), &wire);
}

/* Users see how much is left. */
static int vnb_stp_put_timer(struct sk_buff *skb, int attr,
			     const struct vnb_stp_timer *timer, int pad)
{
	u64 left = timer->running ?
		   jiffies_delta_to_clock_t(timer->at - jiffies) : 0;

	return nla_put_u64_64bit(skb, attr, left, pad);
}

static int vnb_stp_fill_locked(struct sk_buff *skb, const struct vnb_stp *stp)
{
	const struct vnb_stp_times *times = &stp->times;
	u16 root_port = stp->root_port ? stp->root_port->no : 0;

	return nla_put_u32(skb, IFLA_BR_FORWARD_DELAY,
			   jiffies_to_clock_t(times->forward_delay)) ||
	       nla_put_u32(skb, IFLA_BR_HELLO_TIME,
			   jiffies_to_clock_t(times->hello_time)) ||
	       nla_put_u32(skb, IFLA_BR_MAX_AGE,
			   jiffies_to_clock_t(times->max_age)) ||
	       nla_put_u32(skb, IFLA_BR_STP_STATE, stp->mode) ||
	       nla_put_u32(skb, IFLA_BR_STP_MODE, stp->select) ||
	       nla_put_u16(skb, IFLA_BR_PRIORITY, stp->id >> 48) ||
	       vnb_stp_put_id(skb, IFLA_BR_ROOT_ID, stp->root) ||
	       vnb_stp_put_id(skb, IFLA_BR_BRIDGE_ID, stp->id) ||
	       nla_put_u16(skb, IFLA_BR_ROOT_PORT, root_port) ||
	       nla_put_u32(skb, IFLA_BR_ROOT_PATH_COST, stp->root_cost) ||
	       nla_put_u8(skb, IFLA_BR_TOPOLOGY_CHANGE,
			  stp->topology_change) ||
	       nla_put_u8(skb, IFLA_BR_TOPOLOGY_CHANGE_DETECTED,
			  stp->topology_change_detected) ||
	       vnb_stp_put_timer(skb, IFLA_BR_HELLO_TIMER, &stp->hello,
				 IFLA_BR_PAD) ||
	       vnb_stp_put_timer(skb, IFLA_BR_TCN_TIMER, &stp->tcn,
				 IFLA_BR_PAD) ||
	       vnb_stp_put_timer(skb, IFLA_BR_TOPOLOGY_CHANGE_TIMER,
				 &stp->change, IFLA_BR_PAD);
}

int vnb_stp_fill(struct sk_buff *skb, struct vnb_bridge *br)
{
	int err;

	spin_lock_bh(&br->stp.lock);
	err = vnb_stp_fill_locked(skb, &br->stp);
	spin_unlock_bh(&br->stp.lock);

	return err ? -EMSGSIZE : 0;
}

int vnb_stp_port_check(const struct vnb_port *port, struct nlattr **tb,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = tb[IFLA_BRPORT_COST];

	ASSERT_RTNL();

	if (attr && (nla_get_u32(attr) < VNB_STP_COST_MIN ||
		     nla_get_u32(attr) > VNB_STP_COST_MAX)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "cost: not from 1 to 65535");
		return -ERANGE;
	}

	attr = tb[IFLA_BRPORT_PRIORITY];
	if (attr && nla_get_u16(attr) > VNB_STP_PORT_PRIORITY_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "priority: not from 0 to 63");
		return -ERANGE;
	}

	attr = tb[IFLA_BRPORT_STATE];
	if (attr && port->br->stp.mode == VNB_STP_KERNEL) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "state: the kernel's spanning tree sets it");
		return -EBUSY;
	}
	if (attr && port->br->stp.mode == VNB_STP_USER &&
	    nla_get_u8(attr) != BR_STATE_DISABLED && !vnb_port_is_up(port)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "state: the port is down");
		return -ENETDOWN;
	}

	return 0;
}

void vnb_stp_port_change(struct vnb_port *port, struct nlattr **tb)
{
	const struct nlattr *guard = tb[IFLA_BRPORT_GUARD];
	struct vnb_stp_port *stp = &port->stp;

	ASSERT_RTNL();

	if (tb[IFLA_BRPORT_PRIORITY])
		stp->priority = nla_get_u16(tb[IFLA_BRPORT_PRIORITY]);

	vnb_stp_lock(port->br);
	if (tb[IFLA_BRPORT_COST]) {
		stp->path_cost = nla_get_u32(tb[IFLA_BRPORT_COST]);
		stp->cost_set = true;
	}
	if (guard && !nla_get_u8(guard))
		stp->guarded = false;
	vnb_stp_change_port_id(port, vnb_stp_port_id(port));
	vnb_stp_unlock(port->br);

	vnb_port_update(port);
}

size_t vnb_stp_port_attr_size(void)
{
	return nla_total_size(sizeof(u16)) +	/* PRIORITY */
	       nla_total_size(sizeof(u32)) +	/* COST */
	       nla_total_size(sizeof(struct ifla_bridge_id)) + /* ROOT_ID */
	       nla_total_size(sizeof(struct ifla_bridge_id)) + /* BRIDGE_ID */
	       nla_total_size(sizeof(u16)) +	/* DESIGNATED_PORT */
	       nla_total_size(sizeof(u16)) +	/* DESIGNATED_COST */
	       nla_total_size(sizeof(u16)) +	/* ID */
	       nla_total_size(sizeof(u8)) +	/* TOPOLOGY_CHANGE_ACK */
	       nla_total_size(sizeof(u8)) +	/* CONFIG_PENDING */
	       3 * nla_total_size_64bit(sizeof(u64)); /* timers */
}

static int vnb_stp_port_fill_locked(struct sk_buff *skb,
				    const struct vnb_stp_port *stp)
{
	const struct vnb_stp_vector *info = &stp->info;

	return nla_put_u16(skb, IFLA_BRPORT_PRIORITY, stp->priority) ||
	       nla_put_u32(skb, IFLA_BRPORT_COST, stp->path_cost) ||
	       vnb_stp_put_id(skb, IFLA_BRPORT_ROOT_ID, info->root) ||
	       vnb_stp_put_id(skb, IFLA_BRPORT_BRIDGE_ID, info->bridge) ||
	       nla_put_u16(skb, IFLA_BRPORT_DESIGNATED_PORT, info->port) ||
	       nla_put_u16(skb, IFLA_BRPORT_DESIGNATED_COST, info->cost) ||
	       nla_put_u16(skb, IFLA_BRPORT_ID, stp->id) ||
	       nla_put_u8(skb, IFLA_BRPORT_TOPOLOGY_CHANGE_ACK,
			  stp->topology_change_ack) ||
	       nla_put_u8(skb, IFLA_BRPORT_CONFIG_PENDING,
			  stp->config_pending) ||
	       vnb_stp_put_timer(skb, IFLA_BRPORT_MESSAGE_AGE_TIMER,
				 &stp->message_age, IFLA_BRPORT_PAD) ||
	       vnb_stp_put_timer(skb, IFLA_BRPORT_FORWARD_DELAY_TIMER,
				 &stp->forward_delay, IFLA_BRPORT_PAD) ||
	       vnb_stp_put_timer(skb, IFLA_BRPORT_HOLD_TIMER, &stp->hold,
				 IFLA_BRPORT_PAD);
}

int vnb_stp_port_fill(struct sk_buff *skb, const struct vnb_port *port)
{
	struct vnb_stp *stp = &port->br->stp;
	int err;

	spin_lock_bh(&stp->lock);
	err = vnb_stp_port_fill_locked(skb, &port->stp);
	spin_unlock_bh(&stp->lock);

	return err ? -EMSGSIZE : 0;
}
