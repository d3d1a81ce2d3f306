// SPDX-License-Identifier: GPL-2.0
/*
 * Devices of mode vxlan: what the core calls.
 *
 * Copyright (C) the vnetbr authors
 */

#include "tunnel.h"

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include <net/neighbour.h>
#include <net/netdev_lock.h>

static_assert(offsetof(struct vnb_tunnel, vnb) == 0);

void vnb_tunnel_flush_dynamic(struct vnb_tunnel *tun)
{
	static const struct vnb_tfdb_filter dynamic = {
		.state_mask = VNB_TFDB_STATIC,
	};

	vnb_tfdb_flush(tun, &dynamic);
}

static int vnb_tunnel_open(struct net_device *dev)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	const struct vnb_tunnel_config *cfg = rtnl_dereference(tun->cfg);
	struct vnb_listener *listener;

	listener = vnb_listen(tun, cfg, NULL);
	if (IS_ERR(listener)) {
		netdev_err(dev, "cannot use UDP port %u: error %pe\n",
			   ntohs(cfg->port), listener);
		return PTR_ERR(listener);
	}

	tun->listener = listener;
	rcu_assign_pointer(tun->sock, listener->sock);
	vnb_tfdb_start_ageing(tun);
	return 0;
}

static int vnb_tunnel_stop(struct net_device *dev)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);

	RCU_INIT_POINTER(tun->sock, NULL);
	vnb_listener_free(tun->listener);
	tun->listener = NULL;

	vnb_tfdb_stop_ageing(tun);
	vnb_tunnel_flush_dynamic(tun);
	return 0;
}

static int vnb_tunnel_init(struct net_device *dev)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	int err;

	err = vnb_dev_init(dev);
	if (err)
		return err;

	err = vnb_tfdb_init(tun);
	if (err)
		goto err_uninit_dev;

	err = gro_cells_init(&tun->gro_cells, dev);
	if (err)
		goto err_uninit_tfdb;

	netdev_lockdep_set_classes(dev);
	return 0;

err_uninit_tfdb:
	vnb_tfdb_uninit(tun);
err_uninit_dev:
	vnb_dev_uninit(dev);
	return err;
}

static void vnb_tunnel_uninit(struct net_device *dev)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	struct vnb_tunnel_config *cfg = rtnl_dereference(tun->cfg);

	gro_cells_destroy(&tun->gro_cells);
	vnb_tfdb_uninit(tun);
	vnb_dev_uninit(dev);

	RCU_INIT_POINTER(tun->cfg, NULL);
	kfree_rcu(cfg, rcu);
}

static netdev_tx_t vnb_tunnel_xmit(struct sk_buff *skb, struct net_device *dev)
{
	rcu_read_lock();
	vnb_tunnel_send(dev, skb);
	rcu_read_unlock();

	return NETDEV_TX_OK;
}

/* Groups of inner frames are not filtered. */
static void vnb_tunnel_set_rx_mode(struct net_device *dev)
{
}

static int vnb_tunnel_change_mtu(struct net_device *dev, int mtu)
{
	struct vnb_tunnel *tun = vnb_tunnel(dev);
	const struct vnb_tunnel_config *cfg = rtnl_dereference(tun->cfg);

	if (tun->lower && mtu > ETH_MIN_MTU &&
	    mtu + vnb_outer_overhead(cfg->family) > READ_ONCE(tun->lower->mtu))
		return -EINVAL;

	WRITE_ONCE(dev->mtu, mtu);
	tun->mtu_user = true;
	return 0;
}

unsigned int vnb_tunnel_underlay_mtu(struct vnb_tunnel *tun,
				     const struct vnb_tunnel_config *cfg,
				     const struct net_device *lower)
{
	unsigned int overhead = vnb_outer_overhead(cfg->family);
	unsigned int mtu = 0;

	if (lower)
		mtu = READ_ONCE(lower->mtu);
	else if (!vnb_ip_is_any(&cfg->remote))
		mtu = vnb_outer_path_mtu(tun, cfg);

	if (!mtu)
		return ETH_DATA_LEN;

	return clamp(mtu, overhead + ETH_MIN_MTU, (unsigned int)ETH_MAX_MTU) -
	       overhead;
}

void vnb_tunnel_follow_mtu(struct vnb_tunnel *tun)
{
	const struct vnb_tunnel_config *cfg = rtnl_dereference(tun->cfg);
	struct net_device *dev = tun->vnb.dev;
	unsigned int mtu;

	mtu = vnb_tunnel_underlay_mtu(tun, cfg, tun->lower);
	if (tun->mtu_user || mtu == dev->mtu)
		return;

	dev_set_mtu(dev, mtu);
	tun->mtu_user = false;
}

void vnb_tunnel_follow_lower(struct net_device *dev,
			     const struct vnb_tunnel_config *cfg,
			     const struct net_device *lower)
{
	unsigned int overhead = vnb_outer_overhead(cfg->family);
	unsigned int headroom = ETH_HLEN, tailroom = 0;

	if (lower) {
		netif_inherit_tso_max(dev, lower);
		headroom = lower->hard_header_len +
			   READ_ONCE(lower->needed_headroom);
		tailroom = READ_ONCE(lower->needed_tailroom);
	}

	dev->max_mtu = ETH_MAX_MTU - overhead;
	WRITE_ONCE(dev->needed_headroom, overhead + headroom);
	WRITE_ONCE(dev->needed_tailroom, tailroom);
}

void vnb_tunnel_stats_add(const struct net_device *dev, u64 *sum)
{
	const struct vnb_sock *sock;

	sock = rcu_dereference_rtnl(vnb_tunnel(dev)->sock);
	if (sock)
		vnb_stats_sum(sock->stats, sum);
}

const struct net_device_ops vnb_tunnel_netdev_ops = {
	.ndo_init		= vnb_tunnel_init,
	.ndo_uninit		= vnb_tunnel_uninit,
	.ndo_open		= vnb_tunnel_open,
	.ndo_stop		= vnb_tunnel_stop,
	.ndo_start_xmit		= vnb_tunnel_xmit,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_set_rx_mode	= vnb_tunnel_set_rx_mode,
	.ndo_change_mtu		= vnb_tunnel_change_mtu,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_fdb_add		= vnb_tfdb_nl_add,
	.ndo_fdb_del		= vnb_tfdb_nl_del,
	.ndo_fdb_del_bulk	= vnb_tfdb_nl_del_bulk,
	.ndo_fdb_dump		= vnb_tfdb_nl_dump,
	.ndo_fdb_get		= vnb_tfdb_nl_get,
	.ndo_bridge_setlink	= vnb_tunnel_setlink,
};
