// `attach`, `create` and `start`: joining a container's streams after the fact. Without a terminal, podman 4.3's attach loses
// output and the exit code, so those tests are lichen's alone.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'

lichenTest('attach prints what comes and ends with the exit code when the container ends', async ({ lichen }) => {
  await lichen.ok('run', '-di', '--name', 'c', 'box', 'sh', '-c', 'read word; echo "<$word>"; echo err >&2; exit 9')
  const result = await lichen.with({ input: 'hello\n' }, 'attach', 'c')
  expect(result).toMatchObject({ code: 9, stdout: '<hello>\n', stderr: 'err\n' })
})

lichenTest('attach gives the same output to each when two are attached', async ({ lichen }) => {
  await lichen.ok('run', '-di', '--name', 'c', 'box', 'sh', '-c', 'while read word; do echo "<$word>"; done')
  const [one, two] = [lichen.start('attach', 'c'), lichen.start('attach', '--no-stdin', 'c')]
  // Whatever was written before an attach is in the log only, so words are repeated until both have shown one.
  const timer = setInterval(() => one.write('again\n'), 50)
  await Promise.all([one.expectOutput(/<again>/), two.expectOutput(/<again>/)]).finally(() => clearInterval(timer))
  one.endInput()
  expect((await one.ended).code).toBe(0)
  expect((await two.ended).code).toBe(0)
})

test('attach fails with 125 when the container is not running', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  expect((await lichen('attach', 'c')).code).toBe(125)
})

test('create prints the id and starts nothing when it is called', async ({ lichen }) => {
  const id = await lichen.ok('create', '--name', 'c', 'box', 'true')
  expect(id).toMatch(/^[0-9a-f]{64}$/)
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('created')
})

test('start prints the name and leaves the container running when nothing is said', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'sleep', '60')
  expect(await lichen.ok('start', 'c')).toBe('c')
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('running')
})

test('start -a prints the output and ends with the exit code when the command ends', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'sh', '-c', 'echo out; exit 3')
  expect(await lichen('start', '-a', 'c')).toMatchObject({ code: 3, stdout: 'out\n' })
})

test('start -ai gives the command its input when the container was made with -i', async ({ lichen }) => {
  await lichen.ok('create', '-i', '--name', 'c', 'box', 'cat')
  expect(await lichen.with({ input: 'through\n' }, 'start', '-ai', 'c')).toMatchObject({ code: 0, stdout: 'through\n' })
})

test('start runs the container again with its files kept when it has ended', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'c', 'box', 'sh', '-c', 'echo x >>/count; wc -l </count')
  expect(await lichen.ok('start', '-a', 'c')).toBe('2')
  expect(await lichen.ok('start', '-a', 'c')).toBe('3')
  expect((await lichen('logs', 'c')).stdout).toBe('1\n2\n3\n')
})

test('start is content when the container runs already', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  expect((await lichen('start', 'c')).code).toBe(0)
})
