/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_TUNNEL_H
#define VNB_TUNNEL_H

#include "dev.h"

/**
 * vnb_tunnel_send() - encapsulate a frame and send it to its remotes
 * @dev: a device of mode vxlan, up
 * @skb: the frame, data at the MAC header, VLAN tag in the frame
 *
 * Consumes @skb. Counts on @dev. Context: BH disabled, RCU read section.
 */
void vnb_tunnel_send(struct net_device *dev, struct sk_buff *skb);

#endif /* VNB_TUNNEL_H */
