// SPDX-License-Identifier: GPL-2.0
/*
 * Words of ip whose value is about VLANs in a row: "10-20,30".
 */
#include <stdlib.h>
#include <string.h>

#include <linux/vnetbr.h>

#include "vlan_words.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* As the kernel has it: numbers have 12 bits. */
#define N_VLANS		4096
#define WORD_BITS	32

/* One of "10", "10-20", up to @end; false if it is something else. */
static bool parse_vlans(const char *arg, const char *end, uint16_t *first,
			uint16_t *last)
{
	const char *dash = memchr(arg, '-', end - arg);
	char from[8] = "", to[8] = "";

	if (!dash)
		dash = end;
	if (dash - arg >= (int)sizeof(from) || end - dash > (int)sizeof(to))
		return false;
	memcpy(from, arg, dash - arg);
	if (dash == end)
		memcpy(to, from, sizeof(to));
	else
		memcpy(to, dash + 1, end - dash - 1);

	return !get_u16(first, from, 10) && !get_u16(last, to, 10);
}

/* VLANs, and in JSON an object, which the caller closes. */
static void print_vlans(const char *before, unsigned int first,
			unsigned int last)
{
	char text[32];

	if (first == last)
		snprintf(text, sizeof(text), "%s%u", before, first);
	else
		snprintf(text, sizeof(text), "%s%u-%u", before, first, last);
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", text);

	open_json_object(NULL);
	print_color_uint(PRINT_JSON, COLOR_NONE, "vlan", NULL, first);
	if (first != last)
		print_color_uint(PRINT_JSON, COLOR_NONE, "vlanEnd", NULL,
				 last);
}

/* VLAN[-VLAN]:MSTI, up to @end */
static bool parse_mst_range(const char *arg, const char *end,
			    struct vnetbr_mst_range *range)
{
	const char *colon = memchr(arg, ':', end - arg);
	char msti[8] = "";

	if (!colon || end - colon > (int)sizeof(msti) ||
	    !parse_vlans(arg, colon, &range->first, &range->last))
		return false;

	memcpy(msti, colon + 1, end - colon - 1);
	return !get_u16(&range->msti, msti, 10);
}

void mst_add(struct nlmsghdr *n, const char *arg)
{
	struct vnetbr_mst_range ranges[IP_REQ_MAX /
				       sizeof(struct vnetbr_mst_range)];
	const char *at, *end;
	size_t count = 0;

	for (at = arg; ; at = end + 1) {
		end = at + strcspn(at, ",");
		if (count == ARRAY_SIZE(ranges) ||
		    !parse_mst_range(at, end, &ranges[count++]))
			invarg("\"mst\" is VLAN[-VLAN]:MSTI[,...]", arg);
		if (!*end)
			break;
	}

	if (addattr_l(n, IP_REQ_MAX, IFLA_VNETBR_BR_MST, ranges,
		      count * sizeof(*ranges)))
		invarg("\"mst\" is too long for one command", arg);
}

void mst_print(struct rtattr *attr)
{
	const struct vnetbr_mst_range *range = RTA_DATA(attr);
	size_t n = RTA_PAYLOAD(attr) / sizeof(*range);
	const char *before = "mst ";

	open_json_array(PRINT_JSON, "mst");
	for (; n--; range++, before = ",") {
		print_vlans(before, range->first, range->last);
		print_color_uint(PRINT_ANY, COLOR_NONE, "msti", ":%u",
				 range->msti);
		close_json_object();
	}
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", " ");
	close_json_array(PRINT_JSON, NULL);
}

/* Those of "10-20,30" are set in @words; false if it is something else. */
static bool parse_vlan_set(const char *arg, uint32_t *words)
{
	uint16_t vid, last;
	const char *end;

	for (;; arg = end + 1) {
		end = arg + strcspn(arg, ",");
		if (!parse_vlans(arg, end, &vid, &last) || vid > last ||
		    last >= N_VLANS)
			return false;
		for (; vid <= last; vid++)
			words[vid / WORD_BITS] |= 1U << vid % WORD_BITS;
		if (!*end)
			return true;
	}
}

void vlan_set_add(struct nlmsghdr *n, int attr, const char *name,
		  const char *arg)
{
	uint32_t words[N_VLANS / WORD_BITS] = { };
	size_t count = ARRAY_SIZE(words);
	char rule[80];

	if (strcmp(arg, "none") && !parse_vlan_set(arg, words)) {
		snprintf(rule, sizeof(rule),
			 "\"%s\" is VLAN[-VLAN][,...] or none", name);
		invarg(rule, arg);
	}

	while (count && !words[count - 1])
		count--;
	if (addattr_l(n, IP_REQ_MAX, attr, words, count * sizeof(*words))) {
		snprintf(rule, sizeof(rule),
			 "\"%s\" is too long for this command", name);
		invarg(rule, arg);
	}
}

static bool has_vlan(const uint32_t *words, unsigned int vid)
{
	return words[vid / WORD_BITS] & 1U << vid % WORD_BITS;
}

void vlan_set_print(const char *name, struct rtattr *attr)
{
	const uint32_t *words = RTA_DATA(attr);
	unsigned int n = RTA_PAYLOAD(attr) / sizeof(*words) * WORD_BITS;
	const char *before = " ";
	unsigned int first, vid;

	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", name);
	open_json_array(PRINT_JSON, name);
	for (vid = 0; vid < n; vid++) {
		first = vid;
		while (vid < n && has_vlan(words, vid))
			vid++;
		if (vid == first)
			continue;
		print_vlans(before, first, vid - 1);
		close_json_object();
		before = ",";
	}
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", " ");
	close_json_array(PRINT_JSON, NULL);
}
