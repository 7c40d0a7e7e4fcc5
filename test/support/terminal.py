# Puts a command on a pseudo terminal and bridges it: standard input and output are the terminal's keyboard and screen.
# fd 3 takes one JSON object a line: {"resize": [rows, columns]}, or {"press": "keys"}, typed at a person's pace.
# fd 4 gives one at the end: the exit code, and whether the terminal was left in its ordinary mode (it stays open for us, so
# that its mode can be read after the command).
# Usage: python3 terminal.py ROWS COLUMNS COMMAND [ARG...]
import fcntl, json, os, pty, select, struct, sys, termios, time


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def spawn(rows, columns, argv):
    master, slave = pty.openpty()
    resize(slave, rows, columns)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.closerange(3, 64)
        os.execvp(argv[0], argv)
    return pid, master, slave


def press(master, keys):
    for key in keys.encode():
        os.write(master, bytes([key]))
        time.sleep(0.05)


def obey(master, order):
    if "resize" in order:
        resize(master, *order["resize"])
    else:
        press(master, order["press"])


def read(fd):
    try:
        return os.read(fd, 65536)
    except OSError:
        return b""


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data) :]


def bridge(master, child_ended):
    """Copies until the child has ended and everything it wrote has been read."""
    readers = {0, 3, master, child_ended}
    while True:
        ready = select.select(list(readers), [], [])[0]
        if master in ready:
            write_all(1, read(master))
        elif child_ended in ready:
            return
        if 0 in ready:
            data = read(0)
            if data:
                write_all(master, data)
            else:
                readers.discard(0)
        if 3 in ready:
            lines = read(3)
            if not lines:
                readers.discard(3)
            for line in lines.splitlines():
                obey(master, json.loads(line))


def main():
    pid, master, slave = spawn(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    bridge(master, os.pidfd_open(pid))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    modes = termios.tcgetattr(slave)[3]
    report = {
        "code": code if code >= 0 else 128 - code,
        "canonical": bool(modes & termios.ICANON),
        "echo": bool(modes & termios.ECHO),
    }
    os.write(4, json.dumps(report).encode())


main()
