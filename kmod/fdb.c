// SPDX-License-Identifier: GPL-2.0
/*
 * The forwarding table of a bridge: lookup and learning.
 * IEEE 802.1Q-2022 8.7 (learning) and 8.8 (the filtering database).
 */
#include "fdb.h"

#include <linux/etherdevice.h>
#include <linux/if_bridge.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "fdb_entry.h"
#include "fdb_loop.h"
#include "mst.h"
#include "trace.h"
#include "vlan.h"

/* Of constant size, which the compiler turns into one comparison. */
static int vnb_fdb_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct vnb_fdb_entry *f = obj;

	return memcmp(&f->key, arg->key, sizeof(f->key)) != 0;
}

static const struct rhashtable_params vnb_fdb_params = {
	.head_offset		= offsetof(struct vnb_fdb_entry, node),
	.key_offset		= offsetof(struct vnb_fdb_entry, key),
	.key_len		= sizeof(struct vnb_fdb_key),
	.obj_cmpfn		= vnb_fdb_cmp,
	.automatic_shrinking	= true,
};

static void vnb_fdb_key_set(struct vnb_fdb_key *key, const u8 *addr, u16 vid)
{
	BUILD_BUG_ON(sizeof(*key) != 8);
	ether_addr_copy(key->addr, addr);
	key->vid = vid;
}

struct vnb_fdb_entry *vnb_fdb_find_rcu(struct vnb_bridge *br, const u8 *addr,
				       u16 vid)
{
	struct vnb_fdb_key key;

	vnb_fdb_key_set(&key, addr, vid);
	return rhashtable_lookup(&br->fdb.table, &key, vnb_fdb_params);
}

struct vnb_fdb_entry *vnb_fdb_find_any_rcu(struct vnb_bridge *br,
					   const u8 *addr, u16 vid)
{
	struct vnb_fdb_entry *f = vnb_fdb_find_rcu(br, addr, 0);
	u16 flags;

	if (!f)
		return NULL;

	/* What was learned before VLANs were filtered is for none of them. */
	flags = READ_ONCE(f->flags);
	if (vnb_vlan_is_member(rcu_dereference(f->port), vid))
		return flags & VNB_FDB_LEARNED ? NULL : f;

	/* The bridge may have the address of a port, whose entry it is then. */
	return flags & VNB_FDB_LOCAL && vnb_vlan_is_member(&br->local, vid) &&
	       ether_addr_equal(addr, br->vnb.dev->dev_addr) ? f : NULL;
}

static struct vnb_fdb_entry *vnb_fdb_find_fixed(struct vnb_bridge *br,
						const u8 *addr, u16 vid)
{
	struct vnb_fdb_entry *f = vnb_fdb_find_any_rcu(br, addr, vid);

	return f && vnb_fdb_is_fixed(READ_ONCE(f->flags)) ? f : NULL;
}

struct vnb_fdb_entry *vnb_fdb_alloc(const u8 *addr, u16 vid, u16 flags,
				    gfp_t gfp)
{
	struct vnb_fdb_entry *f = kzalloc_obj(*f, gfp);

	if (!f)
		return NULL;

	vnb_fdb_key_set(&f->key, addr, vid);
	f->flags = flags;
	f->used = jiffies;
	f->updated = jiffies;
	return f;
}

/* @f is no entry of @port any more. */
static void vnb_fdb_forget_latest(struct vnb_port *port,
				  const struct vnb_fdb_entry *f)
{
	if (rcu_access_pointer(port->latest) == f)
		RCU_INIT_POINTER(port->latest, NULL);
}

int vnb_fdb_insert(struct vnb_port *port, struct vnb_fdb_entry *f)
{
	struct vnb_fdb *fdb = &port->br->fdb;
	int err;

	lockdep_assert_held(&fdb->lock);

	f->home = port->no;
	rcu_assign_pointer(f->port, port);
	err = rhashtable_lookup_insert_fast(&fdb->table, &f->node,
					    vnb_fdb_params);
	if (err)
		return err;

	f->serial = fdb->serial++;
	list_add_tail_rcu(&f->list, &fdb->list);
	hlist_add_head(&f->port_node, &port->fdb);
	if (f->flags & VNB_FDB_LEARNED) {
		vnb_fdb_count(fdb, port, f->key.vid, 1);
		rcu_assign_pointer(port->latest, f);
	}
	vnb_fdb_notify(port, f, RTM_NEWNEIGH);
	return 0;
}

void vnb_fdb_remove(struct vnb_fdb *fdb, struct vnb_fdb_entry *f)
{
	struct vnb_port *port = vnb_fdb_port_locked(fdb, f);

	lockdep_assert_held(&fdb->lock);

	rhashtable_remove_fast(&fdb->table, &f->node, vnb_fdb_params);
	list_del_rcu(&f->list);
	hlist_del(&f->port_node);
	vnb_fdb_forget_latest(port, f);
	if (f->flags & VNB_FDB_LEARNED)
		vnb_fdb_count(fdb, port, f->key.vid, -1);
	WRITE_ONCE(f->flags, f->flags | VNB_FDB_GONE);
	vnb_fdb_notify(port, f, RTM_DELNEIGH);
	kfree_rcu(f, rcu);
}

void vnb_fdb_move(struct vnb_fdb *fdb, struct vnb_fdb_entry *f,
		  struct vnb_port *port, u16 flags)
{
	struct vnb_port *old = vnb_fdb_port_locked(fdb, f);

	if (f->flags & VNB_FDB_LEARNED)
		vnb_fdb_count(fdb, old, f->key.vid, -1);
	if (flags & VNB_FDB_LEARNED)
		vnb_fdb_count(fdb, port, f->key.vid, 1);

	if (old != port) {
		hlist_del(&f->port_node);
		hlist_add_head(&f->port_node, &port->fdb);
		rcu_assign_pointer(f->port, port);
		vnb_fdb_forget_latest(old, f);
	}
	if (flags & VNB_FDB_LEARNED)
		rcu_assign_pointer(port->latest, f);
	WRITE_ONCE(f->flags, flags);
	WRITE_ONCE(f->updated, jiffies);
	vnb_fdb_notify(port, f, RTM_NEWNEIGH);
}

/* What has to be done for the source @f of a frame; @flags are its flags. */
static enum vnb_learn vnb_fdb_judge(const struct vnb_port *port,
				    const struct vnb_fdb_entry *f, u16 flags)
{
	if (unlikely(flags & VNB_FDB_LOOP && vnb_fdb_is_blocked(port, f)))
		return VNB_LEARN_LOOP;
	if (unlikely(flags & VNB_FDB_LOCAL))
		return VNB_LEARN_OWN;
	if (likely(rcu_access_pointer(f->port) == port))
		return VNB_LEARN_KNOWN;

	return flags & (VNB_FDB_STATIC | VNB_FDB_STICKY) ?
	       VNB_LEARN_STAYS : VNB_LEARN_MOVED;
}

/* An address of the bridge, which never moves, comes from elsewhere. */
static enum vnb_drop vnb_fdb_learn_own(struct vnb_port *port,
				       struct vnb_fdb_entry *f)
{
	struct vnb_fdb *fdb = &port->br->fdb;
	bool loop;

	vnb_stats_inc(port->br->vnb.stats, VNB_STAT_OWN_ADDRESS);

	spin_lock(&fdb->lock);
	loop = vnb_fdb_count_move(fdb, f);
	spin_unlock(&fdb->lock);

	if (likely(!loop))
		return VNB_OK;
	vnb_fdb_warn_of_loop(port, f->key.addr);
	return VNB_DROP_LOOP;
}

/*
 * May the port have learned entries of a VLAN? Asked under the lock: they are
 * flushed after it was disabled, has left the VLAN, or, with MST, was closed
 * for it, in instance 0 as in the others.
 */
static bool vnb_fdb_may_have(const struct vnb_port *port, u16 vid)
{
	if (READ_ONCE(port->state) == BR_STATE_DISABLED ||
	    (vid && !vnb_vlan_is_member(port, vid)))
		return false;

	return !(READ_ONCE(port->flags) & VNB_PORT_MST) ||
	       vnb_port_state_learns(vnb_mst_state(port, vid));
}

/* The address was learned on another port before. */
static enum vnb_drop vnb_fdb_learn_move(struct vnb_port *port,
					struct vnb_fdb_entry *f)
{
	struct vnb_bridge *br = port->br;
	struct vnb_fdb *fdb = &br->fdb;
	bool full = false, loop = false, away = false, moved = false;

	if (unlikely(!READ_ONCE(fdb->ageing_time)))
		return VNB_OK;

	/* @f may be deleted by now. */
	spin_lock(&fdb->lock);
	if (!(f->flags & (VNB_FDB_GONE | VNB_FDB_LOCAL | VNB_FDB_STATIC |
			  VNB_FDB_STICKY)) &&
	    vnb_fdb_may_have(port, f->key.vid)) {
		full = vnb_fdb_no_room_for(port, f);
		loop = !full && vnb_fdb_count_move(fdb, f);
		away = loop && vnb_fdb_is_away(port, f);
		moved = !away && !full;
		if (moved) {
			/* before the message says so */
			WRITE_ONCE(f->used, jiffies);
			WRITE_ONCE(f->proto, 0);
			vnb_fdb_move(fdb, f, port, VNB_FDB_LEARNED |
				     (f->flags & (VNB_FDB_LOOP |
						  VNB_FDB_NOTIFY)));
		}
	}
	spin_unlock(&fdb->lock);

	if (unlikely(loop))
		vnb_fdb_warn_of_loop(port, f->key.addr);
	if (unlikely(away))
		return VNB_DROP_LOOP;
	if (full)
		vnb_stats_inc(br->vnb.stats, VNB_STAT_LEARN_LIMIT);
	if (!moved)
		return VNB_OK;
	vnb_stats_inc(br->vnb.stats, VNB_STAT_MOVED);
	trace_vnb_fdb_move(port, f);
	return VNB_OK;
}

/* Likewise, a new one with @flags? */
static bool vnb_fdb_may_learn(const struct vnb_port *port, u16 vid, u16 flags)
{
	if (flags & VNB_FDB_LOCKED && !(READ_ONCE(port->flags) & VNB_PORT_MAB))
		return false;

	return vnb_fdb_may_have(port, vid) && vnb_fdb_has_room(port, vid);
}

void vnb_fdb_learn_new(struct vnb_port *port, const u8 *addr, u16 vid,
		       u16 flags)
{
	struct vnb_bridge *br = port->br;
	struct vnb_fdb *fdb = &br->fdb;
	struct vnb_fdb_entry *f;
	int err = -EEXIST;

	/* An ageing time of zero makes a hub. */
	if (unlikely(!READ_ONCE(fdb->ageing_time)))
		return;
	if (unlikely(!vnb_fdb_has_room(port, vid))) {
		vnb_stats_inc(br->vnb.stats, VNB_STAT_LEARN_LIMIT);
		return;
	}

	f = vnb_fdb_alloc(addr, vid, flags, GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!f)) {
		vnb_stats_inc(br->vnb.stats, VNB_STAT_LEARN_FAILED);
		return;
	}

	spin_lock(&fdb->lock);
	if (vnb_fdb_may_learn(port, vid, flags) &&
	    !(vid && vnb_fdb_find_fixed(br, addr, vid)))
		err = vnb_fdb_insert(port, f);
	spin_unlock(&fdb->lock);

	if (unlikely(err)) {
		/* or it is not wanted any more, or somebody else was faster */
		if (err != -EEXIST)
			vnb_stats_inc(br->vnb.stats, VNB_STAT_LEARN_FAILED);
		kfree(f);
		return;
	}
	vnb_stats_inc(br->vnb.stats, VNB_STAT_LEARNED);
	trace_vnb_fdb_learn(port, f);
}

/* Most ports have one source only, which costs no look-up. */
struct vnb_fdb_entry *vnb_fdb_find_source(const struct vnb_port *port,
					  const u8 *addr, u16 vid)
{
	struct vnb_fdb_entry *f = rcu_dereference(port->latest);

	if (likely(f && ether_addr_equal(f->key.addr, addr) &&
		   f->key.vid == vid))
		return f;

	f = vnb_fdb_find_rcu(port->br, addr, vid);
	if (f || !vid)
		return f;

	/* An entry for all VLANs means @port, or keeps the address from it. */
	f = vnb_fdb_find_any_rcu(port->br, addr, vid);
	return f && (rcu_access_pointer(f->port) == port ||
		     vnb_fdb_is_fixed(READ_ONCE(f->flags))) ? f : NULL;
}

/* What has to be done before the source @f of a frame is judged. */
static u16 vnb_fdb_heard(struct vnb_port *port, struct vnb_fdb_entry *f,
			 u16 flags)
{
	if (flags & VNB_FDB_INACTIVE)
		vnb_fdb_wake(port, f);

	return flags & VNB_FDB_LOOP ? vnb_fdb_end_loop(&port->br->fdb, f) :
				      flags;
}

enum vnb_drop vnb_fdb_learn(struct vnb_port *port, const u8 *addr, u16 vid)
{
	struct vnb_fdb_entry *f = vnb_fdb_find_source(port, addr, vid);
	u16 flags;

	if (unlikely(!f)) {
		vnb_fdb_learn_new(port, addr, vid, VNB_FDB_LEARNED);
		return VNB_OK;
	}

	flags = READ_ONCE(f->flags);
	if (unlikely(flags & (VNB_FDB_LOOP | VNB_FDB_INACTIVE)))
		flags = vnb_fdb_heard(port, f, flags);
	switch (vnb_fdb_judge(port, f, flags)) {
	case VNB_LEARN_LOOP:
		return VNB_DROP_LOOP;
	case VNB_LEARN_OWN:
		return vnb_fdb_learn_own(port, f);
	case VNB_LEARN_STAYS:
		return VNB_OK;
	case VNB_LEARN_MOVED:
		/* where it is known stays in use only if it is heard there */
		return vnb_fdb_learn_move(port, f);
	default:
		vnb_fdb_touch(f);
		return VNB_OK;
	}
}

/* What learning comes to when it is not as simple as vnb_fdb_judge() says. */
static enum vnb_learn vnb_fdb_judge_more(const struct vnb_port *port,
					 const struct vnb_fdb_entry *f,
					 u16 vid, enum vnb_learn how)
{
	const struct vnb_fdb *fdb = &port->br->fdb;

	if (how != VNB_LEARN_OWN && !READ_ONCE(fdb->ageing_time))
		return VNB_LEARN_NEVER;
	if (how == VNB_LEARN_NEW)
		return vnb_fdb_has_room(port, vid) ? how : VNB_LEARN_LIMIT;
	if (how == VNB_LEARN_MOVED && vnb_fdb_no_room_for(port, f))
		return VNB_LEARN_LIMIT;

	return vnb_fdb_one_too_many(fdb, f) && vnb_fdb_is_away(port, f) ?
	       VNB_LEARN_LOOP : how;
}

enum vnb_learn vnb_fdb_would_learn(const struct vnb_port *port, const u8 *addr,
				   u16 vid, const struct vnb_fdb_entry **entry)
{
	const struct vnb_fdb_entry *f = vnb_fdb_find_source(port, addr, vid);
	enum vnb_learn how = VNB_LEARN_NEW;

	*entry = f;
	if (f)
		how = vnb_fdb_judge(port, f, READ_ONCE(f->flags));

	switch (how) {
	case VNB_LEARN_NEW:
	case VNB_LEARN_MOVED:
	case VNB_LEARN_OWN:
		return vnb_fdb_judge_more(port, f, vid, how);
	default:
		return how;
	}
}

int vnb_fdb_init(struct vnb_bridge *br)
{
	struct vnb_fdb *fdb = &br->fdb;

	spin_lock_init(&fdb->lock);
	INIT_LIST_HEAD(&fdb->list);
	INIT_DEFERRABLE_WORK(&fdb->ageing, vnb_fdb_age);
	fdb->ageing_time = BR_DEFAULT_AGEING_TIME;
	fdb->max_learned = VNB_FDB_MAX_LEARNED_DEFAULT;
	fdb->max_port_learned = VNB_FDB_MAX_PORT_LEARNED_DEFAULT;
	fdb->max_moves = VNB_FDB_MAX_MOVES_DEFAULT;
	vnb_news_init(&fdb->news, br->vnb.dev);

	return rhashtable_init(&fdb->table, &vnb_fdb_params);
}

void vnb_fdb_uninit(struct vnb_bridge *br)
{
	const struct vnb_fdb_filter all = { };

	vnb_fdb_flush(br, &all);
	vnb_news_uninit(&br->fdb.news);
	rhashtable_destroy(&br->fdb.table);
	kvfree(br->fdb.n_vlan_learned);
}
