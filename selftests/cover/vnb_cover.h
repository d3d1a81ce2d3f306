/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which blocks of vnetbr's code were reached.
 */
#ifndef _VNB_COVER_H
#define _VNB_COVER_H

#include <linux/types.h>

/* More than there is code, with all checks that a compiler can add. */
#define VNB_COVER_SIZE	(2 << 20)

/* A byte for each of its bytes of code; what follows a call is not 0. */
extern u8 vnb_cover_map[VNB_COVER_SIZE];

/* Where the code begins: code.lds */
extern const char vnb_cover_code[];

#endif /* _VNB_COVER_H */
