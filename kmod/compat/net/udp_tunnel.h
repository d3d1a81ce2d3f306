/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/udp_tunnel.h>

#ifndef VNB_COMPAT_NET_UDP_TUNNEL_H
#define VNB_COMPAT_NET_UDP_TUNNEL_H

/* v7.2, ("udp_tunnel: Pass struct sock to setup_udp_tunnel_sock().") etc. */
#ifndef VNB_HAVE_UDP_TUNNEL_SK
static inline void
vnb_compat_setup_udp_tunnel_sock(struct net *net, struct sock *sk,
				 struct udp_tunnel_sock_cfg *cfg)
{
	setup_udp_tunnel_sock(net, sk->sk_socket, cfg);
}

static inline void vnb_compat_udp_tunnel_sock_release(struct sock *sk)
{
	udp_tunnel_sock_release(sk->sk_socket);
}

static inline void
vnb_compat_udp_tunnel_push_rx_port(struct net_device *dev, struct sock *sk,
				   unsigned short type)
{
	udp_tunnel_push_rx_port(dev, sk->sk_socket, type);
}

static inline void
vnb_compat_udp_tunnel_drop_rx_port(struct net_device *dev, struct sock *sk,
				   unsigned short type)
{
	udp_tunnel_drop_rx_port(dev, sk->sk_socket, type);
}

static inline void
vnb_compat_udp_tunnel_notify_add_rx_port(struct sock *sk, unsigned short type)
{
	udp_tunnel_notify_add_rx_port(sk->sk_socket, type);
}

static inline void
vnb_compat_udp_tunnel_notify_del_rx_port(struct sock *sk, unsigned short type)
{
	udp_tunnel_notify_del_rx_port(sk->sk_socket, type);
}

#define setup_udp_tunnel_sock vnb_compat_setup_udp_tunnel_sock
#define udp_tunnel_sock_release vnb_compat_udp_tunnel_sock_release
#define udp_tunnel_push_rx_port vnb_compat_udp_tunnel_push_rx_port
#define udp_tunnel_drop_rx_port vnb_compat_udp_tunnel_drop_rx_port
#define udp_tunnel_notify_add_rx_port vnb_compat_udp_tunnel_notify_add_rx_port
#define udp_tunnel_notify_del_rx_port vnb_compat_udp_tunnel_notify_del_rx_port
#endif

/*
 * v6.17, f78c75d84fe8 ("net: ipv6: Add a flags argument to ip6tunnel_xmit(),
 * udp_tunnel6_xmit_skb()"): the flags can only be 0 before. The addresses are
 * const, and nothing is returned, since v6.17 too.
 */
#ifndef VNB_HAVE_UDP_TUNNEL_FLAGS

/*
 * Where there is IP_TUNNEL_RECURSION_LIMIT, sending through a tunnel counts as
 * a level of recursion. Where there is none, it has to: IPv6 output would take
 * the socket of the inner packet for that of the outer one.
 */
#ifdef IP_TUNNEL_RECURSION_LIMIT
#define vnb_compat_xmit_enter()	do { } while (0)
#define vnb_compat_xmit_leave()	do { } while (0)
#else
#define vnb_compat_xmit_enter()	dev_xmit_recursion_inc()
#define vnb_compat_xmit_leave()	dev_xmit_recursion_dec()
#endif

#define udp_tunnel6_xmit_skb(dst, sk, skb, dev, saddr, daddr, prio, ttl, \
			     label, src_port, dst_port, nocheck, ip6cb_flags) \
do {									\
	BUILD_BUG_ON(ip6cb_flags);					\
	vnb_compat_xmit_enter();					\
	udp_tunnel6_xmit_skb(dst, sk, skb, dev,				\
			     (struct in6_addr *)(saddr),		\
			     (struct in6_addr *)(daddr), prio, ttl,	\
			     label, src_port, dst_port, nocheck);	\
	vnb_compat_xmit_leave();					\
} while (0)
#endif

#endif /* VNB_COMPAT_NET_UDP_TUNNEL_H */
