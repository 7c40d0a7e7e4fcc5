// Every limit that can be said is kept as it was said: by create, by clone, which takes others instead, and by update, which changes them. What
// the kernel makes of limits is shown in limits.test.ts and limits.root.test.ts; here they need no controller, so that all are seen on every host.

import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'

const LIMITS = {
  '--blkio-weight': ['BlkioWeight', '123', 123],
  '--blkio-weight-device': ['BlkioWeightDevice', '/dev/null:200', [{ Path: '/dev/null', Weight: 200 }]],
  '--cpu-period': ['CpuPeriod', '50000', 50_000],
  '--cpu-quota': ['CpuQuota', '20000', 20_000],
  '--cpu-rt-period': ['CpuRealtimePeriod', '100000', 100_000],
  '--cpu-rt-runtime': ['CpuRealtimeRuntime', '5000', 5000],
  '--cpu-shares': ['CpuShares', '512', 512],
  '--cpuset-cpus': ['CpusetCpus', '0', '0'],
  '--cpuset-mems': ['CpusetMems', '0', '0'],
  '--device-read-bps': ['BlkioDeviceReadBps', '/dev/null:1mb', [{ Path: '/dev/null', Rate: 1_048_576 }]],
  '--device-read-iops': ['BlkioDeviceReadIOps', '/dev/null:10', [{ Path: '/dev/null', Rate: 10 }]],
  '--device-write-bps': ['BlkioDeviceWriteBps', '/dev/null:2mb', [{ Path: '/dev/null', Rate: 2_097_152 }]],
  '--device-write-iops': ['BlkioDeviceWriteIOps', '/dev/null:20', [{ Path: '/dev/null', Rate: 20 }]],
  '--memory': ['Memory', '64m', 67_108_864],
  '--memory-reservation': ['MemoryReservation', '32m', 33_554_432],
  '--memory-swap': ['MemorySwap', '128m', 134_217_728],
  '--memory-swappiness': ['MemorySwappiness', '10', 10],
  '--pids-limit': ['PidsLimit', '50', 50],
} as const

type HostConfig = Readonly<Record<string, unknown>>
const FLAGS = Object.entries(LIMITS).map(([flag, [, value]]) => `${flag}=${value}`)
const EXPECTED = Object.fromEntries(Object.values(LIMITS).map(([field, , value]) => [field, value]))

async function hostConfig(lichen: Lichen, name: string): Promise<HostConfig> {
  const [shown] = JSON.parse(await lichen.ok('inspect', name)) as [{ readonly HostConfig: HostConfig }]
  return shown.HostConfig
}

lichenTest('create, clone and update keep every limit', async ({ lichen }) => {
  const own = ['--cgroup-parent', '/mine', '--oom-kill-disable', '--oom-score-adj', '5', '--ulimit', 'nofile=5:6']
  await lichen.ok('create', '--limits', 'best-effort', '--name', 'said', ...own, ...FLAGS, 'box', 'true')
  expect(await hostConfig(lichen, 'said')).toMatchObject({
    ...EXPECTED,
    CgroupParent: '/mine',
    OomKillDisable: true,
    OomScoreAdj: 5,
    Ulimits: [{ Name: 'RLIMIT_NOFILE', Soft: 5, Hard: 6 }],
  })
  expect((await hostConfig(lichen, 'said')).NanoCpus).toBe(400_000_000)

  await lichen.ok('create', '--limits', 'best-effort', '--name', 'plain', 'box', 'true')
  await lichen.ok('container', 'clone', ...FLAGS, 'plain', 'cloned')
  expect(await hostConfig(lichen, 'cloned')).toMatchObject(EXPECTED)
  expect(await hostConfig(lichen, 'plain')).not.toMatchObject({ Memory: EXPECTED.Memory })
  await lichen.ok('update', ...FLAGS, 'plain')
  expect(await hostConfig(lichen, 'plain')).toMatchObject(EXPECTED)
})

lichenTest('clone and update take --cpus and --latest', async ({ lichen }) => {
  await lichen.ok('create', '--limits', 'best-effort', '--name', 'plain', 'box', 'true')
  await lichen.ok('container', 'clone', '--cpus', '0.5', 'plain', 'cloned')
  expect(await hostConfig(lichen, 'cloned')).toMatchObject({ CpuPeriod: 100_000, CpuQuota: 50_000 })
  await lichen.ok('update', '--cpus', '1.5', '--latest')
  expect(await hostConfig(lichen, 'cloned')).toMatchObject({ CpuPeriod: 100_000, CpuQuota: 150_000 })
  expect((await hostConfig(lichen, 'plain')).CpuQuota).toBe(0)
})
