// A whole Debian, as `mmdebstrap` makes it: thousands of files of dozens of owners, setuid programs, a file capability. With each
// storage driver of this leg it is what its tar holds, works as a Debian does, and keep-id makes its caller himself in it.

import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest, userTest } from '../support/container-test.js'
import { findProgram, isFuseOpen, isRoot, repository } from '../support/facts.js'
import { hasImage, imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'
import { mustRun, type ProcessResult } from '../support/process.js'

const ARCHIVE = imagePath('debian.tar')
const LISTER = join(repository, 'test/support/list-tar.py')
/** The same line for each file as the lister writes for each entry of the tar. */
const FIND = [
  ...['find', '/', '-xdev', '(', '-type', 'd', '-printf', '%y %m %U:%G 0 0 %p -> \\n'],
  ...['-o', '-printf', '%y %m %U:%G %Ts %s %p -> %l\\n', ')'],
]
/** What the engine mounts over the image. */
const MOUNTED = / \/(dev|proc|sys)(\/\S+)? -> | \/etc\/(hosts|hostname|resolv\.conf) -> | \/run\/\.containerenv -> /

const canFuse = isFuseOpen && findProgram('fuse-overlayfs') !== undefined
const drivers = ['overlay', ...(canFuse ? ['fuse-overlayfs'] : []), 'copy']

interface Debian {
  /** `run --rm FLAGS debian WORDS`. */
  (flags: readonly string[], ...words: string[]): Promise<ProcessResult>
  /** The same; insists on exit code 0 and returns what was printed. */
  ok(flags: readonly string[], ...words: string[]): Promise<string>
}

async function openDebian(lichen: Lichen, driver?: string): Promise<Debian> {
  await lichen.ok('import', '--quiet', ARCHIVE, 'debian')
  const words = (flags: readonly string[], command: readonly string[]): string[] => [
    ...(driver === undefined ? [] : ['--storage-driver', driver]),
    ...['run', '--rm', '--network', 'none', ...flags, 'debian', ...command],
  ]
  const run = (flags: readonly string[], ...command: string[]): Promise<ProcessResult> =>
    lichen(...words(flags, command))
  return Object.assign(run, {
    ok: (flags: readonly string[], ...command: string[]) => lichen.ok(...words(flags, command)),
  })
}

const ofImage = (lines: string): string[] =>
  lines
    .split('\n')
    .filter((line) => !MOUNTED.test(line))
    .sort()

for (const driver of drivers) {
  lichenTest.skipIf(!hasImage('debian.tar'))(
    `a Debian has the files its tar holds and works when the driver is ${driver}`,
    async ({ bare }) => {
      const debian = await openDebian(bare, driver)
      const entries = ofImage(await mustRun(['python3', LISTER, ARCHIVE]))
      expect(entries.length).toBeGreaterThan(6000)
      expect(ofImage(await debian.ok([], ...FIND))).toEqual(entries)
      expect(await debian.ok([], 'apt-get', '--version')).toMatch(/^apt \d/)
      expect(await debian.ok([], 'su', '-s', '/bin/sh', 'nobody', '-c', 'id')).toBe(
        'uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)',
      )
      expect(await debian.ok([], 'stat', '-c', '%a %U %G', '/usr/bin/passwd', '/usr/bin/chage')).toBe(
        '4755 root root\n2755 root shadow',
      )
      expect(await debian.ok([], 'getcap', '-r', '/usr')).toBe('/usr/bin/true cap_net_raw=ep')
      // dpkg checks every file of the essential package against the checksum it was packed with
      const packages = await debian.ok([], 'sh', '-ec', 'dpkg -l dpkg apt; dpkg --audit; dpkg --verify dpkg coreutils')
      expect(packages).toMatch(/^ii {2}apt .*\nii {2}dpkg .*$/m)
    },
  )

  userTest.skipIf(!hasImage('debian.tar'))(
    `run --userns keep-id is the caller, among files that keep their owners, when the driver is ${driver}`,
    async ({ bare }) => {
      const debian = await openDebian(bare, driver)
      const mine = join(bare.directory, 'mine')
      mkdirSync(mine, { mode: 0o700 })
      writeFileSync(join(mine, 'before'), '')
      const [uid, gid] = [process.getuid?.(), process.getgid?.()]
      const keepId = ['--userns', 'keep-id', '-v', `${mine}:/mine`]
      const script = `id -u; id -g; whoami; groups
        stat -c %U:%a /etc/shadow /usr/bin/passwd
        stat -c %U:%G /mine/before
        cat /etc/shadow 2>&1; touch /etc/x 2>&1
        echo written >/mine/after`
      const name = process.env.USER
      expect((await debian.ok(keepId, 'sh', '-c', script)).split('\n')).toEqual([
        ...[String(uid), String(gid), name, name],
        ...['root:640', 'root:4755', `${name}:${name}`],
        'cat: /etc/shadow: Permission denied',
        "touch: cannot touch '/etc/x': Permission denied",
      ])
      expect(statSync(join(mine, 'after'))).toMatchObject({ uid, gid })
      const entries = ofImage(await mustRun(['python3', LISTER, ARCHIVE]))
      expect(
        ofImage(await debian.ok([...keepId, '--user', 'root'], ...FIND)).filter((it) => !/ \/mine ->/.test(it)),
      ).toEqual(entries)
    },
  )
}

rootTest.skipIf(!hasImage('debian.tar'))(
  'run --userns keep-id is refused with a reason when root asks for it',
  async ({ bare }) => {
    const debian = await openDebian(bare)
    const result = await debian(['--userns', 'keep-id'], 'true')
    expect(result.code).toBe(125)
    expect(result.stderr).toContain('keep-id is for unprivileged users')
  },
)

lichenTest.skipIf(!hasImage('debian.tar'))(
  'a Debian takes packages, users and owners when its container is changed and started again',
  async ({ bare }) => {
    await bare.ok('import', '--quiet', ARCHIVE, 'debian')
    const script = `set -e
      useradd --create-home joe; chown joe:games /opt; su joe -c 'id -un; echo mine >~/file'
      passwd --quiet --lock joe; dpkg --remove --force-all libcap2-bin >/dev/null 2>&1; rm -rf /usr/share/doc
      ln /etc/debian_version /root/linked; setcap cap_chown+ep /usr/bin/id 2>/dev/null || true`
    await bare.ok('run', '--name', 'changed', '--network', 'none', 'debian', 'sh', '-c', script)
    await bare.ok('start', '--attach', 'changed').catch(() => undefined) // useradd refuses the second time
    await bare.ok('run', '--rm', '--network', 'none', 'debian', 'sh', '-c', '! id joe && test -d /usr/share/doc/apt')
  },
)

lichenTest.skipIf(!hasImage('debian.tar'))(
  'a Debian is read-only, privileged or under an init when that is said',
  async ({ bare }) => {
    const debian = await openDebian(bare)
    const write = 'touch /tmp/a /run/a /var/tmp/a /dev/shm/a; touch /etc/a'
    const readOnly = await debian(['--read-only'], 'sh', '-c', write)
    expect(readOnly).toMatchObject({ code: 1, stderr: "touch: cannot touch '/etc/a': Read-only file system\n" })
    const privileged = await debian.ok(
      ['--privileged'],
      'sh',
      '-ec',
      'mount -t tmpfs none /mnt; stat -f -c %T /mnt; sysctl -n kernel.ostype 2>/dev/null || cat /proc/sys/kernel/ostype',
    )
    expect(privileged).toBe('tmpfs\nLinux')
    expect(await debian.ok(['--init'], 'sh', '-c', 'test $$ != 1 && tr "\\0" " " </proc/1/cmdline')).toContain(
      ' -- sh -c ',
    )
    // a daemon's orphan is reaped: nothing is left behind as a zombie
    const orphan = 'sh -c "sleep 0.1 &"; sleep 0.5; grep -l "^State:.Z" /proc/[0-9]*/status || echo none'
    expect(await debian.ok(['--init'], 'sh', '-c', orphan)).toBe('none')
  },
)

lichenTest.skipIf(!hasImage('debian.tar'))(
  'run leaves a project as its owner has it when its directory is mounted and worked in',
  async ({ bare }) => {
    const debian = await openDebian(bare)
    const project = join(bare.directory, 'project')
    mkdirSync(project)
    writeFileSync(join(project, 'input'), 'words of mine\n')
    const build = 'wc -w <input >output; mkdir out; perl -ne "print uc" input >out/upper; cat output out/upper'
    expect(await debian.ok(['-v', `${project}:/src`, '-w', '/src'], 'sh', '-ec', build)).toBe('3\nWORDS OF MINE')
    expect(readdirSync(project).sort()).toEqual(['input', 'out', 'output'])
    for (const made of ['output', 'out', 'out/upper'])
      expect(statSync(join(project, made)).uid, made).toBe(isRoot ? 0 : process.getuid?.())
  },
)
