#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# usage: probe.sh DIR...
#
# Print -DVNB_HAVE_<name> for each line of ./features that the kernel headers
# below DIR/include satisfy. Distributions split the headers in two trees:
# several DIRs are searched.

LC_ALL=C
export LC_ALL

while read -r name header pattern; do
	case $name in '' | '#'*) continue ;; esac
	for dir; do
		grep -qsPz -- "$pattern" "$dir/include/$header" || continue
		printf -- '-DVNB_HAVE_%s ' "$name"
		break
	done
done <"$(dirname "$0")/features"
