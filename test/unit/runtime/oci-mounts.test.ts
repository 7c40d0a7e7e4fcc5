// What the OCI runtime is told of mounts and devices: their order, what takes whose place, what is not the runtime's to know.

import { describe, expect, it } from 'vitest'
import type { PlannedMount } from '../../../src/model/mounts.js'
import type { HostDevice } from '../../../src/runtime/oci-host.js'
import { specOf } from '../../support/plans.js'

const mount = (destination: string, said: Partial<PlannedMount> = {}): PlannedMount => ({
  kind: 'bind',
  source: '/source',
  destination,
  options: ['rw', 'rprivate', 'rbind'],
  ...said,
})
const at = (spec: ReturnType<typeof specOf>, destination: string) =>
  spec.mounts.filter((it) => it.destination === destination)

const node: HostDevice = {
  hostPath: '/dev/null',
  containerPath: '/dev/own',
  type: 'c',
  major: 1,
  minor: 3,
  fileMode: 0o666,
  uid: 0,
  gid: 0,
  access: 'rw',
}

describe('toMounts', () => {
  it('mounts parents before children, whoever wants them', () => {
    const spec = specOf({ mounts: [mount('/dev/shm/mine'), mount('/run', { kind: 'tmpfs', source: 'tmpfs' })] })
    const places = spec.mounts.map(({ destination }) => destination)
    expect(places.indexOf('/dev/shm')).toBeLessThan(places.indexOf('/dev/shm/mine'))
    const depths = places.map((place) => place.split('/').length)
    expect(depths).toEqual(depths.toSorted((a, b) => a - b))
  })

  it('leaves out what every container has below a /dev of the user', () => {
    const places = specOf({ mounts: [mount('/dev')] }).mounts.map(({ destination }) => destination)
    expect(places.filter((place) => place.startsWith('/dev'))).toEqual(['/dev'])
  })

  it('puts no file of ours into a directory of the host, or into one that cannot be written to', () => {
    const hosts = (said: PlannedMount) => at(specOf({ mounts: [said] }), '/etc/hosts').length
    expect(hosts(mount('/etc'))).toBe(0)
    expect(hosts(mount('/etc', { kind: 'volume', options: ['ro'] }))).toBe(0)
    expect(hosts(mount('/etc', { kind: 'volume' }))).toBe(1)
    expect(hosts(mount('/etc', { kind: 'tmpfs' }))).toBe(1)
  })

  it("tells the runtime no option that is ours, and gives memory to the container's user", () => {
    const options = ['U', 'nocopy', 'Z', 'ro', 'rprivate', 'rbind']
    const user = { uid: 33, gid: 34, additionalGids: [], home: '/', isUnknown: false, isGroupUnknown: false }
    const spec = specOf(
      { mounts: [mount('/a', { options }), mount('/m', { kind: 'tmpfs', options: ['U'] })] },
      { user },
    )
    expect(at(spec, '/a')[0]?.options).toEqual(['ro', 'rprivate', 'rbind'])
    expect(at(spec, '/m')[0]?.options).toEqual(['uid=33', 'gid=34'])
  })

  it('takes what was prepared for a place instead of what was planned', () => {
    const readyMounts = new Map([
      ['/a', { type: 'bind', source: '/made', containerPath: '/a/file', options: [] }],
      ['/m', { type: 'tmpfs', source: 'none', containerPath: '/m', options: ['size=1m'] }],
    ])
    const spec = specOf({ mounts: [mount('/a'), mount('/m', { kind: 'volume' })] }, { readyMounts })
    expect(at(spec, '/a/file')).toMatchObject([{ source: '/made', type: 'bind' }])
    expect(at(spec, '/m')).toEqual([
      { destination: '/m', type: 'tmpfs', source: 'none', options: ['rw', 'rprivate', 'size=1m'] },
    ])
  })

  it('closes /dev and /dev/shm of a read-only container without its tmpfs, and sizes shm', () => {
    const options = (place: string, said: Parameters<typeof specOf>[0]) => at(specOf(said), place)[0]?.options ?? []
    expect(options('/dev/shm', { shmSizeBytes: 1024 })).toContain('size=1024')
    expect(options('/tmp', { systemd: true, shmSizeSystemdBytes: 2048 })).toContain('size=2048')
    for (const place of ['/dev', '/dev/shm']) {
      expect(options(place, { readOnly: true })).not.toContain('ro')
      expect(options(place, { readOnly: true, readOnlyTmpfs: false })).toContain('ro')
    }
  })

  it.each([
    ['rprivate', 'rprivate'],
    ['rslave', 'rslave'],
    ['shared', 'rshared'],
  ])('lets the root take part when a mount is %s', (word, expected) => {
    const spec = specOf({ mounts: [mount('/a', { options: [word, 'rbind'] })] })
    expect((spec.linux as { rootfsPropagation?: string }).rootfsPropagation).toBe(expected)
  })

  it('mounts secrets over whatever is there, and gives variables only here', () => {
    const spec = specOf(
      { mounts: [mount('/run', { kind: 'tmpfs' })] },
      { secretFiles: [{ hostPath: '/c/0', containerPath: '/run/secrets/s' }], secretEnv: ['S=x'] },
    )
    const places = spec.mounts.map(({ destination }) => destination)
    expect(places.indexOf('/run')).toBeLessThan(places.indexOf('/run/secrets/s'))
    expect(spec.process).toMatchObject({ env: expect.arrayContaining(['S=x']) as string[] })
  })
})

describe('toDevices', () => {
  it('has nodes made and allowed as root, and binds them otherwise', () => {
    const root = specOf({}, { devices: [node], usernsKind: 'none', filterDevices: true })
    expect((root.linux as { devices?: object[] }).devices).toMatchObject([
      { path: '/dev/own', type: 'c', major: 1, minor: 3 },
    ])
    expect(at(root, '/dev/own')).toEqual([])
    const user = specOf({}, { devices: [node] })
    expect(user.linux).not.toHaveProperty('devices')
    expect(at(user, '/dev/own')).toMatchObject([{ type: 'bind', source: '/dev/null' }])
  })

  it('forbids all other devices, where it can, and allows what rules say', () => {
    const deviceRules = [{ type: 'b', major: 8, access: 'r' }] as const
    const rules = (privileged: boolean, filterDevices = true) =>
      specOf({ deviceRules, privileged }, { devices: [node], usernsKind: 'none', filterDevices }).linux.resources
    expect(rules(false)).toMatchObject({
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' },
        { allow: true, type: 'b', major: 8, access: 'r' },
      ],
    })
    expect(rules(true) ?? {}).not.toHaveProperty('devices')
    expect(rules(false, false) ?? {}).not.toHaveProperty('devices')
  })
})
