// Entering the shared user namespace under its lock, see userns.h.
#include "userns.h"

#include "kernel.h"
#include "userns_maps.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

static int split_map(struct userns_maps *maps, char *value) {
  maps->words = xrealloc_array(maps->words, maps->count + 3, sizeof *maps->words);
  for (int index = 0; index < 3; index++) {
    uint64_t number;
    char *space = strchr(value, ' ');
    if ((space != NULL) != (index < 2)) return -1;
    if (space != NULL) *space = '\0';
    if (io_parse_u64(value, UINT32_MAX, &number) < 0 || (index == 2 && number == 0)) return -1;
    maps->words[maps->count++] = value;
    if (space != NULL) value = space + 1;
  }
  return 0;
}

int userns_accept(struct userns_request *request, const char *key, char *value, const char **why) {
  if (strcmp(key, "userns_dir") == 0) {
    if (request->dir != NULL) return *why = "given twice", -1;
    if (value[0] != '/') return *why = "not an absolute path", -1;
    request->dir = value;
    return 1;
  }
  if (strcmp(key, "idmap") == 0) {
    if (request->idmap != NULL) return *why = "given twice", -1;
    if (strcmp(value, "newuidmap") != 0 && strcmp(value, "direct") != 0) return *why = "not newuidmap or direct", -1;
    request->idmap = value;
    return 1;
  }
  bool uid = strcmp(key, "uidmap") == 0;
  if (!uid && strcmp(key, "gidmap") != 0) return 0;
  if (split_map(uid ? &request->uid : &request->gid, value) < 0) return *why = "not INSIDE OUTSIDE COUNT", -1;
  return 1;
}

const char *userns_missing(const struct userns_request *request) {
  bool maps = request->uid.count > 0 && request->gid.count > 0;
  if (request->dir == NULL) {
    // Maps without a place for the namespace would silently run everything as the caller.
    return request->idmap != NULL || request->uid.count > 0 || request->gid.count > 0 ? "userns_dir" : NULL;
  }
  return request->idmap == NULL ? "idmap" : maps ? NULL : request->uid.count == 0 ? "uidmap" : "gidmap";
}

int userns_join_fd(int fd) {
  struct stat theirs, ours;
  if (fstat(fd, &theirs) < 0 || stat("/proc/self/ns/user", &ours) < 0) return -1;
  if (theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev) return 0; // setns(2) refuses our own: EINVAL
  return setns(fd, CLONE_NEWUSER);
}

// Joins through the registration of a living monitor. The open file pins the namespace, so the holder may die in
// between; the inode and the owner are checked because its pid may already be somebody else's.
static int join_entry(int mon_dirfd, const char *entry) {
  AUTO_BUFFER struct buffer inode = {0};
  char path[64];
  uint64_t pid, registered;
  uid_t owner;
  struct stat found;
  if (io_parse_u64(entry, INT32_MAX, &pid) < 0 || io_read_file(mon_dirfd, entry, &inode, 32) < 0 ||
      io_parse_u64(inode.data, UINT64_MAX, &registered) < 0)
    return -1;
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
  AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &found) < 0 || found.st_ino != registered) return -1;
  if (ioctl(fd, KERNEL_NS_GET_OWNER_UID, &owner) < 0 || owner != geteuid()) return -1;
  return setns(fd, CLONE_NEWUSER);
}

static bool join_any(int mon_dirfd) {
  int copy = fcntl(mon_dirfd, F_DUPFD_CLOEXEC, 3);
  DIR *list = copy < 0 ? NULL : fdopendir(copy);
  bool joined = false;
  if (list == NULL) {
    if (copy >= 0) close(copy);
    return false;
  }
  for (struct dirent *entry; !joined && (entry = readdir(list)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    joined = join_entry(mon_dirfd, entry->d_name) == 0;
    if (!joined) unlinkat(mon_dirfd, entry->d_name, 0); // stale: its monitor was killed
  }
  closedir(list);
  return joined;
}

static int register_us_in(int mon_dirfd) {
  AUTO_BUFFER struct buffer inode = {0};
  struct stat ours;
  char name[16];
  if (stat("/proc/self/ns/user", &ours) < 0) return -1;
  snprintf(name, sizeof name, "%d", (int)getpid());
  buffer_printf(&inode, "%llu", (unsigned long long)ours.st_ino);
  // Half an entry after a kill does no harm: it does not name the inode, so it is stale. No rename needed.
  AUTO_CLOSE int fd = openat(mon_dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  return fd < 0 ? -1 : io_write_all(fd, inode.data, inode.length);
}

static int open_dir_made(int parent, const char *path) {
  if (mkdirat(parent, path, 0700) < 0 && errno != EEXIST) return -1;
  return openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int host_failure(struct buffer *why, const char *what, const char *object) {
  int cause = errno;
  buffer_printf(why, "%s: %s: %s", what, object, strerror(cause));
  return -1;
}

int userns_enter(const struct userns_request *request, bool register_us, struct buffer *why) {
  if (request->dir == NULL) return 0;
  AUTO_CLOSE int dirfd = open_dir_made(AT_FDCWD, request->dir);
  if (dirfd < 0) return host_failure(why, "open", request->dir);
  AUTO_CLOSE int mon_dirfd = open_dir_made(dirfd, "mon");
  AUTO_CLOSE int lock = openat(dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (mon_dirfd < 0 || lock < 0) return host_failure(why, "open", request->dir);
  if (RETRY(flock(lock, LOCK_EX)) < 0) return host_failure(why, "lock", request->dir);

  if (!join_any(mon_dirfd) && userns_make(request, why) < 0) return -1;
  // setgroups is not called: where it is denied (single-id map) nothing else would work either.
  if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) return host_failure(why, "become", "root of the namespace");
  if (register_us && register_us_in(mon_dirfd) < 0) return host_failure(why, "register", request->dir);
  return 0;
}

void userns_unregister(const struct userns_request *request) {
  if (request->dir == NULL) return;
  AUTO_BUFFER struct buffer path = {0};
  buffer_printf(&path, "%s/mon/%d", request->dir, (int)getpid());
  unlink(path.data);
}
