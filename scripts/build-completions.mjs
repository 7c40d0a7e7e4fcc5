// Completion scripts for bash, zsh and fish, made from the commands' declarations: commands, topics, options and their choices.
// They are static files: a Tab starts lichen only to list containers or images.

const GLOBALS_WITH_VALUE = (flags) => valueFlags(flags).map((name) => `--${name}`)

/** Every way to type a command that is listed somewhere: { words, summary, options, choices, argument }. */
function typedCommands({ commands, globalFlags }) {
  return Object.values(commands).flatMap((command) =>
    [command.id, ...command.aliases].map((id) => ({
      words: id.replaceAll(':', ' '),
      summary: command.summary,
      flags: { ...command.flags, ...globalFlags, help: { type: 'boolean', description: 'Show help' } },
      argument: argumentKind(command),
    })),
  )
}

/** What a command's arguments name, so that Tab can list them. */
function argumentKind({ usage = '' }) {
  if (/\bIMAGE\b/.test(usage)) return 'image'
  if (/\bCONTAINER\b/.test(usage)) return 'container'
  return /\bFILE\b/.test(usage) ? 'file' : 'none'
}

const shown = (flags) => Object.entries(flags).filter(([, flag]) => !flag.hidden)
const valueFlags = (flags) =>
  shown(flags)
    .filter(([, flag]) => flag.type !== 'boolean')
    .map(([name]) => name)
const optionWords = (flags) =>
  shown(flags).flatMap(([name, { char }]) => (char === undefined ? [`--${name}`] : [`-${char}`, `--${name}`]))
const choiceRows = (flags) =>
  shown(flags)
    .filter(([, { options }]) => options !== undefined)
    .map(([name, { options }]) => [name, options.join(' ')])
const firstWords = (typed, topics) =>
  [
    ...new Set([
      ...typed.map(({ words }) => words).filter((words) => !words.includes(' ')),
      ...Object.keys(topics),
      'help',
    ]),
  ].sort()
const verbsOf = (typed, topic) =>
  typed
    .filter(({ words }) => words.startsWith(`${topic} `))
    .map(({ words, summary }) => ({ verb: words.slice(topic.length + 1), summary }))

export function bashCompletion(cli) {
  const typed = typedCommands(cli)
  const cases = typed.map(({ words, flags, argument }) => {
    const choices = choiceRows(flags)
      .map(([name, values]) => `--${name}) choices='${values}' ;; `)
      .join('')
    return `    '${words}') options='${optionWords(flags).join(' ')}' argument=${argument}; case $previous in ${choices}esac ;;`
  })
  const topics = Object.keys(cli.topics).map(
    (topic) =>
      `    ${topic}) verbs='${verbsOf(typed, topic)
        .map(({ verb }) => verb)
        .join(' ')}' ;;`,
  )
  return `# bash completion for lichen, made from its commands by scripts/build. Also defines it for aliases: complete -F _lichen NAME

_lichen() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command='' verbs='' options='' choices='' argument=none at word skip=0
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if ((skip)); then skip=0; continue; fi
    case $word in
    ${GLOBALS_WITH_VALUE(cli.globalFlags).join(' | ')}) [[ -n $command ]] || skip=1 ;;
    -*) ;;
    *) if [[ -z $command ]]; then command=$word
       elif [[ ' ${Object.keys(cli.topics).join(' ')} ' == *" $command "* ]]; then command="$command $word"; break
       else break; fi ;;
    esac
  done
  case $command in
    '') verbs='${firstWords(typed, cli.topics).join(' ')}' options='${optionWords({ ...cli.globalFlags, help: {}, version: {} }).join(' ')}' ;;
${topics.join('\n')}
${cases.join('\n')}
  esac
  if [[ -n $choices ]]; then COMPREPLY=($(compgen -W "$choices" -- "$current"))
  elif [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $verbs ]]; then COMPREPLY=($(compgen -W "$verbs" -- "$current"))
  elif [[ $argument == container ]]; then COMPREPLY=($(compgen -W "$(lichen ps -a --format '{{.Names}}' 2>/dev/null)" -- "$current"))
  elif [[ $argument == image ]]; then
    COMPREPLY=($(compgen -W "$(lichen images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" -- "$current"))
    declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
  else COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _lichen lichen
`
}

const zshQuote = (text) =>
  text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:')

function zshOption([name, flag]) {
  const { char, description = '', type, multiple, options } = flag
  const value = type === 'boolean' ? '' : `:${name}:${options === undefined ? '_files' : `(${options.join(' ')})`}`
  const star = multiple ? '*' : ''
  const spec = (word) =>
    `'${star}${word}${type === 'boolean' ? '' : word.startsWith('--') ? '=' : '+'}[${zshQuote(description)}]${value}'`
  return [...(char === undefined ? [] : [spec(`-${char}`)]), spec(`--${name}`)].join(' ')
}

const ZSH_ARGUMENTS = {
  container: `'*:container:_lichen_containers'`,
  image: `'1:image:_lichen_images' '*::arguments:_normal'`,
  file: `'*:file:_files'`,
  none: `'*::'`,
}

export function zshCompletion(cli) {
  const typed = typedCommands(cli)
  const summaryOf = (word) =>
    cli.topics[word] ?? typed.find(({ words }) => words === word)?.summary ?? 'Show help for a command'
  const describe = (rows) => rows.map(([word, summary]) => `'${word}:${zshQuote(summary)}'`).join(' ')
  const cases = typed.map(
    ({ words, flags, argument }) =>
      `    '${words}') _arguments -s -S ${shown(flags).map(zshOption).join(' ')} ${ZSH_ARGUMENTS[argument]} ;;`,
  )
  const topics = Object.keys(cli.topics).map(
    (topic) =>
      `    ${topic}) local -a verbs=(${describe(verbsOf(typed, topic).map(({ verb, summary }) => [verb, summary]))}); _describe command verbs ;;`,
  )
  return `#compdef lichen
# zsh completion for lichen, made from its commands by scripts/build.

_lichen_containers() { local -a names=(\${(f)"$(lichen ps -a --format '{{.Names}}' 2>/dev/null)"}); _describe container names }
_lichen_images() { local -a names=(\${(f)"$(lichen images --format '{{.Repository}}\\:{{.Tag}}' 2>/dev/null)"}); _describe image names }

_lichen() {
  local command='' at skip=0
  for ((at = 2; at < CURRENT; at++)); do
    if ((skip)); then skip=0; continue; fi
    case $words[at] in
    ${GLOBALS_WITH_VALUE(cli.globalFlags).join('|')}) [[ -n $command ]] || skip=1 ;;
    -*) ;;
    *) if [[ -z $command ]]; then command=$words[at]
       elif (( \${\${(s: :):-'${Object.keys(cli.topics).join(' ')}'}[(I)$command]} )); then command="$command $words[at]"; break
       else break; fi ;;
    esac
  done
  if [[ -n $command ]]; then
    local depth=\${#\${(s: :)command}}
    local from=1
    while ((depth > 0)); do ((from++)); [[ $words[from] == -* ]] || ((depth--)); done
    if ((from < CURRENT)); then words=("\${(@)words[from,-1]}"); ((CURRENT -= from - 1)); fi
  fi
  case $command in
    '') local -a verbs=(${describe(firstWords(typed, cli.topics).map((word) => [word, summaryOf(word)]))}); _describe command verbs ;;
${topics.join('\n')}
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _lichen ]]; then _lichen "$@"; else compdef _lichen lichen; fi
`
}

const fishQuote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

function fishOption(condition, [name, { char, description = '', type, options }]) {
  const value = type === 'boolean' ? '' : options === undefined ? ' -r' : ` -x -a ${fishQuote(options.join(' '))}`
  return `complete -c lichen -n ${condition} ${char === undefined ? '' : `-s ${char} `}-l ${name}${value} -d ${fishQuote(description)}`
}

const FISH_ARGUMENTS = {
  container: `-f -a "(lichen ps -a --format '{{.Names}}' 2>/dev/null)"`,
  image: `-f -a "(lichen images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)"`,
  file: '-F',
  none: '-f',
}

export function fishCompletion(cli) {
  const typed = typedCommands(cli)
  const when = (words) => fishQuote(`__lichen_is ${words}`)
  const first = firstWords(typed, cli.topics).map(
    (word) =>
      `complete -c lichen -f -n '__lichen_is' -a ${word} -d ${fishQuote(cli.topics[word] ?? typed.find(({ words }) => words === word)?.summary ?? 'Show help for a command')}`,
  )
  const verbs = Object.keys(cli.topics).flatMap((topic) =>
    verbsOf(typed, topic).map(
      ({ verb, summary }) => `complete -c lichen -f -n ${when(topic)} -a ${verb} -d ${fishQuote(summary)}`,
    ),
  )
  const options = typed.flatMap(({ words, flags, argument }) => [
    `complete -c lichen -n ${when(words)} ${FISH_ARGUMENTS[argument]}`,
    ...shown(flags).map((flag) => fishOption(when(words), flag)),
  ])
  return `# fish completion for lichen, made from its commands by scripts/build.

function __lichen_is --description 'Whether the command typed so far is this one'
    set -l words (commandline -opc)[2..]
    set -l found
    set -l skip 0
    for word in $words
        if test $skip = 1
            set skip 0
        else if contains -- $word ${GLOBALS_WITH_VALUE(cli.globalFlags).join(' ')}
            test (count $found) = 0; and set skip 1
        else if not string match -q -- '-*' $word
            set -a found $word
            contains -- $found[1] ${Object.keys(cli.topics).join(' ')}; and test (count $found) -lt 2; or break
        end
    end
    test "$found" = "$argv"
end

${[...first, ...Object.entries({ ...cli.globalFlags }).map((flag) => fishOption("'__lichen_is'", flag)), ...verbs, ...options].join('\n')}
`
}
