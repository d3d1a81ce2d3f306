// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration of a port: IFLA_BRPORT_*.
 */
#include "port.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/vnetbr.h>
#include <net/netlink.h>

#include "bridge.h"
#include "neigh.h"
#include "option.h"

#define VNB_PORT_POLICY_FLAG	NLA_POLICY_MAX(NLA_U8, 1)

/*
 * rtnetlink parses slave data for us, liberally: strict_start_type is what
 * makes the checks strict.
 */
const struct nla_policy vnb_port_policy[] = {
	[IFLA_BRPORT_UNSPEC]		= { .strict_start_type =
						IFLA_BRPORT_UNSPEC + 1 },
	[IFLA_BRPORT_STATE]		= { .type = NLA_U8 },
	[IFLA_BRPORT_PRIORITY]		= { .type = NLA_U16 },
	[IFLA_BRPORT_COST]		= { .type = NLA_U32 },
	[IFLA_BRPORT_MODE]		= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_GUARD]		= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_PROTECT]		= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_FAST_LEAVE]	= { .type = NLA_U8 },
	[IFLA_BRPORT_LEARNING]		= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_UNICAST_FLOOD]	= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_PROXYARP]		= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_LEARNING_SYNC]	= { .type = NLA_U8 },
	[IFLA_BRPORT_PROXYARP_WIFI]	= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_ROOT_ID]		= VNB_READ_ONLY("root_id"),
	[IFLA_BRPORT_BRIDGE_ID]		= VNB_READ_ONLY("bridge_id"),
	[IFLA_BRPORT_DESIGNATED_PORT]	=
		VNB_READ_ONLY("designated_port"),
	[IFLA_BRPORT_DESIGNATED_COST]	=
		VNB_READ_ONLY("designated_cost"),
	[IFLA_BRPORT_ID]		= VNB_READ_ONLY("port_id"),
	[IFLA_BRPORT_NO]		= VNB_READ_ONLY("port_no"),
	[IFLA_BRPORT_TOPOLOGY_CHANGE_ACK] =
		VNB_READ_ONLY("topology_change_ack"),
	[IFLA_BRPORT_CONFIG_PENDING]	=
		VNB_READ_ONLY("config_pending"),
	[IFLA_BRPORT_MESSAGE_AGE_TIMER]	=
		VNB_READ_ONLY("message_age_timer"),
	[IFLA_BRPORT_FORWARD_DELAY_TIMER] =
		VNB_READ_ONLY("forward_delay_timer"),
	[IFLA_BRPORT_HOLD_TIMER]	= VNB_READ_ONLY("hold_timer"),
	[IFLA_BRPORT_FLUSH]		= { .type = NLA_FLAG },
	[IFLA_BRPORT_MULTICAST_ROUTER]	= { .type = NLA_U8 },
	[IFLA_BRPORT_MCAST_FLOOD]	= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_MCAST_TO_UCAST]	= { .type = NLA_U8 },
	[IFLA_BRPORT_VLAN_TUNNEL]	= { .type = NLA_U8 },
	[IFLA_BRPORT_BCAST_FLOOD]	= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_GROUP_FWD_MASK]	= { .type = NLA_U16 },
	[IFLA_BRPORT_NEIGH_SUPPRESS]	= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_ISOLATED]		= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_BACKUP_PORT]	= { .type = NLA_U32 },
	[IFLA_VNETBR_PORT]		= { .type = NLA_NESTED },
	[IFLA_BRPORT_MRP_IN_OPEN]	= VNB_READ_ONLY("mrp_in_open"),
	[IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT] = { .type = NLA_U32 },
	[IFLA_BRPORT_MCAST_EHT_HOSTS_CNT] =
		VNB_READ_ONLY("mcast_eht_hosts_cnt"),
	[IFLA_BRPORT_LOCKED]		= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_MAB]		= VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_MCAST_N_GROUPS]	=
		VNB_READ_ONLY("mcast_n_groups"),
	[IFLA_BRPORT_MCAST_MAX_GROUPS]	= { .type = NLA_U32 },
	[IFLA_BRPORT_NEIGH_VLAN_SUPPRESS] = VNB_PORT_POLICY_FLAG,
	[IFLA_BRPORT_BACKUP_NHID]	= { .type = NLA_U32 },
	[IFLA_BRPORT_NEIGH_FORWARD_GRAT] = VNB_PORT_POLICY_FLAG,
};

static const struct vnb_option vnb_port_options[] = {
	[IFLA_BRPORT_STATE]		= VNB_OPTION,
	[IFLA_BRPORT_PRIORITY]		= VNB_OPTION,
	[IFLA_BRPORT_COST]		= VNB_OPTION,
	[IFLA_BRPORT_MODE]		= VNB_OPTION,
	[IFLA_BRPORT_GUARD]		= VNB_OPTION,
	[IFLA_BRPORT_PROTECT]		= VNB_OPTION,
	[IFLA_BRPORT_FAST_LEAVE]	= VNB_OPTION_OFF("fastleave"),
	[IFLA_BRPORT_LEARNING]		= VNB_OPTION,
	[IFLA_BRPORT_UNICAST_FLOOD]	= VNB_OPTION,
	[IFLA_BRPORT_PROXYARP]		= VNB_OPTION,
	[IFLA_BRPORT_LEARNING_SYNC]	=
		VNB_OPTION_AS_IS("learning_sync", 0, 0),
	[IFLA_BRPORT_PROXYARP_WIFI]	= VNB_OPTION,
	[IFLA_BRPORT_FLUSH]		= VNB_OPTION,
	/* 1, where one is heard: without snooping, all is flooded anyway */
	[IFLA_BRPORT_MULTICAST_ROUTER]	=
		VNB_OPTION_AS_IS("mcast_router", 0, 1),
	[IFLA_BRPORT_MCAST_FLOOD]	= VNB_OPTION,
	[IFLA_BRPORT_MCAST_TO_UCAST]	= VNB_OPTION_OFF("mcast_to_unicast"),
	[IFLA_BRPORT_VLAN_TUNNEL]	= VNB_OPTION_OFF("vlan_tunnel"),
	[IFLA_BRPORT_BCAST_FLOOD]	= VNB_OPTION,
	[IFLA_BRPORT_GROUP_FWD_MASK]	= VNB_OPTION,
	[IFLA_BRPORT_NEIGH_SUPPRESS]	= VNB_OPTION,
	[IFLA_BRPORT_ISOLATED]		= VNB_OPTION,
	[IFLA_BRPORT_BACKUP_PORT]	= VNB_OPTION,
	[IFLA_VNETBR_PORT]		= VNB_OPTION,
	[IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT] =
		VNB_OPTION_AS_IS("mcast_eht_hosts_limit", 512, 512),
	[IFLA_BRPORT_LOCKED]		= VNB_OPTION,
	[IFLA_BRPORT_MAB]		= VNB_OPTION,
	[IFLA_BRPORT_MCAST_MAX_GROUPS]	=
		VNB_OPTION_AS_IS("mcast_max_groups", 0, 0),
	[IFLA_BRPORT_NEIGH_VLAN_SUPPRESS] = VNB_OPTION,
	[IFLA_BRPORT_BACKUP_NHID]	=
		VNB_OPTION_AS_IS("backup_nhid", 0, 0),
	[IFLA_BRPORT_NEIGH_FORWARD_GRAT] = VNB_OPTION,
};

static_assert(ARRAY_SIZE(vnb_port_policy) > VNB_PORT_SLAVE_MAX);
static_assert(ARRAY_SIZE(vnb_port_policy) == VNB_PORT_MAX + 1);
static_assert(ARRAY_SIZE(vnb_port_options) == VNB_PORT_MAX + 1);

static const struct {
	u16 attr;
	u32 flag;
} vnb_port_flag_attrs[] = {
	{ IFLA_BRPORT_MODE,		VNB_PORT_HAIRPIN },
	{ IFLA_BRPORT_LEARNING,		VNB_PORT_LEARNING },
	{ IFLA_BRPORT_UNICAST_FLOOD,	VNB_PORT_FLOOD },
	{ IFLA_BRPORT_MCAST_FLOOD,	VNB_PORT_MCAST_FLOOD },
	{ IFLA_BRPORT_BCAST_FLOOD,	VNB_PORT_BCAST_FLOOD },
	{ IFLA_BRPORT_ISOLATED,		VNB_PORT_ISOLATED },
	{ IFLA_BRPORT_LOCKED,		VNB_PORT_LOCKED },
	{ IFLA_BRPORT_MAB,		VNB_PORT_MAB },
	{ IFLA_BRPORT_PROXYARP,		VNB_PORT_PROXYARP },
	{ IFLA_BRPORT_PROXYARP_WIFI,	VNB_PORT_PROXYARP_WIFI },
	{ IFLA_BRPORT_NEIGH_SUPPRESS,	VNB_PORT_NEIGH_SUPPRESS },
	{ IFLA_BRPORT_NEIGH_VLAN_SUPPRESS, VNB_PORT_NEIGH_VLAN },
	{ IFLA_BRPORT_NEIGH_FORWARD_GRAT, VNB_PORT_FORWARD_GRAT },
	{ IFLA_BRPORT_GUARD,		VNB_PORT_BPDU_GUARD },
	{ IFLA_BRPORT_PROTECT,		VNB_PORT_ROOT_BLOCK },
};

/* Bits that are not options, but follow from them. */
static u32 vnb_port_derive_flags(const struct vnb_port_config *conf)
{
	u32 flags = conf->flags & ~(VNB_PORT_LEARNS | VNB_PORT_PRIVATE |
				    VNB_PORT_STORM | VNB_PORT_BACKUP |
				    VNB_PORT_NO_GRAT);

	if ((flags & (VNB_PORT_LEARNING | VNB_PORT_LOCKED)) ==
	    VNB_PORT_LEARNING)
		flags |= VNB_PORT_LEARNS;
	if (flags & VNB_PORT_ISOLATED || conf->community)
		flags |= VNB_PORT_PRIVATE;
	if (vnb_storm_limits(conf->storm))
		flags |= VNB_PORT_STORM;
	if (conf->backup)
		flags |= VNB_PORT_BACKUP;
	if ((flags & (VNB_PORT_NEIGH_SUPPRESS | VNB_PORT_FORWARD_GRAT)) ==
	    VNB_PORT_NEIGH_SUPPRESS)
		flags |= VNB_PORT_NO_GRAT;

	return flags;
}

static int vnb_port_parse_flags(struct vnb_port_config *conf,
				struct nlattr **tb,
				struct netlink_ext_ack *extack)
{
	const u32 mab_needs = VNB_PORT_LOCKED | VNB_PORT_LEARNING;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vnb_port_flag_attrs); i++) {
		const struct nlattr *attr = tb[vnb_port_flag_attrs[i].attr];

		if (!attr)
			continue;
		if (nla_get_u8(attr))
			conf->flags |= vnb_port_flag_attrs[i].flag;
		else
			conf->flags &= ~vnb_port_flag_attrs[i].flag;
	}

	if (conf->flags & VNB_PORT_MAB &&
	    (conf->flags & mab_needs) != mab_needs) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_BRPORT_MAB],
				    "mab: works with locked on and learning on only");
		return -EINVAL;
	}

	return 0;
}

/* Reads the port, touches nothing. */
static int vnb_port_parse(const struct vnb_port *port,
			  struct vnb_port_config *conf, struct nlattr **tb,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int err;

	*conf = (struct vnb_port_config) {
		.flags		= port->flags,
		.group_fwd_mask	= port->group_fwd_mask,
		.community	= port->community,
		.max_learned	= port->max_learned,
		.backup		= rtnl_dereference(port->backup),
	};
	vnb_storm_get(port, conf->storm);

	err = vnb_options_check(tb, VNB_PORT_MAX, vnb_port_options, extack);
	if (err)
		return err;

	err = vnb_port_parse_flags(conf, tb, extack);
	if (err)
		return err;

	attr = tb[IFLA_BRPORT_STATE];
	if (attr && nla_get_u8(attr) > BR_STATE_BLOCKING) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "state: not from 0 to 4");
		return -EINVAL;
	}

	attr = tb[IFLA_BRPORT_GROUP_FWD_MASK];
	if (attr) {
		conf->group_fwd_mask = nla_get_u16(attr);
		if (conf->group_fwd_mask & BIT(1)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "group_fwd_mask: bit 1 (pause) is not allowed");
			return -EINVAL;
		}
	}

	attr = tb[IFLA_BRPORT_BACKUP_PORT];
	if (attr) {
		conf->backup = vnb_backup_find(port, attr, extack);
		if (IS_ERR(conf->backup))
			return PTR_ERR(conf->backup);
	}

	attr = tb[IFLA_VNETBR_PORT];
	err = attr ? vnb_port_ext_parse(port, conf, attr, extack) : 0;
	conf->flags = vnb_port_derive_flags(conf);
	return err;
}

/* Limits that do not change go on measuring. */
static int vnb_port_apply_storm(struct vnb_port *port,
				const struct vnb_port_config *conf)
{
	struct vnb_storm_rate old[VNB_STORM_KINDS];
	struct vnb_storm *storm = NULL;
	unsigned int i;

	vnb_storm_get(port, old);
	for (i = 0; i < VNB_STORM_KINDS; i++)
		if (!vnb_storm_same(&old[i], &conf->storm[i]))
			break;
	if (i == VNB_STORM_KINDS)
		return 0;

	if (vnb_storm_limits(conf->storm)) {
		storm = vnb_storm_alloc(port, conf->storm);
		if (!storm)
			return -ENOMEM;
	}

	vnb_storm_replace(port, storm);
	return 0;
}

/* All, or -ENOMEM and nothing. */
static int vnb_port_apply(struct vnb_port *port,
			  const struct vnb_port_config *conf)
{
	const struct vnb_fdb_filter locked = {
		.port	= port,
		.flags	= VNB_FDB_LOCKED,
		.mask	= VNB_FDB_LOCKED,
	};
	u32 old = port->flags;
	int err;

	err = vnb_neigh_vlan_prepare(port, conf);
	if (err)
		return err;

	err = vnb_port_apply_storm(port, conf);
	if (err)
		return err;

	vnb_neigh_vlan_commit(port, conf);
	vnb_backup_set(port, conf->backup);
	WRITE_ONCE(port->group_fwd_mask, conf->group_fwd_mask);
	WRITE_ONCE(port->community, conf->community);
	WRITE_ONCE(port->max_learned, conf->max_learned);
	WRITE_ONCE(port->flags, conf->flags);
	vnb_neigh_count(port->br, old, conf->flags);
	if (old & ~conf->flags & VNB_PORT_MAB)
		vnb_fdb_flush(port->br, &locked);

	return 0;
}

int vnb_port_change(struct vnb_port *port, struct nlattr **tb,
		    struct netlink_ext_ack *extack)
{
	/* 802.1Q-2022 8.8.3: what is configured or external stays */
	const struct vnb_fdb_filter dynamic = {
		.port = port,
		.mask = VNB_FDB_STATIC | VNB_FDB_LOCAL | VNB_FDB_EXT_LEARNED,
	};
	struct vnb_port_config conf;
	int err;

	ASSERT_RTNL();

	err = vnb_port_parse(port, &conf, tb, extack);
	if (err)
		return err;

	err = vnb_stp_port_check(port, tb, extack);
	if (err)
		return err;

	err = vnb_port_apply(port, &conf);
	if (err)
		return err;

	if (tb[IFLA_BRPORT_STATE])
		vnb_port_set_state(port, nla_get_u8(tb[IFLA_BRPORT_STATE]));
	vnb_stp_port_change(port, tb);
	if (tb[IFLA_BRPORT_FLUSH])
		vnb_fdb_flush(port->br, &dynamic);

	vnb_bridge_notify(port, RTM_NEWLINK);
	return 0;
}

size_t vnb_port_attr_size(const struct vnb_port *port)
{
	return nla_total_size(sizeof(u8)) +	/* STATE */
	       nla_total_size(sizeof(u16)) +	/* NO */
	       nla_total_size(sizeof(u16)) +	/* GROUP_FWD_MASK */
	       nla_total_size(sizeof(u32)) +	/* BACKUP_PORT */
	       vnb_stp_port_attr_size() +
	       ARRAY_SIZE(vnb_port_flag_attrs) * nla_total_size(sizeof(u8)) +
	       vnb_options_off_size(VNB_PORT_SLAVE_MAX, vnb_port_options) +
	       vnb_port_ext_size(port);
}

static int vnb_port_fill_backup(struct sk_buff *skb,
				const struct vnb_port *port)
{
	const struct vnb_port *backup;
	int err = 0;

	rcu_read_lock();
	backup = rcu_dereference(port->backup);
	if (backup)
		err = nla_put_u32(skb, IFLA_BRPORT_BACKUP_PORT,
				  backup->dev->ifindex);
	rcu_read_unlock();

	return err;
}

int vnb_port_fill(struct sk_buff *skb, const struct vnb_port *port)
{
	u32 flags = READ_ONCE(port->flags);
	unsigned int i;

	if (nla_put_u8(skb, IFLA_BRPORT_STATE, READ_ONCE(port->state)) ||
	    nla_put_u16(skb, IFLA_BRPORT_NO, port->no) ||
	    nla_put_u16(skb, IFLA_BRPORT_GROUP_FWD_MASK,
			READ_ONCE(port->group_fwd_mask)) ||
	    vnb_port_fill_backup(skb, port) ||
	    vnb_stp_port_fill(skb, port))
		return -EMSGSIZE;

	for (i = 0; i < ARRAY_SIZE(vnb_port_flag_attrs); i++)
		if (nla_put_u8(skb, vnb_port_flag_attrs[i].attr,
			       !!(flags & vnb_port_flag_attrs[i].flag)))
			return -EMSGSIZE;

	return vnb_options_off_fill(skb, VNB_PORT_SLAVE_MAX,
				    vnb_port_options) ? :
	       vnb_port_ext_fill(skb, port);
}
