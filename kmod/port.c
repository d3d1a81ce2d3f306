// SPDX-License-Identifier: GPL-2.0
/*
 * Ports of a bridge: enslaving a device, releasing it, following its state.
 */
#include "port.h"

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/vnetbr.h>

#include "bridge.h"
#include "frame.h"
#include "mst.h"
#include "neigh.h"
#include "nf_bridge.h"
#include "vlan.h"
#include "vlan_binding.h"

#define VNB_PORT_NO_MAX	65535

struct vnb_port *vnb_port_get_rcu(const struct net_device *dev)
{
	if (rcu_access_pointer(dev->rx_handler) != vnb_rx_handler)
		return NULL;

	return rcu_dereference(dev->rx_handler_data);
}

struct vnb_port *vnb_port_get_rtnl(const struct net_device *dev)
{
	if (rcu_access_pointer(dev->rx_handler) != vnb_rx_handler)
		return NULL;

	return rtnl_dereference(dev->rx_handler_data);
}

static bool vnb_port_is_ours(u8 type)
{
	return type == VNB_PORT_PAIR || type == VNB_PORT_TUNNEL;
}

static enum vnb_port_type vnb_port_type_of(const struct net_device *dev)
{
	if (vnb_dev_is_pair(dev))
		return VNB_PORT_PAIR;
	if (vnb_dev_is_tunnel(dev))
		return VNB_PORT_TUNNEL;
	return VNB_PORT_FOREIGN;
}

/* A device that cannot be a port of any bridge, or not of one of ours. */
static int vnb_port_check(struct net_device *dev,
			  struct netlink_ext_ack *extack)
{
	if (dev->flags & IFF_LOOPBACK || dev->type != ARPHRD_ETHER ||
	    dev->addr_len != ETH_ALEN || !is_valid_ether_addr(dev->dev_addr)) {
		NL_SET_ERR_MSG(extack, "Only an Ethernet device with a valid address can be a port");
		return -EINVAL;
	}
	if (vnb_dev_is_bridge(dev) || netif_is_bridge_master(dev)) {
		NL_SET_ERR_MSG(extack, "A bridge cannot be a port of a bridge");
		return -ELOOP;
	}
	if (netif_is_ovs_master(dev) || dev->priv_flags & IFF_DONT_BRIDGE) {
		NL_SET_ERR_MSG(extack, "Device does not allow to be a port of a bridge");
		return -EOPNOTSUPP;
	}
	if (netdev_master_upper_dev_get(dev)) {
		NL_SET_ERR_MSG(extack, "Device has a master already");
		return -EBUSY;
	}
	if (rcu_access_pointer(dev->rx_handler)) {
		NL_SET_ERR_MSG(extack, "Another subsystem receives the frames of the device (macvlan, bond, ...)");
		return -EBUSY;
	}

	return 0;
}

/*
 * Rules of nftables family bridge and of ebtables never see our ports. Whoever
 * relies on them must hear of it, once, where it is decided.
 */
static void vnb_port_warn_nf(const struct vnb_bridge *br,
			     struct netlink_ext_ack *extack)
{
	if (!vnb_nf_bridge_hooked(br))
		return;

	NL_SET_ERR_MSG(extack, "Rules of netfilter family bridge exist, and do not apply to ports of vnetbr: use family netdev, or tc");
	net_warn_ratelimited("%s: rules of netfilter family bridge exist in the namespace and do not apply to ports of vnetbr\n",
			     netdev_name(br->vnb.dev));
}

bool vnb_port_is_up(const struct vnb_port *port)
{
	return netif_running(port->br->vnb.dev) && netif_running(port->dev) &&
	       netif_oper_up(port->dev);
}

void vnb_port_forget_learned(struct vnb_port *port)
{
	const struct vnb_fdb_filter dynamic = {
		.port	= port,
		.mask	= VNB_FDB_STATIC | VNB_FDB_EXT_LEARNED,
	};

	vnb_fdb_flush(port->br, &dynamic);
}

void vnb_port_enter_state(struct vnb_port *port, u8 state)
{
	struct vnb_bridge *br = port->br;

	lockdep_assert_held(&br->stp.lock);

	if (port->state == BR_STATE_FORWARDING)
		br->n_forwarding--;
	if (state == BR_STATE_FORWARDING)
		br->n_forwarding++;
	WRITE_ONCE(port->state, state);
	vnb_bridge_update_carrier(br);
}

void vnb_port_tell_state(struct vnb_port *port)
{
	u8 state = READ_ONCE(port->state);

	ASSERT_RTNL();
	/*
	 * What is behind a port without link can still be reached by a backup:
	 * until it has its link again, open or not, or is closed in some VLANs.
	 */
	if (state == BR_STATE_DISABLED && !vnb_backup_keeps(port) &&
	    (state != port->stp.told || rcu_access_pointer(port->backup)))
		vnb_port_forget_learned(port);
	if (state == port->stp.told)
		return;

	port->stp.told = state;
	if (state != BR_STATE_DISABLED && port->flags & VNB_PORT_MST)
		vnb_mst_forget(port);
	vnb_bridge_notify(port, RTM_NEWLINK);
}

void vnb_port_update(struct vnb_port *port)
{
	vnb_stp_port_update(port, vnb_port_is_up(port));
	vnb_port_tell_state(port);
}

void vnb_port_set_state(struct vnb_port *port, u8 state)
{
	ASSERT_RTNL();
	port->user_state = state;
	vnb_port_update(port);
}

static struct vnb_port *vnb_port_alloc(struct vnb_bridge *br,
				       struct net_device *dev,
				       struct netlink_ext_ack *extack)
{
	int no, max = br->stp.mode == VNB_STP_KERNEL ? VNB_STP_PORT_NO_MAX :
						       VNB_PORT_NO_MAX;
	struct vnb_port *port;

	port = kzalloc_obj(*port);
	if (!port)
		return ERR_PTR(-ENOMEM);

	port->drops = alloc_percpu(struct vnb_port_drops);
	if (!port->drops) {
		kfree(port);
		return ERR_PTR(-ENOMEM);
	}

	no = ida_alloc_range(&br->port_nos, 1, max, GFP_KERNEL);
	if (no < 0) {
		free_percpu(port->drops);
		kfree(port);
		if (no != -ENOSPC)
			return ERR_PTR(no);
		NL_SET_ERR_MSG(extack, "The bridge has 65535 ports already, or 1023 with the kernel's spanning tree");
		return ERR_PTR(-EXFULL);
	}

	port->br = br;
	port->dev = dev;
	port->no = no;
	port->type = vnb_port_type_of(dev);
	port->flags = VNB_PORT_FLAGS_DEFAULT;
	port->max_learned = VNETBR_PORT_FDB_MAX_DEFAULT;
	port->state = BR_STATE_DISABLED;
	port->user_state = BR_STATE_FORWARDING;
	vnb_stp_port_init(port);
	netdev_hold(dev, &port->tracker, GFP_KERNEL);
	return port;
}

static void vnb_port_free(struct vnb_port *port)
{
	vnb_storm_replace(port, NULL);
	vnb_mst_port_uninit(port);
	vnb_neigh_vlan_uninit(port);
	netdev_put(port->dev, &port->tracker);
	ida_free(&port->br->port_nos, port->no);
	free_percpu(port->drops);
	kfree(port);
}

/* A foreign device has to receive frames that are not for its own address. */
static int vnb_port_open_filter(const struct vnb_port *port)
{
	int err;

	if (vnb_port_is_ours(port->type))
		return 0;

	err = dev_set_allmulti(port->dev, 1);
	if (err)
		return err;

	err = dev_set_promiscuity(port->dev, 1);
	if (err)
		dev_set_allmulti(port->dev, -1);
	return err;
}

static void vnb_port_close_filter(const struct vnb_port *port)
{
	if (vnb_port_is_ours(port->type))
		return;

	dev_set_promiscuity(port->dev, -1);
	dev_set_allmulti(port->dev, -1);
}

int vnb_port_attach(struct vnb_bridge *br, struct net_device *dev,
		    struct netlink_ext_ack *extack)
{
	struct vnb_port *port;
	int err;

	ASSERT_RTNL();

	err = vnb_port_check(dev, extack);
	if (err)
		return err;

	port = vnb_port_alloc(br, dev, extack);
	if (IS_ERR(port))
		return PTR_ERR(port);

	err = vnb_mst_port_init(port);
	if (err)
		goto err_free;

	err = vnb_port_open_filter(port);
	if (err)
		goto err_free;

	err = vnb_vlan_port_init(port, extack);
	if (err)
		goto err_close_filter;

	err = vnb_fdb_change_local(port, dev->dev_addr);
	if (err)
		goto err_vlan;

	err = netdev_rx_handler_register(dev, vnb_rx_handler, port);
	if (err)
		goto err_del_local;

	err = netdev_master_upper_dev_link(dev, br->vnb.dev, NULL, NULL,
					   extack);
	if (err)
		goto err_unregister_handler;

	dev_disable_lro(dev);
	list_add_tail_rcu(&port->list, &br->ports);
	br->n_ports++;
	if (vnb_port_is_ours(port->type))
		rcu_assign_pointer(vnb_dev(dev)->port, port);

	vnb_bridge_port_added(br, port);
	vnb_stp_port_update(port, vnb_port_is_up(port));
	port->stp.told = READ_ONCE(port->state);
	vnb_bridge_notify(port, RTM_NEWLINK);
	vnb_vlan_notify_all(port, RTM_NEWVLAN);
	vnb_vlan_binding_update(br);
	vnb_port_warn_nf(br, extack);
	return 0;

err_unregister_handler:
	netdev_rx_handler_unregister(dev);
err_del_local:
	/* Its address may have been known before, and have had traffic. */
	vnb_fdb_change_local(port, NULL);
	synchronize_net();
err_vlan:
	vnb_vlan_port_uninit(port);
err_close_filter:
	vnb_port_close_filter(port);
err_free:
	vnb_port_free(port);
	return err;
}

void vnb_port_detach(struct vnb_port *port)
{
	const struct vnb_fdb_filter all = { .port = port };
	struct net_device *dev = port->dev;
	struct vnb_bridge *br = port->br;

	ASSERT_RTNL();

	/*
	 * The order in which nobody can find the port any more: frames that
	 * come in are dropped and nothing is learned (state), none is flooded
	 * to it (list), none is sent to its addresses (table), none comes in by
	 * the short cut (vnb_dev) or through the device (rx_handler). Taking
	 * the rx_handler away waits for everybody who found it earlier.
	 */
	vnb_stp_port_update(port, false);
	vnb_bridge_notify(port, RTM_NEWLINK);
	vnb_bridge_notify(port, RTM_DELLINK);
	vnb_vlan_notify_all(port, RTM_DELVLAN);
	list_del_rcu(&port->list);
	br->n_ports--;
	vnb_vlan_binding_update(br);
	vnb_backup_port_leaves(port);
	vnb_neigh_count(br, port->flags, 0);
	vnb_fdb_change_local(port, NULL);
	vnb_fdb_flush(br, &all);
	if (vnb_port_is_ours(port->type))
		RCU_INIT_POINTER(vnb_dev(dev)->port, NULL);
	netdev_upper_dev_unlink(dev, br->vnb.dev);
	netdev_rx_handler_unregister(dev);

	vnb_vlan_port_uninit(port);
	vnb_port_close_filter(port);
	netdev_reset_rx_headroom(dev);
	vnb_bridge_port_removed(br, port);
	vnb_port_free(port);
}
