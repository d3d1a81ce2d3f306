// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to the devices that are ports, or that tunnels go through.
 */
#include "notifier.h"

#include <linux/netdevice.h>

#include "bridge.h"
#include "pair.h"
#include "tunnel.h"
#include "vlan_binding.h"

/*
 * From 7.2 on, UP and CHANGE arrive with the instance lock of the device held:
 * nothing here may call a function that takes it.
 */
static int vnb_notify_port(struct vnb_port *port, unsigned long event)
{
	switch (event) {
	case NETDEV_UP:
	case NETDEV_CHANGE:
		vnb_stp_port_link(port);
		fallthrough;
	case NETDEV_DOWN:
		vnb_port_update(port);
		vnb_vlan_binding_update(port->br);
		break;
	case NETDEV_CHANGEADDR:
		return vnb_fdb_change_local(port, port->dev->dev_addr);
	case NETDEV_CHANGEMTU:
	case NETDEV_FEAT_CHANGE:
		vnb_bridge_ports_changed(port->br);
		break;
	case NETDEV_CHANGENAME:
		vnb_bridge_notify(port, RTM_NEWLINK);
		break;
	case NETDEV_UNREGISTER:
		vnb_port_detach(port);
		break;
	case NETDEV_PRE_TYPE_CHANGE:
		/* A port has to stay an Ethernet device. */
		return -EBUSY;
	}

	return 0;
}

static int vnb_bridge_changed_addr(struct vnb_bridge *br)
{
	vnb_stp_set_id(br);
	return vnb_fdb_change_local(&br->local, br->vnb.dev->dev_addr);
}

static int vnb_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct vnb_port *port = vnb_port_get_rtnl(dev);
	int err = 0;

	if (port)
		err = vnb_notify_port(port, event);
	else if (vnb_dev_is_bridge(dev) && event == NETDEV_CHANGEADDR)
		err = vnb_bridge_changed_addr(vnb_bridge(dev));

	vnb_pair_notify(dev, event);
	vnb_tunnel_notify(dev, event);
	vnb_vlan_binding_notify(dev, event);
	return notifier_from_errno(err);
}

static struct notifier_block vnb_notifier = {
	.notifier_call	= vnb_notify,
};

int vnb_notifier_register(void)
{
	return register_netdevice_notifier(&vnb_notifier);
}

void vnb_notifier_unregister(void)
{
	unregister_netdevice_notifier(&vnb_notifier);
}
