// `mount` and `unmount` of containers: where one may mount (root; or anybody inside `unshare`), what is seen there, and that it ends.
// Everything happens in a mount namespace of its own, so that nothing of it reaches the machine. (SUBJECT=podman: proven there.)

import { expect } from 'vitest'
import { lichenTest, test, userTest } from '../support/container-test.js'
import { isFuseOpen } from '../support/facts.js'
import { inside, lines, startInside } from '../support/inside.js'
import type { Lichen } from '../support/lichen.js'

const make = (lichen: Lichen, name: string, ...flags: string[]) =>
  lichen.ok(...flags, 'run', '--name', name, 'box', 'sh', '-c', 'echo own >/own; chown 5:6 /own; rm /bin/vi')

test('mount shows what a container has, once however often it is asked for, and unmount ends it', async ({
  lichen,
}) => {
  await make(lichen, 'c')
  const look = 'p=$("$@" mount c); cat "$p/own"; stat -c %u:%g "$p/own"; ls "$p/bin" | grep -c "^vi$" || true'
  const result = await inside(
    lichen,
    `${look}; q=$("$@" mount c); test "$p" = "$q"; "$@" umount c; "$@" unmount c; ls -A "$p" 2>/dev/null || true; "$@" mount`,
  )
  expect(result).toMatchObject({ code: 0, stderr: '', stdout: 'own\n5:6\n0\nc\nc\n' })
})

test('mount without a name lists what is mounted, as a table or as JSON', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'one', 'box', 'true')
  await lichen.ok('create', '--name', 'two', 'box', 'true')
  const result = await inside(
    lichen,
    '"$@" mount one; "$@" mount; "$@" mount --no-trunc; "$@" mount --format json; "$@" unmount --all; "$@" mount two >/dev/null; "$@" unmount --latest >/dev/null; "$@" mount',
  )
  const [path = '', row = '', whole = '', ...json] = lines(result)
  const id = await lichen.ok('inspect', '--format', '{{.Id}}', 'one')
  expect(row.split(/ +/)).toEqual([id.slice(0, 12), path])
  expect(whole.split(/ +/)).toEqual([id, path])
  expect(json.pop()).toBe(id)
  expect(JSON.parse(json.join('\n'))).toEqual([{ id, Names: ['one'], mountpoint: path }])
})

test('mount of a running container is its own mount, both ways', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '100')
  const result = await inside(
    lichen,
    'p=$("$@" mount --latest); echo out >"$p/tmp/out"; "$@" exec c sh -c "cat /tmp/out; echo in >/tmp/in"; cat "$p/tmp/in"; "$@" umount c; "$@" exec c cat /tmp/out',
  )
  expect(result).toMatchObject({ code: 0, stderr: '', stdout: 'out\nin\nc\nout\n' })
  await lichen.ok('rm', '-f', '-t', '0', 'c')
})

test('a mounted container can be started, and removed', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'echo', 'ran')
  const result = await inside(lichen, '"$@" mount c >/dev/null; "$@" start -a c; "$@" rm c >/dev/null; "$@" mount')
  expect(result).toMatchObject({ code: 0, stderr: '', stdout: 'ran\n' })
  expect(await lichen.ok('ps', '-aq')).toBe('')
})

test.for([
  ['a stranger', 'mount stranger'],
  ['a name and --all', 'mount --all c'],
  ['another format', 'mount --format xml'],
  ['nothing to unmount', 'unmount'],
  ['a stranger to unmount', 'umount stranger'],
  ['a name and --all to unmount', 'umount --all c'],
] as const)('mount fails with 125 and mounts nothing when it is given %s', async ([, words], { lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  const result = await inside(lichen, `"$@" ${words} || echo "code $?"; "$@" mount`)
  expect(result.stdout).toBe('code 125\n')
})

userTest('mount is refused outside of `unshare` when the caller is not root', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  for (const words of [['mount'], ['mount', 'c'], ['unmount', 'c']]) {
    const result = await lichen(...words)
    expect(result.code).toBe(125)
    expect(result.stderr).toContain('unshare')
  }
})

lichenTest('a container that does not run is mounted read-only', async ({ lichen }) => {
  await make(lichen, 'c')
  const result = await inside(lichen, 'p=$("$@" mount c); touch "$p/new" 2>&1 || echo "code $?"')
  expect(lines(result)).toEqual([expect.stringContaining('Read-only file system'), 'code 1'])
})

for (const driver of isFuseOpen ? (['copy', 'fuse-overlayfs'] as const) : (['copy'] as const))
  lichenTest(`mount shows the same with ${driver}`, async ({ lichen }) => {
    await make(lichen, 'c', '--storage-driver', driver)
    const look = 'p=$("$@" mount c); cat "$p/own"; stat -c %u:%g "$p/own"; ls "$p/bin" | grep -c "^vi$" || true'
    const result = await inside(lichen, `${look}; "$@" unmount c; "$@" mount`)
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: 'own\n5:6\n0\nc\n' })
  })

lichenTest('what a run had mounted is unmounted before the next, or hinders it', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '100')
  const script = '"$@" mount c >/dev/null; "$@" stop -t 0 c; echo mounted; read line'
  const other = startInside(lichen, script)
  await other.expectOutput(/mounted/)
  const refused = await lichen('start', 'c')
  expect(refused).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/c: its files are still mounted by process \d+/),
  })
  other.kill('SIGKILL')
  await other.ended
  await lichen.ok('start', 'c')
  const here = await inside(
    lichen,
    'p=$("$@" mount c); "$@" stop -t 0 c; "$@" start c; touch "$p/here"; "$@" mount; "$@" mount c >/dev/null; "$@" exec c ls -d /here || true',
  )
  expect(lines(here)).toEqual(['c', 'c'])
  await lichen.ok('rm', '-f', '-t', '0', 'c')
})
