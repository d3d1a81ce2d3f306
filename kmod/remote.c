// SPDX-License-Identifier: GPL-2.0
/*
 * Remotes: the tunnel endpoints that forwarding entries lead to.
 *
 * Copyright (C) the vnetbr authors
 */

#include "remote.h"

#include <linux/jhash.h>
#include <linux/net.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

static_assert(sizeof(struct vnb_remote_key) ==
	      offsetofend(struct vnb_remote_key, ifindex));
static_assert(offsetofend(struct vnb_remote_key, ifindex) == 28);

static const struct rhashtable_params vnb_remote_params = {
	.key_len		= sizeof(struct vnb_remote_key),
	.key_offset		= offsetof(struct vnb_remote, key),
	.head_offset		= offsetof(struct vnb_remote, node),
	.automatic_shrinking	= true,
};

/* Addresses may share one: that makes numbers larger, but never alike. */
static atomic_t vnb_remote_idents[1024];

/* Random to begin with: what is new does not go on where another one began. */
static atomic_t *vnb_remote_ident(const union vnb_ip *ip)
{
	static u32 seed __read_mostly;

	net_get_random_once(&seed, sizeof(seed));
	net_get_random_once(vnb_remote_idents, sizeof(vnb_remote_idents));

	return &vnb_remote_idents[jhash(ip, sizeof(*ip), seed) %
				  ARRAY_SIZE(vnb_remote_idents)];
}

int vnb_remotes_init(struct rhashtable *remotes)
{
	return rhashtable_init(remotes, &vnb_remote_params);
}

static void vnb_remote_free(struct rcu_head *head)
{
	struct vnb_remote *remote = container_of(head, struct vnb_remote, rcu);

	dst_cache_destroy(&remote->route);
	kfree(remote);
}

struct vnb_remote *vnb_remote_get(struct rhashtable *remotes,
				  const struct vnb_remote_key *key)
{
	struct vnb_remote *remote;

	remote = rhashtable_lookup_fast(remotes, key, vnb_remote_params);
	if (remote) {
		remote->refs++;
		return remote;
	}

	remote = kzalloc_obj(*remote, GFP_ATOMIC);
	if (!remote)
		return NULL;

	remote->key = *key;
	remote->refs = 1;
	remote->ident = vnb_remote_ident(&key->ip);
	dst_cache_init(&remote->route, GFP_ATOMIC | __GFP_NOWARN);

	if (rhashtable_insert_fast(remotes, &remote->node, vnb_remote_params)) {
		dst_cache_destroy(&remote->route);
		kfree(remote);
		return NULL;
	}

	return remote;
}

void vnb_remote_put(struct rhashtable *remotes, struct vnb_remote *remote)
{
	if (--remote->refs)
		return;

	rhashtable_remove_fast(remotes, &remote->node, vnb_remote_params);
	call_rcu(&remote->rcu, vnb_remote_free);
}

void vnb_remotes_reset_routes(struct rhashtable *remotes)
{
	struct rhashtable_iter iter;
	struct vnb_remote *remote;

	rhashtable_walk_enter(remotes, &iter);
	rhashtable_walk_start(&iter);

	/* An error says that the table is resized: the walk starts again. */
	while ((remote = rhashtable_walk_next(&iter)))
		if (!IS_ERR(remote))
			dst_cache_reset(&remote->route);

	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}
