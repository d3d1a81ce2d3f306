/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNETBR_GRAPH_H
#define VNETBR_GRAPH_H

struct topology;

/* graph_write() - a picture, as SVG or for dot(1): what the name ends with */
void graph_write(const struct topology *topo, const char *path);

#endif /* VNETBR_GRAPH_H */
