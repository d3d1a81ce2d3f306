// SPDX-License-Identifier: GPL-2.0
/*
 * What devices there are, as the kernel tells by rtnetlink.
 */
#include "topology.h"

#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

/* Of the running kernel's if_link.h, some are newer than the compiler's. */
#define LINK_NETNSID	37

const char * const storm_words[STORM_KINDS] = {
	"storm_unknown", "storm_mcast", "storm_bcast",
};

static int dev_compare(const void *a, const void *b)
{
	return ((const struct dev *)a)->index - ((const struct dev *)b)->index;
}

struct dev *topology_find(const struct topology *topo, int index)
{
	const struct dev key = { .index = index };

	return topo->n ? bsearch(&key, topo->dev, topo->n, sizeof(key),
				 dev_compare) : NULL;
}

static void read_address(struct dev *dev, const struct nlattr *attr, int family)
{
	size_t size = family == AF_INET ? sizeof(struct in_addr) :
					  sizeof(struct in6_addr);

	if (attr && mnl_attr_get_payload_len(attr) >= size)
		inet_ntop(family, mnl_attr_get_payload(attr), dev->remote,
			  sizeof(dev->remote));
}

static void read_bridge(struct dev *dev, const struct nlattr *nest,
			const struct nlattr *ext)
{
	const struct nlattr *br[IFLA_BR_MAX + 1];

	nl_nested(nest, br, IFLA_BR_MAX);
	dev->filtering = nl_u8(br[IFLA_BR_VLAN_FILTERING], 0);
	dev->stp = nl_u32(br[IFLA_BR_STP_STATE], 0);
	dev->root_port = nl_u16(br[IFLA_BR_ROOT_PORT], 0);
	dev->root_cost = nl_u32(br[IFLA_BR_ROOT_PATH_COST], 0);
	options_of_bridge(&dev->options, nest, ext);
}

/* IFLA_INFO_DATA of kind vnetbr */
static void read_info_data(struct dev *dev, const struct nlattr *data)
{
	const struct nlattr *tb[IFLA_VNETBR_MAX + 1];
	const struct nlattr *vx[IFLA_VXLAN_MAX + 1];

	nl_nested(data, tb, IFLA_VNETBR_MAX);
	dev->mode = nl_u8(tb[IFLA_VNETBR_MODE], VNETBR_MODE_BRIDGE);
	if (dev->mode == VNETBR_MODE_BRIDGE)
		read_bridge(dev, tb[IFLA_VNETBR_BRIDGE],
			    tb[IFLA_VNETBR_BRIDGE_EXT]);
	if (dev->mode != VNETBR_MODE_VXLAN)
		return;

	nl_nested(tb[IFLA_VNETBR_VXLAN], vx, IFLA_VXLAN_MAX);
	dev->vni = nl_u32(vx[IFLA_VXLAN_ID], 0);
	read_address(dev, vx[IFLA_VXLAN_GROUP], AF_INET);
	read_address(dev, vx[IFLA_VXLAN_GROUP6], AF_INET6);
}

/* IFLA_INFO_SLAVE_DATA of a port of ours */
static void read_slave_data(struct dev *dev, const struct nlattr *data)
{
	const struct nlattr *port[IFLA_VNETBR_PORT + 1];
	const struct nlattr *ext[IFLA_VNETBR_PORT_MAX + 1];
	const struct nlattr **storm;
	unsigned int i;

	options_of_port(&dev->options, data);
	nl_nested(data, port, IFLA_VNETBR_PORT);
	nl_nested(port[IFLA_VNETBR_PORT], ext, IFLA_VNETBR_PORT_MAX);
	dev->drops.all = nl_u64(ext[IFLA_VNETBR_PORT_DROPS], 0);
	storm = ext + IFLA_VNETBR_PORT_STORM_UNKNOWN_DROPS;
	for (i = 0; i < STORM_KINDS; i++)
		dev->drops.storm[i] = nl_u64(storm[i], 0);
}

static void read_link_info(struct dev *dev, const struct nlattr *nest)
{
	const struct nlattr *tb[IFLA_INFO_MAX + 1];
	const char *kind;

	nl_nested(nest, tb, IFLA_INFO_MAX);
	kind = nl_str(tb[IFLA_INFO_KIND]);
	dev->mode = MODE_FOREIGN;
	if (kind && !strcmp(kind, "vnetbr"))
		read_info_data(dev, tb[IFLA_INFO_DATA]);
	else
		snprintf(dev->kind, sizeof(dev->kind), "%s", kind ? kind : "");

	kind = nl_str(tb[IFLA_INFO_SLAVE_KIND]);
	if (kind && !strcmp(kind, "vnetbr"))
		read_slave_data(dev, tb[IFLA_INFO_SLAVE_DATA]);
}

static int read_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[IFLA_MAX + 1];
	struct topology *topo = data;
	struct dev *dev;

	nl_attrs(nlh, sizeof(*ifi), tb, IFLA_MAX);
	topo->dev = realloc(topo->dev, (topo->n + 1) * sizeof(*dev));
	if (!topo->dev)
		die("no memory");
	dev = &topo->dev[topo->n++];
	memset(dev, 0, sizeof(*dev));

	dev->index = ifi->ifi_index;
	dev->flags = ifi->ifi_flags;
	snprintf(dev->name, sizeof(dev->name), "%s",
		 nl_str(tb[IFLA_IFNAME]) ? : "?");
	dev->master = nl_u32(tb[IFLA_MASTER], 0);
	dev->mtu = nl_u32(tb[IFLA_MTU], 0);
	dev->carrier = nl_u8(tb[IFLA_CARRIER], 0);
	dev->peer = nl_u32(tb[IFLA_LINK], 0);
	dev->peer_netns = nl_u32(tb[LINK_NETNSID], NETNS_HERE);
	if (tb[IFLA_ADDRESS] &&
	    mnl_attr_get_payload_len(tb[IFLA_ADDRESS]) == ETH_ALEN)
		memcpy(dev->mac, mnl_attr_get_payload(tb[IFLA_ADDRESS]),
		       ETH_ALEN);
	if (tb[IFLA_STATS64])
		memcpy(&dev->traffic, mnl_attr_get_payload(tb[IFLA_STATS64]),
		       mnl_attr_get_payload_len(tb[IFLA_STATS64]) <
		       sizeof(dev->traffic) ?
		       mnl_attr_get_payload_len(tb[IFLA_STATS64]) :
		       sizeof(dev->traffic));
	options_of_link(&dev->options, tb[IFLA_PROTO_DOWN]);
	read_link_info(dev, tb[IFLA_LINKINFO]);
	return MNL_CB_OK;
}

static void read_vlan(struct dev *dev, const struct bridge_vlan_info *info)
{
	struct vlan *vlan;

	if (info->flags & BRIDGE_VLAN_INFO_RANGE_END && dev->n_vlans) {
		dev->vlan[dev->n_vlans - 1].last = info->vid;
		return;
	}

	dev->vlan = realloc(dev->vlan, (dev->n_vlans + 1) * sizeof(*vlan));
	if (!dev->vlan)
		die("no memory");
	vlan = &dev->vlan[dev->n_vlans++];
	vlan->first = info->vid;
	vlan->last = info->vid;
	vlan->pvid = info->flags & BRIDGE_VLAN_INFO_PVID;
	vlan->untagged = info->flags & BRIDGE_VLAN_INFO_UNTAGGED;
}

/* What `bridge -d link` and `bridge vlan` show. */
static int read_port(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *port[IFLA_BRPORT_MAX + 1];
	const struct nlattr *tb[IFLA_MAX + 1], *attr;
	struct dev *dev = topology_find(data, ifi->ifi_index);

	if (!dev)
		return MNL_CB_OK;

	nl_attrs(nlh, sizeof(*ifi), tb, IFLA_MAX);
	if (tb[IFLA_PROTINFO]) {
		nl_nested(tb[IFLA_PROTINFO], port, IFLA_BRPORT_MAX);
		/* a NIC speaks for itself, after its bridge has */
		if (!port[IFLA_BRPORT_STATE])
			return MNL_CB_OK;
		dev->state = nl_u8(port[IFLA_BRPORT_STATE], 0);
		dev->no = nl_u16(port[IFLA_BRPORT_NO], 0);
		dev->locked = nl_u8(port[IFLA_BRPORT_LOCKED], 0);
		dev->isolated = nl_u8(port[IFLA_BRPORT_ISOLATED], 0);
		dev->hairpin = nl_u8(port[IFLA_BRPORT_MODE], 0);
	}
	if (!tb[IFLA_AF_SPEC])
		return MNL_CB_OK;
	mnl_attr_for_each_nested(attr, tb[IFLA_AF_SPEC])
		if (mnl_attr_get_type(attr) == IFLA_BRIDGE_VLAN_INFO &&
		    mnl_attr_get_payload_len(attr) >=
		    sizeof(struct bridge_vlan_info))
			read_vlan(dev, mnl_attr_get_payload(attr));
	return MNL_CB_OK;
}

static void count_entry(struct dev *dev, const struct ndmsg *ndm)
{
	if (!dev)
		return;
	dev->fdb++;
	if (!(ndm->ndm_state & (NUD_PERMANENT | NUD_NOARP)) &&
	    !(ndm->ndm_flags & NTF_EXT_LEARNED))
		dev->fdb_learned++;
}

/* An entry counts for the bridge or tunnel that has it, and for its port. */
static int read_entry(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NDA_MAX + 1];
	struct topology *topo = data;
	struct dev *dev = topology_find(topo, ndm->ndm_ifindex), *master;

	if (!dev)
		return MNL_CB_OK;

	nl_attrs(nlh, sizeof(*ndm), tb, NDA_MAX);
	master = topology_find(topo, nl_u32(tb[NDA_MASTER], 0));
	/* Of any other device these are addresses that it receives. */
	if (!master && dev->mode != VNETBR_MODE_VXLAN)
		return MNL_CB_OK;
	/* A port that is a tunnel has entries of both kinds. */
	if (!master || dev->mode != VNETBR_MODE_VXLAN)
		count_entry(dev, ndm);
	if (master && master != dev)
		count_entry(master, ndm);
	return MNL_CB_OK;
}

static void dump(struct mnl_socket *nl, int type, int family, size_t header,
		 uint32_t mask, mnl_cb_t cb, struct topology *topo)
{
	char buf[NL_REQUEST];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_DUMP;
	*(uint8_t *)mnl_nlmsg_put_extra_header(nlh, header) = family;
	if (mask)
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, mask);
	nl_talk(nl, nlh, cb, topo);
}

static void dev_free(struct dev *dev)
{
	free(dev->vlan);
	options_free(&dev->options);
	stats_free(&dev->stats);
}

void topology_drop(struct topology *topo)
{
	unsigned int i, n = 0;

	for (i = 0; i < topo->n; i++) {
		if (topo->dev[i].drop)
			dev_free(&topo->dev[i]);
		else
			topo->dev[n++] = topo->dev[i];
	}
	topo->n = n;
}

/* Neither of ours nor a port of ours: it has no place here. */
static void drop_others(struct topology *topo)
{
	const struct dev *master;
	struct dev *dev;

	for (dev = topo->dev; dev < topo->dev + topo->n; dev++) {
		master = topology_find(topo, dev->master);
		if (master && master->mode != VNETBR_MODE_BRIDGE)
			dev->master = 0;
		dev->drop = dev->mode == MODE_FOREIGN && !dev->master;
	}
	topology_drop(topo);
}

void topology_read(struct topology *topo, int what)
{
	struct mnl_socket *nl = nl_open(NETLINK_ROUTE);
	unsigned int i;

	memset(topo, 0, sizeof(*topo));
	dump(nl, RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg), 0,
	     read_link, topo);
	qsort(topo->dev, topo->n, sizeof(*topo->dev), dev_compare);
	drop_others(topo);

	if (what & TOPOLOGY_PORTS)
		dump(nl, RTM_GETLINK, AF_BRIDGE, sizeof(struct ifinfomsg),
		     RTEXT_FILTER_BRVLAN_COMPRESSED, read_port, topo);
	if (what & TOPOLOGY_ENTRIES)
		dump(nl, RTM_GETNEIGH, AF_BRIDGE, sizeof(struct ndmsg), 0,
		     read_entry, topo);
	if (what & TOPOLOGY_STATS)
		for (i = 0; i < topo->n; i++)
			if (topo->dev[i].mode != MODE_FOREIGN)
				stats_read(topo->dev[i].name,
					   &topo->dev[i].stats);
	for (i = 0; i < topo->n; i++)
		text_clean(topo->dev[i].name);
	mnl_socket_close(nl);
}

void topology_free(struct topology *topo)
{
	unsigned int i;

	for (i = 0; i < topo->n; i++)
		dev_free(&topo->dev[i]);
	free(topo->dev);
	memset(topo, 0, sizeof(*topo));
}

struct dev *topology_port(const struct topology *topo, const struct dev *prev,
			  int bridge)
{
	struct dev *end = topo->dev + topo->n;
	struct dev *dev = prev ? topo->dev + (prev - topo->dev) + 1 : topo->dev;

	for (; dev < end; dev++)
		if (dev->master == bridge && dev->mode != VNETBR_MODE_BRIDGE)
			return dev;
	return NULL;
}

const char *dev_is_drop(const struct dev *dev, unsigned int i)
{
	const char *name = dev->stats.name[i];

	return strncmp(name, "drop_", 5) ? NULL : name + 5;
}

uint64_t dev_drops(const struct dev *dev)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < dev->stats.n; i++)
		if (dev_is_drop(dev, i))
			sum += dev->stats.value[i];
	return sum;
}

const char *dev_mode(const struct dev *dev)
{
	switch (dev->mode) {
	case VNETBR_MODE_BRIDGE:
		return "bridge";
	case VNETBR_MODE_PAIR:
		return "pair";
	case VNETBR_MODE_VXLAN:
		return "vxlan";
	default:
		return *dev->kind ? dev->kind : "device";
	}
}

const char *dev_state(const struct dev *dev)
{
	static const char * const states[] = {
		"disabled", "listening", "learning", "forwarding", "blocking",
	};

	if (!(dev->flags & IFF_UP))
		return "down";
	if (!dev->carrier)
		return "no-carrier";
	if (!dev->master)
		return "up";
	return dev->state < ARRAY_SIZE(states) ? states[dev->state] : "?";
}

const char *dev_far(const struct topology *topo, const struct dev *dev)
{
	static char text[128];
	const struct dev *peer;

	*text = '\0';
	if (dev->mode == VNETBR_MODE_VXLAN) {
		snprintf(text, sizeof(text), "%s%sVNI %u", dev->remote,
			 *dev->remote ? " " : "", dev->vni);
	} else if (dev->mode == VNETBR_MODE_PAIR && dev->peer) {
		peer = topology_find(topo, dev->peer);
		if (dev->peer_netns != NETNS_HERE)
			snprintf(text, sizeof(text), "if%d in netns %d",
				 dev->peer, dev->peer_netns);
		else
			snprintf(text, sizeof(text), "%s",
				 peer ? peer->name : "?");
	}
	return text;
}
