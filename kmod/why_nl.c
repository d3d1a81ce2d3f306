// SPDX-License-Identifier: GPL-2.0
/*
 * The question and the answer, in generic netlink.
 */
#include "why.h"

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/vnetbr_genl.h>

#include "bridge.h"
#include "genl.h"

#define VNB_WHY_LENGTH		ETH_ZLEN
#define VNB_WHY_LENGTH_MAX	(ETH_HLEN + ETH_MAX_MTU)
#define VNB_WHY_ETHERTYPE	0x88b5
#define VNB_WHY_PAYLOAD_MAX	512

/* The longest word of vnb_stat_word() is shorter. */
#define VNB_WHY_WORD		32

/* Not const: before 6.7, a policy has another pointer. */
static struct netlink_range_validation vnb_why_length = {
	.min	= ETH_HLEN,
	.max	= VNB_WHY_LENGTH_MAX,
};

const struct nla_policy vnb_why_policy[VNETBR_A_WHY_MAX + 1] = {
	[VNETBR_A_WHY_IFINDEX]		= NLA_POLICY_MIN(NLA_U32, 1),
	[VNETBR_A_WHY_SRC]		= NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[VNETBR_A_WHY_DST]		= NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[VNETBR_A_WHY_VLAN_ID]		= NLA_POLICY_MAX(NLA_U16,
							 VLAN_N_VID - 2),
	[VNETBR_A_WHY_VLAN_PROTO]	= { .type = NLA_BE16 },
	[VNETBR_A_WHY_VLAN_PRIO]	= NLA_POLICY_MAX(NLA_U8, 7),
	[VNETBR_A_WHY_LENGTH]		=
		NLA_POLICY_FULL_RANGE(NLA_U32, &vnb_why_length),
	[VNETBR_A_WHY_ETHERTYPE]	= { .type = NLA_BE16 },
	[VNETBR_A_WHY_PAYLOAD]		= { .type = NLA_BINARY,
					    .len = VNB_WHY_PAYLOAD_MAX },
	[VNETBR_A_WHY_EGRESS_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
};

/* Upper bound of an answer: all attributes in each step and port. */
static size_t vnb_why_size(void)
{
	size_t number = nla_total_size(sizeof(u32));
	size_t word = nla_total_size(VNB_WHY_WORD);
	size_t step = nla_total_size(VNETBR_A_STEP_MAX * number + 2 * word);
	size_t egress = nla_total_size(VNETBR_A_EGRESS_MAX * number + word);

	return VNETBR_A_WHY_MAX * number + word +
	       (VNETBR_STEP_BPDU + 1) * step + VNB_WHY_EGRESS_MAX * egress;
}

void vnb_why_put(struct vnb_why *w, int attr, u32 value)
{
	if (nla_put_u32(w->reply, attr, value))
		w->err = -EMSGSIZE;
}

void vnb_why_put_state(struct vnb_why *w, u8 state)
{
	if (nla_put_u8(w->reply, VNETBR_A_STEP_STATE, state))
		w->err = -EMSGSIZE;
}

void vnb_why_put_word(struct vnb_why *w, int attr, enum vnb_drop why)
{
	if (why && nla_put_string(w->reply, attr, vnb_stat_word(why)))
		w->err = -EMSGSIZE;
}

static struct nlattr *vnb_why_nest(struct vnb_why *w, int attr)
{
	struct nlattr *nest = nla_nest_start(w->reply, attr);

	if (!nest)
		w->err = -EMSGSIZE;
	return nest;
}

static void vnb_why_nest_end(struct vnb_why *w, struct nlattr *nest)
{
	if (nest)
		nla_nest_end(w->reply, nest);
}

struct nlattr *vnb_why_step(struct vnb_why *w, enum vnetbr_step id)
{
	struct nlattr *nest = vnb_why_nest(w, VNETBR_A_WHY_STEP);

	vnb_why_put(w, VNETBR_A_STEP_ID, id);
	return nest;
}

enum vnb_drop vnb_why_step_end(struct vnb_why *w, struct nlattr *nest,
			       enum vnb_drop why)
{
	vnb_why_put_word(w, VNETBR_A_STEP_REASON, why);
	vnb_why_nest_end(w, nest);
	return why;
}

void vnb_why_put_entry(struct vnb_why *w, const struct vnb_fdb_entry *f)
{
	u16 flags = READ_ONCE(f->flags);
	const struct vnb_port *port = rcu_dereference(f->port);
	u32 shown = flags & (VNB_FDB_GONE - 1);

	static_assert(VNB_FDB_LOCAL == (int)VNETBR_FDB_LOCAL);
	static_assert(VNB_FDB_STATIC == (int)VNETBR_FDB_STATIC);
	static_assert(VNB_FDB_STICKY == (int)VNETBR_FDB_STICKY);
	static_assert(VNB_FDB_EXT_LEARNED == (int)VNETBR_FDB_EXT_LEARNED);
	static_assert(VNB_FDB_USER == (int)VNETBR_FDB_USER);
	static_assert(VNB_FDB_LEARNED == (int)VNETBR_FDB_LEARNED);

	if (flags & VNB_FDB_LOOP)
		shown |= VNETBR_FDB_LOOP;
	if (flags & VNB_FDB_LOCKED)
		shown |= VNETBR_FDB_LOCKED;
	vnb_why_put(w, VNETBR_A_STEP_IFINDEX, port->dev->ifindex);
	vnb_why_put(w, VNETBR_A_STEP_FDB_FLAGS, shown);
	if (w->frame.vid)
		vnb_why_put(w, VNETBR_A_STEP_FDB_VLAN, f->key.vid);
	if (!(flags & (VNB_FDB_LOCAL | VNB_FDB_STATIC)))
		vnb_why_put(w, VNETBR_A_STEP_AGE,
			    jiffies_to_msecs(jiffies - READ_ONCE(f->used)));
}

void vnb_why_egress(struct vnb_why *w, const struct vnb_port *out,
		    enum vnetbr_egress result, enum vnb_drop why,
		    const struct net_device *on)
{
	struct nlattr *nest;

	w->total++;
	if (result == VNETBR_EGRESS_SENT)
		w->sent++;
	if (w->listed == VNB_WHY_EGRESS_MAX ||
	    (w->only && w->only != out->dev->ifindex))
		return;

	w->listed++;
	nest = vnb_why_nest(w, VNETBR_A_WHY_EGRESS);
	vnb_why_put(w, VNETBR_A_EGRESS_IFINDEX, out->dev->ifindex);
	vnb_why_put(w, VNETBR_A_EGRESS_RESULT, result);
	vnb_why_put_word(w, VNETBR_A_EGRESS_REASON, why);
	if (on)
		vnb_why_put(w, VNETBR_A_EGRESS_REASON_IFINDEX, on->ifindex);
	vnb_why_nest_end(w, nest);
}

static void vnb_why_finish(struct vnb_why *w)
{
	vnb_why_put(w, VNETBR_A_WHY_BRIDGE_IFINDEX,
		    w->frame.br->vnb.dev->ifindex);
	vnb_why_put(w, VNETBR_A_WHY_EGRESS_TOTAL, w->total);
	vnb_why_put(w, VNETBR_A_WHY_SENT, w->sent);
	vnb_why_put(w, VNETBR_A_WHY_VERDICT,
		    w->reason ? VNETBR_VERDICT_DROP : w->verdict);
	vnb_why_put_word(w, VNETBR_A_WHY_REASON, w->reason);
	if (w->reason && w->on)
		vnb_why_put(w, VNETBR_A_WHY_REASON_IFINDEX, w->on->ifindex);
}

/* Where does the frame come in? RCU read section. */
static struct vnb_port *vnb_why_find_port(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[VNETBR_A_WHY_IFINDEX];
	struct net_device *dev;
	struct vnb_port *port;

	dev = dev_get_by_index_rcu(genl_info_net(info), nla_get_u32(attr));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "dev: there is no such device");
		return ERR_PTR(-ENODEV);
	}
	if (vnb_dev_is_bridge(dev))
		return &vnb_bridge(dev)->local;

	port = vnb_port_get_rcu(dev);
	if (!port) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "dev: neither a bridge of vnetbr nor a port of one");
		return ERR_PTR(-EINVAL);
	}

	return port;
}

/* The port that is asked for has to be one. RCU read section. */
static int vnb_why_check_only(struct vnb_why *w, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[VNETBR_A_WHY_EGRESS_IFINDEX];
	const struct vnb_bridge *br = w->frame.br;
	const struct vnb_port *port;
	struct net_device *dev;

	if (!attr)
		return 0;

	w->only = nla_get_u32(attr);
	dev = dev_get_by_index_rcu(genl_info_net(info), w->only);
	port = dev ? vnb_port_get_rcu(dev) : NULL;
	if (dev != br->vnb.dev && (!port || port->br != br)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "to: not a port of the same bridge");
		return -EINVAL;
	}

	return 0;
}

/* Return: whether the tag is complete and of a known protocol. */
static int vnb_why_check_tag(struct genl_info *info)
{
	struct nlattr *proto = info->attrs[VNETBR_A_WHY_VLAN_PROTO];
	struct nlattr *prio = info->attrs[VNETBR_A_WHY_VLAN_PRIO];
	struct nlattr *type = info->attrs[VNETBR_A_WHY_ETHERTYPE];

	/* a device receives the outer tag beside the frame */
	if (type && eth_type_vlan(nla_get_be16(type)) &&
	    !info->attrs[VNETBR_A_WHY_VLAN_ID]) {
		NL_SET_ERR_MSG_ATTR(info->extack, type,
				    "type: a tag is what vlan is for");
		return -EINVAL;
	}
	if ((proto || prio) && !info->attrs[VNETBR_A_WHY_VLAN_ID]) {
		NL_SET_ERR_MSG_ATTR(info->extack, proto ? : prio,
				    "vlan: protocol and priority need a VLAN");
		return -EINVAL;
	}
	if (proto && !eth_type_vlan(nla_get_be16(proto))) {
		NL_SET_ERR_MSG_ATTR(info->extack, proto,
				    "vlan: the protocol is 802.1Q or 802.1ad");
		return -EINVAL;
	}

	return 0;
}

/* Length of the frame, or a negative error. */
static int vnb_why_length_of(struct genl_info *info)
{
	struct nlattr *length = info->attrs[VNETBR_A_WHY_LENGTH];
	struct nlattr *payload = info->attrs[VNETBR_A_WHY_PAYLOAD];
	u32 least = ETH_HLEN + (payload ? nla_len(payload) : 0);

	if (!length)
		return max_t(u32, least, VNB_WHY_LENGTH);
	if (nla_get_u32(length) < least) {
		NL_SET_ERR_MSG_ATTR(info->extack, payload,
				    "payload: longer than the frame");
		return -EINVAL;
	}

	return nla_get_u32(length);
}

/* The frame itself, as a device would receive it, with room for a tag. */
static struct sk_buff *vnb_why_build(struct genl_info *info, u32 len)
{
	struct nlattr **tb = info->attrs;
	struct sk_buff *skb;
	struct ethhdr *eth;
	__be16 proto;
	u16 tci;

	skb = alloc_skb(VLAN_HLEN + len, GFP_KERNEL);
	if (!skb)
		return NULL;

	skb_reserve(skb, VLAN_HLEN);
	skb_put_zero(skb, len);
	skb_reset_mac_header(skb);
	eth = eth_hdr(skb);
	if (tb[VNETBR_A_WHY_PAYLOAD])
		nla_memcpy(eth + 1, tb[VNETBR_A_WHY_PAYLOAD], len - ETH_HLEN);
	ether_addr_copy(eth->h_dest, nla_data(tb[VNETBR_A_WHY_DST]));
	ether_addr_copy(eth->h_source, nla_data(tb[VNETBR_A_WHY_SRC]));
	eth->h_proto = nla_get_be16_default(tb[VNETBR_A_WHY_ETHERTYPE],
					    htons(VNB_WHY_ETHERTYPE));

	if (tb[VNETBR_A_WHY_VLAN_ID]) {
		tci = nla_get_u16(tb[VNETBR_A_WHY_VLAN_ID]) |
		      nla_get_u8_default(tb[VNETBR_A_WHY_VLAN_PRIO], 0) <<
		      VLAN_PRIO_SHIFT;
		proto = nla_get_be16_default(tb[VNETBR_A_WHY_VLAN_PROTO],
					     htons(ETH_P_8021Q));
		__vlan_hwaccel_put_tag(skb, proto, tci);
	}

	return skb;
}

static int vnb_why_answer(struct vnb_why *w, struct genl_info *info)
{
	struct vnb_port *in;
	int err;

	rcu_read_lock();
	in = vnb_why_find_port(info);
	err = PTR_ERR_OR_ZERO(in);
	if (!err) {
		w->frame.in = in;
		w->frame.br = in->br;
		w->frame.skb->dev = in->dev;
		err = vnb_why_check_only(w, info);
	}
	if (!err) {
		vnb_why_walk(w);
		vnb_why_finish(w);
		err = w->err;
	}
	rcu_read_unlock();

	return err;
}

int vnb_why_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnb_why w = { };
	int err, len;
	void *hdr;

	if (GENL_REQ_ATTR_CHECK(info, VNETBR_A_WHY_IFINDEX) ||
	    GENL_REQ_ATTR_CHECK(info, VNETBR_A_WHY_SRC) ||
	    GENL_REQ_ATTR_CHECK(info, VNETBR_A_WHY_DST)) {
		NL_SET_ERR_MSG(info->extack, "dev, src and dst are required");
		return -EINVAL;
	}
	err = vnb_why_check_tag(info);
	if (err)
		return err;

	len = vnb_why_length_of(info);
	if (len < 0)
		return len;

	w.frame.skb = vnb_why_build(info, len);
	w.reply = genlmsg_new(vnb_why_size(), GFP_KERNEL);
	err = -ENOMEM;
	if (!w.frame.skb || !w.reply)
		goto out;

	hdr = genlmsg_put_reply(w.reply, info, &vnb_genl_family, 0,
				VNETBR_CMD_WHY);
	err = -EMSGSIZE;
	if (!hdr)
		goto out;

	err = vnb_why_answer(&w, info);
	if (err)
		goto out;

	genlmsg_end(w.reply, hdr);
	/* Not kfree_skb(): nobody shall take it for a drop. */
	consume_skb(w.frame.skb);
	return genlmsg_reply(w.reply, info);

out:
	consume_skb(w.frame.skb);
	nlmsg_free(w.reply);
	return err;
}
