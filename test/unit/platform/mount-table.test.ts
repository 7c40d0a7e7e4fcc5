// Mount points as the kernel writes them.

import { expect, test } from 'vitest'
import { parseMountPoints, parseMounts, readMountPoints } from '../../../src/platform/mount-table.js'

test('parseMountPoints reads the fifth word, with its octal escapes, and keeps what is mounted twice', () => {
  const table = [
    '25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '71 25 0:39 / /srv/a\\040b\\134c ro,nodev - overlay overlay ro,lowerdir=x',
    '72 71 0:40 / /srv/a\\040b\\134c ro - overlay overlay ro',
    '',
  ].join('\n')
  expect(parseMountPoints(table)).toEqual(['/', '/srv/a b\\c', '/srv/a b\\c'])
})

test('parseMounts knows the kind of each file system and its own options', () => {
  const line = '41 31 0:33 /a\\040b /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu,cpuacct'
  expect(parseMounts(`${line}\n`)).toEqual([
    { root: '/a b', point: '/sys/fs/cgroup/cpu', type: 'cgroup', superOptions: ['rw', 'cpu', 'cpuacct'] },
  ])
})

test('readMountPoints knows where this process sees something mounted', () => {
  expect(readMountPoints()).toContain('/proc')
})
