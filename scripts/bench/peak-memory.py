# Runs a command and prints, in kB, the most memory it and everything it started had at one time: the sum of their resident sets,
# looked at every few milliseconds. Pages that processes share are counted for each, so the truth is never more than this.
# Usage: python3 peak-memory.py COMMAND [ARG...]
import os, subprocess, sys, time

PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
INTERVAL_S = 0.005


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def descendants(pid):
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for thread in os.listdir(f"/proc/{one}/task") if os.path.isdir(f"/proc/{one}/task") else []:
            waiting += [int(child) for child in read(f"/proc/{one}/task/{thread}/children").split()]
    return found


def resident_kb(pid):
    words = read(f"/proc/{pid}/statm").split()
    return int(words[1]) * PAGE_KB if words else 0


def main(argv):
    running = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while running.poll() is None:
        try:
            peak = max(peak, sum(resident_kb(pid) for pid in descendants(running.pid)))
        except (FileNotFoundError, NotADirectoryError):
            pass  # one ended while it was looked at
        time.sleep(INTERVAL_S)
    if running.returncode != 0:
        sys.exit(f"peak-memory: run {' '.join(argv)}: exit code {running.returncode}")
    print(peak)


main(sys.argv[1:])
