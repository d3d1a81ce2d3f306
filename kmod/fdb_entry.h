/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FDB_ENTRY_H
#define VNB_FDB_ENTRY_H

#include "fdb.h"

/* What the files of the forwarding table know of its entries. */

/* How many entries may go in one hold of the lock, or one look at the table. */
#define VNB_FDB_SLICE	64

/**
 * vnb_fdb_remove() - take an entry out of the table
 * @fdb: the table, whose lock is held
 * @f: the entry, which is freed after a grace period
 *
 * Notifies listeners.
 */
void vnb_fdb_remove(struct vnb_fdb *fdb, struct vnb_fdb_entry *f);

/**
 * vnb_fdb_age() - remove entries that were not seen for the ageing time
 * @work: vnb_fdb.ageing, which is queued again
 */
void vnb_fdb_age(struct work_struct *work);

#endif /* VNB_FDB_ENTRY_H */
