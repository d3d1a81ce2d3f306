/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_VXLAN_H
#define VNB_VXLAN_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include <asm/byteorder.h>

/**
 * struct vnb_vxlan_hdr - the VXLAN header (RFC 7348 section 5)
 */
struct vnb_vxlan_hdr {
	/** @flags: the I flag; all others are reserved */
	__be32	flags;

	/** @vni: VNI in the upper 24 bits; the others are reserved */
	__be32	vni;
};

static_assert(sizeof(struct vnb_vxlan_hdr) == 8);

#define VNB_VXLAN_F_VNI		cpu_to_be32(0x08000000)	/* the I flag */
#define VNB_VXLAN_VNI_MAX	0xffffffu
#define VNB_VXLAN_VNI_SHIFT	8
#define VNB_VXLAN_RESERVED	cpu_to_be32(0xff)	/* of field vni */

#define VNB_VXLAN_PORT		4789	/* IANA */

/* Dynamic ports, which RFC 7348 section 5 recommends for the source. */
#define VNB_VXLAN_SPORT_MIN	49152
#define VNB_VXLAN_SPORT_MAX	65535

/** vnb_vxlan_valid() - is the one flag set that has to be? */
static inline bool vnb_vxlan_valid(const struct vnb_vxlan_hdr *hdr)
{
	return hdr->flags & VNB_VXLAN_F_VNI;
}

/** vnb_vxlan_reserved() - is a bit set that a sender has to leave zero? */
static inline bool vnb_vxlan_reserved(const struct vnb_vxlan_hdr *hdr)
{
	return (hdr->flags & ~VNB_VXLAN_F_VNI) ||
	       (hdr->vni & VNB_VXLAN_RESERVED);
}

/** vnb_vxlan_vni() - VNI of a received header */
static inline u32 vnb_vxlan_vni(const struct vnb_vxlan_hdr *hdr)
{
	return be32_to_cpu(hdr->vni) >> VNB_VXLAN_VNI_SHIFT;
}

/** vnb_vxlan_build() - write the header of a frame of @vni */
static inline void vnb_vxlan_build(struct vnb_vxlan_hdr *hdr, u32 vni)
{
	hdr->flags = VNB_VXLAN_F_VNI;
	hdr->vni = cpu_to_be32(vni << VNB_VXLAN_VNI_SHIFT);
}

#endif /* VNB_VXLAN_H */
