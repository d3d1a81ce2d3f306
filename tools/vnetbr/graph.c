// SPDX-License-Identifier: GPL-2.0
/*
 * A picture of the topology. One row for each port, from the bridge on the left
 * to what is behind the port on the right:
 *
 *	+-----+     +------------------+        +----------------+
 *	| br0 |-----| p1  pair         |- - - - | if2 in netns 0 |
 *	|     |     +------------------+        +----------------+
 */
#include "graph.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "topology.h"

enum {
	ROW		= 44,		/* from port to port */
	BOX		= 34,		/* height of a port */
	MARGIN		= 24,
	BRIDGE_W	= 190,
	PORT_X		= MARGIN + BRIDGE_W + 60,
	PORT_W		= 250,
	FAR_X		= PORT_X + PORT_W + 60,
	FAR_W		= 310,
	WIDTH		= FAR_X + FAR_W + MARGIN,
	BRIDGE_H	= 78,		/* at least */
};

#define INK	"#1f2933"
#define PALE	"#52606d"
#define GOOD	"#2f855a"
#define BAD	"#c53030"

/* Text between tags. */
static void svg_escape(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", f);
		else if (*text == '<')
			fputs("&lt;", f);
		else if (*text == '>')
			fputs("&gt;", f);
		else
			fputc(*text, f);
	}
}

static void svg_box(FILE *f, int x, int y, int w, int h, const char *fill,
		    const char *stroke)
{
	fprintf(f, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"%s\"/>\n",
		x, y, w, h, fill, stroke);
}

static void svg_line(FILE *f, int x1, int x2, int y, const char *stroke,
		     bool dashed)
{
	fprintf(f, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"%s/>\n",
		x1, y, x2, y, stroke, dashed ? " stroke-dasharray=\"5 4\"" : "");
}

static void svg_text(FILE *f, int x, int y, const char *style,
		     const char *text)
{
	fprintf(f, "<text x=\"%d\" y=\"%d\" %s>", x, y, style);
	svg_escape(f, text);
	fputs("</text>\n", f);
}

#define NAME_STYLE	"font-weight=\"bold\" fill=\"" INK "\""
#define NOTE_STYLE	"font-size=\"11\" fill=\"" PALE "\""
#define DROP_STYLE	"font-size=\"11\" fill=\"" BAD "\""
#define RIGHT		" text-anchor=\"end\""

static bool dev_is_good(const struct dev *dev)
{
	const char *state = dev_state(dev);

	return !strcmp(state, "forwarding") || !strcmp(state, "up");
}

/* "3 dropped" */
static void svg_drops(FILE *f, int x, int y, const char *style,
		      const struct dev *dev)
{
	uint64_t drops = dev_drops(dev);
	char text[64];

	if (!drops)
		return;
	snprintf(text, sizeof(text), "%llu dropped", (unsigned long long)drops);
	svg_text(f, x, y, style, text);
}

static void svg_port(FILE *f, const struct topology *topo,
		     const struct dev *port, int y)
{
	const char *colour = dev_is_good(port) ? GOOD : BAD;
	const char *far = dev_far(topo, port);
	int middle = y + BOX / 2;
	char text[128];

	svg_box(f, PORT_X, y, PORT_W, BOX, "#ffffff", colour);
	svg_text(f, PORT_X + 10, y + 15, NAME_STYLE, port->name);
	snprintf(text, sizeof(text), "%s, %s%s, mtu %u", dev_mode(port),
		 dev_state(port), port->isolated ? ", isolated" : "",
		 port->mtu);
	svg_text(f, PORT_X + 10, y + 28, NOTE_STYLE, text);
	svg_drops(f, PORT_X + PORT_W - 8, y + 15, DROP_STYLE RIGHT, port);
	if (!*far)
		return;

	svg_line(f, PORT_X + PORT_W, FAR_X, middle, PALE, true);
	svg_box(f, FAR_X, y, FAR_W, BOX, "#f5f7fa", "#9aa5b1");
	svg_text(f, FAR_X + 10, middle + 4, "fill=\"" INK "\"", far);
}

/* Height of a bridge and its ports, and in the picture if @f is not NULL. */
static int svg_bridge(FILE *f, const struct topology *topo,
		      const struct dev *br, int y)
{
	const struct dev *port;
	int at = y, height;
	char text[64];

	for_each_port(topo, port, br->index)
		at += ROW;
	height = at - y - (ROW - BOX);
	if (height < BRIDGE_H)
		height = BRIDGE_H;
	if (!f)
		return height;

	at = y;
	for_each_port(topo, port, br->index) {
		svg_line(f, MARGIN + BRIDGE_W, PORT_X, at + BOX / 2,
			 dev_is_good(port) ? GOOD : BAD, false);
		svg_port(f, topo, port, at);
		at += ROW;
	}
	svg_box(f, MARGIN, y, BRIDGE_W, height, "#e6f0fa", "#2b6cb0");
	svg_text(f, MARGIN + 12, y + 24,
		 "font-size=\"16\" font-weight=\"bold\" fill=\"" INK "\"",
		 br->name);
	snprintf(text, sizeof(text), "%s, mtu %u", dev_state(br), br->mtu);
	svg_text(f, MARGIN + 12, y + 42, NOTE_STYLE, text);
	snprintf(text, sizeof(text), "%u addresses, %u learned", br->fdb,
		 br->fdb_learned);
	svg_text(f, MARGIN + 12, y + 57, NOTE_STYLE, text);
	svg_drops(f, MARGIN + 12, y + 72, DROP_STYLE, br);
	return height;
}

/* The same for devices in no bridge. */
static int svg_others(FILE *f, const struct topology *topo, int y)
{
	const struct dev *dev;
	int height = 0;

	for_each_port(topo, dev, 0) {
		if (f && !height)
			svg_text(f, MARGIN + 12, y + 20, NOTE_STYLE,
				 "in no bridge");
		if (f)
			svg_port(f, topo, dev, y + height);
		height += ROW;
	}
	return height;
}

static int svg_all(FILE *f, const struct topology *topo)
{
	const struct dev *dev;
	int y = MARGIN;

	for (dev = topo->dev; dev < topo->dev + topo->n; dev++)
		if (dev->mode == VNETBR_MODE_BRIDGE)
			y += svg_bridge(f, topo, dev, y) + MARGIN;
	return y + svg_others(f, topo, y);
}

static void svg_write(FILE *f, const struct topology *topo)
{
	int height = svg_all(NULL, topo);

	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n",
		WIDTH, height, WIDTH, height);
	fprintf(f, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
		WIDTH, height);
	svg_all(f, topo);
	fputs("</svg>\n", f);
}

/* Text in quotes; @text of a static buffer is used up before the next one. */
static void dot_quote(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
}

static void dot_dev(FILE *f, const struct dev *dev, const char *shape)
{
	uint64_t drops = dev_drops(dev);

	fprintf(f, "\tif%d [shape=%s, color=\"%s\", label=\"", dev->index,
		shape, dev_is_good(dev) ? GOOD : BAD);
	dot_quote(f, dev->name);
	fprintf(f, "\\n%s, %s", dev_mode(dev), dev_state(dev));
	if (drops)
		fprintf(f, "\\n%llu dropped", (unsigned long long)drops);
	fputs("\"];\n", f);
}

static void dot_far(FILE *f, const struct topology *topo,
		    const struct dev *dev)
{
	const char *far = dev_far(topo, dev);

	/* Both ends are here: one line between them. */
	if (dev->mode == VNETBR_MODE_PAIR && dev->peer_netns == NETNS_HERE) {
		if (dev->index < dev->peer)
			fprintf(f, "\tif%d -- if%d [style=dashed];\n",
				dev->index, dev->peer);
		return;
	}
	if (!*far)
		return;
	fprintf(f, "\tfar%d [shape=plaintext, label=\"", dev->index);
	dot_quote(f, far);
	fprintf(f, "\"];\n\tif%d -- far%d [style=dashed];\n", dev->index,
		dev->index);
}

static void dot_write(FILE *f, const struct topology *topo)
{
	const struct dev *dev;

	fputs("graph vnetbr {\n\trankdir=LR;\n\tnode [fontname=sans];\n", f);
	for (dev = topo->dev; dev < topo->dev + topo->n; dev++) {
		dot_dev(f, dev, dev->mode == VNETBR_MODE_BRIDGE ? "box3d" :
			"box");
		if (dev->master)
			fprintf(f, "\tif%d -- if%d;\n", dev->master,
				dev->index);
		dot_far(f, topo, dev);
	}
	fputs("}\n", f);
}

void graph_write(const struct topology *topo, const char *path)
{
	const char *end = strrchr(path, '.');
	bool svg = end && !strcmp(end, ".svg");
	FILE *f;

	if (!svg && !(end && !strcmp(end, ".dot")))
		die("show: --graph: %s ends neither with .svg nor with .dot",
		    path);
	f = fopen(path, "w");
	if (!f)
		die("show: %s: %s", path, strerror(errno));
	if (svg)
		svg_write(f, topo);
	else
		dot_write(f, topo);
	if (ferror(f) | fclose(f))
		die("show: %s: cannot be written", path);
}
