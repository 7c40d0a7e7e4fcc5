// The three notations of a sparse map, see tar_sparse.h.
#include "tar_sparse.h"

#include "tar_number.h"

enum {
  // 16 MB of memory: more pieces than any file that was not made to hurt us.
  MAX_SEGMENTS = 1 << 20,
  SEGMENT_FIELDS = 24, // offset and size, 12 bytes each
  HEADER_SEGMENTS = 4,
  HEADER_SEGMENTS_AT = 386,
  HEADER_MORE_AT = 482,
  BLOCK_SEGMENTS = 21,
  BLOCK_MORE_AT = 504,
};

void tar_sparse_add(struct tar_sparse *sparse, const struct tar_input *input, struct tar_segment segment) {
  if (sparse->count == MAX_SEGMENTS) tar_input_bad(input, "sparse map is too long");
  if (sparse->count == sparse->capacity) {
    sparse->capacity = sparse->capacity == 0 ? 64 : sparse->capacity * 2;
    sparse->segments = xrealloc_array(sparse->segments, sparse->capacity, sizeof *sparse->segments);
  }
  sparse->segments[sparse->count++] = segment;
}

static void add_fields(struct tar_sparse *sparse, const struct tar_input *input, const unsigned char *field,
                       int count) {
  for (int i = 0; i < count; i++, field += SEGMENT_FIELDS) {
    if (field[0] == '\0') return; // unused places are zeroed; a real offset is never empty
    int64_t offset, size;
    if (tar_number(field, 12, &offset) < 0 || tar_number(field + 12, 12, &size) < 0 || offset < 0 || size < 0)
      tar_input_bad(input, "bad number in a sparse map");
    tar_sparse_add(sparse, input, (struct tar_segment){(uint64_t)offset, (uint64_t)size});
  }
}

void tar_sparse_read_gnu(struct tar_sparse *sparse, struct tar_input *input, const unsigned char header[TAR_BLOCK]) {
  add_fields(sparse, input, header + HEADER_SEGMENTS_AT, HEADER_SEGMENTS);
  bool more = header[HEADER_MORE_AT] != 0;
  while (more) {
    const unsigned char *block = tar_input_peek_block(input);
    if (block == NULL) tar_input_bad(input, "truncated");
    add_fields(sparse, input, block, BLOCK_SEGMENTS);
    more = block[BLOCK_MORE_AT] != 0;
    tar_input_take(input, TAR_BLOCK);
  }
}

void tar_sparse_parse_list(struct tar_sparse *sparse, const struct tar_input *input, const char *text) {
  struct tar_segment segment = {0};
  for (int place = 0; *text != '\0'; place ^= 1) {
    uint64_t *number = place == 0 ? &segment.offset : &segment.size;
    size_t digits = tar_decimal(text, number);
    if (digits == 0 || (text[digits] != ',' && text[digits] != '\0')) tar_input_bad(input, "bad sparse map");
    if (place == 1) tar_sparse_add(sparse, input, segment);
    text += digits;
    bool is_last = *text == '\0';
    if (!is_last) text++;
    if (is_last ? place == 0 : *text == '\0') tar_input_bad(input, "bad sparse map");
  }
}

// Cuts lines out of blocks; a number may begin in one block and end in the next.
struct line_reader {
  struct tar_input *input;
  const unsigned char *block;
  size_t at;
  uint64_t *stored;
};

static unsigned char next_byte(struct line_reader *reader) {
  if (reader->block == NULL || reader->at == TAR_BLOCK) {
    if (reader->block != NULL) tar_input_take(reader->input, TAR_BLOCK);
    if (*reader->stored < TAR_BLOCK) tar_input_bad(reader->input, "sparse map is longer than its file");
    *reader->stored -= TAR_BLOCK;
    reader->block = tar_input_peek_block(reader->input);
    if (reader->block == NULL) tar_input_bad(reader->input, "truncated");
    reader->at = 0;
  }
  return reader->block[reader->at++];
}

static uint64_t next_line(struct line_reader *reader) {
  char digits[32];
  size_t length = 0;
  for (unsigned char byte; (byte = next_byte(reader)) != '\n';) {
    if (byte == '\0' || length == sizeof digits - 1) tar_input_bad(reader->input, "bad number in a sparse map");
    digits[length++] = (char)byte;
  }
  digits[length] = '\0';
  uint64_t number;
  if (io_parse_u64(digits, INT64_MAX, &number) < 0) tar_input_bad(reader->input, "bad number in a sparse map");
  return number;
}

void tar_sparse_read_lines(struct tar_sparse *sparse, struct tar_input *input, uint64_t *stored) {
  struct line_reader reader = {.input = input, .stored = stored};
  for (uint64_t left = next_line(&reader); left > 0; left--) {
    uint64_t offset = next_line(&reader);
    tar_sparse_add(sparse, input, (struct tar_segment){offset, next_line(&reader)});
  }
  tar_input_take(input, TAR_BLOCK); // the rest of the block is padding
}

void tar_sparse_check(const struct tar_sparse *sparse, const struct tar_input *input, uint64_t stored, uint64_t size) {
  uint64_t end = 0, sum = 0;
  for (size_t i = 0; i < sparse->count; i++) {
    const struct tar_segment *segment = &sparse->segments[i];
    if (segment->offset < end) tar_input_bad(input, "sparse map overlaps itself");
    if (__builtin_add_overflow(segment->offset, segment->size, &end) || end > size)
      tar_input_bad(input, "sparse map goes beyond the file");
    sum += segment->size; // cannot overflow: the segments are disjoint and inside size
  }
  if (sum != stored) tar_input_bad(input, "sparse map does not fit the data");
}
