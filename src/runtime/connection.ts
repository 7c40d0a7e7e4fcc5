// One client's connection to a monitor: frames in order, with back-pressure both ways. Knows nothing of what they mean.

import { closeSync, openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { createFrameDecoder, encodeFrame, type Frame } from './frames.js'

export interface Connection {
  /** The next frame; undefined: the monitor closed. Only one caller at a time. */
  read(): Promise<Frame | undefined>
  /** Resolves when the kernel has taken it, so a producer that awaits never piles up. A connection that is gone swallows it. */
  send(type: string, payload?: string | Uint8Array): Promise<void>
  close(): void
}

/** Takes the socket over. Errors of the socket are its end: a monitor that died is told by what it left, not by ECONNRESET. */
export function openConnection(socket: Socket): Connection {
  const decode = createFrameDecoder()
  const queue: Frame[] = []
  let ended = false
  let wake: (() => void) | undefined
  const signal = () => {
    wake?.()
    wake = undefined
  }
  const end = () => {
    ended = true
    signal()
  }
  socket.on('data', (chunk: Buffer) => {
    queue.push(...decode(chunk))
    if (queue.length > 0) socket.pause() // until the reader has taken them
    signal()
  })
  socket.on('end', end).on('close', end).on('error', end)
  return {
    async read() {
      for (;;) {
        const frame = queue.shift()
        if (frame !== undefined) return frame
        if (ended) return undefined
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        socket.resume()
        await woken
      }
    },
    send(type, payload) {
      if (ended || socket.destroyed) return Promise.resolve()
      return new Promise((resolve) => {
        socket.write(encodeFrame(type, payload), () => resolve())
      })
    },
    close: () => socket.destroy(),
  }
}

/**
 * Connects to a monitor's socket. Undefined: nobody listens there (any more). The path goes through /proc/self/fd, since sun_path ends at
 * 107 bytes and run roots do not.
 */
export async function connectMonitor(socketPath: string): Promise<Connection | undefined> {
  let dir: number
  try {
    dir = openSync(path.dirname(socketPath), 'r')
  } catch {
    return undefined
  }
  try {
    const socket = connect(`/proc/self/fd/${dir}/${path.basename(socketPath)}`)
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    return connected ? openConnection(socket) : undefined
  } finally {
    closeSync(dir)
  }
}
