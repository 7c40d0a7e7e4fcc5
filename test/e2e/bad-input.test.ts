// Values that mean nothing, one of every grammar, on a real command line: code 125, podman's words for it, nothing on standard output and
// nothing made. Each grammar's own boundaries: test/unit/cli; every declared number, size and duration: test/unit/cli/declared-values.test.ts.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'

const AT_ONCE = 4
const ONE_ERROR = isLichen ? /^Error: [^\n]+\n((Hint:|See) [^\n]+\n)?$/ : /Error: /

/** A command line, and what the error says. `create` makes a container of `box`. */
type Row = readonly [line: string, says: string]

const NUMBERS: readonly Row[] = [
  ['create --memory 1x', "invalid size: '1x'"],
  ['create --memory=-5', "invalid size: '-5'"],
  ['create --shm-size abc', "unable to translate --shm-size: invalid size: 'abc'"],
  ['create --cpus 1,5', 'strconv.ParseFloat: parsing "1,5": invalid syntax'],
  ['create --cpu-shares=-1', 'invalid argument "-1" for "-c, --cpu-shares" flag: strconv.ParseUint: parsing "-1"'],
  ['create --pids-limit 1.5', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
  ['create --stop-timeout 99999999999999999999', 'strconv.ParseUint: parsing "99999999999999999999"'],
  ['create --health-retries x', 'invalid argument "x" for "--health-retries" flag: strconv.ParseUint: parsing "x"'],
  ['create --health-cmd x --health-start-period 5', 'time: '],
  ['create --ulimit nofile=5:3', 'ulimit soft limit must be less than or equal to hard limit: 5 > 3'],
  ['create --umask 99', 'invalid umask string 99: invalid argument'],
  ['create --log-opt max-size=x', "invalid size: 'x'"],
  ['create --blkio-weight-device /dev/null', 'bad format: /dev/null'],
  ['create --device-read-bps sda:1mb', 'bad format for device path: sda:1mb'],
  ['create --tty=maybe', 'strconv.ParseBool: parsing "maybe": invalid syntax'],
  ['ps --last x', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['ps --watch=-1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
  ['stats --interval 0', 'invalid interval, must be a positive number greater zero'],
  ['stop --time x made', 'strconv.ParseUint: parsing "x": invalid syntax'],
  ['logs --tail x made', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['wait --interval 5parsecs made', 'time: '],
  ['update --memory x made', "invalid size: 'x'"],
  ['container clone --cpus x made', 'strconv.ParseFloat: parsing "x": invalid syntax'],
  ['volume rm --time x data', 'strconv.ParseUint: parsing "x": invalid syntax'],
  ['port made 80x', 'strconv.ParseUint: parsing "80x": invalid syntax'],
]

const WORDS: readonly Row[] = [
  ['create --stop-signal FOO', 'invalid signal: FOO'],
  ['create --stop-signal 65', 'valid signals are 1 through 64'],
  ['kill --signal FOO made', 'invalid signal: FOO'],
  ['kill --signal 0 made', 'invalid signal: 0'],
  ['create --name a/b', 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*'],
  ['volume create a/b', 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*'],
  ['create --label =x', 'invalid label format: "=x"'],
  ['create --env =x', 'invalid environment variable: "=x"'],
  ['create --annotation x', 'annotations must be formatted KEY=VALUE'],
  ['create --restart often', '"often" is not a valid restart policy'],
  ['create --restart always:3', 'restart policy retries can only be specified with on-failure restart policy'],
  ['create --cap-add fly', '"CAP_FLY": unknown capability'],
  ['create --sysctl x', 'x is invalid, sysctl values must be in the form of KEY=VALUE'],
  ['create --userns bogus', 'unrecognized namespace mode bogus passed'],
  ['create --uidmap 0:x', 'initializing ID mappings: UID setting is malformed'],
  ['create --pull sometimes', 'unsupported pull policy "sometimes"'],
  ['create --systemd maybe', '--systemd values must be one of "true, false, always"'],
  ['create --log-driver carbon', 'invalid log driver'],
  ['create --image-volume x', 'invalid image volume mode "x" required value'],
  ['create --health-cmd x --health-on-failure x', 'invalid on-failure action "x" for health check'],
  ['create --group-add a,keep-groups', "the '--group-add keep-groups' option is not allowed with any other"],
  ['create --cgroups bogus', 'invalid cgroup mode "bogus"'],
  ['wait --condition x made', 'unknown container state: x'],
  ['create --secret nope', 'no secret with name or id "nope"'],
  ['create --volumes-from nobody', 'no container with name or ID "nobody"'],
  ['create --requires nobody', '"nobody" is not a valid container, cannot be used as a dependency'],
  ['create --env-file /none-there', '/none-there: no such file or directory'],
  ['create --tz Mars/Base', '/usr/share/zoneinfo/Mars/Base: no such file or directory'],
]

const MOUNTS: readonly Row[] = [
  ['create --volume /a:/b:/c:/d', 'incorrect volume format, should be [host-dir:]ctr-dir[:option]'],
  ['create --volume x:y', 'invalid container path "y", must be an absolute path'],
  ['create --volume /tmp:/x:bogus', 'invalid option type "bogus"'],
  ['create --volume /none-there:/x', '/none-there: no such file or directory'],
  ['create --mount x', 'incorrect mount format: should be --mount type='],
  ['create --mount type=bogus,target=/x', 'invalid filesystem type "bogus"'],
  ['create --mount type=bind,source=/,target=x', 'invalid container path "x", must be an absolute path'],
  ['create --mount type=bind,source=/,target=/x,color=red', 'color: invalid mount option'],
  ['create --tmpfs /x:bogus', 'unknown mount option "bogus"'],
  ['create --device /dev/null:/x:q', 'invalid device mode: q'],
  ['create --device-cgroup-rule x', 'invalid device cgroup rule requires type, major:Minor, and access rules: "x"'],
  ['volume create --opt x', "invalid mount option x for driver 'local'"],
]

const FILTERS: readonly Row[] = [
  ['ps --filter x', 'invalid filter "x"'],
  ['ps --filter colour=x', 'colour is an invalid filter'],
  ['ps --filter status=x', 'unknown container state: x'],
  ['ps --filter exited=x', 'exited'],
  ['ps --filter until=x', 'time'],
  ['ps --sort colour', 'invalid argument "colour" for "--sort" flag'],
  ['ps --format {{', 'template: ps:'],
  ['inspect --format {{ made', 'template: inspect:'],
  ['logs --since x made', 'unable to interpret time value'],
  ['logs --until x made', 'unable to interpret time value'],
  ['stop --filter x', 'x'],
  ['volume ls --filter x', 'x'],
  ['volume ls --filter colour=x', 'colour'],
  ['volume prune --force --filter x', 'x'],
  ['container prune --force --filter colour=x', 'colour is an invalid filter'],
  ['container prune --force --filter until=x', 'time'],
  ['secret ls --filter x', 'x'],
  ['events --format {{ --until 0s', 'template: events:1: unclosed action'],
]

/** What podman takes, and fails with later or never: refused here, before anything is made. */
const OURS: readonly Row[] = [
  ['create --cpus=-1', 'the number of CPUs cannot be negative'],
  ['create --oom-score-adj 2000', 'invalid value: 2000, the range is -1000 to 1000'],
  ['create --memory-swappiness 101', 'valid memory swappiness range is 0-100'],
  ['create --blkio-weight 5', 'range of blkio weight is from 10 to 1000'],
  ['create --cpuset-cpus x', 'a list is like 0-3 or 0,2'],
  ['create --health-interval x', 'time: invalid duration "x"'],
  ['create --personality x', 'unknown personality "x"'],
  ['create --passwd-entry x', 'the form is one line of 7 fields'],
  ['create --mount type=tmpfs,target=/x,tmpfs-size=abc', 'bad value in option "size=abc"'],
  ['run --detach-keys ctrl-?', 'detach'],
  ['ps --filter name=[', 'no regular expression'],
  ['ps --filter health=x', 'known are none, starting, healthy, unhealthy'],
  ['secret ls --filter colour=x', 'colour is an invalid filter'],
  ['secret create a/b /etc/hostname', 'name secret: "a/b"'],
  ['secret create --driver carbon a /etc/hostname', 'there is no driver "carbon"'],
  ['volume create --driver carbon', 'there is no driver "carbon"'],
  ['volume ls --format {{', 'unclosed action'],
  ['events --filter colour=x --until 0s', 'colour is an invalid filter'],
  ['events --since x', 'unable to interpret time value'],
  ['rename made a/b', 'name container: "a/b"'],
  ['stop --time=-2 made', 'parsing "-2": invalid syntax'],
]

/** Fails with every row that was not refused as it says. */
async function expectRefused(lichen: Lichen, rows: readonly Row[]): Promise<void> {
  await lichen.ok('create', '--name', 'made', 'box', 'true')
  const waiting = [...rows]
  const wrong: unknown[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [line, says] = next
      const words = line.split(' ')
      const image = ['create', 'run'].includes(words[0] ?? '') ? ['box', 'true'] : []
      const { code, stdout, stderr } = await lichen(...words, ...image)
      const isRefused = code === 125 && stdout === '' && stderr.includes(says) && ONE_ERROR.test(stderr)
      if (!isRefused) wrong.push({ line, says, code, stdout, stderr })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(wrong).toEqual([])
  expect(await lichen.ok('ps', '--all', '--format', '{{.Names}} {{.Status}}')).toBe('made Created')
  expect([await lichen.ok('volume', 'ls', '--quiet'), await lichen.ok('secret', 'ls', '--quiet')]).toEqual(['', ''])
}

test.for([
  ['numbers, sizes, durations and ports', NUMBERS],
  ['signals, names, labels and other words', WORDS],
  ['mounts and devices', MOUNTS],
  ['filters, templates and times', FILTERS],
] as const)('%s that mean nothing are refused, and nothing is made', async ([, rows], { lichen }) => {
  await expectRefused(lichen, rows)
})

lichenTest('what podman would only stumble over later is refused before anything is made', async ({ lichen }) => {
  await expectRefused(lichen, OURS)
})
