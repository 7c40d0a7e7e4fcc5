// The registry of the benchmark: Debian's docker-registry as our child on a free loopback port, its storage below our directory.

import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Ends when we end. Returns `{ host, storage, stop }`; a storage that is emptied is an empty registry at once. */
export async function startRegistry(directory) {
  const storage = join(directory, 'storage')
  mkdirSync(storage, { recursive: true })
  const config = join(directory, 'registry.json')
  const settings = {
    version: '0.1',
    log: { accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage } },
    http: { addr: '127.0.0.1:0' },
  }
  // JSON is YAML
  writeFileSync(config, JSON.stringify(settings))
  // into a file: nobody reads a pipe while a row is measured, and a full one would stop the registry
  const log = join(directory, 'registry.log')
  const argv = ['--pdeathsig', 'KILL', '--', 'docker-registry', 'serve', config]
  const child = spawn('setpriv', argv, { stdio: ['ignore', 'ignore', openSync(log, 'w')] })
  return { host: await readHost(child, log), storage, stop: () => child.kill('SIGKILL') }
}

async function readHost(child, log) {
  while (child.exitCode === null) {
    const found = /listening on (127\.0\.0\.1:\d+)/.exec(readFileSync(log, 'utf8'))
    if (found !== null) return found[1]
    await delay(20)
  }
  throw new Error(`start docker-registry: ${readFileSync(log, 'utf8')}`)
}
