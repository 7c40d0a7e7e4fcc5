// Who listens on a datagram socket in place of journald or systemd: journal-reader.py, message by message.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export type Message = Record<string, string | boolean>

export interface Reader {
  readonly child: ChildProcess
  readonly messages: Message[]
  until(done: () => boolean): Promise<void>
}

export async function startReader(socket: string, ...options: string[]): Promise<Reader> {
  const child = spawn('python3', [join(import.meta.dirname, 'journal-reader.py'), socket, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const messages: Message[] = []
  let [rest, isReady] = ['', false]
  let wake = (): void => undefined
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === 'ready') isReady = true
      else messages.push(JSON.parse(line) as Message)
    }
    wake()
  })
  const until = async (done: () => boolean): Promise<void> => {
    while (!done())
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  await until(() => isReady)
  return { child, messages, until }
}
