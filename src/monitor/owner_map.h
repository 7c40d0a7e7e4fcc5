// Owners in an archive and owners on disk (`--map uid:INSIDE:SHIFTED:COUNT`): ids inside… of the archive are shifted… on
// disk. Without a range for a kind its ids stay as they are.
#ifndef LICHEN_OWNER_MAP_H
#define LICHEN_OWNER_MAP_H

#include "io.h"

struct owner_range {
  bool is_group;
  uint64_t inside, shifted, count;
};

struct owner_map {
  struct owner_range *ranges;
  size_t count;
};

// uid:INSIDE:SHIFTED:COUNT or gid:… Ends the program with CODE_USAGE, `VERB: --map TEXT: …`.
void owner_map_add(struct owner_map *map, const char *verb, const char *text);
void owner_map_free(struct owner_map *map);

// false: in no range.
bool owner_map_shift(const struct owner_map *map, bool is_group, uint64_t inside, uint64_t *shifted);
bool owner_map_unshift(const struct owner_map *map, bool is_group, uint64_t shifted, uint64_t *inside);

// UID:GID. Ends the program with CODE_USAGE, `VERB: --owner TEXT: …`.
struct owner {
  bool is_said;
  uint32_t uid, gid;
};
struct owner owner_parse(const char *verb, const char *text);

#endif
