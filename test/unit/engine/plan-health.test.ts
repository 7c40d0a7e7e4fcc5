// What of a health check was said, what the image says, and what is the default.

import { describe, expect, test } from 'vitest'
import { healthFlags, toHealthRequest } from '../../../src/cli/create-flags/health.js'
import { type FlagDefinitions, parseWords } from '../../../src/cli/flag-values.js'
import { planHealth } from '../../../src/engine/plan-health.js'
import { UsageError } from '../../../src/model/errors.js'
import type { HealthCheck } from '../../../src/model/health.js'
import type { ImageHealthcheck } from '../../../src/model/image.js'
import { baseRequest } from '../../support/plans.js'

async function planOf(words: string, image?: ImageHealthcheck): Promise<HealthCheck | undefined> {
  const argv = words === '' ? [] : words.split(' ')
  const { flags } = await parseWords(argv, healthFlags as FlagDefinitions, true)
  const request = { ...baseRequest, ...toHealthRequest(flags as never) }
  return planHealth(request, image === undefined ? {} : { Healthcheck: image }).health
}

const DEFAULTS = {
  intervalMs: 30_000,
  timeoutMs: 30_000,
  startPeriodMs: 0,
  retries: 3,
  onFailure: 'none',
  logCount: 5,
  logSizeBytes: 500,
}
const IMAGE = { Test: ['CMD', '/check'], Interval: 5e9, Timeout: 2e9, StartPeriod: 1e9, Retries: 7 }
const OF_IMAGE = {
  ...DEFAULTS,
  test: ['CMD', '/check'],
  intervalMs: 5000,
  timeoutMs: 2000,
  startPeriodMs: 1000,
  retries: 7,
}

describe('planHealth', () => {
  test('decides nothing when neither the user nor the image has a check', async () => {
    expect(await planOf('')).toBeUndefined()
    expect(await planOf('', { Test: ['NONE'] })).toBeUndefined()
    expect(await planOf('', { Test: [] })).toBeUndefined()
    expect(await planOf('--health-cmd none')).toBeUndefined()
  })

  test("takes the image's check, with the defaults for what it leaves out", async () => {
    expect(await planOf('', IMAGE)).toEqual(OF_IMAGE)
    expect(await planOf('', { Test: ['CMD-SHELL', 'x y'], Interval: 0, Retries: 0 })).toEqual({
      ...DEFAULTS,
      test: ['CMD-SHELL', 'x y'],
    })
  })

  test('puts what was said over what the image says', async () => {
    expect(await planOf('--health-interval 1m --health-on-failure kill', IMAGE)).toEqual({
      ...OF_IMAGE,
      intervalMs: 60_000,
      onFailure: 'kill',
    })
    expect(await planOf('--health-cmd /mine', IMAGE)).toEqual({ ...OF_IMAGE, test: ['CMD-SHELL', '/mine'] })
    expect(await planOf('--no-healthcheck', IMAGE)).toBeUndefined()
  })

  test.each([
    ['["a","b c"]', ['CMD', 'a', 'b c']],
    ['["a"]', ['CMD-SHELL', 'a']],
    ['["CMD","a"]', ['CMD', 'a']],
    ['["CMD-SHELL","a|b"]', ['CMD-SHELL', 'a|b']],
    ['[-f', ['CMD-SHELL', '[-f']],
    ['CMD', undefined],
    ['[]', undefined],
    ['', undefined],
    ['["",""]', undefined],
  ])('reads the command %s', async (command, expected) => {
    const { flags } = await parseWords(['--health-cmd', command], healthFlags as FlagDefinitions, true).catch(() => ({
      flags: undefined,
    }))
    if (expected === undefined) expect(flags).toBeUndefined()
    else expect(planHealth({ ...baseRequest, ...toHealthRequest(flags as never) }, {}).health?.test).toEqual(expected)
  })

  test('has an interval of its own in the start period, if there is one', async () => {
    const said = '--health-cmd x --health-start-period 1m --health-start-interval 2s'
    expect(await planOf(said)).toMatchObject({ startPeriodMs: 60_000, startIntervalMs: 2000, intervalMs: 30_000 })
    expect(await planOf('', { ...IMAGE, StartInterval: 3e9 })).toEqual({ ...OF_IMAGE, startIntervalMs: 3000 })
    expect((await planOf('--health-start-interval 4s', IMAGE))?.startIntervalMs).toBe(4000)
  })

  test('sets startup checks up when they have a command', async () => {
    const plan = await planOf(
      '--health-cmd a --health-startup-cmd b --health-startup-success 0 --health-startup-interval 2s',
    )
    expect(plan?.startup).toEqual({
      test: ['CMD-SHELL', 'b'],
      intervalMs: 2000,
      timeoutMs: 30_000,
      retries: 0,
      successes: 1,
    })
    await expect(planOf('--health-cmd a --health-startup-retries 2')).rejects.toThrow('startup checks are set up')
  })

  test.each([
    ['--health-on-failure kill', 'cannot set on-failure action to kill without a health check'],
    ['--health-interval 5s', 'checks are set up, but none is given'],
    ['--health-startup-cmd x', 'checks are set up, but none is given'],
    ['--health-cmd x --health-start-interval 1s', 'there is no start period'],
    ['--health-start-interval 0', 'must be at least 1 millisecond'],
    ['--health-cmd x --no-healthcheck', 'cannot specify both --no-healthcheck and --health-cmd'],
    ['--health-interval xx', 'time: invalid duration "xx"'],
    ['--health-interval -1s', 'must be 0 seconds or greater'],
    ['--health-timeout 500ms', 'must be at least 1 second'],
    ['--health-retries 0', 'must be greater than 0'],
    ['--health-retries 1.5', 'invalid syntax'],
    [
      '--health-on-failure foo',
      'invalid on-failure action "foo" for health check: supported actions are none,kill,restart,stop',
    ],
    ['--health-log-destination /x', 'only "local" is supported'],
    ['--health-max-log-count 101', 'must be from 1 to 100'],
    ['--health-max-log-size -1', 'ParseUint'],
  ])('refuses %s', async (words, message) => {
    await expect(planOf(words)).rejects.toThrow(message)
    await expect(planOf(words)).rejects.toBeInstanceOf(UsageError)
  })

  test('takes an interval of 0 or "disable" for checks that are only made when asked', async () => {
    expect((await planOf('--health-cmd x --health-interval disable'))?.intervalMs).toBe(0)
    expect((await planOf('--health-cmd x --health-interval 0s'))?.intervalMs).toBe(0)
  })
})
