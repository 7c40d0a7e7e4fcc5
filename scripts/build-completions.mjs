// What the completion scripts know, made from the commands' declarations; one generator for each shell beside this file.
// The scripts are static: a Tab starts lichen only to list containers, images, volumes or secrets.

/**
 * Every way to type a command that some list shows:
 * words `image ls`, summary, options [{ names, description }], choices { '--sort': 'created id …' }, values ['--name', …] that take
 * a value, argument: `container`, `image`, `volume`, `secret`, `file`, `none`, or the words there are to choose from.
 */
export function completionFacts({ commands, topics, globalFlags }) {
  const global = flagFacts({ ...globalFlags, help: { type: 'boolean', description: 'Show help' } })
  const typed = Object.values(commands).flatMap((command) =>
    [command.id, ...command.aliases].map((id) => ({
      words: id.replaceAll(':', ' '),
      summary: command.summary,
      argument: argumentKind(command),
      ...joinFacts(flagFacts(command.flags), global),
    })),
  )
  const help = { verb: 'help', summary: 'Show help for a command' }
  const topicVerbs = Object.entries(topics).map(([verb, summary]) => ({ verb, summary }))
  const commandVerbs = typed
    .filter(({ words }) => !words.includes(' '))
    .map(({ words, summary }) => ({ verb: words, summary }))
  const first = [...commandVerbs, ...topicVerbs, help].sort(byVerb)
  return {
    typed,
    first,
    global,
    topics: Object.keys(topics).map((topic) => ({ topic, verbs: verbsOf(typed, topic) })),
  }
}

const byVerb = (a, b) => (a.verb < b.verb ? -1 : 1)

const verbsOf = (typed, topic) =>
  typed
    .filter(({ words }) => words.startsWith(`${topic} `))
    .map(({ words, summary }) => ({ verb: words.slice(topic.length + 1), summary }))
    .sort(byVerb)

function flagFacts(flags) {
  const shown = Object.entries(flags)
    .filter(([, flag]) => !flag.hidden)
    .map(([name, flag]) => ({
      ...flag,
      names: flag.char === undefined ? [`--${name}`] : [`--${name}`, `-${flag.char}`],
    }))
  return {
    options: shown.map(({ names, description = '' }) => ({ names, description })),
    values: shown.filter(({ type }) => type !== 'boolean').flatMap(({ names }) => names),
    choices: Object.fromEntries(
      shown.flatMap(({ names, options }) => (options ? [[names[0], options.join(' ')]] : [])),
    ),
  }
}

const joinFacts = (a, b) => ({
  options: [...a.options, ...b.options],
  values: [...a.values, ...b.values],
  choices: { ...a.choices, ...b.choices },
})

function argumentKind({ usage = '' }) {
  if (/^[a-z]+(\|[a-z]+)+$/.test(usage)) return usage.replaceAll('|', ' ')
  if (/\bIMAGE\b/.test(usage)) return 'image'
  if (/\bCONTAINER\b/.test(usage)) return 'container'
  if (/\bVOLUME\b/.test(usage)) return 'volume'
  if (/\bSECRET\b/.test(usage)) return 'secret'
  return /\bFILE\b/.test(usage) ? 'file' : 'none'
}

/** Their names, images also without what may be left out when typing one. */
export const LIST_CONTAINERS = `lichen ps -a --format '{{.Names}}' 2>/dev/null`
export const LIST_IMAGES = `lichen images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null | sed -n 'p;s,^localhost/,,p;s,^docker.io/,,;s,^library/,,p'`
export const LIST_VOLUMES = `lichen volume ls -q 2>/dev/null`
export const LIST_SECRETS = `lichen secret ls --format '{{.Name}}' 2>/dev/null`
