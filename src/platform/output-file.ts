// A file of the user's, written beside its name and renamed when it is whole: until then what was there stays there. What is no regular
// file (a pipe, a device) is written as it is. Ctrl-C takes the half-written file away; only kill -9 leaves one, under its temporary name.

import { closeSync, fdatasyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { errorCode, HostError } from '../model/errors.js'
import { toDiskError } from './disk-errors.js'
import { onInterrupt } from './interrupt.js'
import { randomHex } from './random.js'

export interface OutputFile {
  readonly write: (chunk: Uint8Array) => void
  /** Its data on disk and under its name. */
  readonly commit: () => void
  /** Nothing of it is left, unless it was committed. Idempotent. */
  readonly close: () => void
}

/** Throws HostError when it cannot be made; its methods do when the disk is full. */
export function openOutputFile(file: string): OutputFile {
  const existing = statSync(file, { throwIfNoEntry: false })
  if (existing?.isDirectory() === true) throw new HostError(`write: ${file}: a directory`)
  if (existing !== undefined && !existing.isFile()) return openInPlace(file)
  const target = existing === undefined ? file : realpathSync(file) // a link stays one
  const temporary = path.join(path.dirname(target), `.${path.basename(target).slice(0, 200)}.${randomHex(8)}.tmp`)
  const mode = existing === undefined ? 0o666 : existing.mode & 0o777
  const forgetInterrupt = onInterrupt(() => rmSync(temporary, { force: true }))
  const fd = explain(file, () => openSync(temporary, 'wx', mode), forgetInterrupt)
  const { write, close } = writerOf(fd, file)
  let isDone = false
  return {
    write,
    commit: () =>
      explain(file, () => {
        fdatasyncSync(fd)
        renameSync(temporary, target)
        isDone = true
      }),
    close: () => {
      close()
      if (!isDone) rmSync(temporary, { force: true })
      isDone = true
      forgetInterrupt()
    },
  }
}

function openInPlace(file: string): OutputFile {
  const fd = explain(file, () => openSync(file, 'w'))
  return { ...writerOf(fd, file), commit: () => undefined }
}

function writerOf(fd: number, file: string): Pick<OutputFile, 'write' | 'close'> {
  let isOpen = true
  return {
    write: (chunk) =>
      explain(file, () => {
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
      }),
    close: () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory is none',
  EPIPE: 'nobody reads it any more',
  ENAMETOOLONG: 'the name is too long',
}

function explain<T>(file: string, act: () => T, undo?: () => void): T {
  try {
    return act()
  } catch (error) {
    undo?.()
    const cause = CAUSES[errorCode(error) ?? '']
    if (cause === undefined) throw toDiskError(error, `write: ${file}`, 'free some space, or write it elsewhere')
    throw new HostError(`write: ${file}: ${cause}`, { cause: error })
  }
}
