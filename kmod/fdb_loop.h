/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FDB_LOOP_H
#define VNB_FDB_LOOP_H

#include "fdb.h"

/**
 * DOC: Loops
 *
 * A frame in a loop of bridges makes its source move with each round. After
 * some moves without a rest, for a while, frames of that address are forwarded
 * from its home only: the port where it was heard of for VNB_FDB_REST last, if
 * it ever was, or where it was first, or where a user has put it since.
 * Some bridge in the loop has it outside of the loop, and those that were on
 * their way come to an end there. Nor can anybody silence a neighbour who can
 * be heard by sending with its address. RFC 7432 section 15.1 is about
 * addresses that are used twice.
 */

/**
 * vnb_fdb_count_move() - an address is heard of on another port than its own
 * @fdb: the table, whose lock is held
 * @f: the entry of the address, as it was until now
 *
 * Return: whether this was one move too many.
 */
bool vnb_fdb_count_move(struct vnb_fdb *fdb, struct vnb_fdb_entry *f);

/**
 * vnb_fdb_is_away() - is an address, which moves too often, not at home?
 * @port: where it is heard of
 * @f: its entry
 *
 * Context: RCU read section.
 * Return: whether its frames are to be dropped.
 */
bool vnb_fdb_is_away(const struct vnb_port *port,
		     const struct vnb_fdb_entry *f);

/**
 * vnb_fdb_one_too_many() - would another move of an address be one too many?
 * @fdb: the table
 * @f: the entry of the address
 *
 * Context: RCU read section.
 * Return: what vnb_fdb_count_move() does, without counting.
 */
bool vnb_fdb_one_too_many(const struct vnb_fdb *fdb,
			  const struct vnb_fdb_entry *f);

/**
 * vnb_fdb_is_blocked() - is it still too early to forward a frame?
 * @port: where it came in
 * @f: the entry of its source, which moved too often
 *
 * Context: RCU read section.
 * Return: whether it is to be dropped.
 */
bool vnb_fdb_is_blocked(const struct vnb_port *port,
			const struct vnb_fdb_entry *f);

/**
 * vnb_fdb_end_loop() - forget that an address moved too often, in time
 * @fdb: the table
 * @f: the entry of the address, with VNB_FDB_LOOP
 *
 * Context: softirq, RCU read section.
 * Return: the flags of @f.
 */
u16 vnb_fdb_end_loop(struct vnb_fdb *fdb, struct vnb_fdb_entry *f);

/**
 * vnb_fdb_warn_of_loop() - tell the log, now and then
 * @port: where an address came from that moves too often
 * @addr: the address
 */
void vnb_fdb_warn_of_loop(const struct vnb_port *port, const u8 *addr);

#endif /* VNB_FDB_LOOP_H */
