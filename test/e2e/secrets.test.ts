// The verbs over secrets, as both engines must answer them. (SUBJECT=podman: proven there.)

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'

const ID = /^[0-9a-f]{25}$/
const TEXT = 'a text that nobody may see'

async function create(lichen: Lichen, name: string, ...flags: string[]): Promise<string> {
  const file = join(lichen.directory, 'secret.txt')
  writeFileSync(file, TEXT)
  return lichen.ok('secret', 'create', ...flags, name, file)
}
const namesOf = async (lichen: Lichen, ...flags: string[]) =>
  (await lichen.ok('secret', 'ls', '--format', '{{.Name}}', ...flags)).split('\n').filter(Boolean).sort()

test('secret create prints an ID; ls and inspect tell everything but the secret', async ({ bare }) => {
  const id = await create(bare, 'one', '--label', 'a=b', '--label', 'c')
  expect(id).toMatch(ID)
  // podman insists on a pipe, which Node's are not
  const piped = ['sh', '-c', 'printf %s "$0" | "$@"', TEXT, ...bare.argv, 'secret', 'create', 'two', '-']
  expect(await runProcess(piped)).toMatchObject({ code: 0, stderr: '' })
  await bare.with({ env: { SOME_SECRET: TEXT } }, 'secret', 'create', '--env', 'three', 'SOME_SECRET')
  expect(await namesOf(bare)).toEqual(['one', 'three', 'two'])
  const inspected = await bare.ok('secret', 'inspect', 'one')
  expect(inspected.split('\n')[1]).toBe('    {')
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string
  expect(JSON.parse(inspected)).toEqual([
    {
      ID: id,
      CreatedAt: time,
      UpdatedAt: time,
      Spec: {
        Name: 'one',
        Driver: { Name: 'file', Options: { path: expect.stringContaining('secrets') as string } },
        Labels: { a: 'b', c: '' },
      },
    },
  ])
  expect(inspected).not.toContain(TEXT)
  expect(await bare.ok('secret', 'inspect', '--format', '{{.Spec.Name}} {{.Spec.Labels}}', id.slice(0, 9))).toBe(
    'one map[a:b c:]',
  )
  const pretty = (await bare.ok('secret', 'inspect', '--pretty', 'one')).split('\n')
  expect(pretty.slice(0, 6)).toEqual([
    `ID:              ${id}`,
    'Name:              one',
    'Labels:',
    ' - a=b',
    ' - c',
    'Driver:            file',
  ])
  expect(pretty[6]).toMatch(/^Created at: {8}\d{4}-\d\d-\d\d .* \+0000 UTC$/)
})

test('secret ls prints a table, IDs, or what its filters let pass', async ({ bare }) => {
  expect(await bare.ok('secret', 'ls')).toBe('ID          NAME        DRIVER      CREATED     UPDATED')
  const id = await create(bare, 'one')
  const row = (await bare.ok('secret', 'ls', '--noheading')).replaceAll(
    /Less than a second ago|\d+ seconds? ago/g,
    'AGO',
  )
  expect(row.split(/ {2,}/)).toEqual([id, 'one', 'file', 'AGO', 'AGO'])
  expect(await bare.ok('secret', 'ls', '-q')).toBe(id)
  await create(bare, 'other')
  expect(await namesOf(bare, '--filter', 'name=^on')).toEqual(['one'])
  expect(await namesOf(bare, '--filter', `id=${id.slice(0, 12)}`)).toEqual(['one'])
  expect(await namesOf(bare, '--filter', 'name=stranger')).toEqual([])
  expect((await bare('secret', 'ls', '--filter', 'label=a')).code).toBe(125)
  expect((await bare('secret', 'ls', '--format', '{{.Nothing}}')).code).toBe(125)
})

test.for([
  ['a name with a slash', ['a/b', 'FILE'], 'only'],
  ['a name that begins with a dot', ['.a', 'FILE'], 'only'],
  ['a name with an equals sign', ['a=b', 'FILE'], 'only'],
  ['a name that is taken', ['taken', 'FILE'], 'secret name in use'],
  ['a file that is not there', ['new', '/not/there'], '/not/there'],
  ['nothing at all', ['new', '/dev/null'], 'larger than 0 and less than 512000 bytes'],
  ['512,000 bytes', ['new', 'LARGE'], 'larger than 0 and less than 512000 bytes'],
  ['a variable that is not set', ['--env', 'new', 'NOT_SET_AT_ALL'], 'NOT_SET_AT_ALL is not set'],
  ['a driver that there is not', ['--driver', 'foo', 'new', 'FILE'], 'driver'],
  ['no file', ['new'], ''],
] as const)(
  'secret create fails with 125 and keeps nothing when it is given %s',
  async ([, args, message], { bare }) => {
    await create(bare, 'taken')
    const files = { FILE: join(bare.directory, 'secret.txt'), LARGE: join(bare.directory, 'large') }
    writeFileSync(files.LARGE, 'x'.repeat(512_000))
    const result = await bare('secret', 'create', ...args.map((it) => (it in files ? files[it as 'FILE'] : it)))
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain(message)
    expect(result.stderr).not.toContain(TEXT)
    expect(await namesOf(bare)).toEqual(['taken'])
  },
)

test('secret rm removes by name and by the beginning of an ID, and prints IDs', async ({ bare }) => {
  const ids = [await create(bare, 'one'), await create(bare, 'two'), await create(bare, 'three')] as const
  const mixed = await bare('secret', 'rm', 'one', 'stranger', ids[1].slice(0, 12))
  expect(mixed).toMatchObject({ code: 125, stdout: `${ids[0]}\n${ids[1]}\n` })
  expect(mixed.stderr).toContain('no secret with name or id "stranger"')
  for (const args of [[], ['--all', 'three']]) expect((await bare('secret', 'rm', ...args)).code).toBe(125)
  expect(await bare.ok('secret', 'rm', '--all')).toBe(ids[2])
  expect(await bare('secret', 'inspect', 'three')).toMatchObject({ code: 125, stdout: '[]\n' })
})

lichenTest('secret create --replace keeps the ID, --ignore the secret; exists tells', async ({ bare }) => {
  const id = await create(bare, 'one')
  const show = () => bare.ok('secret', 'inspect', '--showsecret', '--format', '{{.ID}} {{.SecretData}}', 'one')
  expect(await show()).toBe(`${id} ${TEXT}`)
  const again = (...flags: string[]) => bare.with({ input: 'another' }, 'secret', 'create', ...flags, 'one', '-')
  expect(await again('--ignore')).toMatchObject({ code: 0, stdout: `${id}\n` })
  expect(await show()).toBe(`${id} ${TEXT}`)
  expect(await again('--replace')).toMatchObject({ code: 0, stdout: `${id}\n` })
  expect(await show()).toBe(`${id} another`)
  expect((await again('--replace', '--ignore')).code).toBe(125)
  expect((await bare('secret', 'exists', 'one')).code).toBe(0)
  expect((await bare('secret', 'exists', 'two')).code).toBe(1)
  expect(await bare('secret', 'rm', '--ignore', 'two')).toMatchObject({ code: 0, stdout: '' })
})

lichenTest('a secret is a file that only its owner can read, where --driver-opts says', async ({ bare }) => {
  await create(bare, 'one')
  expect(statSync(join(bare.root, 'secrets/one')).mode & 0o777).toBe(0o600)
  const place = join(bare.directory, 'place')
  const elsewhere = ['--driver-opts', `path=${place}`]
  expect((await bare('secret', 'create', ...elsewhere, 'two', join(bare.directory, 'secret.txt'))).code).toBe(125)
  mkdirSync(place)
  const id = await create(bare, 'two', ...elsewhere)
  expect(readFileSync(join(place, id), 'utf8')).toBe(TEXT)
  expect(statSync(join(place, id)).mode & 0o777).toBe(0o600)
  const format = '{{.Spec.Driver.Options.path}} {{.SecretData}}'
  expect(await bare.ok('secret', 'inspect', '--showsecret', '--format', format, 'two')).toBe(`${place} ${TEXT}`)
  await create(bare, 'two', '--replace')
  expect(readdirSync(place)).toEqual([])
  const endless = await bare('secret', 'create', 'three', '/dev/zero')
  expect(endless).toMatchObject({ code: 125, stderr: expect.stringContaining('less than 512000 bytes') as string })
  for (const option of ['foo=x', 'path=relative'])
    expect((await bare('secret', 'create', '--driver-opts', option, 'three', '/etc/hostname')).code).toBe(125)
  await bare.ok('secret', 'rm', '--all')
  expect(readdirSync(join(bare.root, 'secrets'))).toEqual([])
})

lichenTest('a damaged secret hides no other', async ({ bare }) => {
  await create(bare, 'good')
  writeFileSync(join(bare.root, 'secrets/bad'), `{"data":"${TEXT}`)
  const listed = await bare('secret', 'ls', '--format', '{{.Name}}')
  expect(listed).toMatchObject({ code: 0, stdout: 'good\n', stderr: expect.stringContaining('secret bad: ') as string })
  const result = await bare('secret', 'inspect', 'bad')
  expect(result).toMatchObject({ code: 125, stderr: expect.stringContaining('not a secret of this version') as string })
  expect(result.stderr).not.toContain(TEXT)
})

lichenTest('of twenty that make a secret of one name at once, one succeeds', async ({ bare }) => {
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, at) => bare.with({ input: `${at}` }, 'secret', 'create', 'one', '-')),
  )
  expect(made.filter(({ code }) => code === 0)).toHaveLength(1)
  expect(made.filter(({ stderr }) => stderr.includes('secret name in use'))).toHaveLength(19)
  expect(readdirSync(join(bare.root, 'staging'))).toEqual([])
})
