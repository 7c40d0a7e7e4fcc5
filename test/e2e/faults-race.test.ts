// The same verb on the same container at once, and verbs that contradict each other: exactly one wins, the others say so or agree.

import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import type { ProcessResult } from '../support/process.js'

const IN_USE = /^Error: [^\n]*"c" is already in use[^\n]*\nHint: [^\n]+\n$/

function atOnce(count: number, run: () => Promise<ProcessResult>): Promise<ProcessResult[]> {
  return Promise.all(Array.from({ length: count }, run))
}

lichenTest('exactly one wins when ten run with the same name at once', async ({ lichen }) => {
  const results = await atOnce(10, () => lichen('run', '-d', '--name', 'c', 'box', 'sleep', '60'))
  const lost = results.filter(({ code }) => code !== 0)
  expect(lost).toHaveLength(9)
  for (const { code, stderr } of lost)
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(IN_USE) })
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.State}}')).toBe('c running')
})

lichenTest('starting, stopping and removing do what one does when several do it at once', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'sleep', '60')
  const started = await atOnce(3, () => lichen('start', 'c'))
  expect(started.some(({ code }) => code === 0)).toBe(true)
  for (const { code, stderr } of started)
    if (code !== 0) expect(stderr).toMatch(/^Error: [^\n]*(already|another process)[^\n]*\n/)
  expect(await lichen.ok('ps', '--format', '{{.Names}}')).toBe('c')
  expect((await atOnce(3, () => lichen('stop', '-t', '0', 'c'))).map(({ code }) => code)).toEqual([0, 0, 0])
  const removed = await atOnce(3, () => lichen('rm', 'c'))
  expect(removed.some(({ code }) => code === 0)).toBe(true)
  for (const { code } of removed) expect([0, 1]).toContain(code) // 1: no such container any more
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  expect((await atOnce(3, () => lichen('rm', '-f', '-t', '0', 'c'))).map(({ code }) => code)).toEqual([0, 0, 0])
})

lichenTest(
  'run ends and nothing stays when the container is removed by force at any moment of it',
  async ({ lichen }) => {
    for (let afterMs = 40; afterMs <= 200; afterMs += 20) {
      const running = lichen.start('run', '--name', 'c', 'box', 'sleep', '0.3')
      const removed = new Promise<ProcessResult>((resolve, reject) => {
        setTimeout(() => void lichen('rm', '-f', '-t', '0', 'c').then(resolve, reject), afterMs)
      })
      expect((await removed).code, `after ${afterMs} ms`).toBe(0)
      const { code, stderr } = await running.ended
      expect([0, 125, 137], `after ${afterMs} ms`).toContain(code)
      if (code === 125) expect(stderr, `after ${afterMs} ms`).toMatch(/^Error: [^\n]+\n(Hint: [^\n]+\n)?$/)
      await lichen.ok('rm', '-f', 'c')
      expect(await lichen.ok('ps', '-aq'), `after ${afterMs} ms`).toBe('')
    }
  },
)
