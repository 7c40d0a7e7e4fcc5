// Our own terminal and standard streams as a ContainerIo: raw mode, window size, signals to pass on, writes that wait.

import { spawnSync } from 'node:child_process'
import { write } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'
import type { ContainerIo } from '../model/container-io.js'
import { errorCode, HostError } from '../model/errors.js'
import { PROXIED_SIGNALS } from '../model/signal.js'

const STREAM_NAMES = { 1: 'standard output', 2: 'standard error' } as const

export interface IoOptions {
  /** Attach our standard input. */
  readonly stdin: boolean
  /** The container has a terminal: ours goes raw, so that every key, ctrl-c too, is the container's. */
  readonly tty: boolean
  /** Pass our signals on. */
  readonly signals: boolean
}

export interface TerminalIo extends ContainerIo {
  /** Gives the terminal back as it was. Idempotent. */
  restore(): void
}

export function openTerminalIo(options: IoOptions): TerminalIo {
  const input = options.stdin ? process.stdin : undefined
  const isRaw = options.tty && input instanceof ReadStream && isatty(0)
  if (isRaw) makeRaw(input)
  const screen = options.tty ? [process.stdout, process.stderr].find(({ isTTY }) => isTTY) : undefined
  return {
    ...(input === undefined ? {} : { stdin: input }),
    stdout: (chunk) => writeAll(1, chunk),
    stderr: (chunk) => writeAll(2, chunk),
    ...(screen === undefined
      ? {}
      : {
          windowSize: () => ({ rows: screen.rows, columns: screen.columns }),
          onResize: (listener) => {
            screen.on('resize', listener)
            return () => void screen.off('resize', listener)
          },
        }),
    ...(options.signals ? { onSignal: subscribeSignals } : {}),
    restore: () => {
      if (isRaw && input.isRaw) input.setRawMode(false)
      input?.pause()
    },
  }
}

/** Of our terminal, for a new one (runtime-spec config.md, "consoleSize"); the usual size where we have none. */
export function terminalSize(): { readonly height: number; readonly width: number } {
  const screen = [process.stdout, process.stderr].find(({ isTTY }) => isTTY)
  return { height: screen?.rows ?? 24, width: screen?.columns ?? 80 }
}

/**
 * Node's raw mode still turns a newline into carriage return and newline, which the container's own terminal has already done. What `stty` cannot do
 * (where there is none) costs a doubled carriage return.
 */
function makeRaw(input: ReadStream): void {
  input.setRawMode(true) // keeps the state that `restore` and an exit bring back
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}

function subscribeSignals(listener: (signal: number) => void): () => void {
  const handlers = PROXIED_SIGNALS.map(([name, number]) => [name, () => listener(number)] as const)
  for (const [name, handler] of handlers) process.on(name, handler)
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler)
  }
}

/**
 * Waits for the reader without blocking the event loop, which must go on hearing signals. Rejects with EPIPE when the reader is gone, with
 * HostError when what it goes to cannot take it. A terminal that is gone is no error: the container goes on without it.
 */
export async function writeAll(fd: 1 | 2, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const written = await new Promise<number>((resolve, reject) => {
      write(fd, chunk, at, chunk.length - at, null, (error, count) => {
        if (error === null) resolve(count)
        else if (error.code === 'EAGAIN') setTimeout(() => resolve(0), 1)
        else if (error.code === 'EIO') resolve(chunk.length)
        else
          reject(
            error.code === 'EPIPE'
              ? error
              : new HostError(`write: ${STREAM_NAMES[fd]}: ${error.code}`, { cause: error }),
          )
      })
    })
    at += written
  }
}

/** The same where it does not matter whether somebody reads: a reader that is gone is not an error of the command's. */
export async function writeIfRead(fd: 1 | 2, chunk: Uint8Array): Promise<void> {
  try {
    await writeAll(fd, chunk)
  } catch (error) {
    if (errorCode(error) !== 'EPIPE') throw error
  }
}
