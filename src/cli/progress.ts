// Shows on stderr how far transfers and unpacking have come: on a terminal one line for each blob, redrawn in place; elsewhere one line
// when a blob is done.

import type { ProgressEvent, ProgressReport } from '../model/progress.js'
import { humanSize, shortId } from './human.js'
import { writeErr } from './output.js'

const BAR_CELLS = 30
const REDRAW_MS = 100
const VERBS: Readonly<Record<ProgressEvent['verb'], readonly [doing: string, done: string]>> = {
  fetch: ['Fetching', 'Fetched'],
  unpack: ['Unpacking', 'Unpacked'],
  send: ['Sending', 'Sent'],
  skip: ['Already here', 'Already here'],
}
const LONGEST_VERB = 'Already here'.length

export interface ProgressTarget {
  readonly isTerminal: () => boolean
  readonly write: (text: string) => void
  readonly nowMs: () => number
  /** Calls back once, unless the program has ended. Returns what takes it back. */
  readonly later: (fn: () => void, ms: number) => () => void
}

// asked of the stream, which is made at the first question: loading node:tty costs every command 2 ms
const STDERR: ProgressTarget = { isTerminal: () => process.stderr.isTTY, write: writeErr, nowMs: Date.now, later }

function later(fn: () => void, ms: number): () => void {
  const timer = setTimeout(fn, ms).unref()
  return () => clearTimeout(timer)
}

/** Nothing is asked of the terminal before the first thing is told. */
export function createProgress(target: ProgressTarget = STDERR): ProgressReport {
  let shown: ProgressReport | undefined
  const show = () => (shown ??= target.isTerminal() ? createBars(target) : createLines(target))
  return { onProgress: (event) => show().onProgress(event), onNote: (text) => show().onNote(text) }
}

function createLines({ write }: ProgressTarget): ProgressReport {
  const told = new Set<string>()
  return {
    onProgress(event) {
      // what is only unpacked again was asked for by nobody, and is no news in a log
      if (!event.isDone || event.verb === 'unpack' || told.has(event.digest)) return
      told.add(event.digest)
      write(`${VERBS[event.verb][1]} ${shortId(event.digest)}  ${humanSize(event.totalBytes)}\n`)
    },
    onNote: (text) => write(`${text}\n`),
  }
}

function createBars({ write, nowMs, later }: ProgressTarget): ProgressReport {
  const events = new Map<string, ProgressEvent>()
  let linesDrawn = 0
  let drawnMs = 0
  let cancelDraw: (() => void) | undefined
  const draw = (): void => {
    cancelDraw?.()
    cancelDraw = undefined
    const lines = [...events.values()].map((event) => `\x1b[2K${barLine(event)}\n`)
    write(`${linesDrawn === 0 ? '' : `\x1b[${linesDrawn}A`}${lines.join('')}`)
    linesDrawn = lines.length
    drawnMs = nowMs()
  }
  return {
    onProgress(event) {
      const known = events.get(event.digest)
      if (known?.isDone === true) return
      events.set(event.digest, event)
      if (known === undefined || event.isDone || nowMs() - drawnMs >= REDRAW_MS) draw()
      else cancelDraw ??= later(draw, REDRAW_MS) // also when nothing more comes
    },
    onNote(text) {
      // what was drawn stays above; later bars begin anew below
      cancelDraw?.()
      cancelDraw = undefined
      write(`${text}\n`)
      for (const [digest, { isDone }] of events) if (isDone) events.delete(digest)
      linesDrawn = 0
    },
  }
}

/** `Fetching 3f4c5a…  [======>   ]  12.3 MB / 40 MB`; fits 80 columns. */
export function barLine({ verb, digest, doneBytes, totalBytes, isDone }: ProgressEvent): string {
  const [doing, done] = VERBS[verb]
  const head = `${(isDone ? done : doing).padEnd(LONGEST_VERB)} ${shortId(digest)}`
  if (isDone) return `${head}  ${humanSize(totalBytes)}`
  const share = totalBytes === 0 ? 0 : Math.min(1, doneBytes / totalBytes)
  const cells = Math.round(share * BAR_CELLS)
  const bar = `${'='.repeat(Math.max(0, cells - 1))}${cells > 0 ? '>' : ''}`.padEnd(BAR_CELLS)
  return `${head}  [${bar}]  ${humanSize(doneBytes)} / ${humanSize(totalBytes)}`
}
