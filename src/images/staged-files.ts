// The files of an image archive, brought below staging/ under numbers instead of their names: what an archive calls its files is only ever
// a key in a map. Links are followed in that map alone.

import { constants, createReadStream, lstatSync, openSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode } from '../model/errors.js'
import { readTarEntries, type TarEntry } from '../platform/archive.js'
import { CHUNK_BYTES, type Chunks, chunksOf, closeChunks } from '../platform/byte-streams.js'
import { decompress } from '../platform/decompress.js'
import { type BlobWriter, createBlobWriter, readBounded, type StagedBlob } from './blobs.js'

export interface StagedFiles {
  /** undefined: the archive has no such file. */
  readonly find: (name: string) => Promise<StagedBlob | undefined>
}

export interface ArchiveLimits {
  /** For all files together, after the archive's own compression. */
  readonly maxBytes: number
}

const MAX_ENTRIES = 100_000
const MAX_LINKS = 8

/** Every file of a tar stream (maybe compressed), staged in `dir`. Throws BadInputError for hostile or damaged archives. */
export async function stageTar(
  source: Chunks,
  dir: string,
  { subject, maxBytes }: ArchiveLimits & { readonly subject: string },
): Promise<StagedFiles> {
  const files = new Map<string, StagedBlob>()
  const links = new Map<string, string>()
  const open: BlobWriter[] = []
  let total = 0
  const visit = (entry: TarEntry) => {
    const name = cleanName(entry.name, subject)
    total += entry.sizeBytes
    if (total > maxBytes) throw archiveTooLarge(subject, maxBytes)
    if (files.size + links.size >= MAX_ENTRIES)
      throw new BadInputError(`read: ${subject}: more than ${MAX_ENTRIES} files`)
    files.delete(name)
    links.delete(name)
    if (entry.kind === 'symlink') links.set(name, path.posix.join(path.posix.dirname(name), entry.linkTarget))
    if (entry.kind === 'hardlink') links.set(name, path.posix.normalize(entry.linkTarget))
    if (entry.kind !== 'file') return undefined
    const writer = createBlobWriter(path.join(dir, `file-${open.length}`))
    open.push(writer)
    return { write: writer.write, end: () => void files.set(name, writer.finish()) }
  }
  try {
    await readTarEntries(await decompress(source, subject), subject, visit)
  } catch (error) {
    await closeChunks(source)
    throw error
  } finally {
    for (const writer of open) writer.close()
  }
  return { find: (name) => Promise.resolve(files.get(followLinks(links, name))) }
}

/** The files of a directory, each copied (and hashed) when it is asked for: its owner may change it at any time. */
export function stageDirectory(root: string, dir: string, { maxBytes }: ArchiveLimits): StagedFiles {
  const staged = new Map<string, StagedBlob>()
  let total = 0
  return {
    async find(name) {
      const known = staged.get(name)
      if (known !== undefined) return known
      const file = path.join(root, cleanName(name, root))
      const stat = lstatSync(file, { throwIfNoEntry: false })
      if (stat === undefined) return undefined
      if (!stat.isFile()) throw new BadInputError(`read: ${file}: not a regular file`)
      total += stat.size
      if (total > maxBytes) throw archiveTooLarge(root, maxBytes)
      const blob = await copyFile(file, path.join(dir, `file-${staged.size}`))
      staged.set(name, blob)
      return blob
    },
  }
}

export async function findText(files: StagedFiles, name: string): Promise<string | undefined> {
  const blob = await files.find(name)
  return blob === undefined ? undefined : readBounded(blob.file, name).toString('utf8')
}

/** `source` without its compression, whatever that is. Throws BadInputError where we have no decoder. */
export async function copyFile(from: string, to: string): Promise<StagedBlob> {
  const writer = createBlobWriter(to)
  try {
    const fd = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW)
    for await (const chunk of chunksOf(createReadStream('', { fd, highWaterMark: CHUNK_BYTES }))) writer.write(chunk)
    return writer.finish()
  } catch (error) {
    if (errorCode(error) === 'ELOOP') throw new BadInputError(`read: ${from}: a symbolic link`, { cause: error })
    throw error
  } finally {
    writer.close()
  }
}

/** `./a//b` → `a/b`. A name that points out of the archive is an attack or a broken tool. */
function cleanName(name: string, subject: string): string {
  const clean = path.posix.normalize(name).replace(/\/$/, '')
  if (!name.startsWith('/') && clean !== '..' && !clean.startsWith('../') && !name.includes('\0')) return clean
  throw new BadInputError(`read: ${subject}: its entry "${name}" points out of the archive`)
}

function followLinks(links: ReadonlyMap<string, string>, name: string): string {
  let at = path.posix.normalize(name)
  for (let hops = 0; hops < MAX_LINKS; hops++) {
    const target = links.get(at)
    if (target === undefined) return at
    at = target
  }
  return at
}

function archiveTooLarge(subject: string, maxBytes: number): BadInputError {
  return new BadInputError(`read: ${subject}: it holds more than the ${maxBytes} bytes allowed`, {
    hint: 'if you trust the archive, raise the limit with --max-unpacked-size',
  })
}
