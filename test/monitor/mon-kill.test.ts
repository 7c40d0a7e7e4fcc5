// mon: kill -9 of the monitor, the runtime, the caller and fuse-overlayfs at any moment. Nothing may stay mounted or
// half-written; after the monitor's own death one `delete` by the next command must be enough.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { eachWorld, finish, launch, type Monitor, run, start } from './monitor-client.js'
import { descendants, leftovers, settled } from './processes.js'
import { monitorPath, nsOptions, prepare, readJson, runAs, users, type World, wrapCrun } from './support.js'

// What the engine's clean-up does when a monitor is gone: one forced delete in the user's namespace.
function cleanUp(world: World, monitor: Monitor): void {
  const view = ['--mount', '--graft-cgroup', '--', '/usr/bin/crun', '--root', world.path('crun')]
  const manager = ['--cgroup-manager', world.user.root ? 'cgroupfs' : 'disabled']
  runAs(world.user, [
    monitorPath,
    'ns',
    ...nsOptions(world.usernsWords),
    ...view,
    ...manager,
    'delete',
    '--force',
    monitor.prepared.id,
  ])
}

// All but the registrations of killed monitors: the next one to come drops them.
const staleEntries = (found: string[]): string[] => found.filter((line) => !line.startsWith('userns/mon/'))

async function nothingLeft(world: World): Promise<void> {
  const end = Date.now() + 5000
  while (staleEntries(leftovers(world)).length > 0 && Date.now() < end) await sleep(50)
  expect(staleEntries(leftovers(world))).toEqual([])
}

function noHalfFile(monitor: Monitor): void {
  for (const name of ['monitor.json', 'exit.json'])
    if (existsSync(`${monitor.prepared.runDir}/${name}`)) readJson(`${monitor.prepared.runDir}/${name}`)
}

describe.each(users)('kill -9 as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  test('of the monitor before create leaves nothing, and the next monitor starts afresh', async () => {
    const monitor = launch(world, prepare(world))
    await monitor.first.expect('m')
    expect(readFileSync(`/proc/${monitor.pid}/mountinfo`, 'utf8')).toContain(
      `${world.dir}/${monitor.prepared.id}/merged`,
    )
    monitor.child.kill('SIGKILL')
    await monitor.exited
    await nothingLeft(world)
    const next = await run(world)
    expect(next.exit[0]).toBe(0)
    expect(await settled(world)).toEqual([])
  })

  test.each(['create', 'start'])(
    'of the monitor while the runtime hangs in %s takes the runtime with it',
    async (verb) => {
      const runtime = wrapCrun(world, `[ "$verb" = ${verb} ] && kill -STOP $$`)
      const monitor = launch(world, prepare(world, { argv: ['sleep', '4242'], runtime }))
      monitor.first.send('g')
      monitor.first.send('s')
      await expect
        .poll(() => descendants(monitor.pid).some((child) => isStopped(child.pid)), { timeout: 5000 })
        .toBe(true)
      monitor.child.kill('SIGKILL')
      await monitor.exited
      cleanUp(world, monitor)
      await nothingLeft(world)
      noHalfFile(monitor)
    },
  )

  test('of the monitor of a created or running container leaves one delete to do', async () => {
    for (const moment of ['c', 'r']) {
      const monitor = launch(world, prepare(world, { argv: ['sleep', '4242'] }))
      monitor.first.send('g')
      if (moment === 'r') monitor.first.send('s')
      await monitor.first.expect(moment)
      const container = Number((await monitor.first.expect('c')).toString().split(' ')[1])
      monitor.child.kill('SIGKILL')
      await monitor.exited
      expect(existsSync(`/proc/${container}`)).toBe(true)
      cleanUp(world, monitor)
      await nothingLeft(world)
      noHalfFile(monitor)
    }
  })

  test('of the monitor at thirty moments of a short life', async () => {
    for (let delay = 0; delay < 60; delay += 2) {
      const monitor = launch(world, prepare(world, { argv: ['sh', '-c', 'seq 1 100'] }))
      monitor.first.send('g')
      monitor.first.send('s')
      await sleep(delay)
      monitor.child.kill('SIGKILL')
      await monitor.exited
      noHalfFile(monitor)
      cleanUp(world, monitor)
    }
    await nothingLeft(world)
    expect((await run(world)).exit[0]).toBe(0)
    expect(await settled(world)).toEqual([])
  })

  test('of the runtime at thirty moments gives an error or a whole run, and leaves nothing', async () => {
    const seen = new Set<string>()
    for (let round = 0; round < 30; round++) {
      const monitor = launch(world, prepare(world, { argv: ['sh', '-c', 'exit 5'] }))
      monitor.first.send('g')
      monitor.first.send('s')
      while (descendants(monitor.pid).every((child) => child.name !== 'crun') && !monitor.first.ended) await sleep(0)
      await sleep(round / 3)
      for (const child of descendants(monitor.pid)) if (child.name === 'crun') kill(child.pid)
      const { code } = await monitor.exited
      const told = monitor.first.frames.find((one) => one.type === '!' || one.type === 'x')
      seen.add(told?.type ?? 'nothing')
      expect([told?.type, code]).toEqual(told?.type === '!' ? ['!', 1] : ['x', 0])
      if (code === 1) expect(readdirSync(monitor.prepared.runDir).filter((name) => !name.endsWith('.log'))).toEqual([])
    }
    expect(await settled(world)).toEqual([])
    expect(seen).toContain('!')
  })

  test('of the caller before start calls the container off at every step', async () => {
    for (const moment of ['', 'm', 'g', 'c']) {
      const monitor = launch(world, prepare(world, { argv: ['sleep', '4242'] }))
      if (moment !== '') await monitor.first.expect('m')
      if (moment === 'g' || moment === 'c') monitor.first.send('g')
      if (moment === 'c') await monitor.first.expect('c')
      monitor.first.socket.destroy()
      expect((await monitor.exited).code, `at ${moment}`).toBe(1)
      expect(await settled(world)).toEqual([])
      expect(existsSync(monitor.prepared.socket)).toBe(false)
      expect(readdirSync(monitor.prepared.runDir).filter((name) => !name.endsWith('.log'))).toEqual([])
    }
  })

  test('of the caller right after it said start lets the container run', async () => {
    const monitor = launch(world, prepare(world, { argv: ['sh', '-c', 'echo done; exit 6'] }))
    monitor.first.send('g')
    monitor.first.send('s')
    monitor.first.socket.end()
    expect((await monitor.exited).code).toBe(0)
    expect(readJson(`${monitor.prepared.runDir}/exit.json`)).toMatchObject({ exitCode: 6 })
    expect(readFileSync(monitor.prepared.log, 'utf8')).toMatch(/ stdout F done\n$/)
  })

  test('of the guard of a create gives an error and leaves nothing', async () => {
    const runtime = wrapCrun(world, '[ "$verb" = create ] && kill -STOP $$')
    const monitor = launch(world, prepare(world, { runtime }))
    monitor.first.send('g')
    await expect
      .poll(() => descendants(monitor.pid).some((child) => isStopped(child.pid)), { timeout: 5000 })
      .toBe(true)
    const guard = descendants(monitor.pid)[0]
    kill(guard?.pid ?? 0)
    expect((await monitor.first.expect('!')).toString()).toBe('create\0runtime: killed by signal 9')
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('of the caller while create hangs ends the runtime', async () => {
    const runtime = wrapCrun(world, '[ "$verb" = create ] && exec sleep 4242')
    const monitor = launch(world, prepare(world, { runtime }))
    monitor.first.send('g')
    await expect.poll(() => descendants(monitor.pid).map((child) => child.name), { timeout: 5000 }).toContain('sleep')
    monitor.first.socket.destroy()
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('SIGTERM before start calls the container off', async () => {
    const monitor = launch(world, prepare(world, { argv: ['sleep', '4242'] }))
    monitor.first.send('g')
    await monitor.first.expect('c')
    monitor.child.kill('SIGTERM')
    expect((await monitor.first.expect('!')).toString()).toBe('create\0called off')
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('of the container between create and start is told as a failed start', async () => {
    const monitor = launch(world, prepare(world, { argv: ['sleep', '4242'] }))
    monitor.first.send('g')
    const container = Number((await monitor.first.expect('c')).toString().split(' ')[1])
    kill(container)
    await sleep(50)
    monitor.first.send('s')
    expect((await monitor.first.expect('!')).toString()).toMatch(/^start\0/)
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('a delete that hangs does not keep the mounts', async () => {
    const runtime = wrapCrun(world, '[ "$verb" = delete ] && exec sleep 4242')
    const monitor = await start(world, { argv: ['sh', '-c', 'exit 3'], runtime })
    expect((await monitor.first.expect('x')).toString()).toMatch(/^3 /)
    expect(await monitor.exited).toEqual({ code: 0, signal: null })
    cleanUp(world, monitor)
    expect(await settled(world)).toEqual([])
  }, 30_000)

  test('eight monitors started at once from nothing share one user namespace', async () => {
    if (user.root) return
    const monitors = await Promise.all(Array.from({ length: 8 }, () => start(world, { argv: ['sleep', '4242'] })))
    const inodes = monitors.map((monitor) => readFileSync(world.path('userns/mon', String(monitor.pid)), 'utf8'))
    expect(new Set(inodes).size).toBe(1)
    for (const monitor of monitors) monitor.first.send('k', '9')
    await Promise.all(monitors.map(finish))
    expect(await settled(world)).toEqual([])
  })
})

function isStopped(pid: number): boolean {
  try {
    return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended by itself meanwhile
  }
}
