// SPDX-License-Identifier: GPL-2.0
/*
 * The backup of a port: another one that gets what is sent to addresses behind
 * it while it has no link, so that they need not be learned anew first.
 */
#include "port.h"

#include <linux/rtnetlink.h>

#include "bridge.h"

struct vnb_port *vnb_backup_find(const struct vnb_port *port,
				 const struct nlattr *attr,
				 struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	struct vnb_port *backup;

	ASSERT_RTNL();

	if (!nla_get_u32(attr))
		return NULL;

	dev = __dev_get_by_index(dev_net(port->dev), nla_get_u32(attr));
	backup = dev ? vnb_port_get_rtnl(dev) : NULL;
	if (!backup || backup->br != port->br) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "backup_port: not a port of this bridge");
		return ERR_PTR(backup ? -EINVAL : -ENOENT);
	}
	if (backup == port) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "backup_port: the port itself");
		return ERR_PTR(-EINVAL);
	}

	return backup;
}

void vnb_backup_set(struct vnb_port *port, struct vnb_port *backup)
{
	struct vnb_port *old = rtnl_dereference(port->backup);

	if (old)
		old->n_backup_of--;
	if (backup)
		backup->n_backup_of++;
	rcu_assign_pointer(port->backup, backup);

	/* now in vain: it has gone on knowing addresses for its backup */
	if (old && !backup && port->state == BR_STATE_DISABLED)
		vnb_port_forget_learned(port);
}

bool vnb_backup_keeps(const struct vnb_port *port)
{
	/*
	 * Not by the carrier, which is there a moment before the port opens: it
	 * is to know then what it knew.
	 */
	return rcu_access_pointer(port->backup) &&
	       !(netif_running(port->dev) && netif_oper_up(port->dev));
}

void vnb_backup_port_leaves(struct vnb_port *port)
{
	struct vnb_port *other;

	WRITE_ONCE(port->flags, port->flags & ~VNB_PORT_BACKUP);
	vnb_backup_set(port, NULL);
	if (!port->n_backup_of)
		return;

	list_for_each_entry(other, &port->br->ports, list) {
		if (rtnl_dereference(other->backup) != port)
			continue;
		WRITE_ONCE(other->flags, other->flags & ~VNB_PORT_BACKUP);
		vnb_backup_set(other, NULL);
		vnb_bridge_notify(other, RTM_NEWLINK);
	}
}

struct vnb_port *vnb_backup_redirect(struct vnb_port *port)
{
	struct vnb_port *backup = rcu_dereference(port->backup);

	/* The state of the port follows the link some time later. */
	if (!backup || (netif_running(port->dev) &&
			netif_carrier_ok(port->dev)))
		return port;

	return backup;
}
