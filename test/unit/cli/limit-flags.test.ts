import { describe, expect, test } from 'vitest'
import { limitFlags, toLimitsRequest } from '../../../src/cli/create-flags/limits.js'
import { type FlagDefinitions, parseWords } from '../../../src/cli/flag-values.js'
import { UsageError } from '../../../src/model/errors.js'

async function requestOf(words: string) {
  const { flags } = await parseWords(words === '' ? [] : words.split(' '), limitFlags as FlagDefinitions, true)
  return toLimitsRequest(flags as never)
}
const resourcesOf = async (words: string) => (await requestOf(words)).resources

describe('toLimitsRequest', () => {
  test('says nothing when nothing is said', async () => {
    expect(await requestOf('')).toEqual({ ulimits: [], resources: {} })
  })
  test('takes every flag', async () => {
    const words = [
      '-m 64m --memory-reservation 32m --memory-swap -1 --memory-swappiness 0 --oom-kill-disable --oom-score-adj -1000',
      '--cpu-period 1000 --cpu-quota -1 --cpu-rt-period 2000 --cpu-rt-runtime 1000 -c 2 --cpuset-cpus 0-1,3 --cpuset-mems 0',
      '--pids-limit 7 --blkio-weight 10 --blkio-weight-device /dev/vda:1000',
      '--device-read-bps /dev/vda:1mb,/dev/vdb:0 --device-write-bps /dev/vda:2k --device-read-iops /dev/vda:3 --device-write-iops /dev/vda:4',
      '--cgroup-conf memory.high=10M --cgroup-conf pids.max=max --cgroup-parent /a/b --cgroups no-conmon --limits best-effort',
    ]
    expect(await requestOf(words.join(' '))).toEqual({
      ulimits: [],
      oomScoreAdj: -1000,
      cgroups: 'no-conmon',
      cgroupParent: '/a/b',
      limits: 'best-effort',
      resources: {
        memoryBytes: 64 << 20,
        memoryReservationBytes: 32 << 20,
        memorySwapBytes: -1,
        memorySwappiness: 0,
        oomKillDisable: true,
        cpuPeriodUs: 1000,
        cpuQuotaUs: -1,
        cpuRtPeriodUs: 2000,
        cpuRtRuntimeUs: 1000,
        cpuShares: 2,
        cpusetCpus: '0-1,3',
        cpusetMems: '0',
        pidsLimit: 7,
        blkioWeight: 10,
        blkioWeightDevice: [{ path: '/dev/vda', amount: 1000 }],
        deviceReadBps: [
          { path: '/dev/vda', amount: 1 << 20 },
          { path: '/dev/vdb', amount: 0 },
        ],
        deviceWriteBps: [{ path: '/dev/vda', amount: 2048 }],
        deviceReadIops: [{ path: '/dev/vda', amount: 3 }],
        deviceWriteIops: [{ path: '/dev/vda', amount: 4 }],
        unified: { 'memory.high': '10M', 'pids.max': 'max' },
      },
    })
  })
  test('spreads --cpus over a tenth of a second', async () => {
    expect(await resourcesOf('--cpus 1.5')).toEqual({ cpuPeriodUs: 100_000, cpuQuotaUs: 150_000 })
    expect(await resourcesOf('--cpus .01')).toEqual({ cpuPeriodUs: 100_000, cpuQuotaUs: 1000 })
  })
  test('takes zero, -1 and the empty string for no limit where podman does', async () => {
    const words =
      '-m 0 --memory-reservation= --cpus 0 --cpu-shares 0 --cpu-quota 0 --cpu-period 0 --cpuset-cpus= --blkio-weight 0'
    expect(await resourcesOf(`${words} --memory-swappiness -1`)).toEqual({})
    expect(await resourcesOf('--pids-limit 0')).toEqual({ pidsLimit: -1 })
    expect(await resourcesOf('--pids-limit -1')).toEqual({ pidsLimit: -1 })
  })
  test.each([
    ['-m abc', `invalid size: 'abc'`],
    ['-m -5', `invalid size: '-5'`],
    ['--memory-swap -2', `invalid size: '-2'`],
    ['--memory-reservation 1x', `invalid size: '1x'`],
    ['--memory-swappiness 101', 'valid memory swappiness range is 0-100'],
    ['--memory-swappiness x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['--cpus abc', 'strconv.ParseFloat: parsing "abc": invalid syntax'],
    ['--cpus -1', 'cannot be negative'],
    ['--cpus 1e999', 'strconv.ParseFloat'],
    ['--cpus 0.5 --cpu-period 1000', '--cpu-period and --cpus cannot be set together'],
    ['--cpus 0.5 --cpu-quota 1000', '--cpu-quota and --cpus cannot be set together'],
    ['--cpu-period -1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
    ['--cpu-shares abc', 'invalid argument "abc" for "-c, --cpu-shares" flag: strconv.ParseUint'],
    ['--cpuset-cpus a', 'a list is like 0-3 or 0,2'],
    ['--cpuset-cpus 3-1', 'a list is like 0-3 or 0,2'],
    ['--cpuset-mems 0,', 'a list is like 0-3 or 0,2'],
    ['--pids-limit a', 'strconv.ParseInt: parsing "a": invalid syntax'],
    ['--blkio-weight 9', 'range of blkio weight is from 10 to 1000'],
    ['--blkio-weight 1001', 'range of blkio weight is from 10 to 1000'],
    ['--blkio-weight a', 'strconv.ParseUint: parsing "a": invalid syntax'],
    ['--blkio-weight-device /dev/vda', 'bad format: /dev/vda'],
    ['--blkio-weight-device sda:50', 'bad format for device path: sda:50'],
    ['--blkio-weight-device /dev/vda:5', 'invalid weight for device: /dev/vda:5'],
    [
      '--device-read-bps /dev/vda:-1',
      'invalid rate for device: /dev/vda:-1. The correct format is <device-path>:<number>[<unit>]',
    ],
    [
      '--device-read-iops /dev/vda:1m',
      'The correct format is <device-path>:<number>. Number must be a positive integer',
    ],
    ['--cgroups foo', 'invalid cgroup mode "foo"'],
    ['--cgroup-conf memory.high', '--cgroup-conf must be formatted KEY=VALUE'],
    ['--cgroup-conf ../x=1', '"../x" is no file of a cgroup'],
    ['--cgroup-parent a/../b', 'the parent is a path'],
    ['--oom-score-adj 1001', 'the range is -1000 to 1000'],
    ['--limits maybe', 'must be one of strict, best-effort'],
  ])('refuses %s', async (words, message) => {
    const refusal = expect(requestOf(words)).rejects
    await refusal.toThrow(UsageError)
    await expect(requestOf(words)).rejects.toThrow(message)
  })
})
