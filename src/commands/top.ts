// lichen top

import { writeOut } from '../cli/output.js'
import { latestFlag } from '../cli/target-flags.js'
import { DESCRIPTOR_NAMES, parseDescriptors, processesText } from '../cli/views/top.js'
import { BaseCommand } from './base-command.js'

export default class Top extends BaseCommand {
  static override summary = 'Show the processes of a container'
  static override description =
    `Shows the processes of a running container. Columns are chosen by descriptors: ${DESCRIPTOR_NAMES.join(' ')};\nother words are options for the container's own ps(1).`
  static override usage = '[options] CONTAINER [FORMAT-DESCRIPTORS|ARGS...]'
  static override examples = [
    'lichen top web',
    'lichen top web pid user capeff',
    'lichen top web hpid,huser,args',
    'lichen top web -- aux',
  ]
  static override aliases = ['container:top']
  static override flags = latestFlag
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'argument' }
  static override interspersed = false

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Top)
    const { listProcesses, runPs } = await import('../engine/top.js')
    const engine = await this.openEngine()
    const all = argv as string[]
    const [names, words] = flags.latest ? [[], all] : [all.slice(0, 1), all.slice(1)]
    const name = await this.target(engine, names, flags.latest)
    const descriptors = parseDescriptors(words)
    if (descriptors === undefined) writeOut(await runPs(engine, name, words))
    else writeOut(processesText(await listProcesses(engine, name), descriptors))
  }
}
