// Translating owners, see owner_map.h.
#include "owner_map.h"

void owner_map_add(struct owner_map *map, const char *verb, const char *text) {
  AUTO_FREE char *copy = xstrdup(text);
  char *rest = copy;
  uint64_t numbers[3];
  const char *kind = strsep(&rest, ":");
  bool is_group = strcmp(kind, "gid") == 0;
  bool is_bad = !is_group && strcmp(kind, "uid") != 0;
  for (int i = 0; i < 3 && !is_bad; i++) {
    const char *word = strsep(&rest, ":");
    is_bad = word == NULL || io_parse_u64(word, UINT32_MAX, &numbers[i]) < 0;
  }
  if (is_bad || rest != NULL || numbers[0] + numbers[2] > UINT32_MAX || numbers[1] + numbers[2] > UINT32_MAX)
    die(CODE_USAGE, "%s: --map %s: want uid:INSIDE:SHIFTED:COUNT or gid:INSIDE:SHIFTED:COUNT", verb, text);
  map->ranges = xrealloc_array(map->ranges, map->count + 1, sizeof *map->ranges);
  map->ranges[map->count++] = (struct owner_range){is_group, numbers[0], numbers[1], numbers[2]};
}

void owner_map_free(struct owner_map *map) {
  free(map->ranges);
  *map = (struct owner_map){0};
}

static bool translate(const struct owner_map *map, bool is_group, bool back, uint64_t id, uint64_t *translated) {
  bool has_range = false;
  for (size_t i = 0; i < map->count; i++) {
    const struct owner_range *range = &map->ranges[i];
    if (range->is_group != is_group) continue;
    has_range = true;
    uint64_t from = back ? range->shifted : range->inside, to = back ? range->inside : range->shifted;
    if (id < from || id - from >= range->count) continue;
    *translated = to + (id - from);
    return true;
  }
  *translated = id;
  return !has_range;
}

bool owner_map_shift(const struct owner_map *map, bool is_group, uint64_t inside, uint64_t *shifted) {
  return translate(map, is_group, false, inside, shifted);
}

bool owner_map_unshift(const struct owner_map *map, bool is_group, uint64_t shifted, uint64_t *inside) {
  return translate(map, is_group, true, shifted, inside);
}

struct owner owner_parse(const char *verb, const char *text) {
  AUTO_FREE char *copy = xstrdup(text);
  char *group = strchr(copy, ':');
  uint64_t uid, gid;
  if (group != NULL) *group++ = '\0';
  if (group == NULL || io_parse_u64(copy, UINT32_MAX - 1, &uid) < 0 || io_parse_u64(group, UINT32_MAX - 1, &gid) < 0)
    die(CODE_USAGE, "%s: --owner %s: want UID:GID", verb, text);
  return (struct owner){true, (uint32_t)uid, (uint32_t)gid};
}
