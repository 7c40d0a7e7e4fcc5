import { expect, test } from 'vitest'
import type { FlagDefinitions } from '../../../src/cli/flag-values.js'
import { asText, asUint, list, toggle, value } from '../../../src/cli/flags.js'
import { commandHelp, flagLines, GROUPS, programHelp, topicHelp } from '../../../src/cli/help.js'
import { commandTable } from '../../../src/commands/command-table.gen.js'
import Kill from '../../../src/commands/kill.js'
import Run from '../../../src/commands/run.js'

test('commandHelp is laid out as podman lays it out', () => {
  const { summary, description, usage, examples, flags } = Kill
  expect(
    commandHelp('kill', { summary, description, usage, examples, flags: flags as unknown as FlagDefinitions }),
  ).toBe(`Send a signal to one or more containers

Description:
  Sends a signal, SIGKILL unless said otherwise, to the first process of each container.

Usage:
  lichen kill [options] CONTAINER [CONTAINER...]

Examples:
  lichen kill web
  lichen kill --signal HUP web

Options:
  -a, --all                   Every running container
      --cidfile stringArray   Read the ID of a container from this file
  -l, --latest                The container that was created last
  -s, --signal signal         Signal by name or number (default SIGKILL)

'lichen --help' lists the global options, which may stand here too.
`)
})

test('flagLines sorts, aligns, quotes text defaults and leaves hidden flags out', () => {
  const flags = {
    zeta: toggle('Last'),
    alpha: value('First', asText, { char: 'A', default: 'x' }),
    hidden: value('', asText, { hidden: true }),
    count: value('How many', asUint, { type: 'uint', default: 3 }),
    names: list('Names', asText, { commas: true }),
    on: toggle('Switched on', { default: true }),
  } as unknown as FlagDefinitions
  expect(flagLines(flags)).toBe(`  -A, --alpha string    First (default "x")
      --count uint      How many (default 3)
      --names strings   Names
      --on              Switched on (default true)
      --zeta            Last
`)
})

test('programHelp lists every command that is typed alone exactly once, and the topics', () => {
  const help = programHelp(commandTable, {})
  for (const { names } of commandTable.commands) {
    const [name = ''] = names
    const lines = help.split('\n').filter((line) => line.startsWith(`  ${name} `))
    expect(lines, name).toHaveLength(name.includes(' ') ? 0 : 1)
  }
  expect(help).toContain('\nTopics:\n')
})

test('topicHelp lists what can be typed after the topic', () => {
  const help = topicHelp(commandTable, 'image')
  expect(help).toMatch(/^Manage images\n\nUsage:\n {2}lichen image COMMAND\n\nCommands:\n {2}diff /)
  expect(help).toMatch(/\n {2}ls {2,}List images\n/)
})

test('every command belongs to a group that help shows', () => {
  for (const { names, group } of commandTable.commands) expect(GROUPS, names[0]).toContain(group)
})

test('no two commands share a name', () => {
  const names = commandTable.commands.flatMap((entry) => [...entry.names, ...entry.hiddenNames])
  expect(new Set(names).size).toBe(names.length)
})

test('run has the flags of podman that it is to have, with their letters', () => {
  const flags = Run.flags as unknown as FlagDefinitions
  const letters = Object.entries(flags).flatMap(([name, { char }]) => (char === undefined ? [] : [`${char}:${name}`]))
  expect(letters.sort()).toEqual(
    [
      'a:attach',
      'c:cpu-shares',
      'd:detach',
      'e:env',
      'h:hostname',
      'i:interactive',
      'l:label',
      'm:memory',
      'q:quiet',
      't:tty',
      'u:user',
      'v:volume',
      'w:workdir',
    ].sort(),
  )
  for (const name of [
    'rm',
    'name',
    'entrypoint',
    'read-only',
    'cap-add',
    'cap-drop',
    'security-opt',
    'network',
    'stop-signal',
  ])
    expect(flags, name).toHaveProperty(name)
  for (const name of ['stop-timeout', 'cidfile', 'replace', 'init', 'userns', 'privileged', 'tmpfs', 'ulimit'])
    expect(flags, name).toHaveProperty(name)
})
