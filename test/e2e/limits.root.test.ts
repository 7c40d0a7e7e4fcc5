// Limits as the kernel keeps them in version 1's control groups, which only root can make.

import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'vitest'
import { lichenTestWhere } from '../support/container-test.js'
import { hasCgroup2 } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

const versionOneTest = lichenTestWhere(!hasCgroup2)

/** One that requests go to: the kernel takes no others. */
const disk = readdirSync('/sys/block')
  .map((name) => `/dev/${name}`)
  .find((file) => existsSync(file) && !/loop|ram|zram/.test(file)) as string

/** A file of a container's group, found as the kernel tells it of the container's process. */
async function groupReader(lichen: Lichen, name: string): Promise<(controller: string, file: string) => string> {
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', name)
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  return (controller, file) => {
    const group = new RegExp(`^\\d+:${controller}:(.*)$`, 'm').exec(groups)?.[1] ?? ''
    return readFileSync(join('/sys/fs/cgroup', controller, group, file), 'utf8').trim()
  }
}

versionOneTest(
  'run writes every limit, update changes them while it runs, and a restart keeps them',
  async ({ lichen }) => {
    const limits = [
      '-m',
      '50m',
      '--memory-reservation',
      '20m',
      '--memory-swappiness',
      '30',
      '--cpus',
      '0.5',
      '-c',
      '512',
    ]
    const others = ['--pids-limit', '20', '--cpuset-cpus', '0', '--device-read-bps', `${disk}:1mb`]
    await lichen.ok('run', '--detach', '--name', 'web', ...limits, ...others, 'box', 'sleep', '1000')
    const read = await groupReader(lichen, 'web')
    expect({
      limit: read('memory', 'memory.limit_in_bytes'),
      swap: read('memory', 'memory.memsw.limit_in_bytes'),
      soft: read('memory', 'memory.soft_limit_in_bytes'),
      swappiness: read('memory', 'memory.swappiness'),
      shares: read('cpu', 'cpu.shares'),
      quota: read('cpu', 'cpu.cfs_quota_us'),
      cpus: read('cpuset', 'cpuset.cpus'),
      pids: read('pids', 'pids.max'),
      rate: read('blkio', 'blkio.throttle.read_bps_device'),
    }).toEqual({
      limit: '52428800',
      swap: '104857600',
      soft: '20971520',
      swappiness: '30',
      shares: '512',
      quota: '50000',
      cpus: '0',
      pids: '20',
      rate: `${readFileSync(`/sys/block/${basename(disk)}/dev`, 'utf8').trim()} 1048576`,
    })

    await lichen.ok('update', '-m', '200m', '--cpus', '1', 'web')
    expect(read('memory', 'memory.limit_in_bytes')).toBe('209715200')
    expect(read('memory', 'memory.memsw.limit_in_bytes')).toBe('419430400')
    expect(read('cpu', 'cpu.cfs_quota_us')).toBe('100000')
    await lichen.ok('update', '-m', '60m', 'web')
    expect(read('memory', 'memory.memsw.limit_in_bytes')).toBe('125829120')

    await lichen.ok('stop', '--time', '0', 'web')
    await lichen.ok('start', 'web')
    const again = await groupReader(lichen, 'web')
    expect(again('memory', 'memory.limit_in_bytes')).toBe('62914560')
    expect(again('pids', 'pids.max')).toBe('20')
  },
)

versionOneTest(
  'run allows 2048 processes when nothing is said, exec counts among them, and stats tells what they use',
  async ({ lichen }) => {
    await lichen.ok('run', '--detach', '--name', 'web', 'box', 'sleep', '1000')
    const read = await groupReader(lichen, 'web')
    expect(read('pids', 'pids.max')).toBe('2048')
    expect(await lichen.ok('exec', 'web', 'cat', '/proc/self/cgroup')).toContain('pids:/lichen-')
    const stats = await lichen('stats', '--no-stream', '--format', '{{.PIDs}} {{.MemLimit}}', 'web')
    expect(stats).toMatchObject({ code: 0, stderr: '' })
    const [pids, limit] = stats.stdout.trim().split(' ').map(Number)
    expect(pids).toBe(1)
    expect(limit).toBe(Number(/^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024)
  },
)

versionOneTest('run ends with 137 and tells when a container is killed for want of memory', async ({ lichen }) => {
  const script = 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'
  const result = await lichen('run', '--name', 'web', '-m', '16m', '--memory-swap', '16m', 'box', 'sh', '-c', script)
  expect(result.code).toBe(137)
  expect(await lichen.ok('inspect', '--format', '{{.State.OOMKilled}} {{.State.ExitCode}}', 'web')).toBe('true 137')
})

versionOneTest('run starts no more processes than --pids-limit allows', async ({ lichen }) => {
  const script = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done'
  const result = await lichen('run', '--rm', '--pids-limit', '5', 'box', 'sh', '-c', script)
  expect(result.code).not.toBe(0)
  expect(result.stderr).toContain('Resource temporarily unavailable')
})

versionOneTest('run makes its groups below --cgroup-parent', async ({ lichen }) => {
  const id = await lichen.ok('run', '--detach', '--cgroup-parent', 'lichen-test-parent', 'box', 'sleep', '1000')
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', id)
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  expect(groups).toContain(`:pids:/lichen-test-parent/lichen-${id}`)
  expect(groups).toContain(`0::/lichen-test-parent/lichen-${id}`)
  await lichen.ok('rm', '--force', '--time', '0', id)
  expect(existsSync(`/sys/fs/cgroup/pids/lichen-test-parent/lichen-${id}`)).toBe(false)
  // the parent stays, as with podman: it is the user's
  for (const [, controllers, group] of groups.matchAll(/^\d+:([^:]*):(.*lichen-test-parent)\//gm))
    rmdirSync(join('/sys/fs/cgroup', controllers || 'unified', group ?? ''))
})

versionOneTest(
  'create refuses processors that are not there, and files that only version 2 has',
  async ({ lichen }) => {
    const online = readFileSync('/sys/devices/system/cpu/online', 'utf8').trim()
    const absent = await lichen('create', '--cpuset-cpus', '4000', 'box', 'true')
    expect(absent).toMatchObject({ code: 125, stdout: '' })
    expect(absent.stderr).toContain(`requested CPUs are not available - requested 4000, available: ${online}`)
    const refused = await lichen('create', '--cgroup-conf', 'memory.high=1', 'box', 'true')
    expect(refused.stderr).toContain('only cgroups of version 2 have such files')
    expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')
  },
)
