import { describe, expect } from 'vitest'
import { findEndpoints, searchDomains } from '../../../src/images/registry/endpoints.js'
import { parseImageRef } from '../../../src/model/image-ref.js'
import { type Home, test } from '../../support/home.js'

const OURS = '.config/lichen/lichen.toml'
const THEIRS = '.config/containers/registries.conf'
const DIGEST = `sha256:${'a'.repeat(64)}`

/** `host/path`, `!` behind what is insecure, `~` before a mirror. */
function endpoints(home: Home, name: string, purpose: 'pull' | 'push' = 'pull', env = {}): string {
  return findEndpoints(home.facts(env), parseImageRef(name), purpose)
    .map(({ host, path, insecure, isMirror }) => `${isMirror ? '~' : ''}${host}/${path}${insecure ? '!' : ''}`)
    .join(' ')
}

describe('findEndpoints without settings', () => {
  test.for([
    ['quay.io/a/b', 'quay.io/a/b'],
    ['alpine', 'registry-1.docker.io/library/alpine'],
    ['index.docker.io/a/b', 'registry-1.docker.io/a/b'],
    ['localhost:5000/x', 'localhost:5000/x'],
  ] as const)('asks for %s at %s', ([name, found], { home }) => {
    home.write(THEIRS, '') // so that the system's own files are not read
    expect(endpoints(home, name)).toBe(found)
  })
})

describe('findEndpoints with lichen.toml', () => {
  const TOML = `
[[registry]]
name = "docker.io"
mirrors = ["one.example:5000", "two.example/hub"]
[[registry]]
name = "one.example:5000"
insecure = true
[[registry]]
name = "evil.example"
blocked = true
`
  test('asks mirrors first and the registry last when it pulls, and no mirror when it pushes', ({ home }) => {
    home.write(OURS, TOML)
    expect(endpoints(home, 'alpine')).toBe(
      '~one.example:5000/library/alpine! ~two.example/hub/library/alpine registry-1.docker.io/library/alpine',
    )
    expect(endpoints(home, 'alpine', 'push')).toBe('registry-1.docker.io/library/alpine')
    expect(endpoints(home, 'one.example:5000/x', 'push')).toBe('one.example:5000/x!')
  })
  test('names the file that blocks a registry', ({ home }) => {
    const hint = `${home.write(OURS, TOML)} says so, for "evil.example"`
    for (const purpose of ['pull', 'push'] as const)
      expect(() => endpoints(home, 'evil.example/x:1', purpose)).toThrow(
        expect.objectContaining({ message: `${purpose}: evil.example/x:1: the registry is blocked`, hint }),
      )
  })
  test('goes before registries.conf, which decides where it says nothing', ({ home }) => {
    home.write(OURS, TOML)
    home.write(THEIRS, '[[registry]]\nlocation="docker.io"\nblocked=true\n[[registry]]\nlocation="q.io"\ninsecure=true')
    expect(endpoints(home, 'alpine', 'push')).toBe('registry-1.docker.io/library/alpine')
    expect(endpoints(home, 'q.io/x')).toBe('q.io/x!')
  })
})

describe('findEndpoints with registries.conf', () => {
  test('chooses the longest prefix that ends where a name may', ({ home }) => {
    home.write(
      THEIRS,
      `[[registry]]
prefix = "a.example"
location = "host"
[[registry]]
prefix = "a.example/foo"
location = "foo"
[[registry]]
prefix = "a.example/foo/bar:tag"
location = "tagged.example/other:tag"
[[registry]]
prefix = "*.b.example"
location = "wild.example"
[[registry]]
prefix = "*.c.example"
insecure = true
[[registry]]
prefix = "x.c.example"
`,
    )
    const cases = {
      'a.example/x:1': 'host/x',
      'a.example/foo/x': 'foo/x',
      'a.example/food': 'host/food',
      'a.example:5000/foo': 'a.example:5000/foo',
      'a.example/foo/bar': 'foo/bar',
      'a.example/foo/bar:tag': 'tagged.example/other',
      'one.two.b.example/x': 'wild.example/x',
      'one.b.example:5000/x': 'wild.example:5000/x',
      'b.example/x': 'b.example/x',
      'notb.example/x': 'notb.example/x',
      'one.c.example/x': 'one.c.example/x!',
      'x.c.example/x': 'x.c.example/x',
    }
    for (const [name, found] of Object.entries(cases)) expect(endpoints(home, name), name).toBe(found)
  })

  test('uses each mirror for what it says it is for', ({ home }) => {
    home.write(
      THEIRS,
      `[[registry]]
location = "a.example"
[[registry.mirror]]
location = "all.example/sub"
insecure = true
[[registry.mirror]]
location = "digest.example"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "tag.example"
pull-from-mirror = "tag-only"
[[registry]]
location = "b.example"
mirror-by-digest-only = true
[[registry.mirror]]
location = "c.example"
`,
    )
    expect(endpoints(home, 'a.example/x')).toBe('~all.example/sub/x! ~tag.example/x a.example/x')
    expect(endpoints(home, `a.example/x@${DIGEST}`)).toBe('~all.example/sub/x! ~digest.example/x a.example/x')
    expect(endpoints(home, 'b.example/x')).toBe('b.example/x')
    expect(endpoints(home, `b.example/x:1@${DIGEST}`)).toBe('~c.example/x b.example/x')
  })

  test('moves pulls, not pushes, when a location is said', ({ home }) => {
    home.write(THEIRS, '[[registry]]\nprefix="a.example"\nlocation="docker.io"\ninsecure=true')
    expect(endpoints(home, 'a.example/x')).toBe('registry-1.docker.io/library/x!')
    expect(endpoints(home, 'a.example/x', 'push')).toBe('a.example/x!')
  })

  test('reads drop-ins in order when there are some, each replacing what has the same prefix', ({ home }) => {
    home.write(THEIRS, '[[registry]]\nlocation="a.example"\nblocked=true')
    home.write(`${THEIRS}.d/20.conf`, '[[registry]]\nlocation="a.example"\n[[registry]]\nlocation="b.example"')
    home.write(`${THEIRS}.d/30.conf`, '[[registry]]\nlocation="b.example"\ninsecure=true')
    home.write(`${THEIRS}.d/README`, 'not TOML')
    expect(endpoints(home, 'a.example/x')).toBe('a.example/x')
    expect(endpoints(home, 'b.example/x')).toBe('b.example/x!')
  })

  test('reads the file CONTAINERS_REGISTRIES_CONF names instead when it is set', ({ home }) => {
    home.write(THEIRS, '[[registry]]\nlocation="a.example"\nblocked=true')
    const file = home.write('named.conf', '[[registry]]\nlocation="a.example"\ninsecure=true')
    expect(endpoints(home, 'a.example/x', 'pull', { CONTAINERS_REGISTRIES_CONF: file })).toBe('a.example/x!')
  })

  test.for([
    ['is of version 1', '[registries.search]\nregistries = ["a"]', 'it is of version 1'],
    [
      'says nothing of where',
      '[[registry]]\nblocked = true',
      'registry 1: location: neither location nor prefix is said',
    ],
    [
      'has a mirror without a place',
      '[[registry]]\nprefix="a"\n[[registry.mirror]]\n',
      'registry 1: mirror 1: location',
    ],
    [
      'has a mirror for nothing',
      '[[registry]]\nprefix="a"\n[[registry.mirror]]\nlocation="b"\npull-from-mirror="x"',
      'pull-from-mirror: not all',
    ],
    ['has a wrong type', '[[registry]]\nprefix="a"\nblocked=1', 'registry 1: blocked: not true or false'],
    ['changes the tag', '[[registry]]\nprefix="a.b/c:1"\nlocation="a.b/c:2"', '"a.b/c:2" cannot take the place'],
  ] as const)('names the file when it %s', ([, text, message], { home }) => {
    const file = home.write(THEIRS, text)
    expect(() => endpoints(home, 'a.b/c:1')).toThrow(new RegExp(`^read: ${file}: .*`))
    expect(() => endpoints(home, 'a.b/c:1')).toThrow(message)
  })

  test("leaves other engines' own keys alone", ({ home }) => {
    home.write(THEIRS, 'unqualified-search-registries=["x.example"]\nshort-name-mode="enforcing"\n[aliases]\n"a"="b/c"')
    expect(searchDomains(home.facts())).toEqual(['docker.io'])
    expect(endpoints(home, 'a')).toBe('registry-1.docker.io/library/a')
  })
})
