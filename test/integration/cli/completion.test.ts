// The completion scripts, asked as each shell asks them: bash's and zsh's by their own variables, fish's by `complete -C`.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findProgram, repository } from '../../support/facts.js'
import { runProcess } from '../../support/process.js'

/** A `lichen` that lists two containers, images, volumes and a secret, so that no store is needed. */
const FAKE = `case $1 in ps) printf 'web\\nweb2\\n' ;; images) printf 'localhost/own:1\\ndocker.io/library/alpine:3\\n' ;; volume) printf 'data\\nwww\\n' ;; secret) echo key ;; esac`
const ASK_BASH = `source "$0"; lichen() { ${FAKE}; }; COMP_WORDS=(lichen "$@"); COMP_CWORD=$#; _lichen; printf '%s\\n' "\${COMPREPLY[@]}"`
/** compadd and _describe with what is seen of zsh's own: they take what fits the word, and print it with its suffix. */
const ASK_ZSH = `
lichen() { ${FAKE}; }
compdef() { :; }
_files() { print -rl -- $PREFIX*(N); }
compadd() {
  local suffix=''; local -a found
  if [[ $1 == -S ]]; then suffix=$2; shift 2; fi
  if [[ $1 == -a ]]; then found=(\${(P)2}); else found=("$@"); fi
  found=(\${(M)found:#$PREFIX*}); print -rl -- \${^found}$suffix
}
_describe() {
  local row rows=$argv[-1]; local -a described
  for row in \${(P)rows}; do described+=(\${row%%:*}); done
  compadd -a described
}
source $1; shift; words=(lichen "$@"); CURRENT=$#words; PREFIX=$words[-1]; _lichen; true`
const ASK_FISH =
  'function lichen; sh -c $argv[1] sh $argv[2..]; end; source $argv[1]; complete -C "lichen $argv[2]" | cut -f1'

type Ask = (words: readonly string[]) => Promise<string>

const script = (shell: string): string => join(repository, `dist/completions/lichen.${shell}`)

async function ask(argv: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await runProcess(argv, { cwd: join(repository, 'test/fixtures') })
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  const words = stdout.split('\n').filter((word) => word !== '')
  return [...new Set(words)].sort().join(' ')
}

const fishFake = ASK_FISH.replace('sh -c $argv[1] sh $argv[2..]', `sh -c '${FAKE.replaceAll("'", "\\'")}' sh $argv`)
const SHELLS: Readonly<Record<string, Ask>> = {
  bash: (words) => ask(['bash', '-c', ASK_BASH, script('bash'), ...words]),
  zsh: (words) => ask(['zsh', '-f', '-c', ASK_ZSH, 'zsh', script('zsh'), ...words]),
  fish: (words) => ask(['fish', '--no-config', '-c', fishFake, script('fish'), words.join(' ')]),
}

const CASES: readonly (readonly [words: readonly string[], found: string])[] = [
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
  [['run', 'alpine', 'go'], 'go-template.json'],
  [['run', '--volumes-from', 'w'], 'web web2'],
  [['run', '--secret', ''], 'key'],
  [['create', '-v', 'd'], 'data'],
  [['create', '--env-file', 'go'], 'go-template.json'],
  [['rm', 'w'], 'web web2'],
  [['rm', '--time', '3', 'web', 'w'], 'web web2'],
  [['container', 'rm', 'w'], 'web web2'],
  [['container', 'clone', 'w'], 'web web2'],
  [['container', 'clone', 'web', 'new', 'own'], 'own:1'],
  [['exec', 'w'], 'web web2'],
  [['exec', 'web', 'go'], 'go-template.json'],
  [['logs', '--tail', '3', 'w'], 'web web2'],
  [['rename', 'w'], 'web web2'],
  [['rename', 'web', 'w'], ''],
  [['healthcheck', 'run', 'w'], 'web web2'],
  [['inspect', 'w'], 'web web2 www'],
  [['inspect', 'web', 'own'], 'own:1'],
  [['cp', 'w'], 'web2: web:'],
  [['cp', 'web:/x', 'go'], 'go-template.json'],
  [['commit', 'web', 'own'], 'own:1'],
  [['volume', ''], 'create exists export import inspect ls mount prune reload rm umount unmount'],
  [['volume', 'rm', ''], 'data www'],
  [['volume', 'export', 'w'], 'www'],
  [['volume', 'export', '--output', 'go'], 'go-template.json'],
  [['volume', 'import', 'data', 'go'], 'go-template.json'],
  [['volume', 'create', 'w'], ''],
  [['secret', 'inspect', 'k'], 'key'],
  [['secret', 'create', 'new', 'go'], 'go-template.json'],
  [['help', 'im'], 'image images import'],
  [['completion', ''], 'bash fish zsh'],
]

for (const [shell, complete] of Object.entries(SHELLS))
  describe.skipIf(findProgram(shell) === undefined)(`${shell} completes`, () => {
    test.for(CASES)('%j', async ([words, found]) => {
      expect(await complete(words)).toBe(found)
    })
  })

test('bash counts words that readline parts at : and = as one argument', async () => {
  const bash = SHELLS.bash as Ask
  expect(await bash(['run', '--name', '=', 'x', 'alpine', ':', '3', 'go'])).toBe('go-template.json')
  expect(await bash(['cp', 'web', ':', '/x', 'go'])).toBe('go-template.json')
})
