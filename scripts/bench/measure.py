# Runs commands in strict alternation and measures each: wall time until the command ends, and the CPU time (user + system) of
# it and of everything it started, also of what outlives it (a monitor, a clean-up): we are their reaper.
# In: {"rounds": N, "sides": {NAME: {"argv": [...], "before": [...] or null}}} on stdin. `before` runs unmeasured each time.
# Out: {NAME: {"wallMs": [...], "cpuMs": [...]}} on stdout. The first round warms up and is not reported.
import ctypes, json, os, resource, subprocess, sys, tempfile, time

PR_SET_CHILD_SUBREAPER = 36
DEVNULL = os.open("/dev/null", os.O_RDWR)
STDERR = tempfile.TemporaryFile()


def children_cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1000


def reap_everything():
    """Waits for what the command left running; what is meant to stay (a server) would hang us, so nothing such is measured."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def measure(argv):
    cpu, start = children_cpu_ms(), time.monotonic()
    # posix_spawn is vfork here: the cost of starting does not depend on our own size.
    actions = [(os.POSIX_SPAWN_DUP2, source, fd) for fd, source in enumerate((DEVNULL, DEVNULL, STDERR.fileno()))]
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    status = os.waitpid(pid, 0)[1]
    wall = (time.monotonic() - start) * 1000
    if status != 0:
        STDERR.seek(0)
        printed = STDERR.read().decode(errors="replace")
        sys.exit(f"measure: run {' '.join(argv)}: exit code {os.waitstatus_to_exitcode(status)}: {printed}")
    STDERR.seek(0)
    STDERR.truncate()
    reap_everything()
    return wall, children_cpu_ms() - cpu


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    order = json.load(sys.stdin)
    result = {name: {"wallMs": [], "cpuMs": []} for name in order["sides"]}
    for round_number in range(order["rounds"] + 1):
        for name, side in order["sides"].items():
            if side["before"]:
                subprocess.run(side["before"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                reap_everything()
            wall, cpu = measure(side["argv"])
            if round_number > 0:
                result[name]["wallMs"].append(round(wall, 3))
                result[name]["cpuMs"].append(round(cpu, 3))
    json.dump(result, sys.stdout)


main()
