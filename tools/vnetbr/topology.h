/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNETBR_TOPOLOGY_H
#define VNETBR_TOPOLOGY_H

#include <linux/if_link.h>
#include <linux/vnetbr.h>
#include <net/if.h>

#include "nl.h"
#include "options.h"

/* A device that is no device of ours: a NIC, a tap, and so on. */
#define MODE_FOREIGN	__VNETBR_MODE_MAX

/* No number of a namespace: the other end is in this one. */
#define NETNS_HERE	(-1)

struct vlan {
	uint16_t	first;
	uint16_t	last;
	bool		pvid;
	bool		untagged;
};

/* What a bridge has dropped of the frames that came in through a port. */
#define STORM_KINDS	3

struct port_drops {
	uint64_t	all;
	uint64_t	storm[STORM_KINDS];	/* by storm_words */
};

/* The reasons for those that exceeded a limit. */
extern const char * const storm_words[STORM_KINDS];

/* A device of kind vnetbr, or a port of a bridge of that kind. */
struct dev {
	int		index;
	int		master;		/* index of its bridge, or 0 */
	int		mode;		/* enum vnetbr_mode or MODE_FOREIGN */
	char		name[IFNAMSIZ];
	char		kind[16];	/* of a foreign device: "" for a NIC */
	uint8_t		mac[6];
	unsigned int	flags;		/* IFF_* */
	unsigned int	mtu;
	bool		carrier;
	struct rtnl_link_stats64 traffic;

	/* a pair: its other end */
	int		peer;
	int		peer_netns;

	/* a bridge */
	bool		filtering;	/* VLANs */
	uint32_t	stp;		/* IFLA_BR_STP_STATE */
	unsigned int	root_port;	/* its number; 0 for the root itself */
	uint32_t	root_cost;

	/* a tunnel */
	uint32_t	vni;
	char		remote[64];

	/* a port */
	uint8_t		state;		/* BR_STATE_* */
	unsigned int	no;		/* its number in the bridge */
	bool		locked;
	bool		isolated;
	bool		hairpin;
	struct vlan	*vlan;
	unsigned int	n_vlans;
	struct port_drops drops;

	/* entries of a bridge or tunnel, or behind a port */
	unsigned int	fdb;
	unsigned int	fdb_learned;

	struct options	options;	/* of bridge and port */

	/* counters of `ethtool -S` */
	struct stats	stats;

	bool		drop;		/* by topology_drop() */
};

struct topology {
	struct dev	*dev;		/* sorted by index */
	unsigned int	n;
};

/* What topology_read() reads beside the devices. */
#define TOPOLOGY_PORTS		1	/* state, options, VLANs */
#define TOPOLOGY_ENTRIES	2	/* number of entries */
#define TOPOLOGY_STATS		4	/* counters */

void topology_read(struct topology *topo, int what);
void topology_free(struct topology *topo);

/* topology_drop() - forget devices that have @drop set */
void topology_drop(struct topology *topo);

/* topology_find() - by index; NULL if it is not there */
struct dev *topology_find(const struct topology *topo, int index);

/*
 * topology_port() - the port behind @prev (NULL: the first one) of the bridge
 * with the index @bridge; 0: a device in no bridge. NULL after the last one.
 */
struct dev *topology_port(const struct topology *topo, const struct dev *prev,
			  int bridge);

#define for_each_port(topo, port, bridge)				\
	for ((port) = topology_port(topo, NULL, bridge); (port);	\
	     (port) = topology_port(topo, port, bridge))

/* dev_drops() - how many frames a device of ours has dropped, in all */
uint64_t dev_drops(const struct dev *dev);

/* dev_is_drop() - is a counter a drop reason? Return: the word, or NULL. */
const char *dev_is_drop(const struct dev *dev, unsigned int i);

/* Words for people. */
const char *dev_mode(const struct dev *dev);
const char *dev_state(const struct dev *dev);

/*
 * dev_far() - what is behind a device: "eth0", "eth0 in netns 3", "192.0.2.2
 * VNI 100"; "" if nobody knows. In a static buffer.
 */
const char *dev_far(const struct topology *topo, const struct dev *dev);

#endif /* VNETBR_TOPOLOGY_H */
