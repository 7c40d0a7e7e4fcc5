import { expect, test } from 'vitest'
import { createTurns } from '../../../src/platform/turns.js'

test('createTurns() lets only so many go at once, the others in the order they came', async () => {
  const turns = createTurns(2)
  const order: string[] = []
  const enter = async (name: string) => {
    const giveBack = await turns.take()
    order.push(name)
    return giveBack
  }
  const [first, second] = await Promise.all([enter('a'), enter('b')])
  const waiting = [enter('c'), enter('d')]
  await Promise.resolve()
  expect(order).toEqual(['a', 'b'])
  second()
  const third = await waiting[0]
  expect(order).toEqual(['a', 'b', 'c'])
  first()
  third?.()
  ;(await waiting[1])?.()
  expect(order).toEqual(['a', 'b', 'c', 'd'])
})
