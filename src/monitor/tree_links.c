// First names of files, by what they are on disk, see tree_links.h.
#include "tree_links.h"

#include "io.h"

#include <search.h>

struct group {
  dev_t dev;
  ino_t ino;
  char *path;
};

static int compare(const void *left, const void *right) {
  const struct group *a = left, *b = right;
  if (a->dev != b->dev) return a->dev < b->dev ? -1 : 1;
  return a->ino == b->ino ? 0 : a->ino < b->ino ? -1 : 1;
}

static void free_group(void *node) {
  struct group *group = node;
  free(group->path);
  free(group);
}

const char *tree_links_find(tree_links *links, const struct stat *status) {
  struct group key = {.dev = status->st_dev, .ino = status->st_ino};
  struct group **known = tfind(&key, links, compare);
  return known == NULL ? NULL : (*known)->path;
}

void tree_links_remember(tree_links *links, const struct stat *status, const char *path) {
  struct group *group = xcalloc(1, sizeof *group);
  *group = (struct group){.dev = status->st_dev, .ino = status->st_ino, .path = xstrdup(path)};
  if (tsearch(group, links, compare) == NULL) die(CODE_HOST, "allocate: memory: %s", strerror(errno));
}

void tree_links_free(tree_links *links) {
  tdestroy(*links, free_group);
  *links = NULL;
}
