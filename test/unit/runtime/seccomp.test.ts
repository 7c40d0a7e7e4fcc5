import { describe, expect, it } from 'vitest'
import { readSeccompProfile, toOciSeccomp } from '../../../src/runtime/seccomp.js'

const target = { capabilities: ['CAP_CHOWN'], arch: 'x64', kernelRelease: '6.1.0-13-amd64' }
const allowed = (capabilities: string[], arch = 'x64') =>
  new Set(
    toOciSeccomp(readSeccompProfile('default'), { ...target, capabilities, arch })
      .syscalls.filter(({ action, args }) => action === 'SCMP_ACT_ALLOW' && args === undefined)
      .flatMap(({ names }) => names),
  )

describe('toOciSeccomp', () => {
  it('allows by default what programs need and nothing that a capability must unlock', () => {
    const names = allowed(['CAP_CHOWN'])
    for (const name of ['read', 'execve', 'clone', 'openat2', 'futex']) expect(names).toContain(name)
    for (const name of ['bpf', 'init_module', 'chroot', 'kexec_load', 'userfaultfd']) expect(names).not.toContain(name)
  })

  it('unlocks calls with their capability', () => {
    expect(allowed(['CAP_SYS_CHROOT'])).toContain('chroot')
    expect(allowed(['CAP_SYS_ADMIN'])).toContain('bpf')
  })

  it('knows the architecture', () => {
    expect(allowed([])).toContain('arch_prctl')
    expect(allowed([], 'arm64')).not.toContain('arch_prctl')
    expect(toOciSeccomp(readSeccompProfile('default'), target).architectures).toEqual([
      'SCMP_ARCH_X86_64',
      'SCMP_ARCH_X86',
      'SCMP_ARCH_X32',
    ])
  })

  it('honours minKernel', () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } }],
    }
    expect(toOciSeccomp(profile, target).syscalls).toHaveLength(1)
    expect(toOciSeccomp(profile, { ...target, kernelRelease: '4.7.10' }).syscalls).toHaveLength(0)
    expect(toOciSeccomp(profile, { ...target, kernelRelease: '10.0.1' }).syscalls).toHaveLength(1)
  })
})

describe('readSeccompProfile', () => {
  it('says which file is missing or wrong', () => {
    expect(() => readSeccompProfile('/nonexistent/x.json')).toThrow(
      /read seccomp profile: \/nonexistent\/x.json: no such file/,
    )
    expect(() => readSeccompProfile('/etc/passwd')).toThrow(/not JSON/)
  })
})
