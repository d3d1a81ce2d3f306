// SPDX-License-Identifier: GPL-2.0
/*
 * Options for neighbours that a port has for each of its VLANs, and their part
 * of netlink.
 */
#include "neigh.h"

#include <linux/bitmap.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vnetbr.h>

#include "bridge.h"
#include "vlan.h"

#define VNB_NEIGH_VLAN_WORDS	BITS_TO_LONGS(VLAN_N_VID)

/**
 * struct vnb_neigh_vlans - which VLANs of a port have options on
 */
struct vnb_neigh_vlans {
	/** @on: by enum vnb_neigh_vlan_option, a bit for each VLAN. RTNL */
	unsigned long	on[VNB_NEIGH_VLAN_OPTIONS][VNB_NEIGH_VLAN_WORDS];
};

/* By enum vnb_neigh_vlan_option. */
static const struct {
	u16 attr;
	const char *name;
} vnb_neigh_vlan_attrs[VNB_NEIGH_VLAN_OPTIONS] = {
	[VNB_NEIGH_VLAN_SUPPRESS] = {
		IFLA_VNETBR_PORT_NEIGH_SUPPRESS_VLAN, "neigh_suppress_vlan" },
	[VNB_NEIGH_VLAN_FORWARD_GRAT] = {
		IFLA_VNETBR_PORT_NEIGH_FORWARD_GRAT_VLAN,
		"neigh_forward_grat_vlan" },
};

u32 vnb_neigh_flags(const struct vnb_port *port, u16 vid)
{
	u32 flags = READ_ONCE(port->flags);
	const struct vnb_neigh_vlans *vlans;

	if (!(flags & VNB_PORT_NEIGH_VLAN))
		return flags;

	flags &= ~VNB_PORT_NEIGH_VLAN;
	/* as in-tree: in no VLAN, the options of the port count */
	if (!vid)
		return flags;

	flags &= ~(VNB_PORT_NEIGH_SUPPRESS | VNB_PORT_NO_GRAT);
	vlans = rcu_dereference(port->neigh_vlans);
	if (!vlans || !test_bit(vid, vlans->on[VNB_NEIGH_VLAN_SUPPRESS]))
		return flags;

	flags |= VNB_PORT_NEIGH_SUPPRESS;
	if (!test_bit(vid, vlans->on[VNB_NEIGH_VLAN_FORWARD_GRAT]))
		flags |= VNB_PORT_NO_GRAT;
	return flags;
}

bool vnb_neigh_avoids(const struct vnb_port *port, u16 vid, u32 avoid)
{
	return vnb_neigh_flags(port, vid) & avoid;
}

/* configuration */

static int vnb_neigh_vlan_refuse(enum vnb_neigh_vlan_option option,
				 const struct nlattr *attr, const char *why,
				 int err, struct netlink_ext_ack *extack)
{
	NL_SET_BAD_ATTR(extack, attr);
	NL_SET_ERR_MSG_FMT(extack, "%s: %s", vnb_neigh_vlan_attrs[option].name,
			   why);
	return err;
}

/* What is behind the end of the attribute is off. */
static void vnb_neigh_vlan_read(unsigned long *on, const struct nlattr *attr)
{
	bitmap_zero(on, VLAN_N_VID);
	bitmap_from_arr32(on, nla_data(attr), nla_len(attr) * BITS_PER_BYTE);
}

static int vnb_neigh_vlan_check(const struct vnb_port *port,
				enum vnb_neigh_vlan_option option,
				const struct nlattr *attr,
				struct netlink_ext_ack *extack)
{
	DECLARE_BITMAP(on, VLAN_N_VID);
	const char *why;
	unsigned int vid;

	if (nla_len(attr) > sizeof(on) || nla_len(attr) % sizeof(u32)) {
		why = "not 32-bit words, 128 at most";
		return vnb_neigh_vlan_refuse(option, attr, why, -EINVAL,
					     extack);
	}

	vnb_neigh_vlan_read(on, attr);
	if (test_bit(0, on) || test_bit(VLAN_VID_MASK, on)) {
		why = "VLANs are not from 1 to 4094";
		return vnb_neigh_vlan_refuse(option, attr, why, -ERANGE,
					     extack);
	}

	/* as in-tree: it is an option of a VLAN that is there */
	why = "the port is not in all of these VLANs";
	for_each_set_bit(vid, on, VLAN_N_VID)
		if (!vnb_vlan_is_member(port, vid))
			return vnb_neigh_vlan_refuse(option, attr, why,
						     -ENOENT, extack);

	return 0;
}

int vnb_neigh_vlan_parse(const struct vnb_port *port,
			 struct vnb_port_config *conf, struct nlattr **tb,
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	unsigned int i;
	int err;

	ASSERT_RTNL();

	for (i = 0; i < VNB_NEIGH_VLAN_OPTIONS; i++) {
		attr = tb[vnb_neigh_vlan_attrs[i].attr];
		err = attr ? vnb_neigh_vlan_check(port, i, attr, extack) : 0;
		if (err)
			return err;
		/* none, and there never was one */
		if (attr && !rtnl_dereference(port->neigh_vlans) &&
		    !memchr_inv(nla_data(attr), 0, nla_len(attr)))
			attr = NULL;
		conf->neigh_vlans[i] = attr;
	}

	return 0;
}

int vnb_neigh_vlan_prepare(struct vnb_port *port,
			   const struct vnb_port_config *conf)
{
	struct vnb_neigh_vlans *vlans;

	if (rtnl_dereference(port->neigh_vlans) ||
	    !memchr_inv(conf->neigh_vlans, 0, sizeof(conf->neigh_vlans)))
		return 0;

	vlans = kzalloc_obj(*vlans);
	if (!vlans)
		return -ENOMEM;

	rcu_assign_pointer(port->neigh_vlans, vlans);
	return 0;
}

static void vnb_neigh_vlan_change(unsigned long *on, const struct nlattr *attr)
{
	DECLARE_BITMAP(next, VLAN_N_VID);
	unsigned int i;

	vnb_neigh_vlan_read(next, attr);
	for (i = 0; i < VNB_NEIGH_VLAN_WORDS; i++)
		WRITE_ONCE(on[i], next[i]);
}

void vnb_neigh_vlan_commit(struct vnb_port *port,
			   const struct vnb_port_config *conf)
{
	struct vnb_neigh_vlans *vlans = rtnl_dereference(port->neigh_vlans);
	unsigned int i;

	for (i = 0; i < VNB_NEIGH_VLAN_OPTIONS; i++)
		if (conf->neigh_vlans[i])
			vnb_neigh_vlan_change(vlans->on[i],
					      conf->neigh_vlans[i]);
}

void vnb_neigh_vlan_leave(struct vnb_port *port, u16 vid)
{
	struct vnb_neigh_vlans *vlans = rtnl_dereference(port->neigh_vlans);
	unsigned int i;

	if (!vlans)
		return;

	for (i = 0; i < VNB_NEIGH_VLAN_OPTIONS; i++)
		clear_bit(vid, vlans->on[i]);
}

void vnb_neigh_vlan_uninit(struct vnb_port *port)
{
	kfree(rtnl_dereference(port->neigh_vlans));
	RCU_INIT_POINTER(port->neigh_vlans, NULL);
}

/* netlink */

/* A copy, which nobody changes while it is looked at twice. */
static void vnb_neigh_vlan_get(const struct vnb_port *port,
			       enum vnb_neigh_vlan_option option,
			       unsigned long *on)
{
	const struct vnb_neigh_vlans *vlans;
	unsigned int i;

	rcu_read_lock();
	vlans = rcu_dereference(port->neigh_vlans);
	for (i = 0; i < VNB_NEIGH_VLAN_WORDS; i++)
		on[i] = vlans ? READ_ONCE(vlans->on[option][i]) : 0;
	rcu_read_unlock();
}

size_t vnb_neigh_vlan_size(const struct vnb_port *port)
{
	if (!rcu_access_pointer(port->neigh_vlans))
		return 0;

	return VNB_NEIGH_VLAN_OPTIONS *
	       nla_total_size(VLAN_N_VID / BITS_PER_BYTE);
}

static int vnb_neigh_vlan_fill_option(struct sk_buff *skb,
				      const struct vnb_port *port,
				      enum vnb_neigh_vlan_option option)
{
	DECLARE_BITMAP(on, VLAN_N_VID);
	struct nlattr *attr;
	unsigned int last;

	vnb_neigh_vlan_get(port, option, on);
	last = find_last_bit(on, VLAN_N_VID);
	if (last == VLAN_N_VID)
		return 0;

	attr = nla_reserve(skb, vnb_neigh_vlan_attrs[option].attr,
			   BITS_TO_U32(last + 1) * sizeof(u32));
	if (!attr)
		return -EMSGSIZE;

	bitmap_to_arr32(nla_data(attr), on, last + 1);
	return 0;
}

int vnb_neigh_vlan_fill(struct sk_buff *skb, const struct vnb_port *port)
{
	unsigned int i;
	int err = 0;

	if (!rcu_access_pointer(port->neigh_vlans))
		return 0;

	for (i = 0; i < VNB_NEIGH_VLAN_OPTIONS && !err; i++)
		err = vnb_neigh_vlan_fill_option(skb, port, i);

	return err;
}
