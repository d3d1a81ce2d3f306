// SPDX-License-Identifier: GPL-2.0
/*
 * Spanning trees of VLANs in netlink: IFLA_VNETBR_BR_MST of a bridge, which
 * says what instances VLANs are in, and IFLA_BRIDGE_MST of a port, its states.
 */
#include "mst.h"

#include <linux/bitmap.h>
#include <linux/rtnetlink.h>

#include "option.h"
#include "vlan.h"

/* IFLA_VNETBR_BR_MST */

int vnb_mst_config_parse(struct vnb_bridge_config *conf,
			 const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	const struct vnetbr_mst_range *range = nla_data(attr);
	int n = nla_len(attr) / sizeof(*range);
	u16 last = 0;

	if (!n || nla_len(attr) % sizeof(*range)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "mst: not a list of ranges");
		return -EINVAL;
	}

	for (; n; n--, range++) {
		if (!range->first || range->first > range->last ||
		    range->last >= VLAN_VID_MASK) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "mst: VLANs are not from 1 to 4094, lower one first");
			return -ERANGE;
		}
		if (range->msti >= VLAN_N_VID) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "mst: an instance is not from 0 to 4095");
			return -ERANGE;
		}
		if (range->first <= last) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "mst: ranges overlap, or are not in ascending order");
			return -EINVAL;
		}
		last = range->last;
	}

	conf->mst = attr;
	return 0;
}

static size_t vnb_mst_ranges_size(const struct vnb_mst *mst)
{
	return vnb_mst_count_ranges(mst) * sizeof(struct vnetbr_mst_range);
}

size_t vnb_mst_attr_size(const struct vnb_bridge *br)
{
	size_t size = nla_total_size(sizeof(u8));	/* MST_ENABLED */
	const struct vnb_mst *mst;

	rcu_read_lock();
	mst = rcu_dereference(br->mst);
	if (mst)
		size += nla_total_size(vnb_mst_ranges_size(mst)); /* MST */
	rcu_read_unlock();

	return size;
}

static int vnb_mst_fill_ranges(struct sk_buff *skb, const struct vnb_mst *mst)
{
	struct vnetbr_mst_range range = { }, *to;
	size_t size = vnb_mst_ranges_size(mst);
	struct nlattr *attr;

	if (!size)
		return 0;

	attr = nla_reserve(skb, IFLA_VNETBR_BR_MST, size);
	if (!attr)
		return -EMSGSIZE;

	for (to = nla_data(attr); vnb_mst_next_range(mst, &range); to++)
		*to = range;
	return 0;
}

int vnb_mst_fill(struct sk_buff *skb, const struct vnb_bridge *br)
{
	const struct vnb_mst *mst;
	int err;

	rcu_read_lock();
	mst = rcu_dereference(br->mst);
	err = nla_put_u8(skb, IFLA_VNETBR_BR_MST_ENABLED, !!mst);
	if (!err && mst)
		err = vnb_mst_fill_ranges(skb, mst);
	rcu_read_unlock();

	return err;
}

/* IFLA_BRIDGE_MST */

static const struct nla_policy vnb_mst_policy[] = {
	[IFLA_BRIDGE_MST_ENTRY_MSTI]	= { .type = NLA_U16 },
	[IFLA_BRIDGE_MST_ENTRY_STATE]	= { .type = NLA_U8 },
};

static int vnb_mst_nl_parse(const struct nlattr *entry, u16 *msti, u8 *state,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(vnb_mst_policy)];
	int err;

	err = vnb_options_parse(tb, ARRAY_SIZE(tb) - 1, entry, vnb_mst_policy,
				extack);
	if (err)
		return err;

	if (!tb[IFLA_BRIDGE_MST_ENTRY_MSTI] ||
	    !tb[IFLA_BRIDGE_MST_ENTRY_STATE]) {
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "mst: needs both, msti and state");
		return -EINVAL;
	}

	*msti = nla_get_u16(tb[IFLA_BRIDGE_MST_ENTRY_MSTI]);
	if (!*msti || *msti >= VLAN_N_VID) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_BRIDGE_MST_ENTRY_MSTI],
				    "msti: not from 1 to 4095; 0 is the state of the port");
		return -ERANGE;
	}

	*state = nla_get_u8(tb[IFLA_BRIDGE_MST_ENTRY_STATE]);
	if (*state > BR_STATE_BLOCKING) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_BRIDGE_MST_ENTRY_STATE],
				    "state: not from 0 to 4");
		return -ERANGE;
	}

	return 0;
}

static int vnb_mst_nl_check_entry(const struct vnb_port *port,
				  const struct nlattr *entry,
				  struct netlink_ext_ack *extack)
{
	u16 msti;
	u8 state;
	int err;

	err = vnb_mst_nl_parse(entry, &msti, &state, extack);
	if (err)
		return err;

	/* as of the state of a port */
	if (port->br->stp.mode == VNB_STP_USER &&
	    state != BR_STATE_DISABLED && !vnb_port_is_up(port)) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "state: the port is down");
		return -ENETDOWN;
	}

	return 0;
}

static int vnb_mst_nl_check_nest(const struct vnb_port *port,
				 const struct nlattr *nest,
				 struct netlink_ext_ack *extack)
{
	const struct nlattr *entry;
	int rem, err;

	if (port->type == VNB_PORT_LOCAL) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "mst: the bridge itself has no states");
		return -EINVAL;
	}
	if (!(port->flags & VNB_PORT_MST)) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "mst: the bridge has mst_enabled off");
		return -EBUSY;
	}
	if (!nla_len(nest)) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "mst: no entry");
		return -EINVAL;
	}

	err = vnb_options_check_frame(nest, 0, IFLA_BRIDGE_MST_ENTRY, extack);
	if (err)
		return err;

	nla_for_each_nested(entry, nest, rem) {
		err = vnb_mst_nl_check_entry(port, entry, extack);
		if (err)
			return err;
	}

	return 0;
}

int vnb_mst_nl_check(const struct vnb_port *port, const struct nlattr *afspec,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	ASSERT_RTNL();

	nla_for_each_nested(attr, afspec, rem) {
		if (nla_type(attr) != IFLA_BRIDGE_MST)
			continue;
		err = vnb_mst_nl_check_nest(port, attr, extack);
		if (err)
			return err;
	}

	return 0;
}

/* Gives whether that made a difference; @closed, if the port learned before. */
static bool vnb_mst_nl_set_entry(struct vnb_port *port,
				 const struct nlattr *entry, bool *closed)
{
	struct vnb_mst_port *states = rtnl_dereference(port->mst);
	u8 old, state;
	u16 msti;

	if (vnb_mst_nl_parse(entry, &msti, &state, NULL))
		return false;

	old = states->state[msti];
	WRITE_ONCE(states->state[msti], state);
	if (vnb_port_state_learns(old) && !vnb_port_state_learns(state))
		*closed = true;

	return state != old;
}

bool vnb_mst_nl_set(struct vnb_port *port, const struct nlattr *afspec)
{
	bool changed = false, closed = false;
	const struct nlattr *attr, *entry;
	int rem, rem_entry;

	ASSERT_RTNL();

	nla_for_each_nested(attr, afspec, rem) {
		if (nla_type(attr) != IFLA_BRIDGE_MST)
			continue;
		nla_for_each_nested(entry, attr, rem_entry)
			changed |= vnb_mst_nl_set_entry(port, entry, &closed);
	}

	if (closed)
		vnb_mst_forget(port);
	return changed;
}

size_t vnb_mst_nl_size(const struct vnb_port *port)
{
	size_t entry = nla_total_size(sizeof(u16)) +	/* ENTRY_MSTI */
		       nla_total_size(sizeof(u8));	/* ENTRY_STATE */
	/* and instance 0 */
	size_t n = min_t(size_t, READ_ONCE(port->n_vlans), VNB_MST_MAX + 1);

	if (!(READ_ONCE(port->flags) & VNB_PORT_MST))
		return 0;

	return nla_total_size(n * nla_total_size(entry));
}

/* Users compare the type of the entry as it is, without NLA_F_NESTED. */
static int vnb_mst_nl_fill_entry(struct sk_buff *skb, u16 msti, u8 state)
{
	struct nlattr *nest;

	nest = nla_nest_start_noflag(skb, IFLA_BRIDGE_MST_ENTRY);
	if (!nest ||
	    nla_put_u16(skb, IFLA_BRIDGE_MST_ENTRY_MSTI, msti) ||
	    nla_put_u8(skb, IFLA_BRIDGE_MST_ENTRY_STATE, state))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);
	return 0;
}

int vnb_mst_nl_fill(struct sk_buff *skb, const struct vnb_port *port)
{
	const struct vnb_mst *mst = rcu_dereference_rtnl(port->br->mst);
	DECLARE_BITMAP(seen, VLAN_N_VID) = { };
	struct nlattr *nest;
	u16 vid;

	if (!mst || !(READ_ONCE(port->flags) & VNB_PORT_MST) ||
	    !READ_ONCE(port->n_vlans))
		return 0;

	/* here, on the other hand, they do want the flag */
	nest = nla_nest_start(skb, IFLA_BRIDGE_MST);
	if (!nest)
		return -EMSGSIZE;

	vnb_vlan_for_each(port, vid)
		if (!__test_and_set_bit(mst->msti[vid], seen) &&
		    vnb_mst_nl_fill_entry(skb, mst->msti[vid],
					  vnb_mst_state(port, vid)))
			return -EMSGSIZE;

	nla_nest_end(skb, nest);
	return 0;
}
