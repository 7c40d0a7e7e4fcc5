// `tar` writes what a tree is: `untar`, GNU tar and Python read the same from it; whatever happens to the tree meanwhile, the archive is
// whole or has no end (PROTOCOL.md, tar).

import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { comparable } from './random-layers.js'
import { actors, anyActor, inMemory, MONITOR, openScratch, SANITIZED, type Scratch } from './trees.js'

/** Every kind of file and attribute, in the actor's own ids. */
const MAKE = `cd "$1"; mkdir -p d/e empty; echo content >d/file; ln d/file hard; chown -h 3:4 d/file; chmod 4751 d/file
ln -s ../nowhere link; mkfifo -m 620 pipe; chmod 1777 empty; chown 5:6 empty
setfattr -n user.b -v two d/file; setfattr -n user.a -v '' d/file; setfattr -n user.dir -v x d; echo p >capable; setcap cap_net_raw=ep capable
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
printf x >"two
lines"; long=$(printf 'n%.0s' $(seq 250)); mkdir $long; echo deep >$long/$long; ln -s $long/$long longlink
truncate -s 3M hole; truncate -s 3M sparse; printf x | dd of=sparse bs=1 seek=1M conv=notrunc status=none
printf end | dd of=data-last bs=1 seek=2M status=none; : >nothing
touch -h -d '2001-02-03T04:05:06.789012345Z' link d/file; touch -d '1969-12-31T23:59:58.5Z' nothing; touch -d @0 d empty`

async function makeTree(scratch: Scratch, name = 'tree'): Promise<string> {
  const directory = scratch.directory(name)
  const made = await scratch.run(['sh', '-ec', MAKE, 'sh', directory])
  if (made.code !== 0) throw new Error(made.stderr)
  return directory
}

/** Runs `tar` with its output in a file of the scratch directory; the file's path. */
async function pack(scratch: Scratch, args: readonly string[], name = 'out.tar', program = MONITOR): Promise<string> {
  const file = join(scratch.path, name)
  const result = await scratch.run(['sh', '-c', 'out=$1; shift; "$@" >"$out"', 'sh', file, program, 'tar', ...args])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  return file
}

const unpackedBy = async (scratch: Scratch, name: string, command: string, file: string) => {
  const directory = scratch.directory(name)
  const result = await scratch.run(['sh', '-ec', `${command} <"$2"`, 'sh', directory, file])
  if (result.code !== 0) throw new Error(result.stderr)
  const { '.': _root, ...tree } = await scratch.tree(directory)
  return tree
}

describe.each(actors)('tar as $name', (actor) => {
  test('tar is read back as the same tree when it has every kind of file', async () => {
    const scratch = openScratch(actor)
    const directory = await makeTree(scratch)
    const { '.': _root, socket: _socket, ...tree } = await scratch.tree(directory)
    const file = await pack(scratch, [directory])
    expect(tree.capable?.xattrs).toHaveProperty('security.capability')
    expect(await unpackedBy(scratch, 'ours', `exec ${MONITOR} untar "$1"`, file)).toEqual(tree)
    const gnu = 'exec tar -C "$1" --xattrs --xattrs-include=\'*\' --warning=no-timestamp -xpf -'
    expect(comparable(await unpackedBy(scratch, 'gnu', gnu, file))).toEqual(comparable(tree))
    expect(statSync(file).size).toBeLessThan(200_000) // the holes are not in it
  })

  test('tar of equal trees is the same bytes, sorted', async () => {
    const scratch = openScratch(actor)
    const [one, other] = [await makeTree(scratch), await makeTree(scratch, 'other')]
    const level = ['sh', '-ec', 'find "$@" -exec touch -h -d @9 {} +', 'sh', one, other]
    expect(await scratch.run(level)).toMatchObject({ code: 0, stderr: '' })
    const files = [await pack(scratch, [one], 'a.tar', SANITIZED), await pack(scratch, [other], 'b.tar')]
    expect(readFileSync(files[0] ?? '').equals(readFileSync(files[1] ?? ''))).toBe(true)
    const names = execFileSync('tar', ['-tf', files[0] ?? '', '--quoting-style=literal'], { encoding: 'utf8' })
    expect(names).toMatch(/^capable\nd\/\nd\/e\/\nd\/file\ndata-last\nempty\/\nhard\n/)
  })
})

test('tar --name --in takes one file, and resolves links inside the root only', async () => {
  const scratch = openScratch(anyActor)
  const root = scratch.directory('root')
  const make = 'cd "$1"; mkdir etc sub; echo inside >etc/passwd; ln -s /etc sub/abs; ln -s ../../../../etc/passwd up'
  await scratch.run(['sh', '-ec', make, 'sh', root])
  for (const path of ['/sub/abs/passwd', 'up', '/sub/../../../etc/passwd']) {
    const file = await pack(scratch, ['--in', root, '--name', 'taken', path])
    expect(execFileSync('tar', ['-xOf', file, 'taken'], { encoding: 'utf8' })).toBe('inside\n')
  }
  const file = await pack(scratch, ['--in', root, '--name', 'e', '--owner', '7:8', '/sub/abs'])
  const listed = execFileSync('tar', ['--numeric-owner', '-tvf', file], { encoding: 'utf8' })
  expect(listed).toMatch(/^drwx\S+ 7\/8 .* e\/\n-rw\S+ 7\/8 .* e\/passwd\n$/)
})

test('tar --link takes a link itself, by its own name, whatever it leads to', async () => {
  const scratch = openScratch(anyActor)
  const root = scratch.directory('root')
  await scratch.run(['sh', '-ec', 'cd "$1"; mkdir d; ln -s /gone d/far; ln -s /d way', 'sh', root])
  for (const [path = '', target] of [
    ['/d/far', '/gone'],
    ['/way/far', '/gone'],
    ['way', '/d'],
  ]) {
    const words = ['--in', root, '--link', '--owner', '7:8', '--name', 'taken', path]
    const file = await pack(scratch, words, 'out.tar', SANITIZED)
    const listed = execFileSync('tar', ['--numeric-owner', '-tvf', file], { encoding: 'utf8' })
    expect(listed).toMatch(new RegExp(`^lrwx\\S+ 7/8 .* taken -> ${target}\n$`))
  }
})

test('tar --map writes the ids that untar --map reads', async () => {
  const scratch = openScratch(anyActor)
  const directory = scratch.directory('tree')
  await scratch.run(['sh', '-ec', 'cd "$1"; touch a b; chown 1:2 a; chown 0:0 b', 'sh', directory])
  const maps = ['uid:0:1:1', 'uid:1000:0:1', 'gid:5:2:1', 'gid:0:0:1'].flatMap((map) => ['--map', map])
  const file = await pack(scratch, [...maps, directory])
  const owners = execFileSync('tar', ['--numeric-owner', '-tvf', file], { encoding: 'utf8' }).match(/\d+\/\d+/g)
  expect(owners).toEqual(['0/5', '1000/0'])
  await scratch.run(['chown', '9:2', join(directory, 'a')])
  const refused = await scratch.run([MONITOR, 'tar', ...maps, directory])
  expect(refused).toMatchObject({ code: 2, stderr: 'lichen-monitor: tar: a: owner 9 is in no --map range\n' })
})

test('tar writes zeros and says so when a file loses its end, and leaves out what is gone when its turn comes', async () => {
  const scratch = openScratch(anyActor)
  const directory = scratch.directory('tree')
  await scratch.run([
    'sh',
    '-ec',
    'cd "$1"; yes | head -c 4000000 >big; echo x >gone; mkdir later; echo y >later/y',
    'sh',
    directory,
  ])
  // it has begun with `big`, and waits for a reader, when the tree is changed
  const script =
    '"$2" tar "$1" | { dd bs=1 count=1 status=none; cd "$1"; truncate -s 1000000 big; rm -r gone later; ln -s /etc/passwd later; cat; } >"$3"'
  const out = join(scratch.path, 'out.tar')
  const { code, stderr } = await scratch.run(['sh', '-c', script, 'sh', directory, SANITIZED, out])
  expect(code).toBe(0)
  expect(stderr).toMatch(/^lichen-monitor: tar: big: became shorter while it was read: its last \d+ bytes are zeros\n$/)
  const listed = execFileSync('tar', ['-tvf', out], { encoding: 'utf8' }).trimEnd().split('\n')
  expect(listed).toEqual([expect.stringMatching(/ 4000000 .* big$/), expect.stringMatching(/ later -> \/etc\/passwd$/)])
})

test('tar leaves an attribute out that an archive would give another name, and says so', async () => {
  const scratch = openScratch(anyActor)
  const script = `mkdir from to && touch from/f && setfattr -n user.a=b -v x from/f && setfattr -n user.c -v y from/f &&
    "$1" tar from >out && "$1" untar to <out >/dev/null && getfattr -d to/f`
  const { stdout, stderr } = await scratch.run(['env', '-C', scratch.path, 'sh', '-c', script, 'sh', SANITIZED])
  expect(stdout).toBe('# file: to/f\nuser.c="y"\n\n')
  expect(stderr).toBe('lichen-monitor: tar: f: an archive cannot hold the attribute user.a=b: left out\n')
})

test('tar reads files that have no size before they are read', async () => {
  const scratch = openScratch(anyActor)
  const file = await pack(scratch, ['--name', 'comm', '/proc/self/comm'])
  expect(execFileSync('tar', ['-xOf', file], { encoding: 'utf8' })).toBe(`${basename(MONITOR).slice(0, 15)}\n`)
})

test('tar --mounts goes into other mounts, but not into the kernel’s own, and without it into none', async () => {
  const scratch = openScratch(anyActor)
  const tree = scratch.directory('tree')
  const script = `cd "$1"; mkdir m proc; mount -t tmpfs t m; echo x >m/in; mount --rbind /proc proc; "$2" tar "$1" | tar -t; echo; "$2" tar --mounts "$1" | tar -t`
  const { stdout } = await scratch.run(['unshare', '-m', 'sh', '-ec', script, 'sh', tree, MONITOR])
  expect(stdout).toBe('m/\nproc/\n\nm/\nm/in\nproc/\n')
})

test('tar refuses a tree that no unpacker could place, at once, and writes no end', async () => {
  const scratch = openScratch(anyActor, inMemory)
  const directory = scratch.directory('tree')
  const dig = 'import os,sys\nos.chdir(sys.argv[1])\nfor i in range(10000): os.mkdir("d"); os.chdir("d")'
  await scratch.run(['python3', '-c', dig, directory])
  const out = join(scratch.path, 'out.tar')
  const result = await scratch.run(
    ['sh', '-c', '"$1" tar "$2" >"$3"', 'sh', MONITOR, directory, out],
    undefined,
    20_000,
  )
  expect(result).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^lichen-monitor: tar: d\/d\/.*: name is too long\n$/),
  })
  expect(() => execFileSync('tar', ['-tf', out], { stdio: 'pipe' })).toThrow()
})

test.each([
  ['nothing', [], 64],
  ['two paths', ['a', 'b'], 64],
  ['an unknown option', ['--what', 'a'], 64],
  ['a bad owner', ['--owner', '1', 'a'], 64],
  ['--layer with --name', ['--layer', 'copy', '--name', 'x', 'a'], 64],
  ['an unknown form', ['--layer', 'what', '/'], 64],
  ['a tree that is not there', ['missing'], 2],
  ['a file without a name', ['/etc/passwd'], 2],
  ['a layer that is not there', ['--layer', 'copy', '.', 'missing'], 2],
])('tar exits with one line when given %s', async (_what, args, code) => {
  const scratch = openScratch(anyActor)
  const result = await scratch.run(['env', '-C', scratch.path, MONITOR, 'tar', ...args])
  expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/^lichen-monitor: [^\n]+\n$/) })
})
