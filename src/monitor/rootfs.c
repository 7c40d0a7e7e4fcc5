// Mounting and unmounting a container's root file system, see rootfs.h.
#include "rootfs.h"

#include "fuse.h"
#include "in_root.h"
#include "tree.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

static int failure(struct buffer *why, const char *verb, const char *object) {
  int cause = errno;
  buffer_printf(why, "%s: %s: %s", verb, object, strerror(cause));
  return -1;
}

int rootfs_unshare_mounts(struct buffer *why) {
  if (unshare(CLONE_NEWNS) < 0) return failure(why, "unshare", "mount namespace");
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) return failure(why, "make slave", "/");
  return 0;
}

static void append_escaped(struct buffer *options, const char *path) {
  for (; *path != '\0'; path++) {
    if (strchr("\\,:", *path) != NULL) buffer_append(options, "\\", 1);
    buffer_append(options, path, 1);
  }
}

void rootfs_layer_options(const struct spec *spec, struct buffer *options) {
  buffer_printf(options, "lowerdir=");
  for (size_t index = 0; index < spec->lower.count; index++) {
    if (index > 0) buffer_append(options, ":", 1);
    append_escaped(options, spec->lower.list[index]);
  }
  buffer_printf(options, ",upperdir=");
  append_escaped(options, spec->upper);
  buffer_printf(options, ",workdir=");
  append_escaped(options, spec->work);
  if (spec->is_volatile) buffer_printf(options, ",volatile");
}

// A volatile mount leaves this mark, and overlayfs then refuses the next one. The flag is only given to containers
// whose data nobody needs after a crash, so the mark says nothing we do not know.
static int remove_volatile_mark(const struct spec *spec, struct buffer *why) {
  AUTO_BUFFER struct buffer mark = {0};
  buffer_printf(&mark, "%s/work/incompat", spec->work);
  if (tree_remove(mark.data) < 0) return failure(why, "remove", mark.data);
  return 0;
}

static int mount_overlay(const struct spec *spec, struct buffer *why) {
  AUTO_BUFFER struct buffer options = {0};
  rootfs_layer_options(spec, &options);
  buffer_printf(&options, ",userxattr");
  if (options.length >= 4096) {
    buffer_printf(why, "mount: overlay: the options take %zu bytes, the kernel takes 4095", options.length);
    return -1;
  }
  // Short names relative to the layers' directory keep many layers below that limit.
  if (chdir(spec->layers_dir) < 0) return failure(why, "enter", spec->layers_dir);
  int mounted = mount("overlay", spec->merged, "overlay", MS_NODEV, options.data);
  if (mounted < 0) failure(why, "mount overlay", spec->merged);
  if (chdir("/") < 0) return failure(why, "enter", "/"); // also pins nothing
  return mounted;
}

int rootfs_mount(const struct spec *spec, struct rootfs *rootfs, struct buffer *why) {
  if (spec->storage != STORAGE_DIR) {
    if (spec->upper_owned && lchown(spec->upper, spec->upper_uid, spec->upper_gid) < 0)
      return failure(why, "chown", spec->upper);
    if (remove_volatile_mark(spec, why) < 0) return -1;
    int mounted = spec->storage == STORAGE_OVERLAY ? mount_overlay(spec, why)
                                                   : fuse_mount(spec, &rootfs->fuse_pid, why);
    if (mounted < 0) return -1;
    rootfs->mounted = true;
  }
  // For fuse this is also the proof that the daemon answers.
  rootfs->merged_fd = open(spec->merged, O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct stat root;
  if (rootfs->merged_fd >= 0 && fstat(rootfs->merged_fd, &root) == 0) return 0;
  failure(why, "open", spec->merged);
  if (rootfs->mounted) umount2(spec->merged, MNT_DETACH);
  rootfs->mounted = false;
  return -1;
}

int rootfs_read_files(const struct spec *spec, const struct rootfs *rootfs, struct buffer *payload,
                      struct buffer *why) {
  for (size_t index = 0; index < spec->read.count; index++)
    if (in_root_append_file(rootfs->merged_fd, spec->read.list[index], payload, why) < 0) return -1;
  return 0;
}

void rootfs_unmount(struct rootfs *rootfs) {
  if (rootfs->mounted) {
    // By descriptor: remove_dir may have been renamed, and the path is gone then. The descriptor itself keeps the
    // mount busy, hence lazily; closing it right after ends the mount.
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", rootfs->merged_fd);
    if (umount2(path, MNT_DETACH) < 0) warn("unmount: rootfs: %s", strerror(errno));
    rootfs->mounted = false;
  }
  io_close(&rootfs->merged_fd);
}
