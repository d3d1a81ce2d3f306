// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel for one run of ip, to be preloaded: every request is written to
 * the file $FAKE_RTNL_LOG; RTM_GETLINK is answered with the one message in
 * file $FAKE_RTNL_LINK, or ENODEV; everything else succeeds.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

static char reply[32768];
static size_t reply_len;

static void append(const void *data, size_t len)
{
	if (reply_len + NLMSG_ALIGN(len) > sizeof(reply))
		abort();
	memcpy(reply + reply_len, data, len);
	reply_len += NLMSG_ALIGN(len);
}

/* Queue the message in $FAKE_RTNL_LINK; false when there is none. */
static bool append_link(const struct nlmsghdr *req, uint32_t pid)
{
	const char *path = getenv("FAKE_RTNL_LINK");
	struct nlmsghdr *n = (void *)(reply + reply_len);
	FILE *f = path ? fopen(path, "r") : NULL;

	if (!f)
		return false;
	reply_len += fread(n, 1, sizeof(reply) - reply_len, f);
	fclose(f);
	n->nlmsg_seq = req->nlmsg_seq;
	n->nlmsg_pid = pid;
	return true;
}

static void append_end(const struct nlmsghdr *req, uint32_t pid, int error)
{
	struct {
		struct nlmsghdr n;
		struct nlmsgerr e;
	} end = {
		.n.nlmsg_len = sizeof(end),
		.n.nlmsg_type = NLMSG_ERROR,
		.n.nlmsg_seq = req->nlmsg_seq,
		.n.nlmsg_pid = pid,
		.e.error = error,
		.e.msg = *req,
	};

	append(&end, sizeof(end));
}

static void answer(int fd, const struct nlmsghdr *req)
{
	struct sockaddr_nl self;
	socklen_t len = sizeof(self);
	const char *path = getenv("FAKE_RTNL_LOG");
	FILE *f = path ? fopen(path, "a") : NULL;

	if (f) {
		fwrite(req, 1, NLMSG_ALIGN(req->nlmsg_len), f);
		fclose(f);
	}
	getsockname(fd, (struct sockaddr *)&self, &len);
	if (req->nlmsg_type != RTM_GETLINK)
		append_end(req, self.nl_pid, 0);
	else if (!append_link(req, self.nl_pid))
		append_end(req, self.nl_pid, -ENODEV);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	(void)flags;
	answer(fd, msg->msg_iov[0].iov_base);
	return msg->msg_iov[0].iov_len;
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	(void)flags;
	answer(fd, buf);
	return len;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct sockaddr_nl *from = msg->msg_name;
	size_t room = 0;

	(void)fd;
	if (from) {
		memset(from, 0, sizeof(*from));
		from->nl_family = AF_NETLINK;
		msg->msg_namelen = sizeof(*from);
	}
	msg->msg_flags = 0;
	if (msg->msg_iovlen && msg->msg_iov[0].iov_base)
		room = msg->msg_iov[0].iov_len;
	if (room > reply_len)
		room = reply_len;
	if (room)
		memcpy(msg->msg_iov[0].iov_base, reply, room);
	if (flags & MSG_PEEK)
		return reply_len;
	if (room < reply_len)
		abort();
	reply_len = 0;
	return room;
}
