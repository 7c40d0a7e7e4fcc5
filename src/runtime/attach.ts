// The stream between a user and a container: output and exit from the monitor, input, window sizes and signals to it.

import type { AttachOutcome, ContainerIo } from '../model/container-io.js'
import { errorCode } from '../model/errors.js'
import { type Connection, connectMonitor } from './connection.js'
import { createDetachScanner } from './detach-keys.js'
import { isExecFailure } from './exec-failure.js'
import { decodeNumbers, type Frame, MAX_PAYLOAD_BYTES } from './frames.js'

/** What crun and runc end with when the command turns out not to be executable after the start. */
const EXEC_FAILED = 1

export interface AttachOptions {
  /** The monitor's socket, for what must not wait behind input that the container does not read. */
  readonly socketPath: string
  readonly detachKeys: readonly number[]
}

/**
 * Serves the connection until the container ends, the user detaches or the monitor is gone. The connection must be attached (fd 3 with
 * attach=1, or after `a`). Closes it.
 */
export async function serveAttached(
  connection: Connection,
  io: ContainerIo,
  options: AttachOptions,
): Promise<AttachOutcome> {
  const control = createControl(options.socketPath)
  const unsubscribe = [
    io.onSignal?.((signal) => void control.send('k', String(signal))),
    io.onResize?.(() => sendWindowSize(control, io)),
  ]
  try {
    const output = serveOutput(connection, io).catch(unlessUnread)
    const input = io.stdin === undefined ? undefined : serveInput(connection, io.stdin, options.detachKeys)
    // input ends the session only by detaching; its end of file does not
    return await Promise.race([output, ...(input === undefined ? [] : [input])])
  } finally {
    for (const stop of unsubscribe) stop?.()
    control.close()
    connection.close()
  }
}

/** Tells the container the size of the user's window; nothing without one. */
export function sendWindowSize(target: Pick<Connection, 'send'>, io: ContainerIo): void {
  const size = io.windowSize?.()
  if (size !== undefined) void target.send('w', `${size.rows} ${size.columns}`)
}

async function serveOutput(connection: Connection, io: ContainerIo): Promise<AttachOutcome> {
  let log = ''
  let held: Frame | undefined // the runtime's last words, if that is all there will be
  let isFirst = true
  for (;;) {
    const frame = await connection.read()
    if (frame === undefined) return { kind: 'lost' }
    if (frame.type === 'l') log = frame.payload.toString('utf8')
    if (frame.type === 'x') {
      const [exitCode = 255] = decodeNumbers(frame.payload)
      if (held !== undefined && exitCode === EXEC_FAILED) log = held.payload.toString('utf8')
      else if (held !== undefined) await write(io, held)
      return { kind: 'exited', exitCode, ...(log === '' ? {} : { runtimeLog: log }) }
    }
    if (frame.type !== 'o' && frame.type !== 'E') continue
    if (held !== undefined) await write(io, held)
    held = isFirst && isExecFailure(frame.payload) ? frame : undefined
    isFirst = false
    if (held === undefined) await write(io, frame)
  }
}

/** The reader left (`run … | head -1`): nobody is served any more. */
function unlessUnread(error: unknown): AttachOutcome {
  if (errorCode(error) === 'EPIPE') return { kind: 'unread' }
  throw error
}

async function write(io: ContainerIo, { type, payload }: Frame): Promise<void> {
  await (type === 'o' ? io.stdout(payload) : io.stderr(payload))
}

/** Resolves only when the user detached. */
async function serveInput(
  connection: Connection,
  stdin: AsyncIterable<Uint8Array>,
  detachKeys: readonly number[],
): Promise<AttachOutcome> {
  const scan = createDetachScanner(detachKeys)
  for await (const chunk of stdin) {
    const { pass, detached } = scan(chunk)
    for (let at = 0; at < pass.length; at += MAX_PAYLOAD_BYTES)
      await connection.send('i', pass.subarray(at, at + MAX_PAYLOAD_BYTES))
    if (detached) return { kind: 'detached' }
  }
  await connection.send('e')
  return await new Promise<never>(() => undefined)
}

/** A second connection, made when first needed. */
function createControl(socketPath: string): Pick<Connection, 'send' | 'close'> {
  let connection: Promise<Connection | undefined> | undefined
  return {
    async send(type, payload) {
      connection ??= connectMonitor(socketPath)
      await (await connection)?.send(type, payload)
    },
    close: () => void connection?.then((opened) => opened?.close()),
  }
}
