/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_VLAN_H
#define VNB_VLAN_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "frame.h"
#include "port.h"

struct vnb_bridge;
struct vnb_bridge_config;
struct vnb_mst;

/**
 * DOC: VLANs
 *
 * Each port, that of the host included, has a table of two bits for each VLAN:
 * 1 KiB, whatever is in it, and a look-up costs the same for the first and the
 * last VLAN (IEEE 802.1Q-2022 8.8.10: member set and untagged set). The tables
 * are kept while the bridge does not filter, and mean nothing then.
 *
 * While it filters, every frame is in one VLAN, vnb_frame.vid, from where it
 * comes in to where it goes out. Its tag is left as it came, beside the frame,
 * until a copy leaves: most frames have none on both sides.
 *
 * An entry of the forwarding table that has no VLAN is for all those that its
 * port is in. That is how the addresses of the ports, and what users enter for
 * a whole port, are there once, not once for each VLAN.
 */

/* The state of a VLAN on a port. */
#define VNB_VLAN_MEMBER		BIT(0)	/* frames of it may pass */
#define VNB_VLAN_UNTAGGED	BIT(1)	/* without a tag, on the way out */
/* What is reserved for a request that may still fail: no member, so far. */
#define VNB_VLAN_PENDING	VNB_VLAN_UNTAGGED
/* A member whose frames go out without a tag. */
#define VNB_VLAN_ACCESS		(VNB_VLAN_MEMBER | VNB_VLAN_UNTAGGED)

#define VNB_VLAN_BITS		2
#define VNB_VLAN_PER_WORD	(32 / VNB_VLAN_BITS)

/**
 * struct vnb_vlans - the VLANs of a port
 */
struct vnb_vlans {
	/** @word: VNB_VLAN_* of VNB_VLAN_PER_WORD VLANs each */
	u32	word[VLAN_N_VID / VNB_VLAN_PER_WORD];
};

/**
 * vnb_vlan_get() - what a VLAN is to a port
 * @port: the port, or the bridge's own
 * @vid: 0 to 4095; 0 and 4095 are in no table
 *
 * Context: RCU read section, or RTNL.
 * Return: VNB_VLAN_* bits.
 */
static inline u32 vnb_vlan_get(const struct vnb_port *port, u16 vid)
{
	u32 word = READ_ONCE(port->vlans->word[vid / VNB_VLAN_PER_WORD]);

	return (word >> vid % VNB_VLAN_PER_WORD * VNB_VLAN_BITS) &
	       (BIT(VNB_VLAN_BITS) - 1);
}

/**
 * vnb_vlan_is_member() - may frames of a VLAN pass through a port?
 * @port: the port, or the bridge's own
 * @vid: 0 to 4095
 *
 * Context: as vnb_vlan_get().
 * Return: whether they may.
 */
static inline bool vnb_vlan_is_member(const struct vnb_port *port, u16 vid)
{
	return vnb_vlan_get(port, vid) & VNB_VLAN_MEMBER;
}

/* vlan_frame.c: frames */

/**
 * vnb_vlan_classify() - which VLAN is a frame in? (802.1Q-2022 6.9.1)
 * @port: where it came in; its bridge filters
 * @proto: of the tags that count, network byte order
 * @skb: the frame; only the tag beside it counts
 * @vid: gets the VLAN, 1 to 4094
 *
 * Context: RCU read section. Borrows @skb.
 * Return: %VNB_OK, or why the frame must not come in.
 */
enum vnb_drop vnb_vlan_classify(const struct vnb_port *port, __be16 proto,
				const struct sk_buff *skb, u16 *vid);

/**
 * vnb_vlan_take_tag() - have a tag beside a frame only if it counts
 * @br: the bridge, which filters
 * @skb: the frame, data behind the MAC header
 * @proto: of the tags that count, network byte order
 *
 * Context: as vnb_vlan_ingress().
 * Return: the frame; NULL when it was dropped, and is consumed.
 */
struct sk_buff *vnb_vlan_take_tag(struct vnb_bridge *br, struct sk_buff *skb,
				  __be16 proto);

/**
 * vnb_vlan_ingress() - note which VLAN a frame is in (802.1Q-2022 8.6.2)
 * @frame: the frame; gets its vid, and an skb that has a tag beside it only if
 *	it is of the bridge's protocol
 *
 * With MST, the port has to learn or forward in the VLAN.
 * Context: softirq or BH disabled, RCU read section.
 * Return: false when the frame was dropped, and is consumed.
 */
bool vnb_vlan_ingress(struct vnb_frame *frame);

/**
 * vnb_vlan_egress() - give a frame the tag that it needs (802.1Q-2022 8.6.8)
 * @frame: how it came in, with its vid
 * @out: where it goes
 * @skb: the frame or a copy, whose tag beside it is changed
 *
 * A host that asked for all frames, and is not in the VLAN, gets it tagged.
 * Context: as vnb_vlan_ingress().
 * Return: false when the port has just left the VLAN: @skb was dropped, and is
 * consumed.
 */
bool vnb_vlan_egress(const struct vnb_frame *frame, const struct vnb_port *out,
		     struct sk_buff *skb);

/**
 * vnb_vlan_set_tag() - what vnb_vlan_egress() does to the tag
 * @frame: how it came in, with its vid
 * @state: vnb_vlan_get() of the port where it goes
 * @skb: the frame or a copy, whose tag beside it is changed
 *
 * Context: RCU read section.
 */
void vnb_vlan_set_tag(const struct vnb_frame *frame, u32 state,
		      struct sk_buff *skb);

/* vlan.c: tables. All run in process context, under RTNL. */

/**
 * vnb_vlan_bridge_init() - the table of the bridge's own port, with VLAN 1
 * @br: the bridge
 *
 * Return: 0 or -ENOMEM.
 */
int vnb_vlan_bridge_init(struct vnb_bridge *br);

/** vnb_vlan_bridge_uninit() - free it; no frame is on its way any more */
void vnb_vlan_bridge_uninit(struct vnb_bridge *br);

/**
 * vnb_vlan_port_init() - the table of a new port, with the default PVID
 * @port: the port, not yet known to anybody
 * @extack: says what is wrong
 *
 * Return: 0, -ENOMEM, or what the device says to one more VLAN.
 */
int vnb_vlan_port_init(struct vnb_port *port, struct netlink_ext_ack *extack);

/**
 * vnb_vlan_port_uninit() - free the table of a port
 * @port: the port; no frame is on its way through it any more
 */
void vnb_vlan_port_uninit(struct vnb_port *port);

/**
 * vnb_vlan_prepare() - do all that can fail before a port gets a VLAN
 * @port: the port, or the bridge's own
 * @vid: 1 to 4094; nothing is done if the port has it
 * @extack: says what is wrong
 *
 * Undone by vnb_vlan_abort(), made good by vnb_vlan_set().
 * Return: 0, -ENOMEM, or what the device says.
 */
int vnb_vlan_prepare(struct vnb_port *port, u16 vid,
		     struct netlink_ext_ack *extack);

/** vnb_vlan_abort() - undo each vnb_vlan_prepare() that was not made good */
void vnb_vlan_abort(struct vnb_port *port);

/**
 * vnb_vlan_set() - put a port into a VLAN, or change how it is in it
 * @port: the port, or the bridge's own
 * @vid: a prepared VLAN, or one of the port
 * @flags: BRIDGE_VLAN_INFO_PVID, BRIDGE_VLAN_INFO_UNTAGGED
 *
 * Return: whether that made a difference.
 */
bool vnb_vlan_set(struct vnb_port *port, u16 vid, u16 flags);

/**
 * vnb_vlan_clear() - take a port out of a VLAN
 * @port: the port, or the bridge's own
 * @vid: 1 to 4094
 *
 * vnb_vlan_forget() is to follow.
 * Return: whether that made a difference.
 */
bool vnb_vlan_clear(struct vnb_port *port, u16 vid);

/** vnb_vlan_forget() - forget what was learned in VLANs that a port has left */
void vnb_vlan_forget(struct vnb_port *port);

/**
 * vnb_vlan_next() - walk through the VLANs of a port, in order
 * @port: the port, or the bridge's own
 * @vid: where to begin
 *
 * Context: RCU read section, or RTNL.
 * Return: the first VLAN of the port from @vid on, VLAN_N_VID if there is none.
 */
u16 vnb_vlan_next(const struct vnb_port *port, u16 vid);

#define vnb_vlan_for_each(port, vid)					\
	for ((vid) = vnb_vlan_next(port, 1); (vid) < VLAN_N_VID;	\
	     (vid) = vnb_vlan_next(port, (vid) + 1))

/**
 * vnb_vlan_flags() - what a VLAN is to a port, as users know it
 * @port: the port, or the bridge's own
 * @vid: a VLAN of the port
 *
 * Context: RCU read section, or RTNL.
 * Return: BRIDGE_VLAN_INFO_PVID, BRIDGE_VLAN_INFO_UNTAGGED.
 */
u16 vnb_vlan_flags(const struct vnb_port *port, u16 vid);

/**
 * vnb_vlan_proto_prepare() - do all that can fail before tags have another
 * protocol
 * @br: the bridge
 * @proto: ETH_P_8021Q or ETH_P_8021AD, network byte order, not the present one
 * @extack: says what is wrong
 *
 * Return: 0, or what a device says, with nothing changed.
 */
int vnb_vlan_proto_prepare(struct vnb_bridge *br, __be16 proto,
			   struct netlink_ext_ack *extack);

/** vnb_vlan_proto_commit() - make it so, after vnb_vlan_proto_prepare() */
void vnb_vlan_proto_commit(struct vnb_bridge *br, __be16 proto);

/* vlan_cfg.c: options of the bridge. Process context, RTNL. */

/**
 * vnb_vlan_config_prepare() - do all that can fail before the bridge's options
 * for VLANs change
 * @br: the bridge
 * @conf: as they are to be
 * @extack: says what is wrong
 *
 * vnb_vlan_config_commit() has to follow if it is through.
 * Return: 0, or a negative error with nothing changed.
 */
int vnb_vlan_config_prepare(struct vnb_bridge *br,
			    const struct vnb_bridge_config *conf,
			    struct netlink_ext_ack *extack);

/**
 * vnb_vlan_config_commit() - make it so, and change instances of VLANs
 * @br: the bridge
 * @conf: as prepared
 * @mst: what vnb_mst_prepare() gave
 *
 * Notifies listeners.
 */
void vnb_vlan_config_commit(struct vnb_bridge *br,
			    const struct vnb_bridge_config *conf,
			    struct vnb_mst *mst);

/**
 * vnb_vlan_will_be_in_any() - will a port be in a VLAN?
 * @port: the port, or the bridge's own
 * @pvid: vnb_bridge_config.default_pvid that is to be
 *
 * Return: whether it is in one once that is so.
 */
bool vnb_vlan_will_be_in_any(const struct vnb_port *port, u16 pvid);

/* vlan_nl.c: "bridge vlan". Process context, RTNL. */

/**
 * vnb_vlan_nl_prepare() - do all that can fail before a port gets VLANs
 * @port: the port, or the bridge's own
 * @afspec: the nest whose IFLA_BRIDGE_VLAN_INFO say which, if any
 * @extack: names the attribute that is refused
 *
 * Undone by vnb_vlan_abort(), made good by vnb_vlan_nl_set().
 * Return: 0, or a negative error with the port as it was.
 */
int vnb_vlan_nl_prepare(struct vnb_port *port, const struct nlattr *afspec,
			struct netlink_ext_ack *extack);

/**
 * vnb_vlan_nl_set() - put a port into VLANs
 * @port: the port, or the bridge's own
 * @afspec: as prepared
 *
 * Notifies listeners of RTNLGRP_BRVLAN.
 * Return: whether that made a difference.
 */
bool vnb_vlan_nl_set(struct vnb_port *port, const struct nlattr *afspec);

/**
 * vnb_vlan_nl_clear() - take a port out of VLANs
 * @port: the port, or the bridge's own
 * @afspec: the nest whose IFLA_BRIDGE_VLAN_INFO say which, if any
 * @extack: names the attribute that is refused, or NULL
 *
 * Notifies listeners of RTNLGRP_BRVLAN.
 * Return: 1 if that made a difference, else 0, or a negative error with the
 * port as it was.
 */
int vnb_vlan_nl_clear(struct vnb_port *port, const struct nlattr *afspec,
		      struct netlink_ext_ack *extack);

/**
 * vnb_vlan_nl_size() - upper bound of what vnb_vlan_nl_fill() puts
 * @port: the port, or the bridge's own
 *
 * Return: bytes.
 */
size_t vnb_vlan_nl_size(const struct vnb_port *port);

/**
 * vnb_vlan_nl_fill() - put IFLA_BRIDGE_VLAN_INFO for the VLANs of a port
 * @skb: message
 * @port: the port, or the bridge's own
 * @ranges: two for VLANs in a row that are alike, not one for each
 *
 * Context: RCU read section, or RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int vnb_vlan_nl_fill(struct sk_buff *skb, const struct vnb_port *port,
		     bool ranges);

/**
 * vnb_vlan_notify() - tell ``bridge monitor vlan`` about VLANs of a port
 * @port: the port, or the bridge's own
 * @first: first VLAN
 * @last: last VLAN; all between are alike
 * @type: RTM_NEWVLAN or RTM_DELVLAN
 */
void vnb_vlan_notify(const struct vnb_port *port, u16 first, u16 last,
		     int type);

/** vnb_vlan_notify_all() - likewise, about all VLANs of a port */
void vnb_vlan_notify_all(const struct vnb_port *port, int type);

#endif /* VNB_VLAN_H */
