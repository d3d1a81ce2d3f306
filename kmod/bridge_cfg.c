// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration of a bridge: IFLA_BR_* and IFLA_VNETBR_BR_*.
 */
#include "bridge.h"

#include <linux/etherdevice.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include <linux/vnetbr.h>

#include "mst.h"
#include "nf_bridge.h"
#include "option.h"
#include "vlan.h"

/*
 * Pause frames end at the link (802.3 31B) and so do slow protocols
 * (802.3 57A): to forward them breaks the links on both sides. BPDUs (bit 0)
 * are not forwarded unless asked for, with or without STP.
 */
#define VNB_GROUP_FWD_NEVER	(BIT(1) | BIT(2))

static const struct nla_policy vnb_bridge_policy[] = {
	[IFLA_BR_FORWARD_DELAY]		= { .type = NLA_U32 },
	[IFLA_BR_HELLO_TIME]		= { .type = NLA_U32 },
	[IFLA_BR_MAX_AGE]		= { .type = NLA_U32 },
	[IFLA_BR_AGEING_TIME]		= { .type = NLA_U32 },
	[IFLA_BR_STP_STATE]		= { .type = NLA_U32 },
	[IFLA_BR_PRIORITY]		= { .type = NLA_U16 },
	[IFLA_BR_VLAN_FILTERING]	= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_BR_VLAN_PROTOCOL]		= { .type = NLA_U16 },
	[IFLA_BR_GROUP_FWD_MASK]	= { .type = NLA_U16 },
	[IFLA_BR_ROOT_ID]		= VNB_READ_ONLY("root_id"),
	[IFLA_BR_BRIDGE_ID]		= VNB_READ_ONLY("bridge_id"),
	[IFLA_BR_ROOT_PORT]		= VNB_READ_ONLY("root_port"),
	[IFLA_BR_ROOT_PATH_COST]	= VNB_READ_ONLY("root_path_cost"),
	[IFLA_BR_TOPOLOGY_CHANGE]	= VNB_READ_ONLY("topology_change"),
	[IFLA_BR_TOPOLOGY_CHANGE_DETECTED] =
		VNB_READ_ONLY("topology_change_detected"),
	[IFLA_BR_HELLO_TIMER]		= VNB_READ_ONLY("hello_timer"),
	[IFLA_BR_TCN_TIMER]		= VNB_READ_ONLY("tcn_timer"),
	[IFLA_BR_TOPOLOGY_CHANGE_TIMER]	=
		VNB_READ_ONLY("topology_change_timer"),
	[IFLA_BR_GC_TIMER]		= VNB_READ_ONLY("gc_timer"),
	[IFLA_BR_GROUP_ADDR]		= NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[IFLA_BR_FDB_FLUSH]		= { .type = NLA_FLAG },
	[IFLA_BR_MCAST_ROUTER]		= { .type = NLA_U8 },
	[IFLA_BR_MCAST_SNOOPING]	= { .type = NLA_U8 },
	[IFLA_BR_MCAST_QUERY_USE_IFADDR] = { .type = NLA_U8 },
	[IFLA_BR_MCAST_QUERIER]		= { .type = NLA_U8 },
	[IFLA_BR_MCAST_HASH_ELASTICITY]	= { .type = NLA_U32 },
	[IFLA_BR_MCAST_HASH_MAX]	= { .type = NLA_U32 },
	[IFLA_BR_MCAST_LAST_MEMBER_CNT]	= { .type = NLA_U32 },
	[IFLA_BR_MCAST_STARTUP_QUERY_CNT] = { .type = NLA_U32 },
	[IFLA_BR_MCAST_LAST_MEMBER_INTVL] = { .type = NLA_U64 },
	[IFLA_BR_MCAST_MEMBERSHIP_INTVL] = { .type = NLA_U64 },
	[IFLA_BR_MCAST_QUERIER_INTVL]	= { .type = NLA_U64 },
	[IFLA_BR_MCAST_QUERY_INTVL]	= { .type = NLA_U64 },
	[IFLA_BR_MCAST_QUERY_RESPONSE_INTVL] = { .type = NLA_U64 },
	[IFLA_BR_MCAST_STARTUP_QUERY_INTVL] = { .type = NLA_U64 },
	[IFLA_BR_NF_CALL_IPTABLES]	= { .type = NLA_U8 },
	[IFLA_BR_NF_CALL_IP6TABLES]	= { .type = NLA_U8 },
	[IFLA_BR_NF_CALL_ARPTABLES]	= { .type = NLA_U8 },
	[IFLA_BR_VLAN_DEFAULT_PVID]	=
		NLA_POLICY_MAX(NLA_U16, VLAN_N_VID - 2),
	[IFLA_BR_VLAN_STATS_ENABLED]	= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_BR_MCAST_STATS_ENABLED]	= { .type = NLA_U8 },
	[IFLA_BR_MCAST_IGMP_VERSION]	= { .type = NLA_U8 },
	[IFLA_BR_MCAST_MLD_VERSION]	= { .type = NLA_U8 },
	[IFLA_BR_VLAN_STATS_PER_PORT]	= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_BR_MULTI_BOOLOPT]		=
		NLA_POLICY_EXACT_LEN(sizeof(struct br_boolopt_multi)),
	[IFLA_BR_MCAST_QUERIER_STATE]	= VNB_READ_ONLY("mcast_querier_state"),
	[IFLA_BR_FDB_N_LEARNED]		= VNB_READ_ONLY("fdb_n_learned"),
	[IFLA_BR_FDB_MAX_LEARNED]	= { .type = NLA_U32 },
	[IFLA_BR_STP_MODE]		= { .type = NLA_U32 },
};

#define VNB_BR_MAX	(ARRAY_SIZE(vnb_bridge_policy) - 1)

/* Ranges are the defaults of the kernel's bridge, which are set by scripts. */
static const struct vnb_option vnb_bridge_options[VNB_BR_MAX + 1] = {
	[IFLA_BR_FORWARD_DELAY]		= VNB_OPTION,
	[IFLA_BR_HELLO_TIME]		= VNB_OPTION,
	[IFLA_BR_MAX_AGE]		= VNB_OPTION,
	[IFLA_BR_AGEING_TIME]		= VNB_OPTION,
	[IFLA_BR_STP_STATE]		= VNB_OPTION,
	[IFLA_BR_PRIORITY]		= VNB_OPTION,
	[IFLA_BR_VLAN_FILTERING]	= VNB_OPTION,
	[IFLA_BR_VLAN_PROTOCOL]		= VNB_OPTION,
	[IFLA_BR_GROUP_FWD_MASK]	= VNB_OPTION,
	[IFLA_BR_GROUP_ADDR]		= VNB_OPTION,
	[IFLA_BR_FDB_FLUSH]		= VNB_OPTION,
	[IFLA_BR_MCAST_ROUTER]		=
		VNB_OPTION_AS_IS("mcast_router", 0, 1),
	[IFLA_BR_MCAST_SNOOPING]	= VNB_OPTION_OFF("mcast_snooping"),
	[IFLA_BR_MCAST_QUERY_USE_IFADDR] =
		VNB_OPTION_OFF("mcast_query_use_ifaddr"),
	[IFLA_BR_MCAST_QUERIER]		= VNB_OPTION_OFF("mcast_querier"),
	[IFLA_BR_MCAST_HASH_ELASTICITY]	=
		VNB_OPTION_AS_IS("mcast_hash_elasticity", 16, 16),
	[IFLA_BR_MCAST_HASH_MAX]	=
		VNB_OPTION_AS_IS("mcast_hash_max", 4096, 4096),
	[IFLA_BR_MCAST_LAST_MEMBER_CNT]	=
		VNB_OPTION_AS_IS("mcast_last_member_count", 2, 2),
	[IFLA_BR_MCAST_STARTUP_QUERY_CNT] =
		VNB_OPTION_AS_IS("mcast_startup_query_count", 2, 2),
	[IFLA_BR_MCAST_LAST_MEMBER_INTVL] =
		VNB_OPTION_AS_IS("mcast_last_member_interval", 100, 100),
	[IFLA_BR_MCAST_MEMBERSHIP_INTVL] =
		VNB_OPTION_AS_IS("mcast_membership_interval", 26000, 26000),
	[IFLA_BR_MCAST_QUERIER_INTVL]	=
		VNB_OPTION_AS_IS("mcast_querier_interval", 25500, 25500),
	[IFLA_BR_MCAST_QUERY_INTVL]	=
		VNB_OPTION_AS_IS("mcast_query_interval", 12500, 12500),
	[IFLA_BR_MCAST_QUERY_RESPONSE_INTVL] =
		VNB_OPTION_AS_IS("mcast_query_response_interval", 1000, 1000),
	/* 31.25 seconds, which the kernel's bridge shows as less with 250 HZ */
	[IFLA_BR_MCAST_STARTUP_QUERY_INTVL] =
		VNB_OPTION_AS_IS("mcast_startup_query_interval", 3124, 3125),
	[IFLA_BR_NF_CALL_IPTABLES]	= VNB_OPTION_OFF("nf_call_iptables"),
	[IFLA_BR_NF_CALL_IP6TABLES]	= VNB_OPTION_OFF("nf_call_ip6tables"),
	[IFLA_BR_NF_CALL_ARPTABLES]	= VNB_OPTION_OFF("nf_call_arptables"),
	[IFLA_BR_VLAN_DEFAULT_PVID]	= VNB_OPTION,
	[IFLA_BR_VLAN_STATS_ENABLED]	= VNB_OPTION,
	[IFLA_BR_MCAST_STATS_ENABLED]	= VNB_OPTION_OFF("mcast_stats_enabled"),
	[IFLA_BR_MCAST_IGMP_VERSION]	=
		VNB_OPTION_AS_IS("mcast_igmp_version", 2, 2),
	[IFLA_BR_MCAST_MLD_VERSION]	=
		VNB_OPTION_AS_IS("mcast_mld_version", 1, 1),
	[IFLA_BR_VLAN_STATS_PER_PORT]	= VNB_OPTION,
	[IFLA_BR_MULTI_BOOLOPT]		= VNB_OPTION,
	[IFLA_BR_FDB_MAX_LEARNED]	= VNB_OPTION,
	[IFLA_BR_STP_MODE]		= VNB_OPTION,
};

/* Not const: before 6.7, a policy has another pointer. */
static struct netlink_range_validation vnb_snoop_range = {
	.min = 1,
	.max = VNB_SNOOP_MAX_LIMIT,
};

static const struct nla_policy vnb_bridge_ext_policy[] = {
	[IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED] = { .type = NLA_U32 },
	[IFLA_VNETBR_BR_FDB_MAX_LEARNED] = { .type = NLA_U32 },
	[IFLA_VNETBR_BR_FDB_N_LEARNED]	= VNB_READ_ONLY("fdb_n_learned"),
	[IFLA_VNETBR_BR_FDB_MAX_MOVES]	= { .type = NLA_U32 },
	[IFLA_VNETBR_BR_NF_BRIDGE]	=
		NLA_POLICY_MAX(NLA_U8, VNETBR_NF_BRIDGE_MAX),
	[IFLA_VNETBR_BR_FDB_MAX_VLAN_LEARNED] = { .type = NLA_U32 },
	[IFLA_VNETBR_BR_MST_ENABLED]	= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_VNETBR_BR_MST]		= {
		.type = NLA_BINARY,
		.len = VNB_MST_MAX_NAMED * sizeof(struct vnetbr_mst_range),
	},
	[IFLA_VNETBR_BR_NEIGH_SNOOP]	= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_VNETBR_BR_NEIGH_MAX_SNOOPED] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vnb_snoop_range),
	[IFLA_VNETBR_BR_NEIGH_N_SNOOPED] = VNB_READ_ONLY("neigh_n_snooped"),
};

static const char *vnb_bridge_boolopt_refusal(unsigned int id)
{
	switch (id) {
	case BR_BOOLOPT_MCAST_VLAN_SNOOPING:
		return "mcast_vlan_snooping: not supported yet";
	case BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION:
		return "mdb_offload_fail_notification: not supported";
	}

	return "Unknown boolean option";
}

static int vnb_bridge_parse_boolopt(struct vnb_bridge_config *conf,
				    const struct nlattr *attr,
				    struct netlink_ext_ack *extack)
{
	const struct br_boolopt_multi *bm = nla_data(attr);
	u32 on = bm->optval & bm->optmask;
	u32 bad = on & ~(BIT(BR_BOOLOPT_NO_LL_LEARN) |
			 BIT(BR_BOOLOPT_MST_ENABLE) |
			 BIT(BR_BOOLOPT_FDB_LOCAL_VLAN_0));

	if (bad) {
		const char *why = vnb_bridge_boolopt_refusal(__ffs(bad));

		return vnb_option_refuse(attr, why, extack);
	}
	if (bm->optmask & ~on & BIT(BR_BOOLOPT_FDB_LOCAL_VLAN_0))
		return vnb_option_refuse(attr, "fdb_local_vlan_0: always on, the addresses of ports are one entry for all VLANs",
					 extack);

	if (bm->optmask & BIT(BR_BOOLOPT_NO_LL_LEARN))
		conf->no_ll_learn = on & BIT(BR_BOOLOPT_NO_LL_LEARN);
	if (bm->optmask & BIT(BR_BOOLOPT_MST_ENABLE)) {
		conf->mst_enabled = on & BIT(BR_BOOLOPT_MST_ENABLE);
		conf->mst_enabled_attr = attr;
	}

	return 0;
}

static int vnb_bridge_parse_vlan(struct vnb_bridge_config *conf,
				 struct nlattr **tb,
				 struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = tb[IFLA_BR_VLAN_PROTOCOL];

	if (attr && !eth_type_vlan(nla_get_be16(attr))) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "vlan_protocol: neither 802.1Q nor 802.1ad");
		return -EPROTONOSUPPORT;
	}

	if (attr)
		conf->vlan_proto = nla_get_be16(attr);
	conf->vlan_filtering = nla_get_u8_default(tb[IFLA_BR_VLAN_FILTERING],
						  conf->vlan_filtering);
	conf->default_pvid =
		nla_get_u16_default(tb[IFLA_BR_VLAN_DEFAULT_PVID],
				    conf->default_pvid);
	conf->vlan_stats = nla_get_u8_default(tb[IFLA_BR_VLAN_STATS_ENABLED],
					      conf->vlan_stats);
	conf->vlan_stats_per_port =
		nla_get_u8_default(tb[IFLA_BR_VLAN_STATS_PER_PORT],
				   conf->vlan_stats_per_port);
	conf->per_port_attr = tb[IFLA_BR_VLAN_STATS_PER_PORT];
	return 0;
}

static int vnb_bridge_parse(struct vnb_bridge_config *conf,
			    const struct nlattr *nest,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VNB_BR_MAX + 1];
	const struct nlattr *attr;
	int err;

	err = vnb_options_parse(tb, VNB_BR_MAX, nest, vnb_bridge_policy,
				extack);
	if (err)
		return err;

	err = vnb_options_check(tb, VNB_BR_MAX, vnb_bridge_options, extack);
	if (err)
		return err;

	attr = tb[IFLA_BR_GROUP_FWD_MASK];
	if (attr) {
		u16 mask = nla_get_u16(attr);

		if (mask & VNB_GROUP_FWD_NEVER) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "group_fwd_mask: bits 1 (pause) and 2 (LACP) are not allowed");
			return -EINVAL;
		}
		conf->group_fwd_mask = mask;
	}

	/* 802.1Q-2022 table 8-1: where BPDUs of bridges go */
	attr = tb[IFLA_BR_GROUP_ADDR];
	if (attr && memcmp(nla_data(attr), eth_reserved_addr_base, ETH_ALEN))
		return vnb_option_refuse(attr,
					 "group_address: not supported yet",
					 extack);

	attr = tb[IFLA_BR_MULTI_BOOLOPT];
	if (attr) {
		err = vnb_bridge_parse_boolopt(conf, attr, extack);
		if (err)
			return err;
	}

	err = vnb_bridge_parse_vlan(conf, tb, extack);
	if (err)
		return err;

	attr = tb[IFLA_BR_AGEING_TIME];
	if (attr)
		conf->ageing_time = clock_t_to_jiffies(nla_get_u32(attr));
	attr = tb[IFLA_BR_FDB_MAX_LEARNED];
	if (attr)
		conf->fdb_max_learned = nla_get_u32(attr);
	conf->fdb_flush = nla_get_flag(tb[IFLA_BR_FDB_FLUSH]);

	return vnb_stp_config_parse(&conf->stp, tb, extack);
}

static int vnb_bridge_parse_mst(struct vnb_bridge_config *conf,
				struct nlattr **tb,
				struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = tb[IFLA_VNETBR_BR_MST_ENABLED];

	if (attr) {
		bool on = nla_get_u8(attr);

		if (on != conf->mst_enabled && conf->mst_enabled_attr) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "mst_enabled: given twice, with different values");
			return -EINVAL;
		}
		conf->mst_enabled = on;
		conf->mst_enabled_attr = attr;
	}

	attr = tb[IFLA_VNETBR_BR_MST];
	if (!attr)
		return 0;
	if (!conf->mst_enabled) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "mst: works with mst_enabled 1 only");
		return -EINVAL;
	}

	return vnb_mst_config_parse(conf, attr, extack);
}

static int vnb_bridge_parse_ext(struct vnb_bridge_config *conf,
				const struct nlattr *ext,
				const struct nlattr *nest,
				struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IFLA_VNETBR_BR_MAX + 1];
	struct nlattr *attr;
	int err;

	err = vnb_options_parse(tb, IFLA_VNETBR_BR_MAX, ext,
				vnb_bridge_ext_policy, extack);
	if (err)
		return err;

	attr = tb[IFLA_VNETBR_BR_FDB_MAX_LEARNED];
	if (attr) {
		u32 max = nla_get_u32(attr);

		if (nest && max != conf->fdb_max_learned &&
		    nla_find_nested(nest, IFLA_BR_FDB_MAX_LEARNED)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "fdb_max_learned: given twice, with different values");
			return -EINVAL;
		}
		conf->fdb_max_learned = max;
	}

	if (tb[IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED])
		conf->fdb_max_port_learned =
			nla_get_u32(tb[IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED]);
	if (tb[IFLA_VNETBR_BR_FDB_MAX_VLAN_LEARNED])
		conf->fdb_max_vlan_learned =
			nla_get_u32(tb[IFLA_VNETBR_BR_FDB_MAX_VLAN_LEARNED]);
	if (tb[IFLA_VNETBR_BR_FDB_MAX_MOVES])
		conf->fdb_max_moves =
			nla_get_u32(tb[IFLA_VNETBR_BR_FDB_MAX_MOVES]);
	if (tb[IFLA_VNETBR_BR_NF_BRIDGE])
		conf->nf_block = nla_get_u8(tb[IFLA_VNETBR_BR_NF_BRIDGE]) ==
				 VNETBR_NF_BRIDGE_BLOCK;
	conf->neigh_snoop =
		nla_get_u8_default(tb[IFLA_VNETBR_BR_NEIGH_SNOOP],
				   conf->neigh_snoop);
	if (tb[IFLA_VNETBR_BR_NEIGH_MAX_SNOOPED])
		conf->neigh_max_snooped =
			nla_get_u32(tb[IFLA_VNETBR_BR_NEIGH_MAX_SNOOPED]);

	return vnb_bridge_parse_mst(conf, tb, extack);
}

/* The kernel's spanning tree has one for all VLANs. */
static int vnb_bridge_check_mst(const struct vnb_bridge_config *conf,
				struct netlink_ext_ack *extack)
{
	if (!conf->mst_enabled || conf->stp.mode != VNB_STP_KERNEL)
		return 0;

	NL_SET_ERR_MSG_ATTR(extack,
			    conf->stp.state_attr ?: conf->mst_enabled_attr,
			    "mst_enabled: not with stp_state 1, which is one spanning tree for all VLANs; stp_state 2 leaves them to a daemon");
	return -EBUSY;
}

int vnb_bridge_config_parse(struct vnb_bridge_config *conf,
			    struct nlattr **data,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = data[IFLA_VNETBR_BRIDGE];
	const struct nlattr *ext = data[IFLA_VNETBR_BRIDGE_EXT];
	int err;

	if (nest) {
		err = vnb_bridge_parse(conf, nest, extack);
		if (err)
			return err;
	}

	if (ext) {
		err = vnb_bridge_parse_ext(conf, ext, nest, extack);
		if (err)
			return err;
	}

	return vnb_bridge_check_mst(conf, extack);
}

void vnb_bridge_config_get(const struct vnb_bridge *br,
			   struct vnb_bridge_config *conf)
{
	ASSERT_RTNL();

	*conf = (struct vnb_bridge_config) {
		.ageing_time		= br->ageing_time,
		.group_fwd_mask		= br->group_fwd_mask,
		.vlan_proto		= br->vlan_proto,
		.default_pvid		= br->default_pvid,
		.vlan_filtering		= vnb_bridge_filters(br),
		.vlan_stats		= br->opts & VNB_BRIDGE_VLAN_STATS,
		.vlan_stats_per_port	= br->opts &
					  VNB_BRIDGE_VLAN_STATS_PER_PORT,
		.mst_enabled		= br->opts & VNB_BRIDGE_MST,
		.no_ll_learn		= br->opts & VNB_BRIDGE_NO_LL_LEARN,
		.fdb_max_learned	= br->fdb.max_learned,
		.fdb_max_port_learned	= br->fdb.max_port_learned,
		.fdb_max_vlan_learned	= br->fdb.max_vlan_learned,
		.fdb_max_moves		= br->fdb.max_moves,
		.nf_block		= br->opts & VNB_BRIDGE_NF_BLOCK,
		.neigh_snoop		= br->opts & VNB_BRIDGE_NEIGH_SNOOP,
		.neigh_max_snooped	= br->snoop.max,
	};
	vnb_stp_config_get(br, &conf->stp);
}

int vnb_bridge_config_apply(struct vnb_bridge *br,
			    const struct vnb_bridge_config *conf,
			    struct netlink_ext_ack *extack)
{
	/* local entries are static, learned and external ones are not */
	const struct vnb_fdb_filter dynamic = {
		.mask = VNB_FDB_STATIC | VNB_FDB_LOCAL,
	};
	/* what was snooped would be of other VLANs, or of nobody */
	bool forget = !conf->neigh_snoop ||
		      conf->vlan_filtering != vnb_bridge_filters(br) ||
		      conf->vlan_proto != br->vlan_proto;
	struct vnb_mst *mst;
	u32 opts;
	int err;

	ASSERT_RTNL();

	/* The only parts that can fail. */
	err = vnb_mst_prepare(br, conf, &mst, extack);
	if (err)
		return err;
	err = vnb_vlan_config_prepare(br, conf, extack);
	if (err) {
		vnb_mst_abort(br, mst);
		return err;
	}

	vnb_vlan_config_commit(br, conf, mst);
	opts = br->opts & ~(VNB_BRIDGE_NO_LL_LEARN | VNB_BRIDGE_NEIGH_SNOOP);
	if (conf->no_ll_learn)
		opts |= VNB_BRIDGE_NO_LL_LEARN;
	if (conf->neigh_snoop)
		opts |= VNB_BRIDGE_NEIGH_SNOOP;

	WRITE_ONCE(br->opts, opts);
	WRITE_ONCE(br->group_fwd_mask, conf->group_fwd_mask);
	WRITE_ONCE(br->fdb.max_learned, conf->fdb_max_learned);
	WRITE_ONCE(br->fdb.max_port_learned, conf->fdb_max_port_learned);
	WRITE_ONCE(br->fdb.max_vlan_learned, conf->fdb_max_vlan_learned);
	WRITE_ONCE(br->fdb.max_moves, conf->fdb_max_moves);
	WRITE_ONCE(br->snoop.max, conf->neigh_max_snooped);
	if (forget)
		vnb_snoop_flush(br);
	vnb_nf_bridge_set(br, conf->nf_block);

	br->ageing_time = conf->ageing_time;
	vnb_stp_config_apply(br, &conf->stp);
	if (conf->fdb_flush)
		vnb_fdb_flush(br, &dynamic);
	return 0;
}

size_t vnb_bridge_get_size(const struct net_device *dev)
{
	return nla_total_size(0) +		/* IFLA_VNETBR_BRIDGE */
	       nla_total_size(sizeof(u32)) +	/* AGEING_TIME */
	       vnb_stp_attr_size() +
	       nla_total_size(sizeof(u8)) +	/* VLAN_FILTERING */
	       nla_total_size(sizeof(u16)) +	/* VLAN_PROTOCOL */
	       nla_total_size(sizeof(u16)) +	/* VLAN_DEFAULT_PVID */
	       nla_total_size(sizeof(u8)) +	/* VLAN_STATS_ENABLED */
	       nla_total_size(sizeof(u8)) +	/* VLAN_STATS_PER_PORT */
	       nla_total_size(sizeof(u16)) +	/* GROUP_FWD_MASK */
	       vnb_options_off_size(VNB_BR_MAX, vnb_bridge_options) +
	       nla_total_size(sizeof(struct br_boolopt_multi)) +
	       nla_total_size(sizeof(u32)) +	/* FDB_N_LEARNED */
	       nla_total_size(sizeof(u32)) +	/* FDB_MAX_LEARNED */
	       nla_total_size(0) +		/* IFLA_VNETBR_BRIDGE_EXT */
	       nla_total_size(sizeof(u32)) +	/* FDB_MAX_PORT_LEARNED */
	       nla_total_size(sizeof(u32)) +	/* FDB_MAX_LEARNED */
	       nla_total_size(sizeof(u32)) +	/* FDB_N_LEARNED */
	       nla_total_size(sizeof(u32)) +	/* FDB_MAX_MOVES */
	       nla_total_size(sizeof(u8)) +	/* NF_BRIDGE */
	       nla_total_size(sizeof(u32)) +	/* FDB_MAX_VLAN_LEARNED */
	       nla_total_size(sizeof(u8)) +	/* NEIGH_SNOOP */
	       nla_total_size(sizeof(u32)) +	/* NEIGH_MAX_SNOOPED */
	       nla_total_size(sizeof(u32)) +	/* NEIGH_N_SNOOPED */
	       vnb_mst_attr_size(vnb_bridge(dev)) +
	       /* room for "bridge vlan", as in vnb_link_get_slave_size() */
	       vnb_vlan_nl_size(&vnb_bridge(dev)->local);
}

int vnb_bridge_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	struct vnb_bridge *br = vnb_bridge(dev);
	const struct vnb_fdb *fdb = &br->fdb;
	u32 n_learned = READ_ONCE(fdb->n_learned);
	/* those that the kernel knows, which need not be all that we do */
	const u32 known = GENMASK(BR_BOOLOPT_MAX - 1, 0);
	const struct br_boolopt_multi bm = {
		.optval = ((br->opts & VNB_BRIDGE_NO_LL_LEARN ?
			    BIT(BR_BOOLOPT_NO_LL_LEARN) : 0) |
			   (br->opts & VNB_BRIDGE_MST ?
			    BIT(BR_BOOLOPT_MST_ENABLE) : 0) |
			   BIT(BR_BOOLOPT_FDB_LOCAL_VLAN_0)) & known,
		.optmask = known,
	};
	struct nlattr *nest;

	nest = nla_nest_start(skb, IFLA_VNETBR_BRIDGE);
	if (!nest ||
	    nla_put_u32(skb, IFLA_BR_AGEING_TIME,
			jiffies_to_clock_t(fdb->ageing_time)) ||
	    vnb_stp_fill(skb, br) ||
	    nla_put_u8(skb, IFLA_BR_VLAN_FILTERING, vnb_bridge_filters(br)) ||
	    nla_put_be16(skb, IFLA_BR_VLAN_PROTOCOL, br->vlan_proto) ||
	    nla_put_u16(skb, IFLA_BR_VLAN_DEFAULT_PVID, br->default_pvid) ||
	    nla_put_u8(skb, IFLA_BR_VLAN_STATS_ENABLED,
		       !!(br->opts & VNB_BRIDGE_VLAN_STATS)) ||
	    nla_put_u8(skb, IFLA_BR_VLAN_STATS_PER_PORT,
		       !!(br->opts & VNB_BRIDGE_VLAN_STATS_PER_PORT)) ||
	    nla_put_u16(skb, IFLA_BR_GROUP_FWD_MASK, br->group_fwd_mask) ||
	    vnb_options_off_fill(skb, VNB_BR_MAX, vnb_bridge_options) ||
	    nla_put(skb, IFLA_BR_MULTI_BOOLOPT, sizeof(bm), &bm) ||
	    nla_put_u32(skb, IFLA_BR_FDB_N_LEARNED, n_learned) ||
	    nla_put_u32(skb, IFLA_BR_FDB_MAX_LEARNED, fdb->max_learned))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	nest = nla_nest_start(skb, IFLA_VNETBR_BRIDGE_EXT);
	if (!nest ||
	    nla_put_u32(skb, IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED,
			fdb->max_port_learned) ||
	    nla_put_u32(skb, IFLA_VNETBR_BR_FDB_MAX_LEARNED,
			fdb->max_learned) ||
	    nla_put_u32(skb, IFLA_VNETBR_BR_FDB_N_LEARNED, n_learned) ||
	    nla_put_u32(skb, IFLA_VNETBR_BR_FDB_MAX_MOVES, fdb->max_moves) ||
	    nla_put_u8(skb, IFLA_VNETBR_BR_NF_BRIDGE,
		       br->opts & VNB_BRIDGE_NF_BLOCK ?
		       VNETBR_NF_BRIDGE_BLOCK : VNETBR_NF_BRIDGE_OFF) ||
	    nla_put_u32(skb, IFLA_VNETBR_BR_FDB_MAX_VLAN_LEARNED,
			fdb->max_vlan_learned) ||
	    nla_put_u8(skb, IFLA_VNETBR_BR_NEIGH_SNOOP,
		       !!(br->opts & VNB_BRIDGE_NEIGH_SNOOP)) ||
	    nla_put_u32(skb, IFLA_VNETBR_BR_NEIGH_MAX_SNOOPED,
			br->snoop.max) ||
	    nla_put_u32(skb, IFLA_VNETBR_BR_NEIGH_N_SNOOPED,
			READ_ONCE(br->snoop.n)) ||
	    vnb_mst_fill(skb, br))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}
