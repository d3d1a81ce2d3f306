/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_TUNNEL_CFG_H
#define VNB_TUNNEL_CFG_H

#include <linux/if_link.h>
#include <linux/netlink.h>

#include <net/ipv6.h>

#include "remote.h"

/* What a hostile underlay fills and no more; users can change it. */
#define VNB_TUNNEL_LIMIT_DEFAULT	65536

#define VNB_TUNNEL_AGEING_DEFAULT	300	/* seconds */

#define VNB_TUNNEL_TOS_INHERIT		1

/**
 * struct vnb_tunnel_config - what can be configured, in the units of netlink
 *
 * The one that a tunnel uses is immutable: a change replaces it as a whole
 * under RCU, so that a frame never sees half of a change.
 */
struct vnb_tunnel_config {
	/* read for every frame */

	/** @vni: VXLAN network identifier */
	u32		vni;

	/** @label: IPv6 flow label */
	__be32		label;

	/** @port: UDP port that is listened on and sent to */
	__be16		port;

	/** @family: of all addresses: AF_INET or AF_INET6 */
	u8		family;

	/** @ttl: 0 for the default of the route, or 1 to a multicast group */
	u8		ttl;

	/** @ttl_inherit: take it from the inner packet */
	u8		ttl_inherit;

	/** @tos: VNB_TUNNEL_TOS_INHERIT to take it from the inner packet */
	u8		tos;

	/** @df: enum ifla_vxlan_df */
	u8		df;

	/** @udp_csum: send UDP checksums over IPv4 */
	u8		udp_csum;

	/** @zero_csum6_tx: do not send them over IPv6 */
	u8		zero_csum6_tx;

	/** @zero_csum6_rx: take frames without them over IPv6 */
	u8		zero_csum6_rx;

	/** @learning: learn remotes from received frames */
	u8		learning;

	/** @strict: refuse reserved bits */
	u8		strict;

	/** @rx_gro: enum vnetbr_rx_gro */
	u8		rx_gro;

	/** @sport: source ports, both inclusive, spread by inner flow */
	struct ifla_vxlan_port_range sport;

	/** @limit: most learned entries, 0 is no limit */
	u32		limit;

	/** @local: source address, or zero: the route chooses */
	union vnb_ip	local;

	/* the rest */

	/** @remote: default remote or multicast group, or zero */
	union vnb_ip	remote;

	/** @link: ifindex of the underlay device, or 0 */
	u32		link;

	/** @ageing: seconds until a learned entry is removed, 0 is never */
	u32		ageing;

	/** @rcu: frees it after the last reader */
	struct rcu_head	rcu;
};

/** vnb_tunnel_config_csum() - does the tunnel send UDP checksums? */
static inline bool vnb_tunnel_config_csum(const struct vnb_tunnel_config *cfg)
{
	return cfg->family == AF_INET ? cfg->udp_csum : !cfg->zero_csum6_tx;
}

/** vnb_tunnel_config_is_group() - is the default remote a multicast group? */
static inline bool
vnb_tunnel_config_is_group(const struct vnb_tunnel_config *cfg)
{
	return vnb_ip_is_multicast(&cfg->remote, cfg->family);
}

/** vnb_tunnel_config_equal() - is one a copy of the other, unchanged? */
static inline bool
vnb_tunnel_config_equal(const struct vnb_tunnel_config *a,
			const struct vnb_tunnel_config *b)
{
	return !memcmp(a, b, offsetof(struct vnb_tunnel_config, rcu));
}

/**
 * vnb_tunnel_config_init() - default values
 * @cfg: what gets them
 *
 * The destination port is IANA's 4789 and source ports are dynamic ones
 * (RFC 7348 section 5), where the in-tree driver has 8472 and the range of
 * local ports. Learned entries are limited, where it has no limit.
 */
void vnb_tunnel_config_init(struct vnb_tunnel_config *cfg);

/**
 * vnb_tunnel_config_parse() - attributes to configuration
 * @cfg: in: the present (or default) values; out: with those in @data
 * @data: IFLA_INFO_DATA
 * @create: what is required at creation has to be there
 * @extack: names the attribute that is refused
 *
 * Touches no device.
 * Return: 0 or a negative error; @cfg is then not to be used.
 */
int vnb_tunnel_config_parse(struct vnb_tunnel_config *cfg,
			    struct nlattr **data, bool create,
			    struct netlink_ext_ack *extack);

/**
 * vnb_tunnel_config_validate() - rules between options
 * @cfg: parsed configuration
 * @extack: names the option that is refused
 *
 * Touches no device: that @link exists is not asked here.
 * Return: 0 or a negative error.
 */
int vnb_tunnel_config_validate(const struct vnb_tunnel_config *cfg,
			       struct netlink_ext_ack *extack);

/** vnb_tunnel_config_size() - upper bound of vnb_tunnel_config_fill() */
size_t vnb_tunnel_config_size(void);

/**
 * vnb_tunnel_config_fill() - configuration to attributes
 * @skb: message
 * @cfg: the configuration
 *
 * Return: 0 or -EMSGSIZE.
 */
int vnb_tunnel_config_fill(struct sk_buff *skb,
			   const struct vnb_tunnel_config *cfg);

#endif /* VNB_TUNNEL_CFG_H */
