// The completion scripts, asked as the shell asks them. bash is always there; zsh's and fish's are made from the same facts.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { repository } from '../../support/facts.js'
import { runProcess } from '../../support/process.js'

/** A `lichen` that lists two containers, images, volumes and a secret, so that no store is needed. */
const FAKE = `lichen() { case $1 in ps) printf 'web\\nweb2\\n' ;; images) printf 'localhost/own:1\\ndocker.io/library/alpine:3\\n' ;; volume) printf 'data\\nwww\\n' ;; secret) echo key ;; esac; }`
const ASK = `source "$0"; ${FAKE}; COMP_WORDS=(lichen "$@"); COMP_CWORD=$#; _lichen; printf '%s\\n' "\${COMPREPLY[@]}"`

async function complete(...words: string[]): Promise<string> {
  const script = join(repository, 'dist/completions/lichen.bash')
  const { stdout, stderr, code } = await runProcess(['bash', '-c', ASK, script, ...words])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  return stdout.trim().split('\n').sort().join(' ')
}

describe('bash completes', () => {
  test.each([
    [['im'], 'image images import'],
    [['--root', '/x', 'im'], 'image images import'],
    [['--storage-driver', ''], 'copy fuse-overlayfs overlay'],
    [
      ['image', ''],
      'diff exists history import inspect load ls mount prune pull push rm save search tag tree umount unmount untag',
    ],
    [['image', 'ls', '--f'], '--filter --format'],
    [['images', '--sort', 's'], 'size'],
    [['run', '--net'], '--network'],
    [['run', '--name', 'x', 'al'], 'alpine:3'],
    [['rm', 'w'], 'web web2'],
    [['container', 'rm', 'w'], 'web web2'],
    [['volume', ''], 'create exists export import inspect ls mount prune reload rm umount unmount'],
    [['volume', 'rm', ''], 'data www'],
    [['volume', 'export', 'w'], 'www'],
    [['secret', 'inspect', 'k'], 'key'],
    [['help', 'im'], 'image images import'],
    [['completion', ''], 'bash fish zsh'],
  ])('%j', async (words, expected) => {
    expect(await complete(...words)).toBe(expected)
  })
})
