// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink, by libmnl.
 */
#include "nl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char *fmt, ...)
{
	va_list args;

	fputs("vnetbr: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

struct mnl_socket *nl_open(int protocol)
{
	struct mnl_socket *nl = mnl_socket_open(protocol);
	int on = 1;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("no netlink socket: %s", strerror(errno));

	/* Without these there are just no words. */
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return nl;
}

struct table {
	const struct nlattr	**tb;
	unsigned int		max;
};

static int nl_table_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	struct table *table = data;

	if (type <= table->max)
		table->tb[type] = attr;
	return MNL_CB_OK;
}

void nl_attrs(const struct nlmsghdr *nlh, size_t header,
	      const struct nlattr **tb, unsigned int max)
{
	struct table table = { tb, max };

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_parse(nlh, header, nl_table_attr, &table);
}

void nl_nested(const struct nlattr *nest, const struct nlattr **tb,
	       unsigned int max)
{
	struct table table = { tb, max };

	memset(tb, 0, (max + 1) * sizeof(*tb));
	if (nest)
		mnl_attr_parse_nested(nest, nl_table_attr, &table);
}

uint64_t nl_u64(const struct nlattr *attr, uint64_t none)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint64_t) ?
	       mnl_attr_get_u64(attr) : none;
}

uint32_t nl_u32(const struct nlattr *attr, uint32_t none)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t) ?
	       mnl_attr_get_u32(attr) : none;
}

uint16_t nl_u16(const struct nlattr *attr, uint16_t none)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(none) ?
	       mnl_attr_get_u16(attr) : none;
}

uint8_t nl_u8(const struct nlattr *attr, uint8_t none)
{
	return attr && mnl_attr_get_payload_len(attr) ?
	       mnl_attr_get_u8(attr) : none;
}

const char *nl_str(const struct nlattr *attr)
{
	return attr && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0 ?
	       mnl_attr_get_str(attr) : NULL;
}

/* An error, with words if the kernel has any; or none. */
static void nl_check(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = { };
	const char *msg;

	if (!err->error)
		return;

	/* NETLINK_CAP_ACK: the request is not repeated, but for its header */
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		nl_attrs(nlh, sizeof(*err), tb, NLMSGERR_ATTR_MAX);
	msg = nl_str(tb[NLMSGERR_ATTR_MSG]);
	die("%s%s%s", msg ? msg : "", msg ? ": " : "", strerror(-err->error));
}

/* A dump that could not go on ends like one that could, but for a number. */
static void nl_check_done(const struct nlmsghdr *nlh)
{
	const int *err = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*err) && *err < 0)
		die("%s", strerror(-*err));
}

/*
 * Hand over one part of an answer. What has changed during a dump is no error:
 * it can change right after it, too. Return: whether there is more.
 */
static bool nl_answer(const void *answer, ssize_t size, unsigned int seq,
		      mnl_cb_t cb, void *data)
{
	const struct nlmsghdr *nlh = answer;
	int len = size;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_seq != seq)
			continue;
		switch (nlh->nlmsg_type) {
		case NLMSG_ERROR:
			nl_check(nlh);
			return false;
		case NLMSG_DONE:
			nl_check_done(nlh);
			return false;
		default:
			cb(nlh, data);
		}
	}
	return true;
}

void nl_talk(struct mnl_socket *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
	     void *data)
{
	static char answer[NL_ANSWER];
	static unsigned int seq;
	ssize_t len;

	nlh->nlmsg_flags |= NLM_F_REQUEST;
	if ((nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		nlh->nlmsg_flags |= NLM_F_ACK;
	nlh->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("cannot ask the kernel: %s", strerror(errno));

	do {
		len = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		if (len < 0)
			die("no answer of the kernel: %s", strerror(errno));
	} while (nl_answer(answer, len, seq, cb, data));
}

static int nl_family_id(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];

	nl_attrs(nlh, sizeof(struct genlmsghdr), tb, CTRL_ATTR_MAX);
	*(uint16_t *)data = nl_u16(tb[CTRL_ATTR_FAMILY_ID], 0);
	return MNL_CB_OK;
}

uint16_t nl_family(struct mnl_socket *nl, const char *name)
{
	char buf[NL_REQUEST];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;
	uint16_t id = 0;

	nlh->nlmsg_type = GENL_ID_CTRL;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	nl_talk(nl, nlh, nl_family_id, &id);
	return id;
}
