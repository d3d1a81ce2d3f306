// SPDX-License-Identifier: GPL-2.0
/*
 * Formatted extack messages for kernels whose netlink_ext_ack has no room for
 * the text. netlink_ack() measures and copies a message after RTNL is dropped:
 * a text that has been handed out never changes again. Equal texts share a
 * place; when all are taken, the bare format has to do.
 */

#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define VNB_EXTACK_LEN		80	/* NETLINK_MAX_FMTMSG_LEN */
#define VNB_EXTACK_TEXTS	64

static char vnb_extack_texts[VNB_EXTACK_TEXTS][VNB_EXTACK_LEN];
static unsigned int vnb_extack_used;
static DEFINE_SPINLOCK(vnb_extack_lock);

const char *vnb_compat_extack_fmt(const char *fmt, ...)
{
	char text[VNB_EXTACK_LEN];
	const char *msg = fmt;
	unsigned int i;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	spin_lock_bh(&vnb_extack_lock);
	for (i = 0; i < vnb_extack_used; i++)
		if (!strcmp(vnb_extack_texts[i], text))
			break;
	if (i < VNB_EXTACK_TEXTS) {
		msg = vnb_extack_texts[i];
		if (i == vnb_extack_used) {
			strscpy(vnb_extack_texts[i], text, VNB_EXTACK_LEN);
			vnb_extack_used++;
		}
	}
	spin_unlock_bh(&vnb_extack_lock);

	return msg;
}
