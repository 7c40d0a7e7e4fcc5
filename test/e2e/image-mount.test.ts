// `image mount` and `image unmount`: where it may mount (root; or anybody inside `unshare`), what is seen there, and that it ends.
// Everything happens in a mount namespace of its own, so that nothing of it reaches the machine. (SUBJECT=podman: proven there.)

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type TarEntry, tar } from '../monitor/tar-writer.js'
import { test as base, lichenTest, userTest } from '../support/container-test.js'
import { isFuseOpen } from '../support/facts.js'
import { dockerArchive, layer } from '../support/image-archive.js'
import { inside, lines, startInside } from '../support/inside.js'
import type { Lichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'

const root: TarEntry = { name: './', type: '5', mode: 0o755 }
const archive = dockerArchive(
  {
    names: ['localhost/two:1'],
    layers: [
      tar(root, { name: 'below', data: 'below' }, { name: 'gone', data: '' }, { name: 'over', data: '1' }),
      tar({ name: '.wh.gone', data: '' }, { name: 'over', data: '2', uid: 1000, gid: 50 }),
    ],
  },
  { names: ['localhost/one:1'], layers: [tar(root, { name: 'only', data: 'only' })] },
)

const test = base.extend<{ readonly images: Lichen }>({
  images: async ({ bare }: { bare: Lichen }, use: (lichen: Lichen) => Promise<void>) => {
    await bare.with({ input: archive }, 'load')
    await use(bare)
  },
})

const idOf = (lichen: Lichen, name: string) => lichen.ok('image', 'inspect', '--format', '{{.Id}}', name)

test('image mount shows what a container would see, read-only, and image unmount ends it', async ({ images }) => {
  const result = await inside(
    images,
    'p=$("$@" image mount two:1); ls "$p"; cat "$p/over"; stat -c " %u:%g" "$p/over"; touch "$p/x" 2>&1 || true; "$@" image unmount two:1',
  )
  expect(result.stderr).toBe('')
  expect(lines(result)).toEqual([
    'below',
    'over',
    '2 1000:50',
    expect.stringContaining('Read-only file system'),
    await idOf(images, 'two:1'),
  ])
})

test('image mount of one that is mounted prints the same path, and one unmount is enough', async ({ images }) => {
  const twice = 'p=$("$@" image mount one:1); q=$("$@" image mount one:1); test "$p" = "$q"'
  const result = await inside(
    images,
    `${twice}; "$@" image unmount --force one:1; "$@" image mount; ls -A "$p" 2>/dev/null || true`,
  )
  expect(result).toMatchObject({ code: 0, stdout: `${await idOf(images, 'one:1')}\n` })
})

test('image mount without a name lists what is mounted, as a table or as JSON', async ({ images }) => {
  const result = await inside(
    images,
    'p=$("$@" image mount one:1); echo "$p"; "$@" image mount; "$@" image mount --format json; "$@" image unmount --all',
  )
  const [path = '', row = '', ...json] = lines(result)
  const id = await idOf(images, 'one:1')
  expect(row.split(/ +/)).toEqual(['localhost/one:1', path])
  expect(json.pop()).toBe(id)
  expect(JSON.parse(json.join('\n'))).toMatchObject([{ id, Repositories: ['localhost/one:1'], mountpoint: path }])
})

test('image mount --all mounts every image, image unmount --all takes them all away', async ({ images }) => {
  const result = await inside(
    images,
    '"$@" image mount --all; echo; "$@" image unmount --all; echo; "$@" image unmount --all',
  )
  const [mounted = '', unmounted = '', again] = result.stdout.split(/^\n/m)
  expect(mounted.split('\n').map((line) => line.split(' ')[0])).toEqual(
    expect.arrayContaining(['localhost/one:1', 'localhost/two:1']),
  )
  const ids = [await idOf(images, 'one:1'), await idOf(images, 'two:1')]
  expect(unmounted.trimEnd().split('\n').sort()).toEqual(ids.sort())
  expect(again).toBe('')
})

test.for([
  ['an image that is not there', 'image mount stranger'],
  ['one that is not there beside one that is', 'image mount stranger one:1'],
  ['a name and --all', 'image mount --all one:1'],
  ['another format', 'image mount --format xml'],
  ['nothing to unmount', 'image unmount'],
  ['a stranger to unmount', 'image umount stranger'],
] as const)('image mount fails with 125 and mounts nothing when it is given %s', async ([, words], { images }) => {
  const result = await inside(images, `"$@" ${words} || echo "code $?"; "$@" image mount`)
  expect(result.stdout).toBe('code 125\n')
})

userTest('image mount is refused outside of `unshare` when the caller is not root', async ({ bare }) => {
  for (const words of [['mount'], ['mount', 'one'], ['unmount', '--all']]) {
    const result = await bare('image', ...words)
    expect(result.code).toBe(125)
    expect(result.stderr).toContain('unshare')
  }
})

lichenTest('rmi and image prune leave a mounted image alone, rmi --force unmounts it first', async ({ bare }) => {
  await bare.with({ input: archive }, 'load')
  const id = await idOf(bare, 'one:1')
  const result = await inside(
    bare,
    '"$@" image mount one:1; "$@" image prune -af >/dev/null 2>&1; "$@" rmi one:1 2>&1 || echo "code $?"; "$@" rmi -f one:1; "$@" image mount',
  )
  const [path = '', refusal = '', hint = '', ...rest] = lines(result)
  expect(refusal).toBe(`Error: remove image: localhost/one:1: mounted at ${path}`)
  expect(hint).toBe(`Hint: lichen image unmount ${id.slice(0, 12)}, or rmi --force`)
  expect(rest).toEqual(['code 2', 'Untagged: localhost/one:1', `Deleted: ${id}`])
  expect(await bare.ok('images', '-aq')).toBe('')
  expect(readdirSync(join(bare.root, 'mounts'))).toEqual([])
})

lichenTest(
  'rmi leaves an image alone that is mounted in another mount namespace, until that ends',
  async ({ bare }) => {
    await bare.with({ input: archive }, 'load')
    const pruned = await idOf(bare, 'two:1')
    const other = startInside(bare, '"$@" image mount one:1; read line')
    await other.expectOutput(/mounts/)
    const refused = await bare('rmi', '--force', 'one:1')
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/localhost\/one:1: mounted by process \d+/),
    })
    expect(await bare.ok('image', 'prune', '--all', '--force')).toBe(pruned)
    other.kill('SIGKILL')
    await other.ended
    const leftover = join(bare.root, 'mounts', await idOf(bare, 'one:1'))
    expect(existsSync(leftover)).toBe(true)
    await bare.ok('rmi', 'one:1')
    expect(existsSync(leftover)).toBe(false)
  },
)

lichenTest('image unmount of one that somebody works in needs --force', async ({ bare }) => {
  await bare.with({ input: archive }, 'load')
  const id = await idOf(bare, 'one:1')
  const result = await inside(
    bare,
    'cd "$("$@" image mount one:1)"; "$@" image unmount one:1 2>&1 || echo "code $?"; "$@" image unmount --force one:1; cat only; cd /; "$@" image mount',
  )
  expect(lines(result)).toEqual([
    expect.stringMatching(/^Error: unmount: .*: somebody works in it$/),
    'Hint: leave it, or use --force',
    'code 125',
    id,
    'only',
  ])
})

// another leg has /dev/fuse
for (const driver of isFuseOpen ? (['copy', 'fuse-overlayfs'] as const) : (['copy'] as const))
  lichenTest(`image mount shows the same with ${driver}`, async ({ bare }) => {
    await bare.with({ input: archive }, 'load')
    const id = await idOf(bare, 'two:1')
    const script =
      'p=$("$@" image mount two:1); ls "$p"; cat "$p/over"; stat -c " %u:%g" "$p/over"; "$@" image mount two:1; "$@" image unmount two:1; "$@" image mount'
    const path = join(bare.root, 'mounts', id)
    const result = await inside(bare, script, '--storage-driver', driver)
    expect(lines(result)).toEqual(['below', 'over', '2 1000:50', path, id])
    // and when nobody unmounts it, nothing is left that would hinder anybody
    await inside(bare, '"$@" image mount two:1', '--storage-driver', driver)
    if (driver === 'copy') await inside(bare, '"$@" image unmount two:1')
    await bare.ok('rmi', 'two:1')
    expect(readdirSync(join(bare.root, 'mounts'))).toEqual([])
  })

lichenTest('image mount fails with one clear line when the image has no layers', async ({ bare }) => {
  await bare.with({ input: dockerArchive({ names: ['localhost/empty:1'], layers: [] }) }, 'load')
  const result = await inside(bare, '"$@" image mount empty:1 || echo "code $?"')
  expect(result).toMatchObject({
    stdout: 'code 125\n',
    stderr: expect.stringMatching(/^Error: mount image: localhost\/empty:1: it has no layers/),
  })
})

lichenTest('image mount takes an image of a hundred layers', async ({ bare }) => {
  const layers = Array.from({ length: 100 }, (_, index) => layer({ [`file-${index}`]: String(index) }))
  await bare.with({ input: dockerArchive({ names: ['localhost/deep:1'], layers }) }, 'load')
  const result = await inside(bare, 'p=$("$@" image mount deep:1); ls "$p" | wc -l')
  expect(result).toMatchObject({ code: 0, stdout: '100\n' })
})

lichenTest('load and image mount keep every file our own inside a namespace of one id', async ({ bare }) => {
  const enter = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-ec']
  const script = '"$@" load --quiet; stat -c "%n %u" "$("$@" image mount two:1)/over"'
  const result = await runProcess([...enter, script, 'sh', ...bare.argv], { input: archive })
  expect(result).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Loaded image: .*\nLoaded image: .*\n.*\/over 0\n$/),
  })
})
