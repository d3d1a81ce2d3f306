// SPDX-License-Identifier: GPL-2.0
/* Plugin of QEMU's: how often was each block of the guest's code run, between
 * the marks that the injector sets?
 *
 *	qemu-system-x86_64 -plugin count.so,out=FILE ...
 *
 * FILE gets a line per block: its address, its instructions, how often it was
 * run. A block ends with a jump, so that it is always run as a whole, and
 * instructions times runs is exact.
 *
 * The interface is declared here because Debian packages no header of it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What QEMU calls the interface: 1 until 8.x, then 2. */
#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION 1
#endif

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;

typedef void (*translated_fn)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*exit_fn)(uint64_t id, void *data);
typedef void (*run_fn)(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated_fn cb);
void qemu_plugin_register_atexit_cb(uint64_t id, exit_fn cb, void *data);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, run_fn cb,
					  int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    run_fn cb, int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

__attribute__((visibility("default")))
int qemu_plugin_version = PLUGIN_VERSION;

struct block {
	struct block *next;
	uint64_t address;
	uint64_t insns;
	uint64_t runs;
};

static struct block *blocks;
static bool counting;
static const char *path;

/* Three instructions of lengths that nothing else has side by side. */
static const size_t mark_begin[] = { 15, 14, 15 };
static const size_t mark_end[] = { 14, 15, 14 };

static void begin(unsigned int cpu, void *data)
{
	counting = true;
}

static void end(unsigned int cpu, void *data)
{
	counting = false;
}

static void run(unsigned int cpu, void *data)
{
	struct block *block = data;

	block->runs += counting;
}

/* Whether a mark begins with instruction i. */
static bool is_mark(struct qemu_plugin_tb *tb, size_t i, const size_t *sizes)
{
	size_t j;

	for (j = 0; j < 3; j++) {
		struct qemu_plugin_insn *insn;

		insn = qemu_plugin_tb_get_insn(tb, i + j);
		if (qemu_plugin_insn_size(insn) != sizes[j])
			return false;
	}
	return true;
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t insns = qemu_plugin_tb_n_insns(tb), i;
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		abort();
	block->address = qemu_plugin_tb_vaddr(tb);
	block->insns = insns;
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, run, 0, block);

	for (i = 0; i + 3 <= insns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is_mark(tb, i, mark_begin))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, 0,
							       NULL);
		else if (is_mark(tb, i, mark_end))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end, 0,
							       NULL);
	}
}

static void write_out(uint64_t id, void *data)
{
	FILE *f = fopen(path, "w");
	struct block *block;

	if (!f) {
		perror(path);
		return;
	}
	for (block = blocks; block; block = block->next)
		if (block->runs)
			fprintf(f, "%llx %llu %llu\n",
				(unsigned long long)block->address,
				(unsigned long long)block->insns,
				(unsigned long long)block->runs);
	fclose(f);
}

__attribute__((visibility("default")))
int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc,
			char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			path = strdup(argv[i] + 4);
	if (!path) {
		fprintf(stderr, "count: out=FILE is missing\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, write_out, NULL);
	return 0;
}
