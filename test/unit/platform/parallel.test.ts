import { expect, test } from 'vitest'
import { mapParallel } from '../../../src/platform/parallel.js'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('mapParallel gives results in order and never runs more than the limit', async () => {
  let running = 0
  let most = 0
  const results = await mapParallel([5, 1, 3, 2, 4], 2, async (item) => {
    most = Math.max(most, ++running)
    for (let n = 0; n < item; n++) await turn()
    running--
    return item * 10
  })
  expect(results).toEqual([50, 10, 30, 20, 40])
  expect(most).toBe(2)
})

test('mapParallel begins nothing more after a failure and throws it when the others have ended', async () => {
  const begun: number[] = []
  let ended = 0
  const work = mapParallel([0, 1, 2, 3], 2, async (item) => {
    begun.push(item)
    await turn()
    if (item === 0) throw new Error('first')
    await turn()
    ended++
  })
  await expect(work).rejects.toThrow('first')
  expect({ begun, ended }).toEqual({ begun: [0, 1], ended: 1 })
})
