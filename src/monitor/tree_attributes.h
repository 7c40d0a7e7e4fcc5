// Extended attributes of files in trees: all of them but the host's own and what only the initial user namespace may set.
#ifndef LICHEN_TREE_ATTRIBUTES_H
#define LICHEN_TREE_ATTRIBUTES_H

#include "io.h"

enum { TREE_ATTRIBUTE_NAME_SIZE = 256 }; // with its NUL, linux/limits.h

// The names (each ended by NUL), or with a name its value. Their sizes may change between asking and reading.
// -1 with errno.
ssize_t tree_attribute_read(int fd, const char *name, struct buffer *into);

// Security labels and the like, which may differ or be refused without harm. File capabilities are not among them.
bool tree_attribute_is_optional(const char *name);

typedef bool tree_attribute_test(const char *name);

// 1: differ, and name says in which one; 0: the same; -1 with errno. Both open for reading. passes_over (or NULL): names
// that are not compared.
int tree_attributes_differ(int one, int other, tree_attribute_test *passes_over, char name[TREE_ATTRIBUTE_NAME_SIZE]);

#endif
