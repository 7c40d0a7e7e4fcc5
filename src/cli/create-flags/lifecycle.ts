// What a container is called, how it is stopped and started again, what becomes of it at its end.

import type { InferredFlags } from '@oclif/core/interfaces'
import { type LifecycleRequest, SDNOTIFY_MODES, type SdnotifyMode } from '../../model/lifecycle.js'
import { asText, asUint, list, refused, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import { parseAnnotation } from '../values/annotation.js'
import { parseLabel } from '../values/env.js'
import { parseNameOrNone, parseSignalName } from '../values/names.js'
import { parseRestart } from '../values/restart.js'

const PODS = 'there are no pods here: join a container by its namespaces, as in --network container:NAME'

export const lifecycleFlags = {
  annotation: list('Set an annotation of the OCI spec: KEY=VALUE', parseAnnotation, { commas: true }),
  cidfile: value("Write the container's ID to this file, which must not exist yet", asText, {
    emptyIsUnsaid: true,
  }),
  'conmon-pidfile': value("Write the pid of the container's monitor to this file", asText, { emptyIsUnsaid: true }),
  'init-ctr': refused(PODS),
  label: list('Set a label: NAME=VALUE', parseLabel, { char: 'l' }),
  'label-file': list('Read labels from a file, one a line', asText, { commas: true }),
  name: value('Name of the container', parseNameOrNone),
  pidfile: value("Write the pid of the container's first process to this file", asText, { emptyIsUnsaid: true }),
  pod: refused(PODS),
  'pod-id-file': refused(PODS),
  replace: toggle('Remove a container of the same name first'),
  requires: list('Containers that are started before this one', asText, { commas: true }),
  restart: value(
    'Start the container again when it ends: no, always, on-failure[:TIMES] or unless-stopped',
    parseRestart,
    { defaultHelp: 'no' },
  ),
  rm: toggle('Remove the container when it ends'),
  sdnotify: value(`Who tells systemd that the service is ready (${SDNOTIFY_MODES.join(', ')})`, asText, {
    default: 'container',
    choices: SDNOTIFY_MODES,
  }),
  'stop-signal': value('Signal that asks the container to stop', parseSignalName, {
    type: 'signal',
    defaultHelp: 'SIGTERM',
    emptyIsUnsaid: true,
  }),
  'stop-timeout': value('Seconds between that signal and SIGKILL', asUint, { type: 'uint', defaultHelp: '10' }),
  timeout: value('Seconds after which the container is killed, 0 for never', asUint, { type: 'uint', default: 0 }),
}

export function toLifecycleRequest(flags: InferredFlags<typeof lifecycleFlags>): LifecycleRequest {
  return {
    replace: flags.replace,
    remove: flags.rm,
    labelFiles: flags['label-file'],
    labels: Object.fromEntries(flags.label),
    annotations: Object.fromEntries(flags.annotation),
    requires: flags.requires,
    timeoutS: flags.timeout,
    sdnotify: flags.sdnotify as SdnotifyMode,
    ...onlySaid({
      name: flags.name,
      restart: flags.restart,
      stopSignal: flags['stop-signal'],
      stopTimeoutS: flags['stop-timeout'],
      cidfile: flags.cidfile,
      pidfile: flags.pidfile,
      monitorPidfile: flags['conmon-pidfile'],
    }),
  }
}
