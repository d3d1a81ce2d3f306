// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners are told of changes of a forwarding table; see news.h.
 */
#include "news.h"

#include <linux/rtnetlink.h>
#include <net/netlink.h>

/* How long those wait that come right after others. */
#define VNB_NEWS_DELAY		msecs_to_jiffies(10)

/* So many batches may wait, a page each: no listener has room for more. */
#define VNB_NEWS_MAX		256

/* Have room in @news->batch, if there is a listener and memory. */
static bool vnb_news_reserve(struct vnb_news *news, size_t size)
{
	if (news->batch && skb_tailroom(news->batch) < nlmsg_total_size(size)) {
		__skb_queue_tail(&news->full, news->batch);
		news->batch = NULL;
	}
	if (!news->batch && skb_queue_len(&news->full) < VNB_NEWS_MAX)
		news->batch = nlmsg_new(NLMSG_DEFAULT_SIZE,
					GFP_ATOMIC | __GFP_NOWARN);

	return news->batch;
}

struct sk_buff *vnb_news_write(struct vnb_news *news, size_t size)
{
	unsigned long due = news->told + VNB_NEWS_DELAY;

	lockdep_assert_held(news->lock);

	if (!rtnl_has_listeners(dev_net(news->dev), RTNLGRP_NEIGH))
		return NULL;

	if (!vnb_news_reserve(news, size))
		news->lost = true;
	/* no change if it waits already */
	schedule_delayed_work(&news->work, time_before(jiffies, due) ?
					   VNB_NEWS_DELAY : 0);
	return news->batch;
}

/* Take what waits. Return: whether something was lost before the end of it. */
static bool vnb_news_take(struct vnb_news *news, struct sk_buff_head *out)
{
	bool lost;

	spin_lock_bh(news->lock);
	skb_queue_splice_tail_init(&news->full, out);
	if (news->batch)
		__skb_queue_tail(out, news->batch);
	news->batch = NULL;
	lost = news->lost;
	news->lost = false;
	news->told = jiffies;
	spin_unlock_bh(news->lock);

	return lost;
}

void vnb_news_tell(struct vnb_news *news)
{
	struct net *net = dev_net(news->dev);
	struct sk_buff_head out;
	struct sk_buff *skb;
	bool lost;

	__skb_queue_head_init(&out);

	/* Also waits for who has taken something, but not sent it yet. */
	mutex_lock(&news->sending);
	lost = vnb_news_take(news, &out);
	while ((skb = __skb_dequeue(&out)))
		rtnl_notify(skb, net, 0, RTNLGRP_NEIGH, NULL, GFP_KERNEL);
	if (lost)
		rtnl_set_sk_err(net, RTNLGRP_NEIGH, -ENOBUFS);
	mutex_unlock(&news->sending);
}

static void vnb_news_work(struct work_struct *work)
{
	vnb_news_tell(container_of(to_delayed_work(work), struct vnb_news,
				   work));
}

void vnb_news_init(struct vnb_news *news, struct net_device *dev,
		   spinlock_t *lock)
{
	news->dev = dev;
	news->lock = lock;
	news->told = jiffies - VNB_NEWS_DELAY;
	__skb_queue_head_init(&news->full);
	mutex_init(&news->sending);
	INIT_DELAYED_WORK(&news->work, vnb_news_work);
}

void vnb_news_uninit(struct vnb_news *news)
{
	cancel_delayed_work_sync(&news->work);
	vnb_news_tell(news);
	mutex_destroy(&news->sending);
}
