import { describe, expect, it } from 'vitest'
import { ALL_CAPABILITIES } from '../../../src/model/capabilities.js'
import { UsageError } from '../../../src/model/errors.js'
import type { CreateRequest } from '../../../src/model/run-request.js'
import { planOf } from '../../support/plans.js'

describe('planContainer', () => {
  it.each([
    ['debian', 'docker.io/library/debian:latest'],
    ['other:latest', 'localhost/other:latest'],
    ['iiiiii', 'docker.io/library/debian:latest'],
  ])('names the image in full when %s is typed', (typed, name) => {
    expect(planOf({ image: typed }).image.name).toBe(name)
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
    expect(planOf(said, config).process.args).toEqual(args)
  })

  it('refuses an image without a command when none is said', () => {
    expect(() => planOf({ command: [] })).toThrow(UsageError)
    expect(() => planOf({ command: [], entrypoint: [] }, { Cmd: ['x'] })).toThrow(/no command/)
  })

  it('merges the environment: defaults, image, user; the last one wins', () => {
    const { env } = planOf(
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
    expect(planOf({ network: { mode: 'none' } }).hostname).toBe('ffffffffffff')
    expect(planOf({ network: { mode: 'host' } }).hostname).toBe('machine')
    expect(planOf({ network: { mode: 'host' }, hostname: 'h' }).hostname).toBe('h')
  })

  it('keeps the caller as the user with keep-id, unless another is said', () => {
    const keeps = { userns: { mode: 'keep-id', uid: 1000, gid: 1000 } } as const
    expect(planOf({}, { User: 'www' }, keeps).process.user).toBe('1000:1000')
    expect(planOf({ user: '0' }, {}, keeps).process.user).toBe('0')
  })

  it('makes a privileged container without filter, masks and missing capabilities', () => {
    const privileged = planOf({ privileged: true })
    expect(privileged).toMatchObject({ seccomp: 'unconfined', maskedPaths: [], readonlyPaths: [] })
    expect(privileged.capabilities).toContain('CAP_SYS_ADMIN')
    expect(planOf({})).toMatchObject({ seccomp: 'default', privileged: false })
  })

  it('gives a privileged container no more than we have, and says what is lacking', () => {
    const mine = { availableCapabilities: ALL_CAPABILITIES.filter((name) => name !== 'CAP_SYS_RESOURCE') }
    expect(planOf({ privileged: true }, {}, mine).capabilities).toEqual(mine.availableCapabilities)
    expect(planOf({ capAdd: ['ALL'] }, {}, mine).capabilities).toEqual(mine.availableCapabilities)
    expect(() => planOf({ capAdd: ['SYS_RESOURCE'] }, {}, mine)).toThrow(/do not have it yourself/)
  })

  it('unmasks what is said and masks more', () => {
    const said = planOf({ security: { unmask: ['/proc/kcore'], mask: ['/secret'] } })
    expect(said.maskedPaths).not.toContain('/proc/kcore')
    expect(said.maskedPaths).toContain('/secret')
    expect(planOf({ security: { unmask: ['ALL'] } })).toMatchObject({ maskedPaths: [], readonlyPaths: [] })
  })

  it.each([
    ['a relative working directory', { workdir: 'src' }, /must be absolute/],
    ['an unknown stop signal', { stopSignal: 'SIGNOPE' }, /unknown signal/],
  ] as const)('refuses %s', (_title, said, reason) => {
    expect(() => planOf(said as Partial<CreateRequest>)).toThrow(reason)
  })

  it('takes the stop signal of the image and writes it by name', () => {
    expect(planOf({}, { StopSignal: '3' }).stopSignal).toBe('SIGQUIT')
    expect(planOf({ stopSignal: 'int' }, { StopSignal: '3' }).stopSignal).toBe('SIGINT')
  })

  it('lets labels of the user win over those of the image', () => {
    expect(planOf({ labels: { a: 'mine' } }, { Labels: { a: 'image', b: 'image' } }).labels).toEqual({
      a: 'mine',
      b: 'image',
    })
  })
})
