// A container's output in journald, read by journalctl(1): the messages whose fields the monitor wrote (PROTOCOL.md, journal).

import { ExternalToolError, errorCode, HostError } from '../model/errors.js'
import type { LogLine } from '../model/log.js'
import { streamProcess } from '../platform/streamed-process.js'

export interface JournalRequest {
  readonly follow: boolean
  readonly sinceMs?: number
  readonly untilMs?: number
  readonly tail?: number
}

/** journalctl -o json: numbers are texts, and a message that is no UTF-8 is a list of bytes. */
interface JournalEntry {
  readonly __REALTIME_TIMESTAMP: string
  readonly PRIORITY?: string
  readonly MESSAGE?: string | readonly number[]
  readonly CONTAINER_PARTIAL_MESSAGE?: string
}

const ERROR_PRIORITY = '3'

/** Throws HostError where there is no journalctl. With `follow` it ends when the caller stops asking. */
export async function* readJournal(id: string, request: JournalRequest): AsyncIterable<readonly LogLine[]> {
  const argv = [
    'journalctl',
    '--output=json',
    '--all',
    '--no-pager',
    ...toArguments(request),
    `CONTAINER_ID_FULL=${id}`,
  ]
  const journal = streamProcess(argv)
  try {
    let rest = ''
    for await (const chunk of journal.output) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      yield lines.filter((line) => line !== '').map((line) => toLogLine(JSON.parse(line) as JournalEntry))
    }
    const { code, stderr } = await journal.ended.catch(explainMissing)
    if (code !== 0) throw new ExternalToolError('read journal', { argv, code, stderr })
  } finally {
    journal.kill()
  }
}

function toArguments({ follow, sinceMs, untilMs, tail }: JournalRequest): string[] {
  const at = (ms: number) => `@${(ms / 1000).toFixed(6)}`
  return [
    ...(follow ? ['--follow'] : []),
    ...(sinceMs === undefined ? [] : [`--since=${at(sinceMs)}`]),
    ...(untilMs === undefined ? [] : [`--until=${at(untilMs)}`]),
    ...(tail === undefined ? ['--lines=all'] : [`--lines=${tail}`]),
  ]
}

function toLogLine(entry: JournalEntry): LogLine {
  const { MESSAGE = '' } = entry
  const micros = entry.__REALTIME_TIMESTAMP.padStart(7, '0')
  const seconds = new Date(Number(micros.slice(0, -6)) * 1000).toISOString().slice(0, -'.000Z'.length)
  const time = Buffer.from(`${seconds}.${micros.slice(-6)}000Z`)
  const text = typeof MESSAGE === 'string' ? Buffer.from(MESSAGE) : Uint8Array.from(MESSAGE)
  return {
    bytes: Buffer.concat([time, text]),
    timeStart: 0,
    timeEnd: time.length,
    textStart: time.length,
    textEnd: time.length + text.length,
    stream: entry.PRIORITY === ERROR_PRIORITY ? 'stderr' : 'stdout',
    isComplete: entry.CONTAINER_PARTIAL_MESSAGE === undefined,
  }
}

function explainMissing(cause: unknown): never {
  if (errorCode(cause) !== 'ENOENT') throw cause
  throw new HostError('read journal: journalctl: not found', {
    cause,
    hint: 'containers whose logs are to be read here are made with --log-driver k8s-file',
  })
}
