// Reads tar archives that hold files for us (image archives): in order, from a stream. The one door to the `tar` package. Layers do
// not come here: they go through the C untar, which keeps owners, xattrs and hard links.

import { BadInputError } from '../model/errors.js'
import type { Chunks } from './byte-streams.js'

export interface TarEntry {
  /** As the archive says it: not to be trusted, never a path on this host. */
  readonly name: string
  readonly kind: 'file' | 'symlink' | 'hardlink' | 'directory' | 'other'
  readonly linkTarget: string
  readonly sizeBytes: number
}

/** Takes one file's bytes, synchronously and in order. */
export interface EntrySink {
  readonly write: (chunk: Buffer) => void
  readonly end: () => void
}

/** Calls `visit` for every entry; the file's bytes go to the sink it returns, if any. Throws BadInputError for what is no tar. */
export async function readTarEntries(
  chunks: Chunks,
  subject: string,
  visit: (entry: TarEntry) => EntrySink | undefined,
): Promise<void> {
  const { Parser } = await import('tar')
  const failures: Error[] = []
  const parser = new Parser({ strict: true, brotli: false, zstd: false })
  parser.on('error', (error: Error) => {
    failures.push(new BadInputError(`read: ${subject}: not a tar archive, or a damaged one`, { cause: error }))
  })
  parser.on('entry', (entry) => {
    const sink = visit({
      name: entry.path,
      kind: entryKind(entry.type),
      linkTarget: entry.linkpath ?? '',
      sizeBytes: entry.size,
    })
    // a listener keeps the entry flowing: nothing ever waits inside the parser
    entry.on('data', (chunk: Buffer) => sink?.write(chunk))
    entry.on('end', () => sink?.end())
  })
  for await (const chunk of chunks) {
    parser.write(chunk)
    if (failures[0] !== undefined) throw failures[0]
  }
  parser.end()
  if (failures[0] !== undefined) throw failures[0]
}

function entryKind(type: string): TarEntry['kind'] {
  if (type === 'File' || type === 'OldFile' || type === 'ContiguousFile') return 'file'
  if (type === 'SymbolicLink') return 'symlink'
  if (type === 'Link') return 'hardlink'
  return type === 'Directory' ? 'directory' : 'other'
}
