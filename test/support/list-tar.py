# Lists a tar as `find -printf '%y %m %U:%G %Ts %s %p -> %l\n'` lists its tree unpacked: type, mode, owner, time, size, name, target of a link.
# Hard links show the file they link to; directories' sizes and times, which engines touch, and device nodes, which only root may
# make, are left out. Usage: python3 list-tar.py ARCHIVE
import sys, tarfile

TYPES = {tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l", tarfile.FIFOTYPE: "p"}


def describe(member, name):
    kind = TYPES.get(member.type, "f")
    mode = 0o777 if kind == "l" else member.mode
    target = member.linkname if kind == "l" else ""
    size = len(target.encode()) if kind == "l" else member.size
    time = int(member.mtime)
    if kind == "d":
        size = time = 0
    return f"{kind} {mode:o} {member.uid}:{member.gid} {time} {size} {name} -> {target}"


def main(archive):
    with tarfile.open(archive) as tar:
        members = {member.name: member for member in tar}
    for name, member in members.items():
        if member.ischr() or member.isblk():
            continue
        path = name.removeprefix(".")
        print(describe(members[member.linkname] if member.islnk() else member, path or "/"))


main(sys.argv[1])
