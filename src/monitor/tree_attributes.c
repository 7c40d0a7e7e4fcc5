// Reading and comparing extended attributes, see tree_attributes.h.
#include "tree_attributes.h"

#include <sys/xattr.h>

ssize_t tree_attribute_read(int fd, const char *name, struct buffer *into) {
  for (;;) {
    ssize_t size = name == NULL ? flistxattr(fd, NULL, 0) : fgetxattr(fd, name, NULL, 0);
    buffer_clear(into);
    if (size <= 0) return size;
    buffer_grow(into, (size_t)size);
    size = name == NULL ? flistxattr(fd, into->data, (size_t)size) : fgetxattr(fd, name, into->data, (size_t)size);
    if (size < 0 && errno == ERANGE) continue;
    if (size >= 0) into->length = (size_t)size;
    return size;
  }
}

bool tree_attribute_is_optional(const char *name) {
  return strcmp(name, "security.capability") != 0 &&
         (strncmp(name, "security.", 9) == 0 || strncmp(name, "trusted.", 8) == 0);
}

// Whether one has something that other has not, or has as something else: tree_attributes_differ in one direction.
static int lacks(int one, int other, tree_attribute_test *passes_over, char which[TREE_ATTRIBUTE_NAME_SIZE]) {
  AUTO_BUFFER struct buffer names = {0};
  AUTO_BUFFER struct buffer value = {0};
  AUTO_BUFFER struct buffer wanted = {0};
  ssize_t size = tree_attribute_read(one, NULL, &names);
  if (size < 0) return errno == ENOTSUP ? 0 : -1;
  for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names.data + at) + 1) {
    const char *name = names.data + at;
    if (tree_attribute_is_optional(name) || (passes_over != NULL && passes_over(name))) continue;
    ssize_t length = tree_attribute_read(one, name, &wanted);
    if (length < 0) return -1;
    ssize_t found = tree_attribute_read(other, name, &value);
    if (found < 0 && errno != ENODATA) return -1;
    if (found == length && (length == 0 || memcmp(value.data, wanted.data, (size_t)length) == 0)) continue;
    memcpy(which, name, strlen(name) + 1);
    return 1;
  }
  return 0;
}

int tree_attributes_differ(int one, int other, bool (*passes_over)(const char *name),
                           char name[TREE_ATTRIBUTE_NAME_SIZE]) {
  int differs = lacks(one, other, passes_over, name);
  return differs == 0 ? lacks(other, one, passes_over, name) : differs;
}
