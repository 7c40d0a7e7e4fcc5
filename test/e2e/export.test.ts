// A container's files as an archive, as both engines must write it. (SUBJECT=podman: proven there.)

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isFuseOpen } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

const FILL = [
  'echo one >/file; ln /file /link; ln -s file /soft; mkdir /dir; echo two >"/dir/a b"; mkfifo /fifo; rm -rf /bin/vi',
  'chown 5:6 /dir; chmod 4755 /file; chmod 1777 /dir; touch -d "2001-02-03 04:05:06" /dir/*; echo v >/volume/v',
].join('; ')
const listTar = (file: string): string[] =>
  execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--utc', '--full-time', '--file', file], {
    encoding: 'utf8',
  }).split('\n')
const fill = (lichen: Lichen, ...flags: string[]) =>
  lichen.ok(...flags, 'run', '--name', 'c', '-v', 'data:/volume', 'box', 'sh', '-c', FILL)

async function checkExport(lichen: Lichen): Promise<void> {
  const archive = join(lichen.directory, 'c.tar')
  expect(await lichen.ok('export', '--output', archive, 'c')).toBe('')
  const listed = listTar(archive)
  const line = (end: string) => listed.find((each) => each.endsWith(` ${end}`) || each.includes(` ${end} `)) ?? ''
  expect(line('dir/')).toMatch(/^drwxrwxrwt 5\/6 /)
  expect(line('dir/a b')).toMatch(/^-rw-r--r-- 0\/0 +4 2001-02-03 04:05:06/)
  expect([line('file'), line('link')].sort().join('\n')).toMatch(/^-rwsr-xr-x 0\/0 .*\n?h|^h.*\n?-rwsr-xr-x/)
  expect(line('soft')).toMatch(/ soft -> file$/)
  expect(line('fifo')).toMatch(/^p/)
  expect(line('volume/')).toMatch(/^d/)
  expect(listed.filter((each) => / (bin\/vi|volume\/v|proc\/.+)$/.test(each))).toEqual([])
  await lichen.ok('import', archive, 'again')
  const shown = await lichen.ok('run', '--rm', 'again', 'sh', '-c', 'cat /file "/dir/a b"; stat -c "%h %a" /link')
  expect(shown).toBe('one\ntwo\n2 4755')
}

test('export writes all of a container’s own files, and import makes them an image', async ({ lichen }) => {
  await fill(lichen)
  await checkExport(lichen)
})

for (const driver of isFuseOpen ? (['copy', 'fuse-overlayfs'] as const) : (['copy'] as const))
  lichenTest(`export writes the same with ${driver}`, async ({ lichen }) => {
    await fill(lichen, '--storage-driver', driver)
    await checkExport(lichen)
  })

test('export shows what a running container has at this moment, and one that never ran', async ({ lichen }) => {
  const archive = join(lichen.directory, 'c.tar')
  await lichen.ok('create', '--name', 'fresh', 'box', 'true')
  await lichen.ok('export', '-o', archive, 'fresh')
  expect(listTar(archive).join('\n')).toContain(' bin/busybox')
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '100')
  await lichen.ok('exec', 'c', 'touch', '/tmp/now')
  await lichen.ok('export', '-o', archive, 'c')
  expect(listTar(archive).join('\n')).toContain(' tmp/now')
  await lichen.ok('rm', '-f', '-t', '0', 'c')
})

test.for([
  ['nothing', ['export']],
  ['a stranger', ['export', 'stranger']],
  ['an image', ['export', 'box']],
  ['two containers', ['export', 'c', 'c']],
  ['a file that cannot be', ['export', '-o', '/not/there', 'c']],
] as const)('export fails with 125 when it is given %s', async ([, words], { lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  expect(await lichen(...words)).toMatchObject({ code: 125, stdout: '' })
})

test('export writes nothing to a terminal', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  const terminal = lichen.terminal(['export', 'c'])
  expect(await terminal.exit()).toMatchObject({
    code: 125,
    screen: expect.stringContaining('refusing to export to terminal'),
  })
})

lichenTest('export leaves the file that was there when it fails', async ({ lichen }) => {
  const archive = join(lichen.directory, 'kept.tar')
  writeFileSync(archive, 'mine')
  expect(await lichen('export', '-o', archive, 'stranger')).toMatchObject({ code: 125 })
  expect(readFileSync(archive, 'utf8')).toBe('mine')
  expect(existsSync(`${archive}.tmp`)).toBe(false)
})
