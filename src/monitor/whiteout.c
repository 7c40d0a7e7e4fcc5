// Whiteouts and opaque directories on disk, see whiteout.h.
#include "whiteout.h"

#include "io.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define OPAQUE_XATTR "user.overlay.opaque"

bool whiteout_is(const struct stat *status) { return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0); }

int whiteout_make(int dirfd, const char *name) { return mknodat(dirfd, name, S_IFCHR, makedev(0, 0)); }

int whiteout_set_opaque(int directory) {
  AUTO_CLOSE int fd = RETRY(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd < 0) return -1;
  return fsetxattr(fd, OPAQUE_XATTR, "y", 1, 0);
}

bool whiteout_is_opaque(int fd) {
  char value[2];
  return fgetxattr(fd, OPAQUE_XATTR, value, sizeof value) == 1 && value[0] == 'y';
}

bool whiteout_owns_xattr(const char *name) {
  static const char *const prefixes[] = {"user.overlay.", "trusted.overlay.", "user.fuseoverlayfs.",
                                         "user.containers.override_stat"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) return true;
  return false;
}
