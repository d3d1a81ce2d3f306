// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes that are malformed, or known but not supported.
 */
#include "option.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

int vnb_options_parse(struct nlattr **tb, unsigned int max,
		      const struct nlattr *nest,
		      const struct nla_policy *policy,
		      struct netlink_ext_ack *extack)
{
	int err;

	err = nla_parse(tb, max, nla_data(nest), nla_len(nest), policy,
			extack);
	if (err && extack && !extack->bad_attr)
		NL_SET_BAD_ATTR(extack, nest);

	return err;
}

int vnb_options_check_frame(const struct nlattr *nest, int hdrlen,
			    unsigned int max, struct netlink_ext_ack *extack)
{
	int err;

	err = nla_validate(nla_data(nest) + hdrlen, nla_len(nest) - hdrlen,
			   max, NULL, extack);
	if (err && extack && !extack->bad_attr)
		NL_SET_BAD_ATTR(extack, nest);

	return err;
}

int vnb_options_validate(struct nlattr **tb, unsigned int max,
			 const struct nla_policy *policy,
			 struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err;

	for (i = 0; i <= max; i++) {
		if (!tb[i])
			continue;
		err = nla_validate(tb[i], tb[i]->nla_len, max, policy, extack);
		if (err)
			return err;
	}

	return 0;
}

static int vnb_options_check_afspec(const struct nlattr *afspec,
				    struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, afspec, rem) {
		if (nla_type(attr) != IFLA_BRIDGE_FLAGS)
			continue;
		if (nla_len(attr) != sizeof(u16) || nla_get_u16(attr) &
		    ~(BRIDGE_FLAGS_MASTER | BRIDGE_FLAGS_SELF)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "flags: not master, self or both");
			return -EINVAL;
		}
	}
	if (rem > 0) {
		NL_SET_ERR_MSG_ATTR(extack, afspec,
				    "bytes leftover after parsing attributes");
		return -EINVAL;
	}

	return 0;
}

int vnb_options_find_bridge(struct nlmsghdr *nlh, struct nlattr **afspec,
			    struct nlattr **protinfo,
			    struct netlink_ext_ack *extack)
{
	const int hdrlen = sizeof(struct ifinfomsg);
	int err;

	err = nla_validate(nlmsg_attrdata(nlh, hdrlen),
			   nlmsg_attrlen(nlh, hdrlen), IFLA_MAX, NULL, extack);
	if (err)
		return err;

	*afspec = nlmsg_find_attr(nlh, hdrlen, IFLA_AF_SPEC);
	*protinfo = nlmsg_find_attr(nlh, hdrlen, IFLA_PROTINFO);

	return *afspec ? vnb_options_check_afspec(*afspec, extack) : 0;
}

int vnb_option_refuse(const struct nlattr *attr, const char *refusal,
		      struct netlink_ext_ack *extack)
{
	/* NL_SET_ERR_MSG_ATTR() takes literals only */
	if (extack) {
		extack->_msg = refusal;
		NL_SET_BAD_ATTR(extack, attr);
	}

	return -EOPNOTSUPP;
}

static u64 vnb_option_number(const struct nlattr *attr)
{
	switch (nla_len(attr)) {
	case sizeof(u8):
		return nla_get_u8(attr);
	case sizeof(u32):
		return nla_get_u32(attr);
	case sizeof(u64):
		return nla_get_u64(attr);
	}

	return U64_MAX;
}

/* Some values of what is not there ask for nothing. */
static bool vnb_option_is_idle(const struct vnb_option *option,
			       const struct nlattr *attr)
{
	u64 value = vnb_option_number(attr);

	return option->support != VNB_UNSUPPORTED && value >= option->min &&
	       value <= option->max;
}

int vnb_options_check(struct nlattr **tb, unsigned int max,
		      const struct vnb_option *options,
		      struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i <= max; i++) {
		const struct vnb_option *option = &options[i];

		if (!tb[i] || option->support == VNB_SUPPORTED ||
		    vnb_option_is_idle(option, tb[i]))
			continue;

		return vnb_option_refuse(tb[i], option->refusal ?:
					 "Unknown attribute", extack);
	}

	return 0;
}

size_t vnb_options_off_size(unsigned int max, const struct vnb_option *options)
{
	size_t size = 0;
	unsigned int i;

	for (i = 0; i <= max; i++)
		if (options[i].support == VNB_OFF_ONLY)
			size += nla_total_size(sizeof(u8));

	return size;
}

int vnb_options_off_fill(struct sk_buff *skb, unsigned int max,
			 const struct vnb_option *options)
{
	unsigned int i;

	for (i = 0; i <= max; i++)
		if (options[i].support == VNB_OFF_ONLY &&
		    nla_put_u8(skb, i, 0))
			return -EMSGSIZE;

	return 0;
}
