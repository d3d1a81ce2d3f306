/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNETBR_OPTIONS_H
#define VNETBR_OPTIONS_H

#include "nl.h"

struct topology;

/* An option that is not as it is by default, in the words of ip and bridge. */
struct option {
	const char	*name;
	enum {
		OPTION_SWITCH,		/* on or off */
		OPTION_NUMBER,
		OPTION_BITS,		/* a number, in base 16 */
		OPTION_DEVICE,		/* the number is an index */
		OPTION_TEXT,		/* the number means nothing */
	} kind;
	uint64_t	number;
	char		*text;
};

struct options {
	struct option	*option;
	unsigned int	n;
};

/* Each of these adds to @options; attributes that are missing are default. */

/* options_of_bridge() - IFLA_VNETBR_BRIDGE and IFLA_VNETBR_BRIDGE_EXT */
void options_of_bridge(struct options *options, const struct nlattr *nest,
		       const struct nlattr *ext);

/* options_of_port() - IFLA_INFO_SLAVE_DATA */
void options_of_port(struct options *options, const struct nlattr *nest);

/* options_of_link() - @down is IFLA_PROTO_DOWN */
void options_of_link(struct options *options, const struct nlattr *down);

void options_free(struct options *options);

/* For people: "  learning off  community 7"; for programs: "options". */
void options_print(const struct topology *topo, const struct options *options);
void options_json(const struct topology *topo, const struct options *options);

#endif /* VNETBR_OPTIONS_H */
