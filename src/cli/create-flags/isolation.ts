// What a container shares with the host and what it may do: namespaces, capabilities, security options.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { IsolationRequest } from '../../model/isolation.js'
import { list, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import { parseCapability, parseHostname } from '../values/names.js'
import { parseNetwork, parseUserns } from '../values/namespaces.js'
import { mergeSecurityOptions, parseSecurityOption } from '../values/security-opt.js'

export const isolationFlags = {
  'cap-add': list('Give a capability (or ALL)', parseCapability, { commas: true }),
  'cap-drop': list('Take a capability away (or ALL)', parseCapability, { commas: true }),
  hostname: value('Host name in the container', parseHostname, { char: 'h' }),
  network: value('Network: none or host', parseNetwork, { aliases: ['net'] }),
  privileged: toggle('Give every capability this user can give, and lift the seccomp filter and masked paths'),
  'security-opt': list('seccomp=FILE|unconfined, no-new-privileges, mask=PATHS, unmask=PATHS|ALL', parseSecurityOption),
  userns: value('User namespace: host, or keep-id to be yourself inside', parseUserns),
}

export function toIsolationRequest(flags: InferredFlags<typeof isolationFlags>): IsolationRequest {
  return {
    privileged: flags.privileged,
    capAdd: flags['cap-add'],
    capDrop: flags['cap-drop'],
    security: mergeSecurityOptions(flags['security-opt']),
    ...onlySaid({ hostname: flags.hostname, network: flags.network, userns: flags.userns }),
  }
}
