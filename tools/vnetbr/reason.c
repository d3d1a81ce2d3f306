// SPDX-License-Identifier: GPL-2.0
/*
 * The drop reasons in sentences, and what to do.
 */
#include "command.h"

#include <string.h>

#include "nl.h"

/* What VNETBR_CMD_WHY can answer. */
static const struct {
	const char	*word;
	const char	*text;
	const char	*hint;
} reasons[] = {
	{ "invalid_source",
	  "The source address is zero or a group address." },
	{ "reserved_address", "Pause frames never leave their link." },
	{ "port_state", "The port is not in forwarding state.",
	  "is it up, has it carrier, what says spanning tree? vnetbr show; "
	  "of VLANs: bridge mst show" },
	{ "same_port",
	  "The destination is on the port that the frame came from.",
	  "bridge link set dev PORT hairpin on" },
	{ "isolated",
	  "Both ports are isolated, or in different communities.",
	  "bridge link set dev PORT isolated off; ip link, community" },
	{ "vlan_untagged", "The frame has no VLAN, and the port has no PVID.",
	  "bridge vlan add dev PORT vid VID pvid untagged" },
	{ "vlan_ingress",
	  "The port that the frame came from is not in its VLAN.",
	  "bridge vlan add dev PORT vid VID" },
	{ "vlan_egress", "The port that the frame is for is not in its VLAN.",
	  "bridge vlan add dev PORT vid VID; for the host: dev BRIDGE self" },
	{ "locked",
	  "The port is locked and the source address is not one of those let in.",
	  "bridge fdb add MAC dev BRIDGE via PORT self; or locked off" },
	{ "nf_bridge",
	  "Netfilter family bridge has hooks, and the bridge blocks then.",
	  "nft list tables bridge; "
	  "ip link set BRIDGE type vnetbr nf_bridge off" },
	{ "bpdu", "It is no BPDU that spanning tree knows, or it is too old." },
	{ "bpdu_guard", "A BPDU disables the port, because that has a guard.",
	  "bridge link set dev PORT guard off; "
	  "ip link set PORT down, and up, to enable it again" },
	{ "bpdu_rate", "More BPDUs come in than bridges send.",
	  "who sends them? ethtool -S BRIDGE" },
	{ "storm_unknown",
	  "More frames to unknown addresses come in than the port allows.",
	  "ip link, storm_unknown_pps and storm_unknown_bps of the port" },
	{ "storm_mcast",
	  "More frames to groups come in than the port allows.",
	  "ip link, storm_mcast_pps and storm_mcast_bps of the port" },
	{ "storm_bcast", "More broadcasts come in than the port allows.",
	  "ip link, storm_bcast_pps and storm_bcast_bps of the port" },
	{ "no_target", "No port is allowed to take the frame.",
	  "bridge link set dev PORT flood on (mcast_flood, bcast_flood)" },
	{ "port_down", "The device is down or has no carrier.",
	  "ip link set DEV up" },
	{ "too_big",
	  "The frame is longer than the MTU of the device that it goes to.",
	  "ip link set DEV mtu BYTES" },
	{ "loop", "The source address keeps moving between ports: a loop.",
	  "is there a second way between the ports? fdb_max_moves" },
	{ "no_peer", "The other end of the pair is gone or down.",
	  "ip link set PEER up" },
	{ "no_remote", "The tunnel has no remote for the destination.",
	  "bridge fdb append 00:00:00:00:00:00 dev TUNNEL dst ADDRESS self" },
	{ "no_route", "The underlay has no usable route to the remote.",
	  "ip route get ADDRESS" },
	{ "route_loop",
	  "The underlay route to the remote leads through the tunnel itself.",
	  "ip route get ADDRESS" },
	{ "pmtu",
	  "The frame does not fit the path to the remote; its sender is told if it can be told.",
	  "ip link set DEV mtu BYTES, of the sender or the underlay" },
	{ "truncated", "The frame ends before a header that has to be read." },
};

const char *reason_text(const char *word, const char **hint)
{
	size_t i;

	*hint = NULL;
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (strcmp(reasons[i].word, word))
			continue;
		*hint = reasons[i].hint;
		return reasons[i].text;
	}
	return NULL;
}
