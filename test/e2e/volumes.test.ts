// Volumes, bind mounts and tmpfs: what is written where, and with which owner.

import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../support/container-test.js'

test("run shows the host's files and writes as the caller when -v binds a directory", async ({ lichen }) => {
  const shared = join(lichen.directory, 'shared')
  mkdirSync(shared)
  writeFileSync(join(shared, 'in'), 'from the host')
  const script = 'cat /mnt/in; echo from inside >/mnt/out'
  expect(await lichen.ok('run', '--rm', '-v', `${shared}:/mnt`, 'box', 'sh', '-c', script)).toBe('from the host')
  expect(readFileSync(join(shared, 'out'), 'utf8')).toBe('from inside\n')
  expect(lstatSync(join(shared, 'out')).uid).toBe(process.getuid?.())
})

test('run binds a single file when -v names one', async ({ lichen }) => {
  writeFileSync(join(lichen.directory, 'file'), 'one file')
  expect(
    await lichen.ok('run', '--rm', '-v', `${join(lichen.directory, 'file')}:/etc/motd`, 'box', 'cat', '/etc/motd'),
  ).toBe('one file')
})

test('run forbids writing when -v says ro', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '-v', `${lichen.directory}:/mnt:ro`, 'box', 'touch', '/mnt/file')
  expect(result.code).toBe(1)
  expect(result.stderr).toContain('Read-only file system')
  expect(existsSync(join(lichen.directory, 'file'))).toBe(false)
})

test('run follows a relative source when -v starts with a dot', async ({ lichen }) => {
  writeFileSync(join(lichen.directory, 'here'), 'relative')
  const result = await lichen.with({ cwd: lichen.directory }, 'run', '--rm', '-v', './here:/mnt', 'box', 'cat', '/mnt')
  expect(result).toMatchObject({ code: 0, stdout: 'relative' })
})

test('run fails with 125 and names the path when the source of -v is missing', async ({ lichen }) => {
  const source = join(lichen.directory, 'missing')
  const result = await lichen('run', '--rm', '-v', `${source}:/mnt`, 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain(source)
  expect(existsSync(source)).toBe(false)
})

test('run fails with 125 when the destination of -v is relative', async ({ lichen }) => {
  expect((await lichen('run', '--rm', '-v', `${lichen.directory}:mnt`, 'box', 'true')).code).toBe(125)
})

test('run stays inside the container when the destination of -v is a link that points out of it', async ({
  lichen,
}) => {
  const outside = join(lichen.directory, 'outside')
  const shared = join(lichen.directory, 'shared')
  mkdirSync(outside)
  mkdirSync(shared)
  symlinkSync(outside, join(shared, 'link'))
  writeFileSync(join(lichen.directory, 'file'), 'x')
  const flags = ['-v', `${shared}:/mnt`, '-v', `${join(lichen.directory, 'file')}:/mnt/link/file`]
  await lichen('run', '--rm', ...flags, 'box', 'true')
  expect(existsSync(join(outside, 'file'))).toBe(false)
})

test('run keeps what was written when -v names a volume', async ({ lichen }) => {
  await lichen.ok('run', '--rm', '-v', 'keep:/data', 'box', 'sh', '-c', 'echo kept >/data/file')
  expect(await lichen.ok('run', '--rm', '-v', 'keep:/data', 'box', 'cat', '/data/file')).toBe('kept')
})

test("run fills a new volume with the image's files when it is mounted over some", async ({ lichen }) => {
  const script = 'cat /home/guest/../../etc/group | head -1; stat -c %u:%g /home/guest'
  expect(await lichen.ok('run', '--rm', '-v', 'etc:/etc', '-v', 'home:/home', 'box', 'sh', '-c', script)).toBe(
    'root:x:0:\n1000:1000',
  )
  await lichen.ok('run', '--rm', '-v', 'etc:/elsewhere', 'box', 'grep', '-q', 'guest', '/elsewhere/passwd')
})

test('run leaves a new volume empty when -v says nocopy', async ({ lichen }) => {
  expect(await lichen.ok('run', '--rm', '-v', 'empty:/home:nocopy', 'box', 'ls', '-A', '/home')).toBe('')
})

test('run mounts a fresh volume when -v says a container path only', async ({ lichen }) => {
  const script = 'grep -c " /fresh " /proc/mounts; echo x >/fresh/file'
  expect(await lichen.ok('run', '--rm', '-v', '/fresh', 'box', 'sh', '-c', script)).toBe('1')
  expect(await lichen.ok('run', '--rm', '-v', '/fresh', 'box', 'ls', '-A', '/fresh')).toBe('')
})

test('run mounts memory of the given size when --tmpfs is said', async ({ lichen }) => {
  const script =
    'grep -c "^tmpfs /cache tmpfs" /proc/mounts; stat -c %a /cache; dd if=/dev/zero of=/cache/file bs=1M count=4 2>&1 | grep -o "No space left"; wc -c </cache/file'
  const result = await lichen.ok('run', '--rm', '--tmpfs', '/cache:size=1m,mode=750', 'box', 'sh', '-c', script)
  expect(result).toBe('1\n750\nNo space left\n1048576')
})

test('run forbids programs on a tmpfs when its options say noexec', async ({ lichen }) => {
  const script = 'cp /bin/busybox /cache/ && /cache/busybox true'
  expect((await lichen('run', '--rm', '--tmpfs', '/cache:noexec', 'box', 'sh', '-c', script)).code).toBe(126)
})
