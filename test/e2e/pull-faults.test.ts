// Registries and lines to them that misbehave, one fault at a time, between a real registry and `pull`. Every one ends in an image that
// is whole or in one clear error; after an error nothing is visible, and a pull without the fault works.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { BLOBS, type Fault, MANIFESTS, startFaultProxy } from '../support/fault-proxy.js'
import {
  answer,
  claimLength,
  closeAfter,
  endAfter,
  flipBit,
  redirectLoop,
  redirectTo,
  resetAfter,
  resetAtOnce,
} from '../support/faults.js'
import { expectClearError, expectEmptyStore, expectWholeStore, LAYER_BYTES, test } from '../support/pull-bench.js'
import { startTokenServer } from '../support/token-server.js'

const HALF = LAYER_BYTES / 2

interface Row {
  readonly what: string
  readonly faults: readonly Fault[]
}

const survived: readonly Row[] = [
  ...[0, 1, 1000, HALF, LAYER_BYTES].map((bytes) => ({
    what: `a connection is reset after ${bytes} bytes of a blob`,
    faults: [{ path: BLOBS, times: 1, action: resetAfter(bytes) }],
  })),
  ...[1, HALF].map((bytes) => ({
    what: `a connection is closed after ${bytes} bytes of every blob`,
    faults: [{ path: BLOBS, times: 1, perPath: true, action: closeAfter(bytes) }],
  })),
  {
    what: 'a body ends early and properly',
    faults: [{ path: BLOBS, times: 1, action: endAfter(HALF) }],
  },
  {
    what: 'every connection breaks, but each brings something',
    faults: [{ path: BLOBS, action: closeAfter(100_000) }],
  },
  {
    what: 'the manifest needs a second try',
    faults: [{ path: MANIFESTS, times: 1, action: resetAtOnce }],
  },
  {
    what: 'the registry answers 500 and then fine',
    faults: [
      { path: MANIFESTS, times: 1, action: answer(500) },
      { path: BLOBS, times: 2, action: answer(503, {}, 'busy') },
    ],
  },
]

for (const { what, faults } of survived) {
  test(`pull completes when ${what}`, async ({ bare, bench }) => {
    bench.proxy.setFaults(...faults)
    const result = await bench.pull()
    expect(result.code, result.stderr).toBe(0)
    await expectWholeStore(bare, bench)
    // what had come was not asked for again: what is sent twice is only what a broken connection had not delivered
    expect(bench.proxy.sentBytes(BLOBS)).toBeLessThan(bench.totalBytes + LAYER_BYTES)
  })
}

interface FailingRow extends Row {
  readonly words: RegExp
}

const failing: readonly FailingRow[] = [
  {
    what: 'every connection breaks before it brings anything',
    faults: [{ path: BLOBS, action: resetAfter(0) }],
    words: /fetch blob: .*the connection broke/,
  },
  {
    what: 'one byte of a layer is wrong',
    faults: [{ path: BLOBS, after: 1, action: flipBit(HALF) }],
    words: /what came has the digest/,
  },
  {
    what: 'the config is wrong',
    faults: [{ path: BLOBS, times: 1, action: flipBit(10) }],
    words: /digest/,
  },
  {
    what: 'a blob is announced as longer than it is',
    faults: [{ path: BLOBS, after: 1, action: claimLength((length) => length + 1000) }],
    words: /bytes, the manifest says/,
  },
  {
    what: 'a blob is announced as shorter than it is',
    faults: [{ path: BLOBS, after: 1, action: claimLength((length) => length - 1000) }],
    words: /bytes, the manifest says/,
  },
  {
    what: 'a blob is announced as 4 GB',
    faults: [{ path: BLOBS, after: 1, action: claimLength(() => 4_294_967_296) }],
    words: /4294967296 bytes, the manifest says/,
  },
  {
    what: 'the registry always answers 500',
    faults: [{ path: BLOBS, action: answer(500) }],
    words: /500 Internal Server Error/,
  },
  {
    what: 'the registry wants nothing more for an hour',
    faults: [{ path: BLOBS, action: answer(429, { 'retry-after': '3600' }) }],
    words: /429 .*\nHint: .*3600 s/,
  },
  {
    what: 'a blob is refused in the middle and nobody says how to log in',
    faults: [{ path: BLOBS, after: 2, action: answer(401) }],
    words: /login/,
  },
  {
    what: 'a blob is gone',
    faults: [{ path: BLOBS, after: 1, action: answer(404) }],
    words: /does not have it|no such blob/,
  },
  {
    what: 'the registry redirects to itself for ever',
    faults: [{ path: BLOBS, action: redirectLoop }],
    words: /redirect/,
  },
  {
    what: 'the registry redirects to where nobody is',
    faults: [{ path: BLOBS, action: redirectTo('http://127.0.0.1:1/') }],
    words: /connection refused/,
  },
  {
    what: 'the manifest is not JSON',
    faults: [{ path: MANIFESTS, action: answer(200, {}, '<html>sign in to the hotel</html>') }],
    words: /not JSON/,
  },
  {
    what: 'the manifest is not the one the registry announces',
    faults: [{ path: MANIFESTS, action: flipBit(100) }],
    words: /digest|not JSON/,
  },
  {
    what: 'the manifest is announced as 4 GB',
    faults: [{ path: MANIFESTS, action: claimLength(() => 4_294_967_296) }],
    words: /larger|bigger|big|bytes/,
  },
  {
    what: 'the manifest never ends',
    faults: [{ path: MANIFESTS, action: answer(200, {}, `[${' '.repeat(20_000_000)}]`) }],
    words: /larger|bigger|big|bytes/,
  },
]

for (const { what, faults, words } of failing) {
  test(`pull fails clearly and shows nothing when ${what}`, async ({ bare, bench }) => {
    bench.proxy.setFaults(...faults)
    expectClearError(await bench.pull(), words)
    await expectEmptyStore(bare, bench.ref)
    bench.proxy.setFaults()
    expect(await bench.pull()).toMatchObject({ code: 0 })
    await expectWholeStore(bare, bench)
  })
}

test('pull waits as long as the registry says when it answers 429', async ({ bare, bench }) => {
  bench.proxy.setFaults({ path: BLOBS, times: 1, action: answer(429, { 'retry-after': '2' }) })
  const startMs = performance.now()
  expect(await bench.pull()).toMatchObject({ code: 0 })
  expect(performance.now() - startMs).toBeGreaterThan(2000)
  await expectWholeStore(bare, bench)
})

test('pull takes a new token when one ends in the middle', async ({ bare, bench }) => {
  const tokens = await startTokenServer()
  const challenge = `Bearer realm="${tokens.url}",service="test",scope="repository:faults/big:pull"`
  try {
    bench.proxy.setFaults(
      { path: MANIFESTS, times: 1, action: answer(401, { 'www-authenticate': challenge }) },
      { path: BLOBS, after: 2, times: 1, action: answer(401, { 'www-authenticate': challenge }) },
    )
    expect(await bench.pull()).toMatchObject({ code: 0 })
    expect(tokens.requests.length).toBeGreaterThanOrEqual(2)
    await expectWholeStore(bare, bench)
  } finally {
    await tokens.stop()
  }
})

test('pull never shows its password to another host when it is sent there', async ({ bare, bench }) => {
  const elsewhere = await startFaultProxy(bench.registry.url)
  const wantsPassword = answer(401, { 'www-authenticate': 'Basic realm="test"' })
  try {
    bench.proxy.setFaults(
      { path: MANIFESTS, times: 1, action: wantsPassword },
      { path: BLOBS, action: redirectTo(elsewhere.url.replace('127.0.0.1', 'localhost')) },
    )
    expect(await bench.pull('--creds', 'someone:secret')).toMatchObject({ code: 0 })
    const authorized = (requests: typeof elsewhere.requests) =>
      requests.map(({ headers }) => headers.authorization !== undefined)
    expect(authorized(bench.proxy.seen('GET', MANIFESTS))).toContain(true)
    expect(elsewhere.requests.length).toBeGreaterThanOrEqual(4)
    expect(authorized(elsewhere.requests)).not.toContain(true)
    await expectWholeStore(bare, bench)
  } finally {
    await elsewhere.stop()
  }
})

test('pull keeps nothing of a blob whose bytes were wrong', async ({ bare, bench }) => {
  bench.proxy.setFaults({ path: BLOBS, action: flipBit(10) })
  expectClearError(await bench.pull(), /digest/)
  expect(readdirSync(join(bare.root, 'downloads'))).toEqual([])
})
