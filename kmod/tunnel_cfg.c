// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration of a tunnel: IFLA_VXLAN_* and IFLA_VNETBR_VXLAN_*.
 *
 * Copyright (C) the vnetbr authors
 */

#include "tunnel_cfg.h"

#include <linux/ipv6.h>
#include <linux/vnetbr.h>

#include <net/netlink.h>

#include "option.h"
#include "vxlan.h"

static const struct nla_policy vnb_tunnel_policy[] = {
	[IFLA_VXLAN_ID]	= NLA_POLICY_MASK(NLA_U32, VNB_VXLAN_VNI_MAX),
	[IFLA_VXLAN_GROUP]		= NLA_POLICY_EXACT_LEN(sizeof(__be32)),
	[IFLA_VXLAN_LINK]		= { .type = NLA_U32 },
	[IFLA_VXLAN_LOCAL]		= NLA_POLICY_EXACT_LEN(sizeof(__be32)),
	[IFLA_VXLAN_TTL]		= { .type = NLA_U8 },
	[IFLA_VXLAN_TOS]		= { .type = NLA_U8 },
	[IFLA_VXLAN_LEARNING]		= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_VXLAN_AGEING]		= { .type = NLA_U32 },
	[IFLA_VXLAN_LIMIT]		= { .type = NLA_U32 },
	[IFLA_VXLAN_PORT_RANGE] =
		NLA_POLICY_EXACT_LEN(sizeof(struct ifla_vxlan_port_range)),
	[IFLA_VXLAN_PROXY]		= { .type = NLA_U8 },
	[IFLA_VXLAN_RSC]		= { .type = NLA_U8 },
	[IFLA_VXLAN_L2MISS]		= { .type = NLA_U8 },
	[IFLA_VXLAN_L3MISS]		= { .type = NLA_U8 },
	[IFLA_VXLAN_PORT]		= { .type = NLA_U16 },
	[IFLA_VXLAN_GROUP6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[IFLA_VXLAN_LOCAL6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[IFLA_VXLAN_UDP_CSUM]		= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_VXLAN_UDP_ZERO_CSUM6_TX]	= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_VXLAN_UDP_ZERO_CSUM6_RX]	= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_VXLAN_REMCSUM_TX]		= { .type = NLA_U8 },
	[IFLA_VXLAN_REMCSUM_RX]		= { .type = NLA_U8 },
	[IFLA_VXLAN_GBP]		= { .type = NLA_FLAG },
	[IFLA_VXLAN_REMCSUM_NOPARTIAL]	= { .type = NLA_FLAG },
	[IFLA_VXLAN_COLLECT_METADATA]	= { .type = NLA_U8 },
	[IFLA_VXLAN_LABEL]		= { .type = NLA_U32 },
	[IFLA_VXLAN_GPE]		= { .type = NLA_FLAG },
	/* a flag in requests, u8 in dumps: both are taken */
	[IFLA_VXLAN_TTL_INHERIT]	= NLA_POLICY_RANGE(NLA_BINARY, 0, 1),
	[IFLA_VXLAN_DF]			= NLA_POLICY_MAX(NLA_U8, VXLAN_DF_MAX),
	[IFLA_VXLAN_VNIFILTER]		= { .type = NLA_U8 },
	[IFLA_VXLAN_LOCALBYPASS]	= { .type = NLA_U8 },
	[IFLA_VXLAN_LABEL_POLICY]	= { .type = NLA_U32 },
	[IFLA_VXLAN_RESERVED_BITS] =
		NLA_POLICY_EXACT_LEN(sizeof(struct vnb_vxlan_hdr)),
	[IFLA_VXLAN_MC_ROUTE]		= { .type = NLA_U8 },
};

#define VNB_VXLAN_MAX	(ARRAY_SIZE(vnb_tunnel_policy) - 1)

static const struct vnb_option vnb_tunnel_options[VNB_VXLAN_MAX + 1] = {
	[IFLA_VXLAN_ID]			= VNB_OPTION,
	[IFLA_VXLAN_GROUP]		= VNB_OPTION,
	[IFLA_VXLAN_LINK]		= VNB_OPTION,
	[IFLA_VXLAN_LOCAL]		= VNB_OPTION,
	[IFLA_VXLAN_TTL]		= VNB_OPTION,
	[IFLA_VXLAN_TOS]		= VNB_OPTION,
	[IFLA_VXLAN_LEARNING]		= VNB_OPTION,
	[IFLA_VXLAN_AGEING]		= VNB_OPTION,
	[IFLA_VXLAN_LIMIT]		= VNB_OPTION,
	[IFLA_VXLAN_PORT_RANGE]		= VNB_OPTION,
	[IFLA_VXLAN_PROXY]		= VNB_OPTION_OFF("proxy"),
	[IFLA_VXLAN_RSC]		= VNB_OPTION_OFF("rsc"),
	[IFLA_VXLAN_L2MISS]		= VNB_OPTION_OFF("l2miss"),
	[IFLA_VXLAN_L3MISS]		= VNB_OPTION_OFF("l3miss"),
	[IFLA_VXLAN_PORT]		= VNB_OPTION,
	[IFLA_VXLAN_GROUP6]		= VNB_OPTION,
	[IFLA_VXLAN_LOCAL6]		= VNB_OPTION,
	[IFLA_VXLAN_UDP_CSUM]		= VNB_OPTION,
	[IFLA_VXLAN_UDP_ZERO_CSUM6_TX]	= VNB_OPTION,
	[IFLA_VXLAN_UDP_ZERO_CSUM6_RX]	= VNB_OPTION,
	[IFLA_VXLAN_REMCSUM_TX]		= VNB_OPTION_OFF("remcsumtx"),
	[IFLA_VXLAN_REMCSUM_RX]		= VNB_OPTION_OFF("remcsumrx"),
	[IFLA_VXLAN_GBP]		= VNB_OPTION_NO("gbp"),
	[IFLA_VXLAN_REMCSUM_NOPARTIAL]	= VNB_OPTION_NO("remcsum_nopartial"),
	[IFLA_VXLAN_COLLECT_METADATA]	= VNB_OPTION_OFF("external"),
	[IFLA_VXLAN_LABEL]		= VNB_OPTION,
	[IFLA_VXLAN_GPE]		= VNB_OPTION_NO("gpe"),
	[IFLA_VXLAN_TTL_INHERIT]	= VNB_OPTION,
	[IFLA_VXLAN_DF]			= VNB_OPTION,
	[IFLA_VXLAN_VNIFILTER]		= VNB_OPTION_OFF("vnifilter"),
	[IFLA_VXLAN_LOCALBYPASS]	= VNB_OPTION_OFF("localbypass"),
	[IFLA_VXLAN_LABEL_POLICY]	= VNB_OPTION_OFF("label_policy"),
	[IFLA_VXLAN_RESERVED_BITS]	= VNB_OPTION_NO("reserved_bits"),
	[IFLA_VXLAN_MC_ROUTE]		= VNB_OPTION_OFF("mcroute"),
};

static const struct nla_policy vnb_tunnel_ext_policy[] = {
	[IFLA_VNETBR_VXLAN_STRICT]	= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_VNETBR_VXLAN_RX_GRO] = NLA_POLICY_MAX(NLA_U8, VNETBR_RX_GRO_MAX),
};

/* An attribute whose payload is a member of the configuration as it is. */
struct vnb_tunnel_field {
	u8	attr;
	u8	len;
	u16	offset;
};

#define VNB_TUNNEL_FIELD(_attr, _member) {				\
	.attr	= _attr,						\
	.len	= sizeof_field(struct vnb_tunnel_config, _member),	\
	.offset	= offsetof(struct vnb_tunnel_config, _member),		\
}

static const struct vnb_tunnel_field vnb_tunnel_fields[] = {
	VNB_TUNNEL_FIELD(IFLA_VXLAN_ID, vni),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_LINK, link),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_TTL, ttl),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_TOS, tos),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_LEARNING, learning),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_AGEING, ageing),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_LIMIT, limit),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_PORT_RANGE, sport),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_PORT, port),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_UDP_CSUM, udp_csum),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_UDP_ZERO_CSUM6_TX, zero_csum6_tx),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_UDP_ZERO_CSUM6_RX, zero_csum6_rx),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_LABEL, label),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_TTL_INHERIT, ttl_inherit),
	VNB_TUNNEL_FIELD(IFLA_VXLAN_DF, df),
};

static const struct vnb_tunnel_field vnb_tunnel_ext_fields[] = {
	VNB_TUNNEL_FIELD(IFLA_VNETBR_VXLAN_STRICT, strict),
	VNB_TUNNEL_FIELD(IFLA_VNETBR_VXLAN_RX_GRO, rx_gro),
};

static void vnb_tunnel_fields_get(struct vnb_tunnel_config *cfg,
				  struct nlattr **tb,
				  const struct vnb_tunnel_field *field,
				  unsigned int n)
{
	for (; n; n--, field++)
		if (tb[field->attr])
			nla_memcpy((void *)cfg + field->offset,
				   tb[field->attr], field->len);
}

static int vnb_tunnel_fields_put(struct sk_buff *skb,
				 const struct vnb_tunnel_config *cfg,
				 const struct vnb_tunnel_field *field,
				 unsigned int n)
{
	int err = 0;

	for (; n && !err; n--, field++)
		err = nla_put(skb, field->attr, field->len,
			      (const void *)cfg + field->offset);

	return err;
}

static size_t vnb_tunnel_fields_size(const struct vnb_tunnel_field *field,
				     unsigned int n)
{
	size_t size = 0;

	for (; n; n--, field++)
		size += nla_total_size(field->len);

	return size;
}

void vnb_tunnel_config_init(struct vnb_tunnel_config *cfg)
{
	*cfg = (struct vnb_tunnel_config) {
		.family		= AF_INET,
		.port		= htons(VNB_VXLAN_PORT),
		.sport.low	= htons(VNB_VXLAN_SPORT_MIN),
		.sport.high	= htons(VNB_VXLAN_SPORT_MAX),
		.udp_csum	= true,
		.learning	= true,
		.limit		= VNB_TUNNEL_LIMIT_DEFAULT,
		.ageing		= VNB_TUNNEL_AGEING_DEFAULT,
		.rx_gro		= VNETBR_RX_GRO_AUTO,
	};
}

/* One address, of which there are two kinds. Return: its family, 0 for none. */
static int vnb_tunnel_parse_ip(union vnb_ip *ip, u8 family,
			       const struct nlattr *v4, const struct nlattr *v6,
			       struct netlink_ext_ack *extack)
{
	if (v4 && v6) {
		NL_SET_ERR_MSG_ATTR(extack, v6,
				    "An IPv4 and an IPv6 address for the same option");
		return -EINVAL;
	}

	if (!v4 && !v6)
		return vnb_ip_is_any(ip) ? 0 : family;

	memset(ip, 0, sizeof(*ip));
	nla_memcpy(ip, v4 ? : v6, sizeof(*ip));
	return v4 ? AF_INET : AF_INET6;
}

static int vnb_tunnel_parse_ips(struct vnb_tunnel_config *cfg,
				struct nlattr **tb,
				struct netlink_ext_ack *extack)
{
	int local, remote;

	local = vnb_tunnel_parse_ip(&cfg->local, cfg->family,
				    tb[IFLA_VXLAN_LOCAL], tb[IFLA_VXLAN_LOCAL6],
				    extack);
	if (local < 0)
		return local;

	remote = vnb_tunnel_parse_ip(&cfg->remote, cfg->family,
				     tb[IFLA_VXLAN_GROUP],
				     tb[IFLA_VXLAN_GROUP6], extack);
	if (remote < 0)
		return remote;

	if (local && remote && local != remote) {
		NL_SET_ERR_MSG(extack,
			       "local and remote are not of the same address family");
		return -EINVAL;
	}

	cfg->family = local ? : remote ? : cfg->family;
	return 0;
}

/* What zero stands for, and what the policy cannot say. */
static int vnb_tunnel_parse_values(struct vnb_tunnel_config *cfg,
				   struct nlattr **tb,
				   struct netlink_ext_ack *extack)
{
	if (tb[IFLA_VXLAN_TTL_INHERIT])
		cfg->ttl_inherit = !nla_len(tb[IFLA_VXLAN_TTL_INHERIT]) ||
				   nla_get_u8(tb[IFLA_VXLAN_TTL_INHERIT]);
	else if (tb[IFLA_VXLAN_TTL])
		cfg->ttl_inherit = false;

	if (!cfg->port)
		cfg->port = htons(VNB_VXLAN_PORT);

	if (!cfg->sport.low && !cfg->sport.high) {
		cfg->sport.low = htons(VNB_VXLAN_SPORT_MIN);
		cfg->sport.high = htons(VNB_VXLAN_SPORT_MAX);
	}

	if (!cfg->sport.low || ntohs(cfg->sport.low) > ntohs(cfg->sport.high)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_VXLAN_PORT_RANGE],
				    "srcport has to be a range from low to high, without 0");
		return -EINVAL;
	}

	if (cfg->label & ~IPV6_FLOWLABEL_MASK) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_VXLAN_LABEL],
				    "flowlabel has 20 bits");
		return -EINVAL;
	}

	return 0;
}

static int vnb_tunnel_parse(struct vnb_tunnel_config *cfg,
			    const struct nlattr *nest, bool create,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VNB_VXLAN_MAX + 1];
	int err;

	err = nla_parse(tb, VNB_VXLAN_MAX, nla_data(nest), nla_len(nest),
			vnb_tunnel_policy, extack);
	if (err)
		return err;

	err = vnb_options_check(tb, VNB_VXLAN_MAX, vnb_tunnel_options, extack);
	if (err)
		return err;

	if (create && NL_REQ_ATTR_CHECK(extack, nest, tb, IFLA_VXLAN_ID)) {
		NL_SET_ERR_MSG(extack, "id is required");
		return -EINVAL;
	}

	vnb_tunnel_fields_get(cfg, tb, vnb_tunnel_fields,
			      ARRAY_SIZE(vnb_tunnel_fields));

	err = vnb_tunnel_parse_values(cfg, tb, extack);
	if (err)
		return err;

	return vnb_tunnel_parse_ips(cfg, tb, extack);
}

static int vnb_tunnel_parse_ext(struct vnb_tunnel_config *cfg,
				const struct nlattr *nest,
				struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IFLA_VNETBR_VXLAN_MAX + 1];
	int err;

	err = nla_parse(tb, IFLA_VNETBR_VXLAN_MAX, nla_data(nest),
			nla_len(nest), vnb_tunnel_ext_policy, extack);
	if (err)
		return err;

	vnb_tunnel_fields_get(cfg, tb, vnb_tunnel_ext_fields,
			      ARRAY_SIZE(vnb_tunnel_ext_fields));
	return 0;
}

int vnb_tunnel_config_parse(struct vnb_tunnel_config *cfg,
			    struct nlattr **data, bool create,
			    struct netlink_ext_ack *extack)
{
	int err;

	/* Who cannot say an id can but say an alias: VNI 0 for now. */
	if (create && data[IFLA_VNETBR_MODE] &&
	    NL_REQ_ATTR_CHECK(extack, NULL, data, IFLA_VNETBR_VXLAN)) {
		NL_SET_ERR_MSG(extack, "id is required");
		return -EINVAL;
	}

	if (data[IFLA_VNETBR_VXLAN]) {
		err = vnb_tunnel_parse(cfg, data[IFLA_VNETBR_VXLAN], create,
				       extack);
		if (err)
			return err;
	}

	if (data[IFLA_VNETBR_VXLAN_EXT])
		return vnb_tunnel_parse_ext(cfg, data[IFLA_VNETBR_VXLAN_EXT],
					    extack);

	return 0;
}

static int vnb_tunnel_validate6(const struct vnb_tunnel_config *cfg,
				struct netlink_ext_ack *extack)
{
	bool local = vnb_ip_is_linklocal6(&cfg->local, cfg->family);
	bool remote = vnb_ip_is_linklocal6(&cfg->remote, cfg->family);

	if (!ipv6_mod_enabled()) {
		NL_SET_ERR_MSG(extack, "IPv6 is disabled in the kernel");
		return -EPFNOSUPPORT;
	}

	if ((local || remote) && !cfg->link) {
		NL_SET_ERR_MSG(extack, "A link-local address requires dev");
		return -EINVAL;
	}

	if (local != remote && !vnb_ip_is_any(&cfg->local) &&
	    !vnb_ip_is_any(&cfg->remote) && !vnb_tunnel_config_is_group(cfg)) {
		NL_SET_ERR_MSG(extack,
			       "local and remote have to be link-local both, or none");
		return -EINVAL;
	}

	return 0;
}

int vnb_tunnel_config_validate(const struct vnb_tunnel_config *cfg,
			       struct netlink_ext_ack *extack)
{
	if (vnb_ip_is_multicast(&cfg->local, cfg->family)) {
		NL_SET_ERR_MSG(extack, "local is a multicast address");
		return -EINVAL;
	}

	if (vnb_tunnel_config_is_group(cfg) && !cfg->link) {
		NL_SET_ERR_MSG(extack, "A multicast group requires dev");
		return -EINVAL;
	}

	if (cfg->family == AF_INET6)
		return vnb_tunnel_validate6(cfg, extack);

	if (cfg->label) {
		NL_SET_ERR_MSG(extack, "flowlabel requires IPv6 addresses");
		return -EINVAL;
	}

	return 0;
}

size_t vnb_tunnel_config_size(void)
{
	return nla_total_size(0) +			/* IFLA_VNETBR_VXLAN */
	       vnb_tunnel_fields_size(vnb_tunnel_fields,
				      ARRAY_SIZE(vnb_tunnel_fields)) +
	       /* IFLA_VXLAN_GROUP or GROUP6, IFLA_VXLAN_LOCAL or LOCAL6 */
	       2 * nla_total_size(sizeof(struct in6_addr)) +
	       nla_total_size(sizeof(u8)) +	/* IFLA_VXLAN_LOCALBYPASS */
	       nla_total_size(0) +		/* IFLA_VNETBR_VXLAN_EXT */
	       vnb_tunnel_fields_size(vnb_tunnel_ext_fields,
				      ARRAY_SIZE(vnb_tunnel_ext_fields));
}

static int vnb_tunnel_put_ip(struct sk_buff *skb, const union vnb_ip *ip,
			     u8 family, int v4, int v6)
{
	if (vnb_ip_is_any(ip))
		return 0;

	return family == AF_INET ? nla_put_in_addr(skb, v4, ip->v4) :
				   nla_put_in6_addr(skb, v6, &ip->v6);
}

int vnb_tunnel_config_fill(struct sk_buff *skb,
			   const struct vnb_tunnel_config *cfg)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, IFLA_VNETBR_VXLAN);
	if (!nest ||
	    vnb_tunnel_fields_put(skb, cfg, vnb_tunnel_fields,
				  ARRAY_SIZE(vnb_tunnel_fields)) ||
	    vnb_tunnel_put_ip(skb, &cfg->remote, cfg->family, IFLA_VXLAN_GROUP,
			      IFLA_VXLAN_GROUP6) ||
	    vnb_tunnel_put_ip(skb, &cfg->local, cfg->family, IFLA_VXLAN_LOCAL,
			      IFLA_VXLAN_LOCAL6) ||
	    nla_put_u8(skb, IFLA_VXLAN_LOCALBYPASS, 0))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	nest = nla_nest_start(skb, IFLA_VNETBR_VXLAN_EXT);
	if (!nest ||
	    vnb_tunnel_fields_put(skb, cfg, vnb_tunnel_ext_fields,
				  ARRAY_SIZE(vnb_tunnel_ext_fields)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}
