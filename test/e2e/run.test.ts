// `run` in the foreground: output, input and exit codes, exactly.

import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'

test('run keeps output and error output apart when the command writes both', async ({ lichen }) => {
  const result = await lichen('run', '--rm', 'box', 'sh', '-c', 'echo out; echo err >&2')
  expect(result).toMatchObject({ code: 0, stdout: 'out\n', stderr: 'err\n' })
})

test("run ends with the command's exit code when it fails", async ({ lichen }) => {
  expect(await lichen('run', '--rm', 'box', 'sh', '-c', 'exit 42')).toMatchObject({ code: 42, stdout: '', stderr: '' })
})

test('run ends with 128+n when the command is killed by signal n', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '--init', 'box', 'sh', '-c', 'kill -TERM $$')
  expect(result.code).toBe(143)
})

test('run ends with 127 and names the command when there is no such command', async ({ lichen }) => {
  const result = await lichen('run', '--rm', 'box', 'no-such-command')
  expect(result.code).toBe(127)
  expect(result.stderr).toContain('no-such-command')
})

test('run ends with 127 when the path of the command does not exist', async ({ lichen }) => {
  expect((await lichen('run', '--rm', 'box', '/no/such/command')).code).toBe(127)
})

test('run ends with 126 and names the file when it is not executable', async ({ lichen }) => {
  const result = await lichen('run', '--rm', 'box', '/etc/passwd')
  expect(result.code).toBe(126)
  expect(result.stderr).toContain(isLichen ? '/etc/passwd' : 'ermission denied')
})

test('run ends with 126 when the command is a directory', async ({ lichen }) => {
  expect((await lichen('run', '--rm', 'box', '/etc')).code).toBe(126)
})

test('run ends with 125 when a flag is unknown', async ({ lichen }) => {
  const result = await lichen('run', '--no-such-flag', 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('--no-such-flag')
})

test('run ends with 125 and names the image when there is no such image', async ({ lichen }) => {
  const result = await lichen('run', '--rm', 'localhost:1/no-such-image', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('localhost:1/no-such-image')
})

lichenTest('run ends with 125 and repeats the reference when it is malformed', async ({ lichen }) => {
  const result = await lichen('run', '--rm', 'Bad//Name', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('Bad//Name')
})

test('run ends with 125 when neither the image nor the user says a command', async ({ lichen }) => {
  const result = await lichen('run', '--rm', 'box')
  expect(result.code).toBe(125)
  expect(result.stderr).toMatch(/command/)
})

lichenTest('run prints one error line and a hint when there is no such image', async ({ lichen }) => {
  const { stderr } = await lichen('run', '--rm', 'localhost:1/no-such-image', 'true')
  expect(stderr).toMatch(/^Error: [^\n]+\n(Hint: [^\n]+\n)?$/)
})

test('run passes flags after the image on when they look like its own', async ({ lichen }) => {
  const result = await lichen('run', '--rm', 'box', 'echo', '--rm', '-it', '--name=x')
  expect(result.stdout).toBe('--rm -it --name=x\n')
})

test('run -i gives the command its input and its end when input is a pipe', async ({ lichen }) => {
  const result = await lichen.with({ input: 'one\ntwo\n' }, 'run', '--rm', '-i', 'box', 'sh', '-c', 'cat; echo end')
  expect(result).toMatchObject({ code: 0, stdout: 'one\ntwo\nend\n' })
})

test('run keeps its input to itself when -i is not given', async ({ lichen }) => {
  const result = await lichen.with({ input: 'one\n' }, 'run', '--rm', 'box', 'cat')
  expect(result).toMatchObject({ code: 0, stdout: '' })
})

test('run -i ends when the command ends without reading its input', async ({ lichen }) => {
  const running = lichen.start('run', '--rm', '-i', 'box', 'echo', 'done')
  expect(await running.ended).toMatchObject({ code: 0, stdout: 'done\n' })
})

test('run -i passes bytes unchanged both ways when they are binary', async ({ lichen }) => {
  const input = randomBytes(3_000_000)
  const result = await lichen.with({ input }, 'run', '--rm', '-i', 'box', 'cat')
  expect(result.code).toBe(0)
  expect(sha256(result.stdoutBytes)).toBe(sha256(input))
})

test('run -i answers line by line when input stays open', async ({ lichen }) => {
  const running = lichen.start('run', '--rm', '-i', 'box', 'sh', '-c', 'while read word; do echo "<$word>"; done')
  running.write('one\n')
  await running.expectOutput(/<one>/)
  running.write('two\n')
  await running.expectOutput(/<two>/)
  running.endInput()
  expect(await running.ended).toMatchObject({ code: 0, stdout: '<one>\n<two>\n' })
})

test('run passes every byte when the output is larger than any buffer', async ({ lichen }) => {
  const script = 'yes 0123456789abcdef | head -c 50000000'
  const result = await lichen('run', '--rm', 'box', 'sh', '-c', script)
  const expected = Buffer.from('0123456789abcdef\n'.repeat(50_000_000 / 17 + 1)).subarray(0, 50_000_000)
  expect(result.stdoutBytes.length).toBe(50_000_000)
  expect(sha256(result.stdoutBytes)).toBe(sha256(expected))
})

test('run passes both streams whole when they are written at once', async ({ lichen }) => {
  const script = 'yes out | head -c 4000000 & yes err | head -c 4000000 >&2; wait'
  const result = await lichen('run', '--rm', 'box', 'sh', '-c', script)
  expect(result.stdout).toBe('out\n'.repeat(1_000_000))
  expect(result.stderr).toBe('err\n'.repeat(1_000_000))
})

test('run prints an unfinished last line as it is when the command ends without a newline', async ({ lichen }) => {
  expect((await lichen('run', '--rm', 'box', 'printf', 'a\\nb')).stdout).toBe('a\nb')
})

test('run passes a signal on when it is sent to the command line', async ({ lichen }) => {
  const script = 'trap "echo got it; exit 9" TERM; echo ready; while :; do sleep 0.05; done'
  const running = lichen.start('run', '--rm', 'box', 'sh', '-c', script)
  await running.expectOutput(/ready/)
  running.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ code: 9, stdout: 'ready\ngot it\n' })
})

lichenTest("run ends with 127 when a script's interpreter is missing", async ({ lichen }) => {
  writeFileSync(join(lichen.directory, 'script'), '#!/no/such/interpreter\n', { mode: 0o755 })
  const result = await lichen('run', '--rm', '-v', `${lichen.directory}:/mnt`, 'box', '/mnt/script')
  expect(result.code).toBe(127)
})

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
