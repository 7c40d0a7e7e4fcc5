// The options of `-v SOURCE:DESTINATION:OPTIONS`, which `--mount type=bind` and `type=volume` say in other words. podman-run(1), --volume.

import { UsageError } from '../../model/errors.js'

/** Of each group one may be said, once. */
const CHOICES: readonly { readonly words: readonly string[]; readonly named: string }[] = [
  { words: ['rw', 'ro'], named: "'rw' or 'ro'" },
  { words: ['z', 'Z', 'O'], named: "'z', 'Z', or 'O'" },
  { words: ['U'], named: "'U'" },
  { words: ['noexec', 'exec'], named: "'noexec' or 'exec'" },
  { words: ['nodev', 'dev'], named: "'nodev' or 'dev'" },
  { words: ['nosuid', 'suid'], named: "'nosuid' or 'suid'" },
  { words: ['bind', 'rbind'], named: "'[r]bind'" },
  { words: ['copy', 'nocopy'], named: "'copy' or 'nocopy'" },
  {
    words: ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared', 'unbindable', 'runbindable'],
    named: "'[r]shared', '[r]private', '[r]slave' or '[r]unbindable'",
  },
]
/** Hints for the file sharing of docker's virtual machines; where there is none they say nothing. */
const WITHOUT_MEANING = new Set(['cached', 'delegated', 'consistent'])
const IDMAP = /^idmap(=((uids|gids)=@?\d+-\d+-\d+(#@?\d+-\d+-\d+)*)(;(uids|gids)=@?\d+-\d+-\d+(#@?\d+-\d+-\d+)*)?)?$/

/** Returns them as they are, without those that mean nothing here. */
export function checkMountOptions(said: readonly string[]): string[] {
  const options = said.filter((option) => !WITHOUT_MEANING.has(option))
  for (const option of options) {
    if (option.startsWith('idmap') && !IDMAP.test(option))
      throw new UsageError(`invalid option "${option}": the form is idmap[=uids=FROM-TO-COUNT#…;gids=FROM-TO-COUNT#…]`)
    if (!option.startsWith('idmap') && !CHOICES.some(({ words }) => words.includes(option)))
      throw new UsageError(`invalid option type "${option}"`)
  }
  for (const { words, named } of CHOICES) {
    if (options.filter((option) => words.includes(option)).length > 1)
      throw new UsageError(`invalid options "${options.join(', ')}", can only specify 1 ${named} option`)
  }
  if (options.filter((option) => option.startsWith('idmap')).length > 1)
    throw new UsageError(`invalid options "${options.join(', ')}", can only specify 1 'idmap' option`)
  return options
}
