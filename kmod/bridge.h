/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_BRIDGE_H
#define VNB_BRIDGE_H

#include <linux/idr.h>

#include "dev.h"
#include "fdb.h"
#include "neigh_snoop.h"
#include "port.h"
#include "stp.h"

struct vnb_mst;

/* Bits of vnb_bridge.opts. */
#define VNB_BRIDGE_NO_LL_LEARN	BIT(0)	/* not from reserved addresses */
#define VNB_BRIDGE_MTU_SET	BIT(1)	/* MTU set by a user, ports do not */
#define VNB_BRIDGE_VLAN_FILTERING BIT(2)	/* each frame is in a VLAN */
#define VNB_BRIDGE_VLAN_STATS	BIT(3)	/* count the frames of each VLAN ... */
#define VNB_BRIDGE_VLAN_STATS_PER_PORT BIT(4)	/* ... for each port */
#define VNB_BRIDGE_NF_BLOCK	BIT(5)	/* see vnb_nf_bridge_blocks() */
#define VNB_BRIDGE_MST		BIT(6)	/* VLANs have spanning trees */
#define VNB_BRIDGE_NEIGH_SNOOP	BIT(7)	/* see vnb_snoop() */

/* A hostile wire fills this much and no more; users can change both. */
#define VNB_FDB_MAX_LEARNED_DEFAULT		65536
#define VNB_FDB_MAX_PORT_LEARNED_DEFAULT	16384
#define VNB_FDB_MAX_MOVES_DEFAULT		100

/**
 * struct vnb_bridge - a device of mode bridge
 */
struct vnb_bridge {
	/** @vnb: what all modes have; stays first */
	struct vnb_dev		vnb;

	/** @opts: VNB_BRIDGE_* */
	u32			opts;

	/** @group_fwd_mask: reserved groups to forward, bit = last nibble */
	u16			group_fwd_mask;

	/** @vlan_proto: of the tags that count, network byte order */
	__be16			vlan_proto;
	/**
	 * @n_neigh_ports: ports for whose sake ARP is looked at; read by the
	 * path, written under RTNL
	 */
	unsigned int		n_neigh_ports;

	/**
	 * @n_suppress_ports: those of them with VNB_PORT_NEIGH_SUPPRESS or
	 * VNB_PORT_NEIGH_VLAN
	 */
	unsigned int		n_suppress_ports;

	/** @ports: all ports but @local, RCU list, newest last */
	struct list_head	ports;

	/** @fdb: where addresses are */
	struct vnb_fdb		fdb;

	/** @snoop: neighbours that were snooped */
	struct vnb_snoop	snoop;

	/** @local: the bridge's own port: its host interface */
	struct vnb_port		local;

	/** @mst: spanning trees of VLANs; NULL for mst_enabled off. RCU */
	struct vnb_mst __rcu	*mst;

	/** @stp: spanning tree */
	struct vnb_stp		stp;

	/**
	 * @n_forwarding: ports in forwarding state; carrier is on if any. Under
	 * vnb_stp.lock
	 */
	unsigned int		n_forwarding;

	/* RTNL */

	/** @ageing_time: jiffies; vnb_fdb.ageing_time is what is in force */
	unsigned long		ageing_time;
	/** @default_pvid: the VLAN that new ports are in, 0 for none */
	u16			default_pvid;

	/** @vlan_bound: there may be a VLAN device on top that is bound */
	bool			vlan_bound;

	/** @port_nos: port numbers in use */
	struct ida		port_nos;

	/** @n_ports: ports on @ports */
	unsigned int		n_ports;

	/** @port_features: what all ports can do, for ndo_fix_features */
	netdev_features_t	port_features;
};

/** vnb_bridge() - private data of a device of mode bridge */
static inline struct vnb_bridge *vnb_bridge(const struct net_device *dev)
{
	return netdev_priv(dev);
}

/** vnb_bridge_filters() - is each frame in a VLAN? Context: any. */
static inline bool vnb_bridge_filters(const struct vnb_bridge *br)
{
	return READ_ONCE(br->opts) & VNB_BRIDGE_VLAN_FILTERING;
}

/** vnb_bridge_is_provider() - by tags of 802.1ad? Context: any. */
static inline bool vnb_bridge_is_provider(const struct vnb_bridge *br)
{
	return vnb_bridge_filters(br) &&
	       READ_ONCE(br->vlan_proto) == htons(ETH_P_8021AD);
}

/**
 * vnb_stp_group() - last byte of the group address that BPDUs go to
 * @br: the bridge
 *
 * Those of customers are frames like others to a provider bridge. Context: any.
 * Return: as of 802.1Q-2022 table 8-1 or 8-2.
 */
static inline u8 vnb_stp_group(const struct vnb_bridge *br)
{
	return vnb_bridge_is_provider(br) ? 8 : 0;
}

/**
 * vnb_bridge_port_added() - take a new port into MTU, features and headroom
 * @br: the bridge
 * @port: on the list already
 *
 * O(1). Context: RTNL.
 */
void vnb_bridge_port_added(struct vnb_bridge *br, struct vnb_port *port);

/**
 * vnb_bridge_port_removed() - take a port out of MTU, features and headroom
 * @br: the bridge
 * @port: off the list already
 *
 * O(1) while the ports are alike. Context: RTNL.
 */
void vnb_bridge_port_removed(struct vnb_bridge *br,
			     const struct vnb_port *port);

/**
 * vnb_bridge_ports_changed() - compute MTU, features and headroom from all
 * ports
 * @br: the bridge
 *
 * O(ports). Context: RTNL.
 */
void vnb_bridge_ports_changed(struct vnb_bridge *br);

/**
 * vnb_bridge_update_carrier() - carrier is on while a port forwards
 * @br: the bridge
 *
 * Context: under vnb_stp.lock.
 */
void vnb_bridge_update_carrier(struct vnb_bridge *br);

/* bridge_cfg.c: IFLA_BR_* and IFLA_VNETBR_BR_* */

/**
 * struct vnb_bridge_config - what can be configured, in the kernel's units
 */
struct vnb_bridge_config {
	/** @ageing_time: jiffies */
	unsigned long	ageing_time;
	/** @group_fwd_mask: reserved groups to forward */
	u16		group_fwd_mask;
	/** @vlan_proto: of tags, network byte order */
	__be16		vlan_proto;
	/** @default_pvid: the VLAN that ports are in, 0 for none */
	u16		default_pvid;
	/** @vlan_filtering: each frame is in a VLAN */
	bool		vlan_filtering;
	/** @vlan_stats: count the frames of each VLAN */
	bool		vlan_stats;
	/** @vlan_stats_per_port: for each port */
	bool		vlan_stats_per_port;
	/** @per_port_attr: the attribute that says so, or NULL; to be blamed */
	const struct nlattr *per_port_attr;
	/** @mst_enabled: VLANs have spanning trees of their own */
	bool		mst_enabled;
	/** @mst_enabled_attr: the attribute that says so, or NULL */
	const struct nlattr *mst_enabled_attr;
	/**
	 * @mst: IFLA_VNETBR_BR_MST, VLANs that change their spanning tree, or
	 * NULL; an action, not a state
	 */
	const struct nlattr *mst;
	/** @no_ll_learn: do not learn from frames to reserved addresses */
	bool		no_ll_learn;
	/** @fdb_flush: forget all dynamic entries; an action, not a state */
	bool		fdb_flush;
	/** @fdb_max_learned: entries, 0 is no limit */
	u32		fdb_max_learned;
	/** @fdb_max_port_learned: entries, 0 is no limit */
	u32		fdb_max_port_learned;
	/** @fdb_max_vlan_learned: entries, 0 is no limit */
	u32		fdb_max_vlan_learned;
	/** @fdb_max_moves: of one address in a row, 0 is no limit */
	u32		fdb_max_moves;
	/** @stp: spanning tree */
	struct vnb_stp_config stp;
	/** @nf_block: forward nothing while family bridge has hooks */
	bool		nf_block;
	/** @neigh_snoop: note neighbours from what they say */
	bool		neigh_snoop;
	/** @neigh_max_snooped: entries */
	u32		neigh_max_snooped;
};

#define VNB_BRIDGE_CONFIG_DEFAULT {					\
	.ageing_time		= BR_DEFAULT_AGEING_TIME,		\
	.vlan_proto		= htons(ETH_P_8021Q),			\
	.default_pvid		= 1,					\
	.fdb_max_learned	= VNB_FDB_MAX_LEARNED_DEFAULT,		\
	.fdb_max_port_learned	= VNB_FDB_MAX_PORT_LEARNED_DEFAULT,	\
	.fdb_max_moves		= VNB_FDB_MAX_MOVES_DEFAULT,		\
	.stp			= VNB_STP_CONFIG_DEFAULT,		\
	.neigh_max_snooped	= VNB_SNOOP_MAX_DEFAULT,		\
}

/**
 * vnb_bridge_config_parse() - attributes to configuration
 * @conf: in: the present (or default) values; out: with those in @data
 * @data: IFLA_INFO_DATA
 * @extack: names the attribute that is refused
 *
 * Touches no device.
 * Return: 0 or a negative error; @conf is then not to be used.
 */
int vnb_bridge_config_parse(struct vnb_bridge_config *conf,
			    struct nlattr **data,
			    struct netlink_ext_ack *extack);

/** vnb_bridge_config_get() - read the configuration of a bridge */
void vnb_bridge_config_get(const struct vnb_bridge *br,
			   struct vnb_bridge_config *conf);

/**
 * vnb_bridge_config_apply() - make it so, all or nothing
 * @br: the bridge
 * @conf: as it is to be
 * @extack: says what is wrong
 *
 * Context: RTNL, process.
 * Return: 0 or a negative error.
 */
int vnb_bridge_config_apply(struct vnb_bridge *br,
			    const struct vnb_bridge_config *conf,
			    struct netlink_ext_ack *extack);

size_t vnb_bridge_get_size(const struct net_device *dev);
int vnb_bridge_fill_info(struct sk_buff *skb, const struct net_device *dev);

/* bridge_nl.c: PF_BRIDGE messages of the bridge command */

int vnb_bridge_getlink(struct sk_buff *skb, u32 pid, u32 seq,
		       struct net_device *dev, u32 filter_mask, int nlflags);
int vnb_bridge_setlink(struct net_device *dev, struct nlmsghdr *nlh, u16 flags,
		       struct netlink_ext_ack *extack);
int vnb_bridge_dellink(struct net_device *dev, struct nlmsghdr *nlh, u16 flags);

/**
 * vnb_bridge_notify() - tell ``bridge monitor link`` about a port
 * @port: the port, or the bridge's own
 * @event: RTM_NEWLINK or RTM_DELLINK
 *
 * What is to be told of addresses goes first.
 * Context: RTNL, process.
 */
void vnb_bridge_notify(const struct vnb_port *port, int event);

#endif /* VNB_BRIDGE_H */
