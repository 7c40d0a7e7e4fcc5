// What ps, images, inspect and info print of given facts.

import { describe, expect, test } from 'vitest'
import { compileTemplate } from '../../../src/cli/go-template/template.js'
import { parseContainerFilter } from '../../../src/cli/values/container-filter.js'
import { IMAGE_FIELDS, imagesText, onlyNamed } from '../../../src/cli/views/images.js'
import { infoText, toYaml } from '../../../src/cli/views/info.js'
import { withGoTypes } from '../../../src/cli/views/inspect.js'
import { containersText, PS_FIELDS } from '../../../src/cli/views/ps.js'
import type { ContainerRecord, ContainerView } from '../../../src/model/container.js'
import { selectContainers } from '../../../src/model/container-filter.js'
import type { Digest } from '../../../src/model/image.js'
import type { ListedImage } from '../../../src/model/listed-image.js'

const NOW = Date.parse('2026-01-01T12:00:00Z')

interface Facts extends Partial<Omit<ContainerView, 'record'>> {
  readonly name: string
  readonly createdAt?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

function container({
  name,
  createdAt = '2026-01-01T11:00:00.5Z',
  labels = {},
  args = ['sh'],
  ...view
}: Facts): ContainerView {
  const plan = {
    image: { id: 'f'.repeat(64), name: 'docker.io/library/alpine:3' },
    process: { args },
    labels,
    mounts: [{ kind: 'volume', source: '/s', destination: '/data', options: [], volumeName: 'vol' }],
    network: 'none',
  }
  const id = Buffer.from(name).toString('hex').padEnd(64, '0')
  const record = { schema: 1, id, name, createdAt, removeOnExit: false, plan } as unknown as ContainerRecord
  return { status: 'created', monitorAlive: false, ...view, record }
}

const monitor = {
  schema: 1,
  bootId: 'b',
  ...{ monitorPid: 1, monitorStart: 1, containerPid: 42, containerStart: 1 },
  startedAt: '2026-01-01T11:58:00Z',
} as const
const exit = { schema: 1, exitCode: 3, signal: 0, oomKilled: false, finishedAt: '2026-01-01T11:59:57Z' } as const

const UP = container({ name: 'up', status: 'running', monitorAlive: true, monitor, labels: { kind: 'a', 'x.y': '1' } })
const DOWN = container({
  name: 'down',
  status: 'exited',
  monitor,
  exit,
  createdAt: '2026-01-01T10:00:00Z',
  args: ['sleep', '1000000000000'],
})
const LOST = container({ name: 'lost', status: 'exited', monitor, createdAt: '2026-01-01T09:00:00Z' })
const MADE = container({ name: 'made', createdAt: '2026-01-01T08:00:00Z', labels: { kind: 'b' } })
const ALL = [UP, DOWN, LOST, MADE]

const FLAGS = { quiet: false, 'no-trunc': false } as const
const ps = (flags: object, views: readonly ContainerView[] = ALL): string =>
  containersText(views, { ...FLAGS, ...flags }, {}, NOW)

describe('containersText', () => {
  test('prints the columns and words of podman', () => {
    expect(ps({})).toBe(
      [
        'CONTAINER ID  IMAGE                       COMMAND               CREATED         STATUS                    PORTS       NAMES',
        '757000000000  docker.io/library/alpine:3  sh                    59 minutes ago  Up 2 minutes                          up',
        '646f776e0000  docker.io/library/alpine:3  sleep 10000000000...  2 hours ago     Exited (3) 3 seconds ago              down',
        '6c6f73740000  docker.io/library/alpine:3  sh                    3 hours ago     Exited (unknown)                      lost',
        '6d6164650000  docker.io/library/alpine:3  sh                    4 hours ago     Created                               made',
        '',
      ].join('\n'),
    )
  })
  test('prints only ids when quiet, in full when nothing may be cut', () => {
    expect(ps({ quiet: true }, [UP, DOWN])).toBe('757000000000\n646f776e0000\n')
    expect(ps({ quiet: true, 'no-trunc': true }, [UP])).toBe(`${UP.record.id}\n`)
    expect(ps({ 'no-trunc': true, format: '{{.ID}} {{.Command}}' }, [DOWN])).toBe(
      `${DOWN.record.id} sleep 1000000000000\n`,
    )
  })
  test('has every field it heads, and heads every field it has', () => {
    for (const field of PS_FIELDS) expect(() => ps({ format: `{{.${field}}}` }, [UP]), field).not.toThrow()
    expect(() => ps({ format: '{{.Bogus}}' }, [UP])).toThrow(
      expect.objectContaining({ hint: `fields here are: ${PS_FIELDS.join(', ')}` }),
    )
  })
  test.each([
    ['{{.Label "x.y"}} {{.Labels.kind}} {{index .Labels "x.y"}}', '1 a 1\n'],
    ['{{.Labels}}', 'map[kind:a x.y:1]\n'],
    ['{{.State}} {{.Pid}} {{.ExitCode}}', 'running 42 0\n'],
    ['{{.CreatedAt}}', '2026-01-01 11:00:00.5 +0000 UTC\n'],
    ['{{.Mounts}} {{join .Mounts ","}}', '[/data] /data\n'],
  ])('gives a template %s', (format, output) => {
    expect(ps({ format }, [UP])).toBe(output)
  })
  test('writes the JSON of podman', () => {
    expect(JSON.parse(ps({ format: 'json' }, [DOWN]))).toEqual([
      {
        ...{
          AutoRemove: false,
          Command: ['sleep', '1000000000000'],
          CreatedAt: '2 hours ago',
          Exited: true,
          ExitCode: 3,
        },
        ...{
          ExitedAt: exit.finishedAt && Date.parse(exit.finishedAt) / 1000,
          Id: DOWN.record.id,
          IsInfra: false,
          Labels: null,
        },
        ...{
          Image: 'docker.io/library/alpine:3',
          ImageID: 'f'.repeat(64),
          Mounts: ['/data'],
          Names: ['down'],
          Namespaces: {},
        },
        ...{ Networks: ['none'], Pid: 0, Pod: '', PodName: '', Ports: null, Restarts: 0, Size: null, State: 'exited' },
        ...{ StartedAt: Date.parse(monitor.startedAt) / 1000, Status: 'Exited (3) 3 seconds ago', Created: 1767261600 },
      },
    ])
  })
})

describe('selectContainers', () => {
  const parse = parseContainerFilter
  const names = (all: boolean, ...filters: string[]) =>
    selectContainers(ALL, { all, filter: filters.map(parse) }).map(({ record }) => record.name)
  test.each([
    [false, [], ['up']],
    [true, [], ['up', 'down', 'lost', 'made']],
    [false, ['status=exited'], ['down', 'lost']],
    [false, ['status=stopped', 'status=created'], ['down', 'lost', 'made']],
    [false, ['exited=3'], ['down']],
    [true, ['name=^(up|down)$'], ['up', 'down']],
    [true, ['name=o'], ['down', 'lost']],
    [true, ['label=kind'], ['up', 'made']],
    [true, ['label=kind=b'], ['made']],
    [true, ['label=constructor'], []],
    [true, ['label!=kind'], ['down', 'lost']],
    [true, ['id=75'], ['up']],
    [true, ['ancestor=alpine:3'], ['up', 'down', 'lost', 'made']],
    [true, ['ancestor=ffff'], ['up', 'down', 'lost', 'made']],
    [true, ['ancestor=debian'], []],
    [true, ['volume=vol', 'name=up'], ['up']],
    [true, ['volume=/data', 'name=up'], ['up']],
    [true, ['network=host'], []],
    [true, ['before=down'], ['lost', 'made']],
    [true, ['since=lost'], ['up', 'down']],
  ])('all=%s %j', (all, filters, expected) => {
    expect(names(all, ...filters)).toEqual(expected)
  })
  test.each([
    ['status=bogus', 'unknown container state: bogus'],
    ['name=(', 'no regular expression'],
    ['before=nobody', 'no such container'],
  ])('refuses %s', (filter, message) => {
    expect(() => names(true, filter)).toThrow(message)
  })
})

function image(names: string[], facts: { created?: string; sizeBytes?: number; id?: string } = {}): ListedImage {
  const { created, sizeBytes = 7_340_000, id = 'a' } = facts
  return {
    image: {
      id: id.repeat(64),
      manifestDigest: `sha256:${'d'.repeat(64)}` as Digest,
      indexDigests: [],
      names,
      config: created === undefined ? {} : { created },
    },
    sizeBytes,
    createdMs: created === undefined ? 0 : Date.parse(created),
    containers: 0,
    parentId: undefined,
    isList: false,
  }
}

describe('imagesText', () => {
  const OLD = image(['docker.io/library/alpine:3', 'localhost/own:latest'], { created: '2025-12-30T12:00:00Z' })
  const NEW = image([], { created: '2026-01-01T13:00:00+02:00', id: 'b', sizeBytes: 134_000_000 })
  const images = (flags: object, list = [OLD, NEW]): string =>
    imagesText(list, { quiet: false, digests: false, 'no-trunc': false, sort: 'created', ...flags }, NOW)

  test('prints one line for each name, newest first', () => {
    expect(images({})).toBe(
      [
        'REPOSITORY                TAG         IMAGE ID      CREATED            SIZE',
        '<none>                    <none>      bbbbbbbbbbbb  About an hour ago  134 MB',
        'docker.io/library/alpine  3           aaaaaaaaaaaa  2 days ago         7.34 MB',
        'localhost/own             latest      aaaaaaaaaaaa  2 days ago         7.34 MB',
        '',
      ].join('\n'),
    )
  })
  test('prints each id once when quiet', () => {
    expect(images({ quiet: true })).toBe('bbbbbbbbbbbb\naaaaaaaaaaaa\n')
    expect(images({ quiet: true, 'no-trunc': true }, [OLD])).toBe(`sha256:${'a'.repeat(64)}\n`)
  })
  test('sorts by what is asked for', () => {
    expect(images({ sort: 'repository', format: '{{.Repository}}' })).toBe(
      '<none>\ndocker.io/library/alpine\nlocalhost/own\n',
    )
    expect(images({ sort: 'size', format: '{{.Size}}' })).toBe('7.34 MB\n7.34 MB\n134 MB\n')
  })
  test('has every field it heads, and heads every field it has', () => {
    for (const field of IMAGE_FIELDS) expect(() => images({ format: `{{.${field}}}` }), field).not.toThrow()
    expect(() => images({ format: '{{.Bogus}}' })).toThrow(
      expect.objectContaining({ hint: `fields here are: ${IMAGE_FIELDS.join(', ')}` }),
    )
  })
  test('gives a time in UTC whatever zone the image was built in', () => {
    expect(images({ format: '{{.CreatedAt}}' }, [NEW])).toBe('2026-01-01 11:00:00 +0000 UTC\n')
    expect(images({ format: '{{.CreatedAt}} {{.CreatedSince}}' }, [image(['a/b:c'])])).toBe('N/A N/A\n')
  })
  test('tells a list of images from an image, in JSON', () => {
    const list = { ...image(['localhost/list:1']), isList: true }
    expect(JSON.parse(images({ format: 'json' }, [list]))).toMatchObject([{ IsManifestList: true, Labels: null }])
    expect(images({ format: 'json' }, [OLD])).not.toContain('IsManifestList')
  })
  test('onlyNamed keeps the names of one repository, or one reference', () => {
    const kept = (typed?: string) => onlyNamed([OLD, NEW], typed).flatMap((it) => it.image.names)
    expect(kept('alpine')).toEqual(['docker.io/library/alpine:3'])
    expect(kept('alpine:3')).toEqual(['docker.io/library/alpine:3'])
    expect(kept('alpine:4')).toEqual([])
    expect(kept('own')).toEqual(['localhost/own:latest'])
    expect(onlyNamed([OLD, NEW], undefined)).toHaveLength(2)
  })
})

test('withGoTypes makes maps of what podman has as maps: a missing label is no error, a missing field is', () => {
  const object = withGoTypes({
    Config: { Labels: { a: 'b' } },
    NetworkSettings: { Ports: { '80/tcp': [{ HostPort: '8' }] } },
  })
  expect(compileTemplate('t', '{{.Config.Labels.zz}} {{.Config.Labels}}')(object)).toBe('<no value> map[a:b]')
  expect(compileTemplate('t', '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}')(object)).toBe('8')
  expect(() => compileTemplate('t', '{{.Config.Nope}}')(object)).toThrow("can't evaluate field Nope")
})

test('toYaml writes what YAML reads back as the same', () => {
  const yaml = toYaml({
    a: { b: 'plain text', c: 'true', d: '12', e: '' },
    list: ['x', '- y'],
    rows: [{ k: 1, l: 'a: b' }],
    none: [],
    no: null,
  })
  expect(yaml).toBe(`a:
  b: plain text
  c: "true"
  d: "12"
  e: ""
list:
- x
- "- y"
rows:
- k: 1
  l: "a: b"
none: []
no: null
`)
})

test('infoText gives templates the names of Go', () => {
  const info = {
    host: { os: 'linux', idMappings: { uidmap: [{ container_id: 0, host_id: 5 }] } },
    store: { graphRoot: '/g' },
  }
  const format = '{{.Host.OS}} {{(index .Host.IDMappings.UIDMap 0).HostID}} {{.Store.GraphRoot}}'
  expect(infoText(info, format)).toBe('linux 5 /g\n')
  expect(JSON.parse(infoText(info, 'json'))).toMatchObject(info)
})
