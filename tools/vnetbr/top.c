// SPDX-License-Identifier: GPL-2.0
/*
 * vnetbr top: rates of each port, live.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "out.h"
#include "topology.h"

/* To the upper left corner; and what is behind is of the last time. */
#define HOME	"\033[H"
#define CLEAR	"\033[J"

/* Differences between two looks, in a second. */
struct rates {
	const struct dev	*dev;
	double			rx_packets, tx_packets;
	double			rx_bits, tx_bits;
	double			drops;
	const char		*reason;	/* of the most drops, or NULL */
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Counters go up. One that went down belongs to a new device. */
static double rate(uint64_t old, uint64_t new, double seconds)
{
	return new < old ? 0 : (new - old) / seconds;
}

/* @most is the rate of @r->reason. */
static void add_drops(struct rates *r, double *most, double drops,
		      const char *reason)
{
	r->drops += drops;
	if (drops > *most) {
		*most = drops;
		r->reason = reason;
	}
}

/* What a bridge dropped is of the port, too, that it came in through. */
static void drop_rates(struct rates *r, const struct dev *old,
		       const struct dev *new, double seconds)
{
	double most = 0, one, rest;
	unsigned int i;

	for (i = 0; old->stats.n == new->stats.n && i < new->stats.n; i++) {
		if (!dev_is_drop(new, i))
			continue;
		one = rate(old->stats.value[i], new->stats.value[i], seconds);
		add_drops(r, &most, one, dev_is_drop(new, i));
	}

	rest = rate(old->drops.all, new->drops.all, seconds);
	for (i = 0; i < STORM_KINDS; i++) {
		one = rate(old->drops.storm[i], new->drops.storm[i], seconds);
		add_drops(r, &most, one, storm_words[i]);
		rest -= one;
	}
	if (rest > 0)
		add_drops(r, &most, rest, "by bridge");
}

static void get_rates(struct rates *r, const struct dev *old,
		      const struct dev *new, double seconds)
{
	const struct rtnl_link_stats64 *a = &old->traffic, *b = &new->traffic;

	memset(r, 0, sizeof(*r));
	r->dev = new;
	r->rx_packets = rate(a->rx_packets, b->rx_packets, seconds);
	r->tx_packets = rate(a->tx_packets, b->tx_packets, seconds);
	r->rx_bits = 8 * rate(a->rx_bytes, b->rx_bytes, seconds);
	r->tx_bits = 8 * rate(a->tx_bytes, b->tx_bytes, seconds);
	drop_rates(r, old, new, seconds);
}

/* The busiest first. */
static int compare_rates(const void *a, const void *b)
{
	const struct rates *x = a, *y = b;
	double difference = (y->rx_packets + y->tx_packets) -
			    (x->rx_packets + x->tx_packets);

	if (difference)
		return difference > 0 ? 1 : -1;
	return x->dev->index - y->dev->index;
}

/* "1.5k", with 3 digits at least */
static const char *short_number(double value)
{
	static char text[4][16];
	static unsigned int next;
	static const char units[] = " kMGTPE";
	char *buf = text[next++ % 4];
	int unit = 0;

	while (value >= 1000 && units[unit + 1]) {
		value /= 1000;
		unit++;
	}
	snprintf(buf, sizeof(text[0]), value < 100 && unit ? "%.1f%c" :
		 "%.0f%c", value, units[unit]);
	return buf;
}

static void print_rates(const struct rates *r, unsigned int n,
			const struct topology *topo)
{
	const struct dev *master;
	unsigned int i;

	printf("%-15s %-10s %8s %8s %8s %8s %8s\n", "DEVICE", "BRIDGE",
	       "RX/s", "TX/s", "RX bit", "TX bit", "DROP/s");
	for (i = 0; i < n; i++) {
		master = topology_find(topo, r[i].dev->master);
		printf("%-15s %-10s %8s %8s %8s %8s %8s %s\n",
		       r[i].dev->name, master ? master->name : "-",
		       short_number(r[i].rx_packets),
		       short_number(r[i].tx_packets),
		       short_number(r[i].rx_bits), short_number(r[i].tx_bits),
		       short_number(r[i].drops),
		       r[i].reason ? r[i].reason : "");
	}
	fflush(stdout);
}

static void json_rates(const struct rates *r, unsigned int n, double seconds)
{
	unsigned int i;

	json_object(NULL);
	json_float("seconds", seconds);
	json_array("devices");
	for (i = 0; i < n; i++) {
		json_object(NULL);
		json_str("name", r[i].dev->name);
		json_float("rx_packets", r[i].rx_packets);
		json_float("tx_packets", r[i].tx_packets);
		json_float("rx_bits", r[i].rx_bits);
		json_float("tx_bits", r[i].tx_bits);
		json_float("drops", r[i].drops);
		if (r[i].reason)
			json_str("reason", r[i].reason);
		json_end();
	}
	json_end();
	json_end();
}

static void print_all(const struct topology *old, const struct topology *new,
		      double seconds)
{
	struct rates *r = calloc(new->n ? : 1, sizeof(*r));
	const struct dev *dev, *before;
	unsigned int n = 0;

	if (!r)
		die("no memory");
	for (dev = new->dev; dev < new->dev + new->n; dev++) {
		before = topology_find(old, dev->index);
		if (before)
			get_rates(&r[n++], before, dev, seconds);
	}
	qsort(r, n, sizeof(*r), compare_rates);

	if (out_json)
		json_rates(r, n, seconds);
	else
		print_rates(r, n, new);
	free(r);
}

int command_top(char **argv)
{
	bool screen = !out_json && isatty(STDOUT_FILENO);
	unsigned long interval = 1, count = 0, done;
	struct topology old, new;
	double then, time;

	while (*argv) {
		const char *word = *argv;

		if (!strcmp(word, "--interval"))
			interval = parse_number(word, next_word(&argv), 1,
						3600, 10);
		else if (!strcmp(word, "--count"))
			count = parse_number(word, next_word(&argv), 1,
					     UINT32_MAX, 10);
		else
			die("top: what is %s?", word);
	}

	topology_read(&old, TOPOLOGY_STATS);
	then = now();
	for (done = 0; !count || done < count; done++) {
		sleep(interval);
		topology_read(&new, TOPOLOGY_STATS);
		time = now();
		if (screen)
			fputs(done ? HOME CLEAR : HOME "\033[2J", stdout);
		print_all(&old, &new, time - then);
		topology_free(&old);
		old = new;
		then = time;
	}
	topology_free(&old);
	return 0;
}
