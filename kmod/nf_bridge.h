/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_NF_BRIDGE_H
#define VNB_NF_BRIDGE_H

#include <linux/jump_label.h>

#include "bridge.h"

/* How many bridges have VNB_BRIDGE_NF_BLOCK, rarely any: a patched branch. */
DECLARE_STATIC_KEY_FALSE(vnb_nf_block_key);

/**
 * vnb_nf_bridge_hooked() - does netfilter family bridge have hooks?
 * @br: a bridge; its namespace counts
 *
 * Of nftables, ebtables, bridge conntrack or br_netfilter. They never see
 * frames of @br: each of them takes what its ports have for that of bridge.ko.
 * Context: any.
 *
 * Return: whether there are any.
 */
bool vnb_nf_bridge_hooked(const struct vnb_bridge *br);

/**
 * vnb_nf_bridge_set() - block while there are hooks, or do not
 * @br: the bridge
 * @block: whether to block
 *
 * To be undone before @br goes away. Context: RTNL, may sleep.
 */
void vnb_nf_bridge_set(struct vnb_bridge *br, bool block);

/** vnb_nf_bridge_blocks() - must @br forward nothing now? Context: any. */
static inline bool vnb_nf_bridge_blocks(const struct vnb_bridge *br)
{
	return static_branch_unlikely(&vnb_nf_block_key) &&
	       READ_ONCE(br->opts) & VNB_BRIDGE_NF_BLOCK &&
	       vnb_nf_bridge_hooked(br);
}

#endif /* VNB_NF_BRIDGE_H */
