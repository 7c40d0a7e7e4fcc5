// What is mounted into a container: which of several words for one place counts, in which order, with which options (podman's).

import { describe, expect, it } from 'vitest'
import { type MountSources, NO_SOURCES } from '../../../src/engine/mount-sources.js'
import { countAnonymousVolumes } from '../../../src/engine/plan-mounts.js'
import type { ImageProcessConfig } from '../../../src/model/image.js'
import type { ArtifactMountRequest, MountRequest, PlannedMount } from '../../../src/model/mounts.js'
import type { CreateRequest } from '../../../src/model/run-request.js'
import { baseRequest, imageWith, planOf } from '../../support/plans.js'

const mountsOf = (
  said: Partial<CreateRequest>,
  config: ImageProcessConfig = {},
  sources: Partial<MountSources> = {},
): readonly PlannedMount[] => planOf(said, config, { sources: { ...NO_SOURCES, ...sources } }).mounts

const bind = (hostPath: string, containerPath: string, ...options: string[]): MountRequest => ({
  kind: 'bind',
  hostPath,
  containerPath,
  options,
})
const tmpfs = (containerPath: string, ...options: string[]) => ({ kind: 'tmpfs', containerPath, options }) as const
const volume = (name: string, containerPath: string, ...options: string[]): MountRequest => ({
  kind: 'volume',
  name,
  containerPath,
  options,
})

describe('planMounts', () => {
  it('orders mounts parents first and makes relative sources absolute', () => {
    const mounts = mountsOf({
      mounts: [bind('sub', '/a/b/c'), volume('data', '/a')],
      tmpfs: [tmpfs('/a/b/')],
    })
    expect(mounts.map(({ destination }) => destination)).toEqual(['/a', '/a/b', '/a/b/c'])
    expect(mounts[2]).toMatchObject({ source: '/home/me/sub' })
  })

  it.each<[string, MountRequest, string]>([
    ['a directory', bind('/x', '/a'), 'rw,rprivate,rbind'],
    ['one with options', bind('/x', '/a', 'ro', 'Z', 'bind', 'rslave'), 'ro,Z,bind,rslave'],
    ['a volume', volume('v', '/a'), 'rw,rprivate,nosuid,nodev,rbind'],
    ['a volume with options', volume('v', '/a', 'U', 'nocopy', 'dev'), 'U,nocopy,dev,rw,rprivate,nosuid,rbind'],
    ['a tmpfs', tmpfs('/a'), 'rw,rprivate,nosuid,nodev,tmpcopyup'],
    ['a tmpfs with options', tmpfs('/a', 'size=1m', 'ro', 'notmpcopyup', 'suid'), 'size=1m,ro,suid,rprivate,nodev'],
    ['a devpts', { kind: 'devpts', containerPath: '/a', options: ['uid=1'] }, 'uid=1'],
    ['an image', { kind: 'image', image: 'i', containerPath: '/a', isWritable: false }, 'ro,rprivate,rbind'],
  ])('gives %s the options podman gives it', (_what, mount, options) => {
    expect(mountsOf({ mounts: [mount] })[0]?.options.join(',')).toBe(options)
  })

  it('copies the image into a volume unless nocopy or a subpath is said', () => {
    const copies = (mount: MountRequest) => mountsOf({ mounts: [mount] })[0]?.copyUp
    expect(copies(volume('v', '/a'))).toBe(true)
    expect(copies(volume('v', '/a', 'nocopy'))).toBe(false)
    expect(copies({ kind: 'volume', name: 'v', containerPath: '/a', options: [], subpath: 'x' })).toBe(false)
  })

  it('lets what was said count before other containers, these before the image, and the later of two containers', () => {
    const other = (source: string, destination: string): PlannedMount => ({
      kind: 'bind',
      source,
      destination,
      options: [],
    })
    const volumesFrom = [other('/one', '/a'), other('/one', '/b'), other('/two', '/b'), other('/two', '/c')]
    const config = { Volumes: { '/c': {}, '/d/': {} } }
    const mounts = mountsOf({ mounts: [bind('/mine', '/a')] }, config, { volumesFrom })
    expect(
      mounts.map(({ source, destination, volumeName }) => `${volumeName ?? source} ${destination}`).sort(),
    ).toEqual(['/mine /a', '/two /b', '/two /c', 'v1 /d'])
  })

  it.each([
    ['anonymous', ['volume', 'v1', true]],
    ['bind', ['volume', 'v1', true]],
    ['tmpfs', ['tmpfs', undefined, undefined]],
    ['ignore', undefined],
  ] as const)('makes the volumes of an image %s', (imageVolumes, expected) => {
    const [mount] = mountsOf({ imageVolumes }, { Volumes: { '/data': {} } })
    expect(mount && [mount.kind, mount.volumeName, mount.anonymous]).toEqual(expected)
  })

  it('keeps /run, /tmp and /var/tmp writable in a read-only container, unless something is there or it is not wanted', () => {
    const places = mountsOf({ readOnly: true, tmpfs: [tmpfs('/tmp', 'size=1m')] })
    expect(places.map(({ destination }) => destination)).toEqual(['/tmp', '/run', '/var/tmp'])
    expect(places[0]?.options).toContain('size=1m')
    expect(mountsOf({ readOnly: true, readOnlyTmpfs: false })).toEqual([])
  })

  it('takes the same --tmpfs twice for one', () => {
    expect(mountsOf({ tmpfs: [tmpfs('/t', 'size=1m'), tmpfs('/t', 'size=1m')] })).toHaveLength(1)
    expect(() => planOf({ tmpfs: [tmpfs('/t', 'size=1m'), tmpfs('/t', 'size=2m')] })).toThrow(/duplicate mount/)
  })

  it('mounts what a glob fits below the destination, or where it is on the host', () => {
    const globs = new Map([['/lib/*', ['/lib/a', '/lib/b']]])
    const glob = (containerPath?: string): MountRequest => ({
      kind: 'glob',
      pattern: '/lib/*',
      options: ['ro'],
      ...(containerPath === undefined ? {} : { containerPath }),
    })
    const places = (containerPath?: string) =>
      mountsOf({ mounts: [glob(containerPath)] }, {}, { globs }).map(({ source, destination }) => [source, destination])
    expect(places('/in')).toEqual([
      ['/lib/a', '/in/a'],
      ['/lib/b', '/in/b'],
    ])
    expect(places()).toEqual([
      ['/lib/a', '/lib/a'],
      ['/lib/b', '/lib/b'],
    ])
  })

  it('mounts the one file of an artifact by a name to be decided, and several below the destination', () => {
    const mount: ArtifactMountRequest = { kind: 'artifact', artifact: 'art', containerPath: '/in' }
    const [one, two] = ['one', 'two'].map((name) => ({ hostPath: `/blobs/${name}`, name }))
    const plan = (...files: (typeof one)[]) =>
      mountsOf({ mounts: [mount] }, {}, { artifacts: new Map([[mount, files.flatMap((file) => file ?? [])]]) })
    expect(plan(one)).toMatchObject([{ destination: '/in', fileName: 'one' }])
    expect(plan(one, two).map(({ destination }) => destination)).toEqual(['/in/one', '/in/two'])
  })

  it.each<[string, Partial<CreateRequest>, RegExp]>([
    [
      'two mounts for one place',
      { mounts: [bind('/x', '/a')], tmpfs: [tmpfs('/a/')] },
      /\/a: duplicate mount destination/,
    ],
    ['a relative destination', { tmpfs: [tmpfs('tmp')] }, /must be absolute/],
    ['a mount over the root', { tmpfs: [tmpfs('/x/..')] }, /root of a container/],
  ])('refuses %s', (_title, said, reason) => {
    expect(() => planOf(said)).toThrow(reason)
  })

  it('counts every volume that can need a name', () => {
    const image = imageWith({ Volumes: { '/data': {}, '/logs': {} } })
    expect(countAnonymousVolumes({ ...baseRequest, mounts: [bind('/x', '/a')] }, image)).toBe(3)
  })

  it('takes a directory for a root file system, with or without changes', () => {
    expect(planOf({ rootfs: true, image: 'tree:O' })).toMatchObject({
      image: { name: '' },
      rootfs: { hostPath: '/home/me/tree', isOverlay: true },
    })
    expect(planOf({ rootfs: true, image: '/tree' }).rootfs).toEqual({ hostPath: '/tree', isOverlay: false })
    expect(planOf({}).rootfs).toBeUndefined()
  })
})
