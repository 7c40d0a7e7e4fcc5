// Which containers a verb is for: names, --all, --latest, --filter, --cidfile, --ignore, and what happens when one of them is not there.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'

const SLEEPER = ['--stop-timeout', '0', 'box', 'sleep', '1000']

/** `name status` of every container, by name. */
async function states(lichen: Lichen): Promise<string> {
  const lines = await lichen.ok('ps', '-a', '--sort', 'names', '--format', '{{.Names}} {{.Status}}')
  return lines.replaceAll(/(Up|Exited|Created)[^\n]*/g, '$1').replaceAll('\n', ', ')
}

test('stop, kill, start and rm do nothing at all when one of the names means nothing', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'a', ...SLEEPER)
  for (const [verb, code] of [
    ['stop', 125],
    ['kill', 125],
    ['restart', 125],
    ['rm', 1],
  ] as const) {
    const result = await lichen(verb, 'a', 'stranger')
    expect([verb, result.code, result.stdout]).toEqual([verb, code, ''])
    expect(result.stderr).toContain('stranger')
  }
  expect(await states(lichen)).toBe('a Up')
  expect(await lichen('rm', '--ignore', 'stranger')).toMatchObject({ code: 0, stdout: '' })
  expect(await lichen('stop', '--ignore', 'stranger', 'a')).toMatchObject({ code: 0, stdout: 'a\n' })
  expect((await lichen('start', 'a', 'stranger')).code).toBe(125)
  expect(await states(lichen)).toBe('a Exited')
})

test('a verb over several goes on and fails when one of them is in the wrong state', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'a', ...SLEEPER)
  await lichen.ok('create', '--name', 'b', ...SLEEPER)
  const killed = await lichen('kill', 'b', 'a')
  expect([killed.code, killed.stdout]).toEqual([125, 'a\n'])
  await lichen.ok('wait', 'a')
  await lichen.ok('start', 'b')
  const removed = await lichen('rm', 'b', 'a')
  expect([removed.code, removed.stdout]).toEqual([2, 'a\n'])
})

test('--all, --latest, --filter and --cidfile choose containers and answer with their ids', async ({ lichen }) => {
  const [a = '', b = '', c = ''] = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => await lichen.ok('create', '--name', name, '--label', `is=${name}`, ...SLEEPER)),
  )
  const newest = await lichen.ok('create', '--name', 'd', ...SLEEPER)
  expect((await lichen.ok('start', '--all')).split('\n').sort()).toEqual([a, b, c, newest].sort())
  expect(await lichen.ok('stop', '--filter', 'label=is=a')).toBe(a)
  expect(await lichen.ok('stop', '--filter', 'label=is=nobody')).toBe('')
  expect(await lichen.ok('stop', '--latest')).toBe(newest)
  const file = join(lichen.directory, 'id')
  writeFileSync(file, `${b}\nmore\n`)
  expect(await lichen.ok('kill', '--cidfile', file)).not.toBe('')
  await lichen.ok('wait', 'b')
  expect(await states(lichen)).toBe('a Exited, b Exited, c Up, d Exited')
  expect(await lichen.ok('stop', '--all')).toContain(c)
  expect(await lichen.ok('rm', '--filter', 'name=^[ab]$', '--filter', 'status=exited')).toMatch(/^[0-9a-f\n]+$/)
  expect(await states(lichen)).toBe('c Exited, d Exited')
  expect((await lichen.ok('rm', '-a')).split('\n')).toHaveLength(2)
})

test('a verb fails with 125 and does nothing when it is told of containers in two ways, or in none', async ({
  lichen,
}) => {
  await lichen.ok('run', '-d', '--name', 'a', ...SLEEPER)
  const file = join(lichen.directory, 'id')
  writeFileSync(file, 'a\n')
  for (const words of [
    ['stop'],
    ['stop', '--all', 'a'],
    ['stop', '--all', '--latest'],
    ['stop', '--latest', 'a'],
    ['stop', '--filter', 'label=x', 'a'],
    ['stop', '--filter', 'colour=green'],
    ['stop', '--filter', 'label'],
    ['kill', '--cidfile', file, '--all'],
    ['kill', '--cidfile', file, 'a'],
    ['kill', '--cidfile', join(lichen.directory, 'none')],
    ['rm', '--all', 'a'],
    ['rm'],
    ['restart'],
    ['restart', '--all', '--latest'],
    ['init'],
    ['attach'],
    ['attach', '--latest', 'a'],
    ['wait'],
    ['wait', '--latest', 'a'],
    ['container', 'cleanup'],
    ['start', '--all', 'a'],
    ['start', '--attach', 'a', 'b'],
  ])
    expect([words, (await lichen(...words)).code]).toEqual([words, 125])
  expect(await states(lichen)).toBe('a Up')
})
