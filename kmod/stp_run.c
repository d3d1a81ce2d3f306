// SPDX-License-Identifier: GPL-2.0
/*
 * What makes the spanning tree protocol run: its lock, its timer, BPDUs that
 * come and go, and what happens to bridges and ports.
 */
#include "stp.h"

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_bridge.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "mst.h"

/* Bridges send one BPDU a second; so many from a port are not of bridges. */
#define VNB_STP_RX_MAX		32

void vnb_stp_lock(struct vnb_bridge *br) __acquires(&br->stp.lock)
{
	spin_lock_bh(&br->stp.lock);
}

void vnb_stp_unlock(struct vnb_bridge *br) __releases(&br->stp.lock)
{
	struct sk_buff_head out;
	struct sk_buff *skb;

	__skb_queue_head_init(&out);
	skb_queue_splice_init(&br->stp.out, &out);
	spin_unlock_bh(&br->stp.lock);

	while ((skb = __skb_dequeue(&out)))
		dev_queue_xmit(skb);
}

void vnb_stp_send(struct vnb_port *port, const struct vnb_bpdu *bpdu)
{
	struct net_device *dev = port->dev;
	u8 data[VNB_BPDU_LEN_MAX];
	struct sk_buff *skb;
	struct ethhdr *eth;
	/* once: it may change */
	const unsigned int room = LL_RESERVED_SPACE(dev);
	unsigned int len;

	lockdep_assert_held(&port->br->stp.lock);

	len = vnb_bpdu_encode(data, bpdu);
	skb = alloc_skb(room + len + dev->needed_tailroom,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return;

	skb_reserve(skb, room);
	skb_reset_network_header(skb);
	skb_put_data(skb, data, len);
	eth = skb_push(skb, ETH_HLEN);
	skb_reset_mac_header(skb);
	ether_addr_copy(eth->h_dest, eth_reserved_addr_base);
	eth->h_dest[ETH_ALEN - 1] = vnb_stp_group(port->br);
	ether_addr_copy(eth->h_source, dev->dev_addr);
	eth->h_proto = htons(len);

	skb->dev = dev;
	skb->protocol = htons(ETH_P_802_2);
	skb->priority = TC_PRIO_CONTROL;
	__skb_queue_tail(&port->br->stp.out, skb);
	vnb_stats_inc(port->br->vnb.stats, VNB_STAT_BPDU_TX);
}

static void vnb_stp_run_timer(struct timer_list *timer)
{
	struct vnb_stp *stp = timer_container_of(stp, timer, timer);
	struct vnb_bridge *br = container_of(stp, struct vnb_bridge, stp);

	rcu_read_lock();
	vnb_stp_lock(br);
	if (stp->active)
		vnb_stp_expire(br);
	vnb_stp_unlock(br);
	rcu_read_unlock();
}

/* Who has RTNL may be waiting for this to end: never wait for RTNL. */
static void vnb_stp_run_work(struct work_struct *work)
{
	struct vnb_stp *stp = container_of(work, struct vnb_stp, work.work);
	struct vnb_bridge *br = container_of(stp, struct vnb_bridge, stp);
	struct vnb_port *port;

	if (!rtnl_trylock()) {
		queue_delayed_work(system_long_wq, &stp->work, 1);
		return;
	}

	list_for_each_entry(port, &br->ports, list)
		vnb_port_tell_state(port);
	vnb_stp_update_ageing(br);
	rtnl_unlock();
}

/* 8.3.5: addresses may be elsewhere when the tree has changed. */
void vnb_stp_update_ageing(struct vnb_bridge *br)
{
	unsigned long time = br->ageing_time;

	ASSERT_RTNL();

	vnb_stp_lock(br);
	if (br->stp.topology_change)
		time = min(time, br->stp.times.forward_delay);
	vnb_stp_unlock(br);
	if (time != br->fdb.ageing_time)
		vnb_fdb_set_ageing_time(br, time);
}

/* Right also when there was none before, or for long. */
static bool vnb_stp_rx_second_is_over(const struct vnb_stp_port *stp)
{
	return jiffies - stp->rx_since >= HZ;
}

static void vnb_stp_rx_count(struct vnb_stp_port *stp)
{
	if (vnb_stp_rx_second_is_over(stp)) {
		stp->rx_since = jiffies;
		stp->rx_count = 0;
	}
	stp->rx_count++;
}

static void vnb_stp_guard(struct vnb_port *port)
{
	if (net_ratelimit())
		netdev_notice(port->br->vnb.dev,
			      "port %s: disabled, because a BPDU came in and it has a guard\n",
			      port->dev->name);

	port->stp.guarded = true;
	vnb_stp_disable(port);
}

/* A rule without an effect: does the protocol want a BPDU from there? */
static enum vnb_drop vnb_stp_verdict(const struct vnb_port *port)
{
	const struct vnb_stp_port *stp = &port->stp;

	lockdep_assert_held(&port->br->stp.lock);

	if (!port->br->stp.active || port->state == BR_STATE_DISABLED)
		return VNB_DROP_PORT_STATE;
	if (READ_ONCE(port->flags) & VNB_PORT_BPDU_GUARD)
		return VNB_DROP_BPDU_GUARD;
	if (stp->rx_count >= VNB_STP_RX_MAX && !vnb_stp_rx_second_is_over(stp))
		return VNB_DROP_BPDU_RATE;

	return VNB_OK;
}

static enum vnb_drop vnb_stp_rcv_locked(struct vnb_port *port,
					const struct vnb_bpdu *bpdu)
{
	enum vnb_drop why = vnb_stp_verdict(port);

	if (why == VNB_DROP_BPDU_GUARD)
		vnb_stp_guard(port);
	if (why)
		return why;

	vnb_stp_rx_count(&port->stp);
	vnb_stats_inc(port->br->vnb.stats, VNB_STAT_BPDU_RX);
	if (port->stp.edge)
		vnb_stp_leave_edge(port);
	vnb_stp_received(port, bpdu);
	return VNB_OK;
}

static bool vnb_stp_decode(struct vnb_bpdu *bpdu, struct sk_buff *skb)
{
	unsigned int len = ntohs(eth_hdr(skb)->h_proto);

	/* what is behind the length of the frame is padding, or missing */
	len = min3(len, skb->len, (unsigned int)VNB_BPDU_LEN_MAX);
	return pskb_may_pull(skb, len) && vnb_bpdu_decode(bpdu, skb->data, len);
}

enum vnb_drop vnb_stp_would_take(const struct vnb_port *port,
				 struct sk_buff *skb)
{
	struct vnb_bpdu bpdu;
	enum vnb_drop why;

	if (!vnb_stp_decode(&bpdu, skb))
		return VNB_DROP_BPDU;

	vnb_stp_lock(port->br);
	why = vnb_stp_verdict(port);
	vnb_stp_unlock(port->br);
	return why;
}

enum vnb_drop vnb_stp_rcv(struct vnb_port *port, struct sk_buff *skb)
{
	struct vnb_bpdu bpdu;
	enum vnb_drop why;

	if (!vnb_stp_decode(&bpdu, skb))
		return VNB_DROP_BPDU;

	vnb_stp_lock(port->br);
	why = vnb_stp_rcv_locked(port, &bpdu);
	vnb_stp_unlock(port->br);
	return why;
}

/* Recommended by 802.1D-1998 (table 8-5), and in between as in-tree. */
static u32 vnb_stp_cost_of_speed(u32 speed)
{
	switch (speed) {
	case SPEED_10:
		return 100;
	case SPEED_100:
		return 19;
	case SPEED_1000:
		return 5;
	case SPEED_2500:
		return 4;
	case SPEED_5000:
		return 3;
	case SPEED_10000:
		return 2;
	}

	return speed != (u32)SPEED_UNKNOWN && speed > SPEED_10000 ? 1 : 100;
}

/* @ksettings is of no use if @err says so. */
static void vnb_stp_port_set_cost(struct vnb_port *port, int err,
				  const struct ethtool_link_ksettings *ks)
{
	port->stp.path_cost = err ? 100 :
			      vnb_stp_cost_of_speed(ks->base.speed);
}

void vnb_stp_port_link(struct vnb_port *port)
{
	struct ethtool_link_ksettings ks;
	int err;

	ASSERT_RTNL();
	if (port->stp.cost_set || !netif_oper_up(port->dev))
		return;

	err = netif_get_link_ksettings(port->dev, &ks);
	vnb_stp_lock(port->br);
	vnb_stp_port_set_cost(port, err, &ks);
	vnb_stp_unlock(port->br);
}

u16 vnb_stp_port_id(const struct vnb_port *port)
{
	return port->stp.priority << VNB_STP_PORT_BITS |
	       (port->no & VNB_STP_PORT_NO_MAX);
}

void vnb_stp_port_init(struct vnb_port *port)
{
	struct ethtool_link_ksettings ks;
	struct vnb_stp_port *stp = &port->stp;

	ASSERT_RTNL();

	vnb_stp_port_set_cost(port, __ethtool_get_link_ksettings(port->dev,
								 &ks), &ks);
	stp->priority = VNB_STP_PORT_PRIORITY_DEFAULT;
	stp->id = vnb_stp_port_id(port);
	stp->info = (struct vnb_stp_vector) {
		.root	= port->br->stp.id,
		.bridge	= port->br->stp.id,
		.port	= stp->id,
	};
	if (port->br->stp.mode == VNB_STP_USER)
		port->user_state = BR_STATE_BLOCKING;
}

/* While the kernel's protocol runs, it has the say. */
static void vnb_stp_port_up(struct vnb_port *port)
{
	if (!port->br->stp.active)
		vnb_port_enter_state(port, port->user_state);
	else if (port->state == BR_STATE_DISABLED && !port->stp.guarded)
		vnb_stp_enable(port);
}

static void vnb_stp_port_down(struct vnb_port *port)
{
	port->stp.guarded = false;
	if (port->br->stp.mode == VNB_STP_USER) {
		port->user_state = BR_STATE_BLOCKING;
		vnb_mst_port_reset(port);
	}
	if (!port->br->stp.active)
		vnb_port_enter_state(port, BR_STATE_DISABLED);
	else if (port->state != BR_STATE_DISABLED)
		vnb_stp_disable(port);
}

void vnb_stp_port_update(struct vnb_port *port, bool up)
{
	ASSERT_RTNL();

	vnb_stp_lock(port->br);
	if (up)
		vnb_stp_port_up(port);
	else
		vnb_stp_port_down(port);
	vnb_stp_unlock(port->br);
}

void vnb_stp_open(struct vnb_bridge *br)
{
	ASSERT_RTNL();
	if (br->stp.mode != VNB_STP_KERNEL)
		return;

	vnb_stp_lock(br);
	vnb_stp_begin(br);
	vnb_stp_unlock(br);
}

void vnb_stp_stop(struct vnb_bridge *br)
{
	ASSERT_RTNL();

	vnb_stp_lock(br);
	br->stp.active = false;
	vnb_stp_reset(br);
	vnb_stp_unlock(br);

	timer_delete_sync(&br->stp.timer);
	vnb_stp_update_ageing(br);
}

void vnb_stp_set_mode(struct vnb_bridge *br, u8 mode)
{
	u8 old = br->stp.mode;
	struct vnb_port *port;

	ASSERT_RTNL();
	if (mode == old)
		return;

	vnb_stp_stop(br);
	WRITE_ONCE(br->stp.mode, mode);
	if (netif_running(br->vnb.dev))
		vnb_stp_open(br);

	list_for_each_entry(port, &br->ports, list) {
		/*
		 * What a daemon wanted is over when it has no say any more; but
		 * not in other instances, where users set states as well.
		 */
		if (old == VNB_STP_USER)
			port->user_state = BR_STATE_FORWARDING;
		/* what the kernel kept shut the daemon has to open */
		else if (mode == VNB_STP_USER && old == VNB_STP_KERNEL &&
			 READ_ONCE(port->state) != BR_STATE_FORWARDING)
			port->user_state = BR_STATE_BLOCKING;
		vnb_port_update(port);
	}
}

void vnb_stp_set_id(struct vnb_bridge *br)
{
	u64 id = (u64)br->stp.priority << 48 |
		 ether_addr_to_u64(br->vnb.dev->dev_addr);

	ASSERT_RTNL();

	vnb_stp_lock(br);
	if (id != br->stp.id)
		vnb_stp_change_id(br, id);
	vnb_stp_unlock(br);
}

void vnb_stp_init(struct vnb_bridge *br)
{
	const struct vnb_stp_config conf = VNB_STP_CONFIG_DEFAULT;
	struct vnb_stp *stp = &br->stp;

	spin_lock_init(&stp->lock);
	__skb_queue_head_init(&stp->out);
	timer_setup(&stp->timer, vnb_stp_run_timer, 0);
	INIT_DELAYED_WORK(&stp->work, vnb_stp_run_work);
	stp->priority = conf.priority;
	stp->own = conf.times;
	stp->times = conf.times;
}

void vnb_stp_uninit(struct vnb_bridge *br)
{
	timer_delete_sync(&br->stp.timer);
	cancel_delayed_work_sync(&br->stp.work);
}
