/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_LINK_H
#define VNB_LINK_H

#include <linux/netdevice.h>
#include <net/rtnetlink.h>

/**
 * struct vnb_mode_ops - what link.c asks of a mode
 *
 * All run under RTNL, in process context. @data is IFLA_INFO_DATA, parsed by
 * the policy of link.c and checked to hold only attributes of the mode; it is
 * never NULL.
 */
struct vnb_mode_ops {
	/** @name: as users write it */
	const char *name;

	/** @netdev_ops: by which devices of the mode are known */
	const struct net_device_ops *netdev_ops;

	/** @attrs: bit mask of the IFLA_VNETBR_* that the mode takes */
	u32 attrs;

	/** @setup: operations, flags, features; @dev is not registered yet */
	void (*setup)(struct net_device *dev);

	/**
	 * @newlink: parse, validate, register. On error @dev is unregistered
	 * and nothing is left; the caller frees it.
	 */
	int (*newlink)(struct net_device *dev,
		       struct rtnl_newlink_params *params, struct nlattr **data,
		       struct netlink_ext_ack *extack);

	/** @changelink: all or nothing; on error @dev is as before */
	int (*changelink)(struct net_device *dev, struct nlattr **tb,
			  struct nlattr **data, struct netlink_ext_ack *extack);

	/** @dellink: unregister through @head; may be called twice */
	void (*dellink)(struct net_device *dev, struct list_head *head);

	/** @get_size: an upper bound of what @fill_info puts */
	size_t (*get_size)(const struct net_device *dev);

	/** @fill_info: the mode's own nests; -EMSGSIZE when @skb is full */
	int (*fill_info)(struct sk_buff *skb, const struct net_device *dev);

	/** @get_link_net: underlay namespace, NULL where there is none */
	struct net *(*get_link_net)(const struct net_device *dev);
};

extern const struct vnb_mode_ops vnb_bridge_mode;
extern const struct vnb_mode_ops vnb_pair_mode;
extern const struct vnb_mode_ops vnb_tunnel_mode;

/** vnb_link_ops - kind "vnetbr": what every device of ours says it is */
extern struct rtnl_link_ops vnb_link_ops;

/**
 * vnb_link_register_netdevice() - register a device, and say why it cannot be
 * @dev: the device
 * @name: IFLA_IFNAME, or NULL
 * @extack: gets the reason, if it is in the request
 *
 * Context: RTNL.
 * Return: 0 or a negative error.
 */
int vnb_link_register_netdevice(struct net_device *dev,
				const struct nlattr *name,
				struct netlink_ext_ack *extack);

/**
 * vnb_link_register() - make the kinds known
 *
 * Return: 0 or a negative error; on error none is registered.
 */
int vnb_link_register(void);

/**
 * vnb_link_unregister() - forget the kinds, deleting every device of every
 * namespace
 *
 * The aliases go first: their devices belong to kind "vnetbr". Takes RTNL.
 */
void vnb_link_unregister(void);

#endif /* VNB_LINK_H */
