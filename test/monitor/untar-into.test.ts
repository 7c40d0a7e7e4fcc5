// `untar --into` puts an archive into a directory that is in use: below a container's root, whoever moves things about in it meanwhile
// (PROTOCOL.md, untar --into).

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startProcess } from '../support/process.js'
import { type TarEntry, tar } from './tar-writer.js'
import { actors, anyActor, MONITOR, openScratch, SANITIZED, type Scratch } from './trees.js'

/** A root with something in it, beside a directory that nothing may touch. */
async function makeRoot(scratch: Scratch, script: string): Promise<string> {
  const root = scratch.directory('root')
  const outside = scratch.directory('outside')
  const made = await scratch.run(['sh', '-ec', `echo untouched >"$2/file"; cd "$1"; ${script}`, 'sh', root, outside])
  if (made.code !== 0) throw new Error(made.stderr)
  return root
}

const into = (scratch: Scratch, args: readonly string[], ...entries: readonly TarEntry[]) =>
  scratch.run([SANITIZED, 'untar', '--into', ...args], tar(...entries))

describe.each(actors)('untar --into as $name', (actor) => {
  test('untar --into adds to what is there, and replaces files without writing through them', async () => {
    const scratch = openScratch(actor)
    const root = await makeRoot(
      scratch,
      'mkdir -p d/sub; echo old >d/file; ln d/file twin; echo old >d/kept; ln -s /d/kept d/link; chmod 700 d/sub; touch -d @5 d',
    )
    const result = await into(
      scratch,
      [root, '/d'],
      { name: 'file', data: 'new', mode: 0o4755, uid: 3, gid: 4, mtime: 7 },
      { name: 'link', data: 'no link any more' },
      { name: 'sub/', type: '5', mode: 0o711, uid: 1, mtime: 9 },
      { name: 'sub/in', data: 'x' },
      { name: 'not/there/yet', data: 'x' },
      { name: '.wh.kept', data: 'a plain name' },
      { name: 'hard', type: '1', link: 'file' },
    )
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^entries=7 bytes=\d+ devices_skipped=0/) })
    expect(await scratch.tree(root)).toMatchObject({
      'd/file': { text: 'new', mode: '4755', uid: 3, gid: 4, mtimeNs: '7000000000', links: ['d/file', 'd/hard'] },
      twin: { text: 'old\n' },
      'd/kept': { text: 'old\n' },
      'd/link': { kind: 'file' },
      'd/sub': { mode: '711', uid: 1, mtimeNs: '9000000000' },
      'd/not/there': { mode: '755' },
      'd/.wh.kept': { text: 'a plain name' },
    })
  })

  test('untar --into gives everything to --owner, as --map shifts it', async () => {
    const scratch = openScratch(actor)
    const root = await makeRoot(scratch, 'mkdir d')
    const args = ['--owner', '1000:5', '--map', 'uid:1000:2:1', '--map', 'gid:5:3:1', root, 'd']
    const entries: TarEntry[] = [
      { name: 'a/', type: '5', uid: 99 },
      { name: 'a/f', data: 'x', gid: 98 },
      { name: 'l', type: '2', link: 'x' },
    ]
    expect(await into(scratch, args, ...entries)).toMatchObject({ code: 0 })
    const tree = await scratch.tree(root)
    for (const name of ['d/a', 'd/a/f', 'd/l']) expect(tree[name]).toMatchObject({ uid: 2, gid: 3 })
  })
})

test('untar --into resolves every link inside the root, in PATH and below', async () => {
  const scratch = openScratch(anyActor)
  const links =
    'mkdir -p etc var; ln -s /etc var/abs; ln -s ../../../../../../outside var/up; ln -s "$2" var/out; ln -s /var/abs there'
  const root = await makeRoot(scratch, links)
  expect(await into(scratch, [root, '/there'], { name: 'one', data: '1' })).toMatchObject({ code: 0 })
  expect(await into(scratch, [root, '/'], { name: 'var/abs/two', data: '2' })).toMatchObject({ code: 0 })
  expect(readdirSync(join(root, 'etc')).sort()).toEqual(['one', 'two'])
  for (const name of ['var/up/three', 'var/out/three']) await into(scratch, [root, '/'], { name, data: '3' })
  expect(readdirSync(join(scratch.path, 'outside'))).toEqual(['file'])
})

test('untar --into lets a directory and something else take each other’s place only when told to', async () => {
  const scratch = openScratch(anyActor)
  const root = await makeRoot(scratch, 'mkdir -p dir/full; touch dir/full/x file; ln -s dir link')
  const cases: readonly (readonly [TarEntry, string])[] = [
    [{ name: 'dir', data: 'x' }, 'cannot overwrite a directory with a non-directory'],
    [{ name: 'dir', type: '2', link: 'x' }, 'cannot overwrite a directory with a non-directory'],
    [{ name: 'dir', type: '6' }, 'cannot overwrite a directory with a non-directory'],
    [{ name: 'file/', type: '5' }, 'cannot overwrite a non-directory with a directory'],
    [{ name: 'link/', type: '5' }, 'cannot overwrite a non-directory with a directory'],
  ]
  for (const [entry, cause] of cases) {
    const { code, stderr } = await into(scratch, [root, '/'], entry)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `lichen-monitor: untar: ${entry.name.replace('/', '')}: ${cause}\n`,
    })
  }
  expect(existsSync(join(root, 'dir/full/x'))).toBe(true)
  const both: TarEntry[] = [
    { name: 'dir', data: 'x' },
    { name: 'link/', type: '5' },
  ]
  expect(await into(scratch, ['--overwrite', root, '/'], ...both)).toMatchObject({ code: 0 })
  expect(await scratch.tree(root)).toMatchObject({ dir: { kind: 'file' }, link: { kind: 'directory' } })
})

test('untar --into --no-devices makes fifos, and no device even where it could', async () => {
  const scratch = openScratch(actors[0] ?? anyActor)
  const root = await makeRoot(scratch, ':')
  const entries: TarEntry[] = [
    { name: 'null', type: '3', major: 1, minor: 3 },
    { name: 'pipe', type: '6' },
  ]
  const { stdout } = await into(scratch, ['--no-devices', root, '/'], ...entries)
  expect(stdout).toContain('devices_skipped=1')
  expect(readdirSync(root)).toEqual(['pipe'])
})

/** Swaps a directory, a link out of the root and a fifo under one name, without a pause. */
const SWAP = `import os, sys
root, outside = sys.argv[1:]
os.chdir(root); os.mkdir('real'); os.symlink(outside, 'out')
print('ready', flush=True)
while True:
  for name in ('real', 'out'):
    try:
      os.rename('d/x', name + '.back')
    except OSError: pass
    try:
      os.rename(name, 'd/x'); os.rename('d/x', name)
      os.symlink(outside, 'd/link.new'); os.rename('d/link.new', 'd/f'); os.unlink('d/f')
      os.symlink(outside + '/file', 'd/p.new'); os.rename('d/p.new', 'd/p'); os.unlink('d/p')
    except OSError: pass
`

test('untar --into never leaves the root while a process swaps directories for links out of it', async () => {
  const scratch = openScratch(anyActor)
  const root = await makeRoot(scratch, 'mkdir d')
  const outside = join(scratch.path, 'outside')
  const swapper = startProcess([...anyActor.argv(scratch.path), 'python3', '-c', SWAP, root, outside])
  await swapper.expectOutput(/ready/)
  const entries: TarEntry[] = Array.from({ length: 20 }, (_, i) => [
    { name: 'x/', type: '5', mode: 0o777, mtime: 1 },
    { name: `x/in${i}`, data: 'x', mode: 0o6777 },
    { name: 'f', data: 'y', mode: 0o6777 },
    { name: 'p', type: '6', mode: 0o6777, mtime: 1 },
  ]).flat()
  const before = await scratch.tree(outside)
  try {
    for (let turn = 0; turn < 25; turn++) await into(scratch, ['--overwrite', root, '/d'], ...entries)
  } finally {
    swapper.kill('SIGKILL')
    await swapper.ended
  }
  expect(await scratch.tree(outside)).toEqual(before)
  expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('untouched\n')
})

test.each([
  ['no path', ['.'], 64],
  ['--overwrite without --into', ['--overwrite'], 64],
  ['an owner and --single-owner', ['--into', '--single-owner', '--owner', '1:1', '.', '/'], 64],
  ['a path that is not there', ['--into', '.', '/missing'], 2],
  ['a path that is a file', ['--into', '/etc', '/passwd'], 2],
])('untar --into exits with one line when given %s', async (_what, args, code) => {
  const scratch = openScratch(anyActor)
  const words = args[0] === '.' ? ['--into', ...args] : args[0] === '--overwrite' ? [...args, '.'] : args
  const result = await scratch.run(['env', '-C', scratch.path, MONITOR, 'untar', ...words], tar())
  expect(result).toMatchObject({ code, stderr: expect.stringMatching(/^lichen-monitor: untar: [^\n]+\n$/) })
})
