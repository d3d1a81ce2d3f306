// SPDX-License-Identifier: GPL-2.0
/*
 * Options of bridges and ports: those that are not as by default.
 */
#include "options.h"

#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/vnetbr.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "topology.h"

/* Of the running kernel's if_link.h, newer than the compiler's may be. */
#define BRPORT_MAB			40
#define BRPORT_NEIGH_VLAN_SUPPRESS	43
#define BRPORT_NEIGH_FORWARD_GRAT	45

/* More attributes than any nest has. */
#define ATTR_MAX	63

#define N_VLANS		4096
#define WORD_BITS	32

/* Attributes of one nest. Where a switch is on by default, @usual is 1. */
struct known {
	const char	*name;
	unsigned int	type;
	int		kind;
	uint64_t	usual;
};

static const struct known of_port[] = {
	{ "hairpin", IFLA_BRPORT_MODE, OPTION_SWITCH, 0 },
	{ "guard", IFLA_BRPORT_GUARD, OPTION_SWITCH, 0 },
	{ "root_block", IFLA_BRPORT_PROTECT, OPTION_SWITCH, 0 },
	{ "learning", IFLA_BRPORT_LEARNING, OPTION_SWITCH, 1 },
	{ "flood", IFLA_BRPORT_UNICAST_FLOOD, OPTION_SWITCH, 1 },
	{ "mcast_flood", IFLA_BRPORT_MCAST_FLOOD, OPTION_SWITCH, 1 },
	{ "bcast_flood", IFLA_BRPORT_BCAST_FLOOD, OPTION_SWITCH, 1 },
	{ "proxy_arp", IFLA_BRPORT_PROXYARP, OPTION_SWITCH, 0 },
	{ "proxy_arp_wifi", IFLA_BRPORT_PROXYARP_WIFI, OPTION_SWITCH, 0 },
	{ "neigh_suppress", IFLA_BRPORT_NEIGH_SUPPRESS, OPTION_SWITCH, 0 },
	{ "neigh_vlan_suppress", BRPORT_NEIGH_VLAN_SUPPRESS, OPTION_SWITCH, 0 },
	{ "neigh_forward_grat", BRPORT_NEIGH_FORWARD_GRAT, OPTION_SWITCH, 0 },
	{ "isolated", IFLA_BRPORT_ISOLATED, OPTION_SWITCH, 0 },
	{ "locked", IFLA_BRPORT_LOCKED, OPTION_SWITCH, 0 },
	{ "mab", BRPORT_MAB, OPTION_SWITCH, 0 },
	{ "group_fwd_mask", IFLA_BRPORT_GROUP_FWD_MASK, OPTION_BITS, 0 },
	{ "backup_port", IFLA_BRPORT_BACKUP_PORT, OPTION_DEVICE, 0 },
	{ }
};

static const struct known of_port_ext[] = {
	{ "community", IFLA_VNETBR_PORT_COMMUNITY, OPTION_NUMBER, 0 },
	{ "storm_unknown_pps", IFLA_VNETBR_PORT_STORM_UNKNOWN_PPS,
	  OPTION_NUMBER, 0 },
	{ "storm_mcast_pps", IFLA_VNETBR_PORT_STORM_MCAST_PPS,
	  OPTION_NUMBER, 0 },
	{ "storm_bcast_pps", IFLA_VNETBR_PORT_STORM_BCAST_PPS,
	  OPTION_NUMBER, 0 },
	{ "storm_unknown_bps", IFLA_VNETBR_PORT_STORM_UNKNOWN_BPS,
	  OPTION_NUMBER, 0 },
	{ "storm_mcast_bps", IFLA_VNETBR_PORT_STORM_MCAST_BPS,
	  OPTION_NUMBER, 0 },
	{ "storm_bcast_bps", IFLA_VNETBR_PORT_STORM_BCAST_BPS,
	  OPTION_NUMBER, 0 },
	{ "fdb_max_learned", IFLA_VNETBR_PORT_FDB_MAX_LEARNED,
	  OPTION_NUMBER, VNETBR_PORT_FDB_MAX_DEFAULT },
	{ "neigh_suppress_vlan", IFLA_VNETBR_PORT_NEIGH_SUPPRESS_VLAN,
	  OPTION_TEXT, 0 },
	{ "neigh_forward_grat_vlan", IFLA_VNETBR_PORT_NEIGH_FORWARD_GRAT_VLAN,
	  OPTION_TEXT, 0 },
	{ }
};

static const struct known of_bridge[] = {
	{ "vlan_filtering", IFLA_BR_VLAN_FILTERING, OPTION_SWITCH, 0 },
	{ "vlan_default_pvid", IFLA_BR_VLAN_DEFAULT_PVID, OPTION_NUMBER, 1 },
	{ "vlan_stats_enabled", IFLA_BR_VLAN_STATS_ENABLED, OPTION_SWITCH, 0 },
	{ "vlan_stats_per_port", IFLA_BR_VLAN_STATS_PER_PORT,
	  OPTION_SWITCH, 0 },
	{ "group_fwd_mask", IFLA_BR_GROUP_FWD_MASK, OPTION_BITS, 0 },
	{ "ageing_time", IFLA_BR_AGEING_TIME, OPTION_NUMBER, 30000 },
	{ }
};

/* As uapi/linux/vnetbr.h says. */
static const struct known of_bridge_ext[] = {
	{ "mst_enabled", IFLA_VNETBR_BR_MST_ENABLED, OPTION_SWITCH, 0 },
	{ "fdb_max_learned", IFLA_VNETBR_BR_FDB_MAX_LEARNED,
	  OPTION_NUMBER, 65536 },
	{ "fdb_port_max_learned", IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED,
	  OPTION_NUMBER, 16384 },
	{ "fdb_vlan_max_learned", IFLA_VNETBR_BR_FDB_MAX_VLAN_LEARNED,
	  OPTION_NUMBER, 0 },
	{ "fdb_max_moves", IFLA_VNETBR_BR_FDB_MAX_MOVES, OPTION_NUMBER, 100 },
	{ "neigh_snoop", IFLA_VNETBR_BR_NEIGH_SNOOP, OPTION_SWITCH, 0 },
	{ "neigh_max_snooped", IFLA_VNETBR_BR_NEIGH_MAX_SNOOPED,
	  OPTION_NUMBER, 4096 },
	{ }
};

static struct option *add(struct options *options, const char *name, int kind)
{
	struct option *option;

	options->option = realloc(options->option, (options->n + 1) *
				  sizeof(*option));
	if (!options->option)
		die("no memory");
	option = &options->option[options->n++];
	*option = (struct option) { .name = name, .kind = kind };
	return option;
}

/* Bit n % 32 of word n / 32 is VLAN n: "10-12,20" */
static char *vlan_text(const struct nlattr *attr)
{
	const uint32_t *words = mnl_attr_get_payload(attr);
	unsigned int end = mnl_attr_get_payload_len(attr) / sizeof(*words) *
			   WORD_BITS, vid, first = N_VLANS;
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("no memory");
	for (vid = 0; vid <= end; vid++) {
		bool set = vid < end &&
			   words[vid / WORD_BITS] >> vid % WORD_BITS & 1;

		if (set && first == N_VLANS) {
			first = vid;
		} else if (!set && first != N_VLANS) {
			fprintf(f, "%s%u", ftell(f) ? "," : "", first);
			if (vid - 1 != first)
				fprintf(f, "-%u", vid - 1);
			first = N_VLANS;
		}
	}
	fclose(f);
	return text;
}

static uint64_t number(const struct nlattr *attr)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case sizeof(uint8_t):
		return mnl_attr_get_u8(attr);
	case sizeof(uint16_t):
		return mnl_attr_get_u16(attr);
	case sizeof(uint32_t):
		return mnl_attr_get_u32(attr);
	default:
		return nl_u64(attr, 0);
	}
}

static void add_known(struct options *options, const struct known *known,
		      const struct nlattr **tb)
{
	const struct nlattr *attr;

	for (; known->name; known++) {
		attr = tb[known->type];
		if (!attr)
			continue;
		if (known->kind == OPTION_TEXT)
			add(options, known->name, OPTION_TEXT)->text =
				vlan_text(attr);
		else if (number(attr) != known->usual)
			add(options, known->name, known->kind)->number =
				number(attr);
	}
}

static void add_text(struct options *options, const char *name,
		     const char *text)
{
	struct option *option = add(options, name, OPTION_TEXT);

	option->text = strdup(text);
	if (!option->text)
		die("no memory");
}

void options_of_bridge(struct options *options, const struct nlattr *nest,
		       const struct nlattr *ext)
{
	const struct nlattr *tb[ATTR_MAX + 1];

	nl_nested(nest, tb, ATTR_MAX);
	add_known(options, of_bridge, tb);
	if (ntohs(nl_u16(tb[IFLA_BR_VLAN_PROTOCOL], 0)) == ETH_P_8021AD)
		add_text(options, "vlan_protocol", "802.1ad");

	nl_nested(ext, tb, ATTR_MAX);
	add_known(options, of_bridge_ext, tb);
	if (nl_u8(tb[IFLA_VNETBR_BR_NF_BRIDGE], 0) == VNETBR_NF_BRIDGE_BLOCK)
		add_text(options, "nf_bridge", "block");
}

void options_of_port(struct options *options, const struct nlattr *nest)
{
	const struct nlattr *tb[ATTR_MAX + 1], *ext;

	nl_nested(nest, tb, ATTR_MAX);
	ext = tb[IFLA_VNETBR_PORT];
	add_known(options, of_port, tb);
	nl_nested(ext, tb, ATTR_MAX);
	add_known(options, of_port_ext, tb);
}

void options_of_link(struct options *options, const struct nlattr *down)
{
	if (nl_u8(down, 0))
		add(options, "protodown", OPTION_SWITCH)->number = 1;
}

void options_free(struct options *options)
{
	unsigned int i;

	for (i = 0; i < options->n; i++)
		free(options->option[i].text);
	free(options->option);
}

/* Of a device that is an option; gone if it has just gone. */
static const char *device(const struct topology *topo, uint64_t index)
{
	const struct dev *dev = topology_find(topo, index);

	return dev ? dev->name : "?";
}

void options_print(const struct topology *topo, const struct options *options)
{
	const struct option *option = options->option;
	unsigned int n;

	for (n = options->n; n--; option++) {
		printf("  %s", option->name);
		switch (option->kind) {
		case OPTION_SWITCH:
			printf("%s", option->number ? "" : " off");
			break;
		case OPTION_NUMBER:
			printf(" %" PRIu64, option->number);
			break;
		case OPTION_BITS:
			printf(" 0x%" PRIx64, option->number);
			break;
		case OPTION_DEVICE:
			printf(" %s", device(topo, option->number));
			break;
		case OPTION_TEXT:
			printf(" %s", option->text);
			break;
		}
	}
}

void options_json(const struct topology *topo, const struct options *options)
{
	const struct option *option = options->option;
	unsigned int n;

	json_object("options");
	for (n = options->n; n--; option++) {
		switch (option->kind) {
		case OPTION_SWITCH:
			json_bool(option->name, option->number);
			break;
		case OPTION_NUMBER:
		case OPTION_BITS:
			json_num(option->name, option->number);
			break;
		case OPTION_DEVICE:
			json_str(option->name, device(topo, option->number));
			break;
		case OPTION_TEXT:
			json_str(option->name, option->text);
			break;
		}
	}
	json_end();
}
