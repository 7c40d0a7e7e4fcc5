# A journal's native socket: prints each message as one line of JSON, its fields by name, `_file` when it came as a sealed
# file. With a second argument `deaf` it only listens and never reads, with a number it takes one in so many seconds.
import array, json, os, socket, sys, time

listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listening.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
print('ready', flush=True)


def fields_of(data):
    fields, at = {}, 0
    while at < len(data):
        end = data.index(b'\n', at)
        name, equals, value = data[at:end].partition(b'=')
        at = end + 1
        if not equals:
            size = int.from_bytes(data[at:at + 8], 'little')
            value = data[at + 8:at + 8 + size]
            assert data[at + 8 + size:at + 9 + size] == b'\n'
            at += 9 + size
        fields[name.decode()] = value.decode('latin1')
    return fields


pause = sys.argv[2] if len(sys.argv) > 2 else '0'
while pause == 'deaf':
    time.sleep(60)
while True:
    time.sleep(float(pause))
    data, ancillary, _, _ = listening.recvmsg(1 << 20, 64)
    is_file = len(ancillary) > 0
    if is_file:
        fd = array.array('i', ancillary[0][2][:4])[0]
        data = os.pread(fd, os.fstat(fd).st_size, 0)
        os.close(fd)
    print(json.dumps(fields_of(data) | ({'_file': True} if is_file else {})), flush=True)
