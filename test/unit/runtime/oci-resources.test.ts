import { describe, expect, test } from 'vitest'
import type { Resources } from '../../../src/model/limits.js'
import { toVersion1Values } from '../../../src/runtime/cgroup1-values.js'
import { toOciResources } from '../../../src/runtime/oci-resources.js'
import { limitsWords } from '../../../src/runtime/words-limits.js'

const devices = new Map([['/dev/vda', '254:16']])
const everything: Resources = {
  memoryBytes: 100,
  memoryReservationBytes: 50,
  memorySwapBytes: 200,
  cpuPeriodUs: 1000,
  cpuQuotaUs: 2000,
  cpuShares: 3,
  cpusetCpus: '0-1',
  cpusetMems: '0',
  pidsLimit: 9,
  blkioWeight: 10,
  blkioWeightDevice: [{ path: '/dev/vda', amount: 20 }],
  deviceReadBps: [{ path: '/dev/vda', amount: 1 }],
  deviceWriteBps: [{ path: '/dev/vda', amount: 2 }],
  deviceReadIops: [{ path: '/dev/vda', amount: 3 }],
  deviceWriteIops: [{ path: '/dev/vda', amount: 4 }],
}

describe('toOciResources', () => {
  test('says each limit as the runtime specification has it', () => {
    const rate = (amount: number) => [{ major: 254, minor: 16, rate: amount }]
    expect(
      toOciResources({ resources: { ...everything, unified: { 'memory.high': '5' } }, devices, groups1: [] }),
    ).toEqual({
      memory: { limit: 100, reservation: 50, swap: 200 },
      cpu: { shares: 3, quota: 2000, period: 1000, cpus: '0-1', mems: '0' },
      pids: { limit: 9 },
      blockIO: {
        weight: 10,
        weightDevice: [{ major: 254, minor: 16, weight: 20 }],
        throttleReadBpsDevice: rate(1),
        throttleWriteBpsDevice: rate(2),
        throttleReadIOPSDevice: rate(3),
        throttleWriteIOPSDevice: rate(4),
      },
      unified: { 'memory.high': '5' },
    })
  })
  test('says nothing of a container without limits', () => {
    expect(toOciResources({ resources: {}, groups1: [] })).toEqual({})
  })
})

describe('toVersion1Values', () => {
  test('writes memory before memory and swap, and each file of a controller', () => {
    const values = toVersion1Values(
      { ...everything, memorySwappiness: 7, oomKillDisable: true, cpuRtPeriodUs: 5, cpuRtRuntimeUs: 4 },
      devices,
    )
    expect(Object.fromEntries(values)).toEqual({
      memory: [
        ['memory.limit_in_bytes', '100'],
        ['memory.memsw.limit_in_bytes', '200'],
        ['memory.soft_limit_in_bytes', '50'],
        ['memory.swappiness', '7'],
        ['memory.oom_control', '1'],
      ],
      cpu: [
        ['cpu.shares', '3'],
        ['cpu.cfs_period_us', '1000'],
        ['cpu.cfs_quota_us', '2000'],
        ['cpu.rt_period_us', '5'],
        ['cpu.rt_runtime_us', '4'],
      ],
      cpuset: [
        ['cpuset.cpus', '0-1'],
        ['cpuset.mems', '0'],
      ],
      pids: [['pids.max', '9']],
      io: [
        ['blkio.bfq.weight', '10'],
        ['blkio.bfq.weight_device', '254:16 20'],
        ['blkio.throttle.read_bps_device', '254:16 1'],
        ['blkio.throttle.write_bps_device', '254:16 2'],
        ['blkio.throttle.read_iops_device', '254:16 3'],
        ['blkio.throttle.write_iops_device', '254:16 4'],
      ],
    })
    expect([...toVersion1Values({ pidsLimit: -1 }, devices)]).toEqual([['pids', [['pids.max', 'max']]]])
  })
})

describe('limitsWords', () => {
  test('numbers the groups their values belong to', () => {
    const groups1 = [
      { dir: '/a/x', values: [] },
      { dir: '/b/x', values: [['pids.max', '5'] as const] },
    ]
    expect(limitsWords({ manager: 'cgroupfs', resources: {}, groups1 })).toEqual([
      'cgroup_manager=cgroupfs',
      'cgroup1=/a/x',
      'cgroup1=/b/x',
      'cgroup1_value=1 pids.max 5',
    ])
    expect(limitsWords({ resources: {}, groups1: [] })).toEqual([])
  })
})
