/* SPDX-License-Identifier: GPL-2.0 */
/*
 * v6.5, d457a0e329b0 ("net: move gso declarations and functions to their own
 * files")
 */
#ifdef VNB_HAVE_NET_GSO
#include_next <net/gso.h>
#else
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#endif
