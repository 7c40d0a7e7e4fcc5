// The flags of every command that speaks to a registry, podman's names, and what the engine gets of them.

import type { InferredFlags } from '@oclif/core/interfaces'
import { UsageError } from '../model/errors.js'
import type { PlatformRequest, RegistryOptions } from '../model/registry.js'
import { parseBool } from './flag-values.js'
import { asText, asUint, value } from './flags.js'
import { onlySaid } from './only-said.js'
import { parseDurationMs } from './values/duration.js'

export const connectionFlags = {
  authfile: value('File with the credentials of registries', asText),
  'cert-dir': value("Directory with the registry's authorities (*.crt) and our certificate (*.cert, *.key)", asText),
  'tls-verify': value('Insist on HTTPS and valid certificates, or do not', parseBool, {
    type: 'bool',
    noOptDefault: 'true',
    defaultHelp: 'true, false for this host',
  }),
}

export const registryFlags = {
  ...connectionFlags,
  creds: value('USER:PASSWORD for the registry', parseCredentials, { secret: true }),
  retry: value('How often a failed request is tried again', asUint, { type: 'uint', defaultHelp: '3' }),
  'retry-delay': value('How long to wait before that', parseDelay, {
    type: 'duration',
    defaultHelp: 'longer each time',
  }),
}

export const platformFlags = {
  arch: value("Choose the image for this architecture instead of this host's", asText, { emptyIsUnsaid: true }),
  os: value("Choose the image for this operating system instead of this host's", asText, { emptyIsUnsaid: true }),
  platform: value('Choose the image for OS/ARCH[/VARIANT]', parsePlatform, {
    exclusive: ['arch', 'os', 'variant'],
    emptyIsUnsaid: true,
  }),
  variant: value('Choose this variant of the architecture', asText, { emptyIsUnsaid: true }),
}

export function toRegistryOptions(flags: Partial<InferredFlags<typeof registryFlags>>): RegistryOptions {
  return onlySaid({
    authfile: flags.authfile,
    certDir: flags['cert-dir'],
    tlsVerify: flags['tls-verify'],
    credentials: flags.creds,
    retries: flags.retry,
    retryDelayMs: flags['retry-delay'],
  })
}

/** undefined: nothing was said, so a local image of any platform will do. */
export function toPlatformRequest(flags: InferredFlags<typeof platformFlags>): PlatformRequest | undefined {
  const said = flags.platform ?? onlySaid({ os: flags.os, architecture: flags.arch, variant: flags.variant })
  return Object.keys(said).length === 0 ? undefined : said
}

/** `USER:PASSWORD`; the password may have colons. */
function parseCredentials(input: string): { username: string; password: string } {
  const colon = input.indexOf(':')
  if (colon <= 0) throw new UsageError('credentials are USER:PASSWORD')
  return { username: input.slice(0, colon), password: input.slice(colon + 1) }
}

function parseDelay(input: string): number {
  const ms = /^\d+$/.test(input) ? Number(input) * 1000 : parseDurationMs(input)
  if (ms === undefined || ms < 0) throw new UsageError(`time: invalid duration "${input}": one is like 500ms, 5s or 1m`)
  return ms
}

function parsePlatform(input: string): PlatformRequest {
  const [os = '', architecture, variant, ...more] = input.split('/')
  if (os === '' || architecture === '' || variant === '' || more.length > 0)
    throw new UsageError('a platform is OS/ARCH or OS/ARCH/VARIANT')
  return { os, ...onlySaid({ architecture, variant }) }
}
