// SPDX-License-Identifier: GPL-2.0
/*
 * vnetbr show: bridges and their ports, tunnels and pairs.
 */
#include <linux/if_bridge.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "graph.h"
#include "out.h"
#include "topology.h"

/* A bridge that does not filter keeps its VLANs, which mean nothing then. */
static bool has_vlans(const struct topology *topo, const struct dev *dev)
{
	const struct dev *br = topology_find(topo, dev->master ? : dev->index);

	return br && br->filtering && dev->n_vlans;
}

static void print_vlans(const struct topology *topo, const struct dev *dev)
{
	const struct vlan *vlan;

	if (!has_vlans(topo, dev))
		return;
	for (vlan = dev->vlan; vlan < dev->vlan + dev->n_vlans; vlan++) {
		printf("%s%u", vlan == dev->vlan ? "  vlan " : ",",
		       vlan->first);
		if (vlan->last != vlan->first)
			printf("-%u", vlan->last);
		printf("%s%s", vlan->pvid ? "p" : "",
		       vlan->untagged ? "u" : "");
	}
}

static void print_drops(const struct dev *dev, const char *indent)
{
	unsigned int i;

	for (i = 0; i < dev->stats.n; i++)
		if (dev_is_drop(dev, i) && dev->stats.value[i])
			printf("%sdropped %s: %llu\n", indent,
			       dev_is_drop(dev, i),
			       (unsigned long long)dev->stats.value[i]);
}

/* Those that its bridge counts, too, among those of all ports. */
static void print_port_drops(const struct dev *port, const char *indent)
{
	const struct port_drops *drops = &port->drops;
	const char *before = " (";
	unsigned int i;

	if (!drops->all)
		return;
	printf("%sdropped by the bridge: %llu", indent,
	       (unsigned long long)drops->all);
	for (i = 0; i < STORM_KINDS; i++) {
		if (!drops->storm[i])
			continue;
		printf("%s%s %llu", before, storm_words[i],
		       (unsigned long long)drops->storm[i]);
		before = ", ";
	}
	puts(*before == ',' ? ")" : "");
}

static void print_port(const struct topology *topo, const struct dev *dev,
		       const char *indent)
{
	const char *far = dev_far(topo, dev);

	printf("%s%-15s %-7s %-10s mtu %u  fdb %u", indent, dev->name,
	       dev_mode(dev), dev_state(dev), dev->mtu, dev->fdb);
	options_print(topo, &dev->options);
	print_vlans(topo, dev);
	printf("%s%s\n", *far ? "  -> " : "", far);
}

/* Who runs spanning tree, as IFLA_BR_STP_STATE */
static const char *stp_word(const struct dev *br)
{
	static const char * const words[] = { "off", "kernel", "user" };

	return br->stp < ARRAY_SIZE(words) ? words[br->stp] : "?";
}

/* The port towards the root of the tree; NULL if that is the bridge itself. */
static const struct dev *root_port(const struct topology *topo,
				   const struct dev *br)
{
	const struct dev *port;

	for_each_port(topo, port, br->index)
		if (br->root_port && port->no == br->root_port)
			return port;
	return NULL;
}

static void print_stp(const struct topology *topo, const struct dev *br)
{
	const struct dev *port = root_port(topo, br);

	if (!br->stp)
		return;
	printf("  stp %s", stp_word(br));
	if (port)
		printf(", root behind %s, cost %u", port->name, br->root_cost);
	else if (!br->root_port && !strcmp(stp_word(br), "kernel"))
		printf(", root");
}

static void print_bridge(const struct topology *topo, const struct dev *br)
{
	const struct dev *port;
	unsigned int n = 0;

	for_each_port(topo, port, br->index)
		n++;
	printf("%s  %s  %s  mtu %u  %u port%s  fdb %u (%u learned)", br->name,
	       dev_state(br), mac_text(br->mac), br->mtu, n, n == 1 ? "" : "s",
	       br->fdb, br->fdb_learned);
	print_stp(topo, br);
	options_print(topo, &br->options);
	print_vlans(topo, br);
	putchar('\n');
	print_drops(br, "    ");
	for_each_port(topo, port, br->index) {
		print_port(topo, port, "  ");
		print_drops(port, "      ");
		print_port_drops(port, "      ");
	}
}

static void json_port_drops(const struct port_drops *drops)
{
	unsigned int i;

	json_num("bridge_drops", drops->all);
	json_object("storm_drops");
	for (i = 0; i < STORM_KINDS; i++)
		if (drops->storm[i])
			json_num(storm_words[i], drops->storm[i]);
	json_end();
}

static void json_vlans(const struct topology *topo, const struct dev *dev)
{
	const struct vlan *vlan;

	if (!has_vlans(topo, dev))
		return;
	json_array("vlans");
	for (vlan = dev->vlan; vlan < dev->vlan + dev->n_vlans; vlan++) {
		json_object(NULL);
		json_num("first", vlan->first);
		json_num("last", vlan->last);
		json_bool("pvid", vlan->pvid);
		json_bool("untagged", vlan->untagged);
		json_end();
	}
	json_end();
}

static void json_dev(const struct topology *topo, const struct dev *dev)
{
	const char *far = dev_far(topo, dev);
	unsigned int i;

	json_str("name", dev->name);
	json_num("ifindex", dev->index);
	json_str("mode", dev_mode(dev));
	json_str("state", dev_state(dev));
	json_str("address", mac_text(dev->mac));
	json_num("mtu", dev->mtu);
	json_num("fdb", dev->fdb);
	json_num("fdb_learned", dev->fdb_learned);
	json_vlans(topo, dev);
	options_json(topo, &dev->options);
	if (dev->master) {
		json_bool("locked", dev->locked);
		json_bool("isolated", dev->isolated);
		json_bool("hairpin", dev->hairpin);
		json_port_drops(&dev->drops);
	}
	if (*far)
		json_str("far", far);
	if (!dev->stats.n)
		return;
	json_object("drops");
	for (i = 0; i < dev->stats.n; i++)
		if (dev_is_drop(dev, i) && dev->stats.value[i])
			json_num(dev_is_drop(dev, i), dev->stats.value[i]);
	json_end();
}

static void json_stp(const struct topology *topo, const struct dev *br)
{
	const struct dev *port = root_port(topo, br);

	json_bool("vlan_filtering", br->filtering);
	json_str("stp", stp_word(br));
	if (!port)
		return;
	json_str("root_port", port->name);
	json_num("root_path_cost", br->root_cost);
}

static void json_bridge(const struct topology *topo, const struct dev *br)
{
	const struct dev *port;

	json_object(NULL);
	json_dev(topo, br);
	json_stp(topo, br);
	json_array("ports");
	for_each_port(topo, port, br->index) {
		json_object(NULL);
		json_dev(topo, port);
		json_end();
	}
	json_end();
	json_end();
}

/* Is a bridge among those that were asked for? All are if none was. */
static bool wanted(const struct dev *br, char **names)
{
	if (br->mode != VNETBR_MODE_BRIDGE)
		return false;
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(br->name, *names))
			return true;
	return false;
}

static void show_json(const struct topology *topo, char **names)
{
	const struct dev *dev;

	json_object(NULL);
	json_array("bridges");
	for (dev = topo->dev; dev < topo->dev + topo->n; dev++)
		if (wanted(dev, names))
			json_bridge(topo, dev);
	json_end();
	if (!*names) {
		json_array("others");
		for_each_port(topo, dev, 0) {
			json_object(NULL);
			json_dev(topo, dev);
			json_end();
		}
		json_end();
	}
	json_end();
}

static void show_text(const struct topology *topo, char **names)
{
	const struct dev *dev;
	bool first = true;

	for (dev = topo->dev; dev < topo->dev + topo->n; dev++)
		if (wanted(dev, names))
			print_bridge(topo, dev);
	if (*names)
		return;
	for_each_port(topo, dev, 0) {
		if (first)
			printf("in no bridge\n");
		first = false;
		print_port(topo, dev, "  ");
		print_drops(dev, "      ");
	}
}

static void check_names(const struct topology *topo, char **names)
{
	const struct dev *dev;
	char *one[2] = { };
	bool found;

	for (; *names; names++) {
		one[0] = *names;
		found = false;
		for (dev = topo->dev; dev < topo->dev + topo->n; dev++)
			found |= wanted(dev, one);
		if (!found)
			die("show: there is no bridge %s of vnetbr", *names);
	}
}

/* For pictures: only the bridges that were asked for, and their ports. */
static void keep_wanted(struct topology *topo, char **names)
{
	const struct dev *master;
	struct dev *dev;

	if (!*names)
		return;
	for (dev = topo->dev; dev < topo->dev + topo->n; dev++) {
		master = topology_find(topo, dev->master);
		dev->drop = !wanted(dev, names) &&
			    !(master && wanted(master, names));
	}
	topology_drop(topo);
}

int command_show(char **argv)
{
	const char *graph = NULL;
	struct topology topo;
	char **names = argv, **keep = argv;

	while (*argv) {
		if (!strcmp(*argv, "--graph"))
			graph = next_word(&argv);
		else if (**argv == '-')
			die("show: what is %s?", *argv);
		else
			*keep++ = *argv++;
	}
	*keep = NULL;

	topology_read(&topo, TOPOLOGY_PORTS | TOPOLOGY_ENTRIES |
		      TOPOLOGY_STATS);
	check_names(&topo, names);
	if (graph) {
		keep_wanted(&topo, names);
		graph_write(&topo, graph);
	} else if (out_json) {
		show_json(&topo, names);
	} else {
		show_text(&topo, names);
	}
	topology_free(&topo);
	return 0;
}
