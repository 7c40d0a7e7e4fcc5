// Records "LENGTH KEY=VALUE\n", see tar_pax.h. Lengths are untrusted: each is checked against what is really there.
#include "tar_pax.h"

#include "tar_number.h"

#define XATTR_PREFIX "SCHILY.xattr."

struct record {
  const char *key, *value;
  size_t size; // of value
};

// An empty value takes a record back (POSIX), which for a single header means it says nothing.
static const char *text_of(const struct record *record) { return record->size > 0 ? record->value : NULL; }

static bool number_of(const struct tar_pax_target *target, const struct record *record, uint64_t *number) {
  if (record->size == 0) return false;
  if (io_parse_u64(record->value, INT64_MAX, number) < 0) tar_input_bad(target->input, "bad number in a pax header");
  return true;
}

static bool time_of(const struct tar_pax_target *target, const struct record *record, struct timespec *time) {
  if (record->size == 0) return false;
  if (tar_time(record->value, time) < 0) tar_input_bad(target->input, "bad time in a pax header");
  return true;
}

static void add_xattr(struct tar_xattrs *xattrs, struct tar_xattr xattr) {
  if (xattrs->count == xattrs->capacity) {
    xattrs->capacity = xattrs->capacity == 0 ? 8 : xattrs->capacity * 2;
    xattrs->items = xrealloc_array(xattrs->items, xattrs->capacity, sizeof *xattrs->items);
  }
  xattrs->items[xattrs->count++] = xattr;
}

// Sparse format 0.0 repeats the pair GNU.sparse.offset, GNU.sparse.numbytes for every piece.
static void add_sparse_size(const struct tar_pax_target *target, const struct record *record) {
  struct tar_pax *pax = target->pax;
  uint64_t size;
  if (!pax->has_sparse_offset || !number_of(target, record, &size)) tar_input_bad(target->input, "bad sparse map");
  tar_sparse_add(target->sparse, target->input, (struct tar_segment){pax->sparse_offset, size});
  pax->has_sparse_offset = false;
}

static void take_sparse(const struct tar_pax_target *target, const char *key, const struct record *record) {
  struct tar_pax *pax = target->pax;
  if (strcmp(key, "major") == 0) pax->has_sparse_version = number_of(target, record, &pax->sparse_major);
  else if (strcmp(key, "minor") == 0) (void)number_of(target, record, &pax->sparse_minor);
  else if (strcmp(key, "name") == 0) pax->sparse_name = text_of(record);
  else if (strcmp(key, "map") == 0) pax->sparse_list = text_of(record);
  else if (strcmp(key, "size") == 0 || strcmp(key, "realsize") == 0)
    pax->has_sparse_size = number_of(target, record, &pax->sparse_size);
  else if (strcmp(key, "offset") == 0) pax->has_sparse_offset = number_of(target, record, &pax->sparse_offset);
  else if (strcmp(key, "numbytes") == 0) add_sparse_size(target, record);
}

static void take_record(const struct tar_pax_target *target, const struct record *record) {
  struct tar_pax *pax = target->pax;
  const char *key = record->key;
  if (strncmp(key, XATTR_PREFIX, strlen(XATTR_PREFIX)) == 0) {
    add_xattr(target->xattrs, (struct tar_xattr){key + strlen(XATTR_PREFIX), record->value, record->size});
    return;
  }
  // Only an attribute's value may be binary. A NUL elsewhere would make us see another name than other readers do.
  if (strlen(record->value) != record->size) tar_input_bad(target->input, "NUL in a pax header");
  if (strcmp(key, "path") == 0) pax->path = text_of(record);
  else if (strcmp(key, "linkpath") == 0) pax->link = text_of(record);
  else if (strcmp(key, "size") == 0) pax->has_size = number_of(target, record, &pax->size);
  else if (strcmp(key, "uid") == 0) pax->has_uid = number_of(target, record, &pax->uid);
  else if (strcmp(key, "gid") == 0) pax->has_gid = number_of(target, record, &pax->gid);
  else if (strcmp(key, "mtime") == 0) pax->has_mtime = time_of(target, record, &pax->mtime);
  else if (strncmp(key, "GNU.sparse.", 11) == 0) take_sparse(target, key + 11, record);
}

void tar_pax_parse(const struct tar_pax_target *target, struct buffer *data) {
  char *next = data->data, *end = data->data + data->length;
  while (next < end) {
    uint64_t length;
    size_t digits = tar_decimal(next, &length); // the buffer's own NUL stops it at the latest
    if (digits == 0 || next[digits] != ' ' || length > (uint64_t)(end - next) || length < digits + 3)
      tar_input_bad(target->input, "bad record length in a pax header");
    char *key = next + digits + 1, *last = next + length - 1;
    char *equals = memchr(key, '=', (size_t)(last - key));
    if (*last != '\n' || equals == NULL || equals == key || memchr(key, '\0', (size_t)(equals - key)) != NULL)
      tar_input_bad(target->input, "bad record in a pax header");
    *equals = '\0';
    *last = '\0';
    take_record(target, &(struct record){.key = key, .value = equals + 1, .size = (size_t)(last - equals - 1)});
    next = last + 1;
  }
}
