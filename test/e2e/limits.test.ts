// Limits as a user says them: what is refused before anything is made, and what happens where the host cannot keep them.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, lichenTestWhere, test } from '../support/container-test.js'
import { hasCgroup2, isRoot } from '../support/facts.js'

/** Version 2 here has no memory controller, version 1 is root's. */
const canLimitMemory = isRoot && !hasCgroup2

const REFUSED = [
  ['-m', 'abc', "invalid size: 'abc'"],
  ['--memory-swap', '-2', "invalid size: '-2'"],
  ['--cpus', 'abc', 'strconv.ParseFloat: parsing "abc": invalid syntax'],
  ['--cpu-shares', 'abc', 'strconv.ParseUint: parsing "abc": invalid syntax'],
  ['--cpu-period', '-1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
  ['--pids-limit', 'a', 'strconv.ParseInt: parsing "a": invalid syntax'],
  ['--ulimit', 'nofile=5:3', 'ulimit soft limit must be less than or equal to hard limit: 5 > 3'],
  ['--ulimit', 'foo=1', 'invalid ulimit type: foo'],
  ['--ulimit', 'nofile=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['--blkio-weight', 'a', 'strconv.ParseUint: parsing "a": invalid syntax'],
  ['--blkio-weight-device', '/dev/null', 'bad format: /dev/null'],
  ['--device-read-bps', 'sda:1mb', 'bad format for device path: sda:1mb'],
  ['--device-read-bps', '/dev/nope:1mb', 'could not parse throttle device at /dev/nope: no such file or directory'],
  [
    '--device-write-iops',
    '/dev/null:1m',
    'The correct format is <device-path>:<number>. Number must be a positive integer',
  ],
  ['--cgroups', 'foo', 'invalid cgroup mode "foo"'],
  ['--cgroup-conf', 'memory.high', '--cgroup-conf must be formatted KEY=VALUE'],
] as const

test("create refuses values that mean nothing in podman's words, and makes nothing", async ({ lichen }) => {
  for (const [flag, value, message] of REFUSED) {
    const result = await lichen('create', `${flag}=${value}`, 'box', 'true')
    expect(result, flag).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain(message)
  }
  const together = await lichen('create', '--cpus', '0.5', '--cpu-period', '1000', 'box', 'true')
  expect(together.code).toBe(125)
  expect(together.stderr).toContain('--cpu-period and --cpus cannot be set together')
  expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')
})

test('run gives the process its limits and its score', async ({ lichen }) => {
  const script = 'ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj'
  const limits = ['--ulimit', 'nofile=64:128', '--ulimit', 'nproc=2048:2048', '--oom-score-adj', '300']
  expect(await lichen.ok('run', '--rm', ...limits, 'box', 'sh', '-c', script)).toBe('64\n128\n300')
})

lichenTestWhere(!canLimitMemory)(
  'run names the controller that is missing and the fix, and goes on without when told so',
  async ({ lichen }) => {
    const words = ['-m', '64m', '--cpus', '1', 'box', 'echo', 'done']
    const refused = await lichen('run', '--rm', ...words)
    expect(refused).toMatchObject({ code: 125, stdout: '' })
    expect(refused.stderr).toMatch(/^Error: limit container: --memory, --cpus: .*(memory|version 1)/)
    expect(refused.stderr).toContain('--limits=best-effort')
    expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')

    const flagged = await lichen('run', '--rm', '--limits', 'best-effort', ...words)
    expect(flagged).toMatchObject({ code: 0, stdout: 'done\n' })
    expect(flagged.stderr).toMatch(/^Warning: not limited: --memory, --cpus: [^\n]*\n$/)

    const config = join(lichen.directory, 'lichen.toml')
    writeFileSync(config, 'limits = "best-effort"\n')
    const settled = await lichen.with({ env: { LICHEN_CONFIG: config } }, 'run', '--rm', ...words)
    expect(settled).toMatchObject({ code: 0, stdout: 'done\n' })
    expect(settled.stderr).toContain('Warning: not limited: --memory, --cpus')
  },
)

lichenTestWhere(hasCgroup2)(
  'run divides the group it is started in, and writes into the file that --cgroup-conf names',
  async ({ lichen }) => {
    const words = ['run', '--rm', '--cgroup-conf', 'hugetlb.2MB.max=2097152']
    const show = ['box', 'cat', '/sys/fs/cgroup/hugetlb.2MB.max']
    expect(await lichen.ok(...words, ...show)).toBe('2097152')
    expect(await lichen.ok(...words, '--cgroups', 'split', ...show)).toBe('2097152')
    const nested = await lichen('run', '--rm', '--cgroup-conf', 'hugetlb.2MB.max=no', 'box', 'true')
    expect(nested.code).not.toBe(0)
  },
)

lichenTest('create refuses limits for a container without a cgroup, and run makes none for it', async ({ lichen }) => {
  const refused = await lichen('create', '--cgroups', 'disabled', '-m', '64m', 'box', 'true')
  expect(refused).toMatchObject({ code: 125, stdout: '' })
  expect(refused.stderr).toContain('cannot set resource limits if not creating cgroups')
  const id = await lichen.ok('run', '--detach', '--cgroups', 'disabled', 'box', 'sleep', '1000')
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', id)
  expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).not.toContain(id)
})

lichenTest(
  'update keeps limits for a container that does not run yet, and refuses what contradicts them',
  async ({ lichen }) => {
    const id = await lichen.ok('create', '--limits', 'best-effort', '--name', 'web', 'box', 'true')
    expect(await lichen.ok('update', '--memory', '64m', '--cpu-shares', '5', '--restart', 'on-failure:3', 'web')).toBe(
      id,
    )
    const shown =
      '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.CpuShares}} {{.HostConfig.RestartPolicy.Name}}'
    expect(await lichen.ok('inspect', '--format', shown, 'web')).toBe('67108864 134217728 5 on-failure')
    const refused = await lichen('update', '--memory-swap', '1m', 'web')
    expect(refused).toMatchObject({ code: 125, stdout: '' })
    expect(refused.stderr).toContain('minimum memoryswap limit should be larger than memory limit')
    expect(await lichen.ok('inspect', '--format', shown, 'web')).toBe('67108864 134217728 5 on-failure')
    expect((await lichen('update', '--memory', '1g', 'nobody')).code).toBe(125)
  },
)
