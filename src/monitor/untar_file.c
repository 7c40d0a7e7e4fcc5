// A regular file of a layer, and the owner and attributes of anything in it.
// Order matters: a write or chown clears setuid bits and file capabilities, everything touches the time.
#include "untar.h"

#include "whiteout.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { DISK_BLOCK = 4096 };

static uint64_t owner_of(const struct untar *untar, const struct tar_entry *entry, const char *name, bool is_group) {
  uint64_t id = is_group ? entry->gid : entry->uid, shifted;
  if (untar->owner.is_said) id = is_group ? untar->owner.gid : untar->owner.uid;
  bool is_mapped = owner_map_shift(&untar->map, is_group, id, &shifted);
  // The largest number is not an id: chown takes it for "leave as it is".
  if (is_mapped && shifted < UINT32_MAX) return shifted;
  char shown[SAFE_SHOWN_SIZE];
  die(CODE_INPUT, "untar: %s: %s %llu %s", safe_shown(name, shown), is_group ? "group" : "owner",
      (unsigned long long)id, is_mapped ? "is not an id" : "is in no --map range");
}

void untar_chown(struct untar *untar, const struct tar_entry *entry, const struct untar_place *place) {
  if (untar->single_owner) return;
  uid_t uid = (uid_t)owner_of(untar, entry, place->name, false);
  gid_t gid = (gid_t)owner_of(untar, entry, place->name, true);
  // An empty base means the directory descriptor itself: the file just written.
  if (fchownat(place->directory, place->base, uid, gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0) return;
  char shown[SAFE_SHOWN_SIZE];
  const char *cause = errno == EINVAL ? "not mapped in this user namespace" : strerror(errno);
  die(CODE_HOST, "untar: %s: chown %u:%u: %s", safe_shown(place->name, shown), uid, gid, cause);
}

// POSIX ACLs (system.*) are left out: ids in them are the archive's, and a default one would spread to what follows.
static bool is_wanted(const struct untar *untar, const char *name) {
  return !(untar->is_layer && whiteout_owns_xattr(name)) && strncmp(name, "system.", strlen("system.")) != 0;
}

void untar_set_xattrs(struct untar *untar, const struct tar_entry *entry, int fd, const char *name) {
  for (size_t i = 0; i < entry->xattr_count; i++) {
    const struct tar_xattr *xattr = &entry->xattrs[i];
    if (is_wanted(untar, xattr->name) && fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0) == 0) continue;
    bool is_refused = !is_wanted(untar, xattr->name) || errno == EPERM || errno == EACCES || errno == ENOTSUP;
    if (!is_refused) untar_fail(name, "set attribute");
    untar->xattrs_skipped++;
  }
}

// Holes cost nothing, but every piece takes whole disk blocks however few bytes it has.
static uint64_t cost_of(const struct tar_entry *entry) {
  if (entry->stored == entry->size) return entry->stored;
  uint64_t cost = 0;
  for (size_t i = 0; i < entry->segment_count; i++)
    if (entry->segments[i].size > 0) cost += (entry->segments[i].size | (DISK_BLOCK - 1)) + 1;
  return cost;
}

static void write_data(struct untar *untar, const struct tar_entry *entry, int fd, const char *name) {
  uint64_t end = 0;
  for (size_t i = 0; i < entry->segment_count; i++) {
    const struct tar_segment *segment = &entry->segments[i];
    if (segment->offset != end && lseek(fd, (off_t)segment->offset, SEEK_SET) < 0) untar_fail(name, "seek");
    end = segment->offset + segment->size;
    const unsigned char *bytes;
    uint64_t left = segment->size;
    for (size_t ready; (ready = tar_data(&untar->reader, left, &bytes)) > 0; left -= ready) {
      if (io_write_all(fd, bytes, ready) < 0) untar_fail(name, "write");
      tar_data_take(&untar->reader, ready);
    }
  }
  if (entry->size != entry->stored && ftruncate(fd, (off_t)entry->size) < 0) untar_fail(name, "set size");
  untar->bytes += entry->stored;
}

bool untar_file(struct untar *untar, const struct tar_entry *entry, const struct untar_place *place) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  AUTO_CLOSE int fd = RETRY(openat(place->directory, place->base, flags, entry->mode & 0777));
  if (fd < 0 && errno == EEXIST) return false;
  if (fd < 0) untar_fail(place->name, "create");
  untar_spend(untar, place->name, cost_of(entry));
  write_data(untar, entry, fd, place->name);
  untar_chown(untar, entry, &(struct untar_place){fd, "", place->name});
  if ((entry->mode & 07000) != 0 && fchmod(fd, entry->mode) < 0) untar_fail(place->name, "chmod");
  untar_set_xattrs(untar, entry, fd, place->name);
  const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, entry->mtime};
  if (futimens(fd, times) < 0) untar_fail(place->name, "set time");
  return true;
}
