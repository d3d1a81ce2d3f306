/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_STP_H
#define VNB_STP_H

#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <net/netlink.h>

#include "drop.h"
#include "stp_bpdu.h"

struct vnb_bridge;
struct vnb_port;

/**
 * DOC: Spanning tree
 *
 * A user-space daemon runs any version of the protocol: it gets BPDUs from a
 * packet socket on a port, sends them there, and sets the states of ports. Or
 * the kernel runs the version of IEEE 802.1D-1998, in softirq: a neighbour that
 * hears nothing for some seconds takes the link for dead and closes a loop, and
 * RTNL may be held for longer than that.
 *
 * &vnb_stp.lock is for what the protocol knows, and for the states of ports,
 * whoever sets them. It nests inside RTNL; nothing but the lock of a timer, of
 * a work and of the link watch nests in it. Two things wait until it is
 * released. BPDUs are sent: the way out of a device may lead right back here.
 * And whatever needs RTNL (messages, flushing, ageing) is left to a work.
 *
 * A port that leaves is disabled first, from where on the protocol passes it
 * over, and is freed after a grace period: its timers are nothing but a time
 * that the one timer of the bridge looks at.
 */

/* Values of IFLA_BR_STP_STATE. */
enum vnb_stp_mode {
	VNB_STP_OFF,
	VNB_STP_KERNEL,
	VNB_STP_USER,
};

/*
 * An identifier of a port has ten bits for its number. And so much has to be
 * looked at for each BPDU.
 */
#define VNB_STP_PORT_BITS	10
#define VNB_STP_PORT_NO_MAX	((1 << VNB_STP_PORT_BITS) - 1)

/* Of a bridge and of a port, as in-tree. */
#define VNB_STP_PRIORITY_DEFAULT	0x8000
#define VNB_STP_PORT_PRIORITY_DEFAULT	(0x80 >> 2)

/**
 * struct vnb_stp_timer - when something is due
 */
struct vnb_stp_timer {
	/** @at: jiffies */
	unsigned long	at;
	/** @running: whether it is going to be */
	bool		running;
};

/**
 * struct vnb_stp_times - what the root tells all bridges; jiffies
 */
struct vnb_stp_times {
	/** @max_age: for how long a BPDU is true */
	unsigned long	max_age;
	/** @hello_time: between two of them */
	unsigned long	hello_time;
	/** @forward_delay: in each state on the way to forwarding */
	unsigned long	forward_delay;
};

/**
 * struct vnb_stp_config - what can be configured of a bridge
 */
struct vnb_stp_config {
	/** @times: what this bridge says if it is the root */
	struct vnb_stp_times	times;
	/** @priority: the lowest of all is the root's */
	u16			priority;
	/** @mode: enum vnb_stp_mode */
	u8			mode;
	/** @select: BR_STP_MODE_*: which mode "on" means */
	u8			select;
	/** @state_attr: the attribute that says @mode, or NULL; to be blamed */
	const struct nlattr	*state_attr;
};

#define VNB_STP_CONFIG_DEFAULT {					\
	.times = {							\
		.max_age	= 20 * HZ,				\
		.hello_time	= 2 * HZ,				\
		.forward_delay	= 15 * HZ,				\
	},								\
	.priority		= VNB_STP_PRIORITY_DEFAULT,		\
}

/**
 * struct vnb_stp - of a bridge
 */
struct vnb_stp {
	/** @lock: for all that has no other rule here or in vnb_stp_port */
	spinlock_t		lock;

	/** @mode: enum vnb_stp_mode; written under RTNL, read on the path */
	u8			mode;

	/** @select: BR_STP_MODE_*, RTNL */
	u8			select;

	/** @active: the kernel's protocol runs: mode, and the bridge is up */
	bool			active;

	/** @topology_change: addresses age fast */
	bool			topology_change;

	/** @topology_change_detected: the root is being told, or is us */
	bool			topology_change_detected;

	/** @priority: RTNL */
	u16			priority;

	/** @id: identifier of the bridge */
	u64			id;

	/** @root: identifier of the root; @id if this is us */
	u64			root;

	/** @root_cost: of the path to the root */
	u32			root_cost;

	/** @root_port: where the root is; NULL if this is us */
	struct vnb_port		*root_port;

	/** @own: as configured */
	struct vnb_stp_times	own;

	/** @times: as the root says */
	struct vnb_stp_times	times;

	/** @hello: the root says that it is alive */
	struct vnb_stp_timer	hello;

	/** @tcn: the root has not been told yet of a change */
	struct vnb_stp_timer	tcn;

	/** @change: end of a topology change, of the root */
	struct vnb_stp_timer	change;

	/** @timer: for the next one due, of the bridge and its ports */
	struct timer_list	timer;

	/** @out: BPDUs to be sent when @lock is released */
	struct sk_buff_head	out;

	/** @work: does what needs RTNL */
	struct delayed_work	work;
};

/**
 * struct vnb_stp_port - of a port
 */
struct vnb_stp_port {
	/** @info: best BPDU of the link; ours if the port is designated */
	struct vnb_stp_vector	info;

	/** @since: jiffies when the root said what is in @info */
	unsigned long		since;

	/** @message_age: until @info is no longer true */
	struct vnb_stp_timer	message_age;

	/** @forward_delay: until the next state */
	struct vnb_stp_timer	forward_delay;

	/** @hold: until the next BPDU may be sent */
	struct vnb_stp_timer	hold;

	/** @path_cost: of the link */
	u32			path_cost;

	/** @id: identifier of the port */
	u16			id;

	/** @priority: part of @id, RTNL */
	u8			priority;

	/** @cost_set: @path_cost is a user's, RTNL */
	bool			cost_set;

	/** @edge: no bridge was heard of at the other end of a pair */
	bool			edge;

	/** @guarded: disabled because a BPDU came in, until it goes down */
	bool			guarded;

	/** @topology_change_ack: to be said in the next BPDU */
	bool			topology_change_ack;

	/** @config_pending: a BPDU waits for @hold */
	bool			config_pending;

	/** @rx_since: jiffies when @rx_count began */
	unsigned long		rx_since;

	/** @rx_count: BPDUs received in this second */
	unsigned int		rx_count;

	/** @told: state that everybody knows of, RTNL */
	u8			told;
};

/* stp_run.c: what makes it run */

/**
 * vnb_stp_init() - of a bridge that has no port yet
 * @br: the bridge
 */
void vnb_stp_init(struct vnb_bridge *br);

/**
 * vnb_stp_uninit() - nothing of it runs any more
 * @br: the bridge, down, without ports
 *
 * Context: RTNL, process.
 */
void vnb_stp_uninit(struct vnb_bridge *br);

/**
 * vnb_stp_lock() - take the lock of a bridge
 * @br: the bridge
 *
 * Context: RTNL, or RCU read section; any but hard interrupt.
 */
void vnb_stp_lock(struct vnb_bridge *br);

/**
 * vnb_stp_unlock() - release it, and send what there is to be sent
 * @br: the bridge
 */
void vnb_stp_unlock(struct vnb_bridge *br);

/**
 * vnb_stp_open() - the bridge is up, its ports are not yet
 * @br: the bridge
 *
 * Context: RTNL.
 */
void vnb_stp_open(struct vnb_bridge *br);

/**
 * vnb_stp_stop() - the bridge is down, its ports are to be told
 * @br: the bridge
 *
 * Waits for what runs. Context: RTNL, process.
 */
void vnb_stp_stop(struct vnb_bridge *br);

/**
 * vnb_stp_set_mode() - choose who runs the protocol
 * @br: the bridge; its ports follow
 * @mode: enum vnb_stp_mode
 *
 * Context: RTNL, process.
 */
void vnb_stp_set_mode(struct vnb_bridge *br, u8 mode);

/**
 * vnb_stp_set_id() - follow address and priority of a bridge
 * @br: the bridge
 *
 * Context: RTNL.
 */
void vnb_stp_set_id(struct vnb_bridge *br);

/**
 * vnb_stp_port_id() - identifier of a port, out of priority and number
 * @port: the port
 *
 * Context: RTNL.
 *
 * Return: the identifier.
 */
u16 vnb_stp_port_id(const struct vnb_port *port);

/**
 * vnb_stp_port_init() - of a port that is not on the list yet
 * @port: the port; its number and its wanted state are set
 *
 * Context: RTNL, process; no lock of the device is held.
 */
void vnb_stp_port_init(struct vnb_port *port);

/**
 * vnb_stp_port_link() - find out what a link costs
 * @port: the port
 *
 * Context: RTNL; the instance lock of the device is held, if it has one.
 */
void vnb_stp_port_link(struct vnb_port *port);

/**
 * vnb_stp_port_update() - give a port its state
 * @port: the port
 * @up: whether device and bridge are up
 *
 * Context: RTNL.
 */
void vnb_stp_port_update(struct vnb_port *port, bool up);

/**
 * vnb_stp_update_ageing() - age addresses as fast as is due
 * @br: the bridge
 *
 * Context: RTNL.
 */
void vnb_stp_update_ageing(struct vnb_bridge *br);

/**
 * vnb_stp_rcv() - a frame to the group address of bridges has come in
 * @port: where
 * @skb: the frame, data behind its MAC header
 *
 * Borrows @skb. Context: softirq, RCU read section, @vnb_stp.lock not held.
 *
 * Return: %VNB_OK, or why it does not count.
 */
enum vnb_drop vnb_stp_rcv(struct vnb_port *port, struct sk_buff *skb);

/**
 * vnb_stp_would_take() - what would vnb_stp_rcv() say?
 * @port: where the frame comes in
 * @skb: as for vnb_stp_rcv()
 *
 * Counts nothing, and disables no port. Borrows @skb. Context: softirq or
 * process, RCU read section, @vnb_stp.lock not held.
 *
 * Return: %VNB_OK, or why it would not count.
 */
enum vnb_drop vnb_stp_would_take(const struct vnb_port *port,
				 struct sk_buff *skb);

/**
 * vnb_stp_send() - have vnb_stp_unlock() send a BPDU
 * @port: where, not disabled
 * @bpdu: what to say
 *
 * Context: under @vnb_stp.lock.
 */
void vnb_stp_send(struct vnb_port *port, const struct vnb_bpdu *bpdu);

/* stp_vector.c: who is better; all under vnb_stp.lock */

/** vnb_stp_cost() - of the path to the root that a port offers */
u32 vnb_stp_cost(const struct vnb_port *port);

/** vnb_stp_is_designated() - does its link lead to the root by this port? */
bool vnb_stp_is_designated(const struct vnb_port *port);

/** vnb_stp_is_best() - has nobody on the link something better to say? */
bool vnb_stp_is_best(const struct vnb_port *port);

/** vnb_stp_leads_to_root() - does a port lead to a better root than us? */
bool vnb_stp_leads_to_root(const struct vnb_port *port);

/** vnb_stp_is_nearer() - is the root nearer by @a than by @b? */
bool vnb_stp_is_nearer(const struct vnb_port *a, const struct vnb_port *b);

/** vnb_stp_supersedes() - is @new better than what @port heard, or the same? */
bool vnb_stp_supersedes(const struct vnb_stp_vector *new,
			const struct vnb_port *port);

/* stp.c: the protocol; all under vnb_stp.lock */

/**
 * vnb_stp_reset() - know of nobody but ourselves
 * @br: the bridge; states of ports are as they were
 */
void vnb_stp_reset(struct vnb_bridge *br);

/**
 * vnb_stp_begin() - take over: the protocol becomes active
 * @br: the bridge, as vnb_stp_reset() leaves it
 *
 * Ports that forward go on doing so until somebody is heard who knows better.
 */
void vnb_stp_begin(struct vnb_bridge *br);

/**
 * vnb_stp_reselect() - choose root, designated ports and states anew
 * @br: the bridge; does nothing if the protocol is not active
 *
 * 802.1D-1998 8.6.7 and 8.6.11.
 */
void vnb_stp_reselect(struct vnb_bridge *br);

/**
 * vnb_stp_change_id() - go on by another name
 * @br: the bridge
 * @id: its new identifier
 */
void vnb_stp_change_id(struct vnb_bridge *br, u64 id);

/**
 * vnb_stp_change_port_id() - go on by another name on a link
 * @port: the port
 * @id: its new identifier
 */
void vnb_stp_change_port_id(struct vnb_port *port, u16 id);

/**
 * vnb_stp_change_times() - say something else if this is the root
 * @br: the bridge
 * @times: what was configured
 */
void vnb_stp_change_times(struct vnb_bridge *br,
			  const struct vnb_stp_times *times);

/**
 * vnb_stp_enable() - a port has come up (8.8.2)
 * @port: the port, disabled
 */
void vnb_stp_enable(struct vnb_port *port);

/**
 * vnb_stp_disable() - a port has gone down (8.8.3)
 * @port: the port, not disabled
 */
void vnb_stp_disable(struct vnb_port *port);

/**
 * vnb_stp_leave_edge() - there is a bridge where none was expected
 * @port: the port, with vnb_stp_port.edge
 */
void vnb_stp_leave_edge(struct vnb_port *port);

/**
 * vnb_stp_received() - a BPDU for the protocol (8.7.1, 8.7.2)
 * @port: the port, not disabled
 * @bpdu: what came in
 */
void vnb_stp_received(struct vnb_port *port, const struct vnb_bpdu *bpdu);

/**
 * vnb_stp_expire() - do all that is due (8.7.3 to 8.7.8), set the timer anew
 * @br: the bridge, active
 */
void vnb_stp_expire(struct vnb_bridge *br);

/* stp_cfg.c: IFLA_BR_* and IFLA_BRPORT_* */

/**
 * vnb_stp_config_parse() - attributes to configuration
 * @conf: in: the present values; out: with those in @tb
 * @tb: IFLA_BR_*, as their policy wants them
 * @extack: names the attribute that is refused
 *
 * Return: 0, -EINVAL, -ERANGE or -EBUSY.
 */
int vnb_stp_config_parse(struct vnb_stp_config *conf, struct nlattr **tb,
			 struct netlink_ext_ack *extack);

/**
 * vnb_stp_config_check() - has the protocol room for all ports?
 * @br: the bridge
 * @conf: what it shall become
 * @extack: says if not
 *
 * Context: RTNL.
 * Return: 0 or -EXFULL.
 */
int vnb_stp_config_check(const struct vnb_bridge *br,
			 const struct vnb_stp_config *conf,
			 struct netlink_ext_ack *extack);

/** vnb_stp_config_get() - as configured. Context: RTNL. */
void vnb_stp_config_get(const struct vnb_bridge *br,
			struct vnb_stp_config *conf);

/** vnb_stp_config_apply() - make it so; cannot fail. Context: RTNL. */
void vnb_stp_config_apply(struct vnb_bridge *br,
			  const struct vnb_stp_config *conf);

/** vnb_stp_attr_size() - upper bound of what vnb_stp_fill() puts */
size_t vnb_stp_attr_size(void);

/**
 * vnb_stp_fill() - put IFLA_BR_* of spanning tree
 * @skb: message
 * @br: the bridge
 *
 * Return: 0 or -EMSGSIZE. Context: RTNL or RCU.
 */
int vnb_stp_fill(struct sk_buff *skb, struct vnb_bridge *br);

/**
 * vnb_stp_port_check() - may a port be changed like that?
 * @port: the port
 * @tb: IFLA_BRPORT_*, as their policy wants them
 * @extack: names the attribute that is refused
 *
 * Context: RTNL.
 * Return: 0, -ERANGE, -EBUSY or -ENETDOWN.
 */
int vnb_stp_port_check(const struct vnb_port *port, struct nlattr **tb,
		       struct netlink_ext_ack *extack);

/**
 * vnb_stp_port_change() - change it; cannot fail
 * @port: the port
 * @tb: what vnb_stp_port_check() has seen
 *
 * Context: RTNL.
 */
void vnb_stp_port_change(struct vnb_port *port, struct nlattr **tb);

/** vnb_stp_port_attr_size() - upper bound of what vnb_stp_port_fill() puts */
size_t vnb_stp_port_attr_size(void);

/**
 * vnb_stp_port_fill() - put IFLA_BRPORT_* of spanning tree
 * @skb: message
 * @port: the port
 *
 * Return: 0 or -EMSGSIZE. Context: RTNL or RCU.
 */
int vnb_stp_port_fill(struct sk_buff *skb, const struct vnb_port *port);

#endif /* VNB_STP_H */
