/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_VLAN_BINDING_H
#define VNB_VLAN_BINDING_H

struct net_device;
struct vnb_bridge;

/**
 * DOC: Bound VLAN devices
 *
 * A VLAN device on top of a bridge has the carrier of the bridge. One that is
 * made with "bridge_binding on" has that of its VLAN: on while the bridge has
 * its own and a port that is in the VLAN is up and has link. 8021q leaves that
 * to the bridge. As in-tree, the tables of VLANs count also while the bridge
 * does not filter, whatever the protocol of the device's tags is, and a port
 * that spanning tree blocks counts.
 */

#if IS_ENABLED(CONFIG_VLAN_8021Q)

/**
 * vnb_vlan_binding_update() - compute the carrier of all bound VLAN devices
 * @br: the bridge, whose ports, or their links or VLANs, have changed
 *
 * Not for options of the bridge: the core tells of their change as an event.
 * Once for all changes of a request: O(VLAN devices * ports), or nothing when
 * no VLAN device is bound. Context: RTNL.
 */
void vnb_vlan_binding_update(struct vnb_bridge *br);

/**
 * vnb_vlan_binding_notify() - what a netdevice event means to VLAN devices
 * @dev: any device
 * @event: NETDEV_*
 *
 * One is first seen when it comes up: its carrier is nobody's business before.
 * Context: RTNL, and maybe the instance lock of @dev (7.2).
 */
void vnb_vlan_binding_notify(struct net_device *dev, unsigned long event);

#else

static inline void vnb_vlan_binding_update(struct vnb_bridge *br)
{
}

static inline void vnb_vlan_binding_notify(struct net_device *dev,
					   unsigned long event)
{
}

#endif /* CONFIG_VLAN_8021Q */

#endif /* VNB_VLAN_BINDING_H */
