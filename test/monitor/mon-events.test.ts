// mon: the event log, and pid files (PROTOCOL.md, Files; pidfile, monitor_pidfile).

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eachWorld, finish, launch, run, start } from './monitor-client.js'
import { settled } from './processes.js'
import { chownAll, prepare, readJson, users, type World } from './support.js'

describe.each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  const eventWords = (): string[] => [`events=${world.path('events')}`, `event_file=${world.path('event')}`]

  test('tells start and end before its clients hear of them, in the words of that moment', async () => {
    world.write(world.path('events'), '{"Type":"image"}\n')
    world.write(world.path('event'), '"Name":"first","Attributes":{"a":"b"}\n')
    const monitor = await start(world, { argv: ['sleep', '4242'], words: eventWords() })
    const read = (): string[] => readFileSync(world.path('events'), 'utf8').split('\n')
    expect(read()).toHaveLength(3)
    world.write(world.path('event'), '"Name":"renamed"')
    monitor.first.send('k', '9')
    await monitor.first.expect('x')
    const lines = read()
    expect(lines.pop()).toBe('')
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { Type: 'image' },
      { Type: 'container', Status: 'start', Time: time, Name: 'first', Attributes: { a: 'b' } },
      { Type: 'container', Status: 'died', Time: time, ContainerExitCode: 137, Name: 'renamed' },
    ])
    await finish(monitor)
    expect(monitor.stderr()).toBe('')
  })

  if (user.root)
    test('begins a new line after one that a full disk has cut short', async () => {
      const [disk, log] = [world.path('disk'), world.path('disk/events')]
      world.write(world.path('event'), '"Name":"n"')
      mkdirSync(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', disk])
      try {
        const before = `${JSON.stringify({ Type: 'image', Name: 'x'.repeat(4000) })}\n`
        writeFileSync(log, before) // most of one page; the other is taken
        writeFileSync(`${disk}/other`, 'x')
        const words = [`events=${log}`, eventWords()[1] ?? '']
        const full = await run(world, { words })
        expect(full.monitor.stderr()).toBe(`lichen-monitor: write: ${log}: No space left on device\n`.repeat(2))
        rmSync(`${disk}/other`)
        expect((await run(world, { words })).monitor.stderr()).toBe('')
        const [cut, ...rest] = readFileSync(log, 'utf8').slice(before.length).split('\n')
        expect(cut).toMatch(/^\{"Type":"container","Status":"start"[^}]*$/)
        expect(rest.pop()).toBe('')
        expect(rest.map((line) => (JSON.parse(line) as { Status: string }).Status)).toEqual(['start', 'died'])
      } finally {
        execFileSync('umount', ['-l', disk])
      }
    })

  test('runs the container when events cannot be written, and says so', async () => {
    world.write(world.path('event'), '"Name":"n"')
    const nowhere = [`events=${world.path('no/events')}`, `event_file=${world.path('event')}`]
    const { monitor, exit } = await run(world, { words: nowhere })
    expect(exit[0]).toBe(0)
    const line = `lichen-monitor: write: ${world.path('no/events')}: No such file or directory\n`
    expect(monitor.stderr()).toBe(line.repeat(2))
    const unread = await run(world, { words: [`events=${world.path('events')}`, `event_file=${world.path('none')}`] })
    expect(unread.exit[0]).toBe(0)
    expect(unread.monitor.stderr()).toContain(`read: ${world.path('none')}: No such file or directory`)
  })

  test('writes the pids before the container is said to be created, and leaves the files', async () => {
    mkdirSync(world.path('pids'))
    chownAll(world.path('pids'), user)
    const files = [world.path('pids/container'), world.path('pids/monitor')]
    const monitor = await start(world, { words: [`pidfile=${files[0]}`, `monitor_pidfile=${files[1]}`] })
    await finish(monitor)
    const { containerPid } = readJson(`${monitor.prepared.runDir}/monitor.json`)
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual([String(containerPid), String(monitor.pid)])
    expect(readdirSync(world.path('pids')).sort()).toEqual(['container', 'monitor'])
    expect(statSync(files[0] ?? '').uid).toBe(user.uid)
  })

  test.each(['pidfile', 'monitor_pidfile'])('creates no container when %s cannot be written', async (key) => {
    const monitor = launch(world, prepare(world, { words: [`${key}=${world.path('no/file')}`] }))
    monitor.first.send('g')
    monitor.first.send('s')
    const [step, text] = (await monitor.first.expect('!')).toString().split('\0')
    expect([step, text]).toEqual(['create', `write: ${world.path('no/file')}: No such file or directory`])
    expect((await monitor.exited).code).toBe(1)
    expect(readdirSync(monitor.prepared.runDir)).toEqual(['ctr.log', 'oci.log'])
    expect(await settled(world)).toEqual([])
  })
})
