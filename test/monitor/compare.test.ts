// `compare` finds every difference between two trees that a container could see, and no other (PROTOCOL.md, compare).

import { describe, expect, test } from 'vitest'
import { tar } from './tar-writer.js'
import { type Actor, actors, anyActor, MONITOR, openScratch, SANITIZED, type Scratch } from './trees.js'

const archive = tar(
  { name: './', type: '5', mode: 0o755 },
  { name: 'etc/', type: '5', mode: 0o2755, gid: 4 },
  { name: 'etc/passwd', data: 'root', uid: 8, mode: 0o640, mtime: 3 },
  { name: 'etc/deep/er/file', data: 'x'.repeat(300_000) },
  { name: 'etc/also', type: '1', link: 'etc/passwd' },
  { name: 'link', type: '2', link: 'etc/passwd' },
  { name: 'pipe', type: '6' },
  { name: '.wh.gone' },
  { name: 'opaque/.wh..wh..opq' },
  { name: 'empty', data: '' },
)

/** The same archive, unpacked twice; the first is changed by a script that runs in it. */
async function compare(actor: Actor, script: string, program = MONITOR) {
  const scratch = openScratch(actor)
  const [tree = '', expected = ''] = await Promise.all(['tree', 'expected'].map((name) => unpack(scratch, name)))
  const changed = await scratch.run(['sh', '-ec', `cd "$0"; ${script}`, tree])
  if (changed.code !== 0) throw new Error(changed.stderr)
  const { code, stdout, stderr } = await scratch.run([program, 'compare', tree, expected])
  const words = stdout.split('\0')
  expect({ code, stderr, last: words.pop() }).toEqual({ code: 0, stderr: '', last: '' })
  return Array.from({ length: words.length / 2 }, (_, at) => `${words[2 * at]}: ${words[2 * at + 1]}`).sort()
}

async function unpack(scratch: Scratch, name: string): Promise<string> {
  const directory = scratch.directory(name)
  const { code, stderr } = await scratch.run([MONITOR, 'untar', directory], archive)
  if (code !== 0) throw new Error(stderr)
  return directory
}

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing is changed', 'touch etc/passwd etc .', []],
  ['a file is missing', 'rm empty', ['empty: missing']],
  ['a directory is missing', 'rm -r etc/deep', ['etc/deep: missing']],
  ['a file is new', 'echo >etc/new', ['etc/new: should not be there']],
  [
    'a byte is another',
    'printf y | dd of=etc/deep/er/file bs=1 seek=200000 conv=notrunc 2>/dev/null',
    ['etc/deep/er/file: its contents are others from byte 200000 on'],
  ],
  [
    'a file is shorter',
    'truncate -s 299999 etc/deep/er/file',
    ['etc/deep/er/file: it is 299999 bytes long, not 300000'],
  ],
  [
    'a mode is another',
    'chmod 4755 empty; chmod 700 etc',
    ['empty: its mode is 4755, not 0644', 'etc/: its mode is 2700, not 2755'],
  ],
  ['an owner is another', 'chown 5:6 empty', ['empty: its owner is 5:6, not 0:0']],
  ['the root is another', 'chmod 700 .', [': its mode is 0700, not 0755']],
  ['a link leads elsewhere', 'ln -sf other link', ['link: it leads elsewhere']],
  [
    'a hard link is broken',
    'cp -p etc/also etc/copy; mv etc/copy etc/also',
    ['etc/also: it has 1 names, not 2', 'etc/passwd: it has 1 names, not 2'],
  ],
  [
    'a kind is another',
    'rm pipe; mkdir pipe; rm link; echo >link',
    ['link: it should be a symbolic link and is a file', 'pipe: it should be a pipe and is a directory'],
  ],
  ['a whiteout is gone', 'rm gone', ['gone: missing']],
  [
    'an attribute is gone',
    "python3 -c \"import os; os.removexattr('opaque', 'user.overlay.opaque')\"",
    ['opaque/: its attribute user.overlay.opaque is another one'],
  ],
  [
    'an attribute is new',
    "python3 -c \"import os; os.setxattr('empty', 'user.a', b'1')\"",
    ['empty: its attribute user.a is another one'],
  ],
]

describe.each(actors)('compare as $name', (actor) => {
  test.each(CASES)('compare tells what differs when %s', async (_what, script, differences) => {
    expect(await compare(actor, script)).toEqual(differences)
  })
})

test('compare follows no link out of the tree', async () => {
  expect(await compare(anyActor, 'rm -r etc/deep; ln -s / etc/deep')).toEqual([
    'etc/deep: it should be a directory and is a symbolic link',
  ])
})

test('compare finds the same with sanitizers on', async () => {
  const script = 'rm -r pipe gone etc/deep; mkdir pipe; echo >new; chmod 700 etc; ln -sf x link; echo y >etc/passwd'
  expect(await compare(anyActor, script, SANITIZED)).toHaveLength(8)
})

test('compare says what it cannot look at', async () => {
  const scratch = openScratch(anyActor)
  const result = await scratch.run([MONITOR, 'compare', scratch.directory('one'), '/nonexistent'])
  expect(result).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'lichen-monitor: compare: /nonexistent: No such file or directory\n',
  })
  expect(await scratch.run([MONITOR, 'compare', 'one'])).toMatchObject({ code: 64 })
})
