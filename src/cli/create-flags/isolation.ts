// What a container shares with the host and what it may do: namespaces, capabilities, security options.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { IsolationRequest } from '../../model/isolation.js'
import { asText, list, refused, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import { parseIdMap } from '../values/id-map.js'
import { parseCapability, parseDomainname, parseHostname } from '../values/names.js'
import { parseIpc, parseNamespace, parseNetwork, parseUserns } from '../values/namespaces.js'
import { parseContainerDirectory, parseSeccompPolicy, parseSysctl } from '../values/process.js'
import { mergeSecurityOptions, parseSecurityOption } from '../values/security-opt.js'

const MODES = 'private, host, container:NAME or ns:PATH'

const namespaceFlags = {
  cgroupns: value(`Control group namespace: ${MODES}`, parseNamespace),
  gidmap: list('Map group ids: [+ug]CONTAINER:[@]PARENT[:COUNT]', (text) => parseIdMap('GID', text), { commas: true }),
  ipc: value(`Namespace of shared memory and queues: ${MODES}, shareable or none`, parseIpc),
  network: value('Network: none, host, container:NAME or ns:PATH', parseNetwork, {
    aliases: ['net'],
    emptyIsUnsaid: true,
  }),
  pid: value(`Process namespace: ${MODES}`, parseNamespace),
  subgidname: value('Take the group ids that /etc/subgid gives to this name', asText),
  subuidname: value('Take the user ids that /etc/subuid gives to this name', asText),
  sysctl: list("Set a kernel parameter of the container's namespaces: NAME=VALUE", parseSysctl, { commas: true }),
  uidmap: list('Map user ids: [+ug]CONTAINER:[@]PARENT[:COUNT]', (text) => parseIdMap('UID', text), { commas: true }),
  userns: value(
    'User namespace: host, keep-id[:uid=,gid=,size=], auto[:size=,…], nomap, container:NAME or ns:PATH',
    parseUserns,
    { emptyIsUnsaid: true },
  ),
  uts: value(`Namespace of the host name: ${MODES}`, parseNamespace),
}

export const isolationFlags = {
  ...namespaceFlags,
  'cap-add': list('Give a capability (or ALL)', parseCapability, { commas: true }),
  'cap-drop': list('Take a capability away (or ALL)', parseCapability, { commas: true }),
  chrootdirs: list('Directories in the container that get /etc/hosts and the like, too', parseContainerDirectory, {
    commas: true,
  }),
  domainname: value('NIS domain name in the container', parseDomainname),
  hostname: value('Host name in the container', parseHostname, { char: 'h', emptyIsUnsaid: true }),
  'no-hostname': toggle('Make no /etc/hostname'),
  privileged: toggle('Give every capability this user can give, and lift the seccomp filter and masked paths'),
  'seccomp-policy': value('Which seccomp profile: default, or image (its label)', parseSeccompPolicy, {
    default: 'default' as const,
  }),
  'security-opt': list(
    'seccomp=FILE|unconfined, no-new-privileges, mask=PATHS, unmask=PATHS|ALL, proc-opts=OPTIONS, apparmor=, label=',
    parseSecurityOption,
  ),
  'rdt-class': refused('cache allocation (resctrl) is not managed by lichen'),
}

export function toIsolationRequest(flags: InferredFlags<typeof isolationFlags>): IsolationRequest {
  return {
    noHostname: flags['no-hostname'],
    privileged: flags.privileged,
    capAdd: flags['cap-add'],
    capDrop: flags['cap-drop'],
    security: mergeSecurityOptions(flags['security-opt']),
    seccompPolicy: flags['seccomp-policy'],
    uidMap: flags.uidmap,
    gidMap: flags.gidmap,
    sysctls: Object.fromEntries(flags.sysctl),
    chrootDirs: flags.chrootdirs,
    ...onlySaid({
      hostname: flags.hostname,
      domainname: flags.domainname,
      network: flags.network,
      userns: flags.userns,
      pid: flags.pid,
      ipc: flags.ipc,
      uts: flags.uts,
      cgroupns: flags.cgroupns,
      subuidName: flags.subuidname,
      subgidName: flags.subgidname,
    }),
  }
}
