// Which parts of a sparse file the archive holds. Three notations (GNU tar manual, "Storing Sparse Files") become one
// checked list: in order, not overlapping, inside the file, and together exactly as long as the data that follows.
#ifndef LICHEN_TAR_SPARSE_H
#define LICHEN_TAR_SPARSE_H

#include "tar_input.h"

struct tar_segment {
  uint64_t offset, size;
};

struct tar_sparse {
  struct tar_segment *segments;
  size_t count, capacity;
};

// All of these end the program with CODE_INPUT when the map is not a map.
void tar_sparse_add(struct tar_sparse *sparse, const struct tar_input *input, struct tar_segment segment);

// Old GNU: four segments in the header, more in blocks after it.
void tar_sparse_read_gnu(struct tar_sparse *sparse, struct tar_input *input, const unsigned char header[TAR_BLOCK]);

// pax 0.1: "offset,size,offset,size…".
void tar_sparse_parse_list(struct tar_sparse *sparse, const struct tar_input *input, const char *text);

// pax 1.0: lines of decimal numbers in the first blocks of the data, whose length is taken off *stored.
void tar_sparse_read_lines(struct tar_sparse *sparse, struct tar_input *input, uint64_t *stored);

void tar_sparse_check(const struct tar_sparse *sparse, const struct tar_input *input, uint64_t stored, uint64_t size);

#endif
