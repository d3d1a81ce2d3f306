// SPDX-License-Identifier: GPL-2.0
/* Devices that are watched: their counters, and what they receive. */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "fuzz.h"

#define WATCHED_MAX	16
#define COUNTERS_MAX	64

enum role { BRIDGE, TUNNEL, PAIR, HOST, SINK };

static const char * const role_names[] = {
	[BRIDGE] = "bridge",
	[TUNNEL] = "tunnel",
	[PAIR] = "pair",
	[HOST] = "host",
	[SINK] = "sink",
};

/* Counters that mean something to the ledger, beside those of drops. */
enum counter { FLOODED, PMTU, ANSWERED, BPDU_RX, BPDU_TX, N_COUNTERS };

static const char * const counter_names[] = {
	[FLOODED] = "flooded",
	[PMTU] = "drop_pmtu",
	[ANSWERED] = "neigh_answered",
	[BPDU_RX] = "bpdu_rx",
	[BPDU_TX] = "bpdu_tx",
};

/* What one of the counters of ethtool counts. */
enum drop { NO_DROP, A_DROP, STORM_DROP };

/* A device; where its counters are among those of ethtool. */
struct watched {
	struct net_device *dev;
	netdevice_tracker tracker;
	enum role role;
	int n;
	int at[N_COUNTERS];
	enum drop drop[COUNTERS_MAX];
};

static struct watched watched[WATCHED_MAX];
static unsigned int n_watched;
static u64 received_by_host;

static bool has_counters(enum role role)
{
	return role == BRIDGE || role == TUNNEL || role == PAIR;
}

static bool is_host(const struct watched *w)
{
	return w->role == BRIDGE || w->role == HOST;
}

static rx_handler_result_t on_receive(struct sk_buff **skb)
{
	struct watched *w = rcu_dereference((*skb)->dev->rx_handler_data);

	if (!fuzz_is_ours())
		return RX_HANDLER_PASS;
	skb_push(*skb, ETH_HLEN);
	fuzz_arrive(*skb);
	fuzz_arrived.received++;
	if (is_host(w))
		received_by_host++;
	consume_skb(*skb);
	return RX_HANDLER_CONSUMED;
}

static void find_counter(struct watched *w, int i, const char *name)
{
	int n = match_string(counter_names, N_COUNTERS, name);

	if (n >= 0)
		w->at[n] = i;
	if (str_has_prefix(name, "drop_storm_"))
		w->drop[i] = STORM_DROP;
	else if (str_has_prefix(name, "drop_"))
		w->drop[i] = A_DROP;
}

/* Find out which counter is which. */
static int find_counters(struct watched *w)
{
	const struct ethtool_ops *ops = w->dev->ethtool_ops;
	char (*names)[ETH_GSTRING_LEN];
	int i, err = 0;

	if (!ops || !ops->get_sset_count)
		return -EOPNOTSUPP;
	w->n = ops->get_sset_count(w->dev, ETH_SS_STATS);
	if (w->n <= 0 || w->n > COUNTERS_MAX)
		return -E2BIG;
	names = kcalloc(w->n, sizeof(*names), GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	ops->get_strings(w->dev, ETH_SS_STATS, (u8 *)names);
	for (i = 0; i < N_COUNTERS; i++)
		w->at[i] = -1;
	for (i = 0; i < w->n; i++)
		find_counter(w, i, names[i]);
	for (i = 0; i < N_COUNTERS; i++)
		if (w->at[i] < 0)
			err = -ENOENT;
	kfree(names);
	return err;
}

/**
 * fuzz_watch() - count a device in
 * @dev: the device
 * @role: bridge, tunnel or pair: a device of vnetbr, whose counters are read;
 *	host: a VLAN of the host of a bridge; sink: any other. These two, and
 *	what has "-sink" behind it: take over what it receives
 *
 * Return: 0 or a negative error.
 */
int fuzz_watch(struct net_device *dev, const char *role)
{
	struct watched *w = &watched[n_watched];
	char word[16];
	char *sink;
	int err = 0;
	int n;

	if (n_watched == WATCHED_MAX)
		return -ENOSPC;
	strscpy(word, role, sizeof(word));
	sink = strchr(word, '-');
	if (sink)
		*sink = 0;
	n = match_string(role_names, ARRAY_SIZE(role_names), word);
	if (n < 0)
		return n;

	*w = (struct watched){ .dev = dev, .role = n };
	rtnl_lock();
	if (has_counters(w->role))
		err = find_counters(w);
	if (!err && (sink || !has_counters(w->role)))
		err = netdev_rx_handler_register(dev, on_receive, w);
	rtnl_unlock();
	if (err)
		return err;
	netdev_hold(dev, &w->tracker, GFP_KERNEL);
	n_watched++;
	return 0;
}

/**
 * fuzz_forget() - let all devices go
 */
void fuzz_forget(void)
{
	struct net_device *dev;

	rtnl_lock();
	while (n_watched) {
		dev = watched[--n_watched].dev;
		if (rtnl_dereference(dev->rx_handler) == on_receive)
			netdev_rx_handler_unregister(dev);
		netdev_put(dev, &watched[n_watched].tracker);
	}
	rtnl_unlock();
}

/**
 * fuzz_is_host() - is what a device receives for the host of a bridge?
 * @dev: any device, or NULL
 */
bool fuzz_is_host(const struct net_device *dev)
{
	unsigned int i;

	for (i = 0; i < n_watched; i++)
		if (watched[i].dev == dev)
			return is_host(&watched[i]);

	return false;
}

static void count_device(struct fuzz_counters *c, const struct watched *w)
{
	struct ethtool_stats request = { .n_stats = w->n };
	static u64 values[COUNTERS_MAX];
	int i;

	w->dev->ethtool_ops->get_ethtool_stats(w->dev, &request, values);
	for (i = 0; i < w->n; i++) {
		if (w->drop[i])
			c->drops += values[i];
		if (w->drop[i] == STORM_DROP)
			c->storm += values[i];
	}
	if (w->role == BRIDGE)
		c->flooded += values[w->at[FLOODED]];
	if (w->role == TUNNEL)
		c->remotes += values[w->at[FLOODED]];
	c->pmtu += values[w->at[PMTU]];
	c->answered += values[w->at[ANSWERED]];
	c->bpdu_rx += values[w->at[BPDU_RX]];
	c->bpdu_tx += values[w->at[BPDU_TX]];
}

/**
 * fuzz_count_devices() - the counters of all devices that are watched
 *
 * Context: BH disabled.
 */
struct fuzz_counters fuzz_count_devices(void)
{
	struct fuzz_counters c = { .host = received_by_host };
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < n_watched; i++)
		if (has_counters(watched[i].role))
			count_device(&c, &watched[i]);
	rcu_read_unlock();
	return c;
}
