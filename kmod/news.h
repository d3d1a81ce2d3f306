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
 * that are learned soon after wait for VNB_NEWS_DELAY and go together, as
 * several messages in one datagram. What users change goes alone and at once,
 * as from the kernel's own devices: there are listeners that read the first
 * message of a datagram only, and they care for such entries.
 */

/**
 * struct vnb_news - changes of a table that listeners are to be told
 */
struct vnb_news {
	/** @dev: the device whose table it is */
	struct net_device	*dev;

	/** @lock: for what follows, up to @told; inside the table's lock */
	spinlock_t		lock;

	/** @queue: datagrams to be sent, oldest first */
	struct sk_buff_head	queue;

	/** @closed: nothing is added to the last one of @queue */
	bool			closed;

	/** @lost: a message could not be written since the last sending */
	bool			lost;

	/** @told: jiffies when something was sent last */
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
 */
void vnb_news_init(struct vnb_news *news, struct net_device *dev);

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
 * @alone: in a datagram of its own, unless too many wait
 *
 * It is put there before the lock is released, and sent soon, or by
 * vnb_news_tell(). Listeners get ENOBUFS when it cannot be written.
 *
 * Context: any, &vnb_news.lock and the lock of the table are held.
 *
 * Return: where it goes, perhaps behind others; NULL if nobody listens, or
 * nobody can be told.
 */
struct sk_buff *vnb_news_write(struct vnb_news *news, size_t size, bool alone);

/**
 * vnb_news_tell() - what was written until now is told before this returns
 * @news: what is to be told
 *
 * For what users want, and before they are told anything else of the device.
 * Context: process, may sleep; RTNL may be held.
 */
void vnb_news_tell(struct vnb_news *news);

#endif /* VNB_NEWS_H */
