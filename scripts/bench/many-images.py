# Writes a docker-archive with N small images, each with a layer and a name of its own: localhost/many0:latest … to standard output.
# Usage: python3 many-images.py N > ARCHIVE
import hashlib, io, json, sys, tarfile


def add(archive, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def layer(text):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        add(archive, "etc/number", text.encode())
    return buffer.getvalue()


def main(count):
    manifest = []
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        for number in range(count):
            data = layer(f"{number}\n")
            diff_id = hashlib.sha256(data).hexdigest()
            config = json.dumps({
                "created": "2024-05-06T07:08:09Z", "architecture": "amd64", "os": "linux",
                "config": {"Labels": {"number": str(number)}}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + diff_id]},
            }).encode()
            config_name = hashlib.sha256(config).hexdigest() + ".json"
            add(archive, f"{diff_id}/layer.tar", data)
            add(archive, config_name, config)
            manifest.append({"Config": config_name, "RepoTags": [f"localhost/many{number}:latest"], "Layers": [f"{diff_id}/layer.tar"]})
        add(archive, "manifest.json", json.dumps(manifest).encode())


main(int(sys.argv[1]))
