import { Environment } from '@marcbachmann/cel-js';

interface OptionalClass {
  new (value: unknown): OptionalValue;
  of(value: unknown): unknown;
}
interface OptionalValue {
  orValue(otherwise: undefined): unknown;
}

/** cel-js does not export its class of optional values: an expression gives one away. */
const Optional = (
  new Environment({ enableOptionalTypes: true }).evaluate('optional.none()') as { constructor: OptionalClass }
).constructor;

/** An optional that holds a value; the empty one for undefined. */
export const optional = (value: unknown): unknown => Optional.of(value);

/** What an optional holds, undefined for nothing; other values as they are. */
export const heldBy = (value: unknown): unknown => (value instanceof Optional ? value.orValue(undefined) : value);
