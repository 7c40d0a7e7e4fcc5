// From blocks to entries, see tar_read.h. Layout: POSIX.1-2008 pax "ustar Interchange Format"; GNU tar manual,
// "Basic Tar Format".
#include "tar_read.h"

#include "tar_number.h"

enum {
  MAX_EXTENDED = 1 << 20, // one pax header, GNU long name or long link
  NAME_AT = 0, NAME_SIZE = 100,
  MODE_AT = 100, UID_AT = 108, GID_AT = 116, ID_SIZE = 8,
  SIZE_AT = 124, MTIME_AT = 136, LONG_SIZE = 12,
  CHECKSUM_AT = 148, CHECKSUM_SIZE = 8,
  TYPE_AT = 156,
  LINK_AT = 157, LINK_SIZE = 100,
  MAGIC_AT = 257,
  MAJOR_AT = 329, MINOR_AT = 337,
  PREFIX_AT = 345, PREFIX_SIZE = 155, STAR_PREFIX_SIZE = 131,
  GNU_REAL_SIZE_AT = 483,
};

void tar_open(struct tar_reader *reader, int fd) {
  *reader = (struct tar_reader){0};
  tar_input_open(&reader->input, fd);
}

void tar_close(struct tar_reader *reader) {
  tar_input_close(&reader->input);
  free(reader->xattrs.items);
  free(reader->sparse.segments);
  buffer_free(&reader->pax_data);
  buffer_free(&reader->global_data);
  buffer_free(&reader->long_name);
  buffer_free(&reader->long_link);
}

size_t tar_data(struct tar_reader *reader, uint64_t limit, const unsigned char **bytes) {
  if (reader->left == 0 || limit == 0) return 0;
  return tar_input_peek(&reader->input, limit < reader->left ? limit : reader->left, bytes);
}

void tar_data_take(struct tar_reader *reader, size_t size) {
  tar_input_take(&reader->input, size);
  reader->left -= size;
}

static void skip_data(struct tar_reader *reader) {
  tar_input_skip(&reader->input, reader->left);
  tar_input_skip(&reader->input, reader->padding);
  reader->left = 0;
  reader->padding = 0;
}

static void expect_data(struct tar_reader *reader, uint64_t size) {
  reader->left = size;
  reader->padding = -size & (TAR_BLOCK - 1);
}

static bool is_zero(const unsigned char *block) {
  return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

// Old tars summed signed chars, so both sums are right.
static bool has_checksum(const unsigned char *block) {
  int64_t wanted, plain = 0, with_sign = 0;
  if (tar_number(block + CHECKSUM_AT, CHECKSUM_SIZE, &wanted) < 0) return false;
  for (int i = 0; i < TAR_BLOCK; i++) {
    unsigned char byte = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_SIZE ? ' ' : block[i];
    plain += byte;
    with_sign += (signed char)byte;
  }
  return wanted == plain || wanted == with_sign;
}

static uint64_t number_at(const struct tar_reader *reader, const unsigned char *field, size_t size) {
  int64_t number;
  if (tar_number(field, size, &number) < 0 || number < 0) tar_input_bad(&reader->input, "bad number in a header");
  return (uint64_t)number;
}

static void read_extended(struct tar_reader *reader, const unsigned char *header, struct buffer *into) {
  uint64_t size = number_at(reader, header + SIZE_AT, LONG_SIZE);
  if (size > MAX_EXTENDED) tar_input_bad(&reader->input, "extended header is too long");
  expect_data(reader, size);
  buffer_clear(into);
  buffer_append(into, "", 0);
  const unsigned char *bytes;
  for (size_t ready; (ready = tar_data(reader, reader->left, &bytes)) > 0; tar_data_take(reader, ready))
    buffer_append(into, bytes, ready);
}

static void read_local_pax(struct tar_reader *reader, const unsigned char *header) {
  read_extended(reader, header, &reader->pax_data);
  reader->local = reader->global;
  reader->xattrs.count = 0;
  reader->sparse.count = 0;
  tar_pax_parse(&(struct tar_pax_target){&reader->local, &reader->xattrs, &reader->sparse, &reader->input},
                &reader->pax_data);
  reader->has_pax = true;
}

// Of a global header only owners and times are taken: the rest makes sense for one entry only.
static void read_global_pax(struct tar_reader *reader, const unsigned char *header) {
  read_extended(reader, header, &reader->global_data);
  struct tar_pax said = {0};
  struct tar_xattrs xattrs = {0};
  struct tar_sparse sparse = {0};
  tar_pax_parse(&(struct tar_pax_target){&said, &xattrs, &sparse, &reader->input}, &reader->global_data);
  free(xattrs.items);
  free(sparse.segments);
  struct tar_pax *global = &reader->global;
  if (said.has_uid) global->uid = said.uid, global->has_uid = true;
  if (said.has_gid) global->gid = said.gid, global->has_gid = true;
  if (said.has_mtime) global->mtime = said.mtime, global->has_mtime = true;
  if (!reader->has_pax) reader->local = *global;
}

static void copy_field(char *out, const unsigned char *field, size_t size) {
  size_t length = strnlen((const char *)field, size);
  memcpy(out, field, length);
  out[length] = '\0';
}

static void read_plain_name(struct tar_reader *reader, const unsigned char *header) {
  size_t prefix_size = 0;
  // Only POSIX headers have a prefix; GNU's (magic "ustar  ") keeps other things there, star's is shorter.
  if (memcmp(header + MAGIC_AT, "ustar", 6) == 0)
    prefix_size = memcmp(header + TAR_BLOCK - 4, "tar", 4) == 0 ? STAR_PREFIX_SIZE : PREFIX_SIZE;
  copy_field(reader->name, header + PREFIX_AT, prefix_size);
  size_t length = strlen(reader->name);
  if (length > 0) reader->name[length++] = '/';
  copy_field(reader->name + length, header + NAME_AT, NAME_SIZE);
}

static enum tar_kind kind_of(const struct tar_reader *reader, unsigned char type, const char *name) {
  size_t length = strlen(name);
  switch (type) {
  case '\0':
  case '0':
  case '7': // version 7 archives mark a directory only by its slash
    return length > 0 && name[length - 1] == '/' ? TAR_DIRECTORY : TAR_FILE;
  case 'S': return TAR_FILE;
  case '1': return TAR_HARD_LINK;
  case '2': return TAR_SYMLINK;
  case '3': return TAR_CHAR_DEVICE;
  case '4': return TAR_BLOCK_DEVICE;
  case '5':
  case 'D': return TAR_DIRECTORY;
  case '6': return TAR_FIFO;
  default: tar_input_bad(&reader->input, "unknown type of entry");
  }
}

static void read_owner_and_time(const struct tar_reader *reader, const unsigned char *header, struct tar_entry *entry) {
  const struct tar_pax *pax = &reader->local;
  entry->mode = number_at(reader, header + MODE_AT, ID_SIZE) & 07777;
  entry->uid = pax->has_uid ? pax->uid : number_at(reader, header + UID_AT, ID_SIZE);
  entry->gid = pax->has_gid ? pax->gid : number_at(reader, header + GID_AT, ID_SIZE);
  int64_t seconds = 0;
  if (pax->has_mtime) entry->mtime = pax->mtime;
  else if (tar_number(header + MTIME_AT, LONG_SIZE, &seconds) == 0)
    entry->mtime = (struct timespec){.tv_sec = (time_t)seconds};
  else tar_input_bad(&reader->input, "bad time in a header");
}

// Sets size and segments; afterwards exactly the data of the segments follows in the stream.
static void read_sparse(struct tar_reader *reader, const unsigned char *header, struct tar_entry *entry) {
  const struct tar_pax *pax = &reader->local;
  struct tar_sparse *sparse = &reader->sparse;
  struct tar_input *input = &reader->input;
  if (header[TYPE_AT] == 'S') {
    sparse->count = 0;
    tar_sparse_read_gnu(sparse, input, header);
    entry->size = number_at(reader, header + GNU_REAL_SIZE_AT, LONG_SIZE);
  } else if (pax->has_sparse_version || pax->sparse_list != NULL || sparse->count > 0) {
    bool in_data = pax->has_sparse_version && pax->sparse_major == 1 && pax->sparse_minor == 0;
    if (pax->has_sparse_version && pax->sparse_major != 0 && !in_data) tar_input_bad(input, "unknown sparse format");
    if (!pax->has_sparse_size) tar_input_bad(input, "sparse file without a size");
    if (in_data || pax->sparse_list != NULL) sparse->count = 0;
    if (in_data) tar_sparse_read_lines(sparse, input, &entry->stored);
    else if (pax->sparse_list != NULL) tar_sparse_parse_list(sparse, input, pax->sparse_list);
    entry->size = pax->sparse_size;
  } else {
    sparse->count = 0;
    entry->size = entry->stored;
    if (entry->stored > 0) tar_sparse_add(sparse, input, (struct tar_segment){0, entry->stored});
  }
  tar_sparse_check(sparse, input, entry->stored, entry->size);
  entry->segments = sparse->segments;
  entry->segment_count = sparse->count;
}

static void read_entry(struct tar_reader *reader, const unsigned char *header, struct tar_entry *entry) {
  const struct tar_pax *pax = &reader->local;
  *entry = (struct tar_entry){.xattrs = reader->xattrs.items, .xattr_count = reader->xattrs.count};
  read_plain_name(reader, header);
  copy_field(reader->link, header + LINK_AT, LINK_SIZE);
  entry->name = reader->has_long_name ? reader->long_name.data : pax->path != NULL ? pax->path : reader->name;
  entry->link = reader->has_long_link ? reader->long_link.data : pax->link != NULL ? pax->link : reader->link;
  if (pax->sparse_name != NULL) entry->name = pax->sparse_name;
  entry->kind = kind_of(reader, header[TYPE_AT], entry->name);
  read_owner_and_time(reader, header, entry);
  if (entry->kind == TAR_CHAR_DEVICE || entry->kind == TAR_BLOCK_DEVICE) {
    entry->major = number_at(reader, header + MAJOR_AT, ID_SIZE);
    entry->minor = number_at(reader, header + MINOR_AT, ID_SIZE);
  }
  // Links, directories and devices have no data whatever their size field says (GNU's dump directory has).
  bool has_data = entry->kind == TAR_FILE || header[TYPE_AT] == 'D';
  if (has_data) entry->stored = pax->has_size ? pax->size : number_at(reader, header + SIZE_AT, LONG_SIZE);
  uint64_t padded = entry->stored;
  if (entry->kind == TAR_FILE) read_sparse(reader, header, entry);
  expect_data(reader, entry->stored);
  reader->padding = -padded & (TAR_BLOCK - 1);
}

static void forget_extended(struct tar_reader *reader) {
  reader->has_long_name = reader->has_long_link = reader->has_pax = false;
  reader->local = reader->global;
  reader->xattrs.count = 0;
  reader->sparse.count = 0;
}

// Returns false for a header that only says something about the next one.
static bool read_header(struct tar_reader *reader, const unsigned char *header, struct tar_entry *entry) {
  switch (header[TYPE_AT]) {
  case 'x':
  case 'X': read_local_pax(reader, header); return false;
  case 'g': read_global_pax(reader, header); return false;
  case 'L':
    read_extended(reader, header, &reader->long_name);
    reader->has_long_name = true;
    return false;
  case 'K':
    read_extended(reader, header, &reader->long_link);
    reader->has_long_link = true;
    return false;
  case 'V': // a volume's label
    expect_data(reader, number_at(reader, header + SIZE_AT, LONG_SIZE));
    forget_extended(reader);
    return false;
  default: read_entry(reader, header, entry); return true;
  }
}

bool tar_next(struct tar_reader *reader, struct tar_entry *entry) {
  forget_extended(reader);
  for (;;) {
    skip_data(reader);
    const unsigned char *block = tar_input_peek_block(&reader->input);
    if (block == NULL) tar_input_bad(&reader->input, "no end of archive");
    if (is_zero(block)) {
      if (reader->has_pax || reader->has_long_name || reader->has_long_link)
        tar_input_bad(&reader->input, "extended header without an entry");
      tar_input_drain(&reader->input);
      return false;
    }
    if (!has_checksum(block)) tar_input_bad(&reader->input, "bad checksum");
    unsigned char header[TAR_BLOCK];
    memcpy(header, block, sizeof header); // reading on moves the buffer
    tar_input_take(&reader->input, TAR_BLOCK);
    if (read_header(reader, header, entry)) return true;
  }
}
