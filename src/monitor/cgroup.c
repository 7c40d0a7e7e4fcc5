// A /sys/fs/cgroup that the runtime accepts, see cgroup.h.
#include "cgroup.h"

#include "kernel.h"
#include "mountinfo.h"

#include <sys/mount.h>
#include <sys/vfs.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

static bool is_cgroup2(void) {
  struct statfs found;
  return statfs(CGROUP_ROOT, &found) == 0 && (unsigned long)found.f_type == KERNEL_CGROUP2_MAGIC;
}

int cgroup_graft(bool *disabled, struct buffer *why) {
  AUTO_MOUNTINFO struct mountinfo cgroup2 = {0};
  if (is_cgroup2()) return 0;
  if (mountinfo_find("cgroup2", NULL, &cgroup2) &&
      mount(cgroup2.mount_point, CGROUP_ROOT, NULL, MS_BIND | MS_REC, NULL) == 0)
    return 0;
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
