/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNETBR_VLAN_RANGES_H
#define VNETBR_VLAN_RANGES_H

#include <stdbool.h>

#include "ip_abi.h"

/* ip has symbols of its own, which come first. */
#define PLUGIN_ONLY	__attribute__((visibility("hidden")))

/*
 * vlan_ranges_add() - append what is said of VLANs, as attribute @attr
 * @name: the word, for messages
 * @on_off: values are on and off; otherwise spanning tree instances
 * @arg: "10-20:5,30:6" or "10-20:on,30:off"; anything else ends ip
 */
PLUGIN_ONLY void vlan_ranges_add(struct nlmsghdr *n, int attr, const char *name,
				 bool on_off, const char *arg);

/* vlan_ranges_print() - print it as it is typed, or in JSON as bridge does */
PLUGIN_ONLY void vlan_ranges_print(const char *name, bool on_off,
				   struct rtattr *attr);

#endif /* VNETBR_VLAN_RANGES_H */
