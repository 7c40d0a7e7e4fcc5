// How far long work has come, told while it goes on. Whoever shows it decides how often and in which form.

import type { Digest } from './image.js'

export interface ProgressEvent {
  /** `skip`: it is there already. */
  readonly verb: 'fetch' | 'unpack' | 'send' | 'skip'
  /** The blob. */
  readonly digest: Digest
  readonly doneBytes: number
  /** 0: not known. */
  readonly totalBytes: number
  readonly isDone: boolean
}

export interface ProgressReport {
  readonly onProgress: (event: ProgressEvent) => void
  /** A line for people, `Trying again in 2 s: …`. */
  readonly onNote: (text: string) => void
}

export const NO_REPORT: ProgressReport = { onProgress: () => undefined, onNote: () => undefined }
