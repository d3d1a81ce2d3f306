/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/if_bridge.h>

#ifndef VNB_COMPAT_LINUX_IF_BRIDGE_H
#define VNB_COMPAT_LINUX_IF_BRIDGE_H

/* Later than v6.12. As in linux/if_link.h: numbers of the ABI never change. */
#define BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION	3
#define BR_BOOLOPT_FDB_LOCAL_VLAN_0			4

#endif /* VNB_COMPAT_LINUX_IF_BRIDGE_H */
