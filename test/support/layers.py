# Writes the three layers of the test image "layered" as layer1.tar … layer3.tar into a directory: what a layer can hold that is
# easily lost. Owners, setuid bits, xattrs with a file capability, hard links, a fifo, long and strange names, whiteouts,
# opaque directories, a directory in place of a file and the reverse, a whited-out name that comes back, a file in a directory
# that only an earlier layer names.
# Usage: python3 layers.py BUSYBOX_ROOTFS_TAR DIRECTORY
import io, os, sys, tarfile

CAP_NET_RAW_V2 = b"\x01\x00\x00\x02" + (1 << 13).to_bytes(4, "little") + bytes(12)


def entry(name, kind=tarfile.REGTYPE, mode=0o644, owner=(0, 0), link="", mtime=1_700_000_000, xattrs=None):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname, info.mtime = kind, mode, link, mtime
    info.uid, info.gid = owner
    info.pax_headers = {"SCHILY.xattr." + key: value.decode("utf-8", "surrogateescape") for key, value in (xattrs or {}).items()}
    return info


def directory(name, mode=0o755, owner=(0, 0)):
    return entry(name, tarfile.DIRTYPE, mode, owner), b""


def file(name, data, **rest):
    return entry(name, **rest), data


def whiteout(name):
    parent, base = os.path.split(name)
    return entry(os.path.join(parent, ".wh." + base), mode=0), b""


def opaque(name):
    return entry(name + "/.wh..wh..opq", mode=0), b""


def write(path, entries, base=None):
    if base:
        with open(base, "rb") as source, open(path, "wb") as target:
            target.write(source.read())
    with tarfile.open(path, "a" if base else "w", format=tarfile.PAX_FORMAT) as archive:
        for info, data in entries:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


FIRST = [
    directory("data"),
    file("data/keep", b"first\n", owner=(1000, 2000), mode=0o640),
    file("data/gone", b"first\n"),
    file("data/back", b"first\n"),
    file("data/changed", b"first\n", mtime=1_600_000_000),
    file("data/file-to-directory", b"first\n"),
    directory("data/directory-to-file"),
    file("data/directory-to-file/inside", b"first\n"),
    directory("data/removed", 0o750, (33, 33)),
    file("data/removed/inside", b"first\n"),
    directory("implicit", 0o1755, (9, 9)),
    directory("data/opaque", 0o1777),
    file("data/opaque/hidden", b"first\n"),
    directory("data/opaque/hidden-directory"),
    file("data/opaque/hidden-directory/deep", b"first\n"),
    file("data/setuid", b"first\n", mode=0o4755),
    file("data/setgid", b"first\n", mode=0o2755, owner=(0, 42)),
    file("data/capable", b"first\n", mode=0o755, xattrs={"security.capability": CAP_NET_RAW_V2}),
    file("data/noted", b"first\n", xattrs={"user.note": "grüße".encode(), "user.binary": bytes([1, 2, 255, 254])}),
    file("data/linked", b"first\n", owner=(7, 8)),
    (entry("data/hard", tarfile.LNKTYPE, owner=(7, 8), link="data/linked"), b""),
    (entry("data/soft", tarfile.SYMTYPE, 0o777, (5, 6), link="../data/keep"), b""),
    (entry("data/absolute", tarfile.SYMTYPE, 0o777, link="/data/keep"), b""),
    (entry("data/fifo", tarfile.FIFOTYPE, 0o620, (1, 5)), b""),
    file("data/" + "long-" * 40 + "name", b"first\n"),
    file("data/größe \n\t'\"\\", b"first\n"),
    file("data/empty", b"", mode=0),
    file("data/big", b"lichen" * 300_000),
]

SECOND = [
    whiteout("data/gone"),
    whiteout("data/back"),
    whiteout("data/removed"),
    file("data/changed", b"second\n", mtime=1_650_000_000, mode=0o600),
    directory("data/file-to-directory", 0o711, (3, 4)),
    file("data/file-to-directory/inside", b"second\n"),
    file("data/directory-to-file", b"second\n"),
    directory("data/opaque", 0o1755, (9, 9)),
    opaque("data/opaque"),
    file("data/opaque/shown", b"second\n"),
    directory("data/kept-by-both"),
]

THIRD = [
    file("data/back", b"third\n", owner=(11, 12)),
    file("implicit/added", b"third\n"),
    directory("data/opaque", 0o1755, (9, 9)),
    file("data/opaque/third", b"third\n"),
    whiteout("data/hard"),
    directory("data/kept-by-both", 0o700, (20, 21)),
]

base, target = sys.argv[1:]
write(os.path.join(target, "layer1.tar"), FIRST, base)
write(os.path.join(target, "layer2.tar"), SECOND)
write(os.path.join(target, "layer3.tar"), THIRD)
