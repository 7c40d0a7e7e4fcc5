// mon: containers with a terminal (PROTOCOL.md: tty, frames w, e, o). The runtime makes the terminal and sends it here.

import { createHash } from 'node:crypto'
import { chownSync, mkdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { eachWorld, finish, launch, run, start } from './monitor-client.js'
import { settled } from './processes.js'
import { prepare, users, type World, wrapCrun } from './support.js'

describe.each(users)('mon with a terminal as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  test('gives a terminal with one output and carriage returns', async () => {
    const { monitor, exit } = await run(world, { tty: true, argv: ['sh', '-c', 'tty; echo err >&2; exit 3'] })
    expect(exit.slice(0, 2)).toEqual([3, 0])
    expect(monitor.first.text()).toBe('/dev/pts/0\r\nerr\r\n')
    expect(monitor.first.frames.some((one) => one.type === 'E')).toBe(false)
    expect(await settled(world)).toEqual([])
  })

  test('sets the window size whether it was said before or after the start', async () => {
    const argv = ['sh', '-c', 'trap "stty size" WINCH; stty size; while :; do sleep 0.02; done']
    const monitor = launch(world, prepare(world, { tty: true, argv }))
    monitor.first.send('w', '33 101')
    monitor.first.send('g')
    monitor.first.send('s')
    await monitor.first.untilText('33 101')
    monitor.first.send('w', '12 34')
    await monitor.first.untilText('12 34')
    monitor.first.send('k', '9')
    await finish(monitor)
  })

  test('takes typing, echoes, and turns ^C into a signal of the container', async () => {
    const monitor = await start(world, {
      tty: true,
      stdin: true,
      argv: ['sh', '-c', 'read a; echo "got $a"; trap "exit 42" INT; while :; do sleep 0.02; done'],
    })
    monitor.first.send('i', 'word\r')
    await monitor.first.untilText('got word')
    await sleep(100)
    monitor.first.send('i', '\u0003')
    expect((await finish(monitor))[0]).toBe(42)
    expect(monitor.first.text()).toMatch(/^word\r\ngot word\r\n/)
  })

  test('ends the input of a reader with ^D', async () => {
    const monitor = await start(world, {
      tty: true,
      stdin: true,
      argv: ['sh', '-c', 'stty -echo; echo ready; cat; echo end'],
    })
    await monitor.first.untilText('ready')
    monitor.first.send('i', 'line\n')
    monitor.first.send('e')
    expect((await finish(monitor))[0]).toBe(0)
    expect(monitor.first.text()).toBe('ready\r\nline\r\nend\r\n')
  })

  test('throws typing away when stdin is not kept', async () => {
    const monitor = await start(world, { tty: true, argv: ['sh', '-c', 'echo ready; read -t 1 a; echo "got <$a>"'] })
    await monitor.first.untilText('ready')
    monitor.first.send('i', 'word\r')
    await finish(monitor)
    expect(monitor.first.text()).toContain('got <>')
  })

  test('loses nothing of the last output, however often', async () => {
    for (let round = 0; round < 15; round++) {
      const { monitor } = await run(world, { tty: true, argv: ['sh', '-c', 'seq 1 3000; echo the end'] })
      const lines = monitor.first.text().split('\r\n')
      expect([lines.length, lines.at(-2)]).toEqual([3002, 'the end'])
    }
  })

  test('takes 2 MiB of input through a raw terminal unchanged', async () => {
    const size = 2 << 20
    const monitor = await start(world, {
      tty: true,
      stdin: true,
      argv: ['sh', '-c', `stty raw -echo; echo ready; head -c ${size} | md5sum`],
    })
    await monitor.first.untilText('ready')
    const data = Buffer.alloc(size, 'binary\0\u0003\u0004\r\n')
    for (let at = 0; at < size; at += 65536) monitor.first.send('i', data.subarray(at, at + 65536))
    await finish(monitor)
    expect(monitor.first.text()).toContain(createHash('md5').update(data).digest('hex'))
  })

  test('goes on when the container closes its terminal and opens it again', async () => {
    const argv = ['sh', '-c', 'echo first; exec <&- >&- 2>&-; sleep 0.3; echo second > /dev/pts/0; sleep 1.5; exit 4']
    const monitor = await start(world, { tty: true, argv })
    await monitor.first.untilText('second')
    const before = cpuTicks(monitor.pid)
    expect((await finish(monitor))[0]).toBe(4)
    expect(before).toBeLessThan(20) // a hung-up terminal must not be polled in a circle
  })

  test('fails, and does not hang, when create fails before the terminal came', async () => {
    const monitor = launch(world, prepare(world, { tty: true, argv: ['/no/such'] }))
    monitor.first.send('g')
    expect((await monitor.first.expect('!')).toString()).toMatch(/^create\0/)
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('says so when the runtime sent no terminal', async () => {
    const config = (oci: { process: { terminal: boolean } }): void => {
      oci.process.terminal = false
    }
    const monitor = launch(world, prepare(world, { tty: true, argv: ['sleep', '100'], config }))
    monitor.first.send('g')
    expect((await monitor.first.expect('!')).toString()).toMatch(/^create\0/)
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('works with a run directory whose path is longer than sun_path', async () => {
    const runtime = wrapCrun(world, ':')
    const long = world.path('r'.repeat(120))
    mkdirSync(long)
    chownSync(long, user.uid, user.gid)
    const { monitor } = await run(world, { tty: true, argv: ['tty'], runtime, words: [`run_dir=${long}`] })
    expect(monitor.first.text()).toBe('/dev/pts/0\r\n')
  })
})

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
