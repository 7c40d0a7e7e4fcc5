// A template function refused its arguments; the evaluator turns it into an error with the place in the template.

export class FunctionError extends Error {}

/** It was given too few or too many. */
export class ArityError extends FunctionError {}
