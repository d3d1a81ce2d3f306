/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_LOCKED_H
#define VNB_LOCKED_H

#include "drop.h"

struct vnb_fdb_entry;
struct vnb_port;

/**
 * DOC: Locked ports
 *
 * A locked port forwards frames only from addresses that somebody entered in
 * the table for it, as an authenticator does (802.1X-2020 6.4, a controlled
 * port). Frames to reserved addresses, EAPOL among them, do not come this far
 * unless group_fwd_mask forwards them: they reach the port itself, and nothing
 * is learned from them.
 *
 * With MAB (MAC authentication bypass) an unknown address is entered by the
 * port, marked as locked, which tells the authenticator but lets nothing
 * through. Its entry ages like one that was learned, becomes an ordinary one
 * when a user replaces it, or when the address is heard of on another port,
 * that is not locked, and goes away when MAB is switched off.
 */

/**
 * vnb_locked_verdict() - is a source one of those that are let in?
 * @port: the port, with VNB_PORT_LOCKED
 * @addr: as for vnb_locked_check()
 * @vid: as for vnb_locked_check()
 * @entry: out: the present entry of @addr, or NULL
 *
 * A rule without an effect, for frames that are only talked about, too.
 * Context: RCU read section.
 *
 * Return: %VNB_OK or %VNB_DROP_LOCKED.
 */
enum vnb_drop vnb_locked_verdict(const struct vnb_port *port, const u8 *addr,
				 u16 vid, struct vnb_fdb_entry **entry);

/**
 * vnb_locked_check() - may a frame come in through a locked port?
 * @port: the port, in state learning or forwarding
 * @addr: source of the frame, valid
 * @vid: its VLAN
 *
 * Does for a locked port what vnb_fdb_learn() does for the others: refresh an
 * entry, or make one. Context: softirq, RCU read section.
 *
 * Return: %VNB_OK, which it also is if @port is not locked, or
 * %VNB_DROP_LOCKED.
 */
enum vnb_drop vnb_locked_check(struct vnb_port *port, const u8 *addr, u16 vid);

#endif /* VNB_LOCKED_H */
