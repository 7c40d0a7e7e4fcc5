// dist/completions/lichen.fish

import { completionFacts, LISTS } from './build-completions.mjs'

const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const when = (words) => `-n ${quote(`__lichen_is ${words}`.trimEnd())}`

function optionLine(words, entry, { names, description }) {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')
  return `complete -c lichen ${when(words)} ${flags} ${valueWords(entry, names[0])}-d ${quote(description)}`
}

/** What an option says of its value: it has none, the words to choose from, names of something, or a file. */
function valueWords({ choices, named, values }, name) {
  if (choices[name] !== undefined) return `-x -a ${quote(choices[name])} `
  if (named[name] !== undefined) return `-x -a "(__lichen_candidates ${named[name]})" `
  return values.includes(name) ? '-r ' : ''
}

const verbLines = (words, verbs) =>
  verbs.map(({ verb, summary }) => `complete -c lichen -f ${when(words)} -a ${verb} -d ${quote(summary)}`)

export function fishCompletion(cli) {
  const { typed, first, global, topics } = completionFacts(cli)
  const lines = [
    'complete -c lichen -f',
    ...verbLines('', first),
    ...verbLines('help', first),
    ...global.options.map((option) => optionLine('', global, option)),
    ...topics.flatMap(({ topic, verbs }) => verbLines(topic, verbs)),
    ...typed.flatMap((entry) => [
      `complete -c lichen ${when(entry.words)} -a "(__lichen_arguments ${quote(entry.arguments)} ${entry.values.join(' ')})"`,
      ...entry.options.map((option) => optionLine(entry.words, entry, option)),
    ]),
  ]
  return `# fish completion for lichen, made from its commands by scripts/build.

function __lichen_command --description 'The command typed so far, and with an argument how many words that took'
    set -l found
    set -l skip 0
    set -l typed (commandline -opc)[2..]
    set -l at 0
    for word in $typed
        set at (math $at + 1)
        if test $skip = 1
            set skip 0
        else if contains -- $word ${global.values.join(' ')}
            test (count $found) = 0; and set skip 1
        else if not string match -q -- '-*' $word
            set -a found $word
            contains -- $found[1] ${topics.map(({ topic }) => topic).join(' ')}; and test (count $found) -lt 2; or break
        end
    end
    if set -q argv[1]
        echo $at
    else
        echo "$found"
    end
end

function __lichen_is --description 'Whether the command typed so far is this one'
    test (__lichen_command) = "$argv"
end

function __lichen_candidates --description 'Candidates of every kind, which are joined by +'
    for kind in (string split + $argv[1])
        switch $kind
${Object.entries(LISTS)
  .map(([kind, list]) => `            case ${kind}\n                ${list}`)
  .join('\n')}
            case copy
                ${LISTS.container} | string replace -r '$' :
                __fish_complete_path (commandline -ct)
            case file
                __fish_complete_path (commandline -ct)
            case none
            case '*'
                string split , $kind
        end
    end
end

function __lichen_arguments --description 'Candidates for the argument at the cursor: kinds by place, then the options that take a value'
    set -l kinds (string split ' ' $argv[1])
    set -l values $argv[2..]
    set -l place 1
    set -l skip 0
    set -l typed (commandline -opc)
    set -l first (math (__lichen_command words) + 2)
    for word in $typed[$first..]
        if test $skip = 1
            set skip 0
        else if contains -- $word $values
            set skip 1
        else if not string match -q -- '-*' $word
            set place (math $place + 1)
        end
    end
    if test $place -gt (count $kinds)
        string match -q -- '*\\*' $kinds[-1]; or return
        set place (count $kinds)
    end
    __lichen_candidates (string trim -r -c '*' $kinds[$place])
end

${lines.join('\n')}
`
}
