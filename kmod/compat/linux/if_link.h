/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/if_link.h>

#ifndef VNB_COMPAT_LINUX_IF_LINK_H
#define VNB_COMPAT_LINUX_IF_LINK_H

/*
 * Numbers of the kernel's ABI never change: where the headers have them, this
 * says the same once more.
 */

/* v6.2 to v6.8 */
#define IFLA_BRPORT_MAB			40
#define IFLA_BRPORT_MCAST_N_GROUPS	41
#define IFLA_BRPORT_MCAST_MAX_GROUPS	42
#define IFLA_BRPORT_NEIGH_VLAN_SUPPRESS	43
#define IFLA_BRPORT_BACKUP_NHID		44
#define IFLA_BR_FDB_N_LEARNED		48
#define IFLA_BR_FDB_MAX_LEARNED		49
#define IFLA_VXLAN_LOCALBYPASS		31
#define IFLA_VXLAN_LABEL_POLICY		32

/* later than v6.12 */
#define IFLA_BRPORT_NEIGH_FORWARD_GRAT	45
#define IFLA_BR_STP_MODE		50
#define BR_STP_MODE_AUTO		0
#define BR_STP_MODE_USER		1
#define BR_STP_MODE_KERNEL		2
#define IFLA_VXLAN_RESERVED_BITS	33
#define IFLA_VXLAN_MC_ROUTE		34

#endif /* VNB_COMPAT_LINUX_IF_LINK_H */
