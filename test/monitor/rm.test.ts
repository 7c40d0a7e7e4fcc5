// `rm` removes whatever a container may have left, and nothing else (PROTOCOL.md, rm).

import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tar } from './tar-writer.js'
import { actors, anyActor, inMemory, MONITOR, openScratch, SANITIZED, untar } from './trees.js'

const messy = tar(
  { name: 'locked/', type: '5', mode: 0 },
  { name: 'locked/inner/', type: '5', mode: 0o500, uid: 1234 },
  { name: 'locked/inner/file', data: 'x', uid: 99, mode: 0 },
  { name: 'sticky/', type: '5', mode: 0o1777, uid: 5 },
  { name: 'sticky/theirs', data: 'x', uid: 6 },
  { name: 'pipe', type: '6' },
  { name: '.wh.gone' },
  { name: 'up', type: '2', link: '..' },
  { name: 'file', data: 'x', mode: 0o400 },
  ...Array.from({ length: 3000 }, (_, i) => ({ name: `many/${i}` })),
)

describe.each(actors)('rm as $name', (actor) => {
  test('rm removes trees whatever their owners and modes', async () => {
    const result = await untar(messy, { actor })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    const beside = result.scratch.directory('beside')
    expect(await result.scratch.run([MONITOR, 'rm', result.directory])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    })
    expect(existsSync(result.directory)).toBe(false)
    expect(existsSync(beside)).toBe(true)
  })

  test('rm stops at a mount and leaves what is mounted alone', async () => {
    const scratch = openScratch(actor)
    const precious = scratch.directory('precious')
    const script = `
      mkdir -p tree/a/mnt tree/b && echo data >precious/file && mount --bind precious tree/a/mnt
      "$1" rm tree; echo "code $?"; cat tree/a/mnt/file; umount tree/a/mnt; "$1" rm tree; echo "code $?"; ls`
    const result = await scratch.run(['env', '-C', scratch.path, 'unshare', '-m', 'sh', '-c', script, 'sh', MONITOR])
    expect(result.stderr).toBe('lichen-monitor: rm: tree/a/mnt: something is mounted there\n')
    expect(result.stdout.replace('userns\n', '')).toBe('code 2\ndata\ncode 0\nprecious\n')
    expect(readdirSync(precious)).toEqual(['file'])
  })
})

describe('rm', () => {
  test('rm removes a link and not what it leads to', async () => {
    const scratch = openScratch(anyActor)
    const target = scratch.directory('target')
    writeFileSync(join(target, 'file'), 'x')
    symlinkSync(target, join(scratch.path, 'link'))
    const tree = scratch.directory('tree')
    symlinkSync(target, join(tree, 'inner'))
    const result = await scratch.run([MONITOR, 'rm', join(scratch.path, 'link'), tree])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(scratch.path).filter((name) => name !== 'userns')).toEqual(['target'])
    expect(readdirSync(target)).toEqual(['file'])
  })

  test('rm succeeds when there is nothing, also without a parent, and takes files and slashes', async () => {
    const scratch = openScratch(anyActor)
    writeFileSync(join(scratch.path, 'file'), 'x')
    scratch.directory('dir')
    const result = await scratch.run([
      'env',
      '-C',
      scratch.path,
      MONITOR,
      'rm',
      '--',
      'nothing',
      'no/parent',
      'file',
      'dir//',
    ])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(scratch.path).filter((name) => name !== 'userns')).toEqual([])
  })

  test.each(['/', '.', '..', 'dir/..', 'dir/.'])('rm refuses %s', async (path) => {
    const scratch = openScratch(anyActor)
    mkdirSync(join(scratch.path, 'dir'))
    const result = await scratch.run(['env', '-C', scratch.path, MONITOR, 'rm', path])
    expect(result.code).toBe(2)
    expect(result.stderr).toBe(`lichen-monitor: rm: ${path}: Invalid argument\n`)
    expect(existsSync(join(scratch.path, 'dir'))).toBe(true)
  })

  test('rm goes on with the next path when one cannot be removed', async () => {
    const scratch = openScratch(anyActor)
    scratch.directory('dir')
    const result = await scratch.run(['env', '-C', scratch.path, MONITOR, 'rm', '..', 'dir'])
    expect(result.code).toBe(2)
    expect(existsSync(join(scratch.path, 'dir'))).toBe(false)
  })

  test('rm exits with 64 when it is not told what to remove', async () => {
    expect(await openScratch(anyActor).run([MONITOR, 'rm'])).toMatchObject({ code: 64 })
    expect(await openScratch(anyActor).run([MONITOR, 'rm', '-rf', 'x'])).toMatchObject({ code: 64 })
  })

  test('rm removes ten thousand levels', async () => {
    const scratch = openScratch(anyActor, inMemory)
    const python = `
import os
os.chdir(${JSON.stringify(scratch.path)}); os.mkdir('deep'); os.chdir('deep')
for i in range(10000):
    os.mkdir('d'); os.mkdir('f'); open('f/x', 'w').close(); os.chdir('d')`
    await scratch.run(['python3', '-'], python)
    expect(await scratch.run([SANITIZED, 'rm', join(scratch.path, 'deep')])).toMatchObject({ code: 0, stderr: '' })
    expect(existsSync(join(scratch.path, 'deep'))).toBe(false)
  })

  test('rm empties a directory into which someone still writes', async () => {
    const scratch = openScratch(anyActor)
    const script = `
      mkdir -p busy/sub; (i=0; while [ -d busy/sub ] && [ $i -lt 3000 ]; do : >busy/sub/$i; i=$((i + 1)); done) 2>/dev/null &
      "$1" rm busy; code=$?; wait; "$1" rm busy && echo "$code"`
    const result = await scratch.run(['env', '-C', scratch.path, 'sh', '-c', script, 'sh', MONITOR])
    expect(result.stdout).toMatch(/^[02]\n$/)
    expect(existsSync(join(scratch.path, 'busy'))).toBe(false)
  })

  test('rm finds mounts without openat2 when the kernel or a filter refuses it', async () => {
    const scratch = openScratch(anyActor)
    const script = `
      mkdir -p tree/a/mnt precious && echo data >precious/file && mount --bind precious tree/a/mnt
      export ASAN_OPTIONS=detect_leaks=0 # that needs ptrace, which strace has
      old() { strace -f -o /dev/null -e trace=openat2 -e inject=openat2:error=$1 "$2" rm tree; echo "code $?"; }
      old ENOSYS "$1"; old EPERM "$1"; cat precious/file; umount tree/a/mnt; old ENOSYS "$1"; [ ! -e tree ] && echo gone`
    const result = await scratch.run(['env', '-C', scratch.path, 'unshare', '-m', 'sh', '-c', script, 'sh', MONITOR])
    expect(result.stdout).toBe('code 2\ncode 2\ndata\ncode 0\ngone\n')
  })
})
