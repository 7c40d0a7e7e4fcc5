// podman's grammar (spf13/pflag), row by row: what oclif's own parser gets wrong is what these hold.

import { describe, expect, test } from 'vitest'
import { splitWords } from '../../../src/cli/pflag.js'

const RUN = {
  detach: { type: 'boolean', char: 'd' },
  entrypoint: { type: 'option' },
  env: { type: 'option', char: 'e' },
  hostname: { type: 'option', char: 'h' },
  init: { type: 'boolean' },
  interactive: { type: 'boolean', char: 'i' },
  name: { type: 'option' },
  network: { type: 'option', aliases: ['net'] },
  publish: { type: 'option', char: 'p' },
  pull: { type: 'option', noOptDefault: 'always' },
  rm: { type: 'boolean' },
  'tls-verify': { type: 'boolean' },
  tty: { type: 'boolean', char: 't' },
  volume: { type: 'option', char: 'v' },
} as const

const split = (line: string, interspersed = false) => {
  const { tokens, positionals } = splitWords(line === '' ? [] : line.split(' '), RUN, interspersed)
  return [tokens.map(({ flag, input }) => `${flag}=${input}`).join(' '), positionals.join(' ')]
}

describe('splitWords', () => {
  test.each([
    ['', '', ''],
    ['--rm alpine ls -i --name x', 'rm=true', 'alpine ls -i --name x'],
    ['alpine sh --help', '', 'alpine sh --help'],
    ['--tls-verify=false --rm=0 --init=true img', 'tls-verify=false rm=0 init=true', 'img'],
    ['-e A=1 alpine sh', 'env=A=1', 'alpine sh'],
    ['alpine echo a b a', '', 'alpine echo a b a'],
    ['--name a --name b img', 'name=a name=b', 'img'],
    ['alpine sh -- -c', '', 'alpine sh -- -c'],
    ['-- alpine -c', '', 'alpine -c'],
    ['--entrypoint -it img', 'entrypoint=-it', 'img'],
    ['--entrypoint -- img', 'entrypoint=--', 'img'],
    ['-t=false img', 'tty=false', 'img'],
    ['--pull img', 'pull=always', 'img'],
    ['--pull=never img', 'pull=never', 'img'],
    ['-it img', 'interactive=true tty=true', 'img'],
    ['-dp 80:80 img', 'detach=true publish=80:80', 'img'],
    ['-p8080:80 img', 'publish=8080:80', 'img'],
    ['-eFOO=bar img', 'env=FOO=bar', 'img'],
    ['-e=FOO=bar img', 'env=FOO=bar', 'img'],
    ['--name=x img', 'name=x', 'img'],
    ['--name= img', 'name=', 'img'],
    ['--name=a=b img', 'name=a=b', 'img'],
    ['-v a:/a -v b:/b img', 'volume=a:/a volume=b:/b', 'img'],
    ['-h box img', 'hostname=box', 'img'],
    ['--net host img', 'network=host', 'img'],
    ['--net=host img', 'network=host', 'img'],
    ['- img', '', '- img'],
  ])('%s', (line, tokens, positionals) => {
    expect(split(line)).toEqual([tokens, positionals])
  })

  test('takes flags among the arguments when they may be interspersed, up to --', () => {
    expect(split('a --rm b -d -- -x --y', true)).toEqual(['rm=true detach=true', 'a b -x --y'])
  })

  test('takes the whole of an option with a value of its own letters', () => {
    expect(split('-ie A=1 -itd img')).toEqual(['interactive=true env=A=1 interactive=true tty=true detach=true', 'img'])
  })

  test.each([
    ['--bogus', 'unknown flag: --bogus'],
    ['--bogus=1', 'unknown flag: --bogus'],
    ['--constructor', 'unknown flag: --constructor'],
    ['-z', "unknown shorthand flag: 'z' in -z"],
    ['-iz', "unknown shorthand flag: 'z' in -z"],
    ['-izt', "unknown shorthand flag: 'z' in -zt"],
    ['--name', 'flag needs an argument: --name'],
    ['--net', 'flag needs an argument: --net'],
    ['-p', "flag needs an argument: 'p' in -p"],
    ['-ip', "flag needs an argument: 'p' in -p"],
    ['--=x', 'bad flag syntax: --=x'],
    ['---x', 'bad flag syntax: ---x'],
  ])('says of %s: %s', (line, message) => {
    expect(() => split(line)).toThrow(message)
  })
})
