/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/netlink.h>

#ifndef VNB_COMPAT_NET_NETLINK_H
#define VNB_COMPAT_NET_NETLINK_H

/*
 * v6.7, 374d345d9b5e ("netlink: add variable-length / auto integers"). There is
 * no NLA_UINT to validate one: for attributes that are only sent.
 */
#ifndef VNB_HAVE_NLA_UINT
static inline int vnb_compat_nla_put_uint(struct sk_buff *skb, int attrtype,
					  u64 value)
{
	u64 tmp64 = value;
	u32 tmp32 = value;

	if (tmp64 == tmp32)
		return nla_put_u32(skb, attrtype, tmp32);
	return nla_put(skb, attrtype, sizeof(u64), &tmp64);
}

#define nla_put_uint vnb_compat_nla_put_uint
#endif

/* v6.13, 7f4b3960e54f ("net: netlink: add nla_get_*_default() accessors") */
#ifndef VNB_HAVE_NLA_GET_DEFAULT
#define VNB_COMPAT_NLA_GET_DEFAULT(kind, type)				\
static inline type nla_get_##kind##_default(const struct nlattr *nla,	\
					    type defvalue)		\
{									\
	return nla ? nla_get_##kind(nla) : defvalue;			\
}

VNB_COMPAT_NLA_GET_DEFAULT(u8, u8)
VNB_COMPAT_NLA_GET_DEFAULT(u16, u16)
VNB_COMPAT_NLA_GET_DEFAULT(u32, u32)
VNB_COMPAT_NLA_GET_DEFAULT(u64, u64)
VNB_COMPAT_NLA_GET_DEFAULT(be16, __be16)
VNB_COMPAT_NLA_GET_DEFAULT(be32, __be32)
VNB_COMPAT_NLA_GET_DEFAULT(in_addr, __be32)
#endif

#endif /* VNB_COMPAT_NET_NETLINK_H */
