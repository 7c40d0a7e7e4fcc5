// Whether every blob that a layout's index leads to is there and is what its digest says. Follows manifests and lists, whatever they are of:
// images or artifacts. Never writes.

import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { errorCode } from '../model/errors.js'
import type { Descriptor, Digest } from '../model/image.js'
import { blobPath, readBlob, readBounded } from './blobs.js'
import { isDigest } from './documents.js'
import { fromIndexOf, type LayoutPaths } from './image-index.js'

type Wanted = Pick<Descriptor, 'digest'> & { readonly size?: number }

export interface BadBlob {
  readonly digest: Digest
  /** undefined: not known. */
  readonly size?: number
  /** A manifest or list, which registries keep apart from blobs. */
  readonly isDocument: boolean
  readonly problem: string
  /** The index's entry that leads to it. */
  readonly entry: Descriptor
}

export interface BlobCheck {
  /** Only the sizes, but of documents. */
  readonly quick: boolean
  /** Resolves to true when it is whole now. */
  readonly onBad: (bad: BadBlob) => Promise<boolean>
}

/** Resolves to how many blobs there should be. */
export async function verifyBlobs(
  paths: LayoutPaths,
  entries: readonly Descriptor[],
  check: BlobCheck,
): Promise<number> {
  const seen = new Set<Digest>()
  const visit = async (wanted: Wanted, isDocument: boolean, entry: Descriptor): Promise<void> => {
    if (seen.has(wanted.digest)) return
    seen.add(wanted.digest)
    const { digest, size } = wanted
    const problem = await findProblem(blobPath(paths, digest), wanted, check.quick && !isDocument)
    const bad = { digest, isDocument, entry, ...(size === undefined ? {} : { size }) }
    if (problem !== undefined && !(await check.onBad({ ...bad, problem }))) return
    if (!isDocument) return
    const { documents, blobs } = readReferences(paths, digest)
    for (const document of documents) await visit(document, true, entry)
    for (const blob of blobs) await visit(blob, false, entry)
  }
  for (const entry of entries) {
    await visit(entry, true, entry)
    const fromIndex = fromIndexOf(entry)
    if (fromIndex !== undefined) await visit({ digest: fromIndex }, true, entry)
  }
  return seen.size
}

async function findProblem(file: string, { digest, size }: Wanted, isQuick: boolean): Promise<string | undefined> {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return 'missing'
  if (size !== undefined && stat.size !== size) return `it is ${stat.size} bytes long, not ${size}`
  if (isQuick) return undefined
  try {
    const hash = createHash('sha256')
    for await (const chunk of readBlob(file)) hash.update(chunk)
    const found = `sha256:${hash.digest('hex')}`
    return found === digest ? undefined : `its digest is ${found}`
  } catch (error) {
    return `it cannot be read: ${errorCode(error) ?? String(error)}` // EIO: the disk's own damage
  }
}

/** Of a document that is what its digest says. The images of a list need not be here. */
function readReferences(paths: LayoutPaths, digest: Digest): { documents: Wanted[]; blobs: Wanted[] } {
  const text = readBounded(blobPath(paths, digest), `manifest ${digest}`).toString('utf8')
  const { manifests, config, layers } = JSON.parse(text) as Readonly<Record<string, unknown>>
  const isHere = (it: Wanted): boolean => statSync(blobPath(paths, it.digest), { throwIfNoEntry: false }) !== undefined
  return {
    documents: listOf(manifests).filter(isWanted).filter(isHere),
    blobs: [config, ...listOf(layers)].filter(isWanted),
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

function isWanted(value: unknown): value is Required<Wanted> {
  if (typeof value !== 'object' || value === null) return false
  const { digest, size } = value as Readonly<Record<string, unknown>>
  return isDigest(digest) && typeof size === 'number'
}
