// `pull` ended from outside: killed at exact moments and at any, interrupted, cut off from the network, out of disk space; and two at
// once. Afterwards nothing half-made is visible, and the next pull fetches what is missing, counted in bytes on the way.

import { mkdirSync } from 'node:fs'
import { expect } from 'vitest'
import { isRoot } from '../support/facts.js'
import { BLOBS, type FaultProxy, MANIFESTS, startFaultProxy, untilQuiet } from '../support/fault-proxy.js'
import { holdAfter, trickle } from '../support/faults.js'
import type { Lichen } from '../support/lichen.js'
import { type RunningProcess, runProcess } from '../support/process.js'
import {
  expectClearError,
  expectEmptyStore,
  expectWholeImage,
  expectWholeStore,
  keptBytes,
  LAYER_BYTES,
  type PullBench,
  test,
} from '../support/pull-bench.js'
import { waitFor } from '../support/wait-for.js'

/** What may be on its way, read by nobody, when a process dies: what the proxy sends at a time, for every connection. */
const CHUNK_BYTES = 20_000
const IN_FLIGHT_BYTES = 4 * CHUNK_BYTES
const HALF = LAYER_BYTES / 2
const SLOW = trickle(CHUNK_BYTES, 20)

function startPull(lichen: Lichen, ref: string): RunningProcess {
  return lichen.start('pull', '--quiet', '--retry-delay', '20ms', ref)
}

interface Held {
  readonly bytes: number
  readonly answers?: number
  /** How many blobs are asked for by then: a config, and when that is there three layers at once. */
  readonly asked?: number
}

/** Until nothing moves: everything was asked for, so many answers are held back after `bytes`, and all that was sent lies on disk. */
async function untilHeld(lichen: Lichen, proxy: FaultProxy, { bytes, answers = 1, asked = 4 }: Held): Promise<void> {
  await waitFor('answers that are held back', () => {
    const open = proxy.requests.filter(({ isOver }) => !isOver)
    const isAsked = proxy.seen('GET', BLOBS).length === asked
    const isHeld = isAsked && open.length === answers && open.every(({ sentBytes }) => sentBytes === bytes)
    return isHeld && keptBytes(lichen) === proxy.sentBytes(BLOBS)
  })
}

const moments = [
  { what: 'the manifest comes', path: MANIFESTS, after: 0, bytes: 10, asked: 0 },
  { what: 'the config comes', path: BLOBS, after: 0, bytes: 10, asked: 1 },
  { what: 'no byte of a layer has come', path: BLOBS, after: 1, bytes: 0, asked: 4 },
  { what: 'half of a layer has come', path: BLOBS, after: 1, bytes: HALF, asked: 4 },
  { what: 'half of the last layer has come', path: BLOBS, after: 3, bytes: HALF, asked: 4 },
  { what: 'all of a layer but its end has come', path: BLOBS, after: 2, bytes: LAYER_BYTES, asked: 4 },
]

for (const { what, bytes, asked, ...place } of moments) {
  test(`pull goes on where it stopped when it is killed after ${what}`, async ({ bare, bench }) => {
    const { proxy, ref, totalBytes } = bench
    proxy.setFaults({ ...place, times: 1, action: holdAfter(bytes) })
    const pulling = startPull(bare, ref)
    await untilHeld(bare, proxy, { bytes, asked })
    pulling.kill('SIGKILL')
    await pulling.ended
    expect(await bare.ok('images', '--quiet')).toBe('')
    const first = proxy.sentBytes(BLOBS)
    proxy.reset()
    expect(await bench.pull()).toMatchObject({ code: 0, stderr: '' })
    expect(proxy.sentBytes(BLOBS)).toBeLessThanOrEqual(totalBytes - first + IN_FLIGHT_BYTES)
    await expectWholeStore(bare, bench)
  })
}

test('pull arrives in the end, fetching hardly a byte twice, when it is killed again and again', async ({
  bare,
  bench,
}) => {
  const { proxy, ref, totalBytes } = bench
  proxy.setFaults({ path: BLOBS, action: SLOW })
  const kills = 8
  for (let n = 1; n <= kills; n++) {
    const pulling = startPull(bare, ref)
    await waitFor(`part ${n} of the blobs`, () => keptBytes(bare) > (totalBytes * n) / (kills + 1))
    pulling.kill('SIGKILL')
    expect((await pulling.ended).code).toBe(137)
    expect(await bare.ok('images', '--quiet')).toBe('')
  }
  await untilQuiet(proxy)
  proxy.setFaults()
  expect(await bench.pull()).toMatchObject({ code: 0 })
  expect(proxy.sentBytes(BLOBS)).toBeLessThan(totalBytes + kills * IN_FLIGHT_BYTES)
  await expectWholeStore(bare, bench)
})

test('two pulls of an image at once fetch each blob once', async ({ bare, bench }) => {
  const { proxy, totalBytes } = bench
  proxy.setFaults({ path: BLOBS, action: SLOW })
  const results = await Promise.all([bench.pull(), bench.pull(), bench.pull()])
  expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })))
  expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1)
  const paths = proxy.seen('GET', BLOBS).map(({ path }) => path)
  expect(new Set(paths).size).toBe(4)
  expect(proxy.sentBytes(BLOBS)).toBe(totalBytes)
  await expectWholeStore(bare, bench)
})

test('a pull takes over when the one that fetched the blob is killed', async ({ bare, bench }) => {
  const { proxy, ref, totalBytes } = bench
  proxy.setFaults({ path: BLOBS, after: 1, times: 1, action: holdAfter(HALF) })
  const killed = startPull(bare, ref)
  await untilHeld(bare, proxy, { bytes: HALF })
  const waiting = bench.pull()
  await waitFor("the second pull's question", () => proxy.seen('GET', MANIFESTS).length >= 2)
  killed.kill('SIGKILL')
  await killed.ended
  expect(await waiting).toMatchObject({ code: 0 })
  expect(proxy.sentBytes(BLOBS)).toBeLessThan(totalBytes + IN_FLIGHT_BYTES)
  await expectWholeImage(bare, bench)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`pull ends at once and shows nothing when it gets ${signal}`, async ({ bare, bench }) => {
    const { proxy, ref } = bench
    proxy.setFaults({ path: BLOBS, after: 1, times: 1, action: holdAfter(HALF) })
    const pulling = startPull(bare, ref)
    await untilHeld(bare, proxy, { bytes: HALF })
    const startMs = performance.now()
    pulling.kill(signal)
    const { code } = await pulling.ended
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143)
    expect(performance.now() - startMs).toBeLessThan(3000)
    expect(await bare.ok('images', '--all', '--quiet')).toBe('')
    expect(await bench.pull()).toMatchObject({ code: 0 })
    await expectWholeStore(bare, bench)
  })
}

test('pull goes on from another address when the network was cut', async ({ bare, bench }) => {
  const cut = await startFaultProxy(bench.registry.url, { path: BLOBS, after: 1, action: holdAfter(HALF) })
  const ref = bench.ref.replace(bench.proxy.host, cut.host)
  const pulling = startPull(bare, ref)
  await untilHeld(bare, cut, { bytes: HALF, answers: 3 })
  await cut.stop()
  expectClearError(await pulling.ended, /connection refused|the connection broke/)
  await expectEmptyStore(bare, ref)
  const fetched = cut.sentBytes(BLOBS)
  expect(fetched).toBeGreaterThan(LAYER_BYTES)
  expect(await bench.pull()).toMatchObject({ code: 0 })
  expect(bench.proxy.sentBytes(BLOBS)).toBeLessThan(bench.totalBytes - fetched + IN_FLIGHT_BYTES)
  await expectWholeStore(bare, bench)
})

// a mount needs root
const rootTest = isRoot ? test : ((() => {}) as unknown as typeof test)

for (const sizeKiB of [100, 900, 2000, 3000]) {
  rootTest(`pull says that the disk is full, and then goes on, when it has ${sizeKiB} KiB`, async ({ bare, bench }) => {
    const { code, stdout, stderr } = await pullOnSmallDisk(bare, bench, sizeKiB)
    expect({ code, stdout }, stderr).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^code 125\nimages: \n[0-9a-f]{64}\ncode 0\n$/),
    })
    expect(stderr).toMatch(/^Error: [^\n]*[Nn]o space left on device\nHint: free some space.*\n$/)
  })
}

/** Pulls with `root` as a tmpfs of that size, and again when there is space. */
function pullOnSmallDisk(lichen: Lichen, { ref }: PullBench, sizeKiB: number) {
  mkdirSync(lichen.root, { recursive: true })
  const engine = lichen.argv.join(' ')
  const script = `mount -t tmpfs -o size=${sizeKiB}k,mode=700 tmpfs ${lichen.root}
    ${engine} pull -q ${ref}; echo "code $?"
    echo "images: $(${engine} images -q)"
    mount -o remount,size=200m ${lichen.root}
    ${engine} pull -q ${ref}; echo "code $?"`
  return runProcess(['unshare', '--mount', 'sh', '-c', script])
}
