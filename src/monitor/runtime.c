// Calling crun or runc, see runtime.h.
#include "runtime.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define WORD_LIMIT 20

struct words_of {
  const char *list[WORD_LIMIT];
  size_t count;
};

static void say(struct words_of *words, const char *word) { words->list[words->count++] = word; }

static bool is_runc(const char *program) {
  const char *slash = strrchr(program, '/');
  return strncmp(slash + 1, "runc", 4) == 0;
}

// The part that every call begins with. log must live until the call was made; NULL: stderr is the log.
static void say_common(const struct runtime *runtime, struct words_of *words, struct buffer *log) {
  say(words, runtime->spec->runtime);
  say(words, "--root");
  say(words, runtime->spec->runtime_root);
  if (log != NULL && !runtime->log_gone) {
    // crun takes what stands before a colon for the kind of the log, which runc does not know of.
    bool has_colon = strchr(runtime->spec->run_dir, ':') != NULL && !is_runc(runtime->spec->runtime);
    buffer_printf(log, "%s%s/oci.log", has_colon ? "file:" : "", runtime->spec->run_dir);
    say(words, "--log");
    say(words, log->data);
    say(words, "--log-format");
    say(words, "json");
  }
  if (runtime->cgroup_manager == NULL) return;
  if (is_runc(runtime->spec->runtime)) {
    // runc has another word for the one thing it can be told here.
    if (strcmp(runtime->cgroup_manager, "systemd") == 0) say(words, "--systemd-cgroup");
    return;
  }
  say(words, "--cgroup-manager");
  say(words, runtime->cgroup_manager);
}

static struct command command_of(struct words_of *words, const struct runtime_stdio *stdio) {
  say(words, NULL);
  return (struct command){.argv = (char *const *)(uintptr_t)words->list,
                          .in = stdio->in,
                          .out = stdio->out,
                          .err = stdio->err,
                          .kept_from = stdio->kept_from,
                          .kept = stdio->kept};
}

// create and start die with their parent: a container that nobody watches is worse than none. delete goes on.
static pid_t call(struct words_of *words, const struct runtime_stdio *stdio, bool dies_with_us) {
  struct command command = command_of(words, stdio);
  command.dies_with_us = dies_with_us;
  return process_spawn(&command);
}

static const struct runtime_stdio nothing = {.in = -1, .out = -1, .err = -1};

pid_t runtime_create(const struct runtime *runtime, const struct runtime_stdio *stdio, const char *console_path) {
  AUTO_BUFFER struct buffer log = {0}, pid_file = {0};
  struct words_of words = {.count = 0};
  buffer_printf(&pid_file, "%s/pid", runtime->spec->run_dir);
  say_common(runtime, &words, &log);
  say(&words, "create");
  say(&words, "--bundle");
  say(&words, runtime->spec->bundle);
  say(&words, "--pid-file");
  say(&words, pid_file.data);
  if (console_path != NULL) {
    say(&words, "--console-socket");
    say(&words, console_path);
  }
  char kept[16];
  if (stdio->kept > 0) {
    snprintf(kept, sizeof kept, "%d", stdio->kept);
    say(&words, "--preserve-fds");
    say(&words, kept);
  }
  say(&words, runtime->spec->id);
  return call(&words, stdio, true);
}

pid_t runtime_start(const struct runtime *runtime) {
  AUTO_BUFFER struct buffer log = {0};
  struct words_of words = {.count = 0};
  say_common(runtime, &words, &log);
  say(&words, "start");
  say(&words, runtime->spec->id);
  return call(&words, &nothing, true);
}

pid_t runtime_delete(const struct runtime *runtime) {
  AUTO_BUFFER struct buffer log = {0};
  struct words_of words = {.count = 0};
  say_common(runtime, &words, &log);
  say(&words, "delete");
  say(&words, "--force");
  say(&words, runtime->spec->id);
  return call(&words, &nothing, false);
}

// Without the log: what the runtime has to say is what whoever reads the check's output wants to know. The runtime does
// not know of version 1 groups: it joins them itself, and what it runs is inside before its first instruction.
pid_t runtime_exec(const struct runtime *runtime, const char *process, int output) {
  struct words_of words = {.count = 0};
  say_common(runtime, &words, NULL);
  say(&words, "exec");
  say(&words, "--process");
  say(&words, process);
  say(&words, runtime->spec->id);
  struct command command = command_of(&words, &(struct runtime_stdio){.in = -1, .out = output, .err = output});
  command.dies_with_us = true;
  command.groups = runtime->groups->procs;
  command.group_count = runtime->groups->count;
  return process_spawn(&command);
}

off_t runtime_log_size(const struct runtime *runtime) {
  struct stat log;
  return fstatat(runtime->run_dirfd, "oci.log", &log, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : log.st_size;
}

void runtime_log_tail(const struct runtime *runtime, off_t from, struct buffer *tail) {
  AUTO_CLOSE int fd = openat(runtime->run_dirfd, "oci.log", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
  if (end <= from) return;
  bool cut = end - from > RUNTIME_LOG_TAIL;
  off_t begin = cut ? end - RUNTIME_LOG_TAIL : from;
  char *data = buffer_grow(tail, RUNTIME_LOG_TAIL);
  ssize_t size = RETRY(pread(fd, data, RUNTIME_LOG_TAIL, begin));
  if (size <= 0) return;
  tail->length += (size_t)size;
  tail->data[tail->length] = '\0';
  char *newline = cut ? memchr(tail->data, '\n', tail->length) : NULL;
  if (newline != NULL && newline[1] != '\0') buffer_drop_front(tail, (size_t)(newline + 1 - tail->data));
}
