/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNETBR_NL_H
#define VNETBR_NL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Room for a request, and for one part of an answer. */
#define NL_REQUEST	1024
#define NL_ANSWER	65536

/* die() - print "vnetbr: ..." and leave with status 1 */
void die(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/*
 * nl_open() - a socket of NETLINK_ROUTE or NETLINK_GENERIC that tells errors in
 * words; dies without one
 */
struct mnl_socket *nl_open(int protocol);

/*
 * nl_talk() - send a request and hand each message of the answer to @cb
 *
 * @nlh gets its flags and number here; NLM_F_DUMP is kept. Dies, with the words
 * of the kernel, when the request is refused.
 */
void nl_talk(struct mnl_socket *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
	     void *data);

/* nl_family() - number of a family of generic netlink; dies if it is missing */
uint16_t nl_family(struct mnl_socket *nl, const char *name);

/* nl_attrs() - table of the attributes of a message, by type, up to @max */
void nl_attrs(const struct nlmsghdr *nlh, size_t header,
	      const struct nlattr **tb, unsigned int max);

/* nl_nested() - the same for a nest */
void nl_nested(const struct nlattr *nest, const struct nlattr **tb,
	       unsigned int max);

/* The value of an attribute that may be missing; then @none. */
uint64_t nl_u64(const struct nlattr *attr, uint64_t none);
uint32_t nl_u32(const struct nlattr *attr, uint32_t none);
uint16_t nl_u16(const struct nlattr *attr, uint16_t none);
uint8_t nl_u8(const struct nlattr *attr, uint8_t none);
const char *nl_str(const struct nlattr *attr);

/* ethtool.c */

#define STAT_NAME	32

struct stats {
	unsigned int	n;
	char		(*name)[STAT_NAME];
	uint64_t	*value;
};

/* stats_read() - the counters of `ethtool -S`; none if there are none */
void stats_read(const char *dev, struct stats *stats);
void stats_free(struct stats *stats);

#endif /* VNETBR_NL_H */
