# SPDX-License-Identifier: GPL-2.0
#
# What people type. Kbuild files are what the kernel's build reads.

KDIR	?= /lib/modules/$(shell uname -r)/build
CC	?= cc
IPLIBDIR ?= /usr/lib/$(shell $(CC) -print-multiarch)/ip
MANDIR	?= /usr/share/man
PREFIX	?= /usr
VERSION	?= $(shell git describe --match 'v*' --always --dirty 2>/dev/null | \
		sed 's/^v//' | grep . || echo 0)

# SUITE=trixie,forky or 6.12: the kernels to test on. TEST=fdb: the tests whose
# name contains it. KERNEL=debug, kcsan or uml: one that finds bugs, see
# scripts/kernels, or a path. JOBS=2: so many at a time.
comma	:= ,
SUITE	?= all
JOBS	?= 1
check-args = --jobs $(JOBS) $(if $(DEADLINE),--deadline $(DEADLINE)) \
	$(if $(KERNEL),--kernel $(KERNEL)) $(subst $(comma), ,$(SUITE)) \
	$(if $(TEST),-- $(subst $(comma), ,$(TEST)))

all: module plugin command

module:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

plugin:
	$(MAKE) -C tools/iproute2

command:
	$(MAKE) -C tools/vnetbr

install: install-module install-plugin install-command install-man

install-module: module
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install \
		$(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR))
	$(if $(DESTDIR),,depmod)

install-plugin: plugin
	$(MAKE) -C tools/iproute2 install IPLIBDIR=$(IPLIBDIR) DESTDIR=$(DESTDIR)

install-command: command
	$(MAKE) -C tools/vnetbr install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

install-man:
	for page in man/*.[1-8]; do \
		[ -e "$$page" ] || continue; \
		install -D -m 0644 -t $(DESTDIR)$(MANDIR)/man$${page##*.} \
			"$$page" || exit 1; \
	done

# The sources go to /usr/src/vnetbr-VERSION: dkms builds them again whenever
# the kernel is updated.
dkms:
	dkms remove -m vnetbr -v $(VERSION) --all >/dev/null 2>&1 || true
	rm -rf /usr/src/vnetbr-$(VERSION)
	install -d /usr/src/vnetbr-$(VERSION)
	cp -r Kbuild kmod uapi /usr/src/vnetbr-$(VERSION)/
	find /usr/src/vnetbr-$(VERSION) \( -name '*.o' -o -name '*.ko' -o \
		-name '*.mod*' -o -name '*.cmd' -o -name '*.order' \) -delete
	sed 's/#MODULE_VERSION#/$(VERSION)/' dkms.conf \
		>/usr/src/vnetbr-$(VERSION)/dkms.conf
	dkms add -m vnetbr -v $(VERSION)
	dkms install -m vnetbr -v $(VERSION) $(if $(KERNELRELEASE),-k $(KERNELRELEASE))

demo:
	scripts/demo

check:
	scripts/check-all $(check-args)

selftests:
	scripts/check-all --no-static $(check-args)

# What a frame costs: see selftests/bench/bench.py --help. SCENARIO=b,c,
# CONTENDER=vnetbr, QUICK=1; NS=1: nanoseconds, under User-mode Linux.
bench-suite = $(if $(filter all,$(SUITE)),trixie,$(SUITE))
bench-args = --suite $(bench-suite) $(if $(SCENARIO),--scenario $(SCENARIO)) \
	$(if $(CONTENDER),--contender $(CONTENDER)) $(if $(QUICK),--quick) \
	$(if $(NS),--ns)

bench:
	selftests/bench/bench.py run $(bench-args)

bench-guard:
	selftests/bench/bench.py guard

bench-profile:
	selftests/bench/bench.py profile $(bench-args)

clean:
	[ ! -d $(KDIR) ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C tools/iproute2 clean
	$(MAKE) -C tools/vnetbr clean
	rm -rf build

help:
	@echo 'make [KDIR=headers]    build the module, the plugin for ip(8), vnetbr(8)'
	@echo 'make install           install them and the man pages; load nothing'
	@echo 'make dkms              let dkms build the module, now and after updates'
	@echo 'make demo              see it work, in a virtual machine'
	@echo 'make check             every static gate, then the tests on 6.1, 6.12, 7.2'
	@echo '     SUITE=trixie      only on that kernel (also SUITE=6.12,7.2)'
	@echo '     TEST=fdb          only the tests with that in their name'
	@echo '     KERNEL=uml        on one that finds bugs: uml, debug, kcsan; or a path'
	@echo '     JOBS=2            two kernels at a time'
	@echo 'make selftests         the tests alone; options as for check'
	@echo 'make bench             what a frame costs, beside in-tree and Open vSwitch'
	@echo '     SUITE=trixie      on that kernel; SCENARIO=a,b CONTENDER=vnetbr QUICK=1'
	@echo '     NS=1              time instead of instructions'
	@echo 'make bench-guard       is it still as cheap as selftests/bench/baseline.json'
	@echo 'make bench-profile     which functions of the kernel it is spent in'
	@echo 'make clean             remove what was built here'

.PHONY: all module plugin command install install-module install-plugin
.PHONY: install-command install-man
.PHONY: dkms demo check selftests bench bench-guard bench-profile clean help
