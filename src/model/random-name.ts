// Names for containers that were given none: where lichens grow. Pure: the randomness comes from the caller.

const ADJECTIVES = (
  'amber ancient arctic autumn bold boreal brave breezy bright calm cedar chalky clever cloudy ' +
  'coastal cool copper coral crisp curly dapper dewy dusky dusty eager early earnest fair ' +
  'fern foggy fond frosty gentle glad golden grand green hardy hazel hidden humble icy ' +
  'jolly keen kind leafy light lively lone lucid mellow merry mild misty mossy nimble ' +
  'noble olive pale patient plain proud quick quiet rapid rocky rosy rugged rustic sandy ' +
  'shady silent silver slow snowy soft spry stable steady still stony sunny swift tidy ' +
  'tiny tranquil true umber velvet vivid warm wild windy wise witty woody young'
).split(' ')

const NOUNS = (
  'alder anemone ash aspen basalt beech birch boulder bracken brook canyon cave cedar cliff ' +
  'clover cove crag creek cypress dale delta dune elder elm fell fern fjord flint ' +
  'forest glade glen granite grove gully heath heather hemlock hill hollow holly island ivy ' +
  'juniper lagoon lake larch ledge limestone loam maple marsh meadow mesa mire moor moss ' +
  'oak orchid peak pebble pine plain plateau pond poplar prairie quartz ravine reed reef ' +
  'ridge rill river rowan sage sedge shale shore slate spruce steppe stone stream summit ' +
  'swamp sycamore tarn thicket thistle tundra valley vale willow wood yarrow yew'
).split(' ')

/** `adjective_noun`; `pick(n)` returns a whole number from 0 to n-1. */
export function makeRandomName(pick: (limit: number) => number): string {
  return `${ADJECTIVES[pick(ADJECTIVES.length)]}_${NOUNS[pick(NOUNS.length)]}`
}
