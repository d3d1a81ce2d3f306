/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_NEWS_H
#define VNB_NEWS_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

/**
 * DOC: Telling of addresses
 *
 * Who listens to RTNLGRP_NEIGH ("bridge monitor fdb") is told of each change of
 * a forwarding table. The message is written under the lock of the table, so
 * that what is told has the order in which it happened; it is sent from process
 * context with no lock of the path held, because whoever taps netlink sockets
 * may come back to us.
 *
 * A datagram of its own for each address costs a listener ten times the memory
 * that it takes to say it: a socket with the default buffer overruns when a few
 * hundred hosts appear at once. So the first one goes as soon as it can, those
 * that follow wait for VNB_NEWS_DELAY and go together, as several messages in
 * one datagram.
 */

/**
 * struct vnb_news - changes of a table that listeners are to be told
 */
struct vnb_news {
	/** @dev: the device whose table it is */
	struct net_device	*dev;

	/** @lock: of the table; for what follows, up to @told */
	spinlock_t		*lock;

	/** @batch: messages to be sent, with room for more, or NULL */
	struct sk_buff		*batch;

	/** @full: older ones, without room */
	struct sk_buff_head	full;

	/** @lost: a message could not be written since the last sending */
	bool			lost;

	/** @told: jiffies when messages were sent last */
	unsigned long		told;

	/** @sending: orders senders; process context, inside RTNL */
	struct mutex		sending;

	/** @work: sends what waits */
	struct delayed_work	work;
};

/**
 * vnb_news_init() - nothing is to be told yet
 * @news: what is to be told
 * @dev: the device whose table it is
 * @lock: the lock of the table
 */
void vnb_news_init(struct vnb_news *news, struct net_device *dev,
		   spinlock_t *lock);

/**
 * vnb_news_uninit() - tell what is left
 * @news: what is to be told; nobody writes any more
 *
 * Context: process.
 */
void vnb_news_uninit(struct vnb_news *news);

/**
 * vnb_news_write() - room for a message
 * @news: what is to be told
 * @size: upper bound of its payload, bytes
 *
 * The message has to be there before the lock is released. It is sent soon, or
 * by vnb_news_tell(). A listener that is not told for lack of memory gets
 * ENOBUFS, after what is still sent.
 *
 * Context: any, the lock of the table is held.
 *
 * Return: where it goes, behind others; NULL if nobody listens, or nobody can
 * be told.
 */
struct sk_buff *vnb_news_write(struct vnb_news *news, size_t size);

/**
 * vnb_news_tell() - what was written until now is told before this returns
 * @news: what is to be told
 *
 * For what users want, and before they are told anything else of the device.
 * Context: process, may sleep; RTNL may be held.
 */
void vnb_news_tell(struct vnb_news *news);

#endif /* VNB_NEWS_H */
