// `tar --layer` writes a container's changes as a layer: on top of the layers below it makes what the container had, whatever form the
// changes lie in on disk. The kernel's own overlay, and fuse-overlayfs, are the judges (PROTOCOL.md, tar, changes).

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isFuseOpen } from '../support/facts.js'
import { comparable, makeLayers, overlayTree, random, randomLayer } from './random-layers.js'
import { tar } from './tar-writer.js'
import { actors, anyActor, MONITOR, openScratch, SANITIZED, type Scratch } from './trees.js'

interface Change {
  readonly form: string
  readonly tree: string
  /** Bottom first. */
  readonly layers: readonly string[]
}

/** The layer that `tar` makes of it, unpacked. */
async function repack(scratch: Scratch, { form, tree, layers }: Change, name: string): Promise<string> {
  const target = scratch.directory(name)
  const script = 'into=$1; shift; "$@" >"$into.tar" && exec "$1" untar "$into" <"$into.tar" >&2'
  const words = [SANITIZED, 'tar', '--layer', form, tree, ...[...layers].reverse()]
  const { code, stderr } = await scratch.run(['sh', '-c', script, 'sh', target, ...words])
  if (code !== 0) throw new Error(stderr)
  return target
}

async function listChanges(scratch: Scratch, { form, tree, layers }: Change): Promise<string[]> {
  const { code, stdout, stderr } = await scratch.run([
    SANITIZED,
    'changes',
    '--layer',
    form,
    tree,
    ...[...layers].reverse(),
  ])
  if (code !== 0) throw new Error(stderr)
  return stdout
    .split('\0')
    .slice(0, -1)
    .sort((a, b) => (a.slice(1) < b.slice(1) ? -1 : 1))
}

const image = [
  tar(
    { name: './', type: '5', mode: 0o755 },
    { name: 'etc/', type: '5', mode: 0o755, mtime: 5 },
    { name: 'etc/edited', data: '1', mtime: 1 },
    { name: 'etc/deleted', data: '2' },
    { name: 'etc/sub/', type: '5', mode: 0o711, mtime: 2 },
    { name: 'etc/sub/quiet', data: 'q', mtime: 3 },
    { name: 'remade/old', data: 'o' },
    { name: 'remade/deep/old', data: 'o' },
    { name: 'gone/in', data: 'x' },
    { name: 'turned/in', data: 'x' },
    { name: 'kept/', type: '5', mode: 0o755, uid: 4, mtime: 9 },
    { name: 'kept/way/', type: '5', mode: 0o750, gid: 3, mtime: 9, pax: [['SCHILY.xattr.user.kept', 'k']] },
    { name: 'kept/way/file', data: 'f', mtime: 1 },
    { name: 'kept/way/still', data: 's', mtime: 1 },
    { name: 'linked', data: 'l', mtime: 1 },
  ),
  tar(
    { name: 'etc/', type: '5', mode: 0o755, mtime: 5 },
    { name: 'etc/.wh.deleted' },
    { name: 'etc/upper', data: 'u' },
  ),
]
/** What a container does, in its root. */
const CHANGES = `echo more >>etc/edited; rm etc/upper; echo new >etc/added; rm -r remade gone turned; mkdir -p remade/deep
echo n >remade/deep/new; echo file >turned; echo back >etc/deleted; echo x >>kept/way/file; touch -d @1000 kept/way/file; touch -d @9 kept/way
ln linked hard; mkfifo pipe; mkdir -m 1777 tmp; setfattr -n user.mine -v 1 tmp; rm -r etc/sub; mkdir -m 700 etc/sub; chmod 711 .`
const EXPECTED = [
  ...['Cetc', 'Aetc/added', 'Aetc/deleted', 'Cetc/edited', 'Cetc/sub', 'Detc/sub/quiet', 'Detc/upper', 'Dgone'],
  ...['Ahard', 'Ckept/way/file', 'Clinked', 'Apipe', 'Cremade', 'Cremade/deep', 'Aremade/deep/new', 'Dremade/deep/old'],
  ...['Dremade/old', 'Atmp', 'Cturned'],
]

describe.each(actors)('tar --layer as $name', (actor) => {
  test('tar --layer gives back what a container made of its image, on overlay and as a copy', async () => {
    const scratch = openScratch(actor)
    const layers = await makeLayers(scratch, image)
    const [upper, work, merged, flat] = ['upper', 'work', 'live', 'flat'].map((name) => scratch.directory(name))
    const mount = 'mount -t overlay -o "lowerdir=$1,upperdir=$2,workdir=$3,userxattr" none "$4" && cd "$4"'
    const options = [[...layers].reverse().join(':'), upper ?? '', work ?? '', merged ?? '']
    const changed = await scratch.run(['unshare', '-m', 'sh', '-ec', `${mount}\n${CHANGES}`, 'sh', ...options])
    expect(changed).toMatchObject({ code: 0, stderr: '' })
    await scratch.run([MONITOR, 'copy', flat ?? '', ...layers])
    await scratch.run(['env', '-C', flat ?? '', 'sh', '-ec', CHANGES])
    const wanted = comparable(await overlayTree(scratch, [...layers, upper ?? '']))
    await scratch.run(['rmdir', join(scratch.path, 'merged')])
    for (const [form, tree] of [
      ['overlay', upper ?? ''],
      ['copy', flat ?? ''],
    ] as const) {
      const change = { form, tree, layers }
      expect(await listChanges(scratch, change)).toEqual(EXPECTED)
      const layer = await repack(scratch, change, `${form}-layer`)
      const shown = comparable(await overlayTree(scratch, [...layers, layer]))
      await scratch.run(['rmdir', join(scratch.path, 'merged')])
      expect(withoutNow(shown)).toEqual(withoutNow(wanted))
      // what did not change is not in it, but what leads to a change is, as it was
      expect(Object.keys(await scratch.tree(layer)).sort()).not.toContain('kept/way/still')
      expect(shown['kept/way']).toMatchObject({ mode: '750', gid: 3, mtimeNs: '9000000000', xattrs: expect.anything() })
    }
  })

  test.runIf(isFuseOpen)('tar --layer understands what fuse-overlayfs leaves', async () => {
    const scratch = openScratch(actor)
    const layers = await makeLayers(scratch, image)
    const [upper, work, merged] = ['upper', 'work', 'live'].map((name) => scratch.directory(name))
    const script = `fuse-overlayfs -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4" && cd "$4" && { ${CHANGES} ; }; code=$?; cd /; umount "$4"; exit $code`
    const options = [[...layers].reverse().join(':'), upper ?? '', work ?? '', merged ?? '']
    const changed = await scratch.run(['unshare', '-m', 'sh', '-ec', script, 'sh', ...options])
    expect(changed.code).toBe(0)
    const change = { form: 'fuse-overlayfs', tree: upper ?? '', layers }
    // it does not keep the time of a directory it copies up
    expect((await listChanges(scratch, change)).filter((line) => line !== 'Ckept')).toEqual(EXPECTED)
    const shown = await overlayTree(scratch, [...layers, await repack(scratch, change, 'layer')])
    expect(Object.keys(shown).filter((name) => name.includes('.wh.'))).toEqual([])
    expect(shown).toMatchObject({
      'etc/deleted': { text: 'back\n' },
      turned: { text: 'file\n' },
      tmp: { mode: '1777' },
    })
    for (const gone of ['gone', 'remade/old', 'remade/deep/old', 'etc/sub/quiet', 'etc/upper'])
      expect(shown).not.toHaveProperty([gone])
  })
})

// Between looking at the name and opening it, where no other process can be made to step in.
test('tar --layer and changes pass over a directory that goes while they read', async () => {
  const scratch = openScratch(anyActor)
  const script = `mkdir -p tree/gone/in tree/kept tree/made below/kept below/gone && export ASAN_OPTIONS=detect_leaks=0
    for form in overlay copy; do for verb in changes "tar --layer"; do
      strace -qqq -o /dev/null -P gone -e trace=openat -e inject=openat:error=ENOENT:when=1 \
        "$1" $verb $( [ "$verb" = changes ] && echo --layer ) $form tree below >out || exit
      [ "$verb" = changes ] && tr '\\0' ' ' <out || tar -tf out | tr '\\n' ' '
    done; echo; done`
  const { stdout, stderr } = await scratch.run(['env', '-C', scratch.path, 'sh', '-c', script, 'sh', SANITIZED])
  expect([stdout, stderr]).toEqual(['Amade ./ made/ \nAmade ./ made/ \n', ''])
})

/** The times of what was made just now, twice. */
const withoutNow = (tree: ReturnType<typeof comparable>) =>
  Object.fromEntries(
    Object.entries(tree).map(([name, { mtimeNs, ...node }]) => [
      name,
      mtimeNs.length > 15 ? node : { ...node, mtimeNs },
    ]),
  )

test.each(Array.from({ length: 8 }, (_, i) => i + 1))(
  'tar --layer gives back random changes of random layers (seed %i)',
  async (seed) => {
    const scratch = openScratch(anyActor)
    const pick = random(seed)
    const all = await makeLayers(
      scratch,
      Array.from({ length: 4 }, () => randomLayer(pick)),
    )
    const [upper = '', layers] = [all.at(-1), all.slice(0, -1)]
    const wanted = comparable(await overlayTree(scratch, all))
    const flat = join(scratch.path, 'flat')
    await scratch.run([MONITOR, 'copy', flat, ...all])
    for (const [form, tree] of [
      ['overlay', upper],
      ['copy', flat],
    ] as const) {
      await scratch.run(['rmdir', join(scratch.path, 'merged')])
      const layer = await repack(scratch, { form, tree, layers }, `${form}-layer`)
      expect(comparable(await overlayTree(scratch, [...layers, layer]))).toEqual(wanted)
    }
  },
)

test('tar --layer says so when a name cannot be in a layer, and drops the attributes of overlays', async () => {
  const scratch = openScratch(anyActor)
  const layers = await makeLayers(scratch, [tar({ name: 'd/', type: '5' }, { name: 'd/x', data: 'x' })])
  const upper = scratch.directory('upper')
  const make =
    'cd "$1"; mkdir d; echo e >d/.wh.x; touch f; setfattr -n user.overlay.origin -v 1 f; setfattr -n user.mine -v 1 f'
  await scratch.run(['sh', '-ec', make, 'sh', upper])
  const out = join(scratch.path, 'out.tar')
  const words = [MONITOR, 'tar', '--layer', 'overlay', upper, ...layers]
  const { stderr } = await scratch.run(['sh', '-c', 'o=$1; shift; "$@" >"$o"', 'sh', out, ...words])
  expect(stderr).toBe('lichen-monitor: tar: d/.wh.x: a layer cannot hold a name that begins with .wh.: left out\n')
  const listed = execFileSync('tar', ['--xattrs', '--xattrs-include=*', '-vvtf', out], { encoding: 'utf8' })
  expect(listed).not.toContain('.wh.')
  expect(listed).toContain('user.mine')
  expect(listed).not.toContain('user.overlay')
})
