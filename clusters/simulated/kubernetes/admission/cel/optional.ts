import { Environment } from '@marcbachmann/cel-js';

interface OptionalClass {
  of(value: unknown): unknown;
}

/** cel-js does not export its class of optional values: an expression gives one away. */
const Optional = (
  new Environment({ enableOptionalTypes: true }).evaluate('optional.none()') as { constructor: OptionalClass }
).constructor;

/** An optional that holds a value; the empty one for undefined. */
export const optional = (value: unknown): unknown => Optional.of(value);
