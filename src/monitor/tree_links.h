// Files with more than one name, and the name each was met under first: how hard links survive a walk through a tree.
#ifndef LICHEN_TREE_LINKS_H
#define LICHEN_TREE_LINKS_H

#include <sys/stat.h>

// Starts as NULL.
typedef void *tree_links;

// The path remembered for that file, or NULL.
const char *tree_links_find(tree_links *links, const struct stat *status);
void tree_links_remember(tree_links *links, const struct stat *status, const char *path);
void tree_links_free(tree_links *links);

#endif
