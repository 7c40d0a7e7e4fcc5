// What the kernel shows of a world's processes and mounts.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { World } from './support.js'

// Everything below a process: the monitor's guard stands between it and the runtime's create.
export function descendants(pid: number): { pid: number; name: string }[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    const named = children.map((child) => ({ pid: child, name: readFileSync(`/proc/${child}/comm`, 'utf8').trim() }))
    return [...named, ...children.flatMap(descendants)]
  } catch {
    return [] // ended meanwhile
  }
}

// Processes whose command line or mount table still knows the world, and mounts in our own table.
export function leftovers(world: World): string[] {
  const found: string[] = []
  if (readFileSync('/proc/self/mountinfo', 'utf8').includes(world.dir)) found.push('mount in the own mount namespace')
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const zombie = /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      if (!zombie && (command.includes(world.dir) || mounts.includes(world.dir))) found.push(`${pid}: ${command}`)
    } catch {
      // ended meanwhile
    }
  }
  const userns = world.path('userns/mon')
  if (existsSync(userns)) found.push(...readdirSync(userns).map((name) => `userns/mon/${name}`))
  if (existsSync(world.path('crun'))) found.push(...readdirSync(world.path('crun')).map((name) => `crun/${name}`))
  return found
}

export async function settled(world: World, limitMs = 5000): Promise<string[]> {
  const end = Date.now() + limitMs
  let found = leftovers(world)
  while (found.length > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    found = leftovers(world)
  }
  return found
}

export function killProcessesOf(dir: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir)) process.kill(Number(pid), 'SIGKILL')
    } catch {
      // ended meanwhile
    }
  }
}
