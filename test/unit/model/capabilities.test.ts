import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES, resolveCapabilities } from '../../../src/model/capabilities.js'

const of = (base: readonly string[]) => ({ base, all: ALL_CAPABILITIES })

describe('resolveCapabilities', () => {
  it('adds and drops by name with or without CAP_, in kernel order', () => {
    expect(resolveCapabilities(of(['CAP_KILL', 'CAP_CHOWN']), ['net_admin'], ['CAP_KILL'])).toEqual([
      'CAP_CHOWN',
      'CAP_NET_ADMIN',
    ])
  })

  it('drops ALL before it adds', () => {
    expect(resolveCapabilities(of(DEFAULT_CAPABILITIES), ['chown'], ['all'])).toEqual(['CAP_CHOWN'])
  })

  it('adds ALL before it drops', () => {
    expect(resolveCapabilities(of(DEFAULT_CAPABILITIES), ['ALL'], ['sys_admin'])).toEqual(
      ALL_CAPABILITIES.filter((name) => name !== 'CAP_SYS_ADMIN'),
    )
  })

  it('refuses a name that is both added and dropped', () => {
    expect(() => resolveCapabilities(of([]), ['kill'], ['CAP_KILL'])).toThrow(/both added and dropped/)
  })

  it('refuses an unknown name', () => {
    expect(() => resolveCapabilities(of([]), ['everything'], [])).toThrow(/unknown capability/)
  })

  it('knows all capabilities of this kernel', () => {
    expect(ALL_CAPABILITIES.length - 1).toBe(Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')))
  })
})
