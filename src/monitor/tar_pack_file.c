// From a file on disk to an entry, see tar_pack.h.
#include "tar_pack.h"

#include "safe_path.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>

_Noreturn void tar_pack_fail(const char *name, const char *action) {
  char shown[SAFE_SHOWN_SIZE];
  int error = errno;
  die(CODE_HOST, "tar: %s: %s: %s", safe_shown(name, shown), action, strerror(error));
}

static uint64_t owner_of(const struct tar_pack *pack, bool is_group, uint64_t id) {
  uint64_t inside;
  if (pack->owner.is_said) return is_group ? pack->owner.gid : pack->owner.uid;
  if (owner_map_unshift(&pack->map, is_group, id, &inside)) return inside;
  char shown[SAFE_SHOWN_SIZE];
  die(CODE_HOST, "tar: %s: %s %llu is in no --map range", safe_shown(pack->entry_name.data, shown),
      is_group ? "group" : "owner", (unsigned long long)id);
}

static struct tar_header header_of(struct tar_pack *pack, char type, const struct stat *status) {
  return (struct tar_header){
      .type = type,
      .name = pack->entry_name.data,
      .link = "",
      .mode = status->st_mode & 07777,
      .uid = owner_of(pack, false, status->st_uid),
      .gid = owner_of(pack, true, status->st_gid),
      .mtime = status->st_mtim,
  };
}

// No unpacker can place a longer one.
static void check_name(const struct tar_pack *pack) {
  char shown[SAFE_SHOWN_SIZE];
  if (pack->entry_name.length >= PATH_MAX)
    die(CODE_INPUT, "tar: %s: name is too long", safe_shown(pack->entry_name.data, shown));
}

// -1 with errno ENOENT: it is gone, or something else by now.
static int open_for_reading(int directory, const char *name, mode_t kind, struct stat *status) {
  enum { HOW = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
  AUTO_CLOSE int fd = name[0] == '\0' ? open(path, HOW) : openat(directory, name, HOW | O_NOFOLLOW);
  if (fd < 0 && (errno == ELOOP || errno == ENXIO || errno == ENODEV)) errno = ENOENT;
  if (fd < 0 || fstat(fd, status) < 0) return -1;
  if ((status->st_mode & S_IFMT) == kind) return io_take(&fd);
  errno = ENOENT;
  return -1;
}

static void pack_regular(struct tar_pack *pack, int directory, const char *name, const struct stat *met) {
  struct stat status; // what the name meant a moment ago need not be what is open
  AUTO_CLOSE int fd = open_for_reading(directory, name, S_IFREG, &status);
  if (fd < 0 && errno == ENOENT) return;
  if (fd < 0) tar_pack_fail(pack->entry_name.data, "open");
  const char *first = met->st_nlink > 1 ? tree_links_find(&pack->links, &status) : NULL;
  struct tar_header header = header_of(pack, first == NULL ? '0' : '1', &status);
  if (first != NULL) {
    header.link = first;
    tar_write_entry(&pack->writer, &header);
    return;
  }
  header.size = (uint64_t)status.st_size;
  tar_write_attributes(&pack->writer, fd, pack->is_layer, header.name);
  tar_write_file(&pack->writer, &header, fd, &status);
  if (status.st_nlink > 1) tree_links_remember(&pack->links, &status, header.name);
}

static void pack_link(struct tar_pack *pack, int directory, const char *name, const struct stat *status) {
  char target[PATH_MAX];
  ssize_t size = readlinkat(directory, name, target, sizeof target - 1);
  if (size < 0 && (errno == ENOENT || errno == EINVAL)) return;
  if (size < 0) tar_pack_fail(pack->entry_name.data, "read link");
  target[size] = '\0';
  struct tar_header header = header_of(pack, '2', status);
  header.link = target;
  tar_write_entry(&pack->writer, &header);
}

// False: it is gone. The header's name is the directory's with its slash.
static bool read_directory(struct tar_pack *pack, int directory, const char *name, struct tar_header *header) {
  struct stat status;
  AUTO_CLOSE int fd = open_for_reading(directory, name, S_IFDIR, &status);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return false;
  if (fd < 0) tar_pack_fail(pack->entry_name.data, "open");
  tar_write_attributes(&pack->writer, fd, pack->is_layer, pack->entry_name.data);
  buffer_append(&pack->entry_name, "/", 1);
  *header = header_of(pack, '5', &status);
  return true;
}

void tar_pack_file(struct tar_pack *pack, int directory, const char *name, const struct stat *status) {
  struct tar_header header;
  check_name(pack);
  switch (status->st_mode & S_IFMT) {
  case S_IFREG: pack_regular(pack, directory, name, status); break;
  case S_IFLNK: pack_link(pack, directory, name, status); break;
  case S_IFDIR:
    if (read_directory(pack, directory, name, &header)) tar_write_entry(&pack->writer, &header);
    break;
  case S_IFSOCK: break;
  default:
    header = header_of(pack, S_ISFIFO(status->st_mode) ? '6' : S_ISCHR(status->st_mode) ? '3' : '4', status);
    header.major = S_ISFIFO(status->st_mode) ? 0 : major(status->st_rdev);
    header.minor = S_ISFIFO(status->st_mode) ? 0 : minor(status->st_rdev);
    tar_write_entry(&pack->writer, &header);
  }
}

void tar_pack_hold(struct tar_pack *pack, size_t depth, int directory, const char *name, const struct stat *status) {
  struct tar_header header;
  (void)status;
  check_name(pack);
  if (!read_directory(pack, directory, name, &header)) return;
  if (pack->held_count == pack->held_capacity) {
    pack->held_capacity = pack->held_capacity == 0 ? 16 : pack->held_capacity * 2;
    pack->held = xrealloc_array(pack->held, pack->held_capacity, sizeof *pack->held);
  }
  struct tar_held *held = &pack->held[pack->held_count++];
  *held = (struct tar_held){.depth = depth};
  if (tar_header_append(&held->bytes, &header, &pack->writer.records) < 0)
    die(CODE_INPUT, "tar: %s: name and attributes are too long for an archive", header.name);
  buffer_clear(&pack->writer.records);
}

void tar_pack_forget_held(struct tar_pack *pack, size_t depth) {
  while (pack->held_count > 0 && pack->held[pack->held_count - 1].depth >= depth)
    buffer_free(&pack->held[--pack->held_count].bytes);
}

void tar_pack_release(struct tar_pack *pack, size_t depth) {
  tar_pack_forget_held(pack, depth);
  for (size_t i = 0; i < pack->held_count; i++) {
    tar_write_bytes(&pack->writer, &pack->held[i].bytes);
    buffer_free(&pack->held[i].bytes);
  }
  pack->held_count = 0;
}
