// SPDX-License-Identifier: GPL-2.0
/*
 * What is said of VLANs in a row: one of two arrays, whose elements are alike.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/vnetbr.h>

#include "vlan_ranges.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct range {
	uint16_t first;
	uint16_t last;
	uint16_t value;
};

_Static_assert(sizeof(struct range) == sizeof(struct vnetbr_mst_range) &&
	       sizeof(struct range) == sizeof(struct vnetbr_neigh_range),
	       "ranges of VLANs are alike");

/* One of "10", "10-20", up to @end; false if it is something else. */
static bool parse_vlans(const char *arg, const char *end, struct range *range)
{
	const char *dash = memchr(arg, '-', end - arg);
	char first[8] = "", last[8] = "";

	if (!dash)
		dash = end;
	if (dash - arg >= (int)sizeof(first) || end - dash > (int)sizeof(last))
		return false;
	memcpy(first, arg, dash - arg);
	if (dash == end)
		strcpy(last, first);
	else
		memcpy(last, dash + 1, end - dash - 1);

	return !get_u16(&range->first, first, 10) &&
	       !get_u16(&range->last, last, 10);
}

static bool parse_value(const char *arg, bool on_off, uint16_t *value)
{
	if (!on_off)
		return !get_u16(value, arg, 10);

	*value = !strcmp(arg, "on");
	return *value || !strcmp(arg, "off");
}

/* VLAN[-VLAN]:VALUE, up to @end */
static bool parse_range(const char *arg, const char *end, bool on_off,
			struct range *range)
{
	const char *colon = memchr(arg, ':', end - arg);
	char value[8];

	if (!colon || end - colon > (int)sizeof(value) ||
	    !parse_vlans(arg, colon, range))
		return false;

	memcpy(value, colon + 1, end - colon - 1);
	value[end - colon - 1] = '\0';
	return parse_value(value, on_off, &range->value);
}

void vlan_ranges_add(struct nlmsghdr *n, int attr, const char *name,
		     bool on_off, const char *arg)
{
	struct range ranges[IP_REQ_MAX / sizeof(struct range)];
	const char *at, *end;
	size_t count = 0;
	char rule[80];

	snprintf(rule, sizeof(rule), "\"%s\" is VLAN[-VLAN]:%s[,...]", name,
		 on_off ? "{on|off}" : "MSTI");
	for (at = arg; ; at = end + 1) {
		end = at + strcspn(at, ",");
		if (count == ARRAY_SIZE(ranges) ||
		    !parse_range(at, end, on_off, &ranges[count++]))
			invarg(rule, arg);
		if (!*end)
			break;
	}

	snprintf(rule, sizeof(rule), "\"%s\" is too long for one command",
		 name);
	if (addattr_l(n, IP_REQ_MAX, attr, ranges, count * sizeof(*ranges)))
		invarg(rule, arg);
}

static void print_text(const struct range *range, bool on_off)
{
	char text[32], value[8];

	if (on_off)
		strcpy(value, range->value ? "on" : "off");
	else
		snprintf(value, sizeof(value), "%u", range->value);

	if (range->first == range->last)
		snprintf(text, sizeof(text), "%u:%s", range->first, value);
	else
		snprintf(text, sizeof(text), "%u-%u:%s", range->first,
			 range->last, value);
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", text);
}

static void print_json(const struct range *range, bool on_off)
{
	open_json_object(NULL);
	print_color_uint(PRINT_JSON, COLOR_NONE, "vlan", NULL, range->first);
	if (range->first != range->last)
		print_color_uint(PRINT_JSON, COLOR_NONE, "vlanEnd", NULL,
				 range->last);
	if (on_off)
		print_color_bool(PRINT_JSON, COLOR_NONE, "on", NULL,
				 range->value);
	else
		print_color_uint(PRINT_JSON, COLOR_NONE, "msti", NULL,
				 range->value);
	close_json_object();
}

void vlan_ranges_print(const char *name, bool on_off, struct rtattr *attr)
{
	const struct range *range = RTA_DATA(attr);
	size_t n = RTA_PAYLOAD(attr) / sizeof(*range);
	const char *before = " ";

	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", name);
	open_json_array(PRINT_JSON, name);
	for (; n--; range++, before = ",") {
		print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", before);
		print_text(range, on_off);
		print_json(range, on_off);
	}
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", " ");
	close_json_array(PRINT_JSON, NULL);
}
