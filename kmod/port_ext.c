// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration of a port that IFLA_BRPORT_* cannot express: IFLA_VNETBR_PORT_*
 */
#include "port.h"

#include <linux/if_link.h>
#include <linux/vnetbr.h>
#include <net/netlink.h>

#include "option.h"

static_assert(IFLA_VNETBR_PORT == IFLA_BRPORT_MRP_RING_OPEN);

static const struct nla_policy vnb_port_ext_policy[] = {
	[IFLA_VNETBR_PORT_COMMUNITY]	= { .type = NLA_U32 },
	[IFLA_VNETBR_PORT_STORM_UNKNOWN_PPS] = { .type = NLA_U32 },
	[IFLA_VNETBR_PORT_STORM_MCAST_PPS] = { .type = NLA_U32 },
	[IFLA_VNETBR_PORT_STORM_BCAST_PPS] = { .type = NLA_U32 },
	[IFLA_VNETBR_PORT_STORM_UNKNOWN_BPS] = { .type = NLA_U64 },
	[IFLA_VNETBR_PORT_STORM_MCAST_BPS] = { .type = NLA_U64 },
	[IFLA_VNETBR_PORT_STORM_BCAST_BPS] = { .type = NLA_U64 },
	[IFLA_VNETBR_PORT_FDB_MAX_LEARNED] = { .type = NLA_U32 },
	[IFLA_VNETBR_PORT_FDB_N_LEARNED] = VNB_READ_ONLY("fdb_n_learned"),
	[IFLA_VNETBR_PORT_NEIGH_SUPPRESS_VLAN] = { .type = NLA_BINARY },
	[IFLA_VNETBR_PORT_NEIGH_FORWARD_GRAT_VLAN] = { .type = NLA_BINARY },
	[IFLA_VNETBR_PORT_DROPS]	= VNB_READ_ONLY("drops"),
	[IFLA_VNETBR_PORT_STORM_UNKNOWN_DROPS] =
		VNB_READ_ONLY("storm_unknown_drops"),
	[IFLA_VNETBR_PORT_STORM_MCAST_DROPS] =
		VNB_READ_ONLY("storm_mcast_drops"),
	[IFLA_VNETBR_PORT_STORM_BCAST_DROPS] =
		VNB_READ_ONLY("storm_bcast_drops"),
};

static_assert(ARRAY_SIZE(vnb_port_ext_policy) == IFLA_VNETBR_PORT_MAX + 1);

/* By enum vnb_storm_kind. */
static const struct {
	u16 pps;
	u16 bps;
	u16 drops;
} vnb_port_storm_attrs[VNB_STORM_KINDS] = {
	[VNB_STORM_UNKNOWN]	= { IFLA_VNETBR_PORT_STORM_UNKNOWN_PPS,
				    IFLA_VNETBR_PORT_STORM_UNKNOWN_BPS,
				    IFLA_VNETBR_PORT_STORM_UNKNOWN_DROPS },
	[VNB_STORM_MCAST]	= { IFLA_VNETBR_PORT_STORM_MCAST_PPS,
				    IFLA_VNETBR_PORT_STORM_MCAST_BPS,
				    IFLA_VNETBR_PORT_STORM_MCAST_DROPS },
	[VNB_STORM_BCAST]	= { IFLA_VNETBR_PORT_STORM_BCAST_PPS,
				    IFLA_VNETBR_PORT_STORM_BCAST_BPS,
				    IFLA_VNETBR_PORT_STORM_BCAST_DROPS },
};

static void vnb_port_parse_storm(struct vnb_port_config *conf,
				 struct nlattr **tb)
{
	const struct nlattr *attr;
	unsigned int i;

	for (i = 0; i < VNB_STORM_KINDS; i++) {
		attr = tb[vnb_port_storm_attrs[i].pps];
		if (attr)
			conf->storm[i].pps = nla_get_u32(attr);
		attr = tb[vnb_port_storm_attrs[i].bps];
		if (attr)
			conf->storm[i].bps = nla_get_u64(attr);
	}
}

int vnb_port_ext_parse(const struct vnb_port *port,
		       struct vnb_port_config *conf, const struct nlattr *nest,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IFLA_VNETBR_PORT_MAX + 1];
	int err;

	err = vnb_options_parse(tb, IFLA_VNETBR_PORT_MAX, nest,
				vnb_port_ext_policy, extack);
	if (err)
		return err;

	if (tb[IFLA_VNETBR_PORT_COMMUNITY])
		conf->community = nla_get_u32(tb[IFLA_VNETBR_PORT_COMMUNITY]);
	vnb_port_parse_storm(conf, tb);
	if (tb[IFLA_VNETBR_PORT_FDB_MAX_LEARNED])
		conf->max_learned =
			nla_get_u32(tb[IFLA_VNETBR_PORT_FDB_MAX_LEARNED]);

	return vnb_neigh_vlan_parse(port, conf, tb, extack);
}

size_t vnb_port_ext_size(const struct vnb_port *port)
{
	return nla_total_size(0) +		/* IFLA_VNETBR_PORT */
	       nla_total_size(sizeof(u32)) +	/* COMMUNITY */
	       VNB_STORM_KINDS * nla_total_size(sizeof(u32)) +
	       VNB_STORM_KINDS * nla_total_size_64bit(sizeof(u64)) +
	       VNB_STORM_KINDS * nla_total_size_64bit(sizeof(u64)) +
	       nla_total_size_64bit(sizeof(u64)) +	/* DROPS */
	       nla_total_size(sizeof(u32)) +	/* FDB_MAX_LEARNED */
	       nla_total_size(sizeof(u32)) +	/* FDB_N_LEARNED */
	       (port ? vnb_neigh_vlan_size(port) : 0);
}

static void vnb_port_sum_drops(const struct vnb_port *port,
			       struct vnb_port_drops *sum)
{
	const struct vnb_port_drops *drops;
	unsigned int i;
	int cpu;

	*sum = (struct vnb_port_drops) { };
	for_each_possible_cpu(cpu) {
		drops = per_cpu_ptr(port->drops, cpu);
		sum->all += READ_ONCE(drops->all);
		for (i = 0; i < VNB_STORM_KINDS; i++)
			sum->storm[i] += READ_ONCE(drops->storm[i]);
	}
}

/* How many went over a limit comes with it, and as long as there are any. */
static int vnb_port_fill_storm(struct sk_buff *skb, const struct vnb_port *port,
			       const struct vnb_port_drops *drops)
{
	struct vnb_storm_rate rates[VNB_STORM_KINDS];
	unsigned int i;

	rcu_read_lock();
	vnb_storm_get(port, rates);
	rcu_read_unlock();

	for (i = 0; i < VNB_STORM_KINDS; i++) {
		if (nla_put_u32(skb, vnb_port_storm_attrs[i].pps,
				rates[i].pps) ||
		    nla_put_u64_64bit(skb, vnb_port_storm_attrs[i].bps,
				      rates[i].bps, IFLA_VNETBR_PORT_PAD))
			return -EMSGSIZE;
		if ((drops->storm[i] || vnb_storm_has_limit(&rates[i])) &&
		    nla_put_u64_64bit(skb, vnb_port_storm_attrs[i].drops,
				      drops->storm[i], IFLA_VNETBR_PORT_PAD))
			return -EMSGSIZE;
	}

	return 0;
}

int vnb_port_ext_fill(struct sk_buff *skb, const struct vnb_port *port)
{
	struct vnb_port_drops drops;
	struct nlattr *nest;

	vnb_port_sum_drops(port, &drops);
	nest = nla_nest_start(skb, IFLA_VNETBR_PORT);
	if (!nest ||
	    nla_put_u32(skb, IFLA_VNETBR_PORT_COMMUNITY,
			READ_ONCE(port->community)) ||
	    vnb_port_fill_storm(skb, port, &drops) ||
	    nla_put_u64_64bit(skb, IFLA_VNETBR_PORT_DROPS, drops.all,
			      IFLA_VNETBR_PORT_PAD) ||
	    nla_put_u32(skb, IFLA_VNETBR_PORT_FDB_MAX_LEARNED,
			READ_ONCE(port->max_learned)) ||
	    nla_put_u32(skb, IFLA_VNETBR_PORT_FDB_N_LEARNED,
			READ_ONCE(port->n_learned)) ||
	    vnb_neigh_vlan_fill(skb, port))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}
