// Kernel numbers and structures that musl's headers do not carry (musl-gcc does not see the kernel's own headers).
// The system call numbers are the same on x86_64 and aarch64, and on every architecture since Linux 5.1.
#ifndef LICHEN_KERNEL_H
#define LICHEN_KERNEL_H

#include <stdint.h>
#include <sys/ioctl.h>

#define KERNEL_NR_OPEN_TREE 428
#define KERNEL_NR_MOVE_MOUNT 429
#define KERNEL_NR_CLOSE_RANGE 436
#define KERNEL_NR_OPENAT2 437

struct kernel_open_how {
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
};
#define KERNEL_RESOLVE_NO_MAGICLINKS 0x02
#define KERNEL_RESOLVE_IN_ROOT 0x10

// open_tree(2), move_mount(2): both ends named by their descriptors alone
#define KERNEL_OPEN_TREE_CLONE_FD 0x1001
#define KERNEL_MOVE_MOUNT_BY_FDS 0x44

// ioctl_ns(2)
#define KERNEL_NS_GET_PARENT _IO(0xb7, 0x2)
#define KERNEL_NS_GET_OWNER_UID _IO(0xb7, 0x4)

// A task's flags in /proc/PID/stat
#define KERNEL_PF_EXITING 0x4

// statfs(2)
#define KERNEL_PROC_MAGIC 0x9fa0
#define KERNEL_SYSFS_MAGIC 0x62656572
#define KERNEL_CGROUP_MAGIC 0x27e0eb
#define KERNEL_CGROUP2_MAGIC 0x63677270

#endif
