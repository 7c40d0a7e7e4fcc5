import { describe, expect, it } from 'vitest'
import { fillGaps, toIdMappings, withoutUsed } from '../../../src/engine/id-maps.js'
import { planUserns, type UsernsHost } from '../../../src/engine/plan-userns.js'
import type { ContainerRecord } from '../../../src/model/container.js'
import type { IdMapRequest } from '../../../src/model/isolation.js'
import type { CreateRequest } from '../../../src/model/run-request.js'
import { basePlan, baseRequest } from '../../support/plans.js'

const space = {
  count: 65537,
  inside: (id: number) => (id === 1000 ? 0 : id >= 100000 && id < 165536 ? id - 99999 : undefined),
  subordinate: (name: string) =>
    name === 'me'
      ? [
          { start: 1, count: 1000 },
          { start: 2001, count: 5 },
        ]
      : [],
}
const host: UsernsHost = {
  uid: 1000,
  gid: 100,
  hasManyIds: true,
  uids: space,
  gids: space,
  joined: new Map(),
}
const plan = (said: Partial<CreateRequest>, facts: Partial<UsernsHost> = {}) =>
  planUserns({ ...baseRequest, ...said }, { ...host, ...facts })
const range = (containerId: number, parentId: number, count = 1) => ({ containerId, parentId, count })
const said = (containerId: number, parentId: number, more: Partial<IdMapRequest> = {}): IdMapRequest => ({
  ...range(containerId, parentId),
  isHostId: false,
  isFilled: false,
  ...more,
})
const record = (changes: Partial<ContainerRecord['plan']>) =>
  ({ id: 'abc', name: 'other', plan: { ...basePlan, ...changes } }) as ContainerRecord

describe('planUserns', () => {
  it('shares the namespace of the engine when nothing is said, or host', () => {
    expect(plan({})).toEqual({ userns: { mode: 'shared' } })
    expect(plan({ userns: { mode: 'host' } })).toEqual({ userns: { mode: 'shared' } })
  })

  it('makes the caller itself with keep-id, or whom it says', () => {
    expect(plan({ userns: { mode: 'keep-id' } }).userns).toEqual({ mode: 'keep-id', uid: 1000, gid: 100 })
    expect(plan({ userns: { mode: 'keep-id', uid: 5, gid: 6, size: 10 } }).userns).toEqual({
      mode: 'keep-id',
      uid: 5,
      gid: 6,
      size: 10,
    })
  })

  it('takes what is said of one kind of ids for the other, too', () => {
    const map = [range(0, 1, 1)]
    expect(plan({ uidMap: [said(0, 1)] }).userns).toEqual({ mode: 'mapped', by: 'private', uidMap: map, gidMap: map })
    expect(plan({ gidMap: [said(0, 1)] }).userns).toMatchObject({ uidMap: map, gidMap: map })
    const only = plan({ uidMap: [said(0, 1, { only: 'uid' }), said(0, 2, { only: 'gid' })] })
    expect(only.userns).toMatchObject({ uidMap: map, gidMap: [range(0, 2)] })
  })

  it('fills the rest around a range that says so, and knows ids of the host', () => {
    expect(plan({ uidMap: [said(5, 1000, { isHostId: true, isFilled: true })] }).userns).toMatchObject({
      uidMap: [range(0, 1, 5), range(5, 0), range(6, 6, 65531)],
    })
  })

  it('stacks the ranges of a name', () => {
    const map = [range(0, 1, 1000), range(1000, 2001, 5)]
    expect(plan({ subuidName: 'me' }).userns).toMatchObject({ uidMap: map, gidMap: map })
  })

  it('leaves the caller out with nomap', () => {
    const map = [range(0, 1, 65536)]
    expect(plan({ userns: { mode: 'nomap' } }).userns).toEqual({
      mode: 'mapped',
      by: 'nomap',
      uidMap: map,
      gidMap: map,
    })
  })

  it('has the ids of a container that it joins, through as many as there are', () => {
    const mapped = { mode: 'mapped', by: 'private', uidMap: [range(0, 5)], gidMap: [range(0, 5)] } as const
    const join = (changes: Partial<ContainerRecord['plan']>) =>
      plan({ userns: { mode: 'container', container: 'x' } }, { joined: new Map([['x', record(changes)]]) })
    expect(join({})).toEqual({ userns: { mode: 'shared' } })
    expect(join({ userns: mapped })).toEqual({ userns: mapped, usernsOf: 'container:abc' })
    expect(join({ userns: mapped, usernsOf: 'container:first' })).toEqual({
      userns: mapped,
      usernsOf: 'container:first',
    })
    expect(plan({ userns: { mode: 'path', path: '/x' } })).toEqual({ userns: { mode: 'shared' }, usernsOf: 'ns:/x' })
  })

  it.each([
    ['maps beside another mode', { userns: { mode: 'host' }, uidMap: [said(0, 1)] }, {}, /need --userns private/],
    ['private without maps', { userns: { mode: 'private' } }, {}, /must provide at least one UID or GID mapping/],
    ['names beside maps', { subuidName: 'me', uidMap: [said(0, 1)] }, {}, /cannot be used with/],
    ['a name without ranges', { subgidName: 'you' }, {}, /no ranges of yours for "you" in \/etc\/subuid/],
    ['ids that are not ours', { uidMap: [said(0, 65537)] }, {}, /65537 \(1 ids\): not among yours/],
    ['ids of the host that are not ours', { uidMap: [said(0, 7, { isHostId: true })] }, {}, /@7 \(1 ids\): not among/],
    ['an id that is mapped twice', { uidMap: [said(0, 1), said(1, 1)] }, {}, /id 1 is mapped twice/],
    ['more ids than there are', { userns: { mode: 'keep-id', size: 70000 } }, {}, /you have 65537 ids/],
    ['no ids at all', { userns: { mode: 'keep-id', size: 0 } }, {}, /size=0/],
    ['a size without the caller', { userns: { mode: 'keep-id', size: 1000 } }, {}, /1000 is not below it/],
    ['keep-id of root', { userns: { mode: 'keep-id' } }, { uid: 0 }, /only supported in rootless mode/],
    ['nomap of root', { userns: { mode: 'nomap' } }, { uid: 0 }, /only supported in rootless mode/],
    ['maps with a single id', { uidMap: [said(0, 0)] }, { hasManyIds: false }, /needs a subordinate id range/],
  ] as [string, Partial<CreateRequest>, Partial<UsernsHost>, RegExp][])(
    'refuses %s',
    (_title, request, facts, reason) => {
      expect(() => plan(request, facts)).toThrow(reason)
    },
  )
})

describe('id maps', () => {
  it('withoutUsed cuts runs where others lie in them', () => {
    const pool = [{ start: 1, count: 10 }]
    expect(
      withoutUsed(pool, [
        { start: 4, count: 2 },
        { start: 10, count: 5 },
      ]),
    ).toEqual([
      { start: 1, count: 3 },
      { start: 6, count: 4 },
    ])
    expect(withoutUsed(pool, [{ start: 0, count: 100 }])).toEqual([])
    expect(withoutUsed(pool, [{ start: 11, count: 5 }])).toEqual(pool)
  })

  it('fillGaps maps container ids up to a size, from as many runs as it takes', () => {
    expect(
      fillGaps(
        [range(2, 100, 2)],
        [
          { start: 1, count: 3 },
          { start: 99, count: 4 },
        ],
        7,
      ),
    ).toEqual([range(0, 1, 2), range(2, 100, 2), range(4, 3, 1), range(5, 99, 1), range(6, 102, 1)])
  })

  it('toIdMappings lets ranges touch, but not overlap', () => {
    expect(toIdMappings('uid', [said(0, 1, { count: 5 }), said(5, 6, { count: 5 })], space)).toHaveLength(2)
    expect(() => toIdMappings('uid', [said(0, 1, { count: 6 }), said(5, 10)], space)).toThrow(/id 5 is mapped twice/)
  })
})
