// A client of a monitor, speaking PROTOCOL.md's frames, and the ways to start one monitor with it.

import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { afterEach, beforeEach } from 'vitest'
import {
  as,
  type ContainerOptions,
  cleanEnv,
  makeWorld,
  monitorPath,
  type Prepared,
  prepare,
  type User,
  type World,
} from './support.js'

export interface Frame {
  readonly type: string
  readonly payload: Buffer
}

export function frame(type: string, payload: string | Buffer = ''): Buffer {
  const body = Buffer.from(payload)
  const header = Buffer.alloc(5)
  header.write(type, 0, 'latin1')
  header.writeUInt32LE(body.length, 1)
  return Buffer.concat([header, body])
}

// One end of the frames' conversation, on fd 3 or on the attach socket.
export class Client {
  readonly frames: Frame[] = []
  ended = false
  #rest: Buffer = Buffer.alloc(0)
  #waiters: (() => void)[] = []

  constructor(readonly socket: Socket) {
    socket.on('data', (data: Buffer) => this.#take(data))
    const end = (): void => {
      this.ended = true
      this.#wake()
    }
    socket.on('end', end).on('close', end).on('error', end)
  }

  #take(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data])
    while (this.#rest.length >= 5) {
      const size = this.#rest.readUInt32LE(1)
      if (this.#rest.length < 5 + size) break
      this.frames.push({
        type: this.#rest.toString('latin1', 0, 1),
        payload: Buffer.from(this.#rest.subarray(5, 5 + size)),
      })
      this.#rest = this.#rest.subarray(5 + size)
    }
    this.#wake()
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
  }

  send(type: string, payload: string | Buffer = ''): void {
    this.socket.write(frame(type, payload))
  }

  async until(done: () => boolean, what: string): Promise<void> {
    while (!done()) {
      if (this.ended) throw new Error(`connection ended before ${what}; got ${this.summary()}`)
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  async expect(type: string): Promise<Buffer> {
    await this.until(() => this.frames.some((one) => one.type === type || one.type === '!'), `frame ${type}`)
    const found = this.frames.find((one) => one.type === type)
    if (found === undefined) throw new Error(`expected frame ${type}, got ${this.summary()}`)
    return found.payload
  }

  /** The payloads of all frames of the type, once there are so many. */
  async expectMany(type: string, count: number): Promise<string[]> {
    const found = (): string[] => this.frames.filter((one) => one.type === type).map((one) => one.payload.toString())
    await this.until(() => found().length >= count, `${count} frames ${type}`)
    return found()
  }

  bytes(type: 'o' | 'E'): Buffer {
    return Buffer.concat(this.frames.filter((one) => one.type === type).map((one) => one.payload))
  }

  text(type: 'o' | 'E' = 'o'): string {
    return this.bytes(type).toString('utf8')
  }

  async untilText(text: string): Promise<void> {
    await this.until(() => this.text().includes(text), `output ${JSON.stringify(text)}`)
  }

  summary(): string {
    return this.frames
      .map((one) => `${one.type}:${JSON.stringify(one.payload.toString('utf8').slice(0, 300))}`)
      .join(' ')
  }
}

export interface Monitor {
  readonly child: ChildProcess
  readonly pid: number
  readonly first: Client
  readonly prepared: Prepared
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  readonly stderr: () => string
}

const living = new Set<ChildProcess>()

// For afterEach: whatever a failed test left running.
export function killLeftovers(): void {
  for (const child of living) child.kill('SIGKILL')
}

// A world of its own for each test of the block, which is taken down with whatever the test left.
export function eachWorld(user: User, take: (world: World) => void): void {
  let world: World
  beforeEach(() => {
    world = makeWorld(user)
    take(world)
  })
  afterEach(() => {
    killLeftovers()
    world.remove()
  })
}

// under: a command line that ends up exec'ing its arguments, to start the monitor on another kind of host.
export function launch(world: World, prepared: Prepared, under: readonly string[] = []): Monitor {
  const [command = '', ...rest] = [...under, ...as(world.user, [monitorPath, 'mon', prepared.specPath])]
  const child = spawn(command, rest, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
    env: cleanEnv(),
  })
  living.add(child)
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => {
      living.delete(child)
      resolve({ code, signal })
    })
  })
  return {
    child,
    pid: child.pid ?? 0,
    first: new Client(child.stdio[3] as Socket),
    prepared,
    exited,
    stderr: () => stderr,
  }
}

// As `lichen run`: to the moment the container's process runs.
export async function start(
  world: World,
  options: ContainerOptions = {},
  under: readonly string[] = [],
): Promise<Monitor> {
  const monitor = launch(world, prepare(world, options), under)
  await monitor.first.expect('m')
  monitor.first.send('g')
  await monitor.first.expect('c')
  monitor.first.send('s')
  await monitor.first.expect('r')
  return monitor
}

// And to its end. The result of x as numbers: code, signal, oom.
export async function run(
  world: World,
  options: ContainerOptions = {},
  under: readonly string[] = [],
): Promise<{ monitor: Monitor; exit: number[] }> {
  const monitor = await start(world, options, under)
  return { monitor, exit: await finish(monitor) }
}

export async function finish(monitor: Monitor): Promise<number[]> {
  const exit = (await monitor.first.expect('x')).toString().split(' ').map(Number)
  await monitor.exited
  return exit
}
