// bin/lichen.cjs: V8's code cache is used where it can be trusted, and nothing about it can stop lichen.

import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isRoot, repository } from '../../support/facts.js'
import { runProcess } from '../../support/process.js'

const BUNDLES = ['frequent.cjs', 'lichen.cjs']

let home: string
let dist: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lichen-launcher-'))
  dist = join(home, 'app/dist')
  cpSync(join(repository, 'bin/lichen.cjs'), join(home, 'app/bin/lichen.cjs'))
  for (const bundle of BUNDLES) cpSync(join(repository, 'dist', bundle), join(dist, bundle))
})
afterEach(() => {
  chmodSync(dist, 0o755)
  rmSync(home, { recursive: true })
})

const run = (...words: string[]) =>
  runProcess([process.execPath, join(home, 'app/bin/lichen.cjs'), ...words], {
    env: { HOME: home, XDG_CACHE_HOME: undefined },
  })
const caches = (dir: string) => readdirSync(dir).filter((name) => name.endsWith('.cache'))
const inode = (dir: string) => statSync(join(dir, caches(dir)[0] ?? '')).ino

test('lichen keeps one cache beside the bundle and uses it again', async () => {
  expect(await run('--version')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^lichen version \d/),
    stderr: '',
  })
  expect(caches(dist)).toHaveLength(1)
  const first = inode(dist)
  await run('--version')
  expect(inode(dist)).toBe(first)
  expect(readdirSync(dist).sort()).toEqual([...BUNDLES, ...caches(dist)].sort())
})

test('lichen keeps a cache for each frequent command, and none of a run that failed', async () => {
  await run('ps', '--help')
  await run('images', '--help')
  await run('run', '--bogus')
  expect(
    caches(dist)
      .map((name) => name.replace(/.*-/, ''))
      .sort(),
  ).toEqual(['images.cache', 'ps.cache'])
})

test('lichen replaces the cache of an older bundle', async () => {
  await run('--version')
  const [old] = caches(dist)
  writeFileSync(join(dist, 'lichen.cjs'), `${readFileSync(join(dist, 'lichen.cjs'), 'latin1')}\n`, 'latin1')
  await run('--version')
  expect(caches(dist)).toHaveLength(1)
  expect(caches(dist)).not.toEqual([old])
})

test('lichen works with a damaged cache and writes it anew', async () => {
  await run('--version')
  const [name = ''] = caches(dist)
  const sound = readFileSync(join(dist, name))
  for (const damaged of [sound.subarray(0, 100), Buffer.alloc(0), Buffer.alloc(sound.length, 0xff)]) {
    writeFileSync(join(dist, name), damaged)
    expect(await run('--version')).toMatchObject({ code: 0, stderr: '' })
    expect(statSync(join(dist, name)).size).toBeGreaterThan(1000)
  }
})

test('lichen does not read a cache that others can write, nor one behind a link', async () => {
  await run('--version')
  const [name = ''] = caches(dist)
  chmodSync(join(dist, name), 0o666)
  const before = inode(dist)
  expect(await run('--version')).toMatchObject({ code: 0 })
  expect(inode(dist)).not.toBe(before)
  cpSync(join(dist, name), join(home, 'elsewhere'))
  rmSync(join(dist, name))
  symlinkSync(join(home, 'elsewhere'), join(dist, name))
  expect(await run('--version')).toMatchObject({ code: 0 })
  expect(statSync(join(dist, name)).ino).not.toBe(statSync(join(home, 'elsewhere')).ino)
})

test('lichen writes no cache into a directory that others can write', async () => {
  chmodSync(dist, 0o777)
  mkdirSync(join(home, '.cache/lichen'), { recursive: true })
  chmodSync(join(home, '.cache/lichen'), 0o777)
  expect(await run('--version')).toMatchObject({ code: 0 })
  expect([caches(dist), caches(join(home, '.cache/lichen'))]).toEqual([[], []])
})

const userTest = isRoot ? () => {} : test
userTest('lichen keeps a cache of the user where the bundle is not the user’s', async () => {
  chmodSync(dist, 0o555)
  await run('--version')
  const own = join(home, '.cache/lichen')
  expect(caches(dist)).toEqual([])
  expect(caches(own)).toHaveLength(1)
  expect(statSync(own).mode & 0o777).toBe(0o700)
  const first = inode(own)
  await run('--version')
  expect(inode(own)).toBe(first)
})

test('lichen starts the whole program where a frequent word is not the command', async () => {
  for (const words of [
    ['image', 'inspect'],
    ['manifest', 'create'],
    ['pull', '--quiet', 'run'],
  ])
    expect(await run(...words, '--help')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\w/), stderr: '' })
})

test('lichen says what to do when it is not built', async () => {
  for (const bundle of BUNDLES) rmSync(join(dist, bundle))
  expect(await run('ps')).toMatchObject({
    code: 125,
    stdout: '',
    stderr: expect.stringMatching(/^Error: start lichen: .*: ENOENT\nHint: /),
  })
})
