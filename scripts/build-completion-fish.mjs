// dist/completions/lichen.fish

import { completionFacts, LIST_CONTAINERS, LIST_IMAGES, LIST_SECRETS, LIST_VOLUMES } from './build-completions.mjs'

const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const when = (words) => `-n ${quote(`__lichen_is ${words}`.trimEnd())}`

function optionLine(words, entry, { names, description }) {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')
  const choices = entry.choices[names[0]]
  const value = choices === undefined ? (entry.values.includes(names[0]) ? '-r ' : '') : `-x -a ${quote(choices)} `
  return `complete -c lichen ${when(words)} ${flags} ${value}-d ${quote(description)}`
}

const ARGUMENTS = {
  container: `-f -a "(${LIST_CONTAINERS})"`,
  image: `-f -a "(${LIST_IMAGES})"`,
  volume: `-f -a "(${LIST_VOLUMES})"`,
  secret: `-f -a "(${LIST_SECRETS})"`,
  file: '-F',
  none: '-F',
}

const verbLines = (words, verbs) =>
  verbs.map(({ verb, summary }) => `complete -c lichen -f ${when(words)} -a ${verb} -d ${quote(summary)}`)

export function fishCompletion(cli) {
  const { typed, first, global, topics } = completionFacts(cli)
  const lines = [
    ...verbLines('', first),
    ...verbLines('help', first),
    ...global.options.map((option) => optionLine('', global, option)),
    ...topics.flatMap(({ topic, verbs }) => verbLines(topic, verbs)),
    ...typed.flatMap((entry) => [
      `complete -c lichen ${when(entry.words)} ${ARGUMENTS[entry.argument] ?? `-f -a ${quote(entry.argument)}`}`,
      ...entry.options.map((option) => optionLine(entry.words, entry, option)),
    ]),
  ]
  return `# fish completion for lichen, made from its commands by scripts/build.

function __lichen_is --description 'Whether the command typed so far is this one'
    set -l found
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- $word ${global.values.join(' ')}
            test (count $found) = 0; and set skip 1
        else if not string match -q -- '-*' $word
            set -a found $word
            contains -- $found[1] ${topics.map(({ topic }) => topic).join(' ')}; and test (count $found) -lt 2; or break
        end
    end
    test "$found" = "$argv"
end

${lines.join('\n')}
`
}
