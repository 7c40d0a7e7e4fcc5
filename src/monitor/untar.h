// What the parts of `untar` share: the layer being made, and how it may fail.
#ifndef LICHEN_UNTAR_H
#define LICHEN_UNTAR_H

#include "owner_map.h"
#include "safe_path.h"
#include "tar_read.h"

// Directories get mode and time when everything is in them.
struct untar_directory {
  char *name;
  uint32_t mode;
  struct timespec mtime;
};

struct untar {
  struct safe_root root;
  struct tar_reader reader;
  bool is_layer;      // whiteouts mean something; else this goes into a tree that is in use
  bool overwrite;     // a directory may take the place of something else, and the other way round
  bool skips_devices; // fifos are made
  struct owner_map map;
  struct owner owner; // of everything, when it is said
  bool single_owner;
  uint64_t max_bytes, max_entries;
  uint64_t spent; // towards max_bytes
  uint64_t entries, bytes, devices_skipped, xattrs_skipped;
  struct untar_directory *directories;
  size_t directory_count, directory_capacity;
  struct buffer name, link; // of the current entry, normalized
};

// A place in the layer: the directory and the name in it (name.base is "." for the layer's root).
struct untar_place {
  int directory;
  const char *base;
  const char *name; // whole, for messages
};

// `untar: NAME: CAUSE`, ends with CODE_INPUT.
_Noreturn void untar_refuse(const char *name, const char *cause);

// `untar: NAME: ACTION: errno`; what the archive asked for is CODE_INPUT, anything else CODE_HOST.
_Noreturn void untar_fail(const char *name, const char *action);

// Counts towards --max-bytes; ends with CODE_LIMIT before anything is written.
void untar_spend(struct untar *untar, const char *name, uint64_t bytes);

// Puts one entry where it belongs.
void untar_entry(struct untar *untar, const struct tar_entry *entry);

// A regular file, complete: data, owner, mode, attributes, time. The name must be free (EEXIST: false).
bool untar_file(struct untar *untar, const struct tar_entry *entry, const struct untar_place *place);

// Owner by --map and --single-owner, set on a name that is never followed.
void untar_chown(struct untar *untar, const struct tar_entry *entry, const struct untar_place *place);

// fd is open for reading or writing.
void untar_set_xattrs(struct untar *untar, const struct tar_entry *entry, int fd, const char *name);

#endif
