// Overlay's view of layers, by looking into each, see layer_stack.h.
#include "layer_stack.h"

#include "safe_path.h"
#include "whiteout.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>

enum { OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

// What one layer says of a path. Hidden: nothing of the layers below is shown there either.
enum answer { ANSWER_NOTHING, ANSWER_FOUND, ANSWER_HIDDEN };

static _Noreturn void fail(const char *path) {
  char shown[SAFE_SHOWN_SIZE];
  int error = errno;
  die(CODE_HOST, "read layers: %s: %s", safe_shown(path, shown), strerror(error));
}

void layer_stack_open(struct layer_stack *stack, char *const *paths, size_t count) {
  *stack = (struct layer_stack){.roots = xcalloc(count + 1, sizeof(int)), .count = count};
  for (size_t i = 0; i < count; i++)
    if ((stack->roots[i] = open(paths[i], OPEN_DIRECTORY)) < 0) fail(paths[i]);
}

void layer_stack_close(struct layer_stack *stack) {
  for (size_t i = 0; i < stack->count; i++) io_close(&stack->roots[i]);
  free(stack->roots);
  *stack = (struct layer_stack){0};
}

struct place {
  int directory; // of the layer; open whatever the answer
  char base[NAME_MAX + 1];
  struct stat status;
  bool is_below_opaque; // the layers below have no say here
};

static enum answer not_there(const struct place *place) {
  return place->is_below_opaque ? ANSWER_HIDDEN : ANSWER_NOTHING;
}

// Looks into one layer.
static enum answer look(int root, const char *path, struct place *place) {
  *place = (struct place){.directory = openat(root, ".", OPEN_DIRECTORY), .base = "."};
  for (const char *rest = path;; rest += strcspn(rest, "/"), rest += strspn(rest, "/")) {
    if (place->directory < 0) fail(path);
    size_t length = strcspn(rest, "/");
    if (length > NAME_MAX) return not_there(place);
    if (length > 0) memcpy(place->base, rest, length), place->base[length] = '\0';
    if (fstatat(place->directory, place->base, &place->status, AT_SYMLINK_NOFOLLOW) < 0) {
      if (errno != ENOENT) fail(path);
      return not_there(place);
    }
    if (whiteout_is(&place->status)) return ANSWER_HIDDEN;
    if (rest[length] == '\0') return ANSWER_FOUND;
    if (!S_ISDIR(place->status.st_mode)) return ANSWER_HIDDEN;
    AUTO_CLOSE int next = openat(place->directory, place->base, OPEN_DIRECTORY);
    if (next < 0) fail(path);
    place->is_below_opaque = place->is_below_opaque || whiteout_is_opaque(next);
    io_close(&place->directory);
    place->directory = io_take(&next);
  }
}

bool layer_stack_find(const struct layer_stack *stack, const char *path, struct stat *status, int *directory) {
  for (size_t i = 0; i < stack->count; i++) {
    struct place place;
    enum answer answer = look(stack->roots[i], path, &place);
    AUTO_CLOSE int at = place.directory;
    if (answer == ANSWER_NOTHING) continue;
    if (answer == ANSWER_HIDDEN) return false;
    *status = place.status;
    if (directory != NULL) *directory = io_take(&at);
    return true;
  }
  return false;
}

// One name in one layer; the topmost layer's word on it counts.
struct name {
  char *text;
  size_t layer;
  bool is_hidden;
};

struct names {
  struct name *list;
  size_t count, capacity;
};

static int compare_names(const void *left, const void *right) {
  const struct name *a = left, *b = right;
  int order = strcmp(a->text, b->text);
  return order != 0 ? order : a->layer < b->layer ? -1 : 1;
}

static void add_name(struct names *names, int directory, const char *text, size_t layer) {
  struct stat status;
  if (fstatat(directory, text, &status, AT_SYMLINK_NOFOLLOW) < 0) fail(text);
  if (names->count == names->capacity) {
    names->capacity = names->capacity == 0 ? 64 : names->capacity * 2;
    names->list = xrealloc_array(names->list, names->capacity, sizeof *names->list);
  }
  names->list[names->count++] = (struct name){xstrdup(text), layer, whiteout_is(&status)};
}

// True: the layers below are hidden.
static bool read_directory(struct names *names, const struct place *place, size_t layer) {
  AUTO_CLOSE int fd = openat(place->directory, place->base, OPEN_DIRECTORY);
  if (fd < 0) fail(place->base);
  bool is_opaque = place->is_below_opaque || whiteout_is_opaque(fd);
  DIR *stream = fdopendir(fd);
  if (stream == NULL) fail(place->base);
  for (const struct dirent *found; (errno = 0, found = readdir(stream)) != NULL;)
    if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
      add_name(names, fd, found->d_name, layer);
  if (errno != 0) fail(place->base);
  (void)io_take(&fd); // closed with the stream
  closedir(stream);
  return is_opaque;
}

static void read_all(struct names *names, const struct layer_stack *stack, const char *path) {
  for (size_t layer = 0; layer < stack->count; layer++) {
    struct place place;
    enum answer answer = look(stack->roots[layer], path, &place);
    AUTO_CLOSE int at = place.directory;
    if (answer == ANSWER_NOTHING) continue;
    if (answer == ANSWER_HIDDEN || !S_ISDIR(place.status.st_mode)) return;
    if (read_directory(names, &place, layer)) return;
  }
}

void layer_stack_list(const struct layer_stack *stack, const char *path, void (*each)(void *context, const char *name),
                      void *context) {
  struct names names = {0};
  read_all(&names, stack, path);
  if (names.count > 0) qsort(names.list, names.count, sizeof *names.list, compare_names);
  for (size_t i = 0; i < names.count; i++) {
    bool is_settled = i > 0 && strcmp(names.list[i].text, names.list[i - 1].text) == 0;
    if (!is_settled && !names.list[i].is_hidden) each(context, names.list[i].text);
  }
  for (size_t i = 0; i < names.count; i++) free(names.list[i].text);
  free(names.list);
}
