import { describe, expect, it } from 'vitest'
import type { ContainerPlan } from '../../../src/model/container.js'
import type { OciHost } from '../../../src/runtime/oci-host.js'
import { basePlan, specOf } from '../../support/plans.js'

const typeOf = (plan: Partial<ContainerPlan>, destination: string, facts: Partial<OciHost> = {}) =>
  specOf(plan, facts).mounts.filter((mount) => mount.destination === destination)[0]?.type
const modes = (changes: Partial<ContainerPlan['namespaces']>) => ({
  namespaces: { ...basePlan.namespaces, ...changes },
})
const mapped = {
  mode: 'mapped',
  by: 'private',
  uidMap: [{ containerId: 0, parentId: 5, count: 10 }],
  gidMap: [{ containerId: 0, parentId: 6, count: 11 }],
} as const

describe('toOciSpec, namespaces', () => {
  it("joins those at a path, and leaves out those that are the host's", () => {
    const { linux, hostname } = specOf(
      { ...modes({ pid: 'container:a', ipc: 'host', uts: 'ns:/x', cgroup: 'container:a' }), network: 'container:a' },
      { joined: { pid: '/proc/7/ns/pid', uts: '/x', network: '/proc/7/ns/net' } },
    )
    expect(linux.namespaces).toEqual([
      { type: 'mount' },
      { type: 'pid', path: '/proc/7/ns/pid' },
      { type: 'uts', path: '/x' },
      { type: 'network', path: '/proc/7/ns/net' },
    ])
    expect(hostname).toBeUndefined()
  })

  it('maps the ids of a user namespace of its own, but not those of one that it joins', () => {
    const made = specOf({ userns: mapped }).linux
    expect(made).toMatchObject({
      uidMappings: [{ containerID: 0, hostID: 5, size: 10 }],
      gidMappings: [{ containerID: 0, hostID: 6, size: 11 }],
    })
    const joined = specOf({ userns: mapped, usernsOf: 'container:a' }, { joined: { user: '/proc/7/ns/user' } }).linux
    expect(joined.namespaces).toContainEqual({ type: 'user', path: '/proc/7/ns/user' })
    expect(joined.uidMappings).toBeUndefined()
  })

  it('cuts the map of keep-id at its size', () => {
    expect(specOf({ userns: { mode: 'keep-id', uid: 5, gid: 5, size: 7 } }).linux.uidMappings).toEqual([
      { containerID: 0, hostID: 1, size: 5 },
      { containerID: 5, hostID: 0, size: 1 },
      { containerID: 6, hostID: 6, size: 1 },
    ])
  })

  it("binds the host's /proc and queues where the user may not mount them anew; root may", () => {
    expect(typeOf(modes({ pid: 'host' }), '/proc')).toBe('bind')
    expect(typeOf(modes({ pid: 'host' }), '/proc', { usernsKind: 'none' })).toBe('proc')
    expect(typeOf(modes({ ipc: 'host' }), '/dev/mqueue')).toBe('bind')
    expect(typeOf(modes({ ipc: 'host' }), '/dev/mqueue', { hasHostQueues: false })).toBeUndefined()
    expect(typeOf(modes({ ipc: 'host' }), '/dev/mqueue', { usernsKind: 'none' })).toBe('mqueue')
    expect(typeOf(modes({ ipc: 'host' }), '/dev/shm')).toBe('bind')
    expect(typeOf(modes({ ipc: 'none' }), '/dev/shm')).toBeUndefined()
  })

  it('mounts a sysfs of its own only for a network that it owns', () => {
    const joined = { joined: { network: '/n', user: '/u' } }
    expect(typeOf({ network: 'container:a' }, '/sys', joined)).toBe('sysfs')
    expect(typeOf({ network: 'container:a', userns: mapped }, '/sys', joined)).toBe('bind')
    expect(typeOf({ network: 'container:a', userns: mapped, usernsOf: 'container:a' }, '/sys', joined)).toBe('sysfs')
    expect(typeOf({ network: 'container:a' }, '/sys')).toBe('bind')
  })

  it('says kernel parameters, and the domain of execution', () => {
    const { linux } = specOf({ sysctls: { 'kernel.sem': '1' }, personality: 'LINUX32' })
    expect(linux).toMatchObject({ sysctl: { 'kernel.sem': '1' }, personality: { domain: 'LINUX32' } })
  })
})

describe('toOciSpec, process', () => {
  it('keeps the groups of the caller when it is to', () => {
    const made = specOf({ groupAdd: ['keep-groups'] }, { user: { ...USER, additionalGids: [5] } })
    expect(made).toMatchObject({ annotations: { 'run.oci.keep_original_groups': '1' } })
    expect(made.process.user).not.toHaveProperty('additionalGids')
  })

  it("takes the user's own init as it is", () => {
    expect(specOf({ init: true, initPath: '/my/init' }).process.args).toEqual(['/run/.lichen-init', '--', 'sh'])
  })

  it('tells systemd the id of the machine, and mounts what it needs', () => {
    const made = specOf({ systemd: true })
    expect(made.process.env).toContain(`container_uuid=${'f'.repeat(32)}`)
    expect(
      made.mounts.filter(({ type, destination }) => type === 'tmpfs' && /run|tmp|log/.test(destination)),
    ).toHaveLength(4)
  })

  it('lets another user than root hold only what was added by name', () => {
    const plan = { capabilities: ['CAP_KILL', 'CAP_CHOWN'], addedCapabilities: ['CAP_KILL'] }
    expect(specOf(plan, { user: { ...USER, uid: 5 } }).process.capabilities).toEqual({
      bounding: ['CAP_KILL', 'CAP_CHOWN'],
      effective: ['CAP_KILL'],
      permitted: ['CAP_KILL'],
      inheritable: ['CAP_KILL'],
      ambient: ['CAP_KILL'],
    })
    expect(specOf(plan).process.capabilities).toMatchObject({ effective: plan.capabilities, ambient: [] })
  })
})

const USER = { uid: 0, gid: 0, additionalGids: [], home: '/', isUnknown: false, isGroupUnknown: false }
