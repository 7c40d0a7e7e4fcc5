// mon: a container from spec to exit, as each user (PROTOCOL.md, What it does, Files).

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eachWorld, finish, launch, run, start } from './monitor-client.js'
import { settled } from './processes.js'
import { chownAll, prepare, readJson, users, type World, withoutPidNamespace, wrapCrun } from './support.js'

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/

describe.each(users)('mon as $name', (user) => {
  let world: World
  eachWorld(user, (made) => {
    world = made
  })

  test('runs a command to its end and leaves nothing behind', async () => {
    const { monitor, exit } = await run(world, { argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })
    expect(exit.slice(0, 2)).toEqual([7, 0])
    expect(monitor.first.text('o')).toBe('out\n')
    expect(monitor.first.text('E')).toBe('err\n')
    expect(monitor.first.frames.map((one) => one.type).join('')).toMatch(/^mcr[oE]+x$/)
    expect(await settled(world)).toEqual([])
    expect(await monitor.exited).toEqual({ code: 0, signal: null })
    expect(monitor.stderr()).toBe('')
    expect(readdirSync(monitor.prepared.runDir).sort()).toEqual([
      'ctr.log',
      'exit.json',
      'monitor.json',
      'oci.log',
      'pid',
    ])
  })

  test('reports a death by signal as 128 + signal', async () => {
    const { monitor, exit } = await run(world, { argv: ['sh', '-c', 'kill -9 $$'], config: withoutPidNamespace })
    expect(exit.slice(0, 2)).toEqual([137, 9])
    expect(readJson(`${monitor.prepared.runDir}/exit.json`)).toMatchObject({ exitCode: 137, signal: 9 })
  })

  test('writes monitor.json and exit.json as the contract says', async () => {
    const monitor = await start(world, { argv: ['sleep', '100'] })
    const [monitorPid, containerPid] = (await monitor.first.expect('c')).toString().split(' ').map(Number)
    const living = readJson(`${monitor.prepared.runDir}/monitor.json`)
    expect(living).toEqual({
      schema: 1,
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      monitorPid: monitor.pid,
      monitorStart: startTime(monitor.pid),
      containerPid,
      containerStart: startTime(containerPid ?? 0),
      startedAt: expect.stringMatching(rfc3339),
      ...(user.root ? { cgroup: expect.stringMatching(`/${monitor.prepared.id}$`) } : {}),
    })
    expect(monitorPid).toBe(monitor.pid)
    expect(statSync(`${monitor.prepared.runDir}/monitor.json`).mode & 0o777).toBe(0o600)
    monitor.first.send('k', '9')
    await finish(monitor)
    const report = readJson(`${monitor.prepared.runDir}/exit.json`)
    expect(report).toEqual({
      schema: 1,
      exitCode: 137,
      signal: 9,
      oomKilled: report.oomKilled,
      finishedAt: expect.stringMatching(rfc3339),
    })
    expect(String(report.finishedAt) > String(living.startedAt)).toBe(true)
  })

  test('has no startedAt before start', async () => {
    const monitor = launch(world, prepare(world))
    await monitor.first.expect('m')
    monitor.first.send('g')
    await monitor.first.expect('c')
    expect(readJson(`${monitor.prepared.runDir}/monitor.json`)).not.toHaveProperty('startedAt')
    monitor.first.send('s')
    await finish(monitor)
  })

  test('takes go and start said before they are asked for', async () => {
    const monitor = launch(world, prepare(world))
    monitor.first.send('g')
    monitor.first.send('s')
    expect((await finish(monitor)).slice(0, 2)).toEqual([0, 0])
  })

  test('sends the read files, each with its length, and tells which are missing', async () => {
    world.write(world.path('layers/a/etc/empty'), '')
    const monitor = launch(
      world,
      prepare(world, { words: ['read=/etc/passwd', 'read=/nowhere/x', 'read=/etc/empty', 'read=/etc'] }),
    )
    const payload = await monitor.first.expect('m')
    const passwd = readFileSync(world.path('layers/a/etc/passwd'))
    expect(payload.readUInt32LE(0)).toBe(passwd.length)
    expect(payload.subarray(4, 4 + passwd.length)).toEqual(passwd)
    const rest = payload.subarray(4 + passwd.length)
    expect([rest.readUInt32LE(0), rest.readUInt32LE(4), rest.readUInt32LE(8), rest.length]).toEqual([
      0xffffffff, 0, 0xffffffff, 12,
    ])
  })

  test('resolves read files inside the rootfs, never through a link out of it', async () => {
    world.write(world.path('secret'), 'host secret')
    world.write(world.path('layers/a/secret-inside'), 'inside')
    symlinkSync(world.path('secret'), world.path('layers/a/etc/out'))
    symlinkSync('../../../../../secret-inside', world.path('layers/a/etc/up'))
    symlinkSync('loop', world.path('layers/a/etc/loop'))
    symlinkSync('/proc/self/root/etc/passwd', world.path('layers/a/etc/magic'))
    const monitor = launch(
      world,
      prepare(world, { words: ['read=/etc/out', 'read=/etc/up', 'read=/etc/loop', 'read=/etc/magic'] }),
    )
    const payload = await monitor.first.expect('m')
    expect(payload.readUInt32LE(0)).toBe(0xffffffff)
    expect(payload.subarray(4, 14).toString('latin1')).toBe('\x06\0\0\0inside')
    expect(payload.subarray(14)).toEqual(Buffer.alloc(8, 0xff))
  })

  test('sends read files larger than a socket buffer, and refuses one over 1 MiB', async () => {
    const words = ['read=/big', 'read=/big', 'read=/big']
    world.write(world.path('layers/a/big'), 'x'.repeat(1 << 20))
    const monitor = launch(world, prepare(world, { words }))
    expect((await monitor.first.expect('m')).length).toBe(3 * (4 + (1 << 20)))
    monitor.first.socket.destroy()
    await monitor.exited
    world.write(world.path('layers/a/big'), 'x'.repeat((1 << 20) + 1))
    const refused = launch(world, prepare(world, { words }))
    expect((await refused.first.expect('!')).toString()).toBe('rootfs\0read: /big: larger than 1 MiB')
    expect((await refused.exited).code).toBe(1)
  })

  test('writes the k8s-file log with both streams, whole and partial lines', async () => {
    const { monitor } = await run(world, {
      argv: ['sh', '-c', 'echo one; echo two >&2; printf part; usleep 100000; echo ial; printf end'],
    })
    const lines = readFileSync(monitor.prepared.log, 'utf8').trimEnd().split('\n')
    const parsed = lines.map((line) => /^(\S+) (stdout|stderr) ([FP]) (.*)$/.exec(line)?.slice(1) ?? [])
    for (const [time] of parsed) expect(time).toMatch(rfc3339)
    const of = (stream: string): string[] =>
      parsed.filter((one) => one[1] === stream).map((one) => `${one[2]} ${one[3]}`)
    expect(of('stdout')).toEqual(['F one', 'P part', 'F ial', 'P end'])
    expect(of('stderr')).toEqual(['F two'])
  })

  test('keeps no log when the path is empty, and gives no output to an unattached first client', async () => {
    const { monitor, exit } = await run(world, {
      argv: ['sh', '-c', 'seq 1 20000; exit 3'],
      attach: false,
      words: ['log='],
    })
    expect(exit[0]).toBe(3)
    expect(monitor.first.frames.map((one) => one.type).join('')).toBe('mcrx')
    expect(existsSync(monitor.prepared.log)).toBe(false)
  })

  test('gives /dev/null for stdin when it is not kept', async () => {
    const { monitor } = await run(world, { argv: ['sh', '-c', 'cat; ls -l /proc/self/fd/0'] })
    expect(monitor.first.text()).toContain('/dev/null')
  })

  test('lets an unprivileged process of the container reopen its output', async () => {
    if (user.root || user.subuid !== undefined) {
      const asMe = (config: { process: { user: { uid: number; gid: number } } }): void => {
        config.process.user = { uid: 1000, gid: 1000 }
      }
      const { monitor } = await run(world, { argv: ['sh', '-c', 'echo again > /proc/self/fd/1; id -u'], config: asMe })
      expect(monitor.first.text()).toBe('again\n1000\n')
    }
  })

  test('reports a missing command from the runtime log and leaves only oci.log', async () => {
    const monitor = launch(world, prepare(world, { argv: ['/no/such'] }))
    await monitor.first.expect('m')
    monitor.first.send('g')
    const [step, text = ''] = (await monitor.first.expect('!')).toString().split('\0')
    expect(step).toBe('create')
    expect(JSON.parse(text.trim().split('\n')[0] ?? '')).toMatchObject({
      msg: expect.stringContaining('No such file or directory'),
    })
    expect((await monitor.exited).code).toBe(1)
    expect(readdirSync(monitor.prepared.runDir)).toEqual(['ctr.log', 'oci.log'])
    expect(await settled(world)).toEqual([])
  })

  test('sends what the runtime logged after start as l, and nothing from before', async () => {
    const runtime = wrapCrun(world, 'echo "$verb" >> "$log"; [ "$verb" = start ] && seq 1 3000 >> "$log"')
    const { monitor } = await run(world, { argv: ['sleep', '0.1'], runtime })
    const logged = (await monitor.first.expect('l')).toString()
    expect(logged).toMatch(/\n2999\n3000\n$/)
    expect(logged.length).toBeLessThanOrEqual(4096)
    expect(logged).not.toContain('create')
  })

  test('sends no l when the runtime logged nothing', async () => {
    const { monitor } = await run(world)
    expect(monitor.first.frames.map((one) => one.type)).not.toContain('l')
  })

  test.each(['/no/such/runtime', '/etc/passwd'])('says that the runtime %s cannot be run', async (runtime) => {
    const monitor = launch(world, prepare(world, { runtime }))
    await monitor.first.expect('m')
    monitor.first.send('g')
    const said = (await monitor.first.expect('!')).toString()
    expect(said).toBe(
      runtime === '/etc/passwd' ? 'create\0runtime: /etc/passwd: Permission denied' : 'create\0runtime: not found',
    )
    expect((await monitor.exited).code).toBe(1)
    expect(await settled(world)).toEqual([])
  })

  test('says how the runtime ended when it logged nothing', async () => {
    const monitor = launch(world, prepare(world, { runtime: '/bin/false' }))
    monitor.first.send('g')
    expect((await monitor.first.expect('!')).toString()).toBe('create\0runtime: exit 1')
    await monitor.exited
    expect(monitor.stderr()).toContain(`lichen-monitor: create: ${monitor.prepared.id}: runtime: exit 1`)
  })

  test('lets only one of two monitors have a container', async () => {
    const monitor = await start(world, { argv: ['sleep', '100'] })
    const second = launch(world, monitor.prepared)
    expect((await second.first.expect('!')).toString()).toMatch(/^busy\0lock: .*: Resource temporarily unavailable$/)
    expect((await second.exited).code).toBe(1)
    expect(readJson(`${monitor.prepared.runDir}/monitor.json`)).toMatchObject({ monitorPid: monitor.pid })
    monitor.first.send('k', '9')
    expect((await finish(monitor)).slice(0, 2)).toEqual([137, 9])
    expect(await settled(world)).toEqual([])
  })

  test('removes the container at its end when told so', async () => {
    mkdirSync(world.path('names'))
    world.write(world.path('names/x'), 'id')
    const prepared = prepare(world, { argv: ['sh', '-c', 'mkdir /d; touch /d/f; echo hi > /root/f; exit 4'] })
    const dir = world.path(prepared.id)
    const words = [
      ...prepared.words,
      `remove_dir=${dir}`,
      `remove_to=${world.path('trash')}`,
      `remove_names=${world.path('names')}`,
    ]
    world.write(world.path(prepared.id, 'name'), 'x\n')
    world.write(prepared.specPath, words.map((word) => `${word}\0`).join(''))
    chownAll(world.path('names'), user)
    const monitor = launch(world, prepared)
    monitor.first.send('g')
    monitor.first.send('s')
    expect((await monitor.first.expect('x')).toString()).toMatch(/^4 0 /)
    expect([existsSync(dir), existsSync(world.path('names/x'))]).toEqual([false, false])
    expect(await monitor.exited).toEqual({ code: 0, signal: null })
    expect(existsSync(world.path('trash'))).toBe(false)
    expect(monitor.stderr()).toBe('')
    expect(await settled(world)).toEqual([])
  })

  test('starts a container again on the upper of a volatile one', async () => {
    const prepared = prepare(world, { argv: ['sh', '-c', 'echo kept >> /root/f; cat /root/f'], words: ['volatile=1'] })
    for (const expected of ['kept\n', 'kept\nkept\n']) {
      const monitor = launch(world, prepared)
      monitor.first.send('g')
      monitor.first.send('s')
      await finish(monitor)
      expect(monitor.first.text()).toBe(expected)
      expect(monitor.stderr()).toBe('')
    }
  })

  test('stacks lower layers topmost first', async () => {
    mkdirSync(world.path('layers/b/etc'), { recursive: true })
    world.write(world.path('layers/b/etc/passwd'), 'top')
    const { monitor } = await run(world, { argv: ['cat', '/etc/passwd'], words: ['lower=b', 'lower=a'] })
    expect(monitor.first.text()).toBe('top')
  })

  test('gives the upper to its owner in the namespace', async () => {
    if (!user.root && user.subuid === undefined) return
    const { monitor } = await run(world, { argv: ['true'], words: ['upper_owner=7:8'] })
    const upper = statSync(world.path(monitor.prepared.id, 'upper'))
    const shift = user.root ? 0 : (user.subuid ?? 0) - 1
    expect([upper.uid, upper.gid]).toEqual([7 + shift, 8 + shift])
  })

  test('uses paths with commas, colons and backslashes', async () => {
    const odd = world.path('a,b:c\\d')
    mkdirSync(odd)
    for (const name of ['upper', 'work', 'merged']) mkdirSync(`${odd}/${name}`)
    chownAll(odd, user)
    const config = (oci: Record<string, unknown>): void => {
      oci.root = { path: `${odd}/merged` }
    }
    await run(world, {
      argv: ['touch', '/here'],
      words: [`upper=${odd}/upper`, `work=${odd}/work`, `merged=${odd}/merged`],
      config,
    })
    expect(existsSync(`${odd}/upper/here`)).toBe(true)
  })

  test('kills what a container without a pid namespace leaves running', async () => {
    const { monitor } = await run(world, {
      argv: ['sh', '-c', 'sleep 4747 & (sleep 4848 &) ; exit 0'],
      config: withoutPidNamespace,
    })
    await monitor.exited
    expect(
      readdirSync('/proc')
        .filter((pid) => /^\d+$/.test(pid))
        .map(commandLine)
        .filter((line) => /^sleep 4[78]4[78] $/.test(line)),
    ).toEqual([])
    expect(await settled(world)).toEqual([])
  })

  test('runs at most as long as its container when the caller ignores signals', async () => {
    // As under systemd (SIGPIPE) or nohup (SIGHUP): the container must start with defaults.
    const { monitor } = await run(world, {
      argv: ['sh', '-c', 'grep -E "Sig(Ign|Blk)" /proc/self/status || cat /proc/self/status'],
    })
    const masks = [...monitor.first.text().matchAll(/^Sig(?:Ign|Blk):\s*([0-9a-f]+)$/gm)].map((match) => match[1])
    expect(masks).toEqual(['0000000000000000', '0000000000000000'])
  })
})

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function startTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
}
