// Feeds `untar` every prefix of an archive and seeded mutations of it, built with sanitizers. A case is wrong when the
// process dies, hangs, says anything but one line, or changes a byte outside its directory.
// Usage: untar-fuzz SCRATCH SEED COUNT [into] < ARCHIVE; into: as into a container's root, by --into. Prints the number of cases, or which one was wrong; that one is kept
// as SCRATCH/wrong.tar. Thousands of cases share a child process, with die() made to come back (and to leak): a fork
// each takes 2 ms with sanitizers. Linked with --wrap=die.
#include "io.h"
#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { BLOCK = 512, CHECKSUM_AT = 148, MAGIC_AT = 257, SECONDS = 10, MAX_ARCHIVE = 1 << 20, SHARE = 4096 };

static const char *const words[] = {
    "../",        "/",          "./",         "..",       ".wh.",      ".wh..wh..opq", "d/file",
    "d/link",     "d",          "outside",    "77777777777", "-1",     "0",            "9223372036854775807",
    "4294967295", "99 path=x\n", "\x80\0\0\0\0\0\0\1", "\xff\xff\xff\xff\xff\xff\xff\xff",
    "SCHILY.xattr.user.", "GNU.sparse.map",
};
// Where a header has a name, a number or a map.
static const size_t fields[] = {0, 100, 108, 116, 124, 136, 157, 329, 345, 386, 483};
static const char types[] = "0123456789xgLKSDVNMXA";

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static size_t below(uint64_t *state, size_t limit) { return limit == 0 ? 0 : next_random(state) % limit; }

static void sign_header(unsigned char *header) {
  unsigned sum = 0;
  memset(header + CHECKSUM_AT, ' ', 8);
  for (int i = 0; i < BLOCK; i++) sum += header[i];
  snprintf((char *)header + CHECKSUM_AT, 8, "%06o", sum);
}

// Most mutants keep right checksums: wrong ones are refused at once and would test nothing else.
static void sign_headers(unsigned char *data, size_t size) {
  for (size_t at = 0; at + BLOCK <= size; at += BLOCK)
    if (memcmp(data + at + MAGIC_AT, "ustar", 5) == 0) sign_header(data + at);
}

static void move_block(unsigned char *data, size_t size, uint64_t *state) {
  size_t blocks = size / BLOCK;
  size_t from = below(state, blocks), to = below(state, blocks);
  unsigned char kept[BLOCK];
  memcpy(kept, data + from * BLOCK, BLOCK);
  if (below(state, 2) == 0) memcpy(data + from * BLOCK, data + to * BLOCK, BLOCK);
  memcpy(data + to * BLOCK, kept, BLOCK);
}

static void mutate_once(unsigned char *data, size_t size, uint64_t *state) {
  size_t at = below(state, size);
  size_t header = at / BLOCK * BLOCK;
  const char *word = words[below(state, sizeof words / sizeof *words)];
  size_t length = strlen(word) > 0 ? strlen(word) : 8;
  switch (below(state, 6)) {
  case 0: data[at] ^= (unsigned char)(1 << below(state, 8)); break;
  case 1: data[at] = (unsigned char)next_random(state); break;
  case 2: data[header + 156] = (unsigned char)types[below(state, sizeof types - 1)]; break;
  case 3: move_block(data, size, state); break;
  case 4: at = header + fields[below(state, sizeof fields / sizeof *fields)]; // fall through
  default:
    if (at + length <= size) memcpy(data + at, word, length);
  }
}

static size_t mutate(unsigned char *data, size_t size, uint64_t *state) {
  for (size_t left = 1 + below(state, 6); left > 0; left--) mutate_once(data, size, state);
  if (below(state, 16) != 0) sign_headers(data, size);
  return below(state, 8) == 0 ? below(state, size) : size;
}

// What die() was told, and where to go on.
static jmp_buf after_death;
static char last_words[4096];

_Noreturn void __wrap_die(int code, const char *format, ...) PRINTF_LIKE(2, 3);
_Noreturn void __wrap_die(int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(last_words, sizeof last_words, format, arguments);
  va_end(arguments);
  longjmp(after_death, code == 0 ? 99 : code);
}

// Thousands of them would test nothing but the disk.
int syncfs(int fd) {
  (void)fd;
  return 0;
}

static _Noreturn void give_up(const char *what) {
  dprintf(STDERR_FILENO, "untar-fuzz: %s\n", what);
  _exit(99);
}

static bool goes_into;

static int unpack(const void *data, size_t size) {
  int fd = memfd_create("archive", 0);
  if (fd < 0 || io_write_all(fd, data, size) < 0 || lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, STDIN_FILENO) < 0)
    give_up("cannot make an archive");
  char *layer[] = {"untar", "--max-bytes", "4000000", "layer", NULL};
  char *tree[] = {"untar", "--max-bytes", "4000000", "--into", "--overwrite", "layer", "/", NULL};
  int code = setjmp(after_death);
  optind = 0; // glibc: getopt starts anew
  if (code == 0) code = goes_into ? untar_main(7, tree) : untar_main(4, layer);
  close_range(STDERR_FILENO + 1, ~0U, 0); // what the death left open
  return code;
}

static bool is_untouched(void) {
  AUTO_BUFFER struct buffer text = {0};
  if (io_read_file(AT_FDCWD, "outside", &text, 100) < 0 || strcmp(text.data, "untouched") != 0) return false;
  int others = 0;
  DIR *here = opendir(".");
  for (const struct dirent *found; here != NULL && (found = readdir(here)) != NULL;)
    others += found->d_name[0] != '.' && strcmp(found->d_name, "outside") != 0 && strcmp(found->d_name, "layer") != 0;
  if (here != NULL) closedir(here);
  return others == 0;
}

static bool is_right(int code) {
  if (code == CODE_OK) return last_words[0] == '\0';
  bool is_known = code == CODE_INPUT || code == CODE_HOST || code == CODE_LIMIT;
  return is_known && strncmp(last_words, "untar: ", 7) == 0 && strchr(last_words, '\n') == NULL;
}

// wanted: the exit code, or -1 when any but a crash will do.
static void try_case(const unsigned char *data, size_t size, int wanted) {
  last_words[0] = '\0';
  alarm(SECONDS);
  int code = unpack(data, size);
  bool is_wanted = wanted < 0 || code == wanted;
  if (is_wanted && is_right(code) && is_untouched() && tree_remove("layer") == 0 && mkdir("layer", 0755) == 0) return;
  dprintf(STDERR_FILENO, "untar-fuzz: code %d: %s\n", code, last_words);
  _exit(99);
}

struct input {
  unsigned char *data; // shared with the parent, which writes down the one that was wrong
  size_t *size;
  const struct buffer *archive;
};

static void try_prefix(const struct input *input, size_t size) {
  memcpy(input->data, input->archive->data, size);
  *input->size = size;
  // One block of zeros is an end; the archive is written with two.
  try_case(input->data, size, size + BLOCK >= input->archive->length ? CODE_OK : CODE_INPUT);
}

static void try_mutant(const struct input *input, uint64_t seed) {
  uint64_t state = seed * 0x9e3779b97f4a7c15 | 1;
  memcpy(input->data, input->archive->data, input->archive->length);
  *input->size = mutate(input->data, input->archive->length, &state);
  try_case(input->data, *input->size, -1);
}

// One child's share. first counts from 0: the prefixes come before the mutants.
static _Noreturn void try_some(const struct input *input, uint64_t seed, uint64_t first, uint64_t end) {
  (void)tree_remove("layer");
  if (dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO) < 0 || mkdir("layer", 0755) < 0) give_up("cannot start");
  uint64_t prefixes = input->archive->length + 1;
  for (uint64_t i = first; i < end; i++) {
    if (i < prefixes) try_prefix(input, (size_t)i);
    else try_mutant(input, seed + (i - prefixes));
  }
  _exit(0);
}

static int run_some(const struct input *input, uint64_t seed, uint64_t first, uint64_t end) {
  pid_t pid = fork();
  if (pid == 0) try_some(input, seed, first, end);
  int status = -1;
  if (waitpid(pid, &status, 0) < 0) give_up(strerror(errno));
  return status;
}

static void *shared(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) give_up("no shared memory");
  return memory;
}

int main(int argc, char **argv) {
  uint64_t seed = 0, count = 0;
  struct buffer archive = {0};
  goes_into = argc == 5 && strcmp(argv[4], "into") == 0;
  if (argc != 4 + goes_into || io_parse_u64(argv[2], UINT64_MAX, &seed) < 0 || io_parse_u64(argv[3], UINT64_MAX, &count) < 0)
    give_up("want SCRATCH SEED COUNT");
  ssize_t got = io_read_full(STDIN_FILENO, buffer_grow(&archive, MAX_ARCHIVE), MAX_ARCHIVE);
  if (got < 0 || chdir(argv[1]) < 0) give_up(strerror(errno));
  archive.length = (size_t)got;
  struct input input = {.data = shared(MAX_ARCHIVE), .size = shared(sizeof(size_t)), .archive = &archive};
  uint64_t cases = archive.length + 1 + count;
  for (uint64_t first = 0; first < cases; first += SHARE) {
    int status = run_some(&input, seed, first, first + SHARE < cases ? first + SHARE : cases);
    if (status == 0) continue;
    struct buffer wrong = {.data = (char *)input.data, .length = *input.size};
    (void)io_replace_file(AT_FDCWD, "wrong.tar", &wrong, false);
    dprintf(STDERR_FILENO, "untar-fuzz: case of %zu bytes: wait status %d\n", *input.size, status);
    return 1;
  }
  printf("%llu\n", (unsigned long long)cases);
  buffer_free(&archive);
  return 0;
}
