/** A schema or any other part of an OpenAPI document. */
export type Node = { [name: string]: unknown };

/** OpenAPI 3.0, or Swagger 2.0, which knows neither `oneOf` nor a description beside a reference in `allOf`. */
export type Dialect = 'v2' | 'v3';

export const refTo = (name: string, dialect: Dialect): Node => ({
  $ref: dialect === 'v3' ? `#/components/schemas/${name}` : `#/definitions/${name}`,
});
