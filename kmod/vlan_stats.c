// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of VLANs, and how users read them.
 */
#include "vlan_stats.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "bridge.h"
#include "vlan.h"

static struct vnb_vlan_count *vnb_vlan_count_find(const struct vnb_port *port,
						  u16 vid)
{
	const struct vnb_vlan_counts *counts;

	counts = rcu_dereference(port->vlan_counts) ? :
		 rcu_dereference(port->br->local.vlan_counts);

	return counts ? rcu_dereference(counts->vid[vid]) : NULL;
}

void vnb_vlan_count_rx(const struct vnb_port *port, u16 vid, unsigned int len)
{
	struct vnb_vlan_count *count = vnb_vlan_count_find(port, vid);
	struct pcpu_sw_netstats *stats;

	if (unlikely(!count))
		return;

	stats = this_cpu_ptr(count->stats);
	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->rx_bytes, len);
	u64_stats_inc(&stats->rx_packets);
	u64_stats_update_end(&stats->syncp);
}

void vnb_vlan_count_tx(const struct vnb_port *port, u16 vid, unsigned int len)
{
	struct vnb_vlan_count *count = vnb_vlan_count_find(port, vid);
	struct pcpu_sw_netstats *stats;

	if (unlikely(!count || !vnb_vlan_is_member(port, vid)))
		return;

	stats = this_cpu_ptr(count->stats);
	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->tx_bytes, len);
	u64_stats_inc(&stats->tx_packets);
	u64_stats_update_end(&stats->syncp);
}

/* Whose counters are those of @port? */
static struct vnb_port *vnb_vlan_stats_owner(struct vnb_port *port)
{
	struct vnb_bridge *br = port->br;

	return br->opts & VNB_BRIDGE_VLAN_STATS_PER_PORT ? port : &br->local;
}

static struct vnb_vlan_count *vnb_vlan_count_alloc(void)
{
	struct vnb_vlan_count *count = kzalloc_obj(*count, GFP_KERNEL_ACCOUNT);

	if (!count)
		return NULL;

	count->stats = __netdev_alloc_pcpu_stats(struct pcpu_sw_netstats,
						 GFP_KERNEL_ACCOUNT);
	if (!count->stats) {
		kfree(count);
		return NULL;
	}
	return count;
}

static void vnb_vlan_count_free_rcu(struct rcu_head *rcu)
{
	struct vnb_vlan_count *count =
		container_of(rcu, struct vnb_vlan_count, rcu);

	free_percpu(count->stats);
	kfree(count);
}

static int __vnb_vlan_stats_get(struct vnb_port *port, u16 vid)
{
	struct vnb_port *owner = vnb_vlan_stats_owner(port);
	struct vnb_vlan_counts *counts;
	struct vnb_vlan_count *count;

	counts = rtnl_dereference(owner->vlan_counts);
	if (!counts) {
		counts = kvzalloc_obj(*counts, GFP_KERNEL_ACCOUNT);
		if (!counts)
			return -ENOMEM;
		rcu_assign_pointer(owner->vlan_counts, counts);
	}

	count = rtnl_dereference(counts->vid[vid]);
	if (!count) {
		count = vnb_vlan_count_alloc();
		if (!count)
			return -ENOMEM;
		rcu_assign_pointer(counts->vid[vid], count);
	}

	count->users++;
	return 0;
}

int vnb_vlan_stats_get(struct vnb_port *port, u16 vid)
{
	ASSERT_RTNL();

	if (!(port->br->opts & VNB_BRIDGE_VLAN_STATS))
		return 0;

	return __vnb_vlan_stats_get(port, vid);
}

static void __vnb_vlan_stats_put(struct vnb_port *port, u16 vid)
{
	struct vnb_port *owner = vnb_vlan_stats_owner(port);
	struct vnb_vlan_counts *counts = rtnl_dereference(owner->vlan_counts);
	struct vnb_vlan_count *count = rtnl_dereference(counts->vid[vid]);

	if (--count->users)
		return;

	RCU_INIT_POINTER(counts->vid[vid], NULL);
	call_rcu(&count->rcu, vnb_vlan_count_free_rcu);
}

void vnb_vlan_stats_put(struct vnb_port *port, u16 vid)
{
	ASSERT_RTNL();

	if (port->br->opts & VNB_BRIDGE_VLAN_STATS)
		__vnb_vlan_stats_put(port, vid);
}

void vnb_vlan_stats_free(struct vnb_port *port)
{
	struct vnb_vlan_counts *counts = rtnl_dereference(port->vlan_counts);

	ASSERT_RTNL();

	if (!counts)
		return;

	RCU_INIT_POINTER(port->vlan_counts, NULL);
	kvfree_rcu(counts, rcu);
}

/* Take @port out of the counters of its VLANs below @end. */
static void vnb_vlan_stats_put_port(struct vnb_port *port, u16 end)
{
	u16 vid;

	vnb_vlan_for_each(port, vid) {
		if (vid >= end)
			break;
		__vnb_vlan_stats_put(port, vid);
	}
}

static int vnb_vlan_stats_get_port(struct vnb_port *port)
{
	u16 vid;
	int err;

	vnb_vlan_for_each(port, vid) {
		err = __vnb_vlan_stats_get(port, vid);
		if (err) {
			vnb_vlan_stats_put_port(port, vid);
			return err;
		}
	}

	return 0;
}

static void vnb_vlan_stats_free_all(struct vnb_bridge *br)
{
	struct vnb_port *port;

	list_for_each_entry(port, &br->ports, list)
		vnb_vlan_stats_free(port);
	vnb_vlan_stats_free(&br->local);
}

int vnb_vlan_stats_enable(struct vnb_bridge *br)
{
	struct vnb_port *port;
	int err;

	ASSERT_RTNL();

	err = vnb_vlan_stats_get_port(&br->local);
	if (err)
		goto err_free;

	list_for_each_entry(port, &br->ports, list) {
		err = vnb_vlan_stats_get_port(port);
		if (err)
			goto err_put;
	}

	WRITE_ONCE(br->opts, br->opts | VNB_BRIDGE_VLAN_STATS);
	return 0;

err_put:
	list_for_each_entry_continue_reverse(port, &br->ports, list)
		vnb_vlan_stats_put_port(port, VLAN_N_VID);
	vnb_vlan_stats_put_port(&br->local, VLAN_N_VID);
err_free:
	vnb_vlan_stats_free_all(br);
	return err;
}

void vnb_vlan_stats_disable(struct vnb_bridge *br)
{
	struct vnb_port *port;

	ASSERT_RTNL();

	if (!(br->opts & VNB_BRIDGE_VLAN_STATS))
		return;

	WRITE_ONCE(br->opts, br->opts & ~VNB_BRIDGE_VLAN_STATS);
	list_for_each_entry(port, &br->ports, list)
		vnb_vlan_stats_put_port(port, VLAN_N_VID);
	vnb_vlan_stats_put_port(&br->local, VLAN_N_VID);
	vnb_vlan_stats_free_all(br);
}

/* The longest nest, with one more entry, inside of one more nest. */
#define VNB_VLAN_XSTATS_MAX	(U16_MAX - 2 * NLA_HDRLEN -		\
	(int)nla_total_size(sizeof(struct bridge_vlan_xstats)))

/* Whose VLANs does a request for the counters of @dev ask for? */
static struct vnb_port *vnb_vlan_xstats_port(const struct net_device *dev,
					     int attr)
{
	if (attr == IFLA_STATS_LINK_XSTATS_SLAVE)
		return vnb_port_get_rtnl(dev);
	return vnb_dev_is_bridge(dev) ? &vnb_bridge(dev)->local : NULL;
}

size_t vnb_vlan_xstats_size(const struct net_device *dev, int attr)
{
	const struct vnb_port *port = vnb_vlan_xstats_port(dev, attr);

	if (!port)
		return 0;

	return nla_total_size(0) +	/* LINK_XSTATS_TYPE_BRIDGE */
	       nla_total_size(sizeof(struct bridge_vlan_xstats)) *
	       port->n_vlans;
}

static void vnb_vlan_xstats_read(const struct vnb_port *port, u16 vid,
				 struct bridge_vlan_xstats *xstats)
{
	const struct vnb_vlan_count *count;
	struct rtnl_link_stats64 sum = { };

	rcu_read_lock();
	count = vnb_vlan_count_find(port, vid);
	if (count)
		dev_fetch_sw_netstats(&sum, count->stats);
	rcu_read_unlock();

	*xstats = (struct bridge_vlan_xstats) {
		.rx_bytes	= sum.rx_bytes,
		.rx_packets	= sum.rx_packets,
		.tx_bytes	= sum.tx_bytes,
		.tx_packets	= sum.tx_packets,
		.vid		= vid,
		.flags		= vnb_vlan_flags(port, vid),
	};

	/* "bridge -s vlan" shows no entry that is not really the bridge's */
	if (port->type == VNB_PORT_LOCAL)
		xstats->flags |= BRIDGE_VLAN_INFO_MASTER |
				 BRIDGE_VLAN_INFO_BRENTRY;
}

/*
 * @prividx is the VLAN that there was no room for, or 0. A dump goes on there;
 * the answer to a single request ends where the length of a nest does.
 */
int vnb_vlan_xstats_fill(struct sk_buff *skb, const struct net_device *dev,
			 int *prividx, int attr)
{
	const struct vnb_port *port = vnb_vlan_xstats_port(dev, attr);
	struct bridge_vlan_xstats xstats;
	struct nlattr *nest;
	u16 vid;

	if (!port)
		return 0;

	/* users compare the type as it is: without NLA_F_NESTED */
	nest = nla_nest_start_noflag(skb, LINK_XSTATS_TYPE_BRIDGE);
	if (!nest)
		return -EMSGSIZE;

	vnb_vlan_for_each(port, vid) {
		if (vid < *prividx)
			continue;
		if (skb_tail_pointer(skb) - (unsigned char *)nest >
		    VNB_VLAN_XSTATS_MAX)
			break;
		vnb_vlan_xstats_read(port, vid, &xstats);
		if (nla_put(skb, BRIDGE_XSTATS_VLAN, sizeof(xstats),
			    &xstats)) {
			nla_nest_end(skb, nest);
			*prividx = vid;
			return -EMSGSIZE;
		}
	}

	nla_nest_end(skb, nest);
	*prividx = 0;
	return 0;
}
