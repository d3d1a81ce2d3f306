// SPDX-License-Identifier: GPL-2.0
/*
 * The pair: two devices, in any namespaces, each of which receives what the
 * other one sends.
 */
#include "pair.h"

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/vnetbr.h>

#include "frame.h"
#include "link.h"
#include "option.h"

/* All of it: a frame is never copied, segmented or checksummed on the way. */
#define VNB_PAIR_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST |	   \
				 NETIF_F_HW_CSUM | NETIF_F_RXCSUM |	   \
				 NETIF_F_SCTP_CRC | NETIF_F_HIGHDMA |	   \
				 NETIF_F_GSO_SOFTWARE |			   \
				 NETIF_F_GSO_ENCAP_ALL | VNB_PAIR_VLAN)

#define VNB_PAIR_VLAN		(NETIF_F_HW_VLAN_CTAG_TX |		   \
				 NETIF_F_HW_VLAN_CTAG_RX |		   \
				 NETIF_F_HW_VLAN_STAG_TX |		   \
				 NETIF_F_HW_VLAN_STAG_RX)

static struct net_device *vnb_pair_peer_rtnl(const struct net_device *dev)
{
	return rtnl_dereference(vnb_pair(dev)->peer);
}

void vnb_pair_drop(struct net_device *dev, struct sk_buff *skb,
		   enum vnb_drop why)
{
	DEV_STATS_INC(dev, tx_dropped);
	vnb_drop(vnb_dev(dev), skb, why);
}

/* To the bridge behind the peer by the short cut, else to the peer itself. */
static netdev_tx_t vnb_pair_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct net_device *peer;
	struct vnb_port *port;

	rcu_read_lock();

	peer = rcu_dereference(vnb_pair(dev)->peer);
	if (unlikely(!peer)) {
		vnb_pair_drop(dev, skb, VNB_DROP_NO_PEER);
		goto unlock;
	}
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN))) {
		vnb_pair_drop(dev, skb, VNB_DROP_TRUNCATED);
		goto unlock;
	}

	skb_tx_timestamp(skb);
	port = rcu_dereference(vnb_dev(peer)->port);
	if (port)
		vnb_rx_pair(dev, peer, port, skb);
	else
		vnb_tx_peer(dev, peer, skb);

unlock:
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

/*
 * There is one link: both ends have it while both are up and neither is held
 * down by a protocol ("protodown").
 */
static void vnb_pair_set_link(struct net_device *dev, struct net_device *peer,
			      bool up)
{
	if (up && !dev->proto_down && !peer->proto_down) {
		netif_carrier_on(dev);
		netif_carrier_on(peer);
	} else {
		netif_carrier_off(dev);
		netif_carrier_off(peer);
	}
}

static int vnb_pair_open(struct net_device *dev)
{
	struct net_device *peer = vnb_pair_peer_rtnl(dev);

	if (!peer)
		return -ENOTCONN;

	vnb_pair_set_link(dev, peer, peer->flags & IFF_UP);
	return 0;
}

static int vnb_pair_stop(struct net_device *dev)
{
	struct net_device *peer = vnb_pair_peer_rtnl(dev);

	netif_carrier_off(dev);
	if (peer)
		netif_carrier_off(peer);
	return 0;
}

void vnb_pair_notify(struct net_device *dev, unsigned long event)
{
	struct net_device *peer;

	if (!vnb_dev_is_pair(dev) || event != NETDEV_CHANGE)
		return;

	peer = vnb_pair_peer_rtnl(dev);
	if (peer)
		vnb_pair_set_link(dev, peer,
				  dev->flags & peer->flags & IFF_UP);
}

/*
 * The master of one end wants room in front of the frames that arrive there:
 * the sender at the other end has to leave it.
 */
static void vnb_pair_set_rx_headroom(struct net_device *dev, int room)
{
	struct vnb_pair *pair = vnb_pair(dev);
	struct net_device *peer;

	rcu_read_lock();
	peer = rcu_dereference(pair->peer);
	if (peer) {
		pair->headroom = max(room, 0);
		room = max(pair->headroom, vnb_pair(peer)->headroom);
		WRITE_ONCE(dev->needed_headroom, room);
		WRITE_ONCE(peer->needed_headroom, room);
	}
	rcu_read_unlock();
}

static int vnb_pair_get_iflink(const struct net_device *dev)
{
	const struct net_device *peer;
	int iflink;

	rcu_read_lock();
	peer = rcu_dereference(vnb_pair(dev)->peer);
	iflink = peer ? READ_ONCE(peer->ifindex) : 0;
	rcu_read_unlock();

	return iflink;
}

static struct net_device *vnb_pair_get_peer_dev(struct net_device *dev)
{
	return rcu_dereference(vnb_pair(dev)->peer);
}

/* The peer receives every group anyway. */
static void vnb_pair_set_rx_mode(struct net_device *dev)
{
}

const struct net_device_ops vnb_pair_netdev_ops = {
	.ndo_init		= vnb_dev_init,
	.ndo_uninit		= vnb_dev_uninit,
	.ndo_open		= vnb_pair_open,
	.ndo_stop		= vnb_pair_stop,
	.ndo_start_xmit		= vnb_pair_xmit,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_set_rx_mode	= vnb_pair_set_rx_mode,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_get_iflink		= vnb_pair_get_iflink,
	.ndo_features_check	= passthru_features_check,
	.ndo_set_rx_headroom	= vnb_pair_set_rx_headroom,
	.ndo_get_peer_dev	= vnb_pair_get_peer_dev,
};

static void vnb_pair_setup(struct net_device *dev)
{
	dev->netdev_ops = &vnb_pair_netdev_ops;
	dev->priv_flags |= IFF_PHONY_HEADROOM;
	vnb_set_change_proto_down(dev);
	dev->features |= VNB_PAIR_FEATURES;
	dev->hw_features = VNB_PAIR_FEATURES;
	dev->hw_enc_features = VNB_PAIR_FEATURES;
	dev->vlan_features = VNB_PAIR_FEATURES & ~VNB_PAIR_VLAN;
	dev->mpls_features = NETIF_F_HW_CSUM | NETIF_F_GSO_SOFTWARE;
}

/**
 * struct vnb_pair_request - what a request says of the peer
 */
struct vnb_pair_request {
	/** @ifm: its header; NULL when nothing was said */
	struct ifinfomsg	*ifm;
	/** @tb: its attributes; all NULL when nothing was said */
	struct nlattr		*tb[IFLA_MAX + 1];
	/** @name: its name, or a pattern */
	char			name[IFNAMSIZ];
	/** @assign: NET_NAME_* */
	unsigned char		assign;
};

static int vnb_pair_parse_peer(struct vnb_pair_request *req,
			       struct nlattr *peer,
			       struct netlink_ext_ack *extack)
{
	int err;

	strscpy(req->name, "vnetbr%d", sizeof(req->name));
	req->assign = NET_NAME_ENUM;
	if (!peer)
		return 0;

	req->ifm = nla_data(peer);
	err = rtnl_nla_parse_ifinfomsg(req->tb, peer, extack);
	if (err)
		return err;

	err = vnb_options_check_frame(peer, sizeof(*req->ifm), IFLA_MAX,
				      extack);
	if (err)
		return err;

	err = vnb_link_ops.validate(req->tb, NULL, extack);
	if (err)
		return err;

	if (req->tb[IFLA_IFNAME]) {
		nla_strscpy(req->name, req->tb[IFLA_IFNAME], IFNAMSIZ);
		req->assign = NET_NAME_USER;
	}
	return 0;
}

/* The peer, registered and down. */
static struct net_device *vnb_pair_create_peer(struct vnb_pair_request *req,
					       struct net *net,
					       struct net_device *dev,
					       struct netlink_ext_ack *extack)
{
	struct net_device *peer;
	int err;

	peer = rtnl_create_link(net, req->name, req->assign, &vnb_link_ops,
				req->tb, extack);
	if (IS_ERR(peer))
		return peer;

	vnb_pair_setup(peer);
	if (!req->tb[IFLA_ADDRESS])
		eth_hw_addr_random(peer);
	if (req->ifm)
		peer->ifindex = req->ifm->ifi_index;
	netif_inherit_tso_max(peer, dev);

	err = vnb_link_register_netdevice(peer, req->tb[IFLA_IFNAME], extack);
	if (err) {
		free_netdev(peer);
		return ERR_PTR(err);
	}

	netif_carrier_off(peer);
	err = rtnl_configure_link(peer, req->ifm, 0, NULL);
	if (err) {
		unregister_netdevice(peer);
		return ERR_PTR(err);
	}

	return peer;
}

static int vnb_pair_newlink(struct net_device *dev,
			    struct rtnl_newlink_params *params,
			    struct nlattr **data,
			    struct netlink_ext_ack *extack)
{
	struct vnb_pair_request *req;
	struct net_device *peer;
	int err;

	req = kzalloc_obj(*req);
	if (!req)
		return -ENOMEM;

	err = vnb_pair_parse_peer(req, data[IFLA_VNETBR_PEER], extack);
	if (err)
		goto out;

	peer = vnb_pair_create_peer(req, rtnl_newlink_peer_net(params), dev,
				    extack);
	if (IS_ERR(peer)) {
		err = PTR_ERR(peer);
		goto out;
	}

	/* Registered last, so that its notification can tell of its peer. */
	if (!params->tb[IFLA_ADDRESS])
		eth_hw_addr_random(dev);
	err = vnb_link_register_netdevice(dev, params->tb[IFLA_IFNAME], extack);
	if (err) {
		unregister_netdevice(peer);
		goto out;
	}

	netif_carrier_off(dev);
	rcu_assign_pointer(vnb_pair(dev)->peer, peer);
	rcu_assign_pointer(vnb_pair(peer)->peer, dev);
out:
	kfree(req);
	return err;
}

static int vnb_pair_changelink(struct net_device *dev, struct nlattr **tb,
			       struct nlattr **data,
			       struct netlink_ext_ack *extack)
{
	if (data[IFLA_VNETBR_PEER]) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_VNETBR_PEER],
				    "peer can be given at creation only");
		return -EOPNOTSUPP;
	}

	return 0;
}

/*
 * Called for either end, and for the second one again when both are in
 * namespaces that die together. Frames on their way keep both devices until
 * unregistering has waited for them.
 */
static void vnb_pair_dellink(struct net_device *dev, struct list_head *head)
{
	struct net_device *peer = vnb_pair_peer_rtnl(dev);

	unregister_netdevice_queue(dev, head);
	if (!peer)
		return;

	RCU_INIT_POINTER(vnb_pair(dev)->peer, NULL);
	RCU_INIT_POINTER(vnb_pair(peer)->peer, NULL);
	unregister_netdevice_queue(peer, head);
}

static size_t vnb_pair_get_size(const struct net_device *dev)
{
	return 0;
}

/* The peer is told by IFLA_LINK and IFLA_LINK_NETNSID. */
static int vnb_pair_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	return 0;
}

static struct net *vnb_pair_get_link_net(const struct net_device *dev)
{
	struct net_device *peer = vnb_pair_peer_rtnl(dev);

	return peer ? dev_net(peer) : dev_net(dev);
}

const struct vnb_mode_ops vnb_pair_mode = {
	.name		= "pair",
	.netdev_ops	= &vnb_pair_netdev_ops,
	.attrs		= BIT(IFLA_VNETBR_PEER),
	.setup		= vnb_pair_setup,
	.newlink	= vnb_pair_newlink,
	.changelink	= vnb_pair_changelink,
	.dellink	= vnb_pair_dellink,
	.get_size	= vnb_pair_get_size,
	.fill_info	= vnb_pair_fill_info,
	.get_link_net	= vnb_pair_get_link_net,
};
