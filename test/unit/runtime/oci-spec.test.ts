import { describe, expect, it } from 'vitest'
import { keepIdMap } from '../../../src/runtime/oci-namespaces.js'
import { serializeSpec, toOciSpec } from '../../../src/runtime/oci-spec.js'
import { baseOciHost, basePlan, rootUser, type Spec, specOf } from '../../support/plans.js'

const mountAt = (made: Spec, destination: string) => made.mounts.filter((mount) => mount.destination === destination)
const namespaces = (made: Spec) => made.linux.namespaces.map(({ type }) => type)

describe('toOciSpec', () => {
  it('gives root the capabilities and another user only the bound', () => {
    expect(specOf().process.capabilities).toMatchObject({
      bounding: ['CAP_KILL'],
      effective: ['CAP_KILL'],
      ambient: [],
    })
    const other = specOf({}, { user: { ...rootUser, uid: 33, gid: 33 } })
    expect(other.process.capabilities).toMatchObject({ bounding: ['CAP_KILL'], effective: [], permitted: [] })
  })

  it('sets HOME and HOSTNAME unless somebody did', () => {
    expect(specOf().process.env).toEqual(['PATH=/bin', 'HOME=/root', 'HOSTNAME=box'])
    const said = { process: { ...basePlan.process, env: ['HOME=/x', 'HOSTNAME=y'] } }
    expect(specOf(said).process.env).toEqual(['HOME=/x', 'HOSTNAME=y'])
  })

  it('has a network namespace only without the network of the host, and then its own sysfs', () => {
    expect(namespaces(specOf())).toContain('network')
    expect(mountAt(specOf(), '/sys')[0]?.type).toBe('sysfs')
    const shared = specOf({ network: 'host' })
    expect(namespaces(shared)).not.toContain('network')
    expect(mountAt(shared, '/sys')[0]).toMatchObject({ type: 'bind', source: '/sys' })
  })

  it('leaves the tty group out when there is a single id', () => {
    expect(mountAt(specOf(), '/dev/pts')[0]?.options).toContain('gid=5')
    expect(mountAt(specOf({}, { usernsKind: 'single', idCount: 1 }), '/dev/pts')[0]?.options).not.toContain('gid=5')
  })

  it('gives another user of a single-id host a namespace in which that number is the one mapped', () => {
    const made = specOf({}, { usernsKind: 'single', idCount: 1, user: { ...rootUser, uid: 33, gid: 44 } })
    expect(namespaces(made)).toContain('user')
    expect(made.linux).toMatchObject({
      uidMappings: [{ containerID: 33, hostID: 0, size: 1 }],
      gidMappings: [{ containerID: 44, hostID: 0, size: 1 }],
    })
  })

  it('maps keep-id into its own namespace', () => {
    const made = specOf({ userns: { mode: 'keep-id', uid: 1000, gid: 100 } })
    expect(namespaces(made)).toContain('user')
    expect(made.linux.gidMappings).toEqual(keepIdMap(100, 65537))
  })

  it('lets a mount of the user replace one of ours, never both', () => {
    const mounts = ['/dev/shm', '/etc/hosts'].map((destination) => ({
      kind: 'bind' as const,
      source: '/mine',
      destination,
      options: ['rbind'],
    }))
    const made = specOf({ mounts })
    for (const { destination } of mounts) expect(mountAt(made, destination)).toMatchObject([{ source: '/mine' }])
  })

  it('starts the init program in front of the command', () => {
    const made = specOf({ init: true })
    expect(made.process.args).toEqual(['/run/.lichen-init', 'init', '--', 'sh'])
    expect(mountAt(made, '/run/.lichen-init')[0]).toMatchObject({ source: '/lib/lichen-monitor' })
  })

  it('names no host in a nested container, whose outer filter forbids it', () => {
    const names = { hostname: 'h', domainname: 'example.org' }
    expect(specOf(names)).toMatchObject(names)
    expect(specOf({})).not.toHaveProperty('domainname')
    const made = specOf(names, { usernsKind: 'nested' })
    expect(made.hostname).toBeUndefined()
    expect(made).not.toHaveProperty('domainname')
    expect(namespaces(made)).not.toContain('uts')
    expect(mountAt(made, '/proc')[0]).toMatchObject({ type: 'bind' })
  })
})

describe('serializeSpec', () => {
  it('writes an unlimited rlimit as 2^64-1, and only there', () => {
    const made = toOciSpec(
      {
        ...basePlan,
        ulimits: [{ name: 'nofile', soft: 1024, hard: -1 }],
        process: { ...basePlan.process, env: ['A="soft":"infinity"'] },
      },
      baseOciHost,
    )
    const text = serializeSpec(made)
    expect(text).toContain('{"type":"RLIMIT_NOFILE","soft":1024,"hard":18446744073709551615}')
    expect(JSON.parse(text).process.env[0]).toBe('A="soft":"infinity"')
  })
})

describe('keepIdMap', () => {
  it.each([
    [1000, 65537],
    [0, 10],
    [9, 10],
    [70000, 65537],
  ])('maps every id of the namespace once for uid %i of %i', (own, count) => {
    const ids = keepIdMap(own, count).flatMap(({ containerID, hostID, size }) =>
      Array.from({ length: size }, (_, at) => [containerID + at, hostID + at]),
    )
    expect(new Set(ids.map(([inside]) => inside)).size).toBe(ids.length)
    expect(new Set(ids.map(([, outside]) => outside)).size).toBe(ids.length)
    expect(ids.every(([, outside = -1]) => outside >= 0 && outside < count)).toBe(true)
    expect(ids).toContainEqual([own, 0])
  })
})
