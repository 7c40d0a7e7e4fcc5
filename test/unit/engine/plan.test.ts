import { describe, expect, it } from 'vitest'
import { type PlanHost, planContainer } from '../../../src/engine/plan.js'
import { countAnonymousVolumes } from '../../../src/engine/plan-mounts.js'
import { ALL_CAPABILITIES } from '../../../src/model/capabilities.js'
import { UsageError } from '../../../src/model/errors.js'
import type { ImageProcessConfig, LocalImage } from '../../../src/model/image.js'
import type { CreateRequest } from '../../../src/model/run-request.js'

const host: PlanHost = {
  id: 'f'.repeat(64),
  uid: 1000,
  gid: 1000,
  cwd: '/home/me',
  hostname: 'machine',
  env: { FOO: 'from-host', APP_A: '1', APP_B: '2' },
  hasManyIds: true,
  storageDriver: 'overlay',
  layers: ['aaaa'],
  runtime: '/usr/bin/crun',
  availableCapabilities: ALL_CAPABILITIES,
  anonymousVolumes: ['v1', 'v2', 'v3'],
}

const request: CreateRequest = {
  image: 'debian',
  command: ['true'],
  pull: { policy: 'missing', registry: {} },
  replace: false,
  remove: false,
  interactive: false,
  tty: false,
  env: [],
  volumes: [],
  tmpfs: [],
  readOnly: false,
  init: false,
  privileged: false,
  capAdd: [],
  capDrop: [],
  security: {},
  ulimits: [],
  labels: {},
}

const image = (config: ImageProcessConfig = {}): LocalImage =>
  ({
    id: 'i'.repeat(64),
    names: ['docker.io/library/debian:latest', 'localhost/other:latest'],
    config: { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [] } },
  }) as unknown as LocalImage
const plan = (said: Partial<CreateRequest>, config?: ImageProcessConfig, facts?: Partial<PlanHost>) =>
  planContainer({ ...request, ...said }, image(config), { ...host, ...facts })

describe('planContainer', () => {
  it.each([
    ['debian', 'docker.io/library/debian:latest'],
    ['other:latest', 'localhost/other:latest'],
    ['iiiiii', 'docker.io/library/debian:latest'],
  ])('names the image in full when %s is typed', (typed, name) => {
    expect(plan({ image: typed }).image.name).toBe(name)
  })

  it.each([
    ['the image command when none is said', { command: [] }, { Entrypoint: ['/e'], Cmd: ['c'] }, ['/e', 'c']],
    [
      'the said command after the image entrypoint',
      { command: ['x', 'y'] },
      { Entrypoint: ['/e'], Cmd: ['c'] },
      ['/e', 'x', 'y'],
    ],
    [
      'the said entrypoint without the image command',
      { command: [], entrypoint: ['/mine'] },
      { Entrypoint: ['/e'], Cmd: ['c'] },
      ['/mine'],
    ],
    [
      'the command alone when the entrypoint is emptied',
      { command: ['x'], entrypoint: [] },
      { Entrypoint: ['/e'] },
      ['x'],
    ],
  ])('takes %s', (_title, said, config, args) => {
    expect(plan(said, config).process.args).toEqual(args)
  })

  it('refuses an image without a command when none is said', () => {
    expect(() => plan({ command: [] })).toThrow(UsageError)
    expect(() => plan({ command: [], entrypoint: [] }, { Cmd: ['x'] })).toThrow(/no command/)
  })

  it('merges the environment: defaults, image, user; the last one wins', () => {
    const { env } = plan(
      {
        tty: true,
        env: [
          { kind: 'set', name: 'A', value: 'mine' },
          { kind: 'host', name: 'FOO' },
          { kind: 'host', name: 'UNSET' },
          { kind: 'host-prefix', prefix: 'APP_' },
        ],
      },
      { Env: ['A=image', 'PATH=/image', 'EMPTY'] },
    ).process
    expect(env).toEqual([
      'PATH=/image',
      'container=lichen',
      'TERM=xterm',
      'A=mine',
      'EMPTY=',
      'FOO=from-host',
      'APP_A=1',
      'APP_B=2',
    ])
  })

  it('names the host after the id, or after the machine on its network', () => {
    expect(plan({ network: { mode: 'none' } }).hostname).toBe('ffffffffffff')
    expect(plan({ network: { mode: 'host' } }).hostname).toBe('machine')
    expect(plan({ network: { mode: 'host' }, hostname: 'h' }).hostname).toBe('h')
  })

  it('keeps the caller as the user with keep-id, unless another is said', () => {
    expect(plan({ userns: { mode: 'keep-id' } }, { User: 'www' })).toMatchObject({
      userns: { mode: 'keep-id', uid: 1000, gid: 1000 },
      process: { user: '1000:1000' },
    })
    expect(plan({ userns: { mode: 'keep-id' }, user: '0' }).process.user).toBe('0')
  })

  it('refuses keep-id without subordinate ids and for root', () => {
    expect(() => plan({ userns: { mode: 'keep-id' } }, {}, { hasManyIds: false })).toThrow(/subordinate id range/)
    expect(() => plan({ userns: { mode: 'keep-id' } }, {}, { uid: 0 })).toThrow(/unprivileged/)
  })

  it('makes a privileged container without filter, masks and missing capabilities', () => {
    const privileged = plan({ privileged: true })
    expect(privileged).toMatchObject({ seccomp: 'unconfined', maskedPaths: [], readonlyPaths: [] })
    expect(privileged.capabilities).toContain('CAP_SYS_ADMIN')
    expect(plan({})).toMatchObject({ seccomp: 'default', privileged: false })
  })

  it('gives a privileged container no more than we have, and says what is lacking', () => {
    const mine = { availableCapabilities: ALL_CAPABILITIES.filter((name) => name !== 'CAP_SYS_RESOURCE') }
    expect(plan({ privileged: true }, {}, mine).capabilities).toEqual(mine.availableCapabilities)
    expect(plan({ capAdd: ['ALL'] }, {}, mine).capabilities).toEqual(mine.availableCapabilities)
    expect(() => plan({ capAdd: ['SYS_RESOURCE'] }, {}, mine)).toThrow(/do not have it yourself/)
  })

  it('keeps /run, /tmp and /var/tmp writable in a read-only container, unless something is mounted there', () => {
    const places = plan({ readOnly: true, tmpfs: [{ containerPath: '/tmp', options: ['size=1m'] }] }).mounts
    expect(places.map(({ destination }) => destination)).toEqual(['/tmp', '/run', '/var/tmp'])
    expect(places[0]?.options).toContain('size=1m')
  })

  it('unmasks what is said and masks more', () => {
    const said = plan({ security: { unmask: ['/proc/kcore'], mask: ['/secret'] } })
    expect(said.maskedPaths).not.toContain('/proc/kcore')
    expect(said.maskedPaths).toContain('/secret')
    expect(plan({ security: { unmask: ['ALL'] } })).toMatchObject({ maskedPaths: [], readonlyPaths: [] })
  })

  it('orders mounts parents first and makes relative sources absolute', () => {
    const { mounts } = plan({
      volumes: [
        { kind: 'bind', hostPath: 'sub', containerPath: '/a/b/c', options: ['ro', 'Z'] },
        { kind: 'volume', name: 'data', containerPath: '/a', options: ['nocopy'] },
      ],
      tmpfs: [{ containerPath: '/a/b/', options: ['size=1m'] }],
    })
    expect(mounts.map(({ destination }) => destination)).toEqual(['/a', '/a/b', '/a/b/c'])
    expect(mounts[0]).toMatchObject({
      kind: 'volume',
      volumeName: 'data',
      copyUp: false,
      options: ['rbind', 'nocopy', 'rprivate', 'nosuid', 'nodev'].filter((option) => option !== 'nocopy'),
    })
    expect(mounts[1]?.options).toEqual(['size=1m', 'nosuid', 'nodev', 'mode=1777', 'rprivate'])
    expect(mounts[2]).toMatchObject({ source: '/home/me/sub', options: ['rbind', 'ro', 'rprivate'] })
  })

  it('gives the volumes of the image an anonymous volume, unless something is mounted there', () => {
    const config = { Volumes: { '/data': {}, '/logs/': {} } }
    const { mounts } = plan(
      { volumes: [{ kind: 'bind', hostPath: '/x', containerPath: '/logs', options: [] }] },
      config,
    )
    expect(mounts.find(({ destination }) => destination === '/data')).toMatchObject({
      kind: 'volume',
      volumeName: 'v1',
      anonymous: true,
      copyUp: true,
    })
    expect(mounts.filter(({ destination }) => destination === '/logs')).toHaveLength(1)
    expect(countAnonymousVolumes(request, image(config))).toBe(2)
  })

  it.each([
    [
      'two mounts for one place',
      {
        volumes: [{ kind: 'bind', hostPath: '/x', containerPath: '/a', options: [] }],
        tmpfs: [{ containerPath: '/a/', options: [] }],
      },
      /\/a: mounted twice/,
    ],
    ['a relative destination', { tmpfs: [{ containerPath: 'tmp', options: [] }] }, /must be absolute/],
    ['a mount over the root', { tmpfs: [{ containerPath: '/x/..', options: [] }] }, /root of a container/],
    ['a relative working directory', { workdir: 'src' }, /must be absolute/],
    ['an unknown stop signal', { stopSignal: 'SIGNOPE' }, /unknown signal/],
  ] as const)('refuses %s', (_title, said, reason) => {
    expect(() => plan(said as Partial<CreateRequest>)).toThrow(reason)
  })

  it('takes the stop signal of the image and writes it by name', () => {
    expect(plan({}, { StopSignal: '3' }).stopSignal).toBe('SIGQUIT')
    expect(plan({ stopSignal: 'int' }, { StopSignal: '3' }).stopSignal).toBe('SIGINT')
  })

  it('lets labels of the user win over those of the image', () => {
    expect(plan({ labels: { a: 'mine' } }, { Labels: { a: 'image', b: 'image' } }).labels).toEqual({
      a: 'mine',
      b: 'image',
    })
  })
})
