import { describe, expect } from 'vitest'
import { readSettings } from '../../../src/platform/settings.js'
import { test } from '../../support/home.js'

const FILE = '.config/lichen/lichen.toml'

describe('readSettings', () => {
  test('gives the defaults when there is no file', ({ home }) => {
    expect(readSettings(home.facts())).toEqual({
      file: `${home.directory}/${FILE}`,
      searchDomains: ['docker.io'],
      registries: [],
      limits: 'strict',
      pull: { parallelDownloads: 4, parallelUnpacks: 4, retries: 3 },
    })
  })

  test('gives every key that a file may have', ({ home }) => {
    home.write(
      FILE,
      `[registries]
search = ["own.example:5000", "docker.io"]
[[registry]]
name = "docker.io"
mirrors = ["mirror.example:5000", "mirror.example/hub"]
[[registry]]
name = "*.bad.example"
blocked = true
insecure = true
[pull]
parallel-downloads = 8
parallel-unpacks = 1
retries = 0
`,
    )
    expect(readSettings(home.facts())).toMatchObject({
      searchDomains: ['own.example:5000', 'docker.io'],
      registries: [
        {
          name: 'docker.io',
          mirrors: ['mirror.example:5000', 'mirror.example/hub'],
          insecure: false,
          blocked: false,
        },
        { name: '*.bad.example', mirrors: [], insecure: true, blocked: true },
      ],
      pull: { parallelDownloads: 8, parallelUnpacks: 1, retries: 0 },
    })
  })

  test('reads the file in XDG_CONFIG_HOME, or the one LICHEN_CONFIG names, when they are set', ({ home }) => {
    home.write('xdg/lichen/lichen.toml', 'registries.search = ["xdg.example"]')
    const other = home.write('other.toml', 'registries.search = ["other.example"]')
    const xdg = { XDG_CONFIG_HOME: `${home.directory}/xdg` }
    expect(readSettings(home.facts(xdg)).searchDomains).toEqual(['xdg.example'])
    expect(readSettings(home.facts({ ...xdg, LICHEN_CONFIG: other })).searchDomains).toEqual(['other.example'])
    expect(() => readSettings(home.facts({ LICHEN_CONFIG: '/no/such.toml' }))).toThrow('/no/such.toml: no such file')
  })

  test.for([
    ['no TOML', 'a = [1', /lichen\.toml: line 1: /],
    ['no TOML on line 3', '\n\n= 1', /lichen\.toml: line 3: /],
    ['an unknown key', 'serach = 1', /lichen\.toml: serach: unknown key$/],
    ['an unknown key in a table', '[pull]\nretry = 1', /lichen\.toml: pull: retry: unknown key$/],
    ['an unknown key of a registry', '[[registry]]\nname = "a.b"\nmirror = 1', /registry 1: mirror: unknown key$/],
    ['a wrong type', '[registries]\nsearch = "docker.io"', /registries: search: not a list of strings$/],
    ['a list of the wrong type', '[registries]\nsearch = [1]', /registries: search: not a list of strings$/],
    ['a table that is none', 'pull = 4', /pull: not a table$/],
    ['a date', 'pull = 2026-01-01', /pull: not a table$/],
    [
      'one registry for several',
      '[registry]\nname = "a.b"',
      /registry: not a list of tables, each under \[\[registry\]\]$/,
    ],
    ['a text for a truth', '[[registry]]\nname = "a.b"\nblocked = "no"', /registry 1: blocked: not true or false$/],
    ['a negative number', '[pull]\nretries = -1', /pull: retries: not a whole number$/],
    ['nothing at once', '[pull]\nparallel-downloads = 0', /pull: parallel-downloads: not from 1 to 64$/],
    ['a registry without a name', '[[registry]]\nblocked = true', /registry 1: name: it is missing$/],
    ['a URL', '[[registry]]\nname = "https://a.b"', /registry 1: name: "https:\/\/a\.b" is no registry$/],
    ['a repository to search in', '[registries]\nsearch = ["a.b/c"]', /registries: search: "a\.b\/c" is no registry$/],
    ['nothing to search in', '[registries]\nsearch = []', /registries: search: it is empty$/],
    ['what every object has', 'constructor = 1', /lichen\.toml: constructor: unknown key$/],
  ] as const)('names file and key when the file has %s', ([, text, message], { home }) => {
    home.write(FILE, text)
    expect(() => readSettings(home.facts())).toThrow(message)
  })

  test('says which keys there are when one is unknown', ({ home }) => {
    home.write(FILE, '[pull]\nretry = 1')
    expect(() => readSettings(home.facts())).toThrow(
      expect.objectContaining({ hint: 'keys here are: parallel-downloads, parallel-unpacks, retries' }),
    )
  })
})
