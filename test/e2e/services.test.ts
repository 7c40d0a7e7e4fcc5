// Real servers as they are run: PostgreSQL, Redis and nginx as Debian packages them, detached, as their own users, on volumes, watched,
// started again, and replaced by new containers that find their data.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import { hasImage, imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const serviceTest = test.skipIf(!hasImage('services.tar'))
const importServices = (engine: Lichen) => engine.ok('import', '--quiet', imagePath('services.tar'), 'services')
/** podman checks health by systemd's timers, and there is no systemd here. */
const healthFlags = (command: string) =>
  isLichen ? ['--health-cmd', command, '--health-interval', '1s', '--health-retries', '60'] : []
const untilHealthy = (engine: Lichen, name: string) =>
  isLichen ? engine.ok('wait', '--condition', 'healthy', name) : ''
const untilLogged = (engine: Lichen, name: string, text: string, times = 1) =>
  waitFor(`${name} to say "${text}"`, async () => {
    const { stdout, stderr } = await engine('logs', name)
    return `${stdout}${stderr}`.split(text).length > times
  })

serviceTest(
  'PostgreSQL keeps its tables when its container is replaced by another on the same volume',
  async ({ bare }) => {
    await importServices(bare)
    const settings = '-c config_file=/etc/postgresql/15/main/postgresql.conf -c unix_socket_directories=/tmp'
    const server = `exec /usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main ${settings}`
    const run = (name: string) =>
      bare.ok(
        ...['run', '-d', '--name', name, '--network', 'none', '-u', 'postgres', '-v', 'tables:/var/lib/postgresql'],
        ...['--stop-signal', 'INT', ...healthFlags('pg_isready -q -h /tmp'), 'services', 'sh', '-c', server],
      )
    const ask = (name: string, sql: string) => bare.ok('exec', name, 'psql', '-h', '/tmp', '-Atqc', sql)

    await run('first')
    await untilHealthy(bare, 'first')
    await untilLogged(bare, 'first', 'ready to accept connections')
    expect(await bare.ok('exec', 'first', 'id', '-un')).toBe('postgres')
    await ask(
      'first',
      'create table words (word text); insert into words select md5(n::text) from generate_series(1, 50000) n',
    )
    const digest = await ask('first', "select md5(string_agg(word, ',' order by word)) from words")
    await bare.ok('stop', 'first')
    expect(await bare.ok('inspect', '--format', '{{.State.ExitCode}}', 'first')).toBe('0')
    await untilLogged(bare, 'first', 'database system is shut down')
    await bare.ok('rm', 'first')

    await run('second')
    await untilHealthy(bare, 'second')
    await untilLogged(bare, 'second', 'ready to accept connections')
    expect(await ask('second', "select md5(string_agg(word, ',' order by word)) from words")).toBe(digest)
    // killed without a word, as by a power cut: it recovers
    await ask('second', "insert into words values ('last')")
    await bare.ok('kill', 'second')
    await bare.ok('wait', 'second')
    await bare.ok('start', 'second')
    await untilLogged(bare, 'second', 'automatic recovery in progress')
    await untilHealthy(bare, 'second')
    await untilLogged(bare, 'second', 'ready to accept connections', 2)
    expect(await ask('second', "select count(*) from words where word = 'last'")).toBe('1')
    await bare.ok('rm', '--force', 'second')
    await bare.ok('volume', 'rm', 'tables')
  },
)

serviceTest('Redis is started again with its data whenever it ends, until it is stopped', async ({ bare }) => {
  await importServices(bare)
  await bare.ok(
    ...[
      'run',
      '-d',
      '--name',
      'cache',
      '--network',
      'none',
      '-u',
      'redis',
      '-v',
      'keys:/var/lib/redis',
      '--restart',
      'always',
    ],
    ...[...healthFlags('redis-cli ping | grep -q PONG'), 'services'],
    ...['redis-server', '--dir', '/var/lib/redis', '--appendonly', 'yes', '--appendfsync', 'always'],
  )
  const redis = (...words: string[]) => bare('exec', 'cache', 'redis-cli', ...words)
  await untilLogged(bare, 'cache', 'Ready to accept connections')
  await untilHealthy(bare, 'cache')
  expect((await redis('set', 'colour', 'green')).stdout).toBe('OK\n')
  for (const times of [2, 3]) {
    await redis('shutdown')
    await untilLogged(bare, 'cache', 'Ready to accept connections', times)
    expect((await redis('get', 'colour')).stdout).toBe('green\n')
  }
  expect(await bare.ok('inspect', '--format', '{{.RestartCount}} {{.State.Status}}', 'cache')).toBe('2 running')
  await bare.ok('stop', 'cache')
  expect(await bare.ok('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'cache')).toBe('exited 0')
  await bare.ok('rm', 'cache')
  await bare.ok('volume', 'rm', 'keys')
})

serviceTest(
  'nginx serves a directory of the host, drops its rights, and ends when it is asked to',
  async ({ bare }) => {
    await importServices(bare)
    const site = join(bare.directory, 'site')
    mkdirSync(site)
    writeFileSync(join(site, 'index.html'), 'grown without roots\n')
    const settings = 'daemon off; error_log /dev/stderr notice;'
    await bare.ok(
      ...[
        'run',
        '-d',
        '--name',
        'web',
        '--network',
        'none',
        '--read-only',
        '--tmpfs',
        '/var/lib/nginx',
        '--tmpfs',
        '/var/log/nginx',
      ],
      ...['-v', `${site}:/var/www/html:ro`, '--stop-signal', 'QUIT', 'services', 'nginx', '-g', settings],
    )
    await untilLogged(bare, 'web', 'start worker process ')
    const get = `exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`
    expect(await bare.ok('exec', 'web', 'bash', '-c', get)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*grown without roots$/)
    const users = await bare.ok(
      'exec',
      'web',
      'sh',
      '-c',
      'stat -c %U $(grep -l nginx /proc/[0-9]*/comm | sed s,/comm,,)',
    )
    expect(new Set(users.split('\n'))).toEqual(new Set(['root', 'www-data']))
    expect(await bare('exec', 'web', 'touch', '/etc/x')).toMatchObject({ code: 1 })
    await bare.ok('stop', 'web')
    expect(await bare.ok('wait', 'web')).toBe('0')
  },
)
