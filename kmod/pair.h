/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_PAIR_H
#define VNB_PAIR_H

#include "dev.h"

/**
 * struct vnb_pair - one end of a pair
 */
struct vnb_pair {
	/** @vnb: what all modes have; stays first */
	struct vnb_dev		vnb;

	/** @peer: the other end, in any namespace; NULL while being deleted */
	struct net_device __rcu	*peer;

	/** @headroom: asked for by the master of this end */
	int			headroom;
};

/** vnb_pair() - private data of a device of mode pair */
static inline struct vnb_pair *vnb_pair(const struct net_device *dev)
{
	return netdev_priv(dev);
}

/**
 * vnb_pair_drop() - an end cannot hand a frame over
 * @dev: end that sends it
 * @skb: the frame
 * @why: the reason
 *
 * Consumes @skb. Counts it as dropped by @dev. Context: BH disabled.
 */
void vnb_pair_drop(struct net_device *dev, struct sk_buff *skb,
		   enum vnb_drop why);

/**
 * vnb_pair_notify() - something happens to a device
 * @dev: any device
 * @event: NETDEV_*
 *
 * When the core has switched "protodown" of one end, the other one follows.
 * Context: RTNL.
 */
void vnb_pair_notify(struct net_device *dev, unsigned long event);

/**
 * vnb_pair_may_receive() - can an end take what the other one sends?
 * @to: the receiving end
 * @skb: the frame, data at the MAC header
 *
 * Return: %VNB_OK or why not. Context: RCU read section.
 */
static inline enum vnb_drop vnb_pair_may_receive(const struct net_device *to,
						 const struct sk_buff *skb)
{
	if (likely(__is_skb_forwardable(to, skb, true)))
		return VNB_OK;

	return to->flags & IFF_UP ? VNB_DROP_TOO_BIG : VNB_DROP_NO_PEER;
}

#endif /* VNB_PAIR_H */
