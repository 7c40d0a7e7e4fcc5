import { describe, expect, test } from 'vitest'
import { goDuration } from '../../../src/cli/go-duration.js'
import { statsText } from '../../../src/cli/views/stats.js'
import { DESCRIPTOR_NAMES, parseDescriptors, processesText } from '../../../src/cli/views/top.js'
import type { ProcessInfo } from '../../../src/model/process-info.js'
import { type ContainerStats, NO_USAGE } from '../../../src/model/stats.js'

describe('goDuration', () => {
  test.each([
    [0, '0s'],
    [999, '999ns'],
    [1500, '1.5µs'],
    [10_000_000, '10ms'],
    [20_386_825_206, '20.386825206s'],
    [70_104_000_000, '1m10.104s'],
    [3_732_497_061_672, '1h2m12.497061672s'],
    [3_600_000_000_000, '1h0m0s'],
  ])('prints %i as %s', (ns, text) => {
    expect(goDuration(ns)).toBe(text)
  })
})

const process: ProcessInfo = {
  pid: 7,
  ppid: 1,
  pgid: 7,
  hostPid: 4711,
  user: 'app',
  uid: 1000,
  realUser: 'app',
  group: 'app',
  realGroup: 'app',
  groups: ['app', 'audio'],
  hostUser: '101000',
  hostUid: 101_000,
  hostGroup: '101000',
  hostGroups: [],
  comm: 'sh',
  args: [],
  state: 'S',
  nice: -5,
  cpuNs: 10_000_000,
  elapsedNs: 10_000_000_000,
  startedAtMs: 0,
  virtualKiB: 4,
  residentKiB: 2,
  capabilities: { Inh: 0n, Prm: 0b11n, Eff: (1n << 41n) - 1n, Bnd: 0n, Amb: 0n },
  seccomp: 2,
}

describe('processesText', () => {
  test("prints podman's columns when none are named", () => {
    expect(processesText([process], parseDescriptors([]) ?? [])).toBe(
      [
        'USER        PID         PPID        %CPU        ELAPSED     TTY         TIME        COMMAND',
        'app         7           1           0.100       10s         ?           10ms        [sh]',
        '',
      ].join('\n'),
    )
  })
  test.each([
    ['capeff', 'full'],
    ['capprm', 'CHOWN,DAC_OVERRIDE'],
    ['capinh', 'none'],
    ['seccomp', 'filter'],
    ['label', '?'],
    ['groups', 'app,audio'],
    ['stime', '1970-01-01 00:00:00 +0000 UTC'],
    ['nice', '-5'],
    ['huid', '101000'],
  ])('shows %s', (name, text) => {
    expect(processesText([process], [name]).split('\n')[1]).toBe(text)
  })
})

describe('parseDescriptors', () => {
  test('takes names, letters and lists', () => {
    expect(parseDescriptors(['pid,%C', 'args'])).toEqual(['pid', 'pcpu', 'args'])
    expect(parseDescriptors(DESCRIPTOR_NAMES)).toEqual(DESCRIPTOR_NAMES)
  })
  test('leaves everything to ps(1) when one word is none', () => {
    expect(parseDescriptors(['pid', '-ef'])).toBeUndefined()
    expect(parseDescriptors(['toString'])).toBeUndefined()
  })
})

const running: ContainerStats = {
  id: 'a'.repeat(64),
  name: 'web',
  takenAtMs: 5,
  cpuNs: 13_236_000,
  cpuSystemNs: 1,
  cpuPercent: 0.4949,
  averageCpuPercent: 12,
  memoryBytes: 249_856,
  memoryLimitBytes: 52_428_800,
  netInputBytes: 0,
  netOutputBytes: 0,
  blockInputBytes: 1000,
  blockOutputBytes: 0,
  pids: 2,
  isCounted: true,
}

describe('statsText', () => {
  test("prints podman's table, and dashes for a container that does not run", () => {
    const stopped = { ...NO_USAGE, id: 'b'.repeat(64), name: 'db', takenAtMs: 5, cpuPercent: 0, averageCpuPercent: 0 }
    expect(statsText([running, stopped], { 'no-trunc': false })).toBe(
      [
        'ID            NAME        CPU %       MEM USAGE / LIMIT  MEM %       NET IO      BLOCK IO    PIDS        CPU TIME    AVG CPU %',
        'aaaaaaaaaaaa  web         0.49%       249.9kB / 52.43MB  0.48%       -- / --     1kB / 0B    2           13.236ms    12.00%',
        'bbbbbbbbbbbb  db          --          -- / --            --          -- / --     -- / --     --          0s          --',
        '',
      ].join('\n'),
    )
  })
  test("prints podman's JSON and its template's fields", () => {
    expect(JSON.parse(statsText([running], { format: 'json', 'no-trunc': true }))).toEqual([
      {
        id: 'a'.repeat(64),
        name: 'web',
        cpu_time: '13.236ms',
        cpu_percent: '0.49%',
        avg_cpu: '12.00%',
        mem_usage: '249.9kB / 52.43MB',
        mem_percent: '0.48%',
        net_io: '-- / --',
        block_io: '1kB / 0B',
        pids: '2',
      },
    ])
    expect(statsText([running], { format: '{{.MemUsageBytes}} {{.CPUNano}} {{.PIDs}}', 'no-trunc': false })).toBe(
      '244KiB / 50MiB 13236000 2\n',
    )
  })
})
