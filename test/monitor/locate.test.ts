// `locate` tells where a path of a container leads; `mounted` shows a container's files to one command (PROTOCOL.md, locate, mounted).

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isFuseOpen } from '../support/facts.js'
import { startProcess } from '../support/process.js'
import { actors, anyActor, MONITOR, openScratch, SANITIZED, type Scratch } from './trees.js'

test('locate follows the links of the last component inside the root, also one that leads to nothing', async () => {
  const scratch = openScratch(anyActor)
  const root = scratch.directory('root')
  const make = `cd "$1"; mkdir -p a/b; echo x >a/f; mkfifo a/p; ln -s f a/rel; ln -s /a/b abs; ln -s ../../../../a/new up; ln -s /gone/x far
ln -s loop loop; ln -s chain2 chain1; ln -s /a/rel chain2; ln -s b/ a/slash`
  await scratch.run(['sh', '-ec', make, 'sh', root])
  const cases = [
    ['/a/f', 'file', '/a/f'],
    ['a/b/', 'directory', '/a/b'],
    ['/', 'directory', '/'],
    ['/a/b/..', 'directory', '/a/b/..'],
    ['/../../a/p', 'other', '/../../a/p'],
    ['/a/rel', 'file', '/a/f'],
    ['/chain1', 'file', '/a/f'],
    ['/abs', 'directory', '/a/b'],
    ['/abs/new', 'missing', '/abs/new'],
    ['/up', 'missing', '/../../../../a/new'],
    ['/far', 'nowhere', '/gone/x'],
    ['/loop', 'nowhere', '/loop'],
    ['/a/f/x', 'nowhere', '/a/f/x'],
    ['/a/slash', 'directory', '/a/b'],
    ['/none/x', 'nowhere', '/none/x'],
  ]
  for (const [path = '', kind = '', found = ''] of cases) {
    const { code, stdout } = await scratch.run([SANITIZED, 'locate', root, path])
    const [told, where = ''] = stdout.split('\0')
    expect([path, code, told, where.replaceAll(/\/+/g, '/')]).toEqual([path, 0, kind, found])
  }
})

test('locate --link takes a link that is last for what is there, and follows those before it', async () => {
  const scratch = openScratch(anyActor)
  const root = scratch.directory('root')
  await scratch.run([
    'sh',
    '-ec',
    'cd "$1"; mkdir a; echo x >a/f; ln -s f a/rel; ln -s a abs; ln -s gone far',
    'sh',
    root,
  ])
  const cases = [
    ['/a/rel', 'other', '/a/rel'],
    ['/abs', 'other', '/abs'],
    ['/abs/rel', 'other', '/abs/rel'],
    ['/far', 'other', '/far'],
    ['/abs/.', 'directory', '/abs/.'],
    ['/abs/f', 'file', '/abs/f'],
    ['/none', 'missing', '/none'],
  ]
  for (const [path = '', kind, found] of cases) {
    const { code, stdout } = await scratch.run([SANITIZED, 'locate', '--link', root, path])
    expect([path, code, ...stdout.replaceAll(/\/+/g, '/').split('\0')]).toEqual([path, 0, kind, found, ''])
  }
})

/** The words of an image of one layer and a container on it that has changed one file. */
async function makeContainer(scratch: Scratch, storage: string): Promise<string[]> {
  const make = `cd "$1"; mkdir -p layers/a/data layers/a/etc upper/etc work merged bundle source; echo image >layers/a/etc/f; echo own >upper/etc/g; echo v >source/v; echo one >single
[ ${storage} != dir ] || cp -a layers/a/. upper/. merged/`
  await scratch.run(['sh', '-ec', make, 'sh', scratch.path])
  const place = (name: string) => join(scratch.path, name)
  const layered = ['layers_dir=layers', 'upper=upper', 'work=work'].map((word) =>
    word.replace('=', `=${scratch.path}/`),
  )
  const fuse = storage === 'fuse-overlayfs' ? ['fuse_program=/usr/bin/fuse-overlayfs'] : []
  return [
    `storage=${storage}`,
    `bundle=${place('bundle')}`,
    `merged=${place('merged')}`,
    ...(storage === 'dir' ? [] : [...layered, 'lower=a', ...fuse]),
  ]
}

describe.each(actors)('mounted as $name', (actor) => {
  test.each(isFuseOpen ? ['overlay', 'fuse-overlayfs', 'dir'] : ['overlay', 'dir'])(
    'mounted shows a container of storage %s and what is bound into it, and nothing of it stays',
    async (storage) => {
      const scratch = openScratch(actor)
      const words = await makeContainer(scratch, storage)
      const binds = [
        [join(scratch.path, 'source'), '/data'],
        [join(scratch.path, 'source'), '/made/for/it'],
        [join(scratch.path, 'single'), '/etc/one'],
        [join(scratch.path, 'gone'), '/etc/gone'],
      ].flatMap(([source, at]) => [`bind=${source}`, `at=${at}`])
      const look = 'cd "$1"; cat etc/f etc/g data/v made/for/it/v etc/one; echo new >etc/new; echo w >data/w; ls -A etc'
      const argv = [MONITOR, 'mounted', ...words, ...binds, '--', 'sh', '-ec', look, 'sh', join(scratch.path, 'merged')]
      expect(await scratch.run(argv)).toMatchObject({
        code: 0,
        stderr: '',
        stdout: 'image\nown\nv\nv\none\nf\ng\nnew\none\n',
      })
      const tree = await scratch.tree(scratch.path)
      const written = storage === 'dir' ? 'merged' : 'upper'
      expect(tree).toMatchObject({ [`${written}/etc/new`]: { text: 'new\n' }, 'source/w': { text: 'w\n' } })
      expect(tree).not.toHaveProperty(['merged/data/v'])
      expect(await scratch.run([MONITOR, 'mounted', ...words, '--', 'sh', '-c', 'exit 7'])).toMatchObject({ code: 7 })
    },
  )
})

test('mounted binds read-only where it is told to', async () => {
  const scratch = openScratch(anyActor)
  const words = await makeContainer(scratch, 'overlay')
  const binds = [`bind_ro=${join(scratch.path, 'source')}`, 'at=/data']
  const write = 'cat "$1/data/v"; echo x >"$1/data/v"'
  const argv = [SANITIZED, 'mounted', ...words, ...binds, '--', 'sh', '-c', write, 'sh', join(scratch.path, 'merged')]
  expect(await scratch.run(argv)).toMatchObject({
    code: 2,
    stdout: 'v\n',
    stderr: expect.stringContaining('Read-only'),
  })
})

test('mounted is refused with `busy` while another command has it, and not after that was killed', async () => {
  const scratch = openScratch(anyActor)
  const words = await makeContainer(scratch, 'overlay')
  const argv = [...anyActor.argv(scratch.path), MONITOR, 'mounted', ...words, '--']
  const holder = startProcess([...argv, 'sh', '-c', 'echo has it; exec sleep 60'])
  await holder.expectOutput(/has it/)
  const refused = await scratch.run([MONITOR, 'mounted', ...words, '--', 'true'])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^lichen-monitor: mounted: \S+: busy\n$/) })
  holder.kill('SIGKILL')
  await holder.ended
  expect(await scratch.run([MONITOR, 'mounted', ...words, '--', 'true'])).toMatchObject({ code: 0 })
})

test.each([
  ['no command', ['storage=dir', 'bundle=/', 'merged=/'], 64],
  ['a missing key', ['storage=overlay', 'bundle=/', 'merged=/', '--', 'true'], 64],
  ['an unknown key', ['what=1', '--', 'true'], 64],
  ['a bind without a place', ['storage=dir', 'bundle=/', 'merged=/', 'bind=/a', 'bind=/b', '--', 'true'], 64],
  ['a root that is not there', ['storage=dir', 'bundle=/tmp', 'merged=/missing', '--', 'true'], 2],
  ['a command that is not there', ['storage=dir', 'bundle=/usr', 'merged=/usr', '--', '/missing'], 127],
])('mounted exits with one line when given %s', async (_what, args, code) => {
  const scratch = openScratch(anyActor)
  const result = await scratch.run([SANITIZED, 'mounted', ...args])
  expect(result).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringMatching(/^lichen-monitor: mounted: [^\n]+\n$/),
  })
})
