// One file of a layer into the flattened tree: by shared blocks where the file system can, else in the kernel, else by
// hand; holes stay holes.
#include "tree_copy.h"

#include "tree_attributes.h"
#include "whiteout.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

#define FICLONE _IOW(0x94, 9, int) // linux/fs.h

enum { CHUNK = 128 * 1024 };

static bool is_not_supported(int error) {
  return error == EPERM || error == ENOTSUP || error == EXDEV || error == EINVAL || error == ENOSYS || error == ENOTTY;
}

static ssize_t copy_by_hand(int from, int to, off_t offset, size_t size) {
  AUTO_FREE char *chunk = xrealloc_array(NULL, CHUNK, 1);
  ssize_t got = RETRY(pread(from, chunk, size < CHUNK ? size : CHUNK, offset));
  if (got <= 0) return got;
  if (lseek(to, offset, SEEK_SET) < 0 || io_write_all(to, chunk, (size_t)got) < 0) return -1;
  return got;
}

static int copy_range(int from, int to, off_t offset, off_t end) {
  bool by_hand = false;
  while (offset < end) {
    off_t in = offset, out = offset;
    size_t size = (size_t)(end - offset);
    ssize_t done = by_hand ? copy_by_hand(from, to, offset, size)
                           : RETRY(copy_file_range(from, &in, to, &out, size, 0));
    // Some file systems answer 0 for what they cannot copy in the kernel.
    if (!by_hand && (done == 0 || (done < 0 && is_not_supported(errno)))) {
      by_hand = true;
      continue;
    }
    if (done < 0) return -1;
    if (done == 0) return 0; // the file became shorter
    offset += done;
  }
  return 0;
}

static int copy_data(struct tree_copy *copy, int from, int to, const struct stat *status) {
  if (status->st_size == 0) return 0;
  if (copy->can_clone) {
    if (ioctl(to, FICLONE, from) == 0) return 0;
    if (!is_not_supported(errno)) return -1;
    copy->can_clone = false;
  }
  if (status->st_blocks >= status->st_size / 512) return copy_range(from, to, 0, status->st_size);
  for (off_t end = 0; end < status->st_size;) {
    off_t start = lseek(from, end, SEEK_DATA);
    if (start < 0 && errno == ENXIO) break; // only a hole is left
    end = start < 0 ? -1 : lseek(from, start, SEEK_HOLE);
    if (end < 0) return copy_range(from, to, 0, status->st_size);
    if (copy_range(from, to, start, end) < 0) return -1;
  }
  return ftruncate(to, status->st_size);
}

void tree_copy_clear_xattrs(int to) {
  AUTO_BUFFER struct buffer names = {0};
  ssize_t size = tree_attribute_read(to, NULL, &names);
  for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names.data + at) + 1)
    (void)fremovexattr(to, names.data + at); // what cannot be removed (a security label) is the host's
}

// The host's own labels stay behind, everything else must go along.
int tree_copy_xattrs(int from, int to) {
  AUTO_BUFFER struct buffer names = {0};
  AUTO_BUFFER struct buffer value = {0};
  ssize_t size = tree_attribute_read(from, NULL, &names);
  if (size < 0) return errno == ENOTSUP ? 0 : -1;
  for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names.data + at) + 1) {
    const char *name = names.data + at;
    if (whiteout_owns_xattr(name)) continue;
    ssize_t length = tree_attribute_read(from, name, &value);
    if (length >= 0 && fsetxattr(to, name, length == 0 ? "" : value.data, (size_t)length, 0) == 0) continue;
    if (!tree_attribute_is_optional(name)) return -1;
  }
  return 0;
}

static int copy_regular(struct tree_copy *copy, const char *name, const struct stat *status) {
  AUTO_CLOSE int to = openat(copy->to.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (to < 0) return -1;
  AUTO_CLOSE int from = openat(copy->from.fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (from < 0) tree_copy_fail(copy, name, "open");
  if (copy_data(copy, from, to, status) < 0) tree_copy_fail(copy, name, "copy data");
  // The order of untar: owners and data take setuid bits and capabilities away.
  if (fchown(to, status->st_uid, status->st_gid) < 0) tree_copy_fail(copy, name, "chown");
  if (fchmod(to, status->st_mode & 07777) < 0) tree_copy_fail(copy, name, "chmod");
  if (tree_copy_xattrs(from, to) < 0) tree_copy_fail(copy, name, "copy attributes");
  const struct timespec times[2] = {status->st_atim, status->st_mtim};
  if (futimens(to, times) < 0) tree_copy_fail(copy, name, "set time");
  return 0;
}

static int copy_symlink(struct tree_copy *copy, const char *name) {
  char target[PATH_MAX];
  ssize_t size = readlinkat(copy->from.fd, name, target, sizeof target - 1);
  if (size < 0) tree_copy_fail(copy, name, "read link");
  target[size] = '\0';
  return symlinkat(target, copy->to.fd, name);
}

int tree_copy_file(struct tree_copy *copy, const char *name, const struct stat *status) {
  if (S_ISREG(status->st_mode)) return copy_regular(copy, name, status);
  bool is_link = S_ISLNK(status->st_mode);
  int made = is_link ? copy_symlink(copy, name) : mknodat(copy->to.fd, name, status->st_mode, status->st_rdev);
  if (made < 0 && errno == EEXIST) return -1;
  if (made < 0) tree_copy_fail(copy, name, "create");
  if (fchownat(copy->to.fd, name, status->st_uid, status->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
    tree_copy_fail(copy, name, "chown");
  if (!is_link && fchmodat(copy->to.fd, name, status->st_mode & 07777, 0) < 0) tree_copy_fail(copy, name, "chmod");
  const struct timespec times[2] = {status->st_atim, status->st_mtim};
  if (utimensat(copy->to.fd, name, times, AT_SYMLINK_NOFOLLOW) < 0) tree_copy_fail(copy, name, "set time");
  return 0;
}
