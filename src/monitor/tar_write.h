// Entries of a tar stream, from files that may change while they are read: an archive is whole, or the program ends with
// an error and without the archive's end. Knows nothing of trees: names are given as the archive shall have them.
#ifndef LICHEN_TAR_WRITE_H
#define LICHEN_TAR_WRITE_H

#include "tar_header.h"

#include <sys/stat.h>

struct tar_writer {
  int fd;
  struct buffer out;     // not yet written
  struct buffer records; // of the entry that comes next: tar_write_attributes() fills them
};

// The extended attributes of an open file, for the entry that comes next: in the order of their names, without those
// of this host (labels, ACLs), and without an overlay's own where it is a layer.
void tar_write_attributes(struct tar_writer *writer, int fd, bool is_layer, const char *name);

// An entry without data. Its records are those collected.
void tar_write_entry(struct tar_writer *writer, const struct tar_header *header);

// A regular file with its data, holes left out. What it loses while it is read comes as zeros, and is told on stderr.
void tar_write_file(struct tar_writer *writer, const struct tar_header *header, int fd, const struct stat *status);

// The archive's end, and everything is written.
void tar_write_end(struct tar_writer *writer);

// Bytes that were made elsewhere (tar_header.h).
void tar_write_bytes(struct tar_writer *writer, const struct buffer *bytes);

#endif
