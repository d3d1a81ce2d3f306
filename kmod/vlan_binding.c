// SPDX-License-Identifier: GPL-2.0
/*
 * The carrier of VLAN devices on top of a bridge that are bound to its ports.
 */
#include "vlan_binding.h"

#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "vlan.h"

static bool vnb_vlan_is_bound(const struct net_device *dev)
{
	return is_vlan_dev(dev) &&
	       vlan_dev_priv(dev)->flags & VLAN_FLAG_BRIDGE_BINDING;
}

static bool vnb_vlan_has_link(const struct vnb_bridge *br, u16 vid)
{
	const struct vnb_port *port;

	if (!netif_carrier_ok(br->vnb.dev))
		return false;

	list_for_each_entry(port, &br->ports, list)
		if (vnb_vlan_is_member(port, vid) && vnb_port_is_up(port))
			return true;

	return false;
}

/* Only of a bound one: 8021q sees to the others. */
static void vnb_vlan_binding_update_one(struct vnb_bridge *br,
					struct net_device *upper)
{
	if (!vnb_vlan_is_bound(upper))
		return;

	br->vlan_bound = true;
	if (vnb_vlan_has_link(br, vlan_dev_priv(upper)->vlan_id))
		netif_carrier_on(upper);
	else
		netif_carrier_off(upper);
}

void vnb_vlan_binding_update(struct vnb_bridge *br)
{
	struct net_device *upper;
	struct list_head *iter;

	ASSERT_RTNL();

	if (!br->vlan_bound)
		return;

	/* the last one may be gone, or not be bound any more */
	br->vlan_bound = false;
	netdev_for_each_upper_dev_rcu(br->vnb.dev, upper, iter)
		vnb_vlan_binding_update_one(br, upper);
}

/* Its flags may have changed: that comes as a change while it is up. */
static void vnb_vlan_binding_upper(struct net_device *upper)
{
	struct net_device *dev = vlan_dev_priv(upper)->real_dev;

	if (!vnb_dev_is_bridge(dev))
		return;

	if (vnb_vlan_is_bound(upper))
		vnb_vlan_binding_update_one(vnb_bridge(dev), upper);
	else
		netif_stacked_transfer_operstate(dev, upper);
}

void vnb_vlan_binding_notify(struct net_device *dev, unsigned long event)
{
	bool up = event == NETDEV_UP || event == NETDEV_CHANGE;

	if (vnb_dev_is_bridge(dev) && (up || event == NETDEV_DOWN))
		vnb_vlan_binding_update(vnb_bridge(dev));
	else if (is_vlan_dev(dev) && up)
		vnb_vlan_binding_upper(dev);
}
