// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets of tunnels, one for each port.
 *
 * Copyright (C) the vnetbr authors
 */

#include "sock.h"

#include <linux/igmp.h>
#include <linux/slab.h>

#include <net/addrconf.h>
#include <net/l3mdev.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "netns.h"
#include "tunnel.h"

/* A multicast group that tunnels of a socket are members of. */
struct vnb_group {
	struct list_head	list;
	union vnb_ip		ip;
	u32			link;
	unsigned int		refs;
};

static struct sock *vnb_sock_create_udp(struct net *net, u8 family, __be16 port,
					u32 bind)
{
	struct udp_port_cfg conf = {
		.family			= family,
		.local_udp_port		= port,
		.bind_ifindex		= bind,
		/* vnb_decap_rcv() knows which tunnel wants them */
		.use_udp6_rx_checksums	= false,
		.ipv6_v6only		= true,
	};
	struct socket *socket;
	int err;

	err = udp_sock_create(net, &conf, &socket);
	if (err)
		return ERR_PTR(err);

	udp_allow_gso(socket->sk);
	return socket->sk;
}

static struct vnb_sock *vnb_sock_create(struct net *net, u8 family, __be16 port,
					u32 bind)
{
	struct udp_tunnel_sock_cfg conf = {
		.encap_type		= 1,
		.encap_rcv		= vnb_decap_rcv,
		.encap_err_lookup	= vnb_decap_err_lookup,
		.gro_receive		= vnb_decap_gro_receive,
		.gro_complete		= vnb_decap_gro_complete,
	};
	struct vnb_sock *sock;
	int err = -ENOMEM;

	sock = kvzalloc_objs(*sock, 1);
	if (!sock)
		return ERR_PTR(err);

	sock->stats = alloc_percpu(struct vnb_stats);
	if (!sock->stats)
		goto err_free_sock;

	sock->sk = vnb_sock_create_udp(net, family, port, bind);
	if (IS_ERR(sock->sk)) {
		err = PTR_ERR(sock->sk);
		goto err_free_stats;
	}

	sock->family = family;
	sock->port = port;
	sock->bind = bind;
	hash_init(sock->vnis);
	INIT_LIST_HEAD(&sock->groups);
	list_add(&sock->list, &vnb_net(net)->socks);

	conf.sk_user_data = sock;
	setup_udp_tunnel_sock(net, sock->sk, &conf);
	udp_tunnel_notify_add_rx_port(sock->sk, UDP_TUNNEL_TYPE_VXLAN);

	return sock;

err_free_stats:
	free_percpu(sock->stats);
err_free_sock:
	kvfree(sock);
	return ERR_PTR(err);
}

static struct vnb_sock *vnb_sock_get(struct net *net,
				     const struct vnb_tunnel_config *cfg)
{
	struct vnb_sock *sock;
	u32 bind = 0;

	if (cfg->link)
		bind = l3mdev_master_upper_ifindex_by_index(net, cfg->link);

	list_for_each_entry(sock, &vnb_net(net)->socks, list)
		if (sock->port == cfg->port && sock->family == cfg->family &&
		    sock->bind == bind)
			goto out;

	sock = vnb_sock_create(net, cfg->family, cfg->port, bind);
	if (IS_ERR(sock))
		return sock;
out:
	sock->refs++;
	return sock;
}

static void vnb_sock_free(struct rcu_head *head)
{
	struct vnb_sock *sock = container_of(head, struct vnb_sock, rcu);

	free_percpu(sock->stats);
	kvfree(sock);
}

static void vnb_sock_put(struct vnb_sock *sock)
{
	if (--sock->refs)
		return;

	WARN_ON_ONCE(!list_empty(&sock->groups));
	list_del(&sock->list);
	udp_tunnel_notify_del_rx_port(sock->sk, UDP_TUNNEL_TYPE_VXLAN);

	/*
	 * No frame finds the socket after this; those that have found it are
	 * done after a grace period. Its namespace is still there, because
	 * tunnels die before it does.
	 */
	udp_tunnel_sock_release(sock->sk);
	call_rcu(&sock->rcu, vnb_sock_free);
}

static struct vnb_group *vnb_group_find(struct vnb_sock *sock,
					const struct vnb_tunnel_config *cfg)
{
	struct vnb_group *group;

	list_for_each_entry(group, &sock->groups, list)
		if (group->link == cfg->link &&
		    vnb_ip_equal(&group->ip, &cfg->remote))
			return group;

	return NULL;
}

static int vnb_group_join(struct sock *sk, u8 family,
			  const struct vnb_group *group)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr	= group->ip.v4,
		.imr_ifindex		= group->link,
	};
	int err;

	lock_sock(sk);
	if (family == AF_INET)
		err = ip_mc_join_group(sk, &mreq);
	else
		err = ipv6_sock_mc_join(sk, group->link, &group->ip.v6);
	release_sock(sk);

	return err;
}

static void vnb_group_leave(struct sock *sk, u8 family,
			    const struct vnb_group *group)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr	= group->ip.v4,
		.imr_ifindex		= group->link,
	};

	lock_sock(sk);
	if (family == AF_INET)
		ip_mc_leave_group(sk, &mreq);
	else
		ipv6_sock_mc_drop(sk, group->link, &group->ip.v6);
	release_sock(sk);
}

/* Membership in the group of a configuration; NULL when it has none. */
static struct vnb_group *vnb_group_get(struct vnb_sock *sock,
				       const struct vnb_tunnel_config *cfg)
{
	struct vnb_group *group;
	int err;

	if (!vnb_tunnel_config_is_group(cfg))
		return NULL;

	group = vnb_group_find(sock, cfg);
	if (group) {
		group->refs++;
		return group;
	}

	group = kzalloc_obj(*group);
	if (!group)
		return ERR_PTR(-ENOMEM);

	group->ip = cfg->remote;
	group->link = cfg->link;
	group->refs = 1;

	err = vnb_group_join(sock->sk, sock->family, group);
	if (err) {
		kfree(group);
		return ERR_PTR(err);
	}

	list_add(&group->list, &sock->groups);
	return group;
}

static void vnb_group_put(struct vnb_sock *sock, struct vnb_group *group)
{
	if (!group || --group->refs)
		return;

	vnb_group_leave(sock->sk, sock->family, group);
	list_del(&group->list);
	kfree(group);
}

struct vnb_listener *vnb_listen(struct vnb_tunnel *tun,
				const struct vnb_tunnel_config *cfg,
				struct netlink_ext_ack *extack)
{
	struct vnb_listener *listener;
	int err;

	ASSERT_RTNL();

	listener = kzalloc_obj(*listener);
	if (!listener)
		return ERR_PTR(-ENOMEM);

	listener->tun = tun;
	listener->vni = cfg->vni;

	listener->sock = vnb_sock_get(tun->net, cfg);
	if (IS_ERR(listener->sock)) {
		err = PTR_ERR(listener->sock);
		if (err == -EADDRINUSE)
			NL_SET_ERR_MSG(extack,
				       "dstport is in use by another socket, perhaps of the in-tree vxlan");
		goto err_free;
	}

	listener->group = vnb_group_get(listener->sock, cfg);
	if (IS_ERR(listener->group)) {
		err = PTR_ERR(listener->group);
		if (err != -ENOMEM)
			NL_SET_ERR_MSG(extack,
				       "Cannot join the multicast group");
		goto err_put_sock;
	}

	hash_add_rcu(listener->sock->vnis, &listener->node, listener->vni);
	return listener;

err_put_sock:
	vnb_sock_put(listener->sock);
err_free:
	kfree(listener);
	return ERR_PTR(err);
}

void vnb_listener_stop(struct vnb_listener *listener)
{
	ASSERT_RTNL();

	hash_del_rcu(&listener->node);
}

void vnb_listener_free(struct vnb_listener *listener)
{
	vnb_listener_stop(listener);
	vnb_group_put(listener->sock, listener->group);
	vnb_sock_put(listener->sock);
	kfree_rcu(listener, rcu);
}

struct vnb_tunnel *vnb_sock_find_rcu(const struct vnb_sock *sock, u32 vni)
{
	const struct vnb_listener *listener;

	hash_for_each_possible_rcu(sock->vnis, listener, node, vni)
		if (listener->vni == vni)
			return listener->tun;

	return NULL;
}

void vnb_sock_offload(struct net_device *lower, bool push)
{
	struct vnb_sock *sock;

	ASSERT_RTNL();

	list_for_each_entry(sock, &vnb_net(dev_net(lower))->socks, list) {
		if (push)
			udp_tunnel_push_rx_port(lower, sock->sk,
						UDP_TUNNEL_TYPE_VXLAN);
		else
			udp_tunnel_drop_rx_port(lower, sock->sk,
						UDP_TUNNEL_TYPE_VXLAN);
	}
}
