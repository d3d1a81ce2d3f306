/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_FDB_ENTRY_H
#define VNB_FDB_ENTRY_H

#include "fdb.h"

/* What the files of the forwarding table know of its entries. */

/* How many entries may go in one hold of the lock, or one look at the table. */
#define VNB_FDB_SLICE	64

/**
 * vnb_fdb_unlink() - take an entry out of the table
 * @fdb: the table, whose lock is held
 * @f: the entry, for vnb_fdb_bury() after the lock is released
 */
void vnb_fdb_unlink(struct vnb_fdb *fdb, struct vnb_fdb_entry *f);

/**
 * vnb_fdb_bury() - tell listeners that an entry is gone, and free it
 * @br: the bridge
 * @f: the entry, unlinked
 *
 * Context: any, RCU or RTNL, no lock held.
 */
void vnb_fdb_bury(struct vnb_bridge *br, struct vnb_fdb_entry *f);

/**
 * vnb_fdb_age() - remove entries that were not seen for the ageing time
 * @work: vnb_fdb.ageing, which is queued again
 */
void vnb_fdb_age(struct work_struct *work);

#endif /* VNB_FDB_ENTRY_H */
