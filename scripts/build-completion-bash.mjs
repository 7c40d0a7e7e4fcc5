// dist/completions/lichen.bash

import { completionFacts, LIST_CONTAINERS, LIST_IMAGES, LIST_SECRETS, LIST_VOLUMES } from './build-completions.mjs'

const verbWords = (verbs) => verbs.map(({ verb }) => verb).join(' ')
const optionWords = ({ options }) => options.flatMap(({ names }) => names).join(' ')

function facts(entry) {
  const choices = Object.entries(entry.choices).map(([name, words]) => `${name}) words='${words}' ;;`)
  return `options='${optionWords(entry)}' values=' ${entry.values.join(' ')} '; case $previous in ${choices.join(' ')} esac`
}

export function bashCompletion(cli) {
  const { typed, first, global, topics } = completionFacts(cli)
  return `# bash completion for lichen, made from its commands by scripts/build. For an alias: complete -o filenames -F _lichen NAME

_lichen() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command='' verbs='' options='' values='' words='' argument=none at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      ${global.values.join(' | ')}) [[ -n $command ]] || ((at++)) ;;
      -*) ;;
      *) case $command in
           '') command=\${COMP_WORDS[at]} ;;
           ${topics.map(({ topic }) => topic).join(' | ')}) command="$command \${COMP_WORDS[at]}"; break ;;
           *) break ;;
         esac ;;
    esac
  done
  case $command in
    '') ${facts(global)}; verbs='${verbWords(first)}' ;;
    help) verbs='${verbWords(first)}' ;;
${topics.map(({ topic, verbs }) => `    ${topic}) verbs='${verbWords(verbs)}' ;;`).join('\n')}
${typed.map((entry) => `    '${entry.words}') argument='${entry.argument}'; ${facts(entry)} ;;`).join('\n')}
  esac
  if [[ -n $words ]]; then :
  elif [[ $values == *" $previous "* ]]; then COMPREPLY=($(compgen -f -- "$current")); return
  elif [[ $current == -* ]]; then words=$options
  elif [[ -n $verbs ]]; then words=$verbs
  else
    case $argument in
      container) words=$(${LIST_CONTAINERS}) ;;
      image) words=$(${LIST_IMAGES}) ;;
      volume) words=$(${LIST_VOLUMES}) ;;
      secret) words=$(${LIST_SECRETS}) ;;
      file | none) COMPREPLY=($(compgen -f -- "$current")); return ;;
      *) words=$argument ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # a colon ends a word for readline: only what follows it may be replaced
  if [[ $current == *:* ]] && declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$current"; fi
}
complete -o filenames -F _lichen lichen
`
}
