// lichen container clone

import { resourceFlags, toSaidResources } from '../../cli/create-flags/limits.js'
import { asText, refused, toggle, value } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { writeOut } from '../../cli/output.js'
import { parseContainerName } from '../../cli/values/names.js'
import { UsageError } from '../../model/errors.js'
import { BaseCommand } from '../base-command.js'

export default class ContainerClone extends BaseCommand {
  static override summary = 'Make a container like another one'
  static override description =
    "Makes a container with the same command, environment, mounts and limits, but without the other's changed files, and prints its ID.\nWith IMAGE it is made from another image."
  static override usage = '[options] CONTAINER [NAME] [IMAGE]'
  static override examples = [
    'lichen container clone web web-2',
    'lichen container clone --destroy --memory 1g db db',
    'lichen container clone --run web web-next localhost/web:next',
  ]
  static override flags = {
    ...resourceFlags,
    destroy: toggle('Remove the other container'),
    force: toggle('Remove it even if it runs, with --destroy', { char: 'f' }),
    name: value('Name of the new container', asText),
    pod: refused('there are no pods here'),
    run: toggle('Start the new container'),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 3, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ContainerClone)
    const [container = '', second, image] = argv as string[]
    if (flags.force && !flags.destroy) throw new UsageError('cannot set --force without --destroy')
    const name = second ?? flags.name
    if (name !== undefined) parseContainerName(name)
    const { cloneContainer } = await import('../../engine/clone.js')
    const engine = await this.openEngine({ showProgress: true })
    const { destroy, force, run } = flags
    const resources = toSaidResources(flags)
    const request = { container, resources, destroy, force, run, ...onlySaid({ name, image }) }
    writeOut(`${await cloneContainer(engine, request)}\n`)
  }
}
