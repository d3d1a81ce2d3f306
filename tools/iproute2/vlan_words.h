/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNETBR_VLAN_WORDS_H
#define VNETBR_VLAN_WORDS_H

#include "ip_abi.h"

/* ip has symbols of its own, which come first. */
#define PLUGIN_ONLY	__attribute__((visibility("hidden")))

/*
 * mst_add() - append IFLA_VNETBR_BR_MST
 * @arg: "10-20:5,30:6"; anything else ends ip
 */
PLUGIN_ONLY void mst_add(struct nlmsghdr *n, const char *arg);

/* mst_print() - print it, in JSON as "bridge -j vlan global show" does */
PLUGIN_ONLY void mst_print(struct rtattr *attr);

/*
 * vlan_set_add() - append a set of VLANs, a bit for each, as attribute @attr
 * @name: the word, for messages
 * @arg: "10-20,30" or "none"; anything else ends ip
 */
PLUGIN_ONLY void vlan_set_add(struct nlmsghdr *n, int attr, const char *name,
			      const char *arg);

/* vlan_set_print() - print it, in JSON as "bridge -j vlan" lists VLANs */
PLUGIN_ONLY void vlan_set_print(const char *name, struct rtattr *attr);

#endif /* VNETBR_VLAN_WORDS_H */
