// What is in a layer: its tar's headers (and on request its files' digests), without unpacking it.

import { createHash } from 'node:crypto'
import type { LayerSource } from '../model/image.js'
import { type EntrySink, readTarEntries, type TarEntry } from '../platform/archive.js'
import { closeChunks } from '../platform/byte-streams.js'
import { decompress } from '../platform/decompress.js'
import type { LayerEntries, LayerEntry } from './file-tree.js'

/** Throws BadInputError for a layer that is no tar, or a damaged one. */
export async function readLayerEntries(
  source: LayerSource,
  { withContents }: { readonly withContents: boolean },
): Promise<LayerEntries> {
  const subject = `layer ${source.digest}`
  const entries: LayerEntry[] = []
  const visit = (entry: TarEntry): EntrySink | undefined => {
    const at = entries.push(toLayerEntry(entry)) - 1
    return withContents && entry.kind === 'file' ? addDigest(entries, at) : undefined
  }
  const stored = await source.open()
  try {
    await readTarEntries(await decompress(stored, subject), subject, visit)
  } catch (error) {
    await closeChunks(stored)
    throw error
  }
  return { diffId: source.diffId, entries }
}

function toLayerEntry({ name, kind, linkTarget, sizeBytes, mode, uid, gid, modifiedMs }: TarEntry): LayerEntry {
  const always = [kind, mode, uid, gid]
  const attributes = kind === 'directory' ? always : [...always, modifiedMs, sizeBytes, linkTarget]
  return { name, kind, linkTarget, attributes: attributes.join(' ') }
}

function addDigest(entries: LayerEntry[], at: number): EntrySink {
  const hash = createHash('sha256')
  return {
    write: (chunk) => void hash.update(chunk),
    end() {
      const entry = entries[at] as LayerEntry
      entries[at] = { ...entry, attributes: `${entry.attributes} ${hash.digest('hex')}` }
    },
  }
}
