// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners are told of changes of a forwarding table; see news.h.
 */
#include "news.h"

#include <linux/rtnetlink.h>
#include <net/netlink.h>

/* How long those wait that come right after others. */
#define VNB_NEWS_DELAY		msecs_to_jiffies(10)

/* So many datagrams may wait, a page each at most ... */
#define VNB_NEWS_MAX		256

/* ... and so many, before none is for one message only. */
#define VNB_NEWS_MAX_ALONE	32

/* A datagram that has room for one more message, or NULL. */
static struct sk_buff *vnb_news_reserve(struct vnb_news *news, size_t size,
					bool alone)
{
	struct sk_buff *skb = skb_peek_tail(&news->queue);

	if (skb_queue_len(&news->queue) >= VNB_NEWS_MAX_ALONE)
		alone = false;

	if (skb && !news->closed && !alone &&
	    skb_tailroom(skb) >= nlmsg_total_size(size))
		return skb;

	if (skb_queue_len(&news->queue) == VNB_NEWS_MAX)
		return NULL;

	skb = nlmsg_new(alone ? size : NLMSG_DEFAULT_SIZE,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;

	__skb_queue_tail(&news->queue, skb);
	news->closed = alone;
	return skb;
}

static bool vnb_news_is_waiting(const struct vnb_news *news)
{
	return news->lost || !skb_queue_empty(&news->queue);
}

struct sk_buff *vnb_news_write(struct vnb_news *news, size_t size, bool alone)
{
	unsigned long due = news->told + VNB_NEWS_DELAY;
	struct sk_buff *skb;

	lockdep_assert_held(&news->lock);

	if (!rtnl_has_listeners(dev_net(news->dev), RTNLGRP_NEIGH))
		return NULL;

	if (!vnb_news_is_waiting(news))
		schedule_delayed_work(&news->work, time_before(jiffies, due) ?
						   VNB_NEWS_DELAY : 0);
	skb = vnb_news_reserve(news, size, alone);
	if (!skb)
		news->lost = true;
	return skb;
}

/*
 * Take what waits. Return: the namespace whose listeners are to be told, which
 * stays that of the device until they are; NULL if there is nothing to tell.
 */
static struct net *vnb_news_take(struct vnb_news *news,
				 struct sk_buff_head *out, bool *lost)
{
	struct net *net = NULL;

	spin_lock_bh(&news->lock);
	if (vnb_news_is_waiting(news)) {
		net = dev_net(news->dev);
		news->told = jiffies;
	}
	skb_queue_splice_tail_init(&news->queue, out);
	*lost = news->lost;
	news->lost = false;
	spin_unlock_bh(&news->lock);

	return net;
}

void vnb_news_tell(struct vnb_news *news)
{
	struct sk_buff_head out;
	struct sk_buff *skb;
	struct net *net;
	bool lost;

	__skb_queue_head_init(&out);

	/*
	 * Also waits for who has taken something, but not sent it yet: a device
	 * that changes its namespace tells when it goes down.
	 */
	mutex_lock(&news->sending);
	net = vnb_news_take(news, &out, &lost);
	while ((skb = __skb_dequeue(&out))) {
		rtnl_notify(skb, net, 0, RTNLGRP_NEIGH, NULL, GFP_KERNEL);
		cond_resched();
	}
	if (lost)
		rtnl_set_sk_err(net, RTNLGRP_NEIGH, -ENOBUFS);
	mutex_unlock(&news->sending);
}

static void vnb_news_work(struct work_struct *work)
{
	vnb_news_tell(container_of(to_delayed_work(work), struct vnb_news,
				   work));
}

void vnb_news_init(struct vnb_news *news, struct net_device *dev)
{
	news->dev = dev;
	spin_lock_init(&news->lock);
	__skb_queue_head_init(&news->queue);
	news->told = jiffies - VNB_NEWS_DELAY;
	mutex_init(&news->sending);
	INIT_DELAYED_WORK(&news->work, vnb_news_work);
}

void vnb_news_uninit(struct vnb_news *news)
{
	cancel_delayed_work_sync(&news->work);
	vnb_news_tell(news);
	mutex_destroy(&news->sending);
}
