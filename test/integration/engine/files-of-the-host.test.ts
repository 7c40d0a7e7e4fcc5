// What a request's mounts and devices find on the host: globs as Go's filepath.Glob reads them, descriptions of CDI devices.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCdiDevice } from '../../../src/engine/cdi.js'
import { findDevices } from '../../../src/engine/find-devices.js'
import { expandGlob } from '../../../src/engine/glob.js'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'host-files.'))
})
afterAll(() => rmSync(dir, { recursive: true }))

describe('expandGlob', () => {
  const NAMES = ['a', 'b.c', '.hidden', 'x-y', 'x+y', 'ü', '[z]', 'a*', 'sub/deep']
  beforeAll(() => {
    mkdirSync(path.join(dir, 'globs/sub'), { recursive: true })
    for (const name of NAMES) writeFileSync(path.join(dir, 'globs', name), '')
  })
  test.each([
    ['a', ['a']],
    ['?', ['a', 'ü']],
    ['x*', ['x+y', 'x-y']],
    ['[a-b]*', ['a', 'a*', 'b.c']],
    ['[^a-x.[s]*', ['ü']],
    ['[x]\\-y', ['x-y']],
    ['x[+-]y', ['x+y', 'x-y']],
    ['\\[z]', ['[z]']],
    ['a\\*', ['a*']],
    ['b.?', ['b.c']],
    ['*/*', ['sub/deep']],
    ['.h*', ['.hidden']],
    ['*den', ['.hidden']],
  ])('%s', (pattern, expected) => {
    expect(expandGlob(`globs/${pattern}`, dir)).toEqual(expected.map((name) => path.join(dir, 'globs', name)).sort())
  })
  test.each(['[', '[]', 'x[a', '[z-a]', 'a\\'])('%s is refused', (pattern) => {
    expect(() => expandGlob(`globs/${pattern}`, dir)).toThrow('syntax error in pattern')
  })
  test('nothing found is an error that names the pattern', () => {
    expect(() => expandGlob('globs/none*', dir)).toThrow('no file paths matching glob "globs/none*"')
    expect(() => expandGlob('none/*/x', dir)).toThrow('no file paths matching glob')
  })
})

describe('findCdiDevice', () => {
  const spec = {
    cdiVersion: '0.6.0',
    kind: 'vendor.com/unit',
    containerEdits: { env: ['ALL=1'] },
    devices: [
      {
        name: 'one',
        containerEdits: {
          env: ['ONE=1'],
          deviceNodes: [{ path: '/dev/unit0', hostPath: '/dev/null', permissions: 'rw' }, { path: '/dev/zero' }],
          mounts: [{ hostPath: '/lib', containerPath: '/usr/lib/unit', options: ['ro', 'nosuid', 'bind'] }],
        },
      },
      { name: 'hooked', containerEdits: { hooks: [{ hookName: 'createContainer', path: '/usr/bin/vendor-hook' }] } },
    ],
  }
  const place = () => path.join(dir, 'cdi')
  beforeAll(() => {
    mkdirSync(place())
    writeFileSync(path.join(place(), 'vendor.json'), JSON.stringify(spec))
  })

  test('gives the nodes, mounts and variables of a device, after those of its kind', () => {
    expect(findCdiDevice('vendor.com/unit=one', [place()])).toEqual({
      devices: [
        { hostPath: '/dev/null', containerPath: '/dev/unit0', access: 'rw' },
        { hostPath: '/dev/zero', containerPath: '/dev/zero', access: 'rwm' },
      ],
      cdiMounts: [
        { kind: 'bind', source: '/lib', destination: '/usr/lib/unit', options: ['ro', 'nosuid', 'rprivate', 'rbind'] },
      ],
      cdiEnv: ['ALL=1', 'ONE=1'],
    })
  })
  test('refuses a device that needs a hook, by the name of the hook', () => {
    expect(() => findCdiDevice('vendor.com/unit=hooked', [place()])).toThrow(
      /createContainer \(\/usr\/bin\/vendor-hook\)/,
    )
  })
  test('says that nothing describes an unknown one', () => {
    expect(() => findCdiDevice('vendor.com/unit=two', [place()])).toThrow(
      'unresolvable CDI devices vendor.com/unit=two',
    )
    expect(() => findCdiDevice('vendor.com/other=one', ['/none'])).toThrow('unresolvable CDI devices')
  })
  test('names a file that is no description', () => {
    writeFileSync(path.join(place(), 'broken.json'), '{')
    expect(() => findCdiDevice('vendor.com/unit=two', [place()])).toThrow(/broken.json: not a CDI specification/)
    rmSync(path.join(place(), 'broken.json'))
  })
  test('points at a description in YAML', () => {
    writeFileSync(path.join(place(), 'other.yaml'), 'cdiVersion: 0.6.0\n')
    const error = (() => {
      try {
        return findCdiDevice('vendor.com/unit=two', [place()])
      } catch (caught) {
        return caught
      }
    })()
    expect(error).toMatchObject({ hint: expect.stringContaining('other.yaml is YAML') })
  })
})

describe('findDevices', () => {
  test('finds the nodes of a directory, under the place that was said', () => {
    const { devices } = findDevices([{ kind: 'path', hostPath: '/dev/net', containerPath: '/dev/mine', access: 'r' }])
    expect(devices).toEqual([{ hostPath: '/dev/net/tun', containerPath: '/dev/mine/tun', access: 'r' }])
  })
  test('refuses what is no device', () => {
    expect(() => findDevices([{ kind: 'path', hostPath: dir }])).toThrow(`no devices found in ${dir}`)
    expect(() => findDevices([{ kind: 'path', hostPath: '/etc/passwd' }])).toThrow('not a device node')
    expect(() => findDevices([{ kind: 'path', hostPath: '/dev/none' }])).toThrow(
      'stat /dev/none: no such file or directory',
    )
  })
})
