// Starts a container's monitor and leads it to `created`. With platform/userns.ts and platform/monitor-tools.ts the only speaker of PROTOCOL.md.

import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import path from 'node:path'
import { HostError } from '../model/errors.js'
import { type Connection, openConnection } from './connection.js'
import { decodeFiles, decodeNumbers, type Frame } from './frames.js'
import { toMonitorError } from './monitor-error.js'

export interface MonitorLaunch {
  readonly program: string
  readonly runDir: string
  /** `key=value` words of PROTOCOL.md, without schema and run_dir. */
  readonly words: readonly string[]
  /** Rootfs files whose contents `configure` needs. */
  readonly read: readonly string[]
  /** What the container runs, for errors. */
  readonly command: string
  /** Descriptors of ours that it gets as 4, 5, … (PROTOCOL.md, stdio_fds, preserve_fds). */
  readonly inherit?: readonly number[]
  /** Called when the rootfs is mounted; writes config.json. */
  configure(files: readonly (string | undefined)[], monitorPid: number): Promise<void> | void
}

export interface MonitorHandle {
  readonly connection: Connection
  readonly monitorPid: number
  readonly containerPid: number
}

/**
 * Spawns the monitor and returns when the container is created but not started. On any failure the monitor has taken everything down
 * again; the error says what failed. Closing the connection before `startMonitored` has the same effect.
 */
export async function launchMonitor(launch: MonitorLaunch): Promise<MonitorHandle> {
  const { connection, pid } = spawnMonitor(launch)
  try {
    const files = decodeFiles((await expect(connection, 'm', launch)).payload)
    await launch.configure(files, pid)
    await connection.send('g')
    const [monitorPid = 0, containerPid = 0] = decodeNumbers((await expect(connection, 'c', launch)).payload)
    return { connection, monitorPid, containerPid }
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Starts what `launchMonitor` created. Output may arrive from now on. */
export async function startMonitored(
  handle: MonitorHandle,
  launch: Pick<MonitorLaunch, 'runDir' | 'command'>,
): Promise<void> {
  await handle.connection.send('s')
  await expect(handle.connection, 'r', launch)
}

function spawnMonitor(launch: MonitorLaunch): { connection: Connection; pid: number } {
  const spec = path.join(launch.runDir, 'spec')
  const words = ['schema=1', `run_dir=${launch.runDir}`, ...launch.words, ...launch.read.map((file) => `read=${file}`)]
  writeFileSync(spec, words.map((word) => `${word}\0`).join(''), { mode: 0o600 })
  const stderr = openSync(path.join(launch.runDir, 'monitor.log'), 'a', 0o600)
  try {
    // detached: a session of its own, so that ctrl-c at the terminal reaches only us; no double fork, so that we reap it while we wait
    const child = spawn(launch.program, ['mon', spec], {
      stdio: ['ignore', 'ignore', stderr, 'pipe', ...(launch.inherit ?? [])],
      detached: true,
      cwd: '/',
    })
    child.on('error', () => undefined) // told by the closed connection and the hint of `expect`
    child.unref()
    return { connection: openConnection(child.stdio[3] as Socket), pid: child.pid ?? 0 }
  } finally {
    closeSync(stderr)
  }
}

async function expect(
  connection: Connection,
  type: string,
  launch: Pick<MonitorLaunch, 'runDir' | 'command'>,
): Promise<Frame> {
  const frame = await connection.read()
  if (frame?.type === type) return frame
  if (frame?.type === '!') throw toMonitorError(frame.payload, launch.command)
  if (frame !== undefined) throw new Error(`monitor: expected frame ${type}, got ${frame.type}`)
  const log = readFileSync(path.join(launch.runDir, 'monitor.log'), 'utf8').trim().split('\n').at(-1) ?? ''
  throw new HostError(`start monitor: ${log === '' ? 'it ended without a word' : log}`, {
    hint: 'was it killed, or is lichen-monitor missing? `npm run build` makes it',
  })
}
