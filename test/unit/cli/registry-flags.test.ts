import { expect, test } from 'vitest'
import { parseWords } from '../../../src/cli/flag-values.js'
import { platformFlags, registryFlags, toPlatformRequest, toRegistryOptions } from '../../../src/cli/registry-flags.js'
import { parsePullPolicy } from '../../../src/cli/values/pull-policy.js'
import { UsageError } from '../../../src/model/errors.js'

async function parse(...words: string[]) {
  const { flags } = await parseWords(words, { ...registryFlags, ...platformFlags }, true)
  return {
    options: toRegistryOptions(flags as Parameters<typeof toRegistryOptions>[0]),
    platform: toPlatformRequest(flags as Parameters<typeof toPlatformRequest>[0]),
  }
}

test('what was not said about a registry is not there', async () => {
  expect(await parse()).toEqual({ options: {}, platform: undefined })
})

test('what was said about a registry arrives in its units', async () => {
  const words = ['--tls-verify=false', '--creds', 'me:a:b', '--retry', '0', '--retry-delay', '1m', '--cert-dir', '/c']
  expect((await parse(...words)).options).toEqual({
    tlsVerify: false,
    credentials: { username: 'me', password: 'a:b' },
    retries: 0,
    retryDelayMs: 60_000,
    certDir: '/c',
  })
  expect((await parse('--tls-verify', '--retry-delay', '2')).options).toEqual({ tlsVerify: true, retryDelayMs: 2000 })
})

test('credentials that are none are not repeated in the error', async () => {
  await expect(parse('--creds', ':s3cret')).rejects.toThrow(UsageError)
  await expect(parse('--creds', ':s3cret')).rejects.not.toThrow(/s3cret/)
})

test('a platform is one word or three flags, not both', async () => {
  expect((await parse('--platform', 'linux/arm/v7')).platform).toEqual({
    os: 'linux',
    architecture: 'arm',
    variant: 'v7',
  })
  expect((await parse('--arch', 'arm64')).platform).toEqual({ architecture: 'arm64' })
  await expect(parse('--platform', 'linux/arm64', '--arch', 'arm64')).rejects.toThrow(/cannot be used together/)
  expect((await parse('--platform', '', '--arch', '')).platform).toBeUndefined()
  for (const bad of ['linux/', 'linux/arm/v7/x']) await expect(parse('--platform', bad)).rejects.toThrow(UsageError)
})

test('parsePullPolicy() knows the older words', () => {
  expect(['always', 'Missing', 'never', 'newer', 'true', 'false', 'IfNotPresent'].map(parsePullPolicy)).toEqual([
    ...['always', 'missing', 'never', 'newer', 'always', 'missing', 'missing'],
  ])
  expect(() => parsePullPolicy('sometimes')).toThrow('unsupported pull policy "sometimes"')
})
