// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes that are known but not supported.
 */
#include "option.h"

#include <linux/string.h>

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

int vnb_options_check(struct nlattr **tb, unsigned int max,
		      const struct vnb_option *options,
		      struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i <= max; i++) {
		const struct vnb_option *option = &options[i];

		if (!tb[i] || option->support == VNB_SUPPORTED)
			continue;

		if (option->support == VNB_OFF_ONLY &&
		    !memchr_inv(nla_data(tb[i]), 0, nla_len(tb[i])))
			continue;

		return vnb_option_refuse(tb[i], option->refusal ?:
					 "Unknown attribute", extack);
	}

	return 0;
}
