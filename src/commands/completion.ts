// lichen completion: prints a script that the build made from the commands' declarations.

import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export default class Completion extends BaseCommand {
  static override summary = 'Print a completion script for a shell'
  static override description = 'Prints a script that teaches bash, zsh or fish the commands and options of lichen.'
  static override usage = 'bash|zsh|fish'
  static override examples = [
    'source <(lichen completion bash)',
    'lichen completion fish > ~/.config/fish/completions/lichen.fish',
  ]
  static override group = 'System' as const
  static override arity = { min: 1, max: 1, of: 'shell' }

  override async run(): Promise<void> {
    const { argv } = await this.parse(Completion)
    const shell = SHELLS.find((name) => name === argv[0])
    if (shell === undefined)
      throw new UsageError(`no completion for "${argv[0]}": there is one for ${SHELLS.join(', ')}`)
    const { printCompletion } = await import('../cli/completion.js')
    printCompletion(shell)
  }
}
