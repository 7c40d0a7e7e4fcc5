// lichen unmount

import { forEachTarget } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { latestFlag } from '../cli/target-flags.js'
import { BaseCommand } from './base-command.js'

export default class Unmount extends BaseCommand {
  static override summary = 'Unmount containers'
  static override description =
    'Unmounts what `mount` mounted; a container that runs keeps its own mount. One that is not mounted is no error.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen unmount web', 'lichen unmount --all']
  static override aliases = ['umount', 'container:unmount', 'container:umount']
  static override flags = {
    all: toggle('Every mounted container', { char: 'a' }),
    force: toggle('Also while somebody works in it: it goes when they leave', { char: 'f' }),
    ...latestFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Unmount)
    const { listMountedContainers, unmountContainer } = await import('../engine/container-mount.js')
    const engine = await this.openEngine()
    const shown = flags.all ? new Set((await listMountedContainers(engine)).map(({ record }) => record.id)) : undefined
    const targets = await this.targets(engine, argv as string[], {
      ...flags,
      ...(shown === undefined ? {} : { among: ({ record }) => shown.has(record.id) }),
    })
    return await forEachTarget(targets, this.errorContext, (id) => unmountContainer(engine, id, flags))
  }
}
