// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding table of a tunnel: which remotes an address is behind.
 *
 * Copyright (C) the vnetbr authors
 */

#include "tfdb_entry.h"

#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include <net/neighbour.h>

#include "fdb.h"
#include "trace.h"
#include "tunnel.h"

static_assert(sizeof(struct vnb_tfdb_key) == 8);

/* Entries that ageing and flushing look at before others may run. */
#define VNB_TFDB_SLICE		256

/* Jiffies between two looks at all entries. */
#define VNB_TFDB_AGEING_MIN	((unsigned long)HZ)
#define VNB_TFDB_AGEING_MAX	(10ul * HZ)

/* Of constant size, which the compiler turns into one comparison. */
static int vnb_tfdb_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct vnb_tfdb_entry *e = obj;

	return memcmp(&e->key, arg->key, sizeof(e->key)) != 0;
}

static const struct rhashtable_params vnb_tfdb_params = {
	.key_len		= sizeof(struct vnb_tfdb_key),
	.obj_cmpfn		= vnb_tfdb_cmp,
	.key_offset		= offsetof(struct vnb_tfdb_entry, key),
	.head_offset		= offsetof(struct vnb_tfdb_entry, node),
	.automatic_shrinking	= true,
};

struct vnb_tfdb_entry *vnb_tfdb_find_rcu(struct vnb_tfdb *fdb, const u8 *addr)
{
	struct vnb_tfdb_key key = { };

	ether_addr_copy(key.addr, addr);
	return rhashtable_lookup(&fdb->table, &key, vnb_tfdb_params);
}

struct vnb_tfdb_entry *vnb_tfdb_entry_alloc(const u8 *addr, unsigned int n,
					    gfp_t gfp)
{
	struct vnb_tfdb_entry *e;

	e = kvzalloc_flex(*e, remotes, n, gfp);
	if (!e)
		return NULL;

	ether_addr_copy(e->key.addr, addr);
	e->updated = jiffies;
	e->used = e->updated;
	return e;
}

static void vnb_tfdb_entry_put_remotes(struct vnb_tfdb *fdb,
				       struct vnb_tfdb_entry *e)
{
	unsigned int i;

	for (i = 0; i < e->n; i++)
		vnb_remote_put(&fdb->remotes, e->remotes[i]);
}

void vnb_tfdb_entry_free(struct vnb_tfdb *fdb, struct vnb_tfdb_entry *e)
{
	if (!e)
		return;

	vnb_tfdb_entry_put_remotes(fdb, e);
	kvfree(e);
}

void vnb_tfdb_entry_keep(struct vnb_tfdb_entry *e, struct vnb_remote *remote)
{
	remote->refs++;
	e->remotes[e->n++] = remote;
}

int vnb_tfdb_entry_add(struct vnb_tfdb *fdb, struct vnb_tfdb_entry *e,
		       const struct vnb_remote_key *key)
{
	struct vnb_remote *remote = vnb_remote_get(&fdb->remotes, key);

	if (!remote)
		return -ENOMEM;

	e->remotes[e->n++] = remote;
	return 0;
}

bool vnb_remote_same(const struct vnb_tunnel_config *cfg,
		     const struct vnb_remote_key *key,
		     const struct vnb_remote_key *want)
{
	return vnb_ip_equal(&key->ip, &want->ip) &&
	       key->family == want->family && key->ifindex == want->ifindex &&
	       (key->port ? : cfg->port) == (want->port ? : cfg->port) &&
	       (key->vni ? : cfg->vni) == (want->vni ? : cfg->vni);
}

struct vnb_remote *vnb_tfdb_entry_find(const struct vnb_tfdb_entry *e,
				       const struct vnb_tunnel_config *cfg,
				       const struct vnb_remote_key *key)
{
	unsigned int i;

	for (i = 0; i < e->n; i++)
		if (vnb_remote_same(cfg, &e->remotes[i]->key, key))
			return e->remotes[i];

	return NULL;
}

/* Did a frame from @key come from a remote of the entry? */
static bool vnb_tfdb_entry_behind(const struct vnb_tfdb_entry *e,
				  const struct vnb_remote_key *key)
{
	unsigned int i;

	for (i = 0; i < e->n; i++) {
		const struct vnb_remote_key *k = &e->remotes[i]->key;

		if (vnb_ip_equal(&k->ip, &key->ip) &&
		    (!key->ifindex || k->ifindex == key->ifindex))
			return true;
	}

	return false;
}

static bool vnb_tfdb_entry_can_move(const struct vnb_tfdb_entry *e)
{
	return !(e->state & VNB_TFDB_STATIC) && !(e->flags & NTF_STICKY);
}

int vnb_tfdb_swap(struct vnb_tfdb *fdb, struct vnb_tfdb_entry *old,
		  struct vnb_tfdb_entry *new)
	__must_hold(&fdb->lock)
{
	u32 n_learned = fdb->n_learned;
	int err;

	lockdep_assert_held(&fdb->lock);

	if (new) {
		new->serial = old ? old->serial : fdb->serial++;
		new->version = old ? old->version + 1 : 0;
	}

	if (old && new)
		err = rhashtable_replace_fast(&fdb->table, &old->node,
					      &new->node, vnb_tfdb_params);
	else if (new)
		err = rhashtable_insert_fast(&fdb->table, &new->node,
					     vnb_tfdb_params);
	else
		err = rhashtable_remove_fast(&fdb->table, &old->node,
					     vnb_tfdb_params);
	if (err)
		return err;

	/* in one step, so that no dump has both */
	if (old && new)
		list_replace_rcu(&old->list, &new->list);
	else if (new)
		list_add_tail_rcu(&new->list, &fdb->list);
	else
		list_del_rcu(&old->list);

	if (new)
		n_learned += new->learned;
	if (old) {
		n_learned -= old->learned;
		vnb_tfdb_entry_put_remotes(fdb, old);
		kvfree_rcu(old, rcu);
	}

	WRITE_ONCE(fdb->n_learned, n_learned);
	return 0;
}

static bool vnb_tfdb_is_full(const struct vnb_tfdb *fdb,
			     const struct vnb_tunnel_config *cfg)
{
	return cfg->limit && READ_ONCE(fdb->n_learned) >= cfg->limit;
}

/* What vnb_tfdb_learn() does for an address that is new, or has moved. */
static enum vnb_stat __vnb_tfdb_learn(struct vnb_tunnel *tun,
				      const struct vnb_tunnel_config *cfg,
				      const u8 *addr,
				      const struct vnb_remote_key *key)
	__must_hold(&tun->fdb.lock)
{
	struct vnb_tfdb *fdb = &tun->fdb;
	struct vnb_tfdb_entry *old, *new;

	/* vnb_tfdb_flush() of a device that goes down must be the last word */
	if (!netif_running(tun->vnb.dev))
		return 0;

	old = vnb_tfdb_find_rcu(fdb, addr);
	if (!old && vnb_tfdb_is_full(fdb, cfg))
		return VNB_STAT_LEARN_LIMIT;
	if (old && (vnb_tfdb_entry_behind(old, key) ||
		    !vnb_tfdb_entry_can_move(old)))
		return 0;

	new = vnb_tfdb_entry_alloc(addr, 1, GFP_ATOMIC | __GFP_NOWARN);
	if (!new)
		return VNB_STAT_LEARN_FAILED;

	new->state = NUD_REACHABLE;
	new->flags = old ? old->flags : NTF_SELF;
	new->learned = old ? old->learned : true;

	if (vnb_tfdb_entry_add(fdb, new, key) ||
	    vnb_tfdb_swap(fdb, old, new)) {
		vnb_tfdb_entry_free(fdb, new);
		return VNB_STAT_LEARN_FAILED;
	}

	vnb_tfdb_notify(tun, new, new->remotes[0], RTM_NEWNEIGH);
	if (old) {
		trace_vnb_tfdb_move(tun, new);
		return VNB_STAT_MOVED;
	}

	trace_vnb_tfdb_learn(tun, new);
	return VNB_STAT_LEARNED;
}

enum vnb_drop vnb_tfdb_learn(struct vnb_tunnel *tun,
			     const struct vnb_tunnel_config *cfg,
			     const u8 *addr, const struct vnb_remote_key *key)
{
	struct vnb_tfdb *fdb = &tun->fdb;
	struct vnb_tfdb_entry *e;
	enum vnb_stat stat;

	e = vnb_tfdb_find_rcu(fdb, addr);
	if (likely(e)) {
		if (time_after(jiffies, READ_ONCE(e->used) + VNB_FDB_TOUCH))
			WRITE_ONCE(e->used, jiffies);
		if (likely(vnb_tfdb_entry_behind(e, key)))
			return VNB_OK;
		if (!vnb_tfdb_entry_can_move(e))
			return VNB_DROP_VXLAN_MOVED;
	} else if (vnb_tfdb_is_full(fdb, cfg)) {
		/* without the lock: a flood of addresses costs nothing here */
		vnb_stats_inc(tun->vnb.stats, VNB_STAT_LEARN_LIMIT);
		return VNB_OK;
	}

	/* The next frame tries again. Nobody waits for a flood of addresses. */
	if (!spin_trylock(&fdb->lock))
		return VNB_OK;
	stat = __vnb_tfdb_learn(tun, cfg, addr, key);
	spin_unlock(&fdb->lock);

	if (stat)
		vnb_stats_inc(tun->vnb.stats, stat);

	return VNB_OK;
}

bool vnb_remote_matches(const struct vnb_tunnel_config *cfg,
			const struct vnb_remote_key *key,
			const struct vnb_remote_key *want)
{
	return (!want->family || (key->family == want->family &&
				  vnb_ip_equal(&key->ip, &want->ip))) &&
	       (!want->ifindex || want->ifindex == key->ifindex) &&
	       (!want->port || want->port == (key->port ? : cfg->port)) &&
	       (!want->vni || want->vni == (key->vni ? : cfg->vni));
}

/* An entry without the destinations of @e that @match @want. */
static int __vnb_tfdb_cut(struct vnb_tfdb *fdb, struct vnb_tfdb_entry *e,
			  struct vnb_tfdb_entry *rest,
			  const struct vnb_tunnel_config *cfg,
			  vnb_remote_match_fn *match,
			  const struct vnb_remote_key *want)
	__must_hold(&fdb->lock)
{
	unsigned int i;

	/* Learning may have moved the address in the meantime. */
	if (vnb_tfdb_find_rcu(fdb, e->key.addr) != e)
		return -ENOENT;

	for (i = 0; rest && i < e->n; i++)
		if (!match(cfg, &e->remotes[i]->key, want))
			vnb_tfdb_entry_keep(rest, e->remotes[i]);

	return vnb_tfdb_swap(fdb, e, rest);
}

int vnb_tfdb_remove_rcu(struct vnb_tunnel *tun, struct vnb_tfdb_entry *e,
			vnb_remote_match_fn *match,
			const struct vnb_remote_key *want)
{
	const struct vnb_tunnel_config *cfg = rcu_dereference_rtnl(tun->cfg);
	struct vnb_tfdb_entry *rest = NULL;
	struct vnb_tfdb *fdb = &tun->fdb;
	unsigned int i, n = 0;
	int err;

	for (i = 0; i < e->n; i++)
		n += match(cfg, &e->remotes[i]->key, want);
	if (!n)
		return 0;

	if (n < e->n) {
		rest = vnb_tfdb_entry_alloc(e->key.addr, e->n - n, GFP_ATOMIC);
		if (!rest)
			return -ENOMEM;
		rest->state = e->state;
		rest->flags = e->flags;
		rest->used = READ_ONCE(e->used);
		rest->learned = e->learned;
		rest->proto = e->proto;
	}

	spin_lock_bh(&fdb->lock);
	err = __vnb_tfdb_cut(fdb, e, rest, cfg, match, want);
	if (err)
		vnb_tfdb_entry_free(fdb, rest);
	for (i = 0; !err && i < e->n; i++)
		if (match(cfg, &e->remotes[i]->key, want))
			vnb_tfdb_notify(tun, e, e->remotes[i], RTM_DELNEIGH);
	spin_unlock_bh(&fdb->lock);

	return err ? 0 : n;
}

static bool vnb_tfdb_entry_matches(const struct vnb_tfdb_entry *e,
				   const struct vnb_tfdb_filter *filter)
{
	return (e->state & filter->state_mask) == filter->state &&
	       (e->flags & filter->flags_mask) == filter->flags &&
	       (!filter->age ||
		time_after_eq(jiffies, READ_ONCE(e->used) + filter->age));
}

/*
 * A pass over the table. An entry may be overlooked when others of its bucket
 * are removed at the end of a slice. Return: number of removed destinations.
 */
static unsigned int vnb_tfdb_prune(struct vnb_tunnel *tun,
				   const struct vnb_tfdb_filter *filter)
{
	struct rhashtable_iter iter;
	struct vnb_tfdb_entry *e;
	unsigned int i, n = 0;
	int removed;

	rhashtable_walk_enter(&tun->fdb.table, &iter);
	do {
		rhashtable_walk_start(&iter);
		for (i = 0; i < VNB_TFDB_SLICE; i++) {
			e = rhashtable_walk_next(&iter);
			if (!e)
				break;
			/* an error says that the walk starts again */
			if (IS_ERR(e) || !vnb_tfdb_entry_matches(e, filter))
				continue;
			removed = vnb_tfdb_remove_rcu(tun, e,
						      vnb_remote_matches,
						      &filter->remote);
			n += max(removed, 0);
		}
		rhashtable_walk_stop(&iter);
		vnb_news_tell(&tun->fdb.news);
		cond_resched();
	} while (e);
	rhashtable_walk_exit(&iter);

	return n;
}

void vnb_tfdb_flush(struct vnb_tunnel *tun,
		    const struct vnb_tfdb_filter *filter)
{
	unsigned int passes = 4;

	ASSERT_RTNL();

	/* Until nothing is overlooked; not for as long as addresses come in. */
	while (passes-- && vnb_tfdb_prune(tun, filter))
		;
}

static void vnb_tfdb_age(struct work_struct *work)
{
	struct vnb_tfdb *fdb = container_of(to_delayed_work(work),
					    struct vnb_tfdb, ageing);
	struct vnb_tunnel *tun = container_of(fdb, struct vnb_tunnel, fdb);
	struct vnb_tfdb_filter filter = {
		.state_mask	= VNB_TFDB_STATIC,
		.flags_mask	= NTF_EXT_LEARNED,
	};

	rcu_read_lock();
	filter.age = (unsigned long)rcu_dereference(tun->cfg)->ageing * HZ;
	rcu_read_unlock();
	if (!filter.age)
		return;

	vnb_tfdb_prune(tun, &filter);
	queue_delayed_work(system_power_efficient_wq, &fdb->ageing,
			   clamp(filter.age / 2, VNB_TFDB_AGEING_MIN,
				 VNB_TFDB_AGEING_MAX));
}

void vnb_tfdb_start_ageing(struct vnb_tunnel *tun)
{
	ASSERT_RTNL();

	mod_delayed_work(system_power_efficient_wq, &tun->fdb.ageing, 0);
}

void vnb_tfdb_stop_ageing(struct vnb_tunnel *tun)
{
	ASSERT_RTNL();

	cancel_delayed_work_sync(&tun->fdb.ageing);
}

int vnb_tfdb_init(struct vnb_tunnel *tun)
{
	struct vnb_tfdb *fdb = &tun->fdb;
	int err;

	spin_lock_init(&fdb->lock);
	INIT_LIST_HEAD(&fdb->list);
	INIT_DEFERRABLE_WORK(&fdb->ageing, vnb_tfdb_age);
	vnb_news_init(&fdb->news, tun->vnb.dev);

	err = vnb_remotes_init(&fdb->remotes);
	if (err)
		return err;

	err = rhashtable_init(&fdb->table, &vnb_tfdb_params);
	if (err)
		rhashtable_destroy(&fdb->remotes);

	return err;
}

static void vnb_tfdb_free(void *ptr, void *arg)
{
	vnb_tfdb_entry_free(arg, ptr);
}

void vnb_tfdb_uninit(struct vnb_tunnel *tun)
{
	struct vnb_tfdb *fdb = &tun->fdb;

	vnb_news_uninit(&fdb->news);
	rhashtable_free_and_destroy(&fdb->table, vnb_tfdb_free, fdb);
	rhashtable_destroy(&fdb->remotes);
}
