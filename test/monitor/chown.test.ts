// `chown` gives trees away and nothing beside them; `bind` shows a place of a root and nothing outside it (PROTOCOL.md).

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { actors, anyActor, MONITOR, openScratch, SANITIZED } from './trees.js'

/** In the actor's namespace, in its scratch directory. */
async function inScratch(actor: (typeof actors)[number], script: string) {
  const scratch = openScratch(actor)
  const words = ['env', '-C', scratch.path, 'unshare', '-m', 'sh', '-c', script, 'sh', MONITOR]
  const result = await scratch.run(words)
  return { ...result, stdout: result.stdout.replace('userns\n', ''), scratch }
}

describe.each(actors)('chown as $name', (actor) => {
  test('chown gives a tree to its new owner, links themselves and not what they lead to', async () => {
    const script = `
      mkdir -p tree/a/b beside && echo x >tree/a/b/file && echo x >beside/file && mkfifo tree/pipe && chmod 0 tree/a
      ln -s ../beside tree/out && ln -s "$PWD/beside/file" tree/a/b/abs; ln -s beside named; ln -s beside/file one
      "$1" chown 33:34 tree named one && stat -c '%u:%g %n' tree named one tree/a tree/a/b tree/a/b/file tree/a/b/abs tree/out tree/pipe
      stat -c '%u:%g %n' beside beside/file`
    const owned = [
      'tree',
      'named',
      'one',
      'tree/a',
      'tree/a/b',
      'tree/a/b/file',
      'tree/a/b/abs',
      'tree/out',
      'tree/pipe',
    ]
    expect(await inScratch(actor, script)).toMatchObject({
      code: 0,
      stdout: [...owned.map((name) => `33:34 ${name}`), '0:0 beside', '0:0 beside/file', ''].join('\n'),
    })
  })

  test('chown leaves what has that owner as it is, down to its set-user-ID bits', async () => {
    const script = `
      mkdir tree && echo x >tree/program && chown 33:34 tree/program && chmod 4755 tree/program
      "$1" chown 33:34 tree && stat -c '%u:%g %a' tree/program && "$1" chown 0:0 tree/program && stat -c '%u:%g' tree/program`
    expect(await inScratch(actor, script)).toMatchObject({ code: 0, stdout: '33:34 4755\n0:0\n' })
  })

  test('chown does not enter what is mounted in a tree', async () => {
    const script = `
      mkdir -p tree/mnt precious && echo x >precious/file && mount --bind precious tree/mnt
      "$1" chown 33:34 tree && stat -c '%u:%g' tree precious/file; umount tree/mnt`
    expect(await inScratch(actor, script)).toMatchObject({ code: 0, stdout: '33:34\n0:0\n' })
  })

  test('bind shows a directory and a file of a root, with all mounts in it, and follows no link out of the root', async () => {
    const script = `
      mkdir -p root/etc/deep root/mnt && echo inside >root/etc/passwd && mount -t tmpfs none root/etc/deep && echo mounted >root/etc/deep/file
      ln -s /etc root/abs; ln -s ../../../../etc root/up; ln -s / root/all
      for place in abs up all/etc; do "$1" bind root "$place" "seen-$(basename $(dirname $place))$(basename $place)"; done
      cat seen-*/passwd seen-.abs/deep/file; "$1" bind root etc/passwd one && cat one; "$1" bind root none two; echo $?; ls -d two 2>/dev/null`
    const result = await inScratch(actor, script)
    expect(result.stdout).toBe('inside\ninside\ninside\nmounted\ninside\n1\n')
    expect(result.stderr).toBe('lichen-monitor: bind: none: No such file or directory\n')
  })
})

describe('chown', () => {
  test.each([[], ['1'], ['1:', '.'], ['a:b', '.'], ['1:4294967295', '.'], ['1:2']])('refuses %j', async (...words) => {
    const scratch = openScratch(anyActor)
    const result = await scratch.run([MONITOR, 'chown', ...(words.flat() as string[])])
    expect(result).toMatchObject({ code: 64, stderr: 'lichen-monitor: chown: arguments: want UID:GID PATH...\n' })
  })

  test('names what is not there, and what it may not give', async () => {
    const scratch = openScratch(anyActor)
    for (const program of [MONITOR, SANITIZED]) {
      const result = await scratch.run([program, 'chown', '0:0', join(scratch.path, 'absent')])
      expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('absent: No such file or directory') })
    }
  })
})
