// lichen ps

import { asInt, asText, asUint, list, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { parseContainerFilter } from '../cli/values/container-filter.js'
import type { PsExtras } from '../cli/views/ps.js'
import { PS_ORDERS, type PsOrder, sortContainers } from '../cli/views/ps-order.js'
import type { Engine } from '../engine/engine.js'
import type { ContainerView } from '../model/container.js'
import { CONTAINER_FILTERS, selectContainers } from '../model/container-filter.js'
import type { LichenError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

/** Home, and away with everything below. */
const CLEAR_SCREEN = '\u001b[2J\u001b[H'

export default class Ps extends BaseCommand {
  static override summary = 'List containers'
  static override description =
    'Lists running containers, the newest first; with --all every container. What is shown is always what is true now, so --sync changes nothing; containers of other programs (--external) and pods there are none.'
  static override usage = '[options]'
  static override examples = [
    'lichen ps -a',
    'lichen ps -a --filter status=exited --format "{{.Names}} {{.Status}}"',
    'lichen ps --format json',
    'lichen ps --size --sort names',
  ]
  static override aliases = ['container:ls']
  static override hiddenAliases = ['container:ps', 'container:list']
  static override flags = {
    all: toggle('Show containers that do not run, too', { char: 'a' }),
    external: toggle('Show containers of other programs in the same store, too', { exclusive: ['last', 'latest'] }),
    filter: list(`Only containers with KEY=VALUE; keys: ${CONTAINER_FILTERS.join(', ')}`, parseContainerFilter, {
      char: 'f',
      commas: true,
    }),
    last: value('Only the newest so many, in whatever state', asInt, { char: 'n', type: 'int', defaultHelp: '-1' }),
    latest: toggle('Only the newest, in whatever state', { char: 'l', exclusive: ['last'] }),
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    'no-trunc': toggle('Show IDs, images and commands in full'),
    noheading: toggle('Leave the headings out'),
    ns: toggle('Show namespaces', { exclusive: ['quiet', 'size'], aliases: ['namespace'] }),
    pod: toggle('Show pods', { char: 'p' }),
    quiet: toggle('Only IDs', { char: 'q', exclusive: ['size'] }),
    size: toggle('Show how much each container has written', { char: 's' }),
    sort: value(`Order by ${PS_ORDERS.join(', ')}`, asText, { type: 'choice', choices: PS_ORDERS }),
    sync: toggle('Look at the containers themselves, as is always done'),
    watch: value('Show it again every so many seconds', asUint, { char: 'w', type: 'uint' }),
  }
  static override group = 'Containers' as const

  override async run(): Promise<void> {
    const { watch } = this.words.flags
    const engine = await this.openEngine()
    if (typeof watch !== 'number' || watch === 0) {
      writeOut(await this.render(engine))
      return
    }
    const { setTimeout: sleep } = await import('node:timers/promises')
    while (writeOut(CLEAR_SCREEN + (await this.render(engine)))) await sleep(watch * 1000)
  }

  private async render(engine: Engine): Promise<string> {
    const { flags } = await this.parse(Ps)
    const { listContainers } = await import('../engine/ps.js')
    const { containersText } = await import('../cli/views/ps.js')
    const onDamaged = (_id: string, { message, hint }: LichenError) =>
      this.showWarnings([hint === undefined ? message : `${message}: ${hint}`])
    const views = await listContainers(engine, onDamaged)
    const last = flags.latest ? 1 : flags.last !== undefined && flags.last > 0 ? flags.last : undefined
    const selected = selectContainers(views, { all: flags.all, filter: flags.filter, last })
    const needsSize = flags.size || flags.sort === 'size'
    const extras = needsSize || flags.ns ? await readExtras(engine, selected, { size: needsSize, ns: flags.ns }) : {}
    return containersText(sortContainers(selected, flags.sort as PsOrder | undefined, extras), flags, extras)
  }
}

async function readExtras(
  engine: Engine,
  views: readonly ContainerView[],
  { size, ns }: { readonly size: boolean; readonly ns: boolean },
): Promise<PsExtras> {
  const { measureContainer, readNamespaces } = await import('../engine/ps-details.js')
  const sizes = new Map<string, Awaited<ReturnType<typeof measureContainer>>>()
  if (size) for (const view of views) sizes.set(view.record.id, await measureContainer(engine, view))
  return {
    ...(size ? { sizes } : {}),
    ...(ns ? { namespaces: new Map(views.map((view) => [view.record.id, readNamespaces(view)])) } : {}),
  }
}
