// `untar`: one layer's archive from stdin into an empty directory, or any archive into a directory of a container that
// may be running (--into), as the root of a user namespace. The archive is hostile until proven otherwise: it can fill
// neither more than --max-bytes nor anything outside the directory; so is what lives in the container.
#include "untar.h"

#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>

_Noreturn void untar_refuse(const char *name, const char *cause) {
  char shown[SAFE_SHOWN_SIZE];
  die(CODE_INPUT, "untar: %s: %s", safe_shown(name, shown), cause);
}

static int code_of(int error) {
  switch (error) {
  case ENAMETOOLONG:
  case ELOOP:
  case ENOTDIR:
  case EISDIR:
  case ENOENT:
  case EEXIST:
  case EFBIG:
  case EINVAL:
  case EMLINK:
  case EILSEQ: return CODE_INPUT;
  default: return CODE_HOST;
  }
}

_Noreturn void untar_fail(const char *name, const char *action) {
  char shown[SAFE_SHOWN_SIZE];
  int error = errno;
  die(code_of(error), "untar: %s: %s: %s", safe_shown(name, shown), action, strerror(error));
}

void untar_spend(struct untar *untar, const char *name, uint64_t bytes) {
  char shown[SAFE_SHOWN_SIZE];
  if (__builtin_add_overflow(untar->spent, bytes, &untar->spent) || untar->spent > untar->max_bytes)
    die(CODE_LIMIT, "untar: %s: layer is larger than %llu bytes", safe_shown(name, shown),
        (unsigned long long)untar->max_bytes);
  if (untar->entries + untar->root.created > untar->max_entries)
    die(CODE_LIMIT, "untar: %s: layer has more than %llu entries", safe_shown(name, shown),
        (unsigned long long)untar->max_entries);
}

static void finish_directories(struct untar *untar) {
  for (size_t i = 0; i < untar->directory_count; i++) {
    const struct untar_directory *late = &untar->directories[i];
    const char *base;
    int parent = safe_parent(&untar->root, late->name, false, &base);
    AUTO_CLOSE int fd = parent < 0 ? -1 : openat(parent, base[0] == '\0' ? "." : base,
                                                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) continue; // replaced by a later entry
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, late->mtime};
    if (fd < 0 || fchmod(fd, late->mode) < 0 || futimens(fd, times) < 0) untar_fail(late->name, "finish directory");
  }
}

static void unpack(struct untar *untar) {
  struct tar_entry entry;
  while (tar_next(&untar->reader, &entry)) {
    untar->entries++;
    untar_spend(untar, entry.name, TAR_BLOCK);
    untar_entry(untar, &entry);
  }
  finish_directories(untar);
}

static uint64_t parse_limit(const char *option, const char *text) {
  uint64_t limit;
  if (io_parse_u64(text, UINT64_MAX, &limit) < 0) die(CODE_USAGE, "untar: %s %s: want a number", option, text);
  return limit;
}

static void parse_options(struct untar *untar, int argc, char **argv) {
  static const struct option options[] = {
      {"map", required_argument, NULL, 'm'},         {"single-owner", no_argument, NULL, 's'},
      {"max-bytes", required_argument, NULL, 'b'},   {"max-entries", required_argument, NULL, 'e'},
      {"owner", required_argument, NULL, 'o'},       {"into", no_argument, NULL, 'i'},
      {"overwrite", no_argument, NULL, 'f'},         {"no-devices", no_argument, NULL, 'd'},
      {NULL, 0, NULL, 0},
  };
  opterr = 0;
  untar->is_layer = true;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 'm') owner_map_add(&untar->map, "untar", optarg);
    else if (option == 's') untar->single_owner = true;
    else if (option == 'b') untar->max_bytes = parse_limit("--max-bytes", optarg);
    else if (option == 'e') untar->max_entries = parse_limit("--max-entries", optarg);
    else if (option == 'o') untar->owner = owner_parse("untar", optarg);
    else if (option == 'i') untar->is_layer = false;
    else if (option == 'f') untar->overwrite = true;
    else if (option == 'd') untar->skips_devices = true;
    else die(CODE_USAGE, "untar: %s: unknown option or missing value", argv[optind - 1]);
  }
  if (untar->single_owner && (untar->map.count > 0 || untar->owner.is_said))
    die(CODE_USAGE, "untar: --map: contradicts --single-owner");
  if (untar->is_layer && untar->overwrite) die(CODE_USAGE, "untar: --overwrite: goes with --into only");
  if (untar->is_layer && optind != argc - 1) die(CODE_USAGE, "untar: arguments: want one DIR");
  if (!untar->is_layer && optind != argc - 2) die(CODE_USAGE, "untar: arguments: want ROOT and PATH");
}

// What lies in the directory already could not be told from what the archive puts there.
static void require_empty(const struct untar *untar, const char *path) {
  int fd = openat(untar->root.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  if (stream == NULL) die(CODE_HOST, "untar: %s: %s", path, strerror(errno));
  for (const struct dirent *found; (found = readdir(stream)) != NULL;)
    if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
      die(CODE_HOST, "untar: %s: not empty", path);
  closedir(stream);
}

static void report(const struct untar *untar) {
  AUTO_BUFFER struct buffer line = {0};
  buffer_printf(&line, "entries=%llu bytes=%llu devices_skipped=%llu xattrs_skipped=%llu\n",
                (unsigned long long)untar->entries, (unsigned long long)untar->bytes,
                (unsigned long long)untar->devices_skipped, (unsigned long long)untar->xattrs_skipped);
  if (io_write_all(STDOUT_FILENO, line.data, line.length) < 0) die(CODE_HOST, "untar: stdout: %s", strerror(errno));
}

static void sync_layer(const char *path) {
  AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || syncfs(fd) < 0) die(CODE_HOST, "untar: %s: sync: %s", path, strerror(errno));
}

static void free_all(struct untar *untar) {
  for (size_t i = 0; i < untar->directory_count; i++) free(untar->directories[i].name);
  free(untar->directories);
  owner_map_free(&untar->map);
  buffer_free(&untar->name);
  buffer_free(&untar->link);
  tar_close(&untar->reader);
  safe_close(&untar->root);
}

static void unpack_layer(struct untar *untar, const char *path) {
  if (safe_open(&untar->root, path) < 0) die(CODE_HOST, "untar: %s: %s", path, strerror(errno));
  untar->root.is_layer = true;
  require_empty(untar, path);
  unpack(untar);
  sync_layer(path);
}

static void unpack_into(struct untar *untar, const char *root, const char *path) {
  if (safe_open_below(&untar->root, root, path) < 0) die(CODE_HOST, "untar: %s: %s", path, strerror(errno));
  unpack(untar);
}

int untar_main(int argc, char **argv) {
  struct untar untar = {.max_bytes = UINT64_MAX, .max_entries = UINT64_MAX};
  parse_options(&untar, argc, argv);
  umask(0);
  tar_open(&untar.reader, STDIN_FILENO);
  if (untar.is_layer) unpack_layer(&untar, argv[optind]);
  else unpack_into(&untar, argv[optind], argv[optind + 1]);
  report(&untar);
  free_all(&untar);
  return CODE_OK;
}
