// What the parts of `tar` share: the archive being written, and how a file of a tree becomes an entry of it.
#ifndef LICHEN_TAR_PACK_H
#define LICHEN_TAR_PACK_H

#include "owner_map.h"
#include "tar_write.h"
#include "tree_links.h"

// A directory of a layer that is no change: written only when something in it is, so that unpacking keeps what it is.
struct tar_held {
  size_t depth; // of the walk, where the directory's name was met
  struct buffer bytes;
};

struct tar_pack {
  struct tar_writer writer;
  struct owner_map map;
  struct owner owner; // of everything, when it is said
  bool is_layer;
  bool crosses_mounts;
  const char *name;   // what the top is called in the archive; NULL: it has no entry, and its contents are at the top
  tree_links links;
  struct buffer entry_name;
  struct tar_held *held;
  size_t held_count, held_capacity;
};

// `tar: NAME: ACTION: errno`, ends with CODE_HOST.
_Noreturn void tar_pack_fail(const char *name, const char *action);

// One file, as entry_name (a directory's without its slash). Sockets are left out: an archive has no word for them.
// directory and name: where it is; "" is the open file directory itself.
void tar_pack_file(struct tar_pack *pack, int directory, const char *name, const struct stat *status);

// The directory's entry is kept for tar_pack_release(), which the walk at `depth` calls before it writes anything.
void tar_pack_hold(struct tar_pack *pack, size_t depth, int directory, const char *name, const struct stat *status);
void tar_pack_release(struct tar_pack *pack, size_t depth);
void tar_pack_forget_held(struct tar_pack *pack, size_t depth);

// A container's changes as an OCI layer.
void tar_pack_layer(struct tar_pack *pack, const char *form, const char *tree, char *const *layers, size_t count);

#endif
