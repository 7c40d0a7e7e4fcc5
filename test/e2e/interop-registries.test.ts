// The same trade with registries that are hard to please: an authority of their own, client certificates, passwords, tokens, mirrors.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { isLichen } from '../support/facts.js'
import { type FaultAction, MANIFESTS, pass, startFaultProxy } from '../support/fault-proxy.js'
import { imagePath } from '../support/images.js'
import { canTrade, expectLayered, readManifest, readSubjectTree, test } from '../support/interop-test.js'
import type { Lichen } from '../support/lichen.js'
import { LAYERED, podman } from '../support/peers.js'
import { type Registry, startRegistry } from '../support/registry.js'
import { startTokenServer } from '../support/token-server.js'

const PLAIN_HTTP = '--tls-verify=false'
const USER = { user: 'someone', password: 'a:b c$' }
const CREDS = ['--creds', `${USER.user}:${USER.password}`]
const ONE_ERROR = isLichen ? /^Error: [^\n]+\n(Hint: [^\n]+\n)?$/ : /Error: /

const refOf = ({ host }: Registry): string => `${host}/some/where/layered:1`

async function loadLayered(lichen: Lichen): Promise<void> {
  await lichen.ok('load', '--quiet', '--input', imagePath('layered.oci.tar'))
}

/** There and back: pushed, forgotten, pulled, the same files. */
async function expectRoundTrip(lichen: Lichen, ref: string, flags: readonly string[], scratch: string): Promise<void> {
  await lichen.ok('push', '--quiet', ...flags, LAYERED, ref)
  await lichen.ok('rmi', LAYERED)
  expect(await lichen.ok('images', '--quiet')).toBe('')
  await lichen.ok('pull', '--quiet', ...flags, ref)
  await expectLayered(await readSubjectTree(lichen, ref), scratch)
}

const tradeTest = test.skipIf(!canTrade(podman))
const noTest = (() => {}) as unknown as typeof tradeTest

for (const tls of [true, 'mutual'] as const) {
  const named = tls === 'mutual' ? 'wants a client certificate' : 'has an authority of its own'
  tradeTest(`push and pull reach a registry that ${named} when --cert-dir is said`, async ({ bare, scratch }) => {
    const registry = await startRegistry({ tls })
    try {
      await loadLayered(bare)
      const stranger = await bare('push', '--quiet', LAYERED, refOf(registry))
      expect(stranger.code).toBe(125)
      expect(stranger.stderr).toMatch(ONE_ERROR)
      expect(stranger.stderr).toMatch(/certificate|x509/)
      await expectRoundTrip(bare, refOf(registry), ['--cert-dir', registry.certDir ?? ''], scratch())
    } finally {
      await registry.stop()
    }
  })
}

tradeTest(
  'push and pull reach a registry with a strange authority when --tls-verify=false is said',
  async ({ bare, scratch }) => {
    const registry = await startRegistry({ tls: true })
    try {
      await loadLayered(bare)
      await expectRoundTrip(bare, refOf(registry), [PLAIN_HTTP], scratch())
    } finally {
      await registry.stop()
    }
  },
)

tradeTest('push and pull reach a registry with passwords when --creds is said', async ({ bare, scratch }) => {
  const registry = await startRegistry({ htpasswd: USER })
  try {
    await loadLayered(bare)
    const wrong = await bare('push', '--quiet', PLAIN_HTTP, '--creds', 'someone:secret-guess', LAYERED, refOf(registry))
    expect(wrong.code).toBe(125)
    expect(wrong.stderr).toMatch(ONE_ERROR)
    expect(wrong.stderr).not.toContain('secret-guess')
    await expectRoundTrip(bare, refOf(registry), [PLAIN_HTTP, ...CREDS], scratch())
  } finally {
    await registry.stop()
  }
})

tradeTest(
  'push and pull reach a registry with passwords after login, and not after logout',
  async ({ bare, scratch }) => {
    const registry = await startRegistry({ htpasswd: USER })
    try {
      await loadLayered(bare)
      const flags = ['--authfile', join(scratch(), 'auth.json')]
      const words = ['login', PLAIN_HTTP, ...flags, '--username', USER.user, '--password-stdin', registry.host]
      expect(await bare.with({ input: USER.password }, ...words)).toMatchObject({ code: 0 })
      await expectRoundTrip(bare, refOf(registry), [PLAIN_HTTP, ...flags], scratch())
      await bare.ok('logout', ...flags, registry.host)
      expect((await bare('pull', '--quiet', PLAIN_HTTP, ...flags, refOf(registry))).code).toBe(125)
    } finally {
      await registry.stop()
    }
  },
)

tradeTest('strangers pull and users push when the registry asks for tokens', async ({ bare, scratch }) => {
  const tokens = await startTokenServer({ users: { [USER.user]: USER.password }, anonymousPull: true })
  const registry = await startRegistry({ token: tokens })
  try {
    await loadLayered(bare)
    const stranger = await bare('push', '--quiet', PLAIN_HTTP, LAYERED, refOf(registry))
    expect(stranger.code).toBe(125)
    expect(stranger.stderr).toMatch(ONE_ERROR)
    await bare.ok('push', '--quiet', PLAIN_HTTP, ...CREDS, LAYERED, refOf(registry))
    await bare.ok('rmi', LAYERED)
    await bare.ok('pull', '--quiet', PLAIN_HTTP, refOf(registry))
    await expectLayered(await readSubjectTree(bare, refOf(registry)), scratch())
    expect(tokens.requests.at(-1)).toMatchObject({ user: undefined, scopes: ['repository:some/where/layered:pull'] })
  } finally {
    await Promise.all([tokens.stop(), registry.stop()])
  }
})

const lichenTest = isLichen ? tradeTest : noTest
// podman gives up
lichenTest('push takes a new token when the old one ends in the middle', async ({ bare }) => {
  const tokens = await startTokenServer({ users: { [USER.user]: USER.password }, lifetimeSeconds: 1 })
  const registry = await startRegistry({ token: tokens })
  // the first try waits here until the registry itself will refuse its token
  const late: FaultAction = async (exchange) => {
    await delay(2200)
    await pass(exchange)
  }
  const proxy = await startFaultProxy(registry.url, { method: 'PUT', path: MANIFESTS, times: 1, action: late })
  try {
    await loadLayered(bare)
    await bare.ok('push', '--quiet', PLAIN_HTTP, ...CREDS, LAYERED, `${proxy.host}/some/where/layered:1`)
    expect(proxy.seen('PUT', MANIFESTS).map(({ status }) => status)).toEqual([401, 201])
  } finally {
    await proxy.stop()
    await Promise.all([tokens.stop(), registry.stop()])
  }
})

/** The registry itself does not exist, so whatever comes, comes from the mirror. */
const AWAY = 'registry.invalid:5000'

for (const kind of isLichen ? (['registries.conf', 'lichen.toml'] as const) : (['registries.conf'] as const)) {
  tradeTest(`pull asks the mirror when ${kind} names one`, async ({ bare, scratch, registry }) => {
    const mirror = await startRegistry({ mirrorOf: registry.url })
    try {
      const ref = refOf(registry)
      await podman.push({ ref }, { format: 'oci', compression: 'gzip' }, scratch())
      const file = join(scratch(), kind)
      const text = {
        'registries.conf': `[[registry]]\nlocation = "${AWAY}"\n[[registry.mirror]]\nlocation = "${mirror.host}"\ninsecure = true\n`,
        'lichen.toml': `[[registry]]\nname = "${AWAY}"\nmirrors = ["${mirror.host}"]\n`,
      }[kind]
      writeFileSync(file, text)
      const env = { [kind === 'lichen.toml' ? 'LICHEN_CONFIG' : 'CONTAINERS_REGISTRIES_CONF']: file }
      const away = ref.replace(registry.host, AWAY)
      expect(await bare.with({ env }, 'pull', '--quiet', away)).toMatchObject({ code: 0 })
      await expectLayered(await readSubjectTree(bare, away), scratch())
      expect(await bare.ok('image', 'inspect', '--format', '{{.Digest}}', away)).toBe((await readManifest(ref)).digest)
    } finally {
      await mirror.stop()
    }
  })
}
