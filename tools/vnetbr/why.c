// SPDX-License-Identifier: GPL-2.0
/*
 * vnetbr why: ask the kernel what would become of a frame.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/vnetbr_genl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "nl.h"
#include "out.h"

/* Most bytes of a payload that the kernel takes. */
#define PAYLOAD_MAX	512
#define HEX		"0123456789abcdefABCDEF"

/* A value that was not given. */
#define NOT_GIVEN	UINT32_MAX

/* Its words on the command line, as numbers. */
struct question {
	uint32_t	dev;
	uint32_t	to;
	uint8_t		dst[ETH_ALEN];
	uint8_t		src[ETH_ALEN];
	bool		has_dst;
	bool		has_src;
	uint32_t	vlan;
	uint32_t	prio;
	uint32_t	proto;
	uint32_t	type;
	uint32_t	length;
	uint8_t		payload[PAYLOAD_MAX];
	size_t		n_payload;
};

static const char * const verdicts[] = {
	[VNETBR_VERDICT_DROP]		= "drop",
	[VNETBR_VERDICT_FORWARD]	= "forward",
	[VNETBR_VERDICT_FLOOD]		= "flood",
	[VNETBR_VERDICT_LOCAL]		= "local",
	[VNETBR_VERDICT_PASS]		= "pass",
	[VNETBR_VERDICT_BPDU]		= "bpdu",
};

static const char * const steps[] = {
	[VNETBR_STEP_INGRESS]	= "ingress",
	[VNETBR_STEP_RESERVED]	= "reserved",
	[VNETBR_STEP_SOURCE]	= "source",
	[VNETBR_STEP_VLAN]	= "vlan",
	[VNETBR_STEP_LOCKED]	= "locked",
	[VNETBR_STEP_STORM]	= "storm",
	[VNETBR_STEP_LEARN]	= "learn",
	[VNETBR_STEP_STATE]	= "state",
	[VNETBR_STEP_NETFILTER]	= "netfilter",
	[VNETBR_STEP_LOOKUP]	= "lookup",
	[VNETBR_STEP_NEIGHBOUR]	= "neighbour",
	[VNETBR_STEP_BPDU]	= "bpdu",
};

static const char * const states[] = {
	[BR_STATE_DISABLED]	= "disabled",
	[BR_STATE_LISTENING]	= "listening",
	[BR_STATE_LEARNING]	= "learning",
	[BR_STATE_FORWARDING]	= "forwarding",
	[BR_STATE_BLOCKING]	= "blocking",
};

static const char * const flags[] = {
	"local", "static", "sticky", "ext-learned", "user", "learned", "loop",
	"locked",
};

/* A word of JSON, and a sentence. */
struct saying {
	const char	*word;
	const char	*text;
};

static const struct saying reserved[] = {
	[VNETBR_RESERVED_PASS] = { "pass",
		"a reserved address: the frame stays on its link" },
	[VNETBR_RESERVED_FORWARD] = { "forward",
		"a reserved address that is let through" },
	[VNETBR_RESERVED_DROP] = { "drop",
		"the address of pause frames" },
	[VNETBR_RESERVED_BPDU] = { "bpdu",
		"for the spanning tree of the kernel" },
};

static const struct saying learns[] = {
	[VNETBR_LEARN_KNOWN]	= { "known", "known at this port" },
	[VNETBR_LEARN_NEW]	= { "new", "would be learned" },
	[VNETBR_LEARN_MOVED]	= { "moved", "would move here" },
	[VNETBR_LEARN_STAYS]	= { "stays",
		"belongs to another port, by an entry that does not move" },
	[VNETBR_LEARN_OWN]	= { "own", "an address of the bridge itself" },
	[VNETBR_LEARN_LIMIT]	= { "limit",
		"not learned: a limit is reached" },
	[VNETBR_LEARN_NEVER]	= { "never",
		"not learned: the ageing time is 0" },
	[VNETBR_LEARN_LOOP]	= { "loop", "moves too often" },
	[VNETBR_LEARN_OFF]	= { "off",
		"not learned: an option or the state of the port" },
};

static const struct saying lookups[] = {
	[VNETBR_LOOKUP_FOUND]	= { "found", "found" },
	[VNETBR_LOOKUP_LOCAL]	= { "local", "an address of the bridge" },
	[VNETBR_LOOKUP_UNKNOWN]	= { "unknown", "unknown: flood" },
	[VNETBR_LOOKUP_MULTICAST] = { "multicast", "a group: flood" },
	[VNETBR_LOOKUP_BROADCAST] = { "broadcast", "broadcast: flood" },
};

static const struct saying egresses[] = {
	[VNETBR_EGRESS_SENT]	= { "sent", "sends it" },
	[VNETBR_EGRESS_NO_FLOOD] = { "no-flood",
		"does not get it: a flood option is off" },
	[VNETBR_EGRESS_SUPPRESSED] = { "suppressed",
		"does not get it: an option for neighbours" },
	[VNETBR_EGRESS_REFUSED]	= { "refused", "must not have it" },
	[VNETBR_EGRESS_DROPPED]	= { "dropped", "gets it and drops it" },
};

#define WORD(table, i)	((i) < ARRAY_SIZE(table) ? (table)[i] : "?")
#define SAYING(table, attr) saying(table, ARRAY_SIZE(table), attr)

/* The row of a table that the number in @attr means. */
static const struct saying *saying(const struct saying *table, size_t n,
				   const struct nlattr *attr)
{
	static const struct saying unknown = { "?", "?" };
	uint32_t i = nl_u32(attr, NOT_GIVEN);

	return i < n ? &table[i] : &unknown;
}

/* Name of a device, or its index if that has none here. */
static const char *dev_name(const struct nlattr *attr)
{
	static char name[4][IFNAMSIZ];
	static unsigned int next;
	char *buf = name[next++ % 4];
	uint32_t index = nl_u32(attr, 0);

	if (!if_indextoname(index, buf))
		snprintf(buf, IFNAMSIZ, "if%u", index);
	text_clean(buf);
	return buf;
}

static uint32_t parse_dev(const char *word, const char *name)
{
	uint32_t index = if_nametoindex(name);

	if (!index)
		die("%s: there is no device %s", word, name);
	return index;
}

static bool parse_mac(const char *word, const char *text, uint8_t *mac)
{
	unsigned int byte[ETH_ALEN];
	char end;
	int i;

	if (!strcmp(text, "broadcast"))
		text = "ff:ff:ff:ff:ff:ff";
	/* %x also reads blanks and signs */
	if (text[strspn(text, HEX ":")] ||
	    sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &byte[0], &byte[1],
		   &byte[2], &byte[3], &byte[4], &byte[5], &end) != ETH_ALEN)
		die("%s: %s is not a MAC address", word, text);
	for (i = 0; i < ETH_ALEN; i++)
		mac[i] = byte[i];
	return true;
}

static void parse_payload(struct question *q, const char *text)
{
	unsigned int byte;

	for (q->n_payload = 0; *text; text += 2) {
		if (q->n_payload == PAYLOAD_MAX || strspn(text, HEX) < 2 ||
		    sscanf(text, "%2x", &byte) != 1)
			die("payload: not up to %u bytes in hex", PAYLOAD_MAX);
		q->payload[q->n_payload++] = byte;
	}
}

static uint32_t parse_proto(const char *text)
{
	if (!strcasecmp(text, "802.1Q"))
		return ETH_P_8021Q;
	if (!strcasecmp(text, "802.1ad"))
		return ETH_P_8021AD;
	die("proto: %s is neither 802.1Q nor 802.1ad", text);
}

static void parse_question(struct question *q, char **argv)
{
	const char *word;

	while (*argv) {
		word = *argv;
		if (!strcmp(word, "dev"))
			q->dev = parse_dev(word, next_word(&argv));
		else if (!strcmp(word, "to"))
			q->to = parse_dev(word, next_word(&argv));
		else if (!strcmp(word, "dst"))
			q->has_dst = parse_mac(word, next_word(&argv), q->dst);
		else if (!strcmp(word, "src"))
			q->has_src = parse_mac(word, next_word(&argv), q->src);
		else if (!strcmp(word, "vlan"))
			q->vlan = parse_number(word, next_word(&argv), 0, 4094,
					       0);
		else if (!strcmp(word, "prio"))
			q->prio = parse_number(word, next_word(&argv), 0, 7, 0);
		else if (!strcmp(word, "proto"))
			q->proto = parse_proto(next_word(&argv));
		else if (!strcmp(word, "type"))
			q->type = parse_number(word, next_word(&argv), 0,
					       0xffff, 16);
		else if (!strcmp(word, "payload"))
			parse_payload(q, next_word(&argv));
		else if (!strcmp(word, "length"))
			q->length = parse_number(word, next_word(&argv), 14,
						 65549, 0);
		else
			die("why: what is %s?", word);
	}
	if (!q->dev || !q->has_dst || !q->has_src)
		die("why: dev, dst and src are required");
}

static void put_question(const struct question *q, struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, VNETBR_A_WHY_IFINDEX, q->dev);
	mnl_attr_put(nlh, VNETBR_A_WHY_SRC, ETH_ALEN, q->src);
	mnl_attr_put(nlh, VNETBR_A_WHY_DST, ETH_ALEN, q->dst);
	if (q->vlan != NOT_GIVEN)
		mnl_attr_put_u16(nlh, VNETBR_A_WHY_VLAN_ID, q->vlan);
	if (q->prio != NOT_GIVEN)
		mnl_attr_put_u8(nlh, VNETBR_A_WHY_VLAN_PRIO, q->prio);
	if (q->proto != NOT_GIVEN)
		mnl_attr_put_u16(nlh, VNETBR_A_WHY_VLAN_PROTO,
				 htons(q->proto));
	if (q->type != NOT_GIVEN)
		mnl_attr_put_u16(nlh, VNETBR_A_WHY_ETHERTYPE, htons(q->type));
	if (q->length != NOT_GIVEN)
		mnl_attr_put_u32(nlh, VNETBR_A_WHY_LENGTH, q->length);
	if (q->n_payload)
		mnl_attr_put(nlh, VNETBR_A_WHY_PAYLOAD, q->n_payload,
			     q->payload);
	if (q->to)
		mnl_attr_put_u32(nlh, VNETBR_A_WHY_EGRESS_IFINDEX, q->to);
}

/* Of the entry that a step has found: ", at p1 (VLAN 10, static, user)" */
static void print_entry(const struct nlattr **tb)
{
	uint32_t bits = nl_u32(tb[VNETBR_A_STEP_FDB_FLAGS], 0);
	const char *comma = " (";
	size_t i;

	if (!tb[VNETBR_A_STEP_FDB_FLAGS])
		return;

	printf(", at %s", dev_name(tb[VNETBR_A_STEP_IFINDEX]));
	if (nl_u32(tb[VNETBR_A_STEP_FDB_VLAN], 0)) {
		printf("%sVLAN %u", comma,
		       nl_u32(tb[VNETBR_A_STEP_FDB_VLAN], 0));
		comma = ", ";
	}
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!(bits >> i & 1))
			continue;
		printf("%s%s", comma, flags[i]);
		comma = ", ";
	}
	if (tb[VNETBR_A_STEP_AGE])
		printf("%sseen %.1f s ago", comma,
		       nl_u32(tb[VNETBR_A_STEP_AGE], 0) / 1000.0);
	else if (*comma == ' ')
		return;
	putchar(')');
}

/* A tag has been looked at, or the lack of one. */
static void print_vlan(const struct nlattr **tb)
{
	if (tb[VNETBR_A_STEP_VLAN])
		printf("VLAN %u", nl_u32(tb[VNETBR_A_STEP_VLAN], 0));
	else
		printf("in none");
	if (tb[VNETBR_A_STEP_MSTI])
		printf(", spanning tree %u",
		       nl_u32(tb[VNETBR_A_STEP_MSTI], 0));
}

/* The port is locked. */
static void print_locked(const struct nlattr **tb)
{
	printf("%s", tb[VNETBR_A_STEP_REASON] ? "not let in" : "let in");
	if (tb[VNETBR_A_STEP_LEARN])
		printf(", %s", SAYING(learns, tb[VNETBR_A_STEP_LEARN])->text);
	print_entry(tb);
}

static void print_step(const struct nlattr *nest)
{
	const struct nlattr *tb[VNETBR_A_STEP_MAX + 1];
	const char *reason, *limit;
	uint32_t id;

	nl_nested(nest, tb, VNETBR_A_STEP_MAX);
	id = nl_u32(tb[VNETBR_A_STEP_ID], NOT_GIVEN);
	reason = nl_str(tb[VNETBR_A_STEP_REASON]);
	printf("  %-10s", WORD(steps, id));

	switch (id) {
	case VNETBR_STEP_INGRESS:
		printf("%s, %s", dev_name(tb[VNETBR_A_STEP_IFINDEX]),
		       WORD(states, nl_u8(tb[VNETBR_A_STEP_STATE], 255)));
		break;
	case VNETBR_STEP_RESERVED:
		printf("%s",
		       SAYING(reserved, tb[VNETBR_A_STEP_RESERVED])->text);
		break;
	case VNETBR_STEP_SOURCE:
		printf("%s", reason ? "not valid" : "valid");
		break;
	case VNETBR_STEP_VLAN:
		print_vlan(tb);
		break;
	case VNETBR_STEP_LOCKED:
		print_locked(tb);
		break;
	case VNETBR_STEP_STORM:
		limit = nl_str(tb[VNETBR_A_STEP_LIMIT]);
		printf("counts for a limit, %s, which is %sreached",
		       limit ? limit : "?", reason ? "" : "not ");
		break;
	case VNETBR_STEP_LEARN:
		printf("%s", SAYING(learns, tb[VNETBR_A_STEP_LEARN])->text);
		print_entry(tb);
		break;
	case VNETBR_STEP_STATE:
		printf("%s", WORD(states, nl_u8(tb[VNETBR_A_STEP_STATE], 255)));
		break;
	case VNETBR_STEP_NETFILTER:
		printf("%s hooks of family bridge", reason ? "has" : "no");
		break;
	case VNETBR_STEP_LOOKUP:
		printf("%s", SAYING(lookups, tb[VNETBR_A_STEP_LOOKUP])->text);
		print_entry(tb);
		if (tb[VNETBR_A_STEP_BACKUP_IFINDEX])
			printf(", without link: its backup is %s",
			       dev_name(tb[VNETBR_A_STEP_BACKUP_IFINDEX]));
		break;
	case VNETBR_STEP_NEIGHBOUR:
		printf("a question that %s",
		       nl_u32(tb[VNETBR_A_STEP_ANSWERED], 0) ?
		       "the bridge answers" : "some ports do not get");
		break;
	case VNETBR_STEP_BPDU:
		printf("%s by spanning tree", reason ? "refused" : "taken");
		break;
	}
	printf("%s%s\n", reason ? ": " : "", reason ? reason : "");
}

static void print_egress(const struct nlattr *nest)
{
	const struct nlattr *tb[VNETBR_A_EGRESS_MAX + 1];
	const char *reason;

	nl_nested(nest, tb, VNETBR_A_EGRESS_MAX);
	reason = nl_str(tb[VNETBR_A_EGRESS_REASON]);
	printf("  %-10s%s%s%s\n",
	       dev_name(tb[VNETBR_A_EGRESS_IFINDEX]),
	       SAYING(egresses, tb[VNETBR_A_EGRESS_RESULT])->text,
	       reason ? ": " : "", reason ? reason : "");
}

static void print_verdict(const struct nlattr **tb)
{
	const char *reason = nl_str(tb[VNETBR_A_WHY_REASON]), *text, *hint;
	uint32_t sent = nl_u32(tb[VNETBR_A_WHY_SENT], 0);

	switch (nl_u32(tb[VNETBR_A_WHY_VERDICT], NOT_GIVEN)) {
	case VNETBR_VERDICT_FORWARD:
		printf("It is forwarded.\n");
		break;
	case VNETBR_VERDICT_FLOOD:
		printf("It is flooded: %u of %u ports send it.\n", sent,
		       nl_u32(tb[VNETBR_A_WHY_EGRESS_TOTAL], 0));
		break;
	case VNETBR_VERDICT_LOCAL:
		printf("The host gets it, from %s.\n",
		       dev_name(tb[VNETBR_A_WHY_BRIDGE_IFINDEX]));
		break;
	case VNETBR_VERDICT_PASS:
		printf("It is not forwarded. Programs that listen on the port get it.\n");
		break;
	case VNETBR_VERDICT_BPDU:
		printf("It is not forwarded. The spanning tree of the kernel gets it.\n");
		break;
	default:
		if (!reason)
			reason = "?";
		text = reason_text(reason, &hint);
		printf("It is dropped: %s. %s\n", reason, text ? text : "");
		if (tb[VNETBR_A_WHY_REASON_IFINDEX])
			printf("Counted as drop_%s of %s.\n", reason,
			       dev_name(tb[VNETBR_A_WHY_REASON_IFINDEX]));
		else
			printf("No device here counts it.\n");
		if (hint)
			printf("See: %s\n", hint);
	}
}

static int print_answer(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[VNETBR_A_WHY_MAX + 1], *attr;
	uint32_t listed = 0, total;

	nl_attrs(nlh, sizeof(struct genlmsghdr), tb, VNETBR_A_WHY_MAX);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == VNETBR_A_WHY_STEP)
			print_step(attr);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != VNETBR_A_WHY_EGRESS)
			continue;
		print_egress(attr);
		listed++;
	}
	total = nl_u32(tb[VNETBR_A_WHY_EGRESS_TOTAL], 0);
	if (listed < total)
		printf("  and %u other ports\n", total - listed);
	print_verdict(tb);
	return MNL_CB_OK;
}

static void json_reason(const struct nlattr *reason, const struct nlattr *on)
{
	if (nl_str(reason))
		json_str("reason", nl_str(reason));
	if (on)
		json_str("counted_on", dev_name(on));
}

/* What only few bridges have. */
static void json_step_options(const struct nlattr **tb)
{
	if (tb[VNETBR_A_STEP_VLAN])
		json_num("vlan", nl_u32(tb[VNETBR_A_STEP_VLAN], 0));
	if (tb[VNETBR_A_STEP_FDB_VLAN])
		json_num("fdb_vlan", nl_u32(tb[VNETBR_A_STEP_FDB_VLAN], 0));
	if (nl_str(tb[VNETBR_A_STEP_LIMIT]))
		json_str("limit", nl_str(tb[VNETBR_A_STEP_LIMIT]));
	if (tb[VNETBR_A_STEP_BACKUP_IFINDEX])
		json_str("backup", dev_name(tb[VNETBR_A_STEP_BACKUP_IFINDEX]));
	if (tb[VNETBR_A_STEP_ANSWERED])
		json_num("answered", nl_u32(tb[VNETBR_A_STEP_ANSWERED], 0));
	if (tb[VNETBR_A_STEP_MSTI])
		json_num("msti", nl_u32(tb[VNETBR_A_STEP_MSTI], 0));
}

static void json_step(const struct nlattr *nest)
{
	const struct nlattr *tb[VNETBR_A_STEP_MAX + 1];
	uint32_t bits;
	size_t i;

	nl_nested(nest, tb, VNETBR_A_STEP_MAX);
	json_object(NULL);
	json_str("step", WORD(steps, nl_u32(tb[VNETBR_A_STEP_ID], NOT_GIVEN)));
	if (tb[VNETBR_A_STEP_IFINDEX])
		json_str("dev", dev_name(tb[VNETBR_A_STEP_IFINDEX]));
	if (tb[VNETBR_A_STEP_STATE])
		json_str("state",
			 WORD(states, nl_u8(tb[VNETBR_A_STEP_STATE], 255)));
	if (tb[VNETBR_A_STEP_RESERVED])
		json_str("reserved",
			 SAYING(reserved, tb[VNETBR_A_STEP_RESERVED])->word);
	if (tb[VNETBR_A_STEP_LEARN])
		json_str("learn",
			 SAYING(learns, tb[VNETBR_A_STEP_LEARN])->word);
	if (tb[VNETBR_A_STEP_LOOKUP])
		json_str("lookup",
			 SAYING(lookups, tb[VNETBR_A_STEP_LOOKUP])->word);
	if (tb[VNETBR_A_STEP_FDB_FLAGS]) {
		bits = nl_u32(tb[VNETBR_A_STEP_FDB_FLAGS], 0);
		json_array("flags");
		for (i = 0; i < ARRAY_SIZE(flags); i++)
			if (bits >> i & 1)
				json_str(NULL, flags[i]);
		json_end();
	}
	if (tb[VNETBR_A_STEP_AGE])
		json_num("age_ms", nl_u32(tb[VNETBR_A_STEP_AGE], 0));
	json_step_options(tb);
	json_reason(tb[VNETBR_A_STEP_REASON], NULL);
	json_end();
}

static void json_egress(const struct nlattr *nest)
{
	const struct nlattr *tb[VNETBR_A_EGRESS_MAX + 1];

	nl_nested(nest, tb, VNETBR_A_EGRESS_MAX);
	json_object(NULL);
	json_str("dev", dev_name(tb[VNETBR_A_EGRESS_IFINDEX]));
	json_str("result", SAYING(egresses, tb[VNETBR_A_EGRESS_RESULT])->word);
	json_reason(tb[VNETBR_A_EGRESS_REASON],
		    tb[VNETBR_A_EGRESS_REASON_IFINDEX]);
	json_end();
}

static int json_answer(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[VNETBR_A_WHY_MAX + 1], *attr;

	nl_attrs(nlh, sizeof(struct genlmsghdr), tb, VNETBR_A_WHY_MAX);
	json_object(NULL);
	json_str("bridge",
		 dev_name(tb[VNETBR_A_WHY_BRIDGE_IFINDEX]));
	json_str("verdict",
		 WORD(verdicts, nl_u32(tb[VNETBR_A_WHY_VERDICT], NOT_GIVEN)));
	json_reason(tb[VNETBR_A_WHY_REASON], tb[VNETBR_A_WHY_REASON_IFINDEX]);
	json_num("sent", nl_u32(tb[VNETBR_A_WHY_SENT], 0));
	json_num("ports", nl_u32(tb[VNETBR_A_WHY_EGRESS_TOTAL], 0));
	json_array("steps");
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == VNETBR_A_WHY_STEP)
			json_step(attr);
	json_end();
	json_array("egress");
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == VNETBR_A_WHY_EGRESS)
			json_egress(attr);
	json_end();
	json_end();
	return MNL_CB_OK;
}

int command_why(char **argv)
{
	struct question q = {
		.vlan	= NOT_GIVEN,
		.prio	= NOT_GIVEN,
		.proto	= NOT_GIVEN,
		.type	= NOT_GIVEN,
		.length	= NOT_GIVEN,
	};
	struct mnl_socket *nl = nl_open(NETLINK_GENERIC);
	char buf[NL_REQUEST];
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;
	uint16_t family;

	parse_question(&q, argv);
	if (access("/sys/module/vnetbr", F_OK))
		die("the module vnetbr is not loaded");
	family = nl_family(nl, VNETBR_FAMILY_NAME);
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = family;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = VNETBR_CMD_WHY;
	genl->version = VNETBR_FAMILY_VERSION;
	put_question(&q, nlh);
	nl_talk(nl, nlh, out_json ? json_answer : print_answer, NULL);
	mnl_socket_close(nl);
	return 0;
}
