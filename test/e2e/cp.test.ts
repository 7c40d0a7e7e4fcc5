// `cp` between the host and containers, and between containers: which name arrives where, whose it is then, and what no link of a container
// can make of it. (SUBJECT=podman: the rules were proven there.)

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { tar } from '../monitor/tar-writer.js'
import { lichenTest, test } from '../support/container-test.js'
import { isFuseOpen, isLichen } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

/** A host directory to copy from: d/{a,sub/b,rel -> a}, f, links to both. */
function makeSource(lichen: Lichen): string {
  const source = join(lichen.directory, 'source')
  mkdirSync(join(source, 'd/sub'), { recursive: true })
  for (const name of ['d', 'd/sub']) chmodSync(join(source, name), 0o755)
  for (const [name, text] of Object.entries({ 'd/a': 'a', 'd/sub/b': 'b', f: 'f' })) {
    writeFileSync(join(source, name), text)
    chmodSync(join(source, name), 0o644)
  }
  chmodSync(join(source, 'f'), 0o4750)
  symlinkSync('a', join(source, 'd/rel'))
  symlinkSync('f', join(source, 'lf'))
  symlinkSync('d', join(source, 'ld'))
  for (const name of ['f', 'd/a', 'd']) utimesSync(join(source, name), 1_000_000_000, 1_000_000_000)
  return source
}

/** `name mode uid:gid` of everything below a directory of a container, links with their targets. */
async function list(lichen: Lichen, container: string, directory: string): Promise<string[]> {
  const script = `cd ${directory} && find . -mindepth 1 | while read -r f; do echo "\${f#./} $(stat -c '%F %a %u:%g' "$f") $(readlink "$f")"; done`
  const text = await lichen.ok('exec', container, 'sh', '-c', script)
  return text
    .split('\n')
    .map((line) => line.replace('regular empty file', 'regular file').replace('regular file', 'file').trimEnd())
    .sort()
}

const sleeper = (lichen: Lichen, name: string, ...words: string[]) =>
  lichen.ok('run', '-d', '--network', 'host', '--name', name, ...words, 'box', 'sleep', '1000')

const NOT_FOUND = /could not be found|no such file/i
const NO_DIRECTORY = /destination must be a directory/

test('cp into a running container puts things where podman and docker put them', async ({ lichen }) => {
  const source = makeSource(lichen)
  await sleeper(lichen, 'c')
  const links = 'ln -s /t/exist /t/lexist; echo old >/t/file; ln -s /t/file /t/lfile; ln -s /t/new /t/dangling'
  await lichen.ok('exec', 'c', 'sh', '-c', `mkdir -p /t/exist /t/dot /t/way; chmod 700 /t/dot; ${links}`)
  const cases: readonly (readonly [from: string, to: string, error?: RegExp])[] = [
    ['f', '/t/f1'],
    ['f', '/t/exist'],
    ['f', '/t/way/'],
    ['f', '/t/lfile'],
    ['f', '/t/dangling'],
    ['lf', '/t/f2'],
    ['d', '/t/d1'],
    ['d/', '/t/d2'],
    ['d/.', '/t/d3'],
    ['ld', '/t/d4'],
    ['d', '/t/lexist'],
    ['d/.', '/t/dot'],
    ['f', '/t/../../t/up'],
    ['f', '/t/none/', NOT_FOUND],
    ['f', '/t/none/x', NOT_FOUND],
    ['none', '/t', NOT_FOUND],
    ['d', '/t/file', NO_DIRECTORY],
    ['d', '/t/file/', NO_DIRECTORY],
  ]
  for (const [from, to, error] of cases) {
    const result = await lichen('cp', `${source}/${from}`, `c:${to}`)
    const wanted = error === undefined ? { code: 0, stderr: '' } : { code: 125, stderr: expect.stringMatching(error) }
    expect({ from, to, ...result }).toMatchObject(wanted)
  }
  const tree = (name: string) => [
    `${name}/a file 644 0:0`,
    `${name}/rel symbolic link 777 0:0 a`,
    `${name}/sub directory 755 0:0`,
    `${name}/sub/b file 644 0:0`,
  ]
  const expected = [
    ...['d1', 'd2', 'd3', 'd4', 'exist/d'].flatMap((name) => [`${name} directory 755 0:0`, ...tree(name)]),
    ...['exist directory 755 0:0', 'way directory 755 0:0', 'dot directory 700 0:0', ...tree('dot')],
    ...['f1', 'f2', 'exist/f', 'way/f', 'file', 'new', 'up'].map((name) => `${name} file 4750 0:0`),
    ...['dangling', 'lexist', 'lfile'].map(
      (name, at) => `${name} symbolic link 777 0:0 /t/${['new', 'exist', 'file'][at]}`,
    ),
  ]
  expect(await list(lichen, 'c', '/t')).toEqual(expected.sort())
  expect(await lichen.ok('exec', 'c', 'stat', '-c', '%Y', '/t/f1', '/t/d1', '/t/d1/a', '/t/d3')).toBe(
    Array.from({ length: 4 }, () => '1000000000').join('\n'),
  )
})

test('cp out of a running container puts things where podman and docker put them', async ({ lichen }) => {
  await sleeper(lichen, 'c')
  const make =
    'mkdir -p /w/d/sub /w/empty; echo f >/w/f; chmod 640 /w/f; chown 5:6 /w/f /w/d; ln -s f /w/rel; ln -s /w /link; ln -s /gone /w/dangling; mkfifo /w/d/pipe; touch -d @1000000000 /w/f; ln -s /etc/passwd /w/d/sub/abs'
  await lichen.ok('exec', 'c', 'sh', '-c', make)
  const to = join(lichen.directory, 'to')
  for (const name of ['exist', 'dot', 'dir']) mkdirSync(join(to, name), { recursive: true })
  chmodSync(join(to, 'dot'), 0o700)
  writeFileSync(join(to, 'file'), 'old')
  symlinkSync('exist', join(to, 'lexist'))
  symlinkSync('file', join(to, 'lfile'))
  symlinkSync('nothing', join(to, 'dangling'))
  const cases: readonly (readonly [from: string, to: string, error?: RegExp])[] = [
    ['/w/f', 'f1'],
    ['w/f', 'exist'],
    ['/w/f', 'lexist/g'],
    ['/w/f', 'lfile'],
    ['/w/f', 'dangling'],
    ['/w/rel', 'f2'],
    ['/link/rel', 'dir/'],
    ['/w/d', 'd1'],
    ['/w/d/.', 'd2'],
    ['/link/d', 'exist'],
    ['/w/d/.', 'dot'],
    ['/../../w/d', 'd3'],
    ['/w/dangling', 'x', NOT_FOUND],
    ['/w/none', 'x', NOT_FOUND],
    ['/w/f', 'none/x', NOT_FOUND],
    ['/w/f', 'none/', NOT_FOUND],
    ['/w/d', 'file', NO_DIRECTORY],
  ]
  for (const [from, name, error] of cases) {
    const result = await lichen('cp', `c:${from}`, `${to}/${name}`)
    const wanted = error === undefined ? { code: 0, stderr: '' } : { code: 125, stderr: expect.stringMatching(error) }
    expect({ from, name, ...result }).toMatchObject(wanted)
  }
  const found = execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P %y %m %U:%G %l\\n'], {
    cwd: to,
    encoding: 'utf8',
  })
  const own = `${process.getuid?.()}:${process.getgid?.()}`
  const tree = (name: string) => [
    `${name}/pipe p 644 ${own}`,
    `${name}/sub d 755 ${own}`,
    `${name}/sub/abs l 777 ${own} /etc/passwd`,
  ]
  const expected = [
    ...['d1', 'd2', 'd3', 'exist/d'].flatMap((name) => [`${name} d 755 ${own}`, ...tree(name)]),
    ...[`dot d 700 ${own}`, ...tree('dot'), `lexist l 777 ${own} exist`],
    ...['f1', 'f2', 'exist/f', 'exist/g', 'lfile', 'dangling'].map((name) => `${name} f 640 ${own}`),
    // a link is called after what it leads to
    `dir/f f 640 ${own}`,
  ]
  const lines = found
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())
  expect(lines.filter((line) => !/^(exist|dir|file) /.test(line)).sort()).toEqual(expected.sort())
  expect(readFileSync(join(to, 'file'), 'utf8')).toBe('old')
  expect(statSync(join(to, 'f1')).mtimeMs).toBe(1_000_000_000_000)
})

lichenTest('cp -L copies what a link leads to, as without it, and --follow-link=false the link', async ({ lichen }) => {
  const source = makeSource(lichen)
  await sleeper(lichen, 'c')
  await lichen.ok(
    'exec',
    'c',
    'sh',
    '-c',
    'mkdir -p /s/d /t; echo s >/s/f; ln -s f /s/lf; ln -s /s/d /s/ld; ln -s no /s/no',
  )
  const to = join(lichen.directory, 'to')
  mkdirSync(to)
  for (const flag of ['-L', '-L=false', '--follow-link=false']) {
    for (const name of ['lf', 'ld', 'ld/']) {
      const arrived = `${name.replace('/', '-')}${flag}`
      await lichen.ok('cp', flag, `${source}/${name}`, `c:/t/${arrived}`)
      await lichen.ok('cp', flag, `c:/s/${name}`, join(to, arrived))
    }
  }
  const inside = (await list(lichen, 'c', '/t'))
    .map((line) => line.replace(/ \d+ 0:0/, ''))
    .filter((it) => !/d-?\S*\//.test(it))
  const followed = ['ld-L directory', 'ld--L directory', 'ld--L=false directory', 'ld---follow-link=false directory']
  const links = ['-L=false', '--follow-link=false'].flatMap((flag) => [
    `lf${flag} symbolic link f`,
    `ld${flag} symbolic link d`,
  ])
  expect(inside).toEqual([...followed, 'lf-L file', ...links].sort())
  const kinds = Object.fromEntries(readdirSync(to).map((name) => [name, lstatSync(join(to, name)).isSymbolicLink()]))
  expect(kinds).toEqual({
    ...{ 'lf-L': false, 'ld-L': false, 'ld--L': false, 'ld--L=false': false, 'ld---follow-link=false': false },
    ...{ 'lf-L=false': true, 'ld-L=false': true, 'lf--follow-link=false': true, 'ld--follow-link=false': true },
  })
  expect((await lichen('cp', '-L', 'c:/s/no', to)).stderr).toMatch(NOT_FOUND)
  const { stdout } = await lichen('cp', '--follow-link=false', 'c:/s/no', '-')
  const listed = execFileSync('tar', ['-tvf', '-'], { input: Buffer.from(stdout), encoding: 'utf8' })
  expect(listed).toMatch(/^l.* no -> no\n$/)
})

lichenTest('cp says what it leaves out, and with -q nothing', async ({ lichen }) => {
  await sleeper(lichen, 'c')
  const to = join(lichen.directory, 'to')
  mkdirSync(to)
  expect(await lichen('cp', 'c:/dev/null', to)).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Warning: .+\n$/),
  })
  expect(await lichen('cp', '-q', 'c:/dev/null', to)).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(readdirSync(to)).toEqual([])
})

test('cp makes files the container user’s, or with -a=false leaves them their owners', async ({ lichen }) => {
  const source = makeSource(lichen)
  await sleeper(lichen, 'u', '--user', '1000:5')
  await sleeper(lichen, 'v', '--user', '7')
  await lichen.ok('exec', '-u', '0', 'u', 'mkdir', '-m', '777', '/t')
  await lichen.ok('cp', `${source}/d`, 'u:/t/d')
  await lichen.ok('cp', '-a=false', `${source}/f`, 'u:/t/kept')
  expect(await list(lichen, 'u', '/t')).toEqual(
    expect.arrayContaining(['d directory 755 1000:5', 'd/a file 644 1000:5', 'kept file 4750 0:0']),
  )
  await lichen.ok('cp', 'u:/t/d', 'v:/from-u')
  await lichen.ok('cp', '-a=false', 'u:/t/d', 'v:/kept')
  expect(await lichen.ok('exec', 'v', 'stat', '-c', '%u:%g', '/from-u/sub/b')).toBe('7:0')
  // podman forgets the owners on the way out of a container
  if (isLichen) expect(await lichen.ok('exec', 'v', 'stat', '-c', '%u:%g', '/kept/sub/b')).toBe('1000:5')
})

test('cp reaches volumes, binds and tmpfs, and the same places of a container that was stopped or never started', async ({
  lichen,
}) => {
  const source = makeSource(lichen)
  const bound = join(lichen.directory, 'bound')
  mkdirSync(bound)
  chmodSync(bound, 0o777)
  const mounts = ['-v', 'data:/data', '-v', `${bound}:/bound`, '--tmpfs', '/tmpfs']
  await sleeper(lichen, 'c', ...mounts)
  for (const place of ['/data/f', '/bound/f', '/tmpfs/f', '/own']) await lichen.ok('cp', `${source}/f`, `c:${place}`)
  expect(await lichen.ok('exec', 'c', 'sh', '-c', 'cat /data/f /bound/f /tmpfs/f /own')).toBe('ffff')
  expect(readFileSync(join(bound, 'f'), 'utf8')).toBe('f')
  await lichen.ok('stop', '-t', '0', 'c')
  await lichen.ok('cp', `${source}/d`, 'c:/data/d')
  await lichen.ok('cp', `${source}/d/a`, 'c:/bound/late')
  await lichen.ok('cp', `${source}/d/.`, 'c:/own-dir')
  for (const [place, text] of Object.entries({
    '/data/d/sub/b': 'b',
    '/bound/late': 'a',
    '/own': 'f',
    '/own-dir/sub/b': 'b',
  })) {
    await lichen.ok('cp', `c:${place}`, join(lichen.directory, 'back'))
    expect(readFileSync(join(lichen.directory, 'back'), 'utf8')).toBe(text)
  }
  await lichen.ok(
    'create',
    '--network',
    'host',
    '--name',
    'fresh',
    ...mounts,
    'box',
    'sh',
    '-c',
    'cat /data/d/a /early',
  )
  await lichen.ok('cp', `${source}/f`, 'fresh:/early')
  await lichen.ok('cp', 'fresh:/data/d/sub/b', join(lichen.directory, 'back'))
  expect(readFileSync(join(lichen.directory, 'back'), 'utf8')).toBe('b')
  expect(await lichen.ok('start', '-a', 'fresh')).toBe('af')
})

test('cp - writes and reads tar archives', async ({ lichen }) => {
  await sleeper(lichen, 'c')
  await lichen.ok('exec', 'c', 'sh', '-c', 'mkdir -p /w/d /in; echo x >/w/d/x; ln -s /w/d /l; touch /in/there')
  const names = async (path: string) => {
    const out = join(lichen.directory, 'out.tar')
    const words = ['cp', `c:${path}`, '-']
    execFileSync('sh', ['-c', 'out=$1; shift; exec "$@" >"$out"', 'sh', out, ...lichen.argv, ...words], {
      env: { ...process.env, ...podmanEnv },
    })
    const listed = execFileSync('tar', ['--numeric-owner', '-tf', out], { encoding: 'utf8' })
    return listed
      .trimEnd()
      .split('\n')
      .map((name) => name.replace(/\/$/, ''))
  }
  expect(await names('/w/d')).toEqual(['d', 'd/x'])
  expect(await names('/l')).toEqual(['d', 'd/x'])
  expect(await names('/w/.')).toEqual(['d', 'd/x'])
  expect(await names('/w/d/x')).toEqual(['x'])
  const archive = tar(
    { name: 'new/', type: '5' },
    { name: 'new/f', data: 'hello', uid: 5, gid: 6 },
    { name: 'there', data: 'now' },
  )
  expect(await lichen.with({ input: archive }, 'cp', '-', 'c:/in')).toMatchObject({ code: 0, stderr: '' })
  expect(await lichen.ok('exec', 'c', 'sh', '-c', 'cat /in/new/f /in/there')).toBe('hellonow')
  expect(await lichen.ok('exec', 'c', 'stat', '-c', '%u:%g', '/in/new/f')).toBe('0:0')
  for (const [input, to] of [
    [archive, '/in/none'],
    [archive, '/w/d/x'],
    [Buffer.from('rubbish'), '/in'],
  ] as const)
    expect(await lichen.with({ input }, 'cp', '-', `c:${to}`)).toMatchObject({ code: 125 })
})

const podmanEnv = isLichen ? {} : { CONTAINERS_CONF: join(import.meta.dirname, '../support/podman.conf') }

test.for([
  ['no container at all', ['a', 'b']],
  ['a container that is not there', ['/etc/passwd', 'stranger:/x']],
  ['no path', ['/etc/passwd', 'stranger:']],
  ['one word', ['/etc/passwd']],
] as const)('cp fails with 125 when given %s', async ([, words], { bare }) => {
  expect(await bare('cp', ...words)).toMatchObject({ code: 125, stdout: '', stderr: expect.stringMatching(/^Error: /) })
})

lichenTest('cp never follows a link of the container out of it, neither in nor out', async ({ lichen }) => {
  const secret = join(lichen.directory, 'secret')
  writeFileSync(secret, 'secret')
  chmodSync(secret, 0o666)
  await sleeper(lichen, 'c')
  const up = '../'.repeat(30)
  await lichen.ok(
    'exec',
    'c',
    'sh',
    '-c',
    `ln -s ${secret} /abs; ln -s ${up}${secret.slice(1)} /up; ln -s / /proc-root; ln -s /proc/1/root /magic; mkdir /w; ln -s ${lichen.directory} /w/out`,
  )
  for (const when of ['running', 'stopped']) {
    for (const path of ['/abs', '/up', `/magic${secret}`, '/w/out/secret'])
      expect(await lichen('cp', `c:${path}`, join(lichen.directory, 'stolen'))).toMatchObject({ code: 125 })
    expect(existsSync(join(lichen.directory, 'stolen'))).toBe(false)
    const mine = join(lichen.directory, 'mine')
    writeFileSync(mine, 'mine')
    for (const path of ['/abs', '/up', '/w/out/secret']) await lichen('cp', mine, `c:${path}`)
    expect(readFileSync(secret, 'utf8')).toBe('secret')
    if (when === 'running') await lichen.ok('stop', '-t', '0', 'c')
  }
})

lichenTest('cp lets directories and other files take each other’s place with --overwrite only', async ({ lichen }) => {
  const source = makeSource(lichen)
  await sleeper(lichen, 'c')
  await lichen.ok('exec', 'c', 'sh', '-c', 'mkdir -p /t/a; echo x >/t/a/x; echo y >/t/sub')
  const refused = await lichen('cp', `${source}/d/.`, 'c:/t')
  expect(refused).toMatchObject({
    code: 125,
    stderr: 'Error: copy: a: cannot overwrite a directory with a non-directory\n',
  })
  await lichen.ok('cp', '--overwrite', `${source}/d/.`, 'c:/t')
  expect(await lichen.ok('exec', 'c', 'cat', '/t/a', '/t/sub/b')).toBe('ab')
  expect(await lichen('cp', 'c:/t', 'c:/t/inside')).toMatchObject({
    code: 125,
    stderr: expect.stringContaining('into itself'),
  })
})

lichenTest(
  'cp does not write to a read-only volume, nor to a root file system that forgets, of a container that does not run',
  async ({ lichen }) => {
    const source = makeSource(lichen)
    await lichen.ok('create', '--name', 'c', '-v', 'data:/data:ro', 'box', 'true')
    expect(await lichen('cp', `${source}/f`, 'c:/data/f')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('Read-only file system'),
    })
    await lichen.ok('create', '--name', 'own', '--rootfs', `${source}/d:O`, '/bin/true')
    expect(await lichen('cp', `${source}/f`, 'own:/f')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('thrown away'),
    })
    expect(existsSync(join(source, 'd/f'))).toBe(false)
  },
)

// another leg has /dev/fuse
for (const driver of isFuseOpen ? ['copy', 'fuse-overlayfs'] : ['copy'])
  lichenTest(`cp works with ${driver}, running or not, also inside one container`, async ({ lichen }) => {
    const source = makeSource(lichen)
    const back = join(lichen.directory, 'back')
    await lichen.ok('--storage-driver', driver, 'create', '--network', 'host', '--name', 'c', 'box', 'sleep', '1000')
    await lichen.ok('cp', `${source}/d`, 'c:/d')
    await lichen.ok('cp', 'c:/d', 'c:/again')
    await lichen.ok('start', 'c')
    await lichen.ok('cp', `${source}/f`, 'c:/again/f')
    await lichen.ok('cp', 'c:/again/sub', 'c:/third')
    await lichen.ok('cp', 'c:/again', back)
    expect(readFileSync(join(back, 'sub/b'), 'utf8')).toBe('b')
    expect(await lichen.ok('exec', 'c', 'cat', '/again/f', '/third/b')).toBe('fb')
  })

lichenTest('cp keeps holes, attributes and hard links, and says which device nodes stay behind', async ({ lichen }) => {
  await sleeper(lichen, 'c')
  await lichen.ok('exec', 'c', 'sh', '-c', 'mkdir /w; truncate -s 100M /w/hole; echo x >/w/a; ln /w/a /w/b')
  const to = join(lichen.directory, 'to')
  await lichen.ok('cp', 'c:/w', to)
  expect(statSync(join(to, 'hole'))).toMatchObject({ size: 100 * 1024 * 1024, blocks: 0 })
  expect(statSync(join(to, 'a')).ino).toBe(statSync(join(to, 'b')).ino)
  const { code, stderr } = await lichen('cp', 'c:/dev/null', join(lichen.directory, 'null'))
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^Warning: 1 device node left out/) })
})
