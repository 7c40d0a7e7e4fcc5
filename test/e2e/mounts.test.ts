// Every kind of mount a container can be given, by what the kernel shows in it and what is left on the host.

import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest, test, userTest } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

/** A directory of the test's with a file and a directory in it. */
function makeSource({ directory }: Lichen, name = 'source'): string {
  const source = join(directory, name)
  mkdirSync(join(source, 'sub'), { recursive: true })
  writeFileSync(join(source, 'file'), 'as it was')
  return source
}

/** Mount options and type at a place of the container: `rw,relatime - overlay`. */
async function mountAt(lichen: Lichen, place: string, ...flags: string[]): Promise<string> {
  const script = `awk '$5 == "${place}" { print $6, $0 }' /proc/self/mountinfo | sed 's/ .* - / - /' | cut -d' ' -f1-3`
  return await lichen.ok('run', '--rm', ...flags, 'box', 'sh', '-c', script)
}

test('run mounts with the options of -v, and refuses those that exclude each other', async ({ lichen }) => {
  const source = makeSource(lichen)
  expect(await mountAt(lichen, '/mnt', '-v', `${source}:/mnt:ro,nosuid,noexec,nodev`)).toContain(
    'ro,nosuid,nodev,noexec,relatime - ',
  )
  for (const options of ['ro,rw', 'z,Z', 'foo', 'O,ro']) {
    const result = await lichen('run', '--rm', '-v', `${source}:/mnt:${options}`, 'box', 'true')
    expect(result).toMatchObject({ code: 125, stdout: '' })
  }
})

test('run gives a container its own changes of a directory when -v says O, and throws them away', async ({
  lichen,
}) => {
  const source = makeSource(lichen, isLichen ? 'with,comma' : undefined)
  const script = 'cat /mnt/file /mnt/new 2>/dev/null; echo changed >/mnt/file; echo new >/mnt/new; rmdir /mnt/sub'
  await lichen.ok('create', '--name', 'over', '-v', `${source}:/mnt:O`, 'box', 'sh', '-c', script)
  for (const _ of [1, 2]) expect(await lichen.ok('start', '--attach', 'over')).toBe('as it was')
  expect(readdirSync(source).sort()).toEqual(['file', 'sub'])
  expect(readFileSync(join(source, 'file'), 'utf8')).toBe('as it was')
})

test('run keeps the changes where upperdir says when -v says O', async ({ lichen }) => {
  const source = makeSource(lichen)
  const [upper, work] = ['upper', 'work'].map((name) => join(lichen.directory, name)) as [string, string]
  for (const dir of [upper, work]) mkdirSync(dir)
  const volume = `${source}:/mnt:O,upperdir=${upper},workdir=${work}`
  await lichen.ok('run', '--rm', '-v', volume, 'box', 'sh', '-c', 'echo kept >/mnt/new')
  expect(await lichen.ok('run', '--rm', '-v', volume, 'box', 'cat', '/mnt/new')).toBe('kept')
  expect(readdirSync(upper)).toEqual(['new'])
})

test("run gives the source to the container's user when -v says U, and follows no link in it", async ({ lichen }) => {
  const source = makeSource(lichen)
  writeFileSync(join(lichen.directory, 'outside'), '')
  symlinkSync('../outside', join(source, 'link'))
  const flags = ['-u', '33:34', '-v', `${source}:/mnt:U`, '-v', 'given:/data:U']
  const script = 'stat -c %u:%g /mnt /mnt/file /mnt/sub /mnt/link /data; touch /mnt/sub/mine /data/mine'
  expect(await lichen.ok('run', '--rm', ...flags, 'box', 'sh', '-c', script)).toBe(Array(5).fill('33:34').join('\n'))
  expect(lstatSync(join(lichen.directory, 'outside')).uid).toBe(process.getuid?.())
  await lichen.ok('run', '--rm', '-v', `${source}:/mnt:U`, 'box', 'true')
  expect(lstatSync(join(source, 'sub/mine')).uid).toBe(process.getuid?.())
})

test('run mounts by --mount what -v mounts, and by its other words', async ({ lichen }) => {
  const source = makeSource(lichen)
  const flags = [
    ...['--mount', `type=bind,src=${source},target=/bind,readonly=true,bind-nonrecursive`],
    ...['--mount', 'type=volume,source=named,destination=/volume,ro'],
    ...['--mount', 'type=tmpfs,dst=/memory,tmpfs-size=1m,tmpfs-mode=700'],
    ...['--mount', 'type=devpts,dst=/ptys,uid=1,mode=600,max=3'],
  ]
  const script = `awk '$5 ~ /^.(bind|volume|memory|ptys)$/ { print $5, $6, $0 }' /proc/self/mountinfo | sed 's/relatime .* - /relatime - /' | sort`
  const lines = (await lichen.ok('run', '--rm', ...flags, 'box', 'sh', '-c', script)).split('\n')
  expect(lines[0]).toMatch(/^\/bind ro,relatime - /)
  expect(lines[1]).toMatch(/^\/memory rw,nosuid,nodev,relatime - tmpfs tmpfs rw,size=1024k,mode=700/)
  expect(lines[2]).toMatch(/^\/ptys rw,relatime - devpts devpts rw,uid=\d+,mode=600,ptmxmode=000,max=3/)
  expect(lines[3]).toMatch(/^\/volume ro,nosuid,nodev,relatime - /)
})

test.for([
  ['', 'incorrect mount format'],
  ['type=bind,src=/,dst=mnt', 'must be an absolute path'],
  ['type=bind,src=/none/such,dst=/mnt', '/none/such: no such file or directory'],
  ['type=bind,src=/,dst=/mnt,foo=1', 'foo: invalid mount option'],
  ['type=bind,src=/,dst=/mnt,readonly=x', 'must be set to true or false, instead received "x"'],
  ['type=tmpfs,dst=/mnt,src=x', 'source is not supported with tmpfs mounts'],
  ['type=nfs,dst=/mnt', 'invalid filesystem type "nfs"'],
  ['type=image,dst=/mnt', 'must set source and destination for image volume'],
] as const)('run fails with 125 before anything is made when --mount is %s', async ([mount, message], { lichen }) => {
  const result = await lichen('run', '--mount', mount, 'box', 'true')
  expect(result).toMatchObject({ code: 125, stdout: '' })
  expect(result.stderr).toContain(message)
  expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')
})

test('run refuses two mounts for one place, but not the same --tmpfs twice', async ({ lichen }) => {
  const result = await lichen('run', '-v', '/mnt', '--mount', 'type=tmpfs,dst=/mnt', 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('/mnt: duplicate mount destination')
  expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')
  const again = ['--tmpfs', '/t:size=1m', '--tmpfs', '/t:size=1m']
  expect(await lichen.ok('run', '--rm', ...again, 'box', 'grep', '-c', ' /t ', '/proc/self/mountinfo')).toBe('1')
})

test("run copies the image's files into a tmpfs unless notmpcopyup is said", async ({ lichen }) => {
  const script = 'cat /home/x 2>/dev/null; ls -A /home; ls -A /usr; touch /home/new'
  expect(
    await lichen.ok('run', '--rm', '--tmpfs', '/home', '--tmpfs', '/usr:notmpcopyup', 'box', 'sh', '-c', script),
  ).toBe('guest')
})

test('run shows the files of another image when --mount says type=image', async ({ lichen }) => {
  const flags = ['--mount', 'type=image,src=box,dst=/ro', '--mount', 'type=image,src=box,dst=/rw,rw=true']
  const script =
    'stat -c %u:%g /ro/home/guest; touch /ro/x 2>&1 | grep -o "Read-only"; rm -r /rw/home && touch /rw/new && ls -d /rw/*e* | tr "\\n" " "'
  await lichen.ok('create', '--name', 'shows', ...flags, 'box', 'sh', '-c', script)
  for (const _ of [1, 2])
    expect(await lichen.ok('start', '--attach', 'shows')).toBe('1000:1000\nRead-only\n/rw/dev /rw/etc /rw/new ')
})

lichenTest('rmi keeps the layers of an image that a container has mounted', async ({ lichen }) => {
  await lichen
    .ok('import', '--change', 'LABEL other=1', join(import.meta.dirname, '../../README.md'), 'other')
    .catch(() => undefined)
  await lichen.ok('create', '--name', 'shows', '--mount', 'type=image,src=box,dst=/img', 'box', 'ls', '/img/home')
  await lichen('rmi', '--force', 'box')
  const result = await lichen('start', '--attach', 'shows')
  if (result.code !== 0)
    expect(result.stderr).toContain('no container') // podman's --force takes its containers, too
  else expect(result.stdout).toBe('guest\n')
})

lichenTest('run shows one place of a volume, and nothing outside it, when --mount says subpath', async ({ lichen }) => {
  const fill = 'mkdir -p /v/a/b; echo deep >/v/a/b/file; ln -s /etc /v/abroad; ln -s ../../../../../../etc /v/up'
  await lichen.ok('run', '--rm', '-v', 'parts:/v', 'box', 'sh', '-c', fill)
  const show = (subpath: string, ...command: string[]) =>
    lichen('run', '--rm', '--mount', `type=volume,src=parts,dst=/mnt,subpath=${subpath}`, 'box', ...command)
  expect(await show('a/b', 'cat', '/mnt/file')).toMatchObject({ code: 0, stdout: 'deep\n' })
  expect(await show('a/b/file', 'cat', '/mnt')).toMatchObject({ code: 0, stdout: 'deep\n' })
  for (const subpath of ['abroad', 'up', 'none', '../../..'])
    expect(await show(subpath, 'grep', '-c', 'root', '/mnt/passwd')).not.toMatchObject({ code: 0 })
  expect((await show('none', 'true')).stderr).toContain('mount volume: parts: subpath none: No such file or directory')
})

lichenTest('run mounts each path a pattern fits when --mount says type=glob', async ({ lichen }) => {
  const source = makeSource(lichen)
  const glob = (pattern: string) =>
    lichen('run', '--rm', '--mount', `type=glob,src=${source}/${pattern},dst=/in`, 'box', 'ls', '/in')
  expect(await glob('[fs]*')).toMatchObject({ code: 0, stdout: 'file\nsub\n' })
  expect((await glob('none*')).stderr).toContain('no file paths matching glob')
})

lichenTest('run shows the files of an artifact when --mount says type=artifact', async ({ lichen }) => {
  for (const name of ['one', 'two']) writeFileSync(join(lichen.directory, name), `file ${name}`)
  const file = (name: string) => join(lichen.directory, name)
  await lichen.ok('artifact', 'add', 'localhost/single', file('one'))
  await lichen.ok('artifact', 'add', 'localhost/pair', file('one'), file('two'))
  const mount = (words: string, script: string) =>
    lichen.ok('run', '--rm', '--mount', `type=artifact,src=${words}`, 'box', 'sh', '-c', script)
  expect(await mount('localhost/single,dst=/in', 'cat /in/one; touch /in/one 2>/dev/null || echo :closed')).toBe(
    'file one:closed',
  )
  expect(await mount('localhost/single,dst=/etc/passwd', 'cat /etc/passwd')).toBe('file one')
  expect(await mount('localhost/single,dst=/in,name=own', 'ls /in')).toBe('own')
  expect(await mount('localhost/pair,dst=/in', 'ls /in')).toBe('one\ntwo')
  expect(await mount('localhost/pair,dst=/in,title=two', 'ls /in')).toBe('two')
})

test('run mounts what other containers have when --volumes-from names them, not their tmpfs', async ({ lichen }) => {
  const source = makeSource(lichen)
  const own = ['-v', `${source}:/bound:ro`, '-v', 'shared:/named', '-v', '/fresh', '--tmpfs', '/memory']
  await lichen.ok('create', '--name', 'first', ...own, 'box', 'true')
  const script = `awk '$5 ~ /^.(bound|named|fresh|memory)$/ { print $5, substr($6, 1, 2) }' /proc/self/mountinfo | sort | tr '\\n' ' '`
  const show = (...flags: string[]) => lichen.ok('run', '--rm', ...flags, 'box', 'sh', '-c', script)
  expect(await show('--volumes-from', 'first')).toBe('/bound ro /fresh rw /named rw ')
  expect(await show('--volumes-from', 'first:ro')).toBe('/bound ro /fresh ro /named ro ')
  expect(await show('--volumes-from', 'first', '-v', `${source}:/named:ro`)).toBe('/bound ro /fresh rw /named ro ')
  expect((await lichen('run', '--rm', '--volumes-from', 'nobody', 'box', 'true')).code).toBe(125)
  expect((await lichen('run', '--rm', '--volumes-from', 'first:x', 'box', 'true')).code).toBe(125)
})

test("run makes the image's own volumes as --image-volume says", async ({ bare }) => {
  const { imagePath } = await import('../support/images.js')
  await bare.ok('import', '--change', 'VOLUME /home', imagePath('box.tar'), 'withvolume')
  const show = async (mode: string) => {
    const script = `awk '$5 == "/home"' /proc/self/mountinfo | sed 's/.* - //' | cut -d' ' -f1; ls /home`
    return await bare.ok('run', '--rm', `--image-volume=${mode}`, 'withvolume', 'sh', '-c', script)
  }
  expect(await show('bind')).toMatch(/^\w+\nguest$/)
  expect(await show('tmpfs')).toBe('tmpfs\nguest')
  expect(await show('ignore')).toBe('guest')
  expect((await bare('run', '--image-volume=foo', 'withvolume', 'true')).code).toBe(125)
})

test('run sizes /dev/shm as --shm-size says', async ({ lichen }) => {
  const size = (value: string) =>
    lichen(
      'run',
      '--rm',
      '--shm-size',
      value,
      'box',
      'sh',
      '-c',
      'grep " /dev/shm " /proc/self/mountinfo | sed "s/.*size=//"',
    )
  expect((await size('1m')).stdout).toMatch(/^1024k/)
  expect((await size('0')).stdout).toMatch(/^0k/)
  expect(await size('xx')).toMatchObject({ code: 125, stderr: expect.stringContaining('invalid size') })
})

lichenTest('run leaves nothing to write to when --read-only-tmpfs is off', async ({ lichen }) => {
  const script = 'for d in / /tmp /run /var/tmp /dev /dev/shm; do touch $d/x 2>/dev/null && echo $d; done; echo end'
  const flags = ['--read-only', '--read-only-tmpfs=false']
  expect(await lichen.ok('run', '--rm', ...flags, 'box', 'sh', '-c', script)).toBe('end')
})

test('inspect shows mounts as podman does', async ({ lichen }) => {
  const source = makeSource(lichen)
  const flags = ['-v', `${source}:/a:ro`, '-v', 'named:/b:U,nocopy', '--tmpfs', '/t:size=1m', '--shm-size', '1m']
  await lichen.ok('create', '--name', 'all', ...flags, 'box', 'true')
  const show = async (template: string) =>
    JSON.parse(await lichen.ok('inspect', '--format', template, 'all')) as unknown
  const mounts = (await show('{{json .Mounts}}')) as { Destination: string }[]
  expect(mounts.sort((a, b) => (a.Destination < b.Destination ? -1 : 1))).toMatchObject([
    {
      Type: 'bind',
      Source: source,
      Destination: '/a',
      Driver: '',
      Mode: '',
      Options: ['rbind'],
      RW: false,
      Propagation: 'rprivate',
    },
    {
      Type: 'volume',
      Name: 'named',
      Destination: '/b',
      Driver: 'local',
      Options: ['U', 'nocopy', 'nosuid', 'nodev', 'rbind'],
      RW: true,
    },
  ])
  const binds = (await show('{{json .HostConfig.Binds}}')) as string[]
  expect(binds.sort()).toEqual([`${source}:/a:ro,rprivate,rbind`, 'named:/b:U,nocopy,rw,rprivate,nosuid,nodev,rbind'])
  expect(await show('{{json .HostConfig.Tmpfs}}')).toEqual({ '/t': 'size=1m,rw,rprivate,nosuid,nodev,tmpcopyup' })
  expect(await show('{{json .HostConfig.ShmSize}}')).toBe(1024 * 1024)
})

const idmapTest = (title: string) => `run says what is missing when -v says idmap ${title}`
rootTest(idmapTest('and the container has no ids of its own'), async ({ lichen }) => {
  expect((await lichen('run', '--rm', '-v', `${makeSource(lichen)}:/mnt:idmap`, 'box', 'true')).code).not.toBe(0)
})
userTest(idmapTest('without root'), async ({ lichen }) => {
  const result = await lichen('run', '--rm', '-v', `${makeSource(lichen)}:/mnt:idmap`, 'box', 'true')
  expect(result.code).not.toBe(0)
})
