/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_TFDB_ENTRY_H
#define VNB_TFDB_ENTRY_H

#include "tfdb.h"

/**
 * DOC: Replacing entries
 *
 * For those who change the table: tfdb.c and tfdb_edit.c. An entry is allocated
 * with room for its remotes, filled under the lock of the table, and put in the
 * place of another one. It holds a reference on each of its remotes.
 */

/**
 * vnb_tfdb_entry_alloc() - an entry without remotes
 * @addr: its address
 * @n: remotes that there shall be room for
 * @gfp: allocation flags
 *
 * Return: the entry or NULL.
 */
struct vnb_tfdb_entry *vnb_tfdb_entry_alloc(const u8 *addr, unsigned int n,
					    gfp_t gfp);

/**
 * vnb_tfdb_entry_free() - free an entry that was never in the table
 * @fdb: the table, whose lock is held
 * @e: the entry, or NULL
 */
void vnb_tfdb_entry_free(struct vnb_tfdb *fdb, struct vnb_tfdb_entry *e);

/**
 * vnb_tfdb_entry_keep() - add a remote that another entry has
 * @e: entry with room
 * @remote: the remote
 *
 * Context: lock of the table.
 */
void vnb_tfdb_entry_keep(struct vnb_tfdb_entry *e, struct vnb_remote *remote);

/**
 * vnb_tfdb_entry_add() - add a remote by its key
 * @fdb: the table, whose lock is held
 * @e: entry with room
 * @key: what the remote is
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_tfdb_entry_add(struct vnb_tfdb *fdb, struct vnb_tfdb_entry *e,
		       const struct vnb_remote_key *key);

/**
 * vnb_tfdb_entry_find() - which remote of an entry is meant by a key?
 * @e: the entry
 * @cfg: configuration of the tunnel
 * @key: what is looked for
 *
 * Return: the remote or NULL.
 */
struct vnb_remote *vnb_tfdb_entry_find(const struct vnb_tfdb_entry *e,
				       const struct vnb_tunnel_config *cfg,
				       const struct vnb_remote_key *key);

/**
 * vnb_tfdb_swap() - have an entry in the place of another one
 * @fdb: the table, whose lock is held
 * @old: entry that leaves, NULL for none; freed after a grace period
 * @new: entry that comes, NULL for none
 *
 * Return: 0, or a negative error with nothing changed.
 */
int vnb_tfdb_swap(struct vnb_tfdb *fdb, struct vnb_tfdb_entry *old,
		  struct vnb_tfdb_entry *new) __must_hold(&fdb->lock);

/**
 * vnb_remote_same() - are two destinations the same?
 * @cfg: configuration of the tunnel, which says what defaults stand for
 * @key: one
 * @want: the other
 *
 * Return: whether they are.
 */
bool vnb_remote_same(const struct vnb_tunnel_config *cfg,
		     const struct vnb_remote_key *key,
		     const struct vnb_remote_key *want);

/**
 * vnb_remote_matches() - does a destination match a filter?
 * @cfg: configuration of the tunnel, which says what defaults stand for
 * @key: the destination
 * @want: the filter, whose zeros match everything
 *
 * Return: whether it does.
 */
bool vnb_remote_matches(const struct vnb_tunnel_config *cfg,
			const struct vnb_remote_key *key,
			const struct vnb_remote_key *want);

typedef bool vnb_remote_match_fn(const struct vnb_tunnel_config *cfg,
				 const struct vnb_remote_key *key,
				 const struct vnb_remote_key *want);

/**
 * vnb_tfdb_remove_rcu() - remove destinations, and the entry when none stays
 * @tun: the tunnel
 * @e: entry that was found in this RCU read section
 * @match: vnb_remote_same() or vnb_remote_matches()
 * @want: its argument
 *
 * Takes the lock of the table; notifies listeners.
 * Return: how many were removed; -ENOMEM with nothing removed.
 */
int vnb_tfdb_remove_rcu(struct vnb_tunnel *tun, struct vnb_tfdb_entry *e,
			vnb_remote_match_fn *match,
			const struct vnb_remote_key *want);

#endif /* VNB_TFDB_ENTRY_H */
