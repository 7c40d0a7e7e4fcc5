// Half-fetched blobs: resumed, shared between readers, never trusted.

import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { blobPath } from '../../../src/images/blobs.js'
import {
  type Download,
  downloadedFile,
  forgetDownload,
  linkStored,
  readDownload,
  StaleDownloadError,
} from '../../../src/images/downloads.js'
import { BadInputError } from '../../../src/model/errors.js'
import type { Digest } from '../../../src/model/image.js'
import type { Chunks } from '../../../src/platform/byte-streams.js'
import { readProcessStat } from '../../../src/platform/process-table.js'
import { makeStagingDir } from '../../../src/platform/staging.js'
import { sha256 } from '../../support/image-archive.js'
import { type StoreBench, test } from '../../support/store-test.js'

const blob = Buffer.from('0123456789'.repeat(1000))
const digest = sha256(blob) as Digest

/** A registry that gives `blob`, and remembers what it was asked for. */
function registry(give: (fromByte: number) => Chunks = (fromByte) => pieces(blob.subarray(fromByte))) {
  const asked: number[] = []
  const read = (fromByte: number): Chunks => {
    asked.push(fromByte)
    return give(fromByte)
  }
  return { asked, read }
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 3000) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    yield bytes.subarray(at, at + 3000)
  }
}

async function* broken(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
  throw new Error('the cable was pulled')
}

function download({ store }: StoreBench, read: Download['read']): Download & { readonly done: number[] } {
  const done: number[] = []
  const dir = makeStagingDir(store.paths)
  return {
    paths: store.paths,
    descriptor: { digest, size: blob.length },
    dir,
    read,
    onBytes: (n) => void done.push(n),
    done,
  }
}

async function readAll(request: Download): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of readDownload(request)) all.push(chunk)
  return Buffer.concat(all)
}

const leftOf = ({ store }: StoreBench): string[] => readdirSync(store.paths.downloads).sort()
const partOf = ({ store }: StoreBench): string => join(store.paths.downloads, digest.slice(7))
function end(...requests: Download[]): void {
  for (const { dir } of requests) rmSync(dir, { recursive: true })
}

test("readDownload() gives the bytes as they come and leaves the whole blob in the reader's directory", async ({
  bench,
}) => {
  const { asked, read } = registry()
  const request = download(bench, read)
  expect((await readAll(request)).equals(blob)).toBe(true)
  expect(readFileSync(downloadedFile(request.dir, digest)).equals(blob)).toBe(true)
  expect(asked).toEqual([0])
  expect(request.done.at(-1)).toBe(blob.length)
  expect(leftOf(bench)).toEqual([digest.slice(7)])
  forgetDownload(bench.store.paths, digest)
  expect(leftOf(bench)).toEqual([])
  end(request)
})

test('readDownload() goes on where a broken one stopped', async ({ bench }) => {
  const first = download(bench, registry(() => broken(blob.subarray(0, 4321))).read)
  await expect(readAll(first)).rejects.toThrow('the cable was pulled')
  const { asked, read } = registry()
  const second = download(bench, read)
  expect((await readAll(second)).equals(blob)).toBe(true)
  expect(asked).toEqual([4321])
  end(first, second)
})

test('readDownload() asks for nothing when everything was fetched before, and still checks it', async ({ bench }) => {
  writeFileSync(partOf(bench), blob)
  const { asked, read } = registry()
  const request = download(bench, read)
  expect((await readAll(request)).equals(blob)).toBe(true)
  expect(asked).toEqual([])
  end(request)
})

test('a kept beginning that is damaged is thrown away, so that the next try helps', async ({ bench }) => {
  for (const kept of [Buffer.alloc(5000), Buffer.alloc(blob.length)]) {
    writeFileSync(partOf(bench), kept)
    const { asked, read } = registry()
    const request = download(bench, read)
    await expect(readAll(request)).rejects.toThrow(StaleDownloadError)
    expect((await readAll(request)).equals(blob)).toBe(true)
    expect(asked.at(-1)).toBe(0)
    end(request)
    rmSync(partOf(bench))
  }
})

test('what was kept and is longer than the blob is fetched anew', async ({ bench }) => {
  writeFileSync(partOf(bench), Buffer.alloc(blob.length + 1))
  const request = download(bench, registry().read)
  expect((await readAll(request)).equals(blob)).toBe(true)
  expect(readFileSync(downloadedFile(request.dir, digest)).equals(blob)).toBe(true)
  end(request)
})

test('wrong bytes from the registry are an error that says so, and are not kept', async ({ bench }) => {
  const request = download(bench, registry(() => pieces(Buffer.alloc(blob.length))).read)
  await expect(readAll(request)).rejects.toThrow(BadInputError)
  await expect(readAll(request)).rejects.toThrow(/^fetch: blob sha256:\w+: what came has the digest sha256:/)
  expect(leftOf(bench)).toEqual([])
  expect(readdirSync(request.dir)).toEqual([])
  end(request)
})

test('several readers of one blob fetch it once', async ({ bench }) => {
  const { asked, read } = registry()
  const requests = [1, 2, 3].map(() => download(bench, read))
  const twice = requests[0] as Download
  const all = await Promise.all([...requests, twice].map(readAll))
  expect(all.every((bytes) => bytes.equals(blob))).toBe(true)
  expect(asked).toEqual([0])
  expect(leftOf(bench)).toEqual([digest.slice(7)])
  end(...requests)
})

test('a reader that stops early frees the blob for the next one', async ({ bench }) => {
  const { asked, read } = registry()
  const first = download(bench, read)
  for await (const _ of readDownload(first)) break
  const second = download(bench, read)
  expect((await readAll(second)).equals(blob)).toBe(true)
  expect(asked).toEqual([0, 3000])
  end(first, second)
})

test('the claim of a process that is gone is taken over, that of a living one is not', async ({ bench }) => {
  const living = spawn('sleep', ['60'])
  const start = readProcessStat(living.pid ?? 0)?.startTicks ?? 0
  const owner = (pid: number | undefined) => `p${pid}-${start}-${pidNamespace(bench)}-0`
  symlinkSync(owner(living.pid), `${partOf(bench)}.owner`)
  const { asked, read } = registry()
  const request = download(bench, read)
  const reading = readAll(request)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(asked).toEqual([])
  const gone = new Promise((resolve) => living.once('close', resolve))
  living.kill('SIGKILL')
  await gone
  expect((await reading).equals(blob)).toBe(true)
  end(request)
})

test('a claim from where we cannot see holds as long as bytes come', async ({ bench }) => {
  symlinkSync('p1-1-1-0', `${partOf(bench)}.owner`)
  writeFileSync(partOf(bench), blob.subarray(0, 100))
  const { asked, read } = registry()
  const request = download(bench, read)
  const reading = readAll(request)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(asked).toEqual([])
  utimesSync(partOf(bench), 1, 1)
  expect((await reading).equals(blob)).toBe(true)
  expect(asked).toEqual([100])
  end(request)
})

test('a blob that comes into the store meanwhile is taken from there', async ({ bench }) => {
  const { paths } = bench.store
  symlinkSync('p1-1-1-0', `${partOf(bench)}.owner`)
  writeFileSync(partOf(bench), '')
  const { asked, read } = registry()
  const request = download(bench, read)
  expect(linkStored(paths, request.descriptor, request.dir)).toBe(false)
  const reading = readAll(request)
  mkdirSync(paths.blobs, { recursive: true })
  writeFileSync(blobPath(paths, digest), blob)
  expect((await reading).equals(blob)).toBe(true)
  rmSync(blobPath(paths, digest))
  expect(existsSync(downloadedFile(request.dir, digest))).toBe(true)
  expect(asked).toEqual([])
  end(request)
})

/** The middle of a staging directory's name. */
function pidNamespace({ store }: StoreBench): string {
  const dir = makeStagingDir(store.paths)
  rmSync(dir, { recursive: true })
  return /-(\d+)-[0-9a-f]+$/.exec(dir)?.[1] ?? ''
}
