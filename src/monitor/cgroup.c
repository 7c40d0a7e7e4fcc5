// A /sys/fs/cgroup that the runtime accepts, see cgroup.h.
#include "cgroup.h"

#include "kernel.h"
#include "mountinfo.h"

#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

static bool is_cgroup2(void) {
  struct statfs found;
  return statfs(CGROUP_ROOT, &found) == 0 && (unsigned long)found.f_type == KERNEL_CGROUP2_MAGIC;
}

// Inside another container it is there to look at only: the runtime must not even try to make a group.
static bool is_read_only(void) {
  struct statvfs found;
  return statvfs(CGROUP_ROOT, &found) == 0 && (found.f_flag & ST_RDONLY) != 0;
}

int cgroup_graft(bool *disabled, struct buffer *why) {
  AUTO_MOUNTINFO struct mountinfo cgroup2 = {0};
  if (is_cgroup2() || (mountinfo_find("cgroup2", NULL, &cgroup2) &&
                       mount(cgroup2.mount_point, CGROUP_ROOT, NULL, MS_BIND | MS_REC, NULL) == 0)) {
    *disabled = is_read_only();
    return 0;
  }
  if (mount("cgroup", CGROUP_ROOT, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=64k") < 0) {
    buffer_printf(why, "mount tmpfs: " CGROUP_ROOT ": %s", strerror(errno));
    return -1;
  }
  *disabled = true;
  return 0;
}

const char *cgroup_mode(void) {
  AUTO_MOUNTINFO struct mountinfo found = {0};
  if (is_cgroup2()) return "v2";
  bool two = mountinfo_find("cgroup2", NULL, &found), one = mountinfo_find("cgroup", NULL, &found);
  return two ? "hybrid" : one ? "v1" : "none";
}
