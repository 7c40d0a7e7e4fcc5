import { expect, test } from 'vitest'
import { commitConfig } from '../../../src/engine/commit-config.js'
import { basePlan as plan } from '../../support/plans.js'

const mount = { kind: 'volume', source: '/s', options: [] } as const
const process = { ...plan.process, args: ['sh', '-c', 'x'], env: ['PATH=/bin', 'container=lichen', 'A=own'], user: '5' }
const own = {
  ...plan,
  process,
  entrypoint: ['sh'],
  labels: { own: '1' },
  mounts: [
    { ...mount, destination: '/anonymous', anonymous: true },
    { ...mount, destination: '/named', volumeName: 'n' },
  ],
}
const nothing = { changes: {}, includeVolumes: false }

test('commitConfig puts what the container was made with over the image’s, and keeps the rest', () => {
  const base = {
    Env: ['A=base', 'B=base'],
    Cmd: ['old'],
    Labels: { base: '1' },
    StopSignal: 'INT',
    Volumes: { '/v': {} },
  }
  expect(commitConfig(base, own, nothing)).toEqual({
    StopSignal: 'INT',
    User: '5',
    Env: ['A=own', 'B=base', 'PATH=/bin'],
    Entrypoint: ['sh'],
    Cmd: ['-c', 'x'],
    WorkingDir: process.cwd,
    Labels: { base: '1', own: '1' },
    Volumes: { '/v': {}, '/anonymous': {} },
  })
})

test('commitConfig drops the image’s entrypoint, command and user when the container has none', () => {
  const bare = { ...own, process: { ...process, args: [], user: '' }, entrypoint: [], mounts: [], labels: {} }
  const config = commitConfig({ Entrypoint: ['e'], Cmd: ['c'], User: 'u', Labels: null, Volumes: null }, bare, nothing)
  expect(config).toEqual({ Env: ['PATH=/bin', 'A=own'], WorkingDir: process.cwd })
})

test('commitConfig makes every mount a volume when it is asked to', () => {
  expect(commitConfig({}, own, { ...nothing, includeVolumes: true }).Volumes).toEqual({
    '/anonymous': {},
    '/named': {},
  })
})

test('commitConfig lets changes win, adds to lists and maps, and takes away what is changed to nothing', () => {
  const changes = {
    Env: ['A=changed'],
    Entrypoint: [],
    Labels: { more: '2' },
    ExposedPorts: { '80/tcp': {} },
    User: 'root',
  }
  expect(commitConfig({ ExposedPorts: { '1/tcp': {} } }, own, { ...nothing, changes })).toEqual({
    User: 'root',
    Env: ['PATH=/bin', 'A=changed'],
    Cmd: ['-c', 'x'],
    WorkingDir: process.cwd,
    Labels: { own: '1', more: '2' },
    Volumes: { '/anonymous': {} },
    ExposedPorts: { '1/tcp': {}, '80/tcp': {} },
  })
})
