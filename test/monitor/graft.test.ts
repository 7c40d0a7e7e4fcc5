// `graft` shows a directory of another process's mount namespace in the caller's own (PROTOCOL.md).

import { describe, expect, test } from 'vitest'
import { actors, anyActor, MONITOR, openScratch } from './trees.js'

/** The other process mounts a tmpfs that nobody else sees, tells so, and stays until its input ends. */
const OTHER = `
  mkdir there here; mkfifo ready stay
  unshare -m sh -c 'mount -t tmpfs none there && mkdir there/in && mount -t tmpfs none there/in && echo theirs >there/file &&
    echo deep >there/in/file && echo $$ >ready && read end <stay' &
  read pid <ready`

describe.each(actors)('graft as $name', (actor) => {
  const inScratch = async (script: string) => {
    const scratch = openScratch(actor)
    const whole = `${OTHER}\n${script}\necho >stay; wait`
    const result = await scratch.run(['env', '-C', scratch.path, 'unshare', '-m', 'sh', '-c', whole, 'sh', MONITOR])
    return { ...result, stdout: result.stdout.replace('userns\n', '') }
  }

  test('shows the directory as the other process sees it, both ways, without what is mounted below', async () => {
    const result = await inScratch(`
      "$1" graft "$pid" "$PWD/there" here && cat here/file && ls here/in && ls there
      echo ours >here/back && cat "/proc/$pid/root$PWD/there/back"`)
    expect(result).toMatchObject({ code: 0, stdout: 'theirs\nours\n', stderr: '' })
  })

  test('makes the target, and ends with 1 when there is no such directory, with 2 when there is no such process', async () => {
    const result = await inScratch(`
      "$1" graft "$pid" "$PWD/there" made && cat made/file
      "$1" graft "$pid" /no/such here; echo $?; "$1" graft 999999999 /etc here; echo $?`)
    expect(result.stdout).toBe('theirs\n1\n2\n')
    expect(result.stderr).toMatch(/^lichen-monitor: graft: \/no\/such: No such file or directory\n.*999999999\/ns\/mnt/)
  })
})

describe('graft', () => {
  test('follows a link of the other process, but not to another process by its root', async () => {
    const scratch = openScratch(anyActor)
    const script = `mkdir real here && touch real/file && ln -s "$PWD/real" link && ln -s /proc/self/root/etc magic
      "$1" graft $$ "$PWD/link" here && ls here; "$1" graft $$ "$PWD/magic" here; echo $?; ls here`
    const result = await scratch.run(['env', '-C', scratch.path, 'unshare', '-m', 'sh', '-c', script, 'sh', MONITOR])
    expect(result.stdout.replace('userns\n', '')).toBe('file\n2\nfile\n')
    expect(result.stderr).toMatch(/^lichen-monitor: graft: .*\/magic: .*\n$/)
  })

  test.each([[[]], [['1', '/a']], [['x', '/a', 'b']], [['1', '/a', 'b', 'c']]])('refuses %j', async (words) => {
    const scratch = openScratch(anyActor)
    const result = await scratch.run([MONITOR, 'graft', ...words])
    expect(result).toMatchObject({ code: 64, stderr: 'lichen-monitor: graft: arguments: want PID PATH TARGET\n' })
  })
})
