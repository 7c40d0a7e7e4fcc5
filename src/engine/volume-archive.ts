// `volume export` and `volume import`: a volume's files as a tar archive, with owners, modes and attributes.

import { createReadStream, statSync } from 'node:fs'
import { isatty } from 'node:tty'
import { BadInputError, errorCode, HostError, NotFoundError, UsageError } from '../model/errors.js'
import { CHUNK_BYTES, type Chunks, chunksOf, readStandardInput } from '../platform/byte-streams.js'
import { toDiskError } from '../platform/disk-errors.js'
import { streamLayer } from '../platform/layer-stream.js'
import { startArchive } from '../platform/monitor-tools.js'
import type { Store } from '../platform/store.js'
import { type ByteSink, sendArchive, sendTo, startUnpack } from '../platform/tree-tools.js'
import { locateVolume } from './volumes.js'

/** `output`: a file, or what takes the bytes. Throws NotFoundError, UsageError, HostError (disk); a file that was at `output` is then still there. Resolves to warnings. */
export async function exportVolume(store: Store, text: string, output: string | ByteSink): Promise<readonly string[]> {
  const { path } = locateVolume(store, text, 'export')
  if (typeof output !== 'string' && isatty(1))
    throw new UsageError('export volume: standard output is a terminal', {
      hint: 'name a file with --output FILE, or redirect it: lichen volume export VOLUME > FILE',
    })
  return await sendTo(output, (take) => sendArchive(startArchive(store, [path]), take))
}

/**
 * `source`: a file or `-`, plain or compressed. What is in the volume and not in the archive stays. Not atomic: of an archive that turns out to
 * be bad, what came before stays. Throws NotFoundError, UsageError, BadInputError, HostError.
 */
export async function importVolume(store: Store, text: string, source: string): Promise<void> {
  const { name, path } = locateVolume(store, text, 'import')
  const subject = source === '-' ? 'standard input' : source
  const chunks = openSource(source)
  const reader = startUnpack(store, ['--overwrite', path, '/'])
  try {
    await streamLayer({ subject, source: chunks, reader })
  } catch (error) {
    throw toDiskError(explain(error, subject), `import volume: ${name}`)
  }
}

function openSource(source: string): Chunks {
  if (source !== '-') {
    checkFile(source)
    return chunksOf(createReadStream(source, { highWaterMark: CHUNK_BYTES }))
  }
  if (isatty(0))
    throw new UsageError('import volume: standard input is a terminal', {
      hint: 'redirect the archive in, or name a file',
    })
  return readStandardInput()
}

function checkFile(file: string): void {
  try {
    if (!statSync(file).isDirectory()) return
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT')
      throw new NotFoundError(`import volume: open ${file}: no such file or directory`, { cause })
    throw new HostError(`import volume: open ${file}: ${errorCode(cause)}`, { cause })
  }
  throw new BadInputError(`import volume: ${file}: not a file`, {
    hint: `pack it: tar -C ${file} -cf - . | lichen volume import VOLUME -`,
  })
}

const explain = (error: unknown, subject: string): unknown =>
  error instanceof BadInputError && !error.message.includes(subject)
    ? new BadInputError(`import volume: ${subject}: ${error.message}`, {
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      })
    : error
