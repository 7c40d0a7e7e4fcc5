// Tar archives that hold files for us (image archives): read in order from a stream, written in order to one. The one door to the `tar`
// package. Layers are not unpacked here, only listed: it is the C untar that keeps owners, xattrs and hard links.

import { BadInputError } from '../model/errors.js'
import type { Chunks } from './byte-streams.js'
import { parsePaxRecords } from './pax-records.js'

export interface TarEntry {
  /** As the archive says it: not to be trusted, never a path on this host. */
  readonly name: string
  readonly kind: 'file' | 'symlink' | 'hardlink' | 'directory' | 'other'
  readonly linkTarget: string
  readonly sizeBytes: number
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly modifiedMs: number
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
  let said: ReadonlyMap<string, string> = new Map()
  parser.on('meta', (text: string) => {
    said = parsePaxRecords(text)
  })
  parser.on('entry', (entry) => {
    const sink = visit({
      name: said.get('GNU.sparse.name') ?? withLineBreaks(entry.path, said.get('path')),
      kind: entryKind(entry.type),
      linkTarget: withLineBreaks(entry.linkpath ?? '', said.get('linkpath')),
      sizeBytes: Number(said.get('GNU.sparse.realsize') ?? entry.size),
      mode: entry.mode ?? 0,
      uid: entry.uid ?? 0,
      gid: entry.gid ?? 0,
      modifiedMs: entry.mtime?.getTime() ?? 0,
    })
    said = new Map()
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

/** The package reads the other ones right, but of a sparse file (GNU tar manual, PAX 1.0) it knows neither name nor size: its data is then the map and what is no hole. */
function withLineBreaks(parsed: string, said: string | undefined): string {
  return said?.includes('\n') === true ? said : parsed
}

function entryKind(type: string): TarEntry['kind'] {
  if (type === 'File' || type === 'OldFile' || type === 'ContiguousFile') return 'file'
  if (type === 'SymbolicLink') return 'symlink'
  if (type === 'Link') return 'hardlink'
  return type === 'Directory' ? 'directory' : 'other'
}

export interface TarWriter {
  /** A file of exactly that size. Throws when `chunks` has more or fewer bytes. */
  readonly file: (name: string, sizeBytes: number, chunks: Chunks) => Promise<void>
  readonly text: (name: string, text: string) => void
  readonly symlink: (name: string, target: string) => void
  readonly directory: (name: string) => void
  /** The archive's end; nothing comes after it. */
  readonly finish: () => void
}

const BLOCK_BYTES = 512

/** The same entries always make the same bytes: everything is root's, of the epoch, and read-only as podman has it. */
export async function createTarWriter(write: (chunk: Uint8Array) => void): Promise<TarWriter> {
  const { Header } = await import('tar')
  const put = (entry: {
    path: string
    type: 'File' | 'SymbolicLink' | 'Directory'
    size: number
    linkpath?: string
  }) => {
    const block = Buffer.alloc(BLOCK_BYTES)
    const mode = { File: 0o444, SymbolicLink: 0o777, Directory: 0o755 }[entry.type]
    const header = new Header({ ...entry, mode, uid: 0, gid: 0, mtime: new Date(0) })
    // sizes over 8 GiB are written in base 256, which every tar reads; longer names do not occur
    header.encode(block, 0)
    write(block)
  }
  const pad = (sizeBytes: number): void => {
    const rest = sizeBytes % BLOCK_BYTES
    if (rest > 0) write(Buffer.alloc(BLOCK_BYTES - rest))
  }
  return {
    async file(name, sizeBytes, chunks) {
      put({ path: name, type: 'File', size: sizeBytes })
      let done = 0
      for await (const chunk of chunks) {
        done += chunk.length
        if (done <= sizeBytes) write(chunk)
      }
      if (done !== sizeBytes) throw new BadInputError(`write: ${name}: ${done} bytes came, not ${sizeBytes}`)
      pad(sizeBytes)
    },
    text(name, text) {
      const bytes = Buffer.from(text)
      put({ path: name, type: 'File', size: bytes.length })
      write(bytes)
      pad(bytes.length)
    },
    symlink: (name, target) => put({ path: name, type: 'SymbolicLink', size: 0, linkpath: target }),
    directory: (name) => put({ path: name, type: 'Directory', size: 0 }),
    finish: () => write(Buffer.alloc(2 * BLOCK_BYTES)),
  }
}
