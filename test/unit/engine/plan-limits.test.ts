import { describe, expect, test } from 'vitest'
import { placeLimits } from '../../../src/engine/limits-place.js'
import { limitsUnmet } from '../../../src/engine/limits-unmet.js'
import { planLimits } from '../../../src/engine/plan-limits.js'
import { mergeResources } from '../../../src/engine/update.js'
import type { LimitsRequest, Resources } from '../../../src/model/limits.js'
import type { Cgroup1Home, Cgroup2Home, CgroupHome } from '../../../src/platform/cgroups.js'
import { baseRequest } from '../../support/plans.js'

const planOf = (said: Partial<LimitsRequest>) => planLimits({ ...baseRequest, ...said })
const decide = (resources: Resources) => planOf({ resources }).resources

describe('planLimits', () => {
  test('decides what every container is when nothing is said', () => {
    expect(planOf({})).toEqual({ ulimits: [], resources: {}, cgroups: 'enabled', limits: 'strict' })
  })
  test('lets a container swap out as much as it may have of memory', () => {
    expect(decide({ memoryBytes: 100 })).toEqual({ memoryBytes: 100, memorySwapBytes: 200 })
    expect(decide({ memoryBytes: 100, memorySwapBytes: -1 })).toEqual({ memoryBytes: 100, memorySwapBytes: -1 })
    expect(decide({ memoryBytes: 100, memorySwapBytes: 100 })).toEqual({ memoryBytes: 100, memorySwapBytes: 100 })
  })
  test.each<[Resources, string]>([
    [{ memorySwapBytes: 100 }, 'you should always set a memory limit when using a memoryswap limit'],
    [{ memoryBytes: 100, memorySwapBytes: 99 }, 'minimum memoryswap limit should be larger than memory limit'],
    [
      { memoryBytes: 100, memoryReservationBytes: 101 },
      'minimum memory limit cannot be less than memory reservation limit',
    ],
    [{ cpuPeriodUs: 999 }, 'CPU cfs period cannot be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'],
    [{ cpuPeriodUs: 1_000_001 }, 'CPU cfs period cannot be less than 1ms'],
    [{ cpuQuotaUs: 999 }, 'CPU cfs quota cannot be less than 1ms (i.e. 1000)'],
    [{ cpuRtPeriodUs: 1, cpuRtRuntimeUs: 2 }, '--cpu-rt-runtime cannot be larger than --cpu-rt-period'],
  ])('refuses %o', (resources, message) => {
    expect(() => decide(resources)).toThrow(message)
  })
  test('refuses limits and a parent for a container without a cgroup', () => {
    expect(() => planOf({ cgroups: 'disabled', resources: { cpuShares: 5 } })).toThrow('cannot set resource limits')
    expect(() => planOf({ cgroups: 'disabled', cgroupParent: '/a' })).toThrow(
      'cannot set cgroup parent if not creating cgroups',
    )
    expect(planOf({ cgroups: 'disabled', resources: { pidsLimit: -1 } }).cgroups).toBe('disabled')
  })
})

describe('mergeResources', () => {
  test('takes the swap along with the memory, and nothing else', () => {
    const before = { memoryBytes: 100, memorySwapBytes: 200, cpuShares: 5 }
    expect(mergeResources(before, { memoryBytes: 300 })).toEqual({
      memoryBytes: 300,
      memorySwapBytes: 600,
      cpuShares: 5,
    })
    expect(mergeResources(before, { cpuShares: 6 })).toEqual({ ...before, cpuShares: 6 })
    expect(mergeResources(before, { memorySwapBytes: -1 })).toEqual({ ...before, memorySwapBytes: -1 })
  })
})

const delegated: Cgroup2Home = {
  version: 2,
  manager: 'cgroupfs',
  mount: '/sys/fs/cgroup',
  parent: '/user/me',
  controllers: new Set(['memory', 'pids']),
  ready: new Set(['pids']),
}
const version1: Cgroup1Home = {
  version: 1,
  parents: new Map([
    ['memory', '/cg/memory/own'],
    ['cpu', '/cg/cpu,cpuacct'],
    ['cpuacct', '/cg/cpu,cpuacct'],
    ['cpuset', '/cg/cpuset'],
    ['pids', '/cg/pids'],
    ['freezer', '/cg/freezer'],
  ]),
  hasCgroup2: true,
}
const of = { id: 'ID', devices: new Map([['/dev/vda', '8:0']]) }
const place = (said: Partial<LimitsRequest>, home: CgroupHome) => placeLimits(planOf(said), home, of)

describe('placeLimits', () => {
  test('makes a group below a delegated one, with as many processes as podman allows', () => {
    expect(place({}, delegated)).toEqual({
      unmet: [],
      place: {
        manager: 'cgroupfs',
        path: '/user/me/lichen-ID',
        resources: { pidsLimit: 2048 },
        groups1: [],
        devices: of.devices,
      },
    })
  })
  test('moves nobody for the sake of a default', () => {
    expect(place({}, { ...delegated, ready: new Set() }).place.resources).toEqual({})
    expect(place({ resources: { pidsLimit: 3 } }, { ...delegated, ready: new Set() }).place.resources).toEqual({
      pidsLimit: 3,
    })
  })
  test('leaves out, and tells, what has no controller', () => {
    const { unmet, place: found } = place(
      { resources: { memoryBytes: 5, cpuShares: 2, unified: { 'io.max': 'x', 'pids.max': '9' } } },
      delegated,
    )
    expect(unmet.map(({ flag, controller }) => `${flag} ${controller}`)).toEqual([
      '--cpu-shares cpu',
      '--cgroup-conf io',
    ])
    expect(found.resources).toEqual({
      memoryBytes: 5,
      memorySwapBytes: 10,
      pidsLimit: 2048,
      unified: { 'pids.max': '9' },
    })
  })
  test('tells what only version 1 can do', () => {
    const { unmet } = place({ resources: { memorySwappiness: 1, oomKillDisable: true } }, delegated)
    expect(limitsUnmet(delegated, unmet).message).toBe(
      'limit container: --memory-swappiness, --oom-kill-disable: only cgroups of version 1 can do that',
    )
  })
  test('gives systemd a slice and a scope', () => {
    const systemd: Cgroup2Home = { ...delegated, manager: 'systemd', parent: 'user.slice' }
    expect(place({}, systemd).place).toMatchObject({ manager: 'systemd', path: 'user.slice:lichen:ID' })
    expect(place({ cgroupParent: 'a.slice' }, systemd).place.path).toBe('a.slice:lichen:ID')
    expect(() => place({ cgroupParent: '/a' }, systemd)).toThrow('did not receive systemd slice as cgroup parent')
    expect(() => place({ cgroupParent: 'a.slice' }, delegated)).toThrow(
      'systemd slice received as cgroup parent when using cgroupfs',
    )
  })
  test('makes groups of version 1 with their values, one where two controllers share a hierarchy', () => {
    const resources = { memoryBytes: 5, cpuShares: 2, cpusetCpus: '0' }
    expect(place({ resources }, version1).place.groups1).toEqual([
      {
        dir: '/cg/memory/own/lichen-ID',
        values: [
          ['memory.limit_in_bytes', '5'],
          ['memory.memsw.limit_in_bytes', '10'],
        ],
      },
      { dir: '/cg/cpu,cpuacct/lichen-ID', values: [['cpu.shares', '2']] },
      { dir: '/cg/pids/lichen-ID', values: [['pids.max', '2048']] },
      { dir: '/cg/cpuset/lichen-ID', values: [['cpuset.cpus', '0']] },
    ])
    expect(place({}, { ...version1, hasCgroup2: false }).place.groups1.at(-1)?.dir).toBe('/cg/freezer/lichen-ID')
    expect(place({ cgroupParent: 'a' }, version1).place).toMatchObject({
      path: '/a/lichen-ID',
      groups1: { 0: { dir: '/cg/memory/own/a/lichen-ID' } },
    })
  })
  test('makes no group where there is none to make it in, or none is wanted', () => {
    expect(place({}, { version: 0, because: 'version-1' })).toEqual({
      unmet: [],
      place: { resources: {}, groups1: [] },
    })
    expect(place({ cgroups: 'disabled' }, delegated).place).toEqual({ manager: 'disabled', resources: {}, groups1: [] })
  })
})

describe('limitsUnmet', () => {
  const errorOf = (resources: Resources, home: CgroupHome) => limitsUnmet(home, place({ resources }, home).unmet)
  test('names the flag that was said, the controller and the fix', () => {
    const error = errorOf({ cpuPeriodUs: 100_000, cpuQuotaUs: 50_000 }, delegated)
    expect(error.message).toBe('limit container: --cpus: the cpu controller is not delegated to you')
    expect(error.hint).toContain('/etc/systemd/system/user@.service.d/delegate.conf')
    expect(error.exitCode).toBe(125)
    expect(errorOf({ memoryBytes: 5 }, { version: 0, because: 'not-delegated' }).hint).toContain(
      'systemd-run --user --scope -p Delegate=yes',
    )
    expect(errorOf({ memoryBytes: 5 }, { version: 0, because: 'version-1' }).message).toBe(
      'limit container: --memory: cgroups are of version 1 here, which only root can use',
    )
    expect(errorOf({ unified: { 'memory.high': '1' } }, version1).message).toContain(
      'only cgroups of version 2 have such files',
    )
    expect(errorOf({ blkioWeight: 10 }, version1).message).toContain('the io controller is not mounted')
  })
})
