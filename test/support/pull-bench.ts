// `test` for pulls that go wrong: a real registry with one image in it, the fault proxy in front of it, and an engine with an empty
// store. The registry is shared by a file's tests; what one of them does to it, the others must not notice.

import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { tar } from '../monitor/tar-writer.js'
import { test as base } from './container-test.js'
import { isLichen } from './facts.js'
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.js'
import { answer } from './faults.js'
import { type Blob, ociParts, type TestImage } from './image-archive.js'
import type { Lichen } from './lichen.js'
import type { ProcessResult } from './process.js'
import { hasRegistry, type Registry, startRegistry } from './registry.js'

export const LAYER_BYTES = 600_000

/** Three layers that no compression makes smaller. */
export const bigImage: TestImage = {
  layers: ['a', 'b', 'c'].map((name) => tar({ name: `${name}/random`, data: randomBytes(LAYER_BYTES) })),
  names: ['big:1'],
}

export interface PullBench {
  readonly registry: Registry
  readonly proxy: FaultProxy
  /** The image's name at the proxy. */
  readonly ref: string
  /** As they lie in the registry. */
  readonly config: Blob
  readonly layers: readonly Blob[]
  readonly manifest: Blob
  /** Of all blobs. */
  readonly totalBytes: number
  /** `pull` with short pauses between tries. */
  pull(...flags: string[]): Promise<ProcessResult>
}

interface Fixtures {
  readonly bench: PullBench
}

const pulling = base.extend<Fixtures & { readonly registry: Registry }>({
  registry: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from this pattern
    async ({}, use: (registry: Registry) => Promise<void>) => {
      const registry = await startRegistry()
      try {
        await pushImage(registry, bigImage)
        await use(registry)
      } finally {
        await registry.stop()
      }
    },
    { scope: 'file' },
  ],
  bench: async ({ bare, registry }: { bare: Lichen; registry: Registry }, use: (bench: PullBench) => Promise<void>) => {
    const proxy = await startFaultProxy(registry.url)
    const { config, layers, manifest } = ociParts(bigImage)
    const ref = `${proxy.host}/faults/big:1`
    try {
      await use({
        registry,
        proxy,
        ref,
        config,
        layers,
        manifest,
        totalBytes: [config, ...layers].reduce((sum, { bytes }) => sum + bytes.length, 0),
        pull: (...flags) => bare('pull', '--quiet', '--retry-delay', '20ms', ...flags, ref),
      })
    } finally {
      await proxy.stop()
    }
  },
})

/** lichen's alone: other engines give up elsewhere. */
const noTest = (() => {}) as unknown as typeof pulling
export const test = isLichen ? pulling.skipIf(!hasRegistry) : noTest

/** As `faults/big:1`, with the plainest client there is: each blob in one request. */
async function pushImage({ url }: Registry, image: TestImage): Promise<void> {
  const { config, layers, manifest } = ociParts(image)
  const repository = `${url}/v2/faults/big`
  const put = async (address: string, { bytes }: Blob, type: string) => {
    const answered = await fetch(address, {
      method: 'PUT',
      headers: { 'content-type': type },
      body: new Uint8Array(bytes),
    })
    if (answered.status !== 201) throw new Error(`put ${address}: ${answered.status} ${await answered.text()}`)
  }
  for (const blob of [config, ...layers]) {
    const begun = await fetch(`${repository}/blobs/uploads/`, { method: 'POST' })
    await put(`${begun.headers.get('location')}&digest=${blob.digest}`, blob, 'application/octet-stream')
  }
  await put(`${repository}/manifests/1`, manifest, 'application/vnd.oci.image.manifest.v1+json')
}

/** Answers for blobs that the registry has not. */
export function serve(...blobs: readonly Blob[]): Fault[] {
  return blobs.map(({ bytes, digest }) => ({ path: new RegExp(`/blobs/${digest}$`), action: answer(200, {}, bytes) }))
}

/** No image, nothing half-made; what came of a blob may be kept for the next pull. */
export async function expectEmptyStore(lichen: Lichen, ref: string): Promise<void> {
  expect(await lichen.ok('images', '--all', '--quiet')).toBe('')
  expect((await lichen('image', 'exists', ref)).code).toBe(1)
  expect(leftHalfMade(lichen)).toEqual([])
}

/** The image, and nothing half-made, not even a download. */
export async function expectWholeStore(lichen: Lichen, bench: PullBench): Promise<void> {
  await expectWholeImage(lichen, bench)
  expect(leftHalfMade(lichen)).toEqual([])
}

export async function expectWholeImage(lichen: Lichen, { ref, manifest }: PullBench): Promise<void> {
  expect(await lichen.ok('image', 'inspect', '--format', '{{.Digest}}', ref)).toBe(manifest.digest)
  expect(readdirSync(join(lichen.root, 'downloads'))).toEqual([])
  expect(readdirSync(join(lichen.root, 'layers'))).toHaveLength(bigImage.layers.length)
}

/** Of all blobs, on disk and not yet part of an image. */
export function keptBytes({ root }: Lichen): number {
  const directory = join(root, 'downloads')
  if (!existsSync(directory)) return 0
  const files = readdirSync(directory).filter((name) => !name.includes('.'))
  return files.reduce((sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}

function leftHalfMade({ root }: Lichen): string[] {
  return ['staging', 'trash'].flatMap((name) => readdirSync(join(root, name)))
}

/** 125, one error that says what is wrong and does not call it our fault; notes about tries may come before it. */
export function expectClearError({ code, stdout, stderr }: ProcessResult, words: RegExp): void {
  expect({ code, stdout }, stderr).toEqual({ code: 125, stdout: '' })
  expect(stderr).toMatch(/^(Trying again [^\n]+\n)*Error: [^\n]+\n(Hint: [^\n]+\n)?$/)
  expect(stderr).toMatch(words)
  expect(stderr).not.toContain('bug')
}
