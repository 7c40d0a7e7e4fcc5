// dist/completions/lichen.zsh

import { completionFacts, LISTS } from './build-completions.mjs'

/** `'word:what it is'` for _describe, whose separator is a colon. */
const described = (word, text) => `'${word.replaceAll(':', '\\:')}:${text.replaceAll("'", "'\\''")}'`
const verbRows = (verbs) => verbs.map(({ verb, summary }) => described(verb, summary)).join(' ')
const optionRows = ({ options }) =>
  options.flatMap(({ names, description }) => names.map((name) => described(name, description))).join(' ')

function facts(entry) {
  const choices = Object.entries(entry.choices).map(([name, words]) => `${name}) choices=(${words}) ;;`)
  const named = Object.entries(entry.named).map(([name, kind]) => `${name}) named=${kind} ;;`)
  const cases = [...choices, ...named].join(' ')
  return `options=(${optionRows(entry)}) values=(${entry.values.join(' ')}); case $previous in ${cases} esac`
}

export function zshCompletion(cli) {
  const { typed, first, global, topics } = completionFacts(cli)
  return `#compdef lichen
# zsh completion for lichen, made from its commands by scripts/build.

# Adds the candidates of every kind in $1, which are joined by +.
_lichen_candidates() {
  local kind
  local -a names
  for kind in \${(s:+:)1}; do
    case $kind in
${Object.entries(LISTS)
  .map(([kind, list]) => `      ${kind}) names=(\${(f)"$(${list})"}); compadd -a names ;;`)
  .join('\n')}
      copy) names=(\${(f)"$(${LISTS.container})"}); compadd -S : -a names; _files ;;
      file) _files ;;
      none) ;;
      *) compadd \${(s:,:)kind} ;;
    esac
  done
}

_lichen() {
  local previous=$words[CURRENT-1] command='' named='' place=1 from=1 at
  local -a verbs options values choices arguments
  arguments=(none)
  for ((at = 2; at < CURRENT; at++)); do
    case $words[at] in
      ${global.values.join('|')}) [[ -n $command ]] || ((at++)) ;;
      -*) ;;
      *) case $command in
           '') command=$words[at] from=$at ;;
           ${topics.map(({ topic }) => topic).join('|')}) command="$command $words[at]" from=$at; break ;;
           *) break ;;
         esac ;;
    esac
  done
  case $command in
    '') ${facts(global)}; verbs=(${verbRows(first)}) ;;
    help) verbs=(${verbRows(first)}) ;;
${topics.map(({ topic, verbs }) => `    ${topic}) verbs=(${verbRows(verbs)}) ;;`).join('\n')}
${typed.map((entry) => `    '${entry.words}') arguments=(${entry.arguments.replaceAll('*', '\\*')}); ${facts(entry)} ;;`).join('\n')}
  esac
  for ((at = from + 1; at < CURRENT; at++)); do
    if (($values[(Ie)$words[at]])); then ((at++)); elif [[ $words[at] != -* ]]; then ((place++)); fi
  done
  if (($#choices)); then compadd -a choices
  elif [[ -n $named ]]; then _lichen_candidates $named
  elif (($values[(Ie)$previous])); then _files
  elif [[ $PREFIX == -* ]]; then _describe -o option options
  elif (($#verbs)); then _describe command verbs
  elif ((place <= $#arguments)); then _lichen_candidates \${arguments[place]%\\*}
  elif [[ $arguments[-1] == *\\* ]]; then _lichen_candidates \${arguments[-1]%\\*}
  fi
}
if [[ $funcstack[1] == _lichen ]]; then _lichen "$@"; else compdef _lichen lichen; fi
`
}
