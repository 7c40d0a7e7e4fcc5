// What the completion scripts know, made from the commands' declarations; one generator for each shell beside this file.
// The scripts are static: a Tab starts lichen only to list containers, images, volumes or secrets.

/**
 * Every way to type a command that some list shows:
 * words `image ls`, summary, options [{ names, description }], choices { '--sort': 'created id …' }, values ['--name', …] that take
 * a value, named { '--secret': 'secret' } whose value is the name of something, and arguments: the kind of each, by its place.
 * A kind is `container`, `image`, `volume`, `secret`, several of them joined by `+`, `copy` (a path, here or in a container), `file`, `none`,
 * or the words there are to choose from, parted by commas; with `*` behind it, it is that of all further ones, too.
 */
export function completionFacts({ commands, topics, globalFlags }) {
  const global = flagFacts({ ...globalFlags, help: { type: 'boolean', description: 'Show help' } })
  const typed = Object.values(commands).flatMap((command) =>
    [command.id, ...command.aliases].map((id) => ({
      words: id.replaceAll(':', ' '),
      summary: command.summary,
      arguments: argumentKinds(command),
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
    named: Object.fromEntries(
      shown.flatMap(({ names, type }) => {
        const kind = type === 'boolean' ? undefined : VALUE_KINDS[names[0]]
        return kind === undefined ? [] : names.map((name) => [name, kind])
      }),
    ),
  }
}

/** Flags whose value begins with the name of something. */
const VALUE_KINDS = {
  '--requires': 'container',
  '--secret': 'secret',
  '--volume': 'volume+file',
  '--volumes-from': 'container',
}

const joinFacts = (a, b) => ({
  options: [...a.options, ...b.options],
  values: [...a.values, ...b.values],
  choices: { ...a.choices, ...b.choices },
  named: { ...a.named, ...b.named },
})

function argumentKinds({ usage = '' }) {
  if (/^[a-z]+(\|[a-z]+)+$/.test(usage)) return usage.replaceAll('|', ',')
  const places = usage.split(' ').filter((place) => place !== '' && place !== '[options]')
  const kinds = places.map((place, at) => {
    const named = place === '[...]' ? places[at - 1] : place // `{CONTAINER|IMAGE} [...]`
    return placeKind(named) + (place.includes('...') ? '*' : '')
  })
  return kinds.length === 0 ? 'none' : kinds.join(' ')
}

const KINDS = { CONTAINER: 'container', IMAGE: 'image', LIST: 'image', VOLUME: 'volume', SECRET: 'secret' }

/** One place of a usage line: `[CONTAINER...]`, `{CONTAINER|IMAGE}`, `FILE|-`, `[COMMAND`. */
function placeKind(place) {
  if (/_PATH/.test(place)) return 'copy'
  const kinds = place.split(/[^A-Z]+/).flatMap((word) => KINDS[word] ?? [])
  if (kinds.length > 0) return [...new Set(kinds)].join('+')
  return /FILE|PATH|COMMAND|ARG\b/.test(place) ? 'file' : 'none'
}

/** What prints the names of each kind; images also without what may be left out when typing one. */
export const LISTS = {
  container: `lichen ps -a --format '{{.Names}}' 2>/dev/null`,
  image: `lichen images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null | sed -n 'p;s,^localhost/,,p;s,^docker.io/,,;s,^library/,,p'`,
  volume: `lichen volume ls -q 2>/dev/null`,
  secret: `lichen secret ls --format '{{.Name}}' 2>/dev/null`,
}
