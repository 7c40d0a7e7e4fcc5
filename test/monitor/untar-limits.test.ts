// `untar` stops at its limits with exit code 3, at a full disk with 2, at any truncated archive with 1, and never hangs.

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { gnuLong, type TarEntry, tar } from './tar-writer.js'
import { anyActor, IS_ROOT, MONITOR, openScratch, untar } from './trees.js'

const file = (name: string, data = ''): TarEntry => ({ name, data })

test('untar stops before it writes when a file would go over --max-bytes', async () => {
  const result = await untar(tar(file('a', 'x'.repeat(1000)), file('b', 'x'.repeat(9000))), {
    args: ['--max-bytes', '8000'],
  })
  expect(result).toMatchObject({ code: 3, stdout: '' })
  expect(result.stderr).toBe('lichen-monitor: untar: b: layer is larger than 8000 bytes\n')
  expect((await result.tree()).b).toMatchObject({ size: 0 })
})

test('untar counts what entries cost when they are empty, and never more than the archive is long', async () => {
  const archive = tar(...Array.from({ length: 100 }, (_, i) => file(`f${i}`)))
  expect(await untar(archive, { args: ['--max-bytes', '50000'] })).toMatchObject({ code: 3 })
  expect(await untar(archive, { args: ['--max-bytes', String(archive.length)] })).toMatchObject({ code: 0 })
})

test('untar counts the directories that a name implies', async () => {
  const archive = tar({ name: 'x', pax: [['path', `${'d/'.repeat(500)}f`]] })
  expect(await untar(archive, { args: ['--max-entries', '100'] })).toMatchObject({ code: 3 })
  expect(await untar(archive, { args: ['--max-bytes', '100000'] })).toMatchObject({ code: 3 })
  expect(await untar(archive, { args: ['--max-entries', '501'] })).toMatchObject({ code: 0 })
})

test('untar stops when there are more entries than --max-entries', async () => {
  const archive = tar(file('a'), file('b'), file('c'))
  const result = await untar(archive, { args: ['--max-entries', '2'] })
  expect(result).toMatchObject({ code: 3, stderr: 'lichen-monitor: untar: c: layer has more than 2 entries\n' })
  expect(await untar(archive, { args: ['--max-entries=3'] })).toMatchObject({ code: 0 })
})

test.each([
  ['without a directory', []],
  ['with two directories', ['a', 'b']],
  ['with an unknown option', ['--what', 'a']],
  ['with a limit that is no number', ['--max-bytes', '10k', 'a']],
  ['with a negative limit', ['--max-entries', '-1', 'a']],
  ['with a map of other ids', ['--map', 'pid:0:1:1', 'a']],
  ['with a short map', ['--map', 'uid:0:1', 'a']],
  ['with a long map', ['--map', 'uid:0:1:1:1', 'a']],
  ['with a map beyond 32 bits', ['--map', 'uid:0:4294967295:2', 'a']],
  ['with a map and a single owner', ['--map', 'uid:0:1:1', '--single-owner', 'a']],
])('untar exits with 64 and one line when called %s', async (_how, args) => {
  const result = await openScratch(anyActor).run([MONITOR, 'untar', ...args], tar())
  expect(result.code).toBe(64)
  expect(result.stderr).toMatch(/^lichen-monitor: untar: [^\n]+\n$/)
})

// Every notation in few blocks, so that every length can be tried.
const small = tar(
  { name: 'd/', type: '5' },
  {
    name: 'd/f',
    data: 'content',
    pax: [
      ['path', 'd/file'],
      ['SCHILY.xattr.user.a', 'b'],
      ['mtime', '1.5'],
    ],
  },
  gnuLong('L', 'd/long'),
  {
    name: 's',
    data: '1\n0\n1\n'.padEnd(512, '\0').concat('x'),
    pax: [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.realsize', '9'],
    ],
  },
)

// Every single length is tried by untar-fuzz.test.ts; here it is the program itself, at the lengths where something begins.
test('untar refuses an archive cut off anywhere before its first block of zeros', async () => {
  for (let block = 0; block <= small.length; block += 512) {
    for (const length of [block - 1, block, block + 1, block + 300].filter((at) => at >= 0 && at <= small.length)) {
      const { code, stderr } = await untar(small.subarray(0, length))
      expect([length, code]).toEqual([length, length + 512 >= small.length ? 0 : 1])
      expect([length, /^(lichen-monitor: untar: [^\n]+\n)?$/.test(stderr)]).toEqual([length, true])
    }
  }
})

test('untar says that the disk is full when it is', async ({ skip }) => {
  if (!IS_ROOT) skip('needs a small file system of its own')
  const scratch = openScratch(anyActor)
  const layer = scratch.directory('layer')
  const command = 'mount -t tmpfs -o size=64k none "$2" && exec "$1" untar "$2"'
  const result = await scratch.run(
    ['unshare', '-m', 'sh', '-c', command, 'sh', MONITOR, layer],
    tar(file('small', 'x'), file('big', 'x'.repeat(200_000))),
  )
  expect(result).toMatchObject({ code: 2, stdout: '' })
  expect(result.stderr).toBe('lichen-monitor: untar: big: write: No space left on device\n')
})

test('untar copies data of any length unchanged', async () => {
  const lengths = [1, 511, 512, 513, 128 * 1024 - 512, 128 * 1024, 128 * 1024 + 1, 3_000_017]
  const bytes = Buffer.alloc(3_000_017, 'some text that does not repeat at block ends')
  const files = lengths.map((length) => ({ name: String(length), data: bytes.subarray(0, length) }))
  const tree = await (await untar(tar(...files))).tree()
  for (const { name, data } of files) expect(tree[name]?.sha256).toBe(createHash('sha256').update(data).digest('hex'))
})
