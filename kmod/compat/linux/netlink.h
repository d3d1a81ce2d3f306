/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/netlink.h>

#ifndef VNB_COMPAT_LINUX_NETLINK_H
#define VNB_COMPAT_LINUX_NETLINK_H

/*
 * v6.2, 51c352bdbcd2 ("netlink: add support for formatted extack messages"):
 * before, netlink_ext_ack has no room for the text.
 */
#ifndef VNB_HAVE_EXTACK_FMT
__printf(1, 2) const char *vnb_compat_extack_fmt(const char *fmt, ...);

#define NL_SET_ERR_MSG_ATTR_POL_FMT(extack, attr, pol, fmt, args...) do { \
	struct netlink_ext_ack *__extack = (extack);			\
									\
	if (!__extack)							\
		break;							\
	__extack->_msg = vnb_compat_extack_fmt(fmt, ##args);		\
	__extack->bad_attr = (attr);					\
	__extack->policy = (pol);					\
	do_trace_netlink_extack(__extack->_msg);			\
} while (0)

#define NL_SET_ERR_MSG_ATTR_FMT(extack, attr, fmt, args...) \
	NL_SET_ERR_MSG_ATTR_POL_FMT(extack, attr, NULL, fmt, ##args)

#define NL_SET_ERR_MSG_FMT(extack, fmt, args...) do {			\
	struct netlink_ext_ack *__extack = (extack);			\
									\
	if (!__extack)							\
		break;							\
	__extack->_msg = vnb_compat_extack_fmt(fmt, ##args);		\
	do_trace_netlink_extack(__extack->_msg);			\
} while (0)

#define NL_SET_ERR_MSG_FMT_MOD(extack, fmt, args...) \
	NL_SET_ERR_MSG_FMT((extack), KBUILD_MODNAME ": " fmt, ##args)
#endif

/*
 * v6.3, 028fb19c6ba7 ("netlink: provide an ability to set default extack
 * message")
 */
#ifndef NL_SET_ERR_MSG_WEAK
#define NL_SET_ERR_MSG_WEAK(extack, msg) do {		\
	if ((extack) && !(extack)->_msg)		\
		NL_SET_ERR_MSG((extack), msg);		\
} while (0)
#endif

#endif /* VNB_COMPAT_LINUX_NETLINK_H */
