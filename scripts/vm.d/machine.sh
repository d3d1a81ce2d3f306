# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # variables of scripts/vm
#
# The machine that scripts/vm runs: QEMU, or User-mode Linux. To be sourced.

# accel - print how QEMU is to run the guest: kvm where it works, else tcg
#
# KVM is believed only after it has booted a kernel within 5 seconds; a KVM
# that hangs is killed. The answer is kept until this machine is rebooted.
accel()
{
	local known dir pid i

	if [[ -n ${VNETBR_ACCEL:-} ]]; then
		echo "$VNETBR_ACCEL"
		return
	fi
	known=$CACHE/accel.$(cat /proc/sys/kernel/random/boot_id)
	if [[ ! -e $known ]]; then
		rm -f "$CACHE"/accel.*
		dir=$(mktemp -d)
		echo tcg >"$known"
		if [[ -w /dev/kvm ]]; then
			timeout -s KILL 5 qemu-system-x86_64 -accel kvm -cpu host \
				-m 512 -nodefaults -display none -no-reboot \
				-kernel "$KERNEL" -append 'console=ttyS0 panic=-1' \
				-serial "file:$dir/console" \
				>/dev/null 2>&1 </dev/null &
			pid=$!
			for ((i = 0; i < 60; i++)); do
				kill -0 "$pid" 2>/dev/null || break
				sleep 0.1
			done
			if grep -q 'VFS: Unable to mount root' "$dir/console" \
				2>/dev/null; then
				echo kvm >"$known"
			fi
		fi
		rm -rf "$dir"
	fi
	cat "$known"
}

# qemu_args DIR - set QEMU to the command line of the guest
# shellcheck disable=SC2054 # the commas are QEMU's
qemu_args()
{
	local dir=$1 how append cpu=max smp=$CPUS

	how=$(accel)
	append="console=ttyS0 panic=-1 oops=panic panic_on_warn=1"
	append+=" mitigations=off loglevel=7 net.ifnames=0 nokaslr"
	append+=" random.trust_cpu=on no_timer_check tsc=reliable"
	# khugepaged clears 2 MiB in one go: with frames coming in meanwhile, an
	# emulated CPU takes longer than the watchdog waits.
	append+=" transparent_hugepage=never"
	# The emulator translates code again where it is at another address:
	# programs that are at random ones start four times as slowly.
	append+=" norandmaps"
	# Cleared memory costs a seventh of the time, and hides what forgets to.
	append+=" init_on_alloc=0"
	append+=" rcupdate.rcu_cpu_stall_timeout=60 $APPEND"
	QEMU=(qemu-system-x86_64 -nodefaults -no-user-config -display none
		-no-reboot -m "$MEMORY" -kernel "$KERNEL" -initrd "$dir/initrd")
	if [[ -n $ICOUNT ]]; then
		smp=1
		QEMU+=(-icount shift=0,sleep=off -accel tcg,thread=single)
	elif [[ $how == kvm ]]; then
		cpu=host
		QEMU+=(-accel kvm)
	else
		QEMU+=(-accel tcg,thread=multi,tb-size=512)
	fi
	# Emulated, these cost more than what they are to speed up.
	[[ $cpu == host ]] || cpu=max,la57=off,avx=off,avx2=off,erms=off,fsrm=off
	QEMU+=(-cpu "$cpu" -smp "$smp" -append "$append"
		-serial "file:$dir/console.log"
		-device virtio-rng-pci
		-drive "if=none,id=root,format=raw,readonly=on,file=$(root_dir "$SUITE")/root.img"
		-device virtio-blk-pci,drive=root
		-drive "if=none,id=payload,format=raw,readonly=on,file=$dir/payload.tar"
		-device virtio-blk-pci,drive=payload
		-device virtio-serial-pci,max_ports=5)
	port status "file,path=$dir/status"
	port dmesg "file,path=$dir/dmesg.log"
	if [[ -n $INTERACTIVE ]]; then
		QEMU+=(-chardev stdio,id=tty,signal=off
			-device virtconsole,chardev=tty)
	else
		port output "file,path=$dir/output.fifo"
	fi
	# shellcheck disable=SC2206
	QEMU+=($QEMU_EXTRA)
}

# uml_args DIR - set QEMU to the command line of User-mode Linux
#
# Its first terminal, which has to be a pipe, is for the kernel's messages. The
# command's output comes through a serial line; for the rest the guest mounts
# DIR. It makes processes that unmap all of libc, so that libc must not have told
# the kernel (rseq) where to write. It leaves our group of processes, which is
# why it is killed when its parent dies. Disks are shared (c): a lock on the one
# that all have would keep QEMU from it.
uml_args()
{
	local dir=$1 tmp=/dev/shm room

	# Its memory is a file that programs are run from, better not on a disk.
	room=$(df -m --output=avail $tmp 2>/dev/null | tail -n 1) || room=0
	((room > MEMORY)) &&
		[[ $(findmnt -no OPTIONS -T $tmp) != *noexec* ]] || tmp=$dir
	# shellcheck disable=SC2016,SC2054 # the commas are the kernel's
	QEMU=(env "TMPDIR=$tmp" GLIBC_TUNABLES=glibc.pthread.rseq=0 setarch -R
		bash -o pipefail -c '
		dir=$1
		shift
		setpriv --pdeathsig KILL "$@" 3<>"$dir/output.fifo" |
			cat >"$dir/console.log"' bash "$dir"
		"$KERNEL" "mem=${MEMORY}M" "uml_dir=$dir" con=null con0=null,fd:1
		ssl=null ssl0=null,fd:3 "initrd=$dir/initrd"
		"ubd0rc=$(root_dir "$SUITE")/root.img"
		"ubd1rc=$dir/payload.tar" "vnetbr_host=$dir" panic=-1 oops=panic
		panic_on_warn=1 loglevel=7 net.ifnames=0)
	# shellcheck disable=SC2206
	QEMU+=($APPEND)
}

# port NAME BACKEND - give the guest a serial port NAME
port()
{
	QEMU+=(-chardev "${2%%,*},id=$1,${2#*,}"
		-device "virtserialport,chardev=$1,name=$1")
}
