// What containers changed, as both engines tell it. (SUBJECT=podman: proven there, but for directories of which only mode or owner changed,
// which podman passes over.)

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isFuseOpen } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

const CHANGE = [
  'echo new >/new; mkdir -p /dir/below; echo x >/dir/below/file; touch /dir.a',
  'rm /etc/group; echo more >>/etc/passwd; rm /bin/vi',
].join('; ')
const CHANGES = [
  'C /bin',
  'D /bin/vi',
  'A /dir',
  'A /dir/below',
  'A /dir/below/file',
  'A /dir.a',
  'C /etc',
  'D /etc/group',
  'C /etc/passwd',
  'A /mnt',
  'A /mnt/volume',
  'A /new',
]
const change = (lichen: Lichen, ...flags: string[]) =>
  lichen.ok(...flags, 'run', '--name', 'c', '--network', 'none', '-v', 'data:/mnt/volume', 'box', 'sh', '-c', CHANGE)
const lines = (text: string): string[] => text.split('\n')

test('diff tells what a container added, changed and deleted, and not what every start makes', async ({ lichen }) => {
  await change(lichen)
  expect(lines(await lichen.ok('diff', 'c'))).toEqual(CHANGES)
  expect(lines(await lichen.ok('container', 'diff', '--latest'))).toEqual(CHANGES)
  const paths = (letter: string) => CHANGES.filter((line) => line.startsWith(letter)).map((line) => line.slice(2))
  expect(JSON.parse(await lichen.ok('diff', '--format', 'json', 'c'))).toEqual({
    changed: paths('C'),
    added: paths('A'),
    deleted: paths('D'),
  })
  expect(lines(await lichen.ok('diff', 'c', 'box'))).toEqual(expect.arrayContaining(['A /new', 'D /bin/vi']))
  expect(lines(await lichen.ok('diff', 'box', 'c'))).toEqual(expect.arrayContaining(['D /new', 'A /bin/vi']))
})

test('diff follows a container that runs, and tells nothing of one that never did', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'fresh', 'box', 'true')
  expect(await lichen.ok('diff', 'fresh')).toBe('')
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '100')
  for (const name of ['one', 'two']) {
    await lichen.ok('exec', 'c', 'touch', `/tmp/${name}`)
    expect(await lichen.ok('diff', 'c')).toContain(`A /tmp/${name}`)
  }
  await lichen.ok('exec', 'c', 'rm', '/tmp/one')
  expect(await lichen.ok('diff', 'c')).not.toContain('/tmp/one')
  await lichen.ok('rm', '-f', '-t', '0', 'c')
})

test.for([
  ['nothing', ['diff']],
  ['a stranger', ['diff', 'stranger']],
  ['three', ['diff', 'box', 'box', 'box']],
  ['a name and --latest', ['diff', '--latest', 'box']],
  ['another format', ['diff', '--format', 'xml', 'box']],
  ['an image for a container', ['container', 'diff', 'box']],
] as const)('diff fails with 125 when it is given %s', async ([, words], { lichen }) => {
  expect(await lichen(...words)).toMatchObject({ code: 125, stdout: '' })
})

for (const driver of isFuseOpen ? (['copy', 'fuse-overlayfs'] as const) : (['copy'] as const))
  lichenTest(`diff tells the same with ${driver}`, async ({ lichen }) => {
    await change(lichen, '--storage-driver', driver)
    expect(lines(await lichen.ok('diff', 'c'))).toEqual(CHANGES)
  })

lichenTest('diff knows a directory made anew, and one with another owner or mode', async ({ lichen }) => {
  const script = 'rm -rf /var; mkdir /var; touch /var/new; chown 5:6 /home; chmod 700 /tmp; chmod 755 /usr'
  await lichen.ok('run', '--name', 'c', 'box', 'sh', '-c', script)
  const told = lines(await lichen.ok('diff', 'c'))
  expect(told.filter((line) => !line.includes('/etc'))).toEqual([
    'C /home',
    'C /tmp',
    'C /var',
    'A /var/new',
    'D /var/tmp',
  ])
})

lichenTest(
  'diff of a container on a directory of the user’s own says that there is nothing to compare with',
  async ({ lichen }) => {
    await lichen.ok('create', '--name', 'c', '--rootfs', lichen.directory, 'true')
    expect(await lichen('diff', 'c')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('made with --rootfs'),
    })
  },
)
