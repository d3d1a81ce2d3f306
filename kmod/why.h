/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_WHY_H
#define VNB_WHY_H

#include <linux/vnetbr_genl.h>
#include <net/genetlink.h>

#include "drop.h"
#include "frame.h"

struct vnb_fdb_entry;

/**
 * DOC: Why did it drop?
 *
 * A frame that is only talked about goes through the rules that frames go
 * through: vnb_rx_reserved_verdict(), vnb_stp_would_take(),
 * vnb_vlan_classify(), vnb_port_vlan_state(), vnb_locked_verdict(),
 * vnb_storm_limit(), vnb_fdb_would_learn(), vnb_nf_bridge_blocks(),
 * vnb_find_target(), vnb_neigh_would_answer(), vnb_floods(), vnb_may_send(),
 * vnb_tx_check(). In why.c is their order once more, and nothing else:
 * selftests/test_why*.py compare each answer with what becomes of a real frame.
 */

/** VNB_WHY_EGRESS_MAX - most ports in one answer */
#define VNB_WHY_EGRESS_MAX	256

/**
 * struct vnb_why - a question and its answer; lives on the stack
 */
struct vnb_why {
	/** @frame: as on the path */
	struct vnb_frame	frame;

	/** @reply: the answer */
	struct sk_buff		*reply;

	/** @err: an error of putting it together */
	int			err;

	/** @only: list this port only; 0 for all */
	u32			only;

	/** @listed: how many ports are in the answer */
	unsigned int		listed;

	/** @total: how many ports were thought of */
	unsigned int		total;

	/** @sent: how many of them send it */
	unsigned int		sent;

	/** @verdict: enum vnetbr_verdict, if it is not dropped */
	u32			verdict;

	/** @reason: why it is dropped, or %VNB_OK */
	enum vnb_drop		reason;

	/** @on: device that counts @reason; NULL: none in this namespace */
	const struct net_device	*on;
};

/* why.c */

/**
 * vnb_why_walk() - go the way of the frame
 * @w: frame, its port and bridge are filled in; the frame has its data at the
 *	MAC header, with VLAN_HLEN bytes of room before it; afterwards it may
 *	be changed
 *
 * Puts steps and ports into the answer, and has the verdict afterwards.
 * Context: RCU read section.
 */
void vnb_why_walk(struct vnb_why *w);

/*
 * why_nl.c: the answer. What cannot be put, because the answer is full, is an
 * error that vnb_why.err keeps.
 */

/**
 * vnb_why_step() - begin a step
 * @w: the answer
 * @id: enum vnetbr_step
 *
 * Return: for vnb_why_step_end(); attributes that are put before are of the
 * step.
 */
struct nlattr *vnb_why_step(struct vnb_why *w, enum vnetbr_step id);

/**
 * vnb_why_step_end() - end a step
 * @w: the answer
 * @nest: from vnb_why_step()
 * @why: why the frame is dropped in this step, or %VNB_OK
 *
 * Return: @why.
 */
enum vnb_drop vnb_why_step_end(struct vnb_why *w, struct nlattr *nest,
			       enum vnb_drop why);

/**
 * vnb_why_put() - put a number
 * @w: the answer
 * @attr: VNETBR_A_*
 * @value: host byte order
 */
void vnb_why_put(struct vnb_why *w, int attr, u32 value);

/**
 * vnb_why_put_word() - put the word of a reason
 * @w: the answer
 * @attr: VNETBR_A_*
 * @why: the reason; nothing is put for %VNB_OK
 */
void vnb_why_put_word(struct vnb_why *w, int attr, enum vnb_drop why);

/**
 * vnb_why_put_state() - put the state of a port into a step
 * @w: the answer
 * @state: BR_STATE_*
 */
void vnb_why_put_state(struct vnb_why *w, u8 state);

/**
 * vnb_why_put_entry() - put an entry of the forwarding table into a step
 * @w: the answer
 * @f: the entry
 *
 * Context: RCU read section.
 */
void vnb_why_put_entry(struct vnb_why *w, const struct vnb_fdb_entry *f);

/**
 * vnb_why_egress() - list what a port does with the frame
 * @w: the answer
 * @out: the port
 * @result: enum vnetbr_egress
 * @why: why it does not send it, or %VNB_OK
 * @on: device that counts a drop, or NULL
 */
void vnb_why_egress(struct vnb_why *w, const struct vnb_port *out,
		    enum vnetbr_egress result, enum vnb_drop why,
		    const struct net_device *on);

/** vnb_why_policy - of VNETBR_CMD_WHY */
extern const struct nla_policy vnb_why_policy[];

/**
 * vnb_why_doit() - answer VNETBR_CMD_WHY
 * @skb: the request
 * @info: its attributes
 *
 * Takes no lock but RCU and changes nothing. Context: process.
 *
 * Return: 0, -EINVAL for a wrong or missing attribute, -ENODEV, -ENOMEM.
 */
int vnb_why_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* VNB_WHY_H */
