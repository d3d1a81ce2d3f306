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
};

static_assert(ARRAY_SIZE(vnb_port_ext_policy) == IFLA_VNETBR_PORT_MAX + 1);

int vnb_port_ext_parse(struct vnb_port_config *conf, const struct nlattr *nest,
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

	return 0;
}

size_t vnb_port_ext_size(void)
{
	return nla_total_size(0) +		/* IFLA_VNETBR_PORT */
	       nla_total_size(sizeof(u32));	/* COMMUNITY */
}

int vnb_port_ext_fill(struct sk_buff *skb, const struct vnb_port *port)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, IFLA_VNETBR_PORT);
	if (!nest ||
	    nla_put_u32(skb, IFLA_VNETBR_PORT_COMMUNITY,
			READ_ONCE(port->community)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}
