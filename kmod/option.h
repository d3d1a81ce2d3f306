/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_OPTION_H
#define VNB_OPTION_H

#include <net/netlink.h>

/**
 * DOC: Options
 *
 * Attribute sets of the kernel's own devices are larger than what is supported
 * here. A set has two tables, indexed by attribute: its policy, which knows the
 * shape of every attribute, and its options, which say which ones are
 * supported. To support one more is to change its row.
 */

/**
 * enum vnb_support - whether an attribute is supported
 * @VNB_UNSUPPORTED: refused; so is an attribute without a row
 * @VNB_OFF_ONLY: a switch, accepted when it says off
 * @VNB_AS_IS: accepted with values that ask for what is the case anyway, or
 *	make no difference while a switch is off
 * @VNB_SUPPORTED: accepted
 */
enum vnb_support {
	VNB_UNSUPPORTED,
	VNB_OFF_ONLY,
	VNB_AS_IS,
	VNB_SUPPORTED,
};

/**
 * struct vnb_option - one attribute
 */
struct vnb_option {
	/** @support: whether it is supported */
	enum vnb_support	support;

	/** @refusal: what users are told, with the option as they write it */
	const char		*refusal;

	/** @min: the lowest value that is accepted, if not all are */
	u32			min;

	/** @max: the highest one */
	u32			max;
};

#define VNB_OPTION		{ VNB_SUPPORTED, NULL }
#define VNB_OPTION_OFF(name)	{ VNB_OFF_ONLY, name ": not supported yet" }
#define VNB_OPTION_NO(name)	{ VNB_UNSUPPORTED, name ": not supported yet" }

#define VNB_OPTION_AS_IS(name, min, max) \
	{ VNB_AS_IS, name ": not supported yet", min, max }

/* What is wrong in every version is said by the policy. */
#define VNB_READ_ONLY(name) \
	{ .type = NLA_REJECT, .reject_message = name ": read only" }

/**
 * vnb_options_parse() - parse a nest, strictly
 * @tb: gets the attributes, @max + 1 entries
 * @max: largest attribute that @policy has
 * @nest: the nest, with or without NLA_F_NESTED
 * @policy: shape of the attributes
 * @extack: names what is wrong: an attribute, or else @nest
 *
 * Return: 0 or a negative error.
 */
int vnb_options_parse(struct nlattr **tb, unsigned int max,
		      const struct nlattr *nest,
		      const struct nla_policy *policy,
		      struct netlink_ext_ack *extack);

/**
 * vnb_options_check_frame() - refuse what a liberal parser passes over
 * @nest: the nest
 * @hdrlen: bytes before its first attribute
 * @max: largest attribute that is known
 * @extack: names what is wrong: an unknown attribute, or @nest if there are
 *	bytes that are no attribute
 *
 * Return: 0 or a negative error.
 */
int vnb_options_check_frame(const struct nlattr *nest, int hdrlen,
			    unsigned int max, struct netlink_ext_ack *extack);

/**
 * vnb_options_validate() - check, strictly, what was parsed without a policy
 * @tb: attributes
 * @max: largest index of @tb
 * @policy: shape of the attributes; one without a type is refused
 * @extack: names the attribute that is wrong
 *
 * Return: 0 or a negative error.
 */
int vnb_options_validate(struct nlattr **tb, unsigned int max,
			 const struct nla_policy *policy,
			 struct netlink_ext_ack *extack);

/**
 * vnb_options_find_bridge() - what a PF_BRIDGE request is made of
 * @nlh: RTM_SETLINK or RTM_DELLINK, of which the core has checked nothing
 * @afspec: gets IFLA_AF_SPEC, or NULL; IFLA_BRIDGE_FLAGS in it are good
 * @protinfo: gets IFLA_PROTINFO, or NULL
 * @extack: names what is wrong
 *
 * Return: 0 or a negative error.
 */
int vnb_options_find_bridge(struct nlmsghdr *nlh, struct nlattr **afspec,
			    struct nlattr **protinfo,
			    struct netlink_ext_ack *extack);

/**
 * vnb_option_refuse() - refuse an attribute
 * @attr: the attribute
 * @refusal: what users are told; a text that stays
 * @extack: gets both
 *
 * Return: -EOPNOTSUPP.
 */
int vnb_option_refuse(const struct nlattr *attr, const char *refusal,
		      struct netlink_ext_ack *extack);

/**
 * vnb_options_check() - refuse what is not supported
 * @tb: attributes
 * @max: largest index of @tb
 * @options: rows for indexes up to @max
 * @extack: names the attribute that is refused
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int vnb_options_check(struct nlattr **tb, unsigned int max,
		      const struct vnb_option *options,
		      struct netlink_ext_ack *extack);

/**
 * vnb_options_off_size() - room for vnb_options_off_fill()
 * @max: as there
 * @options: as there
 *
 * Return: bytes.
 */
size_t vnb_options_off_size(unsigned int max, const struct vnb_option *options);

/**
 * vnb_options_off_fill() - show the switches that are not there as off
 * @skb: message
 * @max: largest index that is shown
 * @options: rows for indexes up to @max; those with VNB_OFF_ONLY are one byte
 *
 * Return: 0 or -EMSGSIZE.
 */
int vnb_options_off_fill(struct sk_buff *skb, unsigned int max,
			 const struct vnb_option *options);

#endif /* VNB_OPTION_H */
