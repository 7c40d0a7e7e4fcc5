# Lists a tree as JSON, one entry a line, sorted: everything about each file that a layer can say, so that two engines' views of
# one image can be compared. Left out: device numbers, overlay's own xattrs, and directories' times, which engines touch.
# Usage: python3 list-tree.py DIRECTORY
import hashlib, json, os, stat, sys

KINDS = {stat.S_IFDIR: "directory", stat.S_IFREG: "file", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo", stat.S_IFCHR: "device", stat.S_IFBLK: "device", stat.S_IFSOCK: "socket"}
IGNORED = ("user.overlay.", "trusted.overlay.", "user.containers.", "user.fuseoverlayfs.", "security.selinux")


def xattrs(path):
    names = sorted(name for name in os.listxattr(path, follow_symlinks=False) if not name.startswith(IGNORED))
    return {name: os.getxattr(path, name, follow_symlinks=False).hex() for name in names}


def content(path, kind):
    if kind == "link":
        return os.readlink(path)
    if kind != "file":
        return None
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def describe(root, path, first_names):
    info = os.lstat(path)
    kind = KINDS[stat.S_IFMT(info.st_mode)]
    name = os.path.relpath(path, root)
    linked_to = first_names.setdefault(info.st_ino, name) if kind != "directory" else name
    return {
        "name": name, "kind": kind, "mode": oct(stat.S_IMODE(info.st_mode)), "owner": [info.st_uid, info.st_gid],
        "mtime": None if kind == "directory" else int(info.st_mtime), "linkedTo": linked_to, "content": content(path, kind), "xattrs": xattrs(path),
    }


def main(root):
    paths = [os.path.join(parent, name) for parent, directories, files in os.walk(root) for name in directories + files]
    first_names = {}
    for path in sorted(paths):
        print(json.dumps(describe(root, path, first_names)))


main(sys.argv[1])
