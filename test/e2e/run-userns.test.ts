// User namespaces of a container's own: which ids it has (/proc/self/uid_map), that the image's files are its root's, that what it writes can be
// read again after a restart, and what happens when ids are lacking.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest, test, userTest } from '../support/container-test.js'
import { isRoot, readSubuidRange } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

const map = async (lichen: Lichen, ...flags: string[]): Promise<string[]> =>
  (await lichen.ok('run', '--rm', ...flags, 'box', 'cat', '/proc/self/uid_map'))
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ':'))
const OWNERS = 'stat -c %u:%g / /bin /home/guest; touch /new; stat -c %u /new'

test('run gives the container the ids that --uidmap and --gidmap say, and its root the files of the image', async ({
  lichen,
}) => {
  const maps = ['--uidmap', '0:1:2000', '--gidmap', '0:3:1500']
  expect(await map(lichen, ...maps)).toEqual(['0:1:2000'])
  const script = `cat /proc/self/gid_map; ${OWNERS}`
  const [gids = '', ...owners] = (await lichen.ok('run', '--rm', ...maps, 'box', 'sh', '-c', script)).split('\n')
  expect(gids.trim().split(/\s+/)).toEqual(['0', '3', '1500'])
  expect(owners).toEqual(['0:0', '0:0', '1000:1000', '0'])
})

lichenTest(
  'run fills a map around the ids that --uidmap says with +, and knows those of the host by @',
  async ({ lichen }) => {
    expect((await map(lichen, '--uidmap', '+1000:0:1')).slice(0, 2)).toEqual(['0:1:1000', '1000:0:1'])
    const range = readSubuidRange()
    if (range !== undefined && !isRoot)
      expect(await map(lichen, '--uidmap', `0:@${range.start}:2000`)).toEqual(['0:1:2000'])
  },
)

lichenTest(
  'a container with ids of its own keeps its files over a restart, and can write to its volumes',
  async ({ lichen }) => {
    const script =
      'touch /data/x /anonymous/x /tmpfs/x && stat -c %u /data /data/x; cat /kept 2>/dev/null; echo kept >/kept; exec sleep 60'
    await lichen.ok(
      'run',
      '-d',
      '--name',
      'c',
      '--uidmap',
      '0:1:2000',
      '-v',
      'data:/data',
      '-v',
      '/anonymous',
      '--tmpfs',
      '/tmpfs',
      'box',
      'sh',
      '-c',
      script,
    )
    await lichen.ok('exec', 'c', 'sh', '-c', 'until [ -e /kept ]; do :; done; echo more >>/kept')
    await lichen.ok('stop', '-t', '0', 'c')
    await lichen.ok('start', 'c')
    await lichen.ok('exec', 'c', 'sh', '-c', 'until [ "$(cat /kept)" = kept ]; do :; done')
    expect((await lichen('logs', 'c')).stdout).toBe('0\n0\n0\n0\nkept\nmore\n')
    await lichen.ok('rm', '-f', '-t', '0', '-v', 'c')
    await lichen.ok('volume', 'rm', 'data')
  },
)

test("run is in another container's user namespace when --userns names it", async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'first', '--uidmap', '0:5:2000', 'box', 'sleep', '60')
  expect(await map(lichen, '--userns', 'container:first')).toEqual(['0:5:2000'])
  expect(await lichen.ok('run', '--rm', '--userns', 'container:first', 'box', 'stat', '-c', '%u', '/bin')).toBe('0')
})

userTest('run makes the caller the user that keep-id says', async ({ lichen }) => {
  writeFileSync(join(lichen.directory, 'mine'), 'x')
  const script = 'id -u; id -g; stat -c %u:%g /mnt/mine /bin'
  const run = async (userns: string) =>
    await lichen.ok('run', '--rm', '--userns', userns, '-v', `${lichen.directory}:/mnt`, 'box', 'sh', '-c', script)
  expect(await run('keep-id:uid=200,gid=210')).toBe('200\n210\n200:210\n0:0')
})

userTest('run leaves the caller out when --userns says nomap', async ({ lichen }) => {
  expect(await map(lichen, '--userns', 'nomap')).toEqual([`0:1:${readSubuidRange()?.count}`])
  expect(await lichen.ok('run', '--rm', '--userns', 'nomap', 'box', 'sh', '-c', OWNERS)).toBe('0:0\n0:0\n1000:1000\n0')
})

userTest('run gives ids that no other container has when --userns says auto', async ({ lichen }) => {
  const start = async (name: string) =>
    await lichen.ok('run', '-d', '--name', name, '--userns', 'auto', 'box', 'sleep', '60')
  await Promise.all(['a', 'b', 'c'].map(start))
  const maps = await Promise.all(['a', 'b', 'c'].map((name) => lichen.ok('exec', name, 'cat', '/proc/self/uid_map')))
  const starts = maps.map((text) => Number(text.trim().split(/\s+/)[1])).sort((x, y) => x - y)
  expect(starts).toEqual([1, 1025, 2049])
  await lichen.ok('container', 'clone', '--run', 'a', 'd')
  expect(await lichen.ok('exec', 'd', 'cat', '/proc/self/uid_map')).toMatch(/^ +0 +3073 +1024$/)
  expect(await lichen.ok('exec', 'd', 'stat', '-c', '%u:%g', '/bin')).toBe('0:0')
  await lichen.ok('rm', '-f', '-t', '0', 'd')
  await lichen.ok('rm', '-f', '-t', '0', 'a', 'b', 'c')
  expect(await map(lichen, '--userns', 'auto:size=3000')).toEqual(['0:1:3000'])
  const most = readSubuidRange()?.count ?? 0
  const tooMany = await lichen('run', '--rm', '--userns', `auto:size=${most + 1}`, 'box', 'true')
  expect([tooMany.code, tooMany.stderr]).toEqual([125, expect.stringContaining('could not find enough available IDs')])
})

rootTest('run refuses what only makes sense for another user than root', async ({ lichen }) => {
  for (const mode of ['keep-id', 'nomap']) {
    const result = await lichen('run', '--rm', '--userns', mode, 'box', 'true')
    expect([result.code, result.stderr]).toEqual([
      125,
      expect.stringContaining(`${mode} is only supported in rootless mode`),
    ])
  }
})

lichenTest('run refuses maps that cannot be, and images that have more users', async ({ lichen }) => {
  const refused: [RegExp, ...string[]][] = [
    [/setting is malformed/, '--uidmap', '0:bad'],
    [/id 5 is mapped twice/, '--uidmap', '0:1:10', '--uidmap', '5:100:1'],
    [/need --userns private/, '--userns', 'host', '--uidmap', '0:1:10'],
    [/cannot be used with/, '--subuidname', 'root', '--uidmap', '0:1:10'],
    [/no ranges of yours for "no-such-user"/, '--subuidname', 'no-such-user'],
    [/must provide at least one UID or GID mapping/, '--userns', 'private'],
    [/owner 1000 is in no --map range/, '--uidmap', '0:1:5'],
  ]
  for (const [reason, ...flags] of refused) {
    const result = await lichen('run', '--rm', ...flags, 'box', 'true')
    expect([result.code, result.stderr]).toEqual([125, expect.stringMatching(reason)])
  }
  expect(await lichen.ok('ps', '-aq')).toBe('')
  expect(existsSync(join(lichen.root, 'staging'))).toBe(true)
})
