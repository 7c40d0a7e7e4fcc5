// dist/completions/lichen.bash

import { completionFacts, LISTS } from './build-completions.mjs'

const verbWords = (verbs) => verbs.map(({ verb }) => verb).join(' ')
const optionWords = ({ options }) => options.flatMap(({ names }) => names).join(' ')

function facts(entry) {
  const choices = Object.entries(entry.choices).map(([name, words]) => `${name}) words='${words}' ;;`)
  const named = Object.entries(entry.named).map(([name, kind]) => `${name}) named='${kind}' ;;`)
  const cases = [...choices, ...named].join(' ')
  return `options='${optionWords(entry)}' values=' ${entry.values.join(' ')} '; case $previous in ${cases} esac`
}

export function bashCompletion(cli) {
  const { typed, first, global, topics } = completionFacts(cli)
  return `# bash completion for lichen, made from its commands by scripts/build. For an alias: complete -o filenames -F _lichen NAME

# Candidates of every kind in $1, which are joined by +.
_lichen_candidates() {
  local kind
  for kind in \${1//+/ }; do
    case $kind in
${Object.entries(LISTS)
  .map(([kind, list]) => `      ${kind}) ${list} ;;`)
  .join('\n')}
      copy) ${LISTS.container} | sed 's/$/:/' ;;
      none | file) ;;
      *) echo "\${kind//,/ }" ;;
    esac
  done
}

# How many arguments stand between the command, which is word $1, and the cursor. readline parts words at : and =, too.
_lichen_place() {
  local at place=0
  for ((at = $1 + 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      : | =) ((at++)) ;;
      -*) if [[ $values == *" \${COMP_WORDS[at]} "* && \${COMP_WORDS[at + 1]} != = ]]; then ((at++)); fi ;;
      *) ((place++)) ;;
    esac
  done
  echo "$place"
}

_lichen() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command='' verbs='' options='' values='' words='' named='' at from=0 place
  local -a arguments=(none)
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      ${global.values.join(' | ')}) [[ -n $command ]] || ((at++)) ;;
      -*) ;;
      *) case $command in
           '') command=\${COMP_WORDS[at]} from=$at ;;
           ${topics.map(({ topic }) => topic).join(' | ')}) command="$command \${COMP_WORDS[at]}" from=$at; break ;;
           *) break ;;
         esac ;;
    esac
  done
  case $command in
    '') ${facts(global)}; verbs='${verbWords(first)}' ;;
    help) verbs='${verbWords(first)}' ;;
${topics.map(({ topic, verbs }) => `    ${topic}) verbs='${verbWords(verbs)}' ;;`).join('\n')}
${typed.map((entry) => `    '${entry.words}') arguments=(${entry.arguments.replaceAll('*', '\\*')}); ${facts(entry)} ;;`).join('\n')}
  esac
  if [[ -n $words ]]; then :
  elif [[ -z $named && $values == *" $previous "* ]]; then named=file
  elif [[ -z $named && $current == -* ]]; then words=$options
  elif [[ -n $verbs ]]; then words=$verbs
  elif [[ -z $named ]]; then
    place=$(_lichen_place $from)
    named=\${arguments[place]-}
    if [[ -z $named && \${arguments[-1]} == *\\* ]]; then named=\${arguments[-1]}; fi
    named=\${named%\\*}
  fi
  if [[ -n $named ]]; then words=$(_lichen_candidates "$named"); fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ $named == copy && \${#COMPREPLY[@]} -gt 0 ]]; then compopt -o nospace 2>/dev/null; fi
  if [[ $named == *file || $named == copy ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
  # a colon ends a word for readline: only what follows it may be replaced
  if [[ $current == *:* ]] && declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$current"; fi
}
complete -o filenames -F _lichen lichen
`
}
