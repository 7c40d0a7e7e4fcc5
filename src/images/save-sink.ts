// Where the files of a saved image go: into a tar, or into a directory of the user's. Files come in the order in which they are given.

import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { errorCode, HostError } from '../model/errors.js'
import type { ProgressReport } from '../model/progress.js'
import type { Chunks } from '../platform/byte-streams.js'
import { openOutputFile } from '../platform/output-file.js'
import type { StagedBlob } from './blobs.js'
import { readVerified } from './outgoing-image.js'

/** What of a TarWriter a layout needs. */
export interface SaveSink {
  readonly file: (name: string, sizeBytes: number, chunks: Chunks) => Promise<void>
  readonly text: (name: string, text: string) => void
  readonly directory: (name: string) => void
}

/** Made when it is missing; what is in it already stays, unless a file of that name is written. Each file is whole or not there. */
export function openDirectorySink(root: string): SaveSink {
  ensureDirectory(root)
  return {
    async file(name, _sizeBytes, chunks) {
      const file = openOutputFile(path.join(root, name))
      try {
        for await (const chunk of chunks) file.write(chunk)
        file.commit()
      } finally {
        file.close()
      }
    },
    text(name, text) {
      const file = openOutputFile(path.join(root, name))
      try {
        file.write(Buffer.from(text))
        file.commit()
      } finally {
        file.close()
      }
    },
    directory: (name) => ensureDirectory(path.join(root, name)),
  }
}

/** Copies a blob, verified on the way. */
export async function saveBlob(sink: SaveSink, name: string, blob: StagedBlob, report: ProgressReport): Promise<void> {
  const { digest, sizeBytes } = blob
  report.onProgress({ verb: 'send', digest, doneBytes: 0, totalBytes: sizeBytes, isDone: false })
  await sink.file(name, sizeBytes, readVerified(blob))
  report.onProgress({ verb: 'send', digest, doneBytes: sizeBytes, totalBytes: sizeBytes, isDone: true })
}

function ensureDirectory(dir: string): void {
  try {
    mkdirSync(dir)
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST' && statSync(dir).isDirectory()) return
    const why = CAUSES[errorCode(cause) ?? '']
    if (why === undefined) throw cause
    throw new HostError(`write: ${dir}: ${why}`, { cause })
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EEXIST: 'there is a file of that name',
  EACCES: 'permission denied',
  ENOENT: 'the directory it should be in does not exist',
  ENOTDIR: 'the directory it should be in is none',
}
