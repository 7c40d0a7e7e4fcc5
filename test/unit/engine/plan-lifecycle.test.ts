// How a container's life is decided, and what its monitor is told of it.

import { describe, expect, test } from 'vitest'
import { parseLabelLines } from '../../../src/engine/label-files.js'
import { lifecycleWords } from '../../../src/runtime/words-lifecycle.js'
import { baseHost, basePlan, planOf } from '../../support/plans.js'

describe('planLifecycle', () => {
  test('restarts nothing and asks for no files when nothing is said', () => {
    expect(planOf({})).toMatchObject({ restart: { name: 'no', maxRetries: 0 }, timeoutS: 0, dependencies: [] })
    expect(planOf({})).not.toHaveProperty('pidfile')
  })
  test('makes the paths of pid files absolute', () => {
    expect(planOf({ pidfile: 'p', monitorPidfile: '/run/m' })).toMatchObject({
      pidfile: `${baseHost.cwd}/p`,
      monitorPidfile: '/run/m',
    })
  })
  test.each(['always', 'unless-stopped'] as const)('refuses --rm with %s, which never ends', (name) => {
    expect(() => planOf({ remove: true, restart: { name, maxRetries: 0 } })).toThrow(/--rm and --restart/)
  })
  test('lets --rm be with on-failure, which may end', () => {
    expect(() => planOf({ remove: true, restart: { name: 'on-failure', maxRetries: 0 } })).not.toThrow()
  })
  test('puts its own labels over the image’s', () => {
    expect(planOf({ labels: { a: '2' } }, { Labels: { a: '1', b: '1' } }).labels).toEqual({ a: '2', b: '1' })
  })
})

describe('lifecycleWords', () => {
  const place = { id: 'i', name: 'n', dir: '/c', runDir: '/c/runs/1', cgroup: { groups1: [] } } as never
  const words = (changes: object, notifySocket?: string) =>
    lifecycleWords({ ...basePlan, ...changes }, {
      ...(place as object),
      ...(notifySocket && { notifySocket }),
    } as never)
  test('says how it is stopped, and no more, when nothing is asked for', () => {
    expect(words({})).toEqual(['stop_signal=15', 'stop_timeout_ms=10000'])
  })
  test.each([
    [{ name: 'always', maxRetries: 0 }, ['restart=always']],
    [{ name: 'unless-stopped', maxRetries: 0 }, ['restart=always']],
    [{ name: 'on-failure', maxRetries: 3 }, ['restart=on-failure', 'restart_max=3']],
    [{ name: 'no', maxRetries: 0 }, []],
  ])('speaks of the policy %j', (restart, expected) => {
    expect(words({ restart }).filter((word) => word.startsWith('restart'))).toEqual(expected)
  })
  test('carries time limits and pid files over', () => {
    expect(words({ timeoutS: 2, pidfile: '/p', monitorPidfile: '/m' })).toEqual(
      expect.arrayContaining(['timeout_ms=2000', 'pidfile=/p', 'monitor_pidfile=/m']),
    )
  })
  test('speaks of systemd only when it is there and wanted', () => {
    const said = (sdnotify: string, socket?: string) =>
      words({ sdnotify }, socket).filter((it) => it.startsWith('notify'))
    expect(said('container', '/s')).toEqual(['notify_socket=/s', 'notify=container'])
    expect(said('conmon', '/s')).toEqual(['notify_socket=/s', 'notify=started'])
    expect(said('healthy', '/s')).toEqual(['notify_socket=/s', 'notify=healthy'])
    expect(said('ignore', '/s')).toEqual([])
    expect(said('container')).toEqual([])
  })
})

describe('parseLabelLines', () => {
  test('reads names and values, and passes over comments and empty lines', () => {
    expect(parseLabelLines('# a\n\n \ta=1\nb=x=y \nc\n', 'f')).toEqual([
      ['a', '1'],
      ['b', 'x=y '],
      ['c', ''],
    ])
  })
  test.each(['=1', 'a b=1'])('refuses %j and names the file', (line) => {
    expect(() => parseLabelLines(line, 'the-file')).toThrow('the-file')
  })
})
