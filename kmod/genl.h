/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_GENL_H
#define VNB_GENL_H

#include <net/genetlink.h>

/** vnb_genl_family - generic netlink family "vnetbr" */
extern struct genl_family vnb_genl_family;

#endif /* VNB_GENL_H */
