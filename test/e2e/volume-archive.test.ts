// Volumes as tar archives, out and in, as both engines must do it. (SUBJECT=podman: proven there.)

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { tar } from '../monitor/tar-writer.js'
import { lichenTest, test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'

const FILL = [
  'echo one >/v/file; ln /v/file /v/link; ln -s file /v/soft; mkdir /v/dir; echo two >"/v/dir/a b"; mkfifo /v/fifo',
  'chown 5:6 /v/dir; chmod 4755 /v/file; chmod 1777 /v/dir; touch -d "2001-02-03 04:05:06" /v/dir/*',
].join('; ')
const SHOW =
  'cd /v; find . ! -name . | sort | xargs -d "\\n" stat -c "%n %F %a %u:%g %h"; stat -c %Y dir/*; cat file dir/*'
const inside = (lichen: Lichen, volume: string, script: string) =>
  lichen.ok('run', '--rm', '-v', `${volume}:/v`, 'box', 'sh', '-c', script)

test('a volume exported and imported is the same volume, by a file and by standard input', async ({ lichen }) => {
  for (const name of ['from', 'to', 'piped']) await lichen.ok('volume', 'create', name)
  await inside(lichen, 'from', FILL)
  const shown = await inside(lichen, 'from', SHOW)
  const archive = join(lichen.directory, 'from.tar')
  expect(await lichen.ok('volume', 'export', '--output', archive, 'from')).toBe('')
  const listed = execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--file', archive], {
    encoding: 'utf8',
  })
  expect(listed).toMatch(/^drwxrwxrwt 5\/6 .* (\.\/)?dir\/$/m)
  expect(listed).toMatch(/^h.* link to (\.\/)?file$/m)
  expect(await lichen.ok('volume', 'import', 'to', archive)).toBe('')
  expect(await inside(lichen, 'to', SHOW)).toBe(shown)
  // podman insists on pipes, which Node's are not
  const both = ['sh', '-c', '"$@" volume export from | "$@" volume import piped -', 'sh', ...lichen.argv]
  expect(await runProcess(both)).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(await inside(lichen, 'piped', SHOW)).toBe(shown)
})

test('volume import replaces what the archive has, and leaves the rest, also while a container uses it', async ({
  lichen,
}) => {
  await lichen.ok('run', '-d', '--name', 'user', '-v', 'data:/v', 'box', 'sh', '-c', 'echo mine >/v/mine; sleep 100')
  const archive = join(lichen.directory, 'new.tar.gz')
  writeFileSync(
    archive,
    gzipSync(tar({ name: 'new', data: 'new\n' }, { name: 'mine', data: 'theirs\n', uid: 7, gid: 8 })),
  )
  await lichen.ok('exec', 'user', 'sh', '-c', 'until [ -s /v/mine ]; do :; done; echo kept >/v/kept')
  await lichen.ok('volume', 'import', 'data', archive)
  expect(await lichen.ok('exec', 'user', 'sh', '-c', 'cat /v/*; stat -c %u:%g /v/mine')).toBe('kept\ntheirs\nnew\n7:8')
  await lichen.ok('rm', '-f', '-t', '0', 'user')
})

test.for([
  ['export', 'a volume that is not there', ['stranger']],
  ['export', 'two volumes', ['data', 'data']],
  ['export', 'nothing', []],
  ['import', 'a volume that is not there', ['stranger', '/dev/null']],
  ['import', 'a file that is not there', ['data', '/not/there']],
  ['import', 'what is no archive', ['data', '/etc/passwd']],
  ['import', 'no file', ['data']],
] as const)('volume %s fails with 125 when it is given %s', async ([verb, , args], { bare }) => {
  await bare.ok('volume', 'create', 'data')
  expect(await bare('volume', verb, ...args)).toMatchObject({ code: 125, stdout: '' })
})

lichenTest('nothing in an archive reaches outside the volume', async ({ lichen }) => {
  await lichen.ok('volume', 'create', 'data')
  const outside = join(lichen.directory, 'outside')
  writeFileSync(outside, 'untouched')
  const up = '../'.repeat(20)
  const hostile = [
    tar({ name: 'dir', type: '2', link: lichen.directory }, { name: 'dir/outside', data: 'x' }),
    tar({ name: `${up}${outside}`, data: 'x' }),
    tar({ name: 'link', type: '1', link: `${up}${outside}` }, { name: 'link', data: 'x' }),
    tar({ name: 'out', type: '2', link: outside }, { name: 'out', data: 'x' }),
  ]
  for (const archive of hostile) await lichen.with({ input: archive }, 'volume', 'import', 'data', '-')
  expect(readFileSync(outside, 'utf8')).toBe('untouched')
})

lichenTest('an archive of a layer is one of files: whiteouts are files like others', async ({ lichen }) => {
  await lichen.ok('volume', 'create', 'data')
  const archive = tar({ name: '.wh.file', data: '' }, { name: '.wh..wh..opq', data: '' })
  expect(await lichen.with({ input: archive }, 'volume', 'import', 'data', '-')).toMatchObject({ code: 0, stderr: '' })
  expect(await inside(lichen, 'data', 'cd /v; stat -c "%n %F" .wh*')).toBe(
    '.wh..wh..opq regular empty file\n.wh.file regular empty file',
  )
})

lichenTest('volume export leaves the file that was there when it fails', async ({ bare }) => {
  await bare.ok('volume', 'create', '--opt', 'type=tmpfs', 'memory')
  const file = join(bare.directory, 'old.tar')
  writeFileSync(file, 'old')
  expect((await bare('volume', 'export', '-o', file, 'memory')).code).toBe(125)
  expect(readFileSync(file, 'utf8')).toBe('old')
  await bare.ok('volume', 'create', 'data')
  expect((await bare('volume', 'export', '-o', '/not/there', 'data')).code).toBe(125)
  expect(existsSync('/not/there')).toBe(false)
})
