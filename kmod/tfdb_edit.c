// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding table of a tunnel: changes that users and configuration make.
 *
 * Copyright (C) the vnetbr authors
 */

#include "tfdb_entry.h"

#include <linux/rtnetlink.h>

#include <net/neighbour.h>

#include "tunnel.h"

static const u8 vnb_tfdb_any[ETH_ALEN];

/*
 * May @up be made of @old, which may be NULL? @has: @old has the destination.
 */
static int vnb_tfdb_check_update(const struct vnb_tfdb_entry *old, bool has,
				 const struct vnb_tfdb_update *up,
				 struct netlink_ext_ack *extack)
{
	bool group = vnb_tfdb_is_group(up->addr);

	if (up->nlflags & NLM_F_REPLACE && group) {
		NL_SET_ERR_MSG(extack,
			       "What can have several destinations cannot be replaced");
		return -EOPNOTSUPP;
	}

	if (!old) {
		if (up->nlflags & NLM_F_CREATE)
			return 0;
		NL_SET_ERR_MSG(extack, "No such entry");
		return -ENOENT;
	}

	/* What users say counts more than what was learned. */
	if (old->learned)
		return 0;

	if (up->nlflags & NLM_F_EXCL ||
	    !(has || up->nlflags & (NLM_F_APPEND | NLM_F_REPLACE))) {
		NL_SET_ERR_MSG(extack, "Entry exists");
		return -EEXIST;
	}

	if (has || !(up->nlflags & NLM_F_APPEND))
		return 0;

	if (!group) {
		NL_SET_ERR_MSG(extack,
			       "Only all zeros and group addresses can have several destinations");
		return -EOPNOTSUPP;
	}

	if (old->n >= VNB_TFDB_REMOTES_MAX) {
		NL_SET_ERR_MSG_FMT(extack,
				   "An entry can have %u destinations at most",
				   VNB_TFDB_REMOTES_MAX);
		return -ENOSPC;
	}

	return 0;
}

/* Fill @new with what @up makes of @old. */
static int __vnb_tfdb_update(struct vnb_tfdb *fdb, struct vnb_tfdb_entry *new,
			     const struct vnb_tfdb_entry *old, bool has,
			     const struct vnb_tfdb_update *up)
	__must_hold(&fdb->lock)
{
	unsigned int i;

	new->state = up->state;
	new->flags = up->flags & ~NTF_USE;
	new->proto = up->proto;

	if (!old || old->learned)
		return vnb_tfdb_entry_add(fdb, new, &up->remote);

	/* A control plane does not take over what users have made. */
	if (up->flags & NTF_EXT_LEARNED) {
		new->state = old->state;
		new->flags = old->flags;
		new->proto = old->proto;
	}

	if (has || up->nlflags & NLM_F_APPEND)
		for (i = 0; i < old->n; i++)
			vnb_tfdb_entry_keep(new, old->remotes[i]);

	return has ? 0 : vnb_tfdb_entry_add(fdb, new, &up->remote);
}

static bool vnb_tfdb_entry_equal(const struct vnb_tfdb_entry *a,
				 const struct vnb_tfdb_entry *b)
{
	return a->state == b->state && a->flags == b->flags &&
	       a->learned == b->learned && a->proto == b->proto &&
	       a->n == b->n &&
	       !memcmp(a->remotes, b->remotes, a->n * sizeof(*a->remotes));
}

/* Room for the remotes of an entry, be it learned only now, and one more. */
static struct vnb_tfdb_entry *vnb_tfdb_entry_prepare(struct vnb_tfdb *fdb,
						     const u8 *addr)
{
	const struct vnb_tfdb_entry *e;
	unsigned int n;

	ASSERT_RTNL();

	rcu_read_lock();
	e = vnb_tfdb_find_rcu(fdb, addr);
	n = e ? e->n : 1;
	rcu_read_unlock();

	return vnb_tfdb_entry_alloc(addr, n + 1, GFP_KERNEL);
}

/* For an entry, a remote, or one of the tables, which may be growing. */
static int vnb_tfdb_no_memory(int err, struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "No memory for the entry now");
	return err;
}

int vnb_tfdb_add(struct vnb_tunnel *tun, const struct vnb_tfdb_update *up,
		 struct netlink_ext_ack *extack)
{
	const struct vnb_tunnel_config *cfg = rtnl_dereference(tun->cfg);
	struct vnb_tfdb_entry *old, *new;
	struct vnb_tfdb *fdb = &tun->fdb;
	bool has, same, refused;
	int err;

	new = vnb_tfdb_entry_prepare(fdb, up->addr);
	if (!new)
		return vnb_tfdb_no_memory(-ENOMEM, extack);

	rcu_read_lock();
	spin_lock_bh(&fdb->lock);

	old = vnb_tfdb_find_rcu(fdb, up->addr);
	has = old && vnb_tfdb_entry_find(old, cfg, &up->remote);

	err = vnb_tfdb_check_update(old, has, up, extack);
	refused = err;
	if (!err)
		err = __vnb_tfdb_update(fdb, new, old, has, up);

	same = !err && old && vnb_tfdb_entry_equal(old, new);
	if (same && up->flags & NTF_USE)
		WRITE_ONCE(old->used, jiffies);
	if (!err && !same)
		err = vnb_tfdb_swap(fdb, old, new);
	if (err || same)
		vnb_tfdb_entry_free(fdb, new);
	else
		vnb_tfdb_notify(tun, new,
				vnb_tfdb_entry_find(new, cfg, &up->remote),
				RTM_NEWNEIGH);

	spin_unlock_bh(&fdb->lock);
	rcu_read_unlock();
	vnb_news_tell(&fdb->news);

	return !err || refused ? err : vnb_tfdb_no_memory(err, extack);
}

int vnb_tfdb_del(struct vnb_tunnel *tun, const u8 *addr,
		 const struct vnb_remote_key *key)
{
	static const struct vnb_remote_key all;
	struct vnb_tfdb_entry *e;
	int n = 0;

	ASSERT_RTNL();

	rcu_read_lock();
	e = vnb_tfdb_find_rcu(&tun->fdb, addr);
	if (e)
		n = key ? vnb_tfdb_remove_rcu(tun, e, vnb_remote_same, key) :
			  vnb_tfdb_remove_rcu(tun, e, vnb_remote_matches, &all);
	rcu_read_unlock();
	vnb_news_tell(&tun->fdb.news);

	return n > 0 ? 0 : n ? : -ENOENT;
}

static struct vnb_remote_key
vnb_tunnel_config_key(const struct vnb_tunnel_config *cfg)
{
	return (struct vnb_remote_key) {
		.ip	 = cfg->remote,
		.family	 = cfg->family,
		.ifindex = cfg->link,
	};
}

/* Fill @new with what @e, which may be NULL, has beside the default remote. */
static int __vnb_tfdb_replace_default(struct vnb_tfdb *fdb,
				      struct vnb_tfdb_entry *new,
				      const struct vnb_tfdb_entry *e,
				      const struct vnb_tunnel_config *old_cfg,
				      const struct vnb_tunnel_config *cfg)
	__must_hold(&fdb->lock)
{
	struct vnb_remote_key key = vnb_tunnel_config_key(cfg), old_key = { };
	unsigned int i;

	if (old_cfg)
		old_key = vnb_tunnel_config_key(old_cfg);

	new->state = e ? e->state : NUD_PERMANENT | NUD_REACHABLE;
	new->flags = e ? e->flags : NTF_SELF;
	new->proto = e ? e->proto : 0;

	for (i = 0; e && i < e->n; i++)
		if (!old_cfg || !vnb_remote_same(old_cfg, &e->remotes[i]->key,
						 &old_key))
			vnb_tfdb_entry_keep(new, e->remotes[i]);

	if (vnb_ip_is_any(&cfg->remote) || vnb_tfdb_entry_find(new, cfg, &key))
		return 0;

	return vnb_tfdb_entry_add(fdb, new, &key);
}

/* Tell about the destinations of @a that @b, which may be NULL, has not. */
static void vnb_tfdb_notify_diff(struct vnb_tunnel *tun,
				 const struct vnb_tfdb_entry *a,
				 const struct vnb_tfdb_entry *b, int type)
{
	unsigned int i, j;

	for (i = 0; a && i < a->n; i++) {
		for (j = 0; b && j < b->n; j++)
			if (a->remotes[i] == b->remotes[j])
				break;
		if (!b || j == b->n)
			vnb_tfdb_notify(tun, a, a->remotes[i], type);
	}
}

int vnb_tfdb_set_default(struct vnb_tunnel *tun,
			 const struct vnb_tunnel_config *old_cfg,
			 const struct vnb_tunnel_config *cfg)
{
	struct vnb_tfdb_entry *old, *new, *entry = NULL;
	struct vnb_tfdb *fdb = &tun->fdb;
	int err;

	new = vnb_tfdb_entry_prepare(fdb, vnb_tfdb_any);
	if (!new)
		return -ENOMEM;

	rcu_read_lock();
	spin_lock_bh(&fdb->lock);

	old = vnb_tfdb_find_rcu(fdb, vnb_tfdb_any);
	err = __vnb_tfdb_replace_default(fdb, new, old, old_cfg, cfg);
	if (!err && new->n)
		entry = new;
	if (!err && (old || entry))
		err = vnb_tfdb_swap(fdb, old, entry);
	if (err || !entry)
		vnb_tfdb_entry_free(fdb, new);
	if (!err) {
		vnb_tfdb_notify_diff(tun, old, entry, RTM_DELNEIGH);
		vnb_tfdb_notify_diff(tun, entry, old, RTM_NEWNEIGH);
	}

	spin_unlock_bh(&fdb->lock);
	rcu_read_unlock();
	vnb_news_tell(&fdb->news);

	return err;
}

bool vnb_tfdb_has_static(struct vnb_tunnel *tun,
			 const struct vnb_tunnel_config *cfg)
{
	struct vnb_remote_key key = vnb_tunnel_config_key(cfg);
	const struct vnb_tfdb_entry *e;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(e, &tun->fdb.list, list) {
		found = e->state & VNB_TFDB_STATIC &&
			(e->n > 1 || !is_zero_ether_addr(e->key.addr) ||
			 !vnb_remote_same(cfg, &e->remotes[0]->key, &key));
		if (found)
			break;
	}
	rcu_read_unlock();

	return found;
}
