// dist/completions/lichen.zsh

import { completionFacts, LIST_CONTAINERS, LIST_IMAGES, LIST_SECRETS, LIST_VOLUMES } from './build-completions.mjs'

/** `'word:what it is'` for _describe, whose separator is a colon. */
const described = (word, text) => `'${word.replaceAll(':', '\\:')}:${text.replaceAll("'", "'\\''")}'`
const verbRows = (verbs) => verbs.map(({ verb, summary }) => described(verb, summary)).join(' ')
const optionRows = ({ options }) =>
  options.flatMap(({ names, description }) => names.map((name) => described(name, description))).join(' ')

function facts(entry) {
  const choices = Object.entries(entry.choices).map(([name, words]) => `${name}) choices=(${words}) ;;`)
  return `options=(${optionRows(entry)}) values=(${entry.values.join(' ')}); case $previous in ${choices.join(' ')} esac`
}

export function zshCompletion(cli) {
  const { typed, first, global, topics } = completionFacts(cli)
  return `#compdef lichen
# zsh completion for lichen, made from its commands by scripts/build.

_lichen() {
  local previous=$words[CURRENT-1] command='' argument=none at
  local -a verbs options values choices names
  for ((at = 2; at < CURRENT; at++)); do
    case $words[at] in
      ${global.values.join('|')}) [[ -n $command ]] || ((at++)) ;;
      -*) ;;
      *) case $command in
           '') command=$words[at] ;;
           ${topics.map(({ topic }) => topic).join('|')}) command="$command $words[at]"; break ;;
           *) break ;;
         esac ;;
    esac
  done
  case $command in
    '') ${facts(global)}; verbs=(${verbRows(first)}) ;;
    help) verbs=(${verbRows(first)}) ;;
${topics.map(({ topic, verbs }) => `    ${topic}) verbs=(${verbRows(verbs)}) ;;`).join('\n')}
${typed.map((entry) => `    '${entry.words}') argument='${entry.argument}'; ${facts(entry)} ;;`).join('\n')}
  esac
  if (($#choices)); then compadd -a choices
  elif (($values[(Ie)$previous])); then _files
  elif [[ $PREFIX == -* ]]; then _describe -o option options
  elif (($#verbs)); then _describe command verbs
  else
    case $argument in
      container) names=(\${(f)"$(${LIST_CONTAINERS})"}); compadd -a names ;;
      image) names=(\${(f)"$(${LIST_IMAGES})"}); compadd -a names ;;
      volume) names=(\${(f)"$(${LIST_VOLUMES})"}); compadd -a names ;;
      secret) names=(\${(f)"$(${LIST_SECRETS})"}); compadd -a names ;;
      file|none) _files ;;
      *) compadd \${=argument} ;;
    esac
  fi
}
if [[ $funcstack[1] == _lichen ]]; then _lichen "$@"; else compdef _lichen lichen; fi
`
}
