// SPDX-License-Identifier: GPL-2.0
/*
 * "ip link ... type vnetbr": a plugin of iproute2.
 *
 * The kernel takes its own IFLA_BR_*, IFLA_VXLAN_* and VETH_INFO_PEER inside
 * vnetbr's nests. So nearly every word is passed to the parsers and printers
 * that the running ip already has for bridge, vxlan, veth and bridge_slave:
 * what that ip knows, this plugin knows.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/vnetbr.h>

#include "ip_abi.h"
#include "vlan_words.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* These IFLA_BR_* are younger than the headers of 6.1. */
#define BR_FDB_N_LEARNED	48
#define BR_FDB_MAX_LEARNED	49

/*
 * An ip that knows these also prints mst_enabled, of IFLA_BR_MULTI_BOOLOPT: in
 * Debian, at least. In between there were releases that do not.
 */
#define BR_MST_ENABLED_KNOWN	BR_FDB_MAX_LEARNED

/* More attributes than any kind has: a printer of ip never looks further. */
#define ATTR_MAX	255

/* A port has no mode, and what ip knows of it needs no nest. */
#define PORT	(VNETBR_MODE_MAX + 1)

/* By enum vnetbr_mode. @kind is the kind of ip that knows what is in @nest. */
static const struct mode {
	const char *name;
	const char *kind;
	int nest;
	int ext;
} modes[] = {
	{ "bridge", "bridge", IFLA_VNETBR_BRIDGE, IFLA_VNETBR_BRIDGE_EXT },
	{ "pair", "veth", 0, 0 },
	{ "vxlan", "vxlan", IFLA_VNETBR_VXLAN, IFLA_VNETBR_VXLAN_EXT },
	[PORT] = { "", "bridge_slave", 0, IFLA_VNETBR_PORT },
};

/* What a word is one of, by its enum, and what is said to anything else. */
struct choices {
	const char *rule;
	const char *names[4];
};

static const struct choices rx_gro = {
	"\"rx_gro\" is off, auto or on", { "off", "auto", "on" },
};

static const struct choices nf_bridge = {
	"\"nf_bridge\" is off or block", { "off", "block" },
};

/*
 * The words that are not left to ip, and their attributes in the mode's @ext.
 * @twin is the attribute of @nest that says the same to a younger ip, @choices
 * are what a CHOICE is one of.
 */
static const struct word {
	const char *name;
	int mode;
	enum {
		FLAG_OFF, FLAG_ON, NUMBER, NUMBER8, NUMBER64, PORT_LIMIT,
		CHOICE, MST_RANGES, VLAN_SET,
	} value;
	int attr;
	int twin;
	const struct choices *choices;
} words[] = {
	{ "fdb_n_learned", VNETBR_MODE_BRIDGE, NUMBER,
	  IFLA_VNETBR_BR_FDB_N_LEARNED, BR_FDB_N_LEARNED, NULL },
	{ "fdb_max_learned", VNETBR_MODE_BRIDGE, NUMBER,
	  IFLA_VNETBR_BR_FDB_MAX_LEARNED, BR_FDB_MAX_LEARNED, NULL },
	{ "fdb_port_max_learned", VNETBR_MODE_BRIDGE, NUMBER,
	  IFLA_VNETBR_BR_FDB_MAX_PORT_LEARNED, 0, NULL },
	{ "fdb_vlan_max_learned", VNETBR_MODE_BRIDGE, NUMBER,
	  IFLA_VNETBR_BR_FDB_MAX_VLAN_LEARNED, 0, NULL },
	{ "fdb_max_moves", VNETBR_MODE_BRIDGE, NUMBER,
	  IFLA_VNETBR_BR_FDB_MAX_MOVES, 0, NULL },
	{ "nf_bridge", VNETBR_MODE_BRIDGE, CHOICE,
	  IFLA_VNETBR_BR_NF_BRIDGE, 0, &nf_bridge },
	{ "mst_enabled", VNETBR_MODE_BRIDGE, NUMBER8,
	  IFLA_VNETBR_BR_MST_ENABLED, BR_MST_ENABLED_KNOWN, NULL },
	{ "mst", VNETBR_MODE_BRIDGE, MST_RANGES,
	  IFLA_VNETBR_BR_MST, 0, NULL },
	{ "neigh_snoop", VNETBR_MODE_BRIDGE, NUMBER8,
	  IFLA_VNETBR_BR_NEIGH_SNOOP, 0, NULL },
	{ "neigh_max_snooped", VNETBR_MODE_BRIDGE, NUMBER,
	  IFLA_VNETBR_BR_NEIGH_MAX_SNOOPED, 0, NULL },
	{ "neigh_n_snooped", VNETBR_MODE_BRIDGE, NUMBER,
	  IFLA_VNETBR_BR_NEIGH_N_SNOOPED, 0, NULL },
	{ "strict", VNETBR_MODE_VXLAN, FLAG_ON,
	  IFLA_VNETBR_VXLAN_STRICT, 0, NULL },
	{ "nostrict", VNETBR_MODE_VXLAN, FLAG_OFF,
	  IFLA_VNETBR_VXLAN_STRICT, 0, NULL },
	{ "rx_gro", VNETBR_MODE_VXLAN, CHOICE,
	  IFLA_VNETBR_VXLAN_RX_GRO, 0, &rx_gro },
	{ "community", PORT, NUMBER, IFLA_VNETBR_PORT_COMMUNITY, 0, NULL },
	{ "storm_unknown_pps", PORT, NUMBER,
	  IFLA_VNETBR_PORT_STORM_UNKNOWN_PPS, 0, NULL },
	{ "storm_mcast_pps", PORT, NUMBER,
	  IFLA_VNETBR_PORT_STORM_MCAST_PPS, 0, NULL },
	{ "storm_bcast_pps", PORT, NUMBER,
	  IFLA_VNETBR_PORT_STORM_BCAST_PPS, 0, NULL },
	{ "storm_unknown_bps", PORT, NUMBER64,
	  IFLA_VNETBR_PORT_STORM_UNKNOWN_BPS, 0, NULL },
	{ "storm_mcast_bps", PORT, NUMBER64,
	  IFLA_VNETBR_PORT_STORM_MCAST_BPS, 0, NULL },
	{ "storm_bcast_bps", PORT, NUMBER64,
	  IFLA_VNETBR_PORT_STORM_BCAST_BPS, 0, NULL },
	{ "storm_unknown_drops", PORT, NUMBER64,
	  IFLA_VNETBR_PORT_STORM_UNKNOWN_DROPS, 0, NULL },
	{ "storm_mcast_drops", PORT, NUMBER64,
	  IFLA_VNETBR_PORT_STORM_MCAST_DROPS, 0, NULL },
	{ "storm_bcast_drops", PORT, NUMBER64,
	  IFLA_VNETBR_PORT_STORM_BCAST_DROPS, 0, NULL },
	{ "drops", PORT, NUMBER64, IFLA_VNETBR_PORT_DROPS, 0, NULL },
	{ "fdb_n_learned", PORT, NUMBER,
	  IFLA_VNETBR_PORT_FDB_N_LEARNED, 0, NULL },
	{ "fdb_max_learned", PORT, PORT_LIMIT,
	  IFLA_VNETBR_PORT_FDB_MAX_LEARNED, 0, NULL },
	{ "neigh_suppress_vlan", PORT, VLAN_SET,
	  IFLA_VNETBR_PORT_NEIGH_SUPPRESS_VLAN, 0, NULL },
	{ "neigh_forward_grat_vlan", PORT, VLAN_SET,
	  IFLA_VNETBR_PORT_NEIGH_FORWARD_GRAT_VLAN, 0, NULL },
};

static void print_help(struct link_util *lu, int argc, char **argv, FILE *f)
{
	fputs("Usage: ... vnetbr [ mode bridge ] [ BRIDGE-OPTIONS ]\n"
	      "			[ fdb_max_learned NUMBER ]\n"
	      "			[ fdb_port_max_learned NUMBER ]\n"
	      "			[ fdb_vlan_max_learned NUMBER ]\n"
	      "			[ fdb_max_moves NUMBER ]\n"
	      "			[ nf_bridge { off | block } ]\n"
	      "			[ mst_enabled { 0 | 1 } ]\n"
	      "			[ mst VLAN[-VLAN]:MSTI[,...] ]\n"
	      "			[ neigh_snoop { 0 | 1 } ]\n"
	      "			[ neigh_max_snooped NUMBER ]\n"
	      "       ... vnetbr mode pair [ peer [ LINK-OPTIONS ] ]\n"
	      "       ... vnetbr mode vxlan VXLAN-OPTIONS\n"
	      "			[ [no]strict ]\n"
	      "			[ rx_gro { off | auto | on } ]\n"
	      "\n"
	      "Where:	BRIDGE-OPTIONS	are those of: ip link help bridge\n"
	      "	VXLAN-OPTIONS	are those of: ip link help vxlan\n"
	      "	LINK-OPTIONS	are those of: ip link help\n"
	      "\n"
	      "See ip-link-vnetbr(8).\n", f);
}

static struct rtattr *find_attr(struct rtattr *rta, int len, int type)
{
	for (; RTA_OK(rta, len); rta = RTA_NEXT(rta, len))
		if ((rta->rta_type & NLA_TYPE_MASK) == type)
			return rta;
	return NULL;
}

static struct rtattr *find_nested(struct rtattr *nest, int type)
{
	if (!nest)
		return NULL;
	return find_attr(RTA_DATA(nest), RTA_PAYLOAD(nest), type);
}

/*
 * The mode of the device that @n is to change, or -1. ip has put the index
 * into the header by the time it parses what follows the kind.
 */
static int query_mode(const struct nlmsghdr *n)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(n);
	struct {
		struct nlmsghdr n;
		struct ifinfomsg i;
	} req = {
		.n.nlmsg_len = sizeof(req),
		.n.nlmsg_type = RTM_GETLINK,
		.n.nlmsg_flags = NLM_F_REQUEST,
		.i.ifi_index = ifi->ifi_index,
	};
	int mode = VNETBR_MODE_BRIDGE;
	struct rtattr *info, *attr;
	struct nlmsghdr *answer;

	if (rtnl_talk(&rth, &req.n, &answer) < 0)
		return -1;

	info = find_attr(IFLA_RTA(NLMSG_DATA(answer)), IFLA_PAYLOAD(answer),
			 IFLA_LINKINFO);
	attr = find_nested(info, IFLA_INFO_KIND);
	/* of another kind: the kernel will say so */
	if (attr && !strcmp(RTA_DATA(attr), "vnetbr")) {
		attr = find_nested(info, IFLA_INFO_DATA);
		attr = find_nested(attr, IFLA_VNETBR_MODE);
		if (attr)
			mode = *(uint8_t *)RTA_DATA(attr);
	}
	free(answer);
	return mode;
}

/* The kernel insists on the flag in attributes that are younger than it. */
static struct rtattr *nest_start(struct nlmsghdr *n, int type)
{
	return addattr_nest(n, IP_REQ_MAX, type | NLA_F_NESTED);
}

static const struct word *find_word(int mode, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].mode == mode && !strcmp(words[i].name, name))
			return &words[i];
	return NULL;
}

/* Append what @w means to @n; @arg is its value, if it takes one. */
static void add_word(struct nlmsghdr *n, const struct word *w, const char *arg)
{
	uint8_t choice = w->value;
	uint64_t number64;
	uint32_t number;

	if (w->value == MST_RANGES) {
		mst_add(n, arg);
		return;
	}
	if (w->value == VLAN_SET) {
		vlan_set_add(n, w->attr, w->name, arg);
		return;
	}
	if (w->value == NUMBER || w->value == PORT_LIMIT) {
		if (w->value == PORT_LIMIT && !strcmp(arg, "default"))
			number = VNETBR_PORT_FDB_MAX_DEFAULT;
		else if (get_u32(&number, arg, 0))
			invarg(w->name, arg);
		addattr_l(n, IP_REQ_MAX, w->attr, &number, sizeof(number));
		return;
	}
	if (w->value == NUMBER64) {
		if (get_u64(&number64, arg, 0))
			invarg(w->name, arg);
		addattr_l(n, IP_REQ_MAX, w->attr, &number64, sizeof(number64));
		return;
	}
	if (w->value == NUMBER8 && get_u8(&choice, arg, 0))
		invarg(w->name, arg);
	if (w->value == CHOICE) {
		const char * const *names = w->choices->names;

		for (choice = 0; strcmp(names[choice], arg); choice++)
			if (!names[choice + 1])
				invarg(w->choices->rule, arg);
	}
	addattr_l(n, IP_REQ_MAX, w->attr, &choice, sizeof(choice));
}

/* Append our own words to @n, leave the others in @rest, return their number */
static int filter_words(int mode, int argc, char **argv, struct nlmsghdr *n,
			char **rest)
{
	bool need_port = mode == VNETBR_MODE_VXLAN &&
			 n->nlmsg_flags & NLM_F_CREATE;
	struct rtattr *ext = NULL;
	const struct word *w;
	int i, nrest = 0;

	for (i = 0; i < argc; i++) {
		w = find_word(mode, argv[i]);
		/* the value of "dev" may be any word */
		if (!w || (i && !strcmp(argv[i - 1], "dev"))) {
			/* ip accepts "dstport" shortened down to "ds" */
			if (!strcmp(argv[i], "gpe") ||
			    (!strncmp(argv[i], "ds", 2) &&
			     !strncmp(argv[i], "dstport", strlen(argv[i]))))
				need_port = false;
			rest[nrest++] = argv[i];
			continue;
		}
		if (w->value >= NUMBER && ++i == argc)
			incomplete_command();
		if (!ext)
			ext = nest_start(n, modes[mode].ext);
		add_word(n, w, argv[i]);
	}
	if (ext)
		addattr_nest_end(n, ext);

	/* or ip warns that the in-tree driver's default is another port */
	if (need_port) {
		rest[nrest++] = "dstport";
		rest[nrest++] = "4789";
	}
	return nrest;
}

/* Have the running ip parse the words that it knows. */
static int delegate(int mode, int argc, char **argv, struct nlmsghdr *n)
{
	struct link_util *lu = get_link_kind(modes[mode].kind);
	struct rtattr *nest = NULL;
	int err;

	if (!argc)
		return 0;
	if (!lu || !lu->parse_opt) {
		fprintf(stderr, "vnetbr: this ip lacks the options of %s\n",
			modes[mode].kind);
		return -1;
	}
	if (modes[mode].nest)
		nest = nest_start(n, modes[mode].nest);
	err = lu->parse_opt(lu, argc, argv, n);
	if (nest)
		addattr_nest_end(n, nest);
	return err;
}

static int parse_opt(struct link_util *lu, int argc, char **argv,
		     struct nlmsghdr *n)
{
	int err, mode = VNETBR_MODE_BRIDGE;
	uint8_t value;
	char **rest;

	if (!strcmp(*argv, "help")) {
		print_help(lu, argc, argv, stderr);
		return -1;
	}
	if (!strcmp(*argv, "mode")) {
		if (argc < 2)
			incomplete_command();
		for (; strcmp(modes[mode].name, argv[1]); mode++)
			if (mode == VNETBR_MODE_MAX)
				invarg("\"mode\" is bridge, pair or vxlan",
				       argv[1]);
		argc -= 2;
		argv += 2;
	} else if (!(n->nlmsg_flags & NLM_F_CREATE)) {
		mode = query_mode(n);
		if (mode > VNETBR_MODE_MAX)
			fprintf(stderr, "vnetbr: unknown mode %d\n", mode);
		if (mode < 0 || mode > VNETBR_MODE_MAX)
			return -1;
	}
	value = mode;
	addattr_l(n, IP_REQ_MAX, IFLA_VNETBR_MODE, &value, sizeof(value));

	/* filter_words() may add two; ip's parsers expect a NULL at the end */
	rest = calloc(argc + 3, sizeof(*rest));
	if (!rest)
		return -1;
	argc = filter_words(mode, argc, argv, n, rest);
	err = delegate(mode, argc, rest, n);
	free(rest);
	return err;
}

/* A value of ours; flags print in JSON always, as text when they are on. */
static void print_word(const struct word *w, struct rtattr *attr)
{
	const void *value = RTA_DATA(attr);
	const uint8_t *choice = value;
	const uint32_t *number = value;
	bool is_default = w->value == PORT_LIMIT &&
			  *number == VNETBR_PORT_FDB_MAX_DEFAULT;
	bool is_number = w->value == NUMBER ||
			 (w->value == PORT_LIMIT && !is_default);
	uint64_t number64;
	char fmt[40];
	int i = 0;

	if (w->value == MST_RANGES) {
		mst_print(attr);
		return;
	}
	if (w->value == VLAN_SET) {
		vlan_set_print(w->name, attr);
		return;
	}

	snprintf(fmt, sizeof(fmt), "%s %s ", w->name,
		 is_number || w->value == NUMBER8 ? "%u" :
		 w->value == NUMBER64 ? "%" PRIu64 : "%s");
	if (is_default) {
		print_color_string(PRINT_ANY, COLOR_NONE, w->name, fmt,
				   "default");
	} else if (is_number) {
		print_color_uint(PRINT_ANY, COLOR_NONE, w->name, fmt, *number);
	} else if (w->value == NUMBER8) {
		print_color_uint(PRINT_ANY, COLOR_NONE, w->name, fmt, *choice);
	} else if (w->value == NUMBER64) {
		/* netlink aligns to four bytes only */
		memcpy(&number64, value, sizeof(number64));
		print_color_u64(PRINT_ANY, COLOR_NONE, w->name, fmt, number64);
	} else if (w->value == CHOICE) {
		const char * const *names = w->choices->names;

		while (*names && i++ < *choice)
			names++;
		if (*names)
			print_color_string(PRINT_ANY, COLOR_NONE, w->name, fmt,
					   *names);
	} else if (w->value == FLAG_ON) {
		print_color_bool(PRINT_JSON, COLOR_NONE, w->name, NULL,
				 *choice);
		if (*choice)
			print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ",
					   w->name);
	}
}

/* Our own words in @ext; @known are the attributes that @ip prints itself. */
static void print_words(int mode, struct rtattr *ext, struct rtattr *known[],
			const struct link_util *ip)
{
	const struct word *w;
	struct rtattr *attr;

	for (w = words; w < words + ARRAY_SIZE(words); w++) {
		attr = find_nested(ext, w->attr);
		if (!attr || w->mode != mode ||
		    (w->twin && known[w->twin] && ip && ip->maxattr >= w->twin))
			continue;
		print_word(w, attr);
	}
}

static void print_opt(struct link_util *lu, FILE *f, struct rtattr *tb[])
{
	struct rtattr *nested[ATTR_MAX + 1] = {}, *attr;
	struct link_util *ip = NULL;
	uint8_t mode;

	if (!tb || !tb[IFLA_VNETBR_MODE])
		return;
	mode = *(uint8_t *)RTA_DATA(tb[IFLA_VNETBR_MODE]);
	if (mode > VNETBR_MODE_MAX)
		return;
	print_color_string(PRINT_ANY, COLOR_NONE, "mode", "mode %s ",
			   modes[mode].name);

	attr = tb[modes[mode].nest];
	if (attr) {
		ip = get_link_kind(modes[mode].kind);
		parse_rtattr_flags(nested, ATTR_MAX, RTA_DATA(attr),
				   RTA_PAYLOAD(attr), NLA_F_NESTED);
	}
	if (ip && ip->print_opt)
		ip->print_opt(ip, f, nested);

	print_words(mode, tb[modes[mode].ext], nested, ip);
}

/* "ip link xstats type vnetbr": the groups of in-tree bridge. */
static int parse_xstats(struct link_util *lu, int argc, char **argv)
{
	lu = get_link_kind("bridge");
	return lu && lu->parse_ifla_xstats ?
	       lu->parse_ifla_xstats(lu, argc, argv) : -1;
}

static int print_xstats(struct nlmsghdr *n, void *arg)
{
	struct link_util *lu = get_link_kind("bridge");

	return lu && lu->print_ifla_xstats ? lu->print_ifla_xstats(n, arg) : -1;
}

/* Port options have the numbers of IFLA_BRPORT_*, without a nest. */
static int parse_slave(struct link_util *lu, int argc, char **argv,
		       struct nlmsghdr *n)
{
	char **rest = calloc(argc + 1, sizeof(*rest));
	int err;

	if (!rest)
		return -1;
	argc = filter_words(PORT, argc, argv, n, rest);
	err = delegate(PORT, argc, rest, n);
	free(rest);
	return err;
}

static void print_slave(struct link_util *lu, FILE *f, struct rtattr *tb[])
{
	lu = get_link_kind("bridge_slave");
	if (lu && lu->print_opt)
		lu->print_opt(lu, f, tb);
	if (tb)
		print_words(PORT, tb[IFLA_VNETBR_PORT], tb, NULL);
}

static void print_slave_help(struct link_util *lu, int argc, char **argv,
			     FILE *f)
{
	lu = get_link_kind("bridge_slave");
	if (lu && lu->print_help)
		lu->print_help(lu, argc, argv, f);
	fputs("			[ community NUMBER ]\n"
	      "			[ storm_{unknown|mcast|bcast}_{pps|bps} N ]\n"
	      "			[ fdb_max_learned { NUMBER | default } ]\n"
	      "			[ neigh_{suppress|forward_grat}_vlan\n"
	      "			  { VLAN[-VLAN][,...] | none } ]\n",
	      f);
}

/* ip looks these up by name. */
struct link_util vnetbr_link_util = {
	.id			= "vnetbr",
	.maxattr		= IFLA_VNETBR_MAX,
	.parse_opt		= parse_opt,
	.print_opt		= print_opt,
	.print_help		= print_help,
	.parse_ifla_xstats	= parse_xstats,
	.print_ifla_xstats	= print_xstats,
};

struct link_util vnetbr_slave_link_util = {
	.id			= "vnetbr_slave",
	.maxattr		= ATTR_MAX,
	.parse_opt		= parse_slave,
	.print_opt		= print_slave,
	.print_help		= print_slave_help,
	.parse_ifla_xstats	= parse_xstats,
	.print_ifla_xstats	= print_xstats,
};
