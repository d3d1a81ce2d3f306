// SPDX-License-Identifier: GPL-2.0
/* Who drops frames: each skb that is freed as dropped, and by whom
 * (skb:kfree_skb).
 *
 * skb_vlan_untag() frees a frame that ends in its tag, for us as for the core,
 * which removes tags before a frame comes to us, and once more where it has
 * arrived: who has called it is on the stack.
 */
#include <linux/kallsyms.h>
#include <linux/stacktrace.h>
#include <linux/sysfs.h>
#include <linux/tracepoint.h>

#include "fuzz.h"

#define PLACES_MAX	64
#define UNTAG		"skb_vlan_untag"
/* From the tracepoint to who called skb_vlan_untag(), and more. */
#define STACK_MAX	24

/* @at frees; @untag: that is skb_vlan_untag(), which @caller has called. */
struct place {
	const void *at;
	const void *caller;
	bool untag;
	enum fuzz_place kind;
	u64 n;
};

struct fuzz_freed fuzz_freed;

static struct place places[PLACES_MAX];
static unsigned int n_places;
static struct tracepoint *kfree_point, *consume_point;

/* Not on the stack, which is short here; all frames are on one CPU. */
static const char *symbol(const void *at)
{
	static char name[KSYM_SYMBOL_LEN];

	sprint_symbol(name, (unsigned long)at);
	return name;
}

static bool is_symbol(const void *at, const char *prefix)
{
	return str_has_prefix(symbol(at), prefix);
}

static bool is_of_vnetbr(const void *at)
{
	return strstr(symbol(at), "[vnetbr]");
}

/* Who called skb_vlan_untag(), which has called us; NULL if nobody knows. */
static const void *find_caller(void)
{
	unsigned long stack[STACK_MAX];
	unsigned int i, n;

	n = stack_trace_save(stack, STACK_MAX, 0);
	for (i = 0; i + 1 < n; i++)
		if (is_symbol((void *)stack[i], UNTAG) &&
		    !is_symbol((void *)stack[i + 1], UNTAG))
			return (void *)stack[i + 1];

	return NULL;
}

static enum fuzz_place place_kind(const void *at, const void *caller)
{
	if (caller)
		return is_of_vnetbr(caller) ? FUZZ_UNTAG_OURS :
					      FUZZ_UNTAG_CORE;
	if (is_of_vnetbr(at))
		return FUZZ_OURS;

	return is_symbol(at, "skb_release_data") ||
	       is_symbol(at, "___pskb_trim") ? FUZZ_PART : FUZZ_CORE;
}

static struct place *place_find(const void *at, const void *caller)
{
	unsigned int i;

	for (i = 0; i < n_places; i++)
		if (places[i].at == at && places[i].caller == caller)
			return &places[i];
	if (n_places < PLACES_MAX - 1)
		n_places++;
	/* the last one has all that do not fit */
	places[i] = (struct place){
		.at	= at,
		.caller	= caller,
		.untag	= is_symbol(at, UNTAG),
		.kind	= place_kind(at, caller),
		.n	= places[i].n,
	};
	return &places[i];
}

/* What frees is looked up once, because it takes long. */
static bool is_untag(const void *at)
{
	unsigned int i;

	for (i = 0; i < n_places; i++)
		if (places[i].at == at)
			return places[i].untag;

	return is_symbol(at, UNTAG);
}

static void on_kfree(void *data, struct sk_buff *skb, void *at,
		     enum skb_drop_reason reason)
{
	struct place *place;

	if (!fuzz_is_ours())
		return;
	place = place_find(at, is_untag(at) ? find_caller() : NULL);
	place->n++;
	fuzz_freed.n[place->kind]++;
	if (place->kind == FUZZ_UNTAG_CORE && fuzz_is_host(skb->dev))
		fuzz_freed.untag_host++;
}

static void on_consume(void *data, struct sk_buff *skb)
{
	if (fuzz_is_ours())
		fuzz_freed.consumed++;
}

/**
 * fuzz_drops_start() - forget the places that were seen
 */
void fuzz_drops_start(void)
{
	n_places = 0;
	memset(places, 0, sizeof(places));
}

/**
 * fuzz_drops_print() - tell who in the kernel dropped frames
 * @buffer: one page, of a file in sysfs
 * @at: where to begin
 *
 * Return: bytes written.
 */
int fuzz_drops_print(char *buffer, int at)
{
	const struct place *p;
	int from = at;

	for (p = places; p < places + n_places; p++) {
		if (p->kind == FUZZ_UNTAG_CORE)
			at += sysfs_emit_at(buffer, at,
					    "place %ps of %ps %llu\n", p->at,
					    p->caller, p->n);
		else if (p->kind == FUZZ_CORE)
			at += sysfs_emit_at(buffer, at, "place %ps %llu\n",
					    p->at, p->n);
	}
	return at - from;
}

static void find_point(struct tracepoint *point, void *unused)
{
	if (!strcmp(point->name, "kfree_skb"))
		kfree_point = point;
	else if (!strcmp(point->name, "consume_skb"))
		consume_point = point;
}

int fuzz_drops_init(void)
{
	int err;

	for_each_kernel_tracepoint(find_point, NULL);
	if (!kfree_point || !consume_point)
		return -EOPNOTSUPP;
	err = tracepoint_probe_register(kfree_point, on_kfree, NULL);
	if (err)
		return err;
	err = tracepoint_probe_register(consume_point, on_consume, NULL);
	if (err)
		tracepoint_probe_unregister(kfree_point, on_kfree, NULL);
	return err;
}

void fuzz_drops_exit(void)
{
	tracepoint_probe_unregister(consume_point, on_consume, NULL);
	tracepoint_probe_unregister(kfree_point, on_kfree, NULL);
	tracepoint_synchronize_unregister();
}
