/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/ethtool.h>

#ifndef VNB_COMPAT_LINUX_ETHTOOL_H
#define VNB_COMPAT_LINUX_ETHTOOL_H

/* v6.8, 2a48c635fd9a ("ethtool: Implement ethtool_puts()") */
#ifndef VNB_HAVE_ETHTOOL_PUTS
static inline void vnb_compat_ethtool_puts(u8 **data, const char *str)
{
	ethtool_sprintf(data, "%.*s", ETH_GSTRING_LEN - 1, str);
}

#define ethtool_puts vnb_compat_ethtool_puts
#endif

/* v6.11, 2111375b85ad ("net: Add struct kernel_ethtool_ts_info") */
#ifndef VNB_HAVE_KERNEL_TS_INFO
#define kernel_ethtool_ts_info ethtool_ts_info
#endif

/* v7.2: before, no caller holds a lock that the other one would take. */
#ifndef VNB_HAVE_NETIF_LINK_KSETTINGS
#define netif_get_link_ksettings __ethtool_get_link_ksettings
#endif

#endif /* VNB_COMPAT_LINUX_ETHTOOL_H */
