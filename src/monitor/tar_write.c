// Entries and their data, see tar_write.h. Sparse files: GNU tar manual, "Storing Sparse Files", PAX format 1.0.
#include "tar_write.h"

#include "safe_path.h"
#include "tree_attributes.h"
#include "whiteout.h"

#include <sys/xattr.h>

enum {
  FLUSH_AT = 256 * 1024,
  READ_SIZE = 128 * 1024,
  // Files of /proc and /sys have no size before they are read.
  MAX_UNSIZED = 1 << 20,
};

static _Noreturn void fail(const char *name, const char *action) {
  char shown[SAFE_SHOWN_SIZE];
  int error = errno;
  die(CODE_HOST, "tar: %s: %s: %s", safe_shown(name, shown), action, strerror(error));
}

static void flush(struct tar_writer *writer) {
  if (io_write_all(writer->fd, writer->out.data, writer->out.length) < 0)
    die(CODE_HOST, "tar: write archive: %s", strerror(errno));
  buffer_clear(&writer->out);
}

void tar_write_bytes(struct tar_writer *writer, const struct buffer *bytes) {
  buffer_append(&writer->out, bytes->data, bytes->length);
  if (writer->out.length >= FLUSH_AT) flush(writer);
}

void tar_write_entry(struct tar_writer *writer, const struct tar_header *header) {
  char shown[SAFE_SHOWN_SIZE];
  if (tar_header_append(&writer->out, header, &writer->records) < 0)
    die(CODE_INPUT, "tar: %s: name and attributes are too long for an archive", safe_shown(header->name, shown));
  buffer_clear(&writer->records);
  if (writer->out.length >= FLUSH_AT) flush(writer);
}

static int compare_texts(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_wanted(const char *name, bool is_layer) {
  if (tree_attribute_is_optional(name) || strncmp(name, "system.", strlen("system.")) == 0) return false;
  return !is_layer || !whiteout_owns_xattr(name);
}

// A record's name ends at its first =, and there is no way to say one that all readers know.
static bool can_be_said(const char *name, const char *file) {
  char shown[SAFE_SHOWN_SIZE], shown_name[SAFE_SHOWN_SIZE];
  if (strchr(name, '=') == NULL) return true;
  warn("tar: %s: an archive cannot hold the attribute %s: left out", safe_shown(file, shown), safe_shown(name, shown_name));
  return false;
}

// A capability of version 3 names the user namespace it is for; in an archive it is for whoever unpacks it.
static void make_portable(const char *name, struct buffer *value) {
  enum { VERSION_2_SIZE = 20, VERSION_3_SIZE = 24 };
  if (strcmp(name, "security.capability") != 0 || value->length != VERSION_3_SIZE || value->data[3] != 3) return;
  value->data[3] = 2;
  value->length = VERSION_2_SIZE;
}

void tar_write_attributes(struct tar_writer *writer, int fd, bool is_layer, const char *file) {
  AUTO_BUFFER struct buffer names = {0};
  AUTO_BUFFER struct buffer value = {0};
  ssize_t size = tree_attribute_read(fd, NULL, &names);
  if (size < 0 && errno != ENOTSUP) fail(file, "list attributes");
  size_t count = 0;
  AUTO_FREE char **list = size <= 0 ? NULL : xcalloc((size_t)size, sizeof *list);
  for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names.data + at) + 1) list[count++] = names.data + at;
  if (count > 0) qsort(list, count, sizeof *list, compare_texts);
  for (size_t i = 0; i < count; i++) {
    if (!is_wanted(list[i], is_layer) || !can_be_said(list[i], file)) continue;
    if (tree_attribute_read(fd, list[i], &value) < 0) {
      if (errno == ENODATA) continue; // taken away just now
      fail(file, "read attribute");
    }
    make_portable(list[i], &value);
    char key[TREE_ATTRIBUTE_NAME_SIZE + sizeof "SCHILY.xattr."] = "SCHILY.xattr.";
    strcat(key, list[i]); // the kernel's names are no longer than TREE_ATTRIBUTE_NAME_SIZE
    tar_header_record(&writer->records, key, value.length == 0 ? "" : value.data, value.length);
  }
}

// size bytes from offset on.
static void copy_data(struct tar_writer *writer, int fd, off_t offset, uint64_t size, const char *name) {
  while (size > 0) {
    size_t wanted = size < READ_SIZE ? (size_t)size : READ_SIZE;
    char *into = buffer_grow(&writer->out, wanted);
    ssize_t got = RETRY(pread(fd, into, wanted, offset));
    if (got < 0) fail(name, "read");
    if (got == 0) {
      char shown[SAFE_SHOWN_SIZE];
      warn("tar: %s: became shorter while it was read: its last %llu bytes are zeros", safe_shown(name, shown),
           (unsigned long long)size);
      break;
    }
    writer->out.length += (size_t)got;
    offset += got;
    size -= (uint64_t)got;
    if (writer->out.length >= FLUSH_AT) flush(writer);
  }
  for (; size > 0; flush(writer)) {
    size_t some = size < READ_SIZE ? (size_t)size : READ_SIZE;
    memset(buffer_grow(&writer->out, some), 0, some);
    writer->out.length += some;
    size -= some;
  }
}

struct segment {
  off_t offset, size;
};

// Where the data is. -1: the file system cannot tell, or there is no hole.
static ssize_t find_segments(int fd, off_t size, struct segment **list) {
  size_t count = 0, capacity = 0;
  for (off_t end = 0; end < size;) {
    off_t start = lseek(fd, end, SEEK_DATA);
    if (start < 0 && errno == ENXIO) break; // only a hole is left
    end = start < 0 ? -1 : lseek(fd, start, SEEK_HOLE);
    if (end < 0 || (start == 0 && end >= size)) return -1;
    if (end > size) end = size;
    if (start >= end) break;
    if (count == capacity) {
      capacity = capacity == 0 ? 16 : capacity * 2;
      *list = xrealloc_array(*list, capacity, sizeof **list);
    }
    (*list)[count++] = (struct segment){start, end - start};
  }
  return (ssize_t)count;
}

static void make_map(const struct segment *segments, size_t count, off_t size, struct buffer *map) {
  // A hole at the end is told by an empty piece there.
  bool ends_in_hole = count == 0 || segments[count - 1].offset + segments[count - 1].size < size;
  buffer_printf(map, "%zu\n", count + (ends_in_hole ? 1 : 0));
  for (size_t i = 0; i < count; i++)
    buffer_printf(map, "%lld\n%lld\n", (long long)segments[i].offset, (long long)segments[i].size);
  if (ends_in_hole) buffer_printf(map, "%lld\n0\n", (long long)size);
  tar_header_pad(map, map->length);
}

static void add_record(struct tar_writer *writer, const char *key, const char *text) {
  tar_header_record(&writer->records, key, text, strlen(text));
}

static void write_sparse(struct tar_writer *writer, const struct tar_header *header, int fd,
                         const struct segment *segments, size_t count) {
  AUTO_BUFFER struct buffer map = {0};
  AUTO_BUFFER struct buffer size = {0};
  make_map(segments, count, (off_t)header->size, &map);
  buffer_printf(&size, "%llu", (unsigned long long)header->size);
  add_record(writer, "GNU.sparse.major", "1");
  add_record(writer, "GNU.sparse.minor", "0");
  add_record(writer, "GNU.sparse.name", header->name);
  add_record(writer, "GNU.sparse.realsize", size.data);
  struct tar_header stored = *header;
  stored.name = "GNUSparseFile.0/sparse"; // seen by readers that know nothing of sparse files
  stored.size = map.length;
  for (size_t i = 0; i < count; i++) stored.size += (uint64_t)segments[i].size;
  tar_write_entry(writer, &stored);
  tar_write_bytes(writer, &map);
  for (size_t i = 0; i < count; i++)
    copy_data(writer, fd, segments[i].offset, (uint64_t)segments[i].size, header->name);
  tar_header_pad(&writer->out, stored.size);
}

static void write_unsized(struct tar_writer *writer, const struct tar_header *header, int fd) {
  AUTO_BUFFER struct buffer content = {0};
  struct tar_header sized = *header;
  char *data = buffer_grow(&content, MAX_UNSIZED);
  ssize_t got = io_read_full(fd, data, MAX_UNSIZED);
  if (got < 0) fail(header->name, "read");
  content.length = sized.size = (uint64_t)got;
  tar_write_entry(writer, &sized);
  if (got > 0) tar_write_bytes(writer, &content);
  tar_header_pad(&writer->out, sized.size);
}

void tar_write_file(struct tar_writer *writer, const struct tar_header *header, int fd, const struct stat *status) {
  AUTO_FREE struct segment *segments = NULL;
  bool has_holes = status->st_blocks < status->st_size / 512;
  ssize_t count = has_holes ? find_segments(fd, status->st_size, &segments) : -1;
  if (status->st_size == 0) {
    write_unsized(writer, header, fd);
  } else if (count >= 0) {
    write_sparse(writer, header, fd, segments, (size_t)count);
  } else {
    tar_write_entry(writer, header);
    copy_data(writer, fd, 0, header->size, header->name);
    tar_header_pad(&writer->out, header->size);
  }
}

void tar_write_end(struct tar_writer *writer) {
  static const char zeros[2 * TAR_HEADER_BLOCK];
  buffer_append(&writer->out, zeros, sizeof zeros);
  flush(writer);
  buffer_free(&writer->out);
  buffer_free(&writer->records);
}
