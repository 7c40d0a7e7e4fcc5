// A container's root file system in the monitor's own mount namespace: native overlay, fuse-overlayfs by fd, or a tree
// that is there already. overlayfs.rst in the kernel's documentation; one layer format for both drivers (DESIGN §5).
#ifndef LICHEN_ROOTFS_H
#define LICHEN_ROOTFS_H

#include "spec.h"

struct rootfs {
  int merged_fd;   // O_PATH on the root of the tree: still names the mount when its directory is renamed
  bool mounted;
  pid_t fuse_pid;  // 0: none
};

// A private copy of the mount table: what the host mounts appears here, what is mounted here stays here.
int rootfs_unshare_mounts(struct buffer *why);

// -1: why is one line; rootfs_unmount() is safe then too.
int rootfs_mount(const struct spec *spec, struct rootfs *rootfs, struct buffer *why);

// Each of the spec's `read` files as u32le length + bytes, 0xffffffff when there is no such regular file.
int rootfs_read_files(const struct spec *spec, const struct rootfs *rootfs, struct buffer *payload, struct buffer *why);

// Idempotent. The fuse daemon ends by itself once the container's own mount namespace is gone too.
void rootfs_unmount(struct rootfs *rootfs);

// lowerdir=…,upperdir=…,workdir=… with what the kernel's and libfuse's parsers would cut escaped.
void rootfs_layer_options(const struct spec *spec, struct buffer *options);

#endif
