// SPDX-License-Identifier: GPL-2.0
/*
 * What bridges say of themselves, compared: IEEE 802.1D-1998 8.6.2 to 8.6.9.
 */
#include <linux/overflow.h>

#include "bridge.h"
#include "stp.h"

/* As strcmp(): negative if @a is the better one. The port is left out. */
static int vnb_stp_compare(const struct vnb_stp_vector *a,
			   const struct vnb_stp_vector *b)
{
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	if (a->bridge != b->bridge)
		return a->bridge < b->bridge ? -1 : 1;
	return 0;
}

/* A cost that a neighbour made up does not become a small one. */
u32 vnb_stp_cost(const struct vnb_port *port)
{
	u32 cost;

	if (check_add_overflow(port->stp.info.cost, port->stp.path_cost, &cost))
		return U32_MAX;
	return cost;
}

bool vnb_stp_is_designated(const struct vnb_port *port)
{
	const struct vnb_stp_vector *info = &port->stp.info;

	return info->bridge == port->br->stp.id && info->port == port->stp.id;
}

/* 8.6.9 */
bool vnb_stp_is_best(const struct vnb_port *port)
{
	const struct vnb_stp *stp = &port->br->stp;
	const struct vnb_stp_vector ours = {
		.root	= stp->root,
		.cost	= stp->root_cost,
		.bridge	= stp->id,
	};
	int diff;

	if (vnb_stp_is_designated(port) || port->stp.info.root != stp->root)
		return true;

	diff = vnb_stp_compare(&ours, &port->stp.info);
	return diff < 0 || (!diff && port->stp.id <= port->stp.info.port);
}

bool vnb_stp_leads_to_root(const struct vnb_port *port)
{
	return port->stp.info.root < port->br->stp.id &&
	       !vnb_stp_is_designated(port);
}

/* 8.6.8: no two ports are the same. */
bool vnb_stp_is_nearer(const struct vnb_port *a, const struct vnb_port *b)
{
	struct vnb_stp_vector va = a->stp.info, vb = b->stp.info;
	int diff;

	va.cost = vnb_stp_cost(a);
	vb.cost = vnb_stp_cost(b);
	diff = vnb_stp_compare(&va, &vb);
	if (diff)
		return diff < 0;
	if (va.port != vb.port)
		return va.port < vb.port;
	return a->stp.id < b->stp.id;
}

/* 8.6.2 */
bool vnb_stp_supersedes(const struct vnb_stp_vector *new,
			const struct vnb_port *port)
{
	int diff = vnb_stp_compare(new, &port->stp.info);

	if (diff)
		return diff < 0;
	return new->bridge != port->br->stp.id ||
	       new->port <= port->stp.info.port;
}
